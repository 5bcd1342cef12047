/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datatype.h - what samples in a file look like, in the words of SigMF, and as numbers
 *
 * A datatype is one such as ci16_le: complex or real; float, signed or unsigned; so many bits; and
 * which byte comes first. The list of them is in the SigMF specification, version 1.2.5, under
 * "Dataset Format". A sample of an interleaved file is one of each channel.
 *
 * Samples become numbers relative to full scale: the largest value that the valid bits hold is 1,
 * as it is of a float, and a sine that just fits is 0 dBFS.
 */
#ifndef HOST_FILES_DATATYPE_H
#define HOST_FILES_DATATYPE_H

#include <iiobridge/iiobridge.h>

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

/* "cf64_le", and room for any number of bits. */
#define DATATYPE_TEXT_SIZE 24

/* "le:s16/16X2>>0" with the largest numbers that fit the protocol. */
#define CHANNEL_FORMAT_SIZE 32

/**
 * channel_format() - the format of a channel's values in IIO's notation
 * @channel: the channel
 * @text: gets the format, such as "le:s12/16>>4"
 *
 * Return: @text.
 */
const char *channel_format(const struct iiobridge_channel *channel, char text[CHANNEL_FORMAT_SIZE]);

/** enum datatype_kind - what the bits of a value mean; the letter that SigMF has for it */
enum datatype_kind {
	DATATYPE_FLOAT = 'f',
	DATATYPE_SIGNED = 'i',
	DATATYPE_UNSIGNED = 'u',
};

/**
 * struct datatype - the format of the samples of one channel
 * @is_complex: a sample is two values, I and Q
 * @kind: what the bits of a value mean
 * @bits: bits of a value: 8, 16, 32 or, of a float, 32 or 64
 * @big_endian: the most significant byte comes first; false where a value is one byte
 */
struct datatype {
	bool is_complex;
	enum datatype_kind kind;
	unsigned int bits;
	bool big_endian;
};

/**
 * struct datatype_layout - the format of a file of samples
 * @datatype: format of each channel
 * @channels: number of channels, whose samples follow each other; at least 1
 * @valid_bits: of an integer's bits, those that count; 0: all
 * @shift: right shift that brings them to bit 0
 */
struct datatype_layout {
	struct datatype datatype;
	unsigned int channels;
	unsigned int valid_bits;
	unsigned int shift;
};

/** enum datatype_pairing - which channels of a converter are I and Q */
enum datatype_pairing {
	DATATYPE_BY_NAME, /* voltage0_i and voltage0_q; exactly two channels without a modifier */
	DATATYPE_REAL,	  /* none */
	DATATYPE_COMPLEX, /* each with the one behind it */
};

/**
 * datatype_parse() - read the name of a datatype
 * @text: such as "ci16_le"; without _le or _be it is little-endian
 * @datatype: gets it
 *
 * Return: 0; -EINVAL: SigMF has no such datatype.
 */
int datatype_parse(const char *text, struct datatype *datatype);

/**
 * datatype_format() - write the name of a datatype
 * @datatype: the datatype
 * @text: gets its name
 *
 * Return: @text.
 */
const char *datatype_format(const struct datatype *datatype, char text[DATATYPE_TEXT_SIZE]);

/**
 * datatype_valid_bits() - how many of a value's bits count
 * @layout: the format
 *
 * Return: at least 1.
 */
static inline unsigned int datatype_valid_bits(const struct datatype_layout *layout)
{
	return layout->valid_bits ? layout->valid_bits : layout->datatype.bits;
}

/**
 * datatype_values() - how many values are in a sample of all channels
 * @layout: the format
 *
 * Return: 1 for each real channel, 2 for each complex one.
 */
unsigned int datatype_values(const struct datatype_layout *layout);

/**
 * datatype_size() - how long a sample of all channels is
 * @layout: the format
 *
 * Return: bytes.
 */
size_t datatype_size(const struct datatype_layout *layout);

/**
 * datatype_of_route() - the format of a file that holds the samples of a route as they are
 * @route: the route as it runs, with a channel at least
 * @pairing: which channels are I and Q
 * @failure: gets the reason of an error
 * @layout: gets the format
 *
 * A value is what IIO stores: where its valid bits are fewer, or shifted, they stay as they are,
 * and the format and datatype_describe() say so.
 *
 * Return: 0; -EINVAL: SigMF has no datatype for such samples, or the channels cannot be paired.
 */
int datatype_of_route(const struct iiobridge_route *route, enum datatype_pairing pairing,
		      struct failure *failure, struct datatype_layout *layout);

/**
 * datatype_describe() - say in words which channels a file has, and which bits of a value are valid
 * @route: the route as it ran
 * @text: gets the sentence
 * @size: bytes at @text
 *
 * Return: @text.
 */
const char *datatype_describe(const struct iiobridge_route *route, char *text, size_t size);

/**
 * samples_convert() - take one channel out of samples
 * @layout: how they lie in memory
 * @channel: number of the channel
 * @samples: the samples
 * @count: number of samples
 * @values: gets @count numbers; those of a real channel have no imaginary part
 *
 * As the library converts to floats: unsigned integers count from the middle of their range.
 *
 * Return: 0; -ENOMEM.
 */
int samples_convert(const struct datatype_layout *layout, unsigned int channel, const void *samples,
		    size_t count, float complex *values);

/**
 * samples_at_full_scale() - whether a converter may have clipped
 * @layout: how they lie in memory
 * @values: numbers from samples_convert()
 * @count: their number
 *
 * Return: true when one of them has the largest or the smallest value of the format.
 */
bool samples_at_full_scale(const struct datatype_layout *layout, const float complex *values,
			   size_t count);

#endif
