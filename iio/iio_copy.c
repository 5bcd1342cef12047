// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port of an IIO buffer whose samples the kernel copies.
 *
 * The file is polled for edges: one that a turn has seen is gone. A half that becomes free or full
 * makes an edge, whether anybody waits for it or not.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "buffer.h"
#include "core/heap.h"
#include "core/log.h"
#include "iio_copy.h"
#include "sysfs.h"

/*
 * Whatever the file can do at this moment makes an edge again. A kfifo makes one with each scan as
 * long as it is not read, and does not more than once for each arming.
 */
static int arm(const struct iio_port *iio, int operation)
{
	struct epoll_event interest = { .events = iio->copy_queue->is_kfifo ? EPOLLONESHOT
									    : EPOLLET };

	interest.events |= iio->setup.output ? EPOLLOUT : EPOLLIN;
	if (epoll_ctl(iio->copy_queue->epoll, operation, iio->buffer, &interest) < 0)
		return error_set(iio->port.error, errno,
				 "IIO device \"%s\": cannot poll its buffer: %m", iio->port.name);
	return iio->copy_queue->is_kfifo ? iio_kfifo_set_timer(iio) : 0;
}

/*
 * Each half is one piece of contiguous memory, iio_dma_buffer_alloc_block(). It must not be asked
 * for in vain: iio_dma_buffer_request_update() keeps a pointer to the half of the run before, which
 * it has put, and puts it again the next time (industrialio-buffer-dma.c of Linux 6.12.117).
 */
static int check_size(const struct iio_port *iio)
{
	uint64_t largest = meminfo_largest_piece();

	if (!largest || iio->setup.block_size / 1024 <= largest || meminfo_read("CmaTotal"))
		return 0;
	return error_set(
		iio->port.error, ENOMEM,
		"IIO device \"%s\": blocks of %u bytes are too large to be copied: the two "
		"halves of its buffer are contiguous memory, of which this kernel has at "
		"most %llu KiB in one piece without CMA: %m",
		iio->port.name, iio->setup.block_size, (unsigned long long)largest);
}

/* Choose how long the buffer is. */
static int set_length(struct iio_port *iio)
{
	uint32_t scans = iio->setup.block_size / iio->setup.bytes_per_scan;

	if (iio->copy_queue->is_kfifo)
		return iio_kfifo_set_up(iio);
	return buffer_set_length(iio->setup.converter, HALVES * scans, scans, iio->port.error);
}

static int iio_copy_open(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	bool is_kfifo = !iio->setup.output && !converter_has_dma(iio->setup.converter);
	struct iio_copy_queue *queue;
	int ret = is_kfifo ? 0 : check_size(iio);

	if (ret < 0)
		return ret;
	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return error_set(iio->port.error, ENOMEM, "IIO device \"%s\": %m", port->name);
	iio->copy_queue = queue;
	queue->usage = -1;
	queue->is_kfifo = is_kfifo;
	queue->kfifo.timer = -1;
	queue->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (queue->epoll < 0)
		return error_set(iio->port.error, errno, "IIO device \"%s\": cannot poll: %m",
				 port->name);
	ret = iio_port_open_buffer(iio);
	if (!ret)
		ret = set_length(iio);
	if (!ret)
		ret = sysfs_open(iio->setup.converter, "buffer/data_available", iio->port.error);
	if (ret < 0)
		return ret;
	queue->usage = ret;
	return arm(iio, EPOLL_CTL_ADD);
}

static int iio_copy_attach(struct port *port, const struct block *block)
{
	(void)port;
	assert(block->memory);
	return 0;
}

/* Write a whole half. */
static int write_half(const struct iio_port *iio, const struct block *block)
{
	ssize_t put = -1;
	int ret = block_begin_access(block, false);

	if (!ret) {
		put = write(iio->buffer, block->memory, iio->setup.block_size);
		ret = put < 0 ? -errno : block_end_access(block, false);
	}
	if (!ret && put != (ssize_t)iio->setup.block_size)
		ret = -EIO;
	if (ret)
		return error_set(iio->port.error, ret,
				 "IIO device \"%s\": cannot write a block of %u bytes: %m",
				 iio->port.name, iio->setup.block_size);
	return 0;
}

/*
 * A half that is longer than the engine's longest transfer is not played, and never given back; the
 * kernel tells nobody (iio_dmaengine_buffer_submit_block() in
 * drivers/iio/buffer/industrialio-buffer-dmaengine.c, iio_dma_buffer_submit_block()). One that the
 * engine has got comes back when the buffer is disabled.
 */
static int iio_copy_try(struct port *port, const struct block *block)
{
	struct iio_port *iio = to_iio_port(port);
	uint64_t usage = 0;
	int ret;

	if (!iio_port_is_to_be_tried(iio))
		return 0;
	ret = iio_port_enable(iio);
	if (!ret)
		ret = write_half(iio, block);
	iio_port_disable(iio);
	if (!ret)
		ret = iio_copy_usage(iio, &usage);
	if (ret)
		return ret;
	if (usage < (uint64_t)HALVES * iio->setup.block_size)
		return error_set(iio->port.error, EMSGSIZE,
				 "IIO device \"%s\": its DMA does not take %u bytes at once; set a "
				 "smaller \"block_size\", such as 64 KiB",
				 port->name, iio->setup.block_size);
	iio->tried = iio->setup.block_size;
	return 0;
}

int iio_copy_usage(const struct iio_port *iio, uint64_t *usage)
{
	int ret = sysfs_read_count(iio->copy_queue->usage, usage);

	if (ret < 0)
		return error_set(iio->port.error, ret,
				 "IIO device \"%s\": cannot read how full its buffer is: %m",
				 iio->port.name);
	return 0;
}

static int iio_copy_start(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	uint64_t whole = (uint64_t)HALVES * iio->setup.block_size;
	uint64_t usage;
	int ret = iio_port_enable(iio);

	if (ret)
		return ret;
	if (iio->copy_queue->is_kfifo) {
		iio_kfifo_begin(iio);
		return arm(iio, EPOLL_CTL_MOD);
	}
	if (!iio->setup.output)
		return 0;
	ret = iio_copy_usage(iio, &usage);
	if (ret)
		return ret;
	/* Others count the other way round, or in scans, and cannot tell what was played. */
	if (usage != whole)
		return error_set(iio->port.error, EOPNOTSUPP,
				 "IIO device \"%s\": its empty buffer takes %llu bytes instead of "
				 "%llu: it is not on a DMA engine, and nothing can be played",
				 port->name, (unsigned long long)usage, (unsigned long long)whole);
	return arm(iio, EPOLL_CTL_MOD);
}

static int iio_copy_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct iio_port *iio = to_iio_port(port);
	struct iio_copy_queue *queue = iio->copy_queue;
	bool idle = queue->served == queue->submitted;

	assert(queue->submitted - queue->reaped < COPIES_MAX);
	*iio_copy_at(queue, queue->submitted++) = (struct iio_copy){
		.block = *block,
		.length = length,
	};
	/* The edge may have gone by while there was no block. */
	return idle ? arm(iio, EPOLL_CTL_MOD) : 0;
}

/* Read or write what can be now. */
static int serve(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	struct epoll_event edge;
	uint64_t usage;
	int ret;

	if (epoll_wait(queue->epoll, &edge, 1, 0) < 0)
		return error_set(iio->port.error, errno,
				 "IIO device \"%s\": cannot poll its buffer: %m", iio->port.name);
	if (!iio->enabled)
		return -EAGAIN;
	queue->now_ns = clock_now_ns();
	if (queue->is_kfifo) {
		ret = iio_kfifo_serve(iio);
		if (ret)
			return ret;
		/* Without a block nothing wakes; whoever submits the next one arms it. */
		return queue->served < queue->submitted ? arm(iio, EPOLL_CTL_MOD)
							: iio_kfifo_set_timer(iio);
	}
	ret = iio_copy_usage(iio, &usage);
	if (ret)
		return ret;
	return iio->setup.output ? iio_write_serve(iio, usage) : iio_read_serve(iio, usage);
}

int iio_copy_begin(const struct iio_port *iio, const struct iio_copy *copy)
{
	int ret = block_begin_access(&copy->block, !iio->setup.output);

	if (ret < 0)
		return error_set(iio->port.error, ret,
				 "IIO device \"%s\": cannot access a block: %m", iio->port.name);
	return 0;
}

int iio_copy_release(const struct iio_port *iio, const struct iio_copy *copy)
{
	int ret = block_end_access(&copy->block, !iio->setup.output);

	if (ret < 0)
		return error_set(iio->port.error, ret,
				 "IIO device \"%s\": cannot access a block: %m", iio->port.name);
	return 0;
}

int iio_copy_end(struct iio_port *iio, const struct iio_copy *copy)
{
	iio->copy_queue->served++;
	iio->copy_queue->position = 0;
	return iio_copy_release(iio, copy);
}

static bool is_complete(const struct iio_port *iio, const struct iio_copy *copy)
{
	const struct iio_copy_queue *queue = iio->copy_queue;

	if (queue->reaped == queue->served)
		return false;
	return !iio->setup.output || copy->end <= queue->played;
}

static int iio_copy_reap(struct port *port, struct completion *completion)
{
	struct iio_port *iio = to_iio_port(port);
	struct iio_copy_queue *queue = iio->copy_queue;
	struct iio_copy *copy;
	int ret;

	if (!queue)
		return -EAGAIN;
	ret = serve(iio);
	if (ret)
		return ret;
	copy = iio_copy_at(queue, queue->reaped);
	if (!is_complete(iio, copy))
		return -EAGAIN;
	queue->reaped++;
	*completion = (struct completion){
		.submitted_ns = copy->enqueued_ns,
		.queued_ns = copy->enqueued_ns,
		.time_ns = iio->setup.output ? queue->now_ns : copy->full_ns,
	};
	if (queue->is_kfifo) {
		completion->gap = copy->gap;
		completion->scans_lost = copy->scans_lost;
		completion->length = copy->length;
	} else {
		iio_port_note_completion(iio, completion, copy->scans_lost, copy->length);
	}
	return 0;
}

static int iio_copy_wait_fd(struct port *port)
{
	return to_iio_port(port)->copy_queue->epoll;
}

static void iio_copy_close(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	struct iio_copy_queue *queue = iio->copy_queue;

	if (queue && !iio->setup.output && !queue->is_kfifo)
		iio_read_leave(iio);
	iio_port_close_buffer(iio);
	if (!queue)
		return;
	if (queue->epoll >= 0)
		close(queue->epoll);
	if (queue->usage >= 0)
		close(queue->usage);
	if (queue->kfifo.timer >= 0)
		close(queue->kfifo.timer);
	free(queue);
	iio->copy_queue = NULL;
}

const struct port_ops iio_copy_ops = {
	.open = iio_copy_open,
	.attach = iio_copy_attach,
	.try = iio_copy_try,
	.start = iio_copy_start,
	.submit = iio_copy_submit,
	.reap = iio_copy_reap,
	.wait_fd = iio_copy_wait_fd,
	.close = iio_copy_close,
};
