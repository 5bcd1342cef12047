/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify.h - check the counter pattern of counter.h, to the sample
 *
 * The counter goes on while samples are lost, so a loss of n scans is a jump of n + 1.
 */
#ifndef HOST_VERIFY_H
#define HOST_VERIFY_H

#include "files/gaps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct iiobridge_channel_info;

/** struct verify - the check of one capture; opaque */
struct verify;

/**
 * struct verify_result - what was found so far
 * @scans: scans that were checked
 * @wrong: scans whose counter repeats or goes backward, or whose complement disagrees
 * @jumps: how often the counter went forward by more than 1
 * @missing: scans that are missing in @jumps
 * @fault: whether the next three hold the first wrong scan or jump
 * @fault_scan: number of that scan in the capture, 0-based
 * @fault_expected: counter that was expected there
 * @fault_found: counter that was found there
 */
struct verify_result {
	uint64_t scans;
	uint64_t wrong;
	uint64_t jumps;
	uint64_t missing;
	bool fault;
	uint64_t fault_scan;
	uint32_t fault_expected;
	uint32_t fault_found;
};

/**
 * verify_new() - prepare the check for scans of a layout
 * @channels: the IIO device's channels, in the order of the mask's bits
 * @count: number of @channels
 * @mask: channels that a scan holds; must have channels 0 and 1
 * @bytes_per_scan: size of a scan
 * @failure: gets the reason of -EINVAL
 * @verify: gets the check; to be given to verify_free()
 *
 * Return: 0; -EINVAL: the pattern cannot be checked in such scans; -ENOMEM.
 */
int verify_new(const struct iiobridge_channel_info *channels, unsigned int count, uint32_t mask,
	       uint32_t bytes_per_scan, struct failure *failure, struct verify **verify);

/**
 * verify_free() - release a check
 * @verify: from verify_new(), or NULL
 */
void verify_free(struct verify *verify);

/**
 * verify_scans() - check the next scans
 * @verify: the check
 * @data: whole scans, in order, without alignment
 * @size: bytes in @data, a multiple of the scan's size
 */
void verify_scans(struct verify *verify, const uint8_t *data, size_t size);

/**
 * verify_restart() - the counter begins again: what comes is of another run of the route
 * @verify: the check
 * @told: scans up to which the board has told of its losses in the run that ended; jumps from there
 *	on are forgotten, as it cannot tell of them any more
 */
void verify_restart(struct verify *verify, uint64_t told);

/**
 * verify_result() - what was found so far
 * @verify: the check
 *
 * Return: valid until verify_free().
 */
const struct verify_result *verify_result(const struct verify *verify);

/**
 * verify_jumps() - where the counter went forward by more than 1
 * @verify: the check
 *
 * Return: the list, valid until verify_free().
 */
const struct gaps *verify_jumps(const struct verify *verify);

/**
 * verify_explained() - whether the loss that a board reported explains what was found
 * @result: what was found
 * @gaps: gaps that the board reported
 * @scans_lost: lost scans that the board reported
 * @estimated: @scans_lost is an estimate, so that only @gaps can be compared; else @scans_lost
 *	decides, as the board may see two losses that are close together as one gap
 *
 * The board may have lost more than the capture shows, after its last scan, but not less.
 *
 * Return: true when nothing is wrong and no jump is unexplained.
 */
bool verify_explained(const struct verify_result *result, uint64_t gaps, uint64_t scans_lost,
		      bool estimated);

#endif
