// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#define NS_PER_SECOND 1000000000u

uint64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_SECOND),
		.tv_nsec = (long)(ns % NS_PER_SECOND),
	};
}

void clock_nap(uint32_t ns)
{
	const struct timespec nap = clock_timespec(ns);

	nanosleep(&nap, NULL);
}
