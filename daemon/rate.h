/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: how fast a count grows now
 *
 * Two looks at the count, of which the older one is between one and two seconds old, if somebody
 * looks at least once a second.
 */
#ifndef IIOBRIDGE_RATE_H
#define IIOBRIDGE_RATE_H

#include <stdint.h>

#define RATE_WINDOW_US 1000000

/**
 * struct rate - looks at a count
 * @run: what is counted; another number begins afresh
 * @older: the look that the rate is taken from
 * @newer: the one that follows
 */
struct rate {
	uint64_t run;
	struct {
		uint64_t count, time_us;
	} older, newer;
};

/**
 * rate_look() - note a count
 * @rate: all 0 at first
 * @run: number of the run that the count is of; each begins at 0
 * @count: now
 * @now_us: CLOCK_MONOTONIC, microseconds
 *
 * Return: growth per second; 0 at the first look at a run.
 */
uint64_t rate_look(struct rate *rate, uint64_t run, uint64_t count, uint64_t now_us);

#endif
