// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink.h"

#include "host/failure.h"
#include "outlet.h"
#include "outlet_zmq.h"
#include "relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a disk may be late by: 0.6 s at what a SuperSpeed bus carries. In the man page, too. */
#define WAITING_MAX ((size_t)256 << 20)

struct sink {
	struct outlet *outlet;
	struct relay *relay; /* NULL when all is written */
	uint64_t passed;     /* bytes that were to be written */
	struct outlet_fate fate;
	bool finished;

	/* The thread's, until the relay is closed or freed. */
	sink_watcher watcher;
	void *watcher_context;
	uint64_t written; /* bytes that the outlet took */
	int error;
};

static int write_piece(struct sink *sink, const struct relay_piece *piece)
{
	struct outlet *outlet = sink->outlet;

	for (size_t done = piece->begin; done < piece->end;) {
		const uint8_t *data = piece->data + done;
		const ssize_t written = outlet->operations->write(outlet, data, piece->end - done);

		if (written < 0)
			return (int)written;
		if (sink->watcher)
			sink->watcher(sink->watcher_context, data, (size_t)written);
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

/* Takes the outlet over, also in an error. */
static int begin(struct outlet *outlet, struct sink **ret)
{
	struct failure *failure = outlet->failure;
	struct sink *sink = calloc(1, sizeof(*sink));
	int r;

	if (!sink) {
		outlet->operations->close(outlet);
		return failure_set(failure, -ENOMEM, "no memory for the output");
	}
	sink->outlet = outlet;
	r = relay_new(WAITING_MAX, write_all, sink, &sink->relay);
	if (r < 0) {
		sink_close(sink);
		return failure_set(failure, r, "no thread can write the output: %s", strerror(-r));
	}
	*ret = sink;
	return 0;
}

int sink_open(const char *path, bool text, struct failure *failure, struct sink **sink)
{
	struct outlet *outlet;
	int r;

	r = outlet_open_file(path, text, failure, &outlet);
	return r < 0 ? r : begin(outlet, sink);
}

int sink_open_publisher(const char *endpoint, size_t scan_size, struct failure *failure,
			struct sink **sink)
{
	struct outlet *outlet;
	int r;

	r = outlet_open_zmq(endpoint, scan_size, OUTLET_ZMQ_PATIENCE_MS, failure, &outlet);
	return r < 0 ? r : begin(outlet, sink);
}

static int write_failed(struct sink *sink)
{
	sink->outlet->operations->explain(sink->outlet, sink->error, sink->passed - sink->written);
	return sink->error;
}

int sink_write(struct sink *sink, const uint8_t *data, size_t size)
{
	sink->passed += size;
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

static void end_thread(struct sink *sink)
{
	if (!sink->relay)
		return;
	if (sink->outlet->operations->hasten)
		sink->outlet->operations->hasten(sink->outlet);
	relay_end(sink->relay);
	relay_free(sink->relay);
	sink->relay = NULL;
}

int sink_finish(struct sink *sink, uint64_t *written)
{
	int r;

	end_thread(sink);
	if (!sink->finished) {
		r = sink->outlet->operations->finish(sink->outlet, &sink->fate);
		sink->error = sink->error ? sink->error : r;
		sink->finished = true;
	}
	*written = sink->written - sink->fate.undelivered;
	return sink->error ? write_failed(sink) : 0;
}

uint64_t sink_unheard(const struct sink *sink)
{
	return sink->fate.unheard;
}

int sink_overwrite(struct sink *sink, uint64_t offset, const uint8_t *data, size_t size)
{
	struct outlet *outlet = sink->outlet;

	if (!outlet->operations->overwrite)
		return 0;
	return outlet->operations->overwrite(outlet, offset, data, size);
}

int sink_truncate(struct sink *sink, uint64_t size)
{
	struct outlet *outlet = sink->outlet;

	return outlet->operations->truncate ? outlet->operations->truncate(outlet, size) : 0;
}

int sink_close(struct sink *sink)
{
	struct failure *failure, first;
	uint64_t written;
	int r, closed;

	if (!sink)
		return 0;
	r = sink_finish(sink, &written);
	failure = sink->outlet->failure;
	first = *failure;
	closed = sink->outlet->operations->close(sink->outlet);
	free(sink);
	if (r == 0)
		return closed;
	*failure = first;
	return r;
}
