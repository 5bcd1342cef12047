// SPDX-License-Identifier: GPL-2.0-or-later
#include "buffer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "core/log.h"
#include "core/text.h"
#include "core/uapi.h"
#include "sysfs.h"
#include "trigger.h"

static int write_attribute(const struct converter *converter, const char *file, uint64_t value)
{
	char path[SYSFS_PATH_SIZE], text[24];

	sysfs_path(converter_id(converter), file, path);
	snprintf(text, sizeof(text), "%" PRIu64, value);
	return sysfs_write(AT_FDCWD, path, text);
}

/* Why a buffer that is refused cannot be enabled, as far as it is known. */
static const char *explain_refusal(const struct converter *converter, int error)
{
	char trigger[CONFIG_TEXT_SIZE];

	if (error != -EINVAL || !trigger_current(converter, trigger, sizeof(trigger)) || trigger[0])
		return "";
	return "; it has no trigger, which \"trigger\" or \"trigger_frequency\" of the route sets";
}

int buffer_enable(const struct converter *converter, bool on, struct error *error)
{
	int ret = write_attribute(converter, "buffer/enable", on);

	/* A device that has gone does not sample. */
	if (!on && (ret == -ENOENT || ret == -ENODEV))
		return 0;
	if (ret < 0)
		return error_set(error, ret, "IIO device \"%s\": cannot %s its buffer: %m%s",
				 converter_name(converter), on ? "enable" : "disable",
				 explain_refusal(converter, ret));
	return 0;
}

int buffer_disable(const struct converter *converter)
{
	struct error error;
	int ret = buffer_enable(converter, false, &error);

	if (ret < 0)
		error_log(&error);
	return ret;
}

static bool is_enabled(const struct converter *converter)
{
	char path[SYSFS_PATH_SIZE], text[8];

	sysfs_path(converter_id(converter), "buffer/enable", path);
	return text_read(AT_FDCWD, path, text, sizeof(text)) && text[0] == '1';
}

static bool is_selected(const struct converter *converter, uint32_t mask, long index)
{
	for (unsigned int i = 0; i < converter_channel_count(converter); i++) {
		struct iiobridge_channel_info channel;

		converter_describe_channel(converter, i, &channel);
		if (channel.index == index)
			return mask & (UINT32_C(1) << i);
	}
	return false;
}

static long read_index(int directory, const char *name)
{
	char text[16];

	return text_read(directory, name, text, sizeof(text)) ? strtol(text, NULL, 10) : -1;
}

int buffer_set_length(const struct converter *converter, uint32_t length, uint32_t watermark,
		      struct error *error)
{
	int ret = write_attribute(converter, "buffer/length", length);

	/* A buffer on a DMA engine sets the second by itself, and has a file that is read-only. */
	if (ret >= 0)
		ret = write_attribute(converter, "buffer/watermark", watermark);
	if (ret < 0 && ret != -EACCES)
		return error_set(
			error, ret,
			"IIO device \"%s\": cannot set the length of its buffer to %u scans, and "
			"its watermark to %u: %m",
			converter_name(converter), length, watermark);
	return 0;
}

int buffer_select(const struct converter *converter, uint32_t mask, struct error *error)
{
	struct dirent *entry;
	char path[SYSFS_PATH_SIZE];
	DIR *directory;
	int fd, ret = 0;

	if (is_enabled(converter))
		ret = buffer_enable(converter, false, error);
	if (ret < 0)
		return ret;
	sysfs_path(converter_id(converter), "scan_elements", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory) {
		ret = error_set(error, errno, "cannot open %s: %m", path);
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
		ret = sysfs_write(fd, file, selected ? "1" : "0");
		if (ret < 0)
			error_set(error, ret, "IIO device \"%s\": cannot write %d to %s/%s: %m",
				  converter_name(converter), selected, path, file);
	}
	closedir(directory);
	return ret;
}

/* Return: a file descriptor, or -1. */
static int open_device(const struct converter *converter, char *path, size_t size)
{
	snprintf(path, size, "/dev/%s", converter_id(converter));
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

bool buffer_take_back(const struct converter *converter)
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
		disabled = buffer_disable(converter) == 0;
		close(number);
	}
	close(device);
	return disabled;
}

int buffer_open(const struct converter *converter, struct error *error)
{
	int device, ret, number = 0;
	char path[64];

	device = open_device(converter, path, sizeof(path));
	if (device < 0)
		return error_set(error, errno, "IIO device \"%s\": cannot open %s: %m%s",
				 converter_name(converter), path,
				 errno == EBUSY ? "; another program uses it" : "");
	ret = ioctl(device, IIO_BUFFER_GET_FD_IOCTL, &number) < 0 ? -errno : 0;
	close(device);
	if (ret < 0)
		return error_set(error, ret, "IIO device \"%s\": cannot get its buffer: %m%s",
				 converter_name(converter),
				 ret == -EBUSY ? "; another program uses it" : "");
	if (fcntl(number, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
		ret = error_set(error, errno,
				"IIO device \"%s\": cannot make its buffer non-blocking: %m",
				converter_name(converter));
		close(number);
		return ret;
	}
	return number;
}
