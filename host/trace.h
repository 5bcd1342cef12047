/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - many values on few pixels
 */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include <stddef.h>

/**
 * struct trace_span - what the values of one pixel reach
 * @low: the lowest value
 * @high: the highest one
 */
struct trace_span {
	float low;
	float high;
};

/**
 * trace_reduce() - put values into columns
 * @values: the first value
 * @stride: from one value to the next; 2 for one part of complex numbers
 * @count: number of values
 * @spans: gets the spans of @columns columns, which have equal parts of the values
 * @columns: their number, at most @count
 *
 * Each span also reaches to the value before it, so that the columns form a line without holes.
 */
void trace_reduce(const float *values, size_t stride, size_t count, struct trace_span *spans,
		  size_t columns);

/**
 * trace_length() - choose how much of a recording's beginning is drawn
 * @count: samples that there are
 * @frequency: of the strongest tone, relative to the sample rate; 0 where there is none
 * @sample_rate: samples per second, 0 when it is not known
 *
 * So much that the periods of the tone can be seen one by one; but some milliseconds at most.
 *
 * Return: number of samples, at least 1 and at most @count.
 */
size_t trace_length(size_t count, double frequency, double sample_rate);

#endif
