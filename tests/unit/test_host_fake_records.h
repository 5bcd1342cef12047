/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_fake_records.h - the records of the board in memory
 *
 * Part of test_host_fake.h. Each message holds one record, unless a test sends others itself.
 */
#ifndef TEST_HOST_FAKE_RECORDS_H
#define TEST_HOST_FAKE_RECORDS_H

#include <iiobridge/protocol.h>

#include <libusb-1.0/libusb.h>

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FAKE_ENDPOINT_RECORDS 0x8f
#define FAKE_MESSAGES	      256
#define FAKE_MESSAGE_SIZE     4096

struct fake_message {
	int size;
	uint8_t data[FAKE_MESSAGE_SIZE];
};

/* How far the records of a route's run are. */
struct fake_records_run {
	uint64_t sequence;
	uint64_t next_scan;
	bool gap;
};

static struct fake_records {
	/* what a test wants */
	int gap_block; /* before this block the ADC loses scans, -1 for never */
	uint64_t gap_scans;
	uint64_t gap_lie;  /* so many more than were lost are told */
	int dropped_block; /* its record is lost, -1 for none */
	bool no_end;
	bool silent;  /* no block has a record */
	bool old_run; /* records of the run before come first */

	/* what happened, of the route that is at hand */
	struct fake_records_run run;
	uint8_t route;

	unsigned int message_count;
	struct libusb_transfer *queue[FAKE_MESSAGES];
	unsigned int queued;
	unsigned int cancelled; /* so many of them, the newest, are to be taken back */
	struct fake_message messages[FAKE_MESSAGES]; /* not yet sent; a megabyte, and the last */
} fake_records;

static inline void fake_records_reset(void)
{
	memset(&fake_records, 0, offsetof(struct fake_records, messages));
	fake_records.gap_block = -1;
	fake_records.dropped_block = -1;
}

/* A board whose host does not read records drops them. */
static inline void fake_send_message(const void *data, int size)
{
	struct fake_message *message = &fake_records.messages[fake_records.message_count];

	if (fake_records.queued == 0 || fake_records.message_count == FAKE_MESSAGES)
		return;
	memcpy(message->data, data, (size_t)size);
	message->size = size;
	fake_records.message_count++;
}

static inline void fake_send_record(const struct iiobridge_record *record)
{
	struct iiobridge_record wire = {
		.route = record->route,
		.flags = record->flags,
		.reserved = htole16(record->reserved),
		.run = htole32(record->run),
		.sequence = htole64(record->sequence),
		.first_scan = htole64(record->first_scan),
		.filled_ns = htole64(record->filled_ns),
		.drained_ns = htole64(record->drained_ns),
		.bytes = htole32(record->bytes),
		.reserved2 = htole32(record->reserved2),
	};

	fake_send_message(&wire, sizeof(wire));
}

static inline void fake_start_records(uint64_t run)
{
	const struct iiobridge_record old = { .route = fake_records.route,
					      .run = (uint32_t)run - 1,
					      .sequence = 77 };

	fake_records.run.sequence = 0;
	fake_records.run.next_scan = 0;
	if (fake_records.old_run)
		fake_send_record(&old);
}

/* The scans that the ADC loses before the next block. */
static inline uint64_t fake_lose_scans(void)
{
	fake_records.run.gap = (int)fake_records.run.sequence == fake_records.gap_block;
	if (!fake_records.run.gap)
		return 0;
	fake_records.run.next_scan += fake_records.gap_scans + fake_records.gap_lie;
	return fake_records.gap_scans;
}

static inline void fake_record_block(uint64_t run, uint32_t bytes, uint32_t bytes_per_scan)
{
	const struct iiobridge_record record = {
		.route = fake_records.route,
		.flags = fake_records.run.gap ? IIOBRIDGE_RECORD_GAP : 0,
		.run = (uint32_t)run,
		.sequence = fake_records.run.sequence,
		.first_scan = fake_records.run.next_scan,
		.filled_ns = 1000 * (fake_records.run.sequence + 1),
		.drained_ns = 1000 * (fake_records.run.sequence + 1) + 500,
		.bytes = bytes,
	};

	if ((int)fake_records.run.sequence != fake_records.dropped_block && !fake_records.silent)
		fake_send_record(&record);
	fake_records.run.sequence++;
	fake_records.run.next_scan += bytes / bytes_per_scan;
	fake_records.run.gap = false;
}

static inline void fake_record_end(uint64_t run)
{
	const struct iiobridge_record record = {
		.route = fake_records.route,
		.flags = IIOBRIDGE_RECORD_END,
		.run = (uint32_t)run,
		.sequence = fake_records.run.sequence,
		.first_scan = fake_records.run.next_scan,
	};

	if (!fake_records.no_end)
		fake_send_record(&record);
}

static inline void fake_give_back(struct libusb_transfer *transfer,
				  enum libusb_transfer_status status, int length)
{
	transfer->status = status;
	transfer->actual_length = length;
	transfer->callback(transfer);
}

/* Brings one message, or takes one transfer back; false when there is nothing to do. */
static inline bool fake_serve_records(void)
{
	struct libusb_transfer *transfer;
	struct fake_message message;

	if (fake_records.cancelled > 0) {
		fake_records.cancelled--;
		fake_give_back(fake_records.queue[--fake_records.queued], LIBUSB_TRANSFER_CANCELLED,
			       0);
		return true;
	}
	if (fake_records.message_count == 0 || fake_records.queued == 0)
		return false;

	message = fake_records.messages[0];
	fake_records.message_count--;
	memmove(&fake_records.messages[0], &fake_records.messages[1],
		fake_records.message_count * sizeof(message));
	transfer = fake_records.queue[0];
	fake_records.queued--;
	memmove(&fake_records.queue[0], &fake_records.queue[1],
		fake_records.queued * sizeof(transfer));
	if (message.size > transfer->length) {
		fake_give_back(transfer, LIBUSB_TRANSFER_OVERFLOW, 0);
		return true;
	}
	memcpy(transfer->buffer, message.data, (size_t)message.size);
	fake_give_back(transfer, LIBUSB_TRANSFER_COMPLETED, message.size);
	return true;
}

#endif
