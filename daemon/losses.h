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
#include "iiobridge/port.h"

/**
 * struct losses - how far the search for gaps is
 * @counter: file of the device's own count, -1 when it has none
 * @counted: the count when it was last read
 * @rate_millihertz: scans per 1000 seconds, 0 when it is not known
 * @bytes_per_scan: bytes
 */
struct losses {
	int counter;
	uint64_t counted;
	uint64_t rate_millihertz;
	uint32_t bytes_per_scan;
};

/**
 * losses_open() - begin to look for gaps
 * @losses: closed; @rate_millihertz and @bytes_per_scan are set
 * @converter: the device
 * @attribute: name of the attribute that counts, "" when there is none
 *
 * Return: 0 or a negative errno, logged.
 */
int losses_open(struct losses *losses, struct converter *converter, const char *attribute);

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
 * Return: 0 or a negative errno, not logged.
 */
int losses_count(struct losses *losses, uint64_t *scans);

/**
 * losses_estimate() - find the gap before a block, of a device that does not count
 * @losses: open
 * @completion: of the block, with its times; receives the gap
 * @last_ns: completion of the block before, 0 for the first
 * @length: bytes in the block
 *
 * The device had no block from the last completion to the submission of this one, if that came
 * later; what is missing is what the clock says between the last completion and the beginning of
 * this block.
 */
void losses_estimate(const struct losses *losses, struct completion *completion, uint64_t last_ns,
		     uint32_t length);

#endif
