// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include "device.h"
#include "failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STATISTICS_INTERVAL_MS 250

struct capture {
	struct session *session;
	struct stream *stream;

	capture_consumer consumer;
	void *context;
	uint64_t limit; /* scans, 0 for none */
	bool complete;

	uint8_t *partial; /* the beginning of a scan whose end is in the next transfer */
	size_t partial_size;

	uint64_t scans;
	uint64_t nanoseconds;
};

static int consume_scans(struct capture *capture, const uint8_t *data, uint64_t scans)
{
	const uint64_t left = capture->limit - capture->scans;
	int r;

	if (capture->complete || scans == 0)
		return 0;
	if (capture->limit && scans > left)
		scans = left;

	r = capture->consumer(capture->context, data,
			      scans * capture_route(capture)->bytes_per_scan);
	if (r < 0)
		return r;
	capture->scans += scans;
	capture->nanoseconds = session_nanoseconds(capture->session);
	capture->complete = capture->limit && capture->scans == capture->limit;
	return 0;
}

/* Cuts what arrives into whole scans: a transfer may end inside one. */
static int on_data(void *context, const uint8_t *data, size_t size)
{
	struct capture *capture = context;
	struct device *device = session_device(capture->session);
	const size_t scan = capture_route(capture)->bytes_per_scan;
	int r;

	if (!session_started(capture->session))
		return failure_set(device_failure(device), -EPROTO,
				   "the board at %s sent %zu bytes on route %u (%s) before it was "
				   "started",
				   device_name(device), size, session_index(capture->session),
				   capture_route(capture)->name);

	if (capture->partial_size > 0) {
		size_t rest = scan - capture->partial_size;
		size_t part = size < rest ? size : rest;

		memcpy(capture->partial + capture->partial_size, data, part);
		capture->partial_size += part;
		data += part;
		size -= part;
		if (capture->partial_size < scan)
			return 0;
		r = consume_scans(capture, capture->partial, 1);
		if (r < 0)
			return r;
	}

	r = consume_scans(capture, data, size / scan);
	if (r < 0)
		return r;
	capture->partial_size = size % scan;
	memcpy(capture->partial, data + size - capture->partial_size, capture->partial_size);
	return 0;
}

int capture_new(struct device *device, const struct session_settings *settings,
		struct capture **ret)
{
	struct capture *capture;
	int r;

	capture = calloc(1, sizeof(*capture));
	if (!capture)
		return failure_set(device_failure(device), -ENOMEM, "no memory for the capture");

	r = session_new(device, IIOBRIDGE_CAPTURE, settings, &capture->session);
	if (r < 0)
		goto err_free;
	capture->partial = malloc(capture_route(capture)->bytes_per_scan);
	if (!capture->partial) {
		r = failure_set(device_failure(device), -ENOMEM, "no memory for a scan");
		goto err_free;
	}
	r = session_stream_new(capture->session, on_data, capture, &capture->stream);
	if (r < 0)
		goto err_free;
	*ret = capture;
	return 0;

err_free:
	capture_free(capture);
	return r;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	stream_free(capture->stream);
	session_free(capture->session);
	free(capture->partial);
	free(capture);
}

const struct iiobridge_route_info *capture_route(const struct capture *capture)
{
	return session_route(capture->session);
}

const struct trail *capture_trail(const struct capture *capture)
{
	return session_trail(capture->session);
}

int capture_start(struct capture *capture, uint64_t scans, capture_consumer consumer, void *context)
{
	int r;

	capture->limit = scans;
	capture->consumer = consumer;
	capture->context = context;

	r = stream_start(capture->stream);
	/* What comes now was sent by the run before, and STOP did not flush it. */
	if (r == 0)
		r = stream_poll(capture->stream, 0);
	r = session_judge(capture->session, r);
	if (r < 0)
		return r;
	return session_start(capture->session);
}

void capture_hold(struct capture *capture, bool hold)
{
	stream_hold(capture->stream, hold);
}

int capture_poll(struct capture *capture, unsigned int timeout_ms)
{
	int r;

	r = stream_poll(capture->stream, timeout_ms);
	if (r == 0 && !capture->complete) {
		r = session_watch(capture->session, STATISTICS_INTERVAL_MS);
		if (r > 0 && !capture->complete)
			r = session_explain_stop(capture->session);
		else if (r >= 0)
			r = stream_error(capture->stream);
	}
	return session_judge(capture->session, r);
}

bool capture_complete(const struct capture *capture)
{
	return capture->complete;
}

int capture_finish(struct capture *capture)
{
	int r;

	r = session_stop(capture->session);
	stream_stop(capture->stream);
	return r;
}

void capture_progress(const struct capture *capture, struct session_progress *progress)
{
	session_fill_progress(capture->session, capture->scans, capture->nanoseconds, progress);
}
