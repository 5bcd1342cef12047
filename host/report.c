// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include "cmd.h"
#include "files/clock.h"
#include "files/failure.h"
#include "files/gaps.h"
#include "files/units.h"
#include "view/terminal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Digits that tell a rate in mHz, and no more than were measured. */
#define DIGITS 12

#define LINE_SIZE    256
#define CLEAR_TO_END "\033[K"
#define INTERVAL_NS  (250 * CLOCK_NS_PER_MS)

static struct {
	bool enabled;
	bool shown;
	uint64_t shown_ns;
} line_on_terminal;

int report_print(json_t *object, FILE *file, enum report_layout layout)
{
	const size_t flags = layout == REPORT_LINES ? JSON_INDENT(2) : 0;
	char *text = object ? json_dumps(object, flags | JSON_REAL_PRECISION(DIGITS)) : NULL;

	json_decref(object);
	if (!text) {
		cmd_complain("no memory for the JSON object");
		return STATUS_FAILED;
	}
	fprintf(file, "%s\n", text);
	free(text);
	return file == stdout ? cmd_finish_output() : STATUS_OK;
}

json_t *report_join(json_t *object, json_t *more)
{
	if (json_object_update(object, more) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(more);
	return object;
}

json_t *report_text(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

/* Bytes of the UTF-8 character at a place, as Jansson sees it; 0 when there is none to print. */
static size_t character_length(const char *at)
{
	const size_t left = strnlen(at, 4);
	json_t *character;

	if ((unsigned char)*at < 0x80)
		return (unsigned char)*at < 0x20 || *at == 0x7f ? 0 : 1;
	for (size_t length = 2; length <= left; length++) {
		character = json_stringn(at, length);
		json_decref(character);
		if (character)
			return length;
	}
	return 0;
}

/* As report_text(), of text with any bytes, such as the name of a file. */
static json_t *describe_sentence(const char *text)
{
	char *copy = strdup(text);
	json_t *value = NULL;
	size_t length;

	for (char *at = copy; at && *at; at += length ? length : 1) {
		length = character_length(at);
		if (length == 0)
			*at = '?';
	}
	if (copy)
		value = report_text(copy);
	free(copy);
	return value;
}

json_t *report_reason(int status, const struct failure *failure)
{
	const bool failed =
		status != STATUS_OK && status != STATUS_VERIFY && status < STATUS_SIGNAL;

	return describe_sentence(failed ? failure->message : "");
}

json_t *report_number(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

json_t *report_count(bool known, uint64_t value)
{
	if (!known)
		return json_null();
	return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

json_t *report_sample_rate(const struct iiobridge_route *route)
{
	const double rate = iiobridge_route_sample_rate(route);

	return report_number(rate > 0, rate);
}

const char *report_direction(const struct iiobridge_route *route)
{
	static const char *const names[] = {
		[IIOBRIDGE_ROUTE_RX] = "capture",
		[IIOBRIDGE_ROUTE_TX] = "playback",
		[IIOBRIDGE_ROUTE_REPEATER] = "repeater",
		[IIOBRIDGE_ROUTE_LINK_TEST] = "link test",
	};

	return names[iiobridge_route_kind(route)];
}

const char *report_transfer(const struct iiobridge_route *route)
{
	return iiobridge_route_transfer(route) == IIOBRIDGE_TRANSFER_DMABUF ? "dmabuf" : "copy";
}

json_t *report_board(const struct iiobridge_board *board, json_t *routes)
{
	unsigned int major, minor;
	char protocol[16];

	iiobridge_board_protocol(board, &major, &minor);
	snprintf(protocol, sizeof(protocol), "%u.%u", major, minor);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:o}", "address",
			 iiobridge_board_location(board), "speed", iiobridge_board_speed(board),
			 "serial", report_text(iiobridge_board_serial(board)), "model",
			 iiobridge_board_model(board), "daemon", iiobridge_board_software(board),
			 "protocol", protocol, "endpoint_records",
			 (int)iiobridge_board_records_endpoint(board), "routes", routes);
}

json_t *report_route_briefly(const struct iiobridge_route *route)
{
	return json_pack("{s:s, s:s}", "name", iiobridge_route_name(route), "direction",
			 report_direction(route));
}

/* ---- how far a stream of samples is, for people ---- */

static bool is_playback(const struct progress *progress)
{
	return iiobridge_route_kind(progress->route) == IIOBRIDGE_ROUTE_TX;
}

static uint64_t bytes_of(const struct progress *progress)
{
	return progress->samples * iiobridge_route_sample_size(progress->route);
}

static double mib_per_second(const struct progress *progress)
{
	return units_per_second((double)bytes_of(progress) / UNITS_MIB, progress->nanoseconds);
}

uint64_t progress_gaps(const struct progress *progress)
{
	return progress->gaps_before + progress->statistics.gaps;
}

uint64_t progress_lost(const struct progress *progress)
{
	return progress->lost_before + progress->statistics.samples_lost;
}

void progress_add(struct progress *sum, const struct progress *progress)
{
	const bool first = !sum->route;

	sum->route = progress->route;
	sum->samples += progress->samples;
	sum->samples_wanted += progress->samples_wanted;
	if (progress->nanoseconds > sum->nanoseconds)
		sum->nanoseconds = progress->nanoseconds;
	sum->losses_known = progress->losses_known && (first || sum->losses_known);
	sum->gaps_before += progress_gaps(progress);
	sum->lost_before += progress_lost(progress);
	sum->statistics.estimated |= progress->statistics.estimated;
}

static void append(char *line, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *line, size_t size, const char *format, ...)
{
	const size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + used, size - used, format, args);
	va_end(args);
}

static void append_losses(const struct progress *progress, char *line, size_t size)
{
	const char *gaps = is_playback(progress) ? "underruns" : "gaps";
	const char *lost = is_playback(progress) ? "missed" : "lost";

	if (progress->losses_known)
		append(line, size, ", %s %" PRIu64 ", %s %" PRIu64 "%s", gaps,
		       progress_gaps(progress), lost, progress_lost(progress),
		       progress->statistics.estimated ? " (estimated)" : "");
	else
		append(line, size, ", %s unknown, %s unknown", gaps, lost);
}

const char *progress_format(const struct progress *progress, char *line, size_t size)
{
	const double rate = units_per_second((double)progress->samples, progress->nanoseconds);
	char text[UNITS_TEXT_SIZE];

	line[0] = '\0';
	if (progress->samples_wanted)
		append(line, size, "%5.1f %%, ",
		       100.0 * (double)progress->samples / (double)progress->samples_wanted);
	append(line, size, "%.1f MiB, %.1f MiB/s, %s", (double)bytes_of(progress) / UNITS_MIB,
	       mib_per_second(progress), units_format_scaled(rate, "S/s", text));
	append_losses(progress, line, size);
	if (progress->samples_wanted && rate > 0)
		append(line, size, ", %.0f s left",
		       (double)(progress->samples_wanted - progress->samples) / rate);
	return line;
}

const char *progress_format_end(const struct progress *progress, char *line, size_t size)
{
	line[0] = '\0';
	append(line, size, "%s %" PRIu64 " samples (%.1f MiB) in %.1f s, %.1f MiB/s",
	       is_playback(progress) ? "played" : "captured", progress->samples,
	       (double)bytes_of(progress) / UNITS_MIB, (double)progress->nanoseconds / 1e9,
	       mib_per_second(progress));
	append_losses(progress, line, size);
	if (progress->records_lost)
		append(line, size, ", records lost %" PRIu64, progress->records_lost);
	if (progress->unsubscribed)
		append(line, size, ", without a subscriber %" PRIu64, progress->unsubscribed);
	return line;
}

/* ---- … for programs ---- */

static json_t *describe_gap(const struct gap *gap, bool exact)
{
	return json_pack("{s:o, s:o, s:b}", "sample", report_count(true, gap->at), "missing",
			 report_count(gap->lost, gap->lost), "exact", exact && gap->lost);
}

static json_t *describe_gaps(const struct progress *progress, const struct gaps *gaps)
{
	const bool exact = !progress->statistics.estimated && !progress->records_lost;
	json_t *array = json_array();

	for (size_t i = 0; i < gaps->kept_count && gaps->kept[i].at < progress->samples; i++) {
		if (json_array_append_new(array, describe_gap(&gaps->kept[i], exact)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* What a gap is called depends on the direction. */
static json_t *describe_losses(const struct progress *progress, const struct gaps *gaps)
{
	const bool tx = is_playback(progress), known = progress->losses_known;

	return json_pack("{s:o, s:o, s:o, s:b, s:o}", tx ? "underruns" : "gaps",
			 describe_gaps(progress, gaps), tx ? "underrun_count" : "gap_count",
			 report_count(known, progress_gaps(progress)),
			 tx ? "samples_missed" : "samples_lost",
			 report_count(known, progress_lost(progress)),
			 tx ? "samples_missed_estimated" : "samples_lost_estimated",
			 progress->statistics.estimated, "records_lost",
			 report_count(true, progress->records_lost));
}

json_t *progress_describe(const struct progress *progress, const struct gaps *gaps)
{
	const struct iiobridge_route *route = progress->route;
	const double rate = units_per_second((double)progress->samples, progress->nanoseconds);
	json_t *object = json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:f, s:f, s:f}", "serial",
		report_text(progress->serial), "route", iiobridge_route_name(route), "direction",
		report_direction(route), "device", report_text(iiobridge_route_device(route)),
		"sample_rate", report_sample_rate(route), "bytes_per_sample",
		(json_int_t)iiobridge_route_sample_size(route), "samples",
		report_count(true, progress->samples), "bytes",
		report_count(true, bytes_of(progress)), "seconds",
		(double)progress->nanoseconds / 1e9, "samples_per_s", rate, "mib_per_s",
		mib_per_second(progress));

	return report_join(object, describe_losses(progress, gaps));
}

/* ---- … on the terminal ---- */

void progress_enable(void)
{
	line_on_terminal.enabled = isatty(STDERR_FILENO);
}

void progress_show(const struct progress *progress)
{
	const uint64_t now = clock_now_ns();
	size_t columns, rows;
	char line[LINE_SIZE];

	if (!line_on_terminal.enabled)
		return;
	flockfile(stderr);
	if (!line_on_terminal.shown || now - line_on_terminal.shown_ns >= INTERVAL_NS) {
		terminal_size(STDERR_FILENO, &columns, &rows);
		progress_format(progress, line, sizeof(line));
		/* The last column stays free: writing there makes some terminals begin a new line.
		 */
		fprintf(stderr, "\r%.*s" CLEAR_TO_END, (int)columns - 1, line);
		line_on_terminal.shown = true;
		line_on_terminal.shown_ns = now;
	}
	funlockfile(stderr);
}

void progress_clear(void)
{
	flockfile(stderr);
	if (line_on_terminal.shown)
		fputs("\r" CLEAR_TO_END, stderr);
	line_on_terminal.shown = false;
	funlockfile(stderr);
}
