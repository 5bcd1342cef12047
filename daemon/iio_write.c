// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "iio_copy.h"
#include "iiobridge/log.h"

/* Write what fits into the half that is free. */
static int write_some(struct iio_port *iio, const void *from, uint32_t length, uint32_t *done)
{
	struct conveyor *conveyor = iio->conveyor;
	uint32_t left = iio->setup.block_size - (uint32_t)(conveyor->bytes % iio->setup.block_size);
	ssize_t put = write(iio->buffer, from, length < left ? length : left);
	struct job *first;

	if (put <= 0)
		return log_errno(put ? errno : EIO, "IIO device \"%s\": cannot write %u bytes: %m",
				 iio->port.name, length < left ? length : left);
	if (conveyor->bytes % iio->setup.block_size == 0)
		conveyor->first_in_half = conveyor->served;
	conveyor->bytes += (uint64_t)put;
	conveyor->room -= (uint64_t)put;
	*done += (uint32_t)put;
	if (conveyor->bytes % iio->setup.block_size)
		return 0;
	/* The half is full, and queued: a gap ends here. */
	first = iio_copy_job(conveyor, conveyor->first_in_half);
	first->enqueued_ns = flight_clock();
	return iio_port_count_losses(iio, &first->scans_lost);
}

static int write_job(struct iio_port *iio)
{
	struct conveyor *conveyor = iio->conveyor;
	struct job *job = iio_copy_job(conveyor, conveyor->served);
	int ret = conveyor->position ? 0 : iio_copy_begin_job(iio, job);

	while (!ret && conveyor->room && conveyor->position < job->length)
		ret = write_some(iio, (const char *)job->block.memory + conveyor->position,
				 job->length - conveyor->position, &conveyor->position);
	if (ret || conveyor->position < job->length)
		return ret;
	job->end = conveyor->bytes;
	return iio_copy_end_job(iio, job);
}

/* Nothing follows: the kernel plays a half only when it is full. */
static int write_silence(struct iio_port *iio)
{
	static const char silence[4096];
	struct conveyor *conveyor = iio->conveyor;
	int ret = 0;

	while (!ret && conveyor->bytes % iio->setup.block_size) {
		uint32_t done = 0;

		ret = write_some(iio, silence, sizeof(silence), &done);
	}
	return ret;
}

int iio_write_serve(struct iio_port *iio, uint64_t usage)
{
	struct conveyor *conveyor = iio->conveyor;
	uint64_t size = iio->setup.block_size;
	uint64_t queued = HALVES - usage / size;
	int ret = 0;

	conveyor->played = (conveyor->bytes / size - queued) * size;
	conveyor->room = usage - conveyor->bytes % size;
	while (!ret && conveyor->room && conveyor->served < conveyor->submitted)
		ret = write_job(iio);
	if (!ret && conveyor->served == conveyor->submitted)
		ret = write_silence(iio);
	return ret;
}
