/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waveform.h - samples that a board shall repeat
 *
 * A board repeats what is in its blocks, and only the last of them may be filled in part. So the
 * host sends as many copies of the waveform, one behind the other, as fit the route's blocks.
 *
 * A board whose kernel may repeat a block by itself gets as many copies as fit one block, and the
 * same in all of them; that is where the waveform fits one.
 */
#ifndef HOST_WAVEFORM_H
#define HOST_WAVEFORM_H

#include "play.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct failure;
struct iiobridge_route_info;

/** struct waveform - samples in memory; opaque */
struct waveform;

/**
 * waveform_copies() - how often a waveform is to be sent
 * @bytes: its size, larger than 0
 * @block_size: bytes in a block
 * @block_count: number of blocks, at least 2
 *
 * As many copies as fit fill the most blocks, and the DAC has the most to play while it waits for
 * the board. But a last block with little in it is over in a moment: of the larger half of the
 * numbers, the largest that fills at least half of the last block is taken, if there is one; before
 * others one with which the end suits the bus of any DMA engine.
 *
 * Return: the number of copies, which fill more than one block; 0 when not even one fits.
 */
uint64_t waveform_copies(uint64_t bytes, uint32_t block_size, uint32_t block_count);

/**
 * waveform_read() - read all of a waveform
 * @route: the route that is to repeat it
 * @scans: how many scans to take from the producer at most; 0: all
 * @producer: gives the samples
 * @context: for @producer
 * @failure: gets the reason of an error that is not the producer's
 * @waveform: gets the waveform; to be given to waveform_free()
 *
 * Return: 0; -EINVAL: there are no samples, or more than the route's blocks hold; -EBADMSG: it ends
 * inside a sample; -ENOMEM; or what the producer returned.
 */
int waveform_read(const struct iiobridge_route_info *route, uint64_t scans, play_producer producer,
		  void *context, struct failure *failure, struct waveform **waveform);

/**
 * waveform_free() - release a waveform
 * @waveform: from waveform_read(), or NULL
 */
void waveform_free(struct waveform *waveform);

/**
 * waveform_scans() - length of the waveform
 * @waveform: the waveform
 *
 * Return: scans in one copy.
 */
uint64_t waveform_scans(const struct waveform *waveform);

/**
 * waveform_scans_to_send() - how much the board shall have in its blocks
 * @waveform: the waveform
 *
 * Return: scans in all copies, and in the silence between them.
 */
uint64_t waveform_scans_to_send(const struct waveform *waveform);

/**
 * waveform_is_in_each_block() - whether each block holds all of it
 * @waveform: the waveform
 */
bool waveform_is_in_each_block(const struct waveform *waveform);

/** waveform_give() - give what is to be sent; a play_producer, whose context is the waveform */
ssize_t waveform_give(void *context, uint8_t *data, size_t size, unsigned int timeout_ms);

#endif
