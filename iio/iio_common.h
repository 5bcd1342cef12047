/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what the two kinds of IIO ports share
 *
 * iio_port.c makes the port, opens and enables its buffer and looks for gaps; iio_dmabuf.c passes
 * DMABUFs to the kernel, iio_copy.c has them copied. The kind can change while the port is closed.
 */
#ifndef IIOBRIDGE_IIO_COMMON_H
#define IIOBRIDGE_IIO_COMMON_H

#include "core/fence_list.h"
#include "iio_port.h"
#include "losses.h"

struct iio_copy_queue;

/**
 * struct dmabuf_in_flight - what is known of a DMABUF in flight beside its times
 * @length: bytes that count
 * @scans_lost: before it, where the device counts them
 */
struct dmabuf_in_flight {
	uint32_t length;
	uint64_t scans_lost;
};

/**
 * struct iio_port - an IIO buffer as a port
 * @port: what the ring sees
 * @setup: what it runs on
 * @buffer: the buffer's file, -1 while the port is closed
 * @enabled: the device runs
 * @stopped: what is still in flight will fail, and that is no error; of a port that passes DMABUFs
 * @lost: somebody else had stopped the device by then
 * @switch_file: file that tells whether the buffer is enabled, and cannot be read when the device
 *	has gone; of a port that passes DMABUFs, -1 while it is closed
 * @had_dmabufs: DMABUFs were attached, and the kernel may not have let go of them
 * @losses: how far the search for gaps is
 * @fences: blocks in flight, of a port that passes DMABUFs
 * @in_flight: of these, by number of the block
 * @submitted: number of blocks that went off
 * @tried: bytes in the largest block that the DMA engine of a DAC was found to take, as the port
 *	hands it over
 * @asked: number of blocks that the kernel was asked to repeat
 * @reaped: number of blocks that came back
 * @completed_ns: when the last of these was complete
 * @copy_queue: blocks in flight, of a port that copies; NULL while it is closed
 */
struct iio_port {
	struct port port;
	struct iio_port_setup setup;
	int buffer;
	bool enabled;
	bool stopped;
	bool lost;
	int switch_file;
	bool had_dmabufs;
	struct losses losses;
	struct fence_list fences;
	struct dmabuf_in_flight in_flight[BLOCKS_MAX];
	uint64_t submitted;
	uint32_t tried;
	unsigned int asked;
	uint64_t reaped;
	uint64_t completed_ns;
	struct iio_copy_queue *copy_queue;
};

extern const struct port_ops iio_dmabuf_ops;
extern const struct port_ops iio_copy_ops;

/**
 * to_iio_port() - the IIO port of a port
 * @port: from iio_port_new()
 */
static inline struct iio_port *to_iio_port(struct port *port)
{
	return (struct iio_port *)port;
}

/**
 * iio_port_open_buffer() - open the buffer, choose the channels, begin to look for gaps
 * @iio: a closed port
 *
 * Return: 0 or a negative errno.
 */
int iio_port_open_buffer(struct iio_port *iio);

/**
 * iio_port_is_to_be_tried() - whether only a try tells that its DMA engine takes the blocks
 * @iio: an open port
 *
 * An ADC tells at its start.
 */
bool iio_port_is_to_be_tried(const struct iio_port *iio);

/**
 * iio_port_enable() - let the device run
 * @iio: an open port
 *
 * Return: 0 or a negative errno.
 */
int iio_port_enable(struct iio_port *iio);

/**
 * iio_port_disable() - stop the device
 * @iio: open or closed, enabled or not
 */
void iio_port_disable(struct iio_port *iio);

/**
 * iio_port_close_buffer() - stop the device and close its buffer
 * @iio: open or closed
 */
void iio_port_close_buffer(struct iio_port *iio);

/**
 * iio_port_count_losses() - what the device lost since the last call
 * @iio: an open port
 * @scans: receives the number, 0 when the device does not count
 *
 * Return: 0 or a negative errno.
 */
int iio_port_count_losses(struct iio_port *iio, uint64_t *scans);

/**
 * iio_port_note_completion() - find the gap before a block
 * @iio: an open port
 * @completion: of the block, with its times; receives the gap
 * @counted: scans before the block that are known to be lost
 * @length: bytes in the block
 */
void iio_port_note_completion(struct iio_port *iio, struct completion *completion, uint64_t counted,
			      uint32_t length);

#endif
