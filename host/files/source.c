// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

#include "host/failure.h"
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read ahead. In the man page, too. */
#define AHEAD_MAX ((size_t)64 << 20)

struct source {
	int fd;
	int wake;   /* readable when the thread shall not wait any more */
	char *name; /* for messages */
	uint64_t size;
	struct failure *failure;
	struct queue *queue;
	struct queue_chunk *piece; /* the one that is being taken, or NULL */

	/* What comes again and again. */
	off_t repeat_start;
	uint64_t repeat_size; /* 0: nothing does */

	/* The thread's, until the queue is ended. */
	uint64_t repeat_position;
	uint64_t limit; /* bytes still to be read */
	int error;
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
	source->fd = source->wake = -1;
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
	source->wake = eventfd(0, EFD_CLOEXEC);
	if (source->wake < 0) {
		r = failure_set(failure, -errno, "no eventfd for reading %s: %s", source->name,
				strerror(errno));
		goto err_close;
	}
	source->size = bytes_left(source->fd);
	*ret = source;
	return 0;

err_close:
	source_close(source);
	return r;
}

/* A file is always ready; a pipe whose writers are gone is, too, and read() then says that it ends.
 */
static bool wait_until_ready(const struct source *source)
{
	struct pollfd files[] = {
		{ .fd = source->fd, .events = POLLIN },
		{ .fd = source->wake, .events = POLLIN },
	};

	return poll(files, 2, -1) > 0 && !files[1].revents;
}

/* Returns whether there may be more. */
static bool read_piece(struct source *source, struct queue_chunk *piece)
{
	const size_t room = QUEUE_CHUNK_SIZE - piece->end;
	ssize_t got;

	got = read(source->fd, piece->data + piece->end,
		   source->limit < room ? (size_t)source->limit : room);
	if (got < 0 && errno != EINTR && errno != EAGAIN)
		source->error = -errno;
	if (got > 0) {
		piece->end += (size_t)got;
		source->limit -= (uint64_t)got;
	}
	return got != 0 && !source->error;
}

/* A short file comes many times in a piece. */
static bool repeat_piece(struct source *source, struct queue_chunk *piece)
{
	while (piece->end < QUEUE_CHUNK_SIZE && source->limit > 0 && !source->error) {
		uint64_t size = source->repeat_size - source->repeat_position;
		ssize_t got;

		if (size > QUEUE_CHUNK_SIZE - piece->end)
			size = QUEUE_CHUNK_SIZE - piece->end;
		if (size > source->limit)
			size = source->limit;
		got = pread(source->fd, piece->data + piece->end, (size_t)size,
			    source->repeat_start + (off_t)source->repeat_position);
		/* The file was longer when it was opened. */
		if (got == 0)
			source->error = -ENODATA;
		else if (got < 0 && errno != EINTR)
			source->error = -errno;
		if (got <= 0)
			continue;
		piece->end += (size_t)got;
		source->limit -= (uint64_t)got;
		source->repeat_position =
			(source->repeat_position + (uint64_t)got) % source->repeat_size;
	}
	return !source->error;
}

static void read_ahead(void *context)
{
	struct source *source = context;
	bool more = true;

	while (more && source->limit > 0 && wait_until_ready(source)) {
		struct queue_chunk *piece = queue_get_room(source->queue);

		if (!piece)
			break;
		more = source->repeat_size ? repeat_piece(source, piece)
					   : read_piece(source, piece);
		queue_push(source->queue, piece);
	}
	queue_end(source->queue);
}

int source_take(struct source *source, uint8_t *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		const ssize_t got = read(source->fd, data + done, size - done);

		if (got == 0)
			return -ENODATA;
		if (got < 0 && errno != EINTR)
			return failure_set(source->failure, -errno, "reading from %s failed: %s",
					   source->name, strerror(errno));
		if (got > 0)
			done += (size_t)got;
	}
	source->size = bytes_left(source->fd);
	return 0;
}

void source_repeat(struct source *source, uint64_t size)
{
	source->repeat_start = lseek(source->fd, 0, SEEK_CUR);
	source->repeat_size = size;
}

int source_start(struct source *source, uint64_t limit)
{
	int r;

	source->limit = limit;
	r = queue_new(AHEAD_MAX, read_ahead, source, &source->queue);
	if (r < 0)
		return failure_set(source->failure, r, "no thread can read from %s: %s",
				   source->name, strerror(-r));
	return 0;
}

static ssize_t end_of_input(const struct source *source)
{
	if (!source->error)
		return 0;
	return failure_set(source->failure, source->error, "reading from %s failed: %s",
			   source->name, strerror(-source->error));
}

ssize_t source_read(struct source *source, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct queue_chunk *piece = source->piece;
	int r;

	while (!piece || piece->begin == piece->end) {
		if (piece)
			queue_return(source->queue, piece);
		source->piece = NULL;
		r = queue_pop(source->queue, timeout_ms, &piece);
		if (r < 0)
			return r == -EPIPE ? end_of_input(source) : r;
		source->piece = piece;
	}
	if (size > piece->end - piece->begin)
		size = piece->end - piece->begin;
	memcpy(data, piece->data + piece->begin, size);
	piece->begin += size;
	return (ssize_t)size;
}

uint64_t source_size(const struct source *source)
{
	return source->size;
}

static void stop_reading(struct source *source)
{
	if (!source->queue)
		return;
	if (source->piece)
		queue_return(source->queue, source->piece);
	queue_close(source->queue);
	eventfd_write(source->wake, 1);
	queue_free(source->queue);
}

void source_close(struct source *source)
{
	if (!source)
		return;
	stop_reading(source);
	if (source->wake >= 0)
		close(source->wake);
	if (source->fd >= 0)
		close(source->fd);
	free(source->name);
	free(source);
}
