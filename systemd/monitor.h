/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: who tells the status
 *
 * The monitor looks at the status when it is woken, and once a second while a route streams. It
 * gives systemd its line, lets D-Bus know what has changed, and answers at the status socket. While
 * nothing happens it does not wake the processor.
 */
#ifndef IIOBRIDGE_MONITOR_H
#define IIOBRIDGE_MONITOR_H

#include <systemd/sd-event.h>

#include "status.h"

struct monitor;

/**
 * monitor_new() - begin to tell
 * @monitor: receives the monitor
 * @event: loop that it runs in
 * @source: where the status comes from; copied
 *
 * A socket or a bus that is not to be had is logged, and does not stop the rest.
 *
 * Return: 0 or a negative errno, logged.
 */
int monitor_new(struct monitor **monitor, sd_event *event, const struct status_source *source);

/**
 * monitor_free() - tell nothing any more
 * @monitor: may be NULL
 */
void monitor_free(struct monitor *monitor);

/**
 * monitor_wake() - the status may have changed
 * @monitor: may be NULL
 *
 * Cheap: it is looked at once, after what the event loop does now.
 */
void monitor_wake(struct monitor *monitor);

#endif
