/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * panels.h - the three parts of a picture: spectrum, spectrogram, the first samples
 */
#ifndef HOST_PANELS_H
#define HOST_PANELS_H

#include "chart.h"

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct analysis;
struct sample_file_info;

/* Edges of all panels, in pixels; a column of a full spectrogram is two pixels wide. */
#define PANELS_LEFT  86
#define PANELS_WIDTH 1080

/* Between the strips of two channels: room for the values at the ends of their axes. */
#define PANELS_STRIP_DISTANCE 14

/**
 * struct panels_view - what is drawn, and on what
 * @cairo: what it is drawn on
 * @analysis: what is seen in the recording
 * @info: what is known about it
 * @shown: how many of its channels are drawn
 */
struct panels_view {
	cairo_t *cairo;
	const struct analysis *analysis;
	const struct sample_file_info *info;
	unsigned int shown;
};

/**
 * panels_colour() - the colour of a channel
 * @channel: number of the channel
 *
 * Return: 0xRRGGBB.
 */
uint32_t panels_colour(unsigned int channel);

/**
 * panels_chart() - an area between the edges of all panels
 * @view: what is drawn
 * @y: its upper edge, pixels
 * @height: pixels
 *
 * Return: the area; the values at the ends of its axes are 0.
 */
struct chart panels_chart(const struct panels_view *view, double y, double height);

/**
 * panels_strip_height() - how high each channel's part of a panel is
 * @height: pixels of the panel, if there is one channel
 * @shown: number of channels
 *
 * Return: pixels.
 */
double panels_strip_height(double height, unsigned int shown);

/**
 * panels_name_strip() - write which channel a strip shows, where there are several
 * @view: what is drawn
 * @chart: the strip
 * @channel: number of the channel
 */
void panels_name_strip(const struct panels_view *view, const struct chart *chart,
		       unsigned int channel);

/**
 * panels_line() - draw values as a line, or as what they reach where they are dense
 * @chart: where; the values are at equal distances from @from to @to
 * @from: the first value's place on the horizontal axis
 * @to: the last value's
 * @values: the first value
 * @stride: from one value to the next
 * @count: number of values, at least 1
 * @colour: 0xRRGGBB
 */
void panels_line(const struct chart *chart, double from, double to, const float *values,
		 size_t stride, size_t count, uint32_t colour);

/**
 * panels_time_axis() - write the times below a chart, or the places where the sample rate is
 * unknown
 * @view: what is drawn
 * @chart: a chart whose horizontal axis is time, in scans
 * @grid: whether lines go through the chart
 */
void panels_time_axis(const struct panels_view *view, const struct chart *chart, bool grid);

/**
 * panels_mark_gaps() - draw where samples are missing
 * @view: what is drawn
 * @chart: a chart whose horizontal axis is time, in scans
 */
void panels_mark_gaps(const struct panels_view *view, const struct chart *chart);

/**
 * panels_spectrum() - draw the spectra of all channels
 * @view: what is drawn
 * @y: upper edge of the chart, pixels
 * @height: pixels
 */
void panels_spectrum(const struct panels_view *view, double y, double height);

/**
 * panels_spectrogram() - draw the spectrogram of each channel
 * @view: what is drawn
 * @y: upper edge of the first chart, pixels
 * @height: pixels, if there is one channel
 *
 * Return: lower edge of the last one.
 */
double panels_spectrogram(const struct panels_view *view, double y, double height);

/** panels_trace() - draw the first samples of each channel; see panels_spectrogram() */
double panels_trace(const struct panels_view *view, double y, double height);

#endif
