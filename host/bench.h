/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.h - what a route carries with blocks of several sizes, and which is to be recommended
 *
 * Arithmetic and text; measure.h finds the figures.
 */
#ifndef HOST_BENCH_H
#define HOST_BENCH_H

#include "files/failure.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_POINTS_MAX 16

/**
 * struct bench_point - what was found with blocks of one size
 * @block_size: bytes in a block
 * @bytes: bytes that moved in the time that counts
 * @nanoseconds: that time
 * @transfers: USB transfers in it
 * @cpu_ns: CPU time of this program in it
 * @blocks: blocks that the board delivered in the whole run
 * @gaps: times in which the converter had no block
 * @samples_lost: samples that were lost, or missed, in them
 * @estimated: whether @samples_lost is an estimate
 * @records_lost: records that did not come
 * @longest_ns: the longest time from the moment that a block was full to that in which it was
 *	delivered, of those that have records
 * @refused: why the board did not run with such blocks; its message is empty when it did
 */
struct bench_point {
	uint32_t block_size;
	uint64_t bytes;
	uint64_t nanoseconds;
	uint64_t transfers;
	uint64_t cpu_ns;
	uint64_t blocks;
	uint64_t gaps;
	uint64_t samples_lost;
	bool estimated;
	uint64_t records_lost;
	uint64_t longest_ns;
	struct failure refused;
};

/**
 * struct bench - all sizes of a route
 * @route: the route, with the sizes as configured
 * @points: what was found
 * @count: number of @points
 */
struct bench {
	const struct iiobridge_route *route;
	struct bench_point points[BENCH_POINTS_MAX];
	size_t count;
};

/**
 * struct bench_advice - what to write into the board's configuration
 * @good: whether anything can be recommended
 * @block_size: bytes
 * @blocks: number of blocks
 * @reason: why, or why nothing; a sentence without its end
 */
struct bench_advice {
	bool good;
	uint32_t block_size;
	uint32_t blocks;
	char reason[256];
};

/**
 * bench_sizes() - which sizes to measure
 * @route: the route, with its sample, its largest block and its rate
 * @window_ns: how long each is measured
 * @sizes: gets the sizes, which grow
 *
 * Powers of two from 16 KiB to the largest block of the route, each down to what holds whole
 * samples and packets, as long as several of them fill or play in @window_ns; the largest block
 * last if it is one of these.
 *
 * Return: number of sizes, at least 1.
 */
size_t bench_sizes(const struct iiobridge_route *route, uint64_t window_ns,
		   uint32_t sizes[BENCH_POINTS_MAX]);

/**
 * bench_rate() - how fast a route was
 * @point: what was found
 *
 * Return: MiB/s, 0 when nothing moved.
 */
double bench_rate(const struct bench_point *point);

/**
 * bench_cpu() - what it cost the host
 * @point: what was found
 *
 * Return: CPU time in ms for each GiB, 0 when nothing moved.
 */
double bench_cpu(const struct bench_point *point);

/**
 * bench_advise() - recommend a block size and a number of blocks
 * @bench: what was found
 * @advice: gets it
 *
 * At the converter's own rate it is the smallest size without a loss whose blocks last for 10 ms,
 * as the processors work per block, and a block is with the host when it is full. Where the rate is
 * not known, or not reached, it is the smallest without a loss that is within 5 % of the fastest.
 * The blocks together last for half a second.
 */
void bench_advise(const struct bench *bench, struct bench_advice *advice);

/**
 * bench_print_head() - print what is measured, and the names of the columns
 * @bench: with its route
 * @file: where to
 */
void bench_print_head(const struct bench *bench, FILE *file);

/**
 * bench_print_point() - print a line of the table
 * @point: what was found
 * @file: where to
 */
void bench_print_point(const struct bench_point *point, FILE *file);

/**
 * bench_print_advice() - print what is recommended
 * @advice: the recommendation
 * @file: where to
 */
void bench_print_advice(const struct bench_advice *advice, FILE *file);

/**
 * bench_print_json() - print everything as one JSON object
 * @bench: what was found
 * @file: where to
 *
 * Return: enum exit_status.
 */
int bench_print_json(const struct bench *bench, FILE *file);

#endif
