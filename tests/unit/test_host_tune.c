// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iiobridge tune as a user calls it, and the options of other commands that tune their route.
 */
#include "host/cmd.h"
#include "host/tuning.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "test_host_call.h"

#define ROUTE	       (&fake.routes[0])
#define CONTROL(which) (fake.controls[FAKE_##which].info)

static json_t *last_object;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_make_radio(0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

static int release(void **state)
{
	(void)state;
	json_decref(last_object);
	fake_release();
	return 0;
}

static int tune(const char *line)
{
	return call(cmd_tune, line);
}

#define assert_said(part)                                                    \
	do {                                                                 \
		if (!strstr(said, part))                                     \
			fail_msg("\"%s\" does not have \"%s\"", said, part); \
	} while (0)

/* A second radio, whose names are those of the first. */
static void add_tx(void)
{
	fake_make_tx(1);
	fake.info.route_count = 2;
	for (unsigned int i = FAKE_FREQUENCY; i <= FAKE_BANDWIDTH; i++) {
		struct fake_control *control = fake_add_control(&fake.controls[i].info, NULL);

		control->info.route = 1;
	}
}

/* ---- what there is ---- */

static void all_controls_are_shown_in_a_table(void **state)
{
	(void)state;
	fake.controls[FAKE_RSSI].fails = "the chip sleeps";
	assert_int_equal(tune("tune"), STATUS_OK);
	assert_string_equal(
		printed,
		"ROUTE  CONTROL      VALUE        ACCESS  ACCEPTED\n"
		"rx     frequency    2.4 GHz      rw      70 MHz to 6 GHz, in steps of 1 Hz\n"
		"rx     rate         30.72 MHz    rw      2.083333 MHz to 61.44 MHz, in steps of "
		"1 Hz\n"
		"rx     bandwidth    18 MHz       rw\n"
		"rx     gain-mode    slow_attack  rw      manual, slow_attack, fast_attack\n"
		"rx     gain0        71 dB        rw      -3 dB to 71 dB, in steps of 1 dB\n"
		"rx     gain1        71 dB        rw      -3 dB to 71 dB, in steps of 1 dB\n"
		"rx     antenna      A_BALANCED   rw      A_BALANCED, B_BALANCED\n"
		"rx     rssi         unknown      ro      the chip sleeps\n"
		"-      temperature  36.5 °C      ro\n"
		"-      label        roof         rw\n");
	assert_string_equal(said, "");
}

static void those_of_a_route_are_shown(void **state)
{
	(void)state;
	add_tx();
	assert_int_equal(tune("tune ty"), STATUS_OK);
	assert_string_equal(printed,
			    "ROUTE  CONTROL    VALUE      ACCESS  ACCEPTED\n"
			    "ty     frequency  2.4 GHz    rw      70 MHz to 6 GHz, in steps of "
			    "1 Hz\n"
			    "ty     rate       30.72 MHz  rw      2.083333 MHz to 61.44 MHz, in "
			    "steps of 1 Hz\n"
			    "ty     bandwidth  18 MHz     rw\n");
}

static void a_board_without_controls_is_told(void **state)
{
	(void)state;
	fake.info.control_count = 0;
	assert_int_equal(tune("tune"), STATUS_OK);
	assert_string_equal(printed, "");
	assert_said("there is nothing to tune");
	assert_int_equal(tune("tune frequency=1G"), STATUS_USAGE);
	assert_said("\"frequency\" cannot be tuned: the board has no controls\n");
}

static json_t *printed_control(size_t index)
{
	json_decref(last_object);
	last_object = json_loads(printed, 0, NULL);
	return json_array_get(json_object_get(last_object, "controls"), index);
}

static void programs_get_an_object(void **state)
{
	json_t *control;

	(void)state;
	fake.controls[FAKE_RSSI].fails = "the chip sleeps";
	assert_int_equal(tune("tune --json"), STATUS_OK);
	control = printed_control(FAKE_GAIN_1);
	assert_string_equal(json_string_value(json_object_get(control, "route")), "rx");
	assert_string_equal(json_string_value(json_object_get(control, "name")), "gain1");
	assert_string_equal(json_string_value(json_object_get(control, "role")), "gain");
	assert_string_equal(json_string_value(json_object_get(control, "kind")), "number");
	assert_string_equal(json_string_value(json_object_get(control, "unit")), "dB");
	assert_int_equal(json_integer_value(json_object_get(control, "channel")), 1);
	assert_true(json_number_value(json_object_get(control, "value")) == 71);
	assert_true(json_number_value(json_object_get(control, "minimum")) == -3);
	assert_true(json_number_value(json_object_get(control, "step")) == 1);
	assert_true(json_is_null(json_object_get(control, "error")));
	assert_true(json_is_true(json_object_get(control, "writable")));
	assert_null(json_object_get(control, "asked"));
	control = printed_control(FAKE_GAIN_MODE);
	assert_int_equal(json_array_size(json_object_get(control, "choices")), 3);
	assert_string_equal(json_string_value(json_object_get(control, "value")), "slow_attack");
	control = printed_control(FAKE_RSSI);
	assert_true(json_is_null(json_object_get(control, "value")));
	assert_string_equal(json_string_value(json_object_get(control, "error")),
			    "the chip sleeps");
	assert_true(json_is_null(json_object_get(printed_control(FAKE_LABEL), "route")));

	assert_int_equal(tune("tune --json rx gain1=30.4 frequency"), STATUS_OK);
	control = printed_control(0);
	assert_string_equal(json_string_value(json_object_get(control, "name")), "frequency");
	assert_null(json_object_get(control, "asked"));
	control = printed_control(1);
	assert_string_equal(json_string_value(json_object_get(control, "name")), "gain-mode");
	assert_string_equal(json_string_value(json_object_get(control, "asked")), "manual");
	control = printed_control(2);
	assert_true(json_number_value(json_object_get(control, "asked")) == 30.4);
	assert_true(json_number_value(json_object_get(control, "value")) == 30);
	assert_null(printed_control(3));

	/* What was set before something failed is told, too. */
	assert_int_equal(tune("tune --json rx gain1=31 gain1=100"), STATUS_REFUSED);
	assert_true(json_number_value(json_object_get(printed_control(0), "value")) == 31);
	assert_int_equal(tune("tune --json rx gain1=100"), STATUS_REFUSED);
	assert_string_equal(printed, "");
}

/* ---- setting ---- */

static void what_is_named_is_set_in_the_order_given(void **state)
{
	(void)state;
	assert_int_equal(tune("tune rx frequency=2.41G gain=30 gain-mode=fast_attack "
			      "antenna=B_BALANCED bandwidth=5MHz label=x"),
			 STATUS_OK);
	assert_string_equal(printed, "rx frequency 2.41 GHz\n"
				     "rx gain-mode manual\n"
				     "rx gain0 30 dB\n"
				     "rx gain1 30 dB\n"
				     "rx gain-mode fast_attack\n"
				     "rx antenna B_BALANCED\n"
				     "rx bandwidth 5 MHz\n"
				     "label x\n");
	assert_string_equal(said, "");
	assert_true(CONTROL(FREQUENCY).value.number == 2410000000 * FAKE_PARTS);
	assert_true(CONTROL(GAIN_1).value.number == 30 * FAKE_PARTS);
	assert_string_equal(CONTROL(ANTENNA).value.text, "B_BALANCED");
}

static void one_channel_is_set_by_its_number_or_its_name(void **state)
{
	(void)state;
	assert_int_equal(tune("tune rx gain-mode=manual gain1=-3dB"), STATUS_OK);
	assert_string_equal(printed, "rx gain-mode manual\nrx gain1 -3 dB\n");
	strcpy(CONTROL(GAIN_0).name, "left");
	assert_int_equal(tune("tune left=5 gain0=6"), STATUS_OK);
	assert_string_equal(printed, "rx left 5 dB\nrx left 6 dB\n");
	assert_true(CONTROL(GAIN_1).value.number == -3 * FAKE_PARTS);
}

static void what_a_device_does_not_take_exactly_is_told(void **state)
{
	(void)state;
	assert_int_equal(tune("tune gain-mode=manual gain0=30.3"), STATUS_OK);
	assert_string_equal(printed,
			    "rx gain-mode manual\nrx gain0 30 dB, asked for was 30.3 dB\n");
	assert_int_equal(tune("tune frequency=2400000000.7Hz"), STATUS_OK);
	assert_string_equal(printed,
			    "rx frequency 2.400000001 GHz, asked for was 2.4000000007 GHz\n");
}

static void values_are_printed_alone(void **state)
{
	(void)state;
	assert_int_equal(tune("tune rx frequency"), STATUS_OK);
	assert_string_equal(printed, "2400000000\n");
	assert_int_equal(tune("tune gain temperature gain-mode rssi"), STATUS_OK);
	assert_string_equal(printed, "71\n71\n36.5\nslow_attack\n-92.75\n");
	assert_int_equal(tune("tune gain1=7 gain1 gain-mode"), STATUS_OK);
	assert_string_equal(printed, "rx gain-mode manual\nrx gain1 7 dB\n7\nmanual\n");
	fake.controls[FAKE_RSSI].fails = "the chip sleeps";
	assert_int_equal(tune("tune rssi"), STATUS_REFUSED);
	assert_said("rx rssi could not be read: the chip sleeps");
}

static void a_route_is_needed_where_several_have_the_name(void **state)
{
	(void)state;
	add_tx();
	assert_int_equal(tune("tune frequency=1G"), STATUS_USAGE);
	assert_said("\"frequency\" may be rx frequency or ty frequency: give the route, too\n");
	assert_int_equal(tune("tune gain=1"), STATUS_OK);
	assert_int_equal(tune("tune ty frequency=1G"), STATUS_OK);
	assert_string_equal(printed, "ty frequency 1 GHz\n");
	assert_true(CONTROL(FREQUENCY).value.number == 2400000000 * FAKE_PARTS);
	assert_int_equal(tune("tune ty gain=1"), STATUS_USAGE);
	assert_said("there is no control \"gain\"; there are: temperature, label, frequency, rate, "
		    "bandwidth\n");
	assert_int_equal(tune("tune nonsense"), STATUS_USAGE);
	assert_said("no control \"nonsense\"; there are: rx frequency, rx rate");
	assert_said("temperature, label, ty frequency");
}

static void what_cannot_be_set_is_explained(void **state)
{
	static const char *const numbers[] = { "x",	"",	"1e",  "0x10", "nan",  "inf",
					       "1GHzz", "1 dB", "1GG", "--1",  "1e999" };
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(line, sizeof(line), "tune frequency=%s", numbers[i]);
		if (strchr(numbers[i], ' '))
			continue;
		assert_int_equal(tune(line), STATUS_USAGE);
		assert_said("\": accepted is a number of Hz, such as 2.4G, 100k\n");
	}
	assert_int_equal(tune("tune gain0=1Hz"), STATUS_USAGE);
	assert_int_equal(tune("tune temperature=20"), STATUS_USAGE);
	assert_said("temperature can be read, and not be set\n");
	assert_int_equal(tune("tune gain0=100"), STATUS_REFUSED);
	assert_said("(gain0): accepted is what is in its range");
	assert_int_equal(tune("tune antenna=C"), STATUS_REFUSED);
	assert_said("accepted is one of its choices");
	assert_int_equal(tune("tune -x"), STATUS_USAGE);
	fake.devices[0].is_there = false;
	assert_int_equal(tune("tune"), STATUS_NO_BOARD);
}

static void numbers_have_prefixes_and_units(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} numbers[] = {
		{ "433.92M", 433920000 },   { "2.4GHz", 2400000000 },	  { "100000k", 100000000 },
		{ "100000KHZ", 100000000 }, { "1e8", 100000000 },	  { "+.1G", 100000000 },
		{ "0.0001T", 100000000 },   { "123456789Hz", 123456789 },
	};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(line, sizeof(line), "tune frequency=%s", numbers[i].text);
		assert_int_equal(tune(line), STATUS_OK);
		assert_int_equal(CONTROL(FREQUENCY).value.number, numbers[i].value * FAKE_PARTS);
	}
	assert_int_equal(tune("tune rate=10MS/s"), STATUS_OK);
	assert_int_equal(CONTROL(RATE).value.number, 10000000 * FAKE_PARTS);
}

/* ---- the options of other commands ---- */

static void a_capture_is_tuned_before_it_starts(void **state)
{
	(void)state;
	/* So much time is so many samples at the rate that was set. */
	assert_int_equal(call(cmd_capture,
			      "capture -t 10ms --verify counter --frequency=2.41G --rate=5M "
			      "--bandwidth=4MHz --gain=20 --antenna=B_BALANCED --set label=x "
			      "--set gain1=21"),
			 STATUS_OK);
	assert_said("captured 50000 samples");
	assert_null(strstr(said, "has not taken"));
	assert_int_equal(CONTROL(FREQUENCY).value.number, 2410000000 * FAKE_PARTS);
	assert_int_equal(CONTROL(RATE).value.number, 5000000 * FAKE_PARTS);
	assert_int_equal(CONTROL(BANDWIDTH).value.number, 4000000 * FAKE_PARTS);
	assert_int_equal(CONTROL(GAIN_0).value.number, 20 * FAKE_PARTS);
	assert_int_equal(CONTROL(GAIN_1).value.number, 21 * FAKE_PARTS);
	assert_string_equal(CONTROL(GAIN_MODE).value.text, "manual");
	assert_string_equal(CONTROL(ANTENNA).value.text, "B_BALANCED");
	assert_string_equal(CONTROL(LABEL).value.text, "x");
	assert_int_equal(fake.controls[FAKE_GAIN_MODE].sets, 1);
}

static void a_gain_mode_that_cannot_be_set_is_left_alone(void **state)
{
	(void)state;
	CONTROL(GAIN_MODE).access = IIOBRIDGE_CONTROL_READ;
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --gain 20"), STATUS_OK);
	assert_string_equal(CONTROL(GAIN_MODE).value.text, "slow_attack");
	assert_int_equal(CONTROL(GAIN_1).value.number, 20 * FAKE_PARTS);
}

static void another_value_than_was_asked_for_is_told(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --gain 20.4"),
			 STATUS_OK);
	assert_said("iiobridge: rx gain0 is 20 dB: the device has not taken 20.4 dB\n"
		    "iiobridge: rx gain1 is 20 dB: the device has not taken 20.4 dB\n");
	assert_int_equal(call(cmd_capture, "capture -q -n 10 --verify counter --gain 20.4"),
			 STATUS_OK);
	assert_string_equal(said, "");
}

static void what_cannot_be_tuned_starts_nothing(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --gain 100"),
			 STATUS_REFUSED);
	assert_said("(gain0): accepted is what is in its range");
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --frequency x"),
			 STATUS_USAGE);
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --set x=1"),
			 STATUS_USAGE);
	assert_said("there is no control \"x\"; there are: frequency, rate");
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --set x"), STATUS_USAGE);
	assert_said("--set \"x\": accepted is NAME=VALUE");
	assert_null(strstr(fake.log, "start"));
	fake.info.control_count = 0;
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --rate 1M"),
			 STATUS_USAGE);
	assert_said("\"rate\" cannot be tuned: the board has no controls of this route");
}

static void each_command_that_streams_can_tune(void **state)
{
	(void)state;
	add_tx();
	assert_int_equal(call(cmd_play, "play -q -n 100 --pattern counter --frequency 1G"),
			 STATUS_OK);
	assert_int_equal(fake.controls[FAKE_RADIO_CONTROLS].info.value.number,
			 1000000000 * FAKE_PARTS);
	assert_int_equal(CONTROL(FREQUENCY).value.number, 2400000000 * FAKE_PARTS);
	assert_int_equal(call(cmd_scope, "scope --once --frequency 1.1G"), STATUS_OK);
	assert_int_equal(CONTROL(FREQUENCY).value.number, 1100000000 * FAKE_PARTS);
	assert_int_equal(call(cmd_bench, "bench -t 1ms --block-size 64K --frequency 1.2G"),
			 STATUS_OK);
	assert_int_equal(CONTROL(FREQUENCY).value.number, 1200000000 * FAKE_PARTS);
}

static void tune_behind_the_first(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (ROUTE->moved == 1)
		fake_set(ROUTE->tuned = true);
}

static void records_say_what_was_tuned_meanwhile(void **state)
{
	(void)state;
	ROUTE->allowance = 3;
	fake.on_complete = tune_behind_the_first;
	assert_int_equal(call(cmd_capture, "capture -n 49152 --verify counter --records -"),
			 STATUS_OK);
	assert_non_null(strstr(printed, "\n0 0 16384 0 1000 1500 -\n"
					"1 16384 16384 0 2000 2500 tuned\n"
					"2 32768 16384 0 3000 3500 -\n"));
}

static void info_tells_where_a_radio_is(void **state)
{
	json_t *object, *routes, *radio;

	(void)state;
	add_tx();
	fake.info.route_count = 3;
	assert_int_equal(call(cmd_info, "info"), STATUS_OK);
	assert_non_null(strstr(printed,
			       "\n  radio       frequency 2.4 GHz, bandwidth 18 MHz, gain 71 dB, "
			       "gain 71 dB, gain mode slow_attack, antenna A_BALANCED\n"));
	assert_non_null(strstr(printed, "\n  radio       frequency 2.4 GHz, bandwidth 18 MHz\n"));
	assert_int_equal(call(cmd_info, "info --json"), STATUS_OK);
	object = json_loads(printed, 0, NULL);
	routes = json_object_get(object, "routes");
	radio = json_object_get(json_array_get(routes, 0), "radio");
	assert_true(json_number_value(json_object_get(radio, "frequency")) == 2.4e9);
	assert_true(json_number_value(json_object_get(radio, "rate")) == 30.72e6);
	assert_int_equal(json_array_size(json_object_get(radio, "gain")), 2);
	assert_string_equal(json_string_value(json_object_get(radio, "gain_mode")), "slow_attack");
	radio = json_object_get(json_array_get(routes, 1), "radio");
	assert_true(json_is_null(json_object_get(radio, "antenna")));
	assert_true(json_is_null(json_object_get(json_array_get(routes, 2), "radio")));
	json_decref(object);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_controls_are_shown_in_a_table),
		TEST(those_of_a_route_are_shown),
		TEST(a_board_without_controls_is_told),
		TEST(programs_get_an_object),
		TEST(what_is_named_is_set_in_the_order_given),
		TEST(one_channel_is_set_by_its_number_or_its_name),
		TEST(what_a_device_does_not_take_exactly_is_told),
		TEST(values_are_printed_alone),
		TEST(a_route_is_needed_where_several_have_the_name),
		TEST(what_cannot_be_set_is_explained),
		TEST(numbers_have_prefixes_and_units),
		TEST(a_capture_is_tuned_before_it_starts),
		TEST(a_gain_mode_that_cannot_be_set_is_left_alone),
		TEST(another_value_than_was_asked_for_is_told),
		TEST(what_cannot_be_tuned_starts_nothing),
		TEST(each_command_that_streams_can_tune),
		TEST(records_say_what_was_tuned_meanwhile),
		TEST(info_tells_where_a_radio_is),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
