/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart.h - what all charts have in common: axes with round values, lines, texts, colours
 *
 * The axes are those of pictures and of the terminal; all else draws with cairo, in pixels.
 */
#ifndef HOST_VIEW_CHART_H
#define HOST_VIEW_CHART_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHART_INK   0x1c2530
#define CHART_FAINT 0x66717e
#define CHART_ALARM 0xd11f2f
#define CHART_GOOD  0x23875a

/* The widest one, pixels; a column of a full spectrogram is two pixels wide. */
#define CHART_WIDTH_MAX 1080

/* Room for a value of an axis, or a quantity with its unit. */
#define CHART_VALUE_SIZE 48

/**
 * struct axis - an axis, and what stands beside it
 * @low: its lowest place
 * @high: its highest place, above @low
 * @scale: what a step of 1 on it is, in @unit
 * @unit: unit of its values; empty for a number
 * @prefix: whether the unit gets a prefix
 * @most: how many ticks at most, at least 2
 * @grid: whether lines go through the chart
 * @name: what it shows, such as "frequency"; NULL: only the values are written
 */
struct axis {
	double low, high;
	double scale;
	const char *unit;
	bool prefix;
	size_t most;
	bool grid;
	const char *name;
};

/**
 * axis_of_frequency() - the axis of a spectrum, whose places are relative to the sample rate
 * @is_complex: whether there are negative frequencies
 * @sample_rate: samples per second; 0: not known, and the values are relative, too
 * @most: how many ticks at most
 *
 * Return: the axis.
 */
struct axis axis_of_frequency(bool is_complex, double sample_rate, size_t most);

/**
 * struct ticks - the ticks of an axis
 * @first: value of the first one, the smallest multiple of @step on the axis
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

/** ticks_choose() - choose the ticks of an axis */
void ticks_choose(const struct axis *axis, struct ticks *ticks);

/** ticks_value() - value of a tick, in units without a prefix */
double ticks_value(const struct ticks *ticks, size_t index);

/** ticks_format() - what stands beside a tick, without the unit; returns @text */
const char *ticks_format(const struct ticks *ticks, size_t index, char text[CHART_VALUE_SIZE]);

/**
 * quantity_format() - a value with unit and prefix, such as "-250.01 kHz"
 * @value: the value
 * @resolution: digits that matter less are left out; 0: the fewest digits that tell the value
 * @unit: the unit; empty for a plain number, which gets no prefix
 * @text: gets it
 *
 * Return: @text.
 */
const char *quantity_format(double value, double resolution, const char *unit,
			    char text[CHART_VALUE_SIZE]);

/**
 * struct chart - an area with two axes
 * @cairo: what it is drawn on
 * @left: left edge, in pixels
 * @top: upper edge
 * @width: pixels
 * @height: pixels
 * @x: the horizontal axis
 * @y: the vertical axis
 */
struct chart {
	cairo_t *cairo;
	double left, top, width, height;
	struct axis x, y;
};

/** enum text_align - which part of a text is at the place that was given */
enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };

/**
 * struct text_style - how a text is written
 * @size: of the font, pixels
 * @bold: whether it is bold
 * @colour: 0xRRGGBB
 * @align: which part of it is at its place
 */
struct text_style {
	double size;
	bool bold;
	uint32_t colour;
	enum text_align align;
};

/**
 * chart_text() - write text
 * @cairo: what is drawn on
 * @x: where, in pixels
 * @y: its base line
 * @style: how
 * @text: the text
 *
 * Return: its width in pixels.
 */
double chart_text(cairo_t *cairo, double x, double y, struct text_style style, const char *text);

/** chart_colour() - set the colour of what is drawn next, 0xRRGGBB; an opacity of 1 covers */
void chart_colour(cairo_t *cairo, uint32_t rgb, double opacity);

/** chart_channel_colour() - the colour of a channel, 0xRRGGBB */
uint32_t chart_channel_colour(unsigned int channel);

/**
 * chart_heat_colour() - the colour of a level in a spectrogram
 * @value: from 0 to 1; what is beyond is that end, and so is what is no number at all: 0
 *
 * From nearly black over violet and orange to a pale yellow. The lightness grows evenly, so what is
 * stronger is lighter, in print without colours and to eyes that see few of them, too.
 *
 * Return: 0xRRGGBB.
 */
uint32_t chart_heat_colour(float value);

/** chart_x() - pixel of a place on the horizontal axis */
double chart_x(const struct chart *chart, double place);

/** chart_y() - pixel of a place on the vertical axis */
double chart_y(const struct chart *chart, double place);

/** chart_clip() - let nothing be drawn outside the chart, until cairo_restore() */
void chart_clip(const struct chart *chart);

/** chart_title() - write above the chart what it shows, and a detail, which may be empty */
void chart_title(const struct chart *chart, const char *title, const char *detail);

/** chart_axis() - write the values of one of a chart's axes below it or beside it */
void chart_axis(const struct chart *chart, const struct axis *axis);

/** chart_frame() - draw a line around the chart */
void chart_frame(const struct chart *chart);

/**
 * chart_line() - draw values as a line, or as what they reach where they are dense
 * @chart: where; the values are at equal distances from @from to @to
 * @from: the first value's place on the horizontal axis
 * @to: the last value's
 * @values: the first value
 * @stride: from one value to the next; 2 for one part of complex numbers
 * @count: number of values, at least 1
 * @colour: 0xRRGGBB
 */
void chart_line(const struct chart *chart, double from, double to, const float *values,
		size_t stride, size_t count, uint32_t colour);

/**
 * struct span - what the values of one pixel reach
 * @low: the lowest value
 * @high: the highest one
 */
struct span {
	float low;
	float high;
};

/**
 * spans_fill() - put values into columns
 * @values: the first value
 * @stride: from one value to the next
 * @count: number of values
 * @spans: gets the spans of @columns columns, which have equal parts of the values
 * @columns: their number, at most @count
 *
 * Each span also reaches to the value before it, so that the columns form a line without holes.
 */
void spans_fill(const float *values, size_t stride, size_t count, struct span *spans,
		size_t columns);

#endif
