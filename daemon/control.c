// SPDX-License-Identifier: GPL-2.0-or-later
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

#include "iiobridge/log.h"
#include "iiobridge/text.h"
#include "request.h"
#include "wire.h"

static enum iiobridge_error_code error_code(int error)
{
	switch (-error) {
	case EINVAL:
		return IIOBRIDGE_BAD_PARAMETERS;
	case ENODEV:
		return IIOBRIDGE_NO_DEVICE;
	case ENOMEM:
		return IIOBRIDGE_NO_MEMORY;
	default:
		return IIOBRIDGE_FAULT;
	}
}

static void note_time(struct control *control)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	control->error_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void control_note_fault(struct control *control, unsigned int number, int error,
			const char *message)
{
	note_time(control);
	request_refuse(&control->error, error_code(error), 0, (uint16_t)number, "%s", message);
}

/* What the board calls itself: the device tree's model, or else the host name. */
static void read_model(char *model, size_t size)
{
	FILE *file = fopen("/proc/device-tree/model", "re");
	struct utsname system;

	model[0] = '\0';
	if (file) {
		if (!fgets(model, (int)size, file))
			model[0] = '\0';
		fclose(file);
	}
	if (!model[0] && uname(&system) == 0)
		text_copy(model, size, system.nodename);
}

static void get_device(struct control *control)
{
	struct iiobridge_device_info info = {
		.version_major = IIOBRIDGE_VERSION_MAJOR,
		.version_minor = IIOBRIDGE_VERSION_MINOR,
		.route_count = (uint8_t)control->route_count,
		.endpoint_records = records_address(control->records),
		.software = IIOBRIDGE_VERSION,
	};

	read_model(info.model, sizeof(info.model));
	wire_device_info(&info);
	function_reply(control->function, &info, sizeof(info));
}

static void get_route(struct control *control, struct route *route)
{
	struct iiobridge_route_info info;

	route_describe(route, &info);
	wire_route_info(&info);
	function_reply(control->function, &info, sizeof(info));
}

static int get_channel(struct control *control, struct route *route, unsigned int channel)
{
	struct iiobridge_channel_info info;
	int ret = route_describe_channel(route, channel, &info);

	if (ret < 0)
		return ret;
	wire_channel_info(&info);
	function_reply(control->function, &info, sizeof(info));
	return 0;
}

static void get_statistics(struct control *control, const struct route *route)
{
	struct iiobridge_statistics statistics;

	route_get_statistics(route, &statistics);
	wire_statistics(&statistics);
	function_reply(control->function, &statistics, sizeof(statistics));
}

static void set_parameters(struct control *control, struct route *route)
{
	struct iiobridge_parameters parameters;

	if (function_receive(control->function, &parameters, sizeof(parameters)) < 0)
		return;
	wire_parameters(&parameters);
	route_set_parameters(route, &parameters);
}

/* The data has been read by then, and the request answered: a bad end is a fault of the route. */
static void finish(struct control *control, const struct request *request)
{
	struct route *route = control->routes[request->route];
	struct iiobridge_finish data;
	int ret;

	if (function_receive(control->function, &data, sizeof(data)) < 0)
		return;
	wire_finish(&data);
	ret = route_finish(route, &data);
	if (ret < 0) {
		control_note_fault(control, request->route, ret, log_last_error());
		route_stop(route);
	}
}

static void get_error(struct control *control)
{
	struct iiobridge_error error = control->error;

	wire_error(&error);
	function_reply(control->function, &error, sizeof(error));
}

/* Return: 0 when the request was answered, or a negative errno, logged, when it is to be refused.
 */
static int carry_out(struct control *control, const struct request *request)
{
	struct route *route = control->routes[request->route];
	int ret = 0;

	switch (request->code) {
	case IIOBRIDGE_GET_DEVICE:
		get_device(control);
		break;
	case IIOBRIDGE_GET_ROUTE:
		get_route(control, route);
		break;
	case IIOBRIDGE_GET_CHANNEL:
		ret = get_channel(control, route, request->channel);
		break;
	case IIOBRIDGE_SET_PARAMETERS:
		set_parameters(control, route);
		break;
	case IIOBRIDGE_FINISH:
		finish(control, request);
		break;
	case IIOBRIDGE_START:
		ret = route_start(route);
		if (!ret)
			function_acknowledge(control->function);
		break;
	case IIOBRIDGE_STOP:
		route_stop(route);
		function_acknowledge(control->function);
		break;
	case IIOBRIDGE_GET_STATISTICS:
		get_statistics(control, route);
		break;
	case IIOBRIDGE_GET_ERROR:
		get_error(control);
		break;
	}
	return ret;
}

void control_handle(struct control *control, const struct usb_ctrlrequest *setup)
{
	struct request request;
	int ret;

	if (request_parse(&request, setup, control->route_count, &control->error) < 0) {
		note_time(control);
		log_info("refused a control request: %s", control->error.message);
		function_stall(control->function, setup);
		return;
	}
	ret = carry_out(control, &request);
	if (ret == -ECHRNG)
		request_refuse(&control->error, IIOBRIDGE_BAD_CHANNEL, request.code, request.value,
			       "route %u has no channel %u", request.route, request.channel);
	else if (ret < 0)
		request_refuse(&control->error, error_code(ret), request.code, request.value, "%s",
			       log_last_error());
	if (ret < 0) {
		note_time(control);
		function_stall(control->function, setup);
	}
}
