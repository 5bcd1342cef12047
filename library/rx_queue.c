// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rx_queue.c - what arrives, and what the records tell of it
 *
 * Samples come from one endpoint, and what became of their blocks from another, in either order.
 * What a transfer brought is a chunk: the transfer's own buffer, which the caller gets without a
 * copy, or, when he is late and has many of these, a copy in memory of its own. What a record tells
 * is a stretch: samples in the data, and where they are on the converter's clock.
 */
#include "rx.h"

#include <stdlib.h>
#include <string.h>

/* ---- what arrives ---- */

static void append(struct iiobridge_rx *rx, struct chunk *chunk, size_t samples)
{
	chunk->next = NULL;
	chunk->samples = samples;
	chunk->place = rx->arrived;
	chunk->users = 1;
	chunk->next_used = rx->used;
	chunk->at_used = &rx->used;
	if (rx->used)
		rx->used->at_used = &chunk->next_used;
	rx->used = chunk;
	*rx->last = chunk;
	rx->last = &chunk->next;
	rx->arrived += samples;
	wake_raise_locked(&rx->stream.wake);
}

/* The caller is late: what waits is copied, so that the transfer can go on. */
static struct chunk *copy_chunk(struct iiobridge_rx *rx, const uint8_t *data, size_t size)
{
	const size_t room = transfers_size(rx->stream.transfers);
	struct chunk *chunk = rx->spare;

	if (chunk)
		rx->spare = chunk->next;
	else
		chunk = malloc(sizeof(*chunk) + room);
	if (!chunk)
		return NULL;
	memcpy(chunk->copy, data, size);
	chunk->slot = NULL;
	chunk->data = chunk->copy;
	rx->copied += room;
	return chunk;
}

static struct chunk *keep_chunk(struct slot *slot)
{
	struct chunk *chunk = malloc(sizeof(*chunk));

	if (!chunk)
		return NULL;
	chunk->slot = slot;
	chunk->data = slot->buffer;
	return chunk;
}

/* However little it may be, one transfer can wait. */
static bool memory_is_full(const struct iiobridge_rx *rx)
{
	return rx->copied > 0 &&
	       rx->copied + transfers_size(rx->stream.transfers) > rx->stream.settings.memory;
}

/* The first block and its record come in either order. */
static void note_time_of_day(struct iiobridge_rx *rx)
{
	if (rx->has_realtime || !rx->first_ns || !rx->delivered_ns)
		return;
	rx->to_realtime_ns = (int64_t)(rx->first_ns - rx->delivered_ns);
	rx->has_realtime = true;
}

static void note_arrival(struct iiobridge_rx *rx, size_t size)
{
	if (rx->first_left == 0)
		return;
	rx->first_left -= size < rx->first_left ? size : rx->first_left;
	if (rx->first_left > 0)
		return;
	rx->first_ns = clock_realtime_ns();
	note_time_of_day(rx);
}

int rx_arrived(void *context, struct slot *slot, size_t size)
{
	struct iiobridge_rx *rx = context;
	struct stream *stream = &rx->stream;
	const char *location = stream->board->candidate.location;
	const bool keep = transfers_can_spare_locked(stream->transfers);
	struct chunk *chunk;

	if (!stream->started)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board at %s sent %zu bytes on route %u (%s) before it was started",
			    location, size, stream->index, stream->route->info.name);
	if (rx->dropping)
		return TRANSFERS_TAKEN;
	note_arrival(rx, size);
	chunk = keep ? keep_chunk(slot) : copy_chunk(rx, slot->buffer, size);
	if (!chunk)
		return fail_memory("samples that wait");
	append(rx, chunk, size / stream->sample_size);
	if (!keep && memory_is_full(rx)) {
		rx->held = true;
		transfers_hold_locked(stream->transfers, true);
	}
	return keep ? TRANSFERS_KEPT : TRANSFERS_TAKEN;
}

void rx_ended(void *context)
{
	struct iiobridge_rx *rx = context;

	stream_transfers_ended_locked(&rx->stream);
}

void rx_drop_user_locked(struct iiobridge_rx *rx, struct chunk *chunk)
{
	struct stream *stream = &rx->stream;

	if (--chunk->users > 0)
		return;
	*chunk->at_used = chunk->next_used;
	if (chunk->next_used)
		chunk->next_used->at_used = chunk->at_used;
	if (chunk->slot) {
		transfers_release_locked(chunk->slot);
		free(chunk);
		return;
	}
	rx->copied -= transfers_size(stream->transfers);
	chunk->next = rx->spare;
	rx->spare = chunk;
	if (rx->held && !memory_is_full(rx)) {
		rx->held = false;
		transfers_hold_locked(stream->transfers, false);
	}
}

void rx_drop_all_locked(struct iiobridge_rx *rx)
{
	while (rx->first) {
		struct chunk *chunk = rx->first;

		rx->first = chunk->next;
		rx_drop_user_locked(rx, chunk);
	}
	rx->last = &rx->first;
	while (rx->spare) {
		struct chunk *chunk = rx->spare;

		rx->spare = chunk->next;
		free(chunk);
	}
}

void rx_forget_all_locked(struct iiobridge_rx *rx)
{
	while (rx->used) {
		struct chunk *chunk = rx->used;

		rx->used = chunk->next_used;
		free(chunk);
	}
}

/* ---- what the records tell ---- */

uint64_t rx_samples_ns(const struct iiobridge_rx *rx, uint64_t samples)
{
	const uint64_t rate = rx->stream.route->info.sample_rate_millihertz;

	if (rate == 0)
		return 0;
	return samples / rate * (1000 * NS_PER_SECOND) +
	       (uint64_t)((double)(samples % rate) * 1e12 / (double)rate);
}

/* The clock is set by the first block, and then counts: the time of others only shows its drift. */
static void note_time(struct iiobridge_rx *rx, const struct iiobridge_block_record *record)
{
	const uint64_t end_ns = rx_samples_ns(rx, record->first_sample + record->samples);
	const uint64_t later_ns = rx_samples_ns(rx, record->first_sample);

	/* Without the record of the first block, of one that came so much later. */
	if (!rx->delivered_ns && record->delivered_ns > later_ns) {
		rx->delivered_ns = record->delivered_ns - later_ns;
		note_time_of_day(rx);
	}
	if (record->flags & IIOBRIDGE_RECORD_RATE_CHANGED)
		rx->rate_changed = true;
	if (rx->stream.route->info.sample_rate_millihertz == 0 || rx->rate_changed)
		return;
	if (!rx->has_clock)
		rx->clock_ns = record->filled_ns > end_ns ? record->filled_ns - end_ns : 0;
	rx->has_clock = true;
	rx->drift_ns = (int64_t)(record->filled_ns - (rx->clock_ns + end_ns));
}

static struct stretch *stretch_at(struct iiobridge_rx *rx, size_t index)
{
	return &rx->stretches[(rx->stretches_first + index) % rx->stretches_room];
}

static int add_stretch(struct iiobridge_rx *rx, const struct stretch *stretch)
{
	const size_t room = rx->stretches_room ? 2 * rx->stretches_room : 64;
	struct stretch *stretches;

	/* All of it was handed on already: what is behind it tells of the gap. */
	if (stretch->place + stretch->samples <= rx->handed) {
		rx->lost += stretch->lost;
		rx->gap = rx->gap || stretch->gap;
		rx->tuned = rx->tuned || stretch->tuned;
		return 0;
	}
	if (rx->stretches_room == 0 || rx->stretches_count == rx->stretches_room) {
		stretches = calloc(room, sizeof(*stretches));
		if (!stretches)
			return fail_memory("what the records say");
		for (size_t i = 0; i < rx->stretches_count && rx->stretches_room > 0; i++)
			stretches[i] = *stretch_at(rx, i);
		free(rx->stretches);
		rx->stretches = stretches;
		rx->stretches_room = room;
		rx->stretches_first = 0;
	}
	*stretch_at(rx, rx->stretches_count++) = *stretch;
	return 0;
}

static int on_record(struct stream *stream, const struct iiobridge_block_record *record)
{
	struct iiobridge_rx *rx = rx_of(stream);
	/* If there were gaps between blocks without records, only their sum is known. */
	const struct stretch missing = {
		.place = record->place - record->samples_missing,
		.samples = record->samples_missing,
		.first_sample = record->place - record->samples_missing + rx->ahead,
	};
	const struct stretch stretch = {
		.place = record->place,
		.samples = record->samples,
		.first_sample = record->first_sample,
		.lost = record->samples_lost,
		.filled_ns = record->filled_ns,
		.gap = record->samples_lost || record->flags & IIOBRIDGE_RECORD_HAS_GAP,
		.tuned = record->flags & IIOBRIDGE_RECORD_WAS_TUNED,
		.tuned_untold = record->flags & IIOBRIDGE_RECORD_WAS_TUNED,
		.rate_changed = rx->rate_changed || record->flags & IIOBRIDGE_RECORD_RATE_CHANGED,
		.has_record = true,
	};
	int r = 0;

	if (missing.samples)
		r = add_stretch(rx, &missing);
	rx->ahead = record->first_sample - record->place;
	if (record->flags & IIOBRIDGE_RECORD_IS_END)
		return r;
	note_time(rx, record);
	return r < 0 ? r : add_stretch(rx, &stretch);
}

static int on_answer(struct stream *stream, bool has_stopped)
{
	return has_stopped ? stream_explain_stop(stream) : 0;
}

/* The stretch that a place in the data is in, or NULL while it is not known. */
struct stretch *rx_find_stretch_locked(struct iiobridge_rx *rx, uint64_t place)
{
	while (rx->stretches_count > 0) {
		struct stretch *stretch = stretch_at(rx, 0);

		if (place < stretch->place)
			return NULL;
		if (place < stretch->place + stretch->samples)
			return stretch;
		/* Behind samples that were handed on before their record came. */
		rx->lost += stretch->lost;
		rx->gap = rx->gap || stretch->gap;
		rx->tuned = rx->tuned || stretch->tuned_untold;
		rx->stretches_first = (rx->stretches_first + 1) % rx->stretches_room;
		rx->stretches_count--;
	}
	return NULL;
}

/* What is in flight may have come before it, and is the last. */
static void on_error(struct stream *stream)
{
	transfers_finish_locked(stream->transfers);
}

const struct stream_operations rx_operations = { on_record, on_answer, on_error };
