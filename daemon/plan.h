/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what a start of a route comes to
 *
 * The configuration and the host's parameters, judged against what the converters have and what the
 * devices of both ends can do with a block.
 */
#ifndef IIOBRIDGE_PLAN_H
#define IIOBRIDGE_PLAN_H

#include "config/config.h"
#include "core/port.h"
#include "iio/converter.h"
#include "iiobridge/protocol.h"

/**
 * struct plan_end - an end of a route, as far as the plan depends on it
 * @converter: NULL when it is the host
 * @port: with the limits of its device
 * @copies: it copies in any case, and its limits for DMABUFs do not matter
 */
struct plan_end {
	const struct converter *converter;
	const struct port *port;
	bool copies;
};

/**
 * struct plan - what a run uses
 * @channel_mask: channels of a scan, 0 where no converter is involved
 * @bytes_per_scan: bytes, 1 where no converter is involved
 * @block_size: bytes
 * @block_size_max: largest that a host could ask for, bytes
 * @block_step: what a block is a multiple of, bytes
 * @limited_by: port whose device takes no larger blocks than @block_size_max; NULL: they are as
 *	configured, but for @block_step
 * @from_copies: the end that fills has to copy
 * @to_copies: the end that drains has to copy
 * @cyclic: the kernel is to be asked to repeat a waveform
 * @latency_us: how long a sample may wait for a block to be full; 0: for ever
 * @heap: that blocks are from, as for blocks_alloc(); stays the configuration's
 * @prompt_records: the host waits for the record of each block
 */
struct plan {
	uint32_t channel_mask;
	uint32_t bytes_per_scan;
	uint32_t block_size;
	uint32_t block_size_max;
	uint32_t block_step;
	const struct port *limited_by;
	bool from_copies;
	bool to_copies;
	bool cyclic;
	uint32_t latency_us;
	const char *heap;
	bool prompt_records;
};

/**
 * plan_make() - find out what a start would use
 * @plan: receives it
 * @config: of the route
 * @parameters: of the host
 * @from: what fills
 * @to: what drains
 * @error: receives the reason of a failure
 *
 * With two converters both use the same channels, and their scans must be of one size.
 *
 * Return: 0 or -EINVAL: what was asked for cannot be.
 */
int plan_make(struct plan *plan, const struct route_config *config,
	      const struct iiobridge_parameters *parameters, const struct plan_end *from,
	      const struct plan_end *to, struct error *error);

#endif
