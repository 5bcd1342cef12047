// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source {
	int fd;
	char *name; /* for messages */
	uint64_t size;
	struct failure *failure;
};

/* Standard input may stand anywhere in its file. */
static uint64_t bytes_left(int fd)
{
	struct stat status;
	off_t position;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return 0;
	position = lseek(fd, 0, SEEK_CUR);
	return position >= 0 && position < status.st_size ? (uint64_t)(status.st_size - position)
							  : 0;
}

int source_open(const char *path, struct failure *failure, struct source **ret)
{
	const int from_stdin = strcmp(path, "-") == 0;
	struct source *source;
	int r;

	if (from_stdin && isatty(STDIN_FILENO))
		return failure_set(failure, -EINVAL,
				   "standard input is a terminal: samples come from a file or a "
				   "pipe");

	source = calloc(1, sizeof(*source));
	if (!source)
		return failure_set(failure, -ENOMEM, "no memory for the input");
	source->fd = -1;
	source->failure = failure;
	source->name = strdup(from_stdin ? "standard input" : path);
	if (!source->name) {
		r = failure_set(failure, -ENOMEM, "no memory for the input");
		goto err_close;
	}

	/* A copy of the descriptor, so that both kinds are closed in the same way. */
	if (from_stdin)
		source->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		source->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source->fd < 0) {
		r = failure_set(failure, -errno, "%s cannot be opened for reading: %s",
				source->name, strerror(errno));
		goto err_close;
	}
	source->size = bytes_left(source->fd);
	*ret = source;
	return 0;

err_close:
	source_close(source);
	return r;
}

ssize_t source_read(struct source *source, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct pollfd ready = { .fd = source->fd, .events = POLLIN };
	ssize_t got;
	int r;

	/* A pipe whose writers are gone is ready too, and then read() says that it is at its end.
	 */
	r = poll(&ready, 1, (int)timeout_ms);
	if (r == 0 || (r < 0 && errno == EINTR))
		return -EAGAIN;
	got = r < 0 ? -1 : read(source->fd, data, size);
	if (got >= 0)
		return got;
	if (errno == EINTR || errno == EAGAIN)
		return -EAGAIN;
	return failure_set(source->failure, -errno, "reading from %s failed: %s", source->name,
			   strerror(errno));
}

uint64_t source_size(const struct source *source)
{
	return source->size;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	if (source->fd >= 0)
		close(source->fd);
	free(source->name);
	free(source);
}
