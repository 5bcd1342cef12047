// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a picture is made of: ticks, colours, traces, times.
 */
#include "host/files/gaps.h"
#include "host/view/chart.h"
#include "host/view/histogram.h"
#include "host/view/picture.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void ticks_are(double low, double high, size_t most, const char *wanted)
{
	const struct axis axis = { low, high, .scale = 1, .prefix = true, .most = most };
	char all[512] = "", text[CHART_VALUE_SIZE];
	struct ticks ticks;
	size_t used = 0;

	ticks_choose(&axis, &ticks);
	for (size_t i = 0; i < ticks.count; i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? " " : "",
					 ticks_format(&ticks, i, text));
	snprintf(all + used, sizeof(all) - used, " %s", ticks.prefix);
	assert_string_equal(all, wanted);
}

static void ticks_are_round_numbers(void **state)
{
	(void)state;
	ticks_are(-1.25e6, 1.25e6, 6, "-1.0 -0.5 0.0 0.5 1.0 M");
	ticks_are(-1.25e6, 1.25e6, 13,
		  "-1.2 -1.0 -0.8 -0.6 -0.4 -0.2 0.0 0.2 0.4 0.6 0.8 1.0 1.2 M");
	ticks_are(0, 3, 7, "0.0 0.5 1.0 1.5 2.0 2.5 3.0 ");
	ticks_are(0, 3, 5, "0 1 2 3 ");
	ticks_are(0, 4e-6, 5, "0 1 2 3 4 µ");
	ticks_are(-120, 10, 8, "-120 -100 -80 -60 -40 -20 0 ");
	ticks_are(0, 99.6e-6, 11, "0 10 20 30 40 50 60 70 80 90 µ");
	ticks_are(0, 1e9, 3, "0.0 0.5 1.0 G");
	ticks_are(0, 0.3, 4, "0 100 200 300 m");
}

static void there_are_never_more_ticks_than_fit(void **state)
{
	(void)state;
	for (double high = 1e-9; high < 1e12; high *= 1.37) {
		for (size_t most = 2; most < 20; most++) {
			const struct axis axis = { -high / 3, high, .scale = 1, .most = most };
			struct ticks ticks;

			ticks_choose(&axis, &ticks);
			if (ticks.count > most || ticks.count == 0)
				fail_msg("%zu ticks of %zu up to %g", ticks.count, most, high);
			assert_true(ticks_value(&ticks, 0) >= -high / 3 * 1.0001);
			assert_true(ticks_value(&ticks, ticks.count - 1) <= high * 1.0001);
		}
	}
}

static void values_have_the_digits_that_matter(void **state)
{
	char text[CHART_VALUE_SIZE];

	(void)state;
	assert_string_equal(quantity_format(250012.3, 30, "Hz", text), "250.01 kHz");
	assert_string_equal(quantity_format(-1e6, 1e3, "Hz", text), "-1.000 MHz");
	assert_string_equal(quantity_format(999999.9999, 1e3, "Hz", text), "1.000 MHz");
	assert_string_equal(quantity_format(0, 10, "Hz", text), "0 Hz");
	assert_string_equal(quantity_format(-1e-9, 10, "Hz", text), "0 nHz");
	assert_string_equal(quantity_format(2.5e6, 0, "S/s", text), "2.5 MS/s");
	assert_string_equal(quantity_format(30720000, 0, "S/s", text), "30.72 MS/s");
	assert_string_equal(quantity_format(0.1, 1e-4, "", text), "0.1000");
}

static double luminance(uint32_t rgb)
{
	const double weights[] = { 0.0722, 0.7152, 0.2126 };
	double sum = 0;

	for (int i = 0; i < 3; i++)
		sum += weights[i] * pow((rgb >> (8 * i) & 0xff) / 255.0, 2.2);
	return sum;
}

static void stronger_is_lighter(void **state)
{
	double before = -1;

	(void)state;
	for (int i = 0; i <= 256; i++) {
		const double now = luminance(chart_heat_colour((float)i / 256));

		if (i % 4 == 0 && now <= before)
			fail_msg("%d/256 is not lighter than what is weaker", i);
		if (i % 4 == 0)
			before = now;
	}
	assert_true(luminance(chart_heat_colour(0)) < 0.01);
	assert_true(luminance(chart_heat_colour(1)) > 0.8);
}

static void colours_beyond_the_ends_are_those_of_the_ends(void **state)
{
	(void)state;
	assert_int_equal(chart_heat_colour(-1), chart_heat_colour(0));
	assert_int_equal(chart_heat_colour(1.5F), chart_heat_colour(1));
	assert_int_equal(chart_heat_colour(NAN), chart_heat_colour(0));
}

static void a_trace_shows_the_shortest_spike(void **state)
{
	float values[10000] = { 0 };
	struct span spans[100];

	(void)state;
	values[4321] = 1;
	values[9999] = -1;
	spans_fill(values, 1, 10000, spans, 100);
	assert_float_equal(spans[43].high, 1, 0);
	assert_float_equal(spans[42].high, 0, 0);
	assert_float_equal(spans[44].high, 0, 0);
	assert_float_equal(spans[99].low, -1, 0);
	assert_float_equal(spans[98].low, 0, 0);
}

static void a_trace_is_a_line_without_holes(void **state)
{
	float values[2 * 500];
	struct span spans[250];

	(void)state;
	for (int i = 0; i < 500; i++) {
		values[2 * i] = (float)i;
		values[2 * i + 1] = -1000;
	}
	spans_fill(values, 2, 500, spans, 250);
	assert_float_equal(spans[0].low, 0, 0);
	for (int i = 1; i < 250; i++)
		assert_float_equal(spans[i].low, spans[i - 1].high, 0);
	spans_fill(values, 2, 500, spans, 1);
	assert_float_equal(spans[0].high, 499, 0);
}

static void so_much_is_drawn_that_periods_are_seen(void **state)
{
	(void)state;
	assert_int_equal(panels_trace_length(1000000, 0.1, 2.5e6), 250);
	assert_int_equal(panels_trace_length(1000000, -0.1, 2.5e6), 250);
	/* Five milliseconds at most, but never less than some samples. */
	assert_int_equal(panels_trace_length(1000000, 0, 1e6), 5000);
	assert_int_equal(panels_trace_length(1000000, 0.0000001, 1e6), 5000);
	assert_int_equal(panels_trace_length(1000000, 0.001, 1e6), 5000);
	assert_int_equal(panels_trace_length(1000000, 0.5, 1e6), 100);
	assert_int_equal(panels_trace_length(1000000, 0, 1000), 100);
	assert_int_equal(panels_trace_length(10, 0.1, 1e6), 10);
	assert_int_equal(panels_trace_length(1000000, 0, 0), 20000);
}

/* Time: 1000 samples, of which 100 are missing before sample 200 and 50 before sample 700. */

static struct timeline timeline;

static int set_up(void **state)
{
	struct gaps gaps = { 0 };
	int r;

	(void)state;
	gaps_add(&gaps, 200, 100);
	gaps_add(&gaps, 700, 50);
	gaps_add(&gaps, 1000, 7);
	r = timeline_make(1000, &gaps, &timeline);
	gaps_clear(&gaps);
	return r;
}

static int tear_down(void **state)
{
	(void)state;
	timeline_clear(&timeline);
	return 0;
}

static void gaps_cut_a_recording_into_stretches(void **state)
{
	(void)state;
	assert_int_equal(timeline.count, 3);
	assert_int_equal(timeline.stretches[0].count, 200);
	assert_int_equal(timeline.stretches[1].first, 200);
	assert_int_equal(timeline.stretches[1].at, 300);
	assert_int_equal(timeline.stretches[1].count, 500);
	assert_int_equal(timeline.stretches[2].first, 700);
	assert_int_equal(timeline.stretches[2].at, 850);
	assert_int_equal(timeline.stretches[2].count, 300);
	assert_int_equal(timeline.end, 1150);
	assert_int_equal(timeline.lost, 150);
	assert_int_equal(timeline_longest(&timeline), 500);
}

static void windows_do_not_reach_over_gaps(void **state)
{
	uint64_t first = 99;

	(void)state;
	/* In the middle of a stretch, at its ends, and in a gap. */
	assert_int_equal(timeline_window(&timeline, 500, 520, 100, &first), 0);
	assert_int_equal(first, 360);
	assert_int_equal(timeline_window(&timeline, 0, 10, 100, &first), 0);
	assert_int_equal(first, 0);
	assert_int_equal(timeline_window(&timeline, 790, 798, 100, &first), 0);
	assert_int_equal(first, 600);
	assert_int_equal(timeline_window(&timeline, 1140, 1150, 100, &first), 0);
	assert_int_equal(first, 900);
	assert_int_equal(timeline_window(&timeline, 210, 290, 100, &first), -ENODATA);
	/* The middle is in a gap, or in a stretch that is too short, but the span is longer. */
	assert_int_equal(timeline_window(&timeline, 190, 310, 100, &first), 0);
	assert_int_equal(first, 100);
	assert_int_equal(timeline_window(&timeline, 0, 350, 300, &first), 0);
	assert_int_equal(first, 200);
	assert_int_equal(timeline_window(&timeline, 0, 1150, 501, &first), -ENODATA);
}

static void gaps_at_one_place_are_one(void **state)
{
	struct gaps gaps = { 0 };
	struct timeline other;

	(void)state;
	gaps_add(&gaps, 0, 5);
	gaps_add(&gaps, 10, 1);
	gaps_add(&gaps, 10, 2);
	gaps_add(&gaps, 20, 0);
	assert_int_equal(timeline_make(30, &gaps, &other), 0);
	assert_int_equal(other.count, 3);
	assert_int_equal(other.stretches[0].at, 5);
	assert_int_equal(other.stretches[1].at, 18);
	assert_int_equal(other.stretches[2].at, 28);
	assert_int_equal(other.end, 38);
	timeline_clear(&other);
	gaps_add(&gaps, 21, UINT64_MAX - 10);
	assert_int_equal(timeline_make(30, &gaps, &other), -ERANGE);
	assert_int_equal(timeline_make(0, &gaps, &other), 0);
	assert_int_equal(other.end, 0);
	gaps_clear(&gaps);
}

/* 1000 values from 0.20 to 0.50, but for the last, which is far away. */
static void bins_are_round_and_hold_all_values(void **state)
{
	double values[1000];
	struct histogram histogram;
	size_t sum = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		values[i] = 0.2 + 0.3 * i / 1000;
	values[999] = 100;
	histogram_fill(&histogram, values, 1000, 16);
	assert_float_equal(histogram.step, 0.02, 1e-9);
	assert_float_equal(histogram.low, 0.2, 1e-9);
	assert_int_equal(histogram.bins, 15);
	assert_int_equal(histogram.beyond, 1);
	for (size_t i = 0; i < histogram.bins; i++)
		sum += histogram.counts[i];
	assert_int_equal(sum, 999);
	/* What is the edge of a bin is in it. */
	histogram_fill(&histogram, (const double[]){ 0, 1, 2, 3 }, 4, 4);
	assert_int_equal(histogram.bins, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(histogram.counts[i], 1);
	/* All values are the same, or there is one. */
	histogram_fill(&histogram, (const double[]){ 5, 5 }, 2, 10);
	assert_int_equal(histogram.counts[0] + histogram.beyond, 2);
	histogram_fill(&histogram, (const double[]){ 0 }, 1, 1);
	assert_int_equal(histogram.bins, 1);
	histogram_fill(&histogram, (const double[]){ -1.5, -0.5 }, 2, 2);
	assert_int_equal(histogram.counts[0], 1);
}

static void a_histogram_is_bars(void **state)
{
	static const double values[] = { 1, 2, 2 };
	char text[512];
	FILE *file = fmemopen(text, sizeof(text), "w");
	struct histogram histogram;

	(void)state;
	histogram_fill(&histogram, values, 3, 2);
	histogram.beyond = 4;
	histogram_print(&histogram, file);
	fclose(file);
	assert_string_equal(text, "        1 to         2        1  #########################\n"
				  "        2 to         3        2  "
				  "##################################################\n"
				  "        3 or more          4\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_are_round_numbers),
		cmocka_unit_test(there_are_never_more_ticks_than_fit),
		cmocka_unit_test(bins_are_round_and_hold_all_values),
		cmocka_unit_test(a_histogram_is_bars),
		cmocka_unit_test(values_have_the_digits_that_matter),
		cmocka_unit_test(stronger_is_lighter),
		cmocka_unit_test(colours_beyond_the_ends_are_those_of_the_ends),
		cmocka_unit_test(a_trace_shows_the_shortest_spike),
		cmocka_unit_test(a_trace_is_a_line_without_holes),
		cmocka_unit_test(so_much_is_drawn_that_periods_are_seen),
		cmocka_unit_test_setup_teardown(gaps_cut_a_recording_into_stretches, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(windows_do_not_reach_over_gaps, set_up, tear_down),
		cmocka_unit_test(gaps_at_one_place_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
