// SPDX-License-Identifier: GPL-2.0-or-later
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"

void sysfs_path(const char *id, const char *file, char path[SYSFS_PATH_SIZE])
{
	snprintf(path, SYSFS_PATH_SIZE, IIO_DEVICES "/%s/%s", id, file);
}

int sysfs_write(int directory, const char *name, const char *value)
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

int sysfs_read(const char *path, char *text, size_t size)
{
	errno = 0;
	if (!text_read(AT_FDCWD, path, text, size) && errno)
		return -errno;
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

bool sysfs_is_read_only(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !(status.st_mode & S_IWUSR);
}

bool sysfs_read_number(const char *path, double *number)
{
	char text[64];

	if (!text_read(AT_FDCWD, path, text, sizeof(text)))
		return false;
	*number = strtod(text, NULL);
	return true;
}

int sysfs_open(const struct converter *converter, const char *attribute, struct error *error)
{
	char path[SYSFS_PATH_SIZE];
	int fd;

	sysfs_path(converter_id(converter), attribute, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(error, errno,
				 "IIO device \"%s\": cannot read attribute \"%s\": %m",
				 converter_name(converter), attribute);
	return fd;
}

int sysfs_read_count(int fd, uint64_t *count)
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
