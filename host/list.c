// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list.c - iiobridge list
 */
#include "cmd.h"
#include "files/failure.h"
#include "report.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
	"Usage: iiobridge list [--json] [--wait[=TIME]]\n"
	"\n"
	"Lists the boards that are on the USB: bus and device address, serial number,\n"
	"version of the daemon, model, and the routes with their directions.\n"
	"\n"
	"      --json         for programs: one JSON object\n"
	"      --wait[=TIME]  for a board to be plugged in\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit status: 0 at least one board, 3 none, 4 no permission; see iiobridge(1).\n";

/* A line of the table; routes are told until one cannot be asked. */
static void print_board(const struct iiobridge_board *board, const json_t *routes)
{
	const char *serial = iiobridge_board_serial(board);

	printf("%-8s %-20s %-10s %-24s", iiobridge_board_location(board), serial[0] ? serial : "-",
	       iiobridge_board_software(board), iiobridge_board_model(board));
	for (size_t i = 0; i < json_array_size(routes); i++) {
		const json_t *route = json_array_get(routes, i);

		printf("%s %s (%s)", i ? "," : "",
		       json_string_value(json_object_get(route, "name")),
		       json_string_value(json_object_get(route, "direction")));
	}
	putchar('\n');
}

static int describe_routes(struct iiobridge_board *board, struct failure *failure, json_t *routes)
{
	struct iiobridge_route *route;
	int status = STATUS_OK;

	for (unsigned int i = 0; i < iiobridge_board_route_count(board); i++) {
		status = cmd_library(failure, iiobridge_route_get(board, i, &route));
		if (status != STATUS_OK)
			break;
		json_array_append_new(routes, report_route_briefly(route));
		iiobridge_route_free(route);
	}
	return status;
}

static int show_board(struct iiobridge_board *board, bool first, json_t *found,
		      struct failure *failure)
{
	json_t *routes = json_array();
	int status;

	status = describe_routes(board, failure, routes);
	if (!found) {
		if (first)
			printf("%-8s %-20s %-10s %-24s %s\n", "BUS:DEV", "SERIAL", "DAEMON",
			       "MODEL", "ROUTES");
		print_board(board, routes);
	} else if (status == STATUS_OK) {
		json_array_append_new(found, report_board(board, json_incref(routes)));
	}
	json_decref(routes);
	return status;
}

/* Into @found, or where that is NULL into the table. */
static int list_boards(const struct iiobridge_board_list *list, json_t *found)
{
	int status = STATUS_OK, result;
	size_t boards = 0;

	for (size_t i = 0; i < iiobridge_board_list_count(list); i++) {
		struct iiobridge_board *board;
		struct failure failure = { "" };

		result = cmd_library(&failure, iiobridge_board_list_open(list, i, &board));
		if (result == STATUS_OK) {
			result = show_board(board, boards++ == 0, found, &failure);
			iiobridge_board_close(board);
		}
		if (result != STATUS_OK)
			status = cmd_failed(&failure, result);
	}
	if (status == STATUS_OK && boards == 0) {
		cmd_complain("no board found: no USB device here has an interface called "
			     "iiobridge");
		status = STATUS_NO_BOARD;
	}
	return status;
}

/* What was found is printed whatever the status is. */
static int list_all(bool json)
{
	struct iiobridge_board_list *list;
	struct failure failure = { "" };
	json_t *found = NULL;
	int status, printed;

	status = cmd_library(&failure, iiobridge_board_list_new(&list));
	if (status != STATUS_OK)
		return cmd_failed(&failure, status);
	if (json)
		found = json_array();
	status = list_boards(list, found);
	iiobridge_board_list_free(list);
	printed = json ? report_print(json_pack("{s:o}", "boards", found), stdout, REPORT_LINES)
		       : cmd_finish_output();
	return status == STATUS_OK ? printed : status;
}

/* That there are several is what a list is for. */
static int await_any(const struct options *options)
{
	struct iiobridge_board *board;
	struct failure failure = { "" };
	int status;

	status = cmd_open(options, &failure, &board);
	if (status == STATUS_OK)
		iiobridge_board_close(board);
	return status == STATUS_OK || status == STATUS_USAGE ? STATUS_OK
							     : cmd_failed(&failure, status);
}

int cmd_list(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "wait", optional_argument, NULL, OPTION_WAIT },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = options_take(&options, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);

	status = options.wait ? await_any(&options) : STATUS_OK;
	return status == STATUS_OK ? list_all(options.json) : status;
}
