// SPDX-License-Identifier: GPL-2.0-or-later
#include "waveform.h"

#include "failure.h"

#include <iiobridge/protocol.h>

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define READ_MAX ((size_t)1 << 20)
#define WAIT_MS	 1000

struct waveform {
	uint8_t *data;
	uint64_t size;
	uint64_t capacity;
	uint64_t position; /* in a round, of the next byte to give */
	uint64_t copies;   /* in a round */
	uint64_t round;	   /* bytes, with the silence behind the copies */
	uint64_t rounds;
	bool alike; /* a round is a block */
	uint32_t bytes_per_scan;
};

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

uint64_t waveform_copies(uint64_t bytes, uint32_t block_size, uint32_t block_count)
{
	uint64_t most, full = 0;

	assert(bytes > 0);
	most = (uint64_t)block_size * block_count / bytes;
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

static int make_room(struct waveform *waveform, struct failure *failure)
{
	const uint64_t capacity = waveform->capacity ? 2 * waveform->capacity : READ_MAX;
	uint8_t *data;

	if (waveform->size < waveform->capacity)
		return 0;
	data = realloc(waveform->data, capacity);
	if (!data)
		return failure_set(failure, -ENOMEM,
				   "no memory for a waveform of more than %" PRIu64 " bytes",
				   waveform->size);
	waveform->data = data;
	waveform->capacity = capacity;
	return 0;
}

/* Up to @limit bytes, or to the end before. */
static int read_all(struct waveform *waveform, uint64_t limit, play_producer producer,
		    void *context, struct failure *failure)
{
	while (waveform->size < limit) {
		uint64_t size;
		ssize_t got;
		int r;

		r = make_room(waveform, failure);
		if (r < 0)
			return r;
		size = waveform->capacity - waveform->size;
		if (size > limit - waveform->size)
			size = limit - waveform->size;
		got = producer(context, waveform->data + waveform->size, size, WAIT_MS);
		if (got == -EAGAIN)
			continue;
		if (got <= 0)
			return (int)got;
		waveform->size += (uint64_t)got;
	}
	return 0;
}

static int check(const struct waveform *waveform, const struct iiobridge_route_info *route,
		 uint64_t room, struct failure *failure)
{
	if (waveform->size > room)
		return failure_set(
			failure, -EINVAL,
			"the waveform is too long for route %s: it repeats at most "
			"%" PRIu64 " samples (%u blocks of %u bytes); more blocks, or "
			"larger ones, make it more: \"blocks\" and \"block_size\" in the "
			"board's configuration",
			route->name, room / route->bytes_per_scan, route->block_count,
			route->block_size);
	if (waveform->size % route->bytes_per_scan)
		return failure_set(failure, -EBADMSG,
				   "the waveform ends inside a sample: it has %" PRIu64
				   " bytes, and a sample of route %s %u",
				   waveform->size, route->name, route->bytes_per_scan);
	if (waveform->size == 0)
		return failure_set(failure, -EINVAL,
				   "there is nothing to play: the input is empty");
	return 0;
}

/* What a board's kernel is to repeat is in each block, others fill the blocks one after the other.
 */
static void lay_out(struct waveform *waveform, const struct iiobridge_route_info *route)
{
	assert(waveform->size > 0);
	waveform->alike =
		route->cyclic == IIOBRIDGE_CYCLIC_KERNEL && waveform->size <= route->block_size;
	if (waveform->alike) {
		waveform->copies =
			copies_for_each_bus(route->block_size / waveform->size, waveform->size);
		waveform->round = route->block_size;
		waveform->rounds = route->block_count;
	} else {
		waveform->copies =
			waveform_copies(waveform->size, route->block_size, route->block_count);
		waveform->round = waveform->copies * waveform->size;
		waveform->rounds = 1;
	}
}

int waveform_read(const struct iiobridge_route_info *route, uint64_t scans, play_producer producer,
		  void *context, struct failure *failure, struct waveform **ret)
{
	const uint64_t room = (uint64_t)route->block_size * route->block_count;
	const uint64_t scans_max = room / route->bytes_per_scan;
	struct waveform *waveform;
	uint64_t limit = room + 1; /* a byte more than fits, to see whether there is one */
	int r;

	if (scans && scans <= scans_max)
		limit = scans * route->bytes_per_scan;
	waveform = calloc(1, sizeof(*waveform));
	if (!waveform)
		return failure_set(failure, -ENOMEM, "no memory for the waveform");
	waveform->bytes_per_scan = route->bytes_per_scan;

	r = read_all(waveform, limit, producer, context, failure);
	if (r == 0)
		r = check(waveform, route, room, failure);
	if (r < 0) {
		waveform_free(waveform);
		return r;
	}
	lay_out(waveform, route);
	*ret = waveform;
	return 0;
}

void waveform_free(struct waveform *waveform)
{
	if (!waveform)
		return;
	free(waveform->data);
	free(waveform);
}

uint64_t waveform_scans(const struct waveform *waveform)
{
	return waveform->size / waveform->bytes_per_scan;
}

uint64_t waveform_scans_to_send(const struct waveform *waveform)
{
	const uint64_t last = waveform->copies * waveform->size;

	return ((waveform->rounds - 1) * waveform->round + last) / waveform->bytes_per_scan;
}

bool waveform_is_in_each_block(const struct waveform *waveform)
{
	return waveform->alike;
}

/* The next bytes, as far as they are of one kind. */
static size_t give_piece(struct waveform *waveform, uint8_t *data, size_t size)
{
	const uint64_t copies_end = waveform->copies * waveform->size;
	const bool silent = waveform->position >= copies_end;
	const uint64_t from = waveform->position % waveform->size;
	const uint64_t left = silent ? waveform->round - waveform->position : waveform->size - from;
	const size_t piece = size < left ? size : (size_t)left;

	if (silent)
		memset(data, 0, piece);
	else
		memcpy(data, waveform->data + from, piece);
	waveform->position = (waveform->position + piece) % waveform->round;
	return piece;
}

ssize_t waveform_give(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct waveform *waveform = context;
	size_t done = 0;

	(void)timeout_ms;
	while (done < size)
		done += give_piece(waveform, data + done, size - done);
	return (ssize_t)size;
}
