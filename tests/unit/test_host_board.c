// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands that wait for a board.
 */
#include "host/cmd.h"
#include "host/status.h"

#include "test_host_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "test_host_call.h"

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake.use_counter = true;
	fake.devices[1] = fake.devices[0];
	fake.devices[1].serial = "two";
	return 0;
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
	fake.device_count = 0;
	fake.arrives_in = 3;
	assert_int_equal(call(cmd_info, "info --wait"), STATUS_OK);
	assert_string_equal(said, "iiobridge: waiting for a board\n");
	assert_non_null(strstr(printed, "serial        one\n"));
	assert_int_equal(fake.arrives_in, 0);

	fake.device_count = 0;
	fake.arrives_in = 3;
	assert_int_equal(call(cmd_list, "list --wait=1min"), STATUS_OK);
	assert_non_null(strstr(printed, "one"));

	fake.device_count = 0;
	fake.arrives_in = 3;
	assert_int_equal(call(cmd_capture, "capture -q --wait -n 100 --verify counter"), STATUS_OK);
	assert_string_equal(said, "");
}

static void another_board_is_not_the_one_that_is_waited_for(void **state)
{
	(void)state;
	fake.arrives_in = 3;
	assert_int_equal(call(cmd_info, "info --wait -s two"), STATUS_OK);
	assert_string_equal(said, "iiobridge: waiting for the board two\n");
	assert_non_null(strstr(printed, "serial        two\n"));
	assert_int_equal(fake.device_count, 2);
}

static void of_several_boards_one_must_be_chosen_at_once(void **state)
{
	(void)state;
	fake.device_count = 2;
	assert_int_equal(call(cmd_info, "info --wait"), STATUS_USAGE);
	assert_string_equal(
		said, "iiobridge: there are 2 boards: choose one by its serial number: one, two\n");
	assert_int_equal(call(cmd_list, "list --wait"), STATUS_OK);
	assert_string_equal(said, "");
}

static void the_time_to_wait_has_an_end(void **state)
{
	(void)state;
	fake.device_count = 0;
	assert_int_equal(call(cmd_info, "info --wait=50ms"), STATUS_NO_BOARD);
	assert_string_equal(said, "iiobridge: waiting for a board\n"
				  "iiobridge: no board found: no USB device here has an interface "
				  "called iiobridge; waited 0.05 s for it\n");
	assert_int_equal(call(cmd_list, "list --wait=50ms"), STATUS_NO_BOARD);
	fake.device_count = 1;
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
	fake.device_count = 1;
	fake.arrives_in = 2;
	assert_int_equal(call(cmd_info, "info --wait -s two"), STATUS_OK);
	assert_int_equal(call(cmd_info, "info --wait -s one"), STATUS_NO_PERMISSION);
	assert_non_null(strstr(said, "no permission to open the board at 001:005"));
}

static void wrong_times_are_explained(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_info, "info --wait=soon"), STATUS_USAGE);
	assert_non_null(strstr(said, "--wait \"soon\": accepted is a time longer than 0"));
	assert_int_equal(call(cmd_list, "list --wait=0"), STATUS_USAGE);
}

static void raise_signal(void)
{
	raise(SIGINT);
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_ends_the_waiting(void **state)
{
	(void)state;
	fake.device_count = 0;
	fake.on_turn = raise_signal;
	assert_int_equal(call(cmd_info, "info --wait"), STATUS_SIGNAL + SIGINT);
	assert_string_equal(said, "iiobridge: waiting for a board\n");
	assert_int_equal(call(cmd_capture, "capture --wait --verify counter"),
			 STATUS_SIGNAL + SIGINT);
	assert_int_equal(call(cmd_list, "list --wait"), STATUS_SIGNAL + SIGINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_board_that_is_there_is_not_waited_for, set_up),
		cmocka_unit_test_setup(a_board_that_comes_is_opened, set_up),
		cmocka_unit_test_setup(another_board_is_not_the_one_that_is_waited_for, set_up),
		cmocka_unit_test_setup(of_several_boards_one_must_be_chosen_at_once, set_up),
		cmocka_unit_test_setup(the_time_to_wait_has_an_end, set_up),
		cmocka_unit_test_setup(an_error_is_not_believed_at_once, set_up),
		cmocka_unit_test_setup(wrong_times_are_explained, set_up),
		cmocka_unit_test_setup(ctrl_c_ends_the_waiting, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
