/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope_view.h - a spectrum in characters
 */
#ifndef HOST_SCOPE_VIEW_H
#define HOST_SCOPE_VIEW_H

#include "progress.h"
#include "spectrum.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * struct scope_view - a moment of a running route
 * @route: name of the route
 * @device: name of its converter
 * @sample_rate: scans per second, 0 when the converter does not say
 * @channel: number of the channel that is shown
 * @channels: how many there are
 * @is_complex: whether its samples are, so that there are negative frequencies
 * @db: level of each frequency, from the lowest one up, dBFS
 * @bins: number of frequencies
 * @peak: the strongest tone
 * @level: level of all samples together, dBFS
 * @noise: the level that half of the frequencies are below, dBFS
 * @clips: whether a sample reached full scale
 * @progress: how the route is doing
 */
struct scope_view {
	const char *route;
	const char *device;
	double sample_rate;
	unsigned int channel;
	unsigned int channels;
	bool is_complex;
	const float *db;
	size_t bins;
	struct spectrum_peak peak;
	float level;
	float noise;
	bool clips;
	struct progress progress;
};

/**
 * scope_view_format() - draw a moment
 * @view: the moment
 * @columns: characters in a line at most
 * @rows: lines at most
 *
 * Three lines say how the route is doing, and below them is the spectrum, as high as there is room;
 * in a window that is too small for it, as many of the lines as fit.
 *
 * Return: text in UTF-8, each line of which ends in a newline, to be given to free(); NULL when
 * there is no memory.
 */
char *scope_view_format(const struct scope_view *view, size_t columns, size_t rows);

#endif
