/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gaps.h - where samples are missing in captured data, and when the others were taken
 *
 * Two who look at the same capture independently, the records of the board and the counter in the
 * samples, each make a list of gaps; the lists can be compared. By its gaps a recording is a row of
 * stretches, its timeline: each begins at a place in the recording and at a place on the
 * converter's clock, which also counts the samples that are missing.
 */
#ifndef HOST_FILES_GAPS_H
#define HOST_FILES_GAPS_H

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many gaps are kept, and the rest is only counted: 1 MiB. */
#define GAPS_KEPT_MAX 65536

/** struct gap - samples that are missing */
struct gap {
	uint64_t at;   /* samples before it, which is also the number, from 0, of that behind it */
	uint64_t lost; /* samples that are missing there; 0: nobody knows how many */
};

/** struct gaps - a list of gaps, in order; all zero is an empty one */
struct gaps {
	struct gap *kept; /* the first of them */
	size_t kept_count;
	size_t capacity; /* the list's own */
	uint64_t count;	 /* how many there were */
};

/** gaps_add() - add a gap behind all others; only counted when there is no room, or no memory */
void gaps_add(struct gaps *gaps, uint64_t at, uint64_t lost);

/** gaps_clear() - release the memory of a list, and make it empty */
void gaps_clear(struct gaps *gaps);

/**
 * gaps_forget() - forget the gaps at the end that have @at samples before them, or more
 *
 * Return: samples that are missing in them. Of gaps that were only counted none is forgotten.
 */
uint64_t gaps_forget(struct gaps *gaps, uint64_t at);

/** gaps_before() - of those that are kept, how many have a known length and are before @end */
size_t gaps_before(const struct gaps *gaps, uint64_t end);

/** enum gaps_comparison - what a comparison found */
enum gaps_comparison {
	GAPS_EQUAL,	   /* the same gaps */
	GAPS_EQUAL_SO_FAR, /* the same as far as both lists kept them */
	GAPS_DIFFER,
};

/**
 * gaps_compare() - compare two lists as far as the data go
 * @one: a list
 * @other: another one
 * @end: number of samples in the data: gaps at its end or behind it do not count
 * @first_one: with %GAPS_DIFFER, the first gap of @one that differs, which has nothing lost when
 *	@one has none where @other has one
 * @first_other: the same of @other, at the same place
 *
 * Gaps in which nothing is missing do not count.
 */
enum gaps_comparison gaps_compare(const struct gaps *one, const struct gaps *other, uint64_t end,
				  struct gap *first_one, struct gap *first_other);

/** struct losses - what the records of a capture say of samples that are missing */
struct losses {
	struct gaps gaps;	  /* also those of unknown length */
	uint64_t records_missing; /* that did not come */
	uint64_t begin;		  /* place in the data at which the latest run begins */
	uint64_t told;		  /* place in the data up to which there are records */
	bool ended;		  /* the record of the run's end is there */
};

/**
 * losses_begin_run() - another run, whose data come behind @place samples; all 0 before the first
 *
 * There may be more or fewer than the records were about: gaps from there on are forgotten.
 */
void losses_begin_run(struct losses *losses, uint64_t place);

/** losses_take() - take the next record of the run */
void losses_take(struct losses *losses, const struct iiobridge_block_record *record);

/** losses_clear() - release the memory, and make it all 0 */
void losses_clear(struct losses *losses);

/** struct stretch - at least one sample, and no gap between them */
struct stretch {
	uint64_t first; /* place of the first one in the recording */
	uint64_t at;	/* its place on the clock */
	uint64_t count;
};

/** struct timeline - the stretches of a recording, in order */
struct timeline {
	struct stretch *stretches;
	size_t count;
	uint64_t end;  /* place on the clock behind the last sample */
	uint64_t lost; /* samples that are missing in gaps */
};

/**
 * timeline_make() - make the timeline of a recording
 * @samples: their number in the recording
 * @gaps: where some are missing; those at its end or behind it do not count
 * @timeline: gets it; to be given to timeline_clear()
 *
 * Return: 0; -ENOMEM; -ERANGE: the clock would not fit 64 bits.
 */
int timeline_make(uint64_t samples, const struct gaps *gaps, struct timeline *timeline);

/** timeline_clear() - release the memory of a timeline */
void timeline_clear(struct timeline *timeline);

/** timeline_longest() - length of the longest stretch, 0 when the recording is empty */
uint64_t timeline_longest(const struct timeline *timeline);

/**
 * timeline_window() - place a window of @size consecutive samples into a span of the clock
 *
 * The window is around the middle of the span, as near as that can be without a gap in it; it may
 * reach beyond the span. @first gets the place of its first sample in the recording.
 *
 * Return: 0; -ENODATA: there is no stretch in the span that is long enough.
 */
int timeline_window(const struct timeline *timeline, uint64_t begin, uint64_t end, uint64_t size,
		    uint64_t *first);

#endif
