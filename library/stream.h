/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.h - what moves samples
 *
 * Transfers (an endpoint that is read or written without a pause), records and the block log (what
 * became of each block), and stream (what rx and tx have in common).
 */
#ifndef LIBRARY_STREAM_H
#define LIBRARY_STREAM_H

#include "internal.h"

struct libusb_transfer;

/* ---- transfers.c: an endpoint that is read or written without a pause ---- */

struct transfers;

/**
 * struct slot - a transfer and its buffer
 * @transfers: whose it is
 * @usb: libusb's
 * @buffer: @transfers' size
 * @device_memory: the buffer is the kernel's, so that nothing is copied
 * @in_flight: libusb has it
 */
struct slot {
	struct transfers *transfers;
	struct libusb_transfer *usb;
	uint8_t *buffer;
	bool device_memory;
	bool in_flight;
};

/**
 * enum transfers_taken - what became of a buffer that has arrived
 * @TRANSFERS_TAKEN: it can be filled again
 * @TRANSFERS_KEPT: it is the consumer's until transfers_release_locked()
 */
enum transfers_taken {
	TRANSFERS_TAKEN = 0,
	TRANSFERS_KEPT = 1,
};

/**
 * struct transfers_setup - what is moved
 * @endpoint: address of a bulk endpoint, with the direction bit
 * @size: bytes in a transfer
 * @count: number of transfers, at most what the budget of USB memory allows
 * @unit: bytes of a sample, or 1: what arrives is handed over in whole ones
 * @may_be_short: a transfer that is not full is no fault: of messages, and of blocks that may come
 *	before they are full
 * @arrived: IN: takes what arrived, in order, with at least one byte; returns enum transfers_taken,
 *	or a negative enum iiobridge_result that ends the transfers
 * @done: OUT: a transfer was sent and is free; all: the transfers have ended, with
 *	transfers_error_locked(). May be NULL.
 * @context: for both, which are called with the board's lock
 */
struct transfers_setup {
	uint8_t endpoint;
	size_t size;
	size_t unit;
	unsigned int count;
	bool may_be_short;
	int (*arrived)(void *context, struct slot *slot, size_t size);
	void (*done)(void *context);
	void *context;
};

/**
 * transfers_choose() - choose the size and the number of transfers for a stream
 * @block_size: bytes in a block, a multiple of @step
 * @step: bytes that a transfer is a multiple of: whole packets and whole samples
 * @share: bytes of USB memory for all of them
 * @size: gets the size, which divides the block
 * @count: gets the number
 */
void transfers_choose(size_t block_size, size_t step, size_t share, size_t *size,
		      unsigned int *count);

/**
 * usb_memory_take() - take a part of the memory that the kernel grants for USB transfers
 *
 * All streams of this process share it (usbcore's usbfs_memory_mb): each takes half of what is
 * left, and no more than 8 MiB.
 *
 * Return: bytes, to be given to usb_memory_give().
 */
size_t usb_memory_take(void);
void usb_memory_give(size_t bytes);

int transfers_new(struct iiobridge_board *board, const struct transfers_setup *setup,
		  struct transfers **transfers);

/** transfers_free() - stop and release, with the slots that are kept */
void transfers_free(struct transfers *transfers);

/**
 * transfers_start() - put all IN transfers in flight, or make OUT transfers ready
 *
 * Where the kernel grants less memory, fewer are in flight, and at least two.
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int transfers_start(struct transfers *transfers);

/**
 * transfers_stop() - take all transfers back
 *
 * What has arrived goes to the consumer first, also that of a transfer which is not full, and what
 * was held. Runs libusb's event loop until all are back.
 */
void transfers_stop(struct transfers *transfers);

/** transfers_finish_locked() - IN: nothing more goes in flight, and nothing is held any more */
void transfers_finish_locked(struct transfers *transfers);

/** transfers_hold_locked() - keep what arrives from the consumer, or hand it over again */
void transfers_hold_locked(struct transfers *transfers, bool hold);

/** transfers_release_locked() - give back a slot that was kept */
void transfers_release_locked(struct slot *slot);

/** transfers_free_slot_locked() - OUT: a slot to fill, NULL while all are in flight */
struct slot *transfers_free_slot_locked(struct transfers *transfers);

/**
 * transfers_send_locked() - OUT: put a slot that is full in flight
 *
 * Return: 0; 1: the kernel grants no memory now, to be tried again when one is done; or a negative
 * enum iiobridge_result.
 */
int transfers_send_locked(struct slot *slot);

/** transfers_in_flight_locked() - number of slots that libusb has */
unsigned int transfers_in_flight_locked(const struct transfers *transfers);

/** transfers_can_spare_locked() - whether the consumer may keep one more of what arrives */
bool transfers_can_spare_locked(const struct transfers *transfers);

/** transfers_size() - bytes in a slot */
size_t transfers_size(const struct transfers *transfers);

/** transfers_error_locked() - what ended them, with code 0 while all is well */
const struct error *transfers_error_locked(const struct transfers *transfers);

/* ---- records.c: what the board tells of its blocks ---- */

int records_new(struct iiobridge_board *board, struct records **records);
void records_free(struct records *records);
const struct error *records_error_locked(const struct records *records);

/**
 * struct block_log - the records of a run, checked and counted
 * @route: name of the route, for messages
 * @run: number of the run
 * @block_size: bytes in a whole block
 * @sample_size: bytes in a sample
 * @next_sequence: number of the next block
 * @next_sample: on the converter's clock
 * @place: samples in the data up to the newest record
 * @records_missing: records that were lost so far
 * @ended: the record of the end is there
 */
struct block_log {
	const char *route;
	uint32_t run;
	size_t block_size;
	size_t sample_size;
	uint64_t next_sequence;
	uint64_t next_sample;
	uint64_t place;
	uint64_t records_missing;
	bool ended;
};

/**
 * block_log_take() - take the next record
 * @log: the log
 * @record: as it came, in the host's byte order
 * @entry: gets what it says beside the one before
 *
 * Return: 1; 0 for a record of an earlier run; IIOBRIDGE_ERROR_PROTOCOL: it cannot follow those
 * before it, or is of a later run.
 */
int block_log_take(struct block_log *log, const struct iiobridge_record *record,
		   struct iiobridge_block_record *entry);

/* ---- stream.c: what rx and tx have in common ---- */

/**
 * struct stream_operations - what the two directions do
 * @record: the next record of the run is there; with the board's lock. Returns 0 or a negative enum
 *	iiobridge_result that ends the stream.
 * @asked: the board has said how the running route is doing, and whether it has stopped by itself;
 *	by the board's thread, without the lock. Returns as @record.
 * @changed: an error has ended the stream; with the lock. May be NULL.
 */
struct stream_operations {
	int (*record)(struct stream *stream, const struct iiobridge_block_record *record);
	int (*asked)(struct stream *stream, bool has_stopped);
	void (*changed)(struct stream *stream);
};

#define RECORDS_KEPT_MAX 65536

struct stream {
	struct iiobridge_board *board;
	unsigned int index;
	bool added; /* to the board */
	const struct stream_operations *operations;
	struct iiobridge_route *route; /* as it runs */
	struct iiobridge_stream_settings settings;
	struct transfers *transfers;
	size_t usb_memory;
	size_t packet_size;
	size_t sample_size;
	size_t block_size;

	struct wake wake;
	unsigned int users; /* calls of the API that are inside */
	bool closing;
	bool started; /* START was sent: samples may move */
	bool running; /* and done, and neither the caller nor an error has ended it */
	bool stopped; /* by the caller */
	bool gone;

	bool watched; /* the thread asks the board of it, without the lock */
	bool look;    /* the thread shall ask at once */
	bool suspect; /* the transfers have failed, and the thread finds out why */
	unsigned int watch_ms;
	uint64_t asked_ns; /* when the statistics were asked last */
	bool statistics_known;
	struct iiobridge_statistics statistics;
	struct error error; /* what ended the stream */

	bool logging;
	struct block_log log;
	struct iiobridge_block_record *records; /* a ring that grows, for the caller */
	size_t records_room, records_first, records_count;
};

/**
 * stream_init() - claim the board, set the parameters, stop the route, and see what it will be
 * @stream: all 0; to be given to stream_release(), also after an error
 * @board: the board
 * @index: number of the route
 * @kind: enum iiobridge_route_kind that it must have
 * @settings: the caller's, or NULL
 * @operations: what the direction does
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int stream_init(struct stream *stream, struct iiobridge_board *board, unsigned int index, int kind,
		const struct iiobridge_stream_settings *settings,
		const struct stream_operations *operations);

/** stream_add_transfers() - make the transfers of the route's endpoint; @setup has what takes them
 */
int stream_add_transfers(struct stream *stream, struct transfers_setup *setup);

/** stream_release() - release what the stream has; no call may be inside */
void stream_release(struct stream *stream);

/**
 * stream_enter() - a call of the API begins that may not be all of the time with the lock
 *
 * Return: 0, and stream_exit() has to follow; IIOBRIDGE_ERROR_ENDED: the stream is being closed.
 */
int stream_enter(struct stream *stream);
void stream_exit(struct stream *stream);

/** stream_leave() - has calls that wait end with IIOBRIDGE_ERROR_ENDED, and waits for that */
void stream_leave(struct stream *stream);

/**
 * stream_begin_run() - begin to log the run that the next START begins
 *
 * Return: 0; what the board, or transfers that are in flight already, have to object.
 */
int stream_begin_run(struct stream *stream);

/** stream_start() - send START */
int stream_start(struct stream *stream);

/** stream_settle() - the run is over: the board's thread finds out nothing of it any more */
void stream_settle(struct stream *stream);

/** stream_close_run_locked() - transfers and records have ended: what the board's thread still
 * finds out of them is of this run, and done when this returns
 */
void stream_close_run_locked(struct stream *stream);

/** stream_stop() - settle, send STOP, ask for the final statistics, and take the last records */
int stream_stop(struct stream *stream);

/** stream_take_last_records() - wait until the record of the end is there, for a second at most */
int stream_take_last_records(struct stream *stream);

/** stream_ask_statistics() - ask the board, and note what it says; without the lock */
int stream_ask_statistics(struct stream *stream);

/* ---- watch.c: what the board's thread does for a stream ---- */

/** stream_watch() - by the board's thread: asks how the route is doing, if it is time */
void stream_watch(struct stream *stream);

/** stream_next_watch_ns() - when stream_watch() has something to do, on clock_ns() */
uint64_t stream_next_watch_ns(const struct stream *stream);

/** stream_transfers_ended_locked() - the transfers have ended: has the thread find out why */
void stream_transfers_ended_locked(struct stream *stream);

/** stream_end_locked() - an error has ended the stream; this thread's last one */
void stream_end_locked(struct stream *stream, int code);

/** stream_take_record_locked() - a record of its route */
void stream_take_record_locked(struct stream *stream, const struct iiobridge_record *record);

/** stream_explain_stop() - ask why the board stopped the route; returns the error */
int stream_explain_stop(struct stream *stream);

/**
 * stream_call() - what a function of the API that waits consists of
 * @stream: the stream
 * @wake: what it waits for
 * @timeout_ms: the caller's
 * @look: looks, with the lock, whether there is what is waited for: returns 0 when not, else what
 *	the function returns
 * @context: for @look
 */
int64_t stream_call(struct stream *stream, struct wake *wake, int timeout_ms,
		    int64_t (*look)(struct stream *stream, void *context), void *context);

/** stream_next_record() - the oldest record that was kept; returns 1, or 0 when there is none */
int stream_next_record(struct stream *stream, struct iiobridge_block_record *record);

/** stream_statistics() - what the board said last; returns 1, or 0 when nothing is known */
int stream_statistics(struct stream *stream, struct iiobridge_statistics_info *statistics);

#endif
