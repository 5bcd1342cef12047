// SPDX-License-Identifier: GPL-2.0-or-later
#include "backlog.h"

#include "host/trail.h"

#include <iiobridge/iiobridge.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beside two blocks: the reader may be late by this much more than by what is in flight. */
#define MEMORY_BYTES ((size_t)8 << 20)

#define STRETCHES_MIN 64

/* Scans of a block, or of several whose records are missing, that were not yet taken. */
struct stretch {
	uint64_t scans;
	uint64_t filled_ns;
	struct iiobridge_piece piece; /* where the first of them belongs, but for its time */
};

struct backlog {
	size_t scan_size;
	size_t block_size;
	uint64_t rate; /* scans in 1000 s, 0 when it is not known */

	/* a ring of bytes */
	uint8_t *data;
	size_t capacity;
	size_t head;
	size_t used;

	/* a ring of stretches */
	struct stretch *stretches;
	size_t room;
	size_t first;
	size_t count;
	uint64_t next_scan;
};

struct backlog *backlog_new(const struct iiobridge_route_info *route)
{
	struct backlog *backlog = calloc(1, sizeof(*backlog));

	if (!backlog)
		return NULL;
	backlog->scan_size = route->bytes_per_scan;
	backlog->block_size = route->block_size;
	backlog->rate = route->sample_rate_millihertz;
	backlog->capacity = 2 * backlog->block_size + MEMORY_BYTES;
	backlog->data = malloc(backlog->capacity);
	if (!backlog->data) {
		backlog_free(backlog);
		return NULL;
	}
	return backlog;
}

void backlog_free(struct backlog *backlog)
{
	if (!backlog)
		return;
	free(backlog->stretches);
	free(backlog->data);
	free(backlog);
}

bool backlog_is_full(const struct backlog *backlog)
{
	return backlog->capacity - backlog->used < backlog->block_size + backlog->scan_size;
}

void backlog_add_scans(struct backlog *backlog, const uint8_t *data, size_t size)
{
	const size_t tail = (backlog->head + backlog->used) % backlog->capacity;
	const size_t end = backlog->capacity - tail;
	const size_t part = size < end ? size : end;

	memcpy(backlog->data + tail, data, part);
	memcpy(backlog->data, data + part, size - part);
	backlog->used += size;
}

static void copy_out(struct backlog *backlog, uint8_t *data, size_t size)
{
	const size_t end = backlog->capacity - backlog->head;
	const size_t part = size < end ? size : end;

	memcpy(data, backlog->data + backlog->head, part);
	memcpy(data + part, backlog->data, size - part);
	backlog->head = (backlog->head + size) % backlog->capacity;
	backlog->used -= size;
}

/* Those that have wrapped round to the beginning of the ring move behind its old end. */
static int make_room(struct backlog *backlog)
{
	const size_t room = backlog->room ? 2 * backlog->room : STRETCHES_MIN;
	struct stretch *stretches;

	if (backlog->count < backlog->room)
		return 0;
	stretches = reallocarray(backlog->stretches, room, sizeof(*stretches));
	if (!stretches)
		return -ENOMEM;
	if (backlog->first)
		memcpy(stretches + backlog->room, stretches, backlog->first * sizeof(*stretches));
	backlog->stretches = stretches;
	backlog->room = room;
	return 0;
}

static struct stretch *stretch_at(struct backlog *backlog, size_t index)
{
	return &backlog->stretches[(backlog->first + index) % backlog->room];
}

static int add_stretch(struct backlog *backlog, const struct stretch *stretch)
{
	if (make_room(backlog) < 0)
		return -ENOMEM;
	backlog->count++;
	*stretch_at(backlog, backlog->count - 1) = *stretch;
	backlog->next_scan = stretch->piece.first_scan + stretch->scans;
	return 0;
}

/* Blocks without records: if there were gaps between them only the sum is known. */
static int add_missing(struct backlog *backlog, uint64_t scans)
{
	const struct stretch stretch = {
		.scans = scans,
		.piece.first_scan = backlog->next_scan,
		.piece.flags = IIOBRIDGE_PIECE_NO_RECORD,
	};

	return scans ? add_stretch(backlog, &stretch) : 0;
}

int backlog_add_block(struct backlog *backlog, const struct trail_step *step)
{
	const struct iiobridge_record *record = &step->record;
	const bool gap = step->scans_lost || record->flags & IIOBRIDGE_RECORD_GAP;
	const struct stretch stretch = {
		.scans = record->bytes / backlog->scan_size,
		.filled_ns = record->filled_ns,
		.piece.first_scan = record->first_scan,
		.piece.scans_lost = step->scans_lost,
		.piece.flags = gap ? IIOBRIDGE_PIECE_GAP : 0,
	};
	int r;

	r = add_missing(backlog, step->scans_missing);
	if (r < 0 || record->flags & IIOBRIDGE_RECORD_END)
		return r;
	return add_stretch(backlog, &stretch);
}

/* When the first scan of a stretch was taken: the block was full when its last one was. */
static uint64_t time_of(const struct backlog *backlog, const struct stretch *stretch)
{
	const double before =
		backlog->rate ? (double)stretch->scans * 1e12 / (double)backlog->rate : 0;

	return before < (double)stretch->filled_ns ? stretch->filled_ns - (uint64_t)before : 0;
}

/* Whether the scans of the first stretch follow what was just taken, as part of the same piece. */
static bool goes_on(struct backlog *backlog, const struct iiobridge_piece *piece)
{
	uint32_t flags;

	if (backlog->count == 0)
		return false;
	flags = stretch_at(backlog, 0)->piece.flags;
	return !(flags & IIOBRIDGE_PIECE_GAP) &&
	       !((flags ^ piece->flags) & IIOBRIDGE_PIECE_NO_RECORD);
}

static size_t take_from_first(struct backlog *backlog, uint8_t *data, size_t scans)
{
	struct stretch *stretch = stretch_at(backlog, 0);
	const size_t there = backlog->used / backlog->scan_size;

	if (scans > there)
		scans = there;
	if (scans > stretch->scans)
		scans = (size_t)stretch->scans;
	copy_out(backlog, data, scans * backlog->scan_size);
	stretch->scans -= scans;
	stretch->piece.first_scan += scans;
	if (scans > 0) {
		stretch->piece.scans_lost = 0;
		stretch->piece.flags &= ~(uint32_t)IIOBRIDGE_PIECE_GAP;
	}
	if (stretch->scans == 0) {
		backlog->first = (backlog->first + 1) % backlog->room;
		backlog->count--;
	}
	return scans;
}

size_t backlog_take(struct backlog *backlog, uint8_t *data, size_t scans,
		    struct iiobridge_piece *piece)
{
	size_t taken = 0, got;

	if (backlog->count == 0)
		return 0;
	*piece = stretch_at(backlog, 0)->piece;
	piece->time_ns = time_of(backlog, stretch_at(backlog, 0));
	do {
		got = take_from_first(backlog, data + taken * backlog->scan_size, scans - taken);
		taken += got;
	} while (got > 0 && taken < scans && goes_on(backlog, piece));
	return taken;
}
