// SPDX-License-Identifier: GPL-2.0-or-later
#include "counter.h"

#include "files/failure.h"

#include <iiobridge/iiobridge.h>

#include <endian.h>
#include <errno.h>
#include <string.h>

#define VALUE_SIZE 2

static bool is_plain_s16(const struct iiobridge_channel *channel)
{
	return !iiobridge_channel_is_big_endian(channel) && iiobridge_channel_is_signed(channel) &&
	       iiobridge_channel_bits(channel) == 16 &&
	       iiobridge_channel_storage_bits(channel) == 16 &&
	       iiobridge_channel_shift(channel) == 0 && iiobridge_channel_repeat(channel) == 1;
}

int counter_layout_init(struct counter_layout *layout, const char *option,
			const struct iiobridge_route *route, struct failure *failure)
{
	const uint32_t mask = iiobridge_route_channel_mask(route);
	uint32_t end = 0;

	if ((mask & 3) != 3)
		return failure_set(failure, -EINVAL,
				   "%s counter needs channels 0 and 1 in the sample (the halves of "
				   "the counter); the sample has the channels of mask 0x%x",
				   option, mask);
	if (mask >> COUNTER_PARTS)
		return failure_set(failure, -EINVAL,
				   "%s counter knows channels 0 to %d; the sample has the channels "
				   "of mask 0x%x",
				   option, COUNTER_PARTS - 1, mask);

	*layout = (struct counter_layout){
		.sample_size = (uint32_t)iiobridge_route_sample_size(route),
	};
	for (unsigned int i = 0; i < COUNTER_PARTS; i++) {
		const struct iiobridge_channel *channel = iiobridge_route_channel(route, i);

		if (!(mask & UINT32_C(1) << i))
			continue;
		if (!channel || !is_plain_s16(channel))
			return failure_set(failure, -EINVAL,
					   "%s counter needs values of le:s16/16>>0; channel %u "
					   "(%s) has others",
					   option, i,
					   channel ? iiobridge_channel_id(channel) : "absent");
		layout->present[i] = true;
		layout->offset[i] = (uint32_t)iiobridge_channel_offset(channel);
		end = layout->offset[i] + VALUE_SIZE;
	}
	if (layout->sample_size < end)
		return failure_set(
			failure, -EINVAL,
			"%s counter needs %u bytes in a sample of mask 0x%x; the board's "
			"has %u",
			option, end, mask, layout->sample_size);
	layout->packed = layout->sample_size == end && (mask == 0x3 || mask == 0xf);
	return 0;
}

static void put_parts(const struct counter_layout *layout, uint32_t value,
		      uint8_t parts[COUNTER_PARTS * VALUE_SIZE])
{
	const uint64_t all = value | (uint64_t)~value << 32;

	for (unsigned int i = 0; i < COUNTER_PARTS; i++) {
		const uint16_t part = htole16((uint16_t)(all >> 16 * i));

		if (layout->present[i])
			memcpy(parts + layout->offset[i], &part, sizeof(part));
	}
}

/* Makes the bytes of one sample from @offset on. */
static void fill_sample(const struct counter_layout *layout, uint32_t value, size_t offset,
			uint8_t *data, size_t size)
{
	uint8_t parts[COUNTER_PARTS * VALUE_SIZE] = { 0 };

	put_parts(layout, value, parts);
	memset(data, 0, size);
	if (offset >= sizeof(parts))
		return;
	memcpy(data, parts + offset, size < sizeof(parts) - offset ? size : sizeof(parts) - offset);
}

static void fill_packed_2(uint32_t value, uint8_t *data, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		uint32_t word = htole32(value + (uint32_t)i);

		memcpy(data + i * sizeof(word), &word, sizeof(word));
	}
}

static void fill_packed_4(uint32_t value, uint8_t *data, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		uint32_t low = value + (uint32_t)i;
		uint64_t word = htole64(low | (uint64_t)~low << 32);

		memcpy(data + i * sizeof(word), &word, sizeof(word));
	}
}

void counter_fill(const struct counter_layout *layout, uint64_t position, uint8_t *data,
		  size_t size)
{
	const size_t sample_size = layout->sample_size;

	while (size > 0) {
		const uint32_t value = (uint32_t)(position / sample_size);
		const size_t offset = position % sample_size;
		size_t piece = sample_size - offset < size ? sample_size - offset : size;

		if (layout->packed && offset == 0 && size >= sample_size) {
			piece = size - size % sample_size;
			if (layout->present[COUNTER_NOT_LOW])
				fill_packed_4(value, data, piece / sample_size);
			else
				fill_packed_2(value, data, piece / sample_size);
		} else {
			fill_sample(layout, value, offset, data, piece);
		}
		position += piece;
		data += piece;
		size -= piece;
	}
}
