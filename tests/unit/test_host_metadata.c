// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the metadata of a recording say about time, gaps, and what is not known.
 */
#include "host/failure.h"
#include "host/files/gaps.h"
#include "host/files/recording.h"
#include "host/files/sigmf.h"
#include "host/trail.h"

#include <iiobridge/protocol.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static struct failure failure;

static void the_time_of_the_first_sample_is_before_the_first_block_came(void **state)
{
	struct iiobridge_route_info route = { .block_size = 4000, .bytes_per_scan = 4 };
	struct iiobridge_record record = { .filled_ns = 7000, .drained_ns = 7500 };
	const uint64_t arrived = 1000 * SECOND;

	(void)state;
	assert_true(recording_start_time(&route, &record, 0) == 0);
	assert_true(recording_start_time(&route, NULL, arrived) == arrived);
	assert_true(recording_start_time(&route, &record, arrived) == arrived - 500);
	route.sample_rate_millihertz = 1000000; /* a block is a second */
	assert_true(recording_start_time(&route, NULL, arrived) == arrived - SECOND);
	assert_true(recording_start_time(&route, &record, arrived) == arrived - SECOND - 500);
	record.drained_ns = 2000 * SECOND;
	assert_true(recording_start_time(&route, &record, arrived) == arrived);

	/* What was sent early is as long as its record says. */
	record.drained_ns = 7500;
	record.bytes = 400;
	route.transfer = IIOBRIDGE_COPY_EARLY;
	assert_true(recording_start_time(&route, NULL, arrived) == arrived);
	assert_true(recording_start_time(&route, &record, arrived) == arrived - SECOND / 10 - 500);
	route.transfer = IIOBRIDGE_COPY;

	/* A block that takes longer than 64 bits of nanoseconds: a fuzz target had found it. */
	route.sample_rate_millihertz = 1;
	route.block_size = UINT32_MAX;
	route.bytes_per_scan = 1;
	assert_true(recording_start_time(&route, NULL, arrived) == arrived);
}

/* A record of a block of ten scans at 1 kS/s. */
static void take_record(struct trail *trail, uint64_t sequence, uint64_t first_scan, int flags)
{
	const struct iiobridge_record record = {
		.flags = (uint8_t)flags,
		.sequence = sequence,
		.first_scan = first_scan,
		.filled_ns = 1000,
		.drained_ns = 1000,
		.bytes = 20,
	};

	assert_int_equal(trail_take(trail, &record, &failure), 0);
}

/* The metadata of @scans after some records, with gaps of lengths that are estimated or not. */
static void describe(struct trail *trail, bool estimated, uint64_t scans, struct sigmf *meta)
{
	static const struct iiobridge_channel_info channel = {
		.is_signed = 1, .bits = 12, .storage_bits = 16, .shift = 4, .id = "voltage0"
	};
	static const struct iiobridge_route_info route = {
		.block_size = 20,
		.bytes_per_scan = 2,
		.channel_mask = 1,
		.sample_rate_millihertz = 1000000,
	};
	const struct recording_setup setup = { .route = &route, .channels = &channel, .hw = "it" };
	const struct iiobridge_record *first = trail_first(trail);
	const struct recording_run run = {
		.told = trail_scans(trail),
		.arrived_ns = 1010000000, /* the first sample was at 1 s */
		.has_first = first,
		.first = first ? *first : (struct iiobridge_record){ 0 },
	};
	const struct recording_facts facts = {
		.trail = trail,
		.estimated = estimated,
		.runs = &run,
		.run_count = 1,
	};

	assert_int_equal(recording_describe(&setup, &facts, scans, meta), 0);
}

static struct trail *new_trail(void)
{
	const struct trail_setup setup = { .route = "rx", .block_size = 20, .bytes_per_scan = 2 };

	return trail_new(&setup);
}

static void segments_have_their_own_times(void **state)
{
	struct trail *trail = new_trail();
	struct sigmf meta;

	(void)state;
	take_record(trail, 0, 5, IIOBRIDGE_RECORD_GAP);
	take_record(trail, 1, 15, 0);
	take_record(trail, 2, 1025, IIOBRIDGE_RECORD_GAP);
	describe(trail, false, 30, &meta);
	assert_int_equal(meta.layout.valid_bits, 12);
	assert_int_equal(meta.layout.shift, 4);
	assert_int_equal(meta.capture_count, 2);
	assert_int_equal(meta.captures[0].sample_start, 0);
	assert_int_equal(meta.captures[0].global_index, 5);
	assert_string_equal(meta.captures[0].datetime, "1970-01-01T00:00:01.000000Z");
	assert_int_equal(meta.captures[1].sample_start, 20);
	assert_int_equal(meta.captures[1].global_index, 1025);
	assert_string_equal(meta.captures[1].datetime, "1970-01-01T00:00:02.020000Z");
	assert_int_equal(meta.annotation_count, 2);
	assert_int_equal(meta.annotations[0].sample_start, 0);
	sigmf_clear(&meta);
	trail_free(trail);
}

static void lengths_that_are_not_known_are_not_told_as_such(void **state)
{
	struct trail *trail = new_trail();
	struct sigmf meta;

	(void)state;
	take_record(trail, 0, 0, 0);
	take_record(trail, 1, 17, IIOBRIDGE_RECORD_GAP);
	take_record(trail, 2, 27, IIOBRIDGE_RECORD_GAP);
	describe(trail, true, 30, &meta);
	assert_int_equal(meta.annotation_count, 2);
	assert_string_equal(meta.annotations[0].comment,
			    "about 7 samples are missing before this one");
	assert_string_equal(meta.annotations[1].comment,
			    "samples are missing before this one, and how many is not known");
	sigmf_clear(&meta);
	trail_free(trail);
}

static void what_is_not_known_is_told(void **state)
{
	struct trail *trail = new_trail();
	struct sigmf meta;

	(void)state;
	take_record(trail, 0, 0, 0);
	take_record(trail, 3, 30, 0);
	describe(trail, false, 50, &meta);
	assert_string_equal(meta.description,
			    "voltage0; IIO's format le:s12/16>>4: of a value's 16 bits the valid "
			    "ones are 4 to 15. The records of 2 blocks were lost: gaps among these "
			    "are listed behind them, as one. Gaps from sample 40 on are not known: "
			    "the records of those blocks did not arrive");
	sigmf_clear(&meta);
	trail_free(trail);
}

static void more_gaps_than_are_kept_are_counted(void **state)
{
	struct trail *trail = new_trail();
	struct sigmf meta;

	(void)state;
	for (uint64_t i = 0; i < GAPS_KEPT_MAX + 2; i++)
		take_record(trail, i, 11 * i + 1, IIOBRIDGE_RECORD_GAP);
	describe(trail, false, 10 * (GAPS_KEPT_MAX + 2), &meta);
	assert_int_equal(meta.annotation_count, GAPS_KEPT_MAX);
	assert_non_null(
		strstr(meta.description, ". Of 65538 gaps only the first 65536 are listed"));
	sigmf_clear(&meta);
	trail_free(trail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_of_the_first_sample_is_before_the_first_block_came),
		cmocka_unit_test(segments_have_their_own_times),
		cmocka_unit_test(lengths_that_are_not_known_are_not_told_as_such),
		cmocka_unit_test(what_is_not_known_is_told),
		cmocka_unit_test(more_gaps_than_are_kept_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
