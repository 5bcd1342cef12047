/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * analysis.h - what is seen in a recording: spectrum, spectrogram, levels, the first samples
 *
 * The recording is read once, from its beginning to its end, in windows of one transform each. Time
 * is cut into columns, and each column has a limited number of windows: of a long recording evenly
 * spread parts are looked at, so neither memory nor time grows with its length. No window reaches
 * over a gap, where a tone jumps and would smear over all frequencies.
 */
#ifndef HOST_ANALYSIS_H
#define HOST_ANALYSIS_H

#include "spectrum.h"
#include "timeline.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct sample_file;

/* The largest transform, and at most so many columns and rows of a spectrogram. */
#define ANALYSIS_FFT_MAX     (1U << 20)
#define ANALYSIS_COLUMNS_MAX 540
#define ANALYSIS_ROWS_MAX    128

/**
 * struct analysis_channel - what is seen in one channel
 * @db: the averaged level of each frequency, dBFS
 * @image: the spectrogram, dBFS, one row of columns after the other, from the lowest frequency up;
 *	not a number where there are no samples
 * @peak: the strongest tone
 * @level: level of all that was looked at, relative to a full-scale sine, dBFS
 * @noise: the level that half of the frequencies are below, dBFS
 * @clips: whether a sample has the largest or the smallest value of the format
 * @first: the first samples, as many as struct analysis says
 */
struct analysis_channel {
	float *db;
	float *image;
	struct spectrum_peak peak;
	float level;
	float noise;
	bool clips;
	float complex *first;
};

/**
 * struct analysis - what is seen in a recording
 * @timeline: its stretches
 * @fft_size: samples in a transform
 * @bins: number of frequencies
 * @frequencies: of each, relative to the sample rate
 * @columns: columns of the spectrogram
 * @rows: rows of the spectrogram
 * @windows: transforms that were averaged
 * @first_count: how many of the first samples are kept
 * @channel_count: number of channels
 * @channels: what is seen in each
 */
struct analysis {
	struct timeline timeline;
	size_t fft_size;
	size_t bins;
	float *frequencies;
	size_t columns;
	size_t rows;
	size_t windows;
	size_t first_count;
	unsigned int channel_count;
	struct analysis_channel *channels;
};

/**
 * analysis_choose_fft_size() - choose how many samples a transform has
 * @timeline: the recording
 *
 * Long ones tell frequencies apart, short ones moments; and one must fit into a stretch.
 *
 * Return: a power of two.
 */
size_t analysis_choose_fft_size(const struct timeline *timeline);

/**
 * analysis_new() - look at a recording
 * @file: the recording, which must not be empty
 * @fft_size: samples in a transform; 0: analysis_choose_fft_size()
 * @failure: gets the reason of an error
 * @analysis: gets what is seen; to be given to analysis_free()
 *
 * Return: 0; -EINVAL: no stretch of the recording is as long as @fft_size; or another negative
 * errno.
 */
int analysis_new(struct sample_file *file, size_t fft_size, struct failure *failure,
		 struct analysis **analysis);

/**
 * analysis_free() - release what was seen
 * @analysis: from analysis_new(), or NULL
 */
void analysis_free(struct analysis *analysis);

#endif
