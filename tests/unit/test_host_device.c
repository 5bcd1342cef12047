// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/device.h"
#include "host/failure.h"

#include "test_host_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct failure failure;

/* Opens the board with @serial, closes it again, and tells the result. */
static int open_once(const char *serial)
{
	struct device_list *list;
	struct device *device;
	int r;

	assert_int_equal(device_list_new(&failure, &list), 0);
	r = device_open_serial(list, serial, &failure, &device);
	if (r == 0)
		device_close(device);
	device_list_free(list);
	return r;
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
	assert_int_equal(open_once(NULL), -ENOENT);
	assert_non_null(strstr(failure.message, "no board found"));

	fake.devices[0].wrong_class = false;
	fake.devices[0].interface_name = "iiobridge2";
	assert_int_equal(open_once(NULL), -ENOENT);
	assert_non_null(strstr(failure.message, "no board found"));
}

static void an_unknown_serial_number_is_told_with_the_known_ones(void **state)
{
	(void)state;
	assert_int_equal(open_once("two"), -ENOENT);
	assert_string_equal(failure.message, "no board has the serial number two; there is: one");
}

static void several_boards_need_a_choice(void **state)
{
	(void)state;
	fake.device_count = 2;
	fake.devices[1] = fake.devices[0];
	fake.devices[1].serial = "two";
	assert_int_equal(open_once(NULL), -EINVAL);
	assert_string_equal(failure.message,
			    "there are 2 boards: choose one by its serial number: one, two");
	assert_int_equal(open_once("two"), 0);
}

static void a_stranger_beside_the_board_does_not_matter(void **state)
{
	(void)state;
	fake.device_count = 2;
	fake.devices[1].interface_name = "another";
	fake.devices[1].serial = "two";
	assert_int_equal(open_once(NULL), 0);
}

static void no_permission_mentions_the_remedy(void **state)
{
	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	assert_int_equal(open_once(NULL), -EACCES);
	assert_non_null(strstr(failure.message, "udev"));
	assert_non_null(strstr(failure.message, "root"));
}

static void a_short_answer_is_not_believed(void **state)
{
	(void)state;
	fake.short_request = IIOBRIDGE_GET_DEVICE;
	assert_int_equal(open_once(NULL), -EPROTO);
	assert_non_null(strstr(failure.message, "1 bytes instead of 96"));
}

struct opened {
	struct device_list *list;
	struct device *device;
};

static struct opened open_board(void)
{
	struct opened opened;

	assert_int_equal(device_list_new(&failure, &opened.list), 0);
	assert_int_equal(device_open_serial(opened.list, NULL, &failure, &opened.device), 0);
	return opened;
}

static void close_board(struct opened *opened)
{
	device_close(opened->device);
	device_list_free(opened->list);
}

static void a_refusal_is_told_in_the_board_s_words(void **state)
{
	struct opened opened = open_board();

	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	fake.error.code = IIOBRIDGE_NO_MEMORY;
	strcpy(fake.error.message, "heap system: no memory");
	assert_int_equal(device_start(opened.device, 0), -EREMOTEIO);
	assert_string_equal(failure.message,
			    "the board at 001:005 refused START: heap system: no memory");
	close_board(&opened);
}

static void a_refusal_without_words_is_told_as_such(void **state)
{
	struct opened opened = open_board();

	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	assert_int_equal(device_start(opened.device, 0), -EREMOTEIO);
	assert_non_null(strstr(failure.message, "without saying why"));

	fake.refused_request = IIOBRIDGE_GET_ERROR;
	assert_int_equal(device_get_error(opened.device, &fake.error), -EREMOTEIO);
	close_board(&opened);
}

static void a_board_that_goes_away_or_hangs_is_told(void **state)
{
	struct opened opened = open_board();

	(void)state;
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(device_stop(opened.device, 0), -ENODEV);
	fake.control_error = LIBUSB_ERROR_TIMEOUT;
	assert_int_equal(device_stop(opened.device, 0), -ETIMEDOUT);
	assert_non_null(strstr(failure.message, "did not answer STOP within 5 s"));
	assert_int_equal(device_start(opened.device, 0), -ETIMEDOUT);
	assert_non_null(strstr(failure.message, "did not answer START within 30 s"));
	close_board(&opened);
}

static void an_error_of_the_bus_is_told_from_a_pulled_cable(void **state)
{
	struct opened opened = open_board();

	(void)state;
	fake.io_errors = 3;
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(device_stop(opened.device, 0), -ENODEV);
	fake.io_errors = 3;
	fake.control_error = 0;
	assert_int_equal(device_stop(opened.device, 0), -EPROTO);
	close_board(&opened);
}

static void a_claimed_board_is_busy(void **state)
{
	struct opened opened = open_board();

	(void)state;
	fake.claim_error = LIBUSB_ERROR_BUSY;
	assert_int_equal(device_claim(opened.device), -EBUSY);
	assert_non_null(strstr(failure.message, "another program"));
	close_board(&opened);
}

static void an_endpoint_must_be_in_the_descriptors(void **state)
{
	struct opened opened = open_board();

	(void)state;
	assert_int_equal(device_endpoint_packet_size(opened.device, FAKE_ENDPOINT),
			 FAKE_PACKET_SIZE);
	assert_int_equal(device_endpoint_packet_size(opened.device, 0x82), -EPROTO);
	assert_int_equal(device_endpoint_packet_size(opened.device, 0), -EPROTO);
	close_board(&opened);
}

/* Its address says no direction: 0 is where a board has no endpoint. */
static void endpoint_0_is_for_no_samples(void **state)
{
	struct libusb_config_descriptor *config;
	struct libusb_endpoint_descriptor *endpoint;
	struct opened opened;

	(void)state;
	libusb_get_active_config_descriptor(&fake.devices[0], &config);
	endpoint = (struct libusb_endpoint_descriptor *)config->interface->altsetting->endpoint;
	endpoint->bEndpointAddress = 0;
	fake.config = config;
	opened = open_board();
	assert_int_equal(device_endpoint_packet_size(opened.device, 0), -EPROTO);
	close_board(&opened);
}

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_only_board_is_opened, reset),
		cmocka_unit_test_setup(no_board_is_told, reset),
		cmocka_unit_test_setup(an_unknown_serial_number_is_told_with_the_known_ones, reset),
		cmocka_unit_test_setup(several_boards_need_a_choice, reset),
		cmocka_unit_test_setup(a_stranger_beside_the_board_does_not_matter, reset),
		cmocka_unit_test_setup(no_permission_mentions_the_remedy, reset),
		cmocka_unit_test_setup(a_short_answer_is_not_believed, reset),
		cmocka_unit_test_setup(a_refusal_is_told_in_the_board_s_words, reset),
		cmocka_unit_test_setup(a_refusal_without_words_is_told_as_such, reset),
		cmocka_unit_test_setup(a_board_that_goes_away_or_hangs_is_told, reset),
		cmocka_unit_test_setup(an_error_of_the_bus_is_told_from_a_pulled_cable, reset),
		cmocka_unit_test_setup(a_claimed_board_is_busy, reset),
		cmocka_unit_test_setup(an_endpoint_must_be_in_the_descriptors, reset),
		cmocka_unit_test_setup(endpoint_0_is_for_no_samples, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
