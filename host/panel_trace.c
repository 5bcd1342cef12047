// SPDX-License-Identifier: GPL-2.0-or-later
#include "panels.h"

#include "analysis.h"
#include "sample_file.h"
#include "trace.h"

#include <math.h>
#include <stdio.h>

/* So far above the noise a peak is a tone. */
#define TONE_DB 20

/* Headroom above the largest value. */
#define HEADROOM 1.12

/* Below this the values beside the axis would have too many digits. */
#define AMPLITUDE_PLAIN 0.05

/* Q is drawn in a lighter colour than I; where there is one channel, in a colour of its own. */
#define Q_COLOUR 0xd9691c

static uint32_t lighter(uint32_t colour)
{
	uint32_t result = 0;

	for (int shift = 0; shift <= 16; shift += 8)
		result |= (0x100 + (colour >> shift & 0xff)) / 2 << shift;
	return result;
}

static uint32_t quadrature_colour(const struct panels_view *view, unsigned int index)
{
	return view->shown == 1 ? Q_COLOUR : lighter(panels_colour(index));
}

/* How much is drawn: by the strongest tone of the first channel. */
static size_t length_of(const struct panels_view *view)
{
	const struct analysis_channel *channel = &view->analysis->channels[0];
	const bool is_tone = channel->peak.dbfs > channel->noise + TONE_DB;

	return trace_length(view->analysis->first_count,
			    is_tone ? (double)channel->peak.frequency : 0, view->info->sample_rate);
}

static double largest_of(const struct panels_view *view, size_t count)
{
	double largest = 0;

	for (unsigned int k = 0; k < view->shown; k++) {
		const float complex *samples = view->analysis->channels[k].first;

		for (size_t i = 0; i < count; i++)
			largest = fmax(largest, fmax(fabs((double)crealf(samples[i])),
						     fabs((double)cimagf(samples[i]))));
	}
	/* A trace of zeros has an axis, too. */
	return largest > 0 ? largest : 1;
}

/* Each stretch is a line of its own: what is between two was not recorded. */
static void draw_channel(const struct panels_view *view, const struct chart *chart,
			 unsigned int index, size_t count)
{
	const struct timeline *timeline = &view->analysis->timeline;
	const float *values = (const float *)view->analysis->channels[index].first;
	const bool is_complex = view->info->layout.datatype.is_complex;

	for (size_t i = 0; i < timeline->count && timeline->stretches[i].first < count; i++) {
		const struct stretch *stretch = &timeline->stretches[i];
		const size_t first = (size_t)stretch->first;
		const size_t left = count - first;
		const size_t length = stretch->count < left ? (size_t)stretch->count : left;
		const double from = (double)stretch->at, to = from + (double)(length - 1);

		if (is_complex)
			panels_line(chart, from, to, values + 2 * first + 1, 2, length,
				    quadrature_colour(view, index));
		panels_line(chart, from, to, values + 2 * first, 2, length, panels_colour(index));
	}
}

static void write_key(const struct panels_view *view, const struct chart *chart)
{
	const double right = chart->x + chart->width;

	if (!view->info->layout.datatype.is_complex)
		return;
	chart_font(chart->cairo, 12, true);
	chart_colour(chart->cairo, panels_colour(0), 1);
	chart_text(chart->cairo, right - 24, chart->y - 9, CHART_RIGHT, "I");
	chart_colour(chart->cairo, quadrature_colour(view, 0), 1);
	chart_text(chart->cairo, right, chart->y - 9, CHART_RIGHT, "Q");
}

static void draw_axes(const struct panels_view *view, const struct chart *strip, unsigned int index)
{
	const struct chart_axis value = {
		.name = index == view->shown / 2 ? "value" : NULL,
		.unit = "FS",
		.most = (size_t)fmax(3, strip->height / 30),
		.prefix = strip->y_high < AMPLITUDE_PLAIN,
		.grid = true,
	};

	chart_y_axis(strip, &value);
	if (index + 1 == view->shown)
		panels_time_axis(view, strip, true);
}

double panels_trace(const struct panels_view *view, double y, double height)
{
	const struct timeline *timeline = &view->analysis->timeline;
	const double each = panels_strip_height(height, view->shown);
	const size_t count = length_of(view);
	const struct stretch *last = timeline->stretches;
	struct chart strip = panels_chart(view, y, each);
	char detail[64];

	for (size_t i = 0; i < timeline->count && timeline->stretches[i].first < count; i++)
		last = &timeline->stretches[i];
	strip.x_high = fmax((double)(last->at + (count - last->first)) - 1, 1);
	strip.y_high = HEADROOM * largest_of(view, count);
	strip.y_low = -strip.y_high;

	snprintf(detail, sizeof(detail), "the first %zu samples; FS is full scale", count);
	chart_title(&strip, "Time", detail);
	write_key(view, &strip);
	for (unsigned int i = 0; i < view->shown; i++) {
		draw_axes(view, &strip, i);
		draw_channel(view, &strip, i, count);
		panels_mark_gaps(view, &strip);
		panels_name_strip(view, &strip, i);
		chart_frame(&strip);
		strip.y += each + PANELS_STRIP_DISTANCE;
	}
	return strip.y - PANELS_STRIP_DISTANCE;
}
