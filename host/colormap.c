// SPDX-License-Identifier: GPL-2.0-or-later
#include "colormap.h"

#include <stddef.h>

struct colour {
	float red, green, blue;
};

/* At equal distances; between two of them the colour changes evenly. */
static const struct colour stations[] = {
	{ 8, 9, 28 },	  { 38, 18, 88 },   { 92, 24, 124 },  { 150, 40, 120 },	 { 203, 62, 92 },
	{ 238, 105, 58 }, { 250, 158, 42 }, { 250, 208, 90 }, { 255, 250, 190 },
};

static uint32_t mix(float one, float other, float part)
{
	return (uint32_t)(one + (other - one) * part + 0.5F);
}

uint32_t colormap_get(float value)
{
	const size_t last = sizeof(stations) / sizeof(stations[0]) - 1;
	const struct colour *from, *to;
	float part;
	size_t i;

	/* Not a number is not larger than 0, either. */
	if (!(value > 0))
		value = 0;
	if (value > 1)
		value = 1;
	i = (size_t)(value * (float)last);
	if (i == last)
		i--;
	part = value * (float)last - (float)i;
	from = &stations[i];
	to = &stations[i + 1];
	return mix(from->red, to->red, part) << 16 | mix(from->green, to->green, part) << 8 |
	       mix(from->blue, to->blue, part);
}
