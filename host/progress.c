// SPDX-License-Identifier: GPL-2.0-or-later
#include "progress.h"

#include "units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_SIZE	256
#define CLEAR_TO_END	"\033[K"
#define DEFAULT_COLUMNS 80

static void append(char *line, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *line, size_t size, const char *format, ...)
{
	size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + used, size - used, format, args);
	va_end(args);
}

static void append_losses(const struct progress *progress, char *line, size_t size)
{
	const char *gaps = progress->playback ? "underruns" : "gaps";
	const char *lost = progress->playback ? "missed" : "lost";

	if (progress->losses_known)
		append(line, size, ", %s %" PRIu64 ", %s %" PRIu64 "%s", gaps, progress->gaps, lost,
		       progress->scans_lost, progress->estimated ? " (estimated)" : "");
	else
		append(line, size, ", %s unknown, %s unknown", gaps, lost);
}

const char *progress_format(const struct progress *progress, char *line, size_t size)
{
	const double rate = units_per_second((double)progress->scans, progress->nanoseconds);
	char text[UNITS_TEXT_SIZE];

	line[0] = '\0';
	if (progress->scans_wanted)
		append(line, size, "%5.1f %%, ",
		       100.0 * (double)progress->scans / (double)progress->scans_wanted);
	append(line, size, "%.1f MiB, %.1f MiB/s, %s", (double)progress->bytes / UNITS_MIB,
	       units_per_second((double)progress->bytes / UNITS_MIB, progress->nanoseconds),
	       units_format_scaled(rate, "S/s", text));
	append_losses(progress, line, size);
	if (progress->scans_wanted && rate > 0)
		append(line, size, ", %.0f s left",
		       (double)(progress->scans_wanted - progress->scans) / rate);
	return line;
}

const char *progress_format_summary(const struct progress *progress, char *line, size_t size)
{
	line[0] = '\0';
	append(line, size, "%s %" PRIu64 " samples (%.1f MiB) in %.1f s, %.1f MiB/s",
	       progress->playback ? "played" : "captured", progress->scans,
	       (double)progress->bytes / UNITS_MIB, (double)progress->nanoseconds / 1e9,
	       units_per_second((double)progress->bytes / UNITS_MIB, progress->nanoseconds));
	append_losses(progress, line, size);
	if (progress->records_lost)
		append(line, size, ", records lost %" PRIu64, progress->records_lost);
	if (progress->scans_unheard)
		append(line, size, ", unheard %" PRIu64, progress->scans_unheard);
	return line;
}

void progress_show(const struct progress *progress)
{
	struct winsize window;
	char line[LINE_SIZE];
	int columns = DEFAULT_COLUMNS;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1)
		columns = window.ws_col;
	progress_format(progress, line, sizeof(line));
	/* The last column stays free: writing there makes some terminals begin a new line. */
	fprintf(stderr, "\r%.*s" CLEAR_TO_END, columns - 1, line);
}

void progress_clear(void)
{
	fputs("\r" CLEAR_TO_END, stderr);
}
