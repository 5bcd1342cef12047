// SPDX-License-Identifier: GPL-2.0-or-later
#include "statistics.h"

void run_statistics_begin(struct run_statistics *run, uint32_t bytes_per_scan)
{
	run->counts = (struct iiobridge_statistics){ .starts = run->counts.starts };
	run->bytes_per_scan = bytes_per_scan;
	run->next_scan = 0;
}

static void count_gap(struct run_statistics *run, const struct completion *completion)
{
	run->counts.gaps += completion->gap;
	run->counts.scans_lost += completion->scans_lost;
}

void run_statistics_filled(struct run_statistics *run, unsigned int index,
			   const struct completion *completion)
{
	count_gap(run, completion);
	run->counts.blocks_filled++;
	run->fillings[index].time_ns = completion->time_ns;
	run->fillings[index].scans_lost = completion->scans_lost;
	run->fillings[index].gap = completion->gap;
}

/* What blocks and the end of a run have in common. */
static struct iiobridge_record next_record(const struct run_statistics *run, int flags)
{
	return (struct iiobridge_record){
		.flags = (uint8_t)flags,
		.run = (uint32_t)run->counts.starts,
		.sequence = run->counts.blocks_drained,
		.first_scan = run->next_scan,
	};
}

void run_statistics_drained(struct run_statistics *run, unsigned int index,
			    const struct completion *completion, uint32_t bytes,
			    struct iiobridge_record *record)
{
	*record = next_record(run, (run->fillings[index].gap ? IIOBRIDGE_RECORD_GAP : 0) |
					   (completion->gap ? IIOBRIDGE_RECORD_LATE : 0));
	record->first_scan += run->fillings[index].scans_lost + completion->scans_lost;
	record->filled_ns = run->fillings[index].time_ns;
	record->drained_ns = completion->time_ns;
	record->bytes = bytes;

	count_gap(run, completion);
	run->counts.blocks_drained++;
	run->counts.bytes_drained += bytes;
	run->next_scan = record->first_scan + bytes / run->bytes_per_scan;
}

void run_statistics_end(const struct run_statistics *run, struct iiobridge_record *record)
{
	*record = next_record(run, IIOBRIDGE_RECORD_END);
}

uint64_t rate_look(struct rate *rate, uint64_t run, uint64_t count, uint64_t now_us)
{
	uint64_t elapsed;

	if (rate->run != run) {
		*rate = (struct rate){ .run = run,
				       .older = { count, now_us },
				       .newer = { count, now_us } };
		return 0;
	}
	if (now_us - rate->newer.time_us >= RATE_WINDOW_US) {
		rate->older = rate->newer;
		rate->newer.count = count;
		rate->newer.time_us = now_us;
	}
	elapsed = now_us - rate->older.time_us;
	if (elapsed == 0)
		return 0;
	return (uint64_t)((double)(count - rate->older.count) * 1e6 / (double)elapsed);
}
