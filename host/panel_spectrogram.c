// SPDX-License-Identifier: GPL-2.0-or-later
#include "panels.h"

#include "analysis.h"
#include "colormap.h"
#include "sample_file.h"

#include <math.h>
#include <stdio.h>

/* A smaller range than this would make noise look like a signal. */
#define RANGE_MIN_DB 40

/* So much, of noise most often, is weaker than the darkest colour. */
#define DARKEST_PART 0.25

#define BAR_DISTANCE 12
#define BAR_WIDTH    14
#define NO_SAMPLES   0xf1f2f4

/* Steps of the colours: finer ones would only show the noise's own noise. */
#define SHADES 32

/* Pixels of a cell's side in a full picture. */
#define CELL 2

/* Levels in whole dB are sorted by counting. */
enum { LEVELS = 250 };

static int level_of(float db)
{
	const float level = db - SPECTRUM_FLOOR_DB;

	return level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : (int)level;
}

/* The levels of the darkest and of the lightest colour, the same for all channels. */
static void choose_levels(const struct panels_view *view, double *low, double *high)
{
	const size_t cells = view->analysis->rows * view->analysis->columns;
	size_t counts[LEVELS] = { 0 };
	size_t all = 0, below = 0;
	int darkest = 0, lightest = 0;

	for (unsigned int k = 0; k < view->shown; k++) {
		const struct analysis_channel *channel = &view->analysis->channels[k];

		for (size_t i = 0; channel->peak.exists && i < cells; i++) {
			if (isnan(channel->image[i]))
				continue;
			counts[level_of(channel->image[i])]++;
			all++;
		}
	}
	for (int i = 0; i < LEVELS; i++) {
		below += counts[i];
		if ((double)below <= DARKEST_PART * (double)all)
			darkest = i;
		if (counts[i])
			lightest = i + 1;
	}
	*low = all ? darkest + (double)SPECTRUM_FLOOR_DB : -120;
	*high = all ? fmax(lightest + (double)SPECTRUM_FLOOR_DB, *low + RANGE_MIN_DB) : 0;
}

static uint32_t shade(double value)
{
	return colormap_get((float)((floor(value * SHADES) + 0.5) / SHADES));
}

/* The strongest of the rows that share a line of pixels. */
static float strongest(const struct analysis *analysis, const float *image, size_t column,
		       size_t begin, size_t end)
{
	float result = image[begin * analysis->columns + column];

	for (size_t row = begin + 1; row < end; row++)
		result = fmaxf(result, image[row * analysis->columns + column]);
	return result;
}

static void draw_image(const struct panels_view *view, const struct chart *chart,
		       const struct analysis_channel *channel, double low, double high)
{
	const struct analysis *analysis = view->analysis;
	const size_t columns = analysis->columns;
	const size_t room = (size_t)chart->height / CELL;
	const size_t lines = analysis->rows < room ? analysis->rows : room;
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)columns, (int)lines);
	unsigned char *pixels = cairo_image_surface_get_data(surface);
	const size_t stride = (size_t)cairo_image_surface_get_stride(surface);
	cairo_t *cairo = chart->cairo;

	for (size_t i = 0; pixels && i < lines; i++) {
		void *row = pixels + (lines - 1 - i) * stride;
		uint32_t *line = row;

		for (size_t column = 0; column < columns; column++) {
			const float db = strongest(analysis, channel->image, column,
						   i * analysis->rows / lines,
						   (i + 1) * analysis->rows / lines);

			line[column] =
				isnan(db) ? NO_SAMPLES : shade(((double)db - low) / (high - low));
		}
	}
	cairo_surface_mark_dirty(surface);
	cairo_save(cairo);
	cairo_translate(cairo, chart->x, chart->y);
	cairo_scale(cairo, chart->width / (double)columns, chart->height / (double)lines);
	cairo_set_source_surface(cairo, surface, 0, 0);
	cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
	cairo_rectangle(cairo, 0, 0, (double)columns, (double)lines);
	cairo_fill(cairo);
	cairo_restore(cairo);
	cairo_surface_destroy(surface);
}

static void draw_bar(const struct panels_view *view, double y, double height, double low,
		     double high)
{
	const struct chart bar = {
		.cairo = view->cairo,
		.x = PANELS_LEFT + PANELS_WIDTH + BAR_DISTANCE,
		.y = y,
		.width = BAR_WIDTH,
		.height = height,
		.x_high = 1,
		.y_low = low,
		.y_high = high,
	};
	char text[TICKS_TEXT_SIZE];
	struct ticks ticks;

	for (int pixel = 0; pixel < (int)height; pixel++) {
		chart_colour(view->cairo, shade(1 - (pixel + 0.5) / height), 1);
		cairo_rectangle(view->cairo, bar.x, y + pixel, BAR_WIDTH, 1);
		cairo_fill(view->cairo);
	}
	chart_frame(&bar);
	ticks_choose(low, high, 8, &ticks);
	chart_font(view->cairo, 12, false);
	chart_colour(view->cairo, CHART_INK, 1);
	for (size_t i = 0; i < ticks.count; i++)
		chart_text(view->cairo, bar.x + BAR_WIDTH + 6,
			   chart_y(&bar, ticks_value(&ticks, i)) + 4, CHART_LEFT,
			   ticks_format(&ticks, i, text));
	chart_colour(view->cairo, CHART_FAINT, 1);
	chart_text(view->cairo, bar.x, y - 9, CHART_LEFT, "dBFS");
}

static void draw_axes(const struct panels_view *view, const struct chart *strip, unsigned int index)
{
	const double rate = view->info->sample_rate;
	const double scale = rate > 0 ? rate : 1;
	/* One name is enough for all strips: that in the middle. */
	const struct chart_axis frequency = {
		.name = index == view->shown / 2 ? "frequency" : NULL,
		.unit = rate > 0 ? "Hz" : "",
		.most = (size_t)fmax(2, strip->height / 40),
		.prefix = rate > 0,
	};
	struct chart axes = *strip;

	axes.y_low = (double)view->analysis->frequencies[0] < 0 ? -scale / 2 : 0;
	axes.y_high = scale / 2;
	chart_y_axis(&axes, &frequency);
	if (index + 1 == view->shown)
		panels_time_axis(view, strip, false);
	panels_name_strip(view, &axes, index);
	chart_frame(&axes);
}

double panels_spectrogram(const struct panels_view *view, double y, double height)
{
	const double each = panels_strip_height(height, view->shown);
	struct chart strip = panels_chart(view, y, each);
	const double bottom =
		y + view->shown * (each + PANELS_STRIP_DISTANCE) - PANELS_STRIP_DISTANCE;
	double low, high;

	strip.x_high = (double)view->analysis->timeline.end;
	choose_levels(view, &low, &high);
	chart_title(&strip, "Spectrogram",
		    view->analysis->timeline.count > 1 ? "red: samples are missing" : "");
	for (unsigned int i = 0; i < view->shown; i++) {
		draw_image(view, &strip, &view->analysis->channels[i], low, high);
		panels_mark_gaps(view, &strip);
		draw_axes(view, &strip, i);
		strip.y += each + PANELS_STRIP_DISTANCE;
	}
	draw_bar(view, y, bottom - y, low, high);
	return bottom;
}
