/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure.h - run a route for some time, and see how fast it is and what it costs
 */
#ifndef HOST_MEASURE_H
#define HOST_MEASURE_H

#include "bench.h"
#include "session.h"

#include <stdint.h>

struct device;

/**
 * measure_route() - run a route with blocks of one size
 * @device: the board
 * @direction: direction of the route
 * @settings: what to run; observer and observer_context are not used
 * @window_ns: how long to measure, when samples move
 * @point: gets what was found; its block size is that of @settings
 *
 * What is played is silence: the value 0 in all channels. What is captured is thrown away.
 *
 * Return: 0, also when the board refuses such blocks, which @point tells; -EINTR: a signal came;
 * -ETIMEDOUT: nothing moves; or negative errno as in device.h.
 */
int measure_route(struct device *device, enum iiobridge_direction direction,
		  const struct session_settings *settings, uint64_t window_ns,
		  struct bench_point *point);

#endif
