// SPDX-License-Identifier: GPL-2.0-or-later
#include "route.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "converter.h"
#include "iio_port.h"
#include "iiobridge/log.h"
#include "iiobridge/text.h"
#include "ring.h"

/* What a start of the route comes to. */
struct plan {
	uint32_t channel_mask;
	uint32_t bytes_per_scan;
	uint32_t block_size;
};

struct route {
	const struct route_config *config;
	sd_event *event;
	unsigned int number;
	route_fault_fn fault;
	void *userdata;

	struct converter *converter; /* opened when first needed, anew by each start */
	struct port *source, *endpoint;
	struct ring *ring;
	struct iiobridge_parameters parameters;
	struct plan plan; /* of the run */
};

static uint64_t least_common_multiple(uint64_t a, uint32_t b)
{
	uint64_t multiple = a;

	assert(b > 0);
	while (multiple % b)
		multiple += a;
	return multiple;
}

static void on_ring_fault(void *userdata, int error)
{
	struct route *route = userdata;

	route->fault(route->userdata, route->number, error);
}

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
	};
	*route = new;
	return 0;
}

int route_connect(struct route *route, struct function *function)
{
	route->source = iio_port_new(route->config->device);
	route->endpoint = endpoint_new(function, route->number + 1, route->config->name);
	if (!route->source || !route->endpoint)
		return log_errno(ENOMEM, "route \"%s\": %m", route->config->name);
	return ring_new(&route->ring, route->event, route->config->name, route->source,
			route->endpoint, on_ring_fault, route);
}

void route_free(struct route *route)
{
	if (!route)
		return;
	ring_free(route->ring);
	endpoint_free(route->endpoint);
	iio_port_free(route->source);
	converter_close(route->converter);
	free(route);
}

static int need_converter(struct route *route)
{
	return route->converter ? 0 : converter_open(&route->converter, route->config->device);
}

static int configured_mask(const struct route *route, const struct converter *converter,
			   uint32_t *mask)
{
	unsigned int count = converter_channel_count(converter);

	*mask = count == 32 ? UINT32_MAX : (UINT32_C(1) << count) - 1;
	if (!route->config->channel_count)
		return 0;
	*mask = 0;
	for (unsigned int i = 0; i < route->config->channel_count; i++) {
		int channel = converter_find_channel(converter, route->config->channels[i]);

		if (channel < 0)
			return channel;
		*mask |= UINT32_C(1) << channel;
	}
	return 0;
}

static int choose_channels(const struct route *route, const struct converter *converter,
			   uint32_t *mask)
{
	unsigned int count = converter_channel_count(converter);
	uint32_t asked = route->parameters.channel_mask;

	if (!asked)
		return configured_mask(route, converter, mask);
	if (count < 32 && asked >> count)
		return log_errno(EINVAL,
				 "route \"%s\": channel mask 0x%x asks for channels beyond "
				 "the %u of IIO device \"%s\"",
				 route->config->name, asked, count, route->config->device);
	*mask = asked;
	return 0;
}

/*
 * A block holds whole scans, whole packets and what the device's DMA can do. A configured size is
 * rounded down to that; a size that the host asks for must be right.
 */
static int choose_block_size(const struct route *route, const struct converter *converter,
			     uint32_t bytes_per_scan, uint32_t *size)
{
	uint32_t asked = route->parameters.block_size;
	uint32_t largest = route->config->block_size;
	uint64_t step = least_common_multiple(CONFIG_BLOCK_SIZE_STEP, bytes_per_scan);

	step = least_common_multiple(step, converter_block_step(converter));
	if (step > largest)
		return log_errno(EINVAL,
				 "route \"%s\": blocks of %u bytes are too small, scans of "
				 "%u bytes need at least %llu",
				 route->config->name, largest, bytes_per_scan,
				 (unsigned long long)step);
	if (asked && (asked < CONFIG_BLOCK_SIZE_MIN || asked > largest || asked % step))
		return log_errno(EINVAL,
				 "route \"%s\": a block size of %u bytes was asked for; it "
				 "must be from %u to %u and a multiple of %llu",
				 route->config->name, asked, CONFIG_BLOCK_SIZE_MIN, largest,
				 (unsigned long long)step);
	*size = asked ? asked : largest - largest % (uint32_t)step;
	return 0;
}

static int make_plan(const struct route *route, struct converter *converter, struct plan *plan)
{
	int ret = choose_channels(route, converter, &plan->channel_mask);
	int bytes;

	if (ret)
		return ret;
	if (route->parameters.reserved[0] || route->parameters.reserved[1])
		return log_errno(EINVAL, "route \"%s\": reserved parameters are not 0",
				 route->config->name);
	bytes = converter_scan_size(converter, plan->channel_mask);
	if (bytes <= 0)
		return log_errno(bytes ? bytes : EINVAL,
				 "route \"%s\": IIO device \"%s\" has no scan for channel mask "
				 "0x%x: %m",
				 route->config->name, route->config->device, plan->channel_mask);
	plan->bytes_per_scan = (uint32_t)bytes;
	return choose_block_size(route, converter, plan->bytes_per_scan, &plan->block_size);
}

static int run(struct route *route, const struct plan *plan)
{
	uint64_t rate = converter_sample_rate(route->converter);
	struct iio_port_setup source = {
		.converter = route->converter,
		.channel_mask = plan->channel_mask,
		.bytes_per_ms = rate * plan->bytes_per_scan / 1000000,
		.loss_counter = route->config->loss_counter,
	};
	struct ring_setup setup = {
		.heap = route->config->heap,
		.block_size = plan->block_size,
		.block_count = route->config->block_count,
		.bytes_per_scan = plan->bytes_per_scan,
		.rate_millihertz = rate,
	};

	route->plan = *plan;
	iio_port_set_up(route->source, &source);
	return ring_start(route->ring, &setup);
}

int route_start(struct route *route)
{
	struct converter *converter;
	struct plan plan;
	/* The device may have gone and come back, with other channels, since it was opened. */
	int ret = converter_open(&converter, route->config->device);

	if (ret)
		return ret;
	/* A start that is refused leaves a run as it is. */
	ret = make_plan(route, converter, &plan);
	if (ret) {
		converter_close(converter);
		return ret;
	}
	route_stop(route);
	converter_close(route->converter);
	route->converter = converter;
	ret = run(route, &plan);
	if (ret)
		return ret;
	log_info("route \"%s\": started, %u blocks of %u bytes, channel mask 0x%x",
		 route->config->name, route->config->block_count, plan.block_size,
		 plan.channel_mask);
	return 0;
}

void route_stop(struct route *route)
{
	struct iiobridge_statistics statistics;

	if (!ring_is_running(route->ring))
		return;
	ring_stop(route->ring);
	ring_get_statistics(route->ring, &statistics);
	log_info("route \"%s\": stopped, %llu blocks delivered, %llu gaps, %llu scans lost",
		 route->config->name, (unsigned long long)statistics.blocks_drained,
		 (unsigned long long)statistics.gaps, (unsigned long long)statistics.scans_lost);
}

void route_kick(struct route *route)
{
	ring_kick(route->ring);
}

bool route_starts_always(const struct route *route)
{
	return route->config->always;
}

void route_set_parameters(struct route *route, const struct iiobridge_parameters *parameters)
{
	route->parameters = *parameters;
}

void route_describe(struct route *route, struct iiobridge_route_info *info)
{
	bool running = ring_is_running(route->ring);
	struct plan plan = route->plan;

	*info = (struct iiobridge_route_info){
		.direction = IIOBRIDGE_CAPTURE,
		.state = running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED,
		.transfer = IIOBRIDGE_DMABUF,
		.endpoint_in = endpoint_address(route->endpoint),
		.block_size_max = route->config->block_size,
		.block_count = route->config->block_count,
	};
	text_copy(info->name, sizeof(info->name), route->config->name);
	text_copy(info->device, sizeof(info->device), route->config->device);
	if (need_converter(route) < 0)
		return;
	info->channel_count = (uint8_t)converter_channel_count(route->converter);
	info->sample_rate_millihertz = converter_sample_rate(route->converter);
	if (!running && make_plan(route, route->converter, &plan))
		return;
	info->channel_mask = plan.channel_mask;
	info->block_size = plan.block_size;
	info->bytes_per_scan = plan.bytes_per_scan;
}

int route_describe_channel(struct route *route, unsigned int channel,
			   struct iiobridge_channel_info *info)
{
	int ret = need_converter(route);

	if (ret)
		return ret;
	if (channel >= converter_channel_count(route->converter))
		return -ECHRNG;
	converter_describe_channel(route->converter, channel, info);
	return 0;
}

void route_get_statistics(const struct route *route, struct iiobridge_statistics *statistics)
{
	ring_get_statistics(route->ring, statistics);
}
