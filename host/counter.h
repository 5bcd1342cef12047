/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counter.h - the counter pattern
 *
 * The pattern is a 32-bit counter over samples. Channel 0 holds its low 16 bits, channel 1 its high
 * 16 bits, channels 2 and 3 their complements; every sample is le:s16/16>>0. The counter begins at
 * 0 with the route.
 */
#ifndef HOST_COUNTER_H
#define HOST_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct iiobridge_route;

/** enum counter_part - what a channel holds; the number is that of the channel */
enum counter_part {
	COUNTER_LOW,
	COUNTER_HIGH,
	COUNTER_NOT_LOW,
	COUNTER_NOT_HIGH,
	COUNTER_PARTS,
};

/**
 * struct counter_layout - where the counter is in a sample
 * @sample_size: size of a sample
 * @present: whether a part is in the sample; the first two always are
 * @offset: bytes from the beginning of the sample to the part
 * @packed: the parts fill the sample, and there are two of them or all
 */
struct counter_layout {
	uint32_t sample_size;
	bool present[COUNTER_PARTS];
	uint32_t offset[COUNTER_PARTS];
	bool packed;
};

/**
 * counter_layout_init() - find the counter in samples
 * @layout: gets the layout
 * @option: option that asks for the pattern, for messages: "--verify"
 * @route: the route as it runs; must have channels 0 and 1
 * @failure: gets the reason of an error
 *
 * Return: 0; -EINVAL: such samples cannot hold the pattern.
 */
int counter_layout_init(struct counter_layout *layout, const char *option,
			const struct iiobridge_route *route, struct failure *failure);

/**
 * counter_fill() - make a piece of the pattern
 * @layout: where the counter is in a sample
 * @position: bytes from the beginning of the pattern to the piece
 * @data: gets the piece, which may begin and end inside a sample; padding is 0
 * @size: bytes in @data
 */
void counter_fill(const struct counter_layout *layout, uint64_t position, uint8_t *data,
		  size_t size);

#endif
