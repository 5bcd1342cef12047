/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticks.h - where an axis has its ticks, and what stands beside them
 */
#ifndef HOST_TICKS_H
#define HOST_TICKS_H

#include <stddef.h>

/* Room for the text that ticks_format() makes. */
#define TICKS_TEXT_SIZE 48

/**
 * struct ticks - the ticks of an axis
 * @first: the first one, the smallest multiple of @step on the axis
 * @step: from one to the next: 1, 2 or 5 times a power of ten
 * @count: how many there are
 * @decimals: digits behind the point that tell them apart, in units of @factor
 * @factor: what a unit with its prefix is
 * @prefix: the prefix: "n", "µ", "m", "", "k", "M" or "G"
 */
struct ticks {
	double first;
	double step;
	size_t count;
	int decimals;
	double factor;
	const char *prefix;
};

/**
 * ticks_choose() - choose the ticks of an axis
 * @low: its lowest value
 * @high: its highest value, above @low
 * @most: how many ticks there are at most, at least 2
 * @ticks: gets them, without a prefix
 */
void ticks_choose(double low, double high, size_t most, struct ticks *ticks);

/**
 * ticks_choose_prefix() - give the unit of an axis the prefix that makes numbers short
 * @ticks: from ticks_choose()
 * @largest: the value of the axis that is farthest from 0
 */
void ticks_choose_prefix(struct ticks *ticks, double largest);

/**
 * ticks_value() - place of a tick
 * @ticks: the ticks
 * @index: number of the tick
 *
 * Return: its value on the axis.
 */
double ticks_value(const struct ticks *ticks, size_t index);

/**
 * ticks_format() - what stands beside a tick
 * @ticks: the ticks
 * @index: number of the tick
 * @text: at least %TICKS_TEXT_SIZE bytes, gets it, without the unit
 *
 * Return: @text.
 */
const char *ticks_format(const struct ticks *ticks, size_t index, char text[TICKS_TEXT_SIZE]);

/**
 * ticks_describe() - a value with unit and prefix, such as "-250.01 kHz"
 * @value: the value
 * @resolution: digits that matter less are left out; 0: the fewest digits that tell the value
 * @unit: the unit; empty for a plain number, which gets no prefix
 * @text: at least %TICKS_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *ticks_describe(double value, double resolution, const char *unit,
			   char text[TICKS_TEXT_SIZE]);

#endif
