/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * picture.h - a recording, as a picture: spectrum, spectrogram and the first samples
 */
#ifndef HOST_VIEW_PICTURE_H
#define HOST_VIEW_PICTURE_H

#include "chart.h"

struct analysis;
struct failure;
struct sample_file_info;

/**
 * picture_write() - draw what is seen in a recording, and write it into a PNG file
 *
 * Of more than 8 channels it has the first 8. Returns 0 or a negative errno.
 */
int picture_write(const char *path, const char *title, const struct sample_file_info *info,
		  const struct analysis *analysis, struct failure *failure);

/**
 * picture_begin() - begin a picture: a white area with a title, and facts in a line below it
 *
 * Returns what to draw on, to be given to picture_end().
 */
cairo_t *picture_begin(int width, int height, const char *title, const char *facts);

/** picture_end() - write a picture into a PNG file, and release it; returns 0 or a negative errno
 */
int picture_end(cairo_t *cairo, const char *path, struct failure *failure);

/* ---- panels.c: the charts over time, with a strip for each channel ---- */

/* Left edge of all panels, in pixels; they are as wide as charts can be. */
#define PANELS_LEFT 86

/** struct panels_view - what is drawn, and on what */
struct panels_view {
	cairo_t *cairo;
	const struct analysis *analysis;
	const struct sample_file_info *info;
	unsigned int shown; /* how many of the channels are drawn */
};

/** panels_height() - pixels of a panel that has @height with one channel */
double panels_height(double height, unsigned int shown);

/** panels_spectrogram() - draw a spectrogram of each channel, from @y down */
void panels_spectrogram(const struct panels_view *view, double y, double height);

/** panels_trace() - draw the first samples of each channel; see panels_spectrogram() */
void panels_trace(const struct panels_view *view, double y, double height);

/**
 * panels_trace_length() - choose how many of the first @count samples are drawn, at least 1
 *
 * So many that the periods of the strongest tone can be seen one by one; but some milliseconds at
 * most. Its frequency is relative to the sample rate, and 0 where there is none; so is a rate that
 * is not known.
 */
size_t panels_trace_length(size_t count, double frequency, double sample_rate);

#endif
