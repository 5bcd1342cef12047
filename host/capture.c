// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include "device.h"
#include "failure.h"
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STATISTICS_INTERVAL_NS UINT64_C(250000000)

struct capture {
	struct device *device;
	struct stream *stream;
	unsigned int index;
	struct iiobridge_route_info route;

	capture_consumer consumer;
	void *context;
	uint64_t limit; /* scans, 0 for none */
	bool started;	/* START was sent: samples may come */
	bool complete;
	bool gone;

	uint8_t *partial; /* the beginning of a scan whose end is in the next transfer */
	size_t partial_size;

	uint64_t started_ns;
	uint64_t asked_ns; /* when the statistics were last asked for */
	struct capture_progress progress;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int consume_scans(struct capture *capture, const uint8_t *data, uint64_t scans)
{
	const uint64_t left = capture->limit - capture->progress.scans;
	int r;

	if (capture->complete || scans == 0)
		return 0;
	if (capture->limit && scans > left)
		scans = left;

	r = capture->consumer(capture->context, data, scans * capture->route.bytes_per_scan);
	if (r < 0)
		return r;
	capture->progress.scans += scans;
	capture->progress.nanoseconds = now_ns() - capture->started_ns;
	capture->complete = capture->limit && capture->progress.scans == capture->limit;
	return 0;
}

/* Cuts what arrives into whole scans: a transfer may end inside one. */
static int on_data(void *context, const uint8_t *data, size_t size)
{
	struct capture *capture = context;
	const size_t scan = capture->route.bytes_per_scan;
	int r;

	if (!capture->started)
		return failure_set(device_failure(capture->device), -EPROTO,
				   "the board at %s sent %zu bytes on route %u (%s) before it was "
				   "started",
				   device_name(capture->device), size, capture->index,
				   capture->route.name);

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

static int check_settings(const struct capture *capture, const struct capture_settings *settings,
			  int packet_size)
{
	const struct iiobridge_route_info *route = &capture->route;
	struct failure *failure = device_failure(capture->device);

	if (route->direction != IIOBRIDGE_CAPTURE)
		return failure_set(failure, -EINVAL, "route %u (%s) is not a capture route",
				   capture->index, route->name);
	if (settings->block_size > route->block_size_max)
		return failure_set(failure, -EINVAL,
				   "a block of %u bytes is too large for route %u (%s): at most %u",
				   settings->block_size, capture->index, route->name,
				   route->block_size_max);
	if (settings->block_size % (uint32_t)packet_size)
		return failure_set(failure, -EINVAL,
				   "a block of %u bytes does not suit route %u (%s): it must be a "
				   "multiple of %d, the packet size of the endpoint",
				   settings->block_size, capture->index, route->name, packet_size);
	return 0;
}

/* A board that cannot plan a start leaves the sizes 0; only START makes it say why. */
static int explain_no_plan(struct capture *capture)
{
	int r;

	r = device_start(capture->device, capture->index);
	if (r < 0)
		return r;
	device_stop(capture->device, capture->index);
	return failure_set(device_failure(capture->device), -EPROTO,
			   "route %u (%s) starts, but the board does not tell the size of its "
			   "blocks and scans",
			   capture->index, capture->route.name);
}

static int check_route(struct capture *capture, const struct capture_settings *settings,
		       int packet_size)
{
	const struct iiobridge_route_info *route = &capture->route;

	if (route->block_size == 0 || route->bytes_per_scan == 0)
		return explain_no_plan(capture);
	if ((settings->channel_mask && settings->channel_mask != route->channel_mask) ||
	    (settings->block_size && settings->block_size != route->block_size))
		return failure_set(device_failure(capture->device), -EPROTO,
				   "route %u (%s) was to have channel mask 0x%x and blocks of %u "
				   "bytes (0: as configured), but has 0x%x and %u",
				   capture->index, route->name, settings->channel_mask,
				   settings->block_size, route->channel_mask, route->block_size);
	if (route->block_size % (uint32_t)packet_size || route->bytes_per_scan > route->block_size)
		return failure_set(
			device_failure(capture->device), -EPROTO,
			"route %u (%s) has impossible sizes: blocks of %u bytes, scans of "
			"%u bytes, packets of %d bytes",
			capture->index, route->name, route->block_size, route->bytes_per_scan,
			packet_size);
	return 0;
}

static int capture_prepare(struct capture *capture, const struct capture_settings *settings)
{
	struct device *device = capture->device;
	int packet_size;
	int r;

	r = device_get_route(device, capture->index, &capture->route);
	if (r < 0)
		return r;
	packet_size = device_endpoint_packet_size(device, capture->route.endpoint_in);
	if (packet_size < 0)
		return packet_size;
	r = check_settings(capture, settings, packet_size);
	if (r < 0)
		return r;

	r = device_claim(device);
	if (r < 0)
		return r;
	r = device_set_parameters(device, capture->index, settings->channel_mask,
				  settings->block_size);
	if (r < 0)
		return r;
	r = device_stop(device, capture->index);
	if (r < 0)
		return r;

	/* Now that the route is stopped, the answer is about the next start. */
	r = device_get_route(device, capture->index, &capture->route);
	if (r < 0)
		return r;
	r = check_route(capture, settings, packet_size);
	if (r < 0)
		return r;

	capture->partial = malloc(capture->route.bytes_per_scan);
	if (!capture->partial)
		return failure_set(device_failure(device), -ENOMEM, "no memory for a scan");
	return stream_new(device, capture->route.endpoint_in,
			  stream_transfer_size(capture->route.block_size, (size_t)packet_size),
			  on_data, capture, &capture->stream);
}

int capture_new(struct device *device, const struct capture_settings *settings,
		struct capture **ret)
{
	struct capture *capture;
	int r;

	capture = calloc(1, sizeof(*capture));
	if (!capture)
		return failure_set(device_failure(device), -ENOMEM, "no memory for the capture");
	capture->device = device;
	capture->index = settings->route;

	r = capture_prepare(capture, settings);
	if (r < 0) {
		capture_free(capture);
		return r;
	}
	*ret = capture;
	return 0;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	stream_free(capture->stream);
	free(capture->partial);
	free(capture);
}

const struct iiobridge_route_info *capture_route(const struct capture *capture)
{
	return &capture->route;
}

/* The board stopped the route by itself: its last error says why. */
static int explain_stop(struct capture *capture)
{
	struct failure *failure = device_failure(capture->device);
	struct iiobridge_error error;
	int r;

	r = device_get_error(capture->device, &error);
	if (r < 0)
		return r;
	if (error.request != 0 || error.value != capture->index || !error.message[0])
		return failure_set(failure, -EREMOTEIO,
				   "the board at %s stopped route %u (%s) without saying why",
				   device_name(capture->device), capture->index,
				   capture->route.name);
	return failure_set(failure, -EREMOTEIO, "the board at %s stopped route %u (%s): %s",
			   device_name(capture->device), capture->index, capture->route.name,
			   error.message);
}

static int ask_statistics(struct capture *capture)
{
	struct iiobridge_statistics statistics;
	int r;

	capture->asked_ns = now_ns();
	r = device_get_statistics(capture->device, capture->index, &statistics);
	if (r < 0)
		return r;
	capture->progress.statistics = statistics;
	capture->progress.statistics_known = true;
	return 0;
}

/*
 * A transfer that failed, or came back short, is most often the first sign of a board that is
 * unplugged or whose route had a fault: the kernel returns the transfers before it tells of the
 * disconnection.
 */
static int judge_transfer_error(struct capture *capture, int error)
{
	struct failure *failure = device_failure(capture->device);
	const struct failure reason = *failure;
	int r;

	r = ask_statistics(capture);
	if (r == 0 && capture->started && capture->progress.statistics.state == IIOBRIDGE_STOPPED)
		r = explain_stop(capture);
	if (r == -ENODEV || r == -EREMOTEIO)
		return r;
	*failure = reason;
	return error;
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
	if (r == -EPROTO)
		r = judge_transfer_error(capture, r);
	if (r < 0)
		return r;

	capture->started = true;
	capture->started_ns = now_ns();
	capture->asked_ns = capture->started_ns;
	return device_start(capture->device, capture->index);
}

int capture_poll(struct capture *capture, unsigned int timeout_ms)
{
	int r;

	r = stream_poll(capture->stream, timeout_ms);
	if (r == 0 && !capture->complete &&
	    now_ns() - capture->asked_ns >= STATISTICS_INTERVAL_NS) {
		/* A board that is slow to answer is no reason to end a capture that works. */
		if (ask_statistics(capture) == 0 &&
		    capture->progress.statistics.state == IIOBRIDGE_STOPPED && !capture->complete)
			return explain_stop(capture);
		r = stream_error(capture->stream);
	}
	if (r == -EPROTO)
		r = judge_transfer_error(capture, r);
	capture->gone = r == -ENODEV;
	return r;
}

bool capture_complete(const struct capture *capture)
{
	return capture->complete;
}

int capture_finish(struct capture *capture)
{
	int r = 0;

	capture->progress.statistics_known = false;
	if (capture->started && !capture->gone) {
		r = device_stop(capture->device, capture->index);
		if (r == 0)
			r = ask_statistics(capture);
	}
	stream_stop(capture->stream);
	return r;
}

void capture_progress(const struct capture *capture, struct capture_progress *progress)
{
	*progress = capture->progress;
}
