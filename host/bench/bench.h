/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.h - what a route carries with blocks of several sizes, and which is to be recommended
 *
 * report.c has the arithmetic and the text; bench.c finds the figures. How long samples take is of
 * latency.h.
 */
#ifndef HOST_BENCH_H
#define HOST_BENCH_H

#include "host/files/failure.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_POINTS_MAX 16

/** struct bench_point - what was found with blocks of one size */
struct bench_point {
	uint32_t block_size;
	uint64_t bytes;				     /* that moved in the time that counts */
	uint64_t nanoseconds;			     /* that time */
	uint64_t transfers;			     /* on USB in it */
	uint64_t cpu_ns;			     /* CPU time of this program in it */
	struct iiobridge_statistics_info statistics; /* of the whole run */
	uint64_t records_lost;
	uint64_t longest_ns;	/* longest time from a full block to its delivery, by the records */
	struct failure refused; /* why the board did not run with such blocks; empty when it did */
};

/** struct bench - all sizes of a route */
struct bench {
	const struct iiobridge_route *route; /* with the sizes as configured */
	struct bench_point points[BENCH_POINTS_MAX];
	size_t count;
};

/** struct bench_advice - what to write into the board's configuration */
struct bench_advice {
	bool good; /* anything can be recommended */
	uint32_t block_size;
	uint32_t blocks;
	char reason[256]; /* why, or why nothing; a sentence without its end */
};

/**
 * bench_sizes() - which sizes to measure for @window_ns each; returns their number, at least 1
 *
 * Powers of two from 16 KiB to the largest block of the route, each down to what holds whole
 * samples and packets, as long as several of them fill or play in @window_ns; the largest block
 * last if it is one of these.
 */
size_t bench_sizes(const struct iiobridge_route *route, uint64_t window_ns,
		   uint32_t sizes[BENCH_POINTS_MAX]);

/** bench_rate() - how fast a route was, MiB/s; 0 when nothing moved */
double bench_rate(const struct bench_point *point);

/** bench_cpu() - what it cost the host, ms of CPU time for each GiB; 0 when nothing moved */
double bench_cpu(const struct bench_point *point);

/**
 * bench_advise() - recommend a block size and a number of blocks
 *
 * At the converter's own rate it is the smallest size without a loss whose blocks last for 10 ms,
 * as the processors work per block, and a block is with the host when it is full. Where the rate is
 * not known, or not reached, it is the smallest without a loss that is within 5 % of the fastest.
 * The blocks together last for half a second.
 */
void bench_advise(const struct bench *bench, struct bench_advice *advice);

/** bench_print_route() - print what is measured */
void bench_print_route(const struct iiobridge_route *route, FILE *file);

/** bench_print_columns() - print the names of the columns */
void bench_print_columns(const struct iiobridge_route *route, FILE *file);

/** bench_print_point() - print a line of the table */
void bench_print_point(const struct bench_point *point, FILE *file);

/** bench_print_advice() - print what is recommended */
void bench_print_advice(const struct bench_advice *advice, FILE *file);

/** bench_print_json() - print everything as one JSON object; returns an enum exit_status */
int bench_print_json(const struct bench *bench, FILE *file);

#endif
