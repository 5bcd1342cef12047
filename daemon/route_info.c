// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "core/log.h"
#include "core/text.h"
#include "route_common.h"

/* What it runs on, or else what a start would use. */
static const struct route_config *current_config(const struct route *route)
{
	return ring_is_running(route->ring) ? &route->config : route->configured;
}

static uint8_t who_is_to_repeat(const struct route *route, const struct route_config *config)
{
	return config->cyclic == CONFIG_CYCLIC_KERNEL && !route->to.port->copies
		       ? IIOBRIDGE_CYCLIC_KERNEL
		       : IIOBRIDGE_CYCLIC_DAEMON;
}

static uint8_t who_repeats(const struct route *route)
{
	if (ring_is_repeated_by_device(route->ring))
		return IIOBRIDGE_REPEATING_KERNEL;
	return ring_is_repeating(route->ring) ? IIOBRIDGE_REPEATING_DAEMON
					      : IIOBRIDGE_REPEATING_NOTHING;
}

static uint8_t direction(const struct route_config *config)
{
	if (config->from.usb)
		return config->to.usb ? IIOBRIDGE_LINK_TEST : IIOBRIDGE_PLAYBACK;
	return config->to.usb ? IIOBRIDGE_CAPTURE : IIOBRIDGE_REPEATER;
}

static uint8_t transfer(const struct route_config *config, bool copies)
{
	if (config->latency_us)
		return IIOBRIDGE_COPY_EARLY;
	return copies ? IIOBRIDGE_COPY : IIOBRIDGE_DMABUF;
}

void route_describe(struct route *route, struct iiobridge_route_info *info)
{
	LOG_OF_ROUTE(route->config.name);
	bool running = ring_is_running(route->ring);
	const struct route_config *config = current_config(route);
	const struct end *end = main_end(&route->from, &route->to);
	struct plan plan = route->plan;
	struct error error;

	*info = (struct iiobridge_route_info){
		.direction = direction(config),
		.state = running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED,
		.transfer = transfer(config, route->from.port->copies || route->to.port->copies),
		.endpoint_in = config->to.usb ? endpoint_address(route->to.port) : 0,
		.endpoint_out = config->from.usb ? endpoint_address(route->from.port) : 0,
		.cyclic = who_is_to_repeat(route, config),
		.repeating = who_repeats(route),
		.block_size_max = config->block_size,
		.block_count = config->block_count,
	};
	text_copy(info->name, sizeof(info->name), config->name);
	text_copy(info->device, sizeof(info->device),
		  config->from.usb ? config->to.device : config->from.device);
	if (!end_is_known(&route->from) || !end_is_known(&route->to))
		return;
	if (end->converter) {
		info->channel_count = (uint8_t)converter_channel_count(end->converter);
		info->sample_rate_millihertz = end->rate_millihertz;
	}
	if (!running) {
		if (route_make_plan(route, &plan, route->from.converter, route->to.converter,
				    &error))
			return;
		info->transfer = transfer(config, plan.from_copies || plan.to_copies);
	}
	info->channel_mask = plan.channel_mask;
	info->block_size = plan.block_size;
	info->block_size_max = plan.block_size_max;
	info->block_step = plan.block_step;
	info->bytes_per_scan = plan.bytes_per_scan;
}

int route_describe_channel(const struct route *route, unsigned int channel,
			   struct iiobridge_channel_info *info)
{
	const struct converter *converter = main_end(&route->from, &route->to)->converter;

	if (!converter || channel >= converter_channel_count(converter))
		return -ECHRNG;
	converter_describe_channel(converter, channel, info);
	return 0;
}

void route_get_statistics(const struct route *route, struct iiobridge_statistics *statistics)
{
	ring_get_statistics(route->ring, statistics);
	statistics->records_lost =
		records_lost(route->records, route->number, (uint32_t)statistics->starts);
}

static enum status_route_state state(const struct route *route)
{
	if (ring_is_repeated_by_device(route->ring))
		return STATUS_REPEATING_IN_KERNEL;
	if (ring_is_repeating(route->ring))
		return STATUS_REPEATING;
	if (ring_is_running(route->ring))
		return STATUS_RUNNING;
	return route->failure ? STATUS_FAILED : STATUS_STOPPED;
}

static void name_end(char name[STATUS_END_SIZE], const struct end_config *config)
{
	if (config->usb)
		text_copy(name, STATUS_END_SIZE, "usb");
	else
		snprintf(name, STATUS_END_SIZE, "iio:%s", config->device);
}

void route_get_status(struct route *route, struct status_route *status)
{
	const struct route_config *config = current_config(route);
	uint64_t rate, now;

	*status = (struct status_route){
		.state = state(route),
		.from_copies = route->from.port->copies,
		.to_copies = route->to.port->copies,
		.block_size =
			ring_is_running(route->ring) ? route->plan.block_size : config->block_size,
		.block_count = config->block_count,
	};
	text_copy(status->name, sizeof(status->name), config->name);
	name_end(status->from, &config->from);
	name_end(status->to, &config->to);
	text_copy(status->heap, sizeof(status->heap), config->heap);
	route_get_statistics(route, &status->statistics);
	sd_event_now(route->event, CLOCK_MONOTONIC, &now);
	rate = rate_look(&route->rate, status->statistics.starts, status->statistics.bytes_drained,
			 now);
	if (status_route_streams(status))
		status->rate = rate;
}
