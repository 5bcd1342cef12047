// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "ring_common.h"

#define RETRY_US      1000u	  /* how soon a block is offered again that the kernel held */
#define HOLD_LIMIT_NS 5000000000u /* how long the kernel may hold a block */
#define LATE_US	      20000u	  /* how late a completion may be seen that nothing waits for */

/* Number of blocks that the data has, UINT64_MAX as long as that is not known. */
static uint64_t block_total(const struct ring *ring)
{
	uint64_t size = ring->setup.block_size;

	if (ring->end_bytes == UINT64_MAX)
		return UINT64_MAX;
	return ring->end_bytes / size + (ring->end_bytes % size != 0);
}

/* Place of a block's data, counted in blocks: its number, but for those that repeat earlier ones.
 */
static uint64_t block_place(const struct ring *ring, uint64_t number)
{
	return ring->repeat ? number % block_total(ring) : number;
}

/* Which of the ring's blocks it is. */
static unsigned int block_index(const struct ring *ring, uint64_t number)
{
	assert(ring->setup.block_count > 0);
	return (unsigned int)(block_place(ring, number) % ring->setup.block_count);
}

/*
 * Bytes of a block that was filled that count: all, but for one that was cut, the last one, and
 * those that are like it.
 */
static uint32_t block_length(const struct ring *ring, uint64_t number)
{
	uint64_t place = ring->alike ? block_total(ring) - 1 : block_place(ring, number);
	uint64_t begin = place * ring->setup.block_size;

	if (ring->fill->cuts)
		return ring->lengths[block_index(ring, number)];
	if (ring->end_bytes - begin < ring->setup.block_size)
		return (uint32_t)(ring->end_bytes - begin);
	return ring->setup.block_size;
}

static void note_drained(struct ring *ring, const struct completion *completion)
{
	uint64_t number = ring->drain->run.done;
	struct iiobridge_record record;

	run_statistics_drained(&ring->run, block_index(ring, number), completion,
			       block_length(ring, number), &record);
	ring->ops->record(ring->userdata, &record);
}

static void note_end(struct ring *ring)
{
	struct iiobridge_record record;

	run_statistics_end(&ring->run, &record);
	ring->ops->record(ring->userdata, &record);
}

/* Take back what is complete. */
static int reap(struct ring *ring, struct port *port)
{
	struct completion completion;
	int ret;

	while (!(ret = port->ops->reap(port, &completion))) {
		if (completion.status < 0)
			return completion.status;
		if (completion.gap)
			log_debug("route \"%s\": gap of %llu scans at %s before block %llu",
				  ring->name, (unsigned long long)completion.scans_lost, port->name,
				  (unsigned long long)port->run.done);
		if (port == ring->fill) {
			run_statistics_filled(&ring->run, block_index(ring, port->run.done),
					      &completion);
			ring->lengths[block_index(ring, port->run.done)] = completion.length;
		} else {
			note_drained(ring, &completion);
		}
		port->run.done++;
	}
	return ret == -EAGAIN ? 0 : ret;
}

/* Have another turn after @delay_us or a little later. */
static void set_alarm(struct ring *ring, uint64_t delay_us, uint64_t accuracy_us)
{
	sd_event_source_set_time_accuracy(ring->alarm, accuracy_us);
	sd_event_source_set_time_relative(ring->alarm, delay_us);
	sd_event_source_set_enabled(ring->alarm, SD_EVENT_ONESHOT);
}

/* The kernel holds a block for another moment: offer it again soon, but not for ever. */
static int try_again(struct ring *ring, struct port *port)
{
	uint64_t now = clock_now_ns();

	if (!port->run.held_since_ns)
		port->run.held_since_ns = now;
	if (now - port->run.held_since_ns > HOLD_LIMIT_NS)
		return error_set(ring->error, EBUSY,
				 "route \"%s\": the kernel holds a block of %s for more "
				 "than 5 seconds",
				 ring->name, port->name);
	set_alarm(ring, RETRY_US, 1);
	return 0;
}

/* Whether the first blocks go to a device that may repeat one of them by itself. */
static bool asks_device(const struct ring *ring, const struct port *port)
{
	return port == ring->drain && ring->alike && !port->run.started && port->cyclic &&
	       !port->copies;
}

int ring_give(struct ring *ring, struct port *port, uint64_t end)
{
	const bool cyclic = asks_device(ring, port);

	while (port->run.given < end) {
		const struct block *block = &ring->blocks[block_index(ring, port->run.given)];
		/* Whole blocks come in; how much of the last one counts is only played so. */
		uint32_t length = port == ring->drain ? block_length(ring, port->run.given)
						      : ring->setup.block_size;
		int ret = cyclic ? port->ops->submit_cyclic(port, block, length)
				 : port->ops->submit(port, block, length);

		if (ret == -EBUSY)
			return try_again(ring, port);
		port->run.held_since_ns = 0;
		if (ret)
			return ret == -EAGAIN ? 0 : ret;
		port->run.given++;
	}
	port->run.held_since_ns = 0;
	return 0;
}

uint64_t ring_fill_end(const struct ring *ring)
{
	uint64_t end = ring->drain->run.done + ring->setup.block_count;

	return end < block_total(ring) ? end : block_total(ring);
}

/* Full blocks of which it is known how much counts. */
static uint64_t known_full(const struct ring *ring)
{
	return ring->fill->run.done < ring->full_before_end ? ring->fill->run.done
							    : ring->full_before_end;
}

/* Blocks that have to be full before the draining port begins, see DOC in ring.h. */
static uint64_t drain_begin(const struct ring *ring)
{
	uint64_t enough = ring->setup.block_count;

	if (!ring->drain->real_time)
		return 0;
	if (ring->fill->real_time)
		enough /= 2;
	return enough < block_total(ring) ? enough : block_total(ring);
}

/*
 * Blocks that the draining port may have got by now. One that has not begun gets none: a buffer of
 * IIO never gives back a block that it got, if it is closed before it was enabled
 * (iio_dma_buffer_enqueue() in drivers/iio/buffer/industrialio-buffer-dma.c keeps it in a list that
 * only an enabled buffer looks at), and its memory is lost to the kernel.
 */
static uint64_t drain_end(const struct ring *ring)
{
	uint64_t ahead = ring->drain->copies ? PORT_REPEATS_AHEAD : 0;
	uint64_t full = known_full(ring);

	if (!ring->drain->run.started && full < drain_begin(ring))
		return 0;
	if (asks_device(ring, ring->drain))
		return PORT_CYCLIC_BLOCKS;
	if (ring->drain->repeats)
		return ring->drain->run.given;
	if (ring_is_repeating(ring))
		return ring->drain->run.done + block_total(ring) + ahead;
	return full < block_total(ring) ? full : block_total(ring);
}

/* Start the draining port once it has enough to begin with. */
static int start_drain(struct ring *ring)
{
	bool asked = asks_device(ring, ring->drain);
	int ret;

	if (ring->drain->run.started ||
	    ring->drain->run.given < (asked ? PORT_CYCLIC_BLOCKS : drain_begin(ring)))
		return 0;
	ret = ring->drain->ops->start(ring->drain);
	ring->drain->run.started = ret == 0;
	if (ret || !asked)
		return ret;
	if (ring->drain->repeats)
		ring->drain->run.given = 1;
	return ring_give(ring, ring->drain, drain_end(ring));
}

static uint64_t in_flight(const struct port *port)
{
	return port->run.given - port->run.done;
}

/*
 * The port with more blocks wakes the ring, as what it completes is what the other one lacks. What
 * the other completes goes to the end of the longer queue, and can wait for that. A port that
 * copies does its work when it is reaped, however few blocks it has; and what is told of a block
 * may be waited for.
 */
static bool should_wake(const struct ring *ring, const struct port *port, const struct port *other)
{
	return port->copies || ring->setup.prompt || in_flight(port) >= in_flight(other);
}

/* Poll for the oldest block of a port. Closing its sync_file ends the polling for it. */
static int watch(struct ring *ring, struct port *port, const struct port *other)
{
	struct epoll_event interest = { .events = EPOLLIN };
	int fd;

	if (!in_flight(port) || port->run.watched == port->run.done)
		return 0;
	if (!should_wake(ring, port, other)) {
		/* A block that is held wants the alarm sooner. */
		if (!port->run.held_since_ns && !other->run.held_since_ns)
			set_alarm(ring, LATE_US, LATE_US);
		return 0;
	}
	fd = port->ops->wait_fd(port);
	if (fd < 0)
		return 0;
	/* A port that waits for all its blocks with one file is polled already. */
	if (epoll_ctl(ring->epoll, EPOLL_CTL_ADD, fd, &interest) < 0 && errno != EEXIST)
		return error_set(ring->error, errno,
				 "route \"%s\": cannot poll for a block of %s: %m", ring->name,
				 port->name);
	port->run.watched = port->run.done;
	return 0;
}

/* From now on the blocks go round at the draining port alone. */
static void leave_filling_port(struct ring *ring)
{
	if (ring->alone || !ring_is_repeating(ring))
		return;
	ring->alone = true;
	ring->fill->run.given = ring->fill->run.done;
	ring->fill->ops->close(ring->fill);
}

int ring_turn(struct ring *ring)
{
	int ret = reap(ring, ring->drain);

	if (!ret)
		ret = reap(ring, ring->fill);
	leave_filling_port(ring);
	if (!ret)
		ret = ring_give(ring, ring->drain, drain_end(ring));
	if (!ret)
		ret = start_drain(ring);
	if (!ret)
		ret = ring_give(ring, ring->fill, ring_fill_end(ring));
	if (!ret)
		ret = watch(ring, ring->fill, ring->drain);
	if (!ret)
		ret = watch(ring, ring->drain, ring->fill);
	return ret;
}

void ring_let_go(struct ring *ring)
{
	ring->drain->ops->close(ring->drain);
	ring->fill->ops->close(ring->fill);
	for (unsigned int i = 0; i < BLOCKS_MAX; i++)
		block_free(&ring->blocks[i]);
	sd_event_source_set_enabled(ring->alarm, SD_EVENT_OFF);
}

void ring_end_run(struct ring *ring)
{
	ring->running = false;
	ring_let_go(ring);
	ring->let_go_ns = clock_now_ns();
	note_end(ring);
}

void ring_kick(struct ring *ring)
{
	LOG_OF_ROUTE(ring->name);
	int ret;

	if (!ring->running)
		return;
	ret = ring_turn(ring);
	if (!ret && (ring->repeat || ring->drain->run.done < block_total(ring)))
		return;
	ring_end_run(ring);
	ring->ops->end(ring->userdata, ret);
}

/* A second end could need blocks of a filling port that was closed after the first. */
static int refuse_second_end(const struct ring *ring, uint64_t bytes)
{
	if (ring->end_bytes == UINT64_MAX)
		return 0;
	return error_set(
		ring->error, EINVAL,
		"route \"%s\": the data cannot end at byte %llu, it ends at byte %llu already",
		ring->name, (unsigned long long)bytes, (unsigned long long)ring->end_bytes);
}

/* A block that is shorter than the others has to suit the device that takes it, too. */
static int refuse_length(const struct ring *ring, uint64_t bytes)
{
	const struct port_limits *limits = &ring->drain->limits;
	uint32_t step = limits->whole_entries ? ring->setup.block_size : limits->step;
	uint32_t scan = ring->setup.bytes_per_scan;
	uint64_t both = step;

	if (ring->drain->copies || !step || bytes % step == 0)
		return 0;
	while (both % scan)
		both += step;
	return error_set(
		ring->error, EINVAL,
		"route \"%s\": the data cannot end at byte %llu: the device that takes it "
		"moves multiples of %u bytes; let it end after a multiple of %llu samples, "
		"or set transfer = \"copy\"",
		ring->name, (unsigned long long)bytes, step, (unsigned long long)(both / scan));
}

void ring_expect_end(struct ring *ring)
{
	ring->full_before_end = ring->fill->run.done;
}

void ring_expect_no_end(struct ring *ring)
{
	ring->full_before_end = UINT64_MAX;
	ring_kick(ring);
}

int ring_finish(struct ring *ring, uint64_t bytes)
{
	uint64_t full = known_full(ring);
	int ret = refuse_second_end(ring, bytes);

	if (ret < 0)
		return ret;
	if (ring->fill->cuts)
		return error_set(ring->error, EINVAL,
				 "route \"%s\": it has no end but a stop, as its blocks are sent "
				 "before they are full",
				 ring->name);
	ret = refuse_length(ring, bytes);
	if (ret < 0)
		return ret;
	if (bytes <= full * ring->setup.block_size)
		return error_set(ring->error, EINVAL,
				 "route \"%s\": the data cannot end at byte %llu, %llu "
				 "blocks of %u bytes have come already; a transfer that is shorter "
				 "than its block counts as a whole one",
				 ring->name, (unsigned long long)bytes, (unsigned long long)full,
				 ring->setup.block_size);
	ring->end_bytes = bytes;
	ring_expect_no_end(ring);
	return 0;
}

int ring_repeat(struct ring *ring, uint64_t bytes, bool alike)
{
	uint64_t size = ring->setup.block_size;
	uint64_t filled = known_full(ring) * size;
	int ret = refuse_second_end(ring, bytes);

	if (ret < 0)
		return ret;
	if (ring->fill->real_time || !ring->drain->real_time)
		return error_set(ring->error, EINVAL,
				 "route \"%s\": only what a host sends to a DAC can be repeated",
				 ring->name);
	if (bytes <= size || bytes > ring->setup.block_count * size || bytes <= filled)
		return error_set(
			ring->error, EINVAL,
			"route \"%s\": %llu bytes cannot be repeated; it must be more than "
			"%llu, as the host has sent so much, and at most %llu, %u blocks",
			ring->name, (unsigned long long)bytes,
			(unsigned long long)(filled > size ? filled : size),
			(unsigned long long)(ring->setup.block_count * size),
			ring->setup.block_count);
	ret = refuse_length(ring, bytes);
	if (ret < 0)
		return ret;
	ring->end_bytes = bytes;
	ring->repeat = true;
	ring->alike = alike;
	ring_expect_no_end(ring);
	return 0;
}

bool ring_is_repeating(const struct ring *ring)
{
	/* More when the host sent what is none of the data. */
	return ring->running && ring->repeat && ring->fill->run.done >= block_total(ring);
}

bool ring_is_repeated_by_device(const struct ring *ring)
{
	return ring_is_repeating(ring) && ring->drain->repeats;
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	ring_kick(userdata);
	return 0;
}

static int on_alarm(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	ring_kick(userdata);
	return 0;
}

int ring_new(struct ring **ring, sd_event *event, const char *name, struct port *fill,
	     struct port *drain, struct error *error, const struct ring_ops *ops, void *userdata)
{
	struct ring *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "route \"%s\": %m", name);
	*new = (struct ring){
		.name = name,
		.fill = fill,
		.drain = drain,
		.error = error,
		.ops = ops,
		.userdata = userdata,
	};
	for (unsigned int i = 0; i < BLOCKS_MAX; i++)
		new->blocks[i].fd = -1;
	new->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (new->epoll < 0) {
		ret = -errno;
		goto err_free;
	}
	ret = sd_event_add_io(event, &new->wake, new->epoll, EPOLLIN, on_wake, new);
	if (ret < 0)
		goto err_free;
	ret = sd_event_add_time_relative(event, &new->alarm, CLOCK_MONOTONIC, 0, 1, on_alarm, new);
	if (ret < 0)
		goto err_free;
	sd_event_source_set_enabled(new->alarm, SD_EVENT_OFF);
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
	sd_event_source_unref(ring->alarm);
	sd_event_source_unref(ring->wake);
	if (ring->epoll >= 0)
		close(ring->epoll);
	free(ring);
}

static int reap_last(struct ring *ring, struct port *port)
{
	if (port->ops->stop)
		port->ops->stop(port);
	return reap(ring, port);
}

void ring_stop(struct ring *ring)
{
	if (!ring->running)
		return;
	/* What is complete counts, although nobody has looked yet. */
	if (ring->alone || !reap_last(ring, ring->fill))
		reap_last(ring, ring->drain);
	ring_end_run(ring);
}

bool ring_is_running(const struct ring *ring)
{
	return ring->running;
}

void ring_get_statistics(const struct ring *ring, struct iiobridge_statistics *statistics)
{
	*statistics = ring->run.counts;
	statistics->state = ring->running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED;
	statistics->estimated = ring->fill->estimates || ring->drain->estimates;
	/* A run that repeats drains more blocks than were filled, or one, again and again. */
	if (!ring->running && !ring->drain->repeats && ring->fill->run.done > ring->drain->run.done)
		statistics->blocks_failed = ring->fill->run.done - ring->drain->run.done;
}
