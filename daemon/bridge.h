/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the whole daemon
 *
 * The bridge owns the gadget, the function and the routes, and connects what happens on USB to
 * what the routes do.
 */
#ifndef IIOBRIDGE_BRIDGE_H
#define IIOBRIDGE_BRIDGE_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "config/config.h"

struct bridge;

/**
 * bridge_new() - set everything up and show the gadget on the bus
 * @bridge: receives the bridge
 * @event: loop that it runs in
 * @config: stays the caller's, who may change it as reload() does
 *
 * What a killed predecessor left behind is removed first.
 *
 * Return: 0 or a negative errno, logged: -EBUSY when another iiobridged runs.
 */
int bridge_new(struct bridge **bridge, sd_event *event, const struct bridge_config *config);

/**
 * bridge_start_changed() - start routes that start without being asked and do not run
 * @bridge: the bridge
 * @routes: bit n: route n has a new configuration
 */
void bridge_start_changed(struct bridge *bridge, uint32_t routes);

/**
 * bridge_free() - stop all routes and leave neither gadget nor mount behind
 * @bridge: may be NULL
 */
void bridge_free(struct bridge *bridge);

#endif
