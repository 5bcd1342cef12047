/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: devices that come and go
 */
#ifndef IIOBRIDGE_DEVICES_H
#define IIOBRIDGE_DEVICES_H

#include <systemd/sd-device.h>
#include <systemd/sd-event.h>

/**
 * devices_watch() - hear of the devices of a subsystem
 * @monitor: receives the monitor; it watches until it is given to sd_device_monitor_unref()
 * @event: loop that it joins
 * @subsystem: the kernel's name of it, such as "iio"
 * @handler: called for each event, after udev has dealt with the device and its permissions
 * @userdata: for @handler
 *
 * Return: 0 or a negative errno, logged.
 */
int devices_watch(sd_device_monitor **monitor, sd_event *event, const char *subsystem,
		  sd_device_monitor_handler_t handler, void *userdata);

#endif
