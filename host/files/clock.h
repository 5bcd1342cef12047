/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - the time that limits, intervals and rates are measured in
 */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NS_PER_SECOND UINT64_C(1000000000)
#define CLOCK_NS_PER_MS	    UINT64_C(1000000)

/** clock_now_ns() - nanoseconds since a moment that is the same for the whole program */
static inline uint64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * CLOCK_NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/** clock_timespec() - such a moment, for functions that wait until then */
static inline struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / CLOCK_NS_PER_SECOND),
				  (long)(ns % CLOCK_NS_PER_SECOND) };
}

#endif
