/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * samples.h - samples as they lie in memory, turned into numbers
 *
 * A scan is one sample of each channel. Numbers are relative to full scale: the largest value that
 * the format holds is 1, and a sine that just fits is 0 dBFS.
 */
#ifndef HOST_SAMPLES_H
#define HOST_SAMPLES_H

#include "datatype.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct samples_format - how scans lie in memory
 * @layout: datatype and number of channels; the full scale of a float is 1
 * @bits: of an integer's bits, those that count
 * @shift: right shift that brings them to bit 0
 */
struct samples_format {
	struct datatype_layout layout;
	unsigned int bits;
	unsigned int shift;
};

/**
 * samples_convert() - take one channel out of scans
 * @format: the format
 * @channel: number of the channel
 * @scans: the scans
 * @count: number of scans
 * @values: gets @count numbers; those of a real channel have no imaginary part
 *
 * Unsigned integers count from the middle of their range.
 */
void samples_convert(const struct samples_format *format, unsigned int channel, const void *scans,
		     size_t count, float complex *values);

/**
 * samples_at_full_scale() - whether a converter may have clipped
 * @format: the format
 * @values: numbers from samples_convert()
 * @count: their number
 *
 * Return: true when one of them has the largest or the smallest value of the format.
 */
bool samples_at_full_scale(const struct samples_format *format, const float complex *values,
			   size_t count);

#endif
