/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_board.h - a board that acts as the fuzzer's bytes have it
 *
 * It is the board of test_usb_fake.h, and what it does by itself is right. The bytes are acts
 * that come between: each is a byte that says how many requests and turns of an event loop pass
 * before it, a byte that says what happens, and what that needs. When the bytes are used up, the
 * board goes on as it is. Sooner or later the user presses Ctrl-C.
 *
 * To be included by one file, which is linked with --wrap of the functions at the end and of those
 * of fuzz_threads.h.
 */
#ifndef FUZZ_BOARD_H
#define FUZZ_BOARD_H

#include "fuzz.h"
#include "fuzz_threads.h"

#include "host/interrupt.h"

#include "tests/unit/test_usb_fake.h"

#include <signal.h>
#include <unistd.h>

#define BOARD_ENDPOINTS	  32
#define BOARD_PACKET_SIZE 512
#define BOARD_BLOCK_SIZE  1024
#define BOARD_IN_FLIGHT	  16 /* transfers that the kernel grants memory for */
#define BOARD_BLOCK_MAX	  (UINT32_C(4) << 20)
#define BOARD_SAMPLE_SIZE 4
#define BOARD_MS	  UINT64_C(1000000) /* nanoseconds */

/* The user loses patience after so many turns or bytes; then the command has to end in time. */
#define BOARD_TURNS_MAX	   1000
#define BOARD_BYTES_MAX	   (UINT64_C(128) << 10)
#define BOARD_TURNS_TO_END 10000

/** struct board_interface - what the device says of its interface, and how it is opened */
struct board_interface {
	uint8_t interface_class, subclass, protocol;
	uint8_t number, name_index;
	uint8_t altsettings, endpoint_count;
	uint8_t open_error, claim_error;
	uint8_t reserved;
	struct {
		uint8_t address, attributes;
		uint16_t packet_size;
	} endpoints[BOARD_ENDPOINTS];
};

/** struct board_arrival - the bytes of the samples that arrived, up to the first hole of a run */
struct board_arrival {
	bool started; /* what comes now counts */
	bool hole;
	bool unknown; /* other routes, or records, are among them, or there are too many */
	uint32_t sample_size;
	size_t run_begin;
	size_t size;
	uint8_t data[2 * BOARD_BLOCK_MAX];
};

static struct board {
	struct fuzz_bytes acts;
	uint8_t passes; /* requests and turns before the next act */
	bool acting;

	struct board_interface interface;
	struct iiobridge_route_info route; /* as it is told; what it is has no size of 0 */
	char serial[16];

	bool refuses, says_why; /* the next request */
	bool answers;
	int answer;
	bool gone, newest_first, returns;
	uint8_t away; /* turns */
	enum libusb_transfer_status gone_status;

	uint64_t turns;
	int signal;
	struct iiobridge_route_info told; /* the last answer to GET_ROUTE */
} board;

static struct board_arrival board_arrival;

static uint8_t board_take_byte(void)
{
	uint8_t byte;

	fuzz_take(&board.acts, &byte, sizeof(byte));
	return byte;
}

static uint16_t board_take_number(void)
{
	uint16_t number;

	fuzz_take(&board.acts, &number, sizeof(number));
	return number;
}

static void board_interrupt(void)
{
	if (board.signal)
		return;
	board.signal = SIGINT;
	board.turns = BOARD_TURNS_MAX;
}

/* The sizes that the board works with are those that it tells, where it can work with them. */
static void board_settle(void)
{
	struct fake_route *route = &fake.routes[0];

	board.route.block_size %= BOARD_BLOCK_MAX;
	route->info = board.route;
	if (route->info.block_size == 0)
		route->info.block_size = BOARD_BLOCK_SIZE;
	if (route->info.bytes_per_scan == 0)
		route->info.bytes_per_scan = BOARD_SAMPLE_SIZE;
	route->configured = route->info;
	if (board.route.endpoint_in != FAKE_ENDPOINT_IN ||
	    fake.info.endpoint_records != FAKE_ENDPOINT_RECORDS)
		board_arrival.unknown = true;
	board.serial[sizeof(board.serial) - 1] = '\0';
	for (char *at = board.serial; *at; at++)
		*at &= 0x7f; /* libusb gives ASCII */
	board.interface.endpoint_count %= BOARD_ENDPOINTS + 1;
	fake.devices[0].open_error = -(board.interface.open_error % 13);
	fake.claim_error = -(board.interface.claim_error % 13);
}

/* ---- acts, with the bus's lock ---- */

static void act_lie(void)
{
	static const struct {
		void *at;
		size_t size;
	} truths[] = {
		{ &fake.info, sizeof(fake.info) },
		{ &board.route, sizeof(board.route) },
		{ &fake.channel, sizeof(fake.channel) },
		{ &fake.routes[0].statistics, sizeof(fake.routes[0].statistics) },
		{ &fake.error, sizeof(fake.error) },
		{ &board.interface, sizeof(board.interface) },
		{ &board.serial, sizeof(board.serial) },
	};
	const size_t which = board_take_byte() % (sizeof(truths) / sizeof(truths[0]));
	const size_t place = board_take_byte() % truths[which].size;
	size_t size = board_take_byte() % 16 + 1;

	if (size > truths[which].size - place)
		size = truths[which].size - place;
	fuzz_take(&board.acts, (uint8_t *)truths[which].at + place, size);
	board_settle();
}

static void act_refuse(void)
{
	board.refuses = true;
	board.says_why = board_take_byte() & 1;
}

static void act_fail_request(void)
{
	board.answers = true;
	board.answer = -(board_take_byte() % 12 + 1); /* LIBUSB_ERROR_IO and those below it */
}

static void act_cut_answer(void)
{
	board.answers = true;
	board.answer = board_take_byte();
}

/* Of whom ever: libusb calls back one after the other. */
static void act_complete(void)
{
	static const enum libusb_transfer_status statuses[] = {
		LIBUSB_TRANSFER_COMPLETED, LIBUSB_TRANSFER_ERROR,    LIBUSB_TRANSFER_STALL,
		LIBUSB_TRANSFER_NO_DEVICE, LIBUSB_TRANSFER_OVERFLOW, LIBUSB_TRANSFER_TIMED_OUT,
	};
	const size_t which = board_take_byte() % (sizeof(statuses) / sizeof(statuses[0]));
	const int size = board_take_number();

	for (unsigned int i = 0; i < fake.queued && !fake.calling; i++) {
		const struct libusb_transfer *transfer = fake.queue[i].transfer;

		if (!fake_route_of(transfer))
			continue;
		fake_complete(i, statuses[which],
			      size < transfer->length ? size : transfer->length);
		break;
	}
}

static void act_send_message(void)
{
	uint8_t message[256];
	const uint8_t size = board_take_byte();

	fuzz_take(&board.acts, message, size);
	fake_send_message(message, size);
}

static void act_lose_samples(void)
{
	fake.routes[0].gap_block = (int)fake.routes[0].sequence;
	fake.routes[0].gap_scans = board_take_number();
	/* The converter may be wrong about them, or cannot count. */
	fake.routes[0].statistics.scans_lost += board_take_byte();
}

static void act_lose_records(void)
{
	struct fake_route *route = &fake.routes[0];
	const uint8_t what = board_take_byte();

	route->silent = what & 1;
	route->no_end = what & 2;
	route->old_run = what & 4;
	if (what & 8) {
		route->dropped_from = (unsigned int)route->sequence;
		route->dropped_count = 1;
	}
	fake.hold_records = what & 16;
}

static void act_stop(void)
{
	if (board_take_byte() & 1) {
		fake.error = (struct iiobridge_error){ .code = htole32(IIOBRIDGE_FAULT) };
		strcpy(fake.error.message, "the converter is gone");
	}
	fake_stop_route(&fake.routes[0]);
}

static void act_fall_silent(void)
{
	fake.hold = board_take_byte() & 1;
}

static void act_send_early(void)
{
	fake.routes[0].stale = board_take_byte() & 1;
}

static void act_go_away(void)
{
	const uint8_t how = board_take_byte();

	board.gone = true;
	board.gone_status = how & 1 ? LIBUSB_TRANSFER_ERROR : LIBUSB_TRANSFER_NO_DEVICE;
	board.newest_first = how & 2;
	board.returns = how & 4;
	board.away = how >> 4;
	fake.io_errors = how >> 3 & 1;
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	fake.devices[0].is_there = false;
	fake_change_locked();
	for (unsigned int i = 0; i < FAKE_ROUTES; i++)
		fake.routes[i].running = false;
	fake_drop_messages();
}

static void act_interrupt(void)
{
	board_interrupt();
}

static void act_grant_memory(void)
{
	fake.submit_limit = board_take_byte();
	fake.no_device_memory = fake.submit_limit & 1;
}

static void act_fill_at_cancel(void)
{
	fake.routes[0].partial_at_cancel = board_take_number() % BOARD_BLOCK_SIZE;
}

/* What was cancelled comes back in no time, whatever the board does. */
static bool board_is_cancelling(void)
{
	for (unsigned int i = 0; i < fake.queued; i++) {
		if (fake.queue[i].cancelled)
			return true;
	}
	return false;
}

static void act_wait(void)
{
	const uint64_t wait_ns = board_take_number() * BOARD_MS;

	if (!board_is_cancelling())
		threads.now_ns += wait_ns;
}

/* Others go on meanwhile. */
static void act_yield(void)
{
	for (int turns = board_take_byte() % 8; turns > 0; turns--) {
		fake_unlock();
		threads_yield();
		fake_lock();
	}
}

static void board_act(void)
{
	static void (*const acts[])(void) = {
		act_lie,       act_refuse,	 act_fail_request,   act_cut_answer,
		act_complete,  act_send_message, act_lose_samples,   act_lose_records,
		act_stop,      act_fall_silent,	 act_send_early,     act_go_away,
		act_interrupt, act_grant_memory, act_fill_at_cancel, act_wait,
		act_yield,
	};

	if (board.acting)
		return;
	board.acting = true;
	while (board.passes == 0 && board.acts.size > 0) {
		acts[board_take_byte() % (sizeof(acts) / sizeof(acts[0]))]();
		board.passes = board_take_byte();
	}
	if (board.passes > 0)
		board.passes--;
	board.acting = false;
}

/* ---- what arrives ---- */

/* What of the run makes no whole sample does not count. */
static void board_end_run(void)
{
	struct board_arrival *arrival = &board_arrival;

	if (arrival->sample_size > 0)
		arrival->size -= (arrival->size - arrival->run_begin) % arrival->sample_size;
	arrival->run_begin = arrival->size;
	arrival->started = false;
	arrival->hole = false;
}

/* Whether a transfer ends what can be had of the run. */
static bool board_is_hole(const struct libusb_transfer *transfer)
{
	if (transfer->status != LIBUSB_TRANSFER_COMPLETED)
		return true;
	if (board.told.transfer == IIOBRIDGE_COPY_EARLY)
		return (size_t)transfer->actual_length % board_arrival.sample_size;
	return transfer->actual_length != transfer->length;
}

static void board_on_complete(const struct libusb_transfer *transfer)
{
	struct board_arrival *arrival = &board_arrival;
	const size_t size = (size_t)transfer->actual_length;

	if (fake_is_out(transfer) || !arrival->started || arrival->hole)
		return;
	/* One that comes back before older ones is empty. */
	if (!fake.is_oldest)
		return;
	if (size > sizeof(arrival->data) - arrival->size) {
		arrival->unknown = arrival->hole = true;
		return;
	}
	memcpy(arrival->data + arrival->size, transfer->buffer, size);
	arrival->size += size;
	arrival->hole = board_is_hole(transfer);
}

/* ---- requests ---- */

/* A run begins before the host knows that it does, and may be over by then. */
static void board_note_request(uint8_t request)
{
	if (request == IIOBRIDGE_SET_PARAMETERS)
		board_end_run();
	if (request != IIOBRIDGE_START)
		return;
	board_arrival.started = true;
	board_arrival.sample_size = board.told.bytes_per_scan;
}

static int board_refuse(uint8_t request, uint16_t value)
{
	board.refuses = false;
	if (board.says_why) {
		fake.error = (struct iiobridge_error){
			.code = htole32(IIOBRIDGE_FAULT),
			.request = request,
			.value = htole16(value),
		};
		strcpy(fake.error.message, "it does not want to");
	}
	return LIBUSB_ERROR_PIPE;
}

/* A second route is as the first one, but for what there can be only once. */
static int board_answer_route(uint16_t value, uint8_t *data, uint16_t length)
{
	board.told = board.route;
	if ((value & 0xff) == 1) {
		board.told.endpoint_in = FAKE_ENDPOINT_IN + 1;
		strcpy(board.told.name, "ry");
	}
	return fake_answer(&board.told, sizeof(board.told), data, length);
}

static void board_set_parameters(const uint8_t *data)
{
	struct iiobridge_parameters parameters;

	memcpy(&parameters, data, sizeof(parameters));
	if (parameters.block_size)
		board.route.block_size = parameters.block_size;
	if (parameters.channel_mask)
		board.route.channel_mask = parameters.channel_mask;
	board_settle();
}

static bool board_decide(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			 int *result)
{
	board_note_request(request);
	threads.now_ns += BOARD_MS;
	/* The route runs before the answer is there. */
	if (request == IIOBRIDGE_START && !board.gone && !board.refuses && !board.answers)
		fake_start_route(&fake.routes[(value & 0xff) % FAKE_ROUTES]);
	board_act();
	if (fake.control_error || fake.io_errors)
		return false;
	if (board.refuses) {
		*result = board_refuse(request, value);
		return true;
	}
	if (board.answers) {
		board.answers = false;
		*result = board.answer < length ? board.answer : length;
		return true;
	}
	switch (request) {
	case IIOBRIDGE_SET_PARAMETERS:
		board_set_parameters(data);
		*result = length;
		return true;
	case IIOBRIDGE_START:
		*result = 0;
		return true;
	case IIOBRIDGE_GET_ROUTE:
		*result = board_answer_route(value, data, length);
		return true;
	default:
		return false;
	}
}

static bool board_on_request(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			     int *result)
{
	bool decided;

	fake_lock();
	decided = board_decide(request, value, data, length, result);
	fake_unlock();
	return decided;
}

/* ---- turns of an event loop ---- */

static bool board_is_watched(void)
{
	for (const libusb_context *context = fake_contexts; context; context = context->next) {
		if (context->on_change)
			return true;
	}
	return false;
}

static void board_return(void)
{
	if (!board.gone || !board.returns || !board_is_watched() || board.away-- > 0)
		return;
	board.gone = board.returns = false;
	fake.control_error = 0;
	fake.io_errors = 0;
	fake.routes[0].statistics.starts = 0;
	fake.devices[0].is_there = true;
	fake_change_locked();
}

/* Of a board that is gone the transfers come back, each in a turn. */
static bool board_give_back(const libusb_context *context)
{
	for (unsigned int i = 0; i < fake.queued && board.gone; i++) {
		const unsigned int place = board.newest_first ? fake.queued - 1 - i : i;

		if (!fake_is_of(fake.queue[place].transfer, context))
			continue;
		fake_complete(place, board.gone_status, 0);
		return true;
	}
	return false;
}

static bool board_on_turn(libusb_context *context)
{
	const struct fake_route *route = &fake.routes[0];

	threads.now_ns += BOARD_MS;
	board.turns++;
	if (board.turns > BOARD_TURNS_MAX || board_arrival.size > BOARD_BYTES_MAX ||
	    route->sent > BOARD_BYTES_MAX)
		board_interrupt();
	fuzz_check(board.turns < BOARD_TURNS_MAX + BOARD_TURNS_TO_END);
	board_act();
	/* A board that always has something leaves others their turns. */
	fake_unlock();
	threads_yield();
	fake_lock();
	board_return();
	return board_give_back(context);
}

/* ---- begin and end ---- */

static void board_describe(void)
{
	static struct libusb_endpoint_descriptor endpoints[BOARD_ENDPOINTS];
	static struct libusb_interface_descriptor descriptor;
	static struct libusb_interface interface = { .altsetting = &descriptor };
	static struct libusb_config_descriptor config = {
		.bNumInterfaces = 1,
		.interface = &interface,
	};
	const struct board_interface *told = &board.interface;

	for (int i = 0; i < BOARD_ENDPOINTS; i++) {
		endpoints[i].bEndpointAddress = told->endpoints[i].address;
		endpoints[i].bmAttributes = told->endpoints[i].attributes;
		endpoints[i].wMaxPacketSize = told->endpoints[i].packet_size;
	}
	descriptor = (struct libusb_interface_descriptor){
		.bInterfaceNumber = told->number,
		.bNumEndpoints = told->endpoint_count,
		.bInterfaceClass = told->interface_class,
		.bInterfaceSubClass = told->subclass,
		.bInterfaceProtocol = told->protocol,
		.iInterface = told->name_index,
		.endpoint = told->endpoint_count ? endpoints : NULL,
	};
	interface.num_altsetting = told->altsettings;
	fake.config = &config;
}

static const struct board_interface board_usual_interface = {
	.interface_class = IIOBRIDGE_CLASS,
	.subclass = IIOBRIDGE_SUBCLASS,
	.protocol = IIOBRIDGE_PROTOCOL,
	.number = 2,
	.name_index = 2,
	.altsettings = 1,
	.endpoint_count = 4,
	.endpoints = {
		{ FAKE_ENDPOINT_IN, LIBUSB_TRANSFER_TYPE_BULK, BOARD_PACKET_SIZE },
		{ FAKE_ENDPOINT_OUT, LIBUSB_TRANSFER_TYPE_BULK, BOARD_PACKET_SIZE },
		{ FAKE_ENDPOINT_RECORDS, LIBUSB_TRANSFER_TYPE_BULK, BOARD_PACKET_SIZE },
		{ FAKE_ENDPOINT_IN + 1, LIBUSB_TRANSFER_TYPE_BULK, BOARD_PACKET_SIZE },
	},
};

static void board_make_route(unsigned int index)
{
	struct fake_route *route = &fake.routes[index];

	route->info.block_size = BOARD_BLOCK_SIZE;
	route->info.sample_rate_millihertz = 1000000000;
	route->configured = route->info;
	/* A route may be told to be one that plays. */
	if (!route->data)
		route->data = malloc(FAKE_RECEIVED);
}

/**
 * board_begin() - plug the board in; this thread, and those that it starts, have their turns then
 * @acts: what it does
 * @playback: its route is one
 * @routes: how many it has, 1 or 2
 */
static void board_begin(const struct fuzz_bytes *acts, bool playback, unsigned int routes)
{
	threads_begin();
	fake_reset();
	if (playback)
		fake_make_tx(0);
	for (unsigned int i = 0; i < FAKE_ROUTES; i++)
		board_make_route(i);
	fake.info.route_count = (uint8_t)routes;
	fake.submit_limit = BOARD_IN_FLIGHT * (int)routes;
	fake.on_request = board_on_request;
	fake.on_turn = board_on_turn;
	fake.on_complete = board_on_complete;
	board = (struct board){
		.acts = *acts,
		.interface = board_usual_interface,
		.route = fake.routes[0].info,
		.serial = "one",
	};
	fake.devices[0].serial = board.serial;
	board_arrival.size = board_arrival.run_begin = 0;
	board_arrival.started = board_arrival.hole = false;
	board_arrival.unknown = routes > 1;
	board_arrival.sample_size = 0;
	fake_lock();
	board.passes = board_take_byte();
	board_act();
	fake_unlock();
	board_describe();
}

/**
 * board_end() - unplug it
 *
 * Whatever it did, the command has given back what it had of libusb, and has no threads.
 */
static void board_end(void)
{
	board_end_run();
	fuzz_check(fake_check() == 0);
	threads_end();
}

/* No terminal is asked for its size. */
__typeof__(isatty) __wrap_isatty;
int __wrap_isatty(int fd)
{
	(void)fd;
	return 0;
}

__typeof__(interrupt_signal) __wrap_interrupt_signal;
int __wrap_interrupt_signal(void)
{
	return board.signal;
}

__typeof__(interrupt_catch) __wrap_interrupt_catch;
void __wrap_interrupt_catch(void)
{
}

#endif
