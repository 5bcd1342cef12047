/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: converters
 *
 * A converter is an ADC or a DAC under IIO: its channels, their formats, its rate, which
 * channels make up a scan, and whether its buffer runs. libiio finds the device and describes it;
 * the scan elements, for which libiio 0.x has no call without a buffer of its own, are set in sysfs
 * (Documentation/ABI/testing/sysfs-bus-iio of the kernel).
 */
#ifndef IIOBRIDGE_CONVERTER_H
#define IIOBRIDGE_CONVERTER_H

#include <stdbool.h>
#include <stdint.h>

#include "iiobridge/protocol.h"

struct converter;
struct iio_context;
struct iio_device;

/**
 * converter_open() - find an ADC or a DAC
 * @converter: receives the converter, to be closed by the caller
 * @name: the IIO device's name
 * @output: a DAC
 *
 * Return: 0 or a negative errno, logged: -ENODEV when there is no such device, -EINVAL when it has
 * no buffer in this direction.
 */
int converter_open(struct converter **converter, const char *name, bool output);

/**
 * converter_close() - forget a converter
 * @converter: may be NULL
 */
void converter_close(struct converter *converter);

/**
 * converter_no_such_device() - say that there is no IIO device of a name, and which there are
 * @context: of libiio
 * @name: the name
 *
 * Return: -ENODEV, logged.
 */
int converter_no_such_device(const struct iio_context *context, const char *name);

/**
 * converter_device() - the IIO device as libiio has it
 * @converter: the converter
 *
 * Return: the device, valid as long as the converter.
 */
struct iio_device *converter_device(const struct converter *converter);

/**
 * converter_exists() - whether there is such a device at this moment
 * @name: as for converter_open()
 */
bool converter_exists(const char *name);

/**
 * converter_device_name() - what an IIO device is called in messages
 * @device: a device of libiio's
 *
 * Return: its name, or its id when it has none.
 */
const char *converter_device_name(const struct iio_device *device);

/**
 * converter_name() - name of the IIO device
 * @converter: the converter
 *
 * Return: the name, valid as long as the converter.
 */
const char *converter_name(const struct converter *converter);

/**
 * converter_channel_count() - number of channels that can be part of a scan
 * @converter: the converter
 *
 * Return: from 1 to IIOBRIDGE_MAX_CHANNELS. Channels are numbered by their scan index.
 */
unsigned int converter_channel_count(const struct converter *converter);

/**
 * converter_describe_channel() - fill in what the protocol says of a channel
 * @converter: the converter
 * @channel: less than converter_channel_count()
 * @info: receives the description
 */
void converter_describe_channel(const struct converter *converter, unsigned int channel,
				struct iiobridge_channel_info *info);

/**
 * converter_find_channel() - number of the channel with an id
 * @converter: the converter
 * @id: IIO's channel id, such as voltage0
 *
 * Return: the number, or -EINVAL, logged with the ids that there are.
 */
int converter_find_channel(const struct converter *converter, const char *id);

/**
 * converter_scan_size() - bytes in a scan of some channels
 * @converter: the converter
 * @mask: bit n is channel n, at least one bit
 *
 * Return: bytes with padding, as IIO packs them, or a negative errno.
 */
int converter_scan_size(struct converter *converter, uint32_t mask);

/**
 * converter_sample_rate() - the rate as it is now
 * @converter: the converter
 *
 * Return: scans per 1000 seconds, 0 when the device does not say.
 */
uint64_t converter_sample_rate(const struct converter *converter);

/**
 * converter_block_step() - what the length of a block must be a multiple of for the device
 * @converter: the converter
 *
 * Return: bytes, at least 1.
 */
uint32_t converter_block_step(const struct converter *converter);

/**
 * converter_select() - choose the channels of a scan
 * @converter: a converter whose buffer the caller has open
 * @mask: bit n is channel n
 *
 * Nobody else can use the buffer, so one that is enabled was left so by a program that was killed;
 * it is disabled first.
 *
 * Return: 0 or a negative errno, logged.
 */
int converter_select(struct converter *converter, uint32_t mask);

/**
 * converter_silence() - have a DAC fall silent that a killed program left playing
 * @name: as for converter_open(); there need not be such a device
 *
 * What the kernel repeats goes on without the program that had it repeated: closing the buffer
 * disables nothing, and the block's fence keeps the memory. One that another program has open is
 * left alone.
 *
 * Return: whether it was left so.
 */
bool converter_silence(const char *name);

/**
 * converter_open_buffer() - get the file through which DMABUFs go to and from the device
 * @converter: the converter
 *
 * The file is non-blocking and belongs to the caller. Kernel: IIO_BUFFER_GET_FD_IOCTL in
 * drivers/iio/industrialio-buffer.c.
 *
 * Return: a file descriptor, or a negative errno, logged: -EBUSY when another program has it.
 */
int converter_open_buffer(struct converter *converter);

/**
 * converter_set_buffer_length() - size the kernel's own buffer, which read() and write() use
 * @converter: a converter whose buffer is not enabled
 * @scans: in each half of it
 *
 * A buffer on a DMA engine is two blocks of the kernel, each half of the length, which take turns
 * (iio_dma_buffer_request_update() in drivers/iio/buffer/industrialio-buffer-dma.c).
 *
 * Return: 0 or a negative errno, logged.
 */
int converter_set_buffer_length(struct converter *converter, uint32_t scans);

/**
 * converter_enable() - start or stop sampling
 * @converter: the converter
 * @on: whether to sample
 *
 * Stopping completes the blocks that are queued with -EINTR. A device that has gone is stopped.
 *
 * Return: 0 or a negative errno, logged.
 */
int converter_enable(struct converter *converter, bool on);

/**
 * converter_open_attribute() - get the file of an attribute
 * @converter: the converter
 * @attribute: name of an attribute of the device
 *
 * libiio opens an attribute for each reading; this one is read once for each block. Once the device
 * has gone, reading it fails with ENODEV (kernfs_seq_start() in fs/kernfs/file.c), also when it has
 * come back.
 *
 * Return: a file descriptor, the caller's, or a negative errno, logged.
 */
int converter_open_attribute(struct converter *converter, const char *attribute);

/**
 * converter_read_counter() - read a running count
 * @fd: from converter_open_attribute(), of one that is a running count
 * @count: receives the value
 *
 * Return: 0 or a negative errno, not logged: -EINVAL when it is not a number.
 */
int converter_read_counter(int fd, uint64_t *count);

#endif
