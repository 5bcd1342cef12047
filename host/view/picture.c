// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture.h"

#include "analysis.h"
#include "host/files/failure.h"
#include "host/files/sample_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH		   1260
#define CHANNELS_SHOWN_MAX 8

/* From the upper edge down; below each panel are its axis and the title of the next. */
#define TITLE_Y		   40
#define FACTS_Y		   63
#define SPECTRUM_Y	   108
#define SPECTRUM_HEIGHT	   270
#define SPECTROGRAM_HEIGHT (2 * ANALYSIS_ROWS_MAX)
#define TRACE_HEIGHT	   170
#define BETWEEN		   80
#define BOTTOM		   48

/* Between what is said at the right edge. */
#define REMARK_DISTANCE 30

/* Above the peak there is its label, and below the noise its own depths. */
#define HEADROOM_DB 14
#define FOOTROOM_DB 12
#define RANGE_DB    140

/* The legend of several channels: so many beside each other, and what a line of it takes. */
#define LEGEND_COLUMNS 4
#define LEGEND_WIDTH   270.0
#define LEGEND_LINE    17
#define LEGEND_DB      9

#define TEXT_SIZE 256

static void choose_levels(const struct panels_view *view, struct axis *axis)
{
	const unsigned int legend_lines = (view->shown - 1) / LEGEND_COLUMNS + 1;
	double high = SPECTRUM_FLOOR_DB, low = 0;

	for (unsigned int i = 0; i < view->shown; i++) {
		const struct spectrum_figures *figures = &view->analysis->channels[i].figures;

		if (!figures->has_peak)
			continue;
		high = fmax(high, figures->peak);
		low = fmin(low, figures->noise);
	}
	if (high <= SPECTRUM_FLOOR_DB) {
		axis->high = 0;
		axis->low = -120;
		return;
	}
	if (view->shown > 1)
		high += legend_lines * LEGEND_DB;
	axis->high = ceil((high + HEADROOM_DB) / 10) * 10;
	axis->low = fmax(floor((low - FOOTROOM_DB) / 10) * 10, axis->high - RANGE_DB);
	/* Of a tone alone, the noise can be above what is 30 dB below the tone. */
	axis->low = fmin(axis->low, axis->high - 50);
}

/* "250.01 kHz, -6.0 dBFS" */
static const char *format_peak(const struct panels_view *view, unsigned int index,
			       char text[TEXT_SIZE])
{
	const struct spectrum_figures *figures = &view->analysis->channels[index].figures;
	char frequency[CHART_VALUE_SIZE];

	if (figures->has_peak)
		snprintf(text, TEXT_SIZE, "%s, %.1f dBFS",
			 spectrum_format_peak(figures, view->info->sample_rate, frequency),
			 figures->peak);
	else
		snprintf(text, TEXT_SIZE, "all samples are 0");
	return text;
}

static void mark_peak(const struct panels_view *view, const struct chart *chart, unsigned int index)
{
	const struct spectrum_figures *figures = &view->analysis->channels[index].figures;
	const double x = chart_x(chart, figures->peak_frequency);
	const double y = chart_y(chart, figures->peak) - 4;
	const struct text_style style = {
		13,
		.bold = true,
		.colour = CHART_INK,
		.align = x > chart->left + chart->width - 100 ? TEXT_RIGHT
			 : x < chart->left + 100	      ? TEXT_LEFT
							      : TEXT_CENTRE,
	};
	char text[TEXT_SIZE];

	if (!figures->has_peak)
		return;
	chart_colour(chart->cairo, chart_channel_colour(index), 1);
	cairo_move_to(chart->cairo, x, y);
	cairo_line_to(chart->cairo, x - 5, y - 8);
	cairo_line_to(chart->cairo, x + 5, y - 8);
	cairo_close_path(chart->cairo);
	cairo_fill(chart->cairo);
	if (view->shown == 1)
		chart_text(chart->cairo, x, y - 13, style, format_peak(view, index, text));
}

static void write_legend(const struct panels_view *view, const struct chart *chart)
{
	char peak[TEXT_SIZE], text[TEXT_SIZE + 32];

	for (unsigned int i = 0; i < view->shown; i++) {
		const unsigned int column = i % LEGEND_COLUMNS, line = i / LEGEND_COLUMNS;
		const double x = chart->left + 10 + column * LEGEND_WIDTH;
		const double y = chart->top + 20 + line * LEGEND_LINE;

		chart_colour(chart->cairo, chart_channel_colour(i), 1);
		cairo_rectangle(chart->cairo, x, y - 6, 14, 4);
		cairo_fill(chart->cairo);
		snprintf(text, sizeof(text), "channel %u: %s", i, format_peak(view, i, peak));
		chart_text(chart->cairo, x + 20, y, (struct text_style){ 12, .colour = CHART_INK },
			   text);
	}
}

/* What is above all of the spectrum: how it was made, and the levels of the only channel. */
static void write_heading(const struct panels_view *view, const struct chart *chart)
{
	const struct analysis *analysis = view->analysis;
	const struct spectrum_figures *figures = &analysis->channels[0].figures;
	const struct text_style style = { 12, .colour = CHART_INK, .align = TEXT_RIGHT };
	const double bin = view->info->sample_rate / (double)analysis->fft_size;
	char width[CHART_VALUE_SIZE], text[TEXT_SIZE];
	int used;

	used = snprintf(text, sizeof(text), "mean of %zu transforms of %zu samples",
			figures->transforms, analysis->fft_size);
	if (bin > 0)
		snprintf(text + used, sizeof(text) - (size_t)used, "; bins of %s",
			 quantity_format(bin, bin / 100, "Hz", width));
	chart_title(chart, "Spectrum", text);
	if (view->shown > 1 || !figures->has_peak)
		return;
	snprintf(text, sizeof(text), "all together %.1f dBFS, noise %.1f dBFS in a bin",
		 figures->level, figures->noise);
	chart_text(chart->cairo, chart->left + chart->width, chart->top - 9, style, text);
}

static void draw_spectrum(const struct panels_view *view)
{
	const struct analysis *analysis = view->analysis;
	const double rate = view->info->sample_rate;
	const bool is_complex = view->info->layout.datatype.is_complex;
	struct chart chart = {
		.cairo = view->cairo,
		.left = PANELS_LEFT,
		.top = SPECTRUM_Y,
		.width = CHART_WIDTH_MAX,
		.height = SPECTRUM_HEIGHT,
		.x = axis_of_frequency(is_complex, rate, 13),
		.y = { .scale = 1, .unit = "dBFS", .most = 8, .grid = true, .name = "level" },
	};

	chart.x.grid = true;
	if (rate <= 0)
		chart.x.name = "frequency, relative to the sample rate";
	choose_levels(view, &chart.y);
	write_heading(view, &chart);
	chart_axis(&chart, &chart.x);
	chart_axis(&chart, &chart.y);
	for (unsigned int i = view->shown; i-- > 0;) {
		const struct spectrum_figures *figures = &analysis->channels[i].figures;

		chart_line(&chart, figures->lowest,
			   figures->lowest + (double)(figures->bins - 1) * figures->bin_width,
			   figures->db, 1, figures->bins, chart_channel_colour(i));
	}
	for (unsigned int i = 0; i < view->shown; i++)
		mark_peak(view, &chart, i);
	if (view->shown > 1 || !analysis->channels[0].figures.has_peak)
		write_legend(view, &chart);
	chart_frame(&chart);
}

/* Digits in groups of three, with narrow spaces between them. */
static const char *format_count(uint64_t count, char text[CHART_VALUE_SIZE])
{
	static const char space[] = "\u2009";
	char digits[24];
	size_t used = 0;
	const size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (size_t i = 0; i < length; i++)
		used += (size_t)snprintf(text + used, CHART_VALUE_SIZE - used, "%s%c",
					 i > 0 && (length - i) % 3 == 0 ? space : "", digits[i]);
	return text;
}

static void append(char *text, const char *more)
{
	const size_t used = strlen(text);

	if (*more)
		snprintf(text + used, TEXT_SIZE - used, "%s%s", used ? "   ·   " : "", more);
}

static void format_facts(const struct panels_view *view, char text[TEXT_SIZE])
{
	const struct sample_file_info *info = view->info;
	const struct datatype_layout *layout = &info->layout;
	const double seconds = info->sample_rate > 0 ? (double)info->scans / info->sample_rate : 0;
	char one[64], name[DATATYPE_TEXT_SIZE], value[CHART_VALUE_SIZE];

	*text = '\0';
	append(text, datatype_format(&layout->datatype, name));
	if (layout->channels > 1) {
		snprintf(one, sizeof(one),
			 view->shown < layout->channels ? "%u channels, the first %u of them"
							: "%u channels",
			 layout->channels, view->shown);
		append(text, one);
	}
	if (info->sample_rate > 0)
		append(text, quantity_format(info->sample_rate, 0, "S/s", value));
	snprintf(one, sizeof(one), "%s samples", format_count(info->scans, value));
	append(text, one);
	if (info->sample_rate > 0)
		append(text, quantity_format(seconds, seconds / 1000, "s", value));
	append(text, info->datetime);
	append(text, info->hardware);
}

/* From the right edge on; returns where it begins. */
static double write_remark(const struct panels_view *view, double right, uint32_t colour,
			   const char *text)
{
	const struct text_style style = { 15, .bold = true, .colour = colour, .align = TEXT_RIGHT };

	return right - chart_text(view->cairo, right, TITLE_Y, style, text) - REMARK_DISTANCE;
}

/*
 * What must be seen first: whether this is all that the converter saw, and whether it could hold
 * it. Beside the title, and not below, where the facts may be as long as the picture is wide.
 */
static void write_remarks(const struct panels_view *view)
{
	const struct timeline *timeline = &view->analysis->timeline;
	const size_t gaps = timeline->count - (timeline->stretches[0].at == 0);
	double right = PANELS_LEFT + CHART_WIDTH_MAX;
	char text[TEXT_SIZE], count[CHART_VALUE_SIZE];
	bool clips = false;

	for (unsigned int i = 0; i < view->shown; i++)
		clips = clips || view->analysis->channels[i].figures.clips;
	if (clips)
		right = write_remark(view, right, CHART_ALARM, "reaches full scale");
	if (gaps) {
		snprintf(text, sizeof(text), "%zu gap%s, %s samples missing", gaps,
			 gaps > 1 ? "s" : "", format_count(timeline->lost, count));
		write_remark(view, right, CHART_ALARM, text);
	} else if (view->info->gaps_known) {
		write_remark(view, right, CHART_GOOD, "no gaps");
	}
}

cairo_t *picture_begin(int width, int height, const char *title, const char *facts)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	cairo_t *cairo = cairo_create(surface);

	cairo_surface_destroy(surface);
	chart_colour(cairo, 0xffffff, 1);
	cairo_paint(cairo);
	chart_text(cairo, PANELS_LEFT, TITLE_Y,
		   (struct text_style){ 21, .bold = true, .colour = CHART_INK }, title);
	chart_text(cairo, PANELS_LEFT, FACTS_Y, (struct text_style){ 13, .colour = CHART_FAINT },
		   facts);
	return cairo;
}

int picture_end(cairo_t *cairo, const char *path, struct failure *failure)
{
	cairo_status_t status = cairo_status(cairo);
	int r = 0;

	errno = 0;
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png(cairo_get_target(cairo), path);
	if (status == CAIRO_STATUS_WRITE_ERROR)
		r = failure_set(failure, errno ? -errno : -EIO, "%s cannot be written: %s", path,
				strerror(errno ? errno : EIO));
	else if (status != CAIRO_STATUS_SUCCESS)
		r = failure_set(failure, -EIO, "the picture cannot be drawn: %s",
				cairo_status_to_string(status));
	cairo_destroy(cairo);
	return r;
}

static void draw(const struct panels_view *view)
{
	const double spectrogram = SPECTRUM_Y + SPECTRUM_HEIGHT + BETWEEN;
	const double trace = spectrogram + panels_height(SPECTROGRAM_HEIGHT, view->shown) + BETWEEN;

	write_remarks(view);
	draw_spectrum(view);
	panels_spectrogram(view, spectrogram, SPECTROGRAM_HEIGHT);
	panels_trace(view, trace, TRACE_HEIGHT);
}

int picture_write(const char *path, const char *title, const struct sample_file_info *info,
		  const struct analysis *analysis, struct failure *failure)
{
	struct panels_view view = {
		.analysis = analysis,
		.info = info,
		.shown = analysis->channel_count < CHANNELS_SHOWN_MAX ? analysis->channel_count
								      : CHANNELS_SHOWN_MAX,
	};
	const double height = SPECTRUM_Y + SPECTRUM_HEIGHT + BETWEEN +
			      panels_height(SPECTROGRAM_HEIGHT, view.shown) + BETWEEN +
			      panels_height(TRACE_HEIGHT, view.shown) + BOTTOM;
	char facts[TEXT_SIZE];

	format_facts(&view, facts);
	view.cairo = picture_begin(WIDTH, (int)height, title, facts);
	draw(&view);
	return picture_end(view.cairo, path, failure);
}
