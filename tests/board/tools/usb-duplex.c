// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-duplex - runs all captures and playbacks of a board at the same time
 *
 * usb-duplex SECONDS [NAME]: plays the counter on each playback route and checks it on each
 * capture route, for SECONDS after the last of them has started. Of capture NAME nothing is read
 * during the second half of this time, although the route stays started; then it is read again
 * until the gap has come. The board's other routes shall not notice.
 *
 * Prints a line for each route, and how fast it was in each half. Ends with 0 when all counters are
 * right, and nobody has lost a sample but NAME.
 */
#include "host/clock.h"
#include "host/counter.h"
#include "host/device.h"
#include "host/failure.h"
#include "host/play.h"
#include "host/session.h"
#include "host/stream.h"
#include "host/verify.h"

#include <libusb-1.0/libusb.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In each turn a playback moves on by a block: this is how long the smallest may take. */
#define TURN_US 1000

#define LIMIT_MS	       30000 /* for what has to come to an end */
#define STATISTICS_INTERVAL_MS 250

/* The beginning of the time, its middle and its end */
#define MOMENTS 3

struct lane {
	struct device *device;
	unsigned int number;
	struct iiobridge_route_info route;
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];

	/* a capture */
	struct session *session;
	struct stream *stream;
	struct verify *verify;

	/* a playback */
	struct play *play;
	struct counter_layout layout;
	uint64_t position;
	bool ending;

	uint64_t scans[MOMENTS]; /* delivered by then */
	struct iiobridge_statistics statistics;
};

struct duplex {
	struct failure failure;
	struct device_list *list;
	struct device *device;
	struct lane lanes[IIOBRIDGE_MAX_ROUTES];
	unsigned int count;
	struct lane *stalled; /* which is not read in the second half; NULL for none */
	uint64_t moments_ns[MOMENTS];
};

static bool is_capture(const struct lane *lane)
{
	return lane->route.direction == IIOBRIDGE_CAPTURE;
}

/* Whole scans: a transfer ends with a packet, and a scan of the counter divides a packet. */
static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct lane *lane = context;

	verify_scans(lane->verify, data, size);
	return 0;
}

static ssize_t give_counter(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct lane *lane = context;

	(void)timeout_ms;
	if (lane->ending)
		return 0;
	counter_fill(&lane->layout, lane->position, data, size);
	lane->position += size;
	return (ssize_t)size;
}

static int read_again(struct lane *lane)
{
	int r;

	r = session_stream_new(lane->session, take_scans, lane, &lane->stream);
	return r < 0 ? r : stream_start(lane->stream);
}

static void read_no_more(struct lane *lane)
{
	stream_free(lane->stream);
	lane->stream = NULL;
}

static int begin_capture(struct lane *lane, const struct session_settings *settings)
{
	int r;

	r = session_new(lane->device, IIOBRIDGE_CAPTURE, settings, &lane->session);
	if (r < 0)
		return r;
	lane->route = *session_route(lane->session);
	r = verify_new(lane->channels, lane->route.channel_count, lane->route.channel_mask,
		       lane->route.bytes_per_scan, device_failure(lane->device), &lane->verify);
	if (r == 0)
		r = read_again(lane);
	if (r == 0)
		r = session_start(lane->session);
	return r;
}

static int begin_playback(struct lane *lane, const struct session_settings *settings)
{
	int r;

	r = play_new(lane->device, settings, &lane->play);
	if (r < 0)
		return r;
	lane->route = *play_route(lane->play);
	r = counter_layout_init(&lane->layout, "usb-duplex", lane->channels,
				lane->route.channel_count, lane->route.channel_mask,
				lane->route.bytes_per_scan, device_failure(lane->device));
	if (r == 0)
		play_begin(lane->play, 0, give_counter, lane);
	return r;
}

static int begin_lane(struct duplex *duplex, unsigned int number)
{
	const struct session_settings settings = { .route = number };
	struct lane *lane = &duplex->lanes[duplex->count];
	int r;

	lane->device = duplex->device;
	lane->number = number;
	r = device_get_route(duplex->device, number, &lane->route);
	for (unsigned int i = 0; r == 0 && i < lane->route.channel_count; i++)
		r = device_get_channel(duplex->device, number, i, &lane->channels[i]);
	if (r < 0)
		return r;
	if (is_capture(lane))
		r = begin_capture(lane, &settings);
	else if (lane->route.direction == IIOBRIDGE_PLAYBACK)
		r = begin_playback(lane, &settings);
	else
		return 0;
	duplex->count++;
	return r;
}

/* What has to be done for a lane beside what its transfers do. */
static int turn_lane(struct lane *lane)
{
	int r;

	if (lane->play)
		return play_complete(lane->play) ? 0 : play_poll(lane->play, 0);
	r = lane->stream ? stream_error(lane->stream) : 0;
	if (r == 0)
		r = session_watch(lane->session, STATISTICS_INTERVAL_MS);
	if (r > 0)
		r = session_explain_stop(lane->session);
	return session_judge(lane->session, r);
}

/* The transfers of all lanes share one loop of events. */
static int turn(struct duplex *duplex)
{
	struct timeval timeout = { .tv_usec = TURN_US };
	int r;

	r = libusb_handle_events_timeout_completed(device_context(duplex->device), &timeout, NULL);
	if (r < 0 && r != LIBUSB_ERROR_INTERRUPTED)
		return failure_set(&duplex->failure, -EIO, "libusb's event loop failed: %s",
				   libusb_strerror(r));
	r = 0;
	for (unsigned int i = 0; r == 0 && i < duplex->count; i++)
		r = turn_lane(&duplex->lanes[i]);
	return r;
}

typedef bool (*condition)(const struct lane *lane);

static bool has_begun(const struct lane *lane)
{
	return lane->play ? play_started(lane->play) : verify_result(lane->verify)->scans > 0;
}

static bool has_ended(const struct lane *lane)
{
	return !lane->play || play_complete(lane->play);
}

static bool shows_the_gap(const struct lane *lane)
{
	return verify_result(lane->verify)->jumps > 0;
}

static bool all_are(const struct duplex *duplex, condition is_true)
{
	for (unsigned int i = 0; i < duplex->count; i++)
		if (!is_true(&duplex->lanes[i]))
			return false;
	return true;
}

/* Goes on until a condition holds for one lane, or for all. */
static int turn_until(struct duplex *duplex, const struct lane *lane, condition is_true,
		      const char *what)
{
	const uint64_t end = clock_now_ns() + LIMIT_MS * CLOCK_NS_PER_MS;
	int r = 0;

	while (r == 0 && !(lane ? is_true(lane) : all_are(duplex, is_true))) {
		r = turn(duplex);
		if (r == 0 && clock_now_ns() > end)
			return failure_set(&duplex->failure, -ETIMEDOUT, "%s within %u ms: in vain",
					   what, LIMIT_MS);
	}
	return r;
}

/* Goes on for some time, and notes what was delivered by then. */
static int turn_for(struct duplex *duplex, uint64_t nanoseconds, unsigned int moment)
{
	const uint64_t end = clock_now_ns() + nanoseconds;
	int r = 0;

	while (r == 0 && clock_now_ns() < end)
		r = turn(duplex);
	for (unsigned int i = 0; r == 0 && i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		r = device_get_statistics(duplex->device, lane->number, &lane->statistics);
		lane->scans[moment] = lane->statistics.bytes_drained / lane->route.bytes_per_scan;
	}
	duplex->moments_ns[moment] = clock_now_ns();
	return r;
}

static struct lane *find_capture(struct duplex *duplex, const char *name)
{
	for (unsigned int i = 0; i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		if (is_capture(lane) && strcmp(lane->route.name, name) == 0)
			return lane;
	}
	return NULL;
}

static int begin(struct duplex *duplex, const char *stalled)
{
	int r;

	r = device_list_new(&duplex->failure, &duplex->list);
	if (r == 0)
		r = device_open_serial(duplex->list, NULL, &duplex->failure, &duplex->device);
	for (unsigned int i = 0; r == 0 && i < device_info(duplex->device)->route_count; i++)
		r = begin_lane(duplex, i);
	if (r < 0)
		return r;
	if (stalled)
		duplex->stalled = find_capture(duplex, stalled);
	if (stalled && !duplex->stalled)
		return failure_set(&duplex->failure, -EINVAL, "%s is no capture route", stalled);
	return turn_until(duplex, NULL, has_begun, "all routes begin");
}

static int stream_all(struct duplex *duplex, uint64_t nanoseconds)
{
	int r;

	r = turn_for(duplex, 0, 0);
	if (r == 0)
		r = turn_for(duplex, nanoseconds / 2, 1);
	if (r == 0 && duplex->stalled)
		read_no_more(duplex->stalled);
	if (r == 0)
		r = turn_for(duplex, nanoseconds / 2, 2);
	if (r == 0 && duplex->stalled)
		r = read_again(duplex->stalled);
	if (r == 0 && duplex->stalled)
		r = turn_until(duplex, duplex->stalled, shows_the_gap, "the gap comes");
	return r;
}

/* The playbacks are played to their end, the captures are stopped then. */
static int end(struct duplex *duplex)
{
	int r;

	for (unsigned int i = 0; i < duplex->count; i++)
		duplex->lanes[i].ending = true;
	r = turn_until(duplex, NULL, has_ended, "all playbacks end");
	for (unsigned int i = 0; r == 0 && i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		r = lane->play ? play_finish(lane->play) : session_stop(lane->session);
		if (r == 0)
			r = device_get_statistics(duplex->device, lane->number, &lane->statistics);
	}
	return r;
}

static void release(struct duplex *duplex)
{
	for (unsigned int i = 0; i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		stream_free(lane->stream);
		session_free(lane->session);
		verify_free(lane->verify);
		play_free(lane->play);
	}
	device_close(duplex->device);
	device_list_free(duplex->list);
}

static double rate_in(const struct duplex *duplex, const struct lane *lane, unsigned int half)
{
	return (double)(lane->scans[half + 1] - lane->scans[half]) * 1e9 /
	       (double)(duplex->moments_ns[half + 1] - duplex->moments_ns[half]);
}

/* Returns whether all was right. */
static bool report_lane(const struct duplex *duplex, const struct lane *lane)
{
	static const struct verify_result nothing;
	const struct verify_result *result = lane->verify ? verify_result(lane->verify) : &nothing;
	const struct iiobridge_statistics *board = &lane->statistics;
	const uint64_t samples =
		lane->verify ? result->scans : board->bytes_drained / lane->route.bytes_per_scan;

	printf("%s: %s %" PRIu64 " samples, rates %.0f and %.0f, wrong %" PRIu64 ", jumps %" PRIu64
	       ", missing %" PRIu64 ", gaps %" PRIu64 ", lost %" PRIu64 "\n",
	       lane->route.name, lane->verify ? "captured" : "played", samples,
	       rate_in(duplex, lane, 0), rate_in(duplex, lane, 1), result->wrong, result->jumps,
	       result->missing, board->gaps, board->scans_lost);
	if (lane == duplex->stalled)
		return verify_explained(result, board->gaps, board->scans_lost, board->estimated);
	return result->wrong == 0 && result->jumps == 0 && board->gaps == 0 &&
	       board->scans_lost == 0;
}

int main(int argc, char **argv)
{
	static struct duplex duplex;
	bool right = true;
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "Usage: usb-duplex SECONDS [NAME]\n");
		return 2;
	}
	r = begin(&duplex, argv[2]);
	if (r == 0)
		r = stream_all(&duplex, strtoull(argv[1], NULL, 10) * CLOCK_NS_PER_SECOND);
	if (r == 0)
		r = end(&duplex);
	if (r < 0)
		fprintf(stderr, "usb-duplex: %s\n", duplex.failure.message);
	for (unsigned int i = 0; r == 0 && i < duplex.count; i++)
		right &= report_lane(&duplex, &duplex.lanes[i]);
	release(&duplex);
	return r == 0 && right ? 0 : 1;
}
