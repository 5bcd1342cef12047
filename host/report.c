// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include "cmd.h"

#include <string.h>

/* Digits that tell a rate in mHz, and no more than were measured. */
#define DIGITS 12

int report_print(json_t *object, FILE *file, enum report_layout layout)
{
	const size_t flags = layout == REPORT_LINES ? JSON_INDENT(2) : 0;
	char *text = object ? json_dumps(object, flags | JSON_REAL_PRECISION(DIGITS)) : NULL;

	json_decref(object);
	if (!text) {
		cmd_complain("no memory for the JSON object");
		return STATUS_FAILED;
	}
	fprintf(file, "%s\n", text);
	free(text);
	return file == stdout ? cmd_finish_output() : STATUS_OK;
}

json_t *report_text(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

/* Bytes of the UTF-8 character at a place, as Jansson sees it; 0 when there is none to print. */
static size_t character_length(const char *at)
{
	const size_t left = strnlen(at, 4);
	json_t *character;

	if ((unsigned char)*at < 0x80)
		return (unsigned char)*at < 0x20 || *at == 0x7f ? 0 : 1;
	for (size_t length = 2; length <= left; length++) {
		character = json_stringn(at, length);
		json_decref(character);
		if (character)
			return length;
	}
	return 0;
}

json_t *report_sentence(const char *text)
{
	char *copy = strdup(text);
	json_t *value = NULL;
	size_t length;

	for (char *at = copy; at && *at; at += length ? length : 1) {
		length = character_length(at);
		if (length == 0)
			*at = '?';
	}
	if (copy)
		value = report_text(copy);
	free(copy);
	return value;
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

json_t *report_sample_rate(const struct iiobridge_route *route)
{
	const double rate = iiobridge_route_sample_rate(route);

	return report_number(rate > 0, rate);
}

const char *report_direction(const struct iiobridge_route *route)
{
	static const char *const names[] = {
		[IIOBRIDGE_ROUTE_RX] = "capture",
		[IIOBRIDGE_ROUTE_TX] = "playback",
		[IIOBRIDGE_ROUTE_REPEATER] = "repeater",
		[IIOBRIDGE_ROUTE_LINK_TEST] = "link test",
	};

	return names[iiobridge_route_kind(route)];
}

const char *report_transfer(const struct iiobridge_route *route)
{
	return iiobridge_route_transfer(route) == IIOBRIDGE_TRANSFER_DMABUF ? "dmabuf" : "copy";
}

json_t *report_board(const struct iiobridge_board *board, json_t *routes)
{
	unsigned int major, minor;
	char protocol[16];

	iiobridge_board_protocol(board, &major, &minor);
	snprintf(protocol, sizeof(protocol), "%u.%u", major, minor);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:o}", "address",
			 iiobridge_board_location(board), "speed", iiobridge_board_speed(board),
			 "serial", report_text(iiobridge_board_serial(board)), "model",
			 iiobridge_board_model(board), "daemon", iiobridge_board_software(board),
			 "protocol", protocol, "endpoint_records",
			 (int)iiobridge_board_records_endpoint(board), "routes", routes);
}

json_t *report_route_briefly(const struct iiobridge_route *route)
{
	return json_pack("{s:s, s:s}", "name", iiobridge_route_name(route), "direction",
			 report_direction(route));
}
