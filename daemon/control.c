// SPDX-License-Identifier: GPL-2.0-or-later
#include "control.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"

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

void control_note_fault(struct control *control, unsigned int number, const struct error *error)
{
	note_time(control);
	request_refuse(&control->error, error_code(error->number), 0, (uint16_t)number, "%s",
		       error->text);
}

/* What the board calls itself: the device tree's model, or else the host name. */
static void read_model(char *model, size_t size)
{
	struct utsname system;

	text_read(AT_FDCWD, "/proc/device-tree/model", model, size);
	if (!model[0] && uname(&system) == 0)
		text_copy(model, size, system.nodename);
}

/* The host may want less of the answer, or know more of it than this board has. */
static void reply(struct control *control, const void *data, size_t size)
{
	control->waiting = false;
	function_reply(control->function, data,
		       size < control->request.length ? size : control->request.length);
}

static void acknowledge(struct control *control)
{
	control->waiting = false;
	function_acknowledge(control->function);
}

/* The reason is in control->error. */
static void stall(struct control *control)
{
	note_time(control);
	control->waiting = false;
	function_stall(control->function);
}

static void refuse(struct control *control, const struct error *error)
{
	const struct request *request = &control->request;

	request_refuse(&control->error, error_code(error->number), request->code, request->value,
		       "%s", error->text);
	stall(control);
}

static void get_device(struct control *control)
{
	struct iiobridge_device_info info = {
		.version_major = IIOBRIDGE_PROTOCOL_MAJOR,
		.version_minor = IIOBRIDGE_PROTOCOL_MINOR,
		.route_count = (uint8_t)control->route_count,
		.endpoint_records = records_address(control->records),
		.control_count = (uint8_t)tuning_count(control->tuning),
		.software = IIOBRIDGE_VERSION,
	};

	read_model(info.model, sizeof(info.model));
	wire_device_info(&info);
	reply(control, &info, sizeof(info));
}

static void get_time(struct control *control)
{
	const struct iiobridge_time time = { .time_ns = htole64(clock_now_ns()) };

	reply(control, &time, sizeof(time));
}

static void get_route(struct control *control, struct route *route)
{
	struct iiobridge_route_info info;

	route_describe(route, &info);
	wire_route_info(&info);
	reply(control, &info, sizeof(info));
}

static void get_channel(struct control *control, const struct route *route)
{
	const struct request *request = &control->request;
	struct iiobridge_channel_info info;

	if (route_describe_channel(route, request->channel, &info) < 0) {
		request_refuse(&control->error, IIOBRIDGE_BAD_CHANNEL, request->code,
			       request->value, "route %u has no channel %u", request->route,
			       request->channel);
		stall(control);
		return;
	}
	wire_channel_info(&info);
	reply(control, &info, sizeof(info));
}

static void get_statistics(struct control *control, const struct route *route)
{
	struct iiobridge_statistics statistics;

	route_get_statistics(route, &statistics);
	wire_statistics(&statistics);
	reply(control, &statistics, sizeof(statistics));
}

static void get_control(struct control *control)
{
	struct iiobridge_control_info info = *tuning_info(control->tuning, control->request.value);

	wire_control_info(&info);
	reply(control, &info, sizeof(info));
}

static void get_changes(struct control *control)
{
	uint8_t changes[IIOBRIDGE_MAX_CONTROLS];
	unsigned int count = tuning_count(control->tuning);

	tuning_look(control->tuning);
	for (unsigned int i = 0; i < count; i++)
		changes[i] = tuning_info(control->tuning, i)->changes;
	reply(control, changes, count);
}

static void read_control(struct control *control)
{
	unsigned int number = control->request.value;
	bool all = number == IIOBRIDGE_ALL_CONTROLS;

	for (unsigned int i = 0; i < tuning_count(control->tuning); i++)
		if (all || i == number)
			tuning_read(control->tuning, i);
	acknowledge(control);
}

/* Return: whether a host may set it; if not, that is the answer. */
static bool may_set(struct control *control)
{
	const struct request *request = &control->request;
	const struct iiobridge_control_info *info = tuning_info(control->tuning, request->value);

	if (info->access & IIOBRIDGE_CONTROL_WRITE)
		return true;
	request_refuse(&control->error, IIOBRIDGE_NOT_ALLOWED, request->code, request->value,
		       "\"%s\" of route \"%s\" can only be read: its driver, or the board's "
		       "configuration, has it so",
		       info->name, route_name(control->routes[info->route]));
	stall(control);
	return false;
}

static void set_control(struct control *control, const void *data)
{
	struct iiobridge_control_value value;

	memcpy(&value, data, sizeof(value));
	wire_control_value(&value);
	tuning_set(control->tuning, control->request.value, &value);
}

static void get_error(struct control *control)
{
	struct iiobridge_error error = control->error;

	wire_error(&error);
	reply(control, &error, sizeof(error));
}

static void set_parameters(struct route *route, const void *data)
{
	struct iiobridge_parameters parameters;

	memcpy(&parameters, data, sizeof(parameters));
	wire_parameters(&parameters);
	route_set_parameters(route, &parameters);
}

/* The data has been read by then, and the request answered: a bad end is a fault of the route. */
static void finish(struct control *control, struct route *route, const void *data)
{
	const struct error *error;
	struct iiobridge_finish end;

	memcpy(&end, data, sizeof(end));
	wire_finish(&end);
	error = route_finish(route, &end);
	if (error) {
		control_note_fault(control, control->request.route, error);
		route_stop(route);
	}
}

void control_handle(struct control *control, const struct usb_ctrlrequest *setup)
{
	struct request *request = &control->request;
	struct route *route;

	control->waiting = true;
	if (request_parse(request, setup, control->route_count, tuning_count(control->tuning),
			  &control->error) < 0) {
		log_info("refused a control request: %s", control->error.message);
		stall(control);
		return;
	}
	route = control->routes[request->route];
	switch (request->code) {
	case IIOBRIDGE_GET_DEVICE:
		get_device(control);
		break;
	case IIOBRIDGE_GET_ROUTE:
	case IIOBRIDGE_GET_CHANNEL:
		route_look(route);
		break;
	case IIOBRIDGE_FINISH:
		route_expect_finish(route, true);
		function_receive(control->function, request->length);
		break;
	case IIOBRIDGE_SET_PARAMETERS:
		function_receive(control->function, request->length);
		break;
	case IIOBRIDGE_START:
		route_start(route);
		break;
	case IIOBRIDGE_STOP:
		route_stop(route);
		acknowledge(control);
		break;
	case IIOBRIDGE_GET_STATISTICS:
		get_statistics(control, route);
		break;
	case IIOBRIDGE_READ_CONTROL:
		read_control(control);
		break;
	case IIOBRIDGE_SET_CONTROL:
		if (may_set(control))
			function_receive(control->function, request->length);
		break;
	case IIOBRIDGE_GET_CONTROL:
		get_control(control);
		break;
	case IIOBRIDGE_GET_CHANGES:
		get_changes(control);
		break;
	case IIOBRIDGE_GET_TIME:
		get_time(control);
		break;
	case IIOBRIDGE_GET_ERROR:
		get_error(control);
		break;
	}
}

void control_received(struct control *control, const void *data)
{
	struct route *route = control->routes[control->request.route];

	control->waiting = false;
	if (control->request.code == IIOBRIDGE_FINISH)
		finish(control, route, data);
	else if (control->request.code == IIOBRIDGE_SET_CONTROL)
		set_control(control, data);
	else
		set_parameters(route, data);
}

void control_give_up(struct control *control)
{
	const struct request *request = &control->request;
	struct route *route = control->routes[request->route];

	if (control->waiting && request->code == IIOBRIDGE_START)
		route_cancel_start(route);
	if (control->waiting && request->code == IIOBRIDGE_FINISH)
		route_expect_finish(route, false);
	control->waiting = false;
}

/* Whether the request that waits is this one. */
static bool waits_for(const struct control *control, enum iiobridge_request code,
		      unsigned int number)
{
	return control->waiting && control->request.code == code &&
	       control->request.route == number;
}

void control_looked(struct control *control, unsigned int number, const struct error *error)
{
	struct route *route = control->routes[number];

	if (waits_for(control, IIOBRIDGE_GET_ROUTE, number))
		get_route(control, route);
	else if (waits_for(control, IIOBRIDGE_GET_CHANNEL, number) && error)
		refuse(control, error);
	else if (waits_for(control, IIOBRIDGE_GET_CHANNEL, number))
		get_channel(control, route);
}

void control_started(struct control *control, unsigned int number, const struct error *error)
{
	if (!waits_for(control, IIOBRIDGE_START, number)) {
		if (error)
			control_note_fault(control, number, error);
	} else if (error) {
		refuse(control, error);
	} else {
		acknowledge(control);
	}
}
