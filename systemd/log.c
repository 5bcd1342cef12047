// SPDX-License-Identifier: GPL-2.0-or-later
#include "iiobridge/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int max_level = LOG_INFO;
static bool to_journal;
static char last_error[512];

void log_open(int level)
{
	max_level = level;
	/* systemd sets it when standard error is a stream to the journal, see systemd.exec(5). */
	to_journal = getenv("JOURNAL_STREAM") != NULL;
}

static void print_message(int level, int error, const char *format, va_list arguments)
{
	char line[sizeof(last_error)];

	if (level > max_level)
		return;
	errno = error;
	vsnprintf(line, sizeof(line), format, arguments);
	if (level == LOG_ERR)
		memcpy(last_error, line, sizeof(last_error));
	if (to_journal)
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "iiobridged: %s\n", line);
}

void log_message(int level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(level, 0, format, arguments);
	va_end(arguments);
}

void log_reason(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(LOG_ERR, abs(error), format, arguments);
	va_end(arguments);
}

const char *log_last_error(void)
{
	return last_error;
}
