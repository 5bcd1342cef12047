/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_file.h - a file of samples, raw, SigMF or WAV, and what is known about them
 *
 * Samples are played as they are, from anything that can be read; what is drawn must be numbers, in
 * a file whose length is known: sample_file_interpret() sees to that.
 */
#ifndef HOST_FILES_SAMPLE_FILE_H
#define HOST_FILES_SAMPLE_FILE_H

#include "datatype.h"
#include "gaps.h"
#include "recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

/**
 * struct sample_file_hints - what the user says about a recording, 0 or NULL where nothing
 * @layout: of raw samples, or NULL
 * @pairing: which channels of a WAV file are I and Q; where nobody says, exactly two are
 * @bits: valid bits of an integer; of those in storage, the lowest
 * @sample_rate: scans per second
 */
struct sample_file_hints {
	const struct datatype_layout *layout;
	enum datatype_pairing pairing;
	unsigned int bits;
	double sample_rate;
};

/**
 * struct sample_file_info - what is known about a recording
 * @layout: how scans lie in it; no channels: the samples are raw, and nobody says
 * @sample_rate: scans per second, 0 when nobody says
 * @bytes: bytes of samples, 0 when that is not known, as of a pipe
 * @bytes_most: bytes of samples that there may be; behind them there may be something else
 * @bytes_missing: bytes that a WAV file has less than its header says
 * @scans: its length, from sample_file_interpret()
 * @gaps_known: whether somebody says where scans are missing
 * @gaps: where
 * @gaps_noted: how many of them have an annotation
 * @datetime: when it was taken, as its metadata says; empty when they do not
 * @hardware: what took it, likewise
 */
struct sample_file_info {
	struct datatype_layout layout;
	double sample_rate;
	uint64_t bytes;
	uint64_t bytes_most;
	uint64_t bytes_missing;
	uint64_t scans;
	bool gaps_known;
	struct gaps gaps;
	size_t gaps_noted;
	char datetime[40];
	char hardware[80];
};

/**
 * struct sample_file - an open recording
 * @fd: the file, which stands where the samples begin
 * @name: what it is called in messages
 * @failure: gets the reasons of errors
 * @format: what kind of file it is
 * @is_file: whether it is a regular file
 * @start: byte of such a file in which the samples begin
 * @info: what is known about it
 */
struct sample_file {
	int fd;
	char *name;
	struct failure *failure;
	enum recording_format format;
	bool is_file;
	uint64_t start;
	struct sample_file_info info;
};

/**
 * sample_file_open() - open a file, and read what it says about its samples
 * @path: a file, either of the two of a SigMF recording, or "-" for standard input
 * @format: what kind of file it is
 * @failure: gets the reasons of errors, also of later calls; must outlive the recording
 * @file: gets it; to be given to sample_file_close()
 *
 * Return: 0; -EINVAL: standard input is a terminal; -EBADMSG: the file is not what @format says, or
 * of a kind that is not read; or another negative errno.
 */
int sample_file_open(const char *path, enum recording_format format, struct failure *failure,
		     struct sample_file **file);

/**
 * sample_file_interpret() - take what the user says, and see whether samples can become numbers
 * @file: the recording
 * @hints: what the user says; that goes before what metadata or a header say
 *
 * Return: 0; -EINVAL: it is not known what the samples are, or they are not what the user says, or
 * this is no file; -EBADMSG: they have a format that is not read.
 */
int sample_file_interpret(struct sample_file *file, const struct sample_file_hints *hints);

/**
 * sample_file_read() - read consecutive scans
 * @file: the recording, interpreted
 * @first: place of the first one
 * @count: how many; all of them are in the recording
 * @scans: gets them
 *
 * Return: 0; -EIO: the file has become shorter; or another negative errno of pread(2).
 */
int sample_file_read(struct sample_file *file, uint64_t first, size_t count, void *scans);

/** sample_file_close() - close a recording; NULL does no harm */
void sample_file_close(struct sample_file *file);

#endif
