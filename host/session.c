// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include "answer.h"
#include "clock.h"
#include "device.h"
#include "failure.h"
#include "records.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* The board sends records a moment after the event; a longer moment is a fault. */
#define LAST_RECORDS_MS	     1000
#define LAST_RECORDS_TURN_MS 100

struct session {
	struct device *device;
	unsigned int index;
	int packet_size;
	struct iiobridge_route_info route;

	bool started; /* START was sent: samples may move */
	bool gone;
	uint64_t started_ns;

	struct records *records; /* NULL: nobody follows them */
	struct trail *trail;
	struct trail *own_trail; /* the same, unless it is the caller's */

	uint64_t asked_ns; /* when the statistics were last asked for */
	bool statistics_known;
	struct iiobridge_statistics statistics;
};

static uint8_t endpoint_of(const struct iiobridge_route_info *route)
{
	return route->direction == IIOBRIDGE_PLAYBACK ? route->endpoint_out : route->endpoint_in;
}

static int check_settings(const struct session *session, const struct session_settings *settings)
{
	const struct iiobridge_route_info *route = &session->route;
	struct failure *failure = device_failure(session->device);

	if (settings->block_size > route->block_size_max)
		return failure_set(failure, -EINVAL,
				   "a block of %u bytes is too large for route %u (%s): at most %u",
				   settings->block_size, session->index, route->name,
				   route->block_size_max);
	if (settings->block_size % (uint32_t)session->packet_size)
		return failure_set(failure, -EINVAL,
				   "a block of %u bytes does not suit route %u (%s): it must be a "
				   "multiple of %d, the packet size of the endpoint",
				   settings->block_size, session->index, route->name,
				   session->packet_size);
	return 0;
}

/* A board that cannot plan a start leaves the sizes 0; only START makes it say why. */
static int explain_no_plan(struct session *session)
{
	int r;

	r = device_start(session->device, session->index);
	if (r < 0)
		return r;
	device_stop(session->device, session->index);
	return failure_set(device_failure(session->device), -EPROTO,
			   "route %u (%s) starts, but the board does not tell the size of its "
			   "blocks and scans",
			   session->index, session->route.name);
}

static int check_route(struct session *session, const struct session_settings *settings)
{
	const struct iiobridge_route_info *route = &session->route;

	if (route->block_size == 0 || route->bytes_per_scan == 0)
		return explain_no_plan(session);
	if ((settings->channel_mask && settings->channel_mask != route->channel_mask) ||
	    (settings->block_size && settings->block_size != route->block_size))
		return failure_set(device_failure(session->device), -EPROTO,
				   "route %u (%s) was to have channel mask 0x%x and blocks of %u "
				   "bytes (0: as configured), but has 0x%x and %u",
				   session->index, route->name, settings->channel_mask,
				   settings->block_size, route->channel_mask, route->block_size);
	if (route->channel_mask == 0)
		return failure_set(device_failure(session->device), -EPROTO,
				   "route %u (%s) has scans of %u bytes, but no channel in them",
				   session->index, route->name, route->bytes_per_scan);
	if (route->block_size % (uint32_t)session->packet_size ||
	    route->bytes_per_scan > route->block_size)
		return failure_set(
			device_failure(session->device), -EPROTO,
			"route %u (%s) has impossible sizes: blocks of %u bytes, scans of "
			"%u bytes, packets of %d bytes",
			session->index, route->name, route->block_size, route->bytes_per_scan,
			session->packet_size);
	return 0;
}

static int take_record(void *context, const struct iiobridge_record *record)
{
	struct session *session = context;

	return trail_take(session->trail, record, device_failure(session->device));
}

/* Before the start: the first records may come before the request is known to have succeeded. */
static int follow_records(struct session *session, const struct session_settings *settings)
{
	struct trail_setup setup = {
		.route = session->route.name,
		.block_size = session->route.block_size,
		.bytes_per_scan = session->route.bytes_per_scan,
		.observer = settings->observer,
		.context = settings->observer_context,
	};
	struct iiobridge_statistics statistics;
	int r;

	if (!settings->records)
		return 0;
	r = device_get_statistics(session->device, session->index, &statistics);
	if (r < 0)
		return r;
	setup.run = (uint32_t)statistics.starts + 1;
	if (settings->trail)
		trail_begin(settings->trail, &setup, settings->place);
	else
		session->own_trail = trail_new(&setup);
	session->trail = settings->trail ? settings->trail : session->own_trail;
	if (!session->trail)
		return failure_set(device_failure(session->device), -ENOMEM,
				   "no memory for what the records say");
	session->records = settings->records;
	records_follow(session->records, session->index, take_record, session);
	return records_start(session->records);
}

static int session_prepare(struct session *session, enum iiobridge_direction direction,
			   const struct session_settings *settings)
{
	struct device *device = session->device;
	int r;

	r = device_get_route(device, session->index, &session->route);
	if (r < 0)
		return r;
	if (session->route.direction != direction)
		return failure_set(device_failure(device), -EINVAL,
				   "route %u (%s) is not a %s route", session->index,
				   session->route.name, answer_direction_name(direction));
	session->packet_size = device_endpoint_packet_size(device, endpoint_of(&session->route));
	if (session->packet_size < 0)
		return session->packet_size;
	r = check_settings(session, settings);
	if (r < 0)
		return r;

	r = device_claim(device);
	if (r < 0)
		return r;
	r = device_set_parameters(device, session->index, settings->channel_mask,
				  settings->block_size);
	if (r < 0)
		return r;
	r = device_stop(device, session->index);
	if (r < 0)
		return r;

	/* Now that the route is stopped, the answer is about the next start. */
	r = device_get_route(device, session->index, &session->route);
	if (r < 0)
		return r;
	r = check_route(session, settings);
	if (r < 0)
		return r;
	return follow_records(session, settings);
}

int session_new(struct device *device, enum iiobridge_direction direction,
		const struct session_settings *settings, struct session **ret)
{
	struct session *session;
	int r;

	session = calloc(1, sizeof(*session));
	if (!session)
		return failure_set(device_failure(device), -ENOMEM, "no memory for the session");
	session->device = device;
	session->index = settings->route;

	r = session_prepare(session, direction, settings);
	if (r < 0) {
		session_free(session);
		return r;
	}
	*ret = session;
	return 0;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	if (session->records)
		records_follow(session->records, session->index, NULL, NULL);
	trail_free(session->own_trail);
	free(session);
}

struct device *session_device(const struct session *session)
{
	return session->device;
}

const struct iiobridge_route_info *session_route(const struct session *session)
{
	return &session->route;
}

unsigned int session_index(const struct session *session)
{
	return session->index;
}

int session_stream_new(struct session *session, stream_consumer consumer, void *context,
		       struct stream **stream)
{
	const struct iiobridge_route_info *route = &session->route;
	const struct stream_setup setup = {
		.endpoint = endpoint_of(route),
		.short_blocks = route->transfer == IIOBRIDGE_COPY_EARLY,
		.transfer_size =
			stream_transfer_size(route->block_size, (size_t)session->packet_size),
		.consumer = consumer,
		.context = context,
	};

	return stream_new(session->device, &setup, stream);
}

int session_start(struct session *session)
{
	session->started = true;
	session->started_ns = clock_now_ns();
	session->asked_ns = session->started_ns;
	return device_start(session->device, session->index);
}

bool session_started(const struct session *session)
{
	return session->started;
}

uint64_t session_nanoseconds(const struct session *session)
{
	return session->started ? clock_now_ns() - session->started_ns : 0;
}

static int ask_statistics(struct session *session)
{
	struct iiobridge_statistics statistics;
	int r;

	session->asked_ns = clock_now_ns();
	r = device_get_statistics(session->device, session->index, &statistics);
	if (r < 0)
		return r;
	session->statistics = statistics;
	session->statistics_known = true;
	return 0;
}

int session_watch(struct session *session, unsigned int interval_ms)
{
	int r = session->records ? records_error(session->records) : 0;

	if (r < 0)
		return r;
	if (clock_now_ns() - session->asked_ns < interval_ms * CLOCK_NS_PER_MS)
		return 0;
	r = ask_statistics(session);
	if (r == -ENODEV)
		return r;
	return r == 0 && session->statistics.state == IIOBRIDGE_STOPPED;
}

int session_explain_stop(struct session *session)
{
	struct failure *failure = device_failure(session->device);
	struct iiobridge_error error;
	int r;

	r = device_get_error(session->device, &error);
	if (r < 0)
		return r;
	if (error.request != 0 || error.value != session->index || !error.message[0])
		return failure_set(failure, -EREMOTEIO,
				   "the board at %s stopped route %u (%s) after %" PRIu64
				   " bytes without saying why",
				   device_name(session->device), session->index,
				   session->route.name, session->statistics.bytes_drained);
	return failure_set(failure, -EREMOTEIO, "the board at %s stopped route %u (%s): %s",
			   device_name(session->device), session->index, session->route.name,
			   error.message);
}

static int find_cause(struct session *session, int error)
{
	struct failure *failure = device_failure(session->device);
	const struct failure reason = *failure;
	int r;

	r = ask_statistics(session);
	if (r == 0 && session->started && session->statistics.state == IIOBRIDGE_STOPPED)
		r = session_explain_stop(session);
	if (r == -ENODEV || r == -EREMOTEIO)
		return r;
	*failure = reason;
	return error;
}

int session_judge(struct session *session, int error)
{
	if (error == -EPROTO)
		error = find_cause(session, error);
	session->gone = session->gone || error == -ENODEV;
	return error;
}

int session_stop(struct session *session)
{
	int r;

	session->statistics_known = false;
	if (!session->started || session->gone)
		return 0;
	r = device_stop(session->device, session->index);
	if (r < 0)
		return r;
	r = ask_statistics(session);
	if (r < 0)
		return r;
	return session_take_last_records(session);
}

int session_take_last_records(struct session *session)
{
	const uint64_t end = clock_now_ns() + LAST_RECORDS_MS * CLOCK_NS_PER_MS;
	int r = 0;

	/* A run that never was has no records. */
	if (!session->records || (uint32_t)session->statistics.starts != trail_run(session->trail))
		return 0;
	while (r == 0 && !trail_ended(session->trail) && clock_now_ns() < end)
		r = records_poll(session->records, LAST_RECORDS_TURN_MS);
	if (r < 0 || trail_ended(session->trail))
		return r;
	return failure_set(device_failure(session->device), -ETIMEDOUT,
			   "the board at %s did not send the last records of route %u (%s) within "
			   "%d ms",
			   device_name(session->device), session->index, session->route.name,
			   LAST_RECORDS_MS);
}

const struct trail *session_trail(const struct session *session)
{
	return session->trail;
}

const struct iiobridge_statistics *session_statistics(const struct session *session)
{
	return session->statistics_known ? &session->statistics : NULL;
}

void session_fill_progress(const struct session *session, uint64_t scans, uint64_t nanoseconds,
			   struct session_progress *progress)
{
	*progress = (struct session_progress){
		.scans = scans,
		.nanoseconds = nanoseconds,
		.statistics_known = session->statistics_known,
		.statistics = session->statistics,
	};
}
