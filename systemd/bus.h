/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the status on D-Bus
 *
 * The name org.iiobridge on the system bus: what a user types who knows the project's name, as with
 * org.bluez; the bus itself knows no domains, and share/dbus-1/system.d/org.iiobridge.conf says who
 * may own the name. The object /org/iiobridge is the daemon, those below it are the routes, by
 * name. Their interfaces have properties only: what changes with a state is announced by
 * PropertiesChanged, what changes all the time, counts and rates, is there for those who ask.
 *
 * Without a bus nothing happens. A bus that comes, or comes back, is used. One message is served in
 * a turn of the event loop, and none while a route has a block to move; a bus that takes none of
 * the answers is left, and tried again a second later.
 */
#ifndef IIOBRIDGE_STATUS_BUS_H
#define IIOBRIDGE_STATUS_BUS_H

#include <systemd/sd-event.h>

#include "status.h"

struct status_bus;

/**
 * status_bus_new() - go on the bus
 * @bus: receives it
 * @event: loop that it runs in
 * @source: where answers come from; copied
 *
 * Return: 0 or a negative errno, logged.
 */
int status_bus_new(struct status_bus **bus, sd_event *event, const struct status_source *source);

/**
 * status_bus_free() - leave the bus
 * @bus: may be NULL
 */
void status_bus_free(struct status_bus *bus);

/**
 * status_bus_update() - announce what is new
 * @bus: may be NULL
 * @status: as it is now
 */
void status_bus_update(struct status_bus *bus, const struct status *status);

#endif
