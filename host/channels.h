/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * channels.h - channels of a route, as people write and read them
 */
#ifndef HOST_CHANNELS_H
#define HOST_CHANNELS_H

#include <stdint.h>

struct failure;
struct iiobridge_channel_info;

/* "le:s16/16X2>>0" with the largest numbers that fit the protocol. */
#define CHANNEL_FORMAT_SIZE 32

/**
 * channel_format() - the format of a channel's samples in IIO's notation
 * @channel: the channel
 * @text: gets the format, such as "le:s12/16>>4"
 *
 * Return: @text.
 */
const char *channel_format(const struct iiobridge_channel_info *channel,
			   char text[CHANNEL_FORMAT_SIZE]);

/**
 * channels_parse() - read which channels are wanted
 * @text: "0x3", a mask; or channel ids or numbers between commas: "voltage0,voltage1", "0,1"
 * @channels: the channels of the route, in the order of the mask's bits
 * @count: number of @channels, at most 32
 * @failure: gets the reason of an error
 * @mask: gets the mask, never 0
 *
 * Return: 0; -EINVAL: no such channel, named twice, or none at all; the sentence names those that
 * exist.
 */
int channels_parse(const char *text, const struct iiobridge_channel_info *channels,
		   unsigned int count, struct failure *failure, uint32_t *mask);

#endif
