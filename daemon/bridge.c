// SPDX-License-Identifier: GPL-2.0-or-later
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "iiobridge/gadget.h"
#include "iiobridge/log.h"
#include "iiobridge/service.h"
#include "records.h"
#include "route.h"

#define RUN_DIRECTORY "/run/iiobridge"
#define LOCK_FILE     RUN_DIRECTORY "/lock"

struct bridge {
	int lock;
	struct composition *composition;
	struct function *function;
	struct records *records;
	struct route *routes[IIOBRIDGE_MAX_ROUTES];
	unsigned int route_count;
	struct control control;
	enum function_state state;
};

/* Stop the routes that move blocks over USB. */
static void stop_usb_routes(struct bridge *bridge)
{
	for (unsigned int i = 0; i < bridge->route_count; i++)
		if (route_uses_usb(bridge->routes[i]) && !route_is_repeating(bridge->routes[i]))
			route_stop(bridge->routes[i]);
}

/* Start the routes that start without being asked, those that use USB or those that do not. */
static void start_routes(struct bridge *bridge, bool usb)
{
	static const struct iiobridge_parameters as_configured;

	for (unsigned int i = 0; i < bridge->route_count; i++) {
		int ret;

		if (route_uses_usb(bridge->routes[i]) != usb)
			continue;
		route_set_parameters(bridge->routes[i], &as_configured);
		if (!route_starts_always(bridge->routes[i]) ||
		    route_is_repeating(bridge->routes[i]))
			continue;
		ret = route_start(bridge->routes[i]);
		if (ret < 0)
			control_note_fault(&bridge->control, i, ret);
	}
}

static void on_change(void *userdata, enum function_state state)
{
	static const char *const names[] = {
		[FUNCTION_UNBOUND] = "not bound to a USB device controller",
		[FUNCTION_BOUND] = "no host",
		[FUNCTION_CONFIGURED] = "configured by a host",
	};
	struct bridge *bridge = userdata;

	/* Whatever the change, what was in flight on USB is lost. */
	records_close(bridge->records);
	stop_usb_routes(bridge);
	if (state != bridge->state)
		log_info("%s", names[state]);
	bridge->state = state;
	service_status("%s", names[state]);
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

static void on_done(void *userdata)
{
	struct bridge *bridge = userdata;

	for (unsigned int i = 0; i < bridge->route_count; i++)
		route_kick(bridge->routes[i]);
	records_kick(bridge->records);
}

static const struct function_ops function_ops = {
	.change = on_change,
	.setup = on_setup,
	.done = on_done,
};

static void on_fault(void *userdata, unsigned int number, int error)
{
	struct bridge *bridge = userdata;

	control_note_fault(&bridge->control, number, error);
}

static int take_lock(struct bridge *bridge)
{
	if (mkdir(RUN_DIRECTORY, 0755) < 0 && errno != EEXIST)
		return log_errno(errno, "cannot make " RUN_DIRECTORY ": %m");
	bridge->lock = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (bridge->lock < 0)
		return log_errno(errno, "cannot open " LOCK_FILE ": %m");
	if (flock(bridge->lock, LOCK_EX | LOCK_NB) < 0)
		return log_errno(errno == EWOULDBLOCK ? EBUSY : errno,
				 errno == EWOULDBLOCK ? "another iiobridged runs on this board"
						      : "cannot lock " LOCK_FILE ": %m");
	return 0;
}

static int make_routes(struct bridge *bridge, sd_event *event, const struct bridge_config *config)
{
	for (unsigned int i = 0; i < config->route_count; i++) {
		int ret = route_new(&bridge->routes[i], event, &config->routes[i], i, on_fault,
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
		endpoints[i] |= (uint8_t)(i + 1);
	ret = function_new(&bridge->function, event, endpoints, count, &function_ops, bridge);
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
	bridge->route_count = count;
	bridge->control = (struct control){
		.function = bridge->function,
		.records = bridge->records,
		.routes = bridge->routes,
		.route_count = count,
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
	ret = take_lock(new);
	if (!ret)
		ret = composition_new(&new->composition, &config->gadget);
	if (!ret)
		ret = make_routes(new, event, config);
	if (!ret)
		ret = make_function(new, event, config);
	if (!ret)
		ret = connect_routes(new, config->route_count);
	if (!ret)
		ret = composition_bind(new->composition);
	if (ret < 0) {
		bridge_free(new);
		return ret;
	}
	start_routes(new, false);
	*bridge = new;
	return 0;
}

void bridge_free(struct bridge *bridge)
{
	if (!bridge)
		return;
	for (unsigned int i = 0; i < bridge->route_count; i++)
		route_stop(bridge->routes[i]);
	if (bridge->records)
		records_close(bridge->records);
	if (bridge->composition)
		composition_unbind(bridge->composition);
	for (unsigned int i = 0; i < IIOBRIDGE_MAX_ROUTES; i++)
		route_free(bridge->routes[i]);
	records_free(bridge->records);
	function_free(bridge->function);
	composition_free(bridge->composition);
	if (bridge->lock >= 0)
		close(bridge->lock);
	free(bridge);
}
