// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis.h"

#include "host/files/failure.h"
#include "host/files/sample_file.h"

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
	void *scans; /* of a window */
};

/* One transform must fit into a stretch. */
static size_t choose_fft_size(const struct timeline *timeline)
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
	const size_t bins = analysis->channels[0].figures.bins;

	for (size_t row = 0; row < analysis->rows; row++) {
		const size_t begin = row * bins / analysis->rows;
		const size_t end = (row + 1) * bins / analysis->rows;
		float *cell = &image[row * analysis->columns + column];
		float strongest = 0;

		for (size_t i = begin; i < end; i++)
			strongest = fmaxf(strongest, power[i]);
		/* The mean of the column's windows so far. */
		*cell = windows == 0 ? strongest
				     : *cell + (strongest - *cell) / (float)(windows + 1);
	}
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
		for (unsigned int k = 0; k < analysis->channel_count; k++) {
			struct analysis_channel *channel = &analysis->channels[k];
			const float *power = spectrum_add_channel(
				channel->spectrum, &look->info->layout, k, look->scans);

			if (!power)
				return -ENOMEM;
			fill_rows(analysis, power, column, windows, channel->image);
		}
		last = first;
		windows++;
	}
	return 0;
}

static int look_at_first(struct look *look)
{
	struct analysis *analysis = look->analysis;
	const size_t part = analysis->fft_size;

	for (size_t at = 0; at < analysis->first_count; at += part) {
		const size_t left = analysis->first_count - at;
		const size_t count = left < part ? left : part;
		const int r = sample_file_read(look->file, at, count, look->scans);

		if (r < 0)
			return r;
		for (unsigned int k = 0; k < analysis->channel_count; k++) {
			if (samples_convert(&look->info->layout, k, look->scans, count,
					    &analysis->channels[k].first[at]) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static int allocate(struct look *look)
{
	struct analysis *analysis = look->analysis;
	const size_t cells = ANALYSIS_ROWS_MAX * analysis->columns;

	analysis->channels = calloc(analysis->channel_count, sizeof(*analysis->channels));
	look->scans = calloc(analysis->fft_size, datatype_size(&look->info->layout));
	if (!analysis->channels || !look->scans)
		return -ENOMEM;
	for (unsigned int i = 0; i < analysis->channel_count; i++) {
		struct analysis_channel *channel = &analysis->channels[i];

		channel->spectrum =
			spectrum_new(analysis->fft_size, look->info->layout.datatype.is_complex);
		channel->image = calloc(cells, sizeof(*channel->image));
		channel->first = calloc(analysis->first_count, sizeof(*channel->first));
		if (!channel->spectrum || !channel->image || !channel->first)
			return -ENOMEM;
		for (size_t k = 0; k < cells; k++)
			channel->image[k] = NAN;
		spectrum_look(channel->spectrum, &channel->figures);
		analysis->rows = channel->figures.bins < ANALYSIS_ROWS_MAX ? channel->figures.bins
									   : ANALYSIS_ROWS_MAX;
	}
	return 0;
}

static int look_at_all(struct look *look)
{
	struct analysis *analysis = look->analysis;
	const size_t cells = analysis->rows * analysis->columns;
	int r;

	r = look_at_first(look);
	for (size_t i = 0; r == 0 && i < analysis->columns; i++)
		r = look_at_column(look, i);
	for (unsigned int k = 0; r == 0 && k < analysis->channel_count; k++) {
		struct analysis_channel *channel = &analysis->channels[k];

		spectrum_look(channel->spectrum, &channel->figures);
		for (size_t i = 0; i < cells; i++)
			if (!isnan(channel->image[i]))
				channel->image[i] = spectrum_db(channel->image[i]);
	}
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
	analysis->fft_size = fft_size ? fft_size : choose_fft_size(&analysis->timeline);
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
	struct look look = { .file = file, .info = &file->info };
	int r;

	look.analysis = calloc(1, sizeof(*look.analysis));
	if (!look.analysis)
		return failure_set(failure, -ENOMEM, "no memory to look at the recording");
	r = timeline_make(look.info->scans, &look.info->gaps, &look.analysis->timeline);
	if (r == -ERANGE)
		failure_set(failure, r, "the gaps of the recording are longer than 64 bits");
	if (r == 0)
		r = cut(&look, fft_size, failure);
	if (r == 0)
		r = allocate(&look);
	if (r == 0)
		r = look_at_all(&look);
	if (r == -ENOMEM)
		failure_set(failure, r, "no memory to look at the recording");
	free(look.scans);
	if (r < 0)
		analysis_free(look.analysis);
	else
		*ret = look.analysis;
	return r;
}

void analysis_free(struct analysis *analysis)
{
	if (!analysis)
		return;
	for (unsigned int i = 0; analysis->channels && i < analysis->channel_count; i++) {
		spectrum_free(analysis->channels[i].spectrum);
		free(analysis->channels[i].image);
		free(analysis->channels[i].first);
	}
	free(analysis->channels);
	timeline_clear(&analysis->timeline);
	free(analysis);
}
