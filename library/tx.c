// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tx.c - send samples
 *
 * The board must learn where the samples end before it gets the transfer in which they end, as the
 * blocks on the wire are all whole. So a transfer is sent only when it is known that something
 * follows it, or when the end was announced.
 */
#include "tx.h"

#include <stdlib.h>
#include <string.h>

/* ---- what the caller does ---- */

/* The start is sent when the first chunk is full, or the end known. */
static int begin(struct iiobridge_tx *tx)
{
	struct stream *stream = &tx->stream;
	int r;

	if (tx->begun)
		return 0;
	pthread_mutex_lock(&stream->board->lock);
	tx->underflows_count = 0;
	tx->underflows_told = 0;
	pthread_mutex_unlock(&stream->board->lock);
	/* This forgets the fault of an earlier run; nothing is sent before there is a start. */
	r = transfers_start(stream->transfers);
	if (r == 0)
		r = stream_begin_run(stream);
	if (r == 0)
		r = stream_start(stream);
	pthread_mutex_lock(&stream->board->lock);
	tx->begun = true;
	tx->drained = 0;
	if (r == 0)
		tx_pump_locked(tx);
	else
		stream_end_locked(stream, r);
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

static int fail_behind_end(const struct stream *stream)
{
	return fail(
		IIOBRIDGE_ERROR_ENDED,
		"the end of the samples of route %u (%s) was said: stop it before more are sent",
		stream->index, stream->route->info.name);
}

static int64_t look_for_room(struct stream *stream, void *context)
{
	struct iiobridge_tx *tx = tx_of(stream);
	struct iiobridge_buffer *buffer = context;

	if (stream->error.code)
		return error_tell(&stream->error);
	if (tx->ended)
		return fail_behind_end(stream);
	if (!tx->current)
		tx->current = tx_new_chunk_locked(tx);
	if (!tx->current)
		return 0;
	*buffer = (struct iiobridge_buffer){
		.data = tx->current->data + tx->filled,
		.samples = (tx->transfer_size - tx->filled) / stream->sample_size,
	};
	return 1;
}

int iiobridge_tx_acquire(struct iiobridge_tx *tx, int timeout_ms, struct iiobridge_buffer *buffer)
{
	return (int)stream_call(&tx->stream, &tx->stream.wake, timeout_ms, look_for_room, buffer);
}

static int submit_locked(struct iiobridge_tx *tx, size_t samples)
{
	struct stream *stream = &tx->stream;
	size_t room = 0;

	if (stream->error.code)
		return error_tell(&stream->error);
	if (tx->ended)
		return fail_behind_end(stream);
	if (tx->current)
		room = (tx->transfer_size - tx->filled) / stream->sample_size;
	if (samples > room)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "%zu samples are more than the buffer of route %u (%s) has room for",
			    samples, stream->index, stream->route->info.name);
	tx->filled += samples * stream->sample_size;
	tx->taken += samples * stream->sample_size;
	if (tx->current && tx->filled == tx->transfer_size)
		tx_queue_current_locked(tx);
	tx_pump_locked(tx);
	return 0;
}

static int submit(struct iiobridge_tx *tx, size_t samples)
{
	bool may_begin;
	int r;

	pthread_mutex_lock(&tx->stream.board->lock);
	r = submit_locked(tx, samples);
	may_begin = r == 0 && tx->first && (tx->first->next || tx->filled > 0);
	pthread_mutex_unlock(&tx->stream.board->lock);
	return may_begin ? begin(tx) : r;
}

int iiobridge_tx_submit(struct iiobridge_tx *tx, size_t samples)
{
	int r;

	r = stream_enter(&tx->stream);
	if (r < 0)
		return r;
	r = submit(tx, samples);
	stream_exit(&tx->stream);
	return r;
}

static int64_t write_samples(struct iiobridge_tx *tx, const void *data, size_t samples,
			     int timeout_ms)
{
	const uint64_t end_ns = deadline_ns(timeout_ms);
	const size_t size = tx->stream.sample_size;
	struct iiobridge_buffer buffer;
	const uint8_t *from = data;
	size_t done = 0;
	int64_t r = 1;

	while (done < samples && r > 0) {
		const uint64_t now = clock_ns();
		const uint64_t left = now < end_ns ? (end_ns - now + NS_PER_MS - 1) / NS_PER_MS : 0;

		r = iiobridge_tx_acquire(tx, timeout_ms < 0 ? -1 : (int)left, &buffer);
		if (r <= 0)
			break;
		if (buffer.samples > samples - done)
			buffer.samples = samples - done;
		memcpy(buffer.data, from + done * size, buffer.samples * size);
		r = submit(tx, buffer.samples);
		if (r < 0)
			break;
		done += buffer.samples;
		r = 1;
	}
	/* The next call tells of it. */
	if (r == IIOBRIDGE_ERROR_CANCELLED && done > 0)
		wake_cancel(&tx->stream.wake);
	return done > 0 || samples == 0 ? (int64_t)done : r;
}

int64_t iiobridge_tx_write(struct iiobridge_tx *tx, const void *data, size_t samples,
			   int timeout_ms)
{
	int64_t r;

	r = stream_enter(&tx->stream);
	if (r < 0)
		return r;
	r = write_samples(tx, data, samples, timeout_ms);
	stream_exit(&tx->stream);
	return r;
}

/* Says where the samples end; what the last block has behind them is silence. */
static int finish(struct iiobridge_tx *tx, uint32_t flags)
{
	struct stream *stream = &tx->stream;
	uint64_t total, rest;
	int r;

	pthread_mutex_lock(&stream->board->lock);
	r = stream->error.code ? error_tell(&stream->error) : 0;
	total = tx->taken;
	if (r == 0 && total > 0 && !tx->ended) {
		tx->ended = true;
		tx->finish_flags = flags;
		tx->end =
			(total + stream->block_size - 1) / stream->block_size * stream->block_size;
		rest = tx->end - total;
		if (tx->current && tx->filled > 0) {
			const size_t room = tx->transfer_size - tx->filled;

			memset(tx->current->data + tx->filled, 0, room);
			tx_queue_current_locked(tx);
			rest -= room;
		}
		tx->padding = (size_t)rest;
	}
	pthread_mutex_unlock(&stream->board->lock);
	if (r < 0)
		return r;
	if (total == 0)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "there is nothing to play: route %u (%s) got no sample", stream->index,
			    stream->route->info.name);
	if (tx->finished)
		return 0;
	r = begin(tx);
	if (r == 0)
		r = request_finish(stream->board, stream->index, total, flags);
	pthread_mutex_lock(&stream->board->lock);
	tx->finished = true;
	if (r < 0)
		stream_end_locked(stream, r);
	else
		tx_pump_locked(tx);
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

int iiobridge_tx_end(struct iiobridge_tx *tx)
{
	int r;

	r = stream_enter(&tx->stream);
	if (r < 0)
		return r;
	r = finish(tx, 0);
	stream_exit(&tx->stream);
	return r;
}

static int64_t look_for_end(struct stream *stream, void *context)
{
	const struct iiobridge_tx *tx = tx_of(stream);

	(void)context;
	if (tx->complete || tx->repeater)
		return 1;
	if (stream->error.code)
		return error_tell(&stream->error);
	if (!tx->ended && !stream->stopped)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "the end of the samples of route %u (%s) was not said", stream->index,
			    stream->route->info.name);
	if (stream->stopped)
		return fail(IIOBRIDGE_ERROR_ENDED, "route %u (%s) was stopped before its end",
			    stream->index, stream->route->info.name);
	return 0;
}

int iiobridge_tx_drain(struct iiobridge_tx *tx, int timeout_ms)
{
	return (int)stream_call(&tx->stream, &tx->stream.wake, timeout_ms, look_for_end, NULL);
}

static int repeat(struct iiobridge_tx *tx, const void *data, size_t samples)
{
	const struct stream *stream = &tx->stream;
	struct waveform waveform;
	struct iiobridge_buffer buffer;
	int r;

	if (tx->taken > 0)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "samples were sent to route %u (%s): stop it before a waveform",
			    stream->index, stream->route->info.name);
	r = waveform_lay_out(&waveform, &stream->route->info, data, samples);
	while (r == 0 && waveform.left > 0) {
		r = iiobridge_tx_acquire(tx, -1, &buffer);
		if (r < 0)
			break;
		r = submit(tx, waveform_fill(&waveform, buffer.data, buffer.samples));
	}
	if (r < 0)
		return r;
	return finish(tx, IIOBRIDGE_FINISH_REPEAT |
				  (waveform.in_each_block ? IIOBRIDGE_FINISH_ALIKE : 0));
}

int iiobridge_tx_repeat(struct iiobridge_tx *tx, const void *data, size_t samples)
{
	int r;

	r = stream_enter(&tx->stream);
	if (r < 0)
		return r;
	r = repeat(tx, data, samples);
	stream_exit(&tx->stream);
	return r;
}

int iiobridge_tx_repeater(struct iiobridge_tx *tx)
{
	int repeater;

	pthread_mutex_lock(&tx->stream.board->lock);
	repeater = tx->repeater;
	pthread_mutex_unlock(&tx->stream.board->lock);
	return repeater;
}

uint64_t iiobridge_tx_played(struct iiobridge_tx *tx)
{
	uint64_t played, told;

	pthread_mutex_lock(&tx->stream.board->lock);
	played = tx->drained / tx->stream.sample_size;
	told = tx->begun ? tx->stream.log.place : 0;
	pthread_mutex_unlock(&tx->stream.board->lock);
	return told > played ? told : played;
}

static int64_t look_for_underflow(struct stream *stream, void *context)
{
	struct iiobridge_tx *tx = tx_of(stream);
	struct iiobridge_underflow *underflow = context;

	if (tx->underflows_count > 0) {
		*underflow = tx->underflows[tx->underflows_first];
		tx->underflows_first = (tx->underflows_first + 1) % tx->underflows_room;
		tx->underflows_count--;
		return 1;
	}
	if (stream->error.code)
		return error_tell(&stream->error);
	if (stream->stopped)
		return fail(IIOBRIDGE_ERROR_ENDED,
			    "route %u (%s) is stopped: all underflows are taken", stream->index,
			    stream->route->info.name);
	return 0;
}

int iiobridge_tx_next_underflow(struct iiobridge_tx *tx, int timeout_ms,
				struct iiobridge_underflow *underflow)
{
	return (int)stream_call(&tx->stream, &tx->underflow_wake, timeout_ms, look_for_underflow,
				underflow);
}

/* ---- a stream, and its runs ---- */

int iiobridge_tx_open(struct iiobridge_board *board, unsigned int route,
		      const struct iiobridge_stream_settings *settings, struct iiobridge_tx **ret)
{
	struct transfers_setup setup = { .done = tx_done };
	struct iiobridge_tx *tx = calloc(1, sizeof(*tx));
	int r;

	if (!tx)
		return fail_memory("the stream");
	tx->last = &tx->first;
	tx->stream.wake.fd = -1;
	r = wake_init(&tx->underflow_wake);
	if (r == 0)
		r = stream_init(&tx->stream, board, route, IIOBRIDGE_ROUTE_TX, settings,
				&tx_operations);
	if (r == 0)
		r = stream_add_transfers(&tx->stream, &setup);
	if (r < 0) {
		stream_release(&tx->stream);
		wake_release(&tx->underflow_wake);
		free(tx);
		return r;
	}
	tx->transfer_size = transfers_size(tx->stream.transfers);
	/* There is room from the beginning. */
	pthread_mutex_lock(&board->lock);
	wake_raise_locked(&tx->stream.wake);
	pthread_mutex_unlock(&board->lock);
	*ret = tx;
	return 0;
}

/*
 * The transfers are taken back before the route is stopped: what the host still sends to a route
 * that has stopped could be the first that the next run finds at the endpoint.
 */
static int stop(struct iiobridge_tx *tx)
{
	struct stream *stream = &tx->stream;
	bool complete;
	int r;

	transfers_stop(stream->transfers);
	pthread_mutex_lock(&stream->board->lock);
	complete = tx->complete;
	pthread_mutex_unlock(&stream->board->lock);
	if (complete) {
		stream_settle(stream);
		r = stream_take_last_records(stream);
	} else {
		r = stream_stop(stream);
	}
	pthread_mutex_lock(&stream->board->lock);
	tx_drop_all_locked(tx);
	stream_close_run_locked(stream);
	stream->running = false;
	stream->stopped = true;
	stream->error.code = 0;
	stream->watch_ms = TX_WATCH_MS;
	if (stream->statistics_known)
		tx->drained = stream->statistics.bytes_drained;
	tx->begun = tx->ended = tx->finished = tx->complete = false;
	tx->taken = tx->padding = tx->end = tx->deadline_ns = 0;
	tx->finish_flags = 0;
	tx->repeater = IIOBRIDGE_REPEATER_NONE;
	wake_raise_locked(&stream->wake);
	wake_raise_locked(&tx->underflow_wake);
	pthread_mutex_unlock(&stream->board->lock);
	return r;
}

int iiobridge_tx_stop(struct iiobridge_tx *tx)
{
	int r;

	r = stream_enter(&tx->stream);
	if (r < 0)
		return r;
	r = stop(tx);
	stream_exit(&tx->stream);
	return r;
}

static void release(struct iiobridge_tx *tx)
{
	pthread_mutex_lock(&tx->stream.board->lock);
	tx_drop_all_locked(tx);
	pthread_mutex_unlock(&tx->stream.board->lock);
	stream_release(&tx->stream);
	wake_release(&tx->underflow_wake);
	free(tx->underflows);
	free(tx);
}

static void leave(struct iiobridge_tx *tx)
{
	pthread_mutex_lock(&tx->stream.board->lock);
	tx->stream.closing = true;
	wake_raise_locked(&tx->underflow_wake);
	pthread_mutex_unlock(&tx->stream.board->lock);
	stream_leave(&tx->stream);
}

void iiobridge_tx_close(struct iiobridge_tx *tx)
{
	if (!tx)
		return;
	leave(tx);
	stop(tx);
	release(tx);
}

void iiobridge_tx_detach(struct iiobridge_tx *tx)
{
	leave(tx);
	transfers_stop(tx->stream.transfers);
	release(tx);
}

const struct iiobridge_route *iiobridge_tx_route(const struct iiobridge_tx *tx)
{
	return tx->stream.route;
}

int iiobridge_tx_next_record(struct iiobridge_tx *tx, struct iiobridge_block_record *record)
{
	return stream_next_record(&tx->stream, record);
}

int iiobridge_tx_statistics(struct iiobridge_tx *tx, struct iiobridge_statistics_info *statistics)
{
	return stream_statistics(&tx->stream, statistics);
}

int iiobridge_tx_fd(const struct iiobridge_tx *tx)
{
	return tx->stream.wake.fd;
}

void iiobridge_tx_cancel(struct iiobridge_tx *tx)
{
	wake_cancel(&tx->stream.wake);
	wake_cancel(&tx->underflow_wake);
}
