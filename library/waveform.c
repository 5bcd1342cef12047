// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * waveform.c - how a waveform that a board shall repeat lies in its blocks
 *
 * A board repeats what is in its blocks, and only the last of them may be filled in part. So the
 * host sends as many copies of the waveform, one behind the other, as fit the route's blocks.
 *
 * A board whose kernel may repeat a block by itself gets as many copies as fit one block, and the
 * same in all of them; that is where the waveform fits one.
 */
#include "tx.h"

#include <string.h>

/* Bytes that the widest bus of a DMA engine moves at once: others are a part of that. */
#define BUS_BYTES_MAX 128

static bool suits_each_bus(uint64_t copies, uint64_t bytes)
{
	return copies * bytes % BUS_BYTES_MAX == 0;
}

/* The most copies that suit each bus, of the larger half of the numbers; @most if there are none.
 */
static uint64_t copies_for_each_bus(uint64_t most, uint64_t bytes)
{
	for (uint64_t copies = most; copies > most / 2; copies--)
		if (suits_each_bus(copies, bytes))
			return copies;
	return most;
}

/*
 * As many copies as fit fill the most blocks, and the DAC has the most to play while it waits for
 * the board. But a last block with little in it is over in a moment: of the larger half of the
 * numbers, the largest that fills at least half of the last block is taken, if there is one; before
 * others one with which the end suits the bus of any DMA engine.
 */
uint64_t waveform_copies(uint64_t bytes, uint32_t block_size, uint32_t block_count)
{
	const uint64_t most = (uint64_t)block_size * block_count / bytes;
	uint64_t full = 0;

	for (uint64_t copies = most; copies > most / 2; copies--) {
		const uint64_t total = copies * bytes;

		if (total <= block_size || (total - 1) % block_size + 1 < block_size / 2)
			continue;
		if (suits_each_bus(copies, bytes))
			return copies;
		if (!full)
			full = copies;
	}
	return full ? full : most;
}

int waveform_lay_out(struct waveform *waveform, const struct iiobridge_route_info *info,
		     const void *data, size_t samples)
{
	const uint64_t size = info->bytes_per_scan;
	const uint64_t room = (uint64_t)info->block_size * info->block_count / size;
	uint64_t copies, rounds = 1;

	if (samples == 0)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "there is nothing to play: the waveform has no sample");
	if (samples > room)
		return fail(
			IIOBRIDGE_ERROR_INVALID,
			"the waveform is too long for route %s: it repeats at most %llu samples "
			"(%u blocks of %u bytes); more blocks, or larger ones, make it more: "
			"\"blocks\" and \"block_size\" in the board's configuration",
			info->name, (unsigned long long)room, info->block_count, info->block_size);
	*waveform = (struct waveform){ .data = data, .size = samples * size, .sample_size = size };
	waveform->in_each_block =
		info->cyclic == IIOBRIDGE_CYCLIC_KERNEL && waveform->size <= info->block_size;
	if (waveform->in_each_block) {
		copies = copies_for_each_bus(info->block_size / waveform->size, waveform->size);
		waveform->round = info->block_size;
		rounds = info->block_count;
	} else {
		copies = waveform_copies(waveform->size, info->block_size, info->block_count);
		waveform->round = copies * waveform->size;
	}
	waveform->copies = copies * waveform->size;
	waveform->left = (rounds - 1) * waveform->round + waveform->copies;
	return 0;
}

/* The next bytes, as far as they are of one kind. */
static size_t fill_part(struct waveform *waveform, uint8_t *data, size_t size)
{
	const bool silent = waveform->position >= waveform->copies;
	const uint64_t from = waveform->position % waveform->size;
	const uint64_t left = silent ? waveform->round - waveform->position : waveform->size - from;
	const size_t part = size < left ? size : (size_t)left;

	if (silent)
		memset(data, 0, part);
	else
		memcpy(data, waveform->data + from, part);
	waveform->position = (waveform->position + part) % waveform->round;
	return part;
}

size_t waveform_fill(struct waveform *waveform, void *data, size_t samples)
{
	const uint64_t room = samples * waveform->sample_size;
	const size_t size = (size_t)(room < waveform->left ? room : waveform->left);
	uint8_t *to = data;

	for (size_t done = 0; done < size;)
		done += fill_part(waveform, to + done, size - done);
	waveform->left -= size;
	return size / waveform->sample_size;
}
