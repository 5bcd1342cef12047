// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-route - starts or stops a route, and does nothing else
 *
 * usb-route start|stop NAME: for routes without an end at the host, which no program streams; and
 * for requests that come from somebody else than the program that streams.
 */
#include "host/device.h"
#include "host/failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int find_route(struct device *device, const char *name, unsigned int *route)
{
	struct iiobridge_route_info info;

	for (*route = 0; *route < device_info(device)->route_count; (*route)++) {
		int r = device_get_route(device, *route, &info);

		if (r < 0 || strcmp(info.name, name) == 0)
			return r;
	}
	return failure_set(device_failure(device), -ENOENT, "the board has no route %s", name);
}

int main(int argc, char **argv)
{
	struct device_list *list = NULL;
	struct device *device = NULL;
	struct failure failure;
	unsigned int route = 0;
	int r;

	if (argc != 3 || (strcmp(argv[1], "start") != 0 && strcmp(argv[1], "stop") != 0)) {
		fprintf(stderr, "Usage: usb-route start|stop NAME\n");
		return 2;
	}
	r = device_list_new(&failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &failure, &device);
	if (r == 0)
		r = find_route(device, argv[2], &route);
	if (r == 0)
		r = strcmp(argv[1], "start") == 0 ? device_start(device, route)
						  : device_stop(device, route);
	if (r < 0)
		fprintf(stderr, "usb-route: %s\n", failure.message);
	device_close(device);
	device_list_free(list);
	return r == 0 ? 0 : 1;
}
