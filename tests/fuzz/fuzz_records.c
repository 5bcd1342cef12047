// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records: what a run makes of them is a list of gaps in order, and metadata that can be read. The
 * first bytes say what the route is, then come messages, each behind its length.
 */
#include "fuzz.h"

#include "host/files/failure.h"
#include "host/files/gaps.h"
#include "host/files/recording.h"
#include "host/files/sigmf.h"
#include "library/stream.h"

#include "tests/unit/test_host_route.h"

struct route_bytes {
	uint32_t block_size;
	uint32_t sample_size;
	uint32_t run;
	uint32_t estimated;
	uint64_t sample_rate_millihertz;
	uint64_t start_ns;
	uint64_t samples;
};

static struct failure failure;

static void check_gaps(const struct gaps *gaps)
{
	struct gap one, other;

	for (size_t i = 1; i < gaps->kept_count; i++)
		fuzz_check(gaps->kept[i - 1].at <= gaps->kept[i].at);
	fuzz_check(gaps_before(gaps, UINT64_MAX) <= gaps->count);
	fuzz_check(gaps_compare(gaps, gaps, UINT64_MAX, &one, &other) == GAPS_EQUAL);
}

static void check_metadata(const struct losses *losses, const struct route_bytes *bytes)
{
	static const struct iiobridge_channel_info channels[] = {
		{ .is_signed = 1, .bits = 12, .storage_bits = 16, .id = "voltage0" },
	};
	const struct iiobridge_route_info info = {
		.channel_count = 1,
		.channel_mask = 1,
		.block_size = bytes->block_size,
		.bytes_per_scan = 2,
		.sample_rate_millihertz = bytes->sample_rate_millihertz,
	};
	struct iiobridge_route *route = route_new(&info, channels);
	const struct recording_setup setup = { .route = route, .hw = "it" };
	struct recording_run run = { .told = losses->told, .start_ns = bytes->start_ns };
	const struct recording_facts facts = {
		.losses = losses,
		.estimated = bytes->estimated & 1,
		.runs = &run,
		.run_count = 1,
	};
	struct sigmf meta, again;
	char *text;

	fuzz_check(recording_describe(&setup, &facts, bytes->samples, &meta) == 0);
	text = sigmf_format(&meta);
	fuzz_check(text);
	fuzz_check(sigmf_parse(text, strlen(text), &failure, &again) == 0);
	fuzz_check(again.annotation_count == meta.annotation_count);
	sigmf_clear(&again);
	sigmf_clear(&meta);
	free(text);
	iiobridge_route_free(route);
}

/* The records as they come, up to the first that the library does not believe. */
static void take_records(struct block_log *log, struct losses *losses, struct fuzz_bytes *bytes)
{
	struct iiobridge_block_record entry;
	struct iiobridge_record record;
	struct fuzz_bytes message;
	uint16_t size;
	int r = 0;

	while (bytes->size > 0 && r >= 0) {
		fuzz_take(bytes, &size, sizeof(size));
		size %= 2 * sizeof(record);
		message =
			(struct fuzz_bytes){ bytes->data, size < bytes->size ? size : bytes->size };
		bytes->data += message.size;
		bytes->size -= message.size;
		while (message.size > 0 && r >= 0) {
			fuzz_take(&message, &record, sizeof(record));
			r = block_log_take(log, &record, &entry);
			if (r > 0)
				losses_take(losses, &entry);
			fuzz_check(losses->told <= log->place);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	struct losses losses = { 0 };
	struct route_bytes route;
	struct block_log log;

	fuzz_take(&bytes, &route, sizeof(route));
	/* As the library checks it before a stream begins. */
	if (route.sample_size == 0 || route.sample_size > route.block_size)
		return 0;
	log = (struct block_log){
		.route = "rx",
		.run = route.run,
		.block_size = route.block_size,
		.sample_size = route.sample_size,
	};
	losses_begin_run(&losses, 0);
	take_records(&log, &losses, &bytes);
	check_gaps(&losses.gaps);
	check_metadata(&losses, &route);
	losses_clear(&losses);
	return 0;
}
