/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runs.h - the runs of a route that make one capture
 *
 * Most captures are one run. One that goes on after its board was away has another run behind each
 * break. In a break samples are missing, and nobody knows how many: the converter's clock begins
 * anew with each run, and what was on its way when the board went is lost, too.
 */
#ifndef HOST_RUNS_H
#define HOST_RUNS_H

#include "files/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct progress;
struct session_progress;
struct trail;

/**
 * struct runs - the runs of a capture
 * @trail: what the records of all of them say
 * @list: each run
 * @count: their number
 * @scans: scans in the data before the latest run
 * @nanoseconds: time that the runs before it took, without the breaks
 * @gaps: gaps in these, as far as the records tell
 * @scans_lost: scans that were lost in @gaps
 * @block_left: bytes of the latest run's first block that have not arrived
 */
struct runs {
	struct trail *trail;
	struct recording_run *list;
	size_t count;
	uint64_t scans;
	uint64_t nanoseconds;
	uint64_t gaps;
	uint64_t scans_lost;
	uint64_t block_left;
};

/**
 * runs_init() - begin a capture
 * @runs: gets it, without a run; to be given to runs_clear(), also after an error
 * @failure: gets the reason of an error
 *
 * Return: 0; -ENOMEM.
 */
int runs_init(struct runs *runs, struct failure *failure);

/**
 * runs_clear() - release the runs
 * @runs: the runs; all zero does, too
 */
void runs_clear(struct runs *runs);

/**
 * runs_begin() - begin a run
 * @runs: the runs
 * @block_size: bytes of its first block, after which that has arrived
 * @failure: gets the reason of an error
 *
 * A run that brought no sample is forgotten.
 *
 * Return: 0; -ENOMEM.
 */
int runs_begin(struct runs *runs, uint64_t block_size, struct failure *failure);

/**
 * runs_note_arrival() - samples of the latest run arrive now
 * @runs: the runs
 * @size: bytes
 *
 * Of a run that is shorter than a block, all that comes is the first block.
 */
void runs_note_arrival(struct runs *runs, size_t size);

/**
 * runs_settle() - note what is known of the latest run in the end
 * @runs: the runs
 * @session: how far it came
 */
void runs_settle(struct runs *runs, const struct session_progress *session);

/**
 * runs_end() - end the latest run, as the board is away
 * @runs: the runs
 * @session: how far it came
 */
void runs_end(struct runs *runs, const struct session_progress *session);

/**
 * runs_breaks() - how often the board was away
 * @runs: the runs
 * @scans: scans in all the data; what is behind them does not count
 *
 * Break i is before sample @list[i + 1].at.
 *
 * Return: the number.
 */
size_t runs_breaks(const struct runs *runs, uint64_t scans);

/**
 * runs_add_to() - add the runs before the latest one to what is shown of it
 * @runs: the runs
 * @bytes_per_scan: bytes in a scan
 * @progress: the latest run; gets all of them
 */
void runs_add_to(const struct runs *runs, uint32_t bytes_per_scan, struct progress *progress);

#endif
