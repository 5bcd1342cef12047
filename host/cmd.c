// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "answer.h"
#include "device.h"
#include "failure.h"
#include "status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cmd_complain(const char *format, ...)
{
	va_list args;

	fputs("iiobridge: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int cmd_usage(const char *command, const char *format, ...)
{
	va_list args;

	if (format) {
		fprintf(stderr, "%s: ", command);
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try \"%s --help\".\n", command);
	return STATUS_USAGE;
}

int cmd_help(const char *text)
{
	fputs(text, stdout);
	return cmd_finish_output();
}

int cmd_finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_OK;
	cmd_complain("writing to standard output failed: %s", strerror(errno));
	return STATUS_FILE;
}

int cmd_open(const char *serial, struct failure *failure, struct device_list **list,
	     struct device **device)
{
	int r;

	r = device_list_new(failure, list);
	if (r < 0)
		return r;
	r = device_open_serial(*list, serial, failure, device);
	if (r < 0) {
		device_list_free(*list);
		*list = NULL;
	}
	return r;
}

int cmd_ask(const char *serial, cmd_question question, const char *name)
{
	struct failure failure = { "" };
	struct device_list *list;
	struct device *device;
	int r;

	r = cmd_open(serial, &failure, &list, &device);
	if (r == 0) {
		r = question(device, name);
		device_close(device);
		device_list_free(list);
	}
	if (r < 0) {
		cmd_complain("%s", failure.message);
		return status_from_errno(r);
	}
	return cmd_finish_output();
}

int cmd_find_route(struct device *device, const char *name, enum iiobridge_direction direction,
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
			   "the board at %s has several %s routes: choose one with --route: %s",
			   device_name(device), kind, names);
}

int cmd_get_channels(struct device *device, unsigned int index,
		     const struct iiobridge_route_info *route,
		     struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS])
{
	int r = 0;

	for (unsigned int i = 0; i < route->channel_count && r == 0; i++)
		r = device_get_channel(device, index, i, &channels[i]);
	return r;
}
