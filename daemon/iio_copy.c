// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An IIO buffer whose samples the kernel copies, by read() and write(): for buffers and kernels
 * without DMABUFs.
 *
 * A buffer on a DMA engine has two blocks of its own that take turns, its halves, each as large as
 * a block of the ring (drivers/iio/buffer/industrialio-buffer-dma.c). read() gives what the older
 * one holds and queues it again when all of it was read; write() fills one and queues it when it is
 * full. So every gap is at the edge of a half, and an ADC's block is a half. What is played is a
 * stream of bytes: a short block in the middle of a repeated waveform leaves no gap, and the end of
 * the data is filled up with silence.
 *
 * The file is polled for edges: one that a turn has seen is gone. A half that becomes free or full
 * makes an edge, whether anybody waits for it or not.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "iio_common.h"
#include "iiobridge/log.h"
#include "meminfo.h"

#define HALVES	 2u
#define JOBS_MAX (CONFIG_BLOCKS_MAX + PORT_REPEATS_AHEAD)

/* A block to be filled or played. */
struct job {
	struct block block;
	uint32_t length;
	uint64_t end;	  /* of what is played: its place in the stream of bytes */
	uint64_t full_ns; /* of what was filled: when that was seen */
	uint64_t enqueued_ns;
	uint64_t scans_lost;
};

/* A half of an input buffer: how its next content came about. */
struct half {
	uint64_t enqueued_ns;
	uint64_t full_ns; /* 0: not seen yet */
	uint64_t scans_lost;
};

/* The blocks of a port that is open; numbers run from its opening. */
struct conveyor {
	int epoll;
	int usage; /* file of an attribute: bytes to be read, or to be written without waiting */
	struct job jobs[JOBS_MAX];
	uint64_t submitted; /* blocks that the port got */
	uint64_t served;    /* blocks that were wholly read or written */
	uint64_t reaped;
	uint32_t position; /* in the next block to serve */
	uint64_t bytes;	   /* that went through the file */

	struct half halves[HALVES];
	uint64_t full; /* halves of an input buffer that were seen full */

	uint64_t now_ns; /* when the buffer was looked at */

	uint64_t played;	/* bytes of an output buffer that the device has played */
	uint64_t room;		/* bytes that can be written to it */
	uint64_t first_in_half; /* the block that the half being written begins with */
};

static struct job *job_at(struct conveyor *conveyor, uint64_t number)
{
	return &conveyor->jobs[number % JOBS_MAX];
}

/* Whatever the file can do at this moment makes an edge again. */
static int arm(const struct iio_port *iio, int operation)
{
	struct epoll_event interest = { .events = EPOLLET };

	interest.events |= iio->setup.output ? EPOLLOUT : EPOLLIN;
	if (epoll_ctl(iio->conveyor->epoll, operation, iio->buffer, &interest) < 0)
		return log_errno(errno, "IIO device \"%s\": cannot poll its buffer: %m",
				 iio->port.name);
	return 0;
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
	return log_errno(
		ENOMEM,
		"IIO device \"%s\": blocks of %u bytes are too large to be copied: the two "
		"halves of its buffer are contiguous memory, of which this kernel has at "
		"most %llu KiB in one piece without CMA: %m",
		iio->port.name, iio->setup.block_size, (unsigned long long)largest);
}

static int iio_copy_open(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	struct conveyor *conveyor;
	int ret = check_size(iio);

	if (ret < 0)
		return ret;
	conveyor = calloc(1, sizeof(*conveyor));
	if (!conveyor)
		return log_errno(ENOMEM, "IIO device \"%s\": %m", port->name);
	iio->conveyor = conveyor;
	conveyor->usage = -1;
	conveyor->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (conveyor->epoll < 0)
		return log_errno(errno, "IIO device \"%s\": cannot poll: %m", port->name);
	ret = iio_port_open_buffer(iio);
	if (!ret)
		ret = converter_set_buffer_length(
			iio->setup.converter, iio->setup.block_size / iio->setup.bytes_per_scan);
	if (!ret)
		ret = converter_open_attribute(iio->setup.converter, "buffer/data_available");
	if (ret < 0)
		return ret;
	conveyor->usage = ret;
	return arm(iio, EPOLL_CTL_ADD);
}

static int iio_copy_attach(struct port *port, const struct block *block)
{
	(void)port;
	assert(block->memory);
	return 0;
}

static int read_usage(const struct iio_port *iio, uint64_t *usage)
{
	int ret = converter_read_counter(iio->conveyor->usage, usage);

	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot read how full its buffer is: %m",
				 iio->port.name);
	return 0;
}

static int iio_copy_start(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	uint64_t whole = (uint64_t)HALVES * iio->setup.block_size;
	uint64_t usage;
	int ret = iio_port_enable(iio);

	if (ret || !iio->setup.output)
		return ret;
	ret = read_usage(iio, &usage);
	if (ret)
		return ret;
	/* Others count the other way round, or in scans, and cannot tell what was played. */
	if (usage != whole)
		return log_errno(EOPNOTSUPP,
				 "IIO device \"%s\": its empty buffer takes %llu bytes instead of "
				 "%llu: it is not on a DMA engine, and nothing can be played",
				 port->name, (unsigned long long)usage, (unsigned long long)whole);
	return arm(iio, EPOLL_CTL_MOD);
}

static int iio_copy_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct iio_port *iio = to_iio_port(port);
	struct conveyor *conveyor = iio->conveyor;
	bool idle = conveyor->served == conveyor->submitted;

	assert(conveyor->submitted - conveyor->reaped < JOBS_MAX);
	*job_at(conveyor, conveyor->submitted++) = (struct job){
		.block = *block,
		.length = length,
	};
	/* The edge may have gone by while there was no block. */
	return idle ? arm(iio, EPOLL_CTL_MOD) : 0;
}

/* Look at the buffer: how much of it can be read or written now, and since when. */
static int look(struct iio_port *iio, uint64_t *usage)
{
	struct conveyor *conveyor = iio->conveyor;
	struct epoll_event edge;

	if (epoll_wait(conveyor->epoll, &edge, 1, 0) < 0)
		return log_errno(errno, "IIO device \"%s\": cannot poll its buffer: %m",
				 iio->port.name);
	if (!iio->enabled)
		return -EAGAIN;
	conveyor->now_ns = flight_clock();
	return read_usage(iio, usage);
}

static int begin_job(const struct iio_port *iio, const struct job *job)
{
	int ret = block_begin_access(&job->block, !iio->setup.output);

	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot access a block: %m",
				 iio->port.name);
	return 0;
}

static int end_job(struct iio_port *iio, const struct job *job)
{
	int ret = block_end_access(&job->block, !iio->setup.output);

	iio->conveyor->served++;
	iio->conveyor->position = 0;
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot access a block: %m",
				 iio->port.name);
	return 0;
}

/*
 * The kernel remembers from run to run which half read() takes next, but the device always begins
 * with the first (iio_dma_buffer_dequeue(), iio_dma_buffer_request_update()): after an odd number
 * the first two would come in the wrong order. Taking one from the buffer, which is disabled, makes
 * the number even.
 */
static void skip_half(struct iio_port *iio)
{
	char scan[1024];

	iio_port_disable(iio);
	assert(iio->setup.bytes_per_scan <= sizeof(scan));
	/* What the device has not filled gives nothing, and is taken nevertheless. */
	if (read(iio->buffer, scan, iio->setup.bytes_per_scan) < 0 && errno != EAGAIN)
		log_errno(errno, "IIO device \"%s\": cannot empty its buffer: %m", iio->port.name);
}

/* Somebody else, or a daemon that was killed, left an odd number behind: begin anew. */
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

static int read_some(struct iio_port *iio, struct job *job)
{
	struct conveyor *conveyor = iio->conveyor;
	ssize_t got = read(iio->buffer, (char *)job->block.memory + conveyor->position,
			   job->length - conveyor->position);

	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (got <= 0)
		return log_errno(got ? errno : ENODATA,
				 "IIO device \"%s\": cannot read %u bytes: %m", iio->port.name,
				 job->length - conveyor->position);
	conveyor->position += (uint32_t)got;
	conveyor->bytes += (uint64_t)got;
	return 0;
}

/*
 * The next block was read. That queued its half again: what the device lost until then it lost
 * before that half's next content, which is the block after the next.
 */
static int turn_half(struct iio_port *iio, struct job *job)
{
	struct conveyor *conveyor = iio->conveyor;
	struct half *half = &conveyor->halves[conveyor->served % HALVES];

	job->scans_lost = half->scans_lost;
	job->enqueued_ns = half->enqueued_ns;
	job->full_ns = half->full_ns ? half->full_ns : conveyor->now_ns;
	*half = (struct half){ .enqueued_ns = flight_clock() };
	return iio_port_count_losses(iio, &half->scans_lost);
}

/* Read the next block, of which @usage says how much is there. */
static int serve_input(struct iio_port *iio, uint64_t usage)
{
	struct conveyor *conveyor = iio->conveyor;
	uint64_t full = conveyor->served + usage / iio->setup.block_size;
	struct job *job = job_at(conveyor, conveyor->served);
	int ret = 0;

	for (; conveyor->full < full; conveyor->full++)
		conveyor->halves[conveyor->full % HALVES].full_ns = conveyor->now_ns;
	/* A buffer that is empty since it was made must not be read, iio_dma_buffer_dequeue(). */
	if (!usage || conveyor->served == conveyor->submitted)
		return 0;
	if (!conveyor->position)
		ret = begin_job(iio, job);
	while (!ret && conveyor->position < job->length) {
		ret = read_some(iio, job);
		/* Gaps would be within blocks. A buffer that is a queue of scans may give less. */
		if (!ret && conveyor->position < job->length && usage >= iio->setup.block_size)
			return log_errno(
				EMSGSIZE,
				"IIO device \"%s\": its DMA fills %u bytes at once; blocks "
				"of %u bytes are too large",
				iio->port.name, conveyor->position, job->length);
	}
	if (ret == -EAGAIN)
		return conveyor->bytes || !conveyor->full ? 0 : restart(iio);
	if (ret)
		return ret;
	ret = turn_half(iio, job);
	return ret ? ret : end_job(iio, job);
}

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
	first = job_at(conveyor, conveyor->first_in_half);
	first->enqueued_ns = flight_clock();
	return iio_port_count_losses(iio, &first->scans_lost);
}

static int write_job(struct iio_port *iio)
{
	struct conveyor *conveyor = iio->conveyor;
	struct job *job = job_at(conveyor, conveyor->served);
	int ret = conveyor->position ? 0 : begin_job(iio, job);

	while (!ret && conveyor->room && conveyor->position < job->length)
		ret = write_some(iio, (const char *)job->block.memory + conveyor->position,
				 job->length - conveyor->position, &conveyor->position);
	if (ret || conveyor->position < job->length)
		return ret;
	job->end = conveyor->bytes;
	return end_job(iio, job);
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

/* Write what goes into the @usage bytes that are free, or in the half that is being written. */
static int serve_output(struct iio_port *iio, uint64_t usage)
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

static bool is_complete(const struct iio_port *iio, const struct job *job)
{
	const struct conveyor *conveyor = iio->conveyor;

	if (conveyor->reaped == conveyor->served)
		return false;
	return !iio->setup.output || job->end <= conveyor->played;
}

static int iio_copy_reap(struct port *port, struct completion *completion)
{
	struct iio_port *iio = to_iio_port(port);
	struct conveyor *conveyor = iio->conveyor;
	uint64_t usage = 0;
	struct job *job;
	int ret;

	if (!conveyor)
		return -EAGAIN;
	ret = look(iio, &usage);
	if (!ret)
		ret = iio->setup.output ? serve_output(iio, usage) : serve_input(iio, usage);
	if (ret)
		return ret;
	job = job_at(conveyor, conveyor->reaped);
	if (!is_complete(iio, job))
		return -EAGAIN;
	conveyor->reaped++;
	*completion = (struct completion){
		.submitted_ns = job->enqueued_ns,
		.queued_ns = job->enqueued_ns,
		.time_ns = iio->setup.output ? conveyor->now_ns : job->full_ns,
	};
	iio_port_note_completion(iio, completion, job->scans_lost, job->length);
	return 0;
}

static int iio_copy_wait_fd(struct port *port)
{
	return to_iio_port(port)->conveyor->epoll;
}

static void iio_copy_close(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	struct conveyor *conveyor = iio->conveyor;

	if (conveyor && iio->enabled && !iio->setup.output && conveyor->served % HALVES)
		skip_half(iio);
	iio_port_close_buffer(iio);
	if (!conveyor)
		return;
	if (conveyor->epoll >= 0)
		close(conveyor->epoll);
	if (conveyor->usage >= 0)
		close(conveyor->usage);
	free(conveyor);
	iio->conveyor = NULL;
}

const struct port_ops iio_copy_ops = {
	.open = iio_copy_open,
	.attach = iio_copy_attach,
	.start = iio_copy_start,
	.submit = iio_copy_submit,
	.reap = iio_copy_reap,
	.wait_fd = iio_copy_wait_fd,
	.close = iio_copy_close,
};
