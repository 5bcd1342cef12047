/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * samples.h - samples as they lie in memory, turned into numbers
 *
 * A scan is one sample of each channel. Numbers are relative to full scale: the largest value that
 * the valid bits hold is 1, as it is of a float, and a sine that just fits is 0 dBFS.
 */
#ifndef HOST_FILES_SAMPLES_H
#define HOST_FILES_SAMPLES_H

#include "datatype.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * samples_convert() - take one channel out of scans
 * @layout: how they lie in memory
 * @channel: number of the channel
 * @scans: the scans
 * @count: number of scans
 * @values: gets @count numbers; those of a real channel have no imaginary part
 *
 * Unsigned integers count from the middle of their range.
 */
void samples_convert(const struct datatype_layout *layout, unsigned int channel, const void *scans,
		     size_t count, float complex *values);

/**
 * samples_at_full_scale() - whether a converter may have clipped
 * @layout: how they lie in memory
 * @values: numbers from samples_convert()
 * @count: their number
 *
 * Return: true when one of them has the largest or the smallest value of the format.
 */
bool samples_at_full_scale(const struct datatype_layout *layout, const float complex *values,
			   size_t count);

#endif
