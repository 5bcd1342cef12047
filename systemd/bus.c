// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "core/log.h"

#define NAME		 "org.iiobridge"
#define BRIDGE_PATH	 "/org/iiobridge"
#define ROUTE_PATH	 BRIDGE_PATH "/route"
#define BRIDGE_INTERFACE NAME ".Bridge"
#define ROUTE_INTERFACE	 NAME ".Route"
#define SYSTEM_BUS	 "unix:path=/run/dbus/system_bus_socket"
#define RECONNECT_US	 1000000
#define QUEUE_MAX	 256 /* messages that the bus has not taken yet */

struct status_bus {
	struct status_source source;
	sd_event *event;
	sd_event_source *reconnect;
	sd_bus *bus;
	struct status status;	 /* what getters read */
	struct status announced; /* what listeners know */
};

/* Getters: @value is where the member of struct status or struct status_route is. */
#define GETTER(name)                                                              \
	static int name(sd_bus *bus, const char *path, const char *interface,     \
			const char *property, sd_bus_message *reply, void *value, \
			sd_bus_error *error)

#define UNUSED_OF_GETTER         \
	do {                     \
		(void)bus;       \
		(void)path;      \
		(void)interface; \
		(void)property;  \
		(void)error;     \
	} while (0)

GETTER(get_version)
{
	UNUSED_OF_GETTER;
	(void)value;
	return sd_bus_message_append(reply, "s", IIOBRIDGE_VERSION);
}

GETTER(get_text)
{
	UNUSED_OF_GETTER;
	return sd_bus_message_append(reply, "s", (const char *)value);
}

GETTER(get_bool)
{
	UNUSED_OF_GETTER;
	return sd_bus_message_append(reply, "b", (int)*(const bool *)value);
}

GETTER(get_flag)
{
	UNUSED_OF_GETTER;
	return sd_bus_message_append(reply, "b", *(const uint32_t *)value != 0);
}

GETTER(get_state)
{
	UNUSED_OF_GETTER;
	return sd_bus_message_append(reply, "s",
				     status_state_name(*(const enum function_state *)value));
}

GETTER(get_route_state)
{
	UNUSED_OF_GETTER;
	return sd_bus_message_append(
		reply, "s", status_route_state_name(*(const enum status_route_state *)value));
}

GETTER(get_transfer)
{
	UNUSED_OF_GETTER;
	return sd_bus_message_append(reply, "s", *(const bool *)value ? "copy" : "dmabuf");
}

#define OF_BRIDGE(member) offsetof(struct status, member)
#define OF_ROUTE(member)  offsetof(struct status_route, member)
#define OF_COUNTS(member) (OF_ROUTE(statistics) + offsetof(struct iiobridge_statistics, member))
#define CONSTANT	  SD_BUS_VTABLE_PROPERTY_CONST
#define ANNOUNCED	  SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

/* Documented in iiobridged(8). */
static const sd_bus_vtable bridge_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Version", "s", get_version, 0, CONSTANT),
	SD_BUS_PROPERTY("State", "s", get_state, OF_BRIDGE(state), ANNOUNCED),
	SD_BUS_PROPERTY("Waiting", "s", get_text, OF_BRIDGE(waiting), ANNOUNCED),
	SD_BUS_PROPERTY("UDC", "s", get_text, OF_BRIDGE(udc), ANNOUNCED),
	SD_BUS_PROPERTY("Speed", "s", get_text, OF_BRIDGE(speed), ANNOUNCED),
	SD_BUS_PROPERTY("Suspended", "b", get_bool, OF_BRIDGE(suspended), ANNOUNCED),
	SD_BUS_PROPERTY("LastErrorCode", "u", NULL, OF_BRIDGE(error.code), ANNOUNCED),
	SD_BUS_PROPERTY("LastErrorMessage", "s", get_text, OF_BRIDGE(error.message), ANNOUNCED),
	SD_BUS_PROPERTY("LastErrorUSec", "t", NULL, OF_BRIDGE(error_us), ANNOUNCED),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable route_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Name", "s", get_text, OF_ROUTE(name), CONSTANT),
	SD_BUS_PROPERTY("From", "s", get_text, OF_ROUTE(from), CONSTANT),
	SD_BUS_PROPERTY("To", "s", get_text, OF_ROUTE(to), CONSTANT),
	SD_BUS_PROPERTY("State", "s", get_route_state, OF_ROUTE(state), ANNOUNCED),
	SD_BUS_PROPERTY("FromTransfer", "s", get_transfer, OF_ROUTE(from_copies), ANNOUNCED),
	SD_BUS_PROPERTY("ToTransfer", "s", get_transfer, OF_ROUTE(to_copies), ANNOUNCED),
	SD_BUS_PROPERTY("BlockSize", "u", NULL, OF_ROUTE(block_size), ANNOUNCED),
	SD_BUS_PROPERTY("Blocks", "u", NULL, OF_ROUTE(block_count), ANNOUNCED),
	SD_BUS_PROPERTY("Heap", "s", get_text, OF_ROUTE(heap), ANNOUNCED),
	SD_BUS_PROPERTY("Starts", "t", NULL, OF_COUNTS(starts), ANNOUNCED),
	SD_BUS_PROPERTY("Rate", "t", NULL, OF_ROUTE(rate), 0),
	SD_BUS_PROPERTY("BlocksFilled", "t", NULL, OF_COUNTS(blocks_filled), 0),
	SD_BUS_PROPERTY("BlocksDelivered", "t", NULL, OF_COUNTS(blocks_drained), 0),
	SD_BUS_PROPERTY("BlocksFailed", "t", NULL, OF_COUNTS(blocks_failed), 0),
	SD_BUS_PROPERTY("BytesDelivered", "t", NULL, OF_COUNTS(bytes_drained), 0),
	SD_BUS_PROPERTY("Gaps", "t", NULL, OF_COUNTS(gaps), 0),
	SD_BUS_PROPERTY("SamplesLost", "t", NULL, OF_COUNTS(scans_lost), 0),
	SD_BUS_PROPERTY("SamplesLostEstimated", "b", get_flag, OF_COUNTS(estimated), 0),
	SD_BUS_PROPERTY("RecordsLost", "t", NULL, OF_COUNTS(records_lost), 0),
	SD_BUS_VTABLE_END,
};

/* What is ANNOUNCED above, and where to look whether it has changed. */
struct announcement {
	const char *property;
	size_t offset, size;
};

#define MEMBER(type, member) offsetof(type, member), sizeof(((const type *)0)->member)

static const struct announcement bridge_announcements[] = {
	{ "State", MEMBER(struct status, state) },
	{ "Waiting", MEMBER(struct status, waiting) },
	{ "UDC", MEMBER(struct status, udc) },
	{ "Speed", MEMBER(struct status, speed) },
	{ "Suspended", MEMBER(struct status, suspended) },
	{ "LastErrorCode", MEMBER(struct status, error.code) },
	{ "LastErrorMessage", MEMBER(struct status, error.message) },
	{ "LastErrorUSec", MEMBER(struct status, error_us) },
	{ 0 },
};

static const struct announcement route_announcements[] = {
	{ "State", MEMBER(struct status_route, state) },
	{ "FromTransfer", MEMBER(struct status_route, from_copies) },
	{ "ToTransfer", MEMBER(struct status_route, to_copies) },
	{ "BlockSize", MEMBER(struct status_route, block_size) },
	{ "Blocks", MEMBER(struct status_route, block_count) },
	{ "Heap", MEMBER(struct status_route, heap) },
	{ "Starts", MEMBER(struct status_route, statistics.starts) },
	{ 0 },
};

static void refresh(struct status_bus *bus)
{
	bus->source.get(bus->source.userdata, &bus->status);
}

/* sd-bus asks whether there is such an object before it reads one property, or all. */
static int find_bridge(sd_bus *sd_bus, const char *path, const char *interface, void *userdata,
		       void **found, sd_bus_error *error)
{
	struct status_bus *bus = userdata;

	(void)sd_bus;
	(void)interface;
	(void)error;
	if (strcmp(path, BRIDGE_PATH) != 0)
		return 0;
	refresh(bus);
	*found = &bus->status;
	return 1;
}

static int find_route(sd_bus *sd_bus, const char *path, const char *interface, void *userdata,
		      void **found, sd_bus_error *error)
{
	struct status_bus *bus = userdata;
	char *name = NULL;
	int ret = sd_bus_path_decode(path, ROUTE_PATH, &name);

	(void)sd_bus;
	(void)interface;
	(void)error;
	if (ret <= 0)
		return ret;
	refresh(bus);
	ret = 0;
	for (unsigned int i = 0; i < bus->status.route_count; i++) {
		if (strcmp(bus->status.routes[i].name, name) != 0)
			continue;
		*found = &bus->status.routes[i];
		ret = 1;
		break;
	}
	free(name);
	return ret;
}

static int list_routes(sd_bus *sd_bus, const char *prefix, void *userdata, char ***nodes,
		       sd_bus_error *error)
{
	struct status_bus *bus = userdata;
	char **paths = calloc(IIOBRIDGE_MAX_ROUTES + 1, sizeof(*paths));

	(void)sd_bus;
	(void)prefix;
	(void)error;
	if (!paths)
		return -ENOMEM;
	refresh(bus);
	for (unsigned int i = 0; i < bus->status.route_count; i++)
		sd_bus_path_encode(ROUTE_PATH, bus->status.routes[i].name, &paths[i]);
	*nodes = paths;
	return 1;
}

static void reconnect_soon(struct status_bus *bus)
{
	sd_event_source_set_time_relative(bus->reconnect, RECONNECT_US);
	sd_event_source_set_enabled(bus->reconnect, SD_EVENT_ONESHOT);
}

/* What the bus does not take stays in memory: a bus that takes nothing is left for a while. */
static bool leave_if_stuck(struct status_bus *bus)
{
	uint64_t queued;

	if (sd_bus_get_n_queued_write(bus->bus, &queued) < 0 || queued < QUEUE_MAX)
		return false;
	log_warning("D-Bus takes no messages, %llu wait for it: they are dropped, and a new "
		    "connection follows",
		    (unsigned long long)queued);
	sd_bus_close(bus->bus);
	reconnect_soon(bus);
	return true;
}

/* Whatever comes asks for an answer. */
static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	(void)message;
	(void)error;
	return leave_if_stuck(userdata);
}

/* The bus has ended; a fresh connection waits until there is one. */
static int on_disconnect(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	(void)message;
	(void)error;
	reconnect_soon(userdata);
	return 0;
}

static int on_name(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	const sd_bus_error *refusal = sd_bus_message_get_error(message);

	(void)userdata;
	(void)error;
	if (refusal && !sd_bus_error_has_name(refusal, SD_BUS_ERROR_NO_REPLY))
		log_warning("D-Bus does not let the daemon own the name " NAME ": %s",
			    refusal->message);
	return 0;
}

static int add_objects(struct status_bus *bus)
{
	int ret = sd_bus_add_object_manager(bus->bus, NULL, BRIDGE_PATH);

	if (ret >= 0)
		ret = sd_bus_add_fallback_vtable(bus->bus, NULL, BRIDGE_PATH, BRIDGE_INTERFACE,
						 bridge_vtable, find_bridge, bus);
	if (ret >= 0)
		ret = sd_bus_add_fallback_vtable(bus->bus, NULL, ROUTE_PATH, ROUTE_INTERFACE,
						 route_vtable, find_route, bus);
	if (ret >= 0)
		ret = sd_bus_add_node_enumerator(bus->bus, NULL, ROUTE_PATH, list_routes, bus);
	return ret;
}

/* As sd_bus_open_system(), but waits, in the event loop, for a bus that is not there yet. */
static int start(sd_bus *bus)
{
	const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
	int ret = sd_bus_set_address(bus, address ? address : SYSTEM_BUS);

	if (ret >= 0)
		ret = sd_bus_set_bus_client(bus, true);
	if (ret >= 0)
		ret = sd_bus_set_watch_bind(bus, true);
	return ret >= 0 ? sd_bus_start(bus) : ret;
}

static int go_on_bus(struct status_bus *bus)
{
	int ret = sd_bus_new(&bus->bus);

	if (ret >= 0)
		ret = add_objects(bus);
	if (ret >= 0)
		ret = sd_bus_add_filter(bus->bus, NULL, on_message, bus);
	if (ret >= 0)
		ret = sd_bus_match_signal_async(bus->bus, NULL, "org.freedesktop.DBus.Local", NULL,
						"org.freedesktop.DBus.Local", "Disconnected",
						on_disconnect, NULL, bus);
	if (ret >= 0)
		ret = start(bus->bus);
	if (ret >= 0)
		ret = sd_bus_request_name_async(bus->bus, NULL, NAME, 0, on_name, bus);
	if (ret >= 0)
		ret = sd_bus_attach_event(bus->bus, bus->event, STATUS_PRIORITY);
	return ret;
}

/* Without waiting for a bus that hangs. */
static void leave_bus(struct status_bus *bus)
{
	bus->bus = sd_bus_close_unref(bus->bus);
}

static int on_reconnect(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct status_bus *bus = userdata;

	(void)source;
	(void)usec;
	leave_bus(bus);
	if (go_on_bus(bus) < 0)
		reconnect_soon(bus);
	return 0;
}

int status_bus_new(struct status_bus **bus, sd_event *event, const struct status_source *source)
{
	struct status_bus *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot go on D-Bus: %m");
	new->source = *source;
	new->event = sd_event_ref(event);
	ret = sd_event_add_time_relative(event, &new->reconnect, CLOCK_MONOTONIC, 0, 0,
					 on_reconnect, new);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(new->reconnect, SD_EVENT_OFF);
	if (ret >= 0)
		ret = go_on_bus(new);
	if (ret < 0) {
		status_bus_free(new);
		return log_errno(ret, "cannot go on D-Bus: %m");
	}
	*bus = new;
	return 0;
}

void status_bus_free(struct status_bus *bus)
{
	if (!bus)
		return;
	leave_bus(bus);
	sd_event_source_disable_unref(bus->reconnect);
	sd_event_unref(bus->event);
	free(bus);
}

static void announce(struct status_bus *bus, const char *path, const char *interface,
		     const struct announcement *announcements, const void *before, const void *now)
{
	const char *changed[sizeof(bridge_announcements) / sizeof(bridge_announcements[0])];
	unsigned int count = 0;

	for (; announcements->property; announcements++)
		if (memcmp((const char *)before + announcements->offset,
			   (const char *)now + announcements->offset, announcements->size) != 0)
			changed[count++] = announcements->property;
	changed[count] = NULL;
	if (count > 0)
		sd_bus_emit_properties_changed_strv(bus->bus, path, interface, (char **)changed);
}

static void announce_route(struct status_bus *bus, unsigned int number, const struct status *status)
{
	const struct status_route *route = &status->routes[number];
	char *path = NULL;

	if (sd_bus_path_encode(ROUTE_PATH, route->name, &path) < 0)
		return;
	announce(bus, path, ROUTE_INTERFACE, route_announcements, &bus->announced.routes[number],
		 route);
	free(path);
}

void status_bus_update(struct status_bus *bus, const struct status *status)
{
	if (!bus)
		return;
	/* Whoever comes later asks for everything first. */
	if (sd_bus_is_ready(bus->bus) > 0) {
		announce(bus, BRIDGE_PATH, BRIDGE_INTERFACE, bridge_announcements, &bus->announced,
			 status);
		for (unsigned int i = 0; i < status->route_count; i++)
			announce_route(bus, i, status);
		leave_if_stuck(bus);
	}
	bus->announced = *status;
}
