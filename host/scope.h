/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope.h - spectra of samples that come in pieces, faster than they can be looked at
 *
 * Of each picture's time the first samples are looked at, in so many transforms as make the noise
 * quiet; the others pass by.
 */
#ifndef HOST_SCOPE_H
#define HOST_SCOPE_H

#include "samples.h"
#include "scope_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct scope - what is seen of one channel since the last picture; opaque */
struct scope;

/**
 * scope_new() - begin to look
 * @layout: how the scans lie in memory; copied
 *
 * Return: to be given to scope_free(), or NULL when there is no memory.
 */
struct scope *scope_new(const struct datatype_layout *layout);

/**
 * scope_free() - end
 * @scope: from scope_new(), or NULL
 */
void scope_free(struct scope *scope);

/**
 * scope_take() - take samples
 * @scope: the scope
 * @scans: whole scans
 * @size: their bytes
 */
void scope_take(struct scope *scope, const uint8_t *scans, size_t size);

/**
 * scope_is_full() - whether as much was looked at as one picture takes
 * @scope: the scope
 *
 * Return: true or false.
 */
bool scope_is_full(const struct scope *scope);

/**
 * scope_has_seen() - whether there is anything to show
 * @scope: the scope
 *
 * Return: whether there was one transform at least since scope_clear().
 */
bool scope_has_seen(const struct scope *scope);

/**
 * scope_look() - tell what is seen
 * @scope: the scope, which has seen something
 * @view: gets its spectrum, channel and levels; valid until the scope is used again
 */
void scope_look(struct scope *scope, struct scope_view *view);

/**
 * scope_clear() - begin the next picture
 * @scope: the scope
 */
void scope_clear(struct scope *scope);

/**
 * scope_next_channel() - look at the next channel, and behind the last one at the first
 * @scope: the scope
 */
void scope_next_channel(struct scope *scope);

#endif
