/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: an IIO buffer as a port
 *
 * Blocks go to the buffer of a converter by IIO's DMABUF interface, see
 * Documentation/iio/iio_dmabuf_api.rst of the kernel, or by read() and write().
 */
#ifndef IIOBRIDGE_IIO_PORT_H
#define IIOBRIDGE_IIO_PORT_H

#include "converter.h"
#include "core/port.h"

/**
 * struct iio_port_setup - what the port needs to know to run
 * @converter: an open converter; stays the caller's
 * @channel_mask: channels of a scan
 * @bytes_per_scan: bytes
 * @block_size: bytes in a block
 * @output: the converter is a DAC
 * @rate_millihertz: scans per 1000 seconds, 0 when it is not known
 * @cyclic: the kernel is to be asked to repeat a block by itself
 * @latency_us: of a queue of scans: how long one may wait for a block to be full; 0: for ever
 * @loss_counter: attribute that counts lost or missed scans, "" when there is none; stays the
 *	caller's
 * @heap: heap of the route, as for blocks_alloc(); stays the caller's
 */
struct iio_port_setup {
	const struct converter *converter;
	uint32_t channel_mask;
	uint32_t bytes_per_scan;
	uint32_t block_size;
	bool output;
	uint64_t rate_millihertz;
	bool cyclic;
	uint32_t latency_us;
	const char *loss_counter;
	const char *heap;
};

/**
 * iio_port_new() - make a port, filling for an ADC, draining for a DAC
 * @name: of the IIO device, for messages; stays the caller's
 * @error: receives the reasons of failures; stays the caller's
 *
 * Return: the port, closed, or NULL when memory is short.
 */
struct port *iio_port_new(const char *name, struct error *error);

/**
 * iio_port_set_up() - say what the port will run on
 * @port: a closed port from iio_port_new()
 * @setup: copied
 */
void iio_port_set_up(struct port *port, const struct iio_port_setup *setup);

/**
 * iio_port_set_rate() - say how many samples there are from now on
 * @port: from iio_port_new()
 * @millihertz: in 1000 seconds, 0 when that is not known: losses have no number then
 */
void iio_port_set_rate(struct port *port, uint64_t millihertz);

/**
 * iio_port_set_copying() - choose how the port moves its blocks
 * @port: a closed port from iio_port_new()
 * @copying: true: by read() and write(); false, as a new port is: the converter's DMA reads or
 *	writes their DMABUFs itself
 */
void iio_port_set_copying(struct port *port, bool copying);

/**
 * iio_port_free() - close a port and free it
 * @port: from iio_port_new(), or NULL
 */
void iio_port_free(struct port *port);

#endif
