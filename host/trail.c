// SPDX-License-Identifier: GPL-2.0-or-later
#include "trail.h"

#include "failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define GAP_FLAGS (IIOBRIDGE_RECORD_GAP | IIOBRIDGE_RECORD_LATE)

struct trail {
	struct trail_setup setup;
	uint64_t next_sequence;
	uint64_t next_scan; /* on the converter's clock */
	uint64_t place;	    /* scans in the data so far */
	uint64_t records_missing;
	bool ended;
	struct iiobridge_record first; /* of block 0, when @has_first */
	bool has_first;
	struct gaps gaps;
};

struct trail *trail_new(const struct trail_setup *setup)
{
	struct trail *trail = calloc(1, sizeof(*trail));

	if (trail)
		trail->setup = *setup;
	return trail;
}

void trail_begin(struct trail *trail, const struct trail_setup *setup, uint64_t place)
{
	trail->setup = *setup;
	trail->next_sequence = 0;
	trail->next_scan = 0;
	trail->place = place;
	trail->ended = false;
	trail->has_first = false;
	gaps_forget(&trail->gaps, place);
}

void trail_free(struct trail *trail)
{
	if (!trail)
		return;
	gaps_clear(&trail->gaps);
	free(trail);
}

static int check_block(const struct trail *trail, const struct iiobridge_record *record,
		       struct failure *failure)
{
	const struct trail_setup *setup = &trail->setup;

	if (record->flags & IIOBRIDGE_RECORD_END)
		return 0;
	if (record->bytes > 0 && record->bytes <= setup->block_size &&
	    record->bytes % setup->bytes_per_scan == 0)
		return 0;
	return failure_set(failure, -EPROTO,
			   "the record of block %" PRIu64 " of route %s tells of %u bytes; it must "
			   "be whole scans of %u bytes, and at most %u",
			   record->sequence, setup->route, record->bytes, setup->bytes_per_scan,
			   setup->block_size);
}

static int check_order(const struct trail *trail, const struct iiobridge_record *record,
		       struct failure *failure)
{
	const char *route = trail->setup.route;

	if (trail->ended)
		return failure_set(failure, -EPROTO,
				   "a record of block %" PRIu64 " of route %s came after that of "
				   "the end",
				   record->sequence, route);
	if (record->sequence < trail->next_sequence)
		return failure_set(failure, -EPROTO,
				   "the records of route %s go back: block %" PRIu64
				   ", when %" PRIu64 " was next",
				   route, record->sequence, trail->next_sequence);
	if (record->first_scan < trail->next_scan)
		return failure_set(failure, -EPROTO,
				   "the records of route %s go back: block %" PRIu64
				   " begins with sample %" PRIu64 ", when %" PRIu64 " was next",
				   route, record->sequence, record->first_scan, trail->next_scan);
	return 0;
}

/* What stands between the last record and this one; numbers from the bus may be of any size. */
static int make_step(const struct trail *trail, const struct iiobridge_record *record,
		     struct trail_step *step, struct failure *failure)
{
	const uint32_t block_scans = trail->setup.block_size / trail->setup.bytes_per_scan;
	const uint64_t span = record->first_scan - trail->next_scan;
	uint64_t delivered, end;

	*step = (struct trail_step){
		.record = *record,
		.records_missing = record->sequence - trail->next_sequence,
	};
	if (__builtin_mul_overflow(step->records_missing, block_scans, &delivered) ||
	    __builtin_add_overflow(trail->place, delivered, &end) ||
	    __builtin_add_overflow(end, block_scans, &end) ||
	    __builtin_add_overflow(record->first_scan, block_scans, &end))
		return failure_set(failure, -EPROTO,
				   "the records of route %s jump to block %" PRIu64
				   ", sample %" PRIu64 ": no converter is that fast",
				   trail->setup.route, record->sequence, record->first_scan);
	step->scans_missing = delivered < span ? delivered : span;
	step->scans_lost = span - step->scans_missing;
	if (step->scans_lost && !step->records_missing && !(record->flags & GAP_FLAGS))
		return failure_set(failure, -EPROTO,
				   "the records of route %s go from sample %" PRIu64 " to %" PRIu64
				   " without a gap between",
				   trail->setup.route, trail->next_scan, record->first_scan);
	return 0;
}

static void follow(struct trail *trail, const struct trail_step *step)
{
	const struct iiobridge_record *record = &step->record;
	const uint32_t scan = trail->setup.bytes_per_scan;

	trail->records_missing += step->records_missing;
	trail->place += step->scans_missing;
	if (step->scans_lost || record->flags & GAP_FLAGS)
		gaps_add(&trail->gaps, trail->place, step->scans_lost);
	trail->ended = record->flags & IIOBRIDGE_RECORD_END;
	if (trail->ended)
		return;
	if (record->sequence == 0) {
		trail->first = *record;
		trail->has_first = true;
	}
	trail->place += record->bytes / scan;
	trail->next_scan = record->first_scan + record->bytes / scan;
	trail->next_sequence = record->sequence + 1;
}

int trail_take(struct trail *trail, const struct iiobridge_record *record, struct failure *failure)
{
	const int32_t age = (int32_t)(trail->setup.run - record->run);
	struct trail_step step;
	int r;

	if (age > 0)
		return 0;
	if (age < 0)
		return failure_set(failure, -EPROTO,
				   "somebody else has started route %s meanwhile: a record is of "
				   "run %u, and this is run %u",
				   trail->setup.route, record->run, trail->setup.run);
	r = check_order(trail, record, failure);
	if (r == 0)
		r = check_block(trail, record, failure);
	if (r == 0)
		r = make_step(trail, record, &step, failure);
	if (r)
		return r;
	follow(trail, &step);
	return trail->setup.observer ? trail->setup.observer(trail->setup.context, &step) : 0;
}

bool trail_ended(const struct trail *trail)
{
	return trail->ended;
}

uint32_t trail_run(const struct trail *trail)
{
	return trail->setup.run;
}

uint64_t trail_records_missing(const struct trail *trail)
{
	return trail->records_missing;
}

uint64_t trail_scans(const struct trail *trail)
{
	return trail->place;
}

const struct iiobridge_record *trail_first(const struct trail *trail)
{
	return trail->has_first ? &trail->first : NULL;
}

const struct gaps *trail_gaps(const struct trail *trail)
{
	return &trail->gaps;
}
