// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <unistd.h>

#include "json.h"

/* The keys are documented in iiobridged(8), and stay. */

static void write_text(struct json *json, const char *key, const char *text)
{
	if (text[0])
		json_string(json, key, text);
	else
		json_null(json, key);
}

static void write_error(struct json *json, const struct status *status)
{
	const struct iiobridge_error *error = &status->error;

	if (error->code == IIOBRIDGE_OK) {
		json_null(json, "last_error");
		return;
	}
	json_begin_object(json, "last_error");
	json_number(json, "code", error->code);
	json_string(json, "message", error->message);
	json_seconds(json, "time", status->error_us);
	if (error->request)
		json_number(json, "request", error->request);
	else
		json_null(json, "request");
	json_end_object(json);
}

static const char *transfer_name(bool copies)
{
	return copies ? "copy" : "dmabuf";
}

static void write_route(struct json *json, const struct status_route *route)
{
	const struct iiobridge_statistics *statistics = &route->statistics;

	json_begin_object(json, NULL);
	json_string(json, "name", route->name);
	json_string(json, "from", route->from);
	json_string(json, "to", route->to);
	json_string(json, "state", status_route_state_name(route->state));
	json_string(json, "from_transfer", transfer_name(route->from_copies));
	json_string(json, "to_transfer", transfer_name(route->to_copies));
	json_number(json, "block_size", route->block_size);
	json_number(json, "blocks", route->block_count);
	json_string(json, "heap", route->heap);
	json_number(json, "rate", route->rate);
	json_number(json, "starts", statistics->starts);
	json_number(json, "blocks_filled", statistics->blocks_filled);
	json_number(json, "blocks_delivered", statistics->blocks_drained);
	json_number(json, "blocks_failed", statistics->blocks_failed);
	json_number(json, "bytes_delivered", statistics->bytes_drained);
	json_number(json, "gaps", statistics->gaps);
	json_number(json, "samples_lost", statistics->scans_lost);
	json_bool(json, "samples_lost_estimated", statistics->estimated);
	json_number(json, "records_lost", statistics->records_lost);
	json_end_object(json);
}

void status_write_json(const struct status *status, FILE *file)
{
	struct json json = { .file = file };

	json_begin_object(&json, NULL);
	json_string(&json, "version", IIOBRIDGE_VERSION);
	json_number(&json, "pid", (uint64_t)getpid());
	json_seconds(&json, "uptime", status->uptime_us);
	json_string(&json, "state", status_state_name(status->state));
	write_text(&json, "waiting", status->waiting);
	write_text(&json, "udc", status->udc);
	write_text(&json, "speed", status->speed);
	json_bool(&json, "suspended", status->suspended);
	json_begin_array(&json, "companions");
	for (unsigned int i = 0; i < status->companion_count; i++)
		json_string(&json, NULL, status_companion_name(status->companions[i]));
	json_end_array(&json);
	write_error(&json, status);
	json_begin_array(&json, "routes");
	for (unsigned int i = 0; i < status->route_count; i++)
		write_route(&json, &status->routes[i]);
	json_end_array(&json);
	json_end_object(&json);
	putc('\n', file);
}
