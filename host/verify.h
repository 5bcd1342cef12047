/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify.h - check the counter pattern of counter.h, to the sample, and what the board says
 *
 * The counter goes on while samples are lost, so a loss of n samples is a jump of n + 1. It shows
 * where and how many samples are missing; the records of the board say so independently. The two
 * must agree to the sample. Where records are missing, or lengths are estimated, only totals can be
 * compared.
 */
#ifndef HOST_VERIFY_H
#define HOST_VERIFY_H

#include "files/gaps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct iiobridge_route;

/** struct verify - the check of one capture; opaque */
struct verify;

/**
 * struct verify_result - what was found so far
 * @samples: samples that were checked
 * @wrong: samples whose counter repeats or goes backward, or whose complement disagrees
 * @jumps: how often the counter went forward by more than 1
 * @missing: samples that are missing in @jumps
 * @fault: whether the next three hold the first wrong sample or jump
 * @fault_sample: number of that sample in the capture, 0-based
 * @fault_expected: counter that was expected there
 * @fault_found: counter that was found there
 */
struct verify_result {
	uint64_t samples;
	uint64_t wrong;
	uint64_t jumps;
	uint64_t missing;
	bool fault;
	uint64_t fault_sample;
	uint32_t fault_expected;
	uint32_t fault_found;
};

/**
 * verify_new() - prepare the check for samples of a route
 * @route: the route as it runs; must have channels 0 and 1
 * @failure: gets the reason of an error
 * @verify: gets the check; to be given to verify_free()
 *
 * Return: 0; -EINVAL: the pattern cannot be checked in such samples; -ENOMEM.
 */
int verify_new(const struct iiobridge_route *route, struct failure *failure,
	       struct verify **verify);

/**
 * verify_free() - release a check
 * @verify: from verify_new(), or NULL
 */
void verify_free(struct verify *verify);

/**
 * verify_samples() - check the next samples
 * @verify: the check
 * @data: whole samples, in order, without alignment
 * @size: bytes in @data, a multiple of the sample's size
 */
void verify_samples(struct verify *verify, const uint8_t *data, size_t size);

/**
 * verify_restart() - the counter begins again: what comes is of another run of the route
 * @verify: the check
 * @told: samples up to which the board has told of its losses in the run that ended; jumps from
 *there on are forgotten, as it cannot tell of them any more
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
 * struct verify_losses - what the board's statistics say at the end
 * @known: whether the board has told the next two; one that went away has not
 * @gaps: gaps
 * @samples_lost: lost samples
 * @estimated: lengths of gaps are estimates, in the records, too
 */
struct verify_losses {
	bool known;
	uint64_t gaps;
	uint64_t samples_lost;
	bool estimated;
};

/**
 * struct verify_end - the outcome
 * @good: nothing is wrong, and no sample is missing that the board did not tell of
 * @compared: what the records were found to be, and what could be compared
 * @reason: a sentence when not @good
 */
struct verify_end {
	bool good;
	char compared[128];
	char reason[256];
};

/**
 * verify_compare() - compare what the counter shows with what the board says
 * @verify: the finished check
 * @records: what the records say, all that came
 * @losses: the statistics
 * @end: gets the outcome
 *
 * The board may have lost more than the capture shows, after its last sample, but not less. It may
 * see two losses that are close together as one gap; so where lengths are exact their sum decides,
 * and where they are estimates the number of gaps. Of a board that went away the records speak
 * alone, as far as they came.
 */
void verify_compare(const struct verify *verify, const struct losses *records,
		    const struct verify_losses *losses, struct verify_end *end);

#endif
