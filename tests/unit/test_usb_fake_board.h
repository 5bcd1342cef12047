/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_usb_fake_board.h - the board in memory: its requests, its converters, its records
 *
 * Part of test_usb_fake.h, which includes it behind what it needs.
 */
#ifndef TEST_USB_FAKE_BOARD_H
#define TEST_USB_FAKE_BOARD_H

#include "test_usb_fake.h"

#define FAKE_FIRST_NS UINT64_C(1000000000) /* of the first sample, where the rate is told */

/* ---- beginning and end of a test ---- */

static inline void fake_init(void)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&fake.changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

static inline void fake_reset_route(struct fake_route *route, unsigned int index)
{
	static const char *const names[] = { "rx", "ry", "rz" };

	*route = (struct fake_route){
		.info = {
			.endpoint_in = (uint8_t)(FAKE_ENDPOINT_IN + index),
			.channel_count = 2,
			.channel_mask = 3,
			.block_size = 65536,
			.block_size_max = 4194304,
			.block_count = 8,
			.bytes_per_scan = 4,
		},
		.allowance = -1,
		.short_at = -1,
		.short_size = 10,
		.fail_at = -1,
		.stop_at = -1,
		.gap_block = -1,
		.data = route->data,
	};
	strcpy(route->info.name, names[index]);
	route->configured = route->info;
}

static inline void fake_drop_messages(void)
{
	while (fake.messages) {
		struct fake_message *message = fake.messages;

		fake.messages = message->next;
		free(message);
	}
	fake.last_message = &fake.messages;
}

/* All as new: a board with one rx route. Before each test, when no board is open. */
static inline void fake_reset(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fake_init);
	atomic_store(&fake_ahead_s, 0);
	fake_drop_messages();
	memset(fake.devices, 0, sizeof(fake.devices));
	for (unsigned int i = 0; i < FAKE_DEVICES; i++) {
		fake.devices[i].address = (uint8_t)(5 + i);
		fake.devices[i].interface_name = IIOBRIDGE_INTERFACE_NAME;
	}
	fake.devices[0].is_there = true;
	fake.devices[0].serial = "one";
	fake.devices[1].serial = "two";
	fake.devices[2].serial = "three";
	fake.devices[3].serial = "four";
	fake.no_hotplug = false;
	fake.claim_error = fake.event_error = 0;
	fake.on_request = NULL;
	fake.on_complete = NULL;
	fake.on_turn = NULL;
	fake.config = NULL;
	fake.info = (struct iiobridge_device_info){
		.version_major = IIOBRIDGE_PROTOCOL_MAJOR,
		.route_count = 1,
		.endpoint_records = FAKE_ENDPOINT_RECORDS,
		.software = "1.2",
		.model = "a model",
	};
	fake.channel = (struct iiobridge_channel_info){
		.is_signed = 1,
		.bits = 16,
		.storage_bits = 16,
		.id = "voltage0",
	};
	fake.error = (struct iiobridge_error){ 0 };
	fake.refused_request = fake.short_request = 0;
	fake.ignores_parameters = fake.gone = false;
	fake.parameter_flags = 0;
	fake.clock_ahead_ns = 0;
	fake.io_errors = fake.control_error = 0;
	for (unsigned int i = 0; i < FAKE_ROUTES; i++)
		fake_reset_route(&fake.routes[i], i);
	memset(fake.controls, 0, sizeof(fake.controls));
	fake.hold = fake.hold_records = fake.no_device_memory = false;
	fake.submit_limit = FAKE_QUEUE;
	fake.memory = 0;
	fake.log[0] = '\0';
	memset(fake.requests, 0, sizeof(fake.requests));
}

/* Makes a route one that plays. */
static inline void fake_make_tx(unsigned int index)
{
	struct fake_route *route = &fake.routes[index];

	route->info.direction = IIOBRIDGE_PLAYBACK;
	route->info.endpoint_in = 0;
	route->info.endpoint_out = (uint8_t)(FAKE_ENDPOINT_OUT + index);
	strcpy(route->info.name, index ? "ty" : "tx");
	if (!route->data)
		route->data = malloc(FAKE_RECEIVED);
	route->configured = route->info;
}

/* Whether all was given back: 0, or -1 as cmocka wants it. */
static inline int fake_check(void)
{
	const unsigned int left = fake.claims + fake.handles + fake.references + fake.contexts +
				  fake.transfers + fake.memories + fake.queued;

	if (left)
		fprintf(stderr,
			"left: %u claims, %u handles, %u devices, %u contexts, %u transfers, %u "
			"memories, %u in flight\n",
			fake.claims, fake.handles, fake.references, fake.contexts, fake.transfers,
			fake.memories, fake.queued);
	return left ? -1 : 0;
}

static inline void fake_release(void)
{
	fake_drop_messages();
	for (unsigned int i = 0; i < FAKE_ROUTES; i++) {
		free(fake.routes[i].data);
		fake.routes[i].data = NULL;
	}
}

/* ---- records ---- */

static inline void fake_send_message(const void *data, int size)
{
	struct fake_message *message = malloc(sizeof(*message) + (size_t)size);

	message->next = NULL;
	message->size = size;
	memcpy(message->data, data, (size_t)size);
	*fake.last_message = message;
	fake.last_message = &message->next;
}

static inline void fake_send_record(const struct iiobridge_record *record)
{
	const struct iiobridge_record wire = {
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

/* Without a rate a block takes 1000 ns. */
static uint64_t fake_filled_ns(const struct fake_route *route, uint64_t scans)
{
	const uint64_t rate = route->info.sample_rate_millihertz;
	const uint64_t late = route->sequence * route->rate_error_ns;

	if (rate == 0)
		return 1000 * (route->sequence + 1);
	return FAKE_FIRST_NS + (uint64_t)((double)scans * 1e12 / (double)rate) + late +
	       (uint64_t)(route->jitter_ns ? route->jitter_ns[route->sequence % 16] : 0);
}

/* The block is over. */
static void fake_record_block(struct fake_route *route, uint32_t bytes)
{
	const bool is_tx = route->info.direction == IIOBRIDGE_PLAYBACK;
	const uint64_t filled_ns =
		fake_filled_ns(route, route->block_scan + bytes / route->info.bytes_per_scan);
	const struct iiobridge_record record = {
		.route = (uint8_t)(route - fake.routes),
		.flags = (uint8_t)(!route->gap ? 0
				   : is_tx     ? IIOBRIDGE_RECORD_LATE
					       : IIOBRIDGE_RECORD_GAP) |
			 (route->tuned ? IIOBRIDGE_RECORD_TUNED : 0) |
			 (route->rate_changed ? IIOBRIDGE_RECORD_RATE : 0),
		.run = (uint32_t)route->statistics.starts,
		.sequence = route->sequence,
		.first_scan = route->block_scan + route->lied,
		.filled_ns = filled_ns,
		.drained_ns = filled_ns + 500,
		.bytes = bytes,
	};

	if (!route->silent && !(route->sequence >= route->dropped_from &&
				route->sequence < route->dropped_from + route->dropped_count))
		fake_send_record(&record);
	route->sequence++;
	route->block_bytes = 0;
	route->tuned = route->rate_changed = false;
}

static void fake_stop_route(struct fake_route *route)
{
	const struct iiobridge_record record = {
		.route = (uint8_t)(route - fake.routes),
		.flags = IIOBRIDGE_RECORD_END,
		.run = (uint32_t)route->statistics.starts,
		.sequence = route->sequence,
		.first_scan = route->next_scan + route->lied,
	};

	if (route->running && !route->no_end)
		fake_send_record(&record);
	route->running = false;
}

static void fake_start_route(struct fake_route *route)
{
	const struct iiobridge_record old = { .route = (uint8_t)(route - fake.routes),
					      .run = (uint32_t)route->statistics.starts,
					      .sequence = 77 };

	route->running = true;
	route->moved = 0;
	route->next_scan = route->block_scan = route->block_bytes = route->sequence = 0;
	route->tuned = false;
	route->sent = route->received = route->finish = 0;
	route->finish_flags = 0;
	route->lied = 0;
	route->statistics.bytes_drained = route->statistics.blocks_filled = 0;
	route->statistics.blocks_drained = 0;
	route->statistics.gaps = route->statistics.scans_lost = 0;
	route->statistics.starts++;
	if (route->old_run)
		fake_send_record(&old);
}

/* ---- samples ---- */

/* What is lost before this block. */
static void fake_begin_block(struct fake_route *route)
{
	route->gap = route->gap_block >= 0 && route->sequence == (uint64_t)route->gap_block;
	if (route->gap) {
		route->lied += route->gap_lie;
		route->next_scan += route->gap_scans;
		route->statistics.gaps++;
		route->statistics.scans_lost += route->gap_scans;
	}
	route->block_scan = route->next_scan;
}

/* The ADC fills a transfer; a short one ends a block. */
static void fake_fill(struct fake_route *route, uint8_t *buffer, int length, bool is_short)
{
	const size_t size = route->info.bytes_per_scan;

	if (route->block_bytes == 0)
		fake_begin_block(route);
	memset(buffer, 0xa5, (size_t)length);
	for (size_t at = 0; at + size <= (size_t)length; at += size) {
		const uint32_t word = htole32((uint32_t)route->next_scan++);

		memcpy(buffer + at, &word, size < 4 ? size : 4);
	}
	/* A fault of the bus, which the board does not see: the next transfer has the block. */
	if (is_short && route->info.transfer != IIOBRIDGE_COPY_EARLY) {
		route->next_scan = route->block_scan;
		return;
	}
	route->block_bytes += (uint64_t)length;
	if (route->block_bytes < route->info.block_size && !is_short)
		return;
	route->statistics.blocks_filled++;
	route->statistics.blocks_drained++;
	route->statistics.bytes_drained += route->block_bytes;
	fake_record_block(route, (uint32_t)route->block_bytes);
}

/* The DAC plays each block as soon as it is whole, and the route stops after the last. */
static void fake_take(struct fake_route *route, const uint8_t *buffer, int length)
{
	const uint64_t block = route->info.block_size;
	uint64_t played, bytes = block;

	if (route->received + (uint64_t)length <= FAKE_RECEIVED)
		memcpy(route->data + route->received, buffer, (size_t)length);
	route->received += (uint64_t)length;
	if (length == 0 || route->received % block)
		return;

	played = route->received;
	if (route->finish && played > route->finish) {
		bytes -= played - route->finish;
		played = route->finish;
	}
	fake_begin_block(route);
	route->next_scan += bytes / route->info.bytes_per_scan;
	route->statistics.blocks_filled++;
	route->statistics.blocks_drained++;
	fake_record_block(route, (uint32_t)bytes);
	route->statistics.bytes_drained = played;
	if (route->finish && played >= route->finish) {
		route->statistics.bytes_drained -= route->drain_short;
		if (!route->never_ends && route->finish_flags == 0)
			fake_stop_route(route);
	}
}

/* A waveform that repeats plays on whenever somebody looks. */
static void fake_play_on(struct fake_route *route)
{
	if (route->running && route->finish_flags & IIOBRIDGE_FINISH_REPEAT &&
	    route->received >= route->finish && route->info.repeating != IIOBRIDGE_REPEATING_KERNEL)
		route->statistics.bytes_drained += route->info.block_size;
}

/* ---- requests ---- */

static void fake_set_parameters(struct fake_route *route, const uint8_t *data)
{
	struct iiobridge_parameters parameters;

	memcpy(&parameters, data, sizeof(parameters));
	fake.parameter_flags = le32toh(parameters.flags);
	if (fake.ignores_parameters)
		return;
	route->info.block_size = parameters.block_size ? le32toh(parameters.block_size)
						       : route->configured.block_size;
	route->info.channel_mask = route->configured.channel_mask;
	route->info.bytes_per_scan = route->configured.bytes_per_scan;
	if (parameters.channel_mask) {
		route->info.channel_mask = le32toh(parameters.channel_mask);
		route->info.bytes_per_scan =
			2 * (uint32_t)__builtin_popcount(route->info.channel_mask);
	}
}

static void fake_finish(struct fake_route *route, const uint8_t *data)
{
	struct iiobridge_finish finish;

	memcpy(&finish, data, sizeof(finish));
	route->finish = le64toh(finish.bytes);
	route->finish_flags = le32toh(finish.flags);
	route->sent_at_finish = route->sent;
}

static int fake_answer_route(const struct fake_route *route, uint8_t *data, uint16_t length)
{
	struct iiobridge_route_info info = route->info;

	if (info.state == IIOBRIDGE_STOPPED && route->running)
		info.state = IIOBRIDGE_RUNNING;
	return fake_answer(&info, sizeof(info), data, length);
}

static int fake_answer_statistics(struct fake_route *route, uint8_t *data, uint16_t length)
{
	fake_play_on(route);
	route->statistics.state = route->running ? IIOBRIDGE_RUNNING : IIOBRIDGE_STOPPED;
	return fake_answer(&route->statistics, sizeof(route->statistics), data, length);
}

static int fake_answer_time(uint8_t *data, uint16_t length)
{
	struct iiobridge_time time;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	time.time_ns = htole64((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec +
			       (uint64_t)fake.clock_ahead_ns);
	return fake_answer(&time, sizeof(time), data, length);
}

static int fake_request(uint8_t request, uint16_t value, uint8_t *data, uint16_t length)
{
	struct fake_route *route = &fake.routes[(value & 0xff) % FAKE_ROUTES];

	switch (request) {
	case IIOBRIDGE_GET_DEVICE:
		return fake_answer(&fake.info, sizeof(fake.info), data, length);
	case IIOBRIDGE_GET_ROUTE:
		return fake_answer_route(route, data, length);
	case IIOBRIDGE_GET_CHANNEL:
		return fake_answer(&fake.channel, sizeof(fake.channel), data, length);
	case IIOBRIDGE_GET_STATISTICS:
		return fake_answer_statistics(route, data, length);
	case IIOBRIDGE_GET_TIME:
		return fake_answer_time(data, length);
	case IIOBRIDGE_GET_ERROR:
		return fake_answer(&fake.error, sizeof(fake.error), data, length);
	case IIOBRIDGE_SET_PARAMETERS:
		fake_log("parameters");
		fake_set_parameters(route, data);
		return length;
	case IIOBRIDGE_START:
		fake_log("start");
		fake_start_route(route);
		return 0;
	case IIOBRIDGE_STOP:
		fake_log("stop");
		fake_stop_route(route);
		route->queued_at_stop = route->queued;
		return 0;
	case IIOBRIDGE_FINISH:
		fake_log("finish");
		fake_finish(route, data);
		return length;
	default:
		return LIBUSB_ERROR_PIPE;
	}
}

static int fake_request_any(uint8_t request, uint16_t value, uint8_t *data, uint16_t length)
{
	int result;

	if (request < IIOBRIDGE_READ_CONTROL || request > IIOBRIDGE_GET_CHANGES)
		return fake_request(request, value, data, length);
	if (fake.info.control_count == 0)
		return LIBUSB_ERROR_PIPE;
	result = fake_request_control(request, value, data, length);
	if (result == LIBUSB_ERROR_PIPE) {
		fake.error.request = request;
		fake.error.value = value;
	}
	return result;
}

static int fake_control(uint8_t request, uint16_t value, uint8_t *data, uint16_t length)
{
	const uint64_t patience_ns = fake_now_ns() + FAKE_PATIENCE_NS;
	const struct fake_route *route = &fake.routes[(value & 0xff) % FAKE_ROUTES];

	/* What has come before it is given back before it. */
	while ((fake.calling || (request == IIOBRIDGE_GET_STATISTICS && route->stale &&
				 route->queued && !route->running)) &&
	       fake_sleep_locked(patience_ns))
		;
	fake.requests[request % 16]++;
	if (fake.io_errors > 0) {
		fake.io_errors--;
		return LIBUSB_ERROR_IO;
	}
	if (fake.gone)
		return LIBUSB_ERROR_NO_DEVICE;
	if (fake.control_error)
		return fake.control_error;
	if (request == fake.refused_request) {
		fake.error.request = request;
		fake.error.value = value;
		return LIBUSB_ERROR_PIPE;
	}
	if (request == fake.short_request)
		return 1;
	return fake_request_any(request, value, data, length);
}

int libusb_control_transfer(libusb_device_handle *handle, uint8_t type, uint8_t request,
			    uint16_t value, uint16_t index, unsigned char *data, uint16_t length,
			    unsigned int timeout)
{
	bool (*hook)(uint8_t, uint16_t, uint8_t *, uint16_t, int *);
	int result;

	(void)handle;
	(void)type;
	(void)index;
	(void)timeout;
	fake_lock();
	hook = fake.on_request;
	fake_unlock();
	if (hook && hook(request, value, data, length, &result))
		return result;
	fake_lock();
	result = fake_control(request, value, data, length);
	fake_unlock();
	return result;
}

#endif
