// SPDX-License-Identifier: GPL-2.0-or-later
#include "chart.h"

#include <math.h>
#include <stdio.h>

#define DECIMALS_MAX 9

/* Rounding must not take the tick at the end of an axis away. */
#define TOLERANCE 1e-6

#define GRID	   0xe3e7ec
#define SMALL_FONT 12
#define TITLE_FONT 14
#define NAME_SIZE  64

/* Room for the values between an axis and its name. */
#define VALUES_WIDTH  46
#define VALUES_HEIGHT 35

/* With more values than this on a pixel, what they reach is drawn. */
#define DENSE 2

/* Dots on the line show which samples there are. */
#define DOTS_MAX 120

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Axes and their values */

struct prefix {
	const char *name;
	double factor;
};

static const struct prefix prefixes[] = {
	{ "G", 1e9 },  { "M", 1e6 },  { "k", 1e3 },  { "", 1 },
	{ "m", 1e-3 }, { "µ", 1e-6 }, { "n", 1e-9 },
};

static const struct prefix *prefix_of(double value)
{
	size_t i = 0;

	if (value == 0)
		return &prefixes[3];
	while (i < LENGTH(prefixes) - 1 && fabs(value) < prefixes[i].factor * (1 - TOLERANCE))
		i++;
	return &prefixes[i];
}

/* Digits behind the point that show a step of this length. */
static int decimals_of(double step)
{
	const double digits = -floor(log10(step) + TOLERANCE);

	return digits < 0 ? 0 : digits > DECIMALS_MAX ? DECIMALS_MAX : (int)digits;
}

static double count_on(double low, double high, double step)
{
	return floor(high / step + TOLERANCE) - ceil(low / step - TOLERANCE) + 1;
}

struct axis axis_of_frequency(bool is_complex, double sample_rate, size_t most)
{
	return (struct axis){
		.low = is_complex ? -0.5 : 0,
		.high = 0.5,
		.scale = sample_rate > 0 ? sample_rate : 1,
		.unit = sample_rate > 0 ? "Hz" : "",
		.prefix = sample_rate > 0,
		.most = most,
		.name = "frequency",
	};
}

void ticks_choose(const struct axis *axis, struct ticks *ticks)
{
	static const double nice[] = { 1, 2, 5, 10 };
	const double low = axis->low * axis->scale, high = axis->high * axis->scale;
	const double most = (double)axis->most, power = pow(10, floor(log10((high - low) / most)));
	const struct prefix *prefix = prefix_of(axis->prefix ? fmax(fabs(low), fabs(high)) : 0);
	double step = power;

	for (size_t i = 0; i < LENGTH(nice); i++) {
		step = nice[i] * power;
		if (count_on(low, high, step) <= most)
			break;
	}
	*ticks = (struct ticks){
		.first = ceil(low / step - TOLERANCE) * step,
		.step = step,
		.count = (size_t)count_on(low, high, step),
		.decimals = decimals_of(step / prefix->factor),
		.factor = prefix->factor,
		.prefix = prefix->name,
	};
}

double ticks_value(const struct ticks *ticks, size_t index)
{
	return ticks->first + (double)index * ticks->step;
}

/* A tick that is 0 but for rounding is not "-0". */
static double without_noise(double value, double step)
{
	return fabs(value) < step * TOLERANCE ? 0 : value;
}

const char *ticks_format(const struct ticks *ticks, size_t index, char text[CHART_VALUE_SIZE])
{
	const double value = without_noise(ticks_value(ticks, index), ticks->step);

	snprintf(text, CHART_VALUE_SIZE, "%.*f", ticks->decimals, value / ticks->factor);
	return text;
}

const char *quantity_format(double value, double resolution, const char *unit,
			    char text[CHART_VALUE_SIZE])
{
	const struct prefix *prefix = prefix_of(*unit ? value : 0);
	const char *space = *unit ? " " : "";

	if (resolution <= 0)
		snprintf(text, CHART_VALUE_SIZE, "%.9g%s%s%s", value / prefix->factor, space,
			 prefix->name, unit);
	else
		snprintf(text, CHART_VALUE_SIZE, "%.*f%s%s%s",
			 decimals_of(resolution / prefix->factor),
			 without_noise(value, resolution) / prefix->factor, space, prefix->name,
			 unit);
	return text;
}

/* Colours and texts */

void chart_colour(cairo_t *cairo, uint32_t rgb, double opacity)
{
	cairo_set_source_rgba(cairo, (rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0,
			      (rgb & 0xff) / 255.0, opacity);
}

uint32_t chart_channel_colour(unsigned int channel)
{
	static const uint32_t colours[] = { 0x1f5fa8, 0xd9691c, 0x23875a, 0xa83279,
					    0x7a6a14, 0x1d8c99, 0x6a4bb5, 0x8a4b2f };

	return colours[channel % LENGTH(colours)];
}

uint32_t chart_heat_colour(float value)
{
	/* Red, green and blue at equal distances; between two of them the colour changes evenly. */
	static const float stations[][3] = {
		{ 8, 9, 28 },	  { 38, 18, 88 },   { 92, 24, 124 },
		{ 150, 40, 120 }, { 203, 62, 92 },  { 238, 105, 58 },
		{ 250, 158, 42 }, { 250, 208, 90 }, { 255, 250, 190 },
	};
	const size_t last = LENGTH(stations) - 1;
	uint32_t rgb = 0;
	float part;
	size_t i;

	/* Not a number is not larger than 0, either. */
	if (!(value > 0))
		value = 0;
	if (value > 1)
		value = 1;
	i = (size_t)(value * (float)last);
	if (i == last)
		i--;
	part = value * (float)last - (float)i;
	for (int k = 0; k < 3; k++) {
		const float from = stations[i][k], to = stations[i + 1][k];

		rgb = rgb << 8 | (uint32_t)(from + (to - from) * part + 0.5F);
	}
	return rgb;
}

double chart_text(cairo_t *cairo, double x, double y, struct text_style style, const char *text)
{
	cairo_text_extents_t extents;

	cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, style.size);
	chart_colour(cairo, style.colour, 1);
	cairo_text_extents(cairo, text, &extents);
	if (style.align == TEXT_CENTRE)
		x -= extents.x_advance / 2;
	else if (style.align == TEXT_RIGHT)
		x -= extents.x_advance;
	cairo_move_to(cairo, x, y);
	cairo_show_text(cairo, text);
	return extents.x_advance;
}

/* The chart */

double chart_x(const struct chart *chart, double place)
{
	const struct axis *axis = &chart->x;

	return chart->left + (place - axis->low) / (axis->high - axis->low) * chart->width;
}

double chart_y(const struct chart *chart, double place)
{
	const struct axis *axis = &chart->y;

	return chart->top + chart->height -
	       (place - axis->low) / (axis->high - axis->low) * chart->height;
}

void chart_clip(const struct chart *chart)
{
	cairo_save(chart->cairo);
	cairo_rectangle(chart->cairo, chart->left, chart->top, chart->width, chart->height);
	cairo_clip(chart->cairo);
}

void chart_title(const struct chart *chart, const char *title, const char *detail)
{
	const double y = chart->top - 9;
	const double width = chart_text(
		chart->cairo, chart->left, y,
		(struct text_style){ TITLE_FONT, .bold = true, .colour = CHART_INK }, title);

	chart_text(chart->cairo, chart->left + width + 12, y,
		   (struct text_style){ SMALL_FONT, .colour = CHART_FAINT }, detail);
}

/* Lines of one pixel are sharp when they are in the middle of it. */
static double sharp(double pixel)
{
	return floor(pixel) + 0.5;
}

static void line(const struct chart *chart, uint32_t colour, double x1, double y1, double x2,
		 double y2)
{
	chart_colour(chart->cairo, colour, 1);
	cairo_set_line_width(chart->cairo, 1);
	cairo_move_to(chart->cairo, sharp(x1), sharp(y1));
	cairo_line_to(chart->cairo, sharp(x2), sharp(y2));
	cairo_stroke(chart->cairo);
}

/* "frequency in MHz", along the axis */
static void write_name(const struct chart *chart, const struct axis *axis, const char *prefix)
{
	const struct text_style style = { SMALL_FONT, .colour = CHART_FAINT, .align = TEXT_CENTRE };
	const bool vertical = axis == &chart->y;
	char text[NAME_SIZE];

	snprintf(text, sizeof(text), "%s%s%s%s", axis->name, *axis->unit ? " in " : "", prefix,
		 axis->unit);
	cairo_save(chart->cairo);
	if (vertical)
		cairo_translate(chart->cairo, chart->left - VALUES_WIDTH,
				chart->top + chart->height / 2);
	else
		cairo_translate(chart->cairo, chart->left + chart->width / 2,
				chart->top + chart->height + VALUES_HEIGHT);
	cairo_rotate(chart->cairo, vertical ? -M_PI / 2 : 0);
	chart_text(chart->cairo, 0, 0, style, text);
	cairo_restore(chart->cairo);
}

void chart_axis(const struct chart *chart, const struct axis *axis)
{
	const bool vertical = axis == &chart->y;
	const double left = chart->left, bottom = chart->top + chart->height;
	const struct text_style style = { SMALL_FONT, .colour = CHART_INK,
					  .align = vertical ? TEXT_RIGHT : TEXT_CENTRE };
	char text[CHART_VALUE_SIZE];
	struct ticks ticks;

	ticks_choose(axis, &ticks);
	for (size_t i = 0; i < ticks.count; i++) {
		const double place = ticks_value(&ticks, i) / axis->scale;
		const double x = vertical ? left : chart_x(chart, place);
		const double y = vertical ? chart_y(chart, place) : bottom;

		if (axis->grid)
			line(chart, GRID, x, y, vertical ? left + chart->width : x,
			     vertical ? y : chart->top);
		line(chart, CHART_FAINT, x, y, vertical ? x - 4 : x, vertical ? y : y + 4);
		chart_text(chart->cairo, vertical ? x - 8 : x, vertical ? y + 4 : y + 18, style,
			   ticks_format(&ticks, i, text));
	}
	if (axis->name)
		write_name(chart, axis, ticks.prefix);
}

void chart_frame(const struct chart *chart)
{
	chart_colour(chart->cairo, CHART_FAINT, 1);
	cairo_set_line_width(chart->cairo, 1);
	cairo_rectangle(chart->cairo, sharp(chart->left), sharp(chart->top), floor(chart->width),
			floor(chart->height));
	cairo_stroke(chart->cairo);
}

/* Lines of values */

void spans_fill(const float *values, size_t stride, size_t count, struct span *spans,
		size_t columns)
{
	for (size_t column = 0; column < columns; column++) {
		const size_t begin = column * count / columns;
		const size_t end = (column + 1) * count / columns;
		struct span span = { INFINITY, -INFINITY };

		for (size_t i = begin ? begin - 1 : 0; i < end; i++) {
			span.low = fminf(span.low, values[i * stride]);
			span.high = fmaxf(span.high, values[i * stride]);
		}
		spans[column] = span;
	}
}

static void dense_line(const struct chart *chart, double left, double right, const float *values,
		       size_t stride, size_t count, size_t columns)
{
	struct span spans[CHART_WIDTH_MAX];
	const double step = (right - left) / (double)columns;

	spans_fill(values, stride, count, spans, columns);
	for (size_t i = 0; i < columns; i++)
		cairo_line_to(chart->cairo, left + ((double)i + 0.5) * step,
			      chart_y(chart, (double)spans[i].high));
	for (size_t i = columns; i-- > 0;)
		cairo_line_to(chart->cairo, left + ((double)i + 0.5) * step,
			      chart_y(chart, (double)spans[i].low));
	cairo_close_path(chart->cairo);
	cairo_fill_preserve(chart->cairo);
	cairo_set_line_width(chart->cairo, 0.8);
	cairo_stroke(chart->cairo);
}

static void thin_line(const struct chart *chart, double left, double right, const float *values,
		      size_t stride, size_t count)
{
	const double step = count > 1 ? (right - left) / (double)(count - 1) : 0;

	for (size_t i = 0; i < count; i++)
		cairo_line_to(chart->cairo, left + (double)i * step,
			      chart_y(chart, (double)values[i * stride]));
	cairo_set_line_width(chart->cairo, 1.4);
	cairo_stroke(chart->cairo);
	for (size_t i = 0; i < count && count <= DOTS_MAX; i++) {
		cairo_arc(chart->cairo, left + (double)i * step,
			  chart_y(chart, (double)values[i * stride]), 2.6, 0, 2 * M_PI);
		cairo_fill(chart->cairo);
	}
}

void chart_line(const struct chart *chart, double from, double to, const float *values,
		size_t stride, size_t count, uint32_t colour)
{
	const double left = chart_x(chart, from), right = chart_x(chart, to);
	size_t columns = (size_t)fmax(right - left, 1);

	if (columns > CHART_WIDTH_MAX)
		columns = CHART_WIDTH_MAX;
	chart_clip(chart);
	chart_colour(chart->cairo, colour, 1);
	cairo_set_line_join(chart->cairo, CAIRO_LINE_JOIN_ROUND);
	if (count > DENSE * columns)
		dense_line(chart, left, right, values, stride, count, columns);
	else
		thin_line(chart, left, right, values, stride, count);
	cairo_restore(chart->cairo);
}
