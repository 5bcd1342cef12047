/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_file.h - a file of samples, raw, SigMF or WAV, and what is known about them
 *
 * Samples are played as they are, from anything that can be read: a file whose format is not that
 * of the DAC is refused, and raw ones have no format that could be known. What is drawn must be
 * numbers, in a file whose length is known: sample_file_interpret() sees to that.
 */
#ifndef HOST_FILES_SAMPLE_FILE_H
#define HOST_FILES_SAMPLE_FILE_H

#include "datatype.h"
#include "gaps.h"
#include "recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct failure;

/** struct sample_file_hints - what the user says about a recording, 0 or NULL where nothing */
struct sample_file_hints {
	const struct datatype_layout *layout; /* of raw samples */
	enum datatype_pairing pairing;	      /* of a WAV file; by name: exactly two are I and Q */
	unsigned int bits; /* valid ones of an integer; of those in storage, the lowest */
	double sample_rate;
};

/** struct sample_file_info - what is known about a recording */
struct sample_file_info {
	struct datatype_layout layout; /* no channels: the samples are raw, and nobody says */
	double sample_rate;	       /* 0 when nobody says */
	uint64_t bytes;		       /* of samples, 0 when that is not known, as of a pipe */
	uint64_t bytes_most;	       /* samples have no more; behind them there may be others */
	uint64_t bytes_missing;	       /* that a WAV file has less than its header says */
	uint64_t scans;		       /* its length, from sample_file_interpret() */
	bool gaps_known;	       /* somebody says where samples are missing */
	struct gaps gaps;
	size_t gaps_noted; /* how many of them have an annotation */
	char datetime[40]; /* when it was taken, or empty */
	char hardware[80]; /* what took it, or empty */
};

/** struct sample_file - an open file of samples */
struct sample_file {
	int fd;		  /* stands where the samples begin */
	const char *path; /* as it was given, and has to stay */
	char *name;	  /* of what is read */
	struct failure *failure;
	enum recording_format format;
	bool is_file;	/* a regular one */
	uint64_t start; /* byte of such a file in which the samples begin */
	struct sample_file_info info;

	/* While it is played: */
	bool repeat;
	uint64_t position; /* in what is repeated */
	uint64_t left;	   /* bytes still to be read */
};

/**
 * sample_file_open() - open a file, and read what it says about its samples
 *
 * The path may be either of the two of a SigMF recording, or "-" for standard input.
 *
 * Return: 0; -EINVAL: standard input is a terminal; -EBADMSG: the file is not what @format says, or
 * of a kind that is not read; or another negative errno.
 */
int sample_file_open(const char *path, enum recording_format format, struct failure *failure,
		     struct sample_file **file);

/** sample_file_close() - close a file; NULL does no harm */
void sample_file_close(struct sample_file *file);

/* ---- to be drawn ---- */

/**
 * sample_file_interpret() - take what the user says, and see whether samples can become numbers
 *
 * What the user says goes before what metadata or a header say.
 *
 * Return: 0; -EINVAL: it is not known what the samples are, or they are not what the user says, or
 * this is no file; -EBADMSG: they have a format that is not read.
 */
int sample_file_interpret(struct sample_file *file, const struct sample_file_hints *hints);

/**
 * sample_file_read() - read @count consecutive samples of each channel, all of them in the
 * recording
 *
 * Return: 0; -EIO: the file has become shorter; or another negative errno of pread(2).
 */
int sample_file_read(struct sample_file *file, uint64_t first, size_t count, void *scans);

/* ---- to be played ---- */

/** sample_file_check() - see whether a route, as it runs, can play it; -EINVAL: another format */
int sample_file_check(const struct sample_file *file, const struct iiobridge_route *route);

/**
 * sample_file_level() - how much louder a DAC plays the samples than they were recorded
 *
 * Full scale is that of the valid bits, and samples are played as they are.
 *
 * Return: dB, negative when it is quieter; 0 when the file does not say.
 */
double sample_file_level(const struct sample_file *file, const struct iiobridge_route *route);

/**
 * sample_file_start() - say what is to be read
 * @file: the file
 * @sample_size: bytes in a sample of all channels
 * @limit: how many bytes are wanted; what follows them is left to others who read the same input
 * @repeat: whether the samples come again and again, until @limit
 *
 * Return: 0; -EINVAL: what shall repeat is no file, or empty; -EBADMSG: it ends inside a sample.
 */
int sample_file_start(struct sample_file *file, size_t sample_size, uint64_t limit, bool repeat);

/**
 * sample_file_next() - read up to @size bytes of what was started
 *
 * Waits for the first of them for @timeout_ms at most.
 *
 * Return: number of bytes; 0 at the end, or at the limit; -EAGAIN: none within @timeout_ms, or a
 * signal came; or another negative errno of read(2).
 */
ssize_t sample_file_next(struct sample_file *file, uint8_t *data, size_t size, int timeout_ms);

#endif
