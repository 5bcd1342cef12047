/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * histogram.h - how often each value occurred, as text and as a picture
 */
#ifndef HOST_VIEW_HISTOGRAM_H
#define HOST_VIEW_HISTOGRAM_H

#include <stddef.h>
#include <stdio.h>

struct failure;

#define HISTOGRAM_BINS_MAX 64

/** struct histogram - counts of values in bins of the same width */
struct histogram {
	double low;  /* where the first bin begins: a multiple of @step */
	double step; /* 1, 2 or 5 times a power of ten */
	size_t bins; /* at least 1 */
	size_t counts[HISTOGRAM_BINS_MAX];
	size_t beyond; /* values above the last bin */
};

/** struct histogram_mark - a value that a picture points out */
struct histogram_mark {
	const char *name;
	double value;
};

/** struct histogram_picture - what a picture says beside the counts */
struct histogram_picture {
	const char *title, *facts; /* above it */
	const char *quantity;	   /* that is counted: the name of its axis */
	const char *unit;	   /* of the values; it gets a prefix */
	double scale;		   /* what a value of 1 is, in the unit */
	const struct histogram_mark *marks;
	size_t mark_count;
};

/**
 * histogram_fill() - sort values into bins
 * @histogram: gets them
 * @values: in ascending order, one at least
 * @count: their number
 * @most: bins, from 1 to HISTOGRAM_BINS_MAX
 *
 * The bins reach from the smallest value to that which 99 of 100 do not exceed; what is rarer
 * would leave no room for what is frequent, and is beyond them.
 */
void histogram_fill(struct histogram *histogram, const double *values, size_t count, size_t most);

/** histogram_print() - print a line for each bin: where it is, its count, and a bar */
void histogram_print(const struct histogram *histogram, FILE *file);

/** histogram_write() - draw it, and write it into a PNG file; returns 0 or a negative errno */
int histogram_write(const char *path, const struct histogram *histogram,
		    const struct histogram_picture *picture, struct failure *failure);

#endif
