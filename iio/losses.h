/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what a converter lost
 *
 * A converter goes on when it has no block. How many scans it lost, or missed, in such a gap is
 * either counted by the device, in an attribute that the configuration names, or computed from the
 * times of completions and the sample rate.
 */
#ifndef IIOBRIDGE_LOSSES_H
#define IIOBRIDGE_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "converter.h"
#include "core/port.h"

/**
 * struct losses - how far the search for gaps is
 * @counter: file of the device's own count, -1 when it has none
 * @counted: the count when it was last read
 * @fresh: the device was enabled since then
 * @rate_millihertz: scans per 1000 seconds, 0 when it is not known
 * @bytes_per_scan: bytes
 * @ended_ns: when the device has ended the last block, at the latest; 0 before the first
 */
struct losses {
	int counter;
	uint64_t counted;
	bool fresh;
	uint64_t rate_millihertz;
	uint32_t bytes_per_scan;
	uint64_t ended_ns;
};

/**
 * losses_open() - begin to look for gaps
 * @losses: closed; @rate_millihertz and @bytes_per_scan are set
 * @converter: the device
 * @attribute: name of the attribute that counts, "" when there is none
 * @error: receives the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int losses_open(struct losses *losses, const struct converter *converter, const char *attribute,
		struct error *error);

/**
 * losses_close() - let go of the device
 * @losses: open or closed
 */
void losses_close(struct losses *losses);

/**
 * losses_are_counted() - whether the device counts them itself
 * @losses: open
 */
bool losses_are_counted(const struct losses *losses);

/**
 * losses_count() - read how much was lost since the last reading
 * @losses: open, of a device that counts
 * @scans: receives the number
 *
 * A gap ends when a block is submitted, so a reading right after each submission gives each gap its
 * own length; completions are not enough: the losses of a gap show before its interrupt.
 *
 * A count that is smaller than before has gone past the end of 32 bits, where that means a loss of
 * less than half of their range, or has begun anew; the first of a run has begun anew, as some
 * drivers' counts do when the device is enabled.
 *
 * Return: 0 or a negative errno, not logged.
 */
int losses_count(struct losses *losses, uint64_t *scans);

/**
 * losses_estimate() - find the gap before a block, of a device that does not count
 * @losses: open
 * @completion: of the block, with its times; the gap is added to what it has
 * @length: bytes in the block
 *
 * The device had no block when this one was submitted after the end of the last. Completions tell
 * of an end late, by as much as interrupts are late, and several ends at once on a busy board. But
 * the device cannot have ended later than a block's time after the end before, so the end is known
 * as well as the best completion before it. That the rate is right to 1 percent is taken for
 * granted.
 */
void losses_estimate(struct losses *losses, struct completion *completion, uint32_t length);

#endif
