/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what the parts of a ring share
 *
 * ring.c is how blocks go round, and where they end; ring_start.c how a run gets its blocks and
 * begins.
 */
#ifndef IIOBRIDGE_RING_COMMON_H
#define IIOBRIDGE_RING_COMMON_H

#include "ring.h"
#include "statistics.h"

/**
 * struct ring - a ring
 * @name: of the route
 * @ops: how the owner hears of it
 * @userdata: for @ops
 * @epoll: polls readable when a block is complete that the ring waits for
 * @wake: of @epoll
 * @alarm: for another turn although nothing polls readable
 * @setup: of the run
 * @left_out: heaps, as of struct block_request
 * @let_go_ns: when the blocks of the last run were let go of, 0: there was none
 * @unreached: the first port whose device did not reach the memory, in the last start
 * @running: blocks go round
 * @blocks: the first @setup.block_count
 * @lengths: of blocks that are cut, bytes that count
 * @fill: port that fills
 * @drain: port that drains
 * @error: receives the reason of a failure, as it does from the ports
 * @end_bytes: where the data ends, UINT64_MAX as long as that is not known
 * @full_before_end: blocks that were full when the host began to tell where, UINT64_MAX: it does
 * not
 * @repeat: and begins again
 * @alike: each block holds all of it, as much of it as the last
 * @alone: with no need of the filling port
 * @run: its counts
 */
struct ring {
	const char *name;
	const struct ring_ops *ops;
	void *userdata;

	int epoll;
	sd_event_source *wake;
	sd_event_source *alarm;

	struct ring_setup setup;
	unsigned int left_out;
	uint64_t let_go_ns;
	const struct port *unreached;
	bool running;
	struct block blocks[BLOCKS_MAX];
	uint32_t lengths[BLOCKS_MAX];
	struct port *fill, *drain;
	struct error *error;
	uint64_t end_bytes;
	uint64_t full_before_end;
	bool repeat;
	bool alike;
	bool alone;
	struct run_statistics run;
};

/**
 * ring_give() - hand on blocks up to but not including number @end
 * @ring: the ring
 * @port: one of its ports
 * @end: number of a block
 *
 * Return: 0, also when the kernel holds a block and the ring tries again soon, or a negative errno,
 * see struct port_ops.
 */
int ring_give(struct ring *ring, struct port *port, uint64_t end);

/**
 * ring_fill_end() - blocks that the filling port may have got by now
 * @ring: the ring
 */
uint64_t ring_fill_end(const struct ring *ring);

/**
 * ring_turn() - take back what is complete, hand on what can go
 * @ring: a running ring
 *
 * Return: 0 or a negative errno.
 */
int ring_turn(struct ring *ring);

/**
 * ring_let_go() - let go of everything that a start took
 * @ring: the ring
 */
void ring_let_go(struct ring *ring);

/**
 * ring_end_run() - end a run, and make the record of its end
 * @ring: a running ring
 */
void ring_end_run(struct ring *ring);

#endif
