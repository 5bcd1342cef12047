// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ends the wait of a thread that sends.
 */
#include "test_library_tx.h"

#define CANCELLED IIOBRIDGE_ERROR_CANCELLED
#define ENDED	  IIOBRIDGE_ERROR_ENDED
#define ROOM	  ((TRANSFERS + MEMORY / BLOCK) * SAMPLES)

static struct iiobridge_buffer buffer;
static int64_t waited;		/* what the thread that waits was told */
static uint32_t many[2 * ROOM]; /* more than there is room for */

static void *write_more(void *context)
{
	(void)context;
	waited = iiobridge_tx_write(tx, many, 2 * ROOM, -1);
	return NULL;
}

static pthread_t begin_wait(void)
{
	fake.hold = true;
	open_tx();
	assert_false(somebody_waits(iiobridge_tx_fd(tx)));
	return wait_in_thread(iiobridge_tx_fd(tx), write_more);
}

/* What was taken is told first. */
static void a_wait_is_cancelled_by_another_thread(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	iiobridge_tx_cancel(tx);
	pthread_join(thread, NULL);
	assert_int_equal(waited, ROOM);
	assert_int_equal(iiobridge_tx_write(tx, words, 1, -1), CANCELLED);
	assert_int_equal(iiobridge_tx_write(tx, words, 1, 1), 0);
	iiobridge_tx_cancel(tx);
	assert_int_equal(iiobridge_tx_acquire(tx, -1, &buffer), CANCELLED);
	fake_set(fake.hold = false);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), 1);
	assert_int_equal(ROUTE->finish, ROOM * 4);
}

static void cancel(int number)
{
	(void)number;
	iiobridge_tx_cancel(tx);
}

static void a_wait_is_cancelled_by_a_signal_handler(void **state)
{
	(void)state;
	end_by_signal(begin_wait, cancel);
	assert_int_equal(waited, ROOM);
	assert_int_equal(iiobridge_tx_acquire(tx, -1, &buffer), CANCELLED);
}

/* Two in any case: what is sent last waits for what follows it. */
static void a_caller_is_no_further_ahead_than_he_wants(void **state)
{
	static const struct {
		size_t ahead, blocks;
	} wanted[] = { { 1, 2 }, { 2 * BLOCK, 2 }, { 5 * BLOCK + 4, 5 } };

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct iiobridge_stream_settings settings = { .ahead = wanted[i].ahead };
		const size_t room = wanted[i].blocks * SAMPLES;

		fake_set(fake.hold = true);
		assert_int_equal(iiobridge_tx_open(board, 0, &settings, &tx), 0);
		assert_int_equal(iiobridge_tx_write(tx, words, 16 * SAMPLES, 1), room);
		assert_int_equal(iiobridge_tx_acquire(tx, 0, &buffer), 0);
		fake_set(fake.hold = false);
		write_words(room, 16 * SAMPLES);
		end();
		assert_received(16 * SAMPLES);
		iiobridge_tx_close(tx);
		tx = NULL;
	}
}

static void a_drain_is_cancelled(void **state)
{
	(void)state;
	fake.hold = true;
	open_tx();
	write_words(0, 2);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	assert_int_equal(iiobridge_tx_drain(tx, 1), 0);
	iiobridge_tx_cancel(tx);
	assert_int_equal(iiobridge_tx_drain(tx, -1), CANCELLED);
	fake_set(fake.hold = false);
	end();
	assert_received(2);
}

static void a_close_ends_the_wait_of_another_thread(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	iiobridge_tx_close(tx);
	pthread_join(thread, NULL);
	tx = NULL;
	assert_int_equal(waited, ROOM);
}

static void *wait_for_room(void *context)
{
	(void)context;
	waited = iiobridge_tx_acquire(tx, -1, &buffer);
	return NULL;
}

static void *wait_for_underflow(void *context)
{
	struct iiobridge_underflow underflow;

	return (void *)(intptr_t)iiobridge_tx_next_underflow(tx, -1,
							     context ? context : &underflow);
}

static void a_stop_ends_all_waits(void **state)
{
	pthread_t writer, watcher;
	void *told;

	(void)state;
	fake.hold = true;
	open_tx();
	assert_int_equal(iiobridge_tx_write(tx, many, 2 * ROOM, 0), ROOM);
	pthread_create(&watcher, NULL, wait_for_underflow, NULL);
	pthread_create(&writer, NULL, wait_for_room, NULL);
	/* Both are told of the stop; a thread that comes late is, too. */
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	pthread_join(watcher, &told);
	pthread_join(writer, NULL);
	assert_int_equal((intptr_t)told, ENDED);
	assert_int_equal(waited, 1);
}

/* Until the stream is being closed, which another thread that waits is told. */
static bool hold_start(uint8_t request, uint16_t value, uint8_t *to, uint16_t length, int *result)
{
	(void)value;
	(void)to;
	(void)length;
	(void)result;
	if (request != IIOBRIDGE_START)
		return false;
	fake_set(fake_log("starting"));
	assert_int_equal((intptr_t)wait_for_underflow(NULL), ENDED);
	return false;
}

static void a_close_waits_for_a_write_of_another_thread(void **state)
{
	pthread_t thread;

	(void)state;
	fake.hold = true;
	fake.on_request = hold_start;
	open_tx();
	pthread_create(&thread, NULL, write_more, NULL);
	fake_wait_for(strstr(fake.log, "starting"));
	iiobridge_tx_close(tx);
	pthread_join(thread, NULL);
	tx = NULL;
	/* Two transfers were taken before it. */
	assert_in_range(waited, SAMPLES, 2 * SAMPLES);
	assert_non_null(strstr(fake.log, "starting start "));
}

/* What the board's thread finds of one run is not of the next. */
static void many_runs_follow_each_other(void **state)
{
	(void)state;
	open_tx();
	for (unsigned int i = 0; i < 300; i++) {
		write_words(0, i + 1);
		end();
		assert_int_equal(ROUTE->finish, (i + 1) * 4);
		if (i % 3)
			sched_yield();
		assert_int_equal(iiobridge_tx_stop(tx), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_wait_is_cancelled_by_another_thread),
		TEST(a_wait_is_cancelled_by_a_signal_handler),
		TEST(a_caller_is_no_further_ahead_than_he_wants),
		TEST(a_drain_is_cancelled),
		TEST(a_close_ends_the_wait_of_another_thread),
		TEST(a_stop_ends_all_waits),
		TEST(a_close_waits_for_a_write_of_another_thread),
		TEST(many_runs_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
