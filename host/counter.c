// SPDX-License-Identifier: GPL-2.0-or-later
#include "counter.h"

#include "failure.h"

#include <iiobridge/protocol.h>

#include <endian.h>
#include <errno.h>
#include <string.h>

#define SAMPLE_SIZE 2

static bool is_plain_s16(const struct iiobridge_channel_info *channel)
{
	return !channel->big_endian && channel->is_signed && channel->bits == 16 &&
	       channel->storage_bits == 16 && channel->shift == 0 && channel->repeat <= 1;
}

int counter_layout_init(struct counter_layout *layout, const char *option,
			const struct iiobridge_channel_info *channels, unsigned int count,
			uint32_t mask, uint32_t bytes_per_scan, struct failure *failure)
{
	uint32_t offset = 0;

	if ((mask & 3) != 3)
		return failure_set(failure, -EINVAL,
				   "%s counter needs channels 0 and 1 in the scan (the halves of "
				   "the counter); the scan has the channels of mask 0x%x",
				   option, mask);
	if (mask >> COUNTER_PARTS)
		return failure_set(failure, -EINVAL,
				   "%s counter knows channels 0 to %d; the scan has the channels "
				   "of mask 0x%x",
				   option, COUNTER_PARTS - 1, mask);

	*layout = (struct counter_layout){ .bytes_per_scan = bytes_per_scan };
	for (unsigned int i = 0; i < COUNTER_PARTS; i++) {
		if (!(mask & UINT32_C(1) << i))
			continue;
		if (i >= count || !is_plain_s16(&channels[i]))
			return failure_set(failure, -EINVAL,
					   "%s counter needs samples of le:s16/16>>0; channel %u "
					   "(%s) has others",
					   option, i, i < count ? channels[i].id : "absent");
		layout->present[i] = true;
		layout->offset[i] = offset;
		offset += SAMPLE_SIZE;
	}
	if (bytes_per_scan < offset)
		return failure_set(failure, -EINVAL,
				   "%s counter needs %u bytes in a scan of mask 0x%x; the board's "
				   "has %u",
				   option, offset, mask, bytes_per_scan);
	layout->packed = bytes_per_scan == offset && (mask == 0x3 || mask == 0xf);
	return 0;
}

static void put_parts(const struct counter_layout *layout, uint32_t value,
		      uint8_t parts[COUNTER_PARTS * SAMPLE_SIZE])
{
	const uint64_t samples = value | (uint64_t)~value << 32;

	for (unsigned int i = 0; i < COUNTER_PARTS; i++) {
		uint16_t sample = htole16((uint16_t)(samples >> 16 * i));

		if (layout->present[i])
			memcpy(parts + layout->offset[i], &sample, sizeof(sample));
	}
}

/* Makes the bytes of one scan from @offset on. */
static void fill_scan(const struct counter_layout *layout, uint32_t value, size_t offset,
		      uint8_t *data, size_t size)
{
	uint8_t parts[COUNTER_PARTS * SAMPLE_SIZE] = { 0 };

	put_parts(layout, value, parts);
	memset(data, 0, size);
	if (offset >= sizeof(parts))
		return;
	memcpy(data, parts + offset, size < sizeof(parts) - offset ? size : sizeof(parts) - offset);
}

static void fill_packed_2(uint32_t value, uint8_t *data, size_t scans)
{
	for (size_t i = 0; i < scans; i++) {
		uint32_t word = htole32(value + (uint32_t)i);

		memcpy(data + i * sizeof(word), &word, sizeof(word));
	}
}

static void fill_packed_4(uint32_t value, uint8_t *data, size_t scans)
{
	for (size_t i = 0; i < scans; i++) {
		uint32_t low = value + (uint32_t)i;
		uint64_t word = htole64(low | (uint64_t)~low << 32);

		memcpy(data + i * sizeof(word), &word, sizeof(word));
	}
}

void counter_fill(const struct counter_layout *layout, uint64_t position, uint8_t *data,
		  size_t size)
{
	const size_t scan = layout->bytes_per_scan;

	while (size > 0) {
		const uint32_t value = (uint32_t)(position / scan);
		const size_t offset = position % scan;
		size_t piece = scan - offset < size ? scan - offset : size;

		if (layout->packed && offset == 0 && size >= scan) {
			piece = size - size % scan;
			if (layout->present[COUNTER_NOT_LOW])
				fill_packed_4(value, data, piece / scan);
			else
				fill_packed_2(value, data, piece / scan);
		} else {
			fill_scan(layout, value, offset, data, piece);
		}
		position += piece;
		data += piece;
		size -= piece;
	}
}
