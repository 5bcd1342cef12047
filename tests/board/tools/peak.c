// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peak - where a spectrum is strongest, and how strong it is there and elsewhere
 *
 * peak [-c CHANNELS] [-p PAIR] [-s SKIP] RATE [HZ…] <FILE
 *
 * FILE has scans of CHANNELS samples (default: 2), le:s16/16 each, of which PAIR 0 (the default)
 * are the first two, I and Q, and PAIR 1 the next. RATE is in scans per second. Of those behind the
 * first SKIP (default: 0) the most that are a power of two are taken, from 16 to 65536. Prints
 *
 *   peak HZ DBFS	the frequency, from -RATE/2 on, and the level of the strongest tone
 *   at HZ DBFS		for each HZ: the strongest level within two bins of it
 *   power DBFS		of all samples together
 *   clipped N		how many scans have a sample that is at an end of its range
 *   bin HZ		how far bins are apart
 *
 * where a tone of 0 dBFS has an amplitude of 32768 on I and on Q. The level of a tone is right to
 * 0.1 dB, and its frequency to a tenth of a bin, where no other is within four bins of it. Ends
 * with 1 if there are too few samples.
 */
#include <complex.h>
#include <endian.h>
#include <fftw3.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIZE_MIN     16
#define SIZE_LIMIT   65536
#define CHANNELS_MAX 16

struct options {
	size_t channels;
	size_t pair;
	size_t skip;
	double rate;
};

struct spectrum {
	size_t size;
	double rate;
	float complex *bins;
	double power;
	size_t clipped;
};

static double decibels(double ratio)
{
	return 10 * log10(ratio + 1e-30);
}

/* Blackman and Harris, four terms: what is further off than four bins is below -92 dB. */
static double window_at(size_t i, size_t size)
{
	double x = 2 * M_PI * (double)i / (double)size;

	return 0.35875 - 0.48829 * cos(x) + 0.14128 * cos(2 * x) - 0.01168 * cos(3 * x);
}

/* Reads what there is; returns how many scans, of which those behind the largest power of two are
 * not used. */
static size_t scans_read(const struct options *options, float complex *to, size_t *clipped)
{
	int16_t scan[CHANNELS_MAX];
	size_t count = 0, skipped = 0;

	while (count < SIZE_LIMIT &&
	       fread(scan, sizeof(scan[0]), options->channels, stdin) == options->channels) {
		int16_t i = (int16_t)le16toh((uint16_t)scan[2 * options->pair]);
		int16_t q = (int16_t)le16toh((uint16_t)scan[2 * options->pair + 1]);

		if (skipped++ < options->skip)
			continue;
		*clipped += i == INT16_MIN || i == INT16_MAX || q == INT16_MIN || q == INT16_MAX;
		to[count++] = (float)i / 32768 + (float)q / 32768 * I;
	}

	return count;
}

static bool spectrum_make(struct spectrum *spectrum, const struct options *options)
{
	float complex *samples = fftwf_alloc_complex(SIZE_LIMIT);
	size_t count = scans_read(options, samples, &spectrum->clipped);
	fftwf_plan plan;

	if (count < SIZE_MIN) {
		fprintf(stderr, "peak: %zu samples, but at least %d are needed\n", count, SIZE_MIN);
		fftwf_free(samples);
		return false;
	}
	for (spectrum->size = SIZE_MIN; 2 * spectrum->size <= count;)
		spectrum->size *= 2;
	spectrum->rate = options->rate;
	spectrum->power = 0;
	for (size_t i = 0; i < spectrum->size; i++) {
		double weight = window_at(i, spectrum->size) / 0.35875 / (double)spectrum->size;

		spectrum->power += creal(samples[i] * conj(samples[i])) / (double)spectrum->size;
		samples[i] *= (float)weight;
	}
	plan = fftwf_plan_dft_1d((int)spectrum->size, samples, samples, FFTW_FORWARD,
				 FFTW_ESTIMATE);
	fftwf_execute(plan);
	fftwf_destroy_plan(plan);
	spectrum->bins = samples;

	return true;
}

/* The level of a bin, whose number may be beyond the ends of the spectrum, which is a circle */
static double level_at(const struct spectrum *spectrum, long bin)
{
	float complex value = spectrum->bins[(size_t)bin & (spectrum->size - 1)];

	return decibels(creal(value * conj(value)));
}

/* The top of the parabola through the levels of a bin and its neighbours: how far off the bin it is
 */
static double top_of(const struct spectrum *spectrum, long bin, double *level)
{
	double left = level_at(spectrum, bin - 1), middle = level_at(spectrum, bin);
	double right = level_at(spectrum, bin + 1), bend = left - 2 * middle + right;
	double off = bend < 0 ? (left - right) / (2 * bend) : 0;

	*level = middle - (left - right) * off / 4;

	return off;
}

static long strongest(const struct spectrum *spectrum, long from, long to)
{
	long best = from;

	for (long bin = from; bin <= to; bin++)
		if (level_at(spectrum, bin) > level_at(spectrum, best))
			best = bin;

	return best;
}

static void spectrum_print(const struct spectrum *spectrum, char *const *frequencies)
{
	double width = spectrum->rate / (double)spectrum->size, level, off;
	long half = (long)spectrum->size / 2;
	long bin = strongest(spectrum, -half, half - 1);

	off = top_of(spectrum, bin, &level);
	printf("peak %.2f %.2f\n", ((double)bin + off) * width, level);
	for (; *frequencies; frequencies++) {
		bin = lround(strtod(*frequencies, NULL) / width);
		top_of(spectrum, strongest(spectrum, bin - 2, bin + 2), &level);
		printf("at %s %.2f\n", *frequencies, level);
	}
	printf("power %.2f\nclipped %zu\nbin %.2f\n", decibels(spectrum->power), spectrum->clipped,
	       width);
}

int main(int argc, char **argv)
{
	struct options options = { .channels = 2 };
	struct spectrum spectrum = { 0 };
	int option;

	/* Frequencies may be negative: the rate ends the options. */
	while ((option = getopt(argc, argv, "+c:p:s:")) != -1) {
		size_t value = optarg ? strtoul(optarg, NULL, 10) : 0;

		if (option == 'c')
			options.channels = value;
		else if (option == 'p')
			options.pair = value;
		else if (option == 's')
			options.skip = value;
		else
			return 2;
	}
	if (optind < argc)
		options.rate = strtod(argv[optind++], NULL);
	if (!(options.rate > 0) || options.channels > CHANNELS_MAX ||
	    2 * options.pair + 2 > options.channels) {
		fprintf(stderr, "usage: peak [-c CHANNELS] [-p PAIR] [-s SKIP] RATE [HZ…] <FILE\n");
		return 2;
	}
	if (!spectrum_make(&spectrum, &options))
		return 1;
	spectrum_print(&spectrum, argv + optind);
	fftwf_free(spectrum.bins);

	return 0;
}
