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

/**
 * struct scope_view - a moment of a running route
 * @route: name of the route
 * @device: name of its converter
 * @sample_rate: samples per second, 0 when the converter does not say
 * @channel: number of the channel that is shown
 * @channels: how many there are
 * @figures: what is seen in it
 * @seconds: time since the start
 * @mib_per_s: how fast samples came
 * @losses_known: whether @statistics is
 * @statistics: what the board said last
 */
struct scope_view {
	const char *route;
	const char *device;
	double sample_rate;
	unsigned int channel;
	unsigned int channels;
	struct spectrum_figures figures;
	double seconds;
	double mib_per_s;
	bool losses_known;
	struct iiobridge_statistics_info statistics;
};

/**
 * scope_new() - begin to look
 * @layout: how the samples lie in memory; copied
 *
 * Return: to be given to scope_free(), or NULL when there is no memory.
 */
struct scope *scope_new(const struct datatype_layout *layout);

/** scope_free() - end; NULL does no harm */
void scope_free(struct scope *scope);

/** scope_take() - take whole scans, of so many bytes */
void scope_take(struct scope *scope, const uint8_t *samples, size_t size);

/** scope_is_full() - whether as much was looked at as one picture takes */
bool scope_is_full(const struct scope *scope);

/** scope_has_seen() - whether there was one transform at least since scope_clear() */
bool scope_has_seen(const struct scope *scope);

/**
 * scope_look() - tell what is seen
 * @scope: the scope, which has seen something
 * @view: gets channel and figures; valid until the scope is used again
 */
void scope_look(struct scope *scope, struct scope_view *view);

/** scope_clear() - begin the next picture */
void scope_clear(struct scope *scope);

/** scope_next_channel() - look at the next channel, and behind the last one at the first */
void scope_next_channel(struct scope *scope);

/**
 * scope_format() - draw a moment
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
char *scope_format(const struct scope_view *view, size_t columns, size_t rows);

#endif
