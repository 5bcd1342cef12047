// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices.h"

#include "log.h"

int devices_watch(sd_device_monitor **monitor, sd_event *event, const char *subsystem,
		  sd_device_monitor_handler_t handler, void *userdata)
{
	sd_device_monitor *new = NULL;
	int ret = sd_device_monitor_new(&new);

	if (ret >= 0)
		ret = sd_device_monitor_filter_add_match_subsystem_devtype(new, subsystem, NULL);
	if (ret >= 0)
		ret = sd_device_monitor_attach_event(new, event);
	if (ret >= 0)
		ret = sd_device_monitor_start(new, handler, userdata);
	if (ret < 0) {
		sd_device_monitor_unref(new);
		return log_errno(ret, "cannot watch for devices of subsystem \"%s\": %m",
				 subsystem);
	}
	*monitor = new;
	return 0;
}
