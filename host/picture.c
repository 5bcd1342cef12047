// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture.h"

#include "analysis.h"
#include "chart.h"
#include "failure.h"
#include "panels.h"
#include "sample_file.h"

#include <errno.h>
#include <inttypes.h>
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

#define VERDICT_DISTANCE 30

#define TEXT_SIZE 256
#define GOOD	  0x23875a

static double strips_height(double height, unsigned int shown)
{
	return shown * (panels_strip_height(height, shown) + PANELS_STRIP_DISTANCE) -
	       PANELS_STRIP_DISTANCE;
}

/* Digits in groups of three, with narrow spaces between them. */
static const char *format_count(uint64_t count, char text[TICKS_TEXT_SIZE])
{
	static const char space[] = "\u2009";
	char digits[24];
	size_t used = 0;
	const size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (size_t i = 0; i < length; i++)
		used += (size_t)snprintf(text + used, TICKS_TEXT_SIZE - used, "%s%c",
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
	char one[64], name[DATATYPE_TEXT_SIZE], value[TICKS_TEXT_SIZE];

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
		append(text, ticks_describe(info->sample_rate, 0, "S/s", value));
	snprintf(one, sizeof(one), "%s samples", format_count(info->scans, value));
	append(text, one);
	if (info->sample_rate > 0) {
		const double seconds = (double)info->scans / info->sample_rate;

		append(text, ticks_describe(seconds, seconds / 1000, "s", value));
	}
	append(text, info->datetime);
	append(text, info->hardware);
}

static bool has_clipped(const struct panels_view *view)
{
	for (unsigned int i = 0; i < view->shown; i++)
		if (view->analysis->channels[i].clips)
			return true;
	return false;
}

/*
 * What must be seen first: whether this is all that the converter saw, and whether it could hold
 * it. From the right edge on, and not below, where the facts may be as long as the picture is wide.
 */
static void write_verdict(const struct panels_view *view)
{
	const struct timeline *timeline = &view->analysis->timeline;
	double right = PANELS_LEFT + PANELS_WIDTH;
	size_t gaps = timeline->count - 1;
	char text[TEXT_SIZE], count[TICKS_TEXT_SIZE];

	if (timeline->stretches[0].at > 0)
		gaps++;
	chart_font(view->cairo, 15, true);
	if (has_clipped(view)) {
		chart_colour(view->cairo, CHART_ALARM, 1);
		right -= chart_text(view->cairo, right, TITLE_Y, CHART_RIGHT, "reaches full scale");
		right -= VERDICT_DISTANCE;
	}
	if (gaps) {
		snprintf(text, sizeof(text), "%zu gap%s, %s samples missing", gaps,
			 gaps > 1 ? "s" : "", format_count(timeline->lost, count));
		chart_colour(view->cairo, CHART_ALARM, 1);
		chart_text(view->cairo, right, TITLE_Y, CHART_RIGHT, text);
	} else if (view->info->gaps_known) {
		chart_colour(view->cairo, GOOD, 1);
		chart_text(view->cairo, right, TITLE_Y, CHART_RIGHT, "no gaps");
	}
}

static void draw(const struct panels_view *view, const char *title)
{
	char facts[TEXT_SIZE];
	double y;

	chart_colour(view->cairo, 0xffffff, 1);
	cairo_paint(view->cairo);
	chart_font(view->cairo, 21, true);
	chart_colour(view->cairo, CHART_INK, 1);
	chart_text(view->cairo, PANELS_LEFT, TITLE_Y, CHART_LEFT, title);
	format_facts(view, facts);
	chart_font(view->cairo, 13, false);
	chart_colour(view->cairo, CHART_FAINT, 1);
	chart_text(view->cairo, PANELS_LEFT, FACTS_Y, CHART_LEFT, facts);
	write_verdict(view);

	panels_spectrum(view, SPECTRUM_Y, SPECTRUM_HEIGHT);
	y = panels_spectrogram(view, SPECTRUM_Y + SPECTRUM_HEIGHT + BETWEEN, SPECTROGRAM_HEIGHT);
	panels_trace(view, y + BETWEEN, TRACE_HEIGHT);
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
			      strips_height(SPECTROGRAM_HEIGHT, view.shown) + BETWEEN +
			      strips_height(TRACE_HEIGHT, view.shown) + BOTTOM;
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, (int)height);
	cairo_status_t status;
	int r = 0;

	view.cairo = cairo_create(surface);
	draw(&view, title);
	status = cairo_status(view.cairo);
	errno = 0;
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png(surface, path);
	if (status == CAIRO_STATUS_WRITE_ERROR)
		r = failure_set(failure, errno ? -errno : -EIO, "%s cannot be written: %s", path,
				strerror(errno ? errno : EIO));
	else if (status != CAIRO_STATUS_SUCCESS)
		r = failure_set(failure, -EIO, "the picture cannot be drawn: %s",
				cairo_status_to_string(status));
	cairo_destroy(view.cairo);
	cairo_surface_destroy(surface);
	return r;
}
