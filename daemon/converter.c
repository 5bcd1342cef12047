// SPDX-License-Identifier: GPL-2.0-or-later
#include "converter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iiobridge/log.h"
#include "iiobridge/text.h"
#include "iiobridge/uapi.h"

#define SYSFS_DEVICES "/sys/bus/iio/devices"

struct converter {
	struct iio_context *context;
	struct iio_device *device;
	unsigned int channel_count;
	struct iio_channel *channels[IIOBRIDGE_MAX_CHANNELS];
};

const char *converter_device_name(const struct iio_device *device)
{
	const char *name = iio_device_get_name(device);

	return name ? name : iio_device_get_id(device);
}

static int compare_index(const void *left, const void *right)
{
	long a = iio_channel_get_index(*(struct iio_channel *const *)left);
	long b = iio_channel_get_index(*(struct iio_channel *const *)right);

	return (a > b) - (a < b);
}

static void find_channels(struct converter *converter, bool output)
{
	unsigned int count = iio_device_get_channels_count(converter->device);

	for (unsigned int i = 0; i < count; i++) {
		struct iio_channel *channel = iio_device_get_channel(converter->device, i);

		if (!iio_channel_is_scan_element(channel) ||
		    iio_channel_is_output(channel) != output ||
		    converter->channel_count == IIOBRIDGE_MAX_CHANNELS)
			continue;
		converter->channels[converter->channel_count++] = channel;
	}
	qsort(converter->channels, converter->channel_count, sizeof(converter->channels[0]),
	      compare_index);
}

int converter_no_such_device(const struct iio_context *context, const char *name)
{
	unsigned int count = iio_context_get_devices_count(context);
	char names[256] = "";

	for (unsigned int i = 0; i < count; i++)
		text_list(names, sizeof(names),
			  converter_device_name(iio_context_get_device(context, i)));
	return log_errno(-ENODEV, "there is no IIO device \"%s\"; devices here: %s", name,
			 names[0] ? names : "none");
}

int converter_open(struct converter **converter, const char *name, bool output)
{
	struct converter *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot open IIO device \"%s\": %m", name);
	new->context = iio_create_local_context();
	if (!new->context) {
		/* libiio fails like this, too, on a kernel without any IIO device. */
		ret = log_errno(ENODEV, "there is no IIO device \"%s\"; there are none at all",
				name);
		goto err_close;
	}
	new->device = iio_context_find_device(new->context, name);
	if (!new->device) {
		ret = converter_no_such_device(new->context, name);
		goto err_close;
	}
	find_channels(new, output);
	if (!new->channel_count) {
		ret = log_errno(EINVAL, "IIO device \"%s\" has no buffer for %s", name,
				output ? "output" : "input");
		goto err_close;
	}
	*converter = new;
	return 0;

err_close:
	converter_close(new);
	return ret;
}

void converter_close(struct converter *converter)
{
	if (!converter)
		return;
	if (converter->context)
		iio_context_destroy(converter->context);
	free(converter);
}

struct iio_device *converter_device(const struct converter *converter)
{
	return converter->device;
}

bool converter_exists(const char *name)
{
	struct iio_context *context = iio_create_local_context();
	bool exists = context && iio_context_find_device(context, name);

	if (context)
		iio_context_destroy(context);
	return exists;
}

const char *converter_name(const struct converter *converter)
{
	return converter_device_name(converter->device);
}

unsigned int converter_channel_count(const struct converter *converter)
{
	return converter->channel_count;
}

void converter_describe_channel(const struct converter *converter, unsigned int channel,
				struct iiobridge_channel_info *info)
{
	const struct iio_channel *iio = converter->channels[channel];
	const struct iio_data_format *format = iio_channel_get_data_format(iio);

	*info = (struct iiobridge_channel_info){
		.index = (uint16_t)iio_channel_get_index(iio),
		.big_endian = format->is_be,
		.is_signed = format->is_signed,
		.bits = (uint8_t)format->bits,
		.storage_bits = (uint8_t)format->length,
		.shift = (uint8_t)format->shift,
		.repeat = (uint8_t)(format->repeat ? format->repeat : 1),
	};
	text_copy(info->id, sizeof(info->id), iio_channel_get_id(iio));
}

int converter_find_channel(const struct converter *converter, const char *id)
{
	char ids[256] = "";

	for (unsigned int i = 0; i < converter->channel_count; i++) {
		const char *other = iio_channel_get_id(converter->channels[i]);

		if (strcmp(other, id) == 0)
			return (int)i;
		text_list(ids, sizeof(ids), other);
	}
	return log_errno(EINVAL, "IIO device \"%s\" has no channel \"%s\"; its channels: %s",
			 converter_name(converter), id, ids);
}

/* Tell libiio which channels count; it writes nothing to the device before a buffer is made. */
static void mark_channels(struct converter *converter, uint32_t mask)
{
	for (unsigned int i = 0; i < converter->channel_count; i++) {
		if (mask & (UINT32_C(1) << i))
			iio_channel_enable(converter->channels[i]);
		else
			iio_channel_disable(converter->channels[i]);
	}
}

int converter_scan_size(struct converter *converter, uint32_t mask)
{
	mark_channels(converter, mask);
	return (int)iio_device_get_sample_size(converter->device);
}

uint64_t converter_sample_rate(const struct converter *converter)
{
	static const char attribute[] = "sampling_frequency";
	double rate;

	if (iio_device_attr_read_double(converter->device, attribute, &rate) < 0 &&
	    iio_channel_attr_read_double(converter->channels[0], attribute, &rate) < 0 &&
	    iio_device_buffer_attr_read_double(converter->device, attribute, &rate) < 0)
		return 0;
	return rate > 0 && rate < 1e15 ? (uint64_t)llround(rate * 1000) : 0;
}

uint32_t converter_block_step(const struct converter *converter)
{
	long long step;

	/* Only buffers on a DMA engine have it, drivers/iio/buffer/industrialio-buffer-dmaengine.c
	 */
	if (iio_device_buffer_attr_read_longlong(converter->device, "length_align_bytes", &step) <
		    0 ||
	    step < 1 || step > UINT16_MAX)
		return 1;
	return (uint32_t)step;
}

static int write_file(int directory, const char *name, const char *value)
{
	int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);
	ssize_t written;
	int ret = 0;

	if (fd < 0)
		return -errno;
	written = write(fd, value, strlen(value));
	if (written < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static bool is_selected(const struct converter *converter, uint32_t mask, long index)
{
	for (unsigned int i = 0; i < converter->channel_count; i++)
		if (iio_channel_get_index(converter->channels[i]) == index)
			return mask & (UINT32_C(1) << i);
	return false;
}

static long read_index(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	ssize_t length;

	if (fd < 0)
		return -1;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	return length > 0 ? strtol(text, NULL, 10) : -1;
}

int converter_enable(struct converter *converter, bool on)
{
	int ret = iio_device_buffer_attr_write_bool(converter->device, "enable", on);

	/* A device that has gone does not sample. */
	if (!on && (ret == -ENOENT || ret == -ENODEV))
		return 0;
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot %s its buffer: %m",
				 converter_name(converter), on ? "enable" : "disable");
	return 0;
}

static bool is_enabled(const struct converter *converter)
{
	bool enabled;

	return iio_device_buffer_attr_read_bool(converter->device, "enable", &enabled) >= 0 &&
	       enabled;
}

int converter_set_buffer_length(struct converter *converter, uint32_t scans)
{
	struct iio_device *device = converter->device;
	int ret = iio_device_buffer_attr_write_longlong(device, "length", (long long)scans * 2);

	/* A buffer on a DMA engine sets the second by itself, and has a file that is read-only. */
	if (ret >= 0)
		ret = iio_device_buffer_attr_write_longlong(device, "watermark", scans);
	if (ret < 0 && ret != -EACCES)
		return log_errno(
			ret,
			"IIO device \"%s\": cannot set the length of its buffer to twice %u "
			"scans: %m",
			converter_name(converter), scans);
	return 0;
}

int converter_select(struct converter *converter, uint32_t mask)
{
	struct dirent *entry;
	char path[64];
	DIR *directory;
	int fd, ret = 0;

	if (is_enabled(converter))
		ret = converter_enable(converter, false);
	if (ret < 0)
		return ret;
	snprintf(path, sizeof(path), SYSFS_DEVICES "/%s/scan_elements",
		 iio_device_get_id(converter->device));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory) {
		ret = log_errno(errno, "cannot open %s: %m", path);
		if (fd >= 0)
			close(fd);
		return ret;
	}
	/* Each scan element has a file NAME_index and a switch NAME_en. */
	while (!ret && (entry = readdir(directory))) {
		size_t stem = strlen(entry->d_name);
		char file[sizeof(entry->d_name) + 1];
		bool selected;

		if (stem < 6 || strcmp(entry->d_name + stem - 6, "_index") != 0)
			continue;
		selected = is_selected(converter, mask, read_index(fd, entry->d_name));
		snprintf(file, sizeof(file), "%.*s_en", (int)stem - 6, entry->d_name);
		ret = write_file(fd, file, selected ? "1" : "0");
		if (ret < 0)
			log_errno(ret, "IIO device \"%s\": cannot write %d to %s/%s: %m",
				  converter_name(converter), selected, path, file);
	}
	closedir(directory);
	return ret;
}

/* Return: a file descriptor, or -1. */
static int open_device(const struct converter *converter, char *path, size_t size)
{
	snprintf(path, size, "/dev/%s", iio_device_get_id(converter->device));
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* Disable its buffer, unless another program has it open. */
static bool disable_left_buffer(struct converter *converter)
{
	bool disabled = false;
	int device, number = 0;
	char path[64];

	if (!is_enabled(converter))
		return false;
	device = open_device(converter, path, sizeof(path));
	if (device < 0)
		return false;
	if (ioctl(device, IIO_BUFFER_GET_FD_IOCTL, &number) == 0) {
		disabled = converter_enable(converter, false) == 0;
		close(number);
	}
	close(device);
	return disabled;
}

bool converter_silence(const char *name)
{
	struct converter converter = { .context = iio_create_local_context() };
	bool silenced;

	if (!converter.context)
		return false;
	converter.device = iio_context_find_device(converter.context, name);
	silenced = converter.device && disable_left_buffer(&converter);
	iio_context_destroy(converter.context);
	return silenced;
}

int converter_open_buffer(struct converter *converter)
{
	int device, ret, number = 0;
	char path[64];

	device = open_device(converter, path, sizeof(path));
	if (device < 0)
		return log_errno(errno, "IIO device \"%s\": cannot open %s: %m%s",
				 converter_name(converter), path,
				 errno == EBUSY ? "; another program uses it" : "");
	ret = ioctl(device, IIO_BUFFER_GET_FD_IOCTL, &number) < 0 ? -errno : 0;
	close(device);
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot get its buffer: %m%s",
				 converter_name(converter),
				 ret == -EBUSY ? "; another program uses it" : "");
	if (fcntl(number, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
		ret = log_errno(errno, "IIO device \"%s\": cannot make its buffer non-blocking: %m",
				converter_name(converter));
		close(number);
		return ret;
	}
	return number;
}

int converter_open_attribute(struct converter *converter, const char *attribute)
{
	char path[192];
	int fd;

	snprintf(path, sizeof(path), SYSFS_DEVICES "/%s/%s", iio_device_get_id(converter->device),
		 attribute);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return log_errno(errno, "IIO device \"%s\": cannot read attribute \"%s\": %m",
				 converter_name(converter), attribute);
	return fd;
}

int converter_read_counter(int fd, uint64_t *count)
{
	char text[32];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	char *end;

	if (length < 0)
		return -errno;
	text[length] = '\0';
	errno = 0;
	*count = strtoull(text, &end, 10);
	return end == text || errno ? -EINVAL : 0;
}
