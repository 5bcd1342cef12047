// SPDX-License-Identifier: GPL-2.0-or-later
#include "route.h"

#include <errno.h>
#include <iio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "end.h"
#include "iiobridge/log.h"
#include "iiobridge/text.h"
#include "plan.h"
#include "rate.h"
#include "ring.h"

struct route {
	const struct route_config *configured; /* what the next start uses */
	struct route_config config;	       /* of the run, or of the last one */
	sd_event *event;
	unsigned int number;
	const struct route_ops *ops;
	void *userdata;

	struct end from, to;
	struct ring *ring;
	struct records *records;
	struct iiobridge_parameters parameters;
	struct plan plan; /* of the run */
	int failure;	  /* of the last run, 0 when it was to end */
	struct rate rate;
};

/* @error: why the run ended, 0 when it was to end. */
static void log_stop(const struct route *route, const char *how, int error)
{
	struct iiobridge_statistics statistics;
	struct log_counts counts;

	ring_get_statistics(route->ring, &statistics);
	counts = (struct log_counts){
		.blocks = statistics.blocks_drained,
		.bytes = statistics.bytes_drained,
		.gaps = statistics.gaps,
		.samples_lost = statistics.scans_lost,
	};
	log_event(error ? LOG_WARNING : LOG_INFO,
		  &(struct log_event){
			  .id = error	      ? LOG_ID_ROUTE_FAILED
				: counts.gaps ? LOG_ID_SAMPLES_LOST
					      : NULL,
			  .error = error,
			  .counts = &counts,
		  },
		  "route \"%s\": %s, %llu blocks delivered, %llu gaps, %llu scans lost",
		  route->config.name, how, (unsigned long long)counts.blocks,
		  (unsigned long long)counts.gaps, (unsigned long long)counts.samples_lost);
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
		log_stop(route, "stopped, the host has gone", 0);
		return;
	}
	route->failure = error;
	log_stop(route, error ? "failed" : "finished", error);
	if (error)
		route->ops->fault(route->userdata, route->number, error);
}

static void on_ring_meanwhile(void *userdata)
{
	struct route *route = userdata;

	route->ops->meanwhile(route->userdata);
}

static const struct ring_ops ring_ops = {
	.meanwhile = on_ring_meanwhile,
	.record = on_ring_record,
	.end = on_ring_end,
};

int route_new(struct route **route, sd_event *event, const struct route_config *config,
	      unsigned int number, const struct route_ops *ops, void *userdata)
{
	struct route *new = calloc(1, sizeof(*new));

	if (!new)
		return log_errno(ENOMEM, "route \"%s\": %m", config->name);
	*new = (struct route){
		.configured = config,
		.config = *config,
		.event = event,
		.number = number,
		.ops = ops,
		.userdata = userdata,
		.from = { .config = &new->config.from, .counter = new->config.loss_counter },
		.to = { .config = &new->config.to,
			.counter = new->config.miss_counter,
			.output = true },
	};
	*route = new;
	return 0;
}

static void choose_copying(struct route *route)
{
	bool copying = route->config.transfer == CONFIG_TRANSFER_COPY;

	end_set_copying(&route->from, copying);
	end_set_copying(&route->to, copying);
	route->from.beyond_limits = route->to.beyond_limits = false;
}

int route_connect(struct route *route, struct function *function, struct records *records,
		  unsigned int *endpoint)
{
	LOG_OF_ROUTE(route->config.name);
	const char *name = route->config.name;
	int ret = end_connect(&route->from, function, endpoint, name);

	route->records = records;
	if (!ret)
		ret = end_connect(&route->to, function, endpoint, name);
	if (ret)
		return log_errno(ret, "route \"%s\": %m", name);
	choose_copying(route);
	return ring_new(&route->ring, route->event, name, route->from.port, route->to.port,
			&ring_ops, route);
}

void route_silence(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);
	const struct end_config *to = &route->config.to;

	if (!to->usb && converter_silence(to->device))
		log_info("IIO device \"%s\" was left playing, and is silent now", to->device);
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

/* Have an end copy from now on, if it may. Return: 0 or -EOPNOTSUPP, logged. */
static int let_copy(const struct route *route, struct end *end, int error, const char *why)
{
	if (route->config.transfer == CONFIG_TRANSFER_DMABUF)
		return log_errno(EOPNOTSUPP, "route \"%s\": %s; transfer = \"auto\" would copy",
				 route->config.name, why);
	log_event(LOG_WARNING, &(struct log_event){ .id = LOG_ID_COPYING, .error = error },
		  "route \"%s\": %s; samples are copied there from now on", route->config.name,
		  why);
	end_set_copying(end, true);
	return 0;
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
		ret = let_copy(route, ends[i], ends[i]->port->refusal, why);
		if (ret)
			return ret;
		if (route->from.config->usb && route->to.config->usb)
			end_set_copying(ends[1 - i], true);
	}
	return ret;
}

/* Without any DMABUF there is nothing that a device could refuse. */
static void copy_without_heap(struct route *route)
{
	if (route->config.transfer != CONFIG_TRANSFER_AUTO ||
	    (route->from.port->copies && route->to.port->copies) ||
	    blocks_can_be_dmabufs(route->config.heap))
		return;
	log_event(LOG_WARNING, &(struct log_event){ .id = LOG_ID_COPYING, .error = ENOENT },
		  "route \"%s\": this kernel gives no DMABUFs, there is neither a heap in "
		  "/dev/dma_heap nor /dev/udmabuf; samples are copied at both ends from now on",
		  route->config.name);
	end_set_copying(&route->from, true);
	end_set_copying(&route->to, true);
}

/* For a run; what the configuration becomes in the meantime is for the next one. */
static void take_configuration(struct route *route)
{
	enum config_transfer before = route->config.transfer;

	route->config = *route->configured;
	if (route->config.transfer != before)
		choose_copying(route);
}

/*
 * Let an end copy whose device takes no block that this start could have, if it may. Another start,
 * of other channels or with another heap, may be within the limits.
 */
static int copy_beyond_limits(struct route *route, const struct plan *plan)
{
	const bool copies[] = { plan->from_copies, plan->to_copies };
	struct end *const ends[] = { &route->from, &route->to };

	for (unsigned int i = 0; i < 2; i++) {
		char why[256];
		int ret;

		if (!copies[i] && ends[i]->beyond_limits) {
			end_set_copying(ends[i], false);
			ends[i]->beyond_limits = false;
		}
		if (!copies[i] || ends[i]->port->copies)
			continue;
		end_explain_limits(ends[i], plan->block_step, route->config.heap, why, sizeof(why));
		ret = let_copy(route, ends[i], EOPNOTSUPP, why);
		if (ret)
			return ret;
		ends[i]->beyond_limits = true;
	}
	return 0;
}

/* Say what became of a size that could not be. */
static void log_block_size(const struct route *route)
{
	const struct plan *plan = &route->plan;
	const struct end *end = plan->limited_by == route->from.port ? &route->from : &route->to;
	char device[END_TEXT_SIZE], why[2 * CONFIG_TEXT_SIZE + 96] = "";

	if (plan->block_size_max == route->config.block_size)
		return;
	end_describe(end, device, sizeof(device));
	if (plan->limited_by)
		snprintf(why, sizeof(why), "; %s takes no larger ones from heap \"%s\"", device,
			 route->config.heap);
	log_info(
		"route \"%s\": blocks of %u bytes are configured, the largest that can be have %u: "
		"a multiple of %u, for samples of %u bytes and whole pages%s",
		route->config.name, route->config.block_size, plan->block_size_max,
		plan->block_step, plan->bytes_per_scan, why);
}

static int run(struct route *route, const struct plan *plan)
{
	struct ring_setup setup = {
		.heap = route->config.heap,
		.block_size = plan->block_size,
		.block_count = route->config.block_count,
		.bytes_per_scan = plan->bytes_per_scan,
	};
	int ret = copy_beyond_limits(route, plan);

	if (ret)
		return ret;
	route->plan = *plan;
	copy_without_heap(route);
	end_set_up(&route->from, plan);
	end_set_up(&route->to, plan);
	do {
		ret = ring_start(route->ring, &setup);
	} while (ret == -EOPNOTSUPP && !(ret = fall_back(route)));
	return ret;
}

/* Whether an end will copy, whatever the limits of its device: see take_configuration(). */
static bool copies_anyway(const struct route *route, const struct end *end)
{
	if (route->configured->transfer != route->config.transfer)
		return route->configured->transfer == CONFIG_TRANSFER_COPY;
	return end->port->copies && !end->beyond_limits;
}

/* Find out what a start would use, with these converters. */
static int make_plan(struct route *route, struct plan *plan, struct converter *from,
		     struct converter *to)
{
	const struct route_config *config = route->configured;
	const struct plan_end from_end = {
		.converter = from,
		.port = route->from.port,
		.copies = copies_anyway(route, &route->from),
	};
	const struct plan_end to_end = {
		.converter = to,
		.port = route->to.port,
		.copies = copies_anyway(route, &route->to),
	};

	end_find_limits(&route->from, from);
	end_find_limits(&route->to, to);
	return plan_make(plan, config, &route->parameters, &from_end, &to_end);
}

int route_start(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);
	/* The devices may have gone and come back, with other channels, since they were opened. */
	struct end from = { .config = route->from.config };
	struct end to = { .config = route->to.config, .output = true };
	struct plan plan;
	int ret = end_need_converter(&from);

	if (!ret)
		ret = end_need_converter(&to);
	if (!ret)
		ret = make_plan(route, &plan, from.converter, to.converter);
	/* A start that is refused leaves a run as it is. */
	if (!ret) {
		route_stop(route);
		take_configuration(route);
		end_take_converter(&route->from, &from);
		end_take_converter(&route->to, &to);
		ret = attributes_write(route->config.attributes, route->config.attribute_count,
				       main_converter(route));
		if (!ret)
			ret = run(route, &plan);
		route->failure = ret;
	}
	converter_close(from.converter);
	converter_close(to.converter);
	if (ret)
		return ret;
	log_block_size(route);
	log_info("route \"%s\": started, %u blocks of %u bytes, channel mask 0x%x",
		 route->config.name, route->config.block_count, plan.block_size, plan.channel_mask);
	return 0;
}

void route_stop(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);

	if (!ring_is_running(route->ring))
		return;
	ring_stop(route->ring);
	log_stop(route, "stopped", 0);
}

static bool flags_are_known(uint32_t flags)
{
	return flags == 0 || flags == IIOBRIDGE_FINISH_REPEAT ||
	       flags == (IIOBRIDGE_FINISH_REPEAT | IIOBRIDGE_FINISH_ALIKE);
}

int route_finish(struct route *route, const struct iiobridge_finish *finish)
{
	LOG_OF_ROUTE(route->config.name);
	uint64_t bytes = finish->bytes;

	if (!ring_is_running(route->ring))
		return log_errno(EINVAL, "route \"%s\": it does not run, so it cannot finish",
				 route->config.name);
	if (bytes % route->plan.bytes_per_scan)
		return log_errno(
			EINVAL,
			"route \"%s\": the data cannot end at byte %llu, a scan has %u bytes",
			route->config.name, (unsigned long long)bytes, route->plan.bytes_per_scan);
	if (!flags_are_known(finish->flags) || finish->reserved)
		return log_errno(EINVAL,
				 "route \"%s\": it cannot finish with flags 0x%x, reserved 0x%x; "
				 "there is flag 0x%x, and with it 0x%x",
				 route->config.name, finish->flags, finish->reserved,
				 IIOBRIDGE_FINISH_REPEAT, IIOBRIDGE_FINISH_ALIKE);
	if (finish->flags & IIOBRIDGE_FINISH_REPEAT)
		return ring_repeat(route->ring, bytes, finish->flags & IIOBRIDGE_FINISH_ALIKE);
	return ring_finish(route->ring, bytes);
}

void route_kick(struct route *route)
{
	ring_kick(route->ring);
}

bool route_is_running(const struct route *route)
{
	return ring_is_running(route->ring);
}

bool route_starts_always(const struct route *route)
{
	return route->configured->start == CONFIG_START_ALWAYS;
}

static bool has_converter(const struct end *end, const char *id)
{
	return end->converter &&
	       strcmp(iio_device_get_id(converter_device(end->converter)), id) == 0;
}

void route_lose_converter(struct route *route, const char *id)
{
	LOG_OF_ROUTE(route->config.name);
	struct end *ends[] = { &route->from, &route->to };

	for (unsigned int i = 0; i < 2; i++) {
		if (!ring_is_running(route->ring) || !has_converter(ends[i], id))
			continue;
		log_reason(ENODEV, "IIO device \"%s\" has gone: %m", ends[i]->config->device);
		ring_stop(route->ring);
		on_ring_end(route, -ENODEV);
	}
}

bool route_waits_for(const struct route *route, const char *device)
{
	const struct end_config *ends[] = { route->from.config, route->to.config };
	bool concerned = false;

	if (!route_starts_always(route) || ring_is_running(route->ring))
		return false;
	for (unsigned int i = 0; i < 2; i++)
		concerned |= !ends[i]->usb && strcmp(ends[i]->device, device) == 0;
	for (unsigned int i = 0; concerned && i < 2; i++)
		concerned = ends[i]->usb || converter_exists(ends[i]->device);
	return concerned;
}

bool route_uses_usb(const struct route *route)
{
	return route->config.from.usb || route->config.to.usb;
}

bool route_is_repeating(const struct route *route)
{
	return ring_is_repeating(route->ring);
}

void route_set_parameters(struct route *route, const struct iiobridge_parameters *parameters)
{
	route->parameters = *parameters;
}

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

static uint8_t transfer(bool copies)
{
	return copies ? IIOBRIDGE_COPY : IIOBRIDGE_DMABUF;
}

void route_describe(struct route *route, struct iiobridge_route_info *info)
{
	LOG_OF_ROUTE(route->config.name);
	bool running = ring_is_running(route->ring);
	const struct route_config *config = current_config(route);
	struct plan plan = route->plan;
	struct converter *converter;

	*info = (struct iiobridge_route_info){
		.direction = direction(config),
		.state = running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED,
		.transfer = transfer(route->from.port->copies || route->to.port->copies),
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
	if (end_need_converter(&route->from) || end_need_converter(&route->to))
		return;
	converter = main_converter(route);
	if (converter) {
		info->channel_count = (uint8_t)converter_channel_count(converter);
		info->sample_rate_millihertz = converter_sample_rate(converter);
	}
	if (!running) {
		if (make_plan(route, &plan, route->from.converter, route->to.converter))
			return;
		info->transfer = transfer(plan.from_copies || plan.to_copies);
	}
	info->channel_mask = plan.channel_mask;
	info->block_size = plan.block_size;
	info->block_size_max = plan.block_size_max;
	info->block_step = plan.block_step;
	info->bytes_per_scan = plan.bytes_per_scan;
}

int route_describe_channel(struct route *route, unsigned int channel,
			   struct iiobridge_channel_info *info)
{
	LOG_OF_ROUTE(route->config.name);
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
