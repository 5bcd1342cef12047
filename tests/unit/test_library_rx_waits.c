// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ends the wait of a thread that receives.
 */
#include "test_library_rx.h"

#define GONE  IIOBRIDGE_ERROR_GONE
#define ENDED IIOBRIDGE_ERROR_ENDED

static int waited; /* what the thread that waits was told */

static void *wait_for_samples(void *context)
{
	(void)context;
	waited = iiobridge_rx_acquire(rx, -1, &block);
	return NULL;
}

/* A thread waits for samples, of which there are none. */
static pthread_t begin_wait(void)
{
	begin(0, 1);
	settle();
	take(0);
	assert_false(somebody_waits(iiobridge_rx_fd(rx)));
	return wait_in_thread(iiobridge_rx_fd(rx), wait_for_samples);
}

static void a_wait_is_cancelled_by_another_thread(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	iiobridge_rx_cancel(rx);
	pthread_join(thread, NULL);
	assert_int_equal(waited, IIOBRIDGE_ERROR_CANCELLED);
	/* Only that one was. */
	assert_int_equal(iiobridge_rx_acquire(rx, 1, &block), 0);
	send(1);
	assert_int_equal(take(SAMPLES), SAMPLES);
}

static void a_cancel_before_the_wait_ends_it(void **state)
{
	(void)state;
	begin(0, 1);
	settle();
	iiobridge_rx_cancel(rx);
	/* What there is comes first. */
	take(0);
	assert_int_equal(iiobridge_rx_acquire(rx, -1, &block), IIOBRIDGE_ERROR_CANCELLED);
	assert_int_equal(iiobridge_rx_acquire(rx, 1, &block), 0);
}

static void cancel(int number)
{
	(void)number;
	iiobridge_rx_cancel(rx);
}

static void a_wait_is_cancelled_by_a_signal_handler(void **state)
{
	(void)state;
	end_by_signal(begin_wait, cancel);
	assert_int_equal(waited, IIOBRIDGE_ERROR_CANCELLED);
}

static void ignore(int number)
{
	(void)number;
}

static void a_signal_does_not_end_a_wait(void **state)
{
	const struct sigaction action = { .sa_handler = ignore };
	struct sigaction before;
	pthread_t thread;

	(void)state;
	sigaction(SIGUSR1, &action, &before);
	thread = begin_wait();
	for (int i = 0; i < 100; i++)
		pthread_kill(thread, SIGUSR1);
	send(1);
	pthread_join(thread, NULL);
	assert_int_equal(waited, 1);
	iiobridge_rx_release(rx, &block);
	sigaction(SIGUSR1, &before, NULL);
}

static void a_close_ends_the_wait_of_another_thread(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	iiobridge_rx_close(rx);
	rx = NULL;
	pthread_join(thread, NULL);
	assert_int_equal(waited, ENDED);
}

static void a_stop_ends_the_wait_of_another_thread(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	pthread_join(thread, NULL);
	assert_int_equal(waited, ENDED);
}

static void an_event_loop_that_fails_ends_the_stream(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	fake_set(fake.event_error = LIBUSB_ERROR_IO);
	pthread_join(thread, NULL);
	assert_int_equal(waited, IIOBRIDGE_ERROR_SYSTEM);
	fake_set(fake.event_error = 0);
}

static void the_descriptor_is_readable_when_there_is_something(void **state)
{
	struct pollfd file = { .events = POLLIN };

	(void)state;
	begin(0, 0);
	file.fd = iiobridge_rx_fd(rx);
	assert_int_equal(now(), 0);
	assert_int_equal(poll(&file, 1, 0), 0);
	fake_set(ROUTE->allowance = 2);
	assert_int_equal(poll(&file, 1, TIMEOUT_MS), 1);
	settle();
	take(0);
	assert_int_equal(poll(&file, 1, 0), 1);
	take(SAMPLES);
	assert_int_equal(now(), 0);
	assert_int_equal(poll(&file, 1, 0), 0);
	fake_set(fake.gone = true);
	assert_int_equal(poll(&file, 1, TIMEOUT_MS), 1);
	assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), GONE);
	assert_int_equal(poll(&file, 1, 0), 1);
}

/* Until the stream is being closed: that is what its descriptor tells of. */
static bool hold_start(uint8_t request, uint16_t value, uint8_t *to, uint16_t length, int *result)
{
	struct pollfd file = { .fd = iiobridge_rx_fd(rx), .events = POLLIN };

	(void)value;
	(void)to;
	(void)length;
	(void)result;
	if (request != IIOBRIDGE_START)
		return false;
	fake_set(fake_log("starting"));
	poll(&file, 1, TIMEOUT_MS);
	return false;
}

static void *start_stream(void *context)
{
	(void)context;
	waited = iiobridge_rx_start(rx);
	return NULL;
}

static void a_close_waits_for_a_start_of_another_thread(void **state)
{
	pthread_t thread;

	(void)state;
	ROUTE->allowance = 0;
	open_rx(NULL);
	fake_set(fake.on_request = hold_start);
	pthread_create(&thread, NULL, start_stream, NULL);
	fake_wait_for(strstr(fake.log, "starting"));
	iiobridge_rx_close(rx);
	pthread_join(thread, NULL);
	rx = NULL;
	assert_int_equal(waited, 0);
	assert_string_equal(fake.log, "parameters stop submit starting start stop ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_wait_is_cancelled_by_another_thread),
		TEST(a_cancel_before_the_wait_ends_it),
		TEST(a_wait_is_cancelled_by_a_signal_handler),
		TEST(a_signal_does_not_end_a_wait),
		TEST(a_close_ends_the_wait_of_another_thread),
		TEST(a_stop_ends_the_wait_of_another_thread),
		TEST(an_event_loop_that_fails_ends_the_stream),
		TEST(the_descriptor_is_readable_when_there_is_something),
		TEST(a_close_waits_for_a_start_of_another_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
