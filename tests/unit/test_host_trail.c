// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/failure.h"
#include "host/files/record_file.h"
#include "host/trail.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RUN	    7
#define BLOCK	    4096
#define SCAN	    4
#define BLOCK_SCANS (BLOCK / SCAN)

static struct failure failure;
static struct trail *trail;
static struct trail_step last; /* that the observer saw */
static unsigned int observed;
static int observer_result;

static int observe(void *context, const struct trail_step *step)
{
	(void)context;
	last = *step;
	observed++;
	return observer_result;
}

/* The record of a block, when so many scans were lost before it. */
static struct iiobridge_record record_of(uint64_t sequence, uint64_t lost)
{
	return (struct iiobridge_record){
		.flags = lost ? IIOBRIDGE_RECORD_GAP : 0,
		.run = RUN,
		.sequence = sequence,
		.first_scan = sequence * BLOCK_SCANS + lost,
		.bytes = BLOCK,
	};
}

static int take(struct iiobridge_record record)
{
	return trail_take(trail, &record, &failure);
}

static void records_in_order_have_no_gap(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(take(record_of(i, 0)), 0);
	assert_int_equal(observed, 1000);
	assert_int_equal(trail_scans(trail), 1000 * BLOCK_SCANS);
	assert_int_equal(trail_gaps(trail)->count, 0);
	assert_int_equal(trail_records_missing(trail), 0);
	assert_false(trail_ended(trail));
}

static void another_run_goes_on_behind_the_data(void **state)
{
	const struct trail_setup setup = {
		.route = "rx", .run = 1, .block_size = BLOCK, .bytes_per_scan = SCAN
	};
	struct iiobridge_record record = record_of(0, 5);
	const struct gaps *gaps = trail_gaps(trail);

	(void)state;
	assert_int_equal(take(record_of(0, 0)), 0);
	assert_int_equal(take(record_of(1, 100)), 0);
	assert_int_equal(take(record_of(2, 200)), 0);
	/* Nothing of the third block arrived. */
	trail_begin(trail, &setup, 2 * BLOCK_SCANS);
	assert_int_equal(trail_run(trail), 1);
	assert_null(trail_first(trail));
	assert_int_equal(trail_scans(trail), 2 * BLOCK_SCANS);
	assert_int_equal(gaps->count, 1);

	record.run = 1;
	assert_int_equal(take(record), 0);
	assert_int_equal(trail_first(trail)->first_scan, 5);
	assert_int_equal(trail_scans(trail), 3 * BLOCK_SCANS);
	assert_int_equal(gaps->count, 2);
	assert_int_equal(gaps->kept[1].at, 2 * BLOCK_SCANS);
	assert_int_equal(gaps->kept[1].lost, 5);
}

static void a_gap_is_found_at_its_sample_of_the_data(void **state)
{
	const struct gaps *gaps = trail_gaps(trail);

	(void)state;
	assert_int_equal(take(record_of(0, 0)), 0);
	assert_int_equal(take(record_of(1, 100)), 0);
	assert_int_equal(last.scans_lost, 100);
	assert_int_equal(take(record_of(2, 100)), 0);
	assert_int_equal(last.scans_lost, 0);
	assert_int_equal(take(record_of(3, 105)), 0);
	assert_int_equal(gaps->kept_count, 3);
	assert_int_equal(gaps->kept[0].at, BLOCK_SCANS);
	assert_int_equal(gaps->kept[0].lost, 100);
	/* A gap of a length that nobody knows is in the list, too. */
	assert_int_equal(gaps->kept[1].lost, 0);
	assert_int_equal(gaps->kept[2].at, 3 * BLOCK_SCANS);
	assert_int_equal(gaps->kept[2].lost, 5);
	assert_int_equal(gaps_before(gaps, UINT64_MAX), 2);
	assert_int_equal(gaps_before(gaps, 3 * BLOCK_SCANS), 1);
}

static void records_of_earlier_runs_are_left_out(void **state)
{
	struct iiobridge_record record = record_of(99, 5);

	(void)state;
	record.run = RUN - 1;
	assert_int_equal(take(record), 0);
	record.run = RUN - 2;
	record.flags = IIOBRIDGE_RECORD_END;
	assert_int_equal(take(record), 0);
	assert_int_equal(observed, 0);
	assert_false(trail_ended(trail));
	assert_int_equal(take(record_of(0, 0)), 0);
}

static void the_number_of_a_run_may_wrap(void **state)
{
	const struct trail_setup setup = {
		.route = "rx", .run = 0, .block_size = BLOCK, .bytes_per_scan = SCAN
	};
	struct iiobridge_record record = record_of(0, 0);

	(void)state;
	trail_free(trail);
	trail = trail_new(&setup);
	assert_non_null(trail);
	record.run = UINT32_MAX;
	assert_int_equal(take(record), 0);
	assert_int_equal(trail_scans(trail), 0);
	record.run = 0;
	assert_int_equal(take(record), 0);
	assert_int_equal(trail_scans(trail), BLOCK_SCANS);
}

static void a_run_that_somebody_else_began_is_told(void **state)
{
	struct iiobridge_record record = record_of(0, 0);

	(void)state;
	record.run = RUN + 1;
	assert_int_equal(take(record), -EPROTO);
	assert_non_null(strstr(failure.message, "somebody else has started route rx"));
}

static void missing_records_are_counted(void **state)
{
	(void)state;
	assert_int_equal(take(record_of(2, 0)), 0);
	assert_int_equal(last.records_missing, 2);
	assert_int_equal(take(record_of(3, 0)), 0);
	assert_int_equal(last.records_missing, 0);
	assert_int_equal(take(record_of(10, 30)), 0);
	assert_int_equal(last.records_missing, 6);
	assert_int_equal(last.scans_lost, 30);
	assert_int_equal(trail_records_missing(trail), 8);
	assert_int_equal(trail_scans(trail), 11 * BLOCK_SCANS);
	assert_int_equal(trail_gaps(trail)->kept[0].at, 10 * BLOCK_SCANS);
}

/* A waveform that repeats has a short block in each turn. */
static void missing_records_may_be_of_short_blocks(void **state)
{
	struct iiobridge_record record = record_of(5, 0);

	(void)state;
	record.first_scan -= 3;
	assert_int_equal(take(record), 0);
	assert_int_equal(last.scans_missing, 5 * BLOCK_SCANS - 3);
	assert_int_equal(last.scans_lost, 0);
	assert_int_equal(trail_gaps(trail)->count, 0);
	assert_int_equal(trail_scans(trail), 6 * BLOCK_SCANS - 3);
}

static void records_are_missing_at_the_end_too(void **state)
{
	struct iiobridge_record record = record_of(5, 0);

	(void)state;
	record.flags = IIOBRIDGE_RECORD_END;
	record.bytes = 0;
	assert_int_equal(take(record), 0);
	assert_true(trail_ended(trail));
	assert_int_equal(trail_records_missing(trail), 5);
	assert_int_equal(observed, 1);
	assert_int_equal(take(record_of(6, 0)), -EPROTO);
	assert_non_null(strstr(failure.message, "after that of the end"));
}

static void what_goes_back_is_refused(void **state)
{
	struct iiobridge_record record;

	(void)state;
	assert_int_equal(take(record_of(4, 0)), 0);
	assert_int_equal(take(record_of(4, 0)), -EPROTO);
	assert_non_null(strstr(failure.message, "go back: block 4, when 5 was next"));
	record = record_of(5, 0);
	record.first_scan--;
	assert_int_equal(take(record), -EPROTO);
	assert_non_null(strstr(failure.message, "begins with sample 5119, when 5120 was next"));
	assert_int_equal(observed, 1);
	assert_int_equal(trail_scans(trail), 5 * BLOCK_SCANS);
}

static void what_no_board_can_mean_is_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 3, BLOCK - 1, BLOCK + SCAN, UINT32_MAX };
	struct iiobridge_record record;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		record = record_of(0, 0);
		record.bytes = sizes[i];
		assert_int_equal(take(record), -EPROTO);
	}
	record = record_of(0, 10);
	record.flags = 0;
	assert_int_equal(take(record), -EPROTO);
	assert_non_null(strstr(failure.message, "without a gap"));
	assert_int_equal(observed, 0);
}

static void huge_numbers_are_refused(void **state)
{
	static const uint64_t numbers[][2] = {
		{ UINT64_MAX, 0 },
		{ UINT64_MAX / BLOCK_SCANS, UINT64_MAX },
		{ UINT64_MAX / BLOCK_SCANS + 1, UINT64_MAX },
		{ 0, UINT64_MAX },
		{ 0, UINT64_MAX - BLOCK_SCANS + 1 },
		{ UINT64_MAX / 2, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct iiobridge_record record = record_of(0, 1);

		record.sequence = numbers[i][0];
		record.first_scan = numbers[i][1];
		assert_int_equal(take(record), -EPROTO);
		assert_non_null(strstr(failure.message, "no converter is that fast"));
	}
	assert_int_equal(take(record_of(0, 0)), 0);
}

static void what_the_observer_returns_is_passed_on(void **state)
{
	(void)state;
	observer_result = -ENOSPC;
	assert_int_equal(take(record_of(0, 0)), -ENOSPC);
}

static int write_records(void *context, const struct trail_step *step)
{
	return record_file_write(context, step);
}

static void records_are_written_as_lines(void **state)
{
	static const char wanted[] =
		"# block first_sample samples lost filled_ns drained_ns flags\n"
		"0 0 1024 0 1 2 -\n"
		"1 1124 1024 100 3 4 gap\n"
		"2 2148 25 0 5 6 late,0x80\n"
		"# records missing here: 3\n"
		"6 8000 1024 2755 18446744073709551615 18446744073709551615 gap,late\n"
		"# end of the run, blocks: 7\n";
	struct iiobridge_record records[] = { record_of(0, 0), record_of(1, 100), record_of(2, 100),
					      record_of(6, 0), record_of(7, 0) };
	struct trail_setup setup = { .route = "rx",
				     .run = RUN,
				     .block_size = BLOCK,
				     .bytes_per_scan = SCAN,
				     .observer = write_records };
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	char text[sizeof(wanted) + 100] = "";
	struct record_file *records_file;
	FILE *file;

	(void)state;
	records[0].filled_ns = 1;
	records[0].drained_ns = 2;
	records[1].filled_ns = 3;
	records[1].drained_ns = 4;
	records[2].filled_ns = 5;
	records[2].drained_ns = 6;
	records[2].bytes = 100;
	records[2].flags = IIOBRIDGE_RECORD_LATE | 0x80;
	records[3].first_scan = 8000;
	records[3].filled_ns = records[3].drained_ns = UINT64_MAX;
	records[3].flags = IIOBRIDGE_RECORD_GAP | IIOBRIDGE_RECORD_LATE;
	records[4].first_scan = 8000 + BLOCK_SCANS;
	records[4].flags = IIOBRIDGE_RECORD_END;

	close(mkstemp(path));
	assert_int_equal(record_file_open(path, SCAN, &failure, &records_file), 0);
	setup.context = records_file;
	trail_free(trail);
	trail = trail_new(&setup);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		assert_int_equal(take(records[i]), 0);
	assert_int_equal(record_file_close(records_file), 0);

	file = fopen(path, "r");
	assert_non_null(file);
	fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	unlink(path);
	assert_string_equal(text, wanted);
}

static void a_full_disk_is_told(void **state)
{
	const struct trail_step step = { .record = record_of(0, 0) };
	struct record_file *file;
	int r = 0;

	(void)state;
	assert_int_equal(record_file_open("/dev/full", SCAN, &failure, &file), 0);
	/* The thread that writes may be late, but at the latest its memory is full. */
	while (r == 0)
		r = record_file_write(file, &step);
	assert_int_equal(r, -ENOSPC);
	assert_non_null(strstr(failure.message, "/dev/full"));
	record_file_write(file, &step);
	assert_int_equal(record_file_close(file), -ENOSPC);
	assert_true(record_file_open("/nowhere/file", SCAN, &failure, &file) < 0);
}

static int set_up(void **state)
{
	const struct trail_setup setup = { .route = "rx",
					   .run = RUN,
					   .block_size = BLOCK,
					   .bytes_per_scan = SCAN,
					   .observer = observe };

	(void)state;
	observed = 0;
	observer_result = 0;
	trail = trail_new(&setup);
	return trail ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	trail_free(trail);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_in_order_have_no_gap),
		TEST(another_run_goes_on_behind_the_data),
		TEST(a_gap_is_found_at_its_sample_of_the_data),
		TEST(records_of_earlier_runs_are_left_out),
		TEST(the_number_of_a_run_may_wrap),
		TEST(a_run_that_somebody_else_began_is_told),
		TEST(missing_records_are_counted),
		TEST(missing_records_may_be_of_short_blocks),
		TEST(records_are_missing_at_the_end_too),
		TEST(what_goes_back_is_refused),
		TEST(what_no_board_can_mean_is_refused),
		TEST(huge_numbers_are_refused),
		TEST(what_the_observer_returns_is_passed_on),
		TEST(records_are_written_as_lines),
		TEST(a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
