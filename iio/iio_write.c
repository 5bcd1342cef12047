// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "core/log.h"
#include "iio_copy.h"

/* Write what fits into the half that is free. */
static int write_some(struct iio_port *iio, const void *from, uint32_t length, uint32_t *done)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	uint32_t left = iio->setup.block_size - (uint32_t)(queue->bytes % iio->setup.block_size);
	ssize_t put = write(iio->buffer, from, length < left ? length : left);
	struct iio_copy *first;

	if (put <= 0)
		return error_set(iio->port.error, put ? errno : EIO,
				 "IIO device \"%s\": cannot write %u bytes: %m", iio->port.name,
				 length < left ? length : left);
	if (queue->bytes % iio->setup.block_size == 0)
		queue->first_in_half = queue->served;
	queue->bytes += (uint64_t)put;
	queue->room -= (uint64_t)put;
	*done += (uint32_t)put;
	if (queue->bytes % iio->setup.block_size)
		return 0;
	/* The half is full, and queued: a gap ends here. */
	first = iio_copy_at(queue, queue->first_in_half);
	first->enqueued_ns = clock_now_ns();
	return iio_port_count_losses(iio, &first->scans_lost);
}

static int write_job(struct iio_port *iio)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	struct iio_copy *copy = iio_copy_at(queue, queue->served);
	int ret = queue->position ? 0 : iio_copy_begin(iio, copy);

	while (!ret && queue->room && queue->position < copy->length)
		ret = write_some(iio, (const char *)copy->block.memory + queue->position,
				 copy->length - queue->position, &queue->position);
	if (ret || queue->position < copy->length)
		return ret;
	copy->end = queue->bytes;
	return iio_copy_end(iio, copy);
}

/* Nothing follows: the kernel plays a half only when it is full. */
static int write_silence(struct iio_port *iio)
{
	static const char silence[4096];
	struct iio_copy_queue *queue = iio->copy_queue;
	int ret = 0;

	while (!ret && queue->bytes % iio->setup.block_size) {
		uint32_t done = 0;

		ret = write_some(iio, silence, sizeof(silence), &done);
	}
	return ret;
}

int iio_write_serve(struct iio_port *iio, uint64_t usage)
{
	struct iio_copy_queue *queue = iio->copy_queue;
	uint64_t size = iio->setup.block_size;
	uint64_t queued = HALVES - usage / size;
	int ret = 0;

	queue->played = (queue->bytes / size - queued) * size;
	queue->room = usage - queue->bytes % size;
	while (!ret && queue->room && queue->served < queue->submitted)
		ret = write_job(iio);
	if (!ret && queue->served == queue->submitted)
		ret = write_silence(iio);
	return ret;
}
