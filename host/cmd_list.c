// SPDX-License-Identifier: GPL-2.0-or-later
#include "answer.h"
#include "cmd.h"
#include "device.h"
#include "failure.h"
#include "status.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

static const char help[] =
	"Usage: iiobridge list\n"
	"\n"
	"Lists the boards that are on the USB: bus and device address, serial number,\n"
	"version of the daemon, model, and the routes with their directions.\n"
	"\n"
	"  -h, --help  show this text\n"
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

static int list_boards(struct device_list *list)
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
			if (boards++ == 0)
				printf("%-8s %-20s %-10s %-24s %s\n", "BUS:DEV", "SERIAL", "DAEMON",
				       "MODEL", "ROUTES");
			r = print_board(device);
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
	return cmd_finish_output();
}

int cmd_list(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct device_list *list;
	struct failure failure = { "" };
	int option, r;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		return cmd_usage(argv[0], NULL);
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);

	r = device_list_new(&failure, &list);
	if (r < 0) {
		cmd_complain("%s", failure.message);
		return status_from_errno(r);
	}
	r = list_boards(list);
	device_list_free(list);
	return r;
}
