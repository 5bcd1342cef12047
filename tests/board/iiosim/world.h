/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a transceiver hears: signals at fixed radio frequencies, and what it sends itself. Their
 * frequencies and levels are the table in world.c.
 *
 * A signal reaches the ADC as a complex tone at its frequency minus that of the receiver's local
 * oscillator, I on even channels and Q on odd ones. A tone of L dBm with a gain of G dB is at L + G
 * dBFS, where a tone of 0 dBFS has an amplitude of 32768 on each channel; what is beyond the range
 * of a sample is clipped. On its way it loses
 *
 *   40 dB	if the receiver is at another port than A_BALANCED
 *   0 to 80 dB	beyond half the bandwidth, which is RX's rf_bandwidth: 60 dB for each half of the
 *		bandwidth
 *   all	at half the sample rate and beyond, so that nothing is aliased
 *
 * Which of these holds for a modulated signal is judged by its carrier. To all this comes noise of
 * about 2 LSB root mean square on each channel, whatever the gain.
 *
 * What the DAC plays comes back 2 ms later: a tone of 0 dBFS leaves the transmitter with as many
 * dBm as its gain says, or 40 dB less at another port than A, and loses 50 dB on its way to the
 * receiver, at the frequency of the transmitter's local oscillator plus its own. It is filtered by
 * the former: what is further off may be aliased. The transmitter's bandwidth does not matter. If
 * the DAC has another rate than the ADC, each sample is held until the next. If one of the two is
 * not paced there is no time to go by, and nothing comes back.
 *
 * A second pair of channels is a second receiver or transmitter, with a gain of its own. It shares
 * all else, and hears the same signals, and the second transmitter in place of the first.
 */
#ifndef IIOSIM_WORLD_H
#define IIOSIM_WORLD_H

#include <linux/ktime.h>
#include <linux/types.h>

#include "signal.h"

#define WORLD_CHAINS (IIOSIM_MAX_CHANNELS / 2)

/* How long a sample of the DAC is on its way */
#define WORLD_LOOP_NS (2 * NSEC_PER_MSEC)

/* The ports that antennas are at: A_BALANCED of receivers, A of transmitters */
#define WORLD_PORT 0

/**
 * struct world_settings - how receivers and transmitters are set
 * @rx_lo: frequency of the receivers' local oscillator, Hz
 * @tx_lo: of the transmitters'
 * @rx_off: the receivers' local oscillator is powered down: nothing is heard
 * @tx_off: the transmitters' is: nothing is sent
 * @rx_bandwidth: of the receivers' filters, Hz
 * @rx_port: of all receivers
 * @tx_port: of all transmitters
 * @rx_automatic: for each receiver: its gain is such that the strongest signal is at -12 dBFS
 * @rx_gain: its gain otherwise, dB
 * @rx_gain_min: lowest gain, dB
 * @rx_gain_max: highest gain, dB
 * @tx_gain: of each transmitter, thousandths of dB, at most 0
 */
struct world_settings {
	u64 rx_lo;
	u64 tx_lo;
	bool rx_off;
	bool tx_off;
	u32 rx_bandwidth;
	unsigned int rx_port;
	unsigned int tx_port;
	bool rx_automatic[WORLD_CHAINS];
	int rx_gain[WORLD_CHAINS];
	int rx_gain_min;
	int rx_gain_max;
	int tx_gain[WORLD_CHAINS];
};

/**
 * struct world_time - where on a converter's clock, and when, something happens
 * @scan: its scan
 * @time: when that begins, CLOCK_MONOTONIC
 * @rate: scans per second
 * @paced: whether @time means something
 */
struct world_time {
	u64 scan;
	ktime_t time;
	u32 rate;
	bool paced;
};

struct world;

/**
 * world_create() - makes a world in which nothing is heard until world_set()
 *
 * Return: the world, which world_destroy() releases, or NULL.
 */
struct world *world_create(void);

/**
 * world_destroy() - releases a world that no converter uses any more; NULL is allowed
 */
void world_destroy(struct world *world);

/**
 * world_set() - sets receivers and transmitters, in force from the next samples on
 * @settings: copied
 *
 * Tones go on with the phase that they have.
 */
void world_set(struct world *world, const struct world_settings *settings);

/**
 * world_level() - the level of the strongest signal that the receivers hear
 * @rate: of the ADC, scans per second
 *
 * Return: thousandths of dBm, behind the filters; WORLD_SILENCE if there is none.
 */
int world_level(struct world *world, u32 rate);

#define WORLD_SILENCE (-150000)

/**
 * world_gain() - the gain of a receiver, which may be automatic
 * @chain: which one
 * @rate: of the ADC, scans per second
 *
 * An automatic gain is a whole number of dB, rounded down, and takes no notice of what the DAC
 * plays.
 *
 * Return: dB.
 */
int world_gain(struct world *world, unsigned int chain, u32 rate);

/**
 * world_tune() - what world_receive() generates next is of this time, with the settings as they are
 */
void world_tune(struct world *world, const struct world_time *time);

/**
 * world_receive() - generates the next samples of the ADC, a signal_generate_fn
 * @generator: the world
 *
 * Called by one thread only, as world_tune().
 */
void world_receive(void *generator, s16 *to, size_t scans, unsigned int mask);

/**
 * world_transmit() - the DAC plays samples
 * @time: of the scan that the first of them is in
 * @mask: the enabled channels, bit 0 for channel 0; others play 0
 * @position: of the first in its scan
 * @from: the samples
 * @samples: how many they are
 *
 * Called by one thread only.
 */
void world_transmit(struct world *world, const struct world_time *time, unsigned int mask,
		    unsigned int position, const s16 *from, size_t samples);

#endif
