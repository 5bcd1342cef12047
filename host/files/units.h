/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * units.h - numbers with units: reading them from the command line, showing them to people
 *
 * What is read is digits with an optional fraction, blanks, and an optional unit. It must come out
 * whole and larger than 0: all return -EINVAL where it is not such a number, and -ERANGE where it
 * does not fit 64 bits.
 */
#ifndef HOST_UNITS_H
#define HOST_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes in a MiB, for figures with a fraction. */
#define UNITS_MIB (1024.0 * 1024.0)

/* Long enough for every text that the units_format functions make. */
#define UNITS_TEXT_SIZE 32

/**
 * units_parse_count() - read a number of samples: "10M", "1.5 G", "64Mi"
 *
 * k, M, G, T are powers of 1000, and Ki, Mi, Gi, Ti powers of 1024.
 */
int units_parse_count(const char *text, uint64_t *count);

/**
 * units_parse_size() - read a number of bytes: "256K", "1 MiB", "1MB"
 *
 * Here K, M, G, T alone are powers of 1024, and KiB, kB and so on say which is meant.
 */
int units_parse_size(const char *text, uint64_t *size);

/** units_parse_duration() - read a span of time, in us, ms, s (the default), min, h */
int units_parse_duration(const char *text, uint64_t *microseconds);

/** units_format_size() - bytes in the largest fitting binary unit: "64 KiB"; returns @text */
const char *units_format_size(uint64_t size, char text[UNITS_TEXT_SIZE]);

/** units_format_scaled() - a value from 0 on with a decimal prefix: "24.9 MS/s"; returns @text */
const char *units_format_scaled(double value, const char *unit, char text[UNITS_TEXT_SIZE]);

/** units_per_second() - the rate of what passed in a span; 0 where there is no span yet */
double units_per_second(double amount, uint64_t nanoseconds);

/**
 * units_samples_in() - number of samples in a span of time, rounded to the nearest, at least 1
 *
 * The rate is samples per 1000 seconds, larger than 0.
 */
int units_samples_in(uint64_t microseconds, uint64_t rate_millihertz, uint64_t *samples);

#endif
