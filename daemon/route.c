// SPDX-License-Identifier: GPL-2.0-or-later
#include "route.h"

#include <errno.h>
#include <stdlib.h>

#include "end.h"
#include "iiobridge/log.h"
#include "iiobridge/text.h"
#include "plan.h"
#include "ring.h"

struct route {
	const struct route_config *config;
	sd_event *event;
	unsigned int number;
	route_fault_fn fault;
	void *userdata;

	struct end from, to;
	struct ring *ring;
	struct records *records;
	struct iiobridge_parameters parameters;
	struct plan plan; /* of the run */
};

static void log_stop(const struct route *route, const char *how)
{
	struct iiobridge_statistics statistics;

	ring_get_statistics(route->ring, &statistics);
	log_info("route \"%s\": %s, %llu blocks delivered, %llu gaps, %llu scans lost",
		 route->config->name, how, (unsigned long long)statistics.blocks_drained,
		 (unsigned long long)statistics.gaps, (unsigned long long)statistics.scans_lost);
}

static void on_ring_record(void *userdata, struct iiobridge_record *record)
{
	struct route *route = userdata;

	record->route = (uint8_t)route->number;
	records_add(route->records, record);
}

static void on_ring_end(void *userdata, int error)
{
	struct route *route = userdata;

	/* The host will be told nothing any more, and the next one has another run. */
	if (error == -ESHUTDOWN) {
		log_stop(route, "stopped, the host has gone");
		return;
	}
	log_stop(route, error ? "failed" : "finished");
	if (error)
		route->fault(route->userdata, route->number, error);
}

static const struct ring_ops ring_ops = { .record = on_ring_record, .end = on_ring_end };

int route_new(struct route **route, sd_event *event, const struct route_config *config,
	      unsigned int number, route_fault_fn fault, void *userdata)
{
	struct route *new = calloc(1, sizeof(*new));

	if (!new)
		return log_errno(ENOMEM, "route \"%s\": %m", config->name);
	*new = (struct route){
		.config = config,
		.event = event,
		.number = number,
		.fault = fault,
		.userdata = userdata,
		.from = { .config = &config->from, .counter = config->loss_counter },
		.to = { .config = &config->to, .counter = config->miss_counter, .output = true },
	};
	*route = new;
	return 0;
}

int route_connect(struct route *route, struct function *function, struct records *records,
		  unsigned int *endpoint)
{
	bool copying = route->config->transfer == CONFIG_TRANSFER_COPY;
	const char *name = route->config->name;
	int ret = end_connect(&route->from, function, endpoint, name, copying);

	route->records = records;
	if (!ret)
		ret = end_connect(&route->to, function, endpoint, name, copying);
	if (ret)
		return log_errno(ret, "route \"%s\": %m", name);
	return ring_new(&route->ring, route->event, name, route->from.port, route->to.port,
			&ring_ops, route);
}

void route_free(struct route *route)
{
	if (!route)
		return;
	ring_free(route->ring);
	end_release(&route->from);
	end_release(&route->to);
	free(route);
}

/* The converter that says most about the route: the one that fills, if there is one. */
static struct converter *main_converter(const struct route *route)
{
	return route->from.converter ? route->from.converter : route->to.converter;
}

/*
 * After a refusal: let the end whose device refused copy from now on, if it may, and the other one
 * if it is on the same device. Another start may find that the other one's refuses, too.
 */
static int fall_back(struct route *route)
{
	struct end *const ends[] = { &route->from, &route->to };
	int ret = -EOPNOTSUPP;

	for (unsigned int i = 0; i < 2; i++) {
		char why[256];

		if (!end_explain_refusal(ends[i], why, sizeof(why)))
			continue;
		if (route->config->transfer == CONFIG_TRANSFER_DMABUF)
			return log_errno(EOPNOTSUPP,
					 "route \"%s\": %s; transfer = \"auto\" would copy",
					 route->config->name, why);
		log_warning("route \"%s\": %s; samples are copied there from now on",
			    route->config->name, why);
		end_set_copying(ends[i]);
		if (route->from.config->usb && route->to.config->usb)
			end_set_copying(ends[1 - i]);
		ret = 0;
	}
	return ret;
}

static int run(struct route *route, const struct plan *plan)
{
	struct ring_setup setup = {
		.heap = route->config->heap,
		.block_size = plan->block_size,
		.block_count = route->config->block_count,
		.bytes_per_scan = plan->bytes_per_scan,
	};
	int ret;

	route->plan = *plan;
	end_set_up(&route->from, plan);
	end_set_up(&route->to, plan);
	do {
		ret = ring_start(route->ring, &setup);
	} while (ret == -EOPNOTSUPP && !(ret = fall_back(route)));
	return ret;
}

int route_start(struct route *route)
{
	/* The devices may have gone and come back, with other channels, since they were opened. */
	struct end from = { .config = route->from.config };
	struct end to = { .config = route->to.config, .output = true };
	struct plan plan;
	int ret = end_need_converter(&from);

	if (!ret)
		ret = end_need_converter(&to);
	if (!ret)
		ret = plan_make(&plan, route->config, &route->parameters, from.converter,
				to.converter);
	/* A start that is refused leaves a run as it is. */
	if (!ret) {
		route_stop(route);
		end_take_converter(&route->from, &from);
		end_take_converter(&route->to, &to);
		ret = run(route, &plan);
	}
	converter_close(from.converter);
	converter_close(to.converter);
	if (ret)
		return ret;
	log_info("route \"%s\": started, %u blocks of %u bytes, channel mask 0x%x",
		 route->config->name, route->config->block_count, plan.block_size,
		 plan.channel_mask);
	return 0;
}

void route_stop(struct route *route)
{
	if (!ring_is_running(route->ring))
		return;
	ring_stop(route->ring);
	log_stop(route, "stopped");
}

int route_finish(struct route *route, const struct iiobridge_finish *finish)
{
	uint64_t bytes = finish->bytes;

	if (!ring_is_running(route->ring))
		return log_errno(EINVAL, "route \"%s\": it does not run, so it cannot finish",
				 route->config->name);
	if (bytes % route->plan.bytes_per_scan)
		return log_errno(
			EINVAL,
			"route \"%s\": the data cannot end at byte %llu, a scan has %u bytes",
			route->config->name, (unsigned long long)bytes, route->plan.bytes_per_scan);
	if (finish->flags & ~IIOBRIDGE_FINISH_REPEAT || finish->reserved)
		return log_errno(EINVAL,
				 "route \"%s\": it cannot finish with flags 0x%x, reserved 0x%x; "
				 "there is flag 0x%x",
				 route->config->name, finish->flags, finish->reserved,
				 IIOBRIDGE_FINISH_REPEAT);
	if (finish->flags & IIOBRIDGE_FINISH_REPEAT)
		return ring_repeat(route->ring, bytes);
	return ring_finish(route->ring, bytes);
}

void route_kick(struct route *route)
{
	ring_kick(route->ring);
}

bool route_starts_always(const struct route *route)
{
	return route->config->start == CONFIG_START_ALWAYS;
}

bool route_uses_usb(const struct route *route)
{
	return route->config->from.usb || route->config->to.usb;
}

bool route_is_repeating(const struct route *route)
{
	return ring_is_repeating(route->ring);
}

void route_set_parameters(struct route *route, const struct iiobridge_parameters *parameters)
{
	route->parameters = *parameters;
}

static uint8_t direction(const struct route_config *config)
{
	if (config->from.usb)
		return config->to.usb ? IIOBRIDGE_LINK_TEST : IIOBRIDGE_PLAYBACK;
	return config->to.usb ? IIOBRIDGE_CAPTURE : IIOBRIDGE_REPEATER;
}

void route_describe(struct route *route, struct iiobridge_route_info *info)
{
	const struct route_config *config = route->config;
	bool running = ring_is_running(route->ring);
	struct plan plan = route->plan;
	struct converter *converter;

	*info = (struct iiobridge_route_info){
		.direction = direction(config),
		.state = running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED,
		.transfer = route->from.port->copies || route->to.port->copies ? IIOBRIDGE_COPY
									       : IIOBRIDGE_DMABUF,
		.endpoint_in = config->to.usb ? endpoint_address(route->to.port) : 0,
		.endpoint_out = config->from.usb ? endpoint_address(route->from.port) : 0,
		.block_size_max = config->block_size,
		.block_count = config->block_count,
	};
	text_copy(info->name, sizeof(info->name), config->name);
	text_copy(info->device, sizeof(info->device),
		  config->from.usb ? config->to.device : config->from.device);
	if (end_need_converter(&route->from) || end_need_converter(&route->to))
		return;
	converter = main_converter(route);
	if (converter) {
		info->channel_count = (uint8_t)converter_channel_count(converter);
		info->sample_rate_millihertz = converter_sample_rate(converter);
	}
	if (!running && plan_make(&plan, config, &route->parameters, route->from.converter,
				  route->to.converter))
		return;
	info->channel_mask = plan.channel_mask;
	info->block_size = plan.block_size;
	info->bytes_per_scan = plan.bytes_per_scan;
}

int route_describe_channel(struct route *route, unsigned int channel,
			   struct iiobridge_channel_info *info)
{
	struct converter *converter;
	int ret = end_need_converter(&route->from);

	if (!ret)
		ret = end_need_converter(&route->to);
	if (ret)
		return ret;
	converter = main_converter(route);
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
