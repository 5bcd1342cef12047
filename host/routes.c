// SPDX-License-Identifier: GPL-2.0-or-later
#include "routes.h"

#include "answer.h"
#include "device.h"
#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int routes_find(struct device *device, const char *name, enum iiobridge_direction direction,
		struct iiobridge_route_info *route)
{
	const char *kind = name ? "" : answer_direction_name(direction);
	struct failure *failure = device_failure(device);
	const unsigned int count = device_info(device)->route_count;
	char names[IIOBRIDGE_MAX_ROUTES * (sizeof(route->name) + 2)] = "";
	unsigned int candidates = 0;
	size_t used = 0;
	int found = 0;

	for (unsigned int i = 0; i < count; i++) {
		struct iiobridge_route_info info;
		int r;

		r = device_get_route(device, i, &info);
		if (r < 0)
			return r;
		if (name && strcmp(name, info.name) == 0) {
			*route = info;
			return (int)i;
		}
		if (!name && info.direction != direction)
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 candidates ? ", " : "", info.name);
		candidates++;
		found = (int)i;
		*route = info;
	}

	if (!name && candidates == 1)
		return found;
	if (candidates == 0)
		return failure_set(failure, -EINVAL, "the board at %s has no %s%sroute",
				   device_name(device), kind, name ? "" : " ");
	if (name)
		return failure_set(failure, -EINVAL,
				   "the board at %s has no route \"%s\"; it has: %s",
				   device_name(device), name, names);
	return failure_set(failure, -EINVAL,
			   "the board at %s has several %s routes: choose one by its name: %s",
			   device_name(device), kind, names);
}

int routes_get_channels(struct device *device, unsigned int index,
			const struct iiobridge_route_info *route,
			struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS])
{
	int r = 0;

	for (unsigned int i = 0; i < route->channel_count && r == 0; i++)
		r = device_get_channel(device, index, i, &channels[i]);
	return r;
}
