// SPDX-License-Identifier: GPL-2.0-or-later
#include "records.h"

#include "device.h"
#include "failure.h"
#include "stream.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (IIOBRIDGE_RECORDS_MAX * sizeof(struct iiobridge_record))

struct follower {
	records_consumer consumer;
	void *context;
};

struct records {
	struct device *device;
	struct stream *stream;
	bool started;
	struct follower followers[IIOBRIDGE_MAX_ROUTES];
};

/* The bytes of a message have no alignment. */
static struct iiobridge_record read_record(const uint8_t *data)
{
	struct iiobridge_record record;

	memcpy(&record, data, sizeof(record));
	record.reserved = le16toh(record.reserved);
	record.run = le32toh(record.run);
	record.sequence = le64toh(record.sequence);
	record.first_scan = le64toh(record.first_scan);
	record.filled_ns = le64toh(record.filled_ns);
	record.drained_ns = le64toh(record.drained_ns);
	record.bytes = le32toh(record.bytes);
	record.reserved2 = le32toh(record.reserved2);
	return record;
}

static int take_record(struct records *records, const struct iiobridge_record *record)
{
	struct failure *failure = device_failure(records->device);
	const unsigned int count = device_info(records->device)->route_count;
	const struct follower *follower;

	if (record->route >= count)
		return failure_set(failure, -EPROTO,
				   "a record is of route %u; the board has %u routes",
				   record->route, count);
	if (record->reserved || record->reserved2)
		return failure_set(failure, -EPROTO,
				   "a record of route %u has %u and %u where the protocol has 0",
				   record->route, record->reserved, record->reserved2);
	follower = &records->followers[record->route];
	return follower->consumer ? follower->consumer(follower->context, record) : 0;
}

static int on_message(void *context, const uint8_t *data, size_t size)
{
	struct records *records = context;
	int r = 0;

	if (size > MESSAGE_MAX || size % sizeof(struct iiobridge_record))
		return failure_set(device_failure(records->device), -EPROTO,
				   "the board at %s sent %zu bytes of records; it must be whole "
				   "records of %zu bytes, and at most %d of them",
				   device_name(records->device), size,
				   sizeof(struct iiobridge_record), IIOBRIDGE_RECORDS_MAX);
	for (size_t at = 0; at < size && r == 0; at += sizeof(struct iiobridge_record)) {
		const struct iiobridge_record record = read_record(data + at);

		r = take_record(records, &record);
	}
	return r;
}

int records_new(struct device *device, struct records **ret)
{
	const uint8_t endpoint = device_info(device)->endpoint_records;
	struct stream_setup setup = {
		.endpoint = endpoint,
		.messages = true,
		.consumer = on_message,
	};
	struct records *records;
	int packet_size, r;

	packet_size = device_endpoint_packet_size(device, endpoint);
	if (packet_size < 0)
		return packet_size;
	records = calloc(1, sizeof(*records));
	if (!records)
		return failure_set(device_failure(device), -ENOMEM,
				   "no memory for the reader of records");
	records->device = device;

	/* Whole packets, and room for more than the longest message, so that a short one ends it.
	 */
	setup.transfer_size = MESSAGE_MAX - MESSAGE_MAX % (size_t)packet_size + (size_t)packet_size;
	setup.context = records;
	r = stream_new(device, &setup, &records->stream);
	if (r < 0) {
		free(records);
		return r;
	}
	*ret = records;
	return 0;
}

void records_free(struct records *records)
{
	if (!records)
		return;
	stream_free(records->stream);
	free(records);
}

int records_start(struct records *records)
{
	if (records->started)
		return 0;
	records->started = true;
	return stream_start(records->stream);
}

void records_follow(struct records *records, unsigned int route, records_consumer consumer,
		    void *context)
{
	records->followers[route] = (struct follower){ consumer, context };
}

int records_poll(struct records *records, unsigned int timeout_ms)
{
	return stream_poll(records->stream, timeout_ms);
}

int records_error(const struct records *records)
{
	return stream_error(records->stream);
}
