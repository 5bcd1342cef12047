/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IIOBRIDGE_CLOCK_H
#define IIOBRIDGE_CLOCK_H

#include <stdint.h>

/**
 * clock_now_ns() - the time of struct completion
 *
 * Return: CLOCK_MONOTONIC in nanoseconds, the clock of the kernel's fences.
 */
uint64_t clock_now_ns(void);

#endif
