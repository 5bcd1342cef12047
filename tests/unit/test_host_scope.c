// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The live spectrum: what its characters show, and what becomes of the samples.
 */
#include "host/view/scope.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BINS 2048

static float db[BINS];

static struct scope_view view;
static char *picture;
static const char *lines[200];
static size_t line_count;

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < BINS; i++)
		db[i] = -90;
	view = (struct scope_view){
		.route = "rx",
		.device = "adc",
		.sample_rate = 2.5e6,
		.channels = 1,
		.figures = {
			.db = db,
			.bins = BINS,
			.lowest = -0.5,
			.bin_width = 1.0 / BINS,
			.has_peak = true,
			.peak_frequency = 0.1,
			.peak = -6,
			.level = -5.9,
			.noise = -90,
		},
		.seconds = 2,
		.mib_per_s = 5,
		.losses_known = true,
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(picture);
	picture = NULL;
	return 0;
}

static void draw(size_t columns, size_t rows)
{
	free(picture);
	picture = scope_format(&view, columns, rows);
	assert_non_null(picture);
	line_count = 0;
	for (char *at = strtok(picture, "\n"); at; at = strtok(NULL, "\n"))
		lines[line_count++] = at;
}

static bool begins_character(char byte)
{
	return (byte & 0xc0) != 0x80;
}

static size_t width_of(const char *line)
{
	size_t width = 0;

	for (; *line; line++)
		width += begins_character(*line);
	return width;
}

/* The character of a column. */
static const char *character(const char *line, size_t column)
{
	for (; *line; line++) {
		if (!begins_character(*line))
			continue;
		if (column-- == 0)
			break;
	}
	return line;
}

static void assert_character(size_t row, size_t column, const char *wanted)
{
	const char *found = character(lines[row], column);

	if (strncmp(found, wanted, strlen(wanted)) != 0)
		fail_msg("row %zu, column %zu: \"%.4s\" instead of \"%s\"", row, column, found,
			 wanted);
}

static void a_picture_fits_the_window(void **state)
{
	(void)state;
	for (size_t columns = 1; columns < 150; columns += 7) {
		for (size_t rows = 1; rows < 70; rows += 3) {
			draw(columns, rows);
			assert_true(line_count <= rows);
			for (size_t i = 0; i < line_count; i++)
				assert_true(width_of(lines[i]) <= columns);
		}
	}
	draw(80, 24);
	assert_int_equal(line_count, 24);
}

static void the_first_lines_say_how_it_goes(void **state)
{
	(void)state;
	draw(80, 24);
	assert_string_equal(lines[0], "rx: adc, 2.5 MS/s   q: quit");
	assert_string_equal(lines[1], "2 s, 5.0 MiB/s, gaps 0, lost 0 samples");
	assert_string_equal(lines[2], "peak 250.0 kHz, -6.0 dBFS; all -5.9 dBFS; noise -90.0 dBFS");
	view.statistics.gaps = 3;
	view.statistics.samples_lost = 70;
	view.statistics.estimated = true;
	view.channel = 1;
	view.channels = 2;
	view.figures.clips = true;
	view.sample_rate = 0;
	draw(80, 24);
	assert_string_equal(lines[0],
			    "rx: adc, unknown sample rate, channel 1 of 2 (c: next)   q: quit");
	assert_string_equal(lines[1], "2 s, 5.0 MiB/s, GAPS 3, lost about 70 samples");
	assert_non_null(strstr(lines[2], "peak 0.1000"));
	assert_non_null(strstr(lines[2], "; FULL SCALE"));
	view.figures.has_peak = false;
	view.losses_known = false;
	draw(80, 24);
	assert_string_equal(lines[1], "2 s, 5.0 MiB/s, gaps not yet known");
	assert_string_equal(lines[2], "all samples are 0");
}

static void a_radio_has_a_line_of_its_own(void **state)
{
	(void)state;
	view.radio = "frequency 2.4 GHz";
	draw(80, 24);
	assert_int_equal(line_count, 24);
	assert_string_equal(lines[3], "frequency 2.4 GHz");
	draw(80, 3);
	assert_int_equal(line_count, 3);
	view.radio = "";
	draw(80, 24);
	assert_int_equal(line_count, 24);
	assert_null(strstr(lines[3], "GHz"));
}

/* 120 dB on 24 lines, 5 dB each: a tone, and noise. */
static void levels_are_heights(void **state)
{
	(void)state;
	db[BINS / 2] = -2.5F;
	db[0] = 10;
	draw(6 + 64, 3 + 24 + 2);
	assert_character(3, 6, "█");
	assert_character(3, 6 + 31, " ");
	assert_character(3, 6 + 32, "▄");
	assert_character(3, 6 + 33, " ");
	assert_character(4, 6 + 32, "█");
	/* -90 dBFS is 30 dB above the lower end. */
	assert_character(3 + 17, 6 + 10, " ");
	assert_character(3 + 18, 6 + 10, "█");
	assert_character(3 + 23, 6 + 10, "█");
}

static void the_axes_have_values(void **state)
{
	(void)state;
	draw(80, 29);
	assert_memory_equal(lines[3], "   0 ┤", strlen("   0 ┤"));
	assert_memory_equal(lines[27], "-120 └", strlen("-120 └"));
	assert_non_null(strstr(lines[28], "-1.0"));
	assert_non_null(strstr(lines[28], " 0.0 "));
	assert_non_null(strstr(lines[28], " MHz"));
	/* Frequency 0 is in the middle. */
	assert_character(27, 6 + 37, "┴");
	assert_character(28, 6 + 37, ".");
}

static void a_window_that_is_too_small_has_the_words(void **state)
{
	(void)state;
	draw(80, 7);
	assert_int_equal(line_count, 3);
	draw(20, 24);
	assert_int_equal(line_count, 3);
	assert_string_equal(lines[0], "rx: adc, 2.5 MS/s   ");
	draw(80, 1);
	assert_int_equal(line_count, 1);
}

/* Samples, in pieces of any size, of two channels. */
static void samples_become_a_spectrum(void **state)
{
	const struct datatype_layout format = {
		.datatype = { .kind = DATATYPE_SIGNED, .bits = 16 },
		.channels = 2,
		.valid_bits = 12,
		.shift = 4,
	};
	struct scope *scope = scope_new(&format);
	static int16_t scans[100000][2];

	(void)state;
	assert_non_null(scope);
	for (size_t i = 0; i < 100000; i++) {
		scans[i][0] = (int16_t)(lround(1024 * sin(0.2 * M_PI * (double)i)) * 16);
		scans[i][1] = (int16_t)(lround(2047 * sin(0.5 * M_PI * (double)i)) * 16);
	}
	assert_false(scope_has_seen(scope));
	for (size_t i = 0; i + 1000 <= 100000; i += 1000)
		scope_take(scope, (const uint8_t *)scans[i], 4000);
	assert_true(scope_is_full(scope));
	scope_look(scope, &view);
	assert_float_equal(view.figures.peak_frequency, 0.1, 1e-4);
	assert_float_equal(view.figures.peak, -6.02, 0.1);
	assert_float_equal(view.figures.level, -6.02, 0.1);
	assert_true(view.figures.lowest == 0);
	assert_false(view.figures.clips);
	scope_next_channel(scope);
	assert_false(scope_has_seen(scope));
	scope_take(scope, (const uint8_t *)scans, sizeof(scans));
	scope_look(scope, &view);
	assert_int_equal(view.channel, 1);
	assert_float_equal(view.figures.peak_frequency, 0.25, 1e-4);
	assert_float_equal(view.figures.peak, 0, 0.1);
	assert_true(view.figures.clips);
	scope_next_channel(scope);
	scope_take(scope, (const uint8_t *)scans, sizeof(scans));
	scope_look(scope, &view);
	assert_int_equal(view.channel, 0);
	scope_free(scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_picture_fits_the_window, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_lines_say_how_it_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_radio_has_a_line_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(levels_are_heights, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_axes_have_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_window_that_is_too_small_has_the_words, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(samples_become_a_spectrum, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
