/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IIO device of a transceiver, "ad9361-phy", before the ADC iiosim-adc0 and behind the DAC
 * iiosim-dac0. It has attributes of the driver ad9361, by their names, forms and ranges:
 *
 *   out_altvoltage0_RX_LO_frequency	Hz, even: what is odd is rounded down; 2.4 GHz
 *   out_altvoltage0_RX_LO_frequency_available	[70000000 1 6000000000]
 *   out_altvoltage0_RX_LO_powerdown	1: nothing is heard; 0
 *   out_altvoltage1_TX_LO_*		the same, from 46875001 Hz on; 2.45 GHz
 *   in_voltage0_hardwaregain		dB, whole; "Operation not supported" unless it is manual
 *   in_voltage0_hardwaregain_available	by RX_LO: [-1 1 73] up to 1.3 GHz, [-3 1 71] up to
 *					4 GHz, [-10 1 62] above
 *   in_voltage0_gain_control_mode	manual, or fast_attack, slow_attack and hybrid, by which the
 *					strongest signal is at -12 dBFS; slow_attack
 *   in_voltage0_rf_port_select		A_BALANCED, where the antenna is, or others; one for all
 *					receivers; A_BALANCED
 *   in_voltage0_rssi			dB below 0 dBm of the strongest signal
 *   in_voltage_rf_bandwidth		Hz; 18 MHz
 *   in_voltage_sampling_frequency	that of the ADC; 10 MHz
 *   in_voltage_filter_fir_en		1: lower rates are possible; 0
 *   out_voltage0_hardwaregain		dB, in steps of 0.25 dB, at most 0; -10
 *   out_voltage0_rf_port_select	A, where the antenna is, or B; one for all transmitters; A
 *   out_voltage_*			as in_voltage_*, and of the DAC
 *   in_out_voltage_filter_fir_en	of both
 *   in_temp0_input			thousandths of degrees Celsius; 34211
 *
 * and channels that are on no signal's way: voltage2, and the outputs voltage2 and voltage3. With
 * converters of four channels there is a second receiver, in_voltage1_…, and a second transmitter.
 *
 * As with the driver, the lowest rate of sampling_frequency_available is too low by a fraction of a
 * Hz, and refused. Other than with the driver, RX and TX have rates of their own, and the ADC and
 * the DAC, which have an attribute for it, too, can have rates that a transceiver has not. A rate
 * is in force at once, also while a buffer is enabled.
 *
 * What the ADC hears is its pattern "world", see world.h. With the module's parameter phy_delay_ms
 * a write of a frequency takes so long, and whoever wants something of the transceiver waits.
 */
#ifndef IIOSIM_PHY_H
#define IIOSIM_PHY_H

struct converter;
struct device;
struct world;

/**
 * phy_register() - registers the IIO device of a transceiver, until its device is unbound
 * @dev: the platform device
 * @world: what it hears; it is set as the transceiver is
 * @adc: behind its receivers
 * @dac: before its transmitters
 * @chains: how many receivers and transmitters it has, at most WORLD_CHAINS
 *
 * Return: 0 or a negative errno.
 */
int phy_register(struct device *dev, struct world *world, struct converter *adc,
		 struct converter *dac, unsigned int chains);

#endif
