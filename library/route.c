// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * route.c - the routes of a board, and the channels of their converters
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *route_direction_name(unsigned int direction)
{
	static const char *const names[] = {
		[IIOBRIDGE_CAPTURE] = "capture",
		[IIOBRIDGE_PLAYBACK] = "playback",
		[IIOBRIDGE_REPEATER] = "repeater",
		[IIOBRIDGE_LINK_TEST] = "link test",
	};

	return direction < sizeof(names) / sizeof(names[0]) ? names[direction] : "unknown";
}

static int compare_scan_index(const void *one, const void *other)
{
	const struct iiobridge_channel *const *a = one, *const *b = other;

	return (int)(*a)->info.index - (int)(*b)->info.index;
}

/*
 * Each value begins at a multiple of its own size, in the order of the scan indices: the kernel's
 * iio_compute_scan_bytes() in drivers/iio/industrialio-buffer.c.
 */
static void place_channels(struct iiobridge_route *route)
{
	struct iiobridge_channel *order[IIOBRIDGE_MAX_CHANNELS] = { NULL };
	size_t offset = 0, count = 0;

	for (unsigned int i = 0; i < route->info.channel_count; i++) {
		route->channels[i].offset = -1;
		if (route->info.channel_mask & UINT32_C(1) << i)
			order[count++] = &route->channels[i];
	}
	qsort(order, count, sizeof(order[0]), compare_scan_index);
	for (size_t i = 0; i < count; i++) {
		const struct iiobridge_channel_info *info = &order[i]->info;
		const size_t size =
			(size_t)info->storage_bits / 8 * (info->repeat ? info->repeat : 1);

		offset = (offset + size - 1) / size * size;
		order[i]->offset = (int)offset;
		offset += size;
	}
}

static int get_channels(struct iiobridge_board *board, const struct iiobridge_route_info *info,
			unsigned int index, struct iiobridge_route **ret)
{
	struct iiobridge_route *route =
		calloc(1, sizeof(*route) + info->channel_count * sizeof(route->channels[0]));
	int r = 0;

	if (!route)
		return fail_memory("a route");
	route->index = index;
	route->info = *info;
	for (unsigned int i = 0; i < info->channel_count && r == 0; i++)
		r = request_channel(board, index, i, &route->channels[i].info);
	if (r < 0) {
		free(route);
		return r;
	}
	place_channels(route);
	*ret = route;
	return 0;
}

int iiobridge_route_get(struct iiobridge_board *board, unsigned int index,
			struct iiobridge_route **route)
{
	struct iiobridge_route_info info;
	int r;

	r = request_route(board, index, &info);
	return r < 0 ? r : get_channels(board, &info, index, route);
}

int iiobridge_route_find(struct iiobridge_board *board, const char *name, int kind,
			 struct iiobridge_route **route)
{
	const char *direction = name ? "" : route_direction_name((unsigned int)kind);
	const char *location = board->candidate.location;
	struct iiobridge_route_info info, match;
	char names[IIOBRIDGE_MAX_ROUTES * (sizeof(info.name) + 2)] = "";
	unsigned int candidates = 0, found = 0;
	size_t used = 0;
	int r;

	for (unsigned int i = 0; i < board->info.route_count; i++) {
		r = request_route(board, i, &info);
		if (r < 0)
			return r;
		if (name && strcmp(name, info.name) == 0)
			return get_channels(board, &info, i, route);
		if (!name && info.direction != kind)
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 candidates ? ", " : "", info.name);
		candidates++;
		found = i;
		match = info;
	}
	if (!name && candidates == 1)
		return get_channels(board, &match, found, route);
	if (candidates == 0)
		return fail(IIOBRIDGE_ERROR_INVALID, "the board at %s has no %s%sroute", location,
			    direction, name ? "" : " ");
	if (name)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "the board at %s has no route \"%s\"; it has: %s", location, name,
			    names);
	return fail(IIOBRIDGE_ERROR_INVALID,
		    "the board at %s has several %s routes: choose one by its name: %s", location,
		    direction, names);
}

void iiobridge_route_free(struct iiobridge_route *route)
{
	free(route);
}

int iiobridge_route_stop(struct iiobridge_board *board, unsigned int index)
{
	return request_stop(board, index);
}

void statistics_info(const struct iiobridge_statistics *statistics,
		     struct iiobridge_statistics_info *info)
{
	*info = (struct iiobridge_statistics_info){
		.running = statistics->state == IIOBRIDGE_RUNNING,
		.estimated = statistics->estimated,
		.starts = statistics->starts,
		.blocks_filled = statistics->blocks_filled,
		.blocks_delivered = statistics->blocks_drained,
		.blocks_failed = statistics->blocks_failed,
		.bytes_delivered = statistics->bytes_drained,
		.gaps = statistics->gaps,
		.samples_lost = statistics->scans_lost,
		.records_lost = statistics->records_lost,
	};
}

int iiobridge_route_statistics(struct iiobridge_board *board, unsigned int index,
			       struct iiobridge_statistics_info *info)
{
	struct iiobridge_statistics statistics;
	int r;

	r = request_statistics(board, index, &statistics);
	if (r == 0)
		statistics_info(&statistics, info);
	return r;
}

unsigned int iiobridge_route_index(const struct iiobridge_route *route)
{
	return route->index;
}

const char *iiobridge_route_name(const struct iiobridge_route *route)
{
	return route->info.name;
}

const char *iiobridge_route_device(const struct iiobridge_route *route)
{
	return route->info.device;
}

int iiobridge_route_kind(const struct iiobridge_route *route)
{
	return route->info.direction;
}

int iiobridge_route_transfer(const struct iiobridge_route *route)
{
	return route->info.transfer;
}

bool iiobridge_route_is_running(const struct iiobridge_route *route)
{
	return route->info.state == IIOBRIDGE_RUNNING;
}

int iiobridge_route_cyclic(const struct iiobridge_route *route)
{
	return route->info.cyclic == IIOBRIDGE_CYCLIC_KERNEL ? IIOBRIDGE_REPEATER_KERNEL
							     : IIOBRIDGE_REPEATER_DAEMON;
}

int iiobridge_route_repeating(const struct iiobridge_route *route)
{
	return route->info.repeating;
}

unsigned int iiobridge_route_endpoint_in(const struct iiobridge_route *route)
{
	return route->info.endpoint_in;
}

unsigned int iiobridge_route_endpoint_out(const struct iiobridge_route *route)
{
	return route->info.endpoint_out;
}

size_t iiobridge_route_sample_size(const struct iiobridge_route *route)
{
	return route->info.bytes_per_scan;
}

uint32_t iiobridge_route_channel_mask(const struct iiobridge_route *route)
{
	return route->info.channel_mask;
}

size_t iiobridge_route_block_size(const struct iiobridge_route *route)
{
	return route->info.block_size;
}

size_t iiobridge_route_block_size_max(const struct iiobridge_route *route)
{
	return route->info.block_size_max;
}

size_t iiobridge_route_block_step(const struct iiobridge_route *route)
{
	return route->info.block_step;
}

unsigned int iiobridge_route_block_count(const struct iiobridge_route *route)
{
	return route->info.block_count;
}

double iiobridge_route_sample_rate(const struct iiobridge_route *route)
{
	return (double)route->info.sample_rate_millihertz / 1000;
}

uint64_t iiobridge_route_sample_rate_millihertz(const struct iiobridge_route *route)
{
	return route->info.sample_rate_millihertz;
}

unsigned int iiobridge_route_channel_count(const struct iiobridge_route *route)
{
	return route->info.channel_count;
}

const struct iiobridge_channel *iiobridge_route_channel(const struct iiobridge_route *route,
							unsigned int index)
{
	return index < route->info.channel_count ? &route->channels[index] : NULL;
}

const char *iiobridge_channel_id(const struct iiobridge_channel *channel)
{
	return channel->info.id;
}

unsigned int iiobridge_channel_scan_index(const struct iiobridge_channel *channel)
{
	return channel->info.index;
}

int iiobridge_channel_offset(const struct iiobridge_channel *channel)
{
	return channel->offset;
}

unsigned int iiobridge_channel_bits(const struct iiobridge_channel *channel)
{
	return channel->info.bits;
}

unsigned int iiobridge_channel_storage_bits(const struct iiobridge_channel *channel)
{
	return channel->info.storage_bits;
}

unsigned int iiobridge_channel_shift(const struct iiobridge_channel *channel)
{
	return channel->info.shift;
}

unsigned int iiobridge_channel_repeat(const struct iiobridge_channel *channel)
{
	return channel->info.repeat ? channel->info.repeat : 1;
}

bool iiobridge_channel_is_signed(const struct iiobridge_channel *channel)
{
	return channel->info.is_signed;
}

bool iiobridge_channel_is_big_endian(const struct iiobridge_channel *channel)
{
	return channel->info.big_endian;
}
