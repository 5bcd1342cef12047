/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wav.h - the header of a WAV file
 *
 * WAV files of more than 4 GiB are RF64 files, see EBU Tech 3306: "RF64" stands for "RIFF", and the
 * sizes are in a chunk "ds64", for which a chunk "JUNK" keeps the place until it is needed. All
 * numbers are little-endian.
 *
 * A header is 80 bytes here; no library would save much, and the samples pass as they are.
 */
#ifndef HOST_FILES_WAV_H
#define HOST_FILES_WAV_H

#include "datatype.h"

#include <stddef.h>
#include <stdint.h>

struct failure;

#define WAV_HEADER_SIZE 80

/* Samples go on to the end of the input. */
#define WAV_SIZE_UNKNOWN UINT64_MAX

/** struct wav - what a header says */
struct wav {
	struct datatype_layout layout; /* of real channels */
	uint32_t rate;		       /* samples per second */
	uint64_t size;		       /* bytes of samples, or WAV_SIZE_UNKNOWN */
};

/**
 * wav_init() - the header of a file of unknown size
 *
 * Of complex channels, I and Q become two channels; of the rate, samples per 1000 seconds or 0,
 * whole Hertz remain. Returns -EINVAL where WAV has no such format or rate.
 */
int wav_init(struct wav *wav, const struct datatype_layout *layout, uint64_t rate_millihertz,
	     struct failure *failure);

/** wav_format() - write a header; behind samples of an odd size belongs a byte of 0 */
void wav_format(const struct wav *wav, uint8_t header[WAV_HEADER_SIZE]);

/**
 * typedef wav_taker - gives the next @size bytes of a file
 *
 * Return: 0; -ENODATA: the file ends before; or another negative errno, with the reason stored.
 */
typedef int (*wav_taker)(void *context, uint8_t *data, size_t size);

/**
 * wav_read() - read a header from the beginning of a file; behind it come the samples
 *
 * Of an error that is not the taker's, @failure gets a sentence that can follow the name of a file
 * and a colon.
 *
 * Return: 0; -EBADMSG: this is no WAV file, or its samples are neither integers nor floats; or what
 * the taker returned.
 */
int wav_read(wav_taker taker, void *context, struct failure *failure, struct wav *wav);

#endif
