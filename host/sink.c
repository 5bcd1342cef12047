// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOUNCE_SIZE ((size_t)1 << 20)

struct sink {
	int fd;
	uint8_t *bounce; /* where write() cannot take the data itself */
	char *name;	 /* for messages */
	struct failure *failure;
};

int sink_open(const char *path, bool text, struct failure *failure, struct sink **ret)
{
	const bool to_stdout = strcmp(path, "-") == 0;
	struct sink *sink;
	int r;

	if (to_stdout && !text && isatty(STDOUT_FILENO))
		return failure_set(failure, -EINVAL,
				   "standard output is a terminal: samples need a file or a pipe");

	sink = calloc(1, sizeof(*sink));
	if (!sink)
		return failure_set(failure, -ENOMEM, "no memory for the output");
	sink->fd = -1;
	sink->failure = failure;
	sink->name = strdup(to_stdout ? "standard output" : path);
	if (!sink->name) {
		r = failure_set(failure, -ENOMEM, "no memory for the output");
		goto err_close;
	}

	/* A copy of the descriptor, so that both kinds are closed, and checked, in the same way. */
	if (to_stdout)
		sink->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		sink->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (sink->fd < 0) {
		r = failure_set(failure, -errno, "%s cannot be opened for writing: %s", sink->name,
				strerror(errno));
		goto err_close;
	}
	*ret = sink;
	return 0;

err_close:
	sink_close(sink);
	return r;
}

/*
 * A stream's buffers may be memory of the USB controller that is mapped into the program. Most
 * outputs take it, but where the kernel wants the pages themselves (9p, O_DIRECT) it says EFAULT.
 */
static ssize_t write_some(struct sink *sink, const uint8_t *data, size_t size)
{
	ssize_t written;

	if (!sink->bounce) {
		written = write(sink->fd, data, size);
		if (written >= 0 || errno != EFAULT)
			return written;
		sink->bounce = malloc(BOUNCE_SIZE);
		if (!sink->bounce)
			return -1;
	}
	if (size > BOUNCE_SIZE)
		size = BOUNCE_SIZE;
	memcpy(sink->bounce, data, size);
	return write(sink->fd, sink->bounce, size);
}

int sink_write(struct sink *sink, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write_some(sink, data, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return failure_set(sink->failure, -errno, "writing to %s failed: %s",
					   sink->name, strerror(errno));
		data += written;
		size -= (size_t)written;
	}
	return 0;
}

int sink_close(struct sink *sink)
{
	int r = 0;

	if (!sink)
		return 0;
	if (sink->fd >= 0 && close(sink->fd) < 0 && errno != EINTR)
		r = failure_set(sink->failure, -errno, "closing %s failed: %s", sink->name,
				strerror(errno));
	free(sink->bounce);
	free(sink->name);
	free(sink);
	return r;
}
