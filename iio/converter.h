/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: converters
 *
 * A converter is an ADC or a DAC under IIO: its channels, their formats, its rate, which
 * channels make up a scan, and whether its buffer runs. libiio finds the device and describes it,
 * which takes a scan of all devices in sysfs, 0.1 s on a board; what a converter is does not change
 * after that, and any thread may ask. What is done with it is files of sysfs
 * (Documentation/ABI/testing/sysfs-bus-iio of the kernel).
 *
 * A driver may take its time for its attributes: seconds, for one that begins a calibration. So
 * there are calls that may wait, and that the event loop leaves to another thread.
 */
#ifndef IIOBRIDGE_CONVERTER_H
#define IIOBRIDGE_CONVERTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iiobridge/protocol.h"

/* Has a folder for each device and each trigger. */
#define IIO_DEVICES "/sys/bus/iio/devices"

struct converter;
struct iio_context;
struct iio_device;

/**
 * converter_open() - find an ADC or a DAC; may wait
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
 * converter_exists() - whether there is such a device at this moment; may wait
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
 * converter_id() - the kernel's name of the IIO device, such as iio:device0
 * @converter: the converter
 *
 * Return: the id, valid as long as the converter.
 */
const char *converter_id(const struct converter *converter);

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
 * converter_all_channels() - the mask of all of them
 * @converter: the converter
 */
static inline uint32_t converter_all_channels(const struct converter *converter)
{
	return UINT32_MAX >> (32 - converter_channel_count(converter));
}

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
 * @mask: bit n is channel n
 *
 * Return: bytes with padding: each sample at a multiple of its own size, and the whole a multiple
 * of the largest. libiio 0.24 leaves out the padding at the end. 0 when there are none.
 */
uint32_t converter_scan_size(const struct converter *converter, uint32_t mask);

/**
 * converter_read_rate() - ask the device, or its trigger, for the sample rate; may wait
 * @converter: the converter
 * @trigger: name of the trigger that it is going to have, "" for the one that it has
 *
 * A trigger that has a frequency starts each scan.
 *
 * Return: scans per 1000 seconds, 0 when neither trigger nor device say.
 */
uint64_t converter_read_rate(const struct converter *converter, const char *trigger);

/**
 * converter_read_trigger() - what starts the scans
 * @converter: the converter
 * @name: receives the name of the trigger, "" when there is none
 * @size: bytes in @name
 *
 * Return: whether it is a device that a trigger starts; otherwise @name is as it was.
 */
bool converter_read_trigger(const struct converter *converter, char *name, size_t size);

/**
 * converter_set_trigger() - choose what starts the scans; may wait
 * @converter: a converter that does not run, unless a program left it so that was killed
 * @trigger: name of a trigger
 *
 * Return: 0 or a negative errno, logged.
 */
int converter_set_trigger(const struct converter *converter, const char *trigger);

/**
 * converter_has_dma() - whether a DMA engine fills or empties the buffer
 * @converter: the converter
 *
 * Otherwise it is a queue of scans, drivers/iio/buffer/kfifo_buf.c of the kernel, which the
 * processor fills: nothing passes DMABUFs there, and its data_available counts scans, not bytes.
 */
bool converter_has_dma(const struct converter *converter);

/**
 * converter_block_step() - what the length of a block must be a multiple of for the device
 * @converter: the converter
 *
 * Return: bytes, at least 1.
 */
uint32_t converter_block_step(const struct converter *converter);

/**
 * converter_takes_dmabufs() - whether its DMA engine is known to take DMABUFs
 * @converter: the converter
 *
 * Return: false where that has to be tried.
 */
bool converter_takes_dmabufs(const struct converter *converter);

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
int converter_select(const struct converter *converter, uint32_t mask);

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
int converter_open_buffer(const struct converter *converter);

/**
 * converter_set_buffer_length() - size the kernel's own buffer, which read() and write() use
 * @converter: a converter whose buffer is not enabled
 * @length: scans
 * @watermark: how many scans it polls readable with; a buffer on a DMA engine has one of its own
 *
 * A buffer on a DMA engine is two blocks of the kernel, each half of the length, which take turns
 * (iio_dma_buffer_request_update() in drivers/iio/buffer/industrialio-buffer-dma.c).
 *
 * Return: 0 or a negative errno, logged.
 */
int converter_set_buffer_length(const struct converter *converter, uint32_t length,
				uint32_t watermark);

/**
 * converter_enable() - start or stop sampling
 * @converter: the converter
 * @on: whether to sample
 *
 * Stopping completes the blocks that are queued with -EINTR. A device that has gone is stopped.
 *
 * Return: 0 or a negative errno, logged.
 */
int converter_enable(const struct converter *converter, bool on);

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
int converter_open_attribute(const struct converter *converter, const char *attribute);

/**
 * converter_read_counter() - read a running count
 * @fd: from converter_open_attribute(), of one that is a running count
 * @count: receives the value
 *
 * Return: 0 or a negative errno, not logged: -EINVAL when it is not a number.
 */
int converter_read_counter(int fd, uint64_t *count);

#endif
