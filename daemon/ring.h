/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the data path
 *
 * A ring takes blocks round, in order, between a port that fills them and a port that drains them.
 * Its state is four running numbers:
 *
 *	drained <= given to drain <= filled <= given to fill <= drained + number of blocks
 *
 * and block n of the run is always the DMABUF n modulo the number of blocks. It knows neither IIO
 * nor USB, and neither maps nor copies a block.
 *
 * A real-time port goes on when it has no block. The ring finds each such gap, and how many scans
 * were lost in it. A real-time port that drains is started when there is something to drain: all
 * blocks, or half of them when the port that fills is real-time, too, and needs the others.
 */
#ifndef IIOBRIDGE_RING_H
#define IIOBRIDGE_RING_H

#include <systemd/sd-event.h>

#include "iiobridge/port.h"
#include "iiobridge/protocol.h"

struct ring;

/**
 * struct ring_setup - what a run needs to know
 * @heap: heap that the blocks come from, as for blocks_alloc(); stays the caller's
 * @block_size: bytes in a block
 * @block_count: from CONFIG_BLOCKS_MIN to CONFIG_BLOCKS_MAX
 * @bytes_per_scan: for the length of gaps
 * @rate_millihertz: scans per 1000 seconds, 0 when not known; for the length of gaps
 */
struct ring_setup {
	const char *heap;
	uint32_t block_size;
	uint32_t block_count;
	uint32_t bytes_per_scan;
	uint64_t rate_millihertz;
};

/**
 * ring_end_fn - called after a run ended by itself; the ring is stopped by then
 * @userdata: as given to ring_new()
 * @error: 0 when everything up to ring_finish() was drained, a negative errno, logged, when a port
 *	failed
 */
typedef void (*ring_end_fn)(void *userdata, int error);

/**
 * ring_new() - make a ring, stopped
 * @ring: receives the ring
 * @event: loop that it runs in
 * @name: for messages; stays the caller's
 * @fill: port that fills; stays the caller's
 * @drain: port that drains; stays the caller's
 * @end: called when a run ends by itself
 * @userdata: for @end
 *
 * Return: 0 or a negative errno, logged.
 */
int ring_new(struct ring **ring, sd_event *event, const char *name, struct port *fill,
	     struct port *drain, ring_end_fn end, void *userdata);

/**
 * ring_free() - stop a ring and free it
 * @ring: may be NULL
 */
void ring_free(struct ring *ring);

/**
 * ring_start() - get the blocks, hand all of them to the filling port and let it run
 * @ring: a stopped ring
 * @setup: copied
 *
 * Return: 0 or a negative errno, logged; the ring is stopped then.
 */
int ring_start(struct ring *ring, const struct ring_setup *setup);

/**
 * ring_finish() - say where the data ends
 * @ring: a running ring
 * @bytes: since the start; the run ends by itself when they are drained
 *
 * Return: 0, or -EINVAL, logged, when so much was given to the draining port already.
 */
int ring_finish(struct ring *ring, uint64_t bytes);

/**
 * ring_stop() - close both ports and give the blocks back
 * @ring: running or stopped
 *
 * Blocks that were filled and not drained count as failed.
 */
void ring_stop(struct ring *ring);

/**
 * ring_kick() - look for work now, after a port answered -EAGAIN
 * @ring: running or stopped
 */
void ring_kick(struct ring *ring);

/**
 * ring_is_running() - whether blocks go round
 * @ring: the ring
 */
bool ring_is_running(const struct ring *ring);

/**
 * ring_get_statistics() - counts of the run, or of the last one
 * @ring: the ring
 * @statistics: receives everything
 */
void ring_get_statistics(const struct ring *ring, struct iiobridge_statistics *statistics);

#endif
