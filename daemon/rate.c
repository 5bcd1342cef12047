// SPDX-License-Identifier: GPL-2.0-or-later
#include "rate.h"

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
