// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>

#include "bounce.h"
#include "clock.h"
#include "log.h"
#include "ring_common.h"

#define FIRST_BLOCKS 16 /* how many are handed over at once at the start */

/* How often, and after how long each time, memory is asked for that the last run may still have. */
#define LET_GO_LOOKS  100
#define LET_GO_NS     2000000
#define LET_GO_MAX_NS 1000000000u

/*
 * The kernel gives memory back a moment after a DMABUF was closed: its workers detach it from the
 * devices first (iio_buffer_dmabuf_release() in industrialio-buffer.c, ffs_dmabuf_release() in
 * f_fs.c). A route that starts again may need all of that, as huge pages.
 */
static int alloc_blocks(const struct ring *ring, const struct block_request *request,
			const char *heap)
{
	int ret = blocks_alloc(request, heap);

	for (unsigned int i = 0; ret == -ENOMEM && i < LET_GO_LOOKS && ring->let_go_ns &&
				 clock_now_ns() - ring->let_go_ns < LET_GO_MAX_NS;
	     i++) {
		ring->ops->meanwhile(ring->userdata);
		clock_nap(LET_GO_NS);
		ret = blocks_alloc(request, heap);
	}
	return ret;
}

/* Ports that copy need blocks that this program sees; two of them need no DMABUFs. */
static int get_memory(struct ring *ring)
{
	bool fill_copies = ring->fill->copies;
	bool drain_copies = ring->drain->copies;
	const struct block_request request = {
		.blocks = ring->blocks,
		.count = ring->setup.block_count,
		.size = ring->setup.block_size,
		.no_offsets = (!fill_copies && ring->fill->limits.no_offsets) ||
			      (!drain_copies && ring->drain->limits.no_offsets),
		.left_out = ring->left_out,
		.meanwhile = ring->ops->meanwhile,
		.userdata = ring->userdata,
		.error = ring->error,
	};
	int ret =
		alloc_blocks(ring, &request, fill_copies && drain_copies ? NULL : ring->setup.heap);

	if (fill_copies == drain_copies)
		return ret;
	for (uint32_t i = 0; !ret && i < ring->setup.block_count; i++)
		ret = block_map(&ring->blocks[i], ring->error);
	return ret;
}

/* Let a port use a block, as the device that it is for, and no memory in place of the block's. */
static int attach(struct ring *ring, struct port *port, const struct block *block,
		  struct bounce_watch *bounces)
{
	int ret = port->ops->attach(port, block);

	if (!ret && (port->copies || !bounce_watch_grew(bounces)))
		return 0;
	if (ret && ret != -EIO)
		return ret;
	if (!ring->unreached)
		ring->unreached = port;
	return -EOPNOTSUPP;
}

static int attach_blocks(struct ring *ring)
{
	struct bounce_watch bounces = {
		.meanwhile = ring->ops->meanwhile,
		.userdata = ring->userdata,
	};
	int ret = 0;

	bounce_watch_begin(&bounces);
	for (uint32_t i = 0; !ret && i < ring->setup.block_count; i++) {
		ret = attach(ring, ring->fill, &ring->blocks[i], &bounces);
		if (!ret)
			ret = attach(ring, ring->drain, &ring->blocks[i], &bounces);
		if (!ret)
			ring->ops->meanwhile(ring->userdata);
	}
	if (!ret)
		ring->unreached = NULL;
	return ret;
}

/* Let a port that begins later find out what one that begins at once finds out then. */
static int try_drain(const struct ring *ring)
{
	struct port *port = ring->drain;

	return port->ops->try ? port->ops->try(port, &ring->blocks[0]) : 0;
}

/* Hand all blocks to the filling port; other rings have a turn meanwhile. */
static int give_first(struct ring *ring)
{
	uint64_t end = 0, all = ring_fill_end(ring);
	int ret = 0;

	while (!ret && end < all) {
		end = end + FIRST_BLOCKS < all ? end + FIRST_BLOCKS : all;
		ret = ring_give(ring, ring->fill, end);
		if (!ret)
			ring->ops->meanwhile(ring->userdata);
	}
	return ret;
}

static int open_ports(struct ring *ring)
{
	int ret = ring->fill->ops->open(ring->fill);

	return ret ? ret : ring->drain->ops->open(ring->drain);
}

static int begin(struct ring *ring)
{
	int ret = get_memory(ring);

	if (!ret)
		ret = attach_blocks(ring);
	if (!ret)
		ret = try_drain(ring);
	if (!ret)
		ret = give_first(ring);
	if (!ret)
		ret = ring->fill->ops->start(ring->fill);
	/* This has another meaning here. */
	return ret == -EAGAIN ? -EBUSY : ret;
}

/* Return: 0 or a negative errno, -EAGAIN when a port cannot be opened yet. */
static int set_off(struct ring *ring)
{
	int ret;

	ring->fill->run = ring->drain->run = (struct port_run){ .watched = UINT64_MAX };
	ret = open_ports(ring);
	if (!ret)
		ret = begin(ring);
	if (ret < 0)
		ring_let_go(ring);
	return ret;
}

/* Set off with another heap, as long as there is one and a device does not reach the last. */
static int set_off_somehow(struct ring *ring)
{
	int ret = set_off(ring);

	/* What did in the last run may have no memory left. */
	if (ret == -ENOMEM && ring->left_out) {
		ring->left_out = 0;
		ret = set_off(ring);
	}
	while (ret == -EOPNOTSUPP && ring->unreached &&
	       blocks_leave_out(ring->setup.heap, &ring->left_out)) {
		ret = set_off(ring);
		/* It has too little memory: what counts is why the first did not do. */
		if (ret == -ENOMEM)
			ret = -EOPNOTSUPP;
	}
	/* When one port copies, the other may have the first. */
	if (ret < 0)
		ring->left_out = 0;
	return ret;
}

int ring_start(struct ring *ring, const struct ring_setup *setup)
{
	int ret;

	assert(!ring->running);
	assert(setup->block_count <= BLOCKS_MAX);
	ring->setup = *setup;
	ring->end_bytes = ring->full_before_end = UINT64_MAX;
	ring->repeat = ring->alike = ring->alone = false;
	ring->unreached = NULL;
	ring->drain->ends_short = ring->fill->cuts;
	run_statistics_begin(&ring->run, setup->bytes_per_scan);
	ret = set_off_somehow(ring);
	if (ret < 0)
		return ret;
	ring->running = true;
	ring->run.counts.starts++;
	ret = ring_turn(ring);
	if (ret < 0)
		ring_end_run(ring);
	return ret;
}

const struct port *ring_unreached(const struct ring *ring)
{
	return ring->unreached;
}
