/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the buffer of a converter
 *
 * Which channels are in its scans, how long it is, whether it is enabled, and the file through
 * which blocks or bytes go.
 */
#ifndef IIOBRIDGE_BUFFER_H
#define IIOBRIDGE_BUFFER_H

#include "converter.h"

/**
 * buffer_open() - get the file through which DMABUFs go to and from the device
 * @converter: the converter
 * @error: receives the reason of a failure
 *
 * The file is non-blocking and belongs to the caller. Kernel: IIO_BUFFER_GET_FD_IOCTL in
 * drivers/iio/industrialio-buffer.c.
 *
 * Return: a file descriptor, or a negative errno, -EBUSY when another program has it.
 */
int buffer_open(const struct converter *converter, struct error *error);

/**
 * buffer_select() - choose the channels of a scan
 * @converter: a converter whose buffer the caller has open
 * @mask: bit n is channel n
 * @error: receives the reason of a failure
 *
 * Nobody else can use the buffer, so one that is enabled was left so by a program that was killed;
 * it is disabled first.
 *
 * Return: 0 or a negative errno.
 */
int buffer_select(const struct converter *converter, uint32_t mask, struct error *error);

/**
 * buffer_set_length() - size the kernel's own buffer, which read() and write() use
 * @converter: a converter whose buffer is not enabled
 * @length: scans
 * @watermark: how many scans it polls readable with; a buffer on a DMA engine has one of its own
 * @error: receives the reason of a failure
 *
 * A buffer on a DMA engine is two blocks of the kernel, each half of the length, which take turns
 * (iio_dma_buffer_request_update() in drivers/iio/buffer/industrialio-buffer-dma.c).
 *
 * Return: 0 or a negative errno.
 */
int buffer_set_length(const struct converter *converter, uint32_t length, uint32_t watermark,
		      struct error *error);

/**
 * buffer_enable() - start or stop sampling
 * @converter: the converter
 * @on: whether to sample
 * @error: receives the reason of a failure
 *
 * Stopping completes the blocks that are queued with -EINTR. A device that has gone is stopped.
 *
 * Return: 0 or a negative errno.
 */
int buffer_enable(const struct converter *converter, bool on, struct error *error);

/**
 * buffer_disable() - stop sampling, and log why if that fails
 * @converter: the converter
 *
 * Return: as buffer_enable().
 */
int buffer_disable(const struct converter *converter);

/**
 * buffer_take_back() - disable a buffer that a killed program left enabled
 * @converter: the converter
 *
 * One that another program has open is left alone.
 *
 * Return: whether it was left so.
 */
bool buffer_take_back(const struct converter *converter);

#endif
