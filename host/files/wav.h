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

/**
 * struct wav - what a header says
 * @layout: format of the samples; the channels are real ones
 * @rate: samples per second
 * @size: bytes of samples, or %WAV_SIZE_UNKNOWN
 */
struct wav {
	struct datatype_layout layout;
	uint32_t rate;
	uint64_t size;
};

/**
 * wav_init() - find out how samples would be in a WAV file
 * @wav: gets the header of a file of unknown size
 * @layout: format of the samples; of complex channels, I and Q become two channels
 * @rate_millihertz: samples per 1000 seconds, of which whole Hertz remain; 0 when it is not known
 * @failure: gets the reason of an error
 *
 * Return: 0; -EINVAL: WAV has no such format or rate.
 */
int wav_init(struct wav *wav, const struct datatype_layout *layout, uint64_t rate_millihertz,
	     struct failure *failure);

/**
 * wav_format() - write a header
 * @wav: what to say; a size that is odd has a byte of 0 after the samples
 * @header: gets the header
 */
void wav_format(const struct wav *wav, uint8_t header[WAV_HEADER_SIZE]);

/**
 * typedef wav_taker - gives the next bytes of a file
 * @context: from wav_read()
 * @data: where to put them
 * @size: how many, all of them
 *
 * Return: 0; -ENODATA: the file ends before; or another negative errno, with the reason stored.
 */
typedef int (*wav_taker)(void *context, uint8_t *data, size_t size);

/**
 * wav_read() - read a header
 * @taker: gives the bytes of the file from its beginning; behind the header come the samples
 * @context: for @taker
 * @failure: gets the reason of an error that is not the taker's, a sentence that can follow the
 *	name of a file and a colon
 * @wav: gets what it says
 *
 * Return: 0; -EBADMSG: this is no WAV file, or its samples are neither integers nor floats; or what
 * the taker returned.
 */
int wav_read(wav_taker taker, void *context, struct failure *failure, struct wav *wav);

#endif
