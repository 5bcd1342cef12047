// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blocks from an input buffer that is a queue of scans: a driver puts them into it one by one, when
 * a trigger says so (drivers/iio/buffer/kfifo_buf.c). When there is no room it drops them, and
 * tells nobody.
 */
#include <assert.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "buffer.h"
#include "core/log.h"
#include "iio_copy.h"

/* The kernel has the queue in one piece of memory, __kfifo_alloc() in lib/kfifo.c. */
#define QUEUE_BYTES_MAX (1u << 20)

/* For scans that are thrown away. */
#define SCRATCH_BYTES 32768u

static uint64_t latency_ns(const struct iio_port *iio)
{
	return (uint64_t)iio->setup.latency_us * 1000;
}

static int make_timer(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	struct epoll_event interest = { .events = EPOLLIN };

	queue->kfifo.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (queue->kfifo.timer < 0 ||
	    epoll_ctl(queue->epoll, EPOLL_CTL_ADD, queue->kfifo.timer, &interest) < 0)
		return error_set(iio->port.error, errno,
				 "IIO device \"%s\": cannot make a timer: %m", iio->port.name);
	return 0;
}

void iio_kfifo_begin(struct iio_port *iio)
{
	struct kfifo *kfifo = &iio->copy_queue->kfifo;

	kfifo->looked_ns = kfifo->emptied_ns = kfifo->held_ns = clock_now_ns();
}

int iio_kfifo_set_timer(const struct iio_port *iio)
{
	const struct iio_copy_queue *queue = iio->copy_queue;
	uint64_t end = queue->kfifo.held_ns + latency_ns(iio);
	struct itimerspec setting = { 0 };

	if (queue->kfifo.timer < 0)
		return 0;
	/* Nothing is to be given back without a block; a time that has passed is over at once. */
	if (iio->enabled && queue->served < queue->submitted)
		setting.it_value = clock_timespec(end);
	if (timerfd_settime(queue->kfifo.timer, TFD_TIMER_ABSTIME, &setting, NULL) < 0)
		return error_set(iio->port.error, errno,
				 "IIO device \"%s\": cannot set a timer: %m", iio->port.name);
	return 0;
}

/*
 * Room for two blocks if they are not too long, so that there is a block's time from the watermark
 * on in which to come. A length that is a power of two is what the kernel has, and no more.
 */
int iio_kfifo_set_up(struct iio_port *iio)
{
	uint32_t block = iio->setup.block_size / iio->setup.bytes_per_scan;
	uint32_t length = 2;
	int ret = iio->setup.latency_us ? make_timer(iio) : 0;

	if (ret < 0)
		return ret;
	while (length < 2 * block &&
	       (uint64_t)2 * length * iio->setup.bytes_per_scan <= QUEUE_BYTES_MAX)
		length *= 2;
	iio->copy_queue->kfifo.length = length;
	return buffer_set_length(iio->setup.converter, length,
				 block < length / 2 ? block : length / 2, iio->port.error);
}

/* Read at most @scans into the next block. Return: how many, or as iio_copy_read(). */
static int read_scans(struct iio_port *iio, uint64_t scans)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	struct iio_copy *copy = iio_copy_at(queue, queue->served);
	uint32_t before = queue->position, rest = copy->length - before;
	int ret = before ? 0 : iio_copy_begin(iio, copy);

	if (scans < rest / iio->setup.bytes_per_scan)
		rest = (uint32_t)scans * iio->setup.bytes_per_scan;
	if (!ret)
		ret = iio_copy_read(iio, copy, rest);
	return ret ? ret : (int)((queue->position - before) / iio->setup.bytes_per_scan);
}

/* Hand the block on that is being filled. */
static int end_copy(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	struct iio_copy *copy = iio_copy_at(queue, queue->served);

	copy->length = queue->position;
	copy->full_ns = clock_now_ns();
	copy->gap = queue->kfifo.gap;
	copy->scans_lost = queue->kfifo.scans_lost;
	queue->kfifo.gap = false;
	queue->kfifo.scans_lost = 0;
	queue->kfifo.held_ns = queue->kfifo.emptied_ns;
	return iio_copy_end(iio, copy);
}

static int end_full_copy(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	const struct iio_copy *copy = iio_copy_at(queue, queue->served);

	return queue->position < copy->length ? 0 : end_copy(iio);
}

/* Throw scans away that are in the queue. */
static int drop(struct iio_port *iio, uint64_t scans)
{
	char scratch[SCRATCH_BYTES];
	uint32_t size = iio->setup.bytes_per_scan;
	uint64_t left = scans;

	assert(size <= sizeof(scratch));
	while (left) {
		uint64_t most = sizeof(scratch) / size;
		ssize_t got = read(iio->buffer, scratch, (left < most ? left : most) * size);

		if (got <= 0)
			return error_set(iio->port.error, got ? errno : ENODATA,
					 "IIO device \"%s\": cannot empty its buffer: %m",
					 iio->port.name);
		left -= (uint64_t)got / size;
	}
	iio->copy_queue->kfifo.scans_lost += scans;
	return 0;
}

/* The block that is being filled cannot go on behind a gap. */
static int drop_copy(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	int ret;

	if (!queue->position)
		return 0;
	ret = iio_copy_release(iio, iio_copy_at(queue, queue->served));
	if (ret < 0)
		return ret;
	queue->kfifo.scans_lost += queue->position / iio->setup.bytes_per_scan;
	queue->position = 0;
	return 0;
}

/*
 * What the device lost since the queue was looked at before: what came, but for what is here: the
 * @taken scans that were read since then, and the @left ones that are in the queue at @looked_ns.
 */
static uint64_t estimate_loss(const struct iio_port *iio, uint64_t taken, uint64_t left,
			      uint64_t looked_ns)
{
	const struct kfifo *kfifo = &iio->copy_queue->kfifo;
	double seconds = (double)(looked_ns - kfifo->looked_ns) / 1e9;
	double came = seconds * (double)iio->setup.rate_millihertz / 1e3;
	double here = (double)(taken + left - kfifo->left);

	return came > here ? (uint64_t)(came - here + 0.5) : 0;
}

/*
 * The queue was full, and @left of its scans from then are still in it: behind them @lost are
 * missing.
 */
static int end_at_gap(struct iio_port *iio, uint64_t left, uint64_t lost)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	int ret = end_full_copy(iio);

	while (!ret && left && queue->served < queue->submitted) {
		struct iio_copy *copy = iio_copy_at(queue, queue->served);

		if (left < (copy->length - queue->position) / iio->setup.bytes_per_scan)
			break;
		ret = read_scans(iio, left);
		if (ret > 0) {
			left -= (uint64_t)ret;
			ret = end_full_copy(iio);
		}
	}
	if (!ret)
		ret = drop_copy(iio);
	if (!ret)
		ret = drop(iio, left);
	queue->kfifo.gap = true;
	queue->kfifo.scans_lost += lost;
	return ret;
}

/*
 * @taken scans were just read. Only a look after that tells whether the queue was full before: one
 * before it leaves time in which it can become so.
 */
static int look_for_gap(struct iio_port *iio, uint64_t taken)
{
	struct kfifo *kfifo = &iio->copy_queue->kfifo;
	uint64_t left, lost, looked_ns, before_gap = kfifo->length - taken;
	int ret = iio_copy_usage(iio, &left);
	bool gap;

	looked_ns = clock_now_ns();
	if (!ret)
		ret = iio_port_count_losses(iio, &lost);
	if (ret)
		return ret;
	gap = lost > 0;
	if (iio->port.estimates && left >= before_gap) {
		lost = estimate_loss(iio, taken, left, looked_ns);
		gap = true;
	}
	/* A device may count what it lost elsewhere. */
	if (before_gap > left)
		before_gap = left;
	kfifo->left = gap ? left - before_gap : left;
	kfifo->looked_ns = looked_ns;
	return gap ? end_at_gap(iio, before_gap, lost) : end_full_copy(iio);
}

/* The queue is empty, and has been read since queue->now_ns. */
static int end_old_copy(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	struct kfifo *kfifo = &queue->kfifo;
	int ret = 0;

	kfifo->emptied_ns = queue->now_ns;
	if (iio->setup.latency_us && queue->position &&
	    queue->now_ns >= kfifo->held_ns + latency_ns(iio))
		ret = end_copy(iio);
	if (!queue->position)
		kfifo->held_ns = kfifo->emptied_ns;
	return ret;
}

int iio_kfifo_serve(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	int ret = 0;

	while (!ret && queue->served < queue->submitted) {
		ret = read_scans(iio, UINT64_MAX);
		if (ret > 0)
			ret = look_for_gap(iio, (uint64_t)ret);
	}
	return ret == -EAGAIN ? end_old_copy(iio) : ret;
}
