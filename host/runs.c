// SPDX-License-Identifier: GPL-2.0-or-later
#include "runs.h"

#include "clock.h"
#include "failure.h"
#include "progress.h"
#include "session.h"
#include "trail.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

int runs_init(struct runs *runs, struct failure *failure)
{
	const struct trail_setup none = { 0 };

	*runs = (struct runs){ .trail = trail_new(&none) };
	if (!runs->trail)
		return failure_set(failure, -ENOMEM, "no memory for what the records say");
	return 0;
}

void runs_clear(struct runs *runs)
{
	trail_free(runs->trail);
	free(runs->list);
	*runs = (struct runs){ 0 };
}

static struct recording_run *latest(const struct runs *runs)
{
	return &runs->list[runs->count - 1];
}

int runs_begin(struct runs *runs, uint64_t block_size, struct failure *failure)
{
	struct recording_run *list;

	if (runs->count == 0 || latest(runs)->at < runs->scans) {
		list = reallocarray(runs->list, runs->count + 1, sizeof(*list));
		if (!list)
			return failure_set(failure, -ENOMEM, "no memory for another run");
		runs->list = list;
		runs->count++;
	}
	*latest(runs) = (struct recording_run){ .at = runs->scans };
	runs->block_left = block_size;
	return 0;
}

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * CLOCK_NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

void runs_note_arrival(struct runs *runs, size_t size)
{
	if (runs->block_left == 0)
		return;
	latest(runs)->arrived_ns = realtime_ns();
	runs->block_left -= size < runs->block_left ? size : runs->block_left;
}

/* The gaps of the run that ends, which are those from its beginning on. */
static void add_gaps(struct runs *runs, const struct recording_run *run)
{
	const struct gaps *gaps = trail_gaps(runs->trail);

	for (size_t i = gaps->kept_count; i > 0 && gaps->kept[i - 1].at >= run->at; i--) {
		if (gaps->kept[i - 1].at >= runs->scans)
			continue;
		runs->gaps++;
		runs->scans_lost += gaps->kept[i - 1].lost;
	}
}

void runs_settle(struct runs *runs, const struct session_progress *session)
{
	const struct iiobridge_record *first = trail_first(runs->trail);
	const uint64_t told = trail_scans(runs->trail);
	struct recording_run *run = latest(runs);
	const uint64_t end = run->at + session->scans;

	run->told = told < end ? told : end;
	run->has_first = first;
	if (first)
		run->first = *first;
}

void runs_end(struct runs *runs, const struct session_progress *session)
{
	runs_settle(runs, session);
	runs->scans += session->scans;
	runs->nanoseconds += session->nanoseconds;
	add_gaps(runs, latest(runs));
}

size_t runs_breaks(const struct runs *runs, uint64_t scans)
{
	size_t count = runs->count;

	while (count > 1 && runs->list[count - 1].at >= scans)
		count--;
	return count > 0 ? count - 1 : 0;
}

void runs_add_to(const struct runs *runs, uint32_t bytes_per_scan, struct progress *progress)
{
	progress->scans += runs->scans;
	progress->bytes += runs->scans * bytes_per_scan;
	progress->nanoseconds += runs->nanoseconds;
	progress->gaps += runs->gaps;
	progress->scans_lost += runs->scans_lost;
}
