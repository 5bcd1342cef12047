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
#include "host/device.h"
#include "host/failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

static int start(struct device *device, unsigned int route, const char *bytes)
{
	(void)bytes;
	return device_start(device, route);
}

static int stop(struct device *device, unsigned int route, const char *bytes)
{
	(void)bytes;
	return device_stop(device, route);
}

static int finish(struct device *device, unsigned int route, const char *bytes)
{
	return device_finish(device, route, strtoull(bytes, NULL, 10), 0);
}

static int describe(struct device *device, unsigned int route, const char *times)
{
	struct iiobridge_channel_info channel;
	struct iiobridge_route_info info;
	int r = 0;

	for (unsigned long i = strtoul(times, NULL, 10); r == 0 && i > 0; i--) {
		r = device_get_route(device, route, &info);
		if (r == 0)
			r = device_get_channel(device, route, 0, &channel);
	}
	return r;
}

static int show_counts(struct device *device, unsigned int route, const char *bytes)
{
	struct iiobridge_statistics statistics;
	int r = device_get_statistics(device, route, &statistics);

	(void)bytes;
	if (r == 0)
		printf("starts %" PRIu64 " filled %" PRIu64 " delivered %" PRIu64 " failed %" PRIu64
		       " gaps %" PRIu64 " samples %" PRIu64 "\n",
		       statistics.starts, statistics.blocks_filled, statistics.blocks_drained,
		       statistics.blocks_failed, statistics.gaps, statistics.scans_lost);
	return r;
}

static const struct command {
	const char *name;
	int arguments_min, arguments_max; /* behind its name */
	int (*run)(struct device *device, unsigned int route, const char *bytes);
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
	struct device_list *list = NULL;
	struct device *device = NULL;
	struct failure failure;
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
	r = device_list_new(&failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &failure, &device);
	if (r == 0)
		r = find_route(device, argv[2], &route);
	if (r == 0)
		r = command->run(device, route, argc > 3 ? argv[3] : NULL);
	if (r < 0)
		fprintf(stderr, "usb-route: %s\n", failure.message);
	device_close(device);
	device_list_free(list);
	return r == 0 ? 0 : 1;
}
