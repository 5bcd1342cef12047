// SPDX-License-Identifier: GPL-2.0-or-later
#include "answer.h"
#include "cmd.h"
#include "device.h"
#include "failure.h"
#include "options.h"
#include "report.h"
#include "report_board.h"
#include "status.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
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

static int print_board(struct device *device)
{
	const struct iiobridge_device_info *info = device_info(device);
	const char *serial = device_serial(device);

	printf("%-8s %-20s %-10s %-24s", device_name(device), serial[0] ? serial : "-",
	       info->software, info->model);
	for (unsigned int i = 0; i < info->route_count; i++) {
		struct iiobridge_route_info route;
		int r;

		r = device_get_route(device, i, &route);
		if (r < 0) {
			putchar('\n');
			return r;
		}
		printf("%s %s (%s)", i ? "," : "", route.name,
		       answer_direction_name(route.direction));
	}
	putchar('\n');
	return 0;
}

static int add_board(struct device *device, json_t *boards)
{
	const unsigned int count = device_info(device)->route_count;
	json_t *routes = json_array();
	int r = 0;

	for (unsigned int i = 0; i < count && r == 0; i++) {
		struct iiobridge_route_info route;

		r = device_get_route(device, i, &route);
		if (r == 0 && json_array_append_new(routes, report_route_briefly(&route)) < 0)
			r = -ENOMEM;
	}
	if (r == 0 && json_array_append_new(boards, report_board(device, json_incref(routes))) < 0)
		r = -ENOMEM;
	json_decref(routes);
	if (r == -ENOMEM)
		return failure_set(device_failure(device), r, "no memory for the list");
	return r;
}

/* Into @found, or where that is NULL as a line of the table. */
static int show_board(struct device *device, bool first, json_t *found)
{
	if (found)
		return add_board(device, found);
	if (first)
		printf("%-8s %-20s %-10s %-24s %s\n", "BUS:DEV", "SERIAL", "DAEMON", "MODEL",
		       "ROUTES");
	return print_board(device);
}

static int list_boards(struct device_list *list, json_t *found)
{
	size_t boards = 0;
	int error = 0;

	for (size_t i = 0; i < device_list_count(list); i++) {
		struct failure failure = { "" };
		struct device *device;
		int r;

		r = device_open(list, i, &failure, &device);
		if (r == -ENOENT) /* the class triple of a board, but another's interface */
			continue;
		if (r == 0) {
			r = show_board(device, boards++ == 0, found);
			device_close(device);
		}
		if (r < 0) {
			error = r;
			cmd_complain("%s", failure.message);
		}
	}

	if (error)
		return status_from_errno(error);
	if (boards == 0) {
		cmd_complain("no board found: no USB device here has an interface "
			     "called " IIOBRIDGE_INTERFACE_NAME);
		return STATUS_NO_BOARD;
	}
	return STATUS_OK;
}

/* What was found is printed whatever the status is. */
static int report_boards(struct device_list *list)
{
	json_t *found = json_array();
	int status = list_boards(list, found);

	if (report_print(json_pack("{s:o}", "boards", found), stdout, REPORT_LINES) < 0) {
		cmd_complain("no memory for the list");
		return STATUS_FAILED;
	}
	return status;
}

static int list_all(bool json)
{
	struct failure failure = { "" };
	struct device_list *list;
	int status, r;

	r = device_list_new(&failure, &list);
	if (r < 0) {
		cmd_complain("%s", failure.message);
		return status_from_errno(r);
	}
	status = json ? report_boards(list) : list_boards(list, NULL);
	device_list_free(list);
	r = cmd_finish_output();
	return status == STATUS_OK ? r : status;
}

static int await_any(const struct options *options)
{
	struct failure failure = { "" };
	struct device_list *list;
	struct device *device;
	int r;

	r = cmd_open(options, &failure, &list, &device);
	if (r == -EINVAL) /* there are several */
		return STATUS_OK;
	if (r < 0)
		return cmd_open_failed(&failure, r);
	device_close(device);
	device_list_free(list);
	return STATUS_OK;
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
