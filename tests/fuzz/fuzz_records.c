// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of records: what a run makes of them is a list of gaps in order, and metadata that can
 * be read. The first bytes say what the route is, then come messages, each behind its length.
 */
#include "fuzz.h"

#include "host/failure.h"
#include "host/files/gaps.h"
#include "host/files/recording.h"
#include "host/files/sigmf.h"
#include "host/records.h"
#include "host/trail.h"

#include "tests/unit/test_host_fake.h"

struct route_bytes {
	uint32_t block_size;
	uint32_t bytes_per_scan;
	uint32_t run;
	uint32_t estimated;
	uint64_t sample_rate_millihertz;
	uint64_t arrived_ns;
	uint64_t scans;
};

static struct failure failure;

static int take_record(void *context, const struct iiobridge_record *record)
{
	return trail_take(context, record, &failure);
}

static void check_gaps(const struct gaps *gaps)
{
	struct gap one, other;

	for (size_t i = 1; i < gaps->kept_count; i++)
		fuzz_check(gaps->kept[i - 1].at <= gaps->kept[i].at);
	fuzz_check(gaps_before(gaps, UINT64_MAX) <= gaps->count);
	fuzz_check(gaps_compare(gaps, gaps, UINT64_MAX, &one, &other) == GAPS_EQUAL);
}

static void check_metadata(const struct trail *trail, const struct route_bytes *bytes)
{
	static const struct iiobridge_channel_info channels[] = {
		{ .is_signed = 1, .bits = 12, .storage_bits = 16, .id = "voltage0" },
	};
	const struct iiobridge_route_info route = {
		.channel_mask = 1,
		.block_size = bytes->block_size,
		.bytes_per_scan = 2,
		.sample_rate_millihertz = bytes->sample_rate_millihertz,
	};
	const struct recording_setup setup = { .route = &route, .channels = channels, .hw = "it" };
	const struct iiobridge_record *first = trail_first(trail);
	const struct recording_run one = {
		.told = trail_scans(trail),
		.arrived_ns = bytes->arrived_ns,
		.has_first = first,
		.first = first ? *first : (struct iiobridge_record){ 0 },
	};
	const struct recording_facts facts = {
		.trail = trail,
		.estimated = bytes->estimated & 1,
		.runs = &one,
		.run_count = 1,
	};
	struct sigmf meta, again;
	char *text;

	fuzz_check(recording_describe(&setup, &facts, bytes->scans, &meta) == 0);
	text = sigmf_format(&meta);
	fuzz_check(text);
	fuzz_check(sigmf_parse(text, strlen(text), &failure, &again) == 0);
	fuzz_check(again.annotation_count == meta.annotation_count);
	sigmf_clear(&again);
	sigmf_clear(&meta);
	free(text);
}

/* The board sends the messages as the host reads them. */
static void send_messages(struct records *records, struct fuzz_bytes *bytes)
{
	uint8_t message[FAKE_MESSAGE_SIZE];
	uint16_t size;

	while (bytes->size > 0) {
		fuzz_take(bytes, &size, sizeof(size));
		size %= FAKE_MESSAGE_SIZE;
		fuzz_take(bytes, message, size);
		fake_send_message(message, size);
		if (records_poll(records, 0) < 0)
			return;
	}
}

static void run(struct device *device, const struct route_bytes *route, struct fuzz_bytes *bytes)
{
	const struct trail_setup setup = {
		.route = "rx",
		.run = route->run,
		.block_size = route->block_size,
		.bytes_per_scan = route->bytes_per_scan,
	};
	struct trail *trail = trail_new(&setup);
	struct records *records = NULL;

	fuzz_check(trail && records_new(device, &records) == 0);
	records_follow(records, 0, take_record, trail);
	fuzz_check(records_start(records) == 0);
	send_messages(records, bytes);
	check_gaps(trail_gaps(trail));
	check_metadata(trail, route);
	records_free(records);
	trail_free(trail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	struct device_list *list;
	struct device *device;
	struct route_bytes route;

	fuzz_take(&bytes, &route, sizeof(route));
	/* As a session checks it before it begins. */
	if (route.bytes_per_scan == 0 || route.bytes_per_scan > route.block_size)
		return 0;
	fake_reset();
	fuzz_check(fake_open(&failure, &list, &device) == 0);
	run(device, &route, &bytes);
	fuzz_check(fake_close(list, device) == 0);
	return 0;
}
