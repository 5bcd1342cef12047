// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "files/clock.h"
#include "files/failure.h"
#include "interrupt.h"
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cmd_complain(const char *format, ...)
{
	va_list args;

	flockfile(stderr);
	progress_clear();
	fputs("iiobridge: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
}

int cmd_usage(const char *command, const char *format, ...)
{
	va_list args;

	if (format) {
		fprintf(stderr, "%s: ", command);
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try \"%s --help\".\n", command);
	return STATUS_USAGE;
}

int cmd_help(const char *text)
{
	fputs(text, stdout);
	return cmd_finish_output();
}

int cmd_finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_OK;
	cmd_complain("writing to standard output failed: %s", strerror(errno));
	return STATUS_FILE;
}

static int status_of(int64_t result)
{
	switch (result) {
	case IIOBRIDGE_ERROR_INVALID:
		return STATUS_USAGE;
	case IIOBRIDGE_ERROR_NOT_FOUND:
		return STATUS_NO_BOARD;
	case IIOBRIDGE_ERROR_ACCESS:
		return STATUS_NO_PERMISSION;
	case IIOBRIDGE_ERROR_BUSY:
		return STATUS_BUSY;
	case IIOBRIDGE_ERROR_GONE:
		return STATUS_GONE;
	case IIOBRIDGE_ERROR_REFUSED:
		return STATUS_REFUSED;
	case IIOBRIDGE_ERROR_PROTOCOL:
	case IIOBRIDGE_ERROR_TIMEOUT:
		return STATUS_PROTOCOL;
	case IIOBRIDGE_ERROR_CANCELLED:
		return STATUS_SIGNAL + interrupt_signal();
	default:
		return STATUS_FAILED;
	}
}

int cmd_library(struct failure *failure, int64_t result)
{
	if (result >= 0)
		return STATUS_OK;
	failure_set(failure, 0, "%s", iiobridge_error_message());
	return status_of(result);
}

int cmd_failed(const struct failure *failure, int status)
{
	if (status < STATUS_SIGNAL)
		cmd_complain("%s", failure->message);
	return status;
}

/* ---- boards ---- */

/* So often a wait looks whether a signal came. */
#define TURN_MS 250

static uint64_t now_us(void)
{
	return clock_now_ns() / 1000;
}

static int next_turn_ms(uint64_t end_us)
{
	const uint64_t now = now_us(), left_ms = now < end_us ? (end_us - now + 999) / 1000 : 0;

	return left_ms < TURN_MS ? (int)left_ms : TURN_MS;
}

/*
 * Boards that are there come first. The error of one that came is believed: it has had time to get
 * ready. Returns an enum iiobridge_result, and whether the time is over.
 */
static int await_board(struct iiobridge_monitor *monitor, const char *serial, uint64_t end_us,
		       bool *over, struct iiobridge_board **board)
{
	struct iiobridge_event event;
	int r;

	while (!interrupt_signal()) {
		r = iiobridge_monitor_next(monitor, next_turn_ms(end_us), &event);
		if (r < 0)
			return r;
		*over = r == 0 && now_us() >= end_us;
		if (r == 0 && !*over)
			continue;
		if (r > 0 && (event.kind != IIOBRIDGE_BOARD_CAME ||
			      (serial && !event.error && strcmp(serial, event.serial) != 0)))
			continue;
		r = iiobridge_board_open(serial, board);
		/* One that has gone again may come again; that there are several is no reason to
		 * wait. */
		if (*over || (r != IIOBRIDGE_ERROR_NOT_FOUND && r != IIOBRIDGE_ERROR_GONE))
			return r;
	}
	return IIOBRIDGE_ERROR_CANCELLED;
}

int cmd_await(const char *serial, uint64_t wait_us, struct failure *failure,
	      struct iiobridge_board **board)
{
	const uint64_t now = now_us();
	const uint64_t end_us = wait_us && wait_us < UINT64_MAX - now ? now + wait_us : UINT64_MAX;
	struct iiobridge_monitor *monitor;
	bool over = false;
	int status, r;

	r = iiobridge_monitor_new(&monitor);
	if (r < 0)
		return cmd_library(failure, r);
	r = await_board(monitor, serial, end_us, &over, board);
	status = cmd_library(failure, r);
	if (over && r < 0)
		failure_set(failure, 0, "%.400s; waited %g s for it", iiobridge_error_message(),
			    (double)wait_us / 1e6);
	iiobridge_monitor_free(monitor);
	return status;
}

int cmd_open(const struct options *options, struct failure *failure, struct iiobridge_board **board)
{
	const int r = iiobridge_board_open(options->serial, board);

	/* A board that is there but cannot be opened yet may be one that was plugged in just now.
	 */
	if (r == 0 || r == IIOBRIDGE_ERROR_INVALID || !options->wait)
		return cmd_library(failure, r);
	interrupt_catch();
	if (!options->quiet)
		cmd_complain("waiting for %s%s", options->serial ? "the board " : "a board",
			     options->serial ? options->serial : "");
	return cmd_await(options->serial, options->wait_us, failure, board);
}

/* ---- channels of a route, as people write them ---- */

static int unknown_channel(const char *name, int length, const struct iiobridge_route *route,
			   struct failure *failure)
{
	char known[256] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < iiobridge_route_channel_count(route) && used < sizeof(known);
	     i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
					 iiobridge_channel_id(iiobridge_route_channel(route, i)));
	return failure_set(failure, STATUS_USAGE, "there is no channel \"%.*s\"; there are: %s",
			   length, name, known);
}

static int find_channel(const char *name, size_t length, const struct iiobridge_route *route)
{
	const unsigned int count = iiobridge_route_channel_count(route);
	unsigned long number;
	char *end;

	for (unsigned int i = 0; i < count; i++) {
		const char *id = iiobridge_channel_id(iiobridge_route_channel(route, i));

		if (strlen(id) == length && !strncmp(id, name, length))
			return (int)i;
	}
	if (length == 0 || *name < '0' || *name > '9')
		return -1;
	number = strtoul(name, &end, 10);
	return end == name + length && number < count ? (int)number : -1;
}

static int parse_mask(const char *text, unsigned int count, struct failure *failure, uint32_t *mask)
{
	const uint64_t all = (UINT64_C(1) << count) - 1;
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text + 2, &end, 16);
	if (end == text + 2 || *end || errno || value == 0 || value & ~all)
		return failure_set(failure, STATUS_USAGE,
				   "the channel mask %s does not fit: a mask from 0x1 to 0x%llx is "
				   "accepted",
				   text, (unsigned long long)all);
	*mask = (uint32_t)value;
	return STATUS_OK;
}

static int parse_channels(const char *text, const struct iiobridge_route *route,
			  struct failure *failure, uint32_t *mask)
{
	*mask = 0;
	if (!strncmp(text, "0x", 2) || !strncmp(text, "0X", 2))
		return parse_mask(text, iiobridge_route_channel_count(route), failure, mask);
	for (;;) {
		const size_t length = strcspn(text, ",");
		const int channel = find_channel(text, length, route);

		if (channel < 0)
			return unknown_channel(text, (int)length, route, failure);
		if (*mask & UINT32_C(1) << channel)
			return failure_set(failure, STATUS_USAGE, "channel %s is named twice",
					   iiobridge_channel_id(iiobridge_route_channel(
						   route, (unsigned int)channel)));
		*mask |= UINT32_C(1) << channel;
		if (!text[length])
			return STATUS_OK;
		text += length + 1;
	}
}

int cmd_choose_route(const struct options *options, struct iiobridge_board *board, int kind,
		     struct failure *failure, unsigned int *index,
		     struct iiobridge_stream_settings *settings)
{
	struct iiobridge_route *route;
	int status;

	status = cmd_library(failure, iiobridge_route_find(board, options->route, kind, &route));
	if (status != STATUS_OK)
		return status;
	*index = iiobridge_route_index(route);
	*settings = (struct iiobridge_stream_settings){ .block_size = options->block_size };
	if (options->channels)
		status = parse_channels(options->channels, route, failure, &settings->channel_mask);
	iiobridge_route_free(route);
	if (status == STATUS_OK)
		status = tuning_apply(board, *index, options->tunings, options->tuning_count,
				      options->quiet, failure);
	return status;
}
