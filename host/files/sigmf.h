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
 * and PREFIX:shift, how many lie below. Without them all are.
 */
#define SIGMF_EXTENSION		"iiobridge"
#define SIGMF_EXTENSION_VERSION "1.0.0"

#define SIGMF_GAP_LABEL "gap"

/* "2026-11-22T20:50:00.123456Z" */
#define SIGMF_TIME_SIZE 40

/**
 * struct sigmf_capture - a capture segment
 * @sample_start: its first sample in the data
 * @global_index: place of that sample in the converter's stream
 * @datetime: time of that sample, as RFC 3339 has it, in UTC; empty where it is not said
 */
struct sigmf_capture {
	uint64_t sample_start;
	uint64_t global_index;
	char datetime[SIGMF_TIME_SIZE];
};

/**
 * struct sigmf_annotation - a remark about some samples
 * @sample_start: the first of them
 * @sample_count: how many; %UINT64_MAX: to the end of the capture segment
 * @label: a word, or NULL
 * @comment: a sentence, or NULL
 */
struct sigmf_annotation {
	uint64_t sample_start;
	uint64_t sample_count;
	char *label;
	char *comment;
};

/**
 * struct sigmf - metadata; all zero is empty
 * @layout: format of the samples
 * @sample_rate: samples per second, 0 where it is not said
 * @description: what else is to be known, or NULL; so for the other texts
 * @author: who made the recording
 * @hw: the hardware that it was made with
 * @recorder: the program that it was made with
 * @sha512: hash of the data in hexadecimal digits
 * @collection: base name of the collection that the recording is a part of
 * @captures: capture segments, in the order of their samples; what was read has at least one
 * @capture_count: how many
 * @annotations: annotations, in the order of their samples
 * @annotation_count: how many
 *
 * All that is pointed to is allocated by malloc(3) and belongs to it; sigmf_clear() releases it.
 */
struct sigmf {
	struct datatype_layout layout;
	double sample_rate;
	char *description;
	char *author;
	char *hw;
	char *recorder;
	char *sha512;
	char *collection;
	struct sigmf_capture *captures;
	size_t capture_count;
	struct sigmf_annotation *annotations;
	size_t annotation_count;
};

/** sigmf_clear() - release what metadata points to, and make it empty */
void sigmf_clear(struct sigmf *meta);

/**
 * sigmf_is_name() - whether a file is one of a recording's, by its name
 * @path: name of the file
 *
 * Return: whether it ends in .sigmf-meta or .sigmf-data.
 */
bool sigmf_is_name(const char *path);

/**
 * sigmf_path() - the name of one of the two files of a recording
 * @name: name of either, or without the suffix
 * @suffix: %SIGMF_META_SUFFIX or %SIGMF_DATA_SUFFIX
 *
 * Return: the name, to be given to free(), or NULL when there is no memory.
 */
char *sigmf_path(const char *name, const char *suffix);

/**
 * sigmf_base_name() - what a recording is called where its folder is known
 * @name: name of one of its files, or without the suffix
 *
 * Return: the name without folder and suffix, to be given to free(), or NULL when there is no
 * memory.
 */
char *sigmf_base_name(const char *name);

/**
 * sigmf_format_time() - write a time
 * @ns: nanoseconds since 1970 in UTC, of a year with four digits
 * @text: gets the time, to the microsecond
 *
 * Return: @text.
 */
const char *sigmf_format_time(uint64_t ns, char text[SIGMF_TIME_SIZE]);

/**
 * sigmf_format() - write metadata
 * @meta: the metadata; bytes of its texts that are no UTF-8 become question marks
 *
 * Return: JSON text that ends in a newline, to be given to free(), or NULL when there is no memory.
 */
char *sigmf_format(const struct sigmf *meta);

/**
 * sigmf_parse() - read metadata
 * @text: JSON text
 * @size: bytes in @text
 * @failure: gets the reason of an error, a sentence that can follow the name of a file and a colon
 * @meta: gets the metadata; to be given to sigmf_clear()
 *
 * What it does not know in the metadata does not disturb it.
 *
 * Return: 0; -EBADMSG: it is no such metadata, or the data have more than samples in them;
 * -ENOMEM.
 */
int sigmf_parse(const char *text, size_t size, struct failure *failure, struct sigmf *meta);

/**
 * sigmf_read() - read the metadata of a recording
 * @path: name of its file
 * @failure: gets the reason of an error
 * @meta: gets the metadata; to be given to sigmf_clear()
 *
 * Return: 0 or negative errno as sigmf_parse(), open(2) and read(2).
 */
int sigmf_read(const char *path, struct failure *failure, struct sigmf *meta);

/**
 * sigmf_is_gap() - whether an annotation tells of a gap before its sample
 * @annotation: the annotation
 *
 * Return: whether its label is %SIGMF_GAP_LABEL.
 */
bool sigmf_is_gap(const struct sigmf_annotation *annotation);

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
 * @name: name of the recording, with or without the suffix of one of its files
 * @failure: gets the reasons of errors, also of later calls; must outlive the file
 * @file: gets the file; to be given to sigmf_file_close()
 *
 * Metadata that the recording has already stay until sigmf_file_begin().
 *
 * Return: 0; -ENOMEM; or a negative errno of open(2), posix_fallocate(3).
 */
int sigmf_file_open(const char *name, struct failure *failure, struct sigmf_file **file);

/**
 * sigmf_file_begin() - say that the data are new: remove metadata of older ones
 * @file: the file
 *
 * Return: 0 or negative errno of unlink(2).
 */
int sigmf_file_begin(struct sigmf_file *file);

/**
 * sigmf_file_keep() - write metadata of what has arrived
 * @file: the file, begun; for one thread at a time, and none that calls other functions meanwhile
 * @text: the metadata, JSON
 *
 * Whoever reads the file finds these metadata or those before them, also when the power fails in
 * the middle.
 *
 * Return: 0 or negative errno of open(2), write(2), rename(2), which is no reason to end: those
 * that were there stay.
 */
int sigmf_file_keep(const struct sigmf_file *file, const char *text);

/**
 * sigmf_file_write() - write the metadata, and give them their name
 * @file: the file
 * @meta: the metadata
 *
 * Return: 0; -ENOMEM; or a negative errno of write(2), close(2), rename(2).
 */
int sigmf_file_write(struct sigmf_file *file, const struct sigmf *meta);

/**
 * sigmf_file_close() - release the file; unless it was written or kept, nothing of it remains
 * @file: from sigmf_file_open(), or NULL
 */
void sigmf_file_close(struct sigmf_file *file);

/**
 * sigmf_collection_write() - write a collection of finished recordings
 * @name: name of the collection, with or without the suffix of a recording's file
 * @recordings: names of the recordings, in the same folder, with or without such a suffix
 * @count: their number
 * @description: what they have in common, or NULL
 * @failure: gets the reason of an error
 *
 * It is a file, NAME.sigmf-collection, that names the recordings in the order of their streams,
 * each with the SHA-512 of its metadata.
 *
 * Return: 0; -ENOMEM; or a negative errno of open(2), read(2), write(2).
 */
int sigmf_collection_write(const char *name, const char *const *recordings, size_t count,
			   const char *description, struct failure *failure);

#endif
