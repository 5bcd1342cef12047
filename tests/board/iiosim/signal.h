/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the samples are: the patterns that an ADC writes, and the check of what a DAC gets.
 *
 * A scan is one sample of each enabled channel, in the order of the channels. Memory is handed over
 * in pieces that need not end with a scan; a signal keeps its place in between.
 */
#ifndef IIOSIM_SIGNAL_H
#define IIOSIM_SIGNAL_H

#include <linux/types.h>

#define IIOSIM_MAX_CHANNELS 4

/**
 * enum signal_pattern - what the samples of an ADC are
 * @SIGNAL_COUNTER: a 32-bit counter over the scans: channel 0 has its low half, channel 1 its high
 *	half, channels 2 and 3 have the complement of the two
 * @SIGNAL_TONE: a complex tone with noise: the cosine on even channels, the sine on odd ones
 * @SIGNAL_WORLD: what somebody else generates
 */
enum signal_pattern {
	SIGNAL_COUNTER,
	SIGNAL_TONE,
	SIGNAL_WORLD,
};

/**
 * typedef signal_generate_fn - generates the next samples
 * @generator: whose they are
 * @to: where to
 * @scans: how many scans
 * @mask: the enabled channels, bit 0 for channel 0; at least one
 */
typedef void (*signal_generate_fn)(void *generator, s16 *to, size_t scans, unsigned int mask);

/**
 * struct signal_settings - what is to be generated; fixed while a signal runs
 * @pattern: see there
 * @rate: scans per second
 * @tone_frequency: in Hz, negative for a tone that turns the other way
 * @tone_amplitude: peak value, in LSB
 * @noise_amplitude: root mean square of the noise on each channel, in LSB
 * @counter_length: values of the counter that is checked, 0 follows the last; 0: all of its 32 bits
 * @generate: generates the samples of SIGNAL_WORLD
 * @generator: passed to @generate
 */
struct signal_settings {
	enum signal_pattern pattern;
	u32 rate;
	s32 tone_frequency;
	u32 tone_amplitude;
	u32 noise_amplitude;
	u32 counter_length;
	signal_generate_fn generate;
	void *generator;
};

/**
 * struct signal_mismatch - the last scan that did not follow the one before it
 * @scan: its number since the start
 * @expected: what the counter should have been
 * @found: what it was
 */
struct signal_mismatch {
	u64 scan;
	u32 expected;
	u32 found;
};

struct signal;

/**
 * signal_alloc() - makes a signal; signal_start() makes it usable
 *
 * Return: the signal, which signal_free() releases, or NULL.
 */
struct signal *signal_alloc(void);

/**
 * signal_free() - releases a signal; NULL is allowed
 */
void signal_free(struct signal *signal);

/**
 * signal_start() - sets a signal to scan 0
 * @settings: copied
 * @mask: the enabled channels, bit 0 for channel 0; at least one
 */
void signal_start(struct signal *signal, const struct signal_settings *settings, unsigned int mask);

/**
 * signal_scan_bytes() - the size of a scan
 */
unsigned int signal_scan_bytes(const struct signal *signal);

/**
 * signal_seek() - goes to the start of a scan
 * @scan: its number since the start
 */
void signal_seek(struct signal *signal, u64 scan);

/**
 * signal_write() - generates the next samples
 * @to: where to, aligned to a sample
 * @bytes: how much, a multiple of a sample's size
 */
void signal_write(struct signal *signal, void *to, size_t bytes);

/**
 * signal_check() - checks that samples continue the counter
 * @from: the samples, aligned to a sample
 * @bytes: how much, a multiple of a sample's size
 * @mismatch: set to the last scan out of order, if there is one
 *
 * The first scan after signal_start() sets the counter's start, and one out of order sets it anew.
 * One that is beyond the counter's length is always out of order, and 0 follows it. Where the high
 * half of the counter is on no enabled channel, it is 0 at such a start.
 *
 * Return: how many scans were out of order.
 */
u64 signal_check(struct signal *signal, const void *from, size_t bytes,
		 struct signal_mismatch *mismatch);

#endif
