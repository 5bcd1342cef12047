/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: converters
 *
 * A converter is an ADC or a DAC under IIO: its channels, their formats, its rate, and how large a
 * scan of some of them is. libiio finds the device and describes it, which takes a scan of all
 * devices in sysfs, 0.1 s on a board; what a converter is does not change after that, and any
 * thread may ask.
 *
 * A driver may take its time for its attributes: seconds, for one that begins a calibration. So
 * there are calls that may wait, and that the event loop leaves to another thread.
 */
#ifndef IIOBRIDGE_CONVERTER_H
#define IIOBRIDGE_CONVERTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "iiobridge/protocol.h"

/* Has a folder for each device and each trigger. */
#define IIO_DEVICES "/sys/bus/iio/devices"

/* Its sample rate, in hertz. */
#define RATE_ATTRIBUTE "sampling_frequency"

struct converter;
struct iio_context;
struct iio_device;

/**
 * converter_open() - find an ADC or a DAC; may wait
 * @converter: receives the converter, to be closed by the caller
 * @name: the IIO device's name
 * @output: a DAC
 * @error: receives the reason of a failure
 *
 * Return: 0 or a negative errno: -ENODEV when there is no such device, -EINVAL when it has
 * no buffer in this direction.
 */
int converter_open(struct converter **converter, const char *name, bool output,
		   struct error *error);

/**
 * converter_close() - forget a converter
 * @converter: may be NULL
 */
void converter_close(struct converter *converter);

/**
 * converter_no_such_device() - say that there is no IIO device of a name, and which there are
 * @context: of libiio
 * @name: the name
 * @error: receives the reason
 *
 * Return: -ENODEV.
 */
int converter_no_such_device(const struct iio_context *context, const char *name,
			     struct error *error);

/**
 * converter_is_current() - whether the device is there as converter_open() found it; may wait
 * @converter: the converter
 *
 * For much less than opening it again costs: libiio looks at each file of each device.
 *
 * Return: false also when that cannot be known.
 */
bool converter_is_current(const struct converter *converter);

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
 * converter_find_rate_file() - where the sample rate of a converter is
 * @device: a device of libiio's
 * @output: as a DAC
 *
 * Return: the file, below the folder of the device in sysfs, NULL when there is none; libiio's.
 */
const char *converter_find_rate_file(const struct iio_device *device, bool output);

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
 * @error: receives the reason of a failure, with the ids that there are
 *
 * Return: the number, or -EINVAL.
 */
int converter_find_channel(const struct converter *converter, const char *id, struct error *error);

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
 * converter_silence() - have a DAC fall silent that a killed program left playing
 * @name: as for converter_open(); there need not be such a device
 *
 * What the kernel repeats goes on without the program that had it repeated: closing the buffer
 * disables nothing, and the block's fence keeps the memory.
 *
 * Return: whether it was left so.
 */
bool converter_silence(const char *name);

#endif
