// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-route - starts, stops or looks at a route, and does nothing else
 *
 * usb-route start|stop NAME: for routes without an end at the host, which no program streams; and
 * for requests that come from somebody else than the program that streams.
 *
 * usb-route counts [NAME]: the numbers of the statistics that "iiobridge info" shows, in one line,
 * for tests that look again and again: iiobridge has forty libraries to load each time. Without a
 * name: of the first route.
 */
#include "host/device.h"
#include "host/failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int find_route(struct device *device, const char *name, unsigned int *route)
{
	struct iiobridge_route_info info;

	if (!name) {
		*route = 0;
		return 0;
	}
	for (*route = 0; *route < device_info(device)->route_count; (*route)++) {
		int r = device_get_route(device, *route, &info);

		if (r < 0 || strcmp(info.name, name) == 0)
			return r;
	}
	return failure_set(device_failure(device), -ENOENT, "the board has no route %s", name);
}

static int show_counts(struct device *device, unsigned int route)
{
	struct iiobridge_statistics statistics;
	int r = device_get_statistics(device, route, &statistics);

	if (r == 0)
		printf("starts %" PRIu64 " filled %" PRIu64 " delivered %" PRIu64 " failed %" PRIu64
		       " gaps %" PRIu64 " samples %" PRIu64 "\n",
		       statistics.starts, statistics.blocks_filled, statistics.blocks_drained,
		       statistics.blocks_failed, statistics.gaps, statistics.scans_lost);
	return r;
}

static const struct {
	const char *name;
	int (*run)(struct device *device, unsigned int route);
} commands[] = {
	{ "start", device_start },
	{ "stop", device_stop },
	{ "counts", show_counts },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int main(int argc, char **argv)
{
	struct device_list *list = NULL;
	struct device *device = NULL;
	struct failure failure;
	unsigned int command = 0, route = 0;
	int r;

	while (argc > 1 && command < COMMANDS && strcmp(argv[1], commands[command].name) != 0)
		command++;
	if (argc < 2 || argc > 3 || command == COMMANDS) {
		fprintf(stderr,
			"Usage: usb-route start|stop NAME\n       usb-route counts [NAME]\n");
		return 2;
	}
	r = device_list_new(&failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &failure, &device);
	if (r == 0)
		r = find_route(device, argv[2], &route);
	if (r == 0)
		r = commands[command].run(device, route);
	if (r < 0)
		fprintf(stderr, "usb-route: %s\n", failure.message);
	device_close(device);
	device_list_free(list);
	return r == 0 ? 0 : 1;
}
