/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spectrum.h - averaged spectra, scaled so that a full-scale sine is 0 dBFS
 *
 * The window is the four-term Blackman-Harris one: its side lobes are 92 dB down, below the noise
 * of converters with 16 bits, and its main lobe in dB is close to a parabola, so that a parabola
 * through the three highest bins tells frequency and level of a tone between two bins.
 * See F. J. Harris, "On the Use of Windows for Harmonic Analysis with the Discrete Fourier
 * Transform", Proc. IEEE 66 (1978), no. 1.
 */
#ifndef HOST_VIEW_SPECTRUM_H
#define HOST_VIEW_SPECTRUM_H

#include "chart.h"
#include "host/files/datatype.h"

#include <jansson.h>

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

/* What stands for a power of nothing, dBFS; below all that 32-bit samples hold. */
#define SPECTRUM_FLOOR_DB (-200.0F)

/** struct spectrum - an average of spectra of one channel; opaque */
struct spectrum;

/** struct spectrum_figures - what is seen in a channel; frequencies are relative to its rate */
struct spectrum_figures {
	const float *db; /* level of each bin, dBFS; SPECTRUM_FLOOR_DB when nothing was added */
	size_t bins;
	double lowest; /* frequency of the first bin */
	double bin_width;
	size_t transforms;     /* how many were averaged */
	bool has_peak;	       /* there is a strongest tone; not in zeros */
	double peak_frequency; /* -0.5 to 0.5, or 0 to 0.5 for real samples */
	double peak;	       /* its level, dBFS */
	double level;	       /* of all samples together, to a full-scale sine, dBFS */
	double noise;	       /* the level that half of the bins are below, dBFS */
	bool clips;	       /* a sample has the largest or the smallest value of the format */
};

/**
 * spectrum_new() - make an empty average of transforms of so many samples, at least 1
 *
 * A power of two is fastest. Real samples have only frequencies from 0 up.
 *
 * Return: to be given to spectrum_free(), or NULL when there is no memory.
 */
struct spectrum *spectrum_new(size_t size, bool is_complex);

/** spectrum_free() - release an average; NULL does no harm */
void spectrum_free(struct spectrum *spectrum);

/**
 * spectrum_add() - transform samples, and add their power to the average
 *
 * Return: the power of each bin in these samples alone, 1 being full scale; valid until the next
 * call.
 */
const float *spectrum_add(struct spectrum *spectrum, const float complex *samples);

/** spectrum_add_channel() - the same with one channel of samples in memory; NULL: there is none */
const float *spectrum_add_channel(struct spectrum *spectrum, const struct datatype_layout *layout,
				  unsigned int channel, const void *samples);

/** spectrum_clear() - begin the average anew */
void spectrum_clear(struct spectrum *spectrum);

/** spectrum_look() - what is seen in all samples that were added; valid until the next call */
void spectrum_look(struct spectrum *spectrum, struct spectrum_figures *figures);

/** spectrum_db() - dBFS of a power of which 1 is full scale, at least %SPECTRUM_FLOOR_DB */
float spectrum_db(float power);

/**
 * spectrum_format_peak() - the frequency of the peak, to a tenth of a bin; returns @text
 *
 * Where the sample rate is not known, 0, it is relative to that.
 */
const char *spectrum_format_peak(const struct spectrum_figures *figures, double sample_rate,
				 char text[CHART_VALUE_SIZE]);

/** spectrum_describe() - what programs are told of a channel; NULL: no memory */
json_t *spectrum_describe(const struct spectrum_figures *figures, double sample_rate);

#endif
