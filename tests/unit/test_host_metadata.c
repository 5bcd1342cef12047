// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the metadata of a recording say about time, gaps, and what is not known.
 */
#include "host/files/gaps.h"
#include "host/files/recording.h"
#include "host/files/sigmf.h"
#include "library/stream.h"

#include "test_host_route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct losses losses;
static struct block_log records;

/* A record of a block of ten samples at 1 kS/s. */
static void take_record(uint64_t sequence, uint64_t first_sample, int flags)
{
	const struct iiobridge_record record = {
		.flags = (uint8_t)flags,
		.sequence = sequence,
		.first_scan = first_sample,
		.filled_ns = 1000,
		.drained_ns = 1000,
		.bytes = 20,
	};
	struct iiobridge_block_record entry;

	assert_int_equal(block_log_take(&records, &record, &entry), 1);
	losses_take(&losses, &entry);
}

/* The metadata of @samples after some records, with gaps of lengths that are estimated or not. */
static void describe(bool estimated, uint64_t samples, struct sigmf *meta)
{
	static const struct iiobridge_channel_info channel = {
		.is_signed = 1, .bits = 12, .storage_bits = 16, .shift = 4, .id = "voltage0"
	};
	static const struct iiobridge_route_info info = {
		.block_size = 20,
		.bytes_per_scan = 2,
		.channel_count = 1,
		.channel_mask = 1,
		.sample_rate_millihertz = 1000000,
	};
	struct iiobridge_route *route = route_new(&info, &channel);
	const struct recording_setup setup = { .route = route, .hw = "it" };
	struct recording_run run = { .told = losses.told, .start_ns = 1000000000 };
	const struct recording_facts facts = {
		.losses = &losses,
		.estimated = estimated,
		.runs = &run,
		.run_count = 1,
	};

	assert_int_equal(recording_describe(&setup, &facts, samples, meta), 0);
	iiobridge_route_free(route);
}

static int set_up(void **state)
{
	(void)state;
	records = (struct block_log){ .route = "rx", .block_size = 20, .sample_size = 2 };
	losses_begin_run(&losses, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	losses_clear(&losses);
	return 0;
}

static void segments_have_their_own_times(void **state)
{
	struct sigmf meta;

	(void)state;
	take_record(0, 5, IIOBRIDGE_RECORD_GAP);
	take_record(1, 15, 0);
	take_record(2, 1025, IIOBRIDGE_RECORD_GAP);
	describe(false, 30, &meta);
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
}

static void lengths_that_are_not_known_are_not_told_as_such(void **state)
{
	struct sigmf meta;

	(void)state;
	take_record(0, 0, 0);
	take_record(1, 17, IIOBRIDGE_RECORD_GAP);
	take_record(2, 27, IIOBRIDGE_RECORD_GAP);
	describe(true, 30, &meta);
	assert_int_equal(meta.annotation_count, 2);
	assert_string_equal(meta.annotations[0].comment,
			    "about 7 samples are missing before this one");
	assert_string_equal(meta.annotations[1].comment,
			    "samples are missing before this one, and how many is not known");
	sigmf_clear(&meta);
}

static void what_is_not_known_is_told(void **state)
{
	struct sigmf meta;

	(void)state;
	take_record(0, 0, 0);
	take_record(3, 30, 0);
	describe(false, 50, &meta);
	assert_string_equal(meta.description,
			    "voltage0; IIO's format le:s12/16>>4: of a value's 16 bits the valid "
			    "ones are 4 to 15. The records of 2 blocks were lost: gaps among these "
			    "are listed behind them, as one. Gaps from sample 40 on are not known: "
			    "the records of those blocks did not arrive");
	sigmf_clear(&meta);
}

static void more_gaps_than_are_kept_are_counted(void **state)
{
	struct sigmf meta;

	(void)state;
	for (uint64_t i = 0; i < GAPS_KEPT_MAX + 2; i++)
		take_record(i, 11 * i + 1, IIOBRIDGE_RECORD_GAP);
	describe(false, 10 * (GAPS_KEPT_MAX + 2), &meta);
	assert_int_equal(meta.annotation_count, GAPS_KEPT_MAX);
	assert_non_null(
		strstr(meta.description, ". Of 65538 gaps only the first 65536 are listed"));
	sigmf_clear(&meta);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(segments_have_their_own_times),
		TEST(lengths_that_are_not_known_are_not_told_as_such),
		TEST(what_is_not_known_is_told),
		TEST(more_gaps_than_are_kept_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
