/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IIOBRIDGE_PROCESS_H
#define IIOBRIDGE_PROCESS_H

#include "config/config.h"

/**
 * process_apply() - let the kernel's scheduler treat this process as configured
 * @config: what is not set in it becomes as it was when the process started
 *
 * At any time; blocks in flight are not concerned. Without privileges the priority is limited by
 * RLIMIT_RTPRIO, see sched(7).
 *
 * Return: 0 or a negative errno, logged; then a part may be in force.
 */
int process_apply(const struct process_config *config);

#endif
