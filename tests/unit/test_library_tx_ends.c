// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a transmission ends, and what is told of it meanwhile.
 */
#include "test_library_tx.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#define GONE  IIOBRIDGE_ERROR_GONE
#define ENDED IIOBRIDGE_ERROR_ENDED

static struct iiobridge_buffer buffer;
static struct iiobridge_underflow underflow;

static void write_until_it_ends(void)
{
	while (iiobridge_tx_write(tx, words, 4 * SAMPLES, TIMEOUT_MS) == 4 * SAMPLES)
		;
}

/* Else the next run could find at the endpoint what this one has sent. */
static void a_stop_takes_the_transfers_back_first(void **state)
{
	struct iiobridge_statistics_info statistics;

	(void)state;
	open_tx();
	ROUTE->allowance = 3;
	write_words(0, 8 * SAMPLES);
	fake_wait_for(ROUTE->allowance == 0 && !fake.calling);
	assert_true(ROUTE->queued > 0);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	assert_string_equal(fake.log, "parameters stop start send stop ");
	assert_int_equal(ROUTE->queued_at_stop, 0);
	assert_int_equal(iiobridge_tx_statistics(tx, &statistics), 1);
	assert_int_equal(statistics.bytes_delivered, 3 * BLOCK);
	assert_int_equal(iiobridge_tx_played(tx), 3 * SAMPLES);
	/* What was not sent is not of the next run. */
	fake_set(ROUTE->allowance = -1);
	write_words(0, 10);
	end();
	assert_received(10);
}

static void a_route_that_stops_by_itself_is_explained(void **state)
{
	(void)state;
	ROUTE->stop_at = 2;
	strcpy(fake.error.message, "the converter went away");
	open_tx();
	write_until_it_ends();
	assert_int_equal(iiobridge_tx_next_underflow(tx, TIMEOUT_MS, &underflow),
			 IIOBRIDGE_ERROR_REFUSED);
	assert_int_equal(iiobridge_tx_write(tx, words, 1, TIMEOUT_MS), IIOBRIDGE_ERROR_REFUSED);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 stopped route 0 (tx): the converter went away");
	assert_int_equal(iiobridge_tx_end(tx), IIOBRIDGE_ERROR_REFUSED);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_REFUSED);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
}

static void a_route_that_stops_before_the_end_is_told(void **state)
{
	(void)state;
	ROUTE->drain_short = 8;
	open_tx();
	write_words(0, 3 * SAMPLES);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_REFUSED);
	assert_message("after 196600 bytes");
}

/* Then the statistics show it. */
static void an_end_without_a_record_is_one(void **state)
{
	(void)state;
	ROUTE->no_end = true;
	open_tx();
	write_words(0, 3 * SAMPLES);
	end();
	assert_int_equal(iiobridge_tx_stop(tx), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("did not send the last records of route 0 (tx) within 1000 ms");
	fake_set(ROUTE->no_end = false);
	write_words(0, 3);
	end();
	assert_received(3);
}

/* The board has said how far it is, and then so many seconds are over. */
static void go_ahead(long seconds)
{
	unsigned int asked;

	fake_lock();
	asked = fake.requests[IIOBRIDGE_GET_STATISTICS];
	fake_unlock();
	fake_wait_for(fake.requests[IIOBRIDGE_GET_STATISTICS] > asked + 1);
	atomic_fetch_add(&fake_ahead_s, seconds);
}

static void a_board_that_does_not_come_to_the_end_is_told(void **state)
{
	(void)state;
	ROUTE->never_ends = true;
	set_rate(1000000);
	open_tx();
	write_words(0, 3 * SAMPLES);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	go_ahead(2);
	assert_int_equal(iiobridge_tx_drain(tx, 0), 0);
	atomic_fetch_add(&fake_ahead_s, 10);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("196608 of 196608 bytes");
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	assert_non_null(strstr(fake.log, "finish send stop "));
}

static void without_a_rate_the_end_may_take_a_minute(void **state)
{
	(void)state;
	ROUTE->never_ends = true;
	open_tx();
	write_words(0, 3 * SAMPLES);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	go_ahead(50);
	go_ahead(0);
	assert_int_equal(iiobridge_tx_drain(tx, 0), 0);
	go_ahead(15);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_TIMEOUT);
}

/* A sample in 1000 seconds: what is left takes as many nanoseconds as 64 bits can count. */
static void a_rate_of_nearly_nothing_is_waited_for(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = 1;
	ROUTE->info.bytes_per_scan = 1;
	ROUTE->info.block_size = 4194304;
	ROUTE->configured = ROUTE->info;
	ROUTE->never_ends = true;
	ROUTE->drain_short = 18446744;
	open_tx();
	for (unsigned int i = 0; i < 18; i++)
		assert_int_equal(iiobridge_tx_write(tx, words, 1024819, TIMEOUT_MS), 1024819);
	assert_int_equal(iiobridge_tx_write(tx, words, 2, TIMEOUT_MS), 2);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	go_ahead(1000000);
	go_ahead(0);
	assert_int_equal(iiobridge_tx_drain(tx, 0), 0);
}

static void a_board_that_goes_away_is_told(void **state)
{
	(void)state;
	open_tx();
	write_words(0, 3 * SAMPLES);
	fake_wait_for(ROUTE->received == 2 * BLOCK && !fake.calling);
	fake_set(fake.gone = true);
	assert_int_equal(iiobridge_tx_next_underflow(tx, TIMEOUT_MS, &underflow), GONE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(iiobridge_tx_write(tx, words, 10, TIMEOUT_MS), GONE);
	assert_string_equal(iiobridge_error_message(), "the board at 001:005 went away");
	assert_int_equal(iiobridge_tx_end(tx), GONE);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), GONE);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
}

/* What was acquired before that is not sent. */
static void a_submit_to_a_board_that_is_gone_fails(void **state)
{
	(void)state;
	open_tx();
	write_words(0, 2 * SAMPLES);
	assert_int_equal(iiobridge_tx_acquire(tx, TIMEOUT_MS, &buffer), 1);
	fake_set(fake.gone = true);
	assert_int_equal(iiobridge_tx_next_underflow(tx, TIMEOUT_MS, &underflow), GONE);
	assert_int_equal(iiobridge_tx_submit(tx, 1), GONE);
}

/* The kernel may return the transfers with an error before it tells of the disconnection. */
static void a_failed_transfer_of_a_board_that_is_gone_is_no_fault_of_it(void **state)
{
	(void)state;
	ROUTE->fail_at = 1;
	ROUTE->fail_status = LIBUSB_TRANSFER_ERROR;
	ROUTE->allowance = 1;
	open_tx();
	write_words(0, 4 * SAMPLES);
	fake_wait_for(ROUTE->allowance == 0 && !fake.calling);
	fake_set(fake.io_errors = 2; fake.control_error = LIBUSB_ERROR_NO_DEVICE;
		 ROUTE->allowance = 1);
	assert_int_equal(iiobridge_tx_next_underflow(tx, TIMEOUT_MS, &underflow), GONE);
	fake_set(fake.control_error = 0);
}

/* Nothing is in flight that could fail: only the statistics show it. */
static void a_board_that_goes_away_while_nothing_is_sent_is_told(void **state)
{
	(void)state;
	open_tx();
	write_words(0, SAMPLES + 1);
	fake_wait_for(ROUTE->received == BLOCK && !fake.calling);
	fake_set(fake.control_error = LIBUSB_ERROR_NO_DEVICE);
	assert_int_equal(iiobridge_tx_next_underflow(tx, TIMEOUT_MS, &underflow), GONE);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	fake_set(fake.control_error = 0);
}

/* Transfers that fail while the run is stopped are not of the next one, whoever looks when. */
static void a_run_behind_a_fault_is_like_any(void **state)
{
	(void)state;
	open_tx();
	for (int run = 0; run < 30; run++) {
		fake_set(ROUTE->fail_at = 1; ROUTE->fail_status = LIBUSB_TRANSFER_STALL);
		write_until_it_ends();
		assert_int_equal(iiobridge_tx_next_underflow(tx, TIMEOUT_MS, &underflow),
				 IIOBRIDGE_ERROR_PROTOCOL);
		assert_message("halted endpoint 0x01");
		assert_int_equal(iiobridge_tx_stop(tx), 0);
		fake_set(ROUTE->fail_at = -1);
		write_words(0, 4 * SAMPLES);
		end();
		assert_received(4 * SAMPLES);
		assert_int_equal(iiobridge_tx_stop(tx), 0);
	}
}

static void a_refused_start_is_explained(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	strcpy(fake.error.message, "no");
	open_tx();
	write_words(0, SAMPLES);
	assert_int_equal(iiobridge_tx_end(tx), IIOBRIDGE_ERROR_REFUSED);
	assert_string_equal(iiobridge_error_message(), "the board at 001:005 refused START: no");
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_REFUSED);
	assert_int_equal(iiobridge_tx_write(tx, words, 1, 0), IIOBRIDGE_ERROR_REFUSED);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	assert_int_equal(ROUTE->sent, 0);
	fake_set(fake.refused_request = 0);
	write_words(0, 2 * SAMPLES);
	end();
	assert_received(2 * SAMPLES);
}

static void a_refused_finish_is_explained(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_FINISH;
	strcpy(fake.error.message, "too late");
	open_tx();
	write_words(0, 2 * SAMPLES);
	assert_int_equal(iiobridge_tx_end(tx), IIOBRIDGE_ERROR_REFUSED);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 refused FINISH: too late");
	assert_int_equal(ROUTE->sent, BLOCK);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
}

/* ---- underflows, and records ---- */

static void an_underflow_is_told_with_its_sample_and_time(void **state)
{
	const struct iiobridge_stream_settings settings = {
		.flags = IIOBRIDGE_STREAM_KEEP_RECORDS,
	};
	struct iiobridge_block_record record;

	(void)state;
	set_rate(SAMPLES); /* a block in a second */
	ROUTE->gap_block = 2;
	ROUTE->gap_scans = 77;
	assert_int_equal(iiobridge_tx_open(board, 0, &settings, &tx), 0);
	write_words(0, 5 * SAMPLES / 2);
	end();
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	assert_int_equal(iiobridge_tx_next_underflow(tx, 0, &underflow), 1);
	assert_int_equal(underflow.sample, 2 * SAMPLES);
	assert_int_equal(underflow.missed, 77);
	/* It was played 500 ns after it was full, and half a second long. */
	assert_in_range(underflow.time_ns,
			FAKE_FIRST_NS + 2000000000 + 77 * UINT64_C(1000000000) / SAMPLES + 499,
			FAKE_FIRST_NS + 2000000000 + 77 * UINT64_C(1000000000) / SAMPLES + 501);
	assert_int_equal(iiobridge_tx_next_underflow(tx, 0, &underflow), ENDED);

	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(iiobridge_tx_next_record(tx, &record), 1);
		assert_int_equal(record.sequence, i);
		assert_int_equal(record.samples, i < 2 ? SAMPLES : SAMPLES / 2);
		assert_int_equal(record.flags, i < 2 ? 0 : IIOBRIDGE_RECORD_WAS_LATE);
	}
	assert_int_equal(iiobridge_tx_next_record(tx, &record), 1);
	assert_int_equal(record.flags, IIOBRIDGE_RECORD_IS_END);
	assert_int_equal(iiobridge_tx_next_record(tx, &record), 0);
}

/* Those of the run before are not of it. */
static void each_run_has_its_own_underflows(void **state)
{
	(void)state;
	ROUTE->gap_block = 1;
	ROUTE->gap_scans = 5;
	open_tx();
	write_words(0, 2 * SAMPLES);
	end();
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	fake_set(ROUTE->gap_block = -1);
	write_words(0, 2 * SAMPLES);
	end();
	assert_int_equal(iiobridge_tx_next_underflow(tx, 0, &underflow), 0);
}

static int told;

static void *wait_for_underflow(void *context)
{
	(void)context;
	told = iiobridge_tx_next_underflow(tx, -1, &underflow);
	return NULL;
}

static void another_thread_may_wait_for_underflows(void **state)
{
	pthread_t thread;

	(void)state;
	ROUTE->gap_block = 1;
	ROUTE->gap_scans = 9;
	open_tx();
	pthread_create(&thread, NULL, wait_for_underflow, NULL);
	write_words(0, 3 * SAMPLES);
	pthread_join(thread, NULL);
	assert_int_equal(told, 1);
	assert_int_equal(underflow.sample, SAMPLES);
	assert_int_equal(underflow.missed, 9);
	assert_int_equal(underflow.time_ns, 0);
	pthread_create(&thread, NULL, wait_for_underflow, NULL);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	pthread_join(thread, NULL);
	assert_int_equal(told, ENDED);
}

/* ---- what cannot be opened ---- */

static void an_rx_route_cannot_be_sent_to(void **state)
{
	(void)state;
	ROUTE->info.direction = IIOBRIDGE_CAPTURE;
	assert_int_equal(iiobridge_tx_open(board, 0, NULL, &tx), IIOBRIDGE_ERROR_INVALID);
	assert_string_equal(iiobridge_error_message(), "route 0 (tx) is not a playback route");
	assert_string_equal(fake.log, "");
	tx = NULL;
}

static void without_descriptors_nothing_of_others_is_closed(void **state)
{
	struct rlimit before, none;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	for (none.rlim_cur = 0; none.rlim_cur < 4; none.rlim_cur++) {
		setrlimit(RLIMIT_NOFILE, &none);
		assert_int_equal(iiobridge_tx_open(board, 0, NULL, &tx), IIOBRIDGE_ERROR_SYSTEM);
		setrlimit(RLIMIT_NOFILE, &before);
		assert_message("no eventfd");
		assert_int_equal(lseek(0, 0, SEEK_CUR) < 0 && errno == EBADF, 0);
	}
	tx = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stop_takes_the_transfers_back_first),
		TEST(a_route_that_stops_by_itself_is_explained),
		TEST(a_route_that_stops_before_the_end_is_told),
		TEST(an_end_without_a_record_is_one),
		TEST(a_board_that_does_not_come_to_the_end_is_told),
		TEST(without_a_rate_the_end_may_take_a_minute),
		TEST(a_rate_of_nearly_nothing_is_waited_for),
		TEST(a_board_that_goes_away_is_told),
		TEST(a_submit_to_a_board_that_is_gone_fails),
		TEST(a_failed_transfer_of_a_board_that_is_gone_is_no_fault_of_it),
		TEST(a_board_that_goes_away_while_nothing_is_sent_is_told),
		TEST(a_run_behind_a_fault_is_like_any),
		TEST(a_refused_start_is_explained),
		TEST(a_refused_finish_is_explained),
		TEST(an_underflow_is_told_with_its_sample_and_time),
		TEST(each_run_has_its_own_underflows),
		TEST(another_thread_may_wait_for_underflows),
		TEST(an_rx_route_cannot_be_sent_to),
		TEST(without_descriptors_nothing_of_others_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
