/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: routes
 *
 * A route is what the configuration and the protocol know: a name, two ends, parameters that the
 * host may set, and the ring that moves the blocks.
 */
#ifndef IIOBRIDGE_ROUTE_H
#define IIOBRIDGE_ROUTE_H

#include <systemd/sd-event.h>

#include "config/config.h"
#include "gadget/gadget.h"
#include "iiobridge/protocol.h"
#include "records.h"
#include "systemd/status.h"

struct route;

/**
 * struct route_ops - what a route tells its owner
 * @fault: a running route failed and stopped
 * @started: a start is over; the error is why it failed, or NULL
 * @looked: route_look() is over; the error is why it failed, or NULL
 * @meanwhile: a start goes on; the time to kick other routes, as @meanwhile of struct ring_ops
 */
struct route_ops {
	void (*fault)(void *userdata, unsigned int number, const struct error *error);
	void (*started)(void *userdata, unsigned int number, const struct error *error);
	void (*looked)(void *userdata, unsigned int number, const struct error *error);
	void (*meanwhile)(void *userdata);
};

/**
 * route_new() - make a route, stopped
 * @route: receives the route
 * @event: loop that it runs in
 * @config: stays the caller's, who may change all but the name and the ends at any time: what the
 *	next start is to use
 * @number: of the route on the wire
 * @ops: stays the caller's
 * @userdata: for @ops
 *
 * Return: 0 or a negative errno, logged.
 */
int route_new(struct route **route, sd_event *event, const struct route_config *config,
	      unsigned int number, const struct route_ops *ops, void *userdata);

/**
 * route_connect() - give the route its ports
 * @route: the route, without ports
 * @function: the function; stays the caller's
 * @records: where the route's records go; stays the caller's
 * @endpoint: number of the last endpoint that another route has; one for each end that is on USB is
 *	taken, for the end that fills first
 *
 * Return: 0 or a negative errno, logged.
 */
int route_connect(struct route *route, struct function *function, struct records *records,
		  unsigned int *endpoint);

/**
 * route_silence() - have the DAC of the route fall silent that a killed daemon left playing
 * @route: stopped
 */
void route_silence(struct route *route);

/**
 * route_free() - stop a route and free it
 * @route: may be NULL
 * @until_ns: until when its thread, which may wait for a driver, is waited for, CLOCK_MONOTONIC
 */
void route_free(struct route *route, uint64_t until_ns);

/**
 * route_start() - start, with the parameters that the host set or else as configured
 * @route: stopped or running; a running one is stopped first, unless the parameters are refused
 *
 * Finding the devices and writing their attributes may take as long as their drivers like, so that
 * this only begins it: @started of struct route_ops tells when the start is over. An earlier start
 * that is not over is dropped, and nobody is told. What is told then is 0 or a negative errno:
 * -EINVAL for parameters that cannot be, -ENODEV when the converter is not there, -ENOMEM when the
 * blocks are not to be had.
 */
void route_start(struct route *route);

/**
 * route_start_if_there() - start, now that a converter has come, if all that it needs are there
 * @route: stopped
 *
 * If one is not there, nothing is done and nobody is told. A start that is under way goes on, and
 * if it fails it is tried again.
 */
void route_start_if_there(struct route *route);

/**
 * route_go_on() - go on with a start that had to wait for an endpoint
 * @route: starting or not
 */
void route_go_on(struct route *route);

/**
 * route_cancel_start() - drop a start that is not over; nobody is told
 * @route: starting or not; a run goes on, if the start has not stopped it already
 */
void route_cancel_start(struct route *route);

/**
 * route_is_starting() - whether a start is under way
 * @route: the route
 */
bool route_is_starting(const struct route *route);

/**
 * route_stop() - stop, and drop a start that is not over
 * @route: stopped or running
 */
void route_stop(struct route *route);

/**
 * route_expect_finish() - whether a host is about to say where the data ends
 * @route: stopped or running
 * @expected: true until route_finish(), or until false is said
 *
 * What comes meanwhile waits, as ring_expect_end() says.
 */
void route_expect_finish(struct route *route, bool expected);

/**
 * route_finish() - say where the data ends
 * @route: stopped or running
 * @finish: in the host's byte order
 *
 * Return: NULL, or why not: the route does not run, or a value cannot be. It is logged, and valid
 * until the next call for the route.
 */
const struct error *route_finish(struct route *route, const struct iiobridge_finish *finish);

/**
 * route_kick() - go on after a port had to wait
 * @route: stopped or running
 */
void route_kick(struct route *route);

/**
 * route_is_running() - whether blocks go round
 * @route: the route
 */
bool route_is_running(const struct route *route);

/**
 * route_starts_always() - whether it starts without being asked
 * @route: the route
 */
bool route_starts_always(const struct route *route);

/**
 * route_lose_converter() - an IIO device has gone; a run that uses it has failed
 * @route: stopped or running
 * @id: the kernel's name of the device, such as iio:device0
 *
 * The blocks that the device had at that moment tell of it themselves. But a buffer takes blocks
 * after that, too, and never gives them back (iio_dma_buffer_enqueue_dmabuf() in
 * drivers/iio/buffer/industrialio-buffer-dma.c), so a run whose blocks were all at its other end
 * would never know.
 */
void route_lose_converter(struct route *route, const char *id);

/**
 * route_waits_for() - whether it should start now that a converter has come
 * @route: stopped or running
 * @device: name of an IIO device
 *
 * Return: true when the route starts without being asked, does not run, and has the device at an
 * end.
 */
bool route_waits_for(const struct route *route, const char *device);

/**
 * route_uses_usb() - whether one of its ends is the host
 * @route: the route
 */
bool route_uses_usb(const struct route *route);

/**
 * route_is_repeating() - whether it runs, and goes on without a host although one of its ends is
 * @route: the route
 */
bool route_is_repeating(const struct route *route);

/**
 * route_set_parameters() - what the next start uses
 * @route: the route
 * @parameters: in the host's byte order; judged by route_start()
 */
void route_set_parameters(struct route *route, const struct iiobridge_parameters *parameters);

/** route_name() - what the configuration calls it */
const char *route_name(const struct route *route);

/**
 * route_begin_tuning() - a control is about to be set, which may change the route's samples
 * @route: the route
 * @rate: the sample rate, too: until it is known how many samples were lost in a gap is not, either
 */
void route_begin_tuning(struct route *route, bool rate);

/**
 * route_end_tuning() - it is set, or was not; the record of the next block tells of it
 * @route: the route
 * @rate: as it was announced
 * @rate_millihertz: of its converter, 0 when it is not known; for @rate only
 */
void route_end_tuning(struct route *route, bool rate, uint64_t rate_millihertz);

/**
 * route_look() - find out what route_describe() and route_describe_channel() tell
 * @route: the route
 *
 * To ask a converter may take as long as its driver likes: @looked of struct route_ops tells when
 * it is done. While a start writes attributes, what was known before is not asked for again.
 */
void route_look(struct route *route);

/**
 * route_describe() - answer IIOBRIDGE_GET_ROUTE
 * @route: the route, after route_look()
 * @info: receives the description; what depends on a converter that is not there, or on parameters
 *	that a start would refuse, is 0
 */
void route_describe(struct route *route, struct iiobridge_route_info *info);

/**
 * route_describe_channel() - answer IIOBRIDGE_GET_CHANNEL
 * @route: the route, after a route_look() that found its converters
 * @channel: number
 * @info: receives the description
 *
 * Return: 0, or -ECHRNG when there is no such channel.
 */
int route_describe_channel(const struct route *route, unsigned int channel,
			   struct iiobridge_channel_info *info);

/**
 * route_get_statistics() - answer IIOBRIDGE_GET_STATISTICS
 * @route: the route
 * @statistics: receives the counts
 */
void route_get_statistics(const struct route *route, struct iiobridge_statistics *statistics);

/**
 * route_get_status() - what there is to tell of it
 * @route: the route; it notes how far it is, for the rate
 * @status: receives everything
 */
void route_get_status(struct route *route, struct status_route *status);

#endif
