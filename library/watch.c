// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * watch.c - what the board's thread does for a stream
 *
 * While a route runs the thread asks how it is doing, follows its records, and finds out why a
 * route or a transfer failed.
 */
#include "stream.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- what the board's thread does ---- */

int stream_explain_stop(struct stream *stream)
{
	const struct iiobridge_route_info *info = &stream->route->info;
	const char *location = stream->board->candidate.location;
	struct iiobridge_error error;
	int r;

	r = request_error(stream->board, &error);
	if (r < 0)
		return r;
	if (error.request != 0 || error.value != stream->index || !error.message[0])
		return fail(IIOBRIDGE_ERROR_REFUSED,
			    "the board at %s stopped route %u (%s) after %" PRIu64
			    " bytes without saying why",
			    location, stream->index, info->name, stream->statistics.bytes_drained);
	return fail(IIOBRIDGE_ERROR_REFUSED, "the board at %s stopped route %u (%s): %s", location,
		    stream->index, info->name, error.message);
}

/*
 * A transfer that failed, or came back short, is most often the first sign of a board that is
 * unplugged or whose route had a fault: the kernel returns the transfers, in any order, before it
 * tells of the disconnection.
 */
static void find_cause(struct stream *stream)
{
	struct iiobridge_board *board = stream->board;
	struct error error;
	int r = 0;

	pthread_mutex_lock(&board->lock);
	error = *transfers_error_locked(stream->transfers);
	if (!error.code)
		error = *records_error_locked(board->records);
	pthread_mutex_unlock(&board->lock);
	if (error.code == IIOBRIDGE_ERROR_PROTOCOL) {
		r = stream_ask_statistics(stream);
		if (r == 0 && stream->started && !stream->stopped &&
		    stream->statistics.state == IIOBRIDGE_STOPPED)
			r = stream_explain_stop(stream);
	}
	if (r != IIOBRIDGE_ERROR_GONE && r != IIOBRIDGE_ERROR_REFUSED)
		r = error_tell(&error);
	pthread_mutex_lock(&board->lock);
	stream->suspect = false;
	if (records_error_locked(board->records)->code)
		stream->logging = false;
	stream_end_locked(stream, r);
	pthread_mutex_unlock(&board->lock);
}

/* A board that is slow to answer is no reason to end a run that works. */
static void ask(struct stream *stream)
{
	struct iiobridge_board *board = stream->board;
	bool running;
	int r;

	r = stream_ask_statistics(stream);
	if (r < 0 && r != IIOBRIDGE_ERROR_GONE)
		return;
	pthread_mutex_lock(&board->lock);
	running = stream->running;
	pthread_mutex_unlock(&board->lock);
	if (!running)
		return;
	if (r == 0)
		r = stream->operations->asked(stream,
					      stream->statistics.state == IIOBRIDGE_STOPPED);
	pthread_mutex_lock(&board->lock);
	if (r < 0 && !stream->stopped)
		stream_end_locked(stream, r);
	else
		wake_raise_locked(&stream->wake);
	pthread_mutex_unlock(&board->lock);
}

static bool is_due(const struct stream *stream)
{
	return stream->running && !stream->error.code &&
	       (stream->look || clock_ns() - stream->asked_ns >= stream->watch_ms * NS_PER_MS);
}

void stream_watch(struct stream *stream)
{
	struct iiobridge_board *board = stream->board;
	const struct error *records;
	bool suspect, due;

	pthread_mutex_lock(&board->lock);
	records = records_error_locked(board->records);
	if (records->code && stream->logging) {
		stream->suspect = true;
		/* It has a cause already. */
		if (stream->error.code)
			stream->logging = false;
	}
	suspect = stream->suspect && !stream->error.code;
	due = is_due(stream);
	if (due)
		stream->look = false;
	pthread_mutex_unlock(&board->lock);
	if (suspect)
		find_cause(stream);
	else if (due)
		ask(stream);
}

uint64_t stream_next_watch_ns(const struct stream *stream)
{
	if (stream->error.code)
		return UINT64_MAX;
	if (stream->suspect)
		return 0;
	if (!stream->running)
		return UINT64_MAX;
	return stream->look ? 0 : stream->asked_ns + stream->watch_ms * NS_PER_MS;
}

/* ---- records ---- */

/* Nobody has taken any for long: the oldest goes, and the one behind it tells of it. */
static void drop_record(struct stream *stream)
{
	const struct iiobridge_block_record *oldest = &stream->records[stream->records_first];
	struct iiobridge_block_record *next;

	stream->records_first = (stream->records_first + 1) % stream->records_room;
	stream->records_count--;
	next = &stream->records[stream->records_first];
	next->records_missing += 1 + oldest->records_missing;
	next->samples_missing += oldest->samples + oldest->samples_missing;
}

static int keep_record(struct stream *stream, const struct iiobridge_block_record *record)
{
	const size_t room = stream->records_room ? 2 * stream->records_room : 64;
	struct iiobridge_block_record *records;

	if (stream->records_count == stream->records_room &&
	    stream->records_room < RECORDS_KEPT_MAX) {
		records = calloc(room, sizeof(*records));
		for (size_t i = 0; i < stream->records_count && records; i++)
			records[i] =
				stream->records[(stream->records_first + i) % stream->records_room];
		if (records) {
			free(stream->records);
			stream->records = records;
			stream->records_room = room;
			stream->records_first = 0;
		}
	}
	if (stream->records_room == 0)
		return fail_memory("records");
	if (stream->records_count == stream->records_room)
		drop_record(stream);
	stream->records[(stream->records_first + stream->records_count++) % stream->records_room] =
		*record;
	return 0;
}

void stream_take_record_locked(struct stream *stream, const struct iiobridge_record *record)
{
	struct iiobridge_block_record entry;
	int r;

	if (!stream->logging)
		return;
	r = block_log_take(&stream->log, record, &entry);
	if (r > 0) {
		if (stream->settings.flags & IIOBRIDGE_STREAM_KEEP_RECORDS)
			r = keep_record(stream, &entry);
		if (r >= 0)
			r = stream->operations->record(stream, &entry);
	}
	if (r < 0) {
		stream->logging = false;
		stream_end_locked(stream, r);
	}
	if (stream->log.ended) {
		/* The route has stopped: at the end of a playback, or of itself. */
		stream->look = true;
		pthread_cond_broadcast(&stream->board->changed);
		board_wake_thread(stream->board);
	}
	/* Who does not wait for records is not woken by them, but by what they end. */
	if (stream->log.ended || stream->settings.flags & IIOBRIDGE_STREAM_WAIT_FOR_RECORDS)
		wake_raise_locked(&stream->wake);
}

int stream_next_record(struct stream *stream, struct iiobridge_block_record *record)
{
	int r = 0;

	pthread_mutex_lock(&stream->board->lock);
	if (stream->records_count > 0) {
		*record = stream->records[stream->records_first];
		stream->records_first = (stream->records_first + 1) % stream->records_room;
		stream->records_count--;
		r = 1;
	}
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

int stream_statistics(struct stream *stream, struct iiobridge_statistics_info *info)
{
	int known;

	pthread_mutex_lock(&stream->board->lock);
	known = stream->statistics_known;
	if (known)
		statistics_info(&stream->statistics, info);
	pthread_mutex_unlock(&stream->board->lock);
	return known;
}
