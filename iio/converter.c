// SPDX-License-Identifier: GPL-2.0-or-later
#include "converter.h"

#include <errno.h>
#include <glob.h>
#include <iio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buffer.h"
#include "config/config.h"
#include "core/text.h"
#include "sysfs.h"
#include "trigger.h"

struct converter {
	char id[32]; /* of the kernel's */
	char name[CONFIG_TEXT_SIZE];
	bool has_dma;
	uint32_t block_step;
	char rate_file[128]; /* "" when there is none */
	uint64_t fingerprint;
	unsigned int channel_count;
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
};

const char *converter_device_name(const struct iio_device *device)
{
	const char *name = iio_device_get_name(device);

	return name ? name : iio_device_get_id(device);
}

static int compare_index(const void *left, const void *right)
{
	const struct iiobridge_channel_info *a = left, *b = right;

	return (a->index > b->index) - (a->index < b->index);
}

static void describe_channel(const struct iio_channel *channel, struct iiobridge_channel_info *info)
{
	const struct iio_data_format *format = iio_channel_get_data_format(channel);

	*info = (struct iiobridge_channel_info){
		.index = (uint16_t)iio_channel_get_index(channel),
		.big_endian = format->is_be,
		.is_signed = format->is_signed,
		.bits = (uint8_t)format->bits,
		.storage_bits = (uint8_t)format->length,
		.shift = (uint8_t)format->shift,
		.repeat = (uint8_t)(format->repeat ? format->repeat : 1),
	};
	text_copy(info->id, sizeof(info->id), iio_channel_get_id(channel));
}

static void find_channels(struct converter *converter, const struct iio_device *device, bool output)
{
	unsigned int count = iio_device_get_channels_count(device);

	for (unsigned int i = 0; i < count; i++) {
		const struct iio_channel *channel = iio_device_get_channel(device, i);

		if (!iio_channel_is_scan_element(channel) ||
		    iio_channel_is_output(channel) != output ||
		    converter->channel_count == IIOBRIDGE_MAX_CHANNELS)
			continue;
		describe_channel(channel, &converter->channels[converter->channel_count++]);
	}
	qsort(converter->channels, converter->channel_count, sizeof(converter->channels[0]),
	      compare_index);
}

/* The rate is one of the device, of its channels, or of the buffer. */
const char *converter_find_rate_file(const struct iio_device *device, bool output)
{
	if (iio_device_find_attr(device, RATE_ATTRIBUTE))
		return RATE_ATTRIBUTE;
	for (unsigned int i = 0; i < iio_device_get_channels_count(device); i++) {
		const struct iio_channel *channel = iio_device_get_channel(device, i);

		if (iio_channel_is_scan_element(channel) &&
		    iio_channel_is_output(channel) == output &&
		    iio_channel_find_attr(channel, RATE_ATTRIBUTE))
			return iio_channel_attr_get_filename(channel, RATE_ATTRIBUTE);
	}
	if (iio_device_find_buffer_attr(device, RATE_ATTRIBUTE))
		return "buffer/" RATE_ATTRIBUTE;
	return NULL;
}

/*
 * Only these buffers have it, and all of them do: iio_dmaengine_buffer_attrs in
 * drivers/iio/buffer/industrialio-buffer-dmaengine.c.
 */
#define OF_DMA_BUFFERS "length_align_bytes"

static uint32_t read_block_step(const struct iio_device *device)
{
	long long step;

	if (iio_device_buffer_attr_read_longlong(device, OF_DMA_BUFFERS, &step) < 0 || step < 1 ||
	    step > UINT16_MAX)
		return 1;
	return (uint32_t)step;
}

static void describe_device(struct converter *converter, const struct iio_device *device)
{
	text_copy(converter->id, sizeof(converter->id), iio_device_get_id(device));
	text_copy(converter->name, sizeof(converter->name), converter_device_name(device));
}

int converter_no_such_device(const struct iio_context *context, const char *name,
			     struct error *error)
{
	unsigned int count = iio_context_get_devices_count(context);
	char names[256] = "";

	for (unsigned int i = 0; i < count; i++)
		text_list(names, sizeof(names),
			  converter_device_name(iio_context_get_device(context, i)));
	return error_set(error, -ENODEV, "there is no IIO device \"%s\"; devices here: %s", name,
			 names[0] ? names : "none");
}

static int describe(struct converter *converter, const struct iio_context *context,
		    const char *name, bool output, struct error *error)
{
	const struct iio_device *device = iio_context_find_device(context, name);
	const char *rate_file;

	if (!device)
		return converter_no_such_device(context, name, error);
	describe_device(converter, device);
	find_channels(converter, device, output);
	if (!converter->channel_count)
		return error_set(error, EINVAL, "IIO device \"%s\" has no buffer for %s", name,
				 output ? "output" : "input");
	rate_file = converter_find_rate_file(device, output);
	if (rate_file)
		text_copy(converter->rate_file, sizeof(converter->rate_file), rate_file);
	converter->has_dma = iio_device_find_buffer_attr(device, OF_DMA_BUFFERS);
	converter->block_step = read_block_step(device);
	return 0;
}

static void fingerprint_add(uint64_t *fingerprint, const void *data, size_t size)
{
	/* FNV-1a, Fowler, Noll and Vo */
	for (size_t i = 0; i < size; i++)
		*fingerprint = (*fingerprint ^ ((const unsigned char *)data)[i]) * 0x100000001b3;
}

/*
 * What another device has otherwise that gets the name of one that has gone: its node in sysfs,
 * whose number is used once (kernfs_new_node() in fs/kernfs/dir.c). And what one and the same may
 * have otherwise than before: the formats of its channels, which some drivers change with an
 * attribute (iio_get_current_scan_type() in include/linux/iio/iio.h).
 */
static uint64_t fingerprint(const char *id)
{
	uint64_t fingerprint = 0xcbf29ce484222325;
	char path[SYSFS_PATH_SIZE], format[64];
	struct stat node;
	glob_t formats;

	sysfs_path(id, "scan_elements", path);
	if (stat(path, &node) < 0)
		return 0;
	fingerprint_add(&fingerprint, &node.st_ino, sizeof(node.st_ino));
	sysfs_path(id, "scan_elements/*_type", path);
	if (glob(path, 0, NULL, &formats))
		return fingerprint;
	for (size_t i = 0; i < formats.gl_pathc; i++)
		if (!sysfs_read(formats.gl_pathv[i], format, sizeof(format)))
			fingerprint_add(&fingerprint, format, strlen(format) + 1);
	globfree(&formats);
	return fingerprint;
}

/* The fingerprint of a device, by one of its names; taken before it is described. */
static uint64_t fingerprint_of(const char *name, char id[CONFIG_TEXT_SIZE])
{
	uint64_t found = 0;
	glob_t devices;

	if (glob(IIO_DEVICES "/iio:device*", 0, NULL, &devices))
		return 0;
	for (size_t i = 0; i < devices.gl_pathc && !found; i++) {
		char path[SYSFS_PATH_SIZE], other[CONFIG_TEXT_SIZE] = "";

		text_copy(id, CONFIG_TEXT_SIZE, strrchr(devices.gl_pathv[i], '/') + 1);
		sysfs_path(id, "name", path);
		sysfs_read(path, other, sizeof(other));
		if (strcmp(name, id) == 0 || strcmp(name, other) == 0)
			found = fingerprint(id);
	}
	globfree(&devices);
	return found;
}

int converter_open(struct converter **converter, const char *name, bool output, struct error *error)
{
	struct converter *new = calloc(1, sizeof(*new));
	char id[CONFIG_TEXT_SIZE] = "";
	struct iio_context *context;
	int ret;

	if (!new)
		return error_set(error, ENOMEM, "cannot open IIO device \"%s\": %m", name);
	new->fingerprint = fingerprint_of(name, id);
	context = iio_create_local_context();
	/* libiio fails like this, too, on a kernel without any IIO device. */
	if (context)
		ret = describe(new, context, name, output, error);
	else
		ret = error_set(error, ENODEV,
				"there is no IIO device \"%s\"; there are none at all", name);
	if (context)
		iio_context_destroy(context);
	if (ret) {
		converter_close(new);
		return ret;
	}
	/* libiio knows labels, too, and may have found another. */
	if (strcmp(new->id, id) != 0)
		new->fingerprint = 0;
	*converter = new;
	return 0;
}

void converter_close(struct converter *converter)
{
	free(converter);
}

bool converter_is_current(const struct converter *converter)
{
	return converter->fingerprint && converter->fingerprint == fingerprint(converter->id);
}

bool converter_exists(const char *name)
{
	struct iio_context *context = iio_create_local_context();
	bool exists = context && iio_context_find_device(context, name);

	if (context)
		iio_context_destroy(context);
	return exists;
}

const char *converter_id(const struct converter *converter)
{
	return converter->id;
}

const char *converter_name(const struct converter *converter)
{
	return converter->name;
}

unsigned int converter_channel_count(const struct converter *converter)
{
	return converter->channel_count;
}

void converter_describe_channel(const struct converter *converter, unsigned int channel,
				struct iiobridge_channel_info *info)
{
	*info = converter->channels[channel];
}

int converter_find_channel(const struct converter *converter, const char *id, struct error *error)
{
	char ids[256] = "";

	for (unsigned int i = 0; i < converter->channel_count; i++) {
		const char *other = converter->channels[i].id;

		if (strcmp(other, id) == 0)
			return (int)i;
		text_list(ids, sizeof(ids), other);
	}
	return error_set(error, EINVAL, "IIO device \"%s\" has no channel \"%s\"; its channels: %s",
			 converter_name(converter), id, ids);
}

/* As the kernel's ALIGN(), which is no multiple of what is not a power of two. */
static uint32_t align(uint32_t bytes, uint32_t to)
{
	return (bytes + to - 1) & ~(to - 1);
}

/* As iio_compute_scan_bytes() in drivers/iio/industrialio-buffer.c has it. */
uint32_t converter_scan_size(const struct converter *converter, uint32_t mask)
{
	const struct iiobridge_channel_info *last = NULL;
	uint32_t size = 0, largest = 1;

	for (unsigned int i = 0; i < converter->channel_count; i++) {
		const struct iiobridge_channel_info *channel = &converter->channels[i];
		uint32_t bytes = channel->storage_bits / 8u * channel->repeat;
		/* Channels may be parts of one scan element. */
		bool is_part = last && last->index == channel->index;

		if (!(mask & (UINT32_C(1) << i)) || !bytes || is_part)
			continue;
		last = channel;
		size = align(size, bytes) + bytes;
		largest = bytes > largest ? bytes : largest;
	}
	return align(size, largest);
}

bool converter_has_dma(const struct converter *converter)
{
	return converter->has_dma;
}

uint32_t converter_block_step(const struct converter *converter)
{
	return converter->block_step;
}

/*
 * Drivers of DMA engines that have device_prep_peripheral_dma_vec, without which every DMABUF fails
 * (iio_dmaengine_buffer_submit_block()): read from Linux 6.12.117 and 7.3.4.
 */
static const char *const engines[] = {
	"dma-axi-dmac", /* drivers/dma/dma-axi-dmac.c */
	"iiosim-dma",	/* the simulated one of the tests */
};

/* @channel: folder of a DMA channel, or a link to it */
static bool engine_is_known(const char *channel)
{
	char path[256], driver[CONFIG_TEXT_SIZE];

	snprintf(path, sizeof(path), "%s/device/driver", channel);
	text_read_link(path, driver, sizeof(driver));
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strcmp(driver, engines[i]) == 0)
			return true;
	return false;
}

/* Return: 1 when all channels are of known engines, 0 when one is not, -1 when there is none. */
static int engines_are_known(const char *pattern, const char *end)
{
	glob_t channels;
	int known = -1;

	if (glob(pattern, GLOB_NOSORT, NULL, &channels))
		return -1;
	for (size_t i = 0; i < channels.gl_pathc && known; i++) {
		channels.gl_pathv[i][strlen(channels.gl_pathv[i]) - strlen(end)] = '\0';
		known = engine_is_known(channels.gl_pathv[i]);
	}
	globfree(&channels);
	return known;
}

bool converter_takes_dmabufs(const struct converter *converter)
{
	char pattern[128];
	int known;

	/*
	 * dma_request_chan() in drivers/dma/dmaengine.c links the channel to the device that it is
	 * for, and the other way round. Where that is a backend of the IIO device nothing says
	 * which one, and all that are in use have to do.
	 */
	snprintf(pattern, sizeof(pattern), IIO_DEVICES "/%s/../dma:*", converter->id);
	known = engines_are_known(pattern, "");
	if (known < 0)
		known = engines_are_known("/sys/class/dma/*/slave", "/slave");
	return known > 0;
}

uint64_t converter_read_rate(const struct converter *converter, const char *trigger)
{
	char path[SYSFS_PATH_SIZE], current[CONFIG_TEXT_SIZE] = "";
	double rate = 0;

	if (!trigger[0])
		trigger_current(converter, current, sizeof(current));
	sysfs_path(converter->id, converter->rate_file, path);
	if (!trigger_read_frequency(trigger[0] ? trigger : current, &rate) &&
	    converter->rate_file[0])
		sysfs_read_number(path, &rate);
	return rate > 0 && rate < 1e15 ? (uint64_t)llround(rate * 1000) : 0;
}

bool converter_silence(const char *name)
{
	struct iio_context *context = iio_create_local_context();
	const struct iio_device *device = context ? iio_context_find_device(context, name) : NULL;
	struct converter converter = { .id = "" };

	if (device)
		describe_device(&converter, device);
	if (context)
		iio_context_destroy(context);
	return converter.id[0] && buffer_take_back(&converter);
}
