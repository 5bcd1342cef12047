// SPDX-License-Identifier: GPL-2.0-or-later
#include "gaps.h"

#include <errno.h>
#include <stdlib.h>

#define CAPACITY_MIN 64

/* ---- a list ---- */

static int make_room(struct gaps *gaps)
{
	size_t capacity = gaps->capacity ? 2 * gaps->capacity : CAPACITY_MIN;
	struct gap *kept;

	if (gaps->kept_count < gaps->capacity)
		return 0;
	/* Behind a gap that was not kept none is: the list has no holes. */
	if (gaps->kept_count < gaps->count || gaps->kept_count == GAPS_KEPT_MAX)
		return -ENOMEM;
	kept = reallocarray(gaps->kept, capacity, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	gaps->kept = kept;
	gaps->capacity = capacity;
	return 0;
}

void gaps_add(struct gaps *gaps, uint64_t at, uint64_t lost)
{
	if (make_room(gaps) == 0)
		gaps->kept[gaps->kept_count++] = (struct gap){ .at = at, .lost = lost };
	gaps->count++;
}

uint64_t gaps_forget(struct gaps *gaps, uint64_t at)
{
	uint64_t lost = 0;

	while (gaps->kept_count == gaps->count && gaps->count > 0 &&
	       gaps->kept[gaps->count - 1].at >= at) {
		lost += gaps->kept[--gaps->count].lost;
		gaps->kept_count--;
	}
	return lost;
}

void gaps_clear(struct gaps *gaps)
{
	free(gaps->kept);
	*gaps = (struct gaps){ 0 };
}

/* The gap from @place on that counts, or the end of the data where there is none. */
static struct gap next_gap(const struct gaps *gaps, size_t *place, uint64_t end)
{
	while (*place < gaps->kept_count && gaps->kept[*place].lost == 0)
		++*place;
	if (*place < gaps->kept_count && gaps->kept[*place].at < end)
		return gaps->kept[*place];
	return (struct gap){ .at = end };
}

size_t gaps_before(const struct gaps *gaps, uint64_t end)
{
	size_t place = 0, count = 0;

	while (next_gap(gaps, &place, end).lost) {
		place++;
		count++;
	}
	return count;
}

/* How far a list knows about all gaps. */
static uint64_t known_end(const struct gaps *gaps, uint64_t end)
{
	if (gaps->kept_count == gaps->count)
		return end;
	return gaps->kept_count ? gaps->kept[gaps->kept_count - 1].at + 1 : 0;
}

enum gaps_comparison gaps_compare(const struct gaps *one, const struct gaps *other, uint64_t end,
				  struct gap *first_one, struct gap *first_other)
{
	const uint64_t end_one = known_end(one, end), end_other = known_end(other, end);
	const uint64_t known = end_one < end_other ? end_one : end_other;
	const uint64_t stop = known < end ? known : end;
	size_t i = 0, k = 0;

	for (;;) {
		struct gap a = next_gap(one, &i, stop), b = next_gap(other, &k, stop);

		if (a.at != b.at || a.lost != b.lost) {
			const uint64_t at = a.at < b.at ? a.at : b.at;

			*first_one = (struct gap){ .at = at, .lost = a.at == at ? a.lost : 0 };
			*first_other = (struct gap){ .at = at, .lost = b.at == at ? b.lost : 0 };
			return GAPS_DIFFER;
		}
		if (a.at == stop)
			return stop < end ? GAPS_EQUAL_SO_FAR : GAPS_EQUAL;
		i++;
		k++;
	}
}

/* ---- what records say ---- */

void losses_begin_run(struct losses *losses, uint64_t place)
{
	gaps_forget(&losses->gaps, place);
	losses->begin = losses->told = place;
	losses->ended = false;
}

void losses_take(struct losses *losses, const struct iiobridge_block_record *record)
{
	const uint64_t place = losses->begin + record->place;

	losses->records_missing += record->records_missing;
	losses->ended = record->flags & IIOBRIDGE_RECORD_IS_END;
	if (record->samples_lost ||
	    record->flags & (IIOBRIDGE_RECORD_HAS_GAP | IIOBRIDGE_RECORD_WAS_LATE))
		gaps_add(&losses->gaps, place, record->samples_lost);
	losses->told = place + record->samples;
}

void losses_clear(struct losses *losses)
{
	gaps_clear(&losses->gaps);
	*losses = (struct losses){ 0 };
}

/* ---- when samples were taken ---- */

/* A stretch from a place on, whose length is not yet known. */
static void begin(struct timeline *timeline, uint64_t first)
{
	timeline->stretches[timeline->count++] =
		(struct stretch){ .first = first, .at = first + timeline->lost };
}

int timeline_make(uint64_t samples, const struct gaps *gaps, struct timeline *timeline)
{
	*timeline = (struct timeline){ 0 };
	if (samples == 0)
		return 0;
	timeline->stretches = calloc(gaps->kept_count + 1, sizeof(*timeline->stretches));
	if (!timeline->stretches)
		return -ENOMEM;

	for (size_t i = 0; i < gaps->kept_count && gaps->kept[i].at < samples; i++) {
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
			i + 1 < timeline->count ? timeline->stretches[i + 1].first : samples;

		timeline->stretches[i].count = end - timeline->stretches[i].first;
	}
	if (__builtin_add_overflow(samples, timeline->lost, &timeline->end))
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

/* The first stretch that ends behind a place on the clock; it may begin behind it, too. */
static const struct stretch *next_stretch(const struct timeline *timeline, uint64_t at)
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
	const struct stretch *stretch = next_stretch(timeline, middle);

	if (!stretch || stretch->at > middle || stretch->count < size) {
		stretch = next_stretch(timeline, begin);
		while (stretch && stretch < behind && stretch->at < end && stretch->count < size)
			stretch++;
		if (!stretch || stretch == behind || stretch->at >= end)
			return -ENODATA;
	}
	*first = window_around(stretch, middle, size);
	return 0;
}
