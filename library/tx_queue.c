// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tx_queue.c - what waits to be sent, and what the board says of what was
 *
 * What waits to be sent is a queue of chunks: transfers' own buffers, which the caller has filled;
 * or, when all are in flight, memory of the library's, up to what the settings allow, which is
 * copied into the transfers as they come back. What is played is what the board says that its DAC
 * has played; what was sent does not count.
 */
#include "tx.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How often the board is asked while it is about to begin anew. */
#define ENDING_MS 10

/*
 * How much longer than the samples' own time the board may need from one sign of life to the next,
 * and its whole time where the DAC does not tell its sample rate.
 */
#define END_MARGIN_NS	    (3 * NS_PER_SECOND)
#define END_UNKNOWN_RATE_NS (60 * NS_PER_SECOND)
#define END_MAX_NS	    1e18 /* 30 years, which can be added to any time */

/* ---- what waits to be sent ---- */

static bool all_sent(const struct iiobridge_tx *tx)
{
	return tx->finished && !tx->first && tx->padding == 0;
}

/* Whether the board is about to come to the end of what it got, or to begin it anew. */
static bool is_ending(const struct iiobridge_tx *tx)
{
	return all_sent(tx) && !tx->repeater && !tx->complete;
}

/* A chunk goes in flight; one that is a copy needs a transfer. Returns as transfers_send_locked().
 */
static int send_chunk(struct iiobridge_tx *tx, struct chunk *chunk)
{
	int r;

	if (!chunk->slot) {
		chunk->slot = transfers_free_slot_locked(tx->stream.transfers);
		if (!chunk->slot)
			return 1;
		memcpy(chunk->slot->buffer, chunk->copy, tx->transfer_size);
	}
	r = transfers_send_locked(chunk->slot);
	if (r)
		return r;
	tx->first = chunk->next;
	if (!tx->first)
		tx->last = &tx->first;
	return 0;
}

static void release_chunk(struct iiobridge_tx *tx, struct chunk *chunk)
{
	if (!chunk->is_copy) {
		free(chunk);
		return;
	}
	tx->copied -= tx->transfer_size;
	chunk->next = tx->spare;
	tx->spare = chunk;
}

static void send_padding(struct iiobridge_tx *tx)
{
	while (tx->padding > 0) {
		struct slot *slot = transfers_free_slot_locked(tx->stream.transfers);

		if (!slot)
			return;
		memset(slot->buffer, 0, tx->transfer_size);
		if (transfers_send_locked(slot)) {
			transfers_release_locked(slot);
			return;
		}
		tx->padding -= tx->transfer_size;
	}
}

/* Sends what may be sent and there is room in flight for. */
void tx_pump_locked(struct iiobridge_tx *tx)
{
	while (tx->begun && tx->first && (tx->finished || tx->first->next || tx->filled > 0)) {
		struct chunk *chunk = tx->first;

		if (send_chunk(tx, chunk))
			return;
		release_chunk(tx, chunk);
	}
	if (tx->finished && !tx->first)
		send_padding(tx);
	if (is_ending(tx)) {
		tx->stream.watch_ms = tx->finish_flags ? ENDING_MS : TX_WATCH_MS;
		board_wake_thread(tx->stream.board);
	}
}

/* A transfer is done, or all have ended. */
void tx_done(void *context)
{
	struct iiobridge_tx *tx = context;

	if (transfers_error_locked(tx->stream.transfers)->code) {
		stream_transfers_ended_locked(&tx->stream);
		return;
	}
	tx_pump_locked(tx);
	wake_raise_locked(&tx->stream.wake);
}

/* What is sent last waits for what follows it, so there is room for two in any case. */
#define AHEAD_LEAST 2

/* Whether the caller, who is to fill one more, is as far ahead as the settings let him be. */
static bool is_far_ahead(const struct iiobridge_tx *tx)
{
	const size_t most = tx->stream.settings.ahead / tx->transfer_size;
	size_t count = transfers_in_flight_locked(tx->stream.transfers);

	if (tx->stream.settings.ahead == 0)
		return false;
	for (const struct chunk *chunk = tx->first; chunk; chunk = chunk->next)
		count++;
	return count >= (most < AHEAD_LEAST ? AHEAD_LEAST : most);
}

/* Behind chunks that are copies all are, as those need the transfers that come back. */
struct chunk *tx_new_chunk_locked(struct iiobridge_tx *tx)
{
	struct chunk *chunk = NULL;
	struct slot *slot = NULL;

	if (is_far_ahead(tx))
		return NULL;
	if (!tx->copied)
		slot = transfers_free_slot_locked(tx->stream.transfers);
	if (slot) {
		chunk = malloc(sizeof(*chunk));
		if (chunk)
			chunk->data = slot->buffer;
		else
			transfers_release_locked(slot);
	} else if (tx->copied + tx->transfer_size <= tx->stream.settings.memory || !tx->copied) {
		chunk = tx->spare;
		if (chunk)
			tx->spare = chunk->next;
		else
			chunk = malloc(sizeof(*chunk) + tx->transfer_size);
		if (chunk) {
			chunk->data = chunk->copy;
			tx->copied += tx->transfer_size;
		}
	} else {
		return NULL;
	}
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->slot = slot;
	chunk->is_copy = !slot;
	return chunk;
}

void tx_queue_current_locked(struct iiobridge_tx *tx)
{
	*tx->last = tx->current;
	tx->last = &tx->current->next;
	tx->current = NULL;
	tx->filled = 0;
}

void tx_drop_all_locked(struct iiobridge_tx *tx)
{
	if (tx->current)
		tx_queue_current_locked(tx);
	while (tx->first) {
		struct chunk *chunk = tx->first;

		tx->first = chunk->next;
		if (chunk->slot)
			transfers_release_locked(chunk->slot);
		release_chunk(tx, chunk);
	}
	tx->last = &tx->first;
	while (tx->spare) {
		struct chunk *chunk = tx->spare;

		tx->spare = chunk->next;
		free(chunk);
	}
}

/* ---- what the board says ---- */

static void add_underflow(struct iiobridge_tx *tx, const struct iiobridge_underflow *underflow)
{
	const size_t room = tx->underflows_room ? 2 * tx->underflows_room : 64;
	struct iiobridge_underflow *grown;

	if (tx->underflows_told++ >= RECORDS_KEPT_MAX)
		return;
	if (tx->underflows_room == 0 || tx->underflows_count == tx->underflows_room) {
		grown = calloc(room, sizeof(*grown));
		if (!grown)
			return;
		for (size_t i = 0; i < tx->underflows_count && tx->underflows_room > 0; i++)
			grown[i] = tx->underflows[(tx->underflows_first + i) % tx->underflows_room];
		free(tx->underflows);
		tx->underflows = grown;
		tx->underflows_room = room;
		tx->underflows_first = 0;
	}
	tx->underflows[(tx->underflows_first + tx->underflows_count++) % tx->underflows_room] =
		*underflow;
	wake_raise_locked(&tx->underflow_wake);
}

static uint64_t samples_ns(const struct iiobridge_tx *tx, uint64_t samples)
{
	const uint64_t rate = tx->stream.route->info.sample_rate_millihertz;
	const double ns = rate ? (double)samples * 1e12 / (double)rate : 0;

	return (uint64_t)(ns < END_MAX_NS ? ns : END_MAX_NS);
}

static int on_record(struct stream *stream, const struct iiobridge_block_record *record)
{
	struct iiobridge_tx *tx = tx_of(stream);
	const uint64_t block_ns = samples_ns(tx, record->samples);
	const struct iiobridge_underflow underflow = {
		.sample = record->place,
		.missed = record->samples_lost,
		.time_ns = block_ns && record->delivered_ns > block_ns
				   ? record->delivered_ns - block_ns
				   : 0,
	};

	if (record->samples_lost ||
	    record->flags & (IIOBRIDGE_RECORD_HAS_GAP | IIOBRIDGE_RECORD_WAS_LATE))
		add_underflow(tx, &underflow);
	return 0;
}

/* The route has stopped by itself: because everything is played, or because of a fault. */
static int judge_stop(struct iiobridge_tx *tx)
{
	struct iiobridge_board *board = tx->stream.board;
	bool all;

	pthread_mutex_lock(&board->lock);
	all = !tx->finish_flags && all_sent(tx) && tx->drained == tx->taken;
	tx->complete = all && transfers_in_flight_locked(tx->stream.transfers) == 0;
	pthread_mutex_unlock(&board->lock);
	return all ? 0 : stream_explain_stop(&tx->stream);
}

/*
 * Whether the board has begun to repeat. Its DAC plays when blocks are drained; those that its
 * kernel repeats are not, and the board says who it is.
 */
static int note_repetition(struct iiobridge_tx *tx, bool moved)
{
	const struct iiobridge_statistics *statistics = &tx->stream.statistics;
	struct iiobridge_board *board = tx->stream.board;
	struct iiobridge_route_info info = { 0 };
	bool ready;
	int r = 0;

	pthread_mutex_lock(&board->lock);
	ready = tx->finish_flags && !tx->repeater && all_sent(tx) &&
		transfers_in_flight_locked(tx->stream.transfers) == 0 &&
		statistics->blocks_filled * tx->stream.block_size >= tx->end;
	pthread_mutex_unlock(&board->lock);
	if (!ready)
		return 0;
	if (tx->finish_flags & IIOBRIDGE_FINISH_ALIKE)
		r = request_route(board, tx->stream.index, &info);
	if (r < 0)
		return r;
	pthread_mutex_lock(&board->lock);
	if (info.repeating == IIOBRIDGE_REPEATING_KERNEL)
		tx->repeater = IIOBRIDGE_REPEATER_KERNEL;
	else if (moved)
		tx->repeater = IIOBRIDGE_REPEATER_DAEMON;
	if (tx->repeater)
		tx->stream.watch_ms = TX_WATCH_MS;
	pthread_mutex_unlock(&board->lock);
	return 0;
}

static uint64_t end_limit_ns(const struct iiobridge_tx *tx)
{
	const uint64_t left = tx->drained < tx->taken ? tx->taken - tx->drained : 0;

	if (tx->stream.route->info.sample_rate_millihertz == 0)
		return END_UNKNOWN_RATE_NS;
	return samples_ns(tx, left / tx->stream.sample_size) + END_MARGIN_NS;
}

static int check_end(struct iiobridge_tx *tx)
{
	const uint64_t now = clock_ns();

	if (tx->deadline_ns == 0)
		tx->deadline_ns = now + end_limit_ns(tx);
	if (now < tx->deadline_ns)
		return 0;
	return fail(IIOBRIDGE_ERROR_TIMEOUT,
		    "the board at %s does not come to the end of route %u (%s): %" PRIu64
		    " of %" PRIu64 " bytes are played, and no more for too long",
		    tx->stream.board->candidate.location, tx->stream.index,
		    tx->stream.route->info.name, tx->drained, tx->taken);
}

static int on_answer(struct stream *stream, bool has_stopped)
{
	struct iiobridge_tx *tx = tx_of(stream);
	struct iiobridge_board *board = stream->board;
	const uint64_t drained = stream->statistics.bytes_drained;
	bool moved, ending;
	int r;

	pthread_mutex_lock(&board->lock);
	moved = drained != tx->drained;
	tx->drained = drained;
	if (moved)
		tx->deadline_ns = 0;
	pthread_mutex_unlock(&board->lock);
	r = has_stopped ? judge_stop(tx) : note_repetition(tx, moved);
	pthread_mutex_lock(&board->lock);
	ending = is_ending(tx);
	pthread_mutex_unlock(&board->lock);
	return r == 0 && ending ? check_end(tx) : r;
}

static void on_error(struct stream *stream)
{
	wake_raise_locked(&tx_of(stream)->underflow_wake);
}

const struct stream_operations tx_operations = { on_record, on_answer, on_error };
