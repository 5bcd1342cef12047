// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "device.h"
#include "failure.h"
#include "options.h"
#include "routes.h"
#include "status.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

static const char help[] =
	"Usage: iiobridge stop [-r ROUTE] [-s SERIAL]\n"
	"\n"
	"Stops the routes of a board that run, or one of them: a playback that repeats, a\n"
	"repeater, or the capture or playback of another program, which is then told. A\n"
	"route that does not run is no error.\n"
	"\n"
	"  -r, --route ROUTE    only this route\n"
	"  -s, --serial SERIAL  the board, where there are several\n"
	"  -h, --help           show this text\n"
	"\n"
	"Exit status: 0 nothing runs any more, 2 no such route, 3 no board, 4 no permission;\n"
	"see iiobridge(1).\n";

/* Returns 1 when the route ran, 0 when it did not. */
static int stop_route(struct device *device, unsigned int index,
		      const struct iiobridge_route_info *route)
{
	int r;

	if (route->state != IIOBRIDGE_RUNNING)
		return 0;
	r = device_stop(device, index);
	if (r < 0)
		return r;
	printf("stopped %s\n", route->name);
	return 1;
}

static int stop_all(struct device *device)
{
	int stopped = 0;

	for (unsigned int i = 0; i < device_info(device)->route_count; i++) {
		struct iiobridge_route_info route;
		int r;

		r = device_get_route(device, i, &route);
		if (r == 0)
			r = stop_route(device, i, &route);
		if (r < 0)
			return r;
		stopped += r;
	}
	if (stopped == 0)
		printf("no route runs\n");
	return 0;
}

static int stop_one(struct device *device, const char *name)
{
	struct iiobridge_route_info route;
	int index, r;

	/* The direction only chooses where there is no name. */
	index = routes_find(device, name, IIOBRIDGE_CAPTURE, &route);
	if (index < 0)
		return index;
	r = stop_route(device, (unsigned int)index, &route);
	if (r == 0)
		printf("%s does not run\n", route.name);
	return r < 0 ? r : 0;
}

static int stop(struct device *device, const char *name)
{
	return name ? stop_one(device, name) : stop_all(device);
}

int cmd_stop(int argc, char **argv)
{
	static const struct option options[] = {
		{ "route", required_argument, NULL, 'r' },
		{ "serial", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options common = { 0 };
	const char *route = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "r:s:h", options, NULL)) >= 0) {
		switch (option) {
		case 'r':
			route = optarg;
			break;
		case 's':
			common.serial = optarg;
			break;
		case 'h':
			return cmd_help(help);
		default:
			return cmd_usage(argv[0], NULL);
		}
	}
	if (optind < argc)
		return cmd_usage(argv[0],
				 "unexpected argument \"%s\"; -r %s stops a route of that "
				 "name",
				 argv[optind], argv[optind]);
	return cmd_ask(&common, stop, route);
}
