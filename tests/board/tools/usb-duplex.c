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
#include "host/counter.h"
#include "host/files/clock.h"
#include "host/files/failure.h"

#include <iiobridge/iiobridge.h>

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_MAX 32

#define TURN_MS	 10    /* a wait for samples, at most */
#define LIMIT_MS 30000 /* for what has to come to an end */

/* What a capture may be late by: while a playback starts, nothing is read. */
#define MEMORY ((size_t)64 << 20)

/* The beginning of the time, its middle and its end */
#define MOMENTS 3

struct lane {
	unsigned int number;
	const struct iiobridge_route *route; /* the stream's */
	size_t sample_size;

	/* a capture */
	struct iiobridge_rx *rx;
	struct verify *verify;
	bool stalled; /* it is not read */

	/* a playback */
	struct iiobridge_tx *tx;
	struct counter_layout layout;
	uint64_t position;
	bool ended, complete;

	uint64_t samples[MOMENTS]; /* delivered by then */
	struct iiobridge_statistics_info statistics;
};

struct duplex {
	struct failure failure;
	struct iiobridge_board *board;
	struct lane lanes[ROUTES_MAX];
	unsigned int count;
	struct lane *stalled; /* which is not read in the second half; NULL for none */
	uint64_t moments_ns[MOMENTS];
};

/* What the library has failed at; 0 and more are no errors of it. */
static int library_error(struct duplex *duplex, int r)
{
	return r < 0 ? failure_set(&duplex->failure, r, "%s", iiobridge_error_message()) : 0;
}

/* Of the one that will be stalled the library shall keep no more than a transfer. */
static int begin_capture(struct duplex *duplex, struct lane *lane, bool stalled)
{
	const struct iiobridge_stream_settings settings = { .memory = stalled ? 1 : MEMORY };
	int r;

	r = library_error(duplex,
			  iiobridge_rx_open(duplex->board, lane->number, &settings, &lane->rx));
	if (r < 0)
		return r;
	lane->route = iiobridge_rx_route(lane->rx);
	lane->sample_size = iiobridge_route_sample_size(lane->route);
	r = verify_new(lane->route, &duplex->failure, &lane->verify);
	return r < 0 ? r : library_error(duplex, iiobridge_rx_start(lane->rx));
}

/* It starts with the first samples. */
static int begin_playback(struct duplex *duplex, struct lane *lane)
{
	int r;

	r = library_error(duplex, iiobridge_tx_open(duplex->board, lane->number, NULL, &lane->tx));
	if (r < 0)
		return r;
	lane->route = iiobridge_tx_route(lane->tx);
	lane->sample_size = iiobridge_route_sample_size(lane->route);
	return counter_layout_init(&lane->layout, "usb-duplex", lane->route, &duplex->failure);
}

static int begin_lane(struct duplex *duplex, unsigned int number, const char *stalled)
{
	struct lane *lane = &duplex->lanes[duplex->count];
	struct iiobridge_route *route;
	int r;

	r = library_error(duplex, iiobridge_route_get(duplex->board, number, &route));
	if (r < 0)
		return r;
	lane->number = number;
	duplex->count++;
	if (iiobridge_route_kind(route) == IIOBRIDGE_ROUTE_RX)
		r = begin_capture(duplex, lane,
				  stalled && strcmp(iiobridge_route_name(route), stalled) == 0);
	else if (iiobridge_route_kind(route) == IIOBRIDGE_ROUTE_TX)
		r = begin_playback(duplex, lane);
	else
		duplex->count--;
	iiobridge_route_free(route);
	return r;
}

static int turn_capture(struct lane *lane)
{
	struct iiobridge_block block;
	int r = 1;

	while (!lane->stalled && r > 0) {
		r = iiobridge_rx_acquire(lane->rx, 0, &block);
		if (r > 0) {
			verify_samples(lane->verify, block.data, block.samples * lane->sample_size);
			iiobridge_rx_release(lane->rx, &block);
		}
	}
	return r;
}

static int turn_playback(struct lane *lane)
{
	struct iiobridge_buffer buffer;
	int r = 1;

	while (!lane->ended && r > 0) {
		r = iiobridge_tx_acquire(lane->tx, 0, &buffer);
		if (r > 0) {
			const size_t size = buffer.samples * lane->sample_size;

			counter_fill(&lane->layout, lane->position, buffer.data, size);
			lane->position += size;
			r = iiobridge_tx_submit(lane->tx, buffer.samples) < 0 ? -1 : 1;
		}
	}
	if (r >= 0 && lane->ended && !lane->complete) {
		r = iiobridge_tx_drain(lane->tx, 0);
		lane->complete = r > 0;
	}
	return r;
}

/* Does what can be done for all lanes. */
static int turn(struct duplex *duplex)
{
	struct pollfd fds[ROUTES_MAX];
	int r = 0;

	for (unsigned int i = 0; i < duplex->count; i++) {
		const struct lane *lane = &duplex->lanes[i];

		fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
		if (lane->rx && !lane->stalled)
			fds[i].fd = iiobridge_rx_fd(lane->rx);
		else if (lane->tx && !lane->complete)
			fds[i].fd = iiobridge_tx_fd(lane->tx);
	}
	poll(fds, duplex->count, TURN_MS);
	for (unsigned int i = 0; r == 0 && i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		r = library_error(duplex, lane->rx ? turn_capture(lane) : turn_playback(lane));
	}
	return r;
}

typedef bool (*condition)(const struct lane *lane);

static bool has_begun(const struct lane *lane)
{
	return lane->tx ? iiobridge_tx_played(lane->tx) > 0
			: verify_result(lane->verify)->samples > 0;
}

static bool has_ended(const struct lane *lane)
{
	return !lane->tx || lane->complete;
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
			return failure_set(&duplex->failure, -1, "%s within %u ms: in vain", what,
					   LIMIT_MS);
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

		r = library_error(duplex, iiobridge_route_statistics(duplex->board, lane->number,
								     &lane->statistics));
		lane->samples[moment] = lane->statistics.bytes_delivered / lane->sample_size;
	}
	duplex->moments_ns[moment] = clock_now_ns();
	return r;
}

static struct lane *find_capture(struct duplex *duplex, const char *name)
{
	for (unsigned int i = 0; i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		if (lane->rx && strcmp(iiobridge_route_name(lane->route), name) == 0)
			return lane;
	}
	return NULL;
}

static int begin(struct duplex *duplex, const char *stalled)
{
	int r;

	r = library_error(duplex, iiobridge_board_open(NULL, &duplex->board));
	for (unsigned int i = 0; r == 0 && i < iiobridge_board_route_count(duplex->board); i++)
		r = begin_lane(duplex, i, stalled);
	if (r < 0)
		return r;
	if (stalled)
		duplex->stalled = find_capture(duplex, stalled);
	if (stalled && !duplex->stalled)
		return failure_set(&duplex->failure, -1, "%s is no capture route", stalled);
	return turn_until(duplex, NULL, has_begun, "all routes begin");
}

static int stream_all(struct duplex *duplex, uint64_t nanoseconds)
{
	int r;

	r = turn_for(duplex, 0, 0);
	if (r == 0)
		r = turn_for(duplex, nanoseconds / 2, 1);
	if (r == 0 && duplex->stalled)
		duplex->stalled->stalled = true;
	if (r == 0)
		r = turn_for(duplex, nanoseconds / 2, 2);
	if (r == 0 && duplex->stalled) {
		duplex->stalled->stalled = false;
		r = turn_until(duplex, duplex->stalled, shows_the_gap, "the gap comes");
	}
	return r;
}

/* The playbacks are played to their end, the captures are stopped then. */
static int end(struct duplex *duplex)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		if (lane->tx)
			r = library_error(duplex, iiobridge_tx_end(lane->tx));
		lane->ended = true;
	}
	if (r == 0)
		r = turn_until(duplex, NULL, has_ended, "all playbacks end");
	for (unsigned int i = 0; r == 0 && i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		r = library_error(duplex, lane->tx ? iiobridge_tx_stop(lane->tx)
						   : iiobridge_rx_stop(lane->rx));
		if (r == 0)
			r = library_error(duplex,
					  iiobridge_route_statistics(duplex->board, lane->number,
								     &lane->statistics));
	}
	return r;
}

static void release(struct duplex *duplex)
{
	for (unsigned int i = 0; i < duplex->count; i++) {
		struct lane *lane = &duplex->lanes[i];

		iiobridge_rx_close(lane->rx);
		iiobridge_tx_close(lane->tx);
		verify_free(lane->verify);
	}
	iiobridge_board_close(duplex->board);
}

static double rate_in(const struct duplex *duplex, const struct lane *lane, unsigned int half)
{
	return (double)(lane->samples[half + 1] - lane->samples[half]) * 1e9 /
	       (double)(duplex->moments_ns[half + 1] - duplex->moments_ns[half]);
}

/* The board may have lost more than was captured by then, and take two losses for one gap. */
static bool is_explained(const struct verify_result *result,
			 const struct iiobridge_statistics_info *board)
{
	if (result->wrong || !result->jumps)
		return !result->wrong;
	return board->estimated ? result->jumps <= board->gaps
				: result->missing <= board->samples_lost;
}

/* Returns whether all was right. */
static bool report_lane(const struct duplex *duplex, const struct lane *lane)
{
	static const struct verify_result nothing;
	const struct verify_result *result = lane->verify ? verify_result(lane->verify) : &nothing;
	const struct iiobridge_statistics_info *board = &lane->statistics;
	const uint64_t samples =
		lane->verify ? result->samples : board->bytes_delivered / lane->sample_size;

	printf("%s: %s %" PRIu64 " samples, rates %.0f and %.0f, wrong %" PRIu64 ", jumps %" PRIu64
	       ", missing %" PRIu64 ", gaps %" PRIu64 ", lost %" PRIu64 "\n",
	       iiobridge_route_name(lane->route), lane->verify ? "captured" : "played", samples,
	       rate_in(duplex, lane, 0), rate_in(duplex, lane, 1), result->wrong, result->jumps,
	       result->missing, board->gaps, board->samples_lost);
	if (lane == duplex->stalled)
		return is_explained(result, board);
	return result->wrong == 0 && result->jumps == 0 && board->gaps == 0 &&
	       board->samples_lost == 0;
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
