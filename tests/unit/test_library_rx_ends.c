// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a reception begins, and how it ends.
 */
#include "test_library_rx.h"

#define GONE  IIOBRIDGE_ERROR_GONE
#define ENDED IIOBRIDGE_ERROR_ENDED

/* Takes what comes until something else is said, which is returned. */
static int take_all(uint64_t *samples)
{
	int r;

	*samples = 0;
	while ((r = iiobridge_rx_acquire(rx, TIMEOUT_MS, &block)) == 1) {
		assert_right(block.data, block.samples, *samples);
		*samples += block.samples;
		iiobridge_rx_release(rx, &block);
	}
	return r;
}

/* All that comes is so many samples, and then this, with each call. */
static void assert_ends(uint64_t samples, int code)
{
	uint64_t taken;

	assert_int_equal(take_all(&taken), code);
	assert_int_equal(taken, samples);
	for (int i = 0; i < 3; i++)
		assert_int_equal(now(), code);
	assert_int_equal(iiobridge_rx_read(rx, data, 1, TIMEOUT_MS, NULL), code);
}

static void transfers_wait_before_the_route_starts(void **state)
{
	(void)state;
	begin(0, 3);
	settle();
	assert_string_equal(fake.log, "parameters stop submit start ");
	assert_int_equal(take(0), SAMPLES);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_string_equal(fake.log, "parameters stop submit start stop ");
	assert_int_equal(ROUTE->queued, 0);
}

static void what_arrived_until_the_stop_can_be_read(void **state)
{
	struct iiobridge_statistics_info statistics;

	(void)state;
	begin(0, 5);
	settle();
	take(0);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(iiobridge_rx_statistics(rx, &statistics), 1);
	assert_false(statistics.running);
	assert_int_equal(statistics.starts, 1);
	assert_int_equal(statistics.blocks_delivered, 5);
	assert_int_equal(take(SAMPLES), SAMPLES);
	for (uint64_t i = 2; i < 5; i++)
		take(i * SAMPLES);
	assert_int_equal(now(), ENDED);
	assert_message("route 0 (rx) is stopped");
	assert_int_equal(read_samples(1), ENDED);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
}

/* The last transfer has 256 samples and a half. */
static void what_is_taken_back_has_whole_samples(void **state)
{
	(void)state;
	ROUTE->partial_at_cancel = 1026;
	begin(0, 5);
	settle();
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_ends(5 * SAMPLES + 256, ENDED);
}

static void what_was_held_can_be_read_behind_the_stop(void **state)
{
	(void)state;
	ROUTE->partial_at_cancel = 1024;
	begin(0, TRANSFERS + MEMORY / BLOCK - 10);
	settle();
	assert_int_equal(ROUTE->queued, 10);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_ends((TRANSFERS + MEMORY / BLOCK - 10) * SAMPLES + 256, ENDED);
}

static void *stop_it(void *result)
{
	*(int *)result = iiobridge_rx_stop(rx);
	return NULL;
}

/* A board that keeps its last records to itself: who waits for it is told, and who comes then. */
static void two_threads_may_stop_a_stream(void **state)
{
	int results[2] = { 0 };
	pthread_t threads[2];

	(void)state;
	ROUTE->no_end = true;
	begin(0, 3);
	settle();
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, stop_it, &results[i]), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(results[i], IIOBRIDGE_ERROR_TIMEOUT);
	}
	assert_int_equal(fake.requests[IIOBRIDGE_STOP], 2); /* and the first when it was opened */
	assert_int_equal(iiobridge_rx_stop(rx), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("did not send the last records");
	assert_ends(3 * SAMPLES, ENDED);
}

static void a_stream_can_be_started_again_and_again(void **state)
{
	struct iiobridge_statistics_info statistics;

	(void)state;
	open_rx(NULL);
	assert_int_equal(now(), 0);
	for (unsigned int run = 1; run <= 3; run++) {
		fake_set(ROUTE->allowance = 3);
		start();
		settle();
		assert_int_equal(iiobridge_rx_start(rx), IIOBRIDGE_ERROR_BUSY);
		assert_message("runs already");
		take(0);
		assert_int_equal(iiobridge_rx_stop(rx), 0);
		assert_int_equal(iiobridge_rx_statistics(rx, &statistics), 1);
		assert_int_equal(statistics.starts, run);
		/* The rest is dropped. */
	}
}

static void the_number_of_a_run_may_wrap(void **state)
{
	(void)state;
	ROUTE->statistics.starts = UINT32_MAX;
	ROUTE->old_run = true;
	begin(IIOBRIDGE_STREAM_WAIT_FOR_RECORDS, 2);
	take(0);
	take(SAMPLES);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
}

static void samples_before_the_start_are_a_fault(void **state)
{
	(void)state;
	ROUTE->stale = 1;
	open_rx(NULL);
	assert_int_equal(iiobridge_rx_start(rx), IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("before it was started");
	assert_string_equal(fake.log, "parameters stop submit ");
	assert_true(now() < 0);
	start();
	take(0);
}

static void a_short_transfer_is_a_fault(void **state)
{
	(void)state;
	ROUTE->short_at = 3;
	begin(0, -1);
	assert_ends(3 * SAMPLES + 2, IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("10 of 65536 bytes");
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(now(), IIOBRIDGE_ERROR_PROTOCOL);
}

static void a_block_that_is_sent_early_has_whole_samples(void **state)
{
	(void)state;
	ROUTE->info.transfer = IIOBRIDGE_COPY_EARLY;
	ROUTE->short_at = 1;
	begin(0, -1);
	assert_ends(SAMPLES + 2, IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("whole samples of 4 bytes");
}

static void a_halted_endpoint_is_told(void **state)
{
	(void)state;
	ROUTE->fail_at = 1;
	ROUTE->fail_status = LIBUSB_TRANSFER_STALL;
	begin(0, -1);
	assert_ends(SAMPLES, IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("halted endpoint 0x81");
}

static void a_board_that_goes_away_is_told_behind_its_samples(void **state)
{
	struct iiobridge_statistics_info statistics;

	(void)state;
	begin(0, 3);
	settle();
	fake_set(fake.gone = true);
	assert_ends(3 * SAMPLES, GONE);
	assert_int_equal(now(), GONE);
	assert_string_equal(iiobridge_error_message(), "the board at 001:005 went away");
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(iiobridge_rx_statistics(rx, &statistics), 0);
	assert_int_equal(now(), GONE);
	assert_int_equal(iiobridge_rx_start(rx), GONE);
}

/* That the board is gone is known before its transfers come back. */
static void what_comes_behind_an_error_can_be_read_behind_the_stop(void **state)
{
	(void)state;
	ROUTE->partial_at_cancel = 1026;
	begin(0, 3);
	settle();
	fake_set(fake.control_error = LIBUSB_ERROR_NO_DEVICE);
	assert_ends(3 * SAMPLES, GONE);
	assert_int_equal(now(), GONE);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_int_equal(take(3 * SAMPLES), 256);
	assert_int_equal(now(), GONE);
	fake_set(fake.control_error = 0);
}

/* Many of them are held, as he is late. */
static void a_late_reader_has_all_that_came_before_the_board_went_away(void **state)
{
	(void)state;
	begin(0, -1);
	fake_wait_for(ROUTE->queued == 0 && !fake.calling);
	fake_set(fake.gone = true);
	fake_wait_for(fake.queued == 0 && !fake.calling);
	assert_ends((TRANSFERS + MEMORY / BLOCK) * SAMPLES, GONE);
}

/* The kernel may return the transfers short before it tells of the disconnection. */
static void a_short_transfer_of_a_board_that_is_gone_is_no_fault_of_it(void **state)
{
	(void)state;
	ROUTE->short_at = 3;
	begin(0, 3);
	settle();
	fake_lock();
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	ROUTE->allowance = 1;
	fake_unlock();
	assert_ends(3 * SAMPLES + 2, GONE);
	fake_set(fake.control_error = 0);
}

static void a_failed_transfer_of_a_board_that_is_gone_is_no_fault_of_it(void **state)
{
	(void)state;
	ROUTE->fail_at = 3;
	ROUTE->fail_status = LIBUSB_TRANSFER_ERROR;
	begin(0, 3);
	settle();
	fake_lock();
	fake.io_errors = 2;
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	ROUTE->allowance = 1;
	fake_unlock();
	assert_ends(3 * SAMPLES, GONE);
	fake_set(fake.control_error = 0);
}

/* The transfers behind it are in flight, and may have been filled before it. */
static void what_is_in_flight_is_taken_when_no_more_can_be_asked_for(void **state)
{
	(void)state;
	ROUTE->partial_at_cancel = 1026;
	begin(0, 3);
	settle();
	fake_set(fake.submit_limit = 0);
	for (uint64_t i = 0; i < 3; i++)
		take(i * SAMPLES);
	send(1);
	take(3 * SAMPLES);
	fake_set(fake.submit_limit = FAKE_QUEUE);
	assert_int_equal(iiobridge_rx_stop(rx), 0);
}

static void a_route_that_stops_by_itself_is_explained(void **state)
{
	(void)state;
	ROUTE->stop_at = 2;
	fake.error.code = IIOBRIDGE_FAULT;
	strcpy(fake.error.message, "the converter went away");
	begin(0, -1);
	assert_ends(2 * SAMPLES, IIOBRIDGE_ERROR_REFUSED);
	now();
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 stopped route 0 (rx): the converter went away");
	assert_int_equal(iiobridge_rx_stop(rx), 0);
}

/* Then the statistics show it. */
static void a_route_that_stops_without_a_record_is_explained(void **state)
{
	(void)state;
	ROUTE->no_end = true;
	ROUTE->stop_at = 2;
	begin(0, -1);
	assert_ends(2 * SAMPLES, IIOBRIDGE_ERROR_REFUSED);
	assert_message("after 131072 bytes without saying why");
	assert_int_equal(iiobridge_rx_stop(rx), IIOBRIDGE_ERROR_TIMEOUT);
}

static void a_refused_start_is_explained(void **state)
{
	(void)state;
	ROUTE->no_end = true;
	fake.refused_request = IIOBRIDGE_START;
	fake.error.code = IIOBRIDGE_NO_MEMORY;
	strcpy(fake.error.message, "no memory for the blocks");
	open_rx(NULL);
	assert_int_equal(iiobridge_rx_start(rx), IIOBRIDGE_ERROR_REFUSED);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 refused START: no memory for the blocks");
	assert_true(now() < 0);
	assert_int_equal(ROUTE->queued, 0);
	fake_set(fake.refused_request = 0);
	start();
	take(0);
	fake_set(ROUTE->no_end = false);
}

static void a_run_without_an_end_is_told(void **state)
{
	(void)state;
	ROUTE->no_end = true;
	begin(0, 2);
	settle();
	assert_int_equal(iiobridge_rx_stop(rx), IIOBRIDGE_ERROR_TIMEOUT);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 did not send the last records of route 0 (rx) "
			    "within 1000 ms");
	assert_ends(2 * SAMPLES, ENDED);
}

static void a_stop_that_the_board_does_not_answer_is_told(void **state)
{
	(void)state;
	begin(0, 2);
	settle();
	fake_set(fake.control_error = LIBUSB_ERROR_TIMEOUT);
	assert_int_equal(iiobridge_rx_stop(rx), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("did not answer STOP within 5 s");
	fake_set(fake.control_error = 0);
	assert_ends(2 * SAMPLES, ENDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(transfers_wait_before_the_route_starts),
		TEST(what_arrived_until_the_stop_can_be_read),
		TEST(what_is_taken_back_has_whole_samples),
		TEST(what_was_held_can_be_read_behind_the_stop),
		TEST(two_threads_may_stop_a_stream),
		TEST(a_stream_can_be_started_again_and_again),
		TEST(the_number_of_a_run_may_wrap),
		TEST(samples_before_the_start_are_a_fault),
		TEST(a_short_transfer_is_a_fault),
		TEST(a_block_that_is_sent_early_has_whole_samples),
		TEST(a_halted_endpoint_is_told),
		TEST(a_board_that_goes_away_is_told_behind_its_samples),
		TEST(what_comes_behind_an_error_can_be_read_behind_the_stop),
		TEST(a_late_reader_has_all_that_came_before_the_board_went_away),
		TEST(a_short_transfer_of_a_board_that_is_gone_is_no_fault_of_it),
		TEST(a_failed_transfer_of_a_board_that_is_gone_is_no_fault_of_it),
		TEST(what_is_in_flight_is_taken_when_no_more_can_be_asked_for),
		TEST(a_route_that_stops_by_itself_is_explained),
		TEST(a_route_that_stops_without_a_record_is_explained),
		TEST(a_refused_start_is_explained),
		TEST(a_run_without_an_end_is_told),
		TEST(a_stop_that_the_board_does_not_answer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
