// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_board.h"

#include "answer.h"
#include "channels.h"
#include "device.h"
#include "report.h"

#include <stdbool.h>
#include <stdio.h>

json_t *report_board(const struct device *device, json_t *routes)
{
	const struct iiobridge_device_info *info = device_info(device);
	char protocol[16];

	snprintf(protocol, sizeof(protocol), "%u.%u", info->version_major, info->version_minor);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:o}", "address", device_name(device),
			 "speed", device_speed_name(device), "serial",
			 report_text(device_serial(device)), "model", info->model, "daemon",
			 info->software, "protocol", protocol, "endpoint_records",
			 info->endpoint_records, "routes", routes);
}

json_t *report_route_briefly(const struct iiobridge_route_info *route)
{
	return json_pack("{s:s, s:s}", "name", route->name, "direction",
			 answer_direction_name(route->direction));
}

static json_t *report_channel(const struct iiobridge_channel_info *channel, bool in_scan)
{
	char format[CHANNEL_FORMAT_SIZE];

	return json_pack("{s:s, s:s, s:i, s:b}", "id", channel->id, "format",
			 channel_format(channel, format), "scan_index", channel->index, "in_scan",
			 in_scan);
}

static json_t *report_channels(const struct iiobridge_route_info *route,
			       const struct iiobridge_channel_info *channels)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < route->channel_count; i++) {
		const bool in_scan = route->channel_mask & UINT32_C(1) << i;

		if (json_array_append_new(array, report_channel(&channels[i], in_scan)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *report_statistics(const struct iiobridge_statistics *statistics)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "starts",
			 report_count(true, statistics->starts), "blocks_filled",
			 report_count(true, statistics->blocks_filled), "blocks_delivered",
			 report_count(true, statistics->blocks_drained), "blocks_failed",
			 report_count(true, statistics->blocks_failed), "bytes_delivered",
			 report_count(true, statistics->bytes_drained), "gaps",
			 report_count(true, statistics->gaps), "samples_lost",
			 report_count(true, statistics->scans_lost), "samples_lost_estimated",
			 statistics->estimated, "records_lost",
			 report_count(true, statistics->records_lost));
}

static json_t *report_endpoint(unsigned int address)
{
	return report_count(address, address);
}

/* Who is to repeat, of a playback. */
static const char *name_cyclic(const struct iiobridge_route_info *route)
{
	if (route->direction != IIOBRIDGE_PLAYBACK)
		return NULL;
	return route->cyclic == IIOBRIDGE_CYCLIC_KERNEL ? "kernel" : "daemon";
}

/* Who does. */
static const char *name_repeating(const struct iiobridge_route_info *route)
{
	static const char *const names[] = {
		[IIOBRIDGE_REPEATING_DAEMON] = "daemon",
		[IIOBRIDGE_REPEATING_KERNEL] = "kernel",
	};

	return names[route->repeating];
}

json_t *report_route(const struct iiobridge_route_info *route,
		     const struct iiobridge_channel_info *channels,
		     const struct iiobridge_statistics *statistics)
{
	json_t *object = report_route_briefly(route), *rest;

	rest = json_pack(
		"{s:o, s:s, s:o, s:o, s:s, s:s?, s:s?, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, "
		"s:o}",
		"device", report_text(route->device), "transfer", report_transfer(route),
		"endpoint_in", report_endpoint(route->endpoint_in), "endpoint_out",
		report_endpoint(route->endpoint_out), "state",
		route->state == IIOBRIDGE_RUNNING ? "running" : "stopped", "cyclic",
		name_cyclic(route), "repeating", name_repeating(route), "sample_rate",
		report_sample_rate(route), "blocks", (json_int_t)route->block_count, "block_size",
		(json_int_t)route->block_size, "block_size_max", (json_int_t)route->block_size_max,
		"block_step", (json_int_t)route->block_step, "bytes_per_sample",
		(json_int_t)route->bytes_per_scan, "channel_mask", (json_int_t)route->channel_mask,
		"channels", report_channels(route, channels), "statistics",
		report_statistics(statistics));
	if (json_object_update(object, rest) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(rest);
	return object;
}

json_t *report_last_error(const struct iiobridge_error *error)
{
	if (error->code == IIOBRIDGE_OK)
		return json_null();
	return json_pack("{s:I, s:s, s:s?, s:o}", "code", (json_int_t)error->code, "message",
			 error->message, "request",
			 error->request ? answer_request_name(error->request) : NULL, "route",
			 report_count(!error->request, error->value));
}
