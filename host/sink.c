// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink.h"

#include "failure.h"
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a disk may be late by: 0.6 s at what a SuperSpeed bus carries. In the man page, too. */
#define WAITING_MAX ((size_t)256 << 20)

struct sink {
	int fd;
	char *name; /* for messages */
	struct failure *failure;
	struct relay *relay; /* NULL when all is written */
	bool is_file;	     /* with places that can be written again */

	/* The thread's, until the relay is closed or freed. */
	sink_watcher watcher;
	void *watcher_context;
	uint64_t written;
	int error;
};

static int write_piece(struct sink *sink, const struct relay_piece *piece)
{
	for (size_t done = piece->begin; done < piece->end;) {
		const ssize_t written = write(sink->fd, piece->data + done, piece->end - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		if (sink->watcher)
			sink->watcher(sink->watcher_context, piece->data + done, (size_t)written);
		done += (size_t)written;
		sink->written += (uint64_t)written;
	}
	return 0;
}

static void write_all(void *context)
{
	struct sink *sink = context;
	struct relay_piece *piece;

	while (!sink->error && relay_take(sink->relay, RELAY_FOREVER, &piece) == 0) {
		sink->error = write_piece(sink, piece);
		relay_give_back(sink->relay, piece);
	}
	relay_close(sink->relay);
}

int sink_open(const char *path, bool text, struct failure *failure, struct sink **ret)
{
	const bool to_stdout = strcmp(path, "-") == 0;
	struct stat status;
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
	sink->is_file = !to_stdout && fstat(sink->fd, &status) == 0 && S_ISREG(status.st_mode);
	r = relay_new(WAITING_MAX, write_all, sink, &sink->relay);
	if (r < 0) {
		failure_set(failure, r, "no thread can write to %s: %s", sink->name, strerror(-r));
		goto err_close;
	}
	*ret = sink;
	return 0;

err_close:
	sink_close(sink);
	return r;
}

static int write_failed(const struct sink *sink)
{
	return failure_set(sink->failure, sink->error, "writing to %s failed: %s", sink->name,
			   strerror(-sink->error));
}

int sink_write(struct sink *sink, const uint8_t *data, size_t size)
{
	while (size > 0) {
		struct relay_piece *piece = relay_fill(sink->relay);
		size_t part;

		if (!piece)
			return write_failed(sink);
		part = RELAY_PIECE_SIZE - piece->end < size ? RELAY_PIECE_SIZE - piece->end : size;
		memcpy(piece->data + piece->end, data, part);
		piece->end += part;
		relay_pass(sink->relay, piece);
		data += part;
		size -= part;
	}
	return 0;
}

void sink_watch(struct sink *sink, sink_watcher watcher, void *context)
{
	sink->watcher_context = context;
	sink->watcher = watcher;
}

int sink_finish(struct sink *sink, uint64_t *written)
{
	if (sink->relay)
		relay_end(sink->relay);
	relay_free(sink->relay);
	sink->relay = NULL;
	*written = sink->written;
	return sink->error ? write_failed(sink) : 0;
}

int sink_overwrite(struct sink *sink, uint64_t offset, const uint8_t *data, size_t size)
{
	size_t done = 0;

	while (sink->is_file && done < size) {
		const ssize_t written =
			pwrite(sink->fd, data + done, size - done, (off_t)(offset + done));

		if (written < 0 && errno != EINTR)
			return failure_set(sink->failure, -errno, "writing to %s failed: %s",
					   sink->name, strerror(errno));
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

int sink_truncate(struct sink *sink, uint64_t size)
{
	if (!sink->is_file || ftruncate(sink->fd, (off_t)size) == 0)
		return 0;
	return failure_set(sink->failure, -errno, "%s cannot be cut to %" PRIu64 " bytes: %s",
			   sink->name, size, strerror(errno));
}

int sink_close(struct sink *sink)
{
	uint64_t written;
	int r;

	if (!sink)
		return 0;
	r = sink_finish(sink, &written);
	if (sink->fd >= 0 && close(sink->fd) < 0 && errno != EINTR && r == 0)
		r = failure_set(sink->failure, -errno, "closing %s failed: %s", sink->name,
				strerror(errno));
	free(sink->name);
	free(sink);
	return r;
}
