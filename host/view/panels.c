// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture.h"

#include "analysis.h"
#include "host/files/sample_file.h"

#include <math.h>
#include <stdio.h>

#define STRIP_HEIGHT_MIN 64

/* Between the strips of two channels: room for the values at the ends of their axes. */
#define STRIP_DISTANCE 14

#define MARK_SIZE 6

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

/* So far above the noise a peak is a tone. */
#define TONE_DB 20

/* Below this a tone is the offset of the converter, or a wave that is longer than the trace. */
#define FREQUENCY_MIN 1e-4

#define PERIODS	    25
#define SAMPLES_MIN 100
#define SAMPLES_MAX 20000
#define SECONDS_MAX 0.005

/* Headroom above the largest value. */
#define HEADROOM 1.12

/* Below this the values beside the axis would have too many digits. */
#define AMPLITUDE_PLAIN 0.05

/* Q is drawn in a lighter colour than I; where there is one channel, in a colour of its own. */
#define Q_COLOUR 0xd9691c

static double strip_height(double height, unsigned int shown)
{
	return fmax(floor(height / shown), STRIP_HEIGHT_MIN);
}

double panels_height(double height, unsigned int shown)
{
	return shown * (strip_height(height, shown) + STRIP_DISTANCE) - STRIP_DISTANCE;
}

/* The first strip of a panel; its horizontal axis is time, in scans, to one that is given. */
static struct chart first_strip(const struct panels_view *view, double y, double height, double end)
{
	const double rate = view->info->sample_rate;

	return (struct chart){
		.cairo = view->cairo,
		.left = PANELS_LEFT,
		.top = y,
		.width = CHART_WIDTH_MAX,
		.height = strip_height(height, view->shown),
		.x = {
			.high = end,
			.scale = rate > 0 ? 1 / rate : 1,
			.unit = rate > 0 ? "s" : "samples",
			.prefix = true,
			.most = 13,
			.name = rate > 0 ? "time" : "place",
		},
	};
}

static void mark_gap(const struct chart *chart, double left, double right)
{
	cairo_t *cairo = chart->cairo;

	/* A gap that is shorter than a pixel is as important as a long one. */
	chart_clip(chart);
	chart_colour(cairo, CHART_ALARM, 0.18);
	cairo_rectangle(cairo, left, chart->top, right - left, chart->height);
	cairo_fill(cairo);
	chart_colour(cairo, CHART_ALARM, 1);
	cairo_rectangle(cairo, floor(left), chart->top, 1, chart->height);
	cairo_fill(cairo);
	cairo_move_to(cairo, left + 0.5, chart->top + 1.5 * MARK_SIZE);
	cairo_line_to(cairo, left + 0.5 - MARK_SIZE, chart->top);
	cairo_line_to(cairo, left + 0.5 + MARK_SIZE, chart->top);
	cairo_close_path(cairo);
	cairo_fill(cairo);
	cairo_restore(cairo);
}

static void mark_gaps(const struct panels_view *view, const struct chart *chart)
{
	const struct timeline *timeline = &view->analysis->timeline;
	double marked = -1;
	uint64_t end = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct stretch *stretch = &timeline->stretches[i];
		const double left = chart_x(chart, (double)end);
		const double right = chart_x(chart, (double)stretch->at);

		end = stretch->at + stretch->count;
		if ((i == 0 && stretch->at == 0) || left > chart->left + chart->width)
			continue;
		/* Thousands of gaps share pixels. */
		if (left >= marked + 1 || right >= marked + 1)
			mark_gap(chart, left, right);
		marked = floor(right);
	}
}

/* Which channel a strip shows, where there are several; legible on whatever is drawn below. */
static void name_strip(const struct panels_view *view, const struct chart *chart,
		       unsigned int channel)
{
	const struct text_style style = { 11, .bold = true,
					  .colour = chart_channel_colour(channel) };
	char name[32];

	if (view->shown == 1)
		return;
	snprintf(name, sizeof(name), "channel %u", channel);
	chart_colour(chart->cairo, 0xffffff, 0.85);
	cairo_rectangle(chart->cairo, chart->left + 4, chart->top + 4, 66, 15);
	cairo_fill(chart->cairo);
	chart_text(chart->cairo, chart->left + 8, chart->top + 15, style, name);
}

/* Draws a strip for each channel, with a function that draws what is in one. */
static void draw_strips(const struct panels_view *view, struct chart strip,
			void (*draw)(const struct panels_view *view, const struct chart *strip,
				     unsigned int index, const void *context),
			const void *context)
{
	const char *name = strip.y.name;

	for (unsigned int i = 0; i < view->shown; i++) {
		/* One name is enough for all strips: that in the middle. */
		strip.y.name = i == view->shown / 2 ? name : NULL;
		chart_axis(&strip, &strip.y);
		if (i + 1 == view->shown)
			chart_axis(&strip, &strip.x);
		draw(view, &strip, i, context);
		mark_gaps(view, &strip);
		name_strip(view, &strip, i);
		chart_frame(&strip);
		strip.top += strip.height + STRIP_DISTANCE;
	}
}

/* The spectrogram */

static int level_of(float db)
{
	const float level = db - SPECTRUM_FLOOR_DB;

	return level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : (int)level;
}

/* The levels of the darkest and of the lightest colour, the same for all channels. */
static void choose_levels(const struct panels_view *view, struct axis *axis)
{
	const size_t cells = view->analysis->rows * view->analysis->columns;
	size_t counts[LEVELS] = { 0 };
	size_t all = 0, below = 0;
	int darkest = 0, lightest = 0;

	for (unsigned int k = 0; k < view->shown; k++) {
		const struct analysis_channel *channel = &view->analysis->channels[k];

		for (size_t i = 0; channel->figures.has_peak && i < cells; i++) {
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
	axis->low = all ? darkest + (double)SPECTRUM_FLOOR_DB : -120;
	axis->high = all ? fmax(lightest + (double)SPECTRUM_FLOOR_DB, axis->low + RANGE_MIN_DB) : 0;
}

static uint32_t shade(double value)
{
	return chart_heat_colour((float)((floor(value * SHADES) + 0.5) / SHADES));
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
		       unsigned int index, const void *context)
{
	const struct axis *levels = context;
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
			const double db = (double)strongest(
				analysis, analysis->channels[index].image, column,
				i * analysis->rows / lines, (i + 1) * analysis->rows / lines);

			line[column] =
				isnan(db)
					? NO_SAMPLES
					: shade((db - levels->low) / (levels->high - levels->low));
		}
	}
	cairo_surface_mark_dirty(surface);
	cairo_save(cairo);
	cairo_translate(cairo, chart->left, chart->top);
	cairo_scale(cairo, chart->width / (double)columns, chart->height / (double)lines);
	cairo_set_source_surface(cairo, surface, 0, 0);
	cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
	cairo_rectangle(cairo, 0, 0, (double)columns, (double)lines);
	cairo_fill(cairo);
	cairo_restore(cairo);
	cairo_surface_destroy(surface);
}

/* The levels of the colours, beside the strips. */
static void draw_bar(const struct panels_view *view, double y, double height,
		     const struct axis *levels)
{
	const struct chart bar = {
		.cairo = view->cairo,
		.left = PANELS_LEFT + CHART_WIDTH_MAX + BAR_DISTANCE,
		.top = y,
		.width = BAR_WIDTH,
		.height = height,
		.y = *levels,
	};
	char text[CHART_VALUE_SIZE];
	struct ticks ticks;

	for (int pixel = 0; pixel < (int)height; pixel++) {
		chart_colour(view->cairo, shade(1 - (pixel + 0.5) / height), 1);
		cairo_rectangle(view->cairo, bar.left, y + pixel, BAR_WIDTH, 1);
		cairo_fill(view->cairo);
	}
	chart_frame(&bar);
	ticks_choose(levels, &ticks);
	for (size_t i = 0; i < ticks.count; i++)
		chart_text(view->cairo, bar.left + BAR_WIDTH + 6,
			   chart_y(&bar, ticks_value(&ticks, i)) + 4,
			   (struct text_style){ 12, .colour = CHART_INK },
			   ticks_format(&ticks, i, text));
	chart_text(view->cairo, bar.left, y - 9, (struct text_style){ 12, .colour = CHART_FAINT },
		   "dBFS");
}

void panels_spectrogram(const struct panels_view *view, double y, double height)
{
	const struct timeline *timeline = &view->analysis->timeline;
	struct axis levels = { .scale = 1, .most = 8 };
	struct chart strip = first_strip(view, y, height, (double)timeline->end);

	strip.y = axis_of_frequency(view->info->layout.datatype.is_complex, view->info->sample_rate,
				    (size_t)fmax(2, strip.height / 40));
	choose_levels(view, &levels);
	chart_title(&strip, "Spectrogram", timeline->count > 1 ? "red: samples are missing" : "");
	draw_strips(view, strip, draw_image, &levels);
	draw_bar(view, y, panels_height(height, view->shown), &levels);
}

/* The first samples */

static uint32_t lighter(uint32_t colour)
{
	uint32_t result = 0;

	for (int shift = 0; shift <= 16; shift += 8)
		result |= (0x100 + (colour >> shift & 0xff)) / 2 << shift;
	return result;
}

static uint32_t quadrature_colour(const struct panels_view *view, unsigned int index)
{
	return view->shown == 1 ? Q_COLOUR : lighter(chart_channel_colour(index));
}

size_t panels_trace_length(size_t count, double frequency, double sample_rate)
{
	double length = SAMPLES_MAX;

	frequency = fabs(frequency);
	if (sample_rate > 0)
		length = fmin(length, sample_rate * SECONDS_MAX);
	if (frequency > FREQUENCY_MIN)
		length = fmin(length, PERIODS / frequency);
	length = fmax(length, SAMPLES_MIN);
	return length < (double)count ? (size_t)lround(length) : count;
}

/* How much is drawn: by the strongest tone of the first channel. */
static size_t length_of(const struct panels_view *view)
{
	const struct spectrum_figures *figures = &view->analysis->channels[0].figures;
	const bool is_tone = figures->peak > figures->noise + TONE_DB;

	return panels_trace_length(view->analysis->first_count,
				   is_tone ? figures->peak_frequency : 0, view->info->sample_rate);
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
static void draw_trace(const struct panels_view *view, const struct chart *chart,
		       unsigned int index, const void *context)
{
	const size_t count = *(const size_t *)context;
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
			chart_line(chart, from, to, values + 2 * first + 1, 2, length,
				   quadrature_colour(view, index));
		chart_line(chart, from, to, values + 2 * first, 2, length,
			   chart_channel_colour(index));
	}
}

static void write_key(const struct panels_view *view, const struct chart *chart)
{
	const double right = chart->left + chart->width, y = chart->top - 9;
	struct text_style style = { 12, .bold = true, .align = TEXT_RIGHT };

	style.colour = chart_channel_colour(0);
	chart_text(chart->cairo, right - 24, y, style, "I");
	style.colour = quadrature_colour(view, 0);
	chart_text(chart->cairo, right, y, style, "Q");
}

void panels_trace(const struct panels_view *view, double y, double height)
{
	const struct timeline *timeline = &view->analysis->timeline;
	const size_t count = length_of(view);
	const double largest = HEADROOM * largest_of(view, count);
	const struct stretch *last = timeline->stretches;
	struct chart strip;
	char detail[64];

	for (size_t i = 0; i < timeline->count && timeline->stretches[i].first < count; i++)
		last = &timeline->stretches[i];
	strip = first_strip(view, y, height,
			    fmax((double)(last->at + (count - last->first)) - 1, 1));
	strip.x.grid = true;
	strip.y = (struct axis){
		.low = -largest,
		.high = largest,
		.scale = 1,
		.unit = "FS",
		.prefix = largest < AMPLITUDE_PLAIN,
		.most = (size_t)fmax(3, strip.height / 30),
		.grid = true,
		.name = "value",
	};
	snprintf(detail, sizeof(detail), "the first %zu samples; FS is full scale", count);
	chart_title(&strip, "Time", detail);
	if (view->info->layout.datatype.is_complex)
		write_key(view, &strip);
	draw_strips(view, strip, draw_trace, &count);
}
