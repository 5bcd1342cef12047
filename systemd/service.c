// SPDX-License-Identifier: GPL-2.0-or-later
#include "service.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

static bool is_ready;

void service_ready(void)
{
	is_ready = true;
	sd_notify(0, "READY=1");
}

void service_reloading(void)
{
	struct timespec now;

	if (!is_ready)
		return;
	/* The time tells systemd which of its requests this answers, see sd_notify(3). */
	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)now.tv_sec * 1000000 +
			   (unsigned long long)now.tv_nsec / 1000);
}

void service_reloaded(void)
{
	if (is_ready)
		sd_notify(0, "READY=1");
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void service_status(const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	sd_notifyf(0, "STATUS=%s", line);
}
