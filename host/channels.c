// SPDX-License-Identifier: GPL-2.0-or-later
#include "channels.h"

#include "failure.h"

#include <iiobridge/protocol.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *channel_format(const struct iiobridge_channel_info *channel,
			   char text[CHANNEL_FORMAT_SIZE])
{
	char repeat[8] = "";

	if (channel->repeat > 1)
		snprintf(repeat, sizeof(repeat), "X%u", channel->repeat);
	snprintf(text, CHANNEL_FORMAT_SIZE, "%s:%c%u/%u%s>>%u", channel->big_endian ? "be" : "le",
		 channel->is_signed ? 's' : 'u', channel->bits, channel->storage_bits, repeat,
		 channel->shift);
	return text;
}

static int unknown_channel(const char *name, int length,
			   const struct iiobridge_channel_info *channels, unsigned int count,
			   struct failure *failure)
{
	char known[256] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < count && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
					 channels[i].id);
	return failure_set(failure, -EINVAL, "there is no channel \"%.*s\"; there are: %s", length,
			   name, known);
}

static int find_channel(const char *name, size_t length,
			const struct iiobridge_channel_info *channels, unsigned int count)
{
	unsigned long number;
	char *end;

	for (unsigned int i = 0; i < count; i++) {
		if (strlen(channels[i].id) == length && !strncmp(channels[i].id, name, length))
			return (int)i;
	}
	if (length == 0 || *name < '0' || *name > '9')
		return -ENOENT;
	number = strtoul(name, &end, 10);
	if (end != name + length || number >= count)
		return -ENOENT;
	return (int)number;
}

static int parse_mask(const char *text, unsigned int count, struct failure *failure, uint32_t *mask)
{
	uint64_t all = (UINT64_C(1) << count) - 1;
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text + 2, &end, 16);
	if (end == text + 2 || *end || errno || value == 0 || value & ~all)
		return failure_set(failure, -EINVAL,
				   "the channel mask %s does not fit: a mask from 0x1 to 0x%llx is "
				   "accepted",
				   text, (unsigned long long)all);
	*mask = (uint32_t)value;
	return 0;
}

int channels_parse(const char *text, const struct iiobridge_channel_info *channels,
		   unsigned int count, struct failure *failure, uint32_t *mask)
{
	uint32_t result = 0;

	if (!strncmp(text, "0x", 2) || !strncmp(text, "0X", 2))
		return parse_mask(text, count, failure, mask);

	for (;;) {
		size_t length = strcspn(text, ",");
		int channel = find_channel(text, length, channels, count);

		if (channel < 0)
			return unknown_channel(text, (int)length, channels, count, failure);
		if (result & UINT32_C(1) << channel)
			return failure_set(failure, -EINVAL, "channel %s is named twice",
					   channels[channel].id);
		result |= UINT32_C(1) << channel;
		if (!text[length])
			break;
		text += length + 1;
	}
	*mask = result;
	return 0;
}
