/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart.h - what all charts have in common: axes with round values, lines, texts, colours
 *
 * The axes are those of pictures and of the terminal; all else draws with cairo, in pixels. Colours
 * are 0xRRGGBB.
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

/** struct axis - an axis, and what stands beside it */
struct axis {
	double low, high; /* its lowest and its highest place */
	double scale;	  /* what a step of 1 on it is, in the unit */
	const char *unit; /* empty for a number */
	bool prefix;	  /* the unit gets one */
	size_t most;	  /* ticks, at least 2 */
	bool grid;	  /* lines go through the chart */
	const char *name; /* such as "frequency"; NULL: only the values are written */
};

/**
 * axis_of_frequency() - the axis of a spectrum, whose places are relative to the sample rate
 *
 * Of complex samples there are negative frequencies. Where the rate is not known, 0, the values are
 * relative, too.
 */
struct axis axis_of_frequency(bool is_complex, double sample_rate, size_t most);

/** struct ticks - the ticks of an axis */
struct ticks {
	double first; /* the smallest multiple of the step on the axis */
	double step;  /* 1, 2 or 5 times a power of ten */
	size_t count;
	int decimals;	    /* digits behind the point that tell them apart, with the prefix */
	double factor;	    /* what a unit with its prefix is */
	const char *prefix; /* "n", "µ", "m", "", "k", "M" or "G" */
};

/** ticks_choose() - choose the ticks of an axis */
void ticks_choose(const struct axis *axis, struct ticks *ticks);

/** ticks_value() - value of a tick, in units without a prefix */
double ticks_value(const struct ticks *ticks, size_t index);

/** ticks_format() - what stands beside a tick, without the unit; returns @text */
const char *ticks_format(const struct ticks *ticks, size_t index, char text[CHART_VALUE_SIZE]);

/**
 * quantity_format() - a value with unit and prefix, such as "-250.01 kHz"; returns @text
 *
 * Digits that matter less than the resolution are left out; with 0, it is the fewest digits that
 * tell the value. Without a unit it is a plain number, which gets no prefix.
 */
const char *quantity_format(double value, double resolution, const char *unit,
			    char text[CHART_VALUE_SIZE]);

/** struct chart - an area with two axes */
struct chart {
	cairo_t *cairo;			 /* what it is drawn on */
	double left, top, width, height; /* pixels */
	struct axis x, y;
};

/** enum text_align - which part of a text is at the place that was given */
enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };

/** struct text_style - how a text is written */
struct text_style {
	double size; /* of the font, pixels */
	bool bold;
	uint32_t colour;
	enum text_align align;
};

/** chart_text() - write text, whose base line is at @y; returns its width, in pixels as all */
double chart_text(cairo_t *cairo, double x, double y, struct text_style style, const char *text);

/** chart_colour() - set the colour of what is drawn next; an opacity of 1 covers */
void chart_colour(cairo_t *cairo, uint32_t rgb, double opacity);

/** chart_channel_colour() - the colour of a channel */
uint32_t chart_channel_colour(unsigned int channel);

/**
 * chart_heat_colour() - the colour of a level from 0 to 1 in a spectrogram
 *
 * What is beyond is that end, and what is no number at all is 0. From nearly black over violet and
 * orange to a pale yellow: the lightness grows evenly, so what is stronger is lighter, in print
 * without colours and to eyes that see few of them, too.
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
 *
 * There is one value at least, and they are at equal distances from the place @from on the
 * horizontal axis to @to. The stride is 2 for one part of complex numbers.
 */
void chart_line(const struct chart *chart, double from, double to, const float *values,
		size_t stride, size_t count, uint32_t colour);

/** struct span - what the values of one pixel reach */
struct span {
	float low;
	float high;
};

/**
 * spans_fill() - put values into columns, at most as many, which have equal parts of them
 *
 * Each span also reaches to the value before it, so that the columns form a line without holes.
 */
void spans_fill(const float *values, size_t stride, size_t count, struct span *spans,
		size_t columns);

#endif
