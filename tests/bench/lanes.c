// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes.h"

#include <libusb-1.0/libusb.h>

#include <stdio.h>
#include <stdlib.h>

/* As much as iiobridge keeps in flight; the kernel grants 16 MiB to all programs together. */
#define IN_FLIGHT_BYTES (8u << 20)
#define IN_FLIGHT_MIN	2u
#define IN_FLIGHT_MAX	128u

#define TRANSFERS_MAX 512u /* of all lanes */

struct buffer {
	struct libusb_transfer *transfer;
	uint8_t *memory;
	uint32_t size;
	bool kernel; /* @memory is the kernel's */
};

struct lanes {
	struct libusb_context *context;
	struct libusb_device_handle *handle;
	unsigned int share; /* of the memory that is in flight, bytes */
	uint64_t bytes;
	unsigned int in_flight;
	bool ending;
	int error;
	struct buffer buffers[TRANSFERS_MAX];
	unsigned int count;
};

struct lanes *lanes_new(struct libusb_context *context, struct libusb_device_handle *handle,
			unsigned int count)
{
	struct lanes *lanes = calloc(1, sizeof(*lanes));

	if (!lanes)
		return NULL;
	lanes->context = context;
	lanes->handle = handle;
	lanes->share = IN_FLIGHT_BYTES / count;
	return lanes;
}

static int submit(struct lanes *lanes, struct libusb_transfer *transfer)
{
	int r = libusb_submit_transfer(transfer);

	if (r == 0)
		lanes->in_flight++;
	return r;
}

static void fail(struct lanes *lanes, const struct libusb_transfer *transfer, int error)
{
	if (!lanes->ending && !lanes->error) {
		fprintf(stderr, "usb-bench: endpoint 0x%02x: %s, transfer status %d\n",
			transfer->endpoint, libusb_error_name(error), transfer->status);
		lanes->error = error;
	}
}

static void finish(struct lanes *lanes, struct libusb_transfer *transfer, bool counted)
{
	int r;

	lanes->in_flight--;
	if (counted)
		lanes->bytes += (uint64_t)transfer->actual_length;
	if (lanes->ending)
		return;
	if (transfer->status != LIBUSB_TRANSFER_COMPLETED) {
		fail(lanes, transfer, LIBUSB_ERROR_IO);
		return;
	}
	r = submit(lanes, transfer);
	if (r < 0)
		fail(lanes, transfer, r);
}

static void LIBUSB_CALL on_counted(struct libusb_transfer *transfer)
{
	finish(transfer->user_data, transfer, true);
}

static void LIBUSB_CALL on_uncounted(struct libusb_transfer *transfer)
{
	finish(transfer->user_data, transfer, false);
}

static int buffer_new(struct lanes *lanes, struct buffer *buffer, uint32_t size)
{
	buffer->size = size;
	buffer->transfer = libusb_alloc_transfer(0);
	buffer->memory = libusb_dev_mem_alloc(lanes->handle, size);
	buffer->kernel = buffer->memory;
	if (!buffer->kernel)
		buffer->memory = calloc(1, size);
	return buffer->transfer && buffer->memory ? 0 : LIBUSB_ERROR_NO_MEM;
}

static void buffer_free(const struct lanes *lanes, const struct buffer *buffer)
{
	if (buffer->kernel)
		libusb_dev_mem_free(lanes->handle, buffer->memory, buffer->size);
	else
		free(buffer->memory);
	libusb_free_transfer(buffer->transfer);
}

static unsigned int transfers_in_share(const struct lanes *lanes, uint32_t transfer_size)
{
	unsigned int count = lanes->share / transfer_size;

	if (count < IN_FLIGHT_MIN)
		return IN_FLIGHT_MIN;
	return count < IN_FLIGHT_MAX ? count : IN_FLIGHT_MAX;
}

int lanes_add(struct lanes *lanes, uint8_t endpoint, uint32_t transfer_size, bool counted)
{
	unsigned int count = counted ? transfers_in_share(lanes, transfer_size) : 1;

	for (unsigned int i = 0; i < count; i++) {
		struct buffer *buffer = &lanes->buffers[lanes->count];
		int r;

		if (lanes->count == TRANSFERS_MAX)
			return LIBUSB_ERROR_NO_MEM;
		lanes->count++;
		r = buffer_new(lanes, buffer, transfer_size);
		if (r < 0)
			return r;
		libusb_fill_bulk_transfer(buffer->transfer, lanes->handle, endpoint, buffer->memory,
					  (int)transfer_size, counted ? on_counted : on_uncounted,
					  lanes, 0);
		r = submit(lanes, buffer->transfer);
		if (r < 0)
			return r;
	}
	return 0;
}

int lanes_turn(struct lanes *lanes, unsigned int timeout_us)
{
	struct timeval timeout = { .tv_usec = (suseconds_t)timeout_us };
	int r = libusb_handle_events_timeout_completed(lanes->context, &timeout, NULL);

	if (r < 0 && r != LIBUSB_ERROR_INTERRUPTED)
		return r;
	return lanes->error;
}

uint64_t lanes_bytes(const struct lanes *lanes)
{
	return lanes->bytes;
}

void lanes_free(struct lanes *lanes)
{
	if (!lanes)
		return;
	lanes->ending = true;
	for (unsigned int i = lanes->count; i-- > 0;)
		if (lanes->buffers[i].transfer)
			libusb_cancel_transfer(lanes->buffers[i].transfer);
	while (lanes->in_flight > 0 && libusb_handle_events(lanes->context) == 0)
		;
	for (unsigned int i = 0; i < lanes->count; i++)
		buffer_free(lanes, &lanes->buffers[i]);
	free(lanes);
}
