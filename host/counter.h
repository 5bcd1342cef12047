/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counter.h - the counter pattern
 *
 * The pattern is a 32-bit counter over scans. Channel 0 holds its low 16 bits, channel 1 its high
 * 16 bits, channels 2 and 3 their complements; every sample is le:s16/16>>0. The counter begins at
 * 0 with the route.
 */
#ifndef HOST_COUNTER_H
#define HOST_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct iiobridge_channel_info;

/** enum counter_part - what a channel holds; the number is that of the channel */
enum counter_part {
	COUNTER_LOW,
	COUNTER_HIGH,
	COUNTER_NOT_LOW,
	COUNTER_NOT_HIGH,
	COUNTER_PARTS,
};

/**
 * struct counter_layout - where the counter is in a scan
 * @bytes_per_scan: size of a scan
 * @present: whether a part is in the scan; the first two always are
 * @offset: bytes from the beginning of the scan to the part
 * @packed: the parts fill the scan, and there are two of them or all
 */
struct counter_layout {
	uint32_t bytes_per_scan;
	bool present[COUNTER_PARTS];
	uint32_t offset[COUNTER_PARTS];
	bool packed;
};

/**
 * counter_layout_init() - find the counter in scans
 * @layout: gets the layout
 * @option: option that asks for the pattern, for messages: "--verify"
 * @channels: the IIO device's channels, in the order of the mask's bits
 * @count: number of @channels
 * @mask: channels that a scan holds; must have channels 0 and 1
 * @bytes_per_scan: size of a scan
 * @failure: gets the reason of an error
 *
 * Return: 0; -EINVAL: such scans cannot hold the pattern.
 */
int counter_layout_init(struct counter_layout *layout, const char *option,
			const struct iiobridge_channel_info *channels, unsigned int count,
			uint32_t mask, uint32_t bytes_per_scan, struct failure *failure);

/**
 * counter_fill() - make a piece of the pattern
 * @layout: where the counter is in a scan
 * @position: bytes from the beginning of the pattern to the piece
 * @data: gets the piece, which may begin and end inside a scan; padding is 0
 * @size: bytes in @data
 */
void counter_fill(const struct counter_layout *layout, uint64_t position, uint8_t *data,
		  size_t size);

#endif
