/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * internal.h - what the parts of libiiobridge share: errors, boards, and what they are asked
 *
 * One file for each object of <iiobridge/iiobridge.h>, and these below them: requests (on the
 * control endpoint), and what moves samples, which is in stream.h.
 *
 * Each board has one lock. It protects its streams, their transfers and records, and is held by
 * libusb's callbacks; so nobody who holds it may call what runs libusb's event loop, such as a
 * control request. Functions whose names end in _locked are called with it.
 */
#ifndef LIBRARY_INTERNAL_H
#define LIBRARY_INTERNAL_H

#include <iiobridge/iiobridge.h>
#include <iiobridge/protocol.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct libusb_context;
struct libusb_device;
struct libusb_device_handle;

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MS     UINT64_C(1000000)

/* ---- error.c: errors, clocks, and waits that can be cancelled ---- */

/**
 * struct error - an error that is kept for later
 * @code: enum iiobridge_result
 * @message: the sentence
 */
struct error {
	int code;
	char message[512];
};

/**
 * fail() - make a sentence the reason of this thread's last error
 * @code: negative enum iiobridge_result
 * @format: printf format of the sentence
 *
 * Return: @code, so that a function can end with return fail(...).
 */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** fail_memory() - fail() for memory that is not there; @what is what it was for */
int fail_memory(const char *what);

/** error_keep() - keep this thread's last error, of which @code is the code, unless one is kept */
void error_keep(struct error *error, int code);

/** error_tell() - make a kept error this thread's last one; returns its code */
int error_tell(const struct error *error);

/** clock_ns() - CLOCK_MONOTONIC of the host, nanoseconds */
uint64_t clock_ns(void);

/** clock_realtime_ns() - CLOCK_REALTIME of the host, nanoseconds since 1970 */
uint64_t clock_realtime_ns(void);

/** deadline_ns() - when a timeout of the API is over, on clock_ns() */
uint64_t deadline_ns(int timeout_ms);

/** thread_start() - start a thread that gets no signals */
int thread_start(pthread_t *thread, void *(*work)(void *context), void *context);

/**
 * struct wake - what one thread waits for and others wake
 * @fd: an eventfd, readable while @raised
 * @raised: whether there may be something to look at; under the lock of what is looked at
 * @cancelled: a wait is to end; set by signal handlers, too
 */
struct wake {
	int fd;
	bool raised;
	atomic_bool cancelled;
};

int wake_init(struct wake *wake);
void wake_release(struct wake *wake);

/** wake_raise_locked() - there may be something to look at */
void wake_raise_locked(struct wake *wake);

/** wake_cancel() - end a wait; async-signal-safe */
void wake_cancel(struct wake *wake);

/**
 * wake_wait_locked() - wait until something may be there; who calls it has just found nothing
 * @wake: the wake
 * @lock: is held, and released meanwhile
 * @end_ns: from deadline_ns()
 *
 * Return: 1 when it is worth while to look again; 0 when the time is over;
 * IIOBRIDGE_ERROR_CANCELLED.
 */
int wake_wait_locked(struct wake *wake, pthread_mutex_t *lock, uint64_t end_ns);

/* ---- find.c: interfaces that may be boards ---- */

#define ENDPOINTS_MAX 30

/**
 * struct candidate - an interface with the class triple of a board: what can be known unopened
 * @usb: the device, referenced
 * @interface: bInterfaceNumber
 * @name_index: of its string
 * @serial_index: of the device's string
 * @location: bus and address
 * @endpoint_count: number of bulk endpoints
 * @endpoints: their addresses and packet sizes
 */
struct candidate {
	struct libusb_device *usb;
	uint8_t interface;
	uint8_t name_index;
	uint8_t serial_index;
	char location[16];
	unsigned int endpoint_count;
	struct {
		uint8_t address;
		uint16_t packet_size;
	} endpoints[ENDPOINTS_MAX];
};

/**
 * candidates_find() - look at the bus
 * @context: libusb's
 * @candidates: gets an array, to be given to candidates_free()
 *
 * Return: their number or a negative enum iiobridge_result.
 */
int candidates_find(struct libusb_context *context, struct candidate **candidates);
void candidates_free(struct candidate *candidates, int count);

/** usb_init() - libusb_init() with our errors */
int usb_init(struct libusb_context **context);

/** usb_result() - enum iiobridge_result for an enum libusb_error */
int usb_result(int error);

/* ---- board.c ---- */

struct stream;
struct records;

struct iiobridge_board {
	struct libusb_context *context;
	struct libusb_device_handle *handle;
	struct candidate candidate;
	char serial[128];
	struct iiobridge_device_info info;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* a stream is not watched, or not used, any more */
	unsigned int references;

	pthread_mutex_t tuning; /* one control is set, or some are read, at a time */
	unsigned int
		sets[IIOBRIDGE_MAX_CONTROLS]; /* of each control, by this program; under that */

	/* While there are streams. */
	pthread_mutex_t opening; /* one stream is opened or closed at a time */
	struct stream *streams[IIOBRIDGE_MAX_ROUTES];
	unsigned int stream_count;
	struct records *records;
	pthread_t thread;
	atomic_bool ending; /* the thread is to end */
};

/**
 * board_open_candidate() - open a board, and ask what it is
 * @context: libusb's, which is the board's in the end, and stays the caller's after an error
 * @candidate: where it is
 * @board: gets it, with one reference
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_NOT_FOUND: it is not called
 * iiobridge.
 */
int board_open_candidate(struct libusb_context *context, const struct candidate *candidate,
			 struct iiobridge_board **board);

/** board_hold() - the board is to stay, also when the program closes it, until board_drop() */
void board_hold(struct iiobridge_board *board);
void board_drop(struct iiobridge_board *board);

/** board_packet_size() - bytes in a packet of a bulk endpoint, or negative when there is none */
int board_packet_size(const struct iiobridge_board *board, uint8_t address);

/** board_claim() - claim the interface, so that no other program streams */
int board_claim(struct iiobridge_board *board);

/**
 * board_add_stream() - a stream begins to use the board
 * @board: the board
 * @index: number of its route
 * @stream: the stream
 *
 * With the first one the interface is claimed, records are read, and the thread begins.
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int board_add_stream(struct iiobridge_board *board, unsigned int index, struct stream *stream);

/** board_remove_stream() - a stream uses the board no more; it has no transfers in flight */
void board_remove_stream(struct iiobridge_board *board, unsigned int index);

/** board_handle_events() - run libusb's event loop once, for a time at most */
int board_handle_events(struct iiobridge_board *board, unsigned int timeout_ms);

/** board_wake_thread() - have the thread look at its streams */
void board_wake_thread(struct iiobridge_board *board);

/* ---- request.c: the control requests of the protocol, checked, in the host's byte order ---- */

int request_device(struct iiobridge_board *board, struct iiobridge_device_info *info);
int request_route(struct iiobridge_board *board, unsigned int route,
		  struct iiobridge_route_info *info);
int request_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
		    struct iiobridge_channel_info *info);
int request_statistics(struct iiobridge_board *board, unsigned int route,
		       struct iiobridge_statistics *statistics);
int request_error(struct iiobridge_board *board, struct iiobridge_error *error);
int request_time(struct iiobridge_board *board, uint64_t *time_ns);
/** request_parameters() - @flags only go to a board that knows them */
int request_parameters(struct iiobridge_board *board, unsigned int route,
		       const struct iiobridge_parameters *parameters);
int request_start(struct iiobridge_board *board, unsigned int route);
int request_stop(struct iiobridge_board *board, unsigned int route);
int request_finish(struct iiobridge_board *board, unsigned int route, uint64_t bytes,
		   uint32_t flags);

/** request_read_control() - have controls read again; %IIOBRIDGE_ALL_CONTROLS for all of them */
int request_read_control(struct iiobridge_board *board, unsigned int control);
int request_set_control(struct iiobridge_board *board, unsigned int control,
			const struct iiobridge_control_value *value);

/** request_control_value() - no more of a control than its state, its value, and what is before */
int request_control_value(struct iiobridge_board *board, unsigned int control,
			  struct iiobridge_control_info *info);
int request_control(struct iiobridge_board *board, unsigned int control,
		    struct iiobridge_control_info *info);

/** request_changes() - how often each control was found changed, low 8 bits; of one at least */
int request_changes(struct iiobridge_board *board, uint8_t changes[IIOBRIDGE_MAX_CONTROLS]);

/** request_name() - a static text such as "START", "request" for an unknown one */
const char *request_name(unsigned int request);

/* ---- text.c ---- */

/** text_clean() - control characters and what is not UTF-8 become question marks */
void text_clean(char *text);

/** text_take() - clean text from the bus, of at most @size bytes; false when it has no end */
bool text_take(char *text, size_t size);

/* ---- control.c ---- */

struct iiobridge_control {
	unsigned int index;
	bool has_changed;
	struct iiobridge_control_info info;
};

/**
 * control_await() - ask about a control until it is neither read nor set; with the board's @tuning
 * @board: the board
 * @control: its number
 * @end_ns: when to ask for the last time, on clock_ns()
 * @info: gets the last answer, of which only what request_control_value() asks for counts
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int control_await(struct iiobridge_board *board, unsigned int control, uint64_t end_ns,
		  struct iiobridge_control_info *info);

/* ---- route.c ---- */

struct iiobridge_channel {
	struct iiobridge_channel_info info;
	int offset;
};

struct iiobridge_route {
	unsigned int index;
	struct iiobridge_route_info info;
	struct iiobridge_channel channels[];
};

/** statistics_info() - the board's counts in the API's structure */
void statistics_info(const struct iiobridge_statistics *statistics,
		     struct iiobridge_statistics_info *info);

/** route_direction_name() - a static text such as "capture" */
const char *route_direction_name(unsigned int direction);

#endif
