/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_fake_transfers.h - the transfers of the bus in memory
 *
 * Part of test_host_fake.h, which includes it behind what it needs.
 */
#ifndef TEST_HOST_FAKE_TRANSFERS_H
#define TEST_HOST_FAKE_TRANSFERS_H

#include "test_host_fake.h"

struct libusb_transfer *libusb_alloc_transfer(int packets)
{
	(void)packets;
	fake.transfers++;
	return calloc(1, sizeof(struct libusb_transfer));
}

void libusb_free_transfer(struct libusb_transfer *transfer)
{
	if (transfer)
		fake.transfers--;
	free(transfer);
}

unsigned char *libusb_dev_mem_alloc(libusb_device_handle *handle, size_t length)
{
	(void)handle;
	if (fake.no_device_memory)
		return NULL;
	fake.memories++;
	return malloc(length);
}

int libusb_dev_mem_free(libusb_device_handle *handle, unsigned char *memory, size_t length)
{
	(void)handle;
	(void)length;
	fake.memories--;
	free(memory);
	return 0;
}

static bool fake_is_out(const struct libusb_transfer *transfer)
{
	return (transfer->endpoint & LIBUSB_ENDPOINT_DIR_MASK) == LIBUSB_ENDPOINT_OUT;
}

int libusb_submit_transfer(struct libusb_transfer *transfer)
{
	if (fake.control_error == LIBUSB_ERROR_NO_DEVICE)
		return LIBUSB_ERROR_NO_DEVICE;
	if (transfer->endpoint == FAKE_ENDPOINT_RECORDS) {
		if (fake_records.queued == FAKE_MESSAGES)
			return LIBUSB_ERROR_NO_MEM;
		fake_records.queue[fake_records.queued++] = transfer;
		return 0;
	}
	if ((int)fake.queued >= fake.submit_limit)
		return LIBUSB_ERROR_NO_MEM;
	if (fake_is_out(transfer)) {
		fake_log("send");
		fake.sent += (uint64_t)transfer->length;
	} else if (fake.queued == 0 && !fake.running) {
		fake_log("submit");
	}
	fake.cancelled[fake.queued] = false;
	fake.queue[fake.queued++] = transfer;
	return 0;
}

int libusb_cancel_transfer(struct libusb_transfer *transfer)
{
	if (transfer->endpoint == FAKE_ENDPOINT_RECORDS) {
		fake_records.cancelled++;
		return 0;
	}
	for (unsigned int i = 0; i < fake.queued; i++) {
		if (fake.queue[i] == transfer) {
			fake.cancelled[i] = true;
			return 0;
		}
	}
	return LIBUSB_ERROR_NOT_FOUND;
}

/* The counter goes on with the next transfer where a whole one of its samples ended. */
static void fake_fill_counter(uint8_t *buffer, int length)
{
	const uint8_t *end = buffer + length;
	uint32_t word;

	for (; end - buffer >= 4; buffer += 4) {
		word = htole32(fake.counter++);
		memcpy(buffer, &word, 4);
	}
	word = htole32(fake.counter);
	memcpy(buffer, &word, (size_t)(end - buffer));
}

static void fake_fill(uint8_t *buffer, int length)
{
	if (fake.use_counter) {
		fake_fill_counter(buffer, length);
		return;
	}
	for (int i = 0; i < length; i++)
		buffer[i] = fake.next_byte++;
}

/* The DAC plays each block as soon as it is whole, and the route stops after the last. */
static void fake_take(const uint8_t *buffer, int length)
{
	const uint64_t block = fake.route.block_size;
	uint64_t played;

	if (fake.received + (uint64_t)length <= FAKE_RECEIVED)
		memcpy(fake_received + fake.received, buffer, (size_t)length);
	fake.received += (uint64_t)length;

	played = fake.received - fake.received % block;
	if (fake.received % block == 0 && length > 0) {
		fake.statistics.blocks_filled = fake.received / block;
		fake_record_block(fake.statistics.starts,
				  (uint32_t)(fake.finish && played > fake.finish
						     ? fake.finish - (played - block)
						     : block),
				  fake.route.bytes_per_scan);
	}
	if (fake.finish && played >= fake.finish) {
		played = fake.finish - fake.drain_short;
		if (!fake.never_ends && fake.finish_flags == 0)
			fake_stop();
	}
	fake.statistics.bytes_drained = played;
}

/* A transfer is a block, in the tests that look at records. */
static void fake_give(uint8_t *buffer, int length)
{
	const uint64_t lost = fake_lose_scans();

	fake.counter += (uint32_t)lost;
	fake.statistics.scans_lost += lost;
	fake.statistics.gaps += fake_records.run.gap;
	fake_fill(buffer, length);
	if (length == (int)fake.route.block_size)
		fake_record_block(fake.statistics.starts, fake.route.block_size,
				  fake.route.bytes_per_scan);
}

static void fake_complete(unsigned int place, enum libusb_transfer_status status, int length)
{
	struct libusb_transfer *transfer = fake.queue[place];

	fake_take_route(fake_route_of(transfer));
	fake.queued--;
	memmove(&fake.queue[place], &fake.queue[place + 1],
		(fake.queued - place) * sizeof(fake.queue[0]));
	memmove(&fake.cancelled[place], &fake.cancelled[place + 1],
		(fake.queued - place) * sizeof(fake.cancelled[0]));
	if (fake_is_out(transfer))
		fake_take(transfer->buffer, length);
	else
		fake_give(transfer->buffer, length);
	transfer->status = status;
	transfer->actual_length = length;
	if (fake.on_complete)
		fake.on_complete(transfer, place);
	transfer->callback(transfer);
}

/* The oldest transfer of a route that runs, and takes that route at hand; -1 for none. */
static int fake_find_transfer(void)
{
	for (unsigned int i = 0; i < fake.queued; i++) {
		fake_take_route(fake_route_of(fake.queue[i]));
		if (fake.running || fake.stale)
			return (int)i;
	}
	return -1;
}

/* Fills or empties one transfer in a turn; cancelled ones come back newest first, the worst case.
 */
int libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *timeout,
					   int *completed)
{
	int place;

	(void)context;
	(void)completed;

	if (fake.on_event && fake.on_event(timeout))
		return 0;
	fake_arrive();
	fake_turn();
	for (unsigned int i = fake.queued; i-- > 0;) {
		if (fake.cancelled[i]) {
			fake_complete(i, LIBUSB_TRANSFER_CANCELLED,
				      i == 0 ? fake.partial_at_cancel : 0);
			return 0;
		}
	}
	if (fake_serve_records())
		return 0;
	place = fake.busy ? -1 : fake_find_transfer();
	if (place < 0)
		return 0;

	if (fake.filled == fake.stop_at) {
		fake.running = false;
	} else if (fake.filled == fake.fail_at) {
		if (fake.on_fail) {
			fake.fail_at = -1;
			fake.on_fail();
		}
		fake_complete((unsigned int)place, fake.fail_status, 0);
	} else if (fake.filled == fake.short_at) {
		fake_complete((unsigned int)place, LIBUSB_TRANSFER_COMPLETED, 10);
	} else {
		if (++fake.filled == fake.interrupt_at)
			raise(SIGINT);
		fake_complete((unsigned int)place, LIBUSB_TRANSFER_COMPLETED,
			      fake.queue[place]->length);
	}
	return 0;
}

#endif
