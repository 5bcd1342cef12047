// SPDX-License-Identifier: GPL-2.0-or-later
#include "timeline.h"

#include "gaps.h"

#include <errno.h>
#include <stdlib.h>

/* A stretch from a place on, whose length is not yet known. */
static void begin(struct timeline *timeline, uint64_t first)
{
	timeline->stretches[timeline->count++] =
		(struct stretch){ .first = first, .at = first + timeline->lost };
}

int timeline_make(uint64_t scans, const struct gaps *gaps, struct timeline *timeline)
{
	*timeline = (struct timeline){ 0 };
	if (scans == 0)
		return 0;
	timeline->stretches = calloc(gaps->kept_count + 1, sizeof(*timeline->stretches));
	if (!timeline->stretches)
		return -ENOMEM;

	for (size_t i = 0; i < gaps->kept_count && gaps->kept[i].at < scans; i++) {
		const struct gap *gap = &gaps->kept[i];

		if (timeline->count == 0 && gap->at > 0)
			begin(timeline, 0);
		if (__builtin_add_overflow(timeline->lost, gap->lost, &timeline->lost))
			goto err_range;
		/* Of two gaps at one place the second makes the first longer. */
		if (timeline->count > 0 &&
		    timeline->stretches[timeline->count - 1].first == gap->at)
			timeline->count--;
		begin(timeline, gap->at);
	}
	if (timeline->count == 0)
		begin(timeline, 0);

	for (size_t i = 0; i < timeline->count; i++) {
		const uint64_t end =
			i + 1 < timeline->count ? timeline->stretches[i + 1].first : scans;

		timeline->stretches[i].count = end - timeline->stretches[i].first;
	}
	if (__builtin_add_overflow(scans, timeline->lost, &timeline->end))
		goto err_range;
	return 0;

err_range:
	timeline_clear(timeline);
	return -ERANGE;
}

void timeline_clear(struct timeline *timeline)
{
	free(timeline->stretches);
	*timeline = (struct timeline){ 0 };
}

uint64_t timeline_longest(const struct timeline *timeline)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->stretches[i].count > longest)
			longest = timeline->stretches[i].count;
	return longest;
}

const struct stretch *timeline_next(const struct timeline *timeline, uint64_t at)
{
	size_t low = 0, high = timeline->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct stretch *stretch = &timeline->stretches[middle];

		if (stretch->at + stretch->count > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low < timeline->count ? &timeline->stretches[low] : NULL;
}

/* Where a window begins that has the moment in its middle, or as near as the stretch allows. */
static uint64_t window_around(const struct stretch *stretch, uint64_t moment, uint64_t size)
{
	uint64_t offset = moment > stretch->at + size / 2 ? moment - stretch->at - size / 2 : 0;

	if (offset > stretch->count - size)
		offset = stretch->count - size;
	return stretch->first + offset;
}

int timeline_window(const struct timeline *timeline, uint64_t begin, uint64_t end, uint64_t size,
		    uint64_t *first)
{
	const struct stretch *behind = timeline->stretches + timeline->count;
	const uint64_t middle = begin + (end - begin) / 2;
	const struct stretch *stretch = timeline_next(timeline, middle);

	if (!stretch || stretch->at > middle || stretch->count < size) {
		stretch = timeline_next(timeline, begin);
		while (stretch && stretch < behind && stretch->at < end && stretch->count < size)
			stretch++;
		if (!stretch || stretch == behind || stretch->at >= end)
			return -ENODATA;
	}
	*first = window_around(stretch, middle, size);
	return 0;
}
