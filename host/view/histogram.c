// SPDX-License-Identifier: GPL-2.0-or-later
#include "histogram.h"

#include "chart.h"
#include "picture.h"

#include <math.h>

#define WIDTH  1260
#define HEIGHT 470

/* From the upper edge down. */
#define TOP  100
#define BARS 300

#define BAR_COLUMNS 50
#define HEADROOM    1.1

/* The part of the values that the bins reach. */
#define SHOWN 0.99

/* Rounding must not put a value that is the edge of a bin into the bin before it. */
#define TOLERANCE 1e-9

static size_t bin_of(const struct histogram *histogram, double value)
{
	return (size_t)fmax(floor((value - histogram->low) / histogram->step + TOLERANCE), 0);
}

static double edge(const struct histogram *histogram, size_t bin)
{
	return histogram->low + (double)bin * histogram->step;
}

/* The narrowest bins of which there are not too many. */
static void choose_bins(struct histogram *histogram, double low, double high, size_t most)
{
	static const double nice[] = { 1, 2, 5 };
	const double width = fmax(high - low, fmax(fabs(high) * 1e-6, 1e-12)) / (double)most;
	double power = pow(10, floor(log10(width)));

	for (;; power *= 10) {
		for (size_t i = 0; i < sizeof(nice) / sizeof(nice[0]); i++) {
			histogram->step = nice[i] * power;
			histogram->low = floor(low / histogram->step + TOLERANCE) * histogram->step;
			histogram->bins = bin_of(histogram, high) + 1;
			if (histogram->bins <= most)
				return;
		}
	}
}

void histogram_fill(struct histogram *histogram, const double *values, size_t count, size_t most)
{
	const size_t shown = (size_t)ceil(SHOWN * (double)count);

	*histogram = (struct histogram){ 0 };
	choose_bins(histogram, values[0], values[shown - 1], most);
	for (size_t i = 0; i < count; i++) {
		const size_t bin = bin_of(histogram, values[i]);

		if (bin < histogram->bins)
			histogram->counts[bin]++;
		else
			histogram->beyond++;
	}
}

static size_t largest(const struct histogram *histogram)
{
	size_t result = 1;

	for (size_t i = 0; i < histogram->bins; i++) {
		if (histogram->counts[i] > result)
			result = histogram->counts[i];
	}
	return result;
}

/* Digits behind the point that tell the edges apart. */
static int decimals(double step)
{
	const double digits = -floor(log10(step) + TOLERANCE);

	return digits < 0 ? 0 : (int)digits;
}

void histogram_print(const struct histogram *histogram, FILE *file)
{
	static const char bar[] = "##################################################";
	const double most = (double)largest(histogram);
	const int digits = decimals(histogram->step);

	for (size_t i = 0; i < histogram->bins; i++) {
		const double part = (double)histogram->counts[i] / most;
		const int columns = (int)ceil(part * BAR_COLUMNS);

		fprintf(file, "%9.*f to %9.*f %8zu%s%.*s\n", digits, edge(histogram, i), digits,
			edge(histogram, i + 1), histogram->counts[i], columns ? "  " : "", columns,
			bar);
	}
	if (histogram->beyond)
		fprintf(file, "%9.*f or more   %8zu\n", digits, edge(histogram, histogram->bins),
			histogram->beyond);
}

static void draw_bars(const struct chart *chart, const struct histogram *histogram)
{
	chart_clip(chart);
	chart_colour(chart->cairo, chart_channel_colour(0), 1);
	for (size_t i = 0; i < histogram->bins; i++) {
		const double left = chart_x(chart, edge(histogram, i));
		const double y = chart_y(chart, (double)histogram->counts[i]);

		cairo_rectangle(chart->cairo, left + 1, y,
				chart_x(chart, edge(histogram, i + 1)) - left - 2,
				chart->top + chart->height - y);
	}
	cairo_fill(chart->cairo);
	cairo_restore(chart->cairo);
}

/* One below the other, as they may be close to each other. */
static void draw_mark(const struct chart *chart, const struct histogram_picture *picture,
		      size_t index)
{
	const struct histogram_mark *mark = &picture->marks[index];
	const double x = fmin(chart_x(chart, mark->value), chart->left + chart->width);
	const bool is_right = x > chart->left + chart->width - 160;
	const struct text_style style = { 12, .bold = true, .colour = CHART_ALARM,
					  .align = is_right ? TEXT_RIGHT : TEXT_LEFT };
	char value[CHART_VALUE_SIZE], text[2 * CHART_VALUE_SIZE];

	chart_colour(chart->cairo, CHART_ALARM, 1);
	cairo_rectangle(chart->cairo, floor(x), chart->top, 1, chart->height);
	cairo_fill(chart->cairo);
	snprintf(text, sizeof(text), "%s %s", mark->name,
		 quantity_format(mark->value * picture->scale,
				 fabs(mark->value * picture->scale) / 1000, picture->unit, value));
	chart_text(chart->cairo, is_right ? x - 5 : x + 6, chart->top + 18 + 17 * (double)index,
		   style, text);
}

int histogram_write(const char *path, const struct histogram *histogram,
		    const struct histogram_picture *picture, struct failure *failure)
{
	cairo_t *cairo = picture_begin(WIDTH, HEIGHT, picture->title, picture->facts);
	const struct chart chart = {
		.cairo = cairo,
		.left = PANELS_LEFT,
		.top = TOP,
		.width = CHART_WIDTH_MAX,
		.height = BARS,
		.x = { .low = histogram->low,
		       .high = edge(histogram, histogram->bins),
		       .scale = picture->scale,
		       .unit = picture->unit,
		       .prefix = true,
		       .most = 13,
		       .grid = true,
		       .name = picture->quantity },
		.y = { .high = HEADROOM * (double)largest(histogram),
		       .scale = 1,
		       .unit = "",
		       .most = 8,
		       .grid = true,
		       .name = "number" },
	};

	chart_axis(&chart, &chart.x);
	chart_axis(&chart, &chart.y);
	draw_bars(&chart, histogram);
	for (size_t i = 0; i < picture->mark_count; i++)
		draw_mark(&chart, picture, i);
	chart_frame(&chart);
	return picture_end(cairo, path, failure);
}
