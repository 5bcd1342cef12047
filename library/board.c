// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * board.c - an open board, and the thread that serves its streams
 */
#include "stream.h"

#include <libusb.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often the thread looks at its streams at least. */
#define TURN_MS 250

/* How often the board is asked for its time. */
#define CLOCK_LOOKS 16

int board_packet_size(const struct iiobridge_board *board, uint8_t address)
{
	const struct candidate *candidate = &board->candidate;

	for (unsigned int i = 0; i < candidate->endpoint_count; i++) {
		if (candidate->endpoints[i].address == address &&
		    candidate->endpoints[i].packet_size > 0)
			return candidate->endpoints[i].packet_size;
	}
	return fail(
		IIOBRIDGE_ERROR_PROTOCOL,
		"the board names endpoint 0x%02x, but its interface %u has no such bulk endpoint",
		address, candidate->interface);
}

static int open_failed(const struct iiobridge_board *board, int error)
{
	const int r = usb_result(error);

	if (r == IIOBRIDGE_ERROR_ACCESS)
		return fail(r,
			    "no permission to open the board at %s: install iiobridge's udev rule, "
			    "or run as root",
			    board->candidate.location);
	if (r == IIOBRIDGE_ERROR_GONE)
		return fail(r, "the board at %s went away", board->candidate.location);
	return fail(r, "the board at %s cannot be opened: %s", board->candidate.location,
		    libusb_strerror(error));
}

static int read_string(struct iiobridge_board *board, uint8_t index, char *text, size_t size)
{
	int r;

	text[0] = '\0';
	if (index == 0)
		return 0;
	r = libusb_get_string_descriptor_ascii(board->handle, index, (unsigned char *)text,
					       (int)size);
	if (r < 0)
		return r;
	text_clean(text);
	return 0;
}

/* Only the interface's name tells a board from a stranger with the same class triple. */
static int identify(struct iiobridge_board *board)
{
	const struct candidate *candidate = &board->candidate;
	char name[sizeof(IIOBRIDGE_INTERFACE_NAME) + 1];
	int r;

	r = read_string(board, candidate->name_index, name, sizeof(name));
	if (r < 0)
		return open_failed(board, r);
	if (strcmp(name, IIOBRIDGE_INTERFACE_NAME) != 0)
		return fail(IIOBRIDGE_ERROR_NOT_FOUND,
			    "interface %u of the device at %s is not called "
			    "" IIOBRIDGE_INTERFACE_NAME,
			    candidate->interface, candidate->location);
	r = read_string(board, candidate->serial_index, board->serial, sizeof(board->serial));
	if (r < 0)
		return open_failed(board, r);
	r = request_device(board, &board->info);
	if (r < 0)
		return r;
	r = board_packet_size(board, board->info.endpoint_records);
	return r < 0 ? r : 0;
}

static void release(struct iiobridge_board *board)
{
	if (board->handle)
		libusb_close(board->handle);
	libusb_unref_device(board->candidate.usb);
	if (board->context)
		libusb_exit(board->context);
	pthread_cond_destroy(&board->changed);
	pthread_mutex_destroy(&board->tuning);
	pthread_mutex_destroy(&board->opening);
	pthread_mutex_destroy(&board->lock);
	free(board);
}

int board_open_candidate(struct libusb_context *context, const struct candidate *candidate,
			 struct iiobridge_board **ret)
{
	struct iiobridge_board *board = calloc(1, sizeof(*board));
	pthread_condattr_t attributes;
	int r;

	if (!board)
		return fail_memory("the board");
	board->candidate = *candidate;
	libusb_ref_device(board->candidate.usb);
	board->context = context;
	board->references = 1;
	pthread_mutex_init(&board->lock, NULL);
	pthread_mutex_init(&board->opening, NULL);
	pthread_mutex_init(&board->tuning, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&board->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	atomic_init(&board->ending, false);

	r = libusb_open(board->candidate.usb, &board->handle);
	if (r < 0) {
		board->handle = NULL;
		r = open_failed(board, r);
	} else {
		r = identify(board);
	}
	if (r < 0) {
		board->context = NULL;
		release(board);
		return r;
	}
	*ret = board;
	return 0;
}

void board_hold(struct iiobridge_board *board)
{
	pthread_mutex_lock(&board->lock);
	board->references++;
	pthread_mutex_unlock(&board->lock);
}

void board_drop(struct iiobridge_board *board)
{
	unsigned int left;

	pthread_mutex_lock(&board->lock);
	left = --board->references;
	pthread_mutex_unlock(&board->lock);
	if (left == 0)
		release(board);
}

void iiobridge_board_close(struct iiobridge_board *board)
{
	if (board)
		board_drop(board);
}

/* ---- the thread ---- */

int board_handle_events(struct iiobridge_board *board, unsigned int timeout_ms)
{
	struct timeval timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000,
	};
	const int r = libusb_handle_events_timeout_completed(board->context, &timeout, NULL);

	if (r < 0 && r != LIBUSB_ERROR_INTERRUPTED)
		return fail(IIOBRIDGE_ERROR_SYSTEM, "libusb's event loop failed: %s",
			    libusb_strerror(r));
	return 0;
}

void board_wake_thread(struct iiobridge_board *board)
{
	libusb_interrupt_event_handler(board->context);
}

static unsigned int next_turn_ms(struct iiobridge_board *board)
{
	const uint64_t now = clock_ns();
	uint64_t next = now + TURN_MS * NS_PER_MS;

	pthread_mutex_lock(&board->lock);
	for (unsigned int i = 0; i < IIOBRIDGE_MAX_ROUTES; i++) {
		const uint64_t watch =
			board->streams[i] ? stream_next_watch_ns(board->streams[i]) : UINT64_MAX;

		if (watch < next)
			next = watch;
	}
	pthread_mutex_unlock(&board->lock);
	return next > now ? (unsigned int)((next - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

/* A stream that is watched is not released meanwhile. */
static void watch_streams(struct iiobridge_board *board)
{
	for (unsigned int i = 0; i < IIOBRIDGE_MAX_ROUTES; i++) {
		struct stream *stream;

		pthread_mutex_lock(&board->lock);
		stream = board->streams[i];
		if (stream)
			stream->watched = true;
		pthread_mutex_unlock(&board->lock);
		if (!stream)
			continue;
		stream_watch(stream);
		pthread_mutex_lock(&board->lock);
		stream->watched = false;
		pthread_cond_broadcast(&board->changed);
		pthread_mutex_unlock(&board->lock);
	}
}

/* An event loop that fails ends all streams: none would be served any more. */
static void end_streams(struct iiobridge_board *board, int code)
{
	pthread_mutex_lock(&board->lock);
	for (unsigned int i = 0; i < IIOBRIDGE_MAX_ROUTES; i++) {
		if (board->streams[i])
			stream_end_locked(board->streams[i], code);
	}
	pthread_mutex_unlock(&board->lock);
}

static void *serve(void *context)
{
	struct iiobridge_board *board = context;
	int r = 0;

	while (r == 0 && !atomic_load(&board->ending)) {
		r = board_handle_events(board, next_turn_ms(board));
		if (r == 0)
			watch_streams(board);
	}
	if (r < 0)
		end_streams(board, r);
	return NULL;
}

int board_claim(struct iiobridge_board *board)
{
	const int r = libusb_claim_interface(board->handle, board->candidate.interface);

	if (r == LIBUSB_ERROR_BUSY)
		return fail(IIOBRIDGE_ERROR_BUSY,
			    "the board at %s is busy: another program has claimed its interface %u",
			    board->candidate.location, board->candidate.interface);
	return r < 0 ? open_failed(board, r) : 0;
}

static int begin(struct iiobridge_board *board)
{
	int r;

	r = board_claim(board);
	if (r < 0)
		return r;
	r = records_new(board, &board->records);
	if (r < 0)
		goto err_release;
	atomic_store(&board->ending, false);
	r = thread_start(&board->thread, serve, board);
	if (r == 0)
		return 0;

	records_free(board->records);
	board->records = NULL;
err_release:
	libusb_release_interface(board->handle, board->candidate.interface);
	return r;
}

static void end(struct iiobridge_board *board)
{
	struct records *records = board->records;

	atomic_store(&board->ending, true);
	board_wake_thread(board);
	pthread_join(board->thread, NULL);
	records_free(records);
	pthread_mutex_lock(&board->lock);
	board->records = NULL;
	pthread_mutex_unlock(&board->lock);
	libusb_release_interface(board->handle, board->candidate.interface);
}

int board_add_stream(struct iiobridge_board *board, unsigned int index, struct stream *stream)
{
	int r = 0;

	pthread_mutex_lock(&board->opening);
	if (board->streams[index])
		r = fail(IIOBRIDGE_ERROR_BUSY,
			 "route %u of the board at %s has a stream in this program: close it first",
			 index, board->candidate.location);
	if (r == 0 && board->stream_count == 0)
		r = begin(board);
	if (r == 0) {
		pthread_mutex_lock(&board->lock);
		board->streams[index] = stream;
		board->references++;
		pthread_mutex_unlock(&board->lock);
		board->stream_count++;
	}
	pthread_mutex_unlock(&board->opening);
	return r;
}

void board_remove_stream(struct iiobridge_board *board, unsigned int index)
{
	struct stream *stream;

	pthread_mutex_lock(&board->opening);
	pthread_mutex_lock(&board->lock);
	stream = board->streams[index];
	board->streams[index] = NULL;
	while (stream->watched)
		pthread_cond_wait(&board->changed, &board->lock);
	pthread_mutex_unlock(&board->lock);
	if (--board->stream_count == 0)
		end(board);
	pthread_mutex_unlock(&board->opening);
	board_drop(board);
}

/* ---- what a board says of itself ---- */

const char *iiobridge_board_serial(const struct iiobridge_board *board)
{
	return board->serial;
}

const char *iiobridge_board_model(const struct iiobridge_board *board)
{
	return board->info.model;
}

const char *iiobridge_board_software(const struct iiobridge_board *board)
{
	return board->info.software;
}

const char *iiobridge_board_location(const struct iiobridge_board *board)
{
	return board->candidate.location;
}

const char *iiobridge_board_speed(const struct iiobridge_board *board)
{
	switch (libusb_get_device_speed(board->candidate.usb)) {
	case LIBUSB_SPEED_LOW:
		return "low speed (1.5 Mbit/s)";
	case LIBUSB_SPEED_FULL:
		return "full speed (12 Mbit/s)";
	case LIBUSB_SPEED_HIGH:
		return "high speed (480 Mbit/s)";
	case LIBUSB_SPEED_SUPER:
		return "SuperSpeed (5 Gbit/s)";
	case LIBUSB_SPEED_SUPER_PLUS:
		return "SuperSpeed+ (10 Gbit/s)";
	default:
		return "unknown speed";
	}
}

void iiobridge_board_protocol(const struct iiobridge_board *board, unsigned int *major,
			      unsigned int *minor)
{
	*major = board->info.version_major;
	*minor = board->info.version_minor;
}

unsigned int iiobridge_board_records_endpoint(const struct iiobridge_board *board)
{
	return board->info.endpoint_records;
}

unsigned int iiobridge_board_route_count(const struct iiobridge_board *board)
{
	return board->info.route_count;
}

int iiobridge_board_clock(struct iiobridge_board *board, struct iiobridge_clock_offset *clock)
{
	uint64_t before, time_ns, after;
	int r;

	if (board->info.version_minor < 4)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "the board at %s does not tell its time: it speaks protocol %u.%u, and "
			    "that is of 1.4",
			    board->candidate.location, board->info.version_major,
			    board->info.version_minor);
	*clock = (struct iiobridge_clock_offset){ .uncertainty_ns = UINT64_MAX };
	for (unsigned int i = 0; i < CLOCK_LOOKS; i++) {
		before = clock_ns();
		r = request_time(board, &time_ns);
		after = clock_ns();
		if (r < 0)
			return r;
		/* The board's time was some moment between. */
		if ((after - before + 1) / 2 < clock->uncertainty_ns) {
			clock->uncertainty_ns = (after - before + 1) / 2;
			clock->offset_ns = (int64_t)(before + (after - before) / 2 - time_ns);
		}
	}
	return 0;
}

int iiobridge_board_last_error(struct iiobridge_board *board, struct iiobridge_board_error *ret)
{
	struct iiobridge_error error;
	int r;

	r = request_error(board, &error);
	if (r < 0)
		return r;
	*ret = (struct iiobridge_board_error){ .code = error.code };
	if (error.request)
		strncpy(ret->request, request_name(error.request), sizeof(ret->request) - 1);
	else
		ret->route = error.value;
	memcpy(ret->message, error.message, sizeof(error.message));
	return 0;
}
