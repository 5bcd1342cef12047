/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counter.h - the counter pattern, made, and checked to the sample with what the board says
 *
 * The pattern is a 32-bit counter over samples. Channel 0 holds its low 16 bits, channel 1 its high
 * 16 bits, channels 2 and 3 their complements; every value is le:s16/16>>0. The counter begins at
 * 0 with the route.
 *
 * The counter goes on while samples are lost, so a loss of n samples is a jump of n + 1. It shows
 * where and how many samples are missing; the records of the board say so independently. The two
 * must agree to the sample. Where records are missing, or lengths are estimated, only totals can be
 * compared.
 */
#ifndef HOST_COUNTER_H
#define HOST_COUNTER_H

#include "files/gaps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct iiobridge_route;

/** enum counter_part - what a channel holds; the number is that of the channel */
enum counter_part {
	COUNTER_LOW,
	COUNTER_HIGH,
	COUNTER_NOT_LOW,
	COUNTER_NOT_HIGH,
	COUNTER_PARTS,
};

/** struct counter_layout - where the counter is in a sample */
struct counter_layout {
	uint32_t sample_size;
	bool present[COUNTER_PARTS];	/* the first two always are */
	uint32_t offset[COUNTER_PARTS]; /* bytes from the beginning of the sample to the part */
	bool packed;			/* the parts, two or all, fill the sample */
};

/**
 * counter_layout_init() - find the counter in the samples of a route as it runs
 *
 * Messages name the option that asks for the pattern, such as "--verify".
 *
 * Return: 0; -EINVAL: such samples cannot hold the pattern.
 */
int counter_layout_init(struct counter_layout *layout, const char *option,
			const struct iiobridge_route *route, struct failure *failure);

/**
 * counter_fill() - make a piece of the pattern, which may begin and end inside a sample
 *
 * @position is its distance from the beginning of the pattern in bytes. Padding is 0.
 */
void counter_fill(const struct counter_layout *layout, uint64_t position, uint8_t *data,
		  size_t size);

/** struct verify - the check of one capture; opaque */
struct verify;

/** struct verify_result - what was found so far */
struct verify_result {
	uint64_t samples; /* that were checked */
	uint64_t wrong;	  /* that repeat, go backward, or disagree with their complement */
	uint64_t jumps;	  /* how often the counter went forward by more than 1 */
	uint64_t missing; /* samples in these */
	/* The first wrong sample or jump, where there is one: its number, from 0, and counters. */
	bool fault;
	uint64_t fault_sample;
	uint32_t fault_expected;
	uint32_t fault_found;
};

/**
 * verify_new() - prepare the check for samples of a route as it runs
 *
 * Return: 0; -EINVAL: the pattern cannot be checked in such samples; -ENOMEM.
 */
int verify_new(const struct iiobridge_route *route, struct failure *failure,
	       struct verify **verify);

/** verify_free() - release a check; NULL does no harm */
void verify_free(struct verify *verify);

/** verify_samples() - check the next samples: @size bytes of whole ones, without alignment */
void verify_samples(struct verify *verify, const uint8_t *data, size_t size);

/**
 * verify_restart() - the counter begins again: what comes is of another run of the route
 *
 * The board has told of its losses in the run that ended up to @told samples; jumps from there on
 * are forgotten, as it cannot tell of them any more.
 */
void verify_restart(struct verify *verify, uint64_t told);

/** verify_result() - what was found so far; valid until verify_free() */
const struct verify_result *verify_result(const struct verify *verify);

/** struct verify_losses - what the board's statistics say at the end */
struct verify_losses {
	bool known; /* the board has told the next two; one that went away has not */
	uint64_t gaps;
	uint64_t samples_lost;
	bool estimated; /* lengths of gaps are estimates, in the records, too */
};

/** struct verify_end - the outcome */
struct verify_end {
	bool good; /* nothing is wrong, and no sample is missing that the board did not tell of */
	char compared[128]; /* what the records were found to be, and what could be compared */
	char reason[256];   /* a sentence when not good */
};

/**
 * verify_compare() - compare what the counter shows with what the board says
 * @verify: the finished check
 * @records: what the records say, all that came
 * @losses: the statistics
 * @end: gets the outcome
 *
 * The board may have lost more than the capture shows, after its last sample, but not less. It may
 * see two losses that are close together as one gap; so where lengths are exact their sum decides,
 * and where they are estimates the number of gaps. Of a board that went away the records speak
 * alone, as far as they came.
 */
void verify_compare(const struct verify *verify, const struct losses *records,
		    const struct verify_losses *losses, struct verify_end *end);

#endif
