// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the records add to samples: gaps, times, and themselves.
 */
#include "test_library_rx.h"

#define WAIT IIOBRIDGE_STREAM_WAIT_FOR_RECORDS
#define KEEP IIOBRIDGE_STREAM_KEEP_RECORDS
#define GAP  IIOBRIDGE_BLOCK_GAP
#define NONE IIOBRIDGE_BLOCK_NO_RECORD

#define RATE	 SAMPLES /* Hz: a block takes a second */
#define BLOCK_NS UINT64_C(1000000000)

static struct iiobridge_block_record record;

static void set_rate(uint64_t hertz)
{
	ROUTE->info.sample_rate_millihertz = ROUTE->configured.sample_rate_millihertz =
		1000 * hertz;
}

static void samples_wait_for_their_record_and_records_for_their_samples(void **state)
{
	const struct iiobridge_record second = {
		.run = 1,
		.sequence = 1,
		.first_scan = SAMPLES,
		.bytes = BLOCK,
	};

	(void)state;
	fake.hold_records = true;
	begin(WAIT, 1);
	settle();
	assert_int_equal(now(), 0);
	fake_set(fake.hold_records = false);
	assert_int_equal(take(0), SAMPLES);
	assert_int_equal(block.flags, 0);

	fake_lock();
	ROUTE->silent = true;
	fake_send_record(&second);
	fake_unlock();
	settle();
	assert_int_equal(now(), 0);
	send(1);
	assert_int_equal(take(SAMPLES), SAMPLES);
	assert_int_equal(block.flags, 0);
}

static void without_waiting_samples_come_before_their_record(void **state)
{
	(void)state;
	fake.hold_records = true;
	begin(0, 2);
	settle();
	take(0);
	assert_int_equal(block.flags, NONE);
	fake_set(fake.hold_records = false);
	settle();
	take(SAMPLES);
	assert_int_equal(block.flags, 0);
}

static void a_gap_is_told_before_the_samples_behind_it(void **state)
{
	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 1000;
	begin(WAIT, 5);
	settle();
	assert_int_equal(read_samples(8 * SAMPLES), 3 * SAMPLES);
	assert_int_equal(block.flags, 0);
	assert_int_equal(read_samples(1), 1);
	assert_int_equal(block.first_sample, 3 * SAMPLES + 1000);
	assert_int_equal(block.flags, GAP);
	assert_int_equal(block.lost, 1000);
	assert_int_equal(read_samples(8 * SAMPLES), 2 * SAMPLES - 1);
	assert_int_equal(block.first_sample, 3 * SAMPLES + 1001);
	assert_right(data, 2 * SAMPLES - 1, 3 * SAMPLES + 1001);
	assert_int_equal(block.flags, 0);
	assert_int_equal(block.lost, 0);
}

static void a_gap_of_unknown_length_is_one(void **state)
{
	(void)state;
	ROUTE->gap_block = 1;
	begin(WAIT, 2);
	settle();
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES);
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES);
	assert_int_equal(block.first_sample, SAMPLES);
	assert_int_equal(block.flags, GAP);
	assert_int_equal(block.lost, 0);
}

/* Those behind it were handed on before its record came. */
static void without_waiting_a_gap_is_told_at_the_block_behind_at_the_latest(void **state)
{
	(void)state;
	ROUTE->gap_block = 1;
	ROUTE->gap_scans = 50;
	begin(0, 1);
	settle();
	take(0);
	fake_set(fake.hold_records = true);
	send(2);
	assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), 1);
	assert_right(block.data, SAMPLES, SAMPLES + 50);
	assert_int_equal(block.first_sample, SAMPLES);
	assert_int_equal(block.flags, NONE);
	iiobridge_rx_release(rx, &block);
	fake_set(fake.hold_records = false);
	settle();
	take(2 * SAMPLES + 50);
	assert_int_equal(block.flags, GAP);
	assert_int_equal(block.lost, 50);
	send(1);
	take(3 * SAMPLES + 50);
	assert_int_equal(block.flags, 0);
}

/* The record comes in the middle of its block: the rest has the right place. */
static void without_waiting_a_gap_may_be_told_inside_its_block(void **state)
{
	(void)state;
	ROUTE->gap_block = 1;
	ROUTE->gap_scans = 50;
	begin(0, 1);
	settle();
	take(0);
	fake_set(fake.hold_records = true);
	send(1);
	assert_int_equal(read_samples(10), 10);
	assert_int_equal(block.first_sample, SAMPLES);
	fake_set(fake.hold_records = false);
	settle();
	assert_int_equal(take(SAMPLES + 60), SAMPLES - 10);
	assert_int_equal(block.flags, GAP);
	assert_int_equal(block.lost, 50);
}

static void a_gap_whose_length_is_estimated_says_so(void **state)
{
	(void)state;
	ROUTE->gap_block = 1;
	ROUTE->gap_scans = 7;
	ROUTE->statistics.estimated = 1;
	begin(WAIT, 2);
	settle();
	take(0);
	take(SAMPLES + 7);
	assert_int_equal(block.flags, GAP | IIOBRIDGE_BLOCK_ESTIMATED);
}

static void samples_without_a_record_come_with_the_next_one(void **state)
{
	(void)state;
	set_rate(RATE);
	ROUTE->dropped_from = 0;
	ROUTE->dropped_count = 2;
	ROUTE->gap_block = 2;
	ROUTE->gap_scans = 7;
	begin(WAIT | KEEP, 2);
	settle();
	assert_int_equal(now(), 0);
	send(1);
	assert_int_equal(read_samples(8 * SAMPLES), 2 * SAMPLES);
	assert_right(data, 2 * SAMPLES, 0);
	assert_int_equal(block.first_sample, 0);
	assert_int_equal(block.flags, NONE);
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES);
	assert_int_equal(block.first_sample, 2 * SAMPLES + 7);
	assert_int_equal(block.flags, GAP);
	assert_int_equal(block.lost, 7);

	assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
	assert_int_equal(record.sequence, 2);
	assert_int_equal(record.records_missing, 2);
	assert_int_equal(record.samples_missing, 2 * SAMPLES);
	assert_int_equal(record.place, 2 * SAMPLES);
	assert_int_equal(record.samples_lost, 7);
	assert_int_equal(record.flags, IIOBRIDGE_RECORD_HAS_GAP);
}

static void behind_the_last_record_samples_come_with_the_end(void **state)
{
	(void)state;
	fake.hold_records = true;
	begin(WAIT, 3);
	settle();
	assert_int_equal(now(), 0);
	fake_set(ROUTE->no_end = true);
	assert_int_equal(iiobridge_rx_stop(rx), IIOBRIDGE_ERROR_TIMEOUT);
	assert_int_equal(read_samples(8 * SAMPLES), 3 * SAMPLES);
	assert_int_equal(block.flags, NONE);
	assert_int_equal(now(), IIOBRIDGE_ERROR_ENDED);
}

/* A ring of what records say, and that of records, wrap and grow. */
static void a_late_reader_finds_each_gap(void **state)
{
	uint64_t next = 0;

	(void)state;
	begin(WAIT | KEEP, 60);
	settle();
	for (unsigned int i = 0; i < 50; i++)
		next += take(next);
	fake_lock();
	ROUTE->gap_block = 150;
	ROUTE->gap_scans = 11;
	fake_unlock();
	send(140);
	for (unsigned int i = 50; i < 200; i++) {
		take(next + (i == 150) * 11);
		next = block.first_sample + SAMPLES;
		assert_int_equal(block.lost, i == 150 ? 11 : 0);
	}
	for (unsigned int i = 0; i < 200; i++) {
		assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
		assert_int_equal(record.sequence, i);
	}
	assert_int_equal(iiobridge_rx_next_record(rx, &record), 0);
}

/* ---- the queue of records ---- */

static void records_are_kept_to_the_end(void **state)
{
	(void)state;
	ROUTE->gap_block = 2;
	ROUTE->gap_scans = 50;
	begin(KEEP, 3);
	settle();
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
		assert_int_equal(record.run, 1);
		assert_int_equal(record.sequence, i);
		assert_int_equal(record.place, i * SAMPLES);
		assert_int_equal(record.first_sample, i * SAMPLES + (i == 2) * 50);
		assert_int_equal(record.samples, SAMPLES);
		assert_int_equal(record.samples_lost, (i == 2) * 50);
		assert_int_equal(record.flags, (i == 2) * IIOBRIDGE_RECORD_HAS_GAP);
		assert_int_equal(record.filled_ns, 1000 * (i + 1));
		assert_int_equal(record.delivered_ns, 1000 * (i + 1) + 500);
		assert_int_equal(record.records_missing, 0);
	}
	assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
	assert_int_equal(record.flags, IIOBRIDGE_RECORD_IS_END);
	assert_int_equal(record.sequence, 3);
	assert_int_equal(record.samples, 0);
	assert_int_equal(iiobridge_rx_next_record(rx, &record), 0);
}

static void records_are_not_kept_unasked(void **state)
{
	(void)state;
	begin(0, 3);
	settle();
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(iiobridge_rx_next_record(rx, &record), 0);
}

static void send_records(uint64_t from, uint64_t to)
{
	struct iiobridge_record wire[IIOBRIDGE_RECORDS_MAX];
	int count = 0;

	fake_lock();
	for (uint64_t i = from; i < to; i++) {
		wire[count++] = (struct iiobridge_record){
			.run = 1,
			.sequence = i,
			.first_scan = i * SAMPLES,
			.bytes = BLOCK,
		};
		if (count < IIOBRIDGE_RECORDS_MAX && i + 1 < to)
			continue;
		fake_send_message(wire, count * (int)sizeof(wire[0]));
		count = 0;
	}
	fake_unlock();
	settle();
}

/* ---- times ---- */

/* Of 65536 that are kept the oldest go, with what they said of others. */
static void records_that_nobody_takes_are_dropped_and_told(void **state)
{
	(void)state;
	begin(KEEP, 0);
	send_records(3, 65536 + 13);
	assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
	assert_int_equal(record.sequence, 13);
	assert_int_equal(record.records_missing, 13);
	assert_int_equal(record.samples_missing, 13 * SAMPLES);
	assert_int_equal(record.place, 13 * SAMPLES);
	assert_int_equal(iiobridge_rx_next_record(rx, &record), 1);
	assert_int_equal(record.sequence, 14);
	assert_int_equal(record.records_missing, 0);
}

static void the_clock_is_steady_though_the_records_times_are_not(void **state)
{
	static const int64_t jitter[16] = { 0, 700000, -300000, 5, 90000, -1, 250000, -99999 };
	struct iiobridge_clock clock;
	uint64_t realtime;

	(void)state;
	set_rate(RATE);
	ROUTE->jitter_ns = jitter;
	begin(WAIT, 16);
	settle();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	assert_int_equal(clock.time_ns, FAKE_FIRST_NS);
	for (unsigned int i = 0; i < 16; i++) {
		assert_int_equal(read_samples(SAMPLES / 2), SAMPLES / 2);
		assert_int_equal(block.time_ns, FAKE_FIRST_NS + i * BLOCK_NS);
		realtime = block.realtime_ns;
		assert_int_equal(realtime, clock.realtime_ns + i * BLOCK_NS);
		assert_int_equal(read_samples(SAMPLES / 2), SAMPLES / 2);
		assert_int_equal(block.time_ns, FAKE_FIRST_NS + i * BLOCK_NS + BLOCK_NS / 2);
		assert_int_equal(block.realtime_ns, realtime + BLOCK_NS / 2);
	}
}

static void a_gap_does_not_stop_the_clock(void **state)
{
	(void)state;
	set_rate(RATE);
	ROUTE->gap_block = 1;
	ROUTE->gap_scans = RATE / 4;
	begin(WAIT, 2);
	take(0);
	take(SAMPLES + RATE / 4);
	assert_int_equal(block.time_ns, FAKE_FIRST_NS + BLOCK_NS + BLOCK_NS / 4);
}

static void the_drift_of_the_clock_is_told(void **state)
{
	struct iiobridge_clock clock;

	(void)state;
	set_rate(RATE);
	ROUTE->rate_error_ns = 1000;
	begin(WAIT, 11);
	settle();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	assert_int_equal(clock.time_ns, FAKE_FIRST_NS);
	assert_int_equal(clock.drift_ns, 10000);
}

static uint64_t realtime_ns(void)
{
	struct timespec time;

	__real_clock_gettime(CLOCK_REALTIME, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The host had the first block between these two, whenever its record came. */
static void the_time_of_day_is_that_of_the_first_block(void **state)
{
	struct iiobridge_clock clock;
	uint64_t before, after;

	(void)state;
	set_rate(RATE);
	fake.hold_records = true;
	begin(WAIT, 0);
	before = realtime_ns();
	send(1);
	after = realtime_ns();
	send(20);
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 0);
	fake_set(fake.hold_records = false);
	settle();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	/* It was full after a second, and delivered 500 ns later. */
	assert_in_range(clock.realtime_ns + BLOCK_NS + 500, before, after);
}

static void a_record_before_its_samples_sets_the_time_of_day_too(void **state)
{
	const struct iiobridge_record first = {
		.run = 1,
		.filled_ns = FAKE_FIRST_NS + BLOCK_NS,
		.drained_ns = FAKE_FIRST_NS + BLOCK_NS + 500,
		.bytes = BLOCK,
	};
	struct iiobridge_clock clock;
	uint64_t before;

	(void)state;
	set_rate(RATE);
	begin(WAIT, 0);
	fake_lock();
	fake_send_record(&first);
	ROUTE->dropped_count = 1;
	fake_unlock();
	settle();
	before = realtime_ns();
	send(20);
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	assert_int_equal(clock.time_ns, FAKE_FIRST_NS);
	assert_in_range(clock.realtime_ns + BLOCK_NS + 500, before, realtime_ns());
}

static void without_the_first_record_the_clock_is_of_another(void **state)
{
	struct iiobridge_clock clock;
	uint64_t before;

	(void)state;
	set_rate(RATE);
	ROUTE->dropped_count = 5;
	begin(WAIT, 0);
	before = realtime_ns();
	send(20);
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	assert_int_equal(clock.time_ns, FAKE_FIRST_NS);
	assert_in_range(clock.realtime_ns + BLOCK_NS + 500, before, realtime_ns());
	take(0);
	assert_int_equal(block.time_ns, FAKE_FIRST_NS);
	assert_int_equal(block.realtime_ns, clock.realtime_ns);
}

static void without_a_rate_a_block_has_the_time_of_its_record(void **state)
{
	struct iiobridge_clock clock;

	(void)state;
	begin(WAIT, 2);
	settle();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 0);
	take(0);
	assert_int_equal(block.time_ns, 1000);
	take(SAMPLES);
	assert_int_equal(block.time_ns, 2000);
	fake_set(fake.hold_records = true);
	send(1);
	assert_int_equal(iiobridge_rx_stop(rx), IIOBRIDGE_ERROR_TIMEOUT);
	take(2 * SAMPLES);
	assert_int_equal(block.time_ns, 0);
	assert_int_equal(block.realtime_ns, 0);
}

static void each_run_has_its_own_clock(void **state)
{
	struct iiobridge_clock clock;

	(void)state;
	set_rate(RATE);
	ROUTE->rate_error_ns = 1000;
	begin(WAIT, 11);
	settle();
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	assert_int_equal(clock.drift_ns, 10000);
	start();
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 0);
	send(1);
	assert_int_equal(iiobridge_rx_clock(rx, &clock), 1);
	assert_int_equal(clock.drift_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(samples_wait_for_their_record_and_records_for_their_samples),
		TEST(without_waiting_samples_come_before_their_record),
		TEST(a_gap_is_told_before_the_samples_behind_it),
		TEST(a_gap_of_unknown_length_is_one),
		TEST(without_waiting_a_gap_is_told_at_the_block_behind_at_the_latest),
		TEST(without_waiting_a_gap_may_be_told_inside_its_block),
		TEST(samples_without_a_record_come_with_the_next_one),
		TEST(behind_the_last_record_samples_come_with_the_end),
		TEST(a_late_reader_finds_each_gap),
		TEST(records_are_kept_to_the_end),
		TEST(records_are_not_kept_unasked),
		TEST(the_clock_is_steady_though_the_records_times_are_not),
		TEST(a_gap_does_not_stop_the_clock),
		TEST(the_drift_of_the_clock_is_told),
		TEST(the_time_of_day_is_that_of_the_first_block),
		TEST(without_a_rate_a_block_has_the_time_of_its_record),
		TEST(each_run_has_its_own_clock),
		TEST(a_gap_whose_length_is_estimated_says_so),
		TEST(records_that_nobody_takes_are_dropped_and_told),
		TEST(a_record_before_its_samples_sets_the_time_of_day_too),
		TEST(without_the_first_record_the_clock_is_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
