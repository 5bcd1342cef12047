// SPDX-License-Identifier: GPL-2.0-or-later
#include "panels.h"

#include "analysis.h"
#include "sample_file.h"
#include "trace.h"

#include <math.h>
#include <stdio.h>

#define STRIP_HEIGHT_MIN 64

/* With more values than this on a pixel, what they reach is drawn. */
#define DENSE 2

/* Dots on the line show which samples there are. */
#define DOTS_MAX 120

#define MARK_SIZE 6

uint32_t panels_colour(unsigned int channel)
{
	static const uint32_t colours[] = { 0x1f5fa8, 0xd9691c, 0x23875a, 0xa83279,
					    0x7a6a14, 0x1d8c99, 0x6a4bb5, 0x8a4b2f };

	return colours[channel % (sizeof(colours) / sizeof(colours[0]))];
}

struct chart panels_chart(const struct panels_view *view, double y, double height)
{
	return (struct chart){
		.cairo = view->cairo,
		.x = PANELS_LEFT,
		.y = y,
		.width = PANELS_WIDTH,
		.height = height,
	};
}

double panels_strip_height(double height, unsigned int shown)
{
	return fmax(floor(height / shown), STRIP_HEIGHT_MIN);
}

static void dense_line(const struct chart *chart, double from, double to, const float *values,
		       size_t stride, size_t count, size_t columns)
{
	struct trace_span spans[PANELS_WIDTH];
	const double step = (to - from) / (double)columns;

	trace_reduce(values, stride, count, spans, columns);
	for (size_t i = 0; i < columns; i++)
		cairo_line_to(chart->cairo, from + ((double)i + 0.5) * step,
			      chart_y(chart, (double)spans[i].high));
	for (size_t i = columns; i-- > 0;)
		cairo_line_to(chart->cairo, from + ((double)i + 0.5) * step,
			      chart_y(chart, (double)spans[i].low));
	cairo_close_path(chart->cairo);
	cairo_fill_preserve(chart->cairo);
	cairo_set_line_width(chart->cairo, 0.8);
	cairo_stroke(chart->cairo);
}

static void thin_line(const struct chart *chart, double from, double to, const float *values,
		      size_t stride, size_t count)
{
	const double step = count > 1 ? (to - from) / (double)(count - 1) : 0;

	for (size_t i = 0; i < count; i++)
		cairo_line_to(chart->cairo, from + (double)i * step,
			      chart_y(chart, (double)values[i * stride]));
	cairo_set_line_width(chart->cairo, 1.4);
	cairo_stroke(chart->cairo);
	for (size_t i = 0; i < count && count <= DOTS_MAX; i++) {
		cairo_arc(chart->cairo, from + (double)i * step,
			  chart_y(chart, (double)values[i * stride]), 2.6, 0, 2 * M_PI);
		cairo_fill(chart->cairo);
	}
}

void panels_line(const struct chart *chart, double from, double to, const float *values,
		 size_t stride, size_t count, uint32_t colour)
{
	const double left = chart_x(chart, from), right = chart_x(chart, to);
	size_t columns = (size_t)fmax(right - left, 1);

	if (columns > PANELS_WIDTH)
		columns = PANELS_WIDTH;
	chart_clip(chart);
	chart_colour(chart->cairo, colour, 1);
	cairo_set_line_join(chart->cairo, CAIRO_LINE_JOIN_ROUND);
	if (count > DENSE * columns)
		dense_line(chart, left, right, values, stride, count, columns);
	else
		thin_line(chart, left, right, values, stride, count);
	cairo_restore(chart->cairo);
}

void panels_name_strip(const struct panels_view *view, const struct chart *chart,
		       unsigned int channel)
{
	char name[32];

	if (view->shown == 1)
		return;
	snprintf(name, sizeof(name), "channel %u", channel);
	/* Legible on whatever is drawn below. */
	chart_colour(chart->cairo, 0xffffff, 0.85);
	cairo_rectangle(chart->cairo, chart->x + 4, chart->y + 4, 66, 15);
	cairo_fill(chart->cairo);
	chart_font(chart->cairo, 11, true);
	chart_colour(chart->cairo, panels_colour(channel), 1);
	chart_text(chart->cairo, chart->x + 8, chart->y + 15, CHART_LEFT, name);
}

void panels_time_axis(const struct panels_view *view, const struct chart *chart, bool grid)
{
	const double rate = view->info->sample_rate;
	const struct chart_axis time = {
		.name = rate > 0 ? "time" : "place",
		.unit = rate > 0 ? "s" : "samples",
		.most = 13,
		.prefix = true,
		.grid = grid,
	};
	struct chart axis = *chart;

	axis.x_high /= rate > 0 ? rate : 1;
	chart_x_axis(&axis, &time);
}

static void mark(const struct chart *chart, double left, double right)
{
	cairo_t *cairo = chart->cairo;

	/* A gap that is shorter than a pixel is as important as a long one. */
	chart_clip(chart);
	chart_colour(cairo, CHART_ALARM, 0.18);
	cairo_rectangle(cairo, left, chart->y, right - left, chart->height);
	cairo_fill(cairo);
	chart_colour(cairo, CHART_ALARM, 1);
	cairo_rectangle(cairo, floor(left), chart->y, 1, chart->height);
	cairo_fill(cairo);
	cairo_move_to(cairo, left + 0.5, chart->y + 1.5 * MARK_SIZE);
	cairo_line_to(cairo, left + 0.5 - MARK_SIZE, chart->y);
	cairo_line_to(cairo, left + 0.5 + MARK_SIZE, chart->y);
	cairo_close_path(cairo);
	cairo_fill(cairo);
	cairo_restore(cairo);
}

void panels_mark_gaps(const struct panels_view *view, const struct chart *chart)
{
	const struct timeline *timeline = &view->analysis->timeline;
	double marked = -1;
	uint64_t end = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct stretch *stretch = &timeline->stretches[i];
		const double left = chart_x(chart, (double)end);
		const double right = chart_x(chart, (double)stretch->at);

		end = stretch->at + stretch->count;
		if ((i == 0 && stretch->at == 0) || left > chart->x + chart->width)
			continue;
		/* Thousands of gaps share pixels. */
		if (left >= marked + 1 || right >= marked + 1)
			mark(chart, left, right);
		marked = floor(right);
	}
}
