// SPDX-License-Identifier: GPL-2.0-or-later
#include "latency.h"

#include "host/cmd.h"
#include "host/files/clock.h"
#include "host/interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define TURN_MS	   20
#define WARM_UP_NS (200 * CLOCK_NS_PER_MS)

/* How long nothing may move. */
#define LIMIT_NS (10 * CLOCK_NS_PER_SECOND)

/* ---- moments, and what they come to ---- */

static int add_time(struct latency *latency, const struct latency_time *time,
		    struct failure *failure)
{
	const size_t room = latency->room ? 2 * latency->room : 1024;
	struct latency_time *times;

	if (latency->taken == latency->room) {
		times = realloc(latency->times, room * sizeof(*times));
		if (!times)
			return failure_set(failure, STATUS_FAILED, "no memory for the times");
		latency->times = times;
		latency->room = room;
	}
	latency->times[latency->taken++] = *time;
	return STATUS_OK;
}

static int compare_clocks(struct latency *latency, struct failure *failure)
{
	latency->clock_ns = clock_now_ns();
	return cmd_library(failure, iiobridge_board_clock(latency->board, &latency->clock));
}

static int compare(const void *one, const void *other)
{
	const double a = *(const double *)one, b = *(const double *)other;

	return a < b ? -1 : a > b;
}

/* The clocks drift apart: what is between the two looks is between what they found. */
static int finish(struct latency *latency, struct failure *failure)
{
	const struct iiobridge_clock_offset first = latency->clock;
	const uint64_t first_ns = latency->clock_ns;
	int status;

	status = compare_clocks(latency, failure);
	if (status != STATUS_OK)
		return status;
	if (latency->taken == 0)
		return failure_set(failure, STATUS_PROTOCOL, "no block of route %s has a time",
				   iiobridge_route_name(latency->route));
	latency->values = calloc(latency->taken, sizeof(latency->values[0]));
	if (!latency->values)
		return failure_set(failure, STATUS_FAILED, "no memory for the times");
	for (size_t i = 0; i < latency->taken; i++) {
		const struct latency_time *time = &latency->times[i];
		const double part = (double)(int64_t)(time->host_ns - first_ns) /
				    (double)(latency->clock_ns - first_ns);
		const double offset = (double)first.offset_ns +
				      part * (double)(latency->clock.offset_ns - first.offset_ns);
		/* Where it went is later than where it came from. */
		const double host_later =
			(double)(int64_t)(time->host_ns - time->board_ns) - offset;

		latency->values[i] = (latency->tx ? -host_later : host_later) / CLOCK_NS_PER_MS;
	}
	latency->count = latency->taken;
	qsort(latency->values, latency->count, sizeof(latency->values[0]), compare);
	latency->uncertainty_ns = first.uncertainty_ns > latency->clock.uncertainty_ns
					  ? first.uncertainty_ns
					  : latency->clock.uncertainty_ns;
	return STATUS_OK;
}

double latency_at(const struct latency *latency, unsigned int thousandths)
{
	const size_t rank = (latency->count * thousandths + 999) / 1000;

	return latency->values[rank > 0 ? rank - 1 : 0];
}

/* ---- the two directions ---- */

static int check_turn(const struct latency *latency, uint64_t moved_ns, struct failure *failure)
{
	if (interrupt_signal())
		return STATUS_SIGNAL + interrupt_signal();
	if (clock_now_ns() > moved_ns + LIMIT_NS)
		return failure_set(failure, STATUS_PROTOCOL,
				   "route %s moves no samples: none for 10 s",
				   iiobridge_route_name(latency->route));
	return STATUS_OK;
}

/* Those of the blocks whose last sample came by now. */
static int note_received(struct latency *latency, uint64_t samples, uint64_t now_ns,
			 struct iiobridge_block_record *record, struct failure *failure)
{
	int status = STATUS_OK;

	while (status == STATUS_OK &&
	       (record->samples || iiobridge_rx_next_record(latency->rx, record) > 0)) {
		const struct latency_time time = { now_ns, record->filled_ns };

		if (record->place + record->samples > samples)
			break;
		if (record->samples)
			status = add_time(latency, &time, failure);
		record->samples = 0;
	}
	return status;
}

static int receive(struct latency *latency, struct failure *failure)
{
	struct iiobridge_block_record record = { 0 };
	uint64_t samples = 0, now_ns = clock_now_ns();
	const uint64_t begin_ns = now_ns + WARM_UP_NS, end_ns = begin_ns + latency->nanoseconds;
	struct iiobridge_block block;
	int status, r;

	status = cmd_library(failure, iiobridge_rx_start(latency->rx));
	while (status == STATUS_OK && now_ns < end_ns) {
		r = iiobridge_rx_acquire(latency->rx, TURN_MS, &block);
		if (r < 0)
			return cmd_library(failure, r);
		if (r == 0) {
			status = check_turn(latency, now_ns, failure);
			continue;
		}
		now_ns = clock_now_ns();
		samples += block.samples;
		iiobridge_rx_release(latency->rx, &block);
		status = note_received(latency, samples, now_ns, &record, failure);
		if (now_ns < begin_ns)
			latency->taken = 0;
		if (status == STATUS_OK)
			status = check_turn(latency, now_ns, failure);
	}
	if (status == STATUS_OK)
		status = cmd_library(failure, iiobridge_rx_stop(latency->rx));
	iiobridge_rx_statistics(latency->rx, &latency->statistics);
	return status;
}

/* The times of those that were played; @times has when each was written. */
static void note_played(struct latency *latency, uint64_t primed)
{
	struct iiobridge_block_record record;

	while (iiobridge_tx_next_record(latency->tx, &record) > 0) {
		if (record.flags & IIOBRIDGE_RECORD_IS_END || record.sequence < primed ||
		    record.sequence - primed >= latency->taken)
			continue;
		latency->times[record.sequence - primed].board_ns =
			record.delivered_ns - latency->block_ns;
	}
}

static void forget_unplayed(struct latency *latency)
{
	size_t kept = 0;

	for (size_t i = 0; i < latency->taken; i++) {
		if (latency->times[i].board_ns)
			latency->times[kept++] = latency->times[i];
	}
	latency->taken = kept;
}

static int write_block(struct latency *latency, const void *silence, size_t samples,
		       struct failure *failure)
{
	const uint64_t begin_ns = clock_now_ns();
	int status = STATUS_OK;
	size_t done = 0;

	while (status == STATUS_OK && done < samples) {
		const int64_t r = iiobridge_tx_write(latency->tx, silence, samples - done, TURN_MS);

		if (r < 0)
			return cmd_library(failure, r);
		done += (size_t)r;
		status = check_turn(latency, begin_ns, failure);
	}
	return status;
}

/* As many blocks as the board has, which starts the DAC; then one when one is over. */
static int write_blocks(struct latency *latency, const void *silence, size_t samples,
			struct failure *failure)
{
	const uint64_t primed = iiobridge_route_block_count(latency->route);
	int status = STATUS_OK;
	uint64_t begin_ns;

	for (uint64_t i = 0; status == STATUS_OK && i < primed; i++)
		status = write_block(latency, silence, samples, failure);
	begin_ns = clock_now_ns();
	for (uint64_t i = 0; status == STATUS_OK; i++) {
		const uint64_t due_ns = begin_ns + i * latency->block_ns;
		const struct timespec due = clock_timespec(due_ns);
		struct latency_time time = { 0 };

		if (due_ns > begin_ns + latency->nanoseconds)
			break;
		/* A signal is seen in check_turn(). */
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		time.host_ns = clock_now_ns();
		status = add_time(latency, &time, failure);
		if (status == STATUS_OK)
			status = write_block(latency, silence, samples, failure);
		note_played(latency, primed);
	}
	if (status == STATUS_OK)
		status = cmd_library(failure, iiobridge_tx_stop(latency->tx));
	note_played(latency, primed);
	forget_unplayed(latency);
	return status;
}

static int transmit(struct latency *latency, struct failure *failure)
{
	const size_t size = iiobridge_route_sample_size(latency->route);
	void *silence;
	int status;

	if (!latency->block_ns)
		return failure_set(failure, STATUS_USAGE,
				   "the DAC of route %s does not tell its sample rate, which is "
				   "what blocks are written at",
				   iiobridge_route_name(latency->route));
	silence = calloc(1, iiobridge_route_block_size(latency->route));
	if (!silence)
		return failure_set(failure, STATUS_FAILED, "no memory for a block");
	status = write_blocks(latency, silence, iiobridge_route_block_size(latency->route) / size,
			      failure);
	free(silence);
	iiobridge_tx_statistics(latency->tx, &latency->statistics);
	return status;
}

static int open_stream(struct latency *latency, bool is_tx, struct failure *failure)
{
	int r;

	latency->settings.flags = IIOBRIDGE_STREAM_KEEP_RECORDS | IIOBRIDGE_STREAM_WAIT_FOR_RECORDS;
	if (is_tx)
		r = iiobridge_tx_open(latency->board, latency->index, &latency->settings,
				      &latency->tx);
	else
		r = iiobridge_rx_open(latency->board, latency->index, &latency->settings,
				      &latency->rx);
	if (r < 0)
		return cmd_library(failure, r);
	latency->route = is_tx ? iiobridge_tx_route(latency->tx) : iiobridge_rx_route(latency->rx);
	if (iiobridge_route_sample_rate(latency->route) > 0)
		latency->block_ns = (uint64_t)((double)iiobridge_route_block_size(latency->route) /
					       (double)iiobridge_route_sample_size(latency->route) /
					       iiobridge_route_sample_rate(latency->route) *
					       CLOCK_NS_PER_SECOND);
	return STATUS_OK;
}

int latency_measure(struct latency *latency, struct failure *failure)
{
	const bool is_tx = iiobridge_route_kind(latency->route) == IIOBRIDGE_ROUTE_TX;
	int status;

	status = open_stream(latency, is_tx, failure);
	if (status == STATUS_OK)
		status = compare_clocks(latency, failure);
	if (status == STATUS_OK)
		status = is_tx ? transmit(latency, failure) : receive(latency, failure);
	return status == STATUS_OK ? finish(latency, failure) : status;
}

void latency_release(struct latency *latency)
{
	iiobridge_rx_close(latency->rx);
	iiobridge_tx_close(latency->tx);
	free(latency->times);
	free(latency->values);
}
