// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"

#include <endian.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

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
