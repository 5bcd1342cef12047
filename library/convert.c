// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * convert.c - values of samples as numbers of a program
 *
 * A value is brought to the top of a word, where its sign bit is the word's, and then down again
 * with its sign. Each pair of storage and format has a loop of its own in which nothing depends on
 * the sample; for values that lie side by side the distances are constants, too, so that a compiler
 * makes vector instructions of it. This file is compiled with -O3 for that.
 */
#include "internal.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

struct iiobridge_conversion {
	int format;
	size_t sample_size;
	size_t count;
	bool is_packed; /* all values are alike, and fill the sample */
	struct iiobridge_value values[];
};

static unsigned int format_bits(int format)
{
	switch (format) {
	case IIOBRIDGE_FORMAT_S8:
		return 8;
	case IIOBRIDGE_FORMAT_S16:
		return 16;
	default:
		return 32;
	}
}

static size_t format_size(int format)
{
	return format_bits(format) / 8;
}

/* Valid bits that the format has no room for; a float has room for all, and rounds. */
static unsigned int bits_left_out(const struct iiobridge_value *value, int format)
{
	const unsigned int room = format_bits(format);

	return format != IIOBRIDGE_FORMAT_F32 && value->bits > room ? value->bits - room : 0;
}

static double full_scale(const struct iiobridge_value *value, int format)
{
	if (format == IIOBRIDGE_FORMAT_F32)
		return 1;
	if (value->is_float)
		return ldexp(1, (int)format_bits(format) - 1);
	return ldexp(1, (int)(value->bits - 1 - bits_left_out(value, format)));
}

/* ---- one value of many samples ---- */

INLINE uint64_t load(const uint8_t *at, unsigned int storage, bool big_endian)
{
	uint16_t half;
	uint32_t word;
	uint64_t wide;

	switch (storage) {
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

INLINE void store(uint8_t *at, unsigned int storage, bool big_endian, uint64_t raw)
{
	const uint16_t half = big_endian ? htobe16((uint16_t)raw) : htole16((uint16_t)raw);
	const uint32_t word = big_endian ? htobe32((uint32_t)raw) : htole32((uint32_t)raw);
	const uint64_t wide = big_endian ? htobe64(raw) : htole64(raw);

	if (storage == 8)
		*at = (uint8_t)raw;
	else if (storage == 16)
		memcpy(at, &half, sizeof(half));
	else if (storage == 32)
		memcpy(at, &word, sizeof(word));
	else
		memcpy(at, &wide, sizeof(wide));
}

INLINE void put_number(void *numbers, size_t index, int format, int64_t value, float factor)
{
	switch (format) {
	case IIOBRIDGE_FORMAT_S8:
		((int8_t *)numbers)[index] = (int8_t)value;
		break;
	case IIOBRIDGE_FORMAT_S16:
		((int16_t *)numbers)[index] = (int16_t)value;
		break;
	case IIOBRIDGE_FORMAT_S32:
		((int32_t *)numbers)[index] = (int32_t)value;
		break;
	default:
		((float *)numbers)[index] = (float)value * factor;
		break;
	}
}

/* The loop of all unpacking; what is constant where it is called makes it another one. */
INLINE void unpack(const struct iiobridge_value *value, const uint8_t *from, size_t from_step,
		   void *to, size_t to_step, size_t count, unsigned int storage, int format,
		   bool big_endian)
{
	const unsigned int up = 32 - value->bits - value->shift;
	const unsigned int up_wide = 64 - value->bits - value->shift;
	const unsigned int drop = bits_left_out(value, format);
	const unsigned int down = 32 - value->bits + drop;
	const unsigned int down_wide = 64 - value->bits + drop;
	/* Flips the sign bit, after which both kinds count from the middle of their range. */
	const uint32_t flip = value->is_signed ? 0 : UINT32_C(1) << 31;
	const uint64_t flip_wide = value->is_signed ? 0 : UINT64_C(1) << 63;
	const float factor = (float)ldexp(1, 1 - (int)value->bits);

	for (size_t i = 0; i < count; i++) {
		const uint64_t raw = load(from + i * from_step, storage, big_endian);

		/* Words of 32 bits where they do: twice as many fit a vector. */
		if (storage <= 32)
			put_number(to, i * to_step, format,
				   (int32_t)((uint32_t)raw << up ^ flip) >> down, factor);
		else
			put_number(to, i * to_step, format,
				   (int64_t)(raw << up_wide ^ flip_wide) >> down_wide, factor);
	}
}

INLINE int64_t get_number(const void *numbers, size_t index, int format, unsigned int drop,
			  float full, int64_t low, int64_t high)
{
	float scaled;

	switch (format) {
	case IIOBRIDGE_FORMAT_S8:
		return (int64_t)((uint64_t)((const int8_t *)numbers)[index] << drop);
	case IIOBRIDGE_FORMAT_S16:
		return (int64_t)((uint64_t)((const int16_t *)numbers)[index] << drop);
	case IIOBRIDGE_FORMAT_S32:
		return (int64_t)((uint64_t)((const int32_t *)numbers)[index] << drop);
	default:
		scaled = ((const float *)numbers)[index] * full;
		/* What is no number is silence; full scale of 64 bits is beyond an int64_t. */
		if (isnan(scaled))
			return 0;
		return scaled >= full ? high : scaled <= -full ? low : llrintf(scaled);
	}
}

INLINE void pack(const struct iiobridge_value *value, const void *from, size_t from_step,
		 uint8_t *to, size_t to_step, size_t count, unsigned int storage, int format,
		 bool big_endian)
{
	const unsigned int drop = bits_left_out(value, format);
	const int64_t half = (int64_t)(UINT64_C(1) << (value->bits - 1));
	/* With 64 valid bits the range is that of the type. */
	const int64_t low = value->bits == 64 ? INT64_MIN : -half;
	const int64_t high = value->bits == 64 ? INT64_MAX : half - 1;
	const uint64_t middle = value->is_signed ? 0 : UINT64_C(1) << (value->bits - 1);
	const uint64_t mask = ~UINT64_C(0) >> (64 - value->bits);
	const float full = (float)ldexp(1, (int)value->bits - 1);

	for (size_t i = 0; i < count; i++) {
		int64_t number = get_number(from, i * from_step, format, drop, full, low, high);

		number = number < low ? low : number > high ? high : number;
		store(to + i * to_step, storage, big_endian,
		      (((uint64_t)number + middle) & mask) << value->shift);
	}
}

/* The highest integer may be none that a float can be, so it is compared as what it is. */
static int64_t float_to_integer(float value, float full)
{
	const int64_t high = (int64_t)full - 1;
	const float scaled = fmaxf(-full, fminf(full, value * full));
	const int64_t number = isnan(value) ? 0 : llrintf(scaled);

	return number < high ? number : high;
}

/* Floats in samples are those of files: no converter has any. */
static void unpack_float(const struct iiobridge_value *value, const uint8_t *from, size_t from_step,
			 void *to, size_t to_step, size_t count, int format)
{
	const float full = (float)full_scale(value, format);

	for (size_t i = 0; i < count; i++) {
		const uint64_t raw =
			load(from + i * from_step, value->storage_bits, value->is_big_endian);
		const uint32_t word = (uint32_t)raw;
		double wide;
		float narrow;

		memcpy(&wide, &raw, sizeof(wide));
		memcpy(&narrow, &word, sizeof(narrow));
		if (value->storage_bits == 64)
			narrow = (float)wide;
		if (format == IIOBRIDGE_FORMAT_F32)
			((float *)to)[i * to_step] = narrow;
		else
			put_number(to, i * to_step, format, float_to_integer(narrow, full), 0);
	}
}

static void pack_float(const struct iiobridge_value *value, const void *from, size_t from_step,
		       uint8_t *to, size_t to_step, size_t count, int format)
{
	const float full = (float)full_scale(value, format);

	for (size_t i = 0; i < count; i++) {
		const size_t index = i * from_step;
		const float narrow =
			format == IIOBRIDGE_FORMAT_F32
				? ((const float *)from)[index]
				: (float)get_number(from, index, format, 0, 1, 0, 0) / full;
		const double wide = (double)narrow;
		uint64_t raw = 0;
		uint32_t word;

		memcpy(&word, &narrow, sizeof(word));
		if (value->storage_bits == 64)
			memcpy(&raw, &wide, sizeof(raw));
		else
			raw = word;
		store(to + i * to_step, value->storage_bits, value->is_big_endian, raw);
	}
}

/* Side by side, in pairs, or at any distance. */
#define AT_DISTANCES(DO, storage, format, step, other)                \
	do {                                                          \
		if ((step) == (storage) / 8 && (other) == 1)          \
			DO((storage) / 8, 1, storage, format, false); \
		else if ((step) == (storage) / 4 && (other) == 2)     \
			DO((storage) / 4, 2, storage, format, false); \
		else                                                  \
			DO(step, other, storage, format, false);      \
	} while (0)

#define OF_FORMATS(DO, storage, step, other)                                          \
	do {                                                                          \
		if (value->is_big_endian)                                             \
			DO(step, other, storage, format, true);                       \
		else if (format == IIOBRIDGE_FORMAT_S8)                               \
			AT_DISTANCES(DO, storage, IIOBRIDGE_FORMAT_S8, step, other);  \
		else if (format == IIOBRIDGE_FORMAT_S16)                              \
			AT_DISTANCES(DO, storage, IIOBRIDGE_FORMAT_S16, step, other); \
		else if (format == IIOBRIDGE_FORMAT_S32)                              \
			AT_DISTANCES(DO, storage, IIOBRIDGE_FORMAT_S32, step, other); \
		else                                                                  \
			AT_DISTANCES(DO, storage, IIOBRIDGE_FORMAT_F32, step, other); \
	} while (0)

#define UNPACK(step, other, storage, form, big) \
	unpack(value, from, step, to, other, count, storage, form, big)
#define PACK(step, other, storage, form, big) \
	pack(value, from, other, to, step, count, storage, form, big)

/* @from_step in bytes, @to_step in numbers. */
static void unpack_value(const struct iiobridge_value *value, const uint8_t *restrict from,
			 size_t from_step, void *restrict to, size_t to_step, size_t count,
			 int format)
{
	if (value->is_float) {
		unpack_float(value, from, from_step, to, to_step, count, format);
		return;
	}
	switch (value->storage_bits) {
	case 8:
		OF_FORMATS(UNPACK, 8, from_step, to_step);
		break;
	case 16:
		OF_FORMATS(UNPACK, 16, from_step, to_step);
		break;
	case 32:
		OF_FORMATS(UNPACK, 32, from_step, to_step);
		break;
	default:
		OF_FORMATS(UNPACK, 64, from_step, to_step);
		break;
	}
}

static void pack_value(const struct iiobridge_value *value, const void *restrict from,
		       size_t from_step, uint8_t *restrict to, size_t to_step, size_t count,
		       int format)
{
	if (value->is_float) {
		pack_float(value, from, from_step, to, to_step, count, format);
		return;
	}
	switch (value->storage_bits) {
	case 8:
		OF_FORMATS(PACK, 8, to_step, from_step);
		break;
	case 16:
		OF_FORMATS(PACK, 16, to_step, from_step);
		break;
	case 32:
		OF_FORMATS(PACK, 32, to_step, from_step);
		break;
	default:
		OF_FORMATS(PACK, 64, to_step, from_step);
		break;
	}
}

/* ---- all values of many samples ---- */

static bool is_possible(const struct iiobridge_value *value, size_t sample_size)
{
	const unsigned int storage = value->storage_bits;

	if (storage != 8 && storage != 16 && storage != 32 && storage != 64)
		return false;
	if (value->offset > sample_size || sample_size - value->offset < storage / 8)
		return false;
	if (value->is_float)
		return storage >= 32;
	return value->bits > 0 && value->bits <= storage && value->shift <= storage - value->bits;
}

/* Whether all samples are one array of values. */
static bool is_packed(const struct iiobridge_value *values, size_t count, size_t sample_size)
{
	const struct iiobridge_value *first = &values[0];
	const size_t size = first->storage_bits / 8;

	for (size_t i = 0; i < count; i++) {
		const struct iiobridge_value *value = &values[i];

		if (value->offset != i * size || value->bits != first->bits ||
		    value->storage_bits != first->storage_bits || value->shift != first->shift ||
		    value->is_signed != first->is_signed || value->is_float != first->is_float ||
		    value->is_big_endian != first->is_big_endian)
			return false;
	}
	return sample_size == count * size;
}

int iiobridge_conversion_new(const struct iiobridge_value *values, size_t count, size_t sample_size,
			     int format, struct iiobridge_conversion **ret)
{
	struct iiobridge_conversion *conversion;

	if (count == 0 || format < IIOBRIDGE_FORMAT_S8 || format > IIOBRIDGE_FORMAT_F32)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "there is no conversion of %zu values to format %d", count, format);
	for (size_t i = 0; i < count; i++) {
		if (!is_possible(&values[i], sample_size))
			return fail(
				IIOBRIDGE_ERROR_INVALID,
				"value %zu cannot be converted: %u bits of %u, shift %u, at byte "
				"%zu of samples of %zu bytes",
				i, values[i].bits, values[i].storage_bits, values[i].shift,
				values[i].offset, sample_size);
	}
	conversion = calloc(1, sizeof(*conversion) + count * sizeof(*values));
	if (!conversion)
		return fail_memory("a conversion");
	*conversion = (struct iiobridge_conversion){
		.format = format,
		.sample_size = sample_size,
		.count = count,
		.is_packed = is_packed(values, count, sample_size),
	};
	memcpy(conversion->values, values, count * sizeof(*values));
	*ret = conversion;
	return 0;
}

int iiobridge_conversion_of_route(const struct iiobridge_route *route, const unsigned int *channels,
				  size_t count, int format,
				  struct iiobridge_conversion **conversion)
{
	struct iiobridge_value values[IIOBRIDGE_MAX_CHANNELS];

	if (count > IIOBRIDGE_MAX_CHANNELS)
		return fail(IIOBRIDGE_ERROR_INVALID, "%zu channels are more than a route has",
			    count);
	for (size_t i = 0; i < count; i++) {
		const struct iiobridge_channel *channel =
			iiobridge_route_channel(route, channels[i]);

		if (!channel || channel->offset < 0)
			return fail(IIOBRIDGE_ERROR_INVALID,
				    "channel %u is not in the samples of route %s", channels[i],
				    route->info.name);
		values[i] = (struct iiobridge_value){
			.offset = (size_t)channel->offset,
			.bits = channel->info.bits,
			.storage_bits = channel->info.storage_bits,
			.shift = channel->info.shift,
			.is_signed = channel->info.is_signed,
			.is_big_endian = channel->info.big_endian,
		};
	}
	return iiobridge_conversion_new(values, count, route->info.bytes_per_scan, format,
					conversion);
}

void iiobridge_conversion_free(struct iiobridge_conversion *conversion)
{
	free(conversion);
}

double iiobridge_conversion_full_scale(const struct iiobridge_conversion *conversion, size_t index)
{
	return full_scale(&conversion->values[index], conversion->format);
}

void iiobridge_conversion_unpack(const struct iiobridge_conversion *conversion, const void *samples,
				 size_t count, void *numbers)
{
	const size_t size = format_size(conversion->format), values = conversion->count;
	const uint8_t *from = samples;
	uint8_t *to = numbers;

	if (conversion->is_packed) {
		unpack_value(&conversion->values[0], from, conversion->values[0].storage_bits / 8,
			     to, 1, count * values, conversion->format);
		return;
	}
	for (size_t i = 0; i < values; i++)
		unpack_value(&conversion->values[i], from + conversion->values[i].offset,
			     conversion->sample_size, to + i * size, values, count,
			     conversion->format);
}

void iiobridge_conversion_unpack_planar(const struct iiobridge_conversion *conversion,
					const void *samples, size_t count, void *const *numbers)
{
	const uint8_t *from = samples;

	for (size_t i = 0; i < conversion->count; i++)
		unpack_value(&conversion->values[i], from + conversion->values[i].offset,
			     conversion->sample_size, numbers[i], 1, count, conversion->format);
}

void iiobridge_conversion_pack(const struct iiobridge_conversion *conversion, const void *numbers,
			       size_t count, void *samples)
{
	const size_t size = format_size(conversion->format), values = conversion->count;
	const uint8_t *from = numbers;
	uint8_t *to = samples;

	if (conversion->is_packed) {
		pack_value(&conversion->values[0], from, 1, to,
			   conversion->values[0].storage_bits / 8, count * values,
			   conversion->format);
		return;
	}
	memset(samples, 0, count * conversion->sample_size);
	for (size_t i = 0; i < values; i++)
		pack_value(&conversion->values[i], from + i * size, values,
			   to + conversion->values[i].offset, conversion->sample_size, count,
			   conversion->format);
}

void iiobridge_conversion_pack_planar(const struct iiobridge_conversion *conversion,
				      const void *const *numbers, size_t count, void *samples)
{
	uint8_t *to = samples;

	memset(samples, 0, count * conversion->sample_size);
	for (size_t i = 0; i < conversion->count; i++)
		pack_value(&conversion->values[i], numbers[i], 1, to + conversion->values[i].offset,
			   conversion->sample_size, count, conversion->format);
}
