// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several streams of a board at once, and who may have them.
 */
#include "test_library_rx.h"

#define STREAMS 2
#define WANTED	(400 * SAMPLES)

static struct iiobridge_rx *streams[STREAMS];

static int open_two(void **state)
{
	if (set_up(state) < 0)
		return -1;
	memset(streams, 0, sizeof(streams));
	open_board_with_routes(3);
	for (unsigned int i = 0; i < STREAMS; i++) {
		if (iiobridge_rx_open(board, i, NULL, &streams[i]) < 0)
			return -1;
	}
	return 0;
}

static int close_two(void **state)
{
	for (unsigned int i = 0; i < STREAMS; i++)
		iiobridge_rx_close(streams[i]);
	return tear_down(state);
}

/* Reads so many samples, and says with a pointer to it which stream was not right. */
static void *read_all(void *context)
{
	struct iiobridge_rx **stream = context;
	struct iiobridge_block part;
	uint64_t next = 0;

	while (next < WANTED) {
		const uint32_t *words;

		if (iiobridge_rx_acquire(*stream, TIMEOUT_MS, &part) != 1 ||
		    part.first_sample != next)
			return stream;
		words = part.data;
		for (size_t i = 0; i < part.samples; i++) {
			if (words[i] != next++)
				return stream;
		}
		iiobridge_rx_release(*stream, &part);
	}
	return NULL;
}

static void *ask_again_and_again(void *context)
{
	struct iiobridge_statistics_info statistics;
	intptr_t result = 0;

	(void)context;
	for (int i = 0; i < 200 && result == 0; i++)
		result = iiobridge_route_statistics(board, (unsigned int)i % STREAMS, &statistics);
	return (void *)result;
}

static void two_threads_read_two_streams_and_another_asks(void **state)
{
	pthread_t threads[STREAMS], asking;
	void *result;

	(void)state;
	for (unsigned int i = 0; i < STREAMS; i++) {
		assert_int_equal(iiobridge_rx_start(streams[i]), 0);
		pthread_create(&threads[i], NULL, read_all, &streams[i]);
	}
	pthread_create(&asking, NULL, ask_again_and_again, NULL);
	for (unsigned int i = 0; i < STREAMS; i++) {
		pthread_join(threads[i], &result);
		assert_null(result);
	}
	pthread_join(asking, &result);
	assert_null(result);
	assert_int_equal(iiobridge_rx_stop(streams[0]), 0);
	assert_false(fake.routes[0].running);
	assert_true(fake.routes[1].running);
}

static void a_stream_that_nobody_reads_does_not_disturb_the_other(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < STREAMS; i++)
		assert_int_equal(iiobridge_rx_start(streams[i]), 0);
	fake_wait_for(fake.routes[0].queued == 0 && !fake.calling);
	assert_null(read_all(&streams[1]));
	assert_null(read_all(&streams[0]));
}

static void streams_are_started_and_closed_while_another_runs(void **state)
{
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	pthread_create(&thread, NULL, read_all, &streams[0]);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(iiobridge_rx_start(streams[1]), 0);
		assert_int_equal(iiobridge_rx_acquire(streams[1], TIMEOUT_MS, &block), 1);
		assert_int_equal(block.first_sample, 0);
		iiobridge_rx_close(streams[1]);
		assert_int_equal(iiobridge_rx_open(board, 1, NULL, &streams[1]), 0);
	}
	pthread_join(thread, &result);
	assert_null(result);
}

static void a_route_has_one_stream_in_a_program(void **state)
{
	struct iiobridge_rx *second;

	(void)state;
	fake_set(fake.log[0] = '\0');
	assert_int_equal(iiobridge_rx_open(board, 0, NULL, &second), IIOBRIDGE_ERROR_BUSY);
	assert_message("route 0 of the board at 001:005 has a stream in this program");
	assert_string_equal(fake.log, "");
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	iiobridge_rx_close(streams[0]);
	assert_int_equal(iiobridge_rx_open(board, 0, NULL, &streams[0]), 0);
}

static void the_interface_is_claimed_while_there_are_streams(void **state)
{
	(void)state;
	assert_int_equal(fake.claims, 1);
	iiobridge_rx_close(streams[0]);
	assert_int_equal(fake.claims, 1);
	iiobridge_rx_close(streams[1]);
	assert_int_equal(fake.claims, 0);
	assert_int_equal(fake.transfers, 0);
	streams[1] = NULL;
	fake.claim_error = LIBUSB_ERROR_BUSY;
	assert_int_equal(iiobridge_rx_open(board, 0, NULL, &streams[0]), IIOBRIDGE_ERROR_BUSY);
	assert_message("another program has claimed its interface 2");
	streams[0] = NULL;
	fake.claim_error = 0;
}

static void a_board_may_be_closed_before_its_streams(void **state)
{
	(void)state;
	iiobridge_board_close(board);
	board = NULL;
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	assert_null(read_all(&streams[0]));
	iiobridge_rx_close(streams[0]);
	streams[0] = NULL;
	assert_int_equal(iiobridge_rx_start(streams[1]), 0);
	assert_null(read_all(&streams[1]));
}

static void a_board_that_goes_away_ends_all_streams(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < STREAMS; i++) {
		fake_set(fake.routes[i].allowance = 1);
		assert_int_equal(iiobridge_rx_start(streams[i]), 0);
	}
	fake_wait_for(fake.routes[0].moved == 1 && fake.routes[1].moved == 1 && !fake.calling);
	fake_set(fake.gone = true);
	for (unsigned int i = 0; i < STREAMS; i++) {
		assert_int_equal(iiobridge_rx_acquire(streams[i], TIMEOUT_MS, &block), 1);
		iiobridge_rx_release(streams[i], &block);
		for (int again = 0; again < 3; again++)
			assert_int_equal(iiobridge_rx_acquire(streams[i], TIMEOUT_MS, &block),
					 IIOBRIDGE_ERROR_GONE);
	}
}

/* They would tell nothing of gaps any more. */
static void what_is_no_record_ends_all_streams(void **state)
{
	static const uint8_t zeros[4096];

	(void)state;
	for (unsigned int i = 0; i < STREAMS; i++)
		assert_int_equal(iiobridge_rx_start(streams[i]), 0);
	assert_null(read_all(&streams[0]));
	fake_set(fake_send_message(zeros, 47));
	for (unsigned int i = 0; i < STREAMS; i++) {
		int r;

		/* What has come comes first, but not what comes for ever. */
		while ((r = iiobridge_rx_acquire(streams[i], TIMEOUT_MS, &block)) == 1)
			iiobridge_rx_release(streams[i], &block);
		assert_int_equal(r, IIOBRIDGE_ERROR_PROTOCOL);
		assert_message("47 bytes of records");
		for (int again = 0; again < 100; again++)
			assert_int_equal(iiobridge_rx_acquire(streams[i], 1, &block),
					 IIOBRIDGE_ERROR_PROTOCOL);
	}
	iiobridge_rx_close(streams[0]);
	iiobridge_rx_close(streams[1]);
	streams[1] = NULL;
	assert_int_equal(iiobridge_rx_open(board, 0, NULL, &streams[0]), 0);
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	assert_null(read_all(&streams[0]));
}

/* Who reads slower than the board sends finds the end, too. */
static void a_late_reader_finds_the_end_of_a_stream_that_has_one(void **state)
{
	static const uint8_t zeros[4096];
	uint64_t taken = 0;
	int r;

	(void)state;
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	fake_wait_for(fake.routes[0].queued == 0 && !fake.calling);
	fake_set(fake_send_message(zeros, 47));
	fake_wait_for(!fake.messages && !fake.calling);
	while ((r = iiobridge_rx_acquire(streams[0], TIMEOUT_MS, &block)) == 1) {
		const unsigned int moved = fake.routes[0].moved;

		assert_int_equal(block.first_sample, taken);
		taken += block.samples;
		iiobridge_rx_release(streams[0], &block);
		/* The board is always faster. */
		fake_wait_for(fake.routes[0].moved > moved || fake.routes[0].queued == 0);
		assert_true(taken < 1000 * SAMPLES);
	}
	assert_int_equal(r, IIOBRIDGE_ERROR_PROTOCOL);
	assert_in_range(taken, (TRANSFERS + MEMORY / BLOCK) * SAMPLES, 1000 * SAMPLES);
}

/* Its route may not be stopped first, but it is. */
static void a_stream_that_had_an_end_can_be_started_again(void **state)
{
	struct iiobridge_record record = { .run = 2 };

	(void)state;
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	fake_set(fake_send_record(&record));
	while (iiobridge_rx_acquire(streams[0], TIMEOUT_MS, &block) == 1)
		iiobridge_rx_release(streams[0], &block);
	assert_message("somebody else has started route rx");
	assert_int_equal(iiobridge_rx_start(streams[0]), 0);
	assert_null(read_all(&streams[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TWO(name) cmocka_unit_test_setup_teardown(name, open_two, close_two)
		TWO(two_threads_read_two_streams_and_another_asks),
		TWO(a_stream_that_nobody_reads_does_not_disturb_the_other),
		TWO(streams_are_started_and_closed_while_another_runs),
		TWO(a_route_has_one_stream_in_a_program),
		TWO(the_interface_is_claimed_while_there_are_streams),
		TWO(a_board_may_be_closed_before_its_streams),
		TWO(a_board_that_goes_away_ends_all_streams),
		TWO(what_is_no_record_ends_all_streams),
		TWO(a_late_reader_finds_the_end_of_a_stream_that_has_one),
		TWO(a_stream_that_had_an_end_can_be_started_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
