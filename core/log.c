// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_SIZE 640

static int max_level = LOG_INFO;
static bool to_journal;
static log_entry_fn send_entry;

static _Thread_local const char *route;

void log_open(int level)
{
	max_level = level;
}

void log_use_journal(log_entry_fn send)
{
	to_journal = true;
	send_entry = send;
}

/* A journal that hangs lets its streams fill up, too, and must not be waited for. */
static void print_line(int level, const char *text)
{
	char line[LINE_SIZE + 16];
	int length;

	if (to_journal)
		length = snprintf(line, sizeof(line), "<%d>%s\n", level, text);
	else
		length = snprintf(line, sizeof(line), "iiobridged: %s\n", text);
	if (send(STDERR_FILENO, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    errno == ENOTSOCK)
		fputs(line, stderr);
}

static void print_message(int level, const struct log_event *event, const char *format,
			  va_list arguments)
{
	char text[LINE_SIZE];

	if (level > max_level)
		return;
	errno = abs(event->error);
	vsnprintf(text, sizeof(text), format, arguments);
	if (!send_entry || send_entry(level, text, route, event) < 0)
		print_line(level, text);
}

void log_message(int level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(level, &(struct log_event){ 0 }, format, arguments);
	va_end(arguments);
}

void log_reason(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(LOG_ERR, &(struct log_event){ .error = error }, format, arguments);
	va_end(arguments);
}

void log_event(int level, const struct log_event *event, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(level, event, format, arguments);
	va_end(arguments);
}

const char *log_enter_route(const char *name)
{
	const char *before = route;

	route = name;
	return before;
}
