// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that wait for a board.
 */
#include "host/cmd.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

static void plug(unsigned int device)
{
	fake_plug(device, true);
}

static void let_time_pass(unsigned int seconds)
{
	atomic_fetch_add(&fake_ahead_s, seconds);
}

static void interrupt(unsigned int unused)
{
	(void)unused;
	kill(getpid(), SIGINT);
}

/* What happens as soon as somebody watches the bus. */
struct event {
	void (*happen)(unsigned int argument);
	unsigned int argument;
};

static void *wait_and_act(void *context)
{
	const struct event *event = context;

	/* A context that is told of changes. */
	fake_wait_for(fake_contexts && fake_contexts->on_change);
	event->happen(event->argument);
	return NULL;
}

static int call_until(int (*command)(int, char **), const char *line,
		      void (*happen)(unsigned int argument), unsigned int argument)
{
	struct event event = { happen, argument };
	pthread_t thread;
	int status;

	assert_int_equal(pthread_create(&thread, NULL, wait_and_act, &event), 0);
	status = call(command, line);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return status;
}

static void a_board_that_is_there_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_info, "info --wait"), STATUS_OK);
	assert_string_equal(said, "");
	assert_int_equal(call(cmd_list, "list --wait"), STATUS_OK);
	assert_string_equal(said, "");
}

static void a_board_that_comes_is_opened(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	assert_int_equal(call_until(cmd_info, "info --wait", plug, 0), STATUS_OK);
	assert_string_equal(said, "iiobridge: waiting for a board\n");
	assert_non_null(strstr(printed, "serial        one\n"));

	fake.devices[0].is_there = false;
	assert_int_equal(call_until(cmd_list, "list --wait=1min", plug, 0), STATUS_OK);
	assert_non_null(strstr(printed, "one"));

	fake.devices[0].is_there = false;
	assert_int_equal(
		call_until(cmd_capture, "capture -q --wait -n 100 --verify counter", plug, 0),
		STATUS_OK);
	assert_string_equal(said, "");
}

static void another_board_is_not_the_one_that_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(call_until(cmd_info, "info --wait -s two", plug, 1), STATUS_OK);
	assert_string_equal(said, "iiobridge: waiting for the board two\n");
	assert_non_null(strstr(printed, "serial        two\n"));
}

static void of_several_boards_one_must_be_chosen_at_once(void **state)
{
	(void)state;
	fake.devices[1].is_there = true;
	assert_int_equal(call(cmd_info, "info --wait"), STATUS_USAGE);
	assert_string_equal(
		said, "iiobridge: there are 2 boards: choose one by its serial number: one, two\n");
	assert_int_equal(call(cmd_list, "list --wait"), STATUS_OK);
	assert_string_equal(said, "");
}

static void the_time_to_wait_has_an_end(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	assert_int_equal(call(cmd_info, "info --wait=50ms"), STATUS_NO_BOARD);
	assert_string_equal(said, "iiobridge: waiting for a board\n"
				  "iiobridge: no board found: no USB device here has an interface "
				  "called iiobridge; waited 0.05 s for it\n");
	assert_int_equal(call(cmd_list, "list --wait=50ms"), STATUS_NO_BOARD);
	fake.devices[0].is_there = true;
	assert_int_equal(call(cmd_capture, "capture --wait=50ms -s two --verify counter -n 5"),
			 STATUS_NO_BOARD);
	assert_non_null(strstr(said, "no board has the serial number two; there is: one; waited "
				     "0.05 s for it\n"));
}

/* The permission comes a moment after the board; after two seconds it does not come any more. */
static void an_error_is_not_believed_at_once(void **state)
{
	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	assert_int_equal(call(cmd_info, "info"), STATUS_NO_PERMISSION);
	assert_int_equal(call_until(cmd_info, "info --wait -s two", plug, 1), STATUS_OK);
	assert_int_equal(call_until(cmd_info, "info --wait -s one", let_time_pass, 3),
			 STATUS_NO_PERMISSION);
	assert_non_null(strstr(said, "no permission to open the board at 001:005"));
}

static void wrong_times_are_explained(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_info, "info --wait=soon"), STATUS_USAGE);
	assert_non_null(strstr(said, "--wait \"soon\": accepted is a time longer than 0"));
	assert_int_equal(call(cmd_list, "list --wait=0"), STATUS_USAGE);
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_ends_the_waiting(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	assert_int_equal(call_until(cmd_info, "info --wait", interrupt, 0), STATUS_SIGNAL + SIGINT);
	assert_string_equal(said, "iiobridge: waiting for a board\n");
	assert_int_equal(call(cmd_capture, "capture --wait --verify counter"),
			 STATUS_SIGNAL + SIGINT);
	assert_int_equal(call(cmd_list, "list --wait"), STATUS_SIGNAL + SIGINT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_board_that_is_there_is_not_waited_for),
		TEST(a_board_that_comes_is_opened),
		TEST(another_board_is_not_the_one_that_is_waited_for),
		TEST(of_several_boards_one_must_be_chosen_at_once),
		TEST(the_time_to_wait_has_an_end),
		TEST(an_error_is_not_believed_at_once),
		TEST(wrong_times_are_explained),
		TEST(ctrl_c_ends_the_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
