// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "iio_copy.h"
#include "iiobridge/log.h"

/* Take a half, which gives nothing if the device has not filled it. The buffer gets disabled. */
static void skip_half(struct iio_port *iio)
{
	char scan[1024];

	iio_port_disable(iio);
	assert(iio->setup.bytes_per_scan <= sizeof(scan));
	if (read(iio->buffer, scan, iio->setup.bytes_per_scan) < 0 && errno != EAGAIN)
		log_errno(errno, "IIO device \"%s\": cannot empty its buffer: %m", iio->port.name);
}

int iio_copy_read(struct iio_port *iio, const struct job *job, uint32_t length)
{
	struct conveyor *conveyor = iio->conveyor;
	ssize_t got = read(iio->buffer, (char *)job->block.memory + conveyor->position, length);

	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (got <= 0)
		return log_errno(got ? errno : ENODATA,
				 "IIO device \"%s\": cannot read %u bytes: %m", iio->port.name,
				 length);
	conveyor->position += (uint32_t)got;
	return 0;
}

/*
 * The half of block @number was read. That queued it again: what the device lost until then it lost
 * before that half's next content.
 */
static int queue_half(struct iio_port *iio, uint64_t number)
{
	struct half *half = &iio->conveyor->halves[number % HALVES];

	*half = (struct half){ .enqueued_ns = flight_clock() };
	return iio_port_count_losses(iio, &half->scans_lost);
}

/* Only the first half is full, and read() takes the second. */
static int restart(struct iio_port *iio)
{
	uint64_t lost;
	int ret;

	log_debug("IIO device \"%s\": the halves of its buffer are out of order", iio->port.name);
	skip_half(iio);
	memset(iio->conveyor->halves, 0, sizeof(iio->conveyor->halves));
	iio->conveyor->full = 0;
	ret = iio_port_count_losses(iio, &lost);
	return ret ? ret : iio_port_enable(iio);
}

/*
 * Both halves are full, and it is too late to see which was first. What they have is lost, and the
 * device fills them anew as they are read. @job has some bytes of one, and is used for the rest.
 */
static int discard(struct iio_port *iio, struct job *job)
{
	struct conveyor *conveyor = iio->conveyor;
	int ret = 0;

	log_debug("IIO device \"%s\": both halves of its buffer are full", iio->port.name);
	for (uint64_t number = 0; !ret && number < HALVES; number++) {
		ret = iio_copy_read(iio, job, job->length - conveyor->position);
		conveyor->position = 0;
		if (!ret)
			ret = queue_half(iio, number);
	}
	conveyor->halves[0].scans_lost +=
		HALVES * (uint64_t)(job->length / iio->setup.bytes_per_scan);
	conveyor->full = 0;
	return ret;
}

/*
 * The kernel remembers from run to run which half read() takes next, but the device always begins
 * with the first (iio_dma_buffer_dequeue(), iio_dma_buffer_request_update()). After an odd number,
 * which somebody else or a daemon that was killed has left, the first two would come in the wrong
 * order. What tells is whether read() gives something while only the first half is full. A scan of
 * @job was read then, unless all begins again.
 */
static int find_order(struct iio_port *iio, struct job *job)
{
	int ret = iio_copy_read(iio, job, iio->setup.bytes_per_scan);
	uint64_t usage = 0;

	iio->conveyor->ordered = true;
	if (ret == -EAGAIN)
		return restart(iio);
	if (!ret)
		ret = iio_copy_usage(iio, &usage);
	if (ret)
		return ret;
	return usage < HALVES * (uint64_t)iio->setup.block_size ? 0 : discard(iio, job);
}

/* Read until the block @job is full, or the buffer empty: -EAGAIN. */
static int read_job(struct iio_port *iio, struct job *job)
{
	struct conveyor *conveyor = iio->conveyor;
	int ret = 0;

	while (!ret && conveyor->position < job->length) {
		ret = iio_copy_read(iio, job, job->length - conveyor->position);
		/* Gaps would be within blocks. */
		if (!ret && conveyor->position < job->length)
			return log_errno(
				EMSGSIZE,
				"IIO device \"%s\": its DMA fills %u bytes at once; blocks "
				"of %u bytes are too large: set a \"block_size\" of at most %u",
				iio->port.name, conveyor->position, job->length,
				conveyor->position);
	}
	return ret;
}

int iio_read_serve(struct iio_port *iio, uint64_t usage)
{
	struct conveyor *conveyor = iio->conveyor;
	uint64_t full = conveyor->served + usage / iio->setup.block_size;
	struct job *job = iio_copy_job(conveyor, conveyor->served);
	struct half *half;
	int ret = 0;

	for (; conveyor->full < full; conveyor->full++)
		conveyor->halves[conveyor->full % HALVES].full_ns = conveyor->now_ns;
	/* A buffer that is empty since it was made must not be read, iio_dma_buffer_dequeue(). */
	if (!usage || conveyor->served == conveyor->submitted)
		return 0;
	if (!conveyor->position)
		ret = iio_copy_begin_job(iio, job);
	if (!ret && !conveyor->ordered) {
		ret = find_order(iio, job);
		if (ret || !conveyor->position)
			return ret;
	}
	if (!ret)
		ret = read_job(iio, job);
	if (ret)
		return ret == -EAGAIN ? 0 : ret;
	half = &conveyor->halves[conveyor->served % HALVES];
	job->scans_lost = half->scans_lost;
	job->enqueued_ns = half->enqueued_ns;
	job->full_ns = half->full_ns ? half->full_ns : conveyor->now_ns;
	ret = queue_half(iio, conveyor->served);
	return ret ? ret : iio_copy_end_job(iio, job);
}

void iio_read_leave(struct iio_port *iio)
{
	if (iio->enabled && iio->conveyor->served % HALVES)
		skip_half(iio);
}
