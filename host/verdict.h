/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict.h - whether a board told the truth about a capture
 *
 * The counter in the samples shows where and how many samples are missing; the records of the board
 * say so independently. The two must agree to the sample. Where records are missing, or lengths are
 * estimates, only totals can be compared.
 */
#ifndef HOST_VERDICT_H
#define HOST_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

struct trail;
struct verify;

/**
 * struct verdict_losses - what the board's statistics say at the end
 * @known: whether the board has told the next two; one that went away has not
 * @gaps: gaps
 * @scans_lost: lost scans
 * @estimated: lengths of gaps are estimates, in the records, too
 */
struct verdict_losses {
	bool known;
	uint64_t gaps;
	uint64_t scans_lost;
	bool estimated;
};

/**
 * struct verdict - the outcome
 * @good: nothing is wrong, and no sample is missing that the board did not tell of
 * @compared: what the records were found to be, and what could be compared
 * @reason: a sentence when not @good
 */
struct verdict {
	bool good;
	char compared[128];
	char reason[256];
};

/**
 * verdict_find() - compare what the counter shows with what the board says
 * @verify: the finished check of the counter
 * @trail: the records, all that came
 * @losses: the statistics
 * @verdict: gets the outcome
 *
 * The board may have lost more than the capture shows, after its last scan, but not less. Of one
 * that went away the records speak alone, as far as they came.
 */
void verdict_find(const struct verify *verify, const struct trail *trail,
		  const struct verdict_losses *losses, struct verdict *verdict);

#endif
