// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a stream tells of its route being tuned while it runs.
 */
#include "test_library_rx.h"

#define WAIT  IIOBRIDGE_STREAM_WAIT_FOR_RECORDS
#define KEEP  IIOBRIDGE_STREAM_KEEP_RECORDS
#define TUNED IIOBRIDGE_BLOCK_TUNED
#define NONE  IIOBRIDGE_BLOCK_NO_RECORD

static int set_up_radio(void **state)
{
	const int r = set_up(state);

	iiobridge_board_close(board);
	fake_make_radio(0);
	return r < 0 ? r : iiobridge_board_open(NULL, &board);
}

static void tune(void)
{
	assert_int_equal(iiobridge_control_set_number(board, FAKE_FREQUENCY, 1e9, NULL), 0);
}

static void a_block_that_was_tuned_says_so(void **state)
{
	(void)state;
	begin(WAIT, 1);
	settle();
	tune();
	send(2);
	take(0);
	assert_int_equal(block.flags, 0);
	take(SAMPLES);
	assert_int_equal(block.flags, TUNED);
	take(2 * SAMPLES);
	assert_int_equal(block.flags, 0);
}

static void all_parts_of_a_block_that_was_tuned_say_so(void **state)
{
	struct iiobridge_block part;

	(void)state;
	begin(WAIT, 1);
	settle();
	tune();
	send(2);
	assert_int_equal(read_samples(SAMPLES), SAMPLES);
	assert_int_equal(iiobridge_rx_read(rx, data, 10, TIMEOUT_MS, &part), 10);
	assert_int_equal(part.flags, TUNED);
	assert_int_equal(iiobridge_rx_read(rx, data, 10, TIMEOUT_MS, &part), 10);
	assert_int_equal(part.flags, TUNED);
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES - 20);
	assert_int_equal(block.flags, TUNED);
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES);
	assert_int_equal(block.flags, 0);
}

static void a_read_ends_where_samples_are_of_another_signal(void **state)
{
	(void)state;
	begin(WAIT, 2);
	settle();
	tune();
	send(3);
	assert_int_equal(read_samples(8 * SAMPLES), 2 * SAMPLES);
	assert_int_equal(block.flags, 0);
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES);
	assert_int_equal(block.flags, TUNED);
	assert_int_equal(block.first_sample, 2 * SAMPLES);
	assert_int_equal(read_samples(8 * SAMPLES), 2 * SAMPLES);
	assert_int_equal(block.flags, 0);
}

/* Those that were tuned were handed on before their record came. */
static void without_waiting_it_is_told_behind_the_block_at_the_latest(void **state)
{
	(void)state;
	begin(0, 1);
	settle();
	take(0);
	fake_set(fake.hold_records = true);
	tune();
	send(2);
	take(SAMPLES);
	assert_int_equal(block.flags, NONE);
	fake_set(fake.hold_records = false);
	settle();
	take(2 * SAMPLES);
	assert_int_equal(block.flags, TUNED);
	send(1);
	take(3 * SAMPLES);
	assert_int_equal(block.flags, 0);
}

static void records_say_it_too(void **state)
{
	struct iiobridge_block_record record;

	(void)state;
	begin(KEEP, 1);
	settle();
	tune();
	send(2);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
		assert_int_equal(record.flags, i == 1 ? IIOBRIDGE_RECORD_WAS_TUNED : 0);
	}
}

/* Nobody counts with a rate that is no more: neither behind it nor, when asked late, before it. */
static void behind_another_rate_a_block_has_its_own_time(void **state)
{
	struct iiobridge_clock clock;
	uint64_t first_ns;

	(void)state;
	ROUTE->info.sample_rate_millihertz = ROUTE->configured.sample_rate_millihertz = 1000000000;
	begin(WAIT, 2);
	settle();
	take(0);
	first_ns = block.time_ns;
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	fake_set(ROUTE->rate_changed = true);
	tune();
	send(2);
	settle();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 0);
	take(SAMPLES);
	assert_int_equal(block.time_ns - first_ns, 1000 * SAMPLES);
	for (unsigned int i = 2; i < 4; i++) {
		take(i * SAMPLES);
		assert_int_equal(block.time_ns, fake_filled_ns(ROUTE, (i + 1) * SAMPLES));
	}
	/* The next run counts again. */
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(iiobridge_rx_start(rx), 0);
	send(1);
	settle();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_radio, tear_down)
		TEST(a_block_that_was_tuned_says_so),
		TEST(all_parts_of_a_block_that_was_tuned_say_so),
		TEST(a_read_ends_where_samples_are_of_another_signal),
		TEST(without_waiting_it_is_told_behind_the_block_at_the_latest),
		TEST(records_say_it_too),
		TEST(behind_another_rate_a_block_has_its_own_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
