// SPDX-License-Identifier: GPL-2.0-or-later
#include "iiobridge/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iiobridge/text.h"
#include "journal.h"

static int max_level = LOG_INFO;
static bool to_journal, as_lines;

/* Of each thread. */
static _Thread_local const char *route;
static _Thread_local char last_error[LOG_TEXT_SIZE];

void log_open(int level)
{
	max_level = level;
	to_journal = journal_is_stderr();
}

void log_use_lines(void)
{
	as_lines = true;
}

static int send_to_journal(int level, const char *text, const struct log_event *event)
{
	struct journal_entry entry = { 0 };
	int error = abs(event->error);
	const char *error_name = error ? strerrorname_np(error) : NULL;

	journal_add(&entry, "MESSAGE", text);
	journal_add_number(&entry, "PRIORITY", (uint64_t)level);
	journal_add(&entry, "SYSLOG_IDENTIFIER", "iiobridged");
	if (event->id)
		journal_add(&entry, "MESSAGE_ID", event->id);
	if (route)
		journal_add(&entry, "IIOBRIDGE_ROUTE", route);
	if (error_name)
		journal_add(&entry, "IIOBRIDGE_ERROR", error_name);
	if (error)
		journal_add_number(&entry, "ERRNO", (uint64_t)error);
	if (event->counts) {
		journal_add_number(&entry, "IIOBRIDGE_BLOCKS", event->counts->blocks);
		journal_add_number(&entry, "IIOBRIDGE_BYTES", event->counts->bytes);
		journal_add_number(&entry, "IIOBRIDGE_GAPS", event->counts->gaps);
		journal_add_number(&entry, "IIOBRIDGE_SAMPLES_LOST", event->counts->samples_lost);
	}
	return journal_send(&entry, JOURNAL_SOCKET);
}

/* A journal that hangs lets its streams fill up, too, and must not be waited for. */
static void print_line(int level, const char *text)
{
	char line[sizeof(last_error) + 16];
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
	char text[sizeof(last_error)];

	if (level > max_level && level != LOG_ERR)
		return;
	errno = abs(event->error);
	vsnprintf(text, sizeof(text), format, arguments);
	if (level == LOG_ERR)
		memcpy(last_error, text, sizeof(last_error));
	if (level > max_level)
		return;
	if (!to_journal || as_lines || send_to_journal(level, text, event) < 0)
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

const char *log_last_error(void)
{
	return last_error;
}

void log_set_last_error(const char *text)
{
	text_copy(last_error, sizeof(last_error), text);
}
