// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/datatype.h"
#include "host/files/failure.h"

#include "test_host_route.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S16 .is_signed = 1, .bits = 16, .storage_bits = 16, .repeat = 1

static struct failure failure;

static void every_datatype_of_sigmf_is_read_and_written(void **state)
{
	static const char *const names[] = { "cf32_le", "cf64_be", "ci32_le", "ci16_be",
					     "ci8",	"cu32_be", "cu16_le", "cu8",
					     "rf32_be", "rf64_le", "ri32_be", "ri16_le",
					     "ri8",	"ru32_le", "ru16_be", "ru8" };
	char text[DATATYPE_TEXT_SIZE];
	struct datatype datatype;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(datatype_parse(names[i], &datatype), 0);
		assert_string_equal(datatype_format(&datatype, text), names[i]);
	}
	assert_int_equal(datatype_parse("cf32", &datatype), 0);
	assert_string_equal(datatype_format(&datatype, text), "cf32_le");
	assert_int_equal(datatype_parse("ri8_be", &datatype), 0);
	assert_string_equal(datatype_format(&datatype, text), "ri8");
}

static void other_names_are_no_datatypes(void **state)
{
	static const char *const names[] = { "",	"c",	    "ci",	"i16_le", "ci16le",
					     "ci16_me", "ci16_le ", "ci160_le", "ci1",	  "ci64_le",
					     "cf16_le", "xi16_le",  "ci16_",	"CI16_LE" };
	struct datatype datatype;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (datatype_parse(names[i], &datatype) != -EINVAL)
			fail_msg("\"%s\" is read", names[i]);
	}
}

/* A route whose last channel is the last one in the mask. */
static struct iiobridge_route *route_of(const struct iiobridge_channel_info *channels,
					uint32_t mask, uint32_t bytes)
{
	return route_with(channels, 32 - (unsigned int)__builtin_clz(mask), mask, bytes);
}

/* Compares the description of a sample, of which @size bytes fit. */
static void check_description(const struct iiobridge_channel_info *channels, uint32_t mask,
			      uint32_t bytes, size_t size, const char *wanted)
{
	struct iiobridge_route *route = route_of(channels, mask, bytes);
	char text[128];

	assert_string_equal(datatype_describe(route, text, size), wanted);
	iiobridge_route_free(route);
}

/* Checks the layout of a sample, as "NUMBER of DATATYPE, BYTES". */
static void check(const struct iiobridge_channel_info *channels, uint32_t mask, uint32_t bytes,
		  enum datatype_pairing pairing, const char *wanted)
{
	char datatype[DATATYPE_TEXT_SIZE], text[64];
	struct iiobridge_route *route = route_of(channels, mask, bytes);
	struct datatype_layout layout;

	assert_int_equal(datatype_of_route(route, pairing, &failure, &layout), 0);
	iiobridge_route_free(route);
	snprintf(text, sizeof(text), "%u of %s, %zu", layout.channels,
		 datatype_format(&layout.datatype, datatype), datatype_size(&layout));
	assert_string_equal(text, wanted);
}

static void two_channels_of_one_device_are_i_and_q(void **state)
{
	static const struct iiobridge_channel_info channels[] = { { S16, .id = "voltage0" },
								  { S16, .id = "voltage1" },
								  { S16, .id = "voltage2" },
								  { S16, .id = "voltage3" } };

	(void)state;
	check(channels, 0x3, 4, DATATYPE_BY_NAME, "1 of ci16_le, 4");
	check(channels, 0xc, 4, DATATYPE_BY_NAME, "1 of ci16_le, 4");
	check(channels, 0x1, 2, DATATYPE_BY_NAME, "1 of ri16_le, 2");
	check(channels, 0x7, 6, DATATYPE_BY_NAME, "3 of ri16_le, 6");
	check(channels, 0xf, 8, DATATYPE_BY_NAME, "4 of ri16_le, 8");
	check(channels, 0xf, 8, DATATYPE_COMPLEX, "2 of ci16_le, 8");
	check(channels, 0x3, 4, DATATYPE_REAL, "2 of ri16_le, 4");
}

static void channels_that_are_called_i_and_q_are(void **state)
{
	static const struct iiobridge_channel_info channels[] = {
		{ S16, .id = "voltage0_i" },  { S16, .id = "voltage0_q" },
		{ S16, .id = "voltage1_i" },  { S16, .id = "voltage1_q" },
		{ S16, .id = "voltage10_q" },
	};

	(void)state;
	check(channels, 0xf, 8, DATATYPE_BY_NAME, "2 of ci16_le, 8");
	check(channels, 0x3, 4, DATATYPE_BY_NAME, "1 of ci16_le, 4");
	check(channels, 0x5, 4, DATATYPE_BY_NAME, "2 of ri16_le, 4");
	check(channels, 0x6, 4, DATATYPE_BY_NAME, "2 of ri16_le, 4");
	check(channels, 0x14, 4, DATATYPE_BY_NAME, "2 of ri16_le, 4");
}

static void a_value_is_what_iio_stores(void **state)
{
	struct iiobridge_channel_info channel = { S16, .id = "voltage0" };

	(void)state;
	channel.bits = 12;
	channel.shift = 4;
	check(&channel, 1, 2, DATATYPE_BY_NAME, "1 of ri16_le, 2");
	check_description(&channel, 1, 2, 128,
			  "voltage0; IIO's format le:s12/16>>4: of a value's 16 bits the valid "
			  "ones are 4 to 15");
	channel.storage_bits = 32;
	channel.bits = 24;
	channel.shift = 0;
	channel.big_endian = 1;
	check(&channel, 1, 4, DATATYPE_BY_NAME, "1 of ri32_be, 4");
	check_description(&channel, 1, 4, 128,
			  "voltage0; IIO's format be:s24/32>>0: of a value's 32 bits the valid "
			  "ones are 0 to 23");
	channel.storage_bits = channel.bits = 8;
	channel.is_signed = 0;
	check(&channel, 1, 1, DATATYPE_BY_NAME, "1 of ru8, 1");
	check_description(&channel, 1, 1, 128, "voltage0; IIO's format be:u8/8>>0");
	channel.repeat = 4;
	check(&channel, 1, 4, DATATYPE_BY_NAME, "4 of ru8, 4");
	check(&channel, 1, 4, DATATYPE_COMPLEX, "2 of cu8, 4");
}

static void a_description_that_is_too_long_is_cut(void **state)
{
	static const struct iiobridge_channel_info channels[] = { { S16, .id = "voltage0" },
								  { S16, .id = "voltage1" } };

	(void)state;
	check_description(channels, 3, 4, 12, "voltage0, v");
	check_description(channels, 1, 2, 12, "voltage0; I");
}

static void check_refused(const struct iiobridge_channel_info *channels, uint32_t mask,
			  uint32_t bytes, enum datatype_pairing pairing, const char *reason)
{
	struct iiobridge_route *route = route_of(channels, mask, bytes);
	struct datatype_layout layout;

	assert_int_equal(datatype_of_route(route, pairing, &failure, &layout), -EINVAL);
	iiobridge_route_free(route);
	if (!strstr(failure.message, reason))
		fail_msg("\"%s\" is not in \"%s\"", reason, failure.message);
}

static void what_sigmf_cannot_say_is_refused(void **state)
{
	const struct iiobridge_channel_info channels[] = {
		{ S16, .id = "voltage0" },
		{ .bits = 12, .storage_bits = 16, .id = "voltage1" },
		{ .is_signed = 1, .bits = 64, .storage_bits = 64, .id = "timestamp" },
	};

	(void)state;
	check_refused(channels, 3, 4, DATATYPE_BY_NAME,
		      "voltage0 has le:s16/16>>0 and voltage1 le:u12/16>>0");
	check_refused(channels, 4, 8, DATATYPE_BY_NAME, "channel timestamp has le:s64/64>>0");
	check_refused(channels, 1, 8, DATATYPE_BY_NAME, "these have 2 bytes in 8");
	check_refused(channels, 1, 2, DATATYPE_COMPLEX, "has 1 values");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_datatype_of_sigmf_is_read_and_written),
		cmocka_unit_test(other_names_are_no_datatypes),
		cmocka_unit_test(two_channels_of_one_device_are_i_and_q),
		cmocka_unit_test(channels_that_are_called_i_and_q_are),
		cmocka_unit_test(a_value_is_what_iio_stores),
		cmocka_unit_test(a_description_that_is_too_long_is_cut),
		cmocka_unit_test(what_sigmf_cannot_say_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
