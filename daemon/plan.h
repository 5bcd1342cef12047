/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what a start of a route comes to
 *
 * The configuration and the host's parameters, judged against what the converters have.
 */
#ifndef IIOBRIDGE_PLAN_H
#define IIOBRIDGE_PLAN_H

#include "converter.h"
#include "iiobridge/config.h"
#include "iiobridge/protocol.h"

/**
 * struct plan - what a run uses
 * @channel_mask: channels of a scan, 0 where no converter is involved
 * @bytes_per_scan: bytes, 1 where no converter is involved
 * @block_size: bytes
 * @cyclic: the kernel is to be asked to repeat a waveform
 */
struct plan {
	uint32_t channel_mask;
	uint32_t bytes_per_scan;
	uint32_t block_size;
	bool cyclic;
};

/**
 * plan_make() - find out what a start would use
 * @plan: receives it
 * @config: of the route
 * @parameters: of the host
 * @from: converter that fills, NULL when it is the host
 * @to: converter that drains, NULL when it is the host
 *
 * With two converters both use the same channels, and their scans must be of one size.
 *
 * Return: 0 or -EINVAL, logged: what was asked for cannot be.
 */
int plan_make(struct plan *plan, const struct route_config *config,
	      const struct iiobridge_parameters *parameters, struct converter *from,
	      struct converter *to);

#endif
