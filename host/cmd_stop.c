// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "device.h"
#include "failure.h"
#include "options.h"
#include "report.h"
#include "report_board.h"
#include "routes.h"
#include "status.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
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

/*
 * Returns 1 when the route ran, 0 when it did not. Puts it into @stopped, or where that is NULL
 * tells of it in a line.
 */
static int stop_route(struct device *device, unsigned int index,
		      const struct iiobridge_route_info *route, json_t *stopped)
{
	int r;

	if (route->state != IIOBRIDGE_RUNNING)
		return 0;
	r = device_stop(device, index);
	if (r < 0)
		return r;
	if (!stopped)
		printf("stopped %s\n", route->name);
	else if (json_array_append_new(stopped, report_route_briefly(route)) < 0)
		return -ENOMEM;
	return 1;
}

static int stop_all(struct device *device, json_t *stopped)
{
	int count = 0;

	for (unsigned int i = 0; i < device_info(device)->route_count; i++) {
		struct iiobridge_route_info route;
		int r;

		r = device_get_route(device, i, &route);
		if (r == 0)
			r = stop_route(device, i, &route, stopped);
		if (r < 0)
			return r;
		count += r;
	}
	if (count == 0 && !stopped)
		printf("no route runs\n");
	return 0;
}

static int stop_one(struct device *device, const char *name, json_t *stopped)
{
	struct iiobridge_route_info route;
	int index, r;

	/* The direction only chooses where there is no name. */
	index = routes_find(device, name, IIOBRIDGE_CAPTURE, &route);
	if (index < 0)
		return index;
	r = stop_route(device, (unsigned int)index, &route, stopped);
	if (r == 0 && !stopped)
		printf("%s does not run\n", route.name);
	return r < 0 ? r : 0;
}

static int stop_and_add(struct device *device, const char *name, json_t *stopped)
{
	return name ? stop_one(device, name, stopped) : stop_all(device, stopped);
}

static int stop(struct device *device, const char *name)
{
	return stop_and_add(device, name, NULL);
}

/* What was stopped is printed although another one could not be. */
static int report_stop(struct device *device, const char *name)
{
	json_t *stopped = json_array();
	int r, error = 0;

	r = stopped ? stop_and_add(device, name, stopped) : -ENOMEM;
	if (r == 0 || json_array_size(stopped) > 0)
		error = report_print(json_pack("{s:o, s:O}", "serial",
					       report_text(device_serial(device)), "stopped",
					       stopped),
				     stdout, REPORT_LINES);
	json_decref(stopped);
	r = r == 0 ? error : r;
	if (r == -ENOMEM)
		return failure_set(device_failure(device), r, "no memory to tell what was stopped");
	return r;
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
	return cmd_ask(&common, common.json ? report_stop : stop, common.route);
}
