/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * latency.h - how long a sample takes from the board's converter to a program, or back
 *
 * Of a capture: from the kernel's completion of a block to the moment in which a program has all of
 * it and knows whether samples are missing before it. Of a playback: from the call that writes a
 * block to the moment in which the DAC begins to play it, of a program that writes one whenever one
 * is over. latency_report.c has the text, the object and the picture.
 */
#ifndef HOST_BENCH_LATENCY_H
#define HOST_BENCH_LATENCY_H

#include "host/files/failure.h"

#include <iiobridge/iiobridge.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** struct latency_time - a moment of this machine and one of the board, later or earlier */
struct latency_time {
	uint64_t host_ns;
	uint64_t board_ns; /* by the board's clock */
};

/** struct latency - what is measured, and what was found */
struct latency {
	struct iiobridge_board *board;
	unsigned int index; /* of the route */
	struct iiobridge_stream_settings settings;
	uint64_t nanoseconds; /* how long */

	const struct iiobridge_route *route; /* as it runs, until latency_release() */
	uint64_t block_ns;		     /* what a block lasts; 0: the rate is not known */
	struct latency_time *times;	     /* of each block, behind those of the beginning */
	double *values;			     /* the time that each took, ms, in ascending order */
	size_t count;			     /* of these */
	uint64_t uncertainty_ns;	     /* of all of them, as two clocks were compared */
	struct iiobridge_statistics_info statistics;

	size_t room, taken;
	struct iiobridge_clock_offset clock; /* as it was at @clock_ns, of this machine */
	uint64_t clock_ns;
	struct iiobridge_rx *rx; /* one of the two */
	struct iiobridge_tx *tx;
};

/** latency_measure() - run the route, and measure; returns an enum exit_status */
int latency_measure(struct latency *latency, struct failure *failure);

/** latency_release() - release what was found, also after a failure */
void latency_release(struct latency *latency);

/** latency_at() - the time that so many of a thousand blocks do not exceed, ms */
double latency_at(const struct latency *latency, unsigned int thousandths);

/** latency_print() - print what was found, with its histogram */
void latency_print(const struct latency *latency, FILE *file);

/** latency_print_json() - print it as one JSON object; returns an enum exit_status */
int latency_print_json(const struct latency *latency, FILE *file);

/** latency_draw() - draw the histogram into a PNG file; returns 0 or a negative errno */
int latency_draw(const struct latency *latency, const char *path, struct failure *failure);

#endif
