// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/answer.h"
#include "host/channels.h"
#include "host/failure.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct failure failure;

static void text_without_an_end_is_refused(void **state)
{
	struct iiobridge_device_info device = { .version_major = IIOBRIDGE_PROTOCOL_MAJOR };
	struct iiobridge_channel_info channel = { .bits = 16, .storage_bits = 16 };
	struct iiobridge_route_info route = { 0 };
	struct iiobridge_error error = { 0 };

	(void)state;
	memset(device.model, 'x', sizeof(device.model));
	assert_int_equal(answer_check_device(&device, &failure), -EPROTO);
	memset(route.device, 'x', sizeof(route.device));
	assert_int_equal(answer_check_route(&route, 0, &failure), -EPROTO);
	memset(channel.id, 'x', sizeof(channel.id));
	assert_int_equal(answer_check_channel(&channel, 0, &failure), -EPROTO);
	memset(error.message, 'x', sizeof(error.message));
	assert_int_equal(answer_check_error(&error, &failure), -EPROTO);
}

static void another_major_version_is_refused_and_a_minor_one_is_not(void **state)
{
	struct iiobridge_device_info device = { .version_major = IIOBRIDGE_PROTOCOL_MAJOR + 1 };

	(void)state;
	assert_int_equal(answer_check_device(&device, &failure), -EPROTO);
	assert_string_equal(failure.message, "the board speaks protocol 2.0, this program 1.x");
	device.version_major = IIOBRIDGE_PROTOCOL_MAJOR;
	device.version_minor = 99;
	device.endpoint_records = 0x81;
	assert_int_equal(answer_check_device(&device, &failure), 0);
	device.route_count = IIOBRIDGE_MAX_ROUTES + 1;
	assert_int_equal(answer_check_device(&device, &failure), -EPROTO);
}

static void records_must_be_on_an_endpoint_that_the_host_reads(void **state)
{
	struct iiobridge_device_info device = { .version_major = IIOBRIDGE_PROTOCOL_MAJOR };

	(void)state;
	assert_int_equal(answer_check_device(&device, &failure), -EPROTO);
	device.endpoint_records = 0x01;
	assert_int_equal(answer_check_device(&device, &failure), -EPROTO);
	assert_non_null(strstr(failure.message, "0x01 for records"));
}

static void samples_must_be_on_endpoints_of_their_direction(void **state)
{
	struct iiobridge_route_info route = { .endpoint_in = 0x01, .name = "rx" };

	(void)state;
	assert_int_equal(answer_check_route(&route, 0, &failure), -EPROTO);
	assert_string_equal(failure.message, "route 0 (rx) names endpoint 0x01 for what the host "
					     "reads and 0x00 for what it writes: one of them has "
					     "the other direction");
	route = (struct iiobridge_route_info){ .endpoint_out = 0x81 };
	assert_int_equal(answer_check_route(&route, 0, &failure), -EPROTO);
	route = (struct iiobridge_route_info){ .endpoint_in = 0x81, .endpoint_out = 0x01 };
	assert_int_equal(answer_check_route(&route, 0, &failure), 0);
}

static void values_beyond_the_protocol_are_refused(void **state)
{
	static const struct iiobridge_route_info routes[] = {
		{ .direction = IIOBRIDGE_LINK_TEST + 1 },
		{ .state = IIOBRIDGE_RUNNING + 1 },
		{ .transfer = IIOBRIDGE_COPY_EARLY + 1 },
		{ .channel_count = IIOBRIDGE_MAX_CHANNELS + 1 },
		{ .channel_count = 2, .channel_mask = 0x4 },
		{ .channel_count = 0, .channel_mask = 0x1 },
	};
	static const struct iiobridge_channel_info channels[] = {
		{ .bits = 16, .storage_bits = 0 },
		{ .bits = 16, .storage_bits = 12 },
		{ .bits = 16, .storage_bits = 16, .shift = 1 },
		{ .bits = 16, .storage_bits = 16, .big_endian = 2 },
	};
	struct iiobridge_route_info good = {
		.channel_count = IIOBRIDGE_MAX_CHANNELS,
		.channel_mask = UINT32_MAX,
	};
	struct iiobridge_statistics statistics = { .state = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct iiobridge_route_info route = routes[i];

		assert_int_equal(answer_check_route(&route, 0, &failure), -EPROTO);
	}
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		struct iiobridge_channel_info channel = channels[i];

		assert_int_equal(answer_check_channel(&channel, 0, &failure), -EPROTO);
	}
	assert_int_equal(answer_check_statistics(&statistics, &failure), -EPROTO);
	assert_int_equal(answer_check_route(&good, 0, &failure), 0);
}

static void text_cannot_command_the_terminal(void **state)
{
	char text[] = "a\033[2J\x7f\xc2\x9b"
		      "1m \xc3\xa9\n";

	(void)state;
	answer_clean_text(text);
	assert_string_equal(text, "a?[2J???1m \xc3\xa9?");
}

/* The examples of RFC 3629 and of chapter 3.9 of the Unicode standard. */
static void text_that_is_not_utf_8_is_replaced(void **state)
{
	static const struct {
		const char *text, *clean;
	} texts[] = {
		{ "\x80z", "?z" },
		{ "\xc0\xafz", "??z" },
		{ "\xe0\x80\xafz", "???z" },
		{ "\xf0\x80\x80\xafz", "????z" },
		{ "\xed\xa0\x80z", "???z" },
		{ "\xf4\x90\x80\x80z", "????z" },
		{ "\xf5\xff\xc2", "???" },
		{ "\xe2\x82", "??" },
		{ "\xc2z", "?z" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa1", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa1" },
		{ "\xf4\x8f\xbf\xbf\xed\x9f\xbf", "\xf4\x8f\xbf\xbf\xed\x9f\xbf" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		strcpy(text, texts[i].text);
		answer_clean_text(text);
		assert_string_equal(text, texts[i].clean);
	}
}

static void formats_are_written_as_iio_does(void **state)
{
	struct iiobridge_channel_info channel = {
		.is_signed = 1,
		.bits = 12,
		.storage_bits = 16,
		.shift = 4,
		.repeat = 1,
	};
	char text[CHANNEL_FORMAT_SIZE];

	(void)state;
	assert_string_equal(channel_format(&channel, text), "le:s12/16>>4");
	channel.big_endian = 1;
	channel.is_signed = 0;
	channel.repeat = 2;
	assert_string_equal(channel_format(&channel, text), "be:u12/16X2>>4");
}

static void channels_are_named_numbered_or_masked(void **state)
{
	static const struct iiobridge_channel_info channels[] = {
		{ .id = "voltage0" },
		{ .id = "voltage1" },
		{ .id = "timestamp" },
	};
	static const struct {
		const char *text;
		int result;
		uint32_t mask;
	} readings[] = {
		{ "voltage0,voltage1", 0, 0x3 },
		{ "timestamp", 0, 0x4 },
		{ "0,2", 0, 0x5 },
		{ "2,voltage0", 0, 0x5 },
		{ "0x7", 0, 0x7 },
		{ "0X1", 0, 0x1 },
		{ "0x8", -EINVAL, 0 },
		{ "0x0", -EINVAL, 0 },
		{ "0x", -EINVAL, 0 },
		{ "0x1,", -EINVAL, 0 },
		{ "3", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "0,", -EINVAL, 0 },
		{ "0,0", -EINVAL, 0 },
		{ "voltage", -EINVAL, 0 },
		{ "voltage00", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "0x100000000", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		uint32_t mask = 0;
		int r = channels_parse(readings[i].text, channels, 3, &failure, &mask);

		if (r != readings[i].result || mask != readings[i].mask)
			fail_msg("\"%s\" gave %d, 0x%x", readings[i].text, r, mask);
	}
	assert_int_equal(channels_parse("voltage7", channels, 3, &failure, &(uint32_t){ 0 }),
			 -EINVAL);
	assert_string_equal(failure.message, "there is no channel \"voltage7\"; there are: "
					     "voltage0, voltage1, timestamp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_an_end_is_refused),
		cmocka_unit_test(another_major_version_is_refused_and_a_minor_one_is_not),
		cmocka_unit_test(records_must_be_on_an_endpoint_that_the_host_reads),
		cmocka_unit_test(samples_must_be_on_endpoints_of_their_direction),
		cmocka_unit_test(values_beyond_the_protocol_are_refused),
		cmocka_unit_test(text_cannot_command_the_terminal),
		cmocka_unit_test(text_that_is_not_utf_8_is_replaced),
		cmocka_unit_test(formats_are_written_as_iio_does),
		cmocka_unit_test(channels_are_named_numbered_or_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
