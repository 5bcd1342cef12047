/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what became of the blocks of a run
 *
 * Adds up the completions of a ring's two ports to the statistics of the route and to a record for
 * each block.
 */
#ifndef IIOBRIDGE_STATISTICS_H
#define IIOBRIDGE_STATISTICS_H

#include "iiobridge/protocol.h"
#include "port.h"

/**
 * struct run_statistics - the counts of a run
 * @counts: all but @state, @estimated, @blocks_failed and @records_lost
 * @bytes_per_scan: bytes
 * @next_scan: place of the next block's first scan on the converter's clock
 * @fillings: when and after what gap each of the ring's blocks was filled
 */
struct run_statistics {
	struct iiobridge_statistics counts;
	uint32_t bytes_per_scan;
	uint64_t next_scan;
	struct {
		uint64_t time_ns;
		uint64_t scans_lost;
		bool gap;
	} fillings[BLOCKS_MAX];
};

/**
 * run_statistics_begin() - forget the run before
 * @run: keeps counts.starts
 * @bytes_per_scan: bytes
 */
void run_statistics_begin(struct run_statistics *run, uint32_t bytes_per_scan);

/**
 * run_statistics_filled() - count a block that was filled
 * @run: of a run
 * @index: which of the ring's blocks it is
 * @completion: of the port that fills
 */
void run_statistics_filled(struct run_statistics *run, unsigned int index,
			   const struct completion *completion);

/**
 * run_statistics_drained() - count a block that was drained, and make its record
 * @run: of a run
 * @index: which of the ring's blocks it is
 * @completion: of the port that drains
 * @bytes: bytes of it that count
 * @record: receives everything but the route
 */
void run_statistics_drained(struct run_statistics *run, unsigned int index,
			    const struct completion *completion, uint32_t bytes,
			    struct iiobridge_record *record);

/**
 * run_statistics_end() - make the record of the end of a run
 * @run: of a run
 * @record: receives everything but the route
 */
void run_statistics_end(const struct run_statistics *run, struct iiobridge_record *record);

/* A look at a count is compared with one that is from one to two of these older. */
#define RATE_WINDOW_US 1000000

/**
 * struct rate - two looks at a count, by which it is known how fast it grows now
 *
 * The older one is between one and two seconds old, if somebody looks at least once a second.
 *
 * @run: what is counted; another number begins afresh
 * @older: the look that the rate is taken from
 * @newer: the one that follows
 */
struct rate {
	uint64_t run;
	struct {
		uint64_t count, time_us;
	} older, newer;
};

/**
 * rate_look() - note a count
 * @rate: all 0 at first
 * @run: number of the run that the count is of; each begins at 0
 * @count: now
 * @now_us: CLOCK_MONOTONIC, microseconds
 *
 * Return: growth per second; 0 at the first look at a run.
 */
uint64_t rate_look(struct rate *rate, uint64_t run, uint64_t count, uint64_t now_us);

#endif
