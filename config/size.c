// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* A unit of a quantity, and how many of the smallest are in it; one without a name ends a list. */
struct unit {
	const char *name;
	uint64_t factor;
};

/* Read the digits that @text begins with; @end receives what follows them. */
static int read_number(const char *text, unsigned long long *number, char **end)
{
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, end, 10);
	return errno ? -ERANGE : 0;
}

/* Find the unit that @text is, after any space. Return: NULL when it is none. */
static const struct unit *find_unit(const char *text, const struct unit *units)
{
	while (*text == ' ')
		text++;
	while (units->name && strcmp(text, units->name) != 0)
		units++;
	return units->name ? units : NULL;
}

/* Read "1.25 UNIT" as a number of smallest units, which is to be whole. */
static int parse_quantity(const char *text, const struct unit *units, uint64_t *quantity)
{
	uint64_t divisor = 1, product;
	unsigned long long number;
	char *end;
	int ret = read_number(text, &number, &end);

	if (ret)
		return ret;
	if (*end == '.') {
		if (!isdigit((unsigned char)end[1]))
			return -EINVAL;
		for (end++; isdigit((unsigned char)*end); end++, divisor *= 10)
			if (divisor >= 1000 || __builtin_mul_overflow(number, 10, &number) ||
			    __builtin_add_overflow(number, (unsigned int)(*end - '0'), &number))
				return -ERANGE;
	}
	units = find_unit(end, units);
	if (!units)
		return -EINVAL;
	if (__builtin_mul_overflow(number, units->factor, &product) || product % divisor)
		return -ERANGE;
	*quantity = product / divisor;
	return 0;
}

int config_parse_time(const char *text, uint64_t *microseconds)
{
	static const struct unit units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { 0 } };

	return parse_quantity(text, units, microseconds);
}

int config_parse_frequency(const char *text, uint64_t *millihertz)
{
	static const struct unit units[] = {
		{ "Hz", 1000 }, { "kHz", 1000000 }, { "MHz", 1000000000 }, { 0 }
	};

	return parse_quantity(text, units, millihertz);
}

int config_parse_size(const char *text, uint64_t *size)
{
	static const struct unit units[] = {
		{ "", 1 },	    { "B", 1 },		{ "KiB", 1 << 10 },
		{ "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { 0 },
	};
	const struct unit *unit;
	unsigned long long number;
	char *end;
	int ret = read_number(text, &number, &end);

	if (ret)
		return ret;
	unit = find_unit(end, units);
	if (!unit)
		return -EINVAL;
	return __builtin_mul_overflow(number, unit->factor, size) ? -ERANGE : 0;
}
