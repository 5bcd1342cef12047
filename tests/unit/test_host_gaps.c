// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of gaps, and what the records and the counter say of the same capture.
 */
#include "host/counter.h"
#include "host/files/failure.h"
#include "host/files/gaps.h"
#include "library/stream.h"

#include "test_host_route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLE	      4
#define BLOCK_SAMPLES 256
#define BLOCK	      (BLOCK_SAMPLES * SAMPLE)

static struct failure failure;
static struct gaps one, other;
static struct gap first_one, first_other;

static enum gaps_comparison compare(uint64_t end)
{
	return gaps_compare(&one, &other, end, &first_one, &first_other);
}

static void equal_lists_are_equal(void **state)
{
	(void)state;
	assert_int_equal(compare(1000), GAPS_EQUAL);
	for (uint64_t at = 0; at < 900; at += 9) {
		gaps_add(&one, at, at + 1);
		gaps_add(&other, at, at + 1);
	}
	assert_int_equal(compare(1000), GAPS_EQUAL);
	gaps_add(&other, 950, 0); /* of unknown length */
	assert_int_equal(compare(1000), GAPS_EQUAL);
}

static void every_difference_is_found(void **state)
{
	(void)state;
	gaps_add(&one, 5, 10);
	gaps_add(&one, 7, 10);
	gaps_add(&other, 5, 10);
	assert_int_equal(compare(1000), GAPS_DIFFER);
	assert_int_equal(first_one.at, 7);
	assert_int_equal(first_one.lost, 10);
	assert_int_equal(first_other.at, 7);
	assert_int_equal(first_other.lost, 0);
	gaps_add(&other, 7, 11);
	assert_int_equal(compare(1000), GAPS_DIFFER);
	assert_int_equal(first_other.lost, 11);
	gaps_clear(&other);
	gaps_add(&other, 4, 10);
	assert_int_equal(compare(1000), GAPS_DIFFER);
	assert_int_equal(first_one.at, 4);
	assert_int_equal(first_one.lost, 0);
}

static void gaps_behind_the_end_do_not_count(void **state)
{
	(void)state;
	gaps_add(&one, 5, 10);
	gaps_add(&other, 5, 10);
	gaps_add(&other, 100, 3);
	assert_int_equal(compare(100), GAPS_EQUAL);
	assert_int_equal(compare(101), GAPS_DIFFER);
	assert_int_equal(gaps_before(&other, 100), 1);
	assert_int_equal(gaps_before(&other, 101), 2);
}

static void more_gaps_than_are_kept_are_counted(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < GAPS_KEPT_MAX + 10; i++) {
		gaps_add(&one, 2 * i, 1);
		if (i < GAPS_KEPT_MAX + 5)
			gaps_add(&other, 2 * i, 1);
	}
	assert_int_equal(one.count, GAPS_KEPT_MAX + 10);
	assert_int_equal(one.kept_count, GAPS_KEPT_MAX);
	assert_int_equal(compare(UINT64_MAX), GAPS_EQUAL_SO_FAR);
	assert_int_equal(compare(1000), GAPS_EQUAL);
	one.kept[GAPS_KEPT_MAX - 1].lost++;
	assert_int_equal(compare(UINT64_MAX), GAPS_DIFFER);
}

static struct counter_layout layout;
static struct verify *verify;
static struct block_log log_of_run;
static struct losses records;
static struct verify_losses losses;
static struct verify_end end;
static uint32_t counter;
static uint64_t told_sample;
static uint64_t told_block;

static void take_record(const struct iiobridge_record *record)
{
	struct iiobridge_block_record entry;

	assert_int_equal(block_log_take(&log_of_run, record, &entry), 1);
	losses_take(&records, &entry);
}

static void compare_all(void)
{
	verify_compare(verify, &records, &losses, &end);
}

/* One block, before which the ADC has lost samples, of which the board tells others. */
static void capture_block(uint32_t lost, uint64_t told)
{
	const struct iiobridge_record record = {
		.flags = told ? IIOBRIDGE_RECORD_GAP : 0,
		.sequence = told_block++,
		.first_scan = told_sample + told,
		.bytes = BLOCK,
	};
	uint8_t data[BLOCK];

	counter += lost;
	counter_fill(&layout, (uint64_t)counter * SAMPLE, data, sizeof(data));
	counter += BLOCK_SAMPLES;
	verify_samples(verify, data, sizeof(data));
	take_record(&record);
	told_sample = record.first_scan + BLOCK_SAMPLES;
	losses.gaps += lost > 0;
	losses.samples_lost += lost;
}

static void end_capture(void)
{
	const struct iiobridge_record record = {
		.flags = IIOBRIDGE_RECORD_END,
		.sequence = told_block,
		.first_scan = told_sample,
	};

	take_record(&record);
	compare_all();
}

static void records_that_agree_with_the_counter_are_good(void **state)
{
	(void)state;
	capture_block(5, 5);
	capture_block(0, 0);
	capture_block(70000, 70000);
	end_capture();
	assert_true(end.good);
	assert_string_equal(end.compared, "2 gaps, all at their samples");
}

static void a_capture_without_a_gap_is_good(void **state)
{
	(void)state;
	capture_block(0, 0);
	end_capture();
	assert_true(end.good);
	assert_string_equal(end.compared, "0 gaps");
}

static void a_gap_at_another_sample_is_seen(void **state)
{
	(void)state;
	capture_block(0, 0);
	capture_block(9, 0);
	capture_block(0, 9);
	end_capture();
	assert_false(end.good);
	assert_string_equal(end.compared, "they do not agree with the counter");
	assert_string_equal(end.reason,
			    "the records do not agree with the counter: before sample 256 they "
			    "tell of 0 lost samples, and the counter of 9");
}

static void a_gap_of_another_length_is_seen(void **state)
{
	(void)state;
	capture_block(0, 0);
	capture_block(9, 8);
	end_capture();
	assert_false(end.good);
	assert_non_null(strstr(end.reason, "tell of 8 lost samples, and the counter of 9"));
}

static void a_gap_where_nothing_is_missing_is_seen(void **state)
{
	(void)state;
	capture_block(0, 0);
	capture_block(0, 1);
	end_capture();
	assert_false(end.good);
}

/* The end of a capture lies inside a block that was never delivered whole: it has no record. */
static void what_has_no_record_is_judged_by_the_totals(void **state)
{
	uint8_t data[BLOCK];

	(void)state;
	capture_block(3, 3);
	counter_fill(&layout, (uint64_t)(counter + 20) * SAMPLE, data, sizeof(data));
	verify_samples(verify, data, 100);
	losses.gaps++;
	losses.samples_lost += 20;
	end_capture();
	assert_true(end.good);
	losses.samples_lost--;
	compare_all();
	assert_false(end.good);
	assert_non_null(strstr(end.reason, "the board did not report"));
}

static void without_all_records_totals_are_compared(void **state)
{
	(void)state;
	capture_block(3, 3);
	compare_all();
	assert_true(end.good);
	assert_string_equal(end.compared, "without an end, only totals compared");
	told_block += 4;
	told_sample += 4 * BLOCK_SAMPLES;
	end_capture();
	assert_true(end.good);
	assert_string_equal(end.compared, "4 of them lost, only totals compared");
}

/* A board that went away has not told its totals. */
static void without_totals_the_records_are_compared(void **state)
{
	(void)state;
	losses.known = false;
	capture_block(2048, 2048);
	capture_block(0, 0);
	compare_all();
	assert_true(end.good);
	assert_string_equal(end.compared, "1 gap, at its sample; they have no end");
	capture_block(9, 8);
	compare_all();
	assert_false(end.good);
	assert_non_null(strstr(end.reason, "tell of 8 lost samples, and the counter of 9"));
}

static void without_totals_or_all_records_nothing_is_compared(void **state)
{
	(void)state;
	losses.known = false;
	capture_block(3, 3);
	told_block += 4;
	told_sample += 4 * BLOCK_SAMPLES;
	capture_block(4 * BLOCK_SAMPLES, 0);
	compare_all();
	assert_true(end.good);
	assert_string_equal(end.compared, "4 of them lost, nothing compared; they have no end");
}

static void estimates_are_compared_by_number(void **state)
{
	(void)state;
	losses.estimated = true;
	capture_block(30, 31);
	end_capture();
	assert_true(end.good);
	assert_non_null(strstr(end.compared, "estimates"));
	losses.gaps = 0;
	compare_all();
	assert_false(end.good);
}

static int clear_gaps(void **state)
{
	(void)state;
	gaps_clear(&one);
	gaps_clear(&other);
	return 0;
}

static int begin_capture(void **state)
{
	static const struct iiobridge_channel_info channel = {
		.is_signed = 1, .bits = 16, .storage_bits = 16, .repeat = 1
	};
	const struct iiobridge_channel_info channels[] = { channel, channel };
	struct iiobridge_route *route = route_with(channels, 2, 3, SAMPLE);
	int r;

	(void)state;
	counter = 0;
	told_sample = told_block = 0;
	losses = (struct verify_losses){ .known = true };
	log_of_run =
		(struct block_log){ .route = "rx", .block_size = BLOCK, .sample_size = SAMPLE };
	losses_begin_run(&records, 0);
	r = counter_layout_init(&layout, "", route, &failure);
	if (r == 0)
		r = verify_new(route, &failure, &verify);
	iiobridge_route_free(route);
	return r;
}

static int free_capture(void **state)
{
	(void)state;
	losses_clear(&records);
	verify_free(verify);
	return 0;
}

#define LISTS(name)   cmocka_unit_test_teardown(name, clear_gaps)
#define CAPTURE(name) cmocka_unit_test_setup_teardown(name, begin_capture, free_capture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS(equal_lists_are_equal),
		LISTS(every_difference_is_found),
		LISTS(gaps_behind_the_end_do_not_count),
		LISTS(more_gaps_than_are_kept_are_counted),
		CAPTURE(records_that_agree_with_the_counter_are_good),
		CAPTURE(a_capture_without_a_gap_is_good),
		CAPTURE(a_gap_at_another_sample_is_seen),
		CAPTURE(a_gap_of_another_length_is_seen),
		CAPTURE(a_gap_where_nothing_is_missing_is_seen),
		CAPTURE(what_has_no_record_is_judged_by_the_totals),
		CAPTURE(without_all_records_totals_are_compared),
		CAPTURE(without_totals_the_records_are_compared),
		CAPTURE(without_totals_or_all_records_nothing_is_compared),
		CAPTURE(estimates_are_compared_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
