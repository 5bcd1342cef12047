/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * panels.h - the charts of a picture over time, with a strip for each channel
 */
#ifndef HOST_VIEW_PANELS_H
#define HOST_VIEW_PANELS_H

#include "chart.h"

struct analysis;
struct sample_file_info;

/* Left edge of all panels, in pixels; they are as wide as charts can be. */
#define PANELS_LEFT 86

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
 * panels_height() - how high a panel is that has a strip for each channel
 * @height: pixels, if there is one channel
 * @shown: number of channels
 *
 * Return: pixels.
 */
double panels_height(double height, unsigned int shown);

/**
 * panels_spectrogram() - draw the spectrogram of each channel
 * @view: what is drawn
 * @y: upper edge of the first chart, pixels
 * @height: pixels, if there is one channel
 */
void panels_spectrogram(const struct panels_view *view, double y, double height);

/** panels_trace() - draw the first samples of each channel; see panels_spectrogram() */
void panels_trace(const struct panels_view *view, double y, double height);

/**
 * panels_trace_length() - choose how much of a recording's beginning is drawn
 * @count: samples that there are
 * @frequency: of the strongest tone, relative to the sample rate; 0 where there is none
 * @sample_rate: samples per second, 0 when it is not known
 *
 * So much that the periods of the tone can be seen one by one; but some milliseconds at most.
 *
 * Return: number of samples, at least 1 and at most @count.
 */
size_t panels_trace_length(size_t count, double frequency, double sample_rate);

#endif
