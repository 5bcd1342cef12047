// SPDX-License-Identifier: GPL-2.0-or-later
#include "board.h"

#include "host/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct found {
	struct iiobridge_device_info info;
	char serial[128];
};

struct iiobridge_list {
	size_t count;
	struct found boards[];
};

/* Opens each for a moment. Returns what kept the last one that failed from being opened. */
static int look_at_all(struct device_list *devices, struct iiobridge_list *list,
		       struct failure *failure)
{
	int error = 0;

	for (size_t i = 0; i < device_list_count(devices); i++) {
		struct found *found = &list->boards[list->count];
		struct failure reason = { "" };
		struct device *device;
		const int r = device_open(devices, i, &reason, &device);

		if (r == -ENOENT) /* another's interface */
			continue;
		if (r < 0) {
			error = r;
			*failure = reason;
			continue;
		}
		found->info = *device_info(device);
		snprintf(found->serial, sizeof(found->serial), "%s", device_serial(device));
		list->count++;
		device_close(device);
	}
	return error;
}

int iiobridge_list_new(struct iiobridge_list **ret)
{
	struct failure failure = { "" };
	struct iiobridge_list *list = NULL;
	struct device_list *devices;
	int r;

	r = device_list_new(&failure, &devices);
	if (r < 0)
		goto err;
	list = calloc(1, sizeof(*list) + device_list_count(devices) * sizeof(list->boards[0]));
	if (list)
		r = look_at_all(devices, list, &failure);
	else
		r = failure_set(&failure, -ENOMEM, "no memory for the list of boards");
	device_list_free(devices);
	if (r < 0 && (!list || list->count == 0))
		goto err;
	*ret = list;
	return 0;

err:
	free(list);
	message_set(&failure);
	return r;
}

void iiobridge_list_free(struct iiobridge_list *list)
{
	free(list);
}

size_t iiobridge_list_count(const struct iiobridge_list *list)
{
	return list->count;
}

const char *iiobridge_list_serial(const struct iiobridge_list *list, size_t index)
{
	return list->boards[index].serial;
}

const struct iiobridge_device_info *iiobridge_list_info(const struct iiobridge_list *list,
							size_t index)
{
	return &list->boards[index].info;
}
