// SPDX-License-Identifier: GPL-2.0-or-later
#include "verdict.h"

#include "trail.h"
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void tell_fault(const struct verify_result *result, struct verdict *verdict)
{
	snprintf(verdict->reason, sizeof(verdict->reason),
		 "the counter is wrong, or has jumps that the board did not report: first at "
		 "sample %" PRIu64 ", expected %" PRIu32 ", found %" PRIu32,
		 result->fault_scan, result->fault_expected, result->fault_found);
}

static void tell_difference(const struct gap *jump, const struct gap *gap, struct verdict *verdict)
{
	snprintf(verdict->reason, sizeof(verdict->reason),
		 "the records do not agree with the counter: before sample %" PRIu64
		 " they tell of %" PRIu64 " lost samples, and the counter of %" PRIu64,
		 gap->at, gap->lost, jump->lost);
}

/*
 * As far as there are records: the last block may have arrived in part, and then has none. The
 * totals speak for what is in that part.
 */
static void compare_places(const struct verify *verify, const struct trail *trail,
			   struct verdict *verdict)
{
	const uint64_t scans = verify_result(verify)->scans, told = trail_scans(trail);
	const uint64_t end = told < scans ? told : scans;
	const size_t count = gaps_before(trail_gaps(trail), end);
	struct gap jump, gap;

	switch (gaps_compare(verify_jumps(verify), trail_gaps(trail), end, &jump, &gap)) {
	case GAPS_EQUAL:
		if (count == 1)
			snprintf(verdict->compared, sizeof(verdict->compared),
				 "1 gap, at its sample");
		else
			snprintf(verdict->compared, sizeof(verdict->compared), "%zu gaps%s", count,
				 count ? ", all at their samples" : "");
		break;
	case GAPS_EQUAL_SO_FAR:
		snprintf(verdict->compared, sizeof(verdict->compared),
			 "%zu gaps at their samples, and then too many to compare", count);
		break;
	case GAPS_DIFFER:
		snprintf(verdict->compared, sizeof(verdict->compared),
			 "they do not agree with the counter");
		tell_difference(&jump, &gap, verdict);
		verdict->good = false;
		break;
	}
}

static void tell_reach(struct verdict *verdict)
{
	size_t length = strlen(verdict->compared);

	snprintf(verdict->compared + length, sizeof(verdict->compared) - length,
		 "; they have no end");
}

void verdict_find(const struct verify *verify, const struct trail *trail,
		  const struct verdict_losses *losses, struct verdict *verdict)
{
	const struct verify_result *result = verify_result(verify);

	*verdict = (struct verdict){
		.good = losses->known ? verify_explained(result, losses->gaps, losses->scans_lost,
							 losses->estimated)
				      : !result->wrong,
	};
	if (!verdict->good)
		tell_fault(result, verdict);

	if (losses->known && !trail_ended(trail))
		snprintf(verdict->compared, sizeof(verdict->compared),
			 "without an end, only totals compared");
	else if (trail_records_missing(trail))
		snprintf(verdict->compared, sizeof(verdict->compared),
			 "%" PRIu64 " of them lost, %s", trail_records_missing(trail),
			 losses->known ? "only totals compared" : "nothing compared");
	else if (losses->estimated)
		snprintf(verdict->compared, sizeof(verdict->compared), "lengths are estimates, %s",
			 losses->known ? "only numbers of gaps compared" : "nothing compared");
	else
		compare_places(verify, trail, verdict);
	if (!losses->known && !trail_ended(trail))
		tell_reach(verdict);
}
