// SPDX-License-Identifier: GPL-2.0-or-later
#include "chart.h"

#include <math.h>
#include <stdio.h>

#define TICK_FONT  12
#define NAME_FONT  12
#define TITLE_FONT 14
#define NAME_SIZE  64

/* Room for the values beside the vertical axis. */
#define VALUES_WIDTH 46

void chart_colour(cairo_t *cairo, uint32_t rgb, double opacity)
{
	cairo_set_source_rgba(cairo, (rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0,
			      (rgb & 0xff) / 255.0, opacity);
}

double chart_text(cairo_t *cairo, double x, double y, enum chart_align align, const char *text)
{
	cairo_text_extents_t extents;

	cairo_text_extents(cairo, text, &extents);
	if (align == CHART_CENTRE)
		x -= extents.x_advance / 2;
	else if (align == CHART_RIGHT)
		x -= extents.x_advance;
	cairo_move_to(cairo, x, y);
	cairo_show_text(cairo, text);
	return extents.x_advance;
}

void chart_font(cairo_t *cairo, double size, bool bold)
{
	cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, size);
}

double chart_x(const struct chart *chart, double value)
{
	return chart->x + (value - chart->x_low) / (chart->x_high - chart->x_low) * chart->width;
}

double chart_y(const struct chart *chart, double value)
{
	return chart->y + chart->height -
	       (value - chart->y_low) / (chart->y_high - chart->y_low) * chart->height;
}

void chart_clip(const struct chart *chart)
{
	cairo_save(chart->cairo);
	cairo_rectangle(chart->cairo, chart->x, chart->y, chart->width, chart->height);
	cairo_clip(chart->cairo);
}

void chart_title(const struct chart *chart, const char *title, const char *detail)
{
	double width;

	chart_font(chart->cairo, TITLE_FONT, true);
	chart_colour(chart->cairo, CHART_INK, 1);
	width = chart_text(chart->cairo, chart->x, chart->y - 9, CHART_LEFT, title);
	chart_font(chart->cairo, NAME_FONT, false);
	chart_colour(chart->cairo, CHART_FAINT, 1);
	chart_text(chart->cairo, chart->x + width + 12, chart->y - 9, CHART_LEFT, detail);
}

/* Lines of one pixel are sharp when they are in the middle of it. */
static double sharp(double pixel)
{
	return floor(pixel) + 0.5;
}

static void line(const struct chart *chart, double x1, double y1, double x2, double y2)
{
	cairo_set_line_width(chart->cairo, 1);
	cairo_move_to(chart->cairo, sharp(x1), sharp(y1));
	cairo_line_to(chart->cairo, sharp(x2), sharp(y2));
	cairo_stroke(chart->cairo);
}

static void choose(const struct chart_axis *axis, double low, double high, struct ticks *ticks)
{
	ticks_choose(low, high, axis->most, ticks);
	if (axis->prefix)
		ticks_choose_prefix(ticks, fmax(fabs(low), fabs(high)));
}

/* "frequency in MHz" */
static void write_name(const struct chart *chart, const struct chart_axis *axis,
		       const struct ticks *ticks, double x, double y)
{
	char text[NAME_SIZE];

	snprintf(text, sizeof(text), "%s%s%s%s", axis->name, *axis->unit ? " in " : "",
		 ticks->prefix, axis->unit);
	chart_font(chart->cairo, NAME_FONT, false);
	chart_colour(chart->cairo, CHART_FAINT, 1);
	chart_text(chart->cairo, x, y, CHART_CENTRE, text);
}

void chart_x_axis(const struct chart *chart, const struct chart_axis *axis)
{
	const double bottom = chart->y + chart->height;
	char text[TICKS_TEXT_SIZE];
	struct ticks ticks;

	choose(axis, chart->x_low, chart->x_high, &ticks);
	chart_font(chart->cairo, TICK_FONT, false);
	for (size_t i = 0; i < ticks.count; i++) {
		const double x = chart_x(chart, ticks_value(&ticks, i));

		chart_colour(chart->cairo, CHART_GRID, 1);
		if (axis->grid)
			line(chart, x, chart->y, x, bottom);
		chart_colour(chart->cairo, CHART_FAINT, 1);
		line(chart, x, bottom, x, bottom + 4);
		chart_colour(chart->cairo, CHART_INK, 1);
		chart_text(chart->cairo, x, bottom + 18, CHART_CENTRE,
			   ticks_format(&ticks, i, text));
	}
	if (axis->name)
		write_name(chart, axis, &ticks, chart->x + chart->width / 2, bottom + 35);
}

void chart_y_axis(const struct chart *chart, const struct chart_axis *axis)
{
	const double right = chart->x + chart->width;
	char text[TICKS_TEXT_SIZE];
	struct ticks ticks;

	choose(axis, chart->y_low, chart->y_high, &ticks);
	chart_font(chart->cairo, TICK_FONT, false);
	for (size_t i = 0; i < ticks.count; i++) {
		const double y = chart_y(chart, ticks_value(&ticks, i));

		chart_colour(chart->cairo, CHART_GRID, 1);
		if (axis->grid)
			line(chart, chart->x, y, right, y);
		chart_colour(chart->cairo, CHART_FAINT, 1);
		line(chart, chart->x - 4, y, chart->x, y);
		chart_colour(chart->cairo, CHART_INK, 1);
		chart_text(chart->cairo, chart->x - 8, y + 4, CHART_RIGHT,
			   ticks_format(&ticks, i, text));
	}
	if (!axis->name)
		return;
	cairo_save(chart->cairo);
	cairo_translate(chart->cairo, chart->x - VALUES_WIDTH, chart->y + chart->height / 2);
	cairo_rotate(chart->cairo, -M_PI / 2);
	write_name(chart, axis, &ticks, 0, 0);
	cairo_restore(chart->cairo);
}

void chart_frame(const struct chart *chart)
{
	chart_colour(chart->cairo, CHART_FAINT, 1);
	cairo_set_line_width(chart->cairo, 1);
	cairo_rectangle(chart->cairo, sharp(chart->x), sharp(chart->y), floor(chart->width),
			floor(chart->height));
	cairo_stroke(chart->cairo);
}
