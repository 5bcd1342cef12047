// SPDX-License-Identifier: GPL-2.0-or-later
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "log.h"

void error_say(struct error *error, int number, const char *format, ...)
{
	va_list arguments;

	error->number = negative_errno(number);
	errno = -error->number;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
}

void error_complete(struct error *error, int number)
{
	if (!error->number)
		error_say(error, number, "%m");
}

void error_log(const struct error *error)
{
	log_reason(error->number, "%s", error->text);
}
