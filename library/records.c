// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * records.c - what the board tells of its blocks
 *
 * A board has one endpoint for the records of all its routes. What arrives in between, and when,
 * does not depend on the samples.
 */
#include "stream.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX    (IIOBRIDGE_RECORDS_MAX * sizeof(struct iiobridge_record))
#define MESSAGES_COUNT 64

#define GAP_FLAGS (IIOBRIDGE_RECORD_GAP | IIOBRIDGE_RECORD_LATE)

struct records {
	struct iiobridge_board *board;
	struct transfers *transfers;
};

/* The bytes of a message have no alignment. */
static struct iiobridge_record read_record(const uint8_t *data)
{
	struct iiobridge_record record;

	memcpy(&record, data, sizeof(record));
	record.reserved = le16toh(record.reserved);
	record.run = le32toh(record.run);
	record.sequence = le64toh(record.sequence);
	record.first_scan = le64toh(record.first_scan);
	record.filled_ns = le64toh(record.filled_ns);
	record.drained_ns = le64toh(record.drained_ns);
	record.bytes = le32toh(record.bytes);
	record.reserved2 = le32toh(record.reserved2);
	return record;
}

static int take_record(struct iiobridge_board *board, const struct iiobridge_record *record)
{
	if (record->route >= board->info.route_count)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "a record is of route %u; the board has %u routes", record->route,
			    board->info.route_count);
	if (record->reserved || record->reserved2)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "a record of route %u has %u and %u where the protocol has 0",
			    record->route, record->reserved, record->reserved2);
	if (board->streams[record->route])
		stream_take_record_locked(board->streams[record->route], record);
	return 0;
}

static int on_message(void *context, struct slot *slot, size_t size)
{
	struct records *records = context;
	int r = 0;

	if (size > MESSAGE_MAX || size % sizeof(struct iiobridge_record))
		return fail(
			IIOBRIDGE_ERROR_PROTOCOL,
			"the board at %s sent %zu bytes of records; it must be whole records of "
			"%zu bytes, and at most %d of them",
			records->board->candidate.location, size, sizeof(struct iiobridge_record),
			IIOBRIDGE_RECORDS_MAX);
	for (size_t at = 0; at < size && r == 0; at += sizeof(struct iiobridge_record)) {
		const struct iiobridge_record record = read_record(slot->buffer + at);

		r = take_record(records->board, &record);
	}
	return r;
}

/* Each stream finds out for itself what that means. */
static void on_end(void *context)
{
	const struct records *records = context;

	board_wake_thread(records->board);
}

int records_new(struct iiobridge_board *board, struct records **ret)
{
	struct transfers_setup setup = {
		.endpoint = board->info.endpoint_records,
		.unit = 1,
		.count = MESSAGES_COUNT,
		.may_be_short = true,
		.arrived = on_message,
		.done = on_end,
	};
	struct records *records;
	int packet_size, r;

	packet_size = board_packet_size(board, setup.endpoint);
	if (packet_size < 0)
		return packet_size;
	records = calloc(1, sizeof(*records));
	if (!records)
		return fail_memory("the reader of records");
	records->board = board;
	/* Whole packets, and room for more than the longest message, so that a short one ends it.
	 */
	setup.size = MESSAGE_MAX - MESSAGE_MAX % (size_t)packet_size + (size_t)packet_size;
	setup.context = records;
	r = transfers_new(board, &setup, &records->transfers);
	if (r == 0)
		r = transfers_start(records->transfers);
	if (r < 0) {
		records_free(records);
		return r;
	}
	*ret = records;
	return 0;
}

void records_free(struct records *records)
{
	if (!records)
		return;
	transfers_free(records->transfers);
	free(records);
}

const struct error *records_error_locked(const struct records *records)
{
	return transfers_error_locked(records->transfers);
}

/* ---- the log of a run ---- */

static int check_order(const struct block_log *log, const struct iiobridge_record *record)
{
	if (log->ended)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "a record of block %" PRIu64 " of route %s came after that of the end",
			    record->sequence, log->route);
	if (record->sequence < log->next_sequence)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the records of route %s go back: block %" PRIu64 ", when %" PRIu64
			    " was next",
			    log->route, record->sequence, log->next_sequence);
	if (record->first_scan < log->next_sample)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the records of route %s go back: block %" PRIu64
			    " begins with sample %" PRIu64 ", when %" PRIu64 " was next",
			    log->route, record->sequence, record->first_scan, log->next_sample);
	if (!(record->flags & IIOBRIDGE_RECORD_END) &&
	    (record->bytes == 0 || record->bytes > log->block_size ||
	     record->bytes % log->sample_size))
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the record of block %" PRIu64
			    " of route %s tells of %u bytes; it must "
			    "be whole samples of %zu bytes, and at most %zu",
			    record->sequence, log->route, record->bytes, log->sample_size,
			    log->block_size);
	return 0;
}

/*
 * What stands between the last record and this one; numbers from the bus may be of any size. Of
 * blocks whose records are missing it is taken that they were whole.
 */
static int find_missing(const struct block_log *log, const struct iiobridge_record *record,
			struct iiobridge_block_record *entry)
{
	const uint64_t block_samples = log->block_size / log->sample_size;
	const uint64_t span = record->first_scan - log->next_sample;
	uint64_t delivered, sum;

	entry->records_missing = record->sequence - log->next_sequence;
	if (__builtin_mul_overflow(entry->records_missing, block_samples, &delivered) ||
	    __builtin_add_overflow(log->place, delivered, &sum) ||
	    __builtin_add_overflow(sum, block_samples, &sum) ||
	    __builtin_add_overflow(record->first_scan, block_samples, &sum))
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the records of route %s jump to block %" PRIu64 ", sample %" PRIu64
			    ": no converter is that fast",
			    log->route, record->sequence, record->first_scan);
	entry->samples_missing = delivered < span ? delivered : span;
	entry->samples_lost = span - entry->samples_missing;
	if (entry->samples_lost && !entry->records_missing && !(record->flags & GAP_FLAGS))
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the records of route %s go from sample %" PRIu64 " to %" PRIu64
			    " without a gap between",
			    log->route, log->next_sample, record->first_scan);
	return 0;
}

int block_log_take(struct block_log *log, const struct iiobridge_record *record,
		   struct iiobridge_block_record *entry)
{
	const int32_t age = (int32_t)(log->run - record->run);
	int r;

	if (age > 0)
		return 0;
	if (age < 0)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "somebody else has started route %s meanwhile: a record is of run %u, "
			    "and this is run %u",
			    log->route, record->run, log->run);
	*entry = (struct iiobridge_block_record){
		.flags = record->flags,
		.run = record->run,
		.sequence = record->sequence,
		.first_sample = record->first_scan,
		.filled_ns = record->filled_ns,
		.delivered_ns = record->drained_ns,
	};
	r = check_order(log, record);
	if (r == 0)
		r = find_missing(log, record, entry);
	if (r < 0)
		return r;

	log->records_missing += entry->records_missing;
	log->place += entry->samples_missing;
	entry->place = log->place;
	log->ended = record->flags & IIOBRIDGE_RECORD_END;
	if (log->ended)
		return 1;
	entry->samples = record->bytes / log->sample_size;
	log->place += entry->samples;
	log->next_sample = record->first_scan + entry->samples;
	log->next_sequence = record->sequence + 1;
	return 1;
}
