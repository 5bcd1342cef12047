// SPDX-License-Identifier: GPL-2.0-or-later
#include "datatype.h"

#include "failure.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int datatype_parse(const char *text, struct datatype *ret)
{
	static const char *const values[] = {
		"f32", "f64", "i32", "i16", "i8", "u32", "u16", "u8"
	};

	if (*text != 'c' && *text != 'r')
		return -EINVAL;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const size_t length = strlen(values[i]);
		const char *order = text + 1 + length;
		const unsigned int bits = (unsigned int)strtoul(values[i] + 1, NULL, 10);

		if (strncmp(text + 1, values[i], length) != 0)
			continue;
		if (*order && strcmp(order, "_le") != 0 && strcmp(order, "_be") != 0)
			break;
		*ret = (struct datatype){
			.is_complex = *text == 'c',
			.kind = (enum datatype_kind)values[i][0],
			.bits = bits,
			.big_endian = bits > 8 && strcmp(order, "_be") == 0,
		};
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

/* The channels of a sample, in the order of their numbers. */
struct sample_channels {
	const struct iiobridge_channel *list[32];
	unsigned int count;
};

static void find_channels(const struct iiobridge_route *route, struct sample_channels *channels)
{
	const uint32_t mask = iiobridge_route_channel_mask(route);

	channels->count = 0;
	for (unsigned int i = 0; i < iiobridge_route_channel_count(route); i++) {
		if (mask & UINT32_C(1) << i)
			channels->list[channels->count++] = iiobridge_route_channel(route, i);
	}
}

const char *channel_format(const struct iiobridge_channel *channel, char text[CHANNEL_FORMAT_SIZE])
{
	const unsigned int repeat = iiobridge_channel_repeat(channel);
	char times[16] = "";

	if (repeat > 1)
		snprintf(times, sizeof(times), "X%u", repeat);
	snprintf(text, CHANNEL_FORMAT_SIZE, "%s:%c%u/%u%s>>%u",
		 iiobridge_channel_is_big_endian(channel) ? "be" : "le",
		 iiobridge_channel_is_signed(channel) ? 's' : 'u', iiobridge_channel_bits(channel),
		 iiobridge_channel_storage_bits(channel), times, iiobridge_channel_shift(channel));
	return text;
}

/* IIO's modifiers of a channel, see iio_modifier_names in the kernel's industrialio-core.c. */
static bool is_modified(const struct iiobridge_channel *channel)
{
	return strchr(iiobridge_channel_id(channel), '_') != NULL;
}

static bool is_pair_by_name(const struct iiobridge_channel *one,
			    const struct iiobridge_channel *other)
{
	const char *i = iiobridge_channel_id(one), *q = iiobridge_channel_id(other);
	const size_t length = strlen(i);

	return length > 2 && strlen(q) == length && strcmp(i + length - 2, "_i") == 0 &&
	       strcmp(q + length - 2, "_q") == 0 && memcmp(i, q, length - 2) == 0;
}

static bool all_pairs_by_name(const struct sample_channels *channels)
{
	for (unsigned int i = 0; i < channels->count; i += 2) {
		if (i + 1 == channels->count ||
		    !is_pair_by_name(channels->list[i], channels->list[i + 1]))
			return false;
	}
	return true;
}

static bool are_pairs(const struct sample_channels *channels, enum datatype_pairing pairing)
{
	if (pairing != DATATYPE_BY_NAME)
		return pairing == DATATYPE_COMPLEX;
	if (all_pairs_by_name(channels))
		return true;
	/* The AD9361's I and Q, for one, are just voltage0 and voltage1. */
	return channels->count == 2 && !is_modified(channels->list[0]) &&
	       !is_modified(channels->list[1]);
}

bool channel_has_same_format(const struct iiobridge_channel *one,
			     const struct iiobridge_channel *other)
{
	char text[CHANNEL_FORMAT_SIZE], other_text[CHANNEL_FORMAT_SIZE];

	return strcmp(channel_format(one, text), channel_format(other, other_text)) == 0;
}

static int check_formats(const struct iiobridge_route *route,
			 const struct sample_channels *channels, struct failure *failure)
{
	const size_t sample_size = iiobridge_route_sample_size(route);
	const struct iiobridge_channel *first = channels->list[0];
	const unsigned int bits = iiobridge_channel_storage_bits(first);
	char one[CHANNEL_FORMAT_SIZE], other[CHANNEL_FORMAT_SIZE];
	unsigned int values = 0;

	if (bits != 8 && bits != 16 && bits != 32)
		return failure_set(failure, -EINVAL,
				   "SigMF has integers of 8, 16 and 32 bits; channel %s has %s: "
				   "capture raw samples",
				   iiobridge_channel_id(first), channel_format(first, one));
	for (unsigned int i = 0; i < channels->count; i++) {
		const struct iiobridge_channel *next = channels->list[i];

		if (!channel_has_same_format(first, next))
			return failure_set(failure, -EINVAL,
					   "SigMF has one format for all channels; %s has %s and "
					   "%s %s: choose with --channels, or capture raw samples",
					   iiobridge_channel_id(first), channel_format(first, one),
					   iiobridge_channel_id(next), channel_format(next, other));
		values += iiobridge_channel_repeat(next);
	}
	if (values * bits / 8 != sample_size)
		return failure_set(failure, -EINVAL,
				   "SigMF has no room between samples; these have %u bytes in %zu: "
				   "choose with --channels, or capture raw samples",
				   values * bits / 8, sample_size);
	return 0;
}

int datatype_of_route(const struct iiobridge_route *route, enum datatype_pairing pairing,
		      struct failure *failure, struct datatype_layout *layout)
{
	const struct iiobridge_channel *first;
	struct sample_channels channels;
	unsigned int values, bits, storage;
	int r;

	find_channels(route, &channels);
	r = check_formats(route, &channels, failure);
	if (r < 0)
		return r;
	first = channels.list[0];
	values = channels.count * iiobridge_channel_repeat(first);
	bits = iiobridge_channel_bits(first);
	storage = iiobridge_channel_storage_bits(first);
	*layout = (struct datatype_layout){
		.datatype = {
			.is_complex = are_pairs(&channels, pairing),
			.kind = iiobridge_channel_is_signed(first) ? DATATYPE_SIGNED
								   : DATATYPE_UNSIGNED,
			.bits = storage,
			.big_endian = iiobridge_channel_is_big_endian(first) && storage > 8,
		},
		.channels = values,
		.valid_bits = bits < storage ? bits : 0,
		.shift = iiobridge_channel_shift(first),
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

const char *datatype_describe(const struct iiobridge_route *route, char *text, size_t size)
{
	struct sample_channels channels;
	const struct iiobridge_channel *first;
	char format[CHANNEL_FORMAT_SIZE];
	unsigned int bits, shift;
	size_t used = 0;

	find_channels(route, &channels);
	*text = '\0';
	if (channels.count == 0)
		return text;
	first = channels.list[0];
	bits = iiobridge_channel_bits(first);
	shift = iiobridge_channel_shift(first);
	for (unsigned int i = 0; i < channels.count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
					 iiobridge_channel_id(channels.list[i]));
	if (used < size)
		used += (size_t)snprintf(text + used, size - used, "; IIO's format %s",
					 channel_format(first, format));
	if (used < size && bits != iiobridge_channel_storage_bits(first))
		snprintf(text + used, size - used,
			 ": of a value's %u bits the valid ones are %u to %u",
			 iiobridge_channel_storage_bits(first), shift, shift + bits - 1);
	return text;
}

/* A channel's part of a sample, or its two, as the library converts them. */
static int new_conversion(const struct datatype_layout *layout, unsigned int channel,
			  struct iiobridge_conversion **conversion)
{
	const unsigned int parts = layout->datatype.is_complex ? 2 : 1;
	const size_t size = layout->datatype.bits / 8;
	struct iiobridge_value values[2];

	for (unsigned int i = 0; i < parts; i++)
		values[i] = (struct iiobridge_value){
			.offset = (channel * parts + i) * size,
			.bits = datatype_valid_bits(layout),
			.storage_bits = layout->datatype.bits,
			.shift = layout->shift,
			.is_signed = layout->datatype.kind == DATATYPE_SIGNED,
			.is_big_endian = layout->datatype.big_endian,
			.is_float = layout->datatype.kind == DATATYPE_FLOAT,
		};
	return iiobridge_conversion_new(values, parts, datatype_size(layout), IIOBRIDGE_FORMAT_F32,
					conversion);
}

int samples_convert(const struct datatype_layout *layout, unsigned int channel, const void *samples,
		    size_t count, float complex *values)
{
	struct iiobridge_conversion *conversion;
	/* A complex number lies as an array of its parts, C17 6.2.5. */
	float *part = (float *)values;

	if (new_conversion(layout, channel, &conversion) < 0)
		return -ENOMEM;
	iiobridge_conversion_unpack(conversion, samples, count, part);
	iiobridge_conversion_free(conversion);
	/* From the last on, each real one moves to its place. */
	for (size_t i = layout->datatype.is_complex ? 0 : count; i-- > 0;) {
		part[2 * i] = part[i];
		part[2 * i + 1] = 0;
	}
	return 0;
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
