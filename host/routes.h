/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * routes.h - which route of a board is meant, and what its channels are
 */
#ifndef HOST_ROUTES_H
#define HOST_ROUTES_H

#include <iiobridge/protocol.h>

struct device;

/**
 * routes_find() - find a route by its name
 * @device: the board
 * @name: name of the route; NULL for the only one of a direction
 * @direction: the direction, when @name is NULL
 * @route: gets the route
 *
 * Return: number of the route, or negative errno as in device.h; -EINVAL: there is none, or
 * several, and the sentence names them.
 */
int routes_find(struct device *device, const char *name, enum iiobridge_direction direction,
		struct iiobridge_route_info *route);

/**
 * routes_get_channels() - ask about all channels of a route
 * @device: the board
 * @index: number of the route
 * @route: the route
 * @channels: gets the channels
 *
 * Return: 0 or negative errno as in device.h.
 */
int routes_get_channels(struct device *device, unsigned int index,
			const struct iiobridge_route_info *route,
			struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS]);

#endif
