// SPDX-License-Identifier: GPL-2.0-or-later
#include "scope_view.h"

#include "ticks.h"
#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_HIGH 0.0
#define LEVEL_LOW  (-120.0)

/* "-120 ┤" */
#define MARGIN 6

/* Lines that are not the spectrum: three of text, the axis and its values. */
#define OTHER_LINES 5

#define SPECTRUM_ROWS_MIN    3
#define SPECTRUM_COLUMNS_MIN 16
#define LINE_SIZE	     256
#define EIGHTHS		     8
#define TICK_COLUMNS	     12

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
	char rate[TICKS_TEXT_SIZE], channel[40] = "";

	if (view->channels > 1)
		snprintf(channel, sizeof(channel), ", channel %u of %u (c: next)", view->channel,
			 view->channels);
	put_line(drawing, "%s: %s, %s%s   q: quit", view->route, view->device,
		 view->sample_rate > 0 ? ticks_describe(view->sample_rate, 0, "S/s", rate)
				       : "unknown sample rate",
		 channel);
}

static void put_progress(const struct drawing *drawing)
{
	const struct progress *progress = &drawing->view->progress;
	const double seconds = (double)progress->nanoseconds / 1e9;
	const double rate =
		units_per_second((double)progress->bytes / UNITS_MIB, progress->nanoseconds);

	if (progress->losses_known)
		put_line(drawing, "%.0f s, %.1f MiB/s, %s %" PRIu64 ", lost %s%" PRIu64 " samples",
			 seconds, rate, progress->gaps ? "GAPS" : "gaps", progress->gaps,
			 progress->estimated ? "about " : "", progress->scans_lost);
	else
		put_line(drawing, "%.0f s, %.1f MiB/s, gaps not yet known", seconds, rate);
}

static void put_levels(const struct drawing *drawing)
{
	const struct scope_view *view = drawing->view;
	const double scale = view->sample_rate > 0 ? view->sample_rate : 1;
	char frequency[TICKS_TEXT_SIZE];

	if (!view->peak.exists)
		put_line(drawing, "all samples are 0");
	else
		put_line(drawing, "peak %s%s, %.1f dBFS; all %.1f dBFS; noise %.1f dBFS%s",
			 ticks_describe((double)view->peak.frequency * scale,
					scale / (double)view->bins / 10,
					view->sample_rate > 0 ? "Hz" : "", frequency),
			 view->sample_rate > 0 ? "" : " of the rate", (double)view->peak.dbfs,
			 (double)view->level, (double)view->noise,
			 view->clips ? "; FULL SCALE" : "");
}

/* The strongest frequency of a column, in eighths of a line above the lowest level. */
static size_t height_of(const struct drawing *drawing, size_t column)
{
	const struct scope_view *view = drawing->view;
	const size_t begin = column * view->bins / drawing->width;
	const size_t end = (column + 1) * view->bins / drawing->width;
	float strongest = view->db[begin];
	double part;

	for (size_t i = begin + 1; i < end; i++)
		strongest = fmaxf(strongest, view->db[i]);
	part = ((double)strongest - LEVEL_LOW) / (LEVEL_HIGH - LEVEL_LOW);
	part = fmin(fmax(part, 0), 1);
	return (size_t)lround(part * (double)(drawing->height * EIGHTHS));
}

/* The level at the upper edge of a line, where it is a round number that no other line has. */
static void put_margin(const struct drawing *drawing, size_t row)
{
	const double step = (LEVEL_HIGH - LEVEL_LOW) / (double)drawing->height;
	const double level = LEVEL_HIGH - (double)row * step;
	struct ticks ticks;

	ticks_choose(LEVEL_LOW, LEVEL_HIGH, drawing->height / 2 + 2, &ticks);
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

static size_t column_of(const struct drawing *drawing, const struct ticks *ticks, size_t index,
			double low, double high)
{
	const double part = (ticks_value(ticks, index) - low) / (high - low);
	const double column = part * (double)drawing->width;

	return column < (double)(drawing->width - 1) ? (size_t)column : drawing->width - 1;
}

static void put_axis(const struct drawing *drawing)
{
	const struct scope_view *view = drawing->view;
	const double high = (view->sample_rate > 0 ? view->sample_rate : 1) / 2;
	const double low = view->is_complex ? -high : 0;
	char values[LINE_SIZE] = "", text[TICKS_TEXT_SIZE];
	size_t next = 0, used = 0;
	struct ticks ticks;

	ticks_choose(low, high, drawing->width / TICK_COLUMNS + 2, &ticks);
	if (view->sample_rate > 0)
		ticks_choose_prefix(&ticks, high);

	fprintf(drawing->out, "%4.0f └", LEVEL_LOW);
	for (size_t column = 0; column < drawing->width; column++) {
		const bool is_tick =
			next < ticks.count && column_of(drawing, &ticks, next, low, high) == column;

		fputs(is_tick ? "┴" : "─", drawing->out);
		next += is_tick;
	}
	fputc('\n', drawing->out);

	/* Each value is under its tick as far as there is room. */
	for (size_t i = 0; i < ticks.count; i++) {
		const size_t length = strlen(ticks_format(&ticks, i, text));
		const size_t middle = MARGIN + column_of(drawing, &ticks, i, low, high);
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

char *scope_view_format(const struct scope_view *view, size_t columns, size_t rows)
{
	struct drawing drawing = { .view = view, .columns = columns };
	char *text = NULL;
	size_t size;

	drawing.out = open_memstream(&text, &size);
	if (!drawing.out)
		return NULL;
	drawing.width = columns > MARGIN ? columns - MARGIN : 0;
	drawing.height = rows > OTHER_LINES ? rows - OTHER_LINES : 0;
	if (rows > 0)
		put_route(&drawing);
	if (rows > 1)
		put_progress(&drawing);
	if (rows > 2)
		put_levels(&drawing);
	if (drawing.height >= SPECTRUM_ROWS_MIN && drawing.width >= SPECTRUM_COLUMNS_MIN) {
		put_spectrum(&drawing);
		put_axis(&drawing);
	}
	if (fclose(drawing.out) == 0)
		return text;
	free(text);
	return NULL;
}
