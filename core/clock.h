/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IIOBRIDGE_CLOCK_H
#define IIOBRIDGE_CLOCK_H

#include <stdint.h>
#include <time.h>

/**
 * clock_now_ns() - the time of struct completion
 *
 * Return: CLOCK_MONOTONIC in nanoseconds, the clock of the kernel's fences.
 */
uint64_t clock_now_ns(void);

/**
 * clock_timespec() - a time, or how long something takes, as system calls have it
 * @ns: nanoseconds
 */
struct timespec clock_timespec(uint64_t ns);

/**
 * clock_nap() - wait, and let others run
 * @ns: nanoseconds, less than a second; in the event loop a few milliseconds at most
 */
void clock_nap(uint32_t ns);

#endif
