/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * units.h - numbers with units: reading them from the command line, showing them to people
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
 * units_parse_count() - read a number of samples
 * @text: digits with an optional fraction and an optional unit: k, M, G, T are powers of 1000,
 *	Ki, Mi, Gi, Ti powers of 1024; blanks may stand before the unit: "10M", "1.5 G", "64Mi"
 * @count: the number; must come out whole and larger than 0
 *
 * Return: 0; -EINVAL: not such a number; -ERANGE: does not fit 64 bits.
 */
int units_parse_count(const char *text, uint64_t *count);

/**
 * units_parse_size() - read a number of bytes
 * @text: as for units_parse_count(), but K, M, G, T alone are powers of 1024 and KiB, kB and so
 *	on say which is meant: "256K", "1 MiB", "1MB"
 * @size: the number of bytes; must come out whole and larger than 0
 *
 * Return: 0; -EINVAL: not such a number; -ERANGE: does not fit 64 bits.
 */
int units_parse_size(const char *text, uint64_t *size);

/**
 * units_parse_duration() - read a span of time
 * @text: digits with an optional fraction and an optional unit: us, ms, s (the default), min, h
 * @microseconds: the span; must come out whole and larger than 0
 *
 * Return: 0; -EINVAL: not such a span; -ERANGE: does not fit 64 bits.
 */
int units_parse_duration(const char *text, uint64_t *microseconds);

/**
 * units_format_size() - show a number of bytes in the largest fitting binary unit
 * @size: bytes
 * @text: at least %UNITS_TEXT_SIZE bytes, gets "64 KiB" or "1.5 GiB"
 *
 * Return: @text.
 */
const char *units_format_size(uint64_t size, char text[UNITS_TEXT_SIZE]);

/**
 * units_format_scaled() - show a value with a decimal prefix
 * @value: a non-negative value
 * @unit: unit to put behind the prefix, such as "S/s"
 * @text: at least %UNITS_TEXT_SIZE bytes, gets "24.9 MS/s"
 *
 * Return: @text.
 */
const char *units_format_scaled(double value, const char *unit, char text[UNITS_TEXT_SIZE]);

/**
 * units_per_second() - the rate of what passed in a span of time
 * @amount: what passed
 * @nanoseconds: the span
 *
 * Return: the amount per second; 0 where there is no span yet.
 */
double units_per_second(double amount, uint64_t nanoseconds);

/**
 * units_samples_in() - number of samples in a span of time
 * @microseconds: the span
 * @rate_millihertz: samples per 1000 seconds, larger than 0
 * @samples: the number, rounded to the nearest, at least 1
 *
 * Return: 0; -ERANGE: does not fit 64 bits.
 */
int units_samples_in(uint64_t microseconds, uint64_t rate_millihertz, uint64_t *samples);

#endif
