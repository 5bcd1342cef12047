/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slow ADC, of the kind that is on SPI: a trigger has it take a scan, which the processor puts
 * into a kfifo buffer. It has no sampling frequency of its own; its trigger has one, or none.
 *
 * Its channels have a counter of the triggers since the buffer was enabled, in formats of many
 * kinds:
 *
 *   voltage0	le:s16/16	the low 16 bits
 *   voltage1	le:s24/32>>8	the low 24 bits; the 8 below them are 0xa5
 *   voltage2	be:u12/16>>4	the low 12 bits; the 4 below them are 0x5
 *   voltage3	be:s32/32	all bits
 *   voltage4	le:u8/8		the low 8 bits
 *   voltage5	le:s16/16X4	the low 16 bits, and those of the counter plus 1, 2 and 3
 *   timestamp	le:s64/64	when the trigger came
 *
 * Padding is 0xee. Attribute samples_lost, read-only: scans for which the buffer had no room, since
 * the module was loaded. Few drivers count them.
 */
#ifndef IIOSIM_SLOW_H
#define IIOSIM_SLOW_H

struct device;

/**
 * slow_adc_register() - registers the IIO device of a slow ADC, until its device is unbound
 * @dev: the platform device
 * @name: the IIO device's name; copied
 *
 * Return: 0 or a negative errno.
 */
int slow_adc_register(struct device *dev, const char *name);

#endif
