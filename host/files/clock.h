/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - the time that limits, intervals and rates are measured in
 */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdint.h>

#define CLOCK_NS_PER_SECOND UINT64_C(1000000000)
#define CLOCK_NS_PER_MS	    UINT64_C(1000000)

/**
 * clock_now_ns() - time that only goes forward
 *
 * Return: nanoseconds since a moment that is the same for the whole program.
 */
uint64_t clock_now_ns(void);

#endif
