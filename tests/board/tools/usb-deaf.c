// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-deaf - captures without reading the records, and reads what is left of them afterwards
 *
 * usb-deaf ROUTE SAMPLES: checks the counter in the samples and prints how many were wrong and how
 * often some were missing, and how many records of the run the board says are lost, and how many it
 * still sent. Ends with 0 when it got all samples and the end of the records.
 */
#include "host/counter.h"
#include "host/files/failure.h"
#include "library/stream.h"

#include <libusb-1.0/libusb.h>

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS	  100
#define RECORD_MS 5000 /* for the next message of those that are left */

struct deaf {
	struct iiobridge_board *board;
	struct iiobridge_route *route;
	unsigned int number;
	size_t left; /* bytes to capture */
	struct verify *verify;
	struct iiobridge_statistics_info statistics;
	uint64_t records;
	bool ended;
};

static int take_samples(void *context, struct slot *slot, size_t size)
{
	struct deaf *deaf = context;

	if (size > deaf->left)
		size = deaf->left;
	deaf->left -= size;
	verify_samples(deaf->verify, slot->buffer, size);
	return TRANSFERS_TAKEN;
}

static int open_route(struct deaf *deaf, uint64_t samples)
{
	struct failure failure = { 0 };
	int r;

	r = iiobridge_board_open(NULL, &deaf->board);
	if (r == 0)
		r = board_claim(deaf->board);
	if (r == 0)
		r = iiobridge_route_stop(deaf->board, deaf->number);
	if (r == 0)
		r = iiobridge_route_get(deaf->board, deaf->number, &deaf->route);
	if (r < 0)
		return r;
	deaf->left = samples * iiobridge_route_sample_size(deaf->route);
	if (verify_new(deaf->route, &failure, &deaf->verify) < 0)
		return fail(IIOBRIDGE_ERROR_INVALID, "%s", failure.message);
	return 0;
}

/* The transfers are in flight before the route starts, as with iiobridge. */
static int capture(struct deaf *deaf)
{
	struct transfers_setup setup = {
		.endpoint = (uint8_t)iiobridge_route_endpoint_in(deaf->route),
		.unit = iiobridge_route_sample_size(deaf->route),
		.arrived = take_samples,
		.context = deaf,
	};
	const size_t block_size = iiobridge_route_block_size(deaf->route);
	struct transfers *transfers;
	int r, ending;

	transfers_choose(block_size, block_size, usb_memory_take(), &setup.size, &setup.count);
	r = transfers_new(deaf->board, &setup, &transfers);
	if (r < 0)
		return r;
	r = transfers_start(transfers);
	if (r == 0)
		r = request_start(deaf->board, deaf->number);
	while (r == 0 && deaf->left > 0) {
		r = board_handle_events(deaf->board, POLL_MS);
		if (r == 0)
			r = transfers_error_locked(transfers)->code;
	}
	if (r < 0 && transfers_error_locked(transfers)->code)
		error_tell(transfers_error_locked(transfers));
	ending = iiobridge_route_stop(deaf->board, deaf->number);
	if (r == 0)
		r = ending;
	transfers_free(transfers);
	return r;
}

static void take_records(struct deaf *deaf, const uint8_t *data, size_t size)
{
	struct iiobridge_record record;

	for (size_t at = 0; at + sizeof(record) <= size; at += sizeof(record)) {
		memcpy(&record, data + at, sizeof(record));
		if (record.route != deaf->number ||
		    le32toh(record.run) != (uint32_t)deaf->statistics.starts)
			continue;
		deaf->records++;
		deaf->ended = record.flags & IIOBRIDGE_RECORD_END;
	}
}

/* What the board has kept of the run that is over. */
static int read_records(struct deaf *deaf)
{
	static uint8_t message[4096]; /* more than the longest, in whole packets */
	int r, size;

	r = iiobridge_route_statistics(deaf->board, deaf->number, &deaf->statistics);
	while (r == 0 && !deaf->ended) {
		r = libusb_bulk_transfer(deaf->board->handle, deaf->board->info.endpoint_records,
					 message, sizeof(message), &size, RECORD_MS);
		if (r < 0)
			return fail(usb_result(r), "the records cannot be read: %s",
				    libusb_strerror(r));
		take_records(deaf, message, (size_t)size);
	}
	return r;
}

static int run(struct deaf *deaf, uint64_t samples)
{
	const struct verify_result *result;
	int r;

	r = open_route(deaf, samples);
	if (r == 0)
		r = capture(deaf);
	if (r == 0)
		r = read_records(deaf);
	if (r < 0) {
		fprintf(stderr, "usb-deaf: %s\n", iiobridge_error_message());
		return 1;
	}
	result = verify_result(deaf->verify);
	printf("%" PRIu64 " samples, wrong %" PRIu64 ", jumps %" PRIu64 "; %" PRIu64
	       " blocks, records lost %" PRIu64 ", left %" PRIu64 "\n",
	       result->samples, result->wrong, result->jumps, deaf->statistics.blocks_delivered,
	       deaf->statistics.records_lost, deaf->records);
	return result->samples == samples ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct deaf deaf = { 0 };
	int r;

	if (argc != 3) {
		fprintf(stderr, "Usage: usb-deaf ROUTE SAMPLES\n");
		return 2;
	}
	deaf.number = (unsigned int)strtoul(argv[1], NULL, 10);
	r = run(&deaf, strtoull(argv[2], NULL, 10));
	verify_free(deaf.verify);
	iiobridge_route_free(deaf.route);
	iiobridge_board_close(deaf.board);
	return r;
}
