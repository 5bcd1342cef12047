/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gaps.h - where scans are missing in captured data
 *
 * Two who look at the same capture independently, the records of the board and the counter in the
 * samples, each make such a list; the lists can be compared.
 */
#ifndef HOST_FILES_GAPS_H
#define HOST_FILES_GAPS_H

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many gaps are kept, and the rest is only counted: 1 MiB. */
#define GAPS_KEPT_MAX 65536

/**
 * struct gap - scans that are missing
 * @at: number of scans in the captured data before the gap, which is also the number, from 0, of
 *	the scan behind it
 * @lost: scans that are missing there
 */
struct gap {
	uint64_t at;
	uint64_t lost;
};

/**
 * struct gaps - a list of gaps, in order; all zero is an empty one
 * @kept: the first of them
 * @kept_count: number of @kept, at most %GAPS_KEPT_MAX
 * @capacity: the list's own
 * @count: how many there were
 */
struct gaps {
	struct gap *kept;
	size_t kept_count;
	size_t capacity;
	uint64_t count;
};

/**
 * gaps_add() - add a gap behind all others
 * @gaps: the list
 * @at: scans before it
 * @lost: scans that are missing
 *
 * It is only counted when %GAPS_KEPT_MAX are kept, or there is no memory for it.
 */
void gaps_add(struct gaps *gaps, uint64_t at, uint64_t lost);

/** gaps_clear() - release the memory of a list, and make it empty */
void gaps_clear(struct gaps *gaps);

/**
 * gaps_forget() - forget the gaps at the end
 * @gaps: the list
 * @at: those with so many scans before them, or more, are forgotten
 *
 * Return: scans that are missing in them. Of gaps that were only counted none is forgotten.
 */
uint64_t gaps_forget(struct gaps *gaps, uint64_t at);

/**
 * gaps_before() - how many gaps of known length there are in a beginning of the data
 * @gaps: the list
 * @end: number of scans in that beginning
 *
 * Return: the number among those that are kept.
 */
size_t gaps_before(const struct gaps *gaps, uint64_t end);

/** enum gaps_comparison - what a comparison found */
enum gaps_comparison {
	GAPS_EQUAL,	   /* the same gaps */
	GAPS_EQUAL_SO_FAR, /* the same as far as both lists kept them */
	GAPS_DIFFER,
};

/**
 * gaps_compare() - compare two lists as far as the data goes
 * @one: a list
 * @other: another one
 * @end: number of scans in the data: gaps at its end or behind it do not count
 * @first_one: gets the first gap of @one that differs; @lost is 0 when @one has none where @other
 *	has one
 * @first_other: the same of @other
 *
 * Gaps in which nothing is missing do not count.
 *
 * Return: what was found; only with %GAPS_DIFFER the two gaps are set, and both have the same @at.
 */
enum gaps_comparison gaps_compare(const struct gaps *one, const struct gaps *other, uint64_t end,
				  struct gap *first_one, struct gap *first_other);

/**
 * struct losses - what the records of a capture say of samples that are missing
 * @gaps: where; a gap of unknown length is in it, too, as one in which nothing is missing
 * @records_missing: records that did not come
 * @begin: place in the data at which the latest run begins
 * @told: place in the data up to which there are records
 * @ended: whether the record of the run's end is there
 */
struct losses {
	struct gaps gaps;
	uint64_t records_missing;
	uint64_t begin;
	uint64_t told;
	bool ended;
};

/**
 * losses_begin_run() - another run, whose data come behind those of the run before
 * @losses: all 0 for the first one; to be given to losses_clear()
 * @place: samples in the data so far, which may be more or fewer than the records are about; gaps
 *	from there on are forgotten
 */
void losses_begin_run(struct losses *losses, uint64_t place);

/**
 * losses_take() - take the next record of the run
 * @losses: the losses
 * @record: the record
 */
void losses_take(struct losses *losses, const struct iiobridge_block_record *record);

/** losses_clear() - release the memory, and make it all 0 */
void losses_clear(struct losses *losses);

#endif
