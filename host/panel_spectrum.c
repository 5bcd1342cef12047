// SPDX-License-Identifier: GPL-2.0-or-later
#include "panels.h"

#include "analysis.h"
#include "sample_file.h"
#include "trace.h"

#include <math.h>
#include <stdio.h>

/* Above the peak there is its label, and below the noise its own depths. */
#define HEADROOM_DB 14
#define FOOTROOM_DB 12
#define RANGE_DB    140

/* The legend of several channels: so many beside each other, and what a line of it takes. */
#define LEGEND_COLUMNS 4
#define LEGEND_WIDTH   270.0
#define LEGEND_LINE    17
#define LEGEND_DB      9

#define TEXT_SIZE 160

static void choose_levels(const struct panels_view *view, struct chart *chart)
{
	const unsigned int legend_lines = (view->shown - 1) / LEGEND_COLUMNS + 1;
	double high = SPECTRUM_FLOOR_DB, low = 0;

	for (unsigned int i = 0; i < view->shown; i++) {
		const struct analysis_channel *channel = &view->analysis->channels[i];

		if (!channel->peak.exists)
			continue;
		high = fmax(high, (double)channel->peak.dbfs);
		low = fmin(low, (double)channel->noise);
	}
	if (high <= SPECTRUM_FLOOR_DB) {
		chart->y_high = 0;
		chart->y_low = -120;
		return;
	}
	if (view->shown > 1)
		high += legend_lines * LEGEND_DB;
	chart->y_high = ceil((high + HEADROOM_DB) / 10) * 10;
	chart->y_low = fmax(floor((low - FOOTROOM_DB) / 10) * 10, chart->y_high - RANGE_DB);
	/* Of a tone alone, the noise can be above what is 30 dB below the tone. */
	chart->y_low = fmin(chart->y_low, chart->y_high - 50);
}

static const char *format_frequency(const struct panels_view *view, double frequency,
				    char text[TICKS_TEXT_SIZE])
{
	const double bin = 1.0 / (double)view->analysis->fft_size;
	const double rate = view->info->sample_rate;

	if (rate > 0)
		return ticks_describe(frequency * rate, bin * rate / 10, "Hz", text);
	return ticks_describe(frequency, bin / 10, "", text);
}

static void mark_peak(const struct panels_view *view, const struct chart *chart, unsigned int index)
{
	const struct spectrum_peak *peak = &view->analysis->channels[index].peak;
	const double rate = view->info->sample_rate > 0 ? view->info->sample_rate : 1;
	const double x = chart_x(chart, (double)peak->frequency * rate);
	const double y = chart_y(chart, (double)peak->dbfs) - 4;
	char frequency[TICKS_TEXT_SIZE], text[TEXT_SIZE];
	const enum chart_align align = x > chart->x + chart->width - 100 ? CHART_RIGHT
				       : x < chart->x + 100		 ? CHART_LEFT
									 : CHART_CENTRE;

	if (!peak->exists)
		return;
	chart_colour(chart->cairo, panels_colour(index), 1);
	cairo_move_to(chart->cairo, x, y);
	cairo_line_to(chart->cairo, x - 5, y - 8);
	cairo_line_to(chart->cairo, x + 5, y - 8);
	cairo_close_path(chart->cairo);
	cairo_fill(chart->cairo);
	if (view->shown > 1)
		return;
	snprintf(text, sizeof(text), "%s, %.1f dBFS",
		 format_frequency(view, (double)peak->frequency, frequency), (double)peak->dbfs);
	chart_font(chart->cairo, 13, true);
	chart_colour(chart->cairo, CHART_INK, 1);
	chart_text(chart->cairo, x, y - 13, align, text);
}

static void format_channel(const struct panels_view *view, unsigned int index, char *text,
			   size_t size)
{
	const struct analysis_channel *channel = &view->analysis->channels[index];
	char frequency[TICKS_TEXT_SIZE];

	if (!channel->peak.exists) {
		snprintf(text, size, "channel %u: all samples are 0", index);
		return;
	}
	snprintf(text, size, "channel %u: %s, %.1f dBFS", index,
		 format_frequency(view, (double)channel->peak.frequency, frequency),
		 (double)channel->peak.dbfs);
}

static void write_legend(const struct panels_view *view, const struct chart *chart)
{
	char text[TEXT_SIZE];

	chart_font(chart->cairo, 12, false);
	for (unsigned int i = 0; i < view->shown; i++) {
		const unsigned int column = i % LEGEND_COLUMNS, line = i / LEGEND_COLUMNS;
		const double x = chart->x + 10 + column * LEGEND_WIDTH;
		const double y = chart->y + 20 + line * LEGEND_LINE;

		chart_colour(chart->cairo, panels_colour(i), 1);
		cairo_rectangle(chart->cairo, x, y - 6, 14, 4);
		cairo_fill(chart->cairo);
		format_channel(view, i, text, sizeof(text));
		chart_colour(chart->cairo, CHART_INK, 1);
		chart_text(chart->cairo, x + 20, y, CHART_LEFT, text);
	}
}

/* What is above all of the spectrum: how it was made, and the levels of the only channel. */
static void write_heading(const struct panels_view *view, const struct chart *chart)
{
	const struct analysis *analysis = view->analysis;
	const struct analysis_channel *channel = &analysis->channels[0];
	const double bin = view->info->sample_rate / (double)analysis->fft_size;
	char width[TICKS_TEXT_SIZE], text[TEXT_SIZE];
	int used;

	used = snprintf(text, sizeof(text), "mean of %zu transforms of %zu samples",
			analysis->windows, analysis->fft_size);
	if (bin > 0)
		snprintf(text + used, sizeof(text) - (size_t)used, "; bins of %s",
			 ticks_describe(bin, bin / 100, "Hz", width));
	chart_title(chart, "Spectrum", text);
	if (view->shown > 1 || !channel->peak.exists)
		return;
	snprintf(text, sizeof(text), "all together %.1f dBFS, noise %.1f dBFS in a bin",
		 (double)channel->level, (double)channel->noise);
	chart_font(chart->cairo, 12, false);
	chart_colour(chart->cairo, CHART_INK, 1);
	chart_text(chart->cairo, chart->x + chart->width, chart->y - 9, CHART_RIGHT, text);
}

void panels_spectrum(const struct panels_view *view, double y, double height)
{
	const struct analysis *analysis = view->analysis;
	const double rate = view->info->sample_rate;
	const double scale = rate > 0 ? rate : 1;
	struct chart chart = panels_chart(view, y, height);
	const struct chart_axis frequency = {
		.name = rate > 0 ? "frequency" : "frequency, relative to the sample rate",
		.unit = rate > 0 ? "Hz" : "",
		.most = 13,
		.prefix = rate > 0,
		.grid = true,
	};
	const struct chart_axis level = {
		.name = "level",
		.unit = "dBFS",
		.most = 8,
		.grid = true,
	};

	chart.x_low = (double)analysis->frequencies[0] < 0 ? -scale / 2 : 0;
	chart.x_high = scale / 2;
	choose_levels(view, &chart);
	write_heading(view, &chart);
	chart_x_axis(&chart, &frequency);
	chart_y_axis(&chart, &level);
	for (unsigned int i = view->shown; i-- > 0;)
		panels_line(&chart, (double)analysis->frequencies[0] * scale,
			    (double)analysis->frequencies[analysis->bins - 1] * scale,
			    analysis->channels[i].db, 1, analysis->bins, panels_colour(i));
	for (unsigned int i = 0; i < view->shown; i++)
		mark_peak(view, &chart, i);
	if (view->shown > 1 || !analysis->channels[0].peak.exists)
		write_legend(view, &chart);
	chart_frame(&chart);
}
