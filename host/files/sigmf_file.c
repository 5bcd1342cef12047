// SPDX-License-Identifier: GPL-2.0-or-later
#include "sigmf_file.h"

#include "host/failure.h"
#include "sigmf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_SUFFIX SIGMF_META_SUFFIX ".part"
#define NEW_SUFFIX  SIGMF_META_SUFFIX ".new"

/* Metadata with more than 200 gaps. */
#define RESERVED_SIZE 65536

struct sigmf_file {
	char *path;
	char *part; /* what it is called until it is complete */
	char *new;  /* what metadata are called that are kept, until they are written */
	int fd;
	struct failure *failure;
};

static int fail(const struct sigmf_file *file, const char *what, int error)
{
	return failure_set(file->failure, -error, "%s %s failed: %s", what, file->part,
			   strerror(error));
}

int sigmf_file_open(const char *name, struct failure *failure, struct sigmf_file **ret)
{
	struct sigmf_file *file = calloc(1, sizeof(*file));
	int r;

	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the metadata");
	file->fd = -1;
	file->failure = failure;
	file->path = sigmf_path(name, SIGMF_META_SUFFIX);
	file->part = sigmf_path(name, PART_SUFFIX);
	file->new = sigmf_path(name, NEW_SUFFIX);
	if (!file->path || !file->part || !file->new) {
		r = failure_set(failure, -ENOMEM, "no memory for the metadata");
		goto err_close;
	}
	file->fd = open(file->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file->fd < 0) {
		r = failure_set(failure, -errno, "%s cannot be opened for writing: %s", file->part,
				strerror(errno));
		free(file->part);
		file->part = NULL;
		goto err_close;
	}
	r = posix_fallocate(file->fd, 0, RESERVED_SIZE);
	if (r > 0) {
		r = fail(file, "reserving room for", r);
		goto err_close;
	}
	*ret = file;
	return 0;

err_close:
	sigmf_file_close(file);
	return r;
}

int sigmf_file_begin(struct sigmf_file *file)
{
	if (unlink(file->path) == 0 || errno == ENOENT)
		return 0;
	return failure_set(file->failure, -errno, "%s cannot be removed: %s", file->path,
			   strerror(errno));
}

static int write_text(int fd, const char *text)
{
	const size_t size = strlen(text);
	size_t done = 0;

	while (done < size) {
		const ssize_t written = write(fd, text + done, size - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
	}
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int sigmf_file_keep(const struct sigmf_file *file, const char *text)
{
	int fd = open(file->new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return -errno;
	r = write_text(fd, text);
	/* The name must not be there before what it names, should the power fail. */
	if (r == 0 && fdatasync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && errno != EINTR && r == 0)
		r = -errno;
	if (r == 0 && rename(file->new, file->path) < 0)
		r = -errno;
	if (r < 0)
		unlink(file->new);
	return r;
}

int sigmf_file_write(struct sigmf_file *file, const struct sigmf *meta)
{
	char *text = sigmf_format(meta);
	int r;

	if (!text)
		return failure_set(file->failure, -ENOMEM, "no memory for the metadata");
	r = write_text(file->fd, text);
	free(text);
	if (r < 0)
		return fail(file, "writing to", -r);
	r = close(file->fd);
	file->fd = -1;
	if (r < 0 && errno != EINTR)
		return fail(file, "closing", errno);
	if (rename(file->part, file->path) < 0)
		return fail(file, "renaming", errno);
	free(file->part);
	file->part = NULL;
	return 0;
}

void sigmf_file_close(struct sigmf_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->part)
		unlink(file->part);
	free(file->part);
	free(file->new);
	free(file->path);
	free(file);
}
