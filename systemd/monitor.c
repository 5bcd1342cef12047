// SPDX-License-Identifier: GPL-2.0-or-later
#include "monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "core/log.h"
#include "core/text.h"
#include "service.h"
#include "status_server.h"

#define PERIOD_US   1000000 /* also the least time between two lines for systemd */
#define ACCURACY_US 50000

struct monitor {
	struct status_source source;
	sd_event_source *look; /* after this turn of the loop */
	sd_event_source *timer;
	struct status_server *server;
	struct status_bus *bus;
	struct status status; /* as it was when it was looked at last */
	char line[STATUS_LINE_SIZE];
	uint64_t line_us; /* when systemd got the line, CLOCK_MONOTONIC */
};

static bool any_route_streams(const struct status *status)
{
	for (unsigned int i = 0; i < status->route_count; i++)
		if (status_route_streams(&status->routes[i]))
			return true;
	return false;
}

/* Return: whether the line has to wait, as there was another one a moment ago. */
static bool tell_systemd(struct monitor *monitor)
{
	char line[STATUS_LINE_SIZE];
	uint64_t now;

	status_write_line(&monitor->status, line);
	if (strcmp(line, monitor->line) == 0)
		return false;
	sd_event_now(sd_event_source_get_event(monitor->look), CLOCK_MONOTONIC, &now);
	if (monitor->line_us && now - monitor->line_us < PERIOD_US)
		return true;
	service_status("%s", line);
	text_copy(monitor->line, sizeof(monitor->line), line);
	monitor->line_us = now;
	return false;
}

static void look(struct monitor *monitor)
{
	bool waits;

	monitor->source.get(monitor->source.userdata, &monitor->status);
	waits = tell_systemd(monitor);
	status_bus_update(monitor->bus, &monitor->status);
	if (!waits && !any_route_streams(&monitor->status)) {
		sd_event_source_set_enabled(monitor->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time_relative(monitor->timer, PERIOD_US);
	sd_event_source_set_enabled(monitor->timer, SD_EVENT_ONESHOT);
}

static int on_look(sd_event_source *source, void *userdata)
{
	(void)source;
	look(userdata);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	look(userdata);
	return 0;
}

void monitor_wake(struct monitor *monitor)
{
	if (monitor)
		sd_event_source_set_enabled(monitor->look, SD_EVENT_ONESHOT);
}

int monitor_new(struct monitor **monitor, sd_event *event, const struct status_source *source)
{
	struct monitor *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot watch the status: %m");
	new->source = *source;
	ret = sd_event_add_defer(event, &new->look, on_look, new);
	if (ret >= 0)
		ret = sd_event_add_time_relative(event, &new->timer, CLOCK_MONOTONIC, 0,
						 ACCURACY_US, on_timer, new);
	if (ret < 0) {
		monitor_free(new);
		return log_errno(ret, "cannot join the event loop: %m");
	}
	sd_event_source_set_enabled(new->timer, SD_EVENT_OFF);
	/* Samples do not depend on who hears of them. */
	status_server_new(&new->server, event, STATUS_SOCKET, source);
	status_bus_new(&new->bus, event, source);
	*monitor = new;
	return 0;
}

void monitor_free(struct monitor *monitor)
{
	if (!monitor)
		return;
	status_bus_free(monitor->bus);
	status_server_free(monitor->server);
	sd_event_source_disable_unref(monitor->timer);
	sd_event_source_disable_unref(monitor->look);
	free(monitor);
}
