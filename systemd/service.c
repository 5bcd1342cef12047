// SPDX-License-Identifier: GPL-2.0-or-later
#include "iiobridge/service.h"

#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

void service_ready(void)
{
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
