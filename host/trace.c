// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <math.h>

#define PERIODS	    25
#define SAMPLES_MIN 100
#define SAMPLES_MAX 20000
#define SECONDS_MAX 0.005

/* Below this a tone is the offset of the converter, or a wave that is longer than the trace. */
#define FREQUENCY_MIN 1e-4

void trace_reduce(const float *values, size_t stride, size_t count, struct trace_span *spans,
		  size_t columns)
{
	for (size_t column = 0; column < columns; column++) {
		const size_t begin = column * count / columns;
		const size_t end = (column + 1) * count / columns;
		struct trace_span span = { INFINITY, -INFINITY };

		for (size_t i = begin ? begin - 1 : 0; i < end; i++) {
			span.low = fminf(span.low, values[i * stride]);
			span.high = fmaxf(span.high, values[i * stride]);
		}
		spans[column] = span;
	}
}

size_t trace_length(size_t count, double frequency, double sample_rate)
{
	double length = SAMPLES_MAX;

	frequency = fabs(frequency);
	if (sample_rate > 0)
		length = fmin(length, sample_rate * SECONDS_MAX);
	if (frequency > FREQUENCY_MIN)
		length = fmin(length, PERIODS / frequency);
	length = fmax(length, SAMPLES_MIN);
	return length < (double)count ? (size_t)lround(length) : count;
}
