/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timeline.h - when the samples of a recording with gaps were taken
 *
 * A recording is a row of stretches without gaps. Each begins at a place in the recording and at a
 * place on the converter's clock, which also counts the samples that are missing. Places and
 * lengths are in scans.
 */
#ifndef HOST_FILES_TIMELINE_H
#define HOST_FILES_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

struct gaps;

/**
 * struct stretch - scans without a gap between them
 * @first: place of the first one in the recording
 * @at: its place on the clock
 * @count: how many there are, at least 1
 */
struct stretch {
	uint64_t first;
	uint64_t at;
	uint64_t count;
};

/**
 * struct timeline - the stretches of a recording
 * @stretches: all of them, in order
 * @count: their number
 * @end: place on the clock behind the last scan
 * @lost: scans that are missing in gaps
 */
struct timeline {
	struct stretch *stretches;
	size_t count;
	uint64_t end;
	uint64_t lost;
};

/**
 * timeline_make() - make the timeline of a recording
 * @scans: scans in the recording
 * @gaps: where some are missing, in order; those at its end or behind it do not count
 * @timeline: gets it; to be given to timeline_clear()
 *
 * Return: 0; -ENOMEM; -ERANGE: the clock would not fit 64 bits.
 */
int timeline_make(uint64_t scans, const struct gaps *gaps, struct timeline *timeline);

/** timeline_clear() - release the memory of a timeline */
void timeline_clear(struct timeline *timeline);

/**
 * timeline_longest() - length of the longest stretch
 * @timeline: the timeline
 *
 * Return: scans, 0 when the recording is empty.
 */
uint64_t timeline_longest(const struct timeline *timeline);

/**
 * timeline_next() - the first stretch that ends behind a place
 * @timeline: the timeline
 * @at: place on the clock
 *
 * Return: it may begin behind @at, too; NULL when none ends behind it.
 */
const struct stretch *timeline_next(const struct timeline *timeline, uint64_t at);

/**
 * timeline_window() - place a window of consecutive scans into a span of time
 * @timeline: the timeline
 * @begin: where the span begins on the clock
 * @end: where it ends
 * @size: scans in the window
 * @first: gets the place of its first scan in the recording
 *
 * The window is around the middle of the span, as near as that can be without a gap in it; it may
 * reach beyond the span.
 *
 * Return: 0; -ENODATA: there is no stretch in the span that is long enough.
 */
int timeline_window(const struct timeline *timeline, uint64_t begin, uint64_t end, uint64_t size,
		    uint64_t *first);

#endif
