// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-route - starts, stops, finishes or looks at a route, and does nothing else
 *
 * usb-route start|stop NAME, usb-route finish NAME BYTES: for routes without an end at the host,
 * which no program streams; and for requests that come from somebody else than the program that
 * streams.
 *
 * usb-route describe NAME TIMES: asks so many times for the route and for its first channel.
 *
 * usb-route counts [NAME]: the numbers of the statistics that "iiobridge info" shows, in one line,
 * for tests that look again and again: iiobridge has forty libraries to load each time. Without a
 * name: of the first route.
 */
#include "library/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find_route(struct iiobridge_board *board, const char *name, unsigned int *route)
{
	struct iiobridge_route_info info;

	if (!name) {
		*route = 0;
		return 0;
	}
	for (*route = 0; *route < board->info.route_count; (*route)++) {
		int r = request_route(board, *route, &info);

		if (r < 0 || strcmp(info.name, name) == 0)
			return r;
	}
	return fail(IIOBRIDGE_ERROR_INVALID, "the board has no route %s", name);
}

static int start(struct iiobridge_board *board, unsigned int route, const char *bytes)
{
	(void)bytes;
	return request_start(board, route);
}

static int stop(struct iiobridge_board *board, unsigned int route, const char *bytes)
{
	(void)bytes;
	return iiobridge_route_stop(board, route);
}

static int finish(struct iiobridge_board *board, unsigned int route, const char *bytes)
{
	return request_finish(board, route, strtoull(bytes, NULL, 10), 0);
}

static int describe(struct iiobridge_board *board, unsigned int route, const char *times)
{
	struct iiobridge_channel_info channel;
	struct iiobridge_route_info info;
	int r = 0;

	for (unsigned long i = strtoul(times, NULL, 10); r == 0 && i > 0; i--) {
		r = request_route(board, route, &info);
		if (r == 0)
			r = request_channel(board, route, 0, &channel);
	}
	return r;
}

static int show_counts(struct iiobridge_board *board, unsigned int route, const char *bytes)
{
	struct iiobridge_statistics_info statistics;
	int r = iiobridge_route_statistics(board, route, &statistics);

	(void)bytes;
	if (r == 0)
		printf("starts %" PRIu64 " filled %" PRIu64 " delivered %" PRIu64 " failed %" PRIu64
		       " gaps %" PRIu64 " samples %" PRIu64 "\n",
		       statistics.starts, statistics.blocks_filled, statistics.blocks_delivered,
		       statistics.blocks_failed, statistics.gaps, statistics.samples_lost);
	return r;
}

static const struct command {
	const char *name;
	int arguments_min, arguments_max; /* behind its name */
	int (*run)(struct iiobridge_board *board, unsigned int route, const char *bytes);
} commands[] = {
	{ "start", 1, 1, start },	{ "stop", 1, 1, stop },		 { "finish", 2, 2, finish },
	{ "describe", 2, 2, describe }, { "counts", 0, 1, show_counts },
};

static const struct command *find_command(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0 &&
		    argc - 2 >= commands[i].arguments_min && argc - 2 <= commands[i].arguments_max)
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command = find_command(argc, argv);
	struct iiobridge_board *board = NULL;
	unsigned int route = 0;
	int r;

	if (!command) {
		fputs("Usage: usb-route start|stop NAME\n"
		      "       usb-route finish NAME BYTES\n"
		      "       usb-route describe NAME TIMES\n"
		      "       usb-route counts [NAME]\n",
		      stderr);
		return 2;
	}
	r = iiobridge_board_open(NULL, &board);
	if (r == 0)
		r = find_route(board, argv[2], &route);
	if (r == 0)
		r = command->run(board, route, argc > 3 ? argv[3] : NULL);
	if (r < 0)
		fprintf(stderr, "usb-route: %s\n", iiobridge_error_message());
	iiobridge_board_close(board);
	return r == 0 ? 0 : 1;
}
