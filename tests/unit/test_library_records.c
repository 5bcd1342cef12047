// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records that are right, and those that no board can mean.
 */
#include "test_library_rx.h"

#define RUN	 ((uint32_t)ROUTE->statistics.starts)
#define PROTOCOL IIOBRIDGE_ERROR_PROTOCOL

static struct iiobridge_block_record kept;

/* A stream that keeps records, of a board that sends none by itself. */
static int set_up_records(void **state)
{
	if (set_up(state) < 0)
		return -1;
	open_board_with_routes(2);
	ROUTE->silent = true;
	begin(IIOBRIDGE_STREAM_KEEP_RECORDS, 0);
	return 0;
}

/* The record of a block, when so many samples were lost before it. */
static struct iiobridge_record record_of(uint64_t sequence, uint64_t lost)
{
	return (struct iiobridge_record){
		.flags = lost ? IIOBRIDGE_RECORD_GAP : 0,
		.run = RUN,
		.sequence = sequence,
		.first_scan = sequence * SAMPLES + lost,
		.bytes = BLOCK,
	};
}

static void give(struct iiobridge_record record)
{
	fake_set(fake_send_record(&record));
	settle();
}

/* The next one that was kept. */
static void assert_kept(uint64_t sequence)
{
	assert_int_equal(iiobridge_rx_next_record(rx, &kept), 1);
	assert_int_equal(kept.sequence, sequence);
}

/* Nothing of the record is taken, and the stream ends with the reason; then it begins anew. */
static void assert_refused(struct iiobridge_record record, const char *why)
{
	give(record);
	assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), PROTOCOL);
	assert_message(why);
	assert_int_equal(iiobridge_rx_next_record(rx, &kept), 0);
	iiobridge_rx_stop(rx);
	start();
}

/* The endpoint itself has brought what it cannot: the board is opened anew. */
static void assert_no_message(const void *bytes, int size, const char *why)
{
	fake_set(fake_send_message(bytes, size));
	assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), PROTOCOL);
	assert_message(why);
	assert_int_equal(iiobridge_rx_next_record(rx, &kept), 0);
	iiobridge_rx_close(rx);
	begin(IIOBRIDGE_STREAM_KEEP_RECORDS, 0);
}

static void every_route_gets_its_records(void **state)
{
	const struct iiobridge_stream_settings settings = {
		.flags = IIOBRIDGE_STREAM_KEEP_RECORDS,
	};
	struct iiobridge_record wire[IIOBRIDGE_RECORDS_MAX] = { { 0 } };
	struct iiobridge_rx *other;
	unsigned int count = 0;

	(void)state;
	fake_set(fake.routes[1].allowance = 0);
	assert_int_equal(iiobridge_rx_open(board, 1, &settings, &other), 0);
	assert_int_equal(iiobridge_rx_start(other), 0);
	for (unsigned int i = 0; i < IIOBRIDGE_RECORDS_MAX; i++) {
		wire[i] = record_of(i % 3 ? i - 1 - i / 3 : i / 3, 0);
		wire[i].route = i % 3 == 0;
	}
	fake_set(fake_send_message(wire, sizeof(wire)));
	settle();
	while (iiobridge_rx_next_record(rx, &kept) == 1)
		assert_int_equal(kept.sequence, count++);
	assert_int_equal(count, 42);
	count = 0;
	while (iiobridge_rx_next_record(other, &kept) == 1)
		assert_int_equal(kept.sequence, count++);
	assert_int_equal(count, 21);
	iiobridge_rx_close(other);
	/* Nobody wants these now. */
	fake_set(fake_send_message(wire, sizeof(wire[0])));
	settle();
	give(record_of(42, 0));
	assert_kept(42);
}

static void records_come_in_the_hosts_byte_order(void **state)
{
	static const uint8_t wire[48] = {
		0, 1, 0, 0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x40,
		2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,
	};

	(void)state;
	fake_set(fake_send_message(wire, sizeof(wire)));
	settle();
	assert_kept(0x201);
	assert_int_equal(kept.flags, IIOBRIDGE_RECORD_HAS_GAP);
	assert_int_equal(kept.run, 1);
	assert_int_equal(kept.first_sample, 0x4000000000000001);
	assert_int_equal(kept.filled_ns, 2);
	assert_int_equal(kept.delivered_ns, 3);
	assert_int_equal(kept.samples, 16384);
}

static void what_is_no_record_is_refused(void **state)
{
	static const int sizes[] = { 1, 47, 49, 64 * 48 };
	static const uint8_t zeros[8192];
	const struct iiobridge_record other = { .route = 2 }, reserved = { .reserved2 = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_no_message(zeros, sizes[i], "bytes of records");
	assert_no_message(zeros, 8192, "more than was asked on endpoint 0x8f");
	assert_no_message(&other, sizeof(other), "a record is of route 2; the board has 2 routes");
	assert_no_message(&reserved, sizeof(reserved), "where the protocol has 0");
}

static void records_in_order_have_no_gap(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		give(record_of(i, 0));
	for (uint64_t i = 0; i < 1000; i++) {
		assert_kept(i);
		assert_int_equal(kept.place, i * SAMPLES);
		assert_int_equal(kept.samples_lost + kept.records_missing, 0);
	}
}

static void a_gap_is_found_at_its_sample_of_the_data(void **state)
{
	static const uint64_t lost[] = { 0, 100, 0, 5 };

	(void)state;
	give(record_of(0, 0));
	give(record_of(1, 100));
	give(record_of(2, 100));
	give(record_of(3, 105));
	for (uint64_t i = 0; i < 4; i++) {
		assert_kept(i);
		assert_int_equal(kept.place, i * SAMPLES);
		assert_int_equal(kept.samples_lost, lost[i]);
		/* A gap of a length that nobody knows is one, too. */
		assert_int_equal(kept.flags, i ? IIOBRIDGE_RECORD_HAS_GAP : 0);
	}
}

static void records_of_earlier_runs_are_left_out(void **state)
{
	struct iiobridge_record record = record_of(99, 5);

	(void)state;
	record.run = RUN - 1;
	give(record);
	record.run = RUN - 2;
	record.flags = IIOBRIDGE_RECORD_END;
	give(record);
	assert_int_equal(iiobridge_rx_next_record(rx, &kept), 0);
	give(record_of(0, 0));
	assert_kept(0);
}

static void the_number_of_a_run_may_wrap(void **state)
{
	struct iiobridge_record record = record_of(0, 0);

	(void)state;
	iiobridge_rx_stop(rx);
	fake_set(ROUTE->statistics.starts = UINT32_MAX);
	start();
	record.run = UINT32_MAX;
	give(record);
	assert_int_equal(iiobridge_rx_next_record(rx, &kept), 0);
	record.run = 0;
	give(record);
	assert_kept(0);
	assert_int_equal(kept.run, 0);
}

static void a_run_that_somebody_else_began_is_told(void **state)
{
	struct iiobridge_record record = record_of(0, 0);

	(void)state;
	record.run = RUN + 1;
	assert_refused(record, "somebody else has started route rx");
}

static void missing_records_are_counted(void **state)
{
	(void)state;
	give(record_of(2, 0));
	give(record_of(3, 0));
	give(record_of(10, 30));
	assert_kept(2);
	assert_int_equal(kept.records_missing, 2);
	assert_int_equal(kept.samples_missing, 2 * SAMPLES);
	assert_kept(3);
	assert_int_equal(kept.records_missing, 0);
	assert_kept(10);
	assert_int_equal(kept.records_missing, 6);
	assert_int_equal(kept.samples_lost, 30);
	assert_int_equal(kept.place, 10 * SAMPLES);
}

/* A waveform that repeats has a short block in each turn. */
static void missing_records_may_be_of_short_blocks(void **state)
{
	struct iiobridge_record record = record_of(5, 0);

	(void)state;
	record.first_scan -= 3;
	give(record);
	assert_kept(5);
	assert_int_equal(kept.samples_missing, 5 * SAMPLES - 3);
	assert_int_equal(kept.samples_lost, 0);
	assert_int_equal(kept.place, 5 * SAMPLES - 3);
}

static void records_are_missing_at_the_end_too(void **state)
{
	struct iiobridge_record record = record_of(5, 0);

	(void)state;
	record.flags = IIOBRIDGE_RECORD_END;
	record.bytes = 0;
	give(record);
	assert_kept(5);
	assert_int_equal(kept.flags, IIOBRIDGE_RECORD_IS_END);
	assert_int_equal(kept.records_missing, 5);
	assert_refused(record_of(6, 0), "after that of the end");
}

static void what_goes_back_is_refused(void **state)
{
	struct iiobridge_record record;

	(void)state;
	give(record_of(4, 0));
	assert_kept(4);
	assert_refused(record_of(4, 0), "go back: block 4, when 5 was next");
	give(record_of(4, 0));
	assert_kept(4);
	record = record_of(5, 0);
	record.first_scan--;
	assert_refused(record, "begins with sample 81919, when 81920 was next");
}

static void what_no_board_can_mean_is_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 3, BLOCK - 1, BLOCK + 4, UINT32_MAX };
	struct iiobridge_record record;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		record = record_of(0, 0);
		record.bytes = sizes[i];
		assert_refused(record, "it must be whole samples of 4 bytes, and at most 65536");
	}
	record = record_of(0, 10);
	record.flags = 0;
	assert_refused(record, "without a gap");
}

static void huge_numbers_are_refused(void **state)
{
	static const uint64_t numbers[][2] = {
		{ UINT64_MAX, 0 },
		{ UINT64_MAX / SAMPLES, UINT64_MAX },
		{ UINT64_MAX / SAMPLES + 1, UINT64_MAX },
		{ 0, UINT64_MAX },
		{ 0, UINT64_MAX - SAMPLES + 1 },
		{ UINT64_MAX / 2, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct iiobridge_record record = record_of(0, 1);

		record.sequence = numbers[i][0];
		record.first_scan = numbers[i][1];
		assert_refused(record, "no converter is that fast");
	}
	give(record_of(0, 0));
	assert_kept(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define RECORDS(name) cmocka_unit_test_setup_teardown(name, set_up_records, tear_down)
		RECORDS(every_route_gets_its_records),
		RECORDS(records_come_in_the_hosts_byte_order),
		RECORDS(what_is_no_record_is_refused),
		RECORDS(records_in_order_have_no_gap),
		RECORDS(a_gap_is_found_at_its_sample_of_the_data),
		RECORDS(records_of_earlier_runs_are_left_out),
		RECORDS(the_number_of_a_run_may_wrap),
		RECORDS(a_run_that_somebody_else_began_is_told),
		RECORDS(missing_records_are_counted),
		RECORDS(missing_records_may_be_of_short_blocks),
		RECORDS(records_are_missing_at_the_end_too),
		RECORDS(what_goes_back_is_refused),
		RECORDS(what_no_board_can_mean_is_refused),
		RECORDS(huge_numbers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
