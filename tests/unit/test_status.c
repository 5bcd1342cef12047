// SPDX-License-Identifier: GPL-2.0-or-later
/* What the daemon tells: as text, as JSON whatever the strings hold, in one line, and how fast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/statistics.h"
#include "core/text.h"
#include "systemd/json.h"
#include "systemd/status.h"

static struct status two_routes(void)
{
	return (struct status){
		.state = FUNCTION_CONFIGURED,
		.udc = "fe800000.usb",
		.speed = "super-speed",
		.companion_count = 2,
		.companions = { FUNCTION_ACM, FUNCTION_MASS_STORAGE },
		.uptime_us = 3723000004,
		.route_count = 2,
		.routes = {
			{
				.name = "rx",
				.from = "iio:adc",
				.to = "usb",
				.state = STATUS_RUNNING,
				.block_size = 262144,
				.block_count = 16,
				.heap = "system",
				.rate = 67108864,
				.statistics = {
					.estimated = 1,
					.starts = 2,
					.blocks_filled = 12,
					.blocks_drained = 10,
					.bytes_drained = 2621440,
					.gaps = 3,
					.scans_lost = 4000,
				},
			},
			{
				.name = "tx",
				.from = "usb",
				.to = "iio:dac",
				.state = STATUS_STOPPED,
				.to_copies = true,
				.block_size = 4096,
				.block_count = 2,
				.heap = "auto",
			},
		},
	};
}

/* What @write writes; the caller frees it. */
static char *written(void (*write)(const struct status *status, FILE *file),
		     const struct status *status)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	write(status, file);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void text_is_aligned_and_short(void **state)
{
	struct status status = two_routes();
	char *text = written(status_write_text, &status);

	(void)state;
	assert_string_equal(text,
			    "iiobridged " IIOBRIDGE_VERSION ", configured by a host\n"
			    "        UDC  fe800000.usb, super-speed\n"
			    " companions  acm, mass-storage\n"
			    "    running  for 1 h 2 min\n"
			    "      error  none\n"
			    "\n"
			    "rx  iio:adc -> usb, running, 64.0 MiB/s\n"
			    "     blocks  16 x 256 KiB from heap \"system\", no copy (DMABUF)\n"
			    "      moved  filled 12, delivered 10 (2.5 MiB), failed 0, starts 2\n"
			    "     losses  gaps 3, samples 4000 (estimated), records 0\n"
			    "\n"
			    "tx  usb -> iio:dac, stopped\n"
			    "     blocks  2 x 4 KiB from heap \"auto\", copied at the second end\n"
			    "      moved  filled 0, delivered 0 (0 B), failed 0, starts 0\n"
			    "     losses  underruns 0, samples 0, records 0\n");
	free(text);
}

static void json_has_the_documented_keys(void **state)
{
	struct status status = two_routes();
	char *text;

	(void)state;
	status.route_count = 1;
	status.error = (struct iiobridge_error){ .code = 6, .request = 4, .message = "no \"x\"" };
	status.error_us = 1700000000000005;
	text = written(status_write_json, &status);
	assert_non_null(strstr(text, "{\n  \"version\": \"" IIOBRIDGE_VERSION "\",\n  \"pid\": "));
	assert_non_null(strstr(text, ",\n"
				     "  \"uptime\": 3723.000004,\n"
				     "  \"state\": \"configured\",\n"
				     "  \"waiting\": null,\n"
				     "  \"udc\": \"fe800000.usb\",\n"
				     "  \"speed\": \"super-speed\",\n"
				     "  \"suspended\": false,\n"
				     "  \"companions\": [\n"
				     "    \"acm\",\n"
				     "    \"mass-storage\"\n"
				     "  ],\n"
				     "  \"last_error\": {\n"
				     "    \"code\": 6,\n"
				     "    \"message\": \"no \\\"x\\\"\",\n"
				     "    \"time\": 1700000000.000005,\n"
				     "    \"request\": 4\n"
				     "  },\n"
				     "  \"routes\": [\n"
				     "    {\n"
				     "      \"name\": \"rx\",\n"
				     "      \"from\": \"iio:adc\",\n"
				     "      \"to\": \"usb\",\n"
				     "      \"state\": \"running\",\n"
				     "      \"from_transfer\": \"dmabuf\",\n"
				     "      \"to_transfer\": \"dmabuf\",\n"
				     "      \"block_size\": 262144,\n"
				     "      \"blocks\": 16,\n"
				     "      \"heap\": \"system\",\n"
				     "      \"rate\": 67108864,\n"
				     "      \"starts\": 2,\n"
				     "      \"blocks_filled\": 12,\n"
				     "      \"blocks_delivered\": 10,\n"
				     "      \"blocks_failed\": 0,\n"
				     "      \"bytes_delivered\": 2621440,\n"
				     "      \"gaps\": 3,\n"
				     "      \"samples_lost\": 4000,\n"
				     "      \"samples_lost_estimated\": true,\n"
				     "      \"records_lost\": 0\n"
				     "    }\n"
				     "  ]\n"
				     "}\n"));
	free(text);
}

/* A JSON string as it is written, with its quotes. */
static void assert_json_string(const char *string, const char *expected)
{
	char *text;
	size_t size;
	struct json json = { .file = open_memstream(&text, &size) };

	assert_non_null(json.file);
	json_string(&json, NULL, string);
	assert_int_equal(fclose(json.file), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void json_strings_are_valid_whatever_they_hold(void **state)
{
	(void)state;
	assert_json_string("", "\"\"");
	assert_json_string("a\"b\\c", "\"a\\\"b\\\\c\"");
	assert_json_string("\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\\u007f\"");
	assert_json_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa1",
			   "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa1\"");
	/* Cut off, stray, too long, a surrogate, beyond the end: one mark for each byte. */
	assert_json_string("\xe2\x82", "\"\\ufffd\\ufffd\"");
	assert_json_string("x\x82y", "\"x\\ufffdy\"");
	assert_json_string("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	assert_json_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	assert_json_string("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	assert_json_string("\xff\xc3", "\"\\ufffd\\ufffd\"");
}

static void assert_line(const struct status *status, const char *expected)
{
	char line[STATUS_LINE_SIZE];

	status_write_line(status, line);
	assert_string_equal(line, expected);
}

static void the_line_says_what_streams(void **state)
{
	struct status status = two_routes();

	(void)state;
	assert_line(&status, "1 route streams: rx 64.0 MiB/s; 3 gaps");
	status.routes[0].statistics.gaps = 1;
	status.routes[1].state = STATUS_REPEATING;
	status.routes[1].rate = 12687769;
	assert_line(&status, "2 routes stream: rx 64.0 MiB/s, tx 12.1 MiB/s; 1 gap");
	status.routes[1].state = STATUS_REPEATING_IN_KERNEL;
	assert_line(&status, "2 routes stream: rx 64.0 MiB/s, tx repeated by the kernel; 1 gap");
	status.routes[1].state = STATUS_REPEATING;
	status.routes[0].state = STATUS_FAILED;
	status.state = FUNCTION_BOUND;
	assert_line(&status, "no host; 1 route streams: tx 12.1 MiB/s");
	status.routes[1].state = STATUS_STOPPED;
	assert_line(&status, "no host");
	text_copy(status.waiting, sizeof(status.waiting), "there is no controller");
	assert_line(&status, "waiting: there is no controller");
}

static void the_line_ends_where_its_room_ends(void **state)
{
	struct status status = two_routes();
	char line[STATUS_LINE_SIZE];

	(void)state;
	status.route_count = IIOBRIDGE_MAX_ROUTES;
	for (unsigned int i = 0; i < status.route_count; i++) {
		status.routes[i] = status.routes[0];
		memset(status.routes[i].name, 'x', sizeof(status.routes[i].name) - 1);
	}
	status_write_line(&status, line);
	assert_int_equal(strlen(line), sizeof(line) - 1);
}

static void a_rate_is_that_of_the_last_seconds(void **state)
{
	struct rate rate = { 0 };
	uint64_t now = 5000000;

	(void)state;
	assert_int_equal(rate_look(&rate, 1, 0, now), 0);
	assert_int_equal(rate_look(&rate, 1, 500, now + 500000), 1000);
	/* As often as somebody asks, the window is at least a second. */
	assert_int_equal(rate_look(&rate, 1, 1000, now + 1000000), 1000);
	assert_int_equal(rate_look(&rate, 1, 1000, now + 1500000), 666);
	assert_int_equal(rate_look(&rate, 1, 1000, now + 2000000), 0);
	assert_int_equal(rate_look(&rate, 1, 5000, now + 3000000), 4000);
	/* Another run counts from 0. */
	assert_int_equal(rate_look(&rate, 2, 0, now + 3100000), 0);
	assert_int_equal(rate_look(&rate, 2, 100, now + 3200000), 1000);
	/* A count that is the same at the same time. */
	assert_int_equal(rate_look(&rate, 3, 7, now + 3200000), 0);
	assert_int_equal(rate_look(&rate, 3, 7, now + 3200000), 0);
}

/* For a real parser, see tests/check: strings as bad as they can be. */
static void print_json(void)
{
	struct status status = two_routes();

	status.error = (struct iiobridge_error){ .code = 9, .message = "a\"b\\c\n\x01\xff" };
	status_write_json(&status, stdout);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_aligned_and_short),
		cmocka_unit_test(json_has_the_documented_keys),
		cmocka_unit_test(json_strings_are_valid_whatever_they_hold),
		cmocka_unit_test(the_line_says_what_streams),
		cmocka_unit_test(the_line_ends_where_its_room_ends),
		cmocka_unit_test(a_rate_is_that_of_the_last_seconds),
	};

	if (argc == 2 && strcmp(argv[1], "json") == 0) {
		print_json();
		return 0;
	}
	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
