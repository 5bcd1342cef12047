/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rx.h - a stream that receives: what it has, and how its queue is filled
 */
#ifndef LIBRARY_RX_H
#define LIBRARY_RX_H

#include "stream.h"

struct chunk {
	struct chunk *next;
	struct chunk *next_used, **at_used; /* in the list of all that have users */
	struct slot *slot;		    /* whose buffer it is, or NULL */
	const uint8_t *data;
	size_t samples;
	uint64_t place;	    /* in the data of the run, of the first of them */
	unsigned int users; /* the queue, and who acquired some of it */
	uint8_t copy[];
};

/* Samples of a block, or of several whose records are missing. */
struct stretch {
	uint64_t place;
	uint64_t samples;
	uint64_t first_sample;
	uint64_t lost; /* just before it, and not told yet */
	uint64_t filled_ns;
	bool gap;   /* not told yet */
	bool tuned; /* somewhere in it */
	bool tuned_untold;
	bool rate_changed; /* in it, or before it in the run */
	bool has_record;
};

struct iiobridge_rx {
	struct stream stream; /* first, so that it can be cast */
	struct chunk *first, **last;
	struct chunk *used;  /* all that have users */
	struct chunk *spare; /* copies that can be used again */
	size_t copied;	     /* bytes in copies that wait */
	bool held;
	pthread_mutex_t run_lock; /* begin and end of a run, one at a time */
	struct error stop_error;  /* how the run was stopped, once it is over */
	bool over;		  /* nothing more comes of this run */
	bool told;		  /* the caller knows the error that has ended it */
	bool dropping;		  /* what comes is not wanted */
	uint64_t arrived;	  /* samples that have come */
	uint64_t handed;	  /* samples that the caller has */

	struct stretch *stretches; /* a ring that grows */
	size_t stretches_room, stretches_first, stretches_count;
	uint64_t ahead; /* of the data, the converter's clock, by the newest record */
	uint64_t lost;	/* before what was handed on without its record, and not told yet */
	bool gap;
	bool tuned; /* in what was handed on without its record, and not told yet */

	/* The clock of the run. */
	bool has_clock;
	bool rate_changed; /* it goes on no more */
	uint64_t clock_ns; /* of sample 0, board's time */
	int64_t drift_ns;
	uint64_t first_left;	/* bytes of the first block that have not arrived */
	uint64_t first_ns;	/* when it had, time of day; 0 when it has not */
	uint64_t delivered_ns;	/* when the host had it, board's time; 0 when it is not known */
	int64_t to_realtime_ns; /* from board's time to time of day, when @has_realtime */
	bool has_realtime;
};

static inline struct iiobridge_rx *rx_of(struct stream *stream)
{
	return (struct iiobridge_rx *)stream;
}

/* ---- rx_queue.c: what arrives, and what the records tell of it ---- */

extern const struct stream_operations rx_operations;

/** rx_arrived() - takes what a transfer brought; as transfers_setup.arrived */
int rx_arrived(void *context, struct slot *slot, size_t size);

/** rx_ended() - the transfers have failed; as transfers_setup.done */
void rx_ended(void *context);

/** rx_drop_user_locked() - the queue, or the caller, needs a chunk no more */
void rx_drop_user_locked(struct iiobridge_rx *rx, struct chunk *chunk);

/** rx_drop_all_locked() - drop what waits; what comes meanwhile must be dropped, too */
void rx_drop_all_locked(struct iiobridge_rx *rx);

/** rx_forget_all_locked() - free what the caller has not released, and never will */
void rx_forget_all_locked(struct iiobridge_rx *rx);

/** rx_find_stretch_locked() - what is known of a place in the data; NULL while nothing is */
struct stretch *rx_find_stretch_locked(struct iiobridge_rx *rx, uint64_t place);

/** rx_samples_ns() - nanoseconds that so many samples take; 0 when the rate is not known */
uint64_t rx_samples_ns(const struct iiobridge_rx *rx, uint64_t samples);

#endif
