// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

static uint64_t least_common_multiple(uint64_t a, uint32_t b)
{
	uint64_t multiple = a;

	assert(b > 0);
	while (multiple % b)
		multiple += a;
	return multiple;
}

static int configured_mask(const struct route_config *config, const struct converter *converter,
			   uint32_t *mask, struct error *error)
{
	*mask = converter_all_channels(converter);
	if (!config->channel_count)
		return 0;
	*mask = 0;
	for (unsigned int i = 0; i < config->channel_count; i++) {
		int channel = converter_find_channel(converter, config->channels[i], error);

		if (channel < 0)
			return channel;
		*mask |= UINT32_C(1) << channel;
	}
	return 0;
}

/* The channels of one converter, and the size of a scan of them. */
static int choose_channels(struct plan *plan, const struct route_config *config, uint32_t asked,
			   const struct converter *converter, struct error *error)
{
	unsigned int count = converter_channel_count(converter);
	uint32_t mask = asked;
	uint32_t bytes;
	int ret = 0;

	if (!asked)
		ret = configured_mask(config, converter, &mask, error);
	if (ret)
		return ret;
	if (count < 32 && mask >> count)
		return error_set(
			error, EINVAL,
			"route \"%s\": channel mask 0x%x asks for channels beyond the %u of "
			"IIO device \"%s\"",
			config->name, mask, count, converter_name(converter));
	bytes = converter_scan_size(converter, mask);
	if (!bytes)
		return error_set(
			error, EINVAL,
			"route \"%s\": IIO device \"%s\" has no scan for channel mask 0x%x",
			config->name, converter_name(converter), mask);
	if (plan->channel_mask && (plan->channel_mask != mask || plan->bytes_per_scan != bytes))
		return error_set(
			error, EINVAL,
			"route \"%s\": samples of IIO device \"%s\" have channel mask 0x%x and "
			"%u bytes, those of the other device 0x%x and %u; name the channels "
			"to use in the configuration",
			config->name, converter_name(converter), mask, bytes, plan->channel_mask,
			plan->bytes_per_scan);
	plan->channel_mask = mask;
	plan->bytes_per_scan = bytes;
	return 0;
}

/* Whether the device takes every block of that size that the heap can give. */
static bool takes(const struct port_limits *limits, const char *heap, uint32_t size)
{
	struct block_list list = block_list_of(heap, size);
	const uint32_t cuts = limits->cut ? size / limits->cut + (size % limits->cut != 0) : 0;

	if (list.entries < cuts)
		list.entries = cuts;
	return (!limits->longest_block || size <= limits->longest_block) &&
	       (!limits->longest_entry || list.longest <= limits->longest_entry) &&
	       (!limits->entries || list.entries <= limits->entries);
}

/* Lower the largest block to what the end takes; if that is none, it copies. */
static void heed_limits(struct plan *plan, const char *heap, const struct plan_end *end,
			bool *copies)
{
	const struct port_limits *limits = &end->port->limits;
	uint32_t size = plan->block_size_max;

	*copies =
		end->copies || limits->refusal || (limits->no_offsets && blocks_have_offsets(heap));
	if (*copies)
		return;
	while (size && !takes(limits, heap, size))
		size -= plan->block_step;
	if (!size) {
		*copies = true;
	} else if (size < plan->block_size_max) {
		plan->block_size_max = size;
		plan->limited_by = end->port;
	}
}

/*
 * A block holds whole samples, whole packets, whole pages, and what the ports ask for; there are no
 * packets that a page is not a multiple of. A configured size is rounded down to that; a size that
 * the host asks for must be right.
 */
static int choose_block_size(struct plan *plan, const struct route_config *config, uint32_t asked,
			     const struct plan_end *from, const struct plan_end *to,
			     struct error *error)
{
	const struct plan_end *ends[] = { from, to };
	uint64_t step = (uint64_t)sysconf(_SC_PAGESIZE);

	step = least_common_multiple(step, plan->bytes_per_scan);
	for (unsigned int i = 0; i < 2; i++)
		if (ends[i]->port->limits.step)
			step = least_common_multiple(step, ends[i]->port->limits.step);
	if (step > config->block_size)
		return error_set(
			error, EINVAL,
			"route \"%s\": blocks of %u bytes are too small, samples of %u bytes "
			"need at least %llu",
			config->name, config->block_size, plan->bytes_per_scan,
			(unsigned long long)step);
	plan->block_step = (uint32_t)step;
	plan->block_size_max = config->block_size - config->block_size % plan->block_step;
	heed_limits(plan, config->heap, from, &plan->from_copies);
	heed_limits(plan, config->heap, to, &plan->to_copies);
	if (asked && (asked > plan->block_size_max || asked % plan->block_step))
		return error_set(error, EINVAL,
				 "route \"%s\": a block size of %u bytes was asked for; it must be "
				 "from %u to %u and a multiple of %u",
				 config->name, asked, plan->block_step, plan->block_size_max,
				 plan->block_step);
	plan->block_size = asked ? asked : plan->block_size_max;
	return 0;
}

/* What DMA fills it fills wholly, and says nothing before. */
static int check_latency(const struct route_config *config, const struct converter *converter,
			 struct error *error)
{
	if (!config->latency_us || !converter || !converter_has_dma(converter))
		return 0;
	return error_set(error, EINVAL,
			 "route \"%s\": IIO device \"%s\" has no \"latency\": its DMA tells of "
			 "whole blocks only; a smaller \"block_size\" is sooner full",
			 config->name, converter_name(converter));
}

int plan_make(struct plan *plan, const struct route_config *config,
	      const struct iiobridge_parameters *parameters, const struct plan_end *from,
	      const struct plan_end *to, struct error *error)
{
	int ret;

	*plan = (struct plan){
		.cyclic = config->cyclic == CONFIG_CYCLIC_KERNEL,
		.latency_us = config->latency_us,
		.heap = config->heap,
		.prompt_records = parameters->flags & IIOBRIDGE_PROMPT_RECORDS,
	};
	if (parameters->flags & ~IIOBRIDGE_PROMPT_RECORDS || parameters->reserved)
		return error_set(
			error, EINVAL,
			"route \"%s\": it cannot start with flags 0x%x, reserved 0x%x; the "
			"flag is %u, and reserved is 0",
			config->name, parameters->flags, parameters->reserved,
			IIOBRIDGE_PROMPT_RECORDS);
	ret = check_latency(config, from->converter, error);
	if (!ret && from->converter)
		ret = choose_channels(plan, config, parameters->channel_mask, from->converter,
				      error);
	if (!ret && to->converter)
		ret = choose_channels(plan, config, parameters->channel_mask, to->converter, error);
	if (ret)
		return ret;
	if (!from->converter && !to->converter)
		plan->bytes_per_scan = 1;
	if (parameters->channel_mask & ~plan->channel_mask)
		return error_set(error, EINVAL,
				 "route \"%s\": it has no channels, and mask 0x%x asks for "
				 "some",
				 config->name, parameters->channel_mask);
	return choose_block_size(plan, config, parameters->block_size, from, to, error);
}
