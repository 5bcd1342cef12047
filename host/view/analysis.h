/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * analysis.h - what is seen in a recording: spectrum, spectrogram, levels, the first samples
 *
 * The recording is read once, from its beginning to its end, in windows of one transform each. Time
 * is cut into columns, and each column has a limited number of windows: of a long recording evenly
 * spread parts are looked at, so neither memory nor time grows with its length. No window reaches
 * over a gap, where a tone jumps and would smear over all frequencies.
 */
#ifndef HOST_VIEW_ANALYSIS_H
#define HOST_VIEW_ANALYSIS_H

#include "host/files/gaps.h"
#include "spectrum.h"

#include <complex.h>
#include <stddef.h>

struct failure;
struct sample_file;

/* The largest transform, and at most so many columns and rows of a spectrogram. */
#define ANALYSIS_FFT_MAX     (1U << 20)
#define ANALYSIS_COLUMNS_MAX 540
#define ANALYSIS_ROWS_MAX    128

/** struct analysis_channel - what is seen in one channel */
struct analysis_channel {
	struct spectrum *spectrum;	 /* the average of its transforms */
	struct spectrum_figures figures; /* what is seen in that */
	/*
	 * The spectrogram, dBFS, one row of columns after the other, from the lowest frequency up;
	 * not a number where there are no samples.
	 */
	float *image;
	float complex *first; /* the first samples */
};

/** struct analysis - what is seen in a recording */
struct analysis {
	struct timeline timeline;
	size_t fft_size;    /* samples in a transform */
	size_t columns;	    /* of the spectrogram */
	size_t rows;	    /* of the spectrogram */
	size_t first_count; /* how many of the first samples are kept */
	unsigned int channel_count;
	struct analysis_channel *channels;
};

/**
 * analysis_new() - look at a recording, which must not be empty
 * @file: the recording
 * @fft_size: samples in a transform; 0: as fits the recording. Long ones tell frequencies apart,
 *	short ones moments
 * @failure: gets the reason of an error
 * @analysis: gets what is seen; to be given to analysis_free()
 *
 * Return: 0; -EINVAL: no stretch of the recording is as long as @fft_size; or another negative
 * errno.
 */
int analysis_new(struct sample_file *file, size_t fft_size, struct failure *failure,
		 struct analysis **analysis);

/** analysis_free() - release what was seen; NULL does no harm */
void analysis_free(struct analysis *analysis);

#endif
