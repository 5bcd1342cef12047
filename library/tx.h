/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tx.h - a stream that sends: what it has, how its queue is sent, and how a waveform is laid out
 */
#ifndef LIBRARY_TX_H
#define LIBRARY_TX_H

#include "stream.h"

struct chunk {
	struct chunk *next;
	struct slot *slot; /* whose buffer it is, or NULL: @copy */
	bool is_copy;
	uint8_t *data;
	uint8_t copy[];
};

struct iiobridge_tx {
	struct stream stream; /* first, so that it can be cast */
	size_t transfer_size;
	struct chunk *first, **last; /* full, and not in flight yet */
	struct chunk *current;	     /* the caller fills it */
	size_t filled;		     /* bytes in it */
	struct chunk *spare;	     /* copies that can be used again */
	size_t copied;		     /* bytes in copies that wait */
	uint64_t taken;		     /* bytes from the caller in this run */

	bool begun;    /* START was sent */
	bool ended;    /* no more comes */
	bool finished; /* FINISH was sent: the last transfer may go */
	uint32_t finish_flags;
	size_t padding; /* bytes of silence behind the samples, to the end of the block */
	uint64_t end;	/* bytes to the end of the last block */

	uint64_t drained;     /* bytes that the DAC has played, as the board said last */
	uint64_t deadline_ns; /* 0: not yet waiting for the end */
	bool complete;
	int repeater; /* enum iiobridge_repeater, when it has begun */

	struct iiobridge_underflow *underflows; /* a ring that grows */
	size_t underflows_room, underflows_first, underflows_count;
	uint64_t underflows_told;
	struct wake underflow_wake;
};
static inline struct iiobridge_tx *tx_of(struct stream *stream)
{
	return (struct iiobridge_tx *)stream;
}

/* ---- tx_queue.c: what waits to be sent, and what the board says of it ---- */

extern const struct stream_operations tx_operations;

#define TX_WATCH_MS 250 /* how often the board is asked */

/** tx_done() - a transfer is done, or all have ended; as transfers_setup.done */
void tx_done(void *context);

/** tx_pump_locked() - send what may be sent and there is room in flight for */
void tx_pump_locked(struct iiobridge_tx *tx);

/** tx_new_chunk_locked() - room for the caller; NULL while there is none */
struct chunk *tx_new_chunk_locked(struct iiobridge_tx *tx);

/** tx_queue_current_locked() - the caller's chunk is full, or is the last */
void tx_queue_current_locked(struct iiobridge_tx *tx);

/** tx_drop_all_locked() - drop what was not sent */
void tx_drop_all_locked(struct iiobridge_tx *tx);

/* ---- waveform.c: how a waveform that a board shall repeat lies in its blocks ---- */

/**
 * struct waveform - what is to be sent
 * @data: one copy
 * @size: its bytes
 * @sample_size: bytes in a sample
 * @copies: bytes in all copies of a round
 * @round: bytes after which it begins anew, with the silence behind the copies
 * @position: in the round, of the next byte
 * @left: bytes to send
 * @in_each_block: a round is a block
 */
struct waveform {
	const uint8_t *data;
	uint64_t size;
	uint64_t sample_size;
	uint64_t copies;
	uint64_t round;
	uint64_t position;
	uint64_t left;
	bool in_each_block;
};

/** waveform_copies() - how often a waveform of so many bytes, larger than 0, is to be sent */
uint64_t waveform_copies(uint64_t bytes, uint32_t block_size, uint32_t block_count);

/** waveform_lay_out() - choose what to send; IIOBRIDGE_ERROR_INVALID: it is empty, or too long */
int waveform_lay_out(struct waveform *waveform, const struct iiobridge_route_info *info,
		     const void *data, size_t samples);

/** waveform_fill() - the next samples to send; returns how many, 0 at the end */
size_t waveform_fill(struct waveform *waveform, void *data, size_t samples);

#endif
