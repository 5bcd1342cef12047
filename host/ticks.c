// SPDX-License-Identifier: GPL-2.0-or-later
#include "ticks.h"

#include <math.h>
#include <stdio.h>

#define DECIMALS_MAX 9

/* Rounding must not take the tick at the end of an axis away. */
#define TOLERANCE 1e-6

struct prefix {
	const char *name;
	double factor;
};

static const struct prefix prefixes[] = {
	{ "G", 1e9 },  { "M", 1e6 },  { "k", 1e3 },  { "", 1 },
	{ "m", 1e-3 }, { "µ", 1e-6 }, { "n", 1e-9 },
};

static const struct prefix *prefix_of(double value)
{
	const size_t last = sizeof(prefixes) / sizeof(prefixes[0]) - 1;
	size_t i = 0;

	if (value == 0)
		return &prefixes[3];
	while (i < last && fabs(value) < prefixes[i].factor * (1 - TOLERANCE))
		i++;
	return &prefixes[i];
}

/* Digits behind the point that show a step of this length. */
static int decimals_of(double step)
{
	const double digits = -floor(log10(step) + TOLERANCE);

	return digits < 0 ? 0 : digits > DECIMALS_MAX ? DECIMALS_MAX : (int)digits;
}

static double count_on(double low, double high, double step)
{
	return floor(high / step + TOLERANCE) - ceil(low / step - TOLERANCE) + 1;
}

void ticks_choose(double low, double high, size_t most, struct ticks *ticks)
{
	static const double nice[] = { 1, 2, 5, 10 };
	double power = pow(10, floor(log10((high - low) / (double)most)));
	double step = power;

	for (size_t i = 0; i < sizeof(nice) / sizeof(nice[0]); i++) {
		step = nice[i] * power;
		if (count_on(low, high, step) <= (double)most)
			break;
	}
	*ticks = (struct ticks){
		.first = ceil(low / step - TOLERANCE) * step,
		.step = step,
		.count = (size_t)count_on(low, high, step),
		.decimals = decimals_of(step),
		.factor = 1,
		.prefix = "",
	};
}

void ticks_choose_prefix(struct ticks *ticks, double largest)
{
	const struct prefix *prefix = prefix_of(largest);

	ticks->factor = prefix->factor;
	ticks->prefix = prefix->name;
	ticks->decimals = decimals_of(ticks->step / prefix->factor);
}

double ticks_value(const struct ticks *ticks, size_t index)
{
	return ticks->first + (double)index * ticks->step;
}

/* A tick that is 0 but for rounding is not "-0". */
static double without_noise(double value, double step)
{
	return fabs(value) < step * TOLERANCE ? 0 : value;
}

const char *ticks_format(const struct ticks *ticks, size_t index, char text[TICKS_TEXT_SIZE])
{
	const double value = without_noise(ticks_value(ticks, index), ticks->step);

	snprintf(text, TICKS_TEXT_SIZE, "%.*f", ticks->decimals, value / ticks->factor);
	return text;
}

const char *ticks_describe(double value, double resolution, const char *unit,
			   char text[TICKS_TEXT_SIZE])
{
	const struct prefix *prefix = prefix_of(*unit ? value : 0);
	const char *space = *unit ? " " : "";

	if (resolution <= 0)
		snprintf(text, TICKS_TEXT_SIZE, "%.9g%s%s%s", value / prefix->factor, space,
			 prefix->name, unit);
	else
		snprintf(text, TICKS_TEXT_SIZE, "%.*f%s%s%s",
			 decimals_of(resolution / prefix->factor),
			 without_noise(value, resolution) / prefix->factor, space, prefix->name,
			 unit);
	return text;
}
