// SPDX-License-Identifier: GPL-2.0-or-later
#include "tally.h"

void tally_begin(struct tally *tally, uint32_t bytes_per_scan)
{
	tally->statistics = (struct iiobridge_statistics){ .starts = tally->statistics.starts };
	tally->bytes_per_scan = bytes_per_scan;
	tally->next_scan = 0;
}

static void count_gap(struct tally *tally, const struct completion *completion)
{
	tally->statistics.gaps += completion->gap;
	tally->statistics.scans_lost += completion->scans_lost;
}

void tally_filled(struct tally *tally, unsigned int index, const struct completion *completion)
{
	count_gap(tally, completion);
	tally->statistics.blocks_filled++;
	tally->fillings[index].time_ns = completion->time_ns;
	tally->fillings[index].scans_lost = completion->scans_lost;
	tally->fillings[index].gap = completion->gap;
}

/* What blocks and the end of a run have in common. */
static struct iiobridge_record next_record(const struct tally *tally, int flags)
{
	return (struct iiobridge_record){
		.flags = (uint8_t)flags,
		.run = (uint32_t)tally->statistics.starts,
		.sequence = tally->statistics.blocks_drained,
		.first_scan = tally->next_scan,
	};
}

void tally_drained(struct tally *tally, unsigned int index, const struct completion *completion,
		   uint32_t bytes, struct iiobridge_record *record)
{
	*record = next_record(tally, (tally->fillings[index].gap ? IIOBRIDGE_RECORD_GAP : 0) |
					     (completion->gap ? IIOBRIDGE_RECORD_LATE : 0));
	record->first_scan += tally->fillings[index].scans_lost + completion->scans_lost;
	record->filled_ns = tally->fillings[index].time_ns;
	record->drained_ns = completion->time_ns;
	record->bytes = bytes;

	count_gap(tally, completion);
	tally->statistics.blocks_drained++;
	tally->statistics.bytes_drained += bytes;
	tally->next_scan = record->first_scan + bytes / tally->bytes_per_scan;
}

void tally_end(const struct tally *tally, struct iiobridge_record *record)
{
	*record = next_record(tally, IIOBRIDGE_RECORD_END);
}
