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
 * A real-time port goes on when it has no block, and its completions tell of each such gap. The
 * ring counts them and makes a record of each block. A real-time port that drains gets its first
 * block, and is started, when there is something to drain: all blocks, or half of them when the
 *port that fills is real-time, too, and needs the others.
 *
 * A run may repeat: once all its data is in the blocks they go round at the draining port alone,
 * and the filling port is closed. When each block holds all of the data, a draining port that can
 * have its device repeat a block has one of them, and the ring nothing to do until it is stopped.
 */
#ifndef IIOBRIDGE_RING_H
#define IIOBRIDGE_RING_H

#include <systemd/sd-event.h>

#include "iiobridge/protocol.h"
#include "port.h"

struct ring;

/**
 * struct ring_setup - what a run needs to know
 * @heap: heap that the blocks come from, as for blocks_alloc(); stays the caller's
 * @block_size: bytes in a block
 * @block_count: from BLOCKS_MIN to BLOCKS_MAX
 * @bytes_per_scan: bytes
 * @prompt: somebody waits for what is told of each block: it is told as soon as the block is
 *	drained, at the price of a turn for each
 */
struct ring_setup {
	const char *heap;
	uint32_t block_size;
	uint32_t block_count;
	uint32_t bytes_per_scan;
	bool prompt;
};

/**
 * struct ring_ops - what a ring tells its owner
 * @meanwhile: a start goes on, the memory of its blocks can take a second; the time to turn other
 *	rings
 * @record: a block was drained, or the run has ended; the owner sets @route of the record
 * @end: a run ended by itself; the ring is stopped by then. The error is 0 when everything up to
 *	ring_finish() was drained, a negative errno when a port failed
 */
struct ring_ops {
	void (*meanwhile)(void *userdata);
	void (*record)(void *userdata, struct iiobridge_record *record);
	void (*end)(void *userdata, int error);
};

/**
 * ring_new() - make a ring, stopped
 * @ring: receives the ring
 * @event: loop that it runs in
 * @name: for messages; stays the caller's
 * @fill: port that fills; stays the caller's
 * @drain: port that drains; stays the caller's
 * @error: receives the reason of each failure, and is that of both ports; stays the caller's
 * @ops: stays the caller's
 * @userdata: for @ops
 *
 * Return: 0 or a negative errno, logged.
 */
int ring_new(struct ring **ring, sd_event *event, const char *name, struct port *fill,
	     struct port *drain, struct error *error, const struct ring_ops *ops, void *userdata);

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
 * Of the heaps that "auto" tries it takes one whose memory the devices of both ports reach, also at
 * the next starts.
 *
 * Return: 0 or a negative errno, -EOPNOTSUPP without a reason: a port takes no DMABUFs, see attach
 * of struct port_ops, or its device does not reach the memory, see ring_unreached(); -EAGAIN
 * without a reason: a port cannot be opened yet. The ring is stopped then.
 */
int ring_start(struct ring *ring, const struct ring_setup *setup);

/**
 * ring_unreached() - whose device did not reach the memory of the heap
 * @ring: the ring, after a start that ended with -EOPNOTSUPP
 *
 * Return: one of the ring's ports, NULL when that was not the reason.
 */
const struct port *ring_unreached(const struct ring *ring);

/**
 * ring_expect_end() - the host begins to say where the data ends
 * @ring: running or stopped
 *
 * Blocks that become full from now on stay with the ring, as one of them can be the last: the host
 * may send it as soon as it has said where it ends, which is before anybody here has read that.
 * Until ring_finish(), ring_repeat() or ring_expect_no_end().
 */
void ring_expect_end(struct ring *ring);

/**
 * ring_expect_no_end() - what the host began to say does not come, or is refused
 * @ring: running or stopped
 */
void ring_expect_no_end(struct ring *ring);

/**
 * ring_finish() - say where the data ends
 * @ring: a running ring
 * @bytes: since the start; the run ends by itself when they are drained
 *
 * Return: 0, or -EINVAL: it ends in what was filled already, at ring_expect_end() if that
 * came before, or where the device that drains cannot end, see struct port_limits.
 */
int ring_finish(struct ring *ring, uint64_t bytes);

/**
 * ring_repeat() - say where the data ends, and that all of it is to be drained again and again
 * @ring: a running ring, with a real-time port that drains and one that is not real-time that fills
 * @bytes: since the start
 * @alike: each block holds all of the data: as many bytes, from its begin on, as the last one
 *
 * Return: 0, or -EINVAL: the data needs fewer than 2 blocks or more than there are, or ends
 * in what was filled already or where it cannot, as for ring_finish().
 */
int ring_repeat(struct ring *ring, uint64_t bytes, bool alike);

/**
 * ring_is_repeating() - whether the run goes on by itself, without its filling port
 * @ring: the ring
 */
bool ring_is_repeating(const struct ring *ring);

/**
 * ring_is_repeated_by_device() - whether that is the draining port's device
 * @ring: the ring
 */
bool ring_is_repeated_by_device(const struct ring *ring);

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
