/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope.h - a live spectrum: of samples that come faster than they can be looked at, in characters
 *
 * Of each picture's time the first samples are looked at, in so many transforms as make the noise
 * quiet; the others pass by.
 */
#ifndef HOST_VIEW_SCOPE_H
#define HOST_VIEW_SCOPE_H

#include "host/files/datatype.h"
#include "spectrum.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct scope - what is seen of one channel since the last picture; opaque */
struct scope;

/** struct scope_view - a moment of a running route */
struct scope_view {
	const char *route;
	const char *device;   /* its converter */
	double sample_rate;   /* 0 when the converter does not say */
	unsigned int channel; /* that is shown */
	unsigned int channels;
	struct spectrum_figures figures; /* what is seen in it */
	double seconds;			 /* since the start */
	double mib_per_s;
	bool losses_known; /* the statistics are, which the board said last */
	struct iiobridge_statistics_info statistics;
	const char *radio; /* what it is tuned to, a line; NULL or empty: nothing is said */
};

/** scope_new() - begin to look at such samples; NULL: no memory */
struct scope *scope_new(const struct datatype_layout *layout);

/** scope_free() - end; NULL does no harm */
void scope_free(struct scope *scope);

/** scope_take() - take @size bytes of whole samples */
void scope_take(struct scope *scope, const uint8_t *samples, size_t size);

/** scope_is_full() - whether as much was looked at as one picture takes */
bool scope_is_full(const struct scope *scope);

/** scope_has_seen() - whether there was one transform at least since scope_clear() */
bool scope_has_seen(const struct scope *scope);

/** scope_look() - put channel and figures into a view; valid until the scope is used again */
void scope_look(struct scope *scope, struct scope_view *view);

/** scope_clear() - begin the next picture */
void scope_clear(struct scope *scope);

/** scope_next_channel() - look at the next channel, and behind the last one at the first */
void scope_next_channel(struct scope *scope);

/**
 * scope_format() - draw a moment, in at most so many characters of a line, and lines
 *
 * Three lines, or four, say how the route is doing, and below them is the spectrum, as high as
 * there is room; in a window that is too small for it, as many of the lines as fit.
 *
 * Return: text in UTF-8, each line of which ends in a newline, to be given to free(); NULL when
 * there is no memory.
 */
char *scope_format(const struct scope_view *view, size_t columns, size_t rows);

#endif
