// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <iiobridge/protocol.h>

#include <errno.h>

/* Digits that tell a rate in mHz, and no more than were measured. */
#define DIGITS 12

int report_print(json_t *object, FILE *file, enum report_layout layout)
{
	const size_t flags = layout == REPORT_LINES ? JSON_INDENT(2) : 0;
	char *text = json_dumps(object, flags | JSON_REAL_PRECISION(DIGITS));

	json_decref(object);
	if (!text)
		return -ENOMEM;
	fprintf(file, "%s\n", text);
	free(text);
	return 0;
}

json_t *report_text(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

json_t *report_number(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

json_t *report_count(bool known, uint64_t value)
{
	if (!known)
		return json_null();
	return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

json_t *report_sample_rate(const struct iiobridge_route_info *route)
{
	return report_number(route->sample_rate_millihertz,
			     (double)route->sample_rate_millihertz / 1000);
}

const char *report_transfer(const struct iiobridge_route_info *route)
{
	return route->transfer == IIOBRIDGE_DMABUF ? "dmabuf" : "copy";
}
