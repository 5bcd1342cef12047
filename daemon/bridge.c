// SPDX-License-Identifier: GPL-2.0-or-later
#include "bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "core/clock.h"
#include "core/devices.h"
#include "core/log.h"
#include "core/text.h"
#include "gadget/binding.h"
#include "gadget/gadget.h"
#include "iio/attributes.h"
#include "records.h"
#include "route.h"
#include "set_up.h"
#include "systemd/monitor.h"
#include "tuning.h"

#define MEANWHILE_NS 1000000u	/* what a start may take before the other routes have a turn */
#define PATIENCE_NS  300000000u /* with drivers that are at work when the daemon ends */

struct bridge {
	int lock;
	bool root; /* it sets up and cleans up itself */
	struct function *function;
	struct binding *binding;
	sd_device_monitor *converters;
	struct records *records;
	struct route *routes[IIOBRIDGE_MAX_ROUTES];
	unsigned int route_count;
	struct tuning *tuning;
	struct control control;
	enum function_state state;
	char udc[CONFIG_TEXT_SIZE];
	char speed[CONFIG_NAME_SIZE];
	const struct gadget_config *gadget;
	sd_event *event;
	uint64_t started_us;
	uint64_t served_ns; /* when the routes were last kicked in the middle of a start */
	struct monitor *monitor;
};

/* Stop the routes that move blocks over USB; @reason is for a host that will ask, or NULL. */
static void stop_usb_routes(struct bridge *bridge, const struct error *reason)
{
	for (unsigned int i = 0; i < bridge->route_count; i++) {
		struct route *route = bridge->routes[i];

		if (!route_uses_usb(route) || route_is_repeating(route))
			continue;
		if (reason && route_is_running(route))
			control_note_fault(&bridge->control, i, reason);
		route_stop(route);
	}
}

/* Start the routes that start without being asked, those that use USB or those that do not. */
static void start_routes(struct bridge *bridge, bool usb)
{
	static const struct iiobridge_parameters as_configured;

	for (unsigned int i = 0; i < bridge->route_count; i++) {
		if (route_uses_usb(bridge->routes[i]) != usb)
			continue;
		route_set_parameters(bridge->routes[i], &as_configured);
		if (route_starts_always(bridge->routes[i]) &&
		    !route_is_repeating(bridge->routes[i]))
			route_start(bridge->routes[i]);
	}
}

/* Whether there is a host, or the route needs none. */
static bool has_host(const struct bridge *bridge, const struct route *route)
{
	return bridge->state == FUNCTION_CONFIGURED || !route_uses_usb(route);
}

void bridge_start_changed(struct bridge *bridge, uint32_t routes)
{
	for (unsigned int i = 0; i < bridge->route_count; i++) {
		struct route *route = bridge->routes[i];

		if (routes & (UINT32_C(1) << i) && route_starts_always(route) &&
		    !route_is_running(route) && !route_is_starting(route) &&
		    has_host(bridge, route))
			route_start(route);
	}
	/* What the file says now counts, whatever a host has set before. */
	attributes_release(NULL);
	tuning_find(bridge->tuning);
	/* The others are told of as they will be. */
	monitor_wake(bridge->monitor);
}

/* The names by which a configuration may call an IIO device. */
static bool waits_for(const struct route *route, sd_device *device)
{
	static const char *const attributes[] = { "name", "label" };
	const char *name;

	if (sd_device_get_sysname(device, &name) >= 0 && route_waits_for(route, name))
		return true;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (sd_device_get_sysattr_value(device, attributes[i], &name) >= 0 &&
		    route_waits_for(route, name))
			return true;
	return false;
}

/* A converter has come. */
static void start_waiting(struct bridge *bridge, sd_device *device)
{
	for (unsigned int i = 0; i < bridge->route_count; i++)
		if (has_host(bridge, bridge->routes[i]) && waits_for(bridge->routes[i], device))
			route_start_if_there(bridge->routes[i]);
}

static int on_converter(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
	struct bridge *bridge = userdata;
	sd_device_action_t action;
	const char *id;

	(void)monitor;
	if (sd_device_get_action(device, &action) < 0 || sd_device_get_sysname(device, &id) < 0)
		return 0;
	if (action == SD_DEVICE_ADD || action == SD_DEVICE_REMOVE)
		tuning_find(bridge->tuning);
	if (action == SD_DEVICE_REMOVE)
		attributes_release(id);
	if (action == SD_DEVICE_ADD)
		start_waiting(bridge, device);
	for (unsigned int i = 0; action == SD_DEVICE_REMOVE && i < bridge->route_count; i++)
		route_lose_converter(bridge->routes[i], id);
	return 0;
}

/* What costs system calls to find out is found out when it may have changed. */
static void note_usb(struct bridge *bridge)
{
	binding_udc_name(bridge->udc, sizeof(bridge->udc));
	bridge->speed[0] = '\0';
	if (bridge->state == FUNCTION_CONFIGURED)
		binding_bus_speed(bridge->speed, sizeof(bridge->speed));
	monitor_wake(bridge->monitor);
}

static void on_change(void *userdata, enum function_state state)
{
	static const struct error configured_again = {
		.number = -ESHUTDOWN,
		.text = "the host has configured the device again, as after a reset or a sleep",
	};
	struct bridge *bridge = userdata;
	bool again = state == FUNCTION_CONFIGURED && bridge->state == FUNCTION_CONFIGURED;

	/* Whatever the change, what was in flight on USB is lost. */
	records_close(bridge->records);
	stop_usb_routes(bridge, again ? &configured_again : NULL);
	if (state != bridge->state)
		log_info("%s", status_state_sentence(state));
	if (state == FUNCTION_UNBOUND)
		binding_lost(bridge->binding);
	else if (bridge->state == FUNCTION_UNBOUND)
		binding_found(bridge->binding);
	bridge->state = state;
	note_usb(bridge);
	if (state != FUNCTION_CONFIGURED)
		return;
	records_open(bridge->records);
	start_routes(bridge, true);
}

static void on_setup(void *userdata, const struct usb_ctrlrequest *setup)
{
	struct bridge *bridge = userdata;

	control_handle(&bridge->control, setup);
}

static void on_received(void *userdata, const void *data)
{
	struct bridge *bridge = userdata;

	control_received(&bridge->control, data);
}

static void on_give_up(void *userdata)
{
	struct bridge *bridge = userdata;

	control_give_up(&bridge->control);
}

static void kick(struct bridge *bridge)
{
	for (unsigned int i = 0; i < bridge->route_count; i++)
		route_kick(bridge->routes[i]);
	records_kick(bridge->records);
}

static void on_done(void *userdata)
{
	struct bridge *bridge = userdata;

	for (unsigned int i = 0; i < bridge->route_count; i++)
		route_go_on(bridge->routes[i]);
	kick(bridge);
	/* Whatever a host does to routes comes by ep0. */
	monitor_wake(bridge->monitor);
}

static const struct function_ops function_ops = {
	.change = on_change,
	.setup = on_setup,
	.received = on_received,
	.give_up = on_give_up,
	.done = on_done,
};

static void on_fault(void *userdata, unsigned int number, const struct error *error)
{
	struct bridge *bridge = userdata;

	control_note_fault(&bridge->control, number, error);
	monitor_wake(bridge->monitor);
}

static void on_meanwhile(void *userdata)
{
	struct bridge *bridge = userdata;
	uint64_t now = clock_now_ns();

	if (now - bridge->served_ns < MEANWHILE_NS)
		return;
	kick(bridge);
	bridge->served_ns = clock_now_ns();
}

static void on_started(void *userdata, unsigned int number, const struct error *error)
{
	struct bridge *bridge = userdata;

	control_started(&bridge->control, number, error);
	monitor_wake(bridge->monitor);
}

static void on_looked(void *userdata, unsigned int number, const struct error *error)
{
	struct bridge *bridge = userdata;

	control_looked(&bridge->control, number, error);
}

static const struct route_ops route_ops = {
	.fault = on_fault,
	.started = on_started,
	.looked = on_looked,
	.meanwhile = on_meanwhile,
};

static void on_tuning_begins(void *userdata, unsigned int route, bool rate)
{
	struct bridge *bridge = userdata;

	route_begin_tuning(bridge->routes[route], rate);
}

static void on_tuning_ends(void *userdata, unsigned int route, bool rate, uint64_t rate_millihertz)
{
	struct bridge *bridge = userdata;

	route_end_tuning(bridge->routes[route], rate, rate_millihertz);
}

static const struct tuning_ops tuning_ops = {
	.begins = on_tuning_begins,
	.ends = on_tuning_ends,
};

static void on_binding(void *userdata)
{
	note_usb(userdata);
}

static void get_status(void *userdata, struct status *status)
{
	struct bridge *bridge = userdata;
	const char *waiting = binding_wait(bridge->binding);
	uint64_t now;

	sd_event_now(bridge->event, CLOCK_MONOTONIC, &now);
	*status = (struct status){
		.state = bridge->state,
		.suspended = function_is_suspended(bridge->function),
		.uptime_us = now - bridge->started_us,
		.error = bridge->control.error,
		.error_us = bridge->control.error_us,
		.companion_count = bridge->gadget->functions.count,
		.route_count = bridge->route_count,
	};
	for (unsigned int i = 0; i < status->companion_count; i++)
		status->companions[i] = bridge->gadget->functions.functions[i].type;
	if (waiting)
		text_copy(status->waiting, sizeof(status->waiting), waiting);
	text_copy(status->udc, sizeof(status->udc), bridge->udc);
	text_copy(status->speed, sizeof(status->speed), bridge->speed);
	for (unsigned int i = 0; i < bridge->route_count; i++)
		route_get_status(bridge->routes[i], &status->routes[i]);
}

/* Become the only one, with a gadget that is ours. */
static int prepare(struct bridge *bridge, const struct bridge_config *config)
{
	bridge->root = geteuid() == 0;
	if (!bridge->root) {
		int ret = set_up_check();

		if (ret < 0)
			return ret;
	}
	bridge->lock = lock_take();
	if (bridge->lock < 0)
		return bridge->lock;
	return bridge->root ? set_up(config, NULL) : 0;
}

static int make_routes(struct bridge *bridge, sd_event *event, const struct bridge_config *config)
{
	for (unsigned int i = 0; i < config->route_count; i++) {
		int ret = route_new(&bridge->routes[i], event, &config->routes[i], i, &route_ops,
				    bridge);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/*
 * One endpoint for each end that is on USB, in the order in which route_connect() takes them, and
 * one for the records.
 */
static int make_function(struct bridge *bridge, sd_event *event, const struct bridge_config *config)
{
	uint8_t endpoints[2 * IIOBRIDGE_MAX_ROUTES + 1];
	struct function_layout layout = { .burst = config->gadget.burst };
	unsigned int count = 0;
	int ret;

	for (unsigned int i = 0; i < config->route_count; i++) {
		if (config->routes[i].from.usb)
			endpoints[count++] = USB_DIR_OUT;
		if (config->routes[i].to.usb)
			endpoints[count++] = USB_DIR_IN;
	}
	endpoints[count++] = USB_DIR_IN;
	if (count > GADGET_MAX_ENDPOINTS)
		return log_errno(
			EINVAL,
			"the routes and their records need %u USB endpoints, a device has %d",
			count, GADGET_MAX_ENDPOINTS);
	for (unsigned int i = 0; i < count; i++)
		layout.endpoints[i] = (uint8_t)(endpoints[i] | (i + 1));
	layout.endpoint_count = count;
	ret = function_new(&bridge->function, event, &layout, &function_ops, bridge);
	if (ret < 0)
		return ret;
	return records_new(&bridge->records, event, bridge->function, count);
}

static int connect_routes(struct bridge *bridge, unsigned int count)
{
	unsigned int endpoint = 0;

	for (unsigned int i = 0; i < count; i++) {
		int ret = route_connect(bridge->routes[i], bridge->function, bridge->records,
					&endpoint);

		if (ret < 0)
			return ret;
	}
	/* Before a host can ask for anything. */
	for (unsigned int i = 0; i < count; i++)
		route_silence(bridge->routes[i]);
	bridge->route_count = count;
	bridge->control = (struct control){
		.function = bridge->function,
		.records = bridge->records,
		.routes = bridge->routes,
		.route_count = count,
		.tuning = bridge->tuning,
	};
	return 0;
}

int bridge_new(struct bridge **bridge, sd_event *event, const struct bridge_config *config)
{
	struct bridge *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot start: %m");
	new->lock = -1;
	new->event = event;
	new->gadget = &config->gadget;
	sd_event_now(event, CLOCK_MONOTONIC, &new->started_us);
	ret = prepare(new, config);
	if (!ret)
		ret = make_routes(new, event, config);
	if (!ret)
		ret = tuning_new(&new->tuning, event, config, &tuning_ops, new);
	if (!ret)
		ret = make_function(new, event, config);
	if (!ret)
		ret = connect_routes(new, config->route_count);
	if (!ret)
		ret = devices_watch(&new->converters, event, "iio", on_converter, new);
	if (!ret)
		ret = binding_new(&new->binding, event, &config->gadget, on_binding, new);
	if (!ret)
		ret = binding_bind(new->binding);
	if (ret < 0) {
		bridge_free(new);
		return ret;
	}
	start_routes(new, false);
	ret = monitor_new(&new->monitor, event,
			  &(struct status_source){ .get = get_status, .userdata = new });
	if (ret < 0) {
		bridge_free(new);
		return ret;
	}
	note_usb(new);
	*bridge = new;
	return 0;
}

void bridge_free(struct bridge *bridge)
{
	uint64_t until;

	if (!bridge)
		return;
	monitor_free(bridge->monitor);
	sd_device_monitor_unref(bridge->converters);
	for (unsigned int i = 0; i < bridge->route_count; i++)
		route_stop(bridge->routes[i]);
	if (bridge->records)
		records_close(bridge->records);
	binding_free(bridge->binding);
	until = clock_now_ns() + PATIENCE_NS;
	for (unsigned int i = 0; i < IIOBRIDGE_MAX_ROUTES; i++)
		route_free(bridge->routes[i], until);
	tuning_free(bridge->tuning, until);
	records_free(bridge->records);
	function_free(bridge->function);
	if (bridge->lock >= 0) {
		if (bridge->root)
			clean_up();
		close(bridge->lock);
	}
	free(bridge);
}
