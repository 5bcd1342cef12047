// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boards that are there: found, opened, and asked.
 */
#include "library/internal.h"

#include "test_library_call.h"

#define PROTOCOL IIOBRIDGE_ERROR_PROTOCOL

static struct iiobridge_board *board;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	board = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	iiobridge_board_close(board);
	return fake_check();
}

static void open_board(void)
{
	assert_int_equal(iiobridge_board_open(NULL, &board), 0);
}

static void boards_are_listed_with_what_they_say(void **state)
{
	struct iiobridge_board_list *list;

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		fake.devices[i].is_there = true;
	fake.devices[1].interface_name = "another's";
	assert_int_equal(iiobridge_board_list_new(&list), 0);
	assert_int_equal(iiobridge_board_list_count(list), 2);
	assert_string_equal(iiobridge_board_list_serial(list, 0), "one");
	assert_string_equal(iiobridge_board_list_serial(list, 1), "three");
	assert_string_equal(iiobridge_board_list_model(list, 1), "a model");
	assert_string_equal(iiobridge_board_list_location(list, 1), "001:007");
	assert_int_equal(iiobridge_board_list_open(list, 1, &board), 0);
	iiobridge_board_list_free(list);
	assert_string_equal(iiobridge_board_serial(board), "three");
	assert_string_equal(iiobridge_board_model(board), "a model");
	assert_string_equal(iiobridge_board_software(board), "1.2");
	assert_string_equal(iiobridge_board_location(board), "001:007");
	assert_string_equal(iiobridge_board_speed(board), "SuperSpeed (5 Gbit/s)");
}

static void no_board_is_an_empty_list(void **state)
{
	struct iiobridge_board_list *list;

	(void)state;
	fake.devices[0].is_there = false;
	assert_int_equal(iiobridge_board_list_new(&list), 0);
	assert_int_equal(iiobridge_board_list_count(list), 0);
	iiobridge_board_list_free(list);
	iiobridge_board_list_free(NULL);
}

static void a_board_that_cannot_be_opened_is_listed_and_says_why(void **state)
{
	struct iiobridge_board_list *list;

	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	fake.devices[1].is_there = true;
	assert_int_equal(iiobridge_board_list_new(&list), 0);
	assert_int_equal(iiobridge_board_list_count(list), 2);
	assert_string_equal(iiobridge_board_list_serial(list, 0), "");
	assert_string_equal(iiobridge_board_list_model(list, 0), "");
	assert_string_equal(iiobridge_board_list_serial(list, 1), "two");
	assert_int_equal(iiobridge_board_list_open(list, 0, &board), IIOBRIDGE_ERROR_ACCESS);
	assert_message("no permission to open the board at 001:005");
	board = NULL;
	fake.devices[1].is_there = false;
	assert_int_equal(iiobridge_board_list_open(list, 1, &board), IIOBRIDGE_ERROR_GONE);
	assert_string_equal(iiobridge_error_message(), "the board at 001:006 went away");
	board = NULL;
	iiobridge_board_list_free(list);
}

static void the_only_board_is_opened(void **state)
{
	(void)state;
	assert_int_equal(open_once(NULL), 0);
	assert_int_equal(open_once("one"), 0);
}

static void no_board_is_told(void **state)
{
	(void)state;
	fake.devices[0].wrong_class = true;
	assert_int_equal(open_once(NULL), IIOBRIDGE_ERROR_NOT_FOUND);
	assert_message("no board found");
	fake.devices[0].wrong_class = false;
	fake.devices[0].interface_name = "iiobridge2";
	assert_int_equal(open_once(NULL), IIOBRIDGE_ERROR_NOT_FOUND);
	assert_message("no board found");
}

static void an_unknown_serial_number_is_told_with_the_known_ones(void **state)
{
	(void)state;
	assert_int_equal(open_once("two"), IIOBRIDGE_ERROR_NOT_FOUND);
	assert_string_equal(iiobridge_error_message(),
			    "no board has the serial number two; there is: one");
	fake.devices[1].is_there = true;
	assert_int_equal(open_once("four"), IIOBRIDGE_ERROR_NOT_FOUND);
	assert_string_equal(iiobridge_error_message(),
			    "no board has the serial number four; there is: one, two");
}

static void several_boards_need_a_choice(void **state)
{
	(void)state;
	fake.devices[1].is_there = true;
	assert_int_equal(open_once(NULL), IIOBRIDGE_ERROR_INVALID);
	assert_string_equal(iiobridge_error_message(),
			    "there are 2 boards: choose one by its serial number: one, two");
	assert_int_equal(iiobridge_board_open("two", &board), 0);
	assert_string_equal(iiobridge_board_serial(board), "two");
}

static void a_stranger_beside_the_board_does_not_matter(void **state)
{
	(void)state;
	fake.devices[1].is_there = true;
	fake.devices[1].interface_name = "another";
	assert_int_equal(open_once(NULL), 0);
}

static void no_permission_mentions_the_remedy(void **state)
{
	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	assert_int_equal(open_once(NULL), IIOBRIDGE_ERROR_ACCESS);
	assert_message("udev");
	assert_message("root");
}

/* ---- what they are asked ---- */

static void the_last_error_of_a_board_is_told(void **state)
{
	struct iiobridge_board_error error;

	(void)state;
	open_board();
	fake.error = (struct iiobridge_error){ .code = IIOBRIDGE_FAULT, .value = 3 };
	strcpy(fake.error.message, "the converter went away");
	assert_int_equal(iiobridge_board_last_error(board, &error), 0);
	assert_int_equal(error.code, IIOBRIDGE_FAULT);
	assert_int_equal(error.route, 3);
	assert_string_equal(error.request, "");
	assert_string_equal(error.message, "the converter went away");
	fake.error.request = IIOBRIDGE_START;
	assert_int_equal(iiobridge_board_last_error(board, &error), 0);
	assert_string_equal(error.request, "START");
}

static void a_refusal_is_told_in_the_board_s_words(void **state)
{
	struct iiobridge_board_error error;

	(void)state;
	open_board();
	fake.refused_request = IIOBRIDGE_STOP;
	assert_int_equal(iiobridge_route_stop(board, 0), IIOBRIDGE_ERROR_REFUSED);
	assert_message("without saying why");
	strcpy(fake.error.message, "heap system: no memory");
	assert_int_equal(iiobridge_route_stop(board, 0), IIOBRIDGE_ERROR_REFUSED);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 refused STOP: heap system: no memory");
	fake.refused_request = IIOBRIDGE_GET_ERROR;
	assert_int_equal(iiobridge_board_last_error(board, &error), IIOBRIDGE_ERROR_REFUSED);
}

static void assert_clock_ahead(int64_t ahead_ns)
{
	struct iiobridge_clock_offset clock;

	fake.clock_ahead_ns = ahead_ns;
	assert_int_equal(iiobridge_board_clock(board, &clock), 0);
	assert_true(clock.offset_ns + ahead_ns <= (int64_t)clock.uncertainty_ns);
	assert_true(clock.offset_ns + ahead_ns >= -(int64_t)clock.uncertainty_ns);
}

static void the_clock_of_a_board_is_compared_with_that_of_the_machine(void **state)
{
	struct iiobridge_clock_offset clock;

	(void)state;
	open_board();
	assert_int_equal(iiobridge_board_clock(board, &clock), IIOBRIDGE_ERROR_INVALID);
	assert_message("does not tell its time: it speaks protocol 1.0, and that is of 1.4");
	iiobridge_board_close(board);
	fake.info.version_minor = 4;
	open_board();
	assert_clock_ahead(0);
	assert_clock_ahead(INT64_C(3600) * 1000000000);
	assert_clock_ahead(-1000000);
	fake.short_request = IIOBRIDGE_GET_TIME;
	assert_int_equal(iiobridge_board_clock(board, &clock), PROTOCOL);
	fake.short_request = 0;
}

static void a_board_that_goes_away_or_hangs_is_told(void **state)
{
	(void)state;
	open_board();
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(iiobridge_route_stop(board, 0), IIOBRIDGE_ERROR_GONE);
	fake.control_error = LIBUSB_ERROR_TIMEOUT;
	assert_int_equal(iiobridge_route_stop(board, 0), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("did not answer STOP within 5 s");
	assert_int_equal(request_start(board, 0), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("did not answer START within 30 s");
}

static void an_error_of_the_bus_is_told_from_a_pulled_cable(void **state)
{
	(void)state;
	open_board();
	fake.io_errors = 3;
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(iiobridge_route_stop(board, 0), IIOBRIDGE_ERROR_GONE);
	fake.io_errors = 3;
	fake.control_error = 0;
	assert_int_equal(iiobridge_route_stop(board, 0), PROTOCOL);
}

/* An address of 0 says no direction: it is where a board has no endpoint. */
static void an_endpoint_must_be_in_the_descriptors(void **state)
{
	(void)state;
	fake.devices[0].endpoint_0 = true;
	open_board();
	assert_int_equal(board_packet_size(board, 0x82), FAKE_PACKET_SIZE);
	assert_int_equal(board_packet_size(board, 0x8a), PROTOCOL);
	assert_int_equal(board_packet_size(board, 0x81), PROTOCOL);
	assert_int_equal(board_packet_size(board, 0), PROTOCOL);
}

static void routes_are_found_by_name_or_kind(void **state)
{
	struct iiobridge_route *route;

	(void)state;
	fake.info.route_count = 3;
	fake_make_tx(2);
	open_board();
	assert_int_equal(iiobridge_route_find(board, "ry", 0, &route), 0);
	assert_int_equal(iiobridge_route_index(route), 1);
	assert_int_equal(iiobridge_channel_offset(iiobridge_route_channel(route, 1)), 2);
	assert_null(iiobridge_route_channel(route, 2));
	iiobridge_route_free(route);
	assert_int_equal(iiobridge_route_find(board, NULL, IIOBRIDGE_ROUTE_TX, &route), 0);
	assert_string_equal(iiobridge_route_name(route), "ty");
	iiobridge_route_free(route);
	assert_int_equal(iiobridge_route_find(board, "tx", 0, &route), IIOBRIDGE_ERROR_INVALID);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 has no route \"tx\"; it has: rx, ry, ty");
	assert_int_equal(iiobridge_route_find(board, NULL, IIOBRIDGE_ROUTE_RX, &route),
			 IIOBRIDGE_ERROR_INVALID);
	assert_message("several capture routes: choose one by its name: rx, ry");
	assert_int_equal(iiobridge_route_get(board, 5, &route), IIOBRIDGE_ERROR_INVALID);
	assert_string_equal(iiobridge_error_message(), "there is no route 5: the board at 001:005 "
						       "has 3, and the first is route 0");
}

static void *read_message(void *context)
{
	(void)context;
	return (void *)(uintptr_t)iiobridge_error_message()[0];
}

static void each_thread_has_its_own_message(void **state)
{
	pthread_t thread;
	void *first;

	(void)state;
	assert_int_equal(open_once("two"), IIOBRIDGE_ERROR_NOT_FOUND);
	pthread_create(&thread, NULL, read_message, NULL);
	pthread_join(thread, &first);
	assert_null(first);
	assert_string_not_equal(iiobridge_error_message(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(boards_are_listed_with_what_they_say),
		TEST(no_board_is_an_empty_list),
		TEST(a_board_that_cannot_be_opened_is_listed_and_says_why),
		TEST(the_only_board_is_opened),
		TEST(no_board_is_told),
		TEST(an_unknown_serial_number_is_told_with_the_known_ones),
		TEST(several_boards_need_a_choice),
		TEST(a_stranger_beside_the_board_does_not_matter),
		TEST(no_permission_mentions_the_remedy),
		TEST(the_last_error_of_a_board_is_told),
		TEST(a_refusal_is_told_in_the_board_s_words),
		TEST(the_clock_of_a_board_is_compared_with_that_of_the_machine),
		TEST(a_board_that_goes_away_or_hangs_is_told),
		TEST(an_error_of_the_bus_is_told_from_a_pulled_cable),
		TEST(an_endpoint_must_be_in_the_descriptors),
		TEST(routes_are_found_by_name_or_kind),
		TEST(each_thread_has_its_own_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
