/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_board.h - a board and its routes as JSON
 *
 * What is told of a board in a list is a part of what is told of it alone, under the same names.
 */
#ifndef HOST_REPORT_BOARD_H
#define HOST_REPORT_BOARD_H

#include <iiobridge/protocol.h>

#include <jansson.h>

struct device;

/**
 * report_board() - what a board is
 * @device: the board
 * @routes: an array, which becomes a part of it; NULL when there was no memory
 *
 * Return: an object, or NULL when there is no memory.
 */
json_t *report_board(const struct device *device, json_t *routes);

/**
 * report_route_briefly() - name and direction of a route
 * @route: the route
 *
 * Return: an object, or NULL when there is no memory.
 */
json_t *report_route_briefly(const struct iiobridge_route_info *route);

/**
 * report_route() - all that a board says of a route
 * @route: the route
 * @channels: its channels
 * @statistics: its statistics
 *
 * Return: an object, or NULL when there is no memory.
 */
json_t *report_route(const struct iiobridge_route_info *route,
		     const struct iiobridge_channel_info *channels,
		     const struct iiobridge_statistics *statistics);

/**
 * report_last_error() - what went wrong last on a board, or null
 * @error: the board's answer
 *
 * Return: an object or null, or NULL when there is no memory.
 */
json_t *report_last_error(const struct iiobridge_error *error);

#endif
