/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IIO device of a converter, with a DMA buffer.
 *
 * Attributes of the device; what can be written can be written while the buffer is disabled:
 *
 *   sampling_frequency	scans per second, 1 kHz to 1 GHz; 10 MHz; reads 0 while paced is 0
 *   paced		1: keeps to the sampling frequency, and loses samples while no block is
 *			queued; 0: as fast as memory allows, loses nothing; 1
 *   write_memory	ADC: 0: leaves the blocks as they are, as if DMA cost nothing; 1
 *   read_memory	DAC: the same
 *   pattern		ADC: one of pattern_available, "counter" or "tone" (signal.h says what they
 *			are), or, if there is a transceiver before it, "world" (world.h); counter
 *   tone_frequency	ADC: in Hz, may be negative; 1 MHz
 *   tone_amplitude	ADC: peak, in LSB, up to 32767; 16384 is -6 dB of full scale
 *   noise_amplitude	ADC: root mean square of the tone's noise, in LSB, up to 4096; 16
 *   counter_length	DAC: the counter that is checked goes on with 0 after so many scans, as a
 *			waveform that is repeated does; 0: only after 32 bits; 0
 *
 * Counters, since the module was loaded, read-only, in scans unless said otherwise:
 *
 *   samples_produced	ADC: in the blocks that it has filled
 *   samples_lost	ADC: of the time between two blocks in which none was queued
 *   gaps		ADC: how often that happened
 *   samples_received	DAC: in the blocks that it has played
 *   samples_out_of_order DAC: whose counter did not continue the one before
 *   last_out_of_order	DAC: the last of those: its number since the buffer was enabled, and the
 *			counter expected and found, in hexadecimal
 *   samples_missed	DAC: of the time between two blocks in which none was queued
 *   underruns		DAC: how often that happened
 *
 * What is lost or missed is counted when the block that ends the gap is queued, and taken back if
 * that block is cancelled: while the buffer is disabled, all gaps that count lie between two blocks
 * that were completed.
 *
 * /sys/kernel/debug/NAME/gap_list has a line for each of the last 512 of these gaps since the
 * buffer was enabled: the place of the first scan after the gap on the converter's clock, which is
 * the number of all scans before it since the buffer was enabled, including those that were lost or
 * missed; a space; and how many of these were in the gap. A gap is there when the block behind it
 * is completed.
 *
 * /sys/kernel/debug/NAME/started_ns is when scan 0 began, CLOCK_MONOTONIC in nanoseconds.
 */
#ifndef IIOSIM_IIO_H
#define IIOSIM_IIO_H

#include <linux/types.h>

struct device;
struct converter;

/**
 * iio_converter_register() - registers the IIO device of a converter, until its device is unbound
 * @dev: the converter's platform device; the DMA engine knows its channel by it
 * @converter: what is behind that channel
 * @name: the IIO device's name; copied
 * @channels: how many channels it has, at most IIOSIM_MAX_CHANNELS
 *
 * Return: 0 or a negative errno.
 */
int iio_converter_register(struct device *dev, struct converter *converter, const char *name,
			   unsigned int channels);

#endif
