/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backlog.h - captured scans that wait for their reader
 *
 * Scans come from one endpoint, and what became of their blocks from another, in either order. A
 * scan can be taken when both are there.
 */
#ifndef LIBRARY_BACKLOG_H
#define LIBRARY_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iiobridge_piece;
struct iiobridge_route_info;
struct trail_step;

/** struct backlog - scans that wait; opaque */
struct backlog;

/**
 * backlog_new() - make an empty backlog
 * @route: the route as it will run
 *
 * Return: the backlog, to be given to backlog_free(), or NULL when there is no memory.
 */
struct backlog *backlog_new(const struct iiobridge_route_info *route);

/**
 * backlog_free() - release a backlog
 * @backlog: from backlog_new(), or NULL
 */
void backlog_free(struct backlog *backlog);

/**
 * backlog_add_scans() - add what arrived
 * @backlog: a backlog that is not full
 * @data: whole scans
 * @size: bytes in them; since the backlog was not full, at most a block and a scan
 */
void backlog_add_scans(struct backlog *backlog, const uint8_t *data, size_t size);

/**
 * backlog_add_block() - add what became of the next block
 * @backlog: the backlog
 * @step: its record, or that of the end
 *
 * Return: 0; -ENOMEM.
 */
int backlog_add_block(struct backlog *backlog, const struct trail_step *step);

/**
 * backlog_is_full() - whether there is no room for one more transfer
 * @backlog: the backlog
 *
 * A full backlog has the whole of its first block, so that nothing but its record is missing.
 *
 * Return: true or false.
 */
bool backlog_is_full(const struct backlog *backlog);

/**
 * backlog_take() - take the oldest scans
 * @backlog: the backlog
 * @data: gets them
 * @scans: how many at most
 * @piece: gets where they belong, when there are any
 *
 * Return: how many there were, without a gap between them.
 */
size_t backlog_take(struct backlog *backlog, uint8_t *data, size_t scans,
		    struct iiobridge_piece *piece);

#endif
