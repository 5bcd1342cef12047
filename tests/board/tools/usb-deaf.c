// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-deaf - captures without reading the records, and reads what is left of them afterwards
 *
 * usb-deaf ROUTE SAMPLES: checks the counter in the samples and prints how many were wrong and how
 * often some were missing, and how many records of the run the board says are lost, and how many it
 * still sent. Ends with 0 when it got all samples and the end of the records.
 */
#include "host/capture.h"
#include "host/clock.h"
#include "host/device.h"
#include "host/failure.h"
#include "host/records.h"
#include "host/verify.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define POLL_MS	 100
#define LIMIT_NS (5 * CLOCK_NS_PER_SECOND)

struct deaf {
	struct failure failure;
	struct device *device;
	unsigned int route;
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
	struct verify *verify;
	struct iiobridge_statistics statistics;
	uint64_t records;
	bool ended;
};

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct deaf *deaf = context;

	verify_scans(deaf->verify, data, size);
	return 0;
}

static int take_record(void *context, const struct iiobridge_record *record)
{
	struct deaf *deaf = context;

	if (record->run != (uint32_t)deaf->statistics.starts)
		return 0;
	deaf->records++;
	deaf->ended = record->flags & IIOBRIDGE_RECORD_END;
	return 0;
}

static int make_verify(struct deaf *deaf, const struct capture *capture)
{
	const struct iiobridge_route_info *route = capture_route(capture);
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < route->channel_count; i++)
		r = device_get_channel(deaf->device, deaf->route, i, &deaf->channels[i]);
	if (r < 0)
		return r;
	return verify_new(deaf->channels, route->channel_count, route->channel_mask,
			  route->bytes_per_scan, &deaf->failure, &deaf->verify);
}

static int capture_samples(struct deaf *deaf, uint64_t scans)
{
	const struct session_settings settings = { .route = deaf->route };
	struct capture *capture;
	int r, ending;

	r = capture_new(deaf->device, &settings, &capture);
	if (r < 0)
		return r;
	r = make_verify(deaf, capture);
	if (r == 0)
		r = capture_start(capture, scans, take_scans, deaf);
	while (r == 0 && !capture_complete(capture))
		r = capture_poll(capture, POLL_MS);
	ending = capture_finish(capture);
	capture_free(capture);
	return r < 0 ? r : ending;
}

/* What the board has kept of the run that is over. */
static int read_records(struct deaf *deaf)
{
	const uint64_t end = clock_now_ns() + LIMIT_NS;
	struct records *records;
	int r;

	r = device_get_statistics(deaf->device, deaf->route, &deaf->statistics);
	if (r == 0)
		r = records_new(deaf->device, &records);
	if (r < 0)
		return r;
	records_follow(records, deaf->route, take_record, deaf);
	r = records_start(records);
	while (r == 0 && !deaf->ended && clock_now_ns() < end)
		r = records_poll(records, POLL_MS);
	records_free(records);
	return r;
}

static int run(struct deaf *deaf, uint64_t scans)
{
	const struct verify_result *result;
	int r;

	r = capture_samples(deaf, scans);
	if (r == 0)
		r = read_records(deaf);
	if (r < 0) {
		fprintf(stderr, "usb-deaf: %s\n", deaf->failure.message);
		return 1;
	}
	result = verify_result(deaf->verify);
	printf("%" PRIu64 " samples, wrong %" PRIu64 ", jumps %" PRIu64 "; %" PRIu64
	       " blocks, records lost %" PRIu64 ", left %" PRIu64 "\n",
	       result->scans, result->wrong, result->jumps, deaf->statistics.blocks_drained,
	       deaf->statistics.records_lost, deaf->records);
	return deaf->ended && result->scans == scans ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct deaf deaf = { .failure = { "" } };
	struct device_list *list = NULL;
	int r;

	if (argc != 3) {
		fprintf(stderr, "Usage: usb-deaf ROUTE SAMPLES\n");
		return 2;
	}
	deaf.route = (unsigned int)strtoul(argv[1], NULL, 10);
	r = device_list_new(&deaf.failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &deaf.failure, &deaf.device);
	if (r < 0) {
		fprintf(stderr, "usb-deaf: %s\n", deaf.failure.message);
		device_list_free(list);
		return 1;
	}
	r = run(&deaf, strtoull(argv[2], NULL, 10));
	verify_free(deaf.verify);
	device_close(deaf.device);
	device_list_free(list);
	return r;
}
