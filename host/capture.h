/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture.h - run a capture route from start to stop
 *
 * The order is what keeps old samples out of a new capture: set the parameters, stop the route
 * (the board flushes its blocks), put all transfers in flight, see that nothing comes, start. So
 * the first block has a reader, and a route that a killed program left running begins anew.
 */
#ifndef HOST_CAPTURE_H
#define HOST_CAPTURE_H

#include "session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;

/** struct capture - one capture; opaque */
struct capture;

/**
 * typedef capture_consumer - takes captured scans
 * @context: from capture_start()
 * @data: whole scans, in order, valid during the call
 * @size: bytes in @data
 *
 * Must not call functions of the device.
 *
 * Return: 0, or a negative errno that ends the capture and is passed on by capture_poll(); the
 * consumer has then stored the reason in the device's struct failure.
 */
typedef int (*capture_consumer)(void *context, const uint8_t *data, size_t size);

/**
 * capture_new() - claim the board, set the parameters and stop the route
 * @device: an open board; must outlive the capture
 * @settings: what to capture
 * @capture: gets the capture; to be given to capture_free()
 *
 * Return: 0 or negative errno as in device.h; -EINVAL: a setting does not fit the route.
 */
int capture_new(struct device *device, const struct session_settings *settings,
		struct capture **capture);

/**
 * capture_free() - release a capture
 * @capture: from capture_new(), or NULL; one that was started must be finished before
 */
void capture_free(struct capture *capture);

/**
 * capture_route() - the route as it will run
 * @capture: the capture
 *
 * Return: checked, with sizes that are not 0; valid until capture_free().
 */
const struct iiobridge_route_info *capture_route(const struct capture *capture);

/**
 * capture_trail() - what the records of the capture say
 * @capture: the capture
 *
 * Return: valid until capture_free(); NULL when it does not follow them.
 */
const struct trail *capture_trail(const struct capture *capture);

/**
 * capture_start() - put the transfers in flight and start the route
 * @capture: the capture
 * @scans: how many to capture; 0: until capture_finish()
 * @consumer: takes the scans
 * @context: for @consumer
 *
 * Return: 0 or negative errno as in device.h; -EPROTO also: samples came before the start.
 */
int capture_start(struct capture *capture, uint64_t scans, capture_consumer consumer,
		  void *context);

/**
 * capture_hold() - keep what arrives from the consumer, or hand it over again
 * @capture: a started capture
 * @hold: as for stream_hold()
 *
 * While it is held the board runs out of blocks, and the gap is reported like any other.
 */
void capture_hold(struct capture *capture, bool hold);

/**
 * capture_poll() - move on
 * @capture: a started capture
 * @timeout_ms: how long to wait for samples at most, milliseconds
 *
 * Asks the board for its statistics a few times a second, so a route that stops by itself is
 * noticed even when no samples come. Returns early on a signal.
 *
 * Return: 0; what the consumer returned; or negative errno as in device.h.
 */
int capture_poll(struct capture *capture, unsigned int timeout_ms);

/**
 * capture_complete() - whether all scans that were asked for are there
 * @capture: the capture
 *
 * Return: true or false, always false when there is no limit.
 */
bool capture_complete(const struct capture *capture);

/**
 * capture_finish() - stop the route, take what arrived, final statistics and last records included
 * @capture: the capture, whether its start succeeded or not, and after any error
 *
 * Return: 0 or negative errno as in device.h; the transfers are taken back in any case.
 */
int capture_finish(struct capture *capture);

/**
 * capture_progress() - how far the capture is
 * @capture: the capture
 * @progress: gets it
 */
void capture_progress(const struct capture *capture, struct session_progress *progress);

#endif
