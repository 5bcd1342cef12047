/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: an IIO buffer whose samples the kernel copies, by read() and write()
 *
 * For buffers and kernels without DMABUFs. iio_copy.c is the port, iio_read.c fills blocks from an
 * input buffer on a DMA engine, iio_kfifo.c from one that is a kfifo, a queue of scans, iio_write.c
 * plays them through an output buffer.
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

#define HALVES	   2u
#define COPIES_MAX (BLOCKS_MAX + PORT_REPEATS_AHEAD)

/**
 * struct iio_copy - a block to be filled or played
 * @block: the block
 * @length: bytes
 * @end: of what is played: its place in the stream of bytes
 * @full_ns: of what was filled: when that was seen
 * @enqueued_ns: when its half was queued
 * @gap: there is one before it; of a kfifo
 * @scans_lost: before it, where the device counts them, and in any case of a kfifo
 */
struct iio_copy {
	struct block block;
	uint32_t length;
	uint64_t end;
	uint64_t full_ns;
	uint64_t enqueued_ns;
	bool gap;
	uint64_t scans_lost;
};

/**
 * struct kfifo - an input buffer that is a queue of scans, how full it is, and what it lost
 * @length: scans that it has room for
 * @left: scans that were in it when it was last looked at
 * @looked_ns: when that was, or when the device was enabled
 * @gap: before the next block that is not yet full
 * @scans_lost: in it
 * @timer: polls readable when a block is to be given back that is not full; -1 where that is never
 * @emptied_ns: a time after which all scans came that were not yet read when it was last read
 * @held_ns: a time after which all came that are in the block that is being filled
 */
struct kfifo {
	uint32_t length;
	uint64_t left;
	uint64_t looked_ns;
	bool gap;
	uint64_t scans_lost;
	int timer;
	uint64_t emptied_ns;
	uint64_t held_ns;
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
 * struct iio_copy_queue - the blocks of a port that is open; numbers run from its opening
 * @epoll: has the buffer's file in it, and the timer of a kfifo
 * @usage: file of an attribute: bytes, or scans of a kfifo, to be read, or to be written without
 *	waiting
 * @copies: the blocks that the port has
 * @submitted: blocks that the port got
 * @served: blocks that were wholly read or written
 * @reaped: blocks that were given back
 * @position: bytes that were read or written of the next block to serve
 * @now_ns: when the buffer was looked at
 * @is_kfifo: it is an input buffer without DMA
 * @kfifo: of such a one
 * @halves: of an input buffer on a DMA engine, as what follows
 * @full: of an input buffer: halves that were seen full
 * @ordered: of an input buffer: read() takes its halves as they were filled
 * @bytes: of an output buffer: that went through the file
 * @played: of an output buffer: bytes that the device has played
 * @room: of an output buffer: bytes that can be written to it
 * @first_in_half: of an output buffer: the block that the half being written begins with
 */
struct iio_copy_queue {
	int epoll;
	int usage;
	struct iio_copy copies[COPIES_MAX];
	uint64_t submitted;
	uint64_t served;
	uint64_t reaped;
	uint32_t position;
	uint64_t now_ns;

	bool is_kfifo;
	struct kfifo kfifo;

	struct half halves[HALVES];
	uint64_t full;
	bool ordered;

	uint64_t bytes;
	uint64_t played;
	uint64_t room;
	uint64_t first_in_half;
};

/**
 * iio_copy_at() - the copy of a block
 * @queue: of an open port
 * @number: of the block
 */
static inline struct iio_copy *iio_copy_at(struct iio_copy_queue *queue, uint64_t number)
{
	return &queue->copies[number % COPIES_MAX];
}

/**
 * iio_copy_usage() - how full the buffer is, and what can be written to it without waiting
 * @iio: an open port
 * @usage: receives the bytes of whole halves where the buffer is on a DMA engine,
 *	iio_dma_buffer_usage() in industrialio-buffer-dma.c; of a kfifo the number of scans,
 *	iio_kfifo_buf_data_available() in kfifo_buf.c
 *
 * Return: 0 or a negative errno.
 */
int iio_copy_usage(const struct iio_port *iio, uint64_t *usage);

/**
 * iio_copy_begin() - begin to read or write a block
 * @iio: an open port
 * @copy: its next to serve
 *
 * Return: 0 or a negative errno.
 */
int iio_copy_begin(const struct iio_port *iio, const struct iio_copy *copy);

/**
 * iio_copy_release() - end what iio_copy_begin() began, whatever was read or written
 * @iio: an open port
 * @copy: its next to serve, which stays that
 *
 * Return: 0 or a negative errno.
 */
int iio_copy_release(const struct iio_port *iio, const struct iio_copy *copy);

/**
 * iio_copy_end() - the block was wholly read or written
 * @iio: an open port
 * @copy: its next to serve
 *
 * Return: 0 or a negative errno.
 */
int iio_copy_end(struct iio_port *iio, const struct iio_copy *copy);

/**
 * iio_copy_read() - read a part of a block
 * @iio: an open port of an input buffer, enabled
 * @copy: its next to serve
 * @length: most bytes to read
 *
 * Return: 0, -EAGAIN when the buffer is empty, or a negative errno.
 */
int iio_copy_read(struct iio_port *iio, const struct iio_copy *copy, uint32_t length);

/**
 * iio_read_serve() - read the next block
 * @iio: an open port of an input buffer on a DMA engine, enabled
 * @usage: what iio_copy_usage() says
 *
 * Before the first block it finds out whether read() takes the half first that was filled first. If
 * not, the buffer begins anew; if that cannot be seen any more, both are lost, which is a gap.
 *
 * Return: 0, also where nothing is there yet, or a negative errno.
 */
int iio_read_serve(struct iio_port *iio, uint64_t usage);

/**
 * iio_read_leave() - leave the halves in order for the next who reads
 * @iio: an open port of an input buffer on a DMA engine; gets disabled
 */
void iio_read_leave(struct iio_port *iio);

/**
 * iio_kfifo_set_up() - choose how long the kfifo is
 * @iio: an open port of a kfifo
 *
 * Return: 0 or a negative errno.
 */
int iio_kfifo_set_up(struct iio_port *iio);

/**
 * iio_kfifo_begin() - count the time from now on
 * @iio: an open port of a kfifo, just enabled
 */
void iio_kfifo_begin(struct iio_port *iio);

/**
 * iio_kfifo_set_timer() - wake when the block that is being filled is to be given back
 * @iio: an open port of a kfifo
 *
 * Return: 0 or a negative errno.
 */
int iio_kfifo_set_timer(const struct iio_port *iio);

/**
 * iio_kfifo_serve() - read what is there into the next blocks
 * @iio: an open port of a kfifo, enabled
 *
 * A kfifo that is full has lost scans, as far as anybody knows but a device that counts them. They
 * were to come after those that are in it: of these, what fills no whole block is lost, too, so
 * that the gap is before a block.
 *
 * With a latency the block that is being filled is given back as soon as one of its scans may have
 * waited so long.
 *
 * Return: 0, also where nothing is there yet, or a negative errno.
 */
int iio_kfifo_serve(struct iio_port *iio);

/**
 * iio_write_serve() - write what goes into the buffer, or into the half that is being written
 * @iio: an open port of an output buffer, enabled
 * @usage: what iio_copy_usage() says
 *
 * Return: 0 or a negative errno.
 */
int iio_write_serve(struct iio_port *iio, uint64_t usage);

#endif
