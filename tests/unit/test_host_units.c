// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/units.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct reading {
	const char *text;
	int result;
	uint64_t value;
};

static void check(int (*parse)(const char *, uint64_t *), const struct reading *readings,
		  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = 0;
		int r = parse(readings[i].text, &value);

		if (r != readings[i].result || value != readings[i].value)
			fail_msg("\"%s\" gave %d, %llu", readings[i].text, r,
				 (unsigned long long)value);
	}
}

#define CHECK(parse, readings) check(parse, readings, sizeof(readings) / sizeof((readings)[0]))

static void counts_are_decimal_unless_they_say_otherwise(void **state)
{
	static const struct reading readings[] = {
		{ "1", 0, 1 },
		{ "10M", 0, 10000000 },
		{ "10 M", 0, 10000000 },
		{ "1.5k", 0, 1500 },
		{ "64Mi", 0, 67108864 },
		{ ".5Ki", 0, 512 },
		{ "9007199254740993", 0, UINT64_C(9007199254740993) }, /* 2^53 + 1 */
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "18446745T", -ERANGE, 0 },
		{ "0", -EINVAL, 0 },
		{ "0.5", -EINVAL, 0 },
		{ "1.0005k", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ ".", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", 0, 1 },
		{ "0x10", -EINVAL, 0 },
		{ "1e6", -EINVAL, 0 },
		{ "10MB", -EINVAL, 0 },
		{ "1.00000000000000000000001", -ERANGE, 0 },
	};

	(void)state;
	CHECK(units_parse_count, readings);
}

static void sizes_are_binary_unless_they_say_otherwise(void **state)
{
	static const struct reading readings[] = {
		{ "65536", 0, 65536 },	 { "256K", 0, 262144 },	  { "256k", 0, 262144 },
		{ "1M", 0, 1048576 },	 { "1 MiB", 0, 1048576 }, { "1MB", 0, 1000000 },
		{ "64kB", 0, 64000 },	 { "1.5 KiB", 0, 1536 },  { "16B", 0, 16 },
		{ "0", -EINVAL, 0 },	 { "1.5", -EINVAL, 0 },	  { "1 mib", -EINVAL, 0 },
		{ "1 Mib", -EINVAL, 0 }, { "K", -EINVAL, 0 },	  { "64KX", -EINVAL, 0 },
	};

	(void)state;
	CHECK(units_parse_size, readings);
}

static void durations_are_seconds_unless_they_say_otherwise(void **state)
{
	static const struct reading readings[] = {
		{ "1", 0, 1000000 },	   { "2.5s", 0, 2500000 },  { "2.5 s", 0, 2500000 },
		{ "100ms", 0, 100000 },	   { "7us", 0, 7 },	    { "1min", 0, 60000000 },
		{ "0.5h", 0, 1800000000 }, { "0", -EINVAL, 0 },	    { "0.1us", -EINVAL, 0 },
		{ "1m", -EINVAL, 0 },	   { "1 sec", -EINVAL, 0 },
	};

	(void)state;
	CHECK(units_parse_duration, readings);
}

static void sizes_are_shown_in_the_largest_unit(void **state)
{
	char text[UNITS_TEXT_SIZE];

	(void)state;
	assert_string_equal(units_format_size(0, text), "0 B");
	assert_string_equal(units_format_size(1023, text), "1023 B");
	assert_string_equal(units_format_size(65536, text), "64 KiB");
	assert_string_equal(units_format_size(1536, text), "1.5 KiB");
	assert_string_equal(units_format_size(UINT64_MAX, text), "16.0 EiB");
}

static void rates_are_shown_with_decimal_prefixes(void **state)
{
	char text[UNITS_TEXT_SIZE];

	(void)state;
	assert_string_equal(units_format_scaled(0, "S/s", text), "0 S/s");
	assert_string_equal(units_format_scaled(24930000, "S/s", text), "24.93 MS/s");
}

static void a_rate_is_what_passes_in_a_second(void **state)
{
	(void)state;
	assert_float_equal(units_per_second(3, UINT64_C(1500000000)), 2, 1e-6);
	assert_float_equal(units_per_second(0, 1), 0, 0);
	assert_float_equal(units_per_second(1, 0), 0, 0);
}

static void a_duration_is_a_number_of_samples(void **state)
{
	uint64_t samples;

	(void)state;
	assert_int_equal(units_samples_in(2500000, UINT64_C(10000000000), &samples), 0);
	assert_int_equal(samples, 25000000);
	/* 30.72 MS/s for an hour: beyond 64 bits in between, not in the end */
	assert_int_equal(units_samples_in(UINT64_C(3600000000), UINT64_C(30720000000), &samples),
			 0);
	assert_int_equal(samples, UINT64_C(110592000000));
	assert_int_equal(units_samples_in(1, 1, &samples), 0);
	assert_int_equal(samples, 1);
	assert_int_equal(units_samples_in(UINT64_MAX, UINT64_MAX, &samples), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_decimal_unless_they_say_otherwise),
		cmocka_unit_test(sizes_are_binary_unless_they_say_otherwise),
		cmocka_unit_test(durations_are_seconds_unless_they_say_otherwise),
		cmocka_unit_test(sizes_are_shown_in_the_largest_unit),
		cmocka_unit_test(rates_are_shown_with_decimal_prefixes),
		cmocka_unit_test(a_rate_is_what_passes_in_a_second),
		cmocka_unit_test(a_duration_is_a_number_of_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
