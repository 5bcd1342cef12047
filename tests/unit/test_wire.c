// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests of good form are taken apart; every other one is refused with code and sentence. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/wire.h"

#define IN  0xc1 /* vendor, interface */
#define OUT 0x41

static struct usb_ctrlrequest setup(uint8_t type, uint8_t code, uint16_t value, uint16_t length)
{
	return (struct usb_ctrlrequest){
		.bRequestType = type,
		.bRequest = code,
		.wValue = htole16(value),
		.wLength = htole16(length),
	};
}

static void good_requests_are_taken_apart(void **state)
{
	struct iiobridge_error error = { 0 };
	struct usb_ctrlrequest bus;
	struct request request;

	(void)state;
	bus = setup(IN, IIOBRIDGE_GET_CHANNEL, 0x0301, sizeof(struct iiobridge_channel_info));
	assert_int_equal(request_parse(&request, &bus, 2, 3, &error), 0);
	assert_int_equal(request.code, IIOBRIDGE_GET_CHANNEL);
	assert_int_equal(request.route, 1);
	assert_int_equal(request.channel, 3);
	bus = setup(OUT, IIOBRIDGE_START, 1, 0);
	assert_int_equal(request_parse(&request, &bus, 2, 3, &error), 0);
	assert_int_equal(request.route, 1);
	bus = setup(IN, IIOBRIDGE_GET_DEVICE, 0, sizeof(struct iiobridge_device_info));
	assert_int_equal(request_parse(&request, &bus, 2, 3, &error), 0);
	bus = setup(OUT, IIOBRIDGE_SET_CONTROL, 2, sizeof(struct iiobridge_control_value));
	assert_int_equal(request_parse(&request, &bus, 1, 3, &error), 0);
	assert_int_equal(request.value, 2);
	assert_int_equal(request.route, 0);
	bus = setup(OUT, IIOBRIDGE_READ_CONTROL, IIOBRIDGE_ALL_CONTROLS, 0);
	assert_int_equal(request_parse(&request, &bus, 1, 0, &error), 0);
	assert_int_equal(error.code, IIOBRIDGE_OK);
}

/* Of a structure that has grown an older host wants less, and a newer one more. */
static void an_answer_may_have_another_length(void **state)
{
	static const uint16_t lengths[] = { 1, 8, sizeof(struct iiobridge_route_info) + 16, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct usb_ctrlrequest bus = setup(IN, IIOBRIDGE_GET_ROUTE, 1, lengths[i]);
		struct iiobridge_error error = { 0 };
		struct request request;

		assert_int_equal(request_parse(&request, &bus, 2, 3, &error), 0);
		assert_int_equal(request.length, lengths[i]);
	}
}

static void bad_requests_are_refused(void **state)
{
	static const struct {
		uint8_t type, code;
		uint16_t value, length;
		enum iiobridge_error_code wanted;
	} bad[] = {
		{ IN, 0, 0, 0, IIOBRIDGE_BAD_REQUEST },
		{ IN, 15, 0, 0, IIOBRIDGE_BAD_REQUEST },
		{ IN, 255, 0, 0, IIOBRIDGE_BAD_REQUEST },
		{ 0xa1, IIOBRIDGE_GET_DEVICE, 0, 96,
		  IIOBRIDGE_BAD_REQUEST }, /* class, not vendor */
		{ 0xc2, IIOBRIDGE_GET_DEVICE, 0, 96, IIOBRIDGE_BAD_REQUEST }, /* to an endpoint */
		{ OUT, IIOBRIDGE_GET_DEVICE, 0, sizeof(struct iiobridge_device_info),
		  IIOBRIDGE_BAD_DIRECTION },
		{ IN, IIOBRIDGE_START, 0, 0, IIOBRIDGE_BAD_DIRECTION },
		{ IN, IIOBRIDGE_GET_ROUTE, 0, 0, IIOBRIDGE_BAD_LENGTH },
		{ OUT, IIOBRIDGE_STOP, 0, 1, IIOBRIDGE_BAD_LENGTH },
		{ OUT, IIOBRIDGE_SET_PARAMETERS, 0, 4096, IIOBRIDGE_BAD_LENGTH },
		{ OUT, IIOBRIDGE_START, 2, 0, IIOBRIDGE_BAD_ROUTE },
		{ OUT, IIOBRIDGE_START, 0x0100, 0, IIOBRIDGE_BAD_ROUTE },
		{ IN, IIOBRIDGE_GET_DEVICE, 1, sizeof(struct iiobridge_device_info),
		  IIOBRIDGE_BAD_ROUTE },
		{ IN, IIOBRIDGE_GET_CONTROL, 3, 8, IIOBRIDGE_BAD_CONTROL },
		{ IN, IIOBRIDGE_GET_CONTROL, 0xffff, 8, IIOBRIDGE_BAD_CONTROL },
		{ OUT, IIOBRIDGE_READ_CONTROL, 0xfffe, 0, IIOBRIDGE_BAD_CONTROL },
		{ OUT, IIOBRIDGE_READ_CONTROL, 0, 1, IIOBRIDGE_BAD_LENGTH },
		{ OUT, IIOBRIDGE_SET_CONTROL, 0x0100, sizeof(struct iiobridge_control_value),
		  IIOBRIDGE_BAD_CONTROL },
		{ OUT, IIOBRIDGE_SET_CONTROL, 0, sizeof(struct iiobridge_control_value) - 1,
		  IIOBRIDGE_BAD_LENGTH },
		{ IN, IIOBRIDGE_GET_CHANGES, 1, 8, IIOBRIDGE_BAD_ROUTE },
		{ IN, IIOBRIDGE_GET_TIME, 1, 8, IIOBRIDGE_BAD_ROUTE },
		{ IN, IIOBRIDGE_GET_CHANNEL, 0x0002, sizeof(struct iiobridge_channel_info),
		  IIOBRIDGE_BAD_ROUTE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct usb_ctrlrequest bus =
			setup(bad[i].type, bad[i].code, bad[i].value, bad[i].length);
		struct iiobridge_error error = { 0 };
		struct request request;

		assert_int_equal(request_parse(&request, &bus, 2, 3, &error), -EINVAL);
		assert_int_equal(error.code, bad[i].wanted);
		assert_int_equal(error.request, bad[i].code);
		assert_int_equal(error.value, bad[i].value);
		assert_true(strlen(error.message) > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_requests_are_taken_apart),
		cmocka_unit_test(an_answer_may_have_another_length),
		cmocka_unit_test(bad_requests_are_refused),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
