// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a board is tuned with: its controls are listed, read and set, by drivers that take their
 * time, or refuse.
 */
#include "test_library_call.h"

#include <math.h>

static struct iiobridge_board *board;
static struct iiobridge_control_list *list;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_make_radio(0);
	board = NULL;
	list = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	iiobridge_control_list_free(list);
	iiobridge_board_close(board);
	return fake_check();
}

static void open_board(void)
{
	assert_int_equal(iiobridge_board_open(NULL, &board), 0);
}

static void open_list(void)
{
	open_board();
	assert_int_equal(iiobridge_control_list_new(board, &list), 0);
}

static const struct iiobridge_control *get(size_t index)
{
	return iiobridge_control_list_get(list, index);
}

/* ---- lists ---- */

static void controls_are_listed_as_the_board_has_them(void **state)
{
	const struct iiobridge_control *frequency, *mode, *temperature;

	(void)state;
	open_list();
	assert_int_equal(iiobridge_control_list_count(list), FAKE_RADIO_CONTROLS);
	assert_null(get(FAKE_RADIO_CONTROLS));

	frequency = get(FAKE_FREQUENCY);
	assert_int_equal(iiobridge_control_index(frequency), FAKE_FREQUENCY);
	assert_string_equal(iiobridge_control_name(frequency), "frequency");
	assert_string_equal(iiobridge_control_list_route_name(list, FAKE_FREQUENCY), "rx");
	assert_int_equal(iiobridge_control_route(frequency), 0);
	assert_int_equal(iiobridge_control_channel(frequency), -1);
	assert_int_equal(iiobridge_control_role(frequency), IIOBRIDGE_CONTROL_FREQUENCY);
	assert_int_equal(iiobridge_control_kind(frequency), IIOBRIDGE_CONTROL_IS_NUMBER);
	assert_string_equal(iiobridge_control_unit(frequency), "Hz");
	assert_true(iiobridge_control_is_readable(frequency));
	assert_true(iiobridge_control_is_writable(frequency));
	assert_true(iiobridge_control_has_range(frequency));
	assert_true(iiobridge_control_minimum(frequency) == 70e6);
	assert_true(iiobridge_control_maximum(frequency) == 6e9);
	assert_true(iiobridge_control_step(frequency) == 1);
	assert_true(iiobridge_control_is_known(frequency));
	assert_true(iiobridge_control_number(frequency) == 2.4e9);
	assert_false(iiobridge_control_has_changed(frequency));
	assert_int_equal(iiobridge_control_choice_count(frequency), 0);

	mode = get(FAKE_GAIN_MODE);
	assert_int_equal(iiobridge_control_kind(mode), IIOBRIDGE_CONTROL_IS_CHOICE);
	assert_string_equal(iiobridge_control_text(mode), "slow_attack");
	assert_int_equal(iiobridge_control_choice_count(mode), 3);
	assert_string_equal(iiobridge_control_choice(mode, 0), "manual");
	assert_string_equal(iiobridge_control_choice(mode, 2), "fast_attack");
	assert_null(iiobridge_control_choice(mode, 3));
	assert_int_equal(iiobridge_control_channel(get(FAKE_GAIN_1)), 1);
	assert_true(iiobridge_control_number(get(FAKE_RSSI)) == -92.75);

	temperature = get(FAKE_TEMPERATURE);
	assert_string_equal(iiobridge_control_list_route_name(list, FAKE_TEMPERATURE), "");
	assert_int_equal(iiobridge_control_route(temperature), -1);
	assert_false(iiobridge_control_is_writable(temperature));
	assert_string_equal(iiobridge_control_unit(temperature), "°C");
	assert_int_equal(iiobridge_control_kind(get(FAKE_LABEL)), IIOBRIDGE_CONTROL_IS_TEXT);
}

static void an_older_board_has_none(void **state)
{
	size_t changed = 7;

	(void)state;
	fake.info.control_count = 0;
	open_list();
	assert_int_equal(iiobridge_control_list_count(list), 0);
	assert_null(iiobridge_control_find(list, 0, IIOBRIDGE_CONTROL_GAIN, -1));
	assert_null(iiobridge_control_find_by_name(list, "gain0"));
	assert_int_equal(iiobridge_control_list_update(list, &changed), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(iiobridge_control_read(board, 0, NULL), IIOBRIDGE_ERROR_INVALID);
	assert_message("no control 0: the board at 001:005 has 0");
	for (unsigned int i = IIOBRIDGE_READ_CONTROL; i <= IIOBRIDGE_GET_CHANGES; i++)
		assert_int_equal(fake.requests[i], 0);
}

static void controls_are_found_by_what_they_are_for(void **state)
{
	struct iiobridge_control_info other;

	(void)state;
	fake.controls[FAKE_TEMPERATURE].info.role = IIOBRIDGE_ROLE_RSSI;
	fake.info.route_count = 2;
	other = fake.controls[FAKE_FREQUENCY].info;
	other.route = 1;
	fake_add_control(&other, NULL);
	open_list();
#define FIND(route, role, channel) \
	iiobridge_control_find(list, route, IIOBRIDGE_CONTROL_##role, channel)
	assert_ptr_equal(FIND(0, FREQUENCY, -1), get(FAKE_FREQUENCY));
	assert_ptr_equal(FIND(0, FREQUENCY, 1), get(FAKE_FREQUENCY));
	assert_ptr_equal(FIND(1, FREQUENCY, 0), get(FAKE_RADIO_CONTROLS));
	assert_ptr_equal(FIND(0, GAIN, -1), get(FAKE_GAIN_0));
	assert_ptr_equal(FIND(0, GAIN, 1), get(FAKE_GAIN_1));
	assert_null(FIND(0, GAIN, 2));
	assert_null(FIND(1, GAIN, -1));
	assert_null(FIND(-1, FREQUENCY, -1));
	/* That of all routes, unless the route has its own. */
	assert_ptr_equal(FIND(0, RSSI, 0), get(FAKE_RSSI));
	assert_ptr_equal(FIND(1, RSSI, 0), get(FAKE_TEMPERATURE));
	assert_ptr_equal(FIND(-1, RSSI, -1), get(FAKE_TEMPERATURE));
	assert_null(FIND(0, TEMPERATURE, -1));
#undef FIND
}

static void controls_are_found_by_name(void **state)
{
	struct iiobridge_control_info other;

	(void)state;
	fake.info.route_count = 2;
	other = fake.controls[FAKE_FREQUENCY].info;
	other.route = 1;
	fake_add_control(&other, NULL);
	open_list();
	assert_ptr_equal(iiobridge_control_find_by_name(list, "rx frequency"), get(FAKE_FREQUENCY));
	assert_ptr_equal(iiobridge_control_find_by_name(list, "ry frequency"),
			 get(FAKE_RADIO_CONTROLS));
	assert_null(iiobridge_control_find_by_name(list, "frequency"));
	assert_ptr_equal(iiobridge_control_find_by_name(list, "gain1"), get(FAKE_GAIN_1));
	assert_ptr_equal(iiobridge_control_find_by_name(list, "temperature"),
			 get(FAKE_TEMPERATURE));
	assert_null(iiobridge_control_find_by_name(list, "ry gain1"));
	assert_null(iiobridge_control_find_by_name(list, "rx"));
	assert_null(iiobridge_control_find_by_name(list, ""));
}

static void a_list_waits_for_a_slow_driver(void **state)
{
	(void)state;
	fake.controls[FAKE_BANDWIDTH].slow = 5;
	open_list();
	assert_true(iiobridge_control_is_known(get(FAKE_BANDWIDTH)));
	assert_true(iiobridge_control_number(get(FAKE_BANDWIDTH)) == 18e6);
}

static void a_driver_that_fails_spoils_no_list(void **state)
{
	(void)state;
	fake.controls[FAKE_RSSI].fails = "the chip sleeps\n";
	open_list();
	assert_false(iiobridge_control_is_known(get(FAKE_RSSI)));
	assert_string_equal(iiobridge_control_message(get(FAKE_RSSI)), "the chip sleeps?");
	assert_true(iiobridge_control_number(get(FAKE_RSSI)) == -92.75);
	assert_true(iiobridge_control_is_known(get(FAKE_TEMPERATURE)));
}

/* The time of the library goes on with each question. */
static bool let_a_second_pass(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			      int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_GET_CONTROL)
		atomic_fetch_add(&fake_ahead_s, 1);
	return false;
}

static void a_driver_that_never_comes_back_spoils_no_list(void **state)
{
	(void)state;
	fake.controls[FAKE_GAIN_0].slow = 1000;
	fake.on_request = let_a_second_pass;
	open_list();
	assert_false(iiobridge_control_is_known(get(FAKE_GAIN_0)));
	assert_string_equal(iiobridge_control_message(get(FAKE_GAIN_0)),
			    "its driver has not come back within 5 s");
	assert_true(iiobridge_control_is_known(get(FAKE_TEMPERATURE)));
}

static void a_list_outlives_the_program_s_board(void **state)
{
	(void)state;
	open_list();
	iiobridge_board_close(board);
	board = NULL;
	assert_int_equal(iiobridge_control_list_update(list, NULL), 0);
	assert_string_equal(iiobridge_control_name(get(FAKE_RATE)), "rate");
}

static void a_list_tells_what_has_changed(void **state)
{
	size_t changed;
	unsigned int asked;

	(void)state;
	open_list();
	asked = fake.requests[IIOBRIDGE_GET_CONTROL];
	assert_int_equal(iiobridge_control_list_update(list, &changed), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(fake.requests[IIOBRIDGE_GET_CONTROL], asked);

	fake.controls[FAKE_GAIN_1].info.value.number = 12 * FAKE_PARTS;
	fake.controls[FAKE_GAIN_1].info.changes++;
	assert_int_equal(iiobridge_control_list_update(list, &changed), 0);
	assert_int_equal(changed, 1);
	assert_true(iiobridge_control_has_changed(get(FAKE_GAIN_1)));
	assert_false(iiobridge_control_has_changed(get(FAKE_GAIN_0)));
	assert_true(iiobridge_control_number(get(FAKE_GAIN_1)) == 12);
	assert_int_equal(fake.requests[IIOBRIDGE_GET_CONTROL], asked + 1);

	/* What the program itself has set is in it, and is no news. */
	assert_int_equal(iiobridge_control_set_number(board, FAKE_FREQUENCY, 1e9, NULL), 0);
	assert_int_equal(iiobridge_control_list_update(list, &changed), 0);
	assert_int_equal(changed, 0);
	assert_false(iiobridge_control_has_changed(get(FAKE_GAIN_1)));
	assert_true(iiobridge_control_number(get(FAKE_FREQUENCY)) == 1e9);
}

/* ---- one control ---- */

static void a_control_is_read_and_set(void **state)
{
	struct iiobridge_reading reading;

	(void)state;
	open_board();
	assert_int_equal(iiobridge_control_read(board, FAKE_TEMPERATURE, &reading), 0);
	assert_true(reading.number == 36.5);
	assert_string_equal(reading.text, "");
	assert_int_equal(iiobridge_control_set_number(board, FAKE_FREQUENCY, 433.92e6, &reading),
			 0);
	assert_true(reading.number == 433.92e6);
	assert_true(fake.controls[FAKE_FREQUENCY].info.value.number == 433920000 * FAKE_PARTS);
	/* The driver takes whole decibels. */
	assert_int_equal(iiobridge_control_set_number(board, FAKE_GAIN_0, 30.3, &reading), 0);
	assert_true(reading.number == 30);
	assert_int_equal(iiobridge_control_set_number(board, FAKE_GAIN_0, -2, NULL), 0);
	assert_true(fake.controls[FAKE_GAIN_0].info.value.number == -2 * FAKE_PARTS);
	assert_int_equal(iiobridge_control_set_text(board, FAKE_GAIN_MODE, "manual", &reading), 0);
	assert_string_equal(reading.text, "manual");
	assert_true(reading.number == 0);
	assert_int_equal(iiobridge_control_set_text(board, FAKE_LABEL, "cellar", NULL), 0);
	assert_string_equal(fake.controls[FAKE_LABEL].info.value.text, "cellar");
}

static void the_board_judges_and_its_sentence_is_the_reason(void **state)
{
	(void)state;
	open_board();
	assert_int_equal(iiobridge_control_set_number(board, FAKE_GAIN_0, 100, NULL),
			 IIOBRIDGE_ERROR_REFUSED);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 has not set control 4 (gain0): accepted is what "
			    "is in its range");
	assert_int_equal(iiobridge_control_set_text(board, FAKE_ANTENNA, "C", NULL),
			 IIOBRIDGE_ERROR_REFUSED);
	assert_message("has not set control 6 (antenna): accepted is one of its choices");
	assert_int_equal(iiobridge_control_set_number(board, FAKE_TEMPERATURE, 20, NULL),
			 IIOBRIDGE_ERROR_REFUSED);
	assert_message("the board at 001:005 refused SET_CONTROL: a host may not set it");
	fake.controls[FAKE_RSSI].fails = "the chip sleeps";
	assert_int_equal(iiobridge_control_read(board, FAKE_RSSI, NULL), IIOBRIDGE_ERROR_REFUSED);
	assert_message("has not read control 7 (rssi): the chip sleeps");
	fake.controls[FAKE_RSSI].fails = "";
	assert_int_equal(iiobridge_control_read(board, FAKE_RSSI, NULL), IIOBRIDGE_ERROR_REFUSED);
	assert_message("has not read control 7 (rssi): it does not say why");
	fake.refused_request = IIOBRIDGE_READ_CONTROL;
	assert_int_equal(iiobridge_control_read(board, FAKE_RSSI, NULL), IIOBRIDGE_ERROR_REFUSED);
	assert_message("refused READ_CONTROL");
}

static void what_cannot_be_sent_is_refused_here(void **state)
{
	static const double numbers[] = { NAN, INFINITY, -INFINITY, 1e300, 9.3e12, -9.3e12 };
	char text[65];

	(void)state;
	open_board();
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(iiobridge_control_set_number(board, FAKE_GAIN_0, numbers[i], NULL),
				 IIOBRIDGE_ERROR_INVALID);
	assert_message("control 4 cannot be set to -9.3e+12");
	memset(text, 'x', 64);
	text[64] = '\0';
	assert_int_equal(iiobridge_control_set_text(board, FAKE_LABEL, text, NULL),
			 IIOBRIDGE_ERROR_INVALID);
	assert_message("64 bytes: 63 at most");
	text[63] = '\0';
	assert_int_equal(iiobridge_control_set_text(board, FAKE_LABEL, text, NULL), 0);
	assert_int_equal(iiobridge_control_set_text(board, FAKE_RADIO_CONTROLS, "x", NULL),
			 IIOBRIDGE_ERROR_INVALID);
	assert_int_equal(fake.requests[IIOBRIDGE_SET_CONTROL], 1);
}

static unsigned int whole_answers, values;

static bool count_answers(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			  int *result)
{
	(void)value;
	(void)data;
	(void)result;
	if (request != IIOBRIDGE_GET_CONTROL)
		return false;
	if (length == sizeof(struct iiobridge_control_info))
		whole_answers++;
	else if (length == offsetof(struct iiobridge_control_info, message))
		values++;
	return false;
}

static void who_waits_asks_for_no_more_than_the_value(void **state)
{
	struct iiobridge_reading reading;
	uint64_t begin_ns;

	(void)state;
	open_board();
	whole_answers = values = 0;
	fake.on_request = count_answers;
	fake.controls[FAKE_RATE].slow = 7;
	begin_ns = fake_now_ns();
	assert_int_equal(iiobridge_control_set_number(board, FAKE_RATE, 1e7, &reading), 0);
	assert_true(reading.number == 1e7);
	assert_int_equal(values, 8);
	assert_int_equal(whole_answers, 0);
	/* 1 + 2 + 4 + 8 + 16 + 20 + 20 ms: it sleeps meanwhile. */
	assert_true(fake_now_ns() - begin_ns >= 71000000);
	fake.controls[FAKE_RATE].fails = "no such rate";
	assert_int_equal(iiobridge_control_set_number(board, FAKE_RATE, 2e7, &reading),
			 IIOBRIDGE_ERROR_REFUSED);
	assert_message("(rate): no such rate");
	assert_int_equal(whole_answers, 1);
	assert_true(reading.number == 1e7);
}

static void a_driver_that_never_comes_back_is_given_up(void **state)
{
	(void)state;
	open_board();
	fake.controls[FAKE_RATE].slow = 1000;
	fake.on_request = let_a_second_pass;
	assert_int_equal(iiobridge_control_set_number(board, FAKE_RATE, 1e7, NULL),
			 IIOBRIDGE_ERROR_TIMEOUT);
	assert_string_equal(iiobridge_error_message(),
			    "the board at 001:005 has not set control 1 (rate) within 10 s: its "
			    "driver has not come back");
	/* It has not held up others. */
	assert_int_equal(iiobridge_control_read(board, FAKE_RSSI, NULL), 0);
}

static void a_board_that_is_gone_is_said_to_be(void **state)
{
	(void)state;
	open_list();
	fake.gone = true;
	assert_int_equal(iiobridge_control_read(board, FAKE_RSSI, NULL), IIOBRIDGE_ERROR_GONE);
	assert_int_equal(iiobridge_control_set_number(board, FAKE_GAIN_0, 1, NULL),
			 IIOBRIDGE_ERROR_GONE);
	assert_int_equal(iiobridge_control_list_update(list, NULL), IIOBRIDGE_ERROR_GONE);
}

/* ---- answers ---- */

static int list_once(void)
{
	struct iiobridge_control_list *once;
	const int r = iiobridge_control_list_new(board, &once);

	if (r == 0)
		iiobridge_control_list_free(once);
	return r;
}

static void answers_beyond_the_protocol_are_refused(void **state)
{
	struct iiobridge_control_info *info = &fake.controls[FAKE_GAIN_MODE].info;
	const struct iiobridge_control_info right = *info;

	(void)state;
	open_board();
	assert_int_equal(list_once(), 0);
#define REFUSED(change, sentence)                                        \
	do {                                                             \
		*info = right;                                           \
		change;                                                  \
		assert_int_equal(list_once(), IIOBRIDGE_ERROR_PROTOCOL); \
		assert_message(sentence);                                \
	} while (0)
	REFUSED(memset(info->name, 'x', sizeof(info->name)), "GET_CONTROL has text without an end");
	REFUSED(memset(info->unit, 'x', sizeof(info->unit)), "without an end");
	REFUSED(memset(info->value.text, 'x', sizeof(info->value.text)), "without an end");
	REFUSED(info->name[0] = '\0', "control 3 has no name");
	REFUSED(info->route = 1, "control 3 is of route 1; the board has 1 routes");
	REFUSED(info->choice_count = 4, "control 3 (gain-mode) claims 4 choices in 31 bytes");
	REFUSED(info->choice_count = 2, "2 choices in 31 bytes");
	REFUSED(info->choices_size = 30, "3 choices in 30 bytes");
	REFUSED(info->choices_size = 1025, "3 choices in 1025 bytes");
	REFUSED(info->has_range = 2, "impossible range");
	REFUSED((info->has_range = 1, info->minimum = 1), "impossible range: 1 to 0 by 0");
	REFUSED((info->has_range = 1, info->step = -1), "impossible range");
#undef REFUSED
	*info = right;
	assert_int_equal(list_once(), 0);
	fake.info.control_count = IIOBRIDGE_MAX_CONTROLS + 1;
	assert_int_equal(open_once(NULL), IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("the board claims 129 controls; the protocol allows 128");
}

static bool answer_wrong(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			 int *result)
{
	(void)value;
	if (request != IIOBRIDGE_GET_CONTROL)
		return false;
	memset(data, 0, length);
	data[0] = IIOBRIDGE_CONTROL_FAILED + 1;
	*result = length;
	return true;
}

static void answers_that_are_wrong_while_it_waits_are_refused(void **state)
{
	(void)state;
	open_board();
	fake.on_request = answer_wrong;
	assert_int_equal(iiobridge_control_read(board, 2, NULL), IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("control 2 has the unknown state 3");
	fake.on_request = NULL;
	fake.short_request = IIOBRIDGE_GET_CONTROL;
	assert_int_equal(iiobridge_control_read(board, 2, NULL), IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("answered GET_CONTROL with 1 bytes; it must be at least 80");
	assert_int_equal(list_once(), IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("it must be at least 432");
}

static void a_short_answer_about_changes_is_refused(void **state)
{
	(void)state;
	open_list();
	fake.short_request = IIOBRIDGE_GET_CHANGES;
	assert_int_equal(iiobridge_control_list_update(list, NULL), IIOBRIDGE_ERROR_PROTOCOL);
	assert_message("answered GET_CHANGES with 1 bytes; it must be at least 10");
}

static void what_a_newer_board_has_is_an_attribute_of_text(void **state)
{
	struct iiobridge_control_info *info = &fake.controls[FAKE_LABEL].info;

	(void)state;
	info->role = IIOBRIDGE_ROLE_TEMPERATURE + 1;
	info->kind = IIOBRIDGE_CONTROL_TEXT + 1;
	strcpy(info->name, "a\033b");
	open_list();
	assert_int_equal(iiobridge_control_role(get(FAKE_LABEL)), IIOBRIDGE_CONTROL_ATTRIBUTE);
	assert_int_equal(iiobridge_control_kind(get(FAKE_LABEL)), IIOBRIDGE_CONTROL_IS_TEXT);
	assert_string_equal(iiobridge_control_name(get(FAKE_LABEL)), "a?b");
}

/* ---- threads ---- */

#define THREAD_SETS 50

static void *set_often(void *context)
{
	const unsigned int offset = *(const unsigned int *)context;
	struct iiobridge_reading reading;

	/* Both set the same control, and each is told of its own. */
	for (unsigned int i = 0; i < THREAD_SETS; i++) {
		const double number = offset + i;
		const bool taken = iiobridge_control_set_number(board, FAKE_FREQUENCY, 1e9 + number,
								&reading) == 0 &&
				   reading.number == 1e9 + number &&
				   iiobridge_control_set_number(board, FAKE_GAIN_0, 1000, NULL) ==
					   IIOBRIDGE_ERROR_REFUSED &&
				   strstr(iiobridge_error_message(), "in its range");

		if (!taken)
			return NULL;
	}
	return context;
}

static void threads_that_tune_are_told_of_their_own_values(void **state)
{
	unsigned int offsets[] = { 0, 1000 };
	pthread_t threads[2];
	void *result;

	(void)state;
	fake.controls[FAKE_FREQUENCY].slow = 1;
	open_list();
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, set_often, &offsets[i]);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(iiobridge_control_list_update(list, NULL), 0);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	assert_int_equal(fake.controls[FAKE_FREQUENCY].sets, 2 * THREAD_SETS);
	assert_int_equal(iiobridge_control_list_update(list, NULL), 0);
	assert_true(iiobridge_control_number(get(FAKE_FREQUENCY)) ==
		    (double)(fake.controls[FAKE_FREQUENCY].info.value.number / FAKE_PARTS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(controls_are_listed_as_the_board_has_them),
		TEST(an_older_board_has_none),
		TEST(controls_are_found_by_what_they_are_for),
		TEST(controls_are_found_by_name),
		TEST(a_list_waits_for_a_slow_driver),
		TEST(a_driver_that_fails_spoils_no_list),
		TEST(a_driver_that_never_comes_back_spoils_no_list),
		TEST(a_list_outlives_the_program_s_board),
		TEST(a_list_tells_what_has_changed),
		TEST(a_control_is_read_and_set),
		TEST(the_board_judges_and_its_sentence_is_the_reason),
		TEST(what_cannot_be_sent_is_refused_here),
		TEST(who_waits_asks_for_no_more_than_the_value),
		TEST(a_driver_that_never_comes_back_is_given_up),
		TEST(a_board_that_is_gone_is_said_to_be),
		TEST(answers_beyond_the_protocol_are_refused),
		TEST(answers_that_are_wrong_while_it_waits_are_refused),
		TEST(a_short_answer_about_changes_is_refused),
		TEST(what_a_newer_board_has_is_an_attribute_of_text),
		TEST(threads_that_tune_are_told_of_their_own_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
