// SPDX-License-Identifier: GPL-2.0-or-later
#include "units.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

#define KIBI (UINT64_C(1) << 10)
#define MEBI (UINT64_C(1) << 20)
#define GIBI (UINT64_C(1) << 30)
#define TEBI (UINT64_C(1) << 40)
#define KILO UINT64_C(1000)
#define MEGA UINT64_C(1000000)
#define GIGA UINT64_C(1000000000)
#define TERA UINT64_C(1000000000000)

static const struct unit count_units[] = {
	{ "", 1 },	{ "k", KILO },	{ "K", KILO },	{ "M", MEGA },
	{ "G", GIGA },	{ "T", TERA },	{ "Ki", KIBI }, { "Mi", MEBI },
	{ "Gi", GIBI }, { "Ti", TEBI }, { NULL, 0 },
};

static const struct unit size_units[] = {
	{ "", 1 },	{ "B", 1 },	 { "k", KIBI },	  { "K", KIBI },   { "M", MEBI },
	{ "G", GIBI },	{ "T", TEBI },	 { "Ki", KIBI },  { "Mi", MEBI },  { "Gi", GIBI },
	{ "Ti", TEBI }, { "KiB", KIBI }, { "MiB", MEBI }, { "GiB", GIBI }, { "TiB", TEBI },
	{ "kB", KILO }, { "KB", KILO },	 { "MB", MEGA },  { "GB", GIGA },  { "TB", TERA },
	{ NULL, 0 },
};

static const struct unit duration_units[] = {
	{ "", 1000000 },  { "us", 1 },	       { "ms", 1000 },
	{ "s", 1000000 }, { "min", 60000000 }, { "h", UINT64_C(3600000000) },
	{ NULL, 0 },
};

/*
 * Reads the number as an integer and the power of ten that divides it. Floating point would lose
 * samples: 2^53 + 1 is a number of samples like any other.
 */
static int parse_decimal(const char **text, uint64_t *value, uint64_t *divisor)
{
	const char *at = *text;
	bool fraction = false;
	int digits = 0;

	*value = 0;
	*divisor = 1;
	for (; (*at >= '0' && *at <= '9') || (*at == '.' && !fraction); at++) {
		if (*at == '.') {
			fraction = true;
			continue;
		}
		digits++;
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*at - '0'), value) ||
		    (fraction && __builtin_mul_overflow(*divisor, 10, divisor)))
			return -ERANGE;
	}
	*text = at;
	return digits ? 0 : -EINVAL;
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static int parse_with_units(const char *text, const struct unit *units, uint64_t *result)
{
	uint64_t value, divisor, common, product;
	int r;

	r = parse_decimal(&text, &value, &divisor);
	if (r < 0)
		return r;
	while (*text == ' ')
		text++;
	while (units->name && strcmp(units->name, text) != 0)
		units++;
	if (!units->name)
		return -EINVAL;

	/* What the unit takes of the divisor goes first, so that no product is larger than the
	 * result. */
	common = greatest_common_divisor(units->factor, divisor);
	divisor /= common;
	assert(divisor > 0);
	if (value == 0 || value % divisor)
		return -EINVAL;
	if (__builtin_mul_overflow(value / divisor, units->factor / common, &product))
		return -ERANGE;
	*result = product;
	return 0;
}

int units_parse_count(const char *text, uint64_t *count)
{
	return parse_with_units(text, count_units, count);
}

int units_parse_size(const char *text, uint64_t *size)
{
	return parse_with_units(text, size_units, size);
}

int units_parse_duration(const char *text, uint64_t *microseconds)
{
	return parse_with_units(text, duration_units, microseconds);
}

const char *units_format_size(uint64_t size, char text[UNITS_TEXT_SIZE])
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)size;
	size_t i = 0;

	while (value >= 1024 && i < sizeof(names) / sizeof(names[0]) - 1) {
		value /= 1024;
		i++;
	}
	/* A whole number of units is most often a block size: "64 KiB" reads better. */
	if (size % (UINT64_C(1) << (10 * i)) == 0)
		snprintf(text, UNITS_TEXT_SIZE, "%.0f %s", value, names[i]);
	else
		snprintf(text, UNITS_TEXT_SIZE, "%.1f %s", value, names[i]);
	return text;
}

const char *units_format_scaled(double value, const char *unit, char text[UNITS_TEXT_SIZE])
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P", "E" };
	size_t i = 0;

	while (value >= 1000 && i < sizeof(prefixes) / sizeof(prefixes[0]) - 1) {
		value /= 1000;
		i++;
	}
	snprintf(text, UNITS_TEXT_SIZE, "%.4g %s%s", value, prefixes[i], unit);
	return text;
}

double units_per_second(double amount, uint64_t nanoseconds)
{
	return nanoseconds ? amount * 1e9 / (double)nanoseconds : 0;
}

int units_samples_in(uint64_t microseconds, uint64_t rate_millihertz, uint64_t *samples)
{
	const uint64_t scan = UINT64_C(1000000000); /* in microseconds x millihertz */
	uint64_t rest = microseconds % scan;
	uint64_t sum;

	/* The product, which may have 128 bits, divided piece by piece: each piece fits 64. */
	if (__builtin_mul_overflow(microseconds / scan, rate_millihertz, &sum) ||
	    __builtin_add_overflow(sum, rest * (rate_millihertz / scan), &sum) ||
	    __builtin_add_overflow(sum, (rest * (rate_millihertz % scan) + scan / 2) / scan, &sum))
		return -ERANGE;
	*samples = sum ? sum : 1;
	return 0;
}
