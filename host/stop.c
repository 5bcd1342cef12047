// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop.c - iiobridge stop
 */
#include "cmd.h"
#include "files/failure.h"
#include "report.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
	"Usage: iiobridge stop [-r ROUTE] [-s SERIAL] [--json]\n"
	"\n"
	"Stops the routes of a board that run, or one of them: a playback that repeats,\n"
	"a repeater, or the capture or playback of another program, which is then told.\n"
	"A route that does not run is no error.\n"
	"\n"
	"  -r, --route ROUTE    only this route\n"
	"  -s, --serial SERIAL  the board, where there are several\n"
	"      --json           for programs: one JSON object\n"
	"  -h, --help           show this text\n"
	"\n"
	"Exit status: 0 nothing runs any more, 2 no such route, 3 no board, 4 no\n"
	"permission; see iiobridge(1).\n";

/* Stops a route that runs, and adds it to those that were stopped. */
static int stop_route(struct iiobridge_board *board, const struct iiobridge_route *route,
		      struct failure *failure, json_t *stopped)
{
	int status;

	if (!iiobridge_route_is_running(route))
		return STATUS_OK;
	status = cmd_library(failure, iiobridge_route_stop(board, iiobridge_route_index(route)));
	if (status == STATUS_OK)
		json_array_append_new(stopped, report_route_briefly(route));
	return status;
}

/* The one with a name, or all. */
static int stop_routes(struct iiobridge_board *board, const char *name, struct failure *failure,
		       json_t *stopped)
{
	const unsigned int count = name ? 1 : iiobridge_board_route_count(board);
	struct iiobridge_route *route;
	int status = STATUS_OK;

	for (unsigned int i = 0; i < count && status == STATUS_OK; i++) {
		/* The direction only chooses where there is no name. */
		status =
			cmd_library(failure, name ? iiobridge_route_find(board, name,
									 IIOBRIDGE_ROUTE_RX, &route)
						  : iiobridge_route_get(board, i, &route));
		if (status != STATUS_OK)
			break;
		status = stop_route(board, route, failure, stopped);
		iiobridge_route_free(route);
	}
	return status;
}

static void print_stopped(const json_t *stopped, const char *name, int status)
{
	const size_t count = json_array_size(stopped);

	for (size_t i = 0; i < count; i++) {
		const json_t *route = json_array_get(stopped, i);

		printf("stopped %s\n", json_string_value(json_object_get(route, "name")));
	}
	if (count > 0 || status != STATUS_OK)
		return;
	if (name)
		printf("%s does not run\n", name);
	else
		printf("no route runs\n");
}

/* What was stopped is told although another one could not be. */
static int stop(const struct options *options)
{
	json_t *stopped = json_array();
	struct iiobridge_board *board;
	struct failure failure = { "" };
	int status, printed = STATUS_OK;

	status = cmd_open(options, &failure, &board);
	if (status == STATUS_OK) {
		status = stop_routes(board, options->route, &failure, stopped);
		if (!options->json)
			print_stopped(stopped, options->route, status);
		else if (status == STATUS_OK || json_array_size(stopped) > 0)
			printed = report_print(json_pack("{s:o, s:O}", "serial",
							 report_text(iiobridge_board_serial(board)),
							 "stopped", stopped),
					       stdout, REPORT_LINES);
		iiobridge_board_close(board);
	}
	json_decref(stopped);
	if (status != STATUS_OK)
		return cmd_failed(&failure, status);
	return printed == STATUS_OK ? cmd_finish_output() : printed;
}

int cmd_stop(int argc, char **argv)
{
	static const struct option options[] = {
		{ "route", required_argument, NULL, 'r' },
		{ "serial", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options common = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "r:s:h", options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = options_take(&common, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0],
				 "unexpected argument \"%s\"; -r %s stops a route of that "
				 "name",
				 argv[optind], argv[optind]);
	return stop(&common);
}
