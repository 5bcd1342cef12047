// SPDX-License-Identifier: GPL-2.0-or-later
#include "datatype.h"

#include "host/channels.h"
#include "host/failure.h"

#include <iiobridge/protocol.h>

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int datatype_parse(const char *text, struct datatype *ret)
{
	static const struct {
		const char *name;
		enum datatype_kind kind;
		unsigned int bits;
	} values[] = {
		{ "f32", DATATYPE_FLOAT, 32 },	  { "f64", DATATYPE_FLOAT, 64 },
		{ "i32", DATATYPE_SIGNED, 32 },	  { "i16", DATATYPE_SIGNED, 16 },
		{ "i8", DATATYPE_SIGNED, 8 },	  { "u32", DATATYPE_UNSIGNED, 32 },
		{ "u16", DATATYPE_UNSIGNED, 16 }, { "u8", DATATYPE_UNSIGNED, 8 },
	};
	struct datatype datatype;
	const char *end;

	if (*text != 'c' && *text != 'r')
		return -EINVAL;
	datatype.is_complex = *text++ == 'c';
	end = text + strcspn(text, "_");
	datatype.big_endian = strcmp(end, "_be") == 0;
	if (*end && !datatype.big_endian && strcmp(end, "_le") != 0)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strncmp(text, values[i].name, strlen(values[i].name)) != 0 ||
		    end != text + strlen(values[i].name))
			continue;
		datatype.kind = values[i].kind;
		datatype.bits = values[i].bits;
		if (datatype.bits == 8)
			datatype.big_endian = false;
		*ret = datatype;
		return 0;
	}
	return -EINVAL;
}

const char *datatype_format(const struct datatype *datatype, char text[DATATYPE_TEXT_SIZE])
{
	snprintf(text, DATATYPE_TEXT_SIZE, "%c%c%u%s", datatype->is_complex ? 'c' : 'r',
		 datatype->kind, datatype->bits,
		 datatype->bits == 8	? ""
		 : datatype->big_endian ? "_be"
					: "_le");
	return text;
}

unsigned int datatype_values(const struct datatype_layout *layout)
{
	return layout->channels * (layout->datatype.is_complex ? 2 : 1);
}

size_t datatype_size(const struct datatype_layout *layout)
{
	return (size_t)datatype_values(layout) * layout->datatype.bits / 8;
}

static const struct iiobridge_channel_info *
next_channel(const struct iiobridge_channel_info *channels, uint32_t *mask)
{
	const int index = __builtin_ctz(*mask);

	*mask &= *mask - 1;
	return &channels[index];
}

static unsigned int repeat_of(const struct iiobridge_channel_info *channel)
{
	return channel->repeat > 1 ? channel->repeat : 1;
}

/* IIO's modifiers of a channel, see iio_modifier_names in the kernel's industrialio-core.c. */
static bool is_modified(const struct iiobridge_channel_info *channel)
{
	return strchr(channel->id, '_') != NULL;
}

static bool is_pair_by_name(const struct iiobridge_channel_info *i,
			    const struct iiobridge_channel_info *q)
{
	const size_t length = strlen(i->id);

	return length > 2 && strlen(q->id) == length && strcmp(i->id + length - 2, "_i") == 0 &&
	       strcmp(q->id + length - 2, "_q") == 0 && memcmp(i->id, q->id, length - 2) == 0;
}

static bool all_pairs_by_name(const struct iiobridge_channel_info *channels, uint32_t mask)
{
	while (mask) {
		const struct iiobridge_channel_info *i = next_channel(channels, &mask);

		if (!mask || !is_pair_by_name(i, next_channel(channels, &mask)))
			return false;
	}
	return true;
}

static bool are_pairs(const struct iiobridge_channel_info *channels, uint32_t mask,
		      enum datatype_pairing pairing)
{
	const struct iiobridge_channel_info *first, *second;

	if (pairing != DATATYPE_BY_NAME)
		return pairing == DATATYPE_COMPLEX;
	if (all_pairs_by_name(channels, mask))
		return true;
	if (__builtin_popcount(mask) != 2)
		return false;
	/* The AD9361's I and Q, for one, are just voltage0 and voltage1. */
	first = next_channel(channels, &mask);
	second = next_channel(channels, &mask);
	return !is_modified(first) && !is_modified(second);
}

static bool same_format(const struct iiobridge_channel_info *one,
			const struct iiobridge_channel_info *other)
{
	return one->big_endian == other->big_endian && one->is_signed == other->is_signed &&
	       one->storage_bits == other->storage_bits && one->bits == other->bits &&
	       one->shift == other->shift && repeat_of(one) == repeat_of(other);
}

static int check_formats(const struct iiobridge_channel_info *channels, uint32_t mask,
			 uint32_t bytes_per_scan, struct failure *failure)
{
	const struct iiobridge_channel_info *first = next_channel(channels, &mask);
	const unsigned int bits = first->storage_bits;
	char one[CHANNEL_FORMAT_SIZE], other[CHANNEL_FORMAT_SIZE];
	unsigned int values = repeat_of(first);

	if (bits != 8 && bits != 16 && bits != 32)
		return failure_set(failure, -EINVAL,
				   "SigMF has integers of 8, 16 and 32 bits; channel %s has %s: "
				   "capture raw samples",
				   first->id, channel_format(first, one));
	while (mask) {
		const struct iiobridge_channel_info *next = next_channel(channels, &mask);

		if (!same_format(first, next))
			return failure_set(failure, -EINVAL,
					   "SigMF has one format for all channels; %s has %s and "
					   "%s %s: choose with --channels, or capture raw samples",
					   first->id, channel_format(first, one), next->id,
					   channel_format(next, other));
		values += repeat_of(next);
	}
	if (values * bits / 8 != bytes_per_scan)
		return failure_set(failure, -EINVAL,
				   "SigMF has no room between samples; these have %u bytes in %u: "
				   "choose with --channels, or capture raw samples",
				   values * bits / 8, bytes_per_scan);
	return 0;
}

int datatype_of_channels(const struct iiobridge_channel_info *channels, uint32_t mask,
			 uint32_t bytes_per_scan, enum datatype_pairing pairing,
			 struct failure *failure, struct datatype_layout *layout)
{
	const struct iiobridge_channel_info *first = &channels[__builtin_ctz(mask)];
	unsigned int values;
	int r;

	r = check_formats(channels, mask, bytes_per_scan, failure);
	if (r < 0)
		return r;
	values = (unsigned int)__builtin_popcount(mask) * repeat_of(first);
	*layout = (struct datatype_layout){
		.datatype = {
			.is_complex = are_pairs(channels, mask, pairing),
			.kind = first->is_signed ? DATATYPE_SIGNED : DATATYPE_UNSIGNED,
			.bits = first->storage_bits,
			.big_endian = first->big_endian && first->storage_bits > 8,
		},
		.channels = values,
		.valid_bits = first->bits < first->storage_bits ? first->bits : 0,
		.shift = first->shift,
	};
	if (!layout->datatype.is_complex)
		return 0;
	if (values % 2)
		return failure_set(failure, -EINVAL,
				   "complex samples need pairs of channels, I and Q: a sample of "
				   "these has %u values",
				   values);
	layout->channels = values / 2;
	return 0;
}

const char *datatype_describe(const struct iiobridge_channel_info *channels, uint32_t mask,
			      char *text, size_t size)
{
	const struct iiobridge_channel_info *first = &channels[__builtin_ctz(mask)];
	const int last_bit = first->shift + first->bits - 1;
	char format[CHANNEL_FORMAT_SIZE];
	size_t used = 0;

	*text = '\0';
	while (mask && used < size) {
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
					 next_channel(channels, &mask)->id);
	}
	if (used < size)
		used += (size_t)snprintf(text + used, size - used, "; IIO's format %s",
					 channel_format(first, format));
	if (used < size && first->bits != first->storage_bits)
		snprintf(text + used, size - used,
			 ": of a value's %u bits the valid ones are %u to %d", first->storage_bits,
			 first->shift, last_bit);
	return text;
}

/* Numbers */

static uint64_t load(const uint8_t *at, unsigned int bits, bool big_endian)
{
	uint16_t half;
	uint32_t word;
	uint64_t wide;

	switch (bits) {
	case 8:
		return *at;
	case 16:
		memcpy(&half, at, sizeof(half));
		return big_endian ? be16toh(half) : le16toh(half);
	case 32:
		memcpy(&word, at, sizeof(word));
		return big_endian ? be32toh(word) : le32toh(word);
	default:
		memcpy(&wide, at, sizeof(wide));
		return big_endian ? be64toh(wide) : le64toh(wide);
	}
}

static float float_from_bits(uint64_t raw, unsigned int bits)
{
	const uint32_t word = (uint32_t)raw;
	double wide;
	float narrow;

	if (bits == 32) {
		memcpy(&narrow, &word, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, &raw, sizeof(wide));
	return (float)wide;
}

/* Flips the sign bit, after which both kinds of integers count from the middle of their range. */
static float integer_from_bits(uint64_t raw, const struct datatype_layout *layout)
{
	const unsigned int bits = datatype_valid_bits(layout);
	const int64_t half = INT64_C(1) << (bits - 1);
	uint64_t value = raw >> layout->shift & ((UINT64_C(1) << bits) - 1);

	if (layout->datatype.kind == DATATYPE_SIGNED)
		value ^= (uint64_t)half;
	return (float)((int64_t)value - half) / (float)half;
}

static float value_at(const struct datatype_layout *layout, const uint8_t *at)
{
	const struct datatype *datatype = &layout->datatype;
	const uint64_t raw = load(at, datatype->bits, datatype->big_endian);

	return datatype->kind == DATATYPE_FLOAT ? float_from_bits(raw, datatype->bits)
						: integer_from_bits(raw, layout);
}

void samples_convert(const struct datatype_layout *layout, unsigned int channel, const void *scans,
		     size_t count, float complex *values)
{
	const bool is_complex = layout->datatype.is_complex;
	const size_t size = layout->datatype.bits / 8;
	const size_t scan = datatype_size(layout);
	const uint8_t *at = (const uint8_t *)scans + channel * size * (is_complex ? 2 : 1);
	/* A complex number lies as an array of its parts, C17 6.2.5; clang has no CMPLXF(). */
	float *part = (float *)values;

	for (size_t i = 0; i < count; i++, at += scan) {
		*part++ = value_at(layout, at);
		*part++ = is_complex ? value_at(layout, at + size) : 0;
	}
}

bool samples_at_full_scale(const struct datatype_layout *layout, const float complex *values,
			   size_t count)
{
	const float half = ldexpf(1, (int)datatype_valid_bits(layout) - 1);
	const float largest = layout->datatype.kind == DATATYPE_FLOAT ? 1 : (half - 1) / half;

	for (size_t i = 0; i < count; i++) {
		const float re = crealf(values[i]), im = cimagf(values[i]);

		if (re >= largest || im >= largest || re <= -1 || im <= -1)
			return true;
	}
	return false;
}
