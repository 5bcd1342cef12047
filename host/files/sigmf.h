/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigmf.h - the metadata of a SigMF recording
 *
 * A recording is two files: NAME.sigmf-data holds the samples and nothing else, NAME.sigmf-meta
 * says in JSON what they are. See the SigMF specification, version 1.2.5, and its JSON schema.
 *
 * Samples are counted in the data file, from 0; one sample is one of each channel. A capture
 * segment is a stretch of the data without a gap. Behind a gap a new one begins, whose global index
 * is ahead of its place in the data by what is missing; and the sample behind the gap has an
 * annotation with the label %SIGMF_GAP_LABEL, which programs show that know nothing of global
 * indices.
 *
 * What is allocated here is by malloc(3), and NULL where there is no memory. The name of a
 * recording may be that of either of its files, or without their suffix.
 */
#ifndef HOST_FILES_SIGMF_H
#define HOST_FILES_SIGMF_H

#include "datatype.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

/* The version of the specification that is written. */
#define SIGMF_VERSION "1.2.5"

#define SIGMF_META_SUFFIX	".sigmf-meta"
#define SIGMF_DATA_SUFFIX	".sigmf-data"
#define SIGMF_COLLECTION_SUFFIX ".sigmf-collection"

/*
 * Two keys of "global" tell of integers which of their bits are valid: PREFIX:valid_bits, how many,
 * and PREFIX:shift, how many lie below. Without them all are. Two of "captures" tell of a radio:
 * PREFIX:gain, an array of its channels, in dB; and PREFIX:sample_rate, which all segments have
 * where it is not always core:sample_rate, and which is null where it is not known.
 */
#define SIGMF_EXTENSION		"iiobridge"
#define SIGMF_EXTENSION_VERSION "1.0.0"

#define SIGMF_GAP_LABEL	  "gap"
#define SIGMF_TUNED_LABEL "tuned"

/* 128 hexadecimal digits */
#define SIGMF_SHA512_SIZE 129

/* "2026-11-22T20:50:00.123456Z" */
#define SIGMF_TIME_SIZE 40

/* No gains are said of a radio that has more. */
#define SIGMF_GAINS_MAX 16

/** struct sigmf_radio - what a radio was tuned to; all zero: it is not said */
struct sigmf_radio {
	double frequency;	       /* of its local oscillator, Hz */
	double gains[SIGMF_GAINS_MAX]; /* of its channels, dB */
	size_t gain_count;
};

/** struct sigmf_capture - a capture segment */
struct sigmf_capture {
	uint64_t sample_start;		/* its first sample in the data */
	uint64_t global_index;		/* place of that sample in the converter's stream */
	char datetime[SIGMF_TIME_SIZE]; /* its time as in RFC 3339, UTC; empty: not said */
	struct sigmf_radio radio;	/* written, and not read, as the next two */
	bool has_rate;			/* a rate of its own is said */
	double sample_rate;		/* … 0: it is not known */
};

/** struct sigmf_annotation - a remark about some samples */
struct sigmf_annotation {
	uint64_t sample_start; /* the first of them */
	uint64_t sample_count; /* UINT64_MAX: to the end of the capture segment */
	char *label;	       /* a word, or NULL */
	char *comment;	       /* a sentence, or NULL */
};

/** struct sigmf - metadata, which own what they point to; all zero is empty, a text may be NULL */
struct sigmf {
	struct datatype_layout layout;
	double sample_rate; /* 0 where it is not said */
	char *description;
	char *author;
	char *hw;
	char *recorder;			/* the program that the recording was made with */
	char *sha512;			/* of the data, in hexadecimal digits */
	char *collection;		/* base name of that which the recording is a part of */
	struct sigmf_capture *captures; /* in order; what was read has at least one */
	size_t capture_count;
	struct sigmf_annotation *annotations; /* in order */
	size_t annotation_count;
};

/** sigmf_clear() - release what metadata points to, and make it empty */
void sigmf_clear(struct sigmf *meta);

/** sigmf_is_gap() - whether an annotation tells of a gap before its sample */
bool sigmf_is_gap(const struct sigmf_annotation *annotation);

/** sigmf_format_time() - write nanoseconds since 1970, to the microsecond; returns @text */
const char *sigmf_format_time(uint64_t ns, char text[SIGMF_TIME_SIZE]);

/** sigmf_format() - metadata as JSON; bytes of texts that are no UTF-8 become question marks */
char *sigmf_format(const struct sigmf *meta);

/**
 * sigmf_parse() - read metadata from JSON; what it does not know in them does not disturb it
 *
 * @failure gets a sentence that can follow the name of a file and a colon.
 *
 * Return: 0, with metadata for sigmf_clear(); -EBADMSG: it is no such metadata, or the data have
 * more than samples in them; -ENOMEM.
 */
int sigmf_parse(const char *text, size_t size, struct failure *failure, struct sigmf *meta);

/* ---- sigmf_file.c: files, and their names ---- */

/** sigmf_is_name() - whether a name ends in .sigmf-meta or .sigmf-data */
bool sigmf_is_name(const char *path);

/** sigmf_path() - the name of a recording's file with this suffix */
char *sigmf_path(const char *name, const char *suffix);

/** sigmf_base_name() - a recording's name without folder and suffix */
char *sigmf_base_name(const char *name);

/** sigmf_read() - read a file of metadata; errors as sigmf_parse(), open(2) and read(2) */
int sigmf_read(const char *path, struct failure *failure, struct sigmf *meta);

/** sigmf_sha512() - the hash of data as metadata have it; returns @text, or NULL: no memory */
const char *sigmf_sha512(const void *data, size_t size, char text[SIGMF_SHA512_SIZE]);

/**
 * struct sigmf_file - the file of a recording's metadata while the data are being written; opaque
 *
 * While the data are being written there are metadata of what has arrived, so that a recording
 * which was cut off can be read. Those of all of it are written at the end, also when the data have
 * filled the disk: until then there is a file with .part behind its name, with some room.
 */
struct sigmf_file;

/**
 * sigmf_file_open() - reserve a file for metadata
 *
 * Metadata that the recording has already stay until sigmf_file_begin().
 *
 * Return: 0; -ENOMEM; or as output_open(), output_reserve().
 */
int sigmf_file_open(const char *name, struct failure *failure, struct sigmf_file **file);

/** sigmf_file_begin() - the data are new: remove metadata of older ones; errors of unlink(2) */
int sigmf_file_begin(struct sigmf_file *file);

/** sigmf_file_hash() - take the next of the recording's data into their hash */
void sigmf_file_hash(struct sigmf_file *file, const uint8_t *data, size_t size);

/** sigmf_file_sha512() - the hash of all data, which then are complete */
char *sigmf_file_sha512(struct sigmf_file *file);

/**
 * sigmf_file_keep() - write metadata, as JSON, of what has arrived since sigmf_file_begin()
 *
 * Whoever reads the file finds these metadata or those before them, also when the power fails in
 * the middle. For one thread at a time, and none that calls other functions meanwhile.
 *
 * Return: 0 or negative errno, which is no reason to end: those that were there stay.
 */
int sigmf_file_keep(const struct sigmf_file *file, const char *text);

/** sigmf_file_write() - write all, and give it its name; -ENOMEM, or of write(2), rename(2) */
int sigmf_file_write(struct sigmf_file *file, const struct sigmf *meta);

/** sigmf_file_close() - release; of what was not written or kept nothing remains; NULL is none */
void sigmf_file_close(struct sigmf_file *file);

/**
 * sigmf_collection_write() - write a collection of finished recordings in the same folder
 *
 * It is a file, NAME.sigmf-collection, that names the recordings in the order of their streams,
 * each with the SHA-512 of its metadata. The description may be NULL.
 *
 * Return: 0; -ENOMEM; or a negative errno of open(2), read(2), write(2).
 */
int sigmf_collection_write(const char *name, const char *const *recordings, size_t count,
			   const char *description, struct failure *failure);

#endif
