/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - one run of a route, as far as its direction does not matter
 *
 * A session claims the board, sets the parameters, stops what a killed program left running, and
 * asks what the next start will use. While the route runs it asks the board how the route is doing,
 * follows its records, and finds out why a route or a transfer failed. What moves the samples is
 * capture.h or play.h.
 */
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include "stream.h"
#include "trail.h"

#include <iiobridge/protocol.h>

#include <stdbool.h>
#include <stdint.h>

struct device;
struct records;

/** struct session - one run of a route; opaque */
struct session;

/**
 * struct session_settings - what to run
 * @route: number of the route
 * @channel_mask: channels of a scan, 0 as configured
 * @block_size: bytes in a block, 0 as configured
 * @records: reader of the board's records, which all sessions on the board share and which must
 *	outlive them; NULL: the session does not follow the records of its run
 * @trail: with @records: goes on with this run, and must outlive the session; NULL: the session has
 *	one of its own
 * @place: with @trail: scans in the data before this run
 * @observer: is told each record of the run; may be NULL
 * @observer_context: for @observer
 */
struct session_settings {
	unsigned int route;
	uint32_t channel_mask;
	uint32_t block_size;
	struct records *records;
	struct trail *trail;
	uint64_t place;
	trail_observer observer;
	void *observer_context;
};

/**
 * struct session_progress - how far a run is
 * @scans: whole scans that reached their end: the host's consumer, or the DAC
 * @nanoseconds: from the start until then
 * @statistics_known: whether @statistics holds the board's numbers
 * @statistics: the board's last answer; the final one when the run is finished
 */
struct session_progress {
	uint64_t scans;
	uint64_t nanoseconds;
	bool statistics_known;
	struct iiobridge_statistics statistics;
};

/**
 * session_new() - claim the board, set the parameters and stop the route
 * @device: an open board; must outlive the session
 * @direction: the direction that the route must have, with an end on USB
 * @settings: what to run
 * @session: gets the session; to be given to session_free()
 *
 * Return: 0 or negative errno as in device.h; -EINVAL: a setting does not fit the route.
 */
int session_new(struct device *device, enum iiobridge_direction direction,
		const struct session_settings *settings, struct session **session);

/**
 * session_free() - release a session
 * @session: from session_new(), or NULL; its streams must be freed before
 */
void session_free(struct session *session);

/**
 * session_device() - the board
 * @session: the session
 *
 * Return: what session_new() was given.
 */
struct device *session_device(const struct session *session);

/**
 * session_route() - the route as it will run
 * @session: the session
 *
 * Return: checked, with sizes that are not 0; valid until session_free().
 */
const struct iiobridge_route_info *session_route(const struct session *session);

/**
 * session_index() - number of the route
 * @session: the session
 *
 * Return: the number.
 */
unsigned int session_index(const struct session *session);

/**
 * session_stream_new() - allocate the transfers of the route's endpoint
 * @session: the session
 * @consumer: as for stream_new()
 * @context: for @consumer
 * @stream: gets the stream; to be given to stream_free()
 *
 * Return: as stream_new().
 */
int session_stream_new(struct session *session, stream_consumer consumer, void *context,
		       struct stream **stream);

/**
 * session_start() - start the route
 * @session: the session
 *
 * Return: 0 or negative errno as in device.h.
 */
int session_start(struct session *session);

/**
 * session_started() - whether the start was sent
 * @session: the session
 *
 * Return: true from the beginning of session_start() on.
 */
bool session_started(const struct session *session);

/**
 * session_nanoseconds() - how long ago the start was sent
 * @session: the session
 *
 * Return: nanoseconds, 0 before the start.
 */
uint64_t session_nanoseconds(const struct session *session);

/**
 * session_watch() - look after the records, and ask for the route's statistics now and then
 * @session: a started session
 * @interval_ms: how old the last answer may be, milliseconds
 *
 * A board that is slow to answer is no reason to end a run that works.
 *
 * Return: 1 when the board says that the route has stopped; 0 when it runs, or was not asked;
 * -ENODEV: the board went away; or why the reading of records ended, see records_error().
 */
int session_watch(struct session *session, unsigned int interval_ms);

/**
 * session_explain_stop() - find out why the board stopped the route by itself
 * @session: the session
 *
 * Return: -EREMOTEIO, with the board's sentence, or what kept it from being asked.
 */
int session_explain_stop(struct session *session);

/**
 * session_judge() - find out what is behind an error
 * @session: the session
 * @error: 0 or negative errno of a stream or a request; its reason is in the device's failure
 *
 * A transfer that failed, or came back short, is most often the first sign of a board that is
 * unplugged or whose route had a fault: the kernel returns the transfers before it tells of the
 * disconnection.
 *
 * Return: -ENODEV or -EREMOTEIO with a new reason if it was that, @error otherwise.
 */
int session_judge(struct session *session, int error);

/**
 * session_stop() - stop the route, ask for the final statistics, and take the last records
 * @session: the session, whether its start succeeded or not, and after any error
 *
 * Return: 0 or negative errno as in device.h.
 */
int session_stop(struct session *session);

/**
 * session_take_last_records() - wait until the board has sent all records of a run
 * @session: a session whose route has stopped
 *
 * Return: 0; -ETIMEDOUT: the record of the end did not come within a second; or why the reading of
 * records ended.
 */
int session_take_last_records(struct session *session);

/**
 * session_trail() - what the records of the run say
 * @session: the session
 *
 * Return: valid until session_free(); NULL when the session does not follow them.
 */
const struct trail *session_trail(const struct session *session);

/**
 * session_statistics() - the board's last answer
 * @session: the session
 *
 * Return: valid until session_free(); NULL when there is none that holds.
 */
const struct iiobridge_statistics *session_statistics(const struct session *session);

/**
 * session_fill_progress() - tell how far a run is
 * @session: the session
 * @scans: whole scans that reached their end
 * @nanoseconds: from the start until then
 * @progress: gets these and the board's last answer
 */
void session_fill_progress(const struct session *session, uint64_t scans, uint64_t nanoseconds,
			   struct session_progress *progress);

#endif
