/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_route.h - routes without a board, for tests of what looks at a route
 *
 * What a board would answer is made up; the library makes a route of it. To be included by one file
 * of a program that is linked with --wrap of the two requests, and before cmocka.h.
 */
#ifndef TEST_HOST_ROUTE_H
#define TEST_HOST_ROUTE_H

#include "library/internal.h"

static const struct iiobridge_route_info *route_told;
static const struct iiobridge_channel_info *route_channels_told;

__typeof__(request_route) __wrap_request_route;
__typeof__(request_channel) __wrap_request_channel;

int __wrap_request_route(struct iiobridge_board *board, unsigned int route,
			 struct iiobridge_route_info *info)
{
	(void)board;
	(void)route;
	*info = *route_told;
	return 0;
}

int __wrap_request_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
			   struct iiobridge_channel_info *info)
{
	(void)board;
	(void)route;
	*info = route_channels_told[channel];
	return 0;
}

/* A route that is described so, with its channels; to be given to iiobridge_route_free(). */
static inline struct iiobridge_route *route_new(const struct iiobridge_route_info *info,
						const struct iiobridge_channel_info *channels)
{
	struct iiobridge_route *route;

	route_told = info;
	route_channels_told = channels;
	return iiobridge_route_get(NULL, 0, &route) == 0 ? route : NULL;
}

/* A route of which nothing matters but its samples. */
static inline struct iiobridge_route *route_with(const struct iiobridge_channel_info *channels,
						 unsigned int count, uint32_t mask,
						 uint32_t sample_size)
{
	const struct iiobridge_route_info info = {
		.channel_count = (uint8_t)count,
		.channel_mask = mask,
		.bytes_per_scan = sample_size,
		.name = "rx",
	};

	return route_new(&info, channels);
}

#endif
