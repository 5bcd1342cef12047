// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define AMOUNT_SIZE 32

const char *status_state_name(enum function_state state)
{
	static const char *const names[] = {
		[FUNCTION_UNBOUND] = "absent",
		[FUNCTION_BOUND] = "bound",
		[FUNCTION_CONFIGURED] = "configured",
	};

	return names[state];
}

const char *status_route_state_name(enum status_route_state state)
{
	static const char *const names[] = {
		[STATUS_STOPPED] = "stopped",
		[STATUS_RUNNING] = "running",
		[STATUS_REPEATING] = "repeating",
		[STATUS_REPEATING_IN_KERNEL] = "repeating-in-kernel",
		[STATUS_FAILED] = "failed",
	};

	return names[state];
}

const char *status_companion_name(enum function_type type)
{
	static const char *const names[] = {
		[FUNCTION_ACM] = "acm", [FUNCTION_ECM] = "ecm",
		[FUNCTION_FFS] = "ffs", [FUNCTION_MASS_STORAGE] = "mass-storage",
		[FUNCTION_NCM] = "ncm",
	};

	return names[type];
}

const char *status_state_sentence(enum function_state state)
{
	static const char *const sentences[] = {
		[FUNCTION_UNBOUND] = "not bound to a USB device controller",
		[FUNCTION_BOUND] = "no host",
		[FUNCTION_CONFIGURED] = "configured by a host",
	};

	return sentences[state];
}

static const char *explain_state(const struct status *status)
{
	if (status->state == FUNCTION_CONFIGURED && status->suspended)
		return "configured by a host, the bus is suspended";
	return status_state_sentence(status->state);
}

/* Bytes as people read them: 5 B, 16 KiB, 64.2 MiB. */
static const char *format_amount(char text[AMOUNT_SIZE], uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned int unit = 0;
	double amount = (double)bytes;

	for (; amount >= 1024 && unit < sizeof(units) / sizeof(units[0]) - 1; unit++)
		amount /= 1024;
	snprintf(text, AMOUNT_SIZE, "%.*f %s", amount == (double)(uint64_t)amount ? 0 : 1, amount,
		 units[unit]);
	return text;
}

/* A rate keeps its digits, so that a line that shows it does not jump. */
static const char *format_rate(char text[AMOUNT_SIZE], uint64_t rate)
{
	snprintf(text, AMOUNT_SIZE, "%.1f MiB/s", (double)rate / (1 << 20));
	return text;
}

static const char *format_duration(char text[AMOUNT_SIZE], uint64_t us)
{
	uint64_t seconds = us / 1000000;

	if (seconds < 60)
		snprintf(text, AMOUNT_SIZE, "%" PRIu64 " s", seconds);
	else if (seconds < 3600)
		snprintf(text, AMOUNT_SIZE, "%" PRIu64 " min %" PRIu64 " s", seconds / 60,
			 seconds % 60);
	else if (seconds < 86400)
		snprintf(text, AMOUNT_SIZE, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600,
			 seconds / 60 % 60);
	else
		snprintf(text, AMOUNT_SIZE, "%" PRIu64 " days %" PRIu64 " h", seconds / 86400,
			 seconds / 3600 % 24);
	return text;
}

static bool is_playback(const struct status_route *route)
{
	return strncmp(route->to, "iio:", 4) == 0;
}

static void write_error(const struct status *status, FILE *file)
{
	time_t seconds = (time_t)(status->error_us / 1000000);
	struct tm local;
	char time[32] = "";

	if (status->error.code == IIOBRIDGE_OK) {
		fputs("      error  none\n", file);
		return;
	}
	if (localtime_r(&seconds, &local))
		strftime(time, sizeof(time), "%F %T", &local);
	fprintf(file, "      error  %s: %s\n", time, status->error.message);
}

static void write_companions(const struct status *status, FILE *file)
{
	for (unsigned int i = 0; i < status->companion_count; i++)
		fprintf(file, "%s%s", i == 0 ? " companions  " : ", ",
			status_companion_name(status->companions[i]));
	if (status->companion_count > 0)
		putc('\n', file);
}

static const char *transfer_sentence(const struct status_route *route)
{
	if (route->from_copies && route->to_copies)
		return "copied at both ends";
	if (route->from_copies)
		return "copied at the first end";
	if (route->to_copies)
		return "copied at the second end";
	return "no copy (DMABUF)";
}

static void write_route(const struct status_route *route, FILE *file)
{
	const struct iiobridge_statistics *counts = &route->statistics;
	char amount[AMOUNT_SIZE];

	fprintf(file, "\n%s  %s -> %s, %s", route->name, route->from, route->to,
		status_route_state_name(route->state));
	if (status_route_streams(route))
		fprintf(file, ", %s", format_rate(amount, route->rate));
	fprintf(file, "\n     blocks  %" PRIu32 " x %s from heap \"%s\", %s\n", route->block_count,
		format_amount(amount, route->block_size), route->heap, transfer_sentence(route));
	fprintf(file,
		"      moved  filled %" PRIu64 ", delivered %" PRIu64 " (%s), failed %" PRIu64
		", starts %" PRIu64 "\n",
		counts->blocks_filled, counts->blocks_drained,
		format_amount(amount, counts->bytes_drained), counts->blocks_failed,
		counts->starts);
	fprintf(file, "     losses  %s %" PRIu64 ", samples %" PRIu64 "%s, records %" PRIu64 "\n",
		is_playback(route) ? "underruns" : "gaps", counts->gaps, counts->scans_lost,
		counts->estimated && counts->gaps ? " (estimated)" : "", counts->records_lost);
}

void status_write_text(const struct status *status, FILE *file)
{
	char amount[AMOUNT_SIZE];

	fprintf(file, "iiobridged " IIOBRIDGE_VERSION ", %s\n", explain_state(status));
	if (status->waiting[0])
		fprintf(file, "    waiting  %s\n", status->waiting);
	fprintf(file, "        UDC  %s%s%s\n", status->udc[0] ? status->udc : "none",
		status->speed[0] ? ", " : "", status->speed);
	write_companions(status, file);
	fprintf(file, "    running  for %s\n", format_duration(amount, status->uptime_us));
	write_error(status, file);
	for (unsigned int i = 0; i < status->route_count; i++)
		write_route(&status->routes[i], file);
}

static __attribute__((format(printf, 2, 3))) void append(char line[STATUS_LINE_SIZE],
							 const char *format, ...)
{
	size_t length = strlen(line);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + length, STATUS_LINE_SIZE - length, format, arguments);
	va_end(arguments);
}

static unsigned int count_streams(const struct status *status)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < status->route_count; i++)
		count += status_route_runs(&status->routes[i]);
	return count;
}

static void append_streams(const struct status *status, unsigned int count,
			   char line[STATUS_LINE_SIZE])
{
	const char *separator = ": ";
	uint64_t gaps = 0;

	append(line, "%u route%s", count, count == 1 ? " streams" : "s stream");
	for (unsigned int i = 0; i < status->route_count; i++) {
		const struct status_route *route = &status->routes[i];
		char rate[AMOUNT_SIZE];

		if (!status_route_runs(route))
			continue;
		append(line, "%s%s %s", separator, route->name,
		       status_route_streams(route) ? format_rate(rate, route->rate)
						   : "repeated by the kernel");
		gaps += route->statistics.gaps;
		separator = ", ";
	}
	if (gaps)
		append(line, "; %" PRIu64 " gap%s", gaps, gaps == 1 ? "" : "s");
}

void status_write_line(const struct status *status, char line[STATUS_LINE_SIZE])
{
	unsigned int streams = count_streams(status);

	line[0] = '\0';
	if (status->waiting[0])
		append(line, "waiting: %s", status->waiting);
	else if (!streams || status->state != FUNCTION_CONFIGURED || status->suspended)
		append(line, "%s", explain_state(status));
	if (!streams)
		return;
	if (line[0])
		append(line, "; ");
	append_streams(status, streams, line);
}
