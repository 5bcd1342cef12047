// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "iio_copy.h"

/* Take a half, which gives nothing if the device has not filled it. The buffer gets disabled. */
static void skip_half(struct iio_port *iio)
{
	char scan[1024];

	iio_port_disable(iio);
	assert(iio->setup.bytes_per_scan <= sizeof(scan));
	if (read(iio->buffer, scan, iio->setup.bytes_per_scan) < 0 && errno != EAGAIN)
		log_errno(errno, "IIO device \"%s\": cannot empty its buffer: %m", iio->port.name);
}

int iio_copy_read(struct iio_port *iio, const struct iio_copy *copy, uint32_t length)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	ssize_t got = read(iio->buffer, (char *)copy->block.memory + queue->position, length);

	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (got <= 0)
		return error_set(iio->port.error, got ? errno : ENODATA,
				 "IIO device \"%s\": cannot read %u bytes: %m", iio->port.name,
				 length);
	queue->position += (uint32_t)got;
	return 0;
}

/*
 * The half of block @number was read. That queued it again: what the device lost until then it lost
 * before that half's next content.
 */
static int queue_half(struct iio_port *iio, uint64_t number)
{
	struct half *half = &iio->copy_queue->halves[number % HALVES];

	*half = (struct half){ .enqueued_ns = clock_now_ns() };
	return iio_port_count_losses(iio, &half->scans_lost);
}

/* Only the first half is full, and read() takes the second. */
static int restart(struct iio_port *iio)
{
	uint64_t lost;
	int ret;

	log_debug("IIO device \"%s\": the halves of its buffer are out of order", iio->port.name);
	skip_half(iio);
	memset(iio->copy_queue->halves, 0, sizeof(iio->copy_queue->halves));
	iio->copy_queue->full = 0;
	ret = iio_port_count_losses(iio, &lost);
	return ret ? ret : iio_port_enable(iio);
}

/*
 * Both halves are full, and it is too late to see which was first. What they have is lost, and the
 * device fills them anew as they are read. @copy has some bytes of one, and is used for the rest.
 */
static int discard(struct iio_port *iio, struct iio_copy *copy)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	int ret = 0;

	log_debug("IIO device \"%s\": both halves of its buffer are full", iio->port.name);
	for (uint64_t number = 0; !ret && number < HALVES; number++) {
		ret = iio_copy_read(iio, copy, copy->length - queue->position);
		queue->position = 0;
		if (!ret)
			ret = queue_half(iio, number);
	}
	queue->halves[0].scans_lost +=
		HALVES * (uint64_t)(copy->length / iio->setup.bytes_per_scan);
	queue->full = 0;
	return ret;
}

/*
 * The kernel remembers from run to run which half read() takes next, but the device always begins
 * with the first (iio_dma_buffer_dequeue(), iio_dma_buffer_request_update()). After an odd number,
 * which somebody else or a daemon that was killed has left, the first two would come in the wrong
 * order. What tells is whether read() gives something while only the first half is full. A scan of
 * @copy was read then, unless all begins again.
 */
static int find_order(struct iio_port *iio, struct iio_copy *copy)
{
	int ret = iio_copy_read(iio, copy, iio->setup.bytes_per_scan);
	uint64_t usage = 0;

	iio->copy_queue->ordered = true;
	if (ret == -EAGAIN)
		return restart(iio);
	if (!ret)
		ret = iio_copy_usage(iio, &usage);
	if (ret)
		return ret;
	return usage < HALVES * (uint64_t)iio->setup.block_size ? 0 : discard(iio, copy);
}

/* Read until the block @copy is full, or the buffer empty: -EAGAIN. */
static int read_job(struct iio_port *iio, struct iio_copy *copy)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	int ret = 0;

	while (!ret && queue->position < copy->length) {
		ret = iio_copy_read(iio, copy, copy->length - queue->position);
		/* Gaps would be within blocks. */
		if (!ret && queue->position < copy->length)
			return error_set(
				iio->port.error, EMSGSIZE,
				"IIO device \"%s\": its DMA fills %u bytes at once; blocks "
				"of %u bytes are too large: set a \"block_size\" of at most %u",
				iio->port.name, queue->position, copy->length, queue->position);
	}
	return ret;
}

int iio_read_serve(struct iio_port *iio, uint64_t usage)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	uint64_t full = queue->served + usage / iio->setup.block_size;
	struct iio_copy *copy = iio_copy_at(queue, queue->served);
	struct half *half;
	int ret = 0;

	for (; queue->full < full; queue->full++)
		queue->halves[queue->full % HALVES].full_ns = queue->now_ns;
	/* A buffer that is empty since it was made must not be read, iio_dma_buffer_dequeue(). */
	if (!usage || queue->served == queue->submitted)
		return 0;
	if (!queue->position)
		ret = iio_copy_begin(iio, copy);
	if (!ret && !queue->ordered) {
		ret = find_order(iio, copy);
		if (ret || !queue->position)
			return ret;
	}
	if (!ret)
		ret = read_job(iio, copy);
	if (ret)
		return ret == -EAGAIN ? 0 : ret;
	half = &queue->halves[queue->served % HALVES];
	copy->scans_lost = half->scans_lost;
	copy->enqueued_ns = half->enqueued_ns;
	copy->full_ns = half->full_ns ? half->full_ns : queue->now_ns;
	ret = queue_half(iio, queue->served);
	return ret ? ret : iio_copy_end(iio, copy);
}

void iio_read_leave(struct iio_port *iio)
{
	if (iio->enabled && iio->copy_queue->served % HALVES)
		skip_half(iio);
}
