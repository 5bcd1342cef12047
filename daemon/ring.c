// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "iiobridge/config.h"
#include "iiobridge/log.h"

#define RETRY_US      1000u	  /* how soon a block is offered again that the kernel held */
#define HOLD_LIMIT_NS 5000000000u /* how long the kernel may hold a block */

struct ring {
	const char *name;
	struct port *fill, *drain;
	ring_fault_fn fault;
	void *userdata;

	int epoll; /* polls readable when the oldest block of either port is complete */
	sd_event_source *wake;
	sd_event_source *retry;

	struct ring_setup setup;
	bool running;
	bool counts_losses; /* the filling device counts its lost scans itself */
	struct block blocks[CONFIG_BLOCKS_MAX];

	uint64_t given_to_fill, filled, given_to_drain, drained;
	uint64_t fill_watched, drain_watched; /* which block's completion is being polled for */
	uint64_t last_filled_ns;
	uint64_t held_since_ns; /* since when the kernel answers EBUSY, 0: it does not */
	uint64_t losses;	/* the device's counter when it was last read */
	struct iiobridge_statistics statistics;
};

static unsigned int place(const struct ring *ring, uint64_t number)
{
	return (unsigned int)(number % ring->setup.block_count);
}

static void count_gap(struct ring *ring, uint64_t number, uint64_t scans)
{
	ring->statistics.gaps++;
	ring->statistics.scans_lost += scans;
	log_debug("route \"%s\": gap of %llu scans before block %llu", ring->name,
		  (unsigned long long)scans, (unsigned long long)number);
}

/*
 * For a device that does not count its losses. It had no block from the last completion to the
 * submission of this block, if that came later; what is missing is what the clock says between the
 * last completion and the beginning of this block.
 */
static void estimate_gap(struct ring *ring, const struct completion *completion)
{
	double scans = (double)(completion->time_ns - ring->last_filled_ns) *
			       (double)ring->setup.rate_millihertz / 1e12 -
		       (double)ring->setup.block_size / ring->setup.bytes_per_scan;

	if (ring->filled == 0 || completion->submitted_ns <= ring->last_filled_ns)
		return;
	count_gap(ring, ring->filled, scans > 0 ? (uint64_t)(scans + 0.5) : 0);
}

static int reap_filled(struct ring *ring)
{
	struct completion completion;
	int ret;

	while (!(ret = ring->fill->ops->reap(ring->fill, &completion))) {
		if (completion.status < 0)
			return completion.status;
		if (ring->fill->real_time && !ring->counts_losses)
			estimate_gap(ring, &completion);
		ring->last_filled_ns = completion.time_ns;
		ring->filled++;
	}
	return ret == -EAGAIN ? 0 : ret;
}

static int reap_drained(struct ring *ring)
{
	struct completion completion;
	int ret;

	while (!(ret = ring->drain->ops->reap(ring->drain, &completion))) {
		if (completion.status < 0)
			return completion.status;
		ring->drained++;
	}
	return ret == -EAGAIN ? 0 : ret;
}

/*
 * For a device that counts its losses. A gap ends when a block is submitted, so a look right after
 * each submission gives each gap its own length.
 */
static int count_losses(struct ring *ring, uint64_t number)
{
	uint64_t losses;
	int ret = ring->fill->ops->read_losses(ring->fill, &losses);

	if (ret < 0)
		return ret;
	if (losses != ring->losses)
		count_gap(ring, number, losses - ring->losses);
	ring->losses = losses;
	return 0;
}

/* The kernel holds a block for another moment: offer it again soon, but not for ever. */
static int try_again(struct ring *ring, const struct port *port)
{
	uint64_t now;

	sd_event_now(sd_event_source_get_event(ring->retry), CLOCK_MONOTONIC, &now);
	now *= 1000;
	if (!ring->held_since_ns)
		ring->held_since_ns = now;
	if (now - ring->held_since_ns > HOLD_LIMIT_NS)
		return log_errno(EBUSY,
				 "route \"%s\": the kernel holds a block of %s for more "
				 "than 5 seconds",
				 ring->name, port->name);
	sd_event_source_set_time_relative(ring->retry, RETRY_US);
	sd_event_source_set_enabled(ring->retry, SD_EVENT_ONESHOT);
	return 0;
}

static int submit(struct ring *ring, struct port *port, uint64_t number)
{
	int ret =
		port->ops->submit(port, &ring->blocks[place(ring, number)], ring->setup.block_size);

	if (!ret)
		ring->held_since_ns = 0;
	return ret;
}

static int give_to_drain(struct ring *ring)
{
	int ret = 0;

	while (!ret && ring->given_to_drain < ring->filled) {
		ret = submit(ring, ring->drain, ring->given_to_drain);
		if (!ret)
			ring->given_to_drain++;
	}
	if (ret == -EBUSY)
		return try_again(ring, ring->drain);
	return ret == -EAGAIN ? 0 : ret;
}

static int give_to_fill(struct ring *ring)
{
	int ret = 0;

	while (!ret && ring->given_to_fill < ring->drained + ring->setup.block_count) {
		ret = submit(ring, ring->fill, ring->given_to_fill);
		if (ret)
			break;
		ring->given_to_fill++;
		if (ring->counts_losses)
			ret = count_losses(ring, ring->given_to_fill - 1);
	}
	if (ret == -EBUSY)
		return try_again(ring, ring->fill);
	return ret == -EAGAIN ? 0 : ret;
}

/* Poll for the oldest block of a port. Closing its sync_file ends the polling for it. */
static int watch(struct ring *ring, const struct port *port, uint64_t oldest, uint64_t end,
		 uint64_t *watched)
{
	struct epoll_event interest = { .events = EPOLLIN };

	if (oldest == end || *watched == oldest)
		return 0;
	if (epoll_ctl(ring->epoll, EPOLL_CTL_ADD, port->ops->wait_fd(port), &interest) < 0)
		return log_errno(errno, "route \"%s\": cannot poll for a block of %s: %m",
				 ring->name, port->name);
	*watched = oldest;
	return 0;
}

/* One turn: take back what is complete, hand on what can go. */
static int turn(struct ring *ring)
{
	int ret = reap_drained(ring);

	if (!ret)
		ret = reap_filled(ring);
	if (!ret)
		ret = give_to_drain(ring);
	if (!ret)
		ret = give_to_fill(ring);
	if (!ret)
		ret = watch(ring, ring->fill, ring->filled, ring->given_to_fill,
			    &ring->fill_watched);
	if (!ret)
		ret = watch(ring, ring->drain, ring->drained, ring->given_to_drain,
			    &ring->drain_watched);
	return ret;
}

void ring_kick(struct ring *ring)
{
	int ret;

	if (!ring->running)
		return;
	ret = turn(ring);
	if (ret < 0) {
		ring_stop(ring);
		ring->fault(ring->userdata, ret);
	}
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	ring_kick(userdata);
	return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	ring_kick(userdata);
	return 0;
}

int ring_new(struct ring **ring, sd_event *event, const char *name, struct port *fill,
	     struct port *drain, ring_fault_fn fault, void *userdata)
{
	struct ring *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "route \"%s\": %m", name);
	*new = (struct ring){
		.name = name,
		.fill = fill,
		.drain = drain,
		.fault = fault,
		.userdata = userdata,
	};
	for (unsigned int i = 0; i < CONFIG_BLOCKS_MAX; i++)
		new->blocks[i].fd = -1;
	new->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (new->epoll < 0) {
		ret = -errno;
		goto err_free;
	}
	ret = sd_event_add_io(event, &new->wake, new->epoll, EPOLLIN, on_wake, new);
	if (ret < 0)
		goto err_free;
	ret = sd_event_add_time_relative(event, &new->retry, CLOCK_MONOTONIC, 0, 1, on_retry, new);
	if (ret < 0)
		goto err_free;
	sd_event_source_set_enabled(new->retry, SD_EVENT_OFF);
	*ring = new;
	return 0;

err_free:
	ring_free(new);
	return log_errno(ret, "route \"%s\": cannot join the event loop: %m", name);
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	ring_stop(ring);
	sd_event_source_unref(ring->retry);
	sd_event_source_unref(ring->wake);
	if (ring->epoll >= 0)
		close(ring->epoll);
	free(ring);
}

static int get_blocks(struct ring *ring)
{
	for (uint32_t i = 0; i < ring->setup.block_count; i++) {
		struct block *block = &ring->blocks[i];
		int ret = block_alloc(block, ring->setup.heap, ring->setup.block_size);

		if (!ret)
			ret = ring->fill->ops->attach(ring->fill, block);
		if (!ret)
			ret = ring->drain->ops->attach(ring->drain, block);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int set_off(struct ring *ring)
{
	int ret = ring->fill->ops->open(ring->fill);

	if (!ret)
		ret = ring->drain->ops->open(ring->drain);
	if (!ret)
		ret = get_blocks(ring);
	if (!ret && ring->fill->real_time) {
		ret = ring->fill->ops->read_losses(ring->fill, &ring->losses);
		ring->counts_losses = !ret;
		if (ret == -EOPNOTSUPP)
			ret = 0;
	}
	if (!ret)
		ret = give_to_fill(ring);
	if (!ret)
		ret = ring->fill->ops->start(ring->fill);
	return ret;
}

int ring_start(struct ring *ring, const struct ring_setup *setup)
{
	uint64_t starts = ring->statistics.starts;
	int ret;

	assert(!ring->running);
	assert(setup->block_count <= CONFIG_BLOCKS_MAX);
	ring->setup = *setup;
	ring->given_to_fill = ring->filled = ring->given_to_drain = ring->drained = 0;
	ring->fill_watched = ring->drain_watched = UINT64_MAX;
	ring->held_since_ns = 0;
	ring->counts_losses = false;
	ring->statistics = (struct iiobridge_statistics){ .starts = starts };
	ret = set_off(ring);
	ring->running = true;
	if (!ret)
		ret = turn(ring);
	if (ret < 0) {
		ring_stop(ring);
		return ret;
	}
	ring->statistics.starts++;
	return 0;
}

void ring_stop(struct ring *ring)
{
	if (!ring->running)
		return;
	ring->running = false;
	ring->drain->ops->close(ring->drain);
	ring->fill->ops->close(ring->fill);
	for (unsigned int i = 0; i < CONFIG_BLOCKS_MAX; i++)
		block_free(&ring->blocks[i]);
	sd_event_source_set_enabled(ring->retry, SD_EVENT_OFF);
}

bool ring_is_running(const struct ring *ring)
{
	return ring->running;
}

void ring_get_statistics(const struct ring *ring, struct iiobridge_statistics *statistics)
{
	*statistics = ring->statistics;
	statistics->state = ring->running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED;
	statistics->estimated = !ring->counts_losses;
	statistics->blocks_filled = ring->filled;
	statistics->blocks_drained = ring->drained;
	statistics->blocks_failed = ring->running ? 0 : ring->filled - ring->drained;
	statistics->bytes_drained = ring->drained * ring->setup.block_size;
}
