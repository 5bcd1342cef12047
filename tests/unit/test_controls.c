// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a driver says of its attributes, and what it gets. The files are ordinary ones: where each
 * is written it is as long as before, as nothing cuts it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "iio/controls.h"

static char folder[] = "/tmp/iiobridge-controls-XXXXXX";
static struct iio_control control;
static struct error error;

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make(enum iiobridge_role role, enum iiobridge_control_kind kind, const char *value,
		 const char *available)
{
	control = (struct iio_control){
		.info = { .role = (uint8_t)role, .kind = (uint8_t)kind, .name = "x" },
		.device = "phy",
		.attribute = "attr",
	};
	snprintf(control.file, sizeof(control.file), "%s/attr", folder);
	put(control.file, value);
	if (!available)
		return;
	snprintf(control.available, sizeof(control.available), "%s/attr_available", folder);
	put(control.available, available);
}

static int set_number(double number)
{
	const struct iiobridge_control_value value = { .number = (int64_t)(number * 1e6) };

	return iio_control_write(&control, &value, &error);
}

static int set_text(const char *text)
{
	struct iiobridge_control_value value = { 0 };

	snprintf(value.text, sizeof(value.text), "%s", text);
	return iio_control_write(&control, &value, &error);
}

static void file_is(const char *text)
{
	char found[128];

	assert_int_equal(sysfs_read(control.file, found, sizeof(found)), 0);
	assert_string_equal(found, text);
}

static void numbers_are_read_in_the_unit_of_the_role(void **state)
{
	static const struct {
		enum iiobridge_role role;
		const char *text;
		int64_t wanted;
	} values[] = {
		{ IIOBRIDGE_ROLE_FREQUENCY, "2400000000\n", 2400000000000000 },
		{ IIOBRIDGE_ROLE_FREQUENCY, "6000000000\n", 6000000000000000 },
		{ IIOBRIDGE_ROLE_GAIN, "73.000000 dB\n", 73000000 },
		{ IIOBRIDGE_ROLE_GAIN, "-89.750000 dB\n", -89750000 },
		{ IIOBRIDGE_ROLE_RSSI, "90.25 dB\n", 90250000 },
		{ IIOBRIDGE_ROLE_TEMPERATURE, "34211\n", 34211000 },
		{ IIOBRIDGE_ROLE_TEMPERATURE, "-40000\n", -40000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		make(values[i].role, IIOBRIDGE_CONTROL_NUMBER, values[i].text, NULL);
		assert_int_equal(iio_control_read(&control, &error), 0);
		assert_true(control.info.value.number == values[i].wanted);
		assert_false(control.info.has_range);
		assert_int_equal(control.info.choice_count, 0);
	}
}

static void what_is_no_number_is_told(void **state)
{
	static const char *const texts[] = { "", "\n", "dB", "nan", "inf", "1e30", "-9e99" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		make(IIOBRIDGE_ROLE_GAIN, IIOBRIDGE_CONTROL_NUMBER, texts[i], NULL);
		assert_int_equal(iio_control_read(&control, &error), -EINVAL);
		assert_non_null(strstr(error.text, "which is no number"));
	}
}

static void a_range_is_kept(void **state)
{
	(void)state;
	make(IIOBRIDGE_ROLE_GAIN, IIOBRIDGE_CONTROL_NUMBER, "-10.000000 dB",
	     "[-89.750000 0.250000 0.000000]\n");
	assert_int_equal(set_number(-20), 0);
	file_is("-20.000000 dB");
	assert_true(control.info.has_range);
	assert_int_equal(control.info.minimum, -89750000);
	assert_int_equal(control.info.step, 250000);
	assert_int_equal(control.info.maximum, 0);
	assert_int_equal(set_number(-90), -EINVAL);
	assert_non_null(strstr(error.text, "to -90: "));
	assert_non_null(strstr(error.text, "it may be from -89.75 to 0"));
	assert_int_equal(set_number(0.25), -EINVAL);
	file_is("-20.000000 dB");
	assert_int_equal(control.info.value.number, -20000000);
}

static void what_is_no_range_is_none(void **state)
{
	static const char *const texts[] = { "[1 2]", "[", "[]", "[1 2 3 4]", "[a b c]", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		make(IIOBRIDGE_ROLE_BANDWIDTH, IIOBRIDGE_CONTROL_NUMBER, "5", texts[i]);
		assert_int_equal(set_number(7), 0);
		assert_false(control.info.has_range);
		file_is("7");
	}
}

/* A driver of an oscillator takes no fraction. */
static void hertz_are_whole(void **state)
{
	(void)state;
	make(IIOBRIDGE_ROLE_FREQUENCY, IIOBRIDGE_CONTROL_NUMBER, "2400000000", NULL);
	assert_int_equal(set_number(2400000000.7), 0);
	file_is("2400000001");
}

static void a_choice_is_one_of_them(void **state)
{
	(void)state;
	make(IIOBRIDGE_ROLE_GAIN_MODE, IIOBRIDGE_CONTROL_CHOICE, "hybrid\n",
	     "manual fast_attack slow_attack hybrid\n");
	assert_int_equal(set_text("manual"), 0);
	file_is("manual");
	assert_string_equal(control.info.value.text, "manual");
	assert_int_equal(control.info.choice_count, 4);
	assert_int_equal(control.info.choices_size,
			 sizeof("manual fast_attack slow_attack hybrid"));
	assert_int_equal(set_text("Manual"), -EINVAL);
	assert_non_null(strstr(error.text, "to \"Manual\": "));
	assert_non_null(strstr(error.text, "one of: manual, fast_attack, slow_attack, hybrid"));
	assert_int_equal(set_text(""), -EINVAL);
	assert_int_equal(set_number(1), -EINVAL);
	file_is("manual");
}

/* The rates that a driver lists are only told. */
static void numbers_may_have_choices(void **state)
{
	(void)state;
	make(IIOBRIDGE_ROLE_SAMPLE_RATE, IIOBRIDGE_CONTROL_NUMBER, "1000", "1000 2000 4000");
	assert_int_equal(set_number(3000), 0);
	file_is("3000");
	assert_int_equal(control.info.choice_count, 3);
}

static void choices_that_do_not_fit_are_left_out(void **state)
{
	char text[3000] = "", word[80];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	strcat(strcat(text, word), " ");
	for (int i = 0; i < 300; i++) {
		snprintf(word, sizeof(word), "c%04d ", i);
		strcat(text, word);
	}
	make(IIOBRIDGE_ROLE_ANTENNA, IIOBRIDGE_CONTROL_CHOICE, "c0001", text);
	assert_int_equal(iio_control_read(&control, &error), 0);
	assert_int_equal(control.info.choice_count, 1024 / 6);
	assert_int_equal(control.info.choices_size, 1024 / 6 * 6);
	assert_string_equal(control.info.choices, "c0000");
}

static void a_text_is_as_the_driver_takes_it(void **state)
{
	struct iiobridge_control_value value = { 0 };

	(void)state;
	make(IIOBRIDGE_ROLE_ATTRIBUTE, IIOBRIDGE_CONTROL_TEXT, "one two", NULL);
	assert_int_equal(set_text("two one"), 0);
	file_is("two one");
	/* A host need not end it. */
	memset(value.text, 'y', sizeof(value.text));
	assert_int_equal(iio_control_write(&control, &value, &error), 0);
	assert_int_equal(strlen(control.info.value.text), sizeof(value.text) - 1);
}

static void a_device_that_is_away_is_told(void **state)
{
	(void)state;
	make(IIOBRIDGE_ROLE_GAIN, IIOBRIDGE_CONTROL_NUMBER, "1", NULL);
	unlink(control.file);
	assert_int_equal(set_number(1), -ENOENT);
	control.file[0] = '\0';
	assert_int_equal(iio_control_read(&control, &error), -ENODEV);
	assert_non_null(
		strstr(error.text, "IIO device \"phy\" with attribute \"attr\" is not there"));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/attr", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/attr_available", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_the_unit_of_the_role),
		cmocka_unit_test(what_is_no_number_is_told),
		cmocka_unit_test(a_range_is_kept),
		cmocka_unit_test(what_is_no_range_is_none),
		cmocka_unit_test(hertz_are_whole),
		cmocka_unit_test(a_choice_is_one_of_them),
		cmocka_unit_test(numbers_may_have_choices),
		cmocka_unit_test(choices_that_do_not_fit_are_left_out),
		cmocka_unit_test(a_text_is_as_the_driver_takes_it),
		cmocka_unit_test(a_device_that_is_away_is_told),
	};

	return cmocka_run_group_tests_name("controls", tests, make_folder, remove_folder);
}
