// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis.h"

#include "failure.h"
#include "sample_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define FFT_AUTO_MAX 8192
#define FFT_AUTO_MIN 256

/* Fewer transforms side by side than this make no spectrogram; shorter ones give more. */
#define COLUMNS_WANTED 64

/* So many windows of a column are looked at, half overlapping where they fill it. */
#define WINDOWS_MAX 16

/* The first samples that are kept. */
#define FIRST_MAX ((size_t)1 << 16)

/* What is needed while looking. */
struct look {
	struct sample_file *file;
	const struct sample_file_info *info;
	struct analysis *analysis;
	struct spectrum **spectra; /* of each channel */
	void *scans;
	float complex *values;
};

size_t analysis_choose_fft_size(const struct timeline *timeline)
{
	const uint64_t longest = timeline_longest(timeline);
	size_t size = FFT_AUTO_MAX;

	while (size > FFT_AUTO_MIN && size > timeline->end / COLUMNS_WANTED)
		size /= 2;
	while (size > 1 && size > longest)
		size /= 2;
	return size;
}

/* The strongest of a row's frequencies: a tone is one of many, and must not be averaged away. */
static void fill_rows(const struct analysis *analysis, const float *power, size_t column,
		      size_t windows, float *image)
{
	for (size_t row = 0; row < analysis->rows; row++) {
		const size_t begin = row * analysis->bins / analysis->rows;
		const size_t end = (row + 1) * analysis->bins / analysis->rows;
		float *cell = &image[row * analysis->columns + column];
		float strongest = 0;

		for (size_t i = begin; i < end; i++)
			strongest = fmaxf(strongest, power[i]);
		/* The mean of the column's windows so far. */
		*cell = windows == 0 ? strongest
				     : *cell + (strongest - *cell) / (float)(windows + 1);
	}
}

static void look_at_channel(struct look *look, unsigned int index, size_t column, size_t windows)
{
	struct analysis *analysis = look->analysis;
	struct analysis_channel *channel = &analysis->channels[index];
	const float *power;

	samples_convert(&look->info->layout, index, look->scans, analysis->fft_size, look->values);
	channel->clips = channel->clips || samples_at_full_scale(&look->info->layout, look->values,
								 analysis->fft_size);
	power = spectrum_add(look->spectra[index], look->values);
	fill_rows(analysis, power, column, windows, channel->image);
}

/* Place on the clock where a part of the whole time begins. */
static uint64_t part_of(uint64_t whole, uint64_t part, uint64_t parts)
{
	return whole / parts * part + whole % parts * part / parts;
}

static int look_at_column(struct look *look, size_t column)
{
	struct analysis *analysis = look->analysis;
	const uint64_t begin = part_of(analysis->timeline.end, column, analysis->columns);
	const uint64_t end = part_of(analysis->timeline.end, column + 1, analysis->columns);
	const uint64_t fit = (end - begin) / (analysis->fft_size / 2 + 1) + 1;
	const uint64_t wanted = fit < WINDOWS_MAX ? fit : WINDOWS_MAX;
	uint64_t last = UINT64_MAX;
	size_t windows = 0;

	for (uint64_t i = 0; i < wanted; i++) {
		uint64_t first;
		int r;

		/* Near gaps and the ends two windows can be the same. */
		if (timeline_window(&analysis->timeline, begin + part_of(end - begin, i, wanted),
				    begin + part_of(end - begin, i + 1, wanted), analysis->fft_size,
				    &first) < 0 ||
		    first == last)
			continue;
		r = sample_file_read(look->file, first, analysis->fft_size, look->scans);
		if (r < 0)
			return r;
		for (unsigned int k = 0; k < analysis->channel_count; k++)
			look_at_channel(look, k, column, windows);
		last = first;
		windows++;
	}
	analysis->windows += windows;
	return 0;
}

static int look_at_first(struct look *look)
{
	struct analysis *analysis = look->analysis;
	const size_t piece = analysis->fft_size;

	for (size_t at = 0; at < analysis->first_count; at += piece) {
		const size_t left = analysis->first_count - at;
		const size_t count = left < piece ? left : piece;
		const int r = sample_file_read(look->file, at, count, look->scans);

		if (r < 0)
			return r;
		for (unsigned int k = 0; k < analysis->channel_count; k++)
			samples_convert(&look->info->layout, k, look->scans, count,
					&analysis->channels[k].first[at]);
	}
	return 0;
}

static void finish_channel(struct look *look, unsigned int index)
{
	const struct analysis *analysis = look->analysis;
	struct analysis_channel *channel = &analysis->channels[index];

	spectrum_get(look->spectra[index], channel->db);
	spectrum_find_peak(look->spectra[index], channel->db, &channel->peak);
	channel->noise = spectrum_median(channel->db, analysis->bins);
	channel->level = spectrum_level(look->spectra[index]);
	for (size_t i = 0; i < analysis->rows * analysis->columns; i++)
		if (!isnan(channel->image[i]))
			channel->image[i] = spectrum_db(channel->image[i]);
}

static int allocate(struct look *look)
{
	struct analysis *analysis = look->analysis;
	const unsigned int count = analysis->channel_count;
	const bool is_complex = look->info->layout.datatype.is_complex;
	const size_t cells = ANALYSIS_ROWS_MAX * analysis->columns;

	analysis->channels = calloc(count, sizeof(*analysis->channels));
	look->spectra = calloc(count, sizeof(struct spectrum *));
	look->values = calloc(analysis->fft_size, sizeof(*look->values));
	look->scans = calloc(analysis->fft_size, datatype_size(&look->info->layout));
	if (!analysis->channels || !look->spectra || !look->values || !look->scans)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++) {
		struct analysis_channel *channel = &analysis->channels[i];

		look->spectra[i] = spectrum_new(analysis->fft_size, is_complex);
		if (!look->spectra[i])
			return -ENOMEM;
		analysis->bins = spectrum_bins(look->spectra[i]);
		channel->db = calloc(analysis->bins, sizeof(*channel->db));
		channel->image = calloc(cells, sizeof(*channel->image));
		channel->first = calloc(analysis->first_count, sizeof(*channel->first));
		if (!channel->db || !channel->image || !channel->first)
			return -ENOMEM;
		for (size_t k = 0; k < cells; k++)
			channel->image[k] = NAN;
	}
	analysis->rows = analysis->bins < ANALYSIS_ROWS_MAX ? analysis->bins : ANALYSIS_ROWS_MAX;
	analysis->frequencies = calloc(analysis->bins, sizeof(*analysis->frequencies));
	if (!analysis->frequencies)
		return -ENOMEM;
	for (size_t i = 0; i < analysis->bins; i++)
		analysis->frequencies[i] = spectrum_frequency(look->spectra[0], i);
	return 0;
}

static void release(struct look *look)
{
	for (unsigned int i = 0; look->spectra && i < look->analysis->channel_count; i++)
		spectrum_free(look->spectra[i]);
	free(look->spectra);
	free(look->values);
	free(look->scans);
}

static int look_at_all(struct look *look)
{
	struct analysis *analysis = look->analysis;
	int r;

	r = look_at_first(look);
	for (size_t i = 0; r == 0 && i < analysis->columns; i++)
		r = look_at_column(look, i);
	for (unsigned int i = 0; r == 0 && i < analysis->channel_count; i++)
		finish_channel(look, i);
	return r;
}

/* How time and frequency are cut. */
static int cut(struct look *look, size_t fft_size, struct failure *failure)
{
	struct analysis *analysis = look->analysis;
	const uint64_t longest = timeline_longest(&analysis->timeline);
	uint64_t columns;

	if (fft_size > longest)
		return failure_set(failure, -EINVAL,
				   "--fft-size %zu: the longest part of the recording without a "
				   "gap has %" PRIu64 " samples",
				   fft_size, longest);
	analysis->fft_size = fft_size ? fft_size : analysis_choose_fft_size(&analysis->timeline);
	columns = analysis->timeline.end / (analysis->fft_size / 2 + 1);
	if (columns > ANALYSIS_COLUMNS_MAX)
		columns = ANALYSIS_COLUMNS_MAX;
	analysis->columns = columns ? (size_t)columns : 1;
	analysis->first_count =
		look->info->scans < FIRST_MAX ? (size_t)look->info->scans : FIRST_MAX;
	analysis->channel_count = look->info->layout.channels;
	return 0;
}

int analysis_new(struct sample_file *file, size_t fft_size, struct failure *failure,
		 struct analysis **ret)
{
	struct look look = { .file = file, .info = sample_file_info(file) };
	struct analysis *analysis = calloc(1, sizeof(*analysis));
	int r;

	if (!analysis)
		return failure_set(failure, -ENOMEM, "no memory to look at the recording");
	look.analysis = analysis;
	r = timeline_make(look.info->scans, &look.info->gaps, &analysis->timeline);
	if (r == -ERANGE)
		r = failure_set(failure, r, "the gaps of the recording are longer than 64 bits");
	if (r == 0)
		r = cut(&look, fft_size, failure);
	if (r == 0) {
		r = allocate(&look);
		if (r == 0)
			r = look_at_all(&look);
	}
	if (r == -ENOMEM)
		failure_set(failure, r, "no memory to look at the recording");
	release(&look);
	if (r < 0) {
		analysis_free(analysis);
		return r;
	}
	*ret = analysis;
	return 0;
}

void analysis_free(struct analysis *analysis)
{
	if (!analysis)
		return;
	for (unsigned int i = 0; analysis->channels && i < analysis->channel_count; i++) {
		free(analysis->channels[i].db);
		free(analysis->channels[i].image);
		free(analysis->channels[i].first);
	}
	free(analysis->channels);
	free(analysis->frequencies);
	timeline_clear(&analysis->timeline);
	free(analysis);
}
