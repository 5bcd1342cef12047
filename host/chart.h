/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart.h - what all charts of a picture have in common: text, frame, axes
 */
#ifndef HOST_CHART_H
#define HOST_CHART_H

#include "ticks.h"

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHART_INK   0x1c2530
#define CHART_FAINT 0x66717e
#define CHART_GRID  0xe3e7ec
#define CHART_ALARM 0xd11f2f

/** enum chart_align - which part of a text is at the place that was given */
enum chart_align { CHART_LEFT, CHART_CENTRE, CHART_RIGHT };

/**
 * struct chart - an area with two axes
 * @cairo: what it is drawn on
 * @x: left edge, in pixels
 * @y: upper edge
 * @width: pixels
 * @height: pixels
 * @x_low: value at the left edge
 * @x_high: value at the right edge
 * @y_low: value at the lower edge
 * @y_high: value at the upper edge
 */
struct chart {
	cairo_t *cairo;
	double x, y, width, height;
	double x_low, x_high, y_low, y_high;
};

/**
 * chart_colour() - set the colour of what is drawn next
 * @cairo: what is drawn on
 * @rgb: 0xRRGGBB
 * @opacity: 1 covers what is below
 */
void chart_colour(cairo_t *cairo, uint32_t rgb, double opacity);

/**
 * chart_text() - write text in the present colour
 * @cairo: what is drawn on
 * @x: where, in pixels
 * @y: its base line
 * @align: which part of it is at @x
 * @text: the text
 *
 * Return: its width in pixels.
 */
double chart_text(cairo_t *cairo, double x, double y, enum chart_align align, const char *text);

/**
 * chart_font() - choose the font of the texts that follow
 * @cairo: what is drawn on
 * @size: pixels
 * @bold: whether it is bold
 */
void chart_font(cairo_t *cairo, double size, bool bold);

/**
 * chart_x() - pixel of a value on the horizontal axis
 * @chart: the chart
 * @value: the value
 *
 * Return: the pixel.
 */
double chart_x(const struct chart *chart, double value);

/** chart_y() - pixel of a value on the vertical axis; see chart_x() */
double chart_y(const struct chart *chart, double value);

/**
 * chart_clip() - let nothing be drawn outside the chart, until cairo_restore()
 * @chart: the chart
 */
void chart_clip(const struct chart *chart);

/**
 * chart_title() - write what the chart shows above it
 * @chart: the chart
 * @title: what it shows
 * @detail: more about it; may be empty
 */
void chart_title(const struct chart *chart, const char *title, const char *detail);

/**
 * struct chart_axis - what stands beside an axis
 * @name: what it shows, such as "frequency"; NULL: only the values are written
 * @unit: its unit; empty for a number
 * @most: how many ticks at most
 * @prefix: whether the unit gets a prefix
 * @grid: whether lines go through the chart
 */
struct chart_axis {
	const char *name;
	const char *unit;
	size_t most;
	bool prefix;
	bool grid;
};

/**
 * chart_x_axis() - write the values of the horizontal axis below the chart
 * @chart: the chart
 * @axis: what to write
 */
void chart_x_axis(const struct chart *chart, const struct chart_axis *axis);

/**
 * chart_y_axis() - write the values of the vertical axis beside the chart
 * @chart: the chart
 * @axis: what to write
 */
void chart_y_axis(const struct chart *chart, const struct chart_axis *axis);

/**
 * chart_frame() - draw a line around the chart
 * @chart: the chart
 */
void chart_frame(const struct chart *chart);

#endif
