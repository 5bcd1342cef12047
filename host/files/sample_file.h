/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_file.h - a file of samples, and what is known about them
 */
#ifndef HOST_FILES_SAMPLE_FILE_H
#define HOST_FILES_SAMPLE_FILE_H

#include "datatype.h"
#include "gaps.h"
#include "samples.h"

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

/** struct sample_file - an open recording; opaque */
struct sample_file;

/**
 * struct sample_file_info - what is known about a recording
 * @layout: how scans lie in it
 * @sample_rate: scans per second, 0 when nobody says
 * @scans: its length
 * @bytes_missing: bytes that a WAV file has less than its header says
 * @gaps_known: whether somebody says where scans are missing
 * @gaps: where
 * @datetime: when it was taken, as its metadata says; empty when they do not
 * @hardware: what took it, likewise
 */
struct sample_file_info {
	struct datatype_layout layout;
	double sample_rate;
	uint64_t scans;
	uint64_t bytes_missing;
	bool gaps_known;
	struct gaps gaps;
	char datetime[40];
	char hardware[80];
};

/**
 * sample_file_open() - open a recording
 * @path: raw samples; or the data or the metadata of a SigMF recording, or a WAV file, which say
 *	what the samples are
 * @hints: what the user says; that goes before what metadata or a header say
 * @failure: gets the reasons of errors, also of later calls; must outlive the recording
 * @file: gets it; to be given to sample_file_close()
 *
 * Return: 0; -EINVAL: it is not known what the samples are, or they are not what the user says;
 * -EBADMSG: it is no WAV file, or one of a format that is not read; or another negative errno.
 */
int sample_file_open(const char *path, const struct sample_file_hints *hints,
		     struct failure *failure, struct sample_file **file);

/**
 * sample_file_info() - what is known about it
 * @file: the recording
 *
 * Return: valid until sample_file_close().
 */
const struct sample_file_info *sample_file_info(const struct sample_file *file);

/**
 * sample_file_read() - read consecutive scans
 * @file: the recording
 * @first: place of the first one
 * @count: how many; all of them are in the recording
 * @scans: gets them
 *
 * Return: 0; -EIO: the file has become shorter; or another negative errno of pread(2).
 */
int sample_file_read(struct sample_file *file, uint64_t first, size_t count, void *scans);

/**
 * sample_file_close() - close a recording
 * @file: from sample_file_open(), or NULL
 */
void sample_file_close(struct sample_file *file);

#endif
