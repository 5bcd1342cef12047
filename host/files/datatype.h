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

/** channel_format() - a channel's values in IIO's notation: "le:s12/16>>4"; returns @text */
const char *channel_format(const struct iiobridge_channel *channel, char text[CHANNEL_FORMAT_SIZE]);

/** channel_has_same_format() - whether the values of two channels are alike */
bool channel_has_same_format(const struct iiobridge_channel *one,
			     const struct iiobridge_channel *other);

/** enum datatype_kind - what the bits of a value mean; the letter that SigMF has for it */
enum datatype_kind {
	DATATYPE_FLOAT = 'f',
	DATATYPE_SIGNED = 'i',
	DATATYPE_UNSIGNED = 'u',
};

/** struct datatype - the format of the samples of one channel */
struct datatype {
	bool is_complex; /* a sample is two values, I and Q */
	enum datatype_kind kind;
	unsigned int bits; /* of a value: 8, 16, 32 or, of a float, 32 or 64 */
	bool big_endian;   /* false where a value is one byte */
};

/** struct datatype_layout - the format of a file of samples */
struct datatype_layout {
	struct datatype datatype; /* of each channel */
	unsigned int channels;	  /* whose samples follow each other; at least 1 */
	unsigned int valid_bits;  /* of an integer's bits, those that count; 0: all */
	unsigned int shift;	  /* to the right, brings them to bit 0 */
};

/** enum datatype_pairing - which channels of a converter are I and Q */
enum datatype_pairing {
	DATATYPE_BY_NAME, /* voltage0_i and voltage0_q; exactly two channels without a modifier */
	DATATYPE_REAL,	  /* none */
	DATATYPE_COMPLEX, /* each with the one behind it */
};

/** datatype_parse() - read a name such as "ci16_le", or without _le; -EINVAL: SigMF has none such
 */
int datatype_parse(const char *text, struct datatype *datatype);

/** datatype_format() - write the name of a datatype; returns @text */
const char *datatype_format(const struct datatype *datatype, char text[DATATYPE_TEXT_SIZE]);

/** datatype_valid_bits() - how many of a value's bits count */
static inline unsigned int datatype_valid_bits(const struct datatype_layout *layout)
{
	return layout->valid_bits ? layout->valid_bits : layout->datatype.bits;
}

/** datatype_values() - values in a sample of all channels: 2 of a complex one */
unsigned int datatype_values(const struct datatype_layout *layout);

/** datatype_size() - bytes in a sample of all channels */
size_t datatype_size(const struct datatype_layout *layout);

/**
 * datatype_of_route() - the format of a file that holds the samples of a route as they are
 *
 * A value is what IIO stores: where its valid bits are fewer, or shifted, they stay as they are,
 * and the format and datatype_describe() say so. The route is one as it runs, with a channel.
 *
 * Return: 0; -EINVAL: SigMF has no datatype for such samples, or the channels cannot be paired.
 */
int datatype_of_route(const struct iiobridge_route *route, enum datatype_pairing pairing,
		      struct failure *failure, struct datatype_layout *layout);

/**
 * datatype_describe() - say in words which channels a file has, and which bits of a value are valid
 *
 * Return: @text, which has room for @size bytes.
 */
const char *datatype_describe(const struct iiobridge_route *route, char *text, size_t size);

/**
 * samples_convert() - take one channel out of @count samples; -ENOMEM
 *
 * As the library converts to floats: unsigned integers count from the middle of their range. Those
 * of a real channel have no imaginary part.
 */
int samples_convert(const struct datatype_layout *layout, unsigned int channel, const void *samples,
		    size_t count, float complex *values);

/**
 * samples_at_full_scale() - whether a converter may have clipped
 *
 * Return: true when a number from samples_convert() is the format's largest or smallest.
 */
bool samples_at_full_scale(const struct datatype_layout *layout, const float complex *values,
			   size_t count);

#endif
