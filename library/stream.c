// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stream.c - what rx and tx have in common: one run of a route after the other
 *
 * A stream claims the board, sets the parameters, stops what a killed program left running, and
 * asks what the next start will use. What happens while the route runs is in watch.c.
 */
#include "stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WATCH_MS	250
#define LAST_RECORDS_MS 1000 /* they are sent a moment after the event; a longer one is a fault */
#define MEMORY_DEFAULT	((size_t)8 << 20)

static uint8_t endpoint_of(const struct iiobridge_route_info *info)
{
	return info->direction == IIOBRIDGE_PLAYBACK ? info->endpoint_out : info->endpoint_in;
}

static int check_settings(const struct iiobridge_route_info *info, unsigned int index,
			  size_t packet_size, const struct iiobridge_stream_settings *settings)
{
	if (settings->block_size > info->block_size_max)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "a block of %zu bytes is too large for route %u (%s): at most %u",
			    settings->block_size, index, info->name, info->block_size_max);
	if (settings->block_size % packet_size)
		return fail(
			IIOBRIDGE_ERROR_INVALID,
			"a block of %zu bytes does not suit route %u (%s): it must be a multiple "
			"of %zu, the packet size of the endpoint",
			settings->block_size, index, info->name, packet_size);
	return 0;
}

/* A board that cannot plan a start leaves the sizes 0; only START makes it say why. */
static int explain_no_plan(struct iiobridge_board *board, const struct iiobridge_route *route)
{
	int r;

	r = request_start(board, route->index);
	if (r < 0)
		return r;
	request_stop(board, route->index);
	return fail(IIOBRIDGE_ERROR_PROTOCOL,
		    "route %u (%s) starts, but the board does not tell the size of its blocks and "
		    "samples",
		    route->index, route->info.name);
}

static int check_route(const struct stream *stream, size_t packet_size)
{
	const struct iiobridge_stream_settings *settings = &stream->settings;
	const struct iiobridge_route_info *info = &stream->route->info;
	const unsigned int index = stream->route->index;

	if (info->block_size == 0 || info->bytes_per_scan == 0)
		return explain_no_plan(stream->board, stream->route);
	if ((settings->channel_mask && settings->channel_mask != info->channel_mask) ||
	    (settings->block_size && settings->block_size != info->block_size))
		return fail(
			IIOBRIDGE_ERROR_PROTOCOL,
			"route %u (%s) was to have channel mask 0x%x and blocks of %zu bytes (0: "
			"as configured), but has 0x%x and %u",
			index, info->name, settings->channel_mask, settings->block_size,
			info->channel_mask, info->block_size);
	if (info->channel_mask == 0)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "route %u (%s) has samples of %u bytes, but no channel in them", index,
			    info->name, info->bytes_per_scan);
	if (info->block_size % packet_size || info->block_size % info->bytes_per_scan)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "route %u (%s) has impossible sizes: blocks of %u bytes, samples of %u "
			    "bytes, packets of %zu bytes",
			    index, info->name, info->block_size, info->bytes_per_scan, packet_size);
	return 0;
}

/* Only what is received waits for its records. */
static bool waits_for_records(const struct iiobridge_stream_settings *settings, int kind)
{
	return kind == IIOBRIDGE_ROUTE_RX && settings->flags & IIOBRIDGE_STREAM_WAIT_FOR_RECORDS;
}

static int prepare(struct stream *stream, unsigned int index, int kind)
{
	const struct iiobridge_stream_settings *settings = &stream->settings;
	const struct iiobridge_parameters parameters = {
		.channel_mask = settings->channel_mask,
		.block_size = (uint32_t)settings->block_size,
		.flags = waits_for_records(settings, kind) ? IIOBRIDGE_PROMPT_RECORDS : 0,
	};
	struct iiobridge_board *board = stream->board;
	struct iiobridge_route_info info;
	int packet_size, r;

	r = request_route(board, index, &info);
	if (r < 0)
		return r;
	if (info.direction != kind)
		return fail(IIOBRIDGE_ERROR_INVALID, "route %u (%s) is not a %s route", index,
			    info.name, route_direction_name((unsigned int)kind));
	packet_size = board_packet_size(board, endpoint_of(&info));
	if (packet_size < 0)
		return packet_size;
	r = check_settings(&info, index, (size_t)packet_size, settings);
	if (r == 0)
		r = board_add_stream(board, index, stream);
	if (r < 0)
		return r;
	stream->added = true;
	stream->index = index;

	r = request_parameters(board, index, &parameters);
	if (r == 0)
		r = request_stop(board, index);
	/* Now that the route is stopped, the answer is about the next start. */
	if (r == 0)
		r = iiobridge_route_get(board, index, &stream->route);
	if (r == 0)
		r = check_route(stream, (size_t)packet_size);
	if (r < 0)
		return r;
	stream->packet_size = (size_t)packet_size;
	stream->sample_size = stream->route->info.bytes_per_scan;
	stream->block_size = stream->route->info.block_size;
	return 0;
}

int stream_init(struct stream *stream, struct iiobridge_board *board, unsigned int index, int kind,
		const struct iiobridge_stream_settings *settings,
		const struct stream_operations *operations)
{
	int r;

	stream->board = board;
	stream->operations = operations;
	stream->watch_ms = WATCH_MS;
	if (settings)
		stream->settings = *settings;
	if (!stream->settings.memory)
		stream->settings.memory = MEMORY_DEFAULT;
	r = wake_init(&stream->wake);
	return r < 0 ? r : prepare(stream, index, kind);
}

static size_t common_multiple(size_t one, size_t other)
{
	size_t a = one, b = other;

	while (b) {
		const size_t rest = a % b;

		a = b;
		b = rest;
	}
	return one / a * other;
}

int stream_add_transfers(struct stream *stream, struct transfers_setup *setup)
{
	size_t step = common_multiple(stream->packet_size, stream->sample_size);

	/* Whole samples in each transfer, or the whole block in one. */
	if (step == 0 || stream->block_size % step)
		step = stream->block_size;
	stream->usb_memory = usb_memory_take();
	setup->endpoint = endpoint_of(&stream->route->info);
	setup->unit = stream->sample_size;
	setup->may_be_short = stream->route->info.transfer == IIOBRIDGE_COPY_EARLY;
	setup->context = stream;
	transfers_choose(stream->block_size, step, stream->usb_memory, &setup->size, &setup->count);
	return transfers_new(stream->board, setup, &stream->transfers);
}

void stream_leave(struct stream *stream)
{
	struct iiobridge_board *board = stream->board;

	pthread_mutex_lock(&board->lock);
	stream->closing = true;
	wake_raise_locked(&stream->wake);
	while (stream->users > 0)
		pthread_cond_wait(&board->changed, &board->lock);
	pthread_mutex_unlock(&board->lock);
}

void stream_release(struct stream *stream)
{
	transfers_free(stream->transfers);
	if (stream->usb_memory)
		usb_memory_give(stream->usb_memory);
	if (stream->added)
		board_remove_stream(stream->board, stream->index);
	wake_release(&stream->wake);
	free(stream->records);
	iiobridge_route_free(stream->route);
}

static int being_closed(void)
{
	return fail(IIOBRIDGE_ERROR_ENDED, "the stream is being closed");
}

int stream_enter(struct stream *stream)
{
	int r;

	pthread_mutex_lock(&stream->board->lock);
	r = stream->closing ? being_closed() : 0;
	stream->users += r == 0;
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

void stream_exit(struct stream *stream)
{
	struct iiobridge_board *board = stream->board;

	pthread_mutex_lock(&board->lock);
	stream->users--;
	if (stream->closing)
		pthread_cond_broadcast(&board->changed);
	pthread_mutex_unlock(&board->lock);
}

int64_t stream_call(struct stream *stream, struct wake *wake, int timeout_ms,
		    int64_t (*look)(struct stream *stream, void *context), void *context)
{
	const uint64_t end_ns = deadline_ns(timeout_ms);
	struct iiobridge_board *board = stream->board;
	int64_t result;
	int waited = 1;

	pthread_mutex_lock(&board->lock);
	stream->users++;
	do {
		result = stream->closing ? being_closed() : look(stream, context);
		if (result == 0)
			waited = wake_wait_locked(wake, &board->lock, end_ns);
	} while (result == 0 && waited > 0);
	stream->users--;
	if (stream->closing)
		pthread_cond_broadcast(&board->changed);
	pthread_mutex_unlock(&board->lock);
	return result ? result : waited;
}

/* ---- a run ---- */

int stream_begin_run(struct stream *stream)
{
	struct iiobridge_statistics statistics;
	int r;

	r = request_statistics(stream->board, stream->index, &statistics);
	if (r < 0)
		return r;
	pthread_mutex_lock(&stream->board->lock);
	stream->started = stream->running = stream->stopped = stream->gone = false;
	stream->look = stream->suspect = false;
	/* Whether the board counts what is lost is known before anything is. */
	stream->statistics = statistics;
	stream->statistics_known = false;
	stream->error.code = 0;
	stream->log = (struct block_log){
		.route = stream->route->info.name,
		/* A stopped route's next run. */
		.run = (uint32_t)statistics.starts + 1,
		.block_size = stream->block_size,
		.sample_size = stream->sample_size,
	};
	stream->logging = true;
	stream->records_count = 0;
	if (transfers_error_locked(stream->transfers)->code)
		r = error_tell(transfers_error_locked(stream->transfers));
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

int stream_start(struct stream *stream)
{
	int r;

	pthread_mutex_lock(&stream->board->lock);
	stream->started = true;
	stream->asked_ns = clock_ns();
	pthread_mutex_unlock(&stream->board->lock);
	r = request_start(stream->board, stream->index);
	pthread_mutex_lock(&stream->board->lock);
	/* It may have ended already. */
	stream->running = r == 0 && !stream->error.code;
	stream->gone = stream->gone || r == IIOBRIDGE_ERROR_GONE;
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

int stream_ask_statistics(struct stream *stream)
{
	struct iiobridge_statistics statistics;
	int r;

	r = request_statistics(stream->board, stream->index, &statistics);
	pthread_mutex_lock(&stream->board->lock);
	stream->asked_ns = clock_ns();
	if (r == 0) {
		stream->statistics = statistics;
		stream->statistics_known = true;
	}
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

int stream_take_last_records(struct stream *stream)
{
	const uint64_t end_ns = clock_ns() + LAST_RECORDS_MS * NS_PER_MS;
	const struct timespec end = { (time_t)(end_ns / NS_PER_SECOND),
				      (long)(end_ns % NS_PER_SECOND) };
	struct iiobridge_board *board = stream->board;
	int r = 0;

	pthread_mutex_lock(&board->lock);
	/* A run that never was has no records, and a board that is gone sends none. */
	while ((uint32_t)stream->statistics.starts == stream->log.run && !stream->log.ended &&
	       stream->logging && !stream->gone && r == 0)
		r = pthread_cond_timedwait(&board->changed, &board->lock, &end);
	if (r)
		r = fail(IIOBRIDGE_ERROR_TIMEOUT,
			 "the board at %s did not send the last records of route %u (%s) within %d "
			 "ms",
			 board->candidate.location, stream->index, stream->route->info.name,
			 LAST_RECORDS_MS);
	else if (!stream->logging)
		r = error_tell(&stream->error);
	pthread_mutex_unlock(&board->lock);
	return r;
}

static void wait_for_thread_locked(struct stream *stream)
{
	while (stream->watched)
		pthread_cond_wait(&stream->board->changed, &stream->board->lock);
}

void stream_settle(struct stream *stream)
{
	pthread_mutex_lock(&stream->board->lock);
	stream->stopped = true;
	stream->running = false;
	/* What it finds now would be taken for a stop of the board's own. */
	wait_for_thread_locked(stream);
	pthread_mutex_unlock(&stream->board->lock);
}

void stream_close_run_locked(struct stream *stream)
{
	stream->logging = stream->suspect = false;
	wait_for_thread_locked(stream);
}

int stream_stop(struct stream *stream)
{
	struct iiobridge_board *board = stream->board;
	bool needless;
	int r;

	stream_settle(stream);
	pthread_mutex_lock(&board->lock);
	stream->statistics_known = false;
	needless = !stream->started || stream->gone;
	pthread_mutex_unlock(&board->lock);
	if (needless)
		return 0;
	r = request_stop(board, stream->index);
	if (r == 0)
		r = stream_ask_statistics(stream);
	if (r == 0)
		r = stream_take_last_records(stream);
	return r == IIOBRIDGE_ERROR_GONE ? 0 : r;
}

void stream_end_locked(struct stream *stream, int code)
{
	error_keep(&stream->error, code);
	stream->gone = stream->gone || code == IIOBRIDGE_ERROR_GONE;
	stream->running = false;
	if (stream->operations->changed)
		stream->operations->changed(stream);
	wake_raise_locked(&stream->wake);
	pthread_cond_broadcast(&stream->board->changed);
}

void stream_transfers_ended_locked(struct stream *stream)
{
	stream->suspect = true;
	board_wake_thread(stream->board);
}
