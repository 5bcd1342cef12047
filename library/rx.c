// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rx.c - receive samples
 *
 * The order of a start is what keeps old samples out: stop the route (the board flushes its
 * blocks), put all transfers in flight, see that nothing comes, start. So the first block has a
 * reader, and a route that a killed program left running begins anew.
 */
#include "rx.h"

#include <stdlib.h>
#include <string.h>

/* What all samples of a read have, or none of them. */
#define ALIKE_FLAGS (IIOBRIDGE_BLOCK_NO_RECORD | IIOBRIDGE_BLOCK_TUNED)

/* ---- what the caller takes ---- */

static void tell_time(const struct iiobridge_rx *rx, const struct stretch *stretch,
		      struct iiobridge_block *block)
{
	if (rx->has_clock && !(stretch ? stretch->rate_changed : rx->rate_changed))
		block->time_ns = rx->clock_ns + rx_samples_ns(rx, block->first_sample);
	else if (stretch)
		block->time_ns = stretch->filled_ns;
	if (block->time_ns && rx->has_realtime)
		block->realtime_ns = block->time_ns + (uint64_t)rx->to_realtime_ns;
}

/* Says what the oldest samples are, at most @samples. Returns whether there are any to hand on. */
static bool describe(struct iiobridge_rx *rx, size_t samples, struct iiobridge_block *block,
		     struct stretch **ret)
{
	const bool waits = rx->stream.settings.flags & IIOBRIDGE_STREAM_WAIT_FOR_RECORDS;
	const struct chunk *chunk = rx->first;
	struct stretch *stretch;

	if (!chunk)
		return false;
	stretch = rx_find_stretch_locked(rx, chunk->place);
	if (!stretch && waits && !rx->over && !rx->stream.error.code)
		return false;
	*block = (struct iiobridge_block){
		.data = chunk->data,
		.samples = chunk->samples < samples ? chunk->samples : samples,
		.first_sample = chunk->place + rx->ahead,
		.lost = rx->lost,
		.flags = (rx->gap ? IIOBRIDGE_BLOCK_GAP : 0u) |
			 (rx->tuned ? IIOBRIDGE_BLOCK_TUNED : 0u),
	};
	if (stretch) {
		const uint64_t offset = chunk->place - stretch->place;

		if (block->samples > stretch->samples - offset)
			block->samples = (size_t)(stretch->samples - offset);
		block->first_sample = stretch->first_sample + offset;
		block->lost += stretch->lost;
		block->flags |= stretch->gap ? IIOBRIDGE_BLOCK_GAP : 0;
		block->flags |= stretch->tuned ? IIOBRIDGE_BLOCK_TUNED : 0;
	}
	if (!stretch || !stretch->has_record)
		block->flags |= IIOBRIDGE_BLOCK_NO_RECORD;
	if (block->flags & IIOBRIDGE_BLOCK_GAP && rx->stream.statistics.estimated)
		block->flags |= IIOBRIDGE_BLOCK_ESTIMATED;
	tell_time(rx, stretch && stretch->has_record ? stretch : NULL, block);
	*ret = stretch;
	return true;
}

/* Takes what describe() described. */
static void take(struct iiobridge_rx *rx, struct iiobridge_block *block, struct stretch *stretch)
{
	struct chunk *chunk = rx->first;

	rx->lost = 0;
	rx->gap = rx->tuned = false;
	if (stretch) {
		stretch->lost = 0;
		stretch->gap = stretch->tuned_untold = false;
	}
	chunk->data += block->samples * rx->stream.sample_size;
	chunk->samples -= block->samples;
	chunk->place += block->samples;
	rx->handed += block->samples;
	block->owner = chunk;
	if (chunk->samples > 0) {
		chunk->users++;
		return;
	}
	/* It was the queue's, and is the caller's. */
	rx->first = chunk->next;
	if (!rx->first)
		rx->last = &rx->first;
}

/* What is said when there is nothing to take: 0 while something may come. */
static int why_nothing(struct iiobridge_rx *rx)
{
	if (rx->stream.error.code) {
		rx->told = true;
		return error_tell(&rx->stream.error);
	}
	if (rx->over)
		return fail(IIOBRIDGE_ERROR_ENDED,
			    "the stream of route %u (%s) is stopped: all that came is taken",
			    rx->stream.index, rx->stream.route->info.name);
	return 0;
}

struct wish {
	size_t samples;
	struct iiobridge_block *block;
};

static int64_t look(struct stream *stream, void *context)
{
	struct iiobridge_rx *rx = rx_of(stream);
	const struct wish *wish = context;
	struct stretch *stretch;

	/* What comes behind an error that was told can be had when the route is stopped. */
	if ((rx->told && !rx->over) || !describe(rx, wish->samples, wish->block, &stretch))
		return why_nothing(rx);
	take(rx, wish->block, stretch);
	return 1;
}

int iiobridge_rx_acquire(struct iiobridge_rx *rx, int timeout_ms, struct iiobridge_block *block)
{
	struct wish wish = { .samples = SIZE_MAX };

	wish.block = block;
	return (int)stream_call(&rx->stream, &rx->stream.wake, timeout_ms, look, &wish);
}

void iiobridge_rx_release(struct iiobridge_rx *rx, const struct iiobridge_block *block)
{
	pthread_mutex_lock(&rx->stream.board->lock);
	rx_drop_user_locked(rx, block->owner);
	pthread_mutex_unlock(&rx->stream.board->lock);
}

/* What follows the samples of @block without a gap, is known as well as they, and tuned as they. */
static bool take_more(struct iiobridge_rx *rx, size_t samples, const struct iiobridge_block *block,
		      struct iiobridge_block *more)
{
	struct stretch *stretch;
	bool taken;

	pthread_mutex_lock(&rx->stream.board->lock);
	taken = describe(rx, samples, more, &stretch) && !(more->flags & IIOBRIDGE_BLOCK_GAP) &&
		!((more->flags ^ block->flags) & ALIKE_FLAGS);
	if (taken)
		take(rx, more, stretch);
	pthread_mutex_unlock(&rx->stream.board->lock);
	return taken;
}

static int64_t read_samples(struct iiobridge_rx *rx, void *data, size_t samples, int timeout_ms,
			    struct iiobridge_block *block)
{
	const size_t size = rx->stream.sample_size;
	struct iiobridge_block first, part;
	struct wish wish = { samples, &first };
	uint8_t *to = data;
	size_t done = 0;
	int64_t r;

	r = stream_call(&rx->stream, &rx->stream.wake, timeout_ms, look, &wish);
	if (r <= 0)
		return r;
	part = first;
	do {
		memcpy(to + done * size, part.data, part.samples * size);
		done += part.samples;
		iiobridge_rx_release(rx, &part);
	} while (done < samples && take_more(rx, samples - done, &first, &part));
	if (block) {
		*block = first;
		block->samples = done;
		block->data = block->owner = NULL;
	}
	return (int64_t)done;
}

int64_t iiobridge_rx_read(struct iiobridge_rx *rx, void *data, size_t samples, int timeout_ms,
			  struct iiobridge_block *block)
{
	int64_t r;

	r = stream_enter(&rx->stream);
	if (r < 0)
		return r;
	r = read_samples(rx, data, samples, timeout_ms, block);
	stream_exit(&rx->stream);
	return r;
}

/* ---- a stream, and its runs ---- */

int iiobridge_rx_open(struct iiobridge_board *board, unsigned int route,
		      const struct iiobridge_stream_settings *settings, struct iiobridge_rx **ret)
{
	struct transfers_setup setup = { .arrived = rx_arrived, .done = rx_ended };
	struct iiobridge_rx *rx = calloc(1, sizeof(*rx));
	int r;

	if (!rx)
		return fail_memory("the stream");
	rx->last = &rx->first;
	pthread_mutex_init(&rx->run_lock, NULL);
	r = stream_init(&rx->stream, board, route, IIOBRIDGE_ROUTE_RX, settings, &rx_operations);
	if (r == 0)
		r = stream_add_transfers(&rx->stream, &setup);
	if (r < 0) {
		stream_release(&rx->stream);
		pthread_mutex_destroy(&rx->run_lock);
		free(rx);
		return r;
	}
	*ret = rx;
	return 0;
}

/* Who comes later is told what the first one was. */
static int stop(struct iiobridge_rx *rx)
{
	struct stream *stream = &rx->stream;
	int r;

	if (rx->over)
		return error_tell(&rx->stop_error);
	r = stream_stop(stream);
	transfers_stop(stream->transfers);
	if (r < 0)
		error_keep(&rx->stop_error, r);
	pthread_mutex_lock(&stream->board->lock);
	stream_close_run_locked(stream);
	rx->over = true;
	wake_raise_locked(&stream->wake);
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

void iiobridge_rx_close(struct iiobridge_rx *rx)
{
	if (!rx)
		return;
	stream_leave(&rx->stream);
	pthread_mutex_lock(&rx->stream.board->lock);
	rx->dropping = true;
	pthread_mutex_unlock(&rx->stream.board->lock);
	stop(rx);
	pthread_mutex_lock(&rx->stream.board->lock);
	rx_drop_all_locked(rx);
	rx_forget_all_locked(rx);
	pthread_mutex_unlock(&rx->stream.board->lock);
	stream_release(&rx->stream);
	pthread_mutex_destroy(&rx->run_lock);
	free(rx->stretches);
	free(rx);
}

static int begin_run(struct iiobridge_rx *rx)
{
	const struct iiobridge_route_info *info = &rx->stream.route->info;
	bool running;

	pthread_mutex_lock(&rx->stream.board->lock);
	running = rx->stream.running;
	if (running)
		goto out;
	rx->stream.started = false;
	rx->dropping = true;
	rx_drop_all_locked(rx);
	rx->dropping = rx->held = rx->over = rx->told = false;
	rx->stop_error.code = 0;
	rx->arrived = rx->handed = rx->ahead = rx->lost = 0;
	rx->gap = rx->tuned = rx->has_clock = rx->rate_changed = rx->has_realtime = false;
	rx->stretches_count = 0;
	rx->drift_ns = 0;
	rx->first_ns = rx->delivered_ns = 0;
	/* Nobody knows where a block ends that is sent early. */
	rx->first_left = info->transfer == IIOBRIDGE_COPY_EARLY ? 1 : info->block_size;
out:
	pthread_mutex_unlock(&rx->stream.board->lock);
	if (running)
		return fail(IIOBRIDGE_ERROR_BUSY, "route %u (%s) runs already: stop it first",
			    rx->stream.index, info->name);
	return 0;
}

static bool is_not_stopped(struct iiobridge_rx *rx)
{
	bool result;

	pthread_mutex_lock(&rx->stream.board->lock);
	result = rx->stream.started && !rx->stream.running && !rx->over;
	pthread_mutex_unlock(&rx->stream.board->lock);
	return result;
}

static int start(struct iiobridge_rx *rx)
{
	struct stream *stream = &rx->stream;
	struct error error = { 0 };
	int r;

	/* An error has ended it, and the route may still run. */
	if (is_not_stopped(rx))
		stop(rx);
	r = begin_run(rx);
	if (r < 0)
		return r;
	r = transfers_start(stream->transfers);
	/* What comes before the start was sent by the run before, and STOP did not flush it. */
	if (r == 0)
		r = stream_begin_run(stream);
	if (r == 0)
		r = stream_start(stream);
	if (r == 0)
		return 0;
	/* What the start says is the reason, not what follows from it. */
	error_keep(&error, r);
	stop(rx);
	return error_tell(&error);
}

int iiobridge_rx_start(struct iiobridge_rx *rx)
{
	int r;

	r = stream_enter(&rx->stream);
	if (r < 0)
		return r;
	pthread_mutex_lock(&rx->run_lock);
	r = start(rx);
	pthread_mutex_unlock(&rx->run_lock);
	stream_exit(&rx->stream);
	return r;
}

int iiobridge_rx_stop(struct iiobridge_rx *rx)
{
	int r;

	r = stream_enter(&rx->stream);
	if (r < 0)
		return r;
	pthread_mutex_lock(&rx->run_lock);
	r = stop(rx);
	pthread_mutex_unlock(&rx->run_lock);
	stream_exit(&rx->stream);
	return r;
}

const struct iiobridge_route *iiobridge_rx_route(const struct iiobridge_rx *rx)
{
	return rx->stream.route;
}

int iiobridge_rx_next_record(struct iiobridge_rx *rx, struct iiobridge_block_record *record)
{
	return stream_next_record(&rx->stream, record);
}

int iiobridge_rx_statistics(struct iiobridge_rx *rx, struct iiobridge_statistics_info *statistics)
{
	return stream_statistics(&rx->stream, statistics);
}

int iiobridge_rx_clock(struct iiobridge_rx *rx, struct iiobridge_clock *clock)
{
	int known;

	pthread_mutex_lock(&rx->stream.board->lock);
	known = rx->has_clock && !rx->rate_changed;
	*clock = (struct iiobridge_clock){ .time_ns = rx->clock_ns, .drift_ns = rx->drift_ns };
	if (rx->has_realtime)
		clock->realtime_ns = rx->clock_ns + (uint64_t)rx->to_realtime_ns;
	pthread_mutex_unlock(&rx->stream.board->lock);
	return known;
}

int iiobridge_rx_fd(const struct iiobridge_rx *rx)
{
	return rx->stream.wake.fd;
}

void iiobridge_rx_cancel(struct iiobridge_rx *rx)
{
	wake_cancel(&rx->stream.wake);
}
