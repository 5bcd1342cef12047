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
#ifndef HOST_SPECTRUM_H
#define HOST_SPECTRUM_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

/* What stands for a power of nothing, dBFS; below all that 32-bit samples hold. */
#define SPECTRUM_FLOOR_DB (-200.0F)

/** struct spectrum - an average of spectra; opaque */
struct spectrum;

/**
 * struct spectrum_peak - the strongest tone
 * @exists: whether there is one; not in zeros
 * @frequency: relative to the sample rate: -0.5 to 0.5, or 0 to 0.5 for real samples
 * @dbfs: its level
 */
struct spectrum_peak {
	bool exists;
	float frequency;
	float dbfs;
};

/**
 * spectrum_new() - make an empty average
 * @size: samples in a transform, at least 1; a power of two is fastest
 * @is_complex: whether the samples are; those of real ones have only frequencies from 0 up
 *
 * Return: to be given to spectrum_free(), or NULL when there is no memory.
 */
struct spectrum *spectrum_new(size_t size, bool is_complex);

/**
 * spectrum_free() - release an average
 * @spectrum: from spectrum_new(), or NULL
 */
void spectrum_free(struct spectrum *spectrum);

/**
 * spectrum_bins() - number of frequencies
 * @spectrum: the average
 *
 * Return: the number: @size of spectrum_new(), or for real samples half of it and one.
 */
size_t spectrum_bins(const struct spectrum *spectrum);

/**
 * spectrum_frequency() - the frequency of a bin
 * @spectrum: the average
 * @bin: its number, from the lowest frequency up
 *
 * Return: relative to the sample rate.
 */
float spectrum_frequency(const struct spectrum *spectrum, size_t bin);

/**
 * spectrum_add() - transform samples, and add their power to the average
 * @spectrum: the average
 * @samples: as many as spectrum_new() was told
 *
 * Return: the power of each bin in these samples alone, 1 being full scale; valid until the next
 * call.
 */
const float *spectrum_add(struct spectrum *spectrum, const float complex *samples);

/**
 * spectrum_clear() - begin the average anew
 * @spectrum: the average
 */
void spectrum_clear(struct spectrum *spectrum);

/**
 * spectrum_db() - power in dBFS
 * @power: 1 is full scale
 *
 * Return: dBFS, at least %SPECTRUM_FLOOR_DB.
 */
float spectrum_db(float power);

/**
 * spectrum_get() - the average of the powers that were added
 * @spectrum: the average
 * @db: gets the level of each bin, dBFS; %SPECTRUM_FLOOR_DB when nothing was added
 */
void spectrum_get(const struct spectrum *spectrum, float *db);

/**
 * spectrum_level() - the level of all samples that were added
 * @spectrum: the average
 *
 * Return: relative to a full-scale sine, dBFS; %SPECTRUM_FLOOR_DB when nothing was added.
 */
float spectrum_level(const struct spectrum *spectrum);

/**
 * spectrum_find_peak() - find the strongest tone of a spectrum
 * @spectrum: whose bins they are
 * @db: from spectrum_get()
 * @peak: gets it
 */
void spectrum_find_peak(const struct spectrum *spectrum, const float *db,
			struct spectrum_peak *peak);

/**
 * spectrum_median() - the level that half of the bins are below, which is that of the noise
 * @db: levels, dBFS
 * @count: their number, at least 1
 *
 * Return: dBFS; %SPECTRUM_FLOOR_DB when there is no memory.
 */
float spectrum_median(const float *db, size_t count);

#endif
