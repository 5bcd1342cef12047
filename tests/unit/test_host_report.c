// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands tell programs: one JSON object, on standard output or beside samples.
 */
#include "host/cmd.h"
#include "host/report.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "test_host_call.h"
#include "test_host_playback.h"

static json_t *object; /* of the last command */

static int capture_counter(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static int release(void **state)
{
	(void)state;
	json_decref(object);
	object = NULL;
	return fake_check();
}

/* Runs a command that prints one object and nothing else. */
static int call_for_object(int (*command)(int, char **), const char *line)
{
	const int status = call(command, line);

	json_decref(object);
	object = json_loads(printed, 0, NULL);
	assert_true(json_is_object(object));
	return status;
}

/* Goes on with a part of the object. */
static void look_into(json_t *part)
{
	json_incref(part);
	json_decref(object);
	object = part;
}

static json_t *find(const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_non_null(value);
	return value;
}

static void is_number(const char *key, json_int_t wanted)
{
	assert_true(json_is_integer(find(key)));
	assert_int_equal(json_integer_value(find(key)), wanted);
}

static void is_text(const char *key, const char *wanted)
{
	assert_true(json_is_string(find(key)));
	assert_string_equal(json_string_value(find(key)), wanted);
}

static void a_capture_without_a_loss(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = 2500000000;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 100000 --verify counter"),
			 STATUS_OK);
	assert_string_equal(said, "");
	is_text("route", "rx");
	is_text("direction", "capture");
	is_number("samples", 100000);
	is_number("bytes", 400000);
	is_number("bytes_per_sample", 4);
	assert_true(json_real_value(find("sample_rate")) == 2500000.0);
	assert_true(json_real_value(find("seconds")) > 0);
	is_number("gap_count", 0);
	is_number("samples_lost", 0);
	assert_int_equal(json_array_size(find("gaps")), 0);
	is_number("records_lost", 0);
	is_number("status", 0);
	assert_true(json_is_null(find("error")));
	assert_true(json_is_null(find("device")));
	look_into(find("verify"));
	is_text("pattern", "counter");
	assert_true(json_is_true(find("good")));
	is_number("samples", 100000);
	assert_true(json_is_null(find("reason")));
}

/* A block has 16384 samples. */
static void gaps_have_a_place_and_a_length(void **state)
{
	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 100000 --verify counter"),
			 STATUS_OK);
	is_number("gap_count", 1);
	is_number("samples_lost", 50);
	assert_true(json_is_false(find("samples_lost_estimated")));
	assert_int_equal(json_array_size(find("gaps")), 1);
	look_into(json_array_get(find("gaps"), 0));
	is_number("sample", 49152);
	is_number("missing", 50);
	assert_true(json_is_true(find("exact")));
}

static void lengths_that_are_estimates_or_unknown_are_not_exact(void **state)
{
	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	ROUTE->statistics.estimated = 1;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 100000 --verify counter"),
			 STATUS_OK);
	assert_true(json_is_true(find("samples_lost_estimated")));
	assert_true(json_is_false(json_object_get(json_array_get(find("gaps"), 0), "exact")));

	/* The board saw a gap, and cannot say how long it was. */
	ROUTE->gap_lie = (uint64_t)-50;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 100000 -o /dev/null"),
			 STATUS_OK);
	look_into(json_array_get(find("gaps"), 0));
	is_number("sample", 49152);
	assert_true(json_is_null(find("missing")));
	assert_true(json_is_false(find("exact")));
}

static void gaps_behind_the_output_are_not_in_the_list(void **state)
{
	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 49152 --verify counter"),
			 STATUS_OK);
	assert_int_equal(json_array_size(find("gaps")), 0);
}

static void a_check_that_finds_a_fault_says_which(void **state)
{
	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	ROUTE->gap_lie = 1;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 100000 --verify counter"),
			 STATUS_VERIFY);
	is_number("status", STATUS_VERIFY);
	assert_true(json_is_null(find("error")));
	look_into(find("verify"));
	assert_true(json_is_false(find("good")));
	assert_non_null(strstr(json_string_value(find("reason")), "they tell of 51 lost samples"));
}

static void an_error_has_its_sentence(void **state)
{
	(void)state;
	ROUTE->fail_at = 0;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	assert_int_equal(call_for_object(cmd_capture, "capture --json -n 100 --verify counter"),
			 STATUS_GONE);
	is_number("status", STATUS_GONE);
	assert_non_null(strstr(said, json_string_value(find("error"))));
	is_number("samples", 0);
	assert_true(json_is_null(find("gap_count")));
	assert_true(json_is_null(find("samples_lost")));
}

static void nothing_is_printed_when_nothing_began(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	assert_int_equal(call(cmd_capture, "capture --json -n 100 --verify counter"),
			 STATUS_NO_BOARD);
	assert_string_equal(printed, "");
}

static void samples_on_standard_output_send_the_object_to_the_other(void **state)
{
	const char *line;

	(void)state;
	assert_int_equal(call(cmd_capture, "capture --json -n 3 -o -"), STATUS_OK);
	assert_memory_equal(printed + 4, "\1\0\0\0\2\0\0\0", 8);
	line = strchr(said, '{');
	assert_non_null(line);
	assert_ptr_equal(line, said);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	object = json_loads(line, 0, NULL);
	is_number("samples", 3);

	assert_int_equal(call(cmd_capture, "capture --json -n 3 --verify counter --records -"),
			 STATUS_OK);
	assert_null(strchr(printed, '{'));
	assert_int_equal(said[0], '{');
}

static void a_playback_has_underruns(void **state)
{
	(void)state;
	fake.on_request = tell_of_underruns;
	assert_int_equal(call_for_object(cmd_play, "play --json -n 20000 --pattern counter"),
			 STATUS_OK);
	is_text("direction", "playback");
	is_number("samples", 20000);
	is_number("underrun_count", 3);
	is_number("samples_missed", 70);
	assert_true(json_is_array(find("underruns")));
	assert_true(json_is_false(find("repeating")));
	assert_null(json_object_get(object, "gap_count"));
	assert_null(json_object_get(object, "verify"));
	assert_string_equal(said, "iiobridge: THE DAC HAD NOTHING TO PLAY: 3 underruns, in which "
				  "it missed 70 samples\n");
}

static void an_input_that_ends_inside_a_sample_is_the_error(void **state)
{
	char line[64];

	(void)state;
	assert_int_equal(truncate(input, 4003), 0);
	snprintf(line, sizeof(line), "play --json %s", input);
	assert_int_equal(call_for_object(cmd_play, line), STATUS_FILE);
	is_number("status", STATUS_FILE);
	is_number("samples", 1000);
	assert_non_null(strstr(json_string_value(find("error")), "ends inside a sample"));
}

static void a_waveform_that_the_board_repeats(void **state)
{
	(void)state;
	assert_int_equal(call_for_object(cmd_play, "play --json --cyclic --detach -n 32768 "
						   "--pattern counter"),
			 STATUS_OK);
	assert_true(json_is_true(find("repeating")));
	is_number("status", 0);
	assert_string_equal(said, "");
}

static void routes_that_were_stopped_are_listed(void **state)
{
	(void)state;
	ROUTE->running = true;
	assert_int_equal(call_for_object(cmd_stop, "stop --json"), STATUS_OK);
	assert_false(ROUTE->running);
	is_text("serial", "one");
	assert_int_equal(json_array_size(find("stopped")), 1);
	look_into(json_array_get(find("stopped"), 0));
	is_text("name", "tx");
	is_text("direction", "playback");
	assert_int_equal(json_object_size(object), 2);

	assert_int_equal(call_for_object(cmd_stop, "stop --json -r tx"), STATUS_OK);
	assert_int_equal(json_array_size(find("stopped")), 0);
	assert_string_equal(said, "");
	assert_int_equal(call(cmd_stop, "stop --json -r nope"), STATUS_USAGE);
	assert_string_equal(printed, "");
}

static bool refuse_the_second(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			      int *result)
{
	(void)data;
	(void)length;
	if (request != IIOBRIDGE_STOP || value != 1)
		return false;
	fake_set(fake.error.request = request; fake.error.value = value);
	*result = LIBUSB_ERROR_PIPE;
	return true;
}

/* The first of two routes stops, and the second does not. */
static void what_was_stopped_before_an_error_is_listed(void **state)
{
	(void)state;
	fake.info.route_count = 2;
	fake.routes[0].running = fake.routes[1].running = true;
	fake.on_request = refuse_the_second;
	assert_int_equal(call_for_object(cmd_stop, "stop --json"), STATUS_REFUSED);
	assert_int_equal(json_array_size(find("stopped")), 1);
	look_into(json_array_get(find("stopped"), 0));
	is_text("name", "tx");
	assert_int_equal(strncmp(said, "iiobridge: ", 11), 0);
}

static void the_scope_has_figures_of_one_picture(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = 2500000000;
	strcpy(ROUTE->info.device, "adc0");
	assert_int_equal(call_for_object(cmd_scope, "scope --once --json --real"), STATUS_OK);
	assert_string_equal(said, "");
	is_text("serial", "one");
	is_text("route", "rx");
	is_text("device", "adc0");
	assert_true(json_real_value(find("sample_rate")) == 2500000.0);
	is_number("channel", 0);
	is_number("channels", 2);
	/* The low half of the counter is a saw tooth with a period of 65536 samples. */
	assert_true(json_real_value(find("peak_frequency")) < 2500000.0 / 100);
	assert_true(json_real_value(find("peak_dbfs")) < 0);
	assert_true(json_real_value(find("noise_dbfs")) < json_real_value(find("peak_dbfs")));
	assert_true(json_real_value(find("level_dbfs")) < 0);
	assert_true(json_real_value(find("mib_per_s")) > 0);
	assert_true(json_integer_value(find("samples")) >= 65536);
	is_number("gap_count", 0);
	is_number("samples_lost", 0);
	assert_true(json_is_false(find("samples_lost_estimated")));
	assert_true(json_is_boolean(find("reaches_full_scale")));

	assert_int_equal(call(cmd_scope, "scope --json"), STATUS_USAGE);
	assert_non_null(strstr(said, "one picture: give --once"));
	assert_string_equal(printed, "");
}

/* 50 before block 3, of which the records tell with a lie. */
static void lose_samples_of_both(uint64_t lie)
{
	fake.info.route_count = 2;
	for (unsigned int i = 0; i < 2; i++) {
		fake.routes[i].gap_block = 3;
		fake.routes[i].gap_scans = 50;
		fake.routes[i].gap_lie = lie;
	}
}

static void several_routes_have_one_object(void **state)
{
	(void)state;
	lose_samples_of_both(0);
	assert_int_equal(call_for_object(cmd_capture, "capture -q --json -r rx -r ry -n 100000 "
						      "--verify counter"),
			 STATUS_OK);
	is_number("status", 0);
	assert_true(json_is_null(find("error")));
	assert_int_equal(json_array_size(find("routes")), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *all = json_incref(object);

		look_into(json_array_get(find("routes"), i));
		is_text("route", i ? "ry" : "rx");
		is_text("serial", "one");
		is_number("samples", 100000);
		is_number("gap_count", 1);
		is_number("status", 0);
		assert_true(json_is_true(json_object_get(find("verify"), "good")));
		look_into(json_array_get(find("gaps"), 0));
		is_number("sample", 49152);
		look_into(all);
		json_decref(all);
	}
}

/* So many samples have both routes together. */
static json_int_t samples_of_both(void)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < 2; i++)
		sum += json_integer_value(
			json_object_get(json_array_get(find("routes"), i), "samples"));
	return sum;
}

/* When the second route has sent three blocks the first one does, and then the board goes. */
static void unplug(const struct libusb_transfer *transfer)
{
	fake_lock();
	if (fake.routes[1].moved == 3)
		fake.routes[0].allowance = -1;
	if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
		fake.gone = true;
	fake_unlock();
}

static void set_up_to_lose_the_board(void)
{
	fake_reset();
	fake.info.route_count = 2;
	fake.routes[0].allowance = 0;
	fake.routes[0].fail_at = fake.routes[1].allowance = 3;
	fake.routes[0].fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	fake.on_complete = unplug;
}

/* A fault that the check finds is one of its route; a board that went away is one of both. */
static void how_several_routes_ended_is_told_of_each_and_of_all(void **state)
{
	(void)state;
	lose_samples_of_both(1);
	assert_int_equal(call_for_object(cmd_capture, "capture -q --json -r rx -r ry -n 100000 "
						      "--verify counter"),
			 STATUS_VERIFY);
	is_number("status", STATUS_VERIFY);
	assert_true(json_is_null(find("error")));

	set_up_to_lose_the_board();
	assert_int_equal(call_for_object(cmd_capture, "capture -q --json -r rx -r ry -n 100000 "
						      "--verify counter"),
			 STATUS_GONE);
	is_number("status", STATUS_GONE);
	assert_non_null(strstr(json_string_value(find("error")), "went away"));
	assert_string_equal(said, "iiobridge: the board at 001:005 went away\n");
	assert_int_equal(samples_of_both(), 6 * 16384);
	look_into(json_array_get(find("routes"), 1));
	is_number("status", STATUS_GONE);

	fake.devices[0].is_there = false;
	assert_int_equal(call(cmd_capture, "capture --json -r rx -r ry -o x"), STATUS_NO_BOARD);
	assert_string_equal(printed, "");
}

static void boards_are_listed(void **state)
{
	(void)state;
	strcpy(fake.info.model, "board of tests");
	assert_int_equal(call_for_object(cmd_list, "list --json"), STATUS_OK);
	assert_int_equal(json_array_size(find("boards")), 1);
	look_into(json_array_get(find("boards"), 0));
	is_text("model", "board of tests");
	is_text("protocol", "1.0");
	assert_int_equal(json_array_size(find("routes")), 1);
	look_into(json_array_get(find("routes"), 0));
	is_text("name", "tx");
	is_text("direction", "playback");
	assert_int_equal(json_object_size(object), 2);
}

static void no_board_is_an_empty_list(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	assert_int_equal(call_for_object(cmd_list, "list --json"), STATUS_NO_BOARD);
	assert_int_equal(json_array_size(find("boards")), 0);
	assert_non_null(strstr(said, "no board found"));
}

static void a_board_is_described(void **state)
{
	(void)state;
	ROUTE->info.channel_mask = 2;
	ROUTE->statistics.starts = 7;
	fake.error.code = IIOBRIDGE_FAULT;
	fake.error.value = 3;
	strcpy(fake.error.message, "it \"broke\"");
	assert_int_equal(call_for_object(cmd_info, "info --json"), STATUS_OK);
	is_number("endpoint_records", FAKE_ENDPOINT_RECORDS);
	look_into(find("last_error"));
	is_text("message", "it \"broke\"");
	is_number("route", 3);
	assert_true(json_is_null(find("request")));

	call_for_object(cmd_info, "info --json tx");
	look_into(json_array_get(find("routes"), 0));
	is_text("state", "stopped");
	is_text("transfer", "dmabuf");
	assert_true(json_is_null(find("sample_rate")));
	assert_true(json_is_null(find("endpoint_in")));
	is_number("endpoint_out", FAKE_ENDPOINT_OUT);
	is_number("block_size", 65536);
	is_number("blocks", 8);
	assert_int_equal(json_array_size(find("channels")), 2);
	assert_true(json_is_false(json_object_get(json_array_get(find("channels"), 0), "in_scan")));
	assert_true(json_is_true(json_object_get(json_array_get(find("channels"), 1), "in_scan")));
	look_into(find("statistics"));
	is_number("starts", 7);
}

static void what_no_route_has_prints_nothing(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_info, "info --json nope"), STATUS_USAGE);
	assert_string_equal(printed, "");
	assert_non_null(strstr(said, "no route \"nope\""));
}

/* A board may say anything; JSON is UTF-8. */
static void text_that_is_not_utf_8_does_no_harm(void **state)
{
	(void)state;
	strcpy(fake.info.model, "caf\xe9 \xed\xa0\x80 \xe2\x82\xac");
	assert_int_equal(call_for_object(cmd_info, "info --json"), STATUS_OK);
	is_text("model", "caf? ??? \xe2\x82\xac");
}

static void numbers_of_any_size_are_told(void **state)
{
	(void)state;
	object = report_count(true, INT64_MAX);
	assert_true(json_is_integer(object));
	json_decref(object);
	object = report_count(true, UINT64_MAX);
	assert_true(json_real_value(object) > 1.8e19);
	json_decref(object);
	object = report_count(false, 1);
	assert_true(json_is_null(object));
}

#define CAPTURE(test) cmocka_unit_test_setup_teardown(test, capture_counter, release)
#define PLAY(test)    cmocka_unit_test_setup_teardown(test, set_up, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CAPTURE(a_capture_without_a_loss),
		CAPTURE(gaps_have_a_place_and_a_length),
		CAPTURE(lengths_that_are_estimates_or_unknown_are_not_exact),
		CAPTURE(gaps_behind_the_output_are_not_in_the_list),
		CAPTURE(a_check_that_finds_a_fault_says_which),
		CAPTURE(an_error_has_its_sentence),
		CAPTURE(nothing_is_printed_when_nothing_began),
		CAPTURE(samples_on_standard_output_send_the_object_to_the_other),
		PLAY(a_playback_has_underruns),
		PLAY(an_input_that_ends_inside_a_sample_is_the_error),
		PLAY(a_waveform_that_the_board_repeats),
		PLAY(routes_that_were_stopped_are_listed),
		PLAY(what_was_stopped_before_an_error_is_listed),
		CAPTURE(the_scope_has_figures_of_one_picture),
		CAPTURE(several_routes_have_one_object),
		CAPTURE(how_several_routes_ended_is_told_of_each_and_of_all),
		PLAY(boards_are_listed),
		PLAY(no_board_is_an_empty_list),
		PLAY(a_board_is_described),
		PLAY(what_no_route_has_prints_nothing),
		PLAY(text_that_is_not_utf_8_does_no_harm),
		PLAY(numbers_of_any_size_are_told),
	};

	return cmocka_run_group_tests(tests, create_input, remove_input);
}
