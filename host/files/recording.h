/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recording.h - captured samples as a file that other programs read
 *
 * Raw samples are in the file as they came from the converter, and nothing else is. A SigMF
 * recording has the same samples in a file, and another file that says what they are and where some
 * are missing. A WAV file has a header before them.
 *
 * What other formats need in the end is said when the recording is closed; however it came to its
 * end, the file is then a whole number of samples, and what is said about it is true.
 */
#ifndef HOST_FILES_RECORDING_H
#define HOST_FILES_RECORDING_H

#include "datatype.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct losses;
struct sigmf;

/** enum recording_format - what kind of file */
enum recording_format {
	RECORDING_RAW,
	RECORDING_SIGMF,
	RECORDING_WAV,
};

/**
 * recording_format_of() - the format that the name of a file asks for
 * @path: name of the file
 *
 * Return: SigMF for .sigmf-meta and .sigmf-data, WAV for .wav, raw for all others.
 */
enum recording_format recording_format_of(const char *path);

/**
 * struct recording_setup - what is to be recorded
 * @path: name of the file, of a SigMF recording with or without its suffix; "-" for standard
 *	output, but not for SigMF; or an endpoint as endpoint.h has it, for raw samples
 * @format: what kind of file
 * @route: the route as it runs
 * @pairing: which of them are I and Q
 * @hw: the hardware
 * @author: who records, or NULL
 * @is_ending: as of output_open_publisher()
 */
struct recording_setup {
	const char *path;
	enum recording_format format;
	const struct iiobridge_route *route;
	enum datatype_pairing pairing;
	const char *hw;
	const char *author;
	int (*is_ending)(void);
};

/**
 * struct recording_run - what is known of one run of the route, before which the board was away
 * @at: its first sample in the data
 * @told: samples of the data up to which its records tell of gaps
 * @board_ns: when that first sample was taken, on the board's clock; 0: not known
 * @start_ns: the same as time of day, nanoseconds since 1970; 0: not known
 */
struct recording_run {
	uint64_t at;
	uint64_t told;
	uint64_t board_ns;
	uint64_t start_ns;
};

/**
 * struct recording_facts - what is known of a recording in the end
 * @losses: what the records of all runs say
 * @estimated: whether the lengths of gaps are only estimated
 * @runs: each run; the first begins at 0
 * @run_count: their number, at least 1
 * @note: a sentence without its end for the description, or NULL
 * @collection: base name of the collection that it is a part of, or NULL
 */
struct recording_facts {
	const struct losses *losses;
	bool estimated;
	const struct recording_run *runs;
	size_t run_count;
	const char *note;
	const char *collection;
};

/**
 * struct recording_end - what became of a recording
 * @samples: samples in the file, or that were published
 * @unsubscribed: those of them that were published while nobody subscribed
 */
struct recording_end {
	uint64_t samples;
	uint64_t unsubscribed;
};

/** struct recording - samples on their way to a file; opaque */
struct recording;

/**
 * recording_check() - see whether the format can hold such samples
 * @setup: what is to be recorded
 * @failure: gets the reason of an error
 *
 * Return: 0; -EINVAL: it cannot.
 */
int recording_check(const struct recording_setup *setup, struct failure *failure);

/**
 * recording_open() - create the files
 * @setup: what is to be recorded, checked; it and what it points to must outlive the recording
 * @failure: gets the reasons of errors, also of later calls; must outlive the recording
 * @recording: gets the recording; to be given to recording_free()
 *
 * Return: 0 or negative errno as output_open(), sigmf_file_open().
 */
int recording_open(const struct recording_setup *setup, struct failure *failure,
		   struct recording **recording);

/**
 * recording_write() - have samples written
 * @recording: the recording
 * @data: whole samples
 * @size: bytes in @data
 *
 * Return: as output_write().
 */
int recording_write(struct recording *recording, const uint8_t *data, size_t size);

/**
 * recording_keep() - let there be metadata of what was recorded, should the program be killed
 * @recording: the recording
 * @facts: what is known of it
 * @samples: samples in the data so far
 *
 * Of a SigMF recording; others have nothing to keep. Metadata that cannot be written are left out:
 * they are written again in the end.
 */
void recording_keep(struct recording *recording, const struct recording_facts *facts,
		    uint64_t samples);

/**
 * recording_finish() - complete the files
 * @recording: the recording, also after an error
 * @facts: what is known of it
 * @end: gets what became of it
 *
 * Return: 0 or negative errno as output_close(), output_overwrite() and sigmf_file_write().
 */
int recording_finish(struct recording *recording, const struct recording_facts *facts,
		     struct recording_end *end);

/**
 * recording_free() - close the files and release the recording
 * @recording: from recording_open(), or NULL; of one that was not finished there are the metadata
 *	that were kept
 */
void recording_free(struct recording *recording);

/**
 * recording_describe() - the metadata of what was recorded
 * @setup: what was to be recorded
 * @facts: what is known of it
 * @samples: number of samples in the file
 * @meta: gets the metadata, without the hash; to be given to sigmf_clear(), also after an error
 *
 * Return: 0; -ENOMEM.
 */
int recording_describe(const struct recording_setup *setup, const struct recording_facts *facts,
		       uint64_t samples, struct sigmf *meta);

#endif
