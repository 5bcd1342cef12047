// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include "clock.h"
#include "device.h"
#include "failure.h"

#include <libusb.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define TRANSFER_SIZE_MAX ((size_t)1 << 20)
#define TRANSFER_SIZE_MIN ((size_t)16 << 10)

/*
 * The memory in flight is what the host may be late by. Linux grants 16 MiB to all programs
 * together unless usbcore's usbfs_memory_mb says otherwise: take half.
 */
#define IN_FLIGHT_BYTES ((size_t)8 << 20)
#define IN_FLIGHT_MIN	4
#define IN_FLIGHT_MAX	128
#define IN_FLIGHT_LEAST 2 /* with one, the endpoint would idle between two transfers */

/* How long libusb may take to hand back cancelled transfers. */
#define DRAIN_MS      5000
#define DRAIN_TURN_MS 100

#define MEMORY_HINT "see /sys/module/usbcore/parameters/usbfs_memory_mb"

struct slot {
	struct stream *stream;
	struct libusb_transfer *transfer;
	uint8_t *buffer;
	bool device_memory; /* the kernel's own, from libusb_dev_mem_alloc() */
	bool in_flight;
	bool done; /* handed back by libusb, not yet by the stream */
};

struct stream {
	struct device *device;
	struct stream_setup setup;

	struct slot *slots;
	unsigned int allocated;
	unsigned int count; /* slots that take part */
	unsigned int head;  /* the oldest transfer */
	unsigned int used;  /* OUT: slots from head on that are in flight or done */
	unsigned int limit; /* OUT: the kernel grants memory for no more in flight */
	unsigned int in_flight;

	bool running; /* transfers may go in flight */
	bool held;    /* IN: the consumer gets nothing now */
	bool ended;   /* what comes now is behind a hole, or is not wanted */
	int error;
	struct failure reason; /* of error: the device's may be overwritten by a later request */
};

size_t stream_transfer_size(size_t block_size, size_t packet_size)
{
	size_t packets = block_size / packet_size;
	size_t parts = 1;

	while (parts < packets && block_size / parts >= TRANSFER_SIZE_MIN &&
	       (packets % parts || block_size / parts > TRANSFER_SIZE_MAX))
		parts++;
	if (block_size / parts < TRANSFER_SIZE_MIN)
		return block_size;
	return block_size / parts;
}

static bool is_out(const struct stream *stream)
{
	return (stream->setup.endpoint & LIBUSB_ENDPOINT_DIR_MASK) == LIBUSB_ENDPOINT_OUT;
}

/* Nothing more goes in flight; what is, goes on without a hole, and may have arrived already. */
static void stream_fail(struct stream *stream, int error)
{
	stream->running = false;
	if (!stream->error && error) {
		stream->error = error;
		stream->reason = *device_failure(stream->device);
	}
}

static void stream_end(struct stream *stream, int error)
{
	stream->ended = true;
	stream_fail(stream, error);
}

static int submit_failed(struct stream *stream, int error)
{
	struct failure *failure = device_failure(stream->device);
	int r = device_errno(error);

	if (r == -ENODEV)
		return failure_set(failure, r, "the board at %s went away",
				   device_name(stream->device));
	if (r == -ENOMEM)
		return failure_set(
			failure, r,
			"the kernel grants no memory for USB transfers of %zu bytes: other "
			"programs use it, or the limit is too low (" MEMORY_HINT ")",
			stream->setup.transfer_size);
	/* -EPROTO, as of transfers that fail: an unplugged board shows in either. */
	return failure_set(failure, r == -EIO ? -EPROTO : r,
			   "endpoint 0x%02x of the board at %s cannot be %s: %s",
			   stream->setup.endpoint, device_name(stream->device),
			   is_out(stream) ? "written" : "read", libusb_strerror(error));
}

static int slot_submit(struct slot *slot)
{
	int r;

	r = libusb_submit_transfer(slot->transfer);
	if (r < 0)
		return r;
	slot->in_flight = true;
	slot->stream->in_flight++;
	return 0;
}

/* Why a transfer that was not cancelled did not move its whole buffer. */
static int transfer_failed(struct stream *stream, const struct libusb_transfer *transfer)
{
	struct failure *failure = device_failure(stream->device);
	const char *name = device_name(stream->device);

	switch (transfer->status) {
	case LIBUSB_TRANSFER_NO_DEVICE:
		return failure_set(failure, -ENODEV, "the board at %s went away", name);
	case LIBUSB_TRANSFER_COMPLETED:
		return failure_set(
			failure, -EPROTO,
			"the board at %s %s a short transfer on endpoint 0x%02x: %d of %zu bytes",
			name, is_out(stream) ? "took" : "sent", stream->setup.endpoint,
			transfer->actual_length, stream->setup.transfer_size);
	case LIBUSB_TRANSFER_STALL:
		return failure_set(failure, -EPROTO, "the board at %s halted endpoint 0x%02x", name,
				   stream->setup.endpoint);
	case LIBUSB_TRANSFER_OVERFLOW:
		return failure_set(failure, -EPROTO,
				   "the board at %s sent more than was asked on endpoint 0x%02x",
				   name, stream->setup.endpoint);
	default:
		return failure_set(failure, -EPROTO,
				   "a USB transfer %s endpoint 0x%02x of the board at %s failed",
				   is_out(stream) ? "to" : "from", stream->setup.endpoint, name);
	}
}

static bool is_cut_short(const struct stream *stream, const struct libusb_transfer *transfer)
{
	return !stream->setup.messages && !stream->setup.short_blocks &&
	       (size_t)transfer->actual_length != stream->setup.transfer_size;
}

static void deliver(struct stream *stream, struct slot *slot)
{
	const struct libusb_transfer *transfer = slot->transfer;
	int r;

	if (stream->ended)
		return;

	if (transfer->actual_length > 0 && stream->setup.consumer) {
		r = stream->setup.consumer(stream->setup.context, slot->buffer,
					   (size_t)transfer->actual_length);
		if (r < 0) {
			stream_end(stream, r);
			return;
		}
	}
	if (transfer->status == LIBUSB_TRANSFER_CANCELLED)
		stream_end(stream, 0);
	else if (transfer->status != LIBUSB_TRANSFER_COMPLETED || is_cut_short(stream, transfer))
		stream_end(stream, transfer_failed(stream, transfer));
}

/* libusb may hand back cancelled transfers in any order; the consumer gets them in theirs. */
static void hand_over(struct stream *stream)
{
	int r;

	while (!stream->held && stream->slots[stream->head].done) {
		struct slot *slot = &stream->slots[stream->head];

		slot->done = false;
		stream->head = (stream->head + 1) % stream->count;

		deliver(stream, slot);
		if (is_out(stream))
			stream->used--;
		if (!stream->running || is_out(stream))
			continue;
		r = slot_submit(slot);
		if (r < 0)
			stream_fail(stream, submit_failed(stream, r));
	}
}

static void LIBUSB_CALL on_transfer(struct libusb_transfer *transfer)
{
	struct slot *slot = transfer->user_data;
	struct stream *stream = slot->stream;

	slot->in_flight = false;
	slot->done = true;
	stream->in_flight--;
	hand_over(stream);
}

static int slot_init(struct stream *stream, struct slot *slot)
{
	libusb_device_handle *handle = device_handle(stream->device);

	slot->stream = stream;
	slot->transfer = libusb_alloc_transfer(0);
	if (!slot->transfer)
		return -ENOMEM;

	/* The controller writes into the kernel's memory directly; other memory costs a copy. */
	slot->buffer = libusb_dev_mem_alloc(handle, stream->setup.transfer_size);
	slot->device_memory = slot->buffer;
	if (!slot->buffer)
		slot->buffer = malloc(stream->setup.transfer_size);
	if (!slot->buffer)
		return -ENOMEM;

	libusb_fill_bulk_transfer(slot->transfer, handle, stream->setup.endpoint, slot->buffer,
				  (int)stream->setup.transfer_size, on_transfer, slot, 0);
	return 0;
}

static void slot_release(struct slot *slot)
{
	if (slot->device_memory)
		libusb_dev_mem_free(device_handle(slot->stream->device), slot->buffer,
				    slot->stream->setup.transfer_size);
	else
		free(slot->buffer);
	libusb_free_transfer(slot->transfer);
}

int stream_new(struct device *device, const struct stream_setup *setup, struct stream **ret)
{
	size_t count = IN_FLIGHT_BYTES / setup->transfer_size;
	struct stream *stream = NULL;

	if (setup->transfer_size > INT_MAX) /* libusb counts in int */
		goto err;
	if (count < IN_FLIGHT_MIN)
		count = IN_FLIGHT_MIN;
	if (count > IN_FLIGHT_MAX)
		count = IN_FLIGHT_MAX;

	stream = calloc(1, sizeof(*stream));
	if (!stream)
		goto err;
	stream->slots = calloc(count, sizeof(*stream->slots));
	if (!stream->slots)
		goto err;
	stream->device = device;
	stream->setup = *setup;

	while (stream->allocated < count) {
		struct slot *slot = &stream->slots[stream->allocated];

		stream->allocated++;
		if (slot_init(stream, slot) < 0)
			goto err;
	}
	*ret = stream;
	return 0;

err:
	stream_free(stream);
	return failure_set(device_failure(device), -ENOMEM,
			   "no memory for %zu USB transfers of %zu bytes", count,
			   setup->transfer_size);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	stream_stop(stream);
	for (unsigned int i = 0; i < stream->allocated; i++) {
		/* What libusb did not give back is still the kernel's: leaking it is the lesser
		 * evil. */
		if (!stream->slots[i].in_flight)
			slot_release(&stream->slots[i]);
	}
	if (stream->in_flight == 0) {
		free(stream->slots);
		free(stream);
	}
}

int stream_start(struct stream *stream)
{
	int r = 0;

	/* Nothing may be handed back before it is known how many slots take part. */
	stream->count = stream->allocated;
	stream->limit = stream->allocated;
	for (unsigned int i = 0; i < stream->allocated && !is_out(stream); i++) {
		r = slot_submit(&stream->slots[i]);
		if (r < 0)
			break;
	}
	if (r == LIBUSB_ERROR_NO_MEM && stream->in_flight >= IN_FLIGHT_LEAST)
		r = 0;
	if (r < 0) {
		stream_end(stream, submit_failed(stream, r));
		return stream_error(stream);
	}
	if (!is_out(stream))
		stream->count = stream->in_flight;
	stream->running = true;
	return 0;
}

static struct slot *next_slot(struct stream *stream)
{
	return &stream->slots[(stream->head + stream->used) % stream->count];
}

uint8_t *stream_buffer(struct stream *stream)
{
	if (!stream->running || stream->used == stream->count || stream->in_flight >= stream->limit)
		return NULL;
	return next_slot(stream)->buffer;
}

int stream_send(struct stream *stream)
{
	int r;

	r = slot_submit(next_slot(stream));
	if (r == LIBUSB_ERROR_NO_MEM && stream->in_flight >= IN_FLIGHT_LEAST) {
		stream->limit = stream->in_flight;
		return -EAGAIN;
	}
	if (r < 0) {
		stream_end(stream, submit_failed(stream, r));
		return stream_error(stream);
	}
	stream->used++;
	return 0;
}

size_t stream_transfer_bytes(const struct stream *stream)
{
	return stream->setup.transfer_size;
}

bool stream_idle(const struct stream *stream)
{
	return stream->in_flight == 0;
}

/* Nothing can be held once the transfers are taken back. */
void stream_hold(struct stream *stream, bool hold)
{
	stream->held = hold && stream->running;
	if (!hold)
		hand_over(stream);
}

int stream_poll(struct stream *stream, unsigned int timeout_ms)
{
	struct timeval timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000,
	};
	int r;

	r = libusb_handle_events_timeout_completed(device_context(stream->device), &timeout, NULL);
	if (r < 0 && r != LIBUSB_ERROR_INTERRUPTED && !stream->error)
		stream_fail(stream,
			    failure_set(device_failure(stream->device), -EIO,
					"libusb's event loop failed: %s", libusb_strerror(r)));
	return stream_error(stream);
}

int stream_error(const struct stream *stream)
{
	if (stream->error)
		*device_failure(stream->device) = stream->reason;
	return stream->error;
}

void stream_stop(struct stream *stream)
{
	const uint64_t end = clock_now_ns() + DRAIN_MS * CLOCK_NS_PER_MS;

	stream->running = false;
	if (stream->held)
		stream_hold(stream, false);

	/* The newest first: else one could still be filled after an older one was taken back. */
	for (unsigned int i = stream->count; i-- > 0;) {
		struct slot *slot = &stream->slots[(stream->head + i) % stream->count];

		if (slot->in_flight)
			libusb_cancel_transfer(slot->transfer);
	}
	while (stream->in_flight > 0 && clock_now_ns() < end)
		stream_poll(stream, DRAIN_TURN_MS);
}
