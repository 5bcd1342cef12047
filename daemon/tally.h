/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what became of the blocks of a run
 *
 * Adds up the completions of a ring's two ports to the statistics of the route and to a record for
 * each block.
 */
#ifndef IIOBRIDGE_TALLY_H
#define IIOBRIDGE_TALLY_H

#include "iiobridge/config.h"
#include "iiobridge/port.h"
#include "iiobridge/protocol.h"

/**
 * struct tally - the counts of a run
 * @statistics: all but @state, @estimated, @blocks_failed and @records_lost
 * @bytes_per_scan: bytes
 * @next_scan: place of the next block's first scan on the converter's clock
 * @fillings: when and after what gap each of the ring's blocks was filled
 */
struct tally {
	struct iiobridge_statistics statistics;
	uint32_t bytes_per_scan;
	uint64_t next_scan;
	struct {
		uint64_t time_ns;
		uint64_t scans_lost;
		bool gap;
	} fillings[CONFIG_BLOCKS_MAX];
};

/**
 * tally_begin() - forget the run before
 * @tally: keeps statistics.starts
 * @bytes_per_scan: bytes
 */
void tally_begin(struct tally *tally, uint32_t bytes_per_scan);

/**
 * tally_filled() - count a block that was filled
 * @tally: of a run
 * @index: which of the ring's blocks it is
 * @completion: of the port that fills
 */
void tally_filled(struct tally *tally, unsigned int index, const struct completion *completion);

/**
 * tally_drained() - count a block that was drained, and make its record
 * @tally: of a run
 * @index: which of the ring's blocks it is
 * @completion: of the port that drains
 * @bytes: bytes of it that count
 * @record: receives everything but the route
 */
void tally_drained(struct tally *tally, unsigned int index, const struct completion *completion,
		   uint32_t bytes, struct iiobridge_record *record);

/**
 * tally_end() - make the record of the end of a run
 * @tally: of a run
 * @record: receives everything but the route
 */
void tally_end(const struct tally *tally, struct iiobridge_record *record);

#endif
