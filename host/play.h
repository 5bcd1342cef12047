/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * play.h - run a playback route from start to end
 *
 * The board must learn where the samples end before it gets the block in which they end, as the
 * blocks on the wire are all whole. So a block is sent only when it is known whether samples follow
 * it: one block is always read ahead.
 *
 * What is played is what the board says that its DAC has played; what was sent does not count.
 *
 * A playback may repeat: when the board has all samples in its blocks, it plays them again and
 * again until it is stopped, and needs no host any more.
 */
#ifndef HOST_PLAY_H
#define HOST_PLAY_H

#include "session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct device;

/** struct play - one playback; opaque */
struct play;

/**
 * typedef play_producer - gives the bytes to play
 * @context: from play_begin()
 * @data: where to put them
 * @size: how many are wanted at most, larger than 0
 * @timeout_ms: how long to wait for the first at most, milliseconds
 *
 * Return: number of bytes, which need not be whole scans; 0 at the end; -EAGAIN when there is none
 * yet; or another negative errno that ends the playback and is passed on by play_poll(): the
 * producer has then stored the reason in the device's struct failure.
 */
typedef ssize_t (*play_producer)(void *context, uint8_t *data, size_t size,
				 unsigned int timeout_ms);

/**
 * play_new() - claim the board, set the parameters and stop the route
 * @device: an open board; must outlive the playback
 * @settings: what to play on
 * @play: gets the playback; to be given to play_free()
 *
 * Return: 0 or negative errno as in device.h; -EINVAL: a setting does not fit the route.
 */
int play_new(struct device *device, const struct session_settings *settings, struct play **play);

/**
 * play_free() - release a playback
 * @play: from play_new(), or NULL; one that was begun must be finished before
 */
void play_free(struct play *play);

/**
 * play_route() - the route as it will run
 * @play: the playback
 *
 * Return: checked, with sizes that are not 0; valid until play_free().
 */
const struct iiobridge_route_info *play_route(const struct play *play);

/**
 * play_trail() - what the records of the playback say
 * @play: the playback
 *
 * Return: valid until play_free(); NULL when it does not follow them.
 */
const struct trail *play_trail(const struct play *play);

/**
 * play_begin() - say what to play
 * @play: the playback
 * @scans: how many scans to take from the producer at most; 0: all
 * @producer: gives the samples
 * @context: for @producer
 *
 * The route is started by play_poll() when its first block is there.
 */
void play_begin(struct play *play, uint64_t scans, play_producer producer, void *context);

/**
 * play_repeat() - have the board repeat what it gets
 * @play: a playback that was begun, and not yet polled
 * @alike: each block is all of what repeats, as much of each as of the last one: for a route that
 *	is IIOBRIDGE_CYCLIC_KERNEL
 *
 * What the producer gives must be more than one block and fit the blocks of the route.
 */
void play_repeat(struct play *play, bool alike);

/**
 * play_poll() - move on
 * @play: a playback that was begun
 * @timeout_ms: how long to wait for input or for the board at most, milliseconds
 *
 * Asks the board for its statistics a few times a second, so a route that stops by itself is
 * noticed even when the board takes no more samples. Returns early on a signal.
 *
 * Return: 0; what the producer returned; or negative errno as in device.h; -EINVAL: the input ended
 * before its first whole scan, and nothing was started; -ETIMEDOUT also: everything was sent, and
 * the board does not come to the end of it, or to its repetition.
 */
int play_poll(struct play *play, unsigned int timeout_ms);

/**
 * play_started() - whether the start of the route was sent
 * @play: the playback
 *
 * Return: false while the input has not given the first block.
 */
bool play_started(const struct play *play);

/**
 * play_complete() - whether the DAC has played everything
 * @play: the playback
 *
 * Return: true when the board has stopped the route after the last scan.
 */
bool play_complete(const struct play *play);

/**
 * play_repeating() - whether the board has all it needs to repeat, and its DAC plays
 * @play: a playback that repeats
 *
 * Return: true when the playback goes on without the host.
 */
bool play_repeating(const struct play *play);

/**
 * play_repeated_by_kernel() - whether it is the board's kernel that repeats, and counts nothing
 * @play: a playback for which play_repeating() is true
 */
bool play_repeated_by_kernel(const struct play *play);

/**
 * play_odd_bytes() - what could not be played at the end of the input
 * @play: the playback
 *
 * Return: bytes that are no whole scan; 0 while the end is not known.
 */
size_t play_odd_bytes(const struct play *play);

/**
 * play_finish() - take the transfers back; stop the route unless the playback is complete
 * @play: the playback, whether it was started or not, and after any error
 *
 * Takes the final statistics and the last records.
 *
 * Return: 0 or negative errno as in device.h; the transfers are taken back in any case.
 */
int play_finish(struct play *play);

/**
 * play_leave() - take the transfers back and leave the route running, instead of play_finish()
 * @play: a playback for which play_repeating() is true
 */
void play_leave(struct play *play);

/**
 * play_progress() - how far the playback is
 * @play: the playback
 * @progress: gets it
 */
void play_progress(const struct play *play, struct session_progress *progress);

#endif
