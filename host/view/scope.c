// SPDX-License-Identifier: GPL-2.0-or-later
#include "scope.h"

#include "chart.h"
#include "host/files/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ten times as many bins as a terminal has columns, and hardly a millisecond for each. */
#define FFT_SIZE    2048
#define WINDOWS_MAX 32

#define LEVEL_HIGH 0.0
#define LEVEL_LOW  (-120.0)

/* "-120 ┤" */
#define MARGIN 6

/* Lines that are not the spectrum: three of text, the axis and its values; and one of a radio. */
#define OTHER_LINES 5

#define SPECTRUM_ROWS_MIN    3
#define SPECTRUM_COLUMNS_MIN 16
#define LINE_SIZE	     256
#define EIGHTHS		     8
#define TICK_COLUMNS	     12

struct scope {
	struct datatype_layout layout;
	size_t sample_size;
	unsigned int channel;
	struct spectrum *spectrum;
	uint8_t *window; /* samples of a transform that is not complete */
	size_t window_used;
	size_t windows;
};

struct scope *scope_new(const struct datatype_layout *layout)
{
	struct scope *scope = calloc(1, sizeof(*scope));

	if (!scope)
		return NULL;
	scope->layout = *layout;
	scope->sample_size = datatype_size(layout);
	scope->spectrum = spectrum_new(FFT_SIZE, layout->datatype.is_complex);
	scope->window = calloc(FFT_SIZE, scope->sample_size);
	if (!scope->spectrum || !scope->window) {
		scope_free(scope);
		return NULL;
	}
	return scope;
}

void scope_free(struct scope *scope)
{
	if (!scope)
		return;
	spectrum_free(scope->spectrum);
	free(scope->window);
	free(scope);
}

void scope_take(struct scope *scope, const uint8_t *samples, size_t size)
{
	const size_t all = FFT_SIZE * scope->sample_size;

	while (size > 0 && !scope_is_full(scope)) {
		const size_t room = all - scope->window_used;
		const size_t part = size < room ? size : room;

		memcpy(scope->window + scope->window_used, samples, part);
		scope->window_used += part;
		samples += part;
		size -= part;
		if (scope->window_used < all)
			continue;
		/* Without memory it is not looked at; there are others. */
		if (spectrum_add_channel(scope->spectrum, &scope->layout, scope->channel,
					 scope->window))
			scope->windows++;
		scope->window_used = 0;
	}
}

bool scope_is_full(const struct scope *scope)
{
	return scope->windows == WINDOWS_MAX;
}

bool scope_has_seen(const struct scope *scope)
{
	return scope->windows > 0;
}

void scope_look(struct scope *scope, struct scope_view *view)
{
	view->channel = scope->channel;
	view->channels = scope->layout.channels;
	spectrum_look(scope->spectrum, &view->figures);
}

/* Samples that were not looked at may be missing before the next ones: no window has both. */
void scope_clear(struct scope *scope)
{
	spectrum_clear(scope->spectrum);
	scope->window_used = 0;
	scope->windows = 0;
}

void scope_next_channel(struct scope *scope)
{
	scope->channel = (scope->channel + 1) % scope->layout.channels;
	scope_clear(scope);
}

/* In characters */

struct drawing {
	const struct scope_view *view;
	FILE *out;
	size_t columns; /* of a line */
	size_t width;	/* of the spectrum */
	size_t height;	/* of the spectrum */
};

/* A line that is cut to the width; it has a byte for each character. */
static void put_line(const struct drawing *drawing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put_line(const struct drawing *drawing, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(drawing->out, "%.*s\n", (int)drawing->columns, line);
}

static void put_route(const struct drawing *drawing)
{
	const struct scope_view *view = drawing->view;
	char rate[CHART_VALUE_SIZE], channel[40] = "";

	if (view->channels > 1)
		snprintf(channel, sizeof(channel), ", channel %u of %u (c: next)", view->channel,
			 view->channels);
	put_line(drawing, "%s: %s, %s%s   q: quit", view->route, view->device,
		 view->sample_rate > 0 ? quantity_format(view->sample_rate, 0, "S/s", rate)
				       : "unknown sample rate",
		 channel);
}

static void put_losses(const struct drawing *drawing)
{
	const struct scope_view *view = drawing->view;
	const struct iiobridge_statistics_info *statistics = &view->statistics;

	if (view->losses_known)
		put_line(drawing, "%.0f s, %.1f MiB/s, %s %" PRIu64 ", lost %s%" PRIu64 " samples",
			 view->seconds, view->mib_per_s, statistics->gaps ? "GAPS" : "gaps",
			 statistics->gaps, statistics->estimated ? "about " : "",
			 statistics->samples_lost);
	else
		put_line(drawing, "%.0f s, %.1f MiB/s, gaps not yet known", view->seconds,
			 view->mib_per_s);
}

static void put_levels(const struct drawing *drawing)
{
	const struct scope_view *view = drawing->view;
	const struct spectrum_figures *figures = &view->figures;
	char frequency[CHART_VALUE_SIZE];

	if (!figures->has_peak)
		put_line(drawing, "all samples are 0");
	else
		put_line(drawing, "peak %s%s, %.1f dBFS; all %.1f dBFS; noise %.1f dBFS%s",
			 spectrum_format_peak(figures, view->sample_rate, frequency),
			 view->sample_rate > 0 ? "" : " of the rate", figures->peak, figures->level,
			 figures->noise, figures->clips ? "; FULL SCALE" : "");
}

/* The strongest frequency of a column, in eighths of a line above the lowest level. */
static size_t height_of(const struct drawing *drawing, size_t column)
{
	const struct spectrum_figures *figures = &drawing->view->figures;
	const size_t begin = column * figures->bins / drawing->width;
	const size_t end = (column + 1) * figures->bins / drawing->width;
	float strongest = figures->db[begin];
	double part;

	for (size_t i = begin + 1; i < end; i++)
		strongest = fmaxf(strongest, figures->db[i]);
	part = ((double)strongest - LEVEL_LOW) / (LEVEL_HIGH - LEVEL_LOW);
	part = fmin(fmax(part, 0), 1);
	return (size_t)lround(part * (double)(drawing->height * EIGHTHS));
}

/* The level at the upper edge of a line, where it is a round number that no other line has. */
static void put_margin(const struct drawing *drawing, size_t row)
{
	const double step = (LEVEL_HIGH - LEVEL_LOW) / (double)drawing->height;
	const double level = LEVEL_HIGH - (double)row * step;
	const struct axis axis = {
		.low = LEVEL_LOW,
		.high = LEVEL_HIGH,
		.scale = 1,
		.most = drawing->height / 2 + 2,
	};
	struct ticks ticks;

	ticks_choose(&axis, &ticks);
	for (size_t i = 0; i < ticks.count; i++) {
		const double tick = ticks_value(&ticks, i);

		if (tick <= level + step / 2 && tick > level - step / 2) {
			fprintf(drawing->out, "%4.0f ┤", tick);
			return;
		}
	}
	fputs("     │", drawing->out);
}

static void put_spectrum(const struct drawing *drawing)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

	for (size_t row = 0; row < drawing->height; row++) {
		const size_t below = (drawing->height - 1 - row) * EIGHTHS;

		put_margin(drawing, row);
		for (size_t column = 0; column < drawing->width; column++) {
			const size_t height = height_of(drawing, column);
			const size_t here = height > below ? height - below : 0;

			fputs(blocks[here < EIGHTHS ? here : EIGHTHS], drawing->out);
		}
		fputc('\n', drawing->out);
	}
}

static size_t column_of(const struct drawing *drawing, const struct axis *axis, double value)
{
	const double part = (value / axis->scale - axis->low) / (axis->high - axis->low);
	const double column = part * (double)drawing->width;

	return column < (double)(drawing->width - 1) ? (size_t)column : drawing->width - 1;
}

static void put_axis(const struct drawing *drawing)
{
	const struct scope_view *view = drawing->view;
	const struct axis axis = axis_of_frequency(view->figures.lowest < 0, view->sample_rate,
						   drawing->width / TICK_COLUMNS + 2);
	char values[LINE_SIZE] = "", text[CHART_VALUE_SIZE];
	size_t next = 0, used = 0;
	struct ticks ticks;

	ticks_choose(&axis, &ticks);
	fprintf(drawing->out, "%4.0f └", LEVEL_LOW);
	for (size_t column = 0; column < drawing->width; column++) {
		const bool is_tick = next < ticks.count &&
				     column_of(drawing, &axis, ticks_value(&ticks, next)) == column;

		fputs(is_tick ? "┴" : "─", drawing->out);
		next += is_tick;
	}
	fputc('\n', drawing->out);

	/* Each value is under its tick as far as there is room. */
	for (size_t i = 0; i < ticks.count; i++) {
		const size_t length = strlen(ticks_format(&ticks, i, text));
		const size_t middle = MARGIN + column_of(drawing, &axis, ticks_value(&ticks, i));
		const size_t begin = middle > length / 2 ? middle - length / 2 : 0;

		if ((used && begin <= used) || begin + length > drawing->columns ||
		    begin + length >= sizeof(values))
			continue;
		used += (size_t)snprintf(values + used, sizeof(values) - used, "%*s%s",
					 (int)(begin - used), "", text);
	}
	if (view->sample_rate > 0)
		snprintf(text, sizeof(text), " %sHz", ticks.prefix);
	else
		snprintf(text, sizeof(text), " of the rate");
	if (used + strlen(text) <= drawing->columns && used + strlen(text) < sizeof(values))
		snprintf(values + used, sizeof(values) - used, "%s", text);
	put_line(drawing, "%s", values);
}

char *scope_format(const struct scope_view *view, size_t columns, size_t rows)
{
	const bool has_radio = view->radio && view->radio[0];
	const size_t other_lines = OTHER_LINES + has_radio;
	struct drawing drawing = { .view = view, .columns = columns };
	char *text = NULL;
	size_t size;

	drawing.out = open_memstream(&text, &size);
	if (!drawing.out)
		return NULL;
	drawing.width = columns > MARGIN ? columns - MARGIN : 0;
	drawing.height = rows > other_lines ? rows - other_lines : 0;
	if (rows > 0)
		put_route(&drawing);
	if (rows > 1)
		put_losses(&drawing);
	if (rows > 2)
		put_levels(&drawing);
	if (rows > 3 && has_radio)
		put_line(&drawing, "%s", view->radio);
	if (drawing.height >= SPECTRUM_ROWS_MIN && drawing.width >= SPECTRUM_COLUMNS_MIN) {
		put_spectrum(&drawing);
		put_axis(&drawing);
	}
	if (fclose(drawing.out) == 0)
		return text;
	free(text);
	return NULL;
}
