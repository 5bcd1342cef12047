/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: an IIO buffer whose samples the kernel copies, by read() and write()
 *
 * For buffers and kernels without DMABUFs. iio_copy.c is the port, iio_read.c fills blocks from an
 * input buffer, iio_write.c plays them through an output buffer.
 *
 * A buffer on a DMA engine has two blocks of its own that take turns, its halves, each as large as
 * a block of the ring (drivers/iio/buffer/industrialio-buffer-dma.c). read() gives what the older
 * one holds and queues it again when all of it was read; write() fills one and queues it when it is
 * full. So every gap is at the edge of a half, and an ADC's block is a half. What is played is a
 * stream of bytes: a short block in the middle of a repeated waveform leaves no gap, and the end of
 * the data is filled up with silence.
 */
#ifndef IIOBRIDGE_IIO_COPY_H
#define IIOBRIDGE_IIO_COPY_H

#include "iio_common.h"

#define HALVES	 2u
#define JOBS_MAX (CONFIG_BLOCKS_MAX + PORT_REPEATS_AHEAD)

/**
 * struct job - a block to be filled or played
 * @block: the block
 * @length: bytes
 * @end: of what is played: its place in the stream of bytes
 * @full_ns: of what was filled: when that was seen
 * @enqueued_ns: when its half was queued
 * @scans_lost: before it, where the device counts them
 */
struct job {
	struct block block;
	uint32_t length;
	uint64_t end;
	uint64_t full_ns;
	uint64_t enqueued_ns;
	uint64_t scans_lost;
};

/**
 * struct half - of an input buffer: how its next content came about
 * @enqueued_ns: when it was queued
 * @full_ns: when it was seen full, 0: not yet
 * @scans_lost: before it, where the device counts them
 */
struct half {
	uint64_t enqueued_ns;
	uint64_t full_ns;
	uint64_t scans_lost;
};

/**
 * struct conveyor - the blocks of a port that is open; numbers run from its opening
 * @epoll: has the buffer's file in it
 * @usage: file of an attribute: bytes to be read, or to be written without waiting
 * @jobs: the blocks that the port has
 * @submitted: blocks that the port got
 * @served: blocks that were wholly read or written
 * @reaped: blocks that were given back
 * @position: bytes that were read or written of the next block to serve
 * @now_ns: when the buffer was looked at
 * @halves: of an input buffer
 * @full: of an input buffer: halves that were seen full
 * @ordered: of an input buffer: read() takes its halves as they were filled
 * @bytes: of an output buffer: that went through the file
 * @played: of an output buffer: bytes that the device has played
 * @room: of an output buffer: bytes that can be written to it
 * @first_in_half: of an output buffer: the block that the half being written begins with
 */
struct conveyor {
	int epoll;
	int usage;
	struct job jobs[JOBS_MAX];
	uint64_t submitted;
	uint64_t served;
	uint64_t reaped;
	uint32_t position;
	uint64_t now_ns;

	struct half halves[HALVES];
	uint64_t full;
	bool ordered;

	uint64_t bytes;
	uint64_t played;
	uint64_t room;
	uint64_t first_in_half;
};

/**
 * iio_copy_job() - the job of a block
 * @conveyor: of an open port
 * @number: of the block
 */
static inline struct job *iio_copy_job(struct conveyor *conveyor, uint64_t number)
{
	return &conveyor->jobs[number % JOBS_MAX];
}

/**
 * iio_copy_usage() - how full the buffer is: bytes that can be read, or written without waiting
 * @iio: an open port
 * @usage: receives whole halves where the buffer is on a DMA engine, iio_dma_buffer_usage()
 *
 * Return: 0 or a negative errno, logged.
 */
int iio_copy_usage(const struct iio_port *iio, uint64_t *usage);

/**
 * iio_copy_begin_job() - begin to read or write a block
 * @iio: an open port
 * @job: its next to serve
 *
 * Return: 0 or a negative errno, logged.
 */
int iio_copy_begin_job(const struct iio_port *iio, const struct job *job);

/**
 * iio_copy_end_job() - the block was wholly read or written
 * @iio: an open port
 * @job: its next to serve
 *
 * Return: 0 or a negative errno, logged.
 */
int iio_copy_end_job(struct iio_port *iio, const struct job *job);

/**
 * iio_read_serve() - read the next block
 * @iio: an open port of an input buffer, enabled
 * @usage: what iio_copy_usage() says
 *
 * Before the first block it finds out whether read() takes the half first that was filled first. If
 * not, the buffer begins anew; if that cannot be seen any more, both are lost, which is a gap.
 *
 * Return: 0, also where nothing is there yet, or a negative errno, logged.
 */
int iio_read_serve(struct iio_port *iio, uint64_t usage);

/**
 * iio_read_leave() - leave the halves in order for the next who reads
 * @iio: an open port of an input buffer; gets disabled
 */
void iio_read_leave(struct iio_port *iio);

/**
 * iio_write_serve() - write what goes into the buffer, or into the half that is being written
 * @iio: an open port of an output buffer, enabled
 * @usage: what iio_copy_usage() says
 *
 * Return: 0 or a negative errno, logged.
 */
int iio_write_serve(struct iio_port *iio, uint64_t usage);

#endif
