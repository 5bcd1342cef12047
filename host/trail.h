/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trail.h - what the records of a run say, or of several whose data are one behind the other
 *
 * A trail takes the records of a route, leaves out those of earlier runs, and checks that the
 * others are in order. Where records are missing it counts them. Out of the places of the blocks
 * on the converter's clock it finds the gaps in the data, to the scan.
 */
#ifndef HOST_TRAIL_H
#define HOST_TRAIL_H

#include "files/gaps.h"

#include <iiobridge/protocol.h>

#include <stdbool.h>
#include <stdint.h>

struct failure;

/** struct trail - the records of one run, or of several; opaque */
struct trail;

/**
 * struct trail_step - a record, and what it says beside the one before
 * @record: the record, in the host's byte order
 * @records_missing: records that are missing before it
 * @scans_missing: scans in their blocks, if these were whole; else at most what the converter's
 *	clock has since the last record
 * @scans_lost: scans that were lost, or missed, before its block; where records are missing it is
 *	what was lost since the last one, if all blocks in between were whole
 */
struct trail_step {
	struct iiobridge_record record;
	uint64_t records_missing;
	uint64_t scans_missing;
	uint64_t scans_lost;
};

/**
 * typedef trail_observer - is told each record of the run, in order, also that of its end
 * @context: from struct trail_setup
 * @step: the record, valid during the call
 *
 * Must not call functions of the device.
 *
 * Return: 0, or a negative errno that trail_take() passes on; the observer has then stored the
 * reason.
 */
typedef int (*trail_observer)(void *context, const struct trail_step *step);

/**
 * struct trail_setup - which run it is
 * @route: name of the route, for messages; must outlive the trail
 * @run: number of the run
 * @block_size: bytes in a whole block
 * @bytes_per_scan: bytes in a scan, of which a block has a whole number
 * @observer: is told each record; may be NULL
 * @context: for @observer
 */
struct trail_setup {
	const char *route;
	uint32_t run;
	uint32_t block_size;
	uint32_t bytes_per_scan;
	trail_observer observer;
	void *context;
};

/**
 * trail_new() - begin a run
 * @setup: which; copied
 *
 * Return: the trail, to be given to trail_free(), or NULL when there is no memory.
 */
struct trail *trail_new(const struct trail_setup *setup);

/**
 * trail_begin() - begin another run, whose data come behind those of the run before
 * @trail: the trail
 * @setup: which run; copied
 * @place: scans in the data so far, which may be more or fewer than the records are about; gaps
 *	from there on are forgotten
 */
void trail_begin(struct trail *trail, const struct trail_setup *setup, uint64_t place);

/**
 * trail_free() - release a trail
 * @trail: from trail_new(), or NULL
 */
void trail_free(struct trail *trail);

/**
 * trail_take() - take the next record of the route
 * @trail: the trail
 * @record: the record, in the host's byte order
 * @failure: gets the reason of an error
 *
 * Return: 0; -EPROTO: the record cannot follow those before it, or is of a run that was begun
 * after this one; or what the observer returned.
 */
int trail_take(struct trail *trail, const struct iiobridge_record *record, struct failure *failure);

/**
 * trail_ended() - whether the record of the end of the run is there, after which no other comes
 * @trail: the trail
 *
 * Return: true or false.
 */
bool trail_ended(const struct trail *trail);

/**
 * trail_run() - number of the latest run
 * @trail: the trail
 *
 * Return: what the latest struct trail_setup said.
 */
uint32_t trail_run(const struct trail *trail);

/**
 * trail_records_missing() - how many records are missing between those that came
 * @trail: the trail
 *
 * Return: the number.
 */
uint64_t trail_records_missing(const struct trail *trail);

/**
 * trail_scans() - how much of the data the records are about
 * @trail: the trail
 *
 * Return: scans in all blocks up to the last one that has a record.
 */
uint64_t trail_scans(const struct trail *trail);

/**
 * trail_first() - the record of the first block of the latest run
 * @trail: the trail
 *
 * Return: valid until trail_free() or trail_begin(); NULL while it is not there, and when it is
 * missing.
 */
const struct iiobridge_record *trail_first(const struct trail *trail);

/**
 * trail_gaps() - the gaps in the data so far
 * @trail: the trail
 *
 * Gaps of unknown length are in it, too, as gaps in which nothing is missing. Where records are
 * missing there may have been gaps of which only the sum is known: it stands at the first block
 * behind them.
 *
 * Return: the list, valid until trail_free().
 */
const struct gaps *trail_gaps(const struct trail *trail);

#endif
