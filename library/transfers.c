// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * transfers.c - an endpoint that is read or written without a pause
 *
 * Several transfers are in flight. The data of blocks end without a zero-length packet, so
 * transfers that divide a block stay in step with the blocks, and a short one is a fault, unless
 * blocks may be sent before they are full: then it is the end of such a one.
 */
#include "stream.h"

#include <libusb.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE_MAX_BYTES ((size_t)1 << 20)
#define SIZE_MIN_BYTES ((size_t)16 << 10)
#define COUNT_MIN      4
#define COUNT_MAX      128
#define COUNT_LEAST    2 /* with one in flight, the endpoint would idle between two transfers */

/* The memory in flight is what a busy machine may be late by. */
#define SHARE_MAX ((size_t)8 << 20)
#define SHARE_MIN ((size_t)128 << 10)

/* How long libusb may take to hand back cancelled transfers. */
#define STOP_MS	     5000
#define STOP_TURN_MS 100

#define MEMORY_LIMIT "/sys/module/usbcore/parameters/usbfs_memory_mb"

struct transfers {
	struct iiobridge_board *board;
	struct transfers_setup setup;
	struct slot *slots;
	unsigned int count;

	struct slot **queue; /* a ring: those that were put in flight, in this order */
	unsigned int first, queued;
	struct slot **idle; /* a stack: those that nobody has */
	unsigned int idle_count;
	unsigned int in_flight;
	unsigned int kept;  /* IN: the consumer has them */
	unsigned int limit; /* the kernel grants memory for no more of them all */

	bool running; /* transfers may go in flight */
	bool held;    /* IN: the consumer gets nothing now */
	bool ended;   /* what comes now is behind a hole, or is not wanted */
	struct error error;
};

/* ---- the kernel's memory ---- */

static pthread_mutex_t memory_lock = PTHREAD_MUTEX_INITIALIZER;
static size_t memory_taken;

/* What the kernel grants to all programs together, but for some for records and requests. */
static size_t memory_limit(void)
{
	FILE *file = fopen(MEMORY_LIMIT, "re");
	unsigned long mebibytes = 16;

	if (file) {
		if (fscanf(file, "%lu", &mebibytes) != 1)
			mebibytes = 16;
		fclose(file);
	}
	/* 0: there is no limit */
	if (mebibytes == 0 || mebibytes > 1024)
		mebibytes = 1024;
	return ((size_t)mebibytes << 20) / 8 * 7;
}

size_t usb_memory_take(void)
{
	const size_t limit = memory_limit();
	size_t share;

	pthread_mutex_lock(&memory_lock);
	share = limit > memory_taken ? (limit - memory_taken) / 2 : 0;
	if (share > SHARE_MAX)
		share = SHARE_MAX;
	if (share < SHARE_MIN)
		share = SHARE_MIN;
	memory_taken += share;
	pthread_mutex_unlock(&memory_lock);
	return share;
}

void usb_memory_give(size_t bytes)
{
	pthread_mutex_lock(&memory_lock);
	memory_taken -= bytes;
	pthread_mutex_unlock(&memory_lock);
}

void transfers_choose(size_t block_size, size_t step, size_t share, size_t *size,
		      unsigned int *count)
{
	const size_t steps = block_size / step;
	size_t largest = share / COUNT_MIN, parts = 1, fitting;

	if (largest > SIZE_MAX_BYTES)
		largest = SIZE_MAX_BYTES;
	/* The largest divisor of the block that is no larger; the block where all are small. */
	while (parts < steps && block_size / parts >= SIZE_MIN_BYTES &&
	       (steps % parts || block_size / parts > largest))
		parts++;
	*size = block_size / parts < SIZE_MIN_BYTES ? block_size : block_size / parts;
	fitting = share / *size;
	if (fitting < COUNT_MIN)
		fitting = COUNT_MIN;
	*count = fitting > COUNT_MAX ? COUNT_MAX : (unsigned int)fitting;
}

/* ---- errors ---- */

static bool is_out(const struct transfers *transfers)
{
	return !(transfers->setup.endpoint & LIBUSB_ENDPOINT_IN);
}

/* Nothing more goes in flight; what is, goes on without a hole, and may have arrived already. */
static void set_error(struct transfers *transfers, int code)
{
	transfers->running = false;
	error_keep(&transfers->error, code);
	if (transfers->setup.done)
		transfers->setup.done(transfers->setup.context);
}

static void end(struct transfers *transfers, int code)
{
	transfers->ended = true;
	if (code)
		set_error(transfers, code);
	else
		transfers->running = false;
}

static int submit_failed(const struct transfers *transfers, int error)
{
	const char *location = transfers->board->candidate.location;
	int r = usb_result(error);

	if (r == IIOBRIDGE_ERROR_GONE)
		return fail(r, "the board at %s went away", location);
	if (r == IIOBRIDGE_ERROR_NO_MEMORY)
		return fail(r,
			    "the kernel grants no memory for USB transfers of %zu bytes: other "
			    "programs use it, or the limit is too low (see " MEMORY_LIMIT ")",
			    transfers->setup.size);
	/* As of transfers that fail: an unplugged board shows in either. */
	return fail(r == IIOBRIDGE_ERROR_SYSTEM ? IIOBRIDGE_ERROR_PROTOCOL : r,
		    "endpoint 0x%02x of the board at %s cannot be %s: %s",
		    transfers->setup.endpoint, location, is_out(transfers) ? "written" : "read",
		    libusb_strerror(error));
}

/* Why a transfer that was not cancelled did not move its whole buffer. */
static int transfer_failed(const struct transfers *transfers, const struct libusb_transfer *usb)
{
	const char *location = transfers->board->candidate.location;
	const uint8_t endpoint = transfers->setup.endpoint;

	switch (usb->status) {
	case LIBUSB_TRANSFER_NO_DEVICE:
		return fail(IIOBRIDGE_ERROR_GONE, "the board at %s went away", location);
	case LIBUSB_TRANSFER_COMPLETED:
		return fail(
			IIOBRIDGE_ERROR_PROTOCOL,
			"the board at %s %s a short transfer on endpoint 0x%02x: %d of %zu bytes",
			location, is_out(transfers) ? "took" : "sent", endpoint, usb->actual_length,
			transfers->setup.size);
	case LIBUSB_TRANSFER_STALL:
		return fail(IIOBRIDGE_ERROR_PROTOCOL, "the board at %s halted endpoint 0x%02x",
			    location, endpoint);
	case LIBUSB_TRANSFER_OVERFLOW:
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board at %s sent more than was asked on endpoint 0x%02x", location,
			    endpoint);
	default:
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "a USB transfer %s endpoint 0x%02x of the board at %s failed",
			    is_out(transfers) ? "to" : "from", endpoint, location);
	}
}

/* ---- slots ---- */

/* Returns an enum libusb_error. */
static int submit(struct slot *slot)
{
	struct transfers *transfers = slot->transfers;
	int r;

	r = libusb_submit_transfer(slot->usb);
	if (r < 0)
		return r;
	slot->in_flight = true;
	transfers->queue[(transfers->first + transfers->queued++) % transfers->count] = slot;
	transfers->in_flight++;
	return 0;
}

static void put_aside(struct slot *slot)
{
	struct transfers *transfers = slot->transfers;

	transfers->idle[transfers->idle_count++] = slot;
}

/* An IN slot that is empty goes in flight again. Where the kernel grants no memory, fewer do. */
static void read_again(struct slot *slot)
{
	struct transfers *transfers = slot->transfers;
	int r;

	if (!transfers->running) {
		put_aside(slot);
		return;
	}
	r = submit(slot);
	if (r == 0)
		return;
	put_aside(slot);
	transfers->limit = transfers->in_flight + transfers->kept;
	if (r != LIBUSB_ERROR_NO_MEM || transfers->in_flight < COUNT_LEAST)
		set_error(transfers, submit_failed(transfers, r));
}

/* Returns enum transfers_taken. */
static int take(struct transfers *transfers, struct slot *slot)
{
	const struct libusb_transfer *usb = slot->usb;
	const size_t rest = (size_t)usb->actual_length % transfers->setup.unit;
	const size_t whole = (size_t)usb->actual_length - rest;
	int taken = TRANSFERS_TAKEN;

	if (transfers->ended)
		return taken;
	if (whole > 0 && transfers->setup.arrived) {
		taken = transfers->setup.arrived(transfers->setup.context, slot, whole);
		if (taken < 0) {
			end(transfers, taken);
			return TRANSFERS_TAKEN;
		}
	}
	if (usb->status == LIBUSB_TRANSFER_CANCELLED)
		end(transfers, 0);
	else if (usb->status != LIBUSB_TRANSFER_COMPLETED ||
		 (!transfers->setup.may_be_short &&
		  (size_t)usb->actual_length != transfers->setup.size))
		end(transfers, transfer_failed(transfers, usb));
	else if (rest)
		end(transfers, fail(IIOBRIDGE_ERROR_PROTOCOL,
				    "the board at %s sent %d bytes at once on endpoint 0x%02x, "
				    "which are no whole samples of %zu bytes",
				    transfers->board->candidate.location, usb->actual_length,
				    transfers->setup.endpoint, transfers->setup.unit));
	return taken;
}

/* libusb may hand back cancelled transfers in any order; the consumer gets them in theirs. */
static void hand_over(struct transfers *transfers)
{
	while (!transfers->held && transfers->queued > 0 &&
	       !transfers->queue[transfers->first]->in_flight) {
		struct slot *slot = transfers->queue[transfers->first];

		transfers->first = (transfers->first + 1) % transfers->count;
		transfers->queued--;
		if (take(transfers, slot) == TRANSFERS_KEPT) {
			transfers->kept++;
			continue;
		}
		if (is_out(transfers))
			put_aside(slot);
		else
			read_again(slot);
		if (is_out(transfers) && transfers->setup.done)
			transfers->setup.done(transfers->setup.context);
	}
}

static void LIBUSB_CALL on_transfer(struct libusb_transfer *usb)
{
	struct slot *slot = usb->user_data;
	struct transfers *transfers = slot->transfers;
	pthread_mutex_t *lock = &transfers->board->lock;

	pthread_mutex_lock(lock);
	slot->in_flight = false;
	transfers->in_flight--;
	hand_over(transfers);
	pthread_mutex_unlock(lock);
}

static int slot_init(struct transfers *transfers, struct slot *slot)
{
	libusb_device_handle *handle = transfers->board->handle;
	const size_t size = transfers->setup.size;

	slot->transfers = transfers;
	slot->usb = libusb_alloc_transfer(0);
	if (!slot->usb)
		return IIOBRIDGE_ERROR_NO_MEMORY;
	/* The controller writes into the kernel's memory directly; other memory costs a copy. */
	slot->buffer = libusb_dev_mem_alloc(handle, size);
	slot->device_memory = slot->buffer;
	if (!slot->buffer)
		slot->buffer = malloc(size);
	if (!slot->buffer)
		return IIOBRIDGE_ERROR_NO_MEMORY;
	libusb_fill_bulk_transfer(slot->usb, handle, transfers->setup.endpoint, slot->buffer,
				  (int)size, on_transfer, slot, 0);
	put_aside(slot);
	return 0;
}

static void slot_release(struct slot *slot)
{
	const struct transfers *transfers = slot->transfers;

	if (slot->device_memory)
		libusb_dev_mem_free(transfers->board->handle, slot->buffer, transfers->setup.size);
	else
		free(slot->buffer);
	libusb_free_transfer(slot->usb);
}

int transfers_new(struct iiobridge_board *board, const struct transfers_setup *setup,
		  struct transfers **ret)
{
	struct transfers *transfers = calloc(1, sizeof(*transfers));

	if (!transfers || setup->size > INT_MAX) /* libusb counts in int */
		goto err;
	transfers->board = board;
	transfers->setup = *setup;
	transfers->slots = calloc(setup->count, sizeof(*transfers->slots));
	transfers->queue = calloc(setup->count, sizeof(*transfers->queue));
	transfers->idle = calloc(setup->count, sizeof(*transfers->idle));
	if (!transfers->slots || !transfers->queue || !transfers->idle)
		goto err;
	while (transfers->count < setup->count) {
		if (slot_init(transfers, &transfers->slots[transfers->count++]) < 0)
			goto err;
	}
	*ret = transfers;
	return 0;

err:
	transfers_free(transfers);
	return fail(IIOBRIDGE_ERROR_NO_MEMORY, "no memory for %u USB transfers of %zu bytes",
		    setup->count, setup->size);
}

void transfers_free(struct transfers *transfers)
{
	if (!transfers)
		return;
	transfers_stop(transfers);
	/* What libusb did not give back is still the kernel's: leaking it is the lesser evil. */
	if (transfers->in_flight > 0)
		return;
	for (unsigned int i = 0; i < transfers->count; i++)
		slot_release(&transfers->slots[i]);
	free(transfers->slots);
	free(transfers->queue);
	free(transfers->idle);
	free(transfers);
}

int transfers_start(struct transfers *transfers)
{
	int r = 0;

	pthread_mutex_lock(&transfers->board->lock);
	transfers->running = true;
	transfers->held = transfers->ended = false;
	transfers->error.code = 0;
	transfers->limit = transfers->count;
	while (!is_out(transfers) && transfers->idle_count > 0 && r == 0) {
		r = submit(transfers->idle[transfers->idle_count - 1]);
		if (r == 0)
			transfers->idle_count--;
	}
	if (r < 0 && (r != LIBUSB_ERROR_NO_MEM || transfers->in_flight < COUNT_LEAST)) {
		r = submit_failed(transfers, r);
		end(transfers, r);
	} else if (r < 0) {
		transfers->limit = transfers->in_flight + transfers->kept;
		r = 0;
	}
	pthread_mutex_unlock(&transfers->board->lock);
	return r;
}

void transfers_stop(struct transfers *transfers)
{
	const uint64_t end_ns = clock_ns() + STOP_MS * NS_PER_MS;
	struct iiobridge_board *board = transfers->board;

	if (!board)
		return;
	pthread_mutex_lock(&board->lock);
	transfers_finish_locked(transfers);
	/* The newest first: else one could still be filled after an older one was taken back. */
	for (unsigned int i = transfers->queued; i-- > 0;) {
		struct slot *slot = transfers->queue[(transfers->first + i) % transfers->count];

		if (slot->in_flight)
			libusb_cancel_transfer(slot->usb);
	}
	while (transfers->in_flight > 0 && clock_ns() < end_ns) {
		pthread_mutex_unlock(&board->lock);
		board_handle_events(board, STOP_TURN_MS);
		pthread_mutex_lock(&board->lock);
	}
	pthread_mutex_unlock(&board->lock);
}

void transfers_finish_locked(struct transfers *transfers)
{
	transfers->running = false;
	transfers_hold_locked(transfers, false);
}

/* Nothing can be held once the transfers are taken back. */
void transfers_hold_locked(struct transfers *transfers, bool hold)
{
	transfers->held = hold && transfers->running;
	if (!hold)
		hand_over(transfers);
}

void transfers_release_locked(struct slot *slot)
{
	if (is_out(slot->transfers)) {
		put_aside(slot);
		return;
	}
	slot->transfers->kept--;
	read_again(slot);
}

struct slot *transfers_free_slot_locked(struct transfers *transfers)
{
	if (transfers->idle_count == 0)
		return NULL;
	return transfers->idle[--transfers->idle_count];
}

int transfers_send_locked(struct slot *slot)
{
	struct transfers *transfers = slot->transfers;
	int r;

	if (!transfers->running || transfers->in_flight >= transfers->limit)
		return 1;
	r = submit(slot);
	if (r == 0)
		return 0;
	if (r == LIBUSB_ERROR_NO_MEM && transfers->in_flight >= COUNT_LEAST) {
		transfers->limit = transfers->in_flight;
		return 1;
	}
	r = submit_failed(transfers, r);
	end(transfers, r);
	return r;
}

unsigned int transfers_in_flight_locked(const struct transfers *transfers)
{
	return transfers->in_flight;
}

/* Half of them at most, and as many as keep the endpoint from idling stay. */
bool transfers_can_spare_locked(const struct transfers *transfers)
{
	const unsigned int kept = transfers->kept + 1;

	return 2 * kept <= transfers->limit && kept + COUNT_LEAST <= transfers->limit;
}

size_t transfers_size(const struct transfers *transfers)
{
	return transfers->setup.size;
}

const struct error *transfers_error_locked(const struct transfers *transfers)
{
	return &transfers->error;
}
