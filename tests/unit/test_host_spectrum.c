// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Levels and frequencies: what a tone is in the samples, it is in the spectrum.
 */
#include "host/files/datatype.h"
#include "host/view/spectrum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 1024

static float complex samples[SIZE];
static float db[SIZE];
static struct spectrum_figures figures;

/* A tone of a frequency in bins, and so far off a bin as it has a fraction. */
static void make_tone(double bins, double amplitude, bool is_complex)
{
	for (size_t i = 0; i < SIZE; i++) {
		const double phase = 2 * M_PI * bins * (double)i / SIZE;

		samples[i] = CMPLXF((float)(amplitude * cos(phase)),
				    is_complex ? (float)(amplitude * sin(phase)) : 0);
	}
}

static void look(struct spectrum *spectrum)
{
	spectrum_look(spectrum, &figures);
	memcpy(db, figures.db, figures.bins * sizeof(*db));
}

static void find(bool is_complex)
{
	struct spectrum *spectrum = spectrum_new(SIZE, is_complex);

	assert_non_null(spectrum);
	spectrum_add(spectrum, samples);
	look(spectrum);
	spectrum_free(spectrum);
}

static void a_full_scale_sine_is_0_dbfs_wherever_it_is(void **state)
{
	(void)state;
	for (int complex_samples = 0; complex_samples <= 1; complex_samples++) {
		for (double bins = 40; bins < 43; bins += 0.05) {

			make_tone(bins, 1, complex_samples);
			find(complex_samples);
			assert_true(figures.has_peak);
			if (fabs(figures.peak) > 0.1)
				fail_msg("%f dBFS at %f bins", figures.peak, bins);
			if (fabs(figures.peak_frequency * SIZE - bins) > 0.1)
				fail_msg("%f instead of %f bins", figures.peak_frequency * SIZE,
					 bins);
		}
	}
}

static void levels_are_in_decibels(void **state)
{

	(void)state;
	make_tone(100.3, 0.001, true);
	find(true);
	assert_float_equal(figures.peak, -60, 0.1);
	make_tone(100.3, 0.5, false);
	find(false);
	assert_float_equal(figures.peak, -6.02, 0.1);
}

static void frequencies_are_from_low_to_high(void **state)
{

	(void)state;
	make_tone(-200, 1, true);
	find(true);
	assert_float_equal(figures.peak_frequency, -200.0 / SIZE, 1e-4);
	assert_float_equal(db[SIZE / 2 - 200], 0, 0.01);
	assert_true(db[SIZE / 2 + 200] < -90);
	/* A real tone has no sign. */
	make_tone(-200, 1, false);
	find(false);
	assert_float_equal(figures.peak_frequency, 200.0 / SIZE, 1e-4);
	/* The ends of the spectrum touch. */
	make_tone(SIZE / 2 + 0.3, 1, true);
	find(true);
	assert_float_equal(fabs(figures.peak_frequency), 0.5, 0.5 / SIZE);
	assert_float_equal(figures.peak, 0, 0.1);
}

static void side_lobes_are_below_the_noise_of_16_bits(void **state)
{

	(void)state;
	make_tone(100.5, 1, true);
	find(true);
	for (size_t i = 0; i < SIZE; i++)
		if (fabs((double)i - SIZE / 2.0 - 100.5) > 5)
			assert_true(db[i] < -91);
}

/* The mean of powers, not of levels: half the time a tone is there, it has half the power. */
static void powers_are_averaged(void **state)
{
	struct spectrum *spectrum = spectrum_new(SIZE, true);

	(void)state;
	assert_non_null(spectrum);
	make_tone(64, 1, true);
	spectrum_add(spectrum, samples);
	memset(samples, 0, sizeof(samples));
	assert_true(spectrum_add(spectrum, samples)[SIZE / 2 + 64] < 1e-12F);
	look(spectrum);
	assert_float_equal(db[SIZE / 2 + 64], -3.01, 0.01);
	spectrum_clear(spectrum);
	look(spectrum);
	assert_float_equal(db[SIZE / 2 + 64], SPECTRUM_FLOOR_DB, 0);
	spectrum_free(spectrum);
}

/* A full-scale sine is the measure, complex or real; silence takes 3 dB where it is half of all. */
static void the_level_is_that_of_all_samples(void **state)
{
	(void)state;
	for (int complex_samples = 0; complex_samples <= 1; complex_samples++) {
		struct spectrum *spectrum = spectrum_new(SIZE, complex_samples);

		assert_non_null(spectrum);
		look(spectrum);
		assert_float_equal(figures.level, SPECTRUM_FLOOR_DB, 0);
		make_tone(64, 1, complex_samples);
		spectrum_add(spectrum, samples);
		look(spectrum);
		assert_float_equal(figures.level, 0, 0.001);
		memset(samples, 0, sizeof(samples));
		spectrum_add(spectrum, samples);
		look(spectrum);
		assert_float_equal(figures.level, -3.01, 0.01);
		spectrum_clear(spectrum);
		spectrum_add(spectrum, samples);
		look(spectrum);
		assert_float_equal(figures.level, SPECTRUM_FLOOR_DB, 0);
		spectrum_free(spectrum);
	}
}

static void noise_keeps_its_power(void **state)
{
	struct spectrum *spectrum = spectrum_new(SIZE, true);

	(void)state;
	assert_non_null(spectrum);
	srand(1);
	for (int k = 0; k < 200; k++) {
		for (size_t i = 0; i < SIZE; i++)
			samples[i] = CMPLXF((float)rand() / (float)RAND_MAX - 0.5F,
					    (float)rand() / (float)RAND_MAX - 0.5F);
		spectrum_add(spectrum, samples);
	}
	look(spectrum);
	spectrum_free(spectrum);
	/* Two uniform parts have a power of 2/12; a bin gets 1/SIZE, times 2.004 of the window. */
	assert_float_equal(figures.noise, 10 * log10(2.0 / 12 / SIZE * 2.004), 0.2);
}

static void zeros_have_no_peak(void **state)
{

	(void)state;
	memset(samples, 0, sizeof(samples));
	find(true);
	assert_false(figures.has_peak);
	find(false);
	assert_false(figures.has_peak);
}

static void few_samples_have_a_spectrum_too(void **state)
{
	(void)state;
	for (size_t size = 1; size <= 5; size++) {
		for (int complex_samples = 0; complex_samples <= 1; complex_samples++) {
			struct spectrum *spectrum = spectrum_new(size, complex_samples);

			assert_non_null(spectrum);
			make_tone(0, 1, complex_samples);
			spectrum_add(spectrum, samples);
			look(spectrum);
			assert_true(figures.has_peak);
			spectrum_free(spectrum);
		}
	}
}

/* Formats: bytes, channel, I and Q. */

static void convert(const char *datatype, unsigned int channels, unsigned int bits,
		    unsigned int shift, unsigned int channel, const void *bytes)
{
	struct datatype_layout format = {
		.channels = channels,
		.valid_bits = bits,
		.shift = shift,
	};

	assert_int_equal(datatype_parse(datatype, &format.datatype), 0);
	samples_convert(&format, channel, bytes, 1, samples);
}

static void assert_sample(double re, double im)
{
	assert_float_equal(crealf(samples[0]), re, 1e-6);
	assert_float_equal(cimagf(samples[0]), im, 1e-6);
}

static void samples_are_relative_to_full_scale(void **state)
{
	const float floats[] = { 0.25F, -0.75F };
	const double wide[] = { 0.5 };

	(void)state;
	convert("ci16_le", 1, 0, 0, 0, "\x00\x40\x00\x80");
	assert_sample(0.5, -1);
	convert("ci16_be", 1, 0, 0, 0, "\x40\x00\xc0\x00");
	assert_sample(0.5, -0.5);
	convert("ri8", 3, 0, 0, 1, "\x00\x40\x01");
	assert_sample(0.5, 0);
	convert("cu8", 1, 0, 0, 0, "\x80\x00");
	assert_sample(0, -1);
	convert("ri32_le", 1, 0, 0, 0, "\x00\x00\x00\xc0");
	assert_sample(-0.5, 0);
	convert("ru32_be", 1, 0, 0, 0, "\xc0\x00\x00\x00");
	assert_sample(0.5, 0);
	convert("ci16_le", 2, 0, 0, 1, "\0\0\0\0\x00\x20\x00\xe0");
	assert_sample(0.25, -0.25);
	/* 12 bits, below 4 that do not count, and above 4 that are no sign. */
	convert("ri16_le", 1, 12, 4, 0, "\x0f\xc0");
	assert_sample(-0.5, 0);
	convert("ri16_le", 1, 12, 0, 0, "\x00\x04");
	assert_sample(0.5, 0);
	if (*(const uint8_t *)&(const uint16_t){ 1 } == 1) {
		convert("cf32_le", 1, 0, 0, 0, floats);
		assert_sample(0.25, -0.75);
		convert("rf64_le", 1, 0, 0, 0, wide);
		assert_sample(0.5, 0);
	}
}

static bool clips(const char *bytes)
{
	const struct datatype_layout format = {
		.datatype = { .kind = DATATYPE_SIGNED, .bits = 16 },
		.channels = 1,
	};

	samples_convert(&format, 0, bytes, 1, samples);
	return samples_at_full_scale(&format, samples, 1);
}

static void full_scale_is_noticed(void **state)
{
	(void)state;
	assert_true(clips("\xff\x7f"));
	assert_true(clips("\x00\x80"));
	assert_false(clips("\xfe\x7f"));
	assert_false(clips("\x01\x80"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_scale_sine_is_0_dbfs_wherever_it_is),
		cmocka_unit_test(levels_are_in_decibels),
		cmocka_unit_test(frequencies_are_from_low_to_high),
		cmocka_unit_test(side_lobes_are_below_the_noise_of_16_bits),
		cmocka_unit_test(powers_are_averaged),
		cmocka_unit_test(the_level_is_that_of_all_samples),
		cmocka_unit_test(noise_keeps_its_power),
		cmocka_unit_test(zeros_have_no_peak),
		cmocka_unit_test(few_samples_have_a_spectrum_too),
		cmocka_unit_test(samples_are_relative_to_full_scale),
		cmocka_unit_test(full_scale_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
