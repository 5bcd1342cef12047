// SPDX-License-Identifier: GPL-2.0-or-later
#include "play.h"

#include "clock.h"
#include "device.h"
#include "failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STATISTICS_INTERVAL_MS 250

/*
 * How long to wait for USB while something else may come that cannot be waited for at once: input
 * for the block ahead, or, when all is sent, the board's next answer.
 */
#define TURN_MS 10

/* So much of the input in one go that no transfer in flight waits for long. */
#define READ_MAX ((size_t)1 << 20)

/*
 * How much longer than the samples' own time the board may need from one sign of life to the next,
 * and its whole time where the DAC does not tell its sample rate.
 */
#define END_MARGIN_MS	    3000
#define END_UNKNOWN_RATE_MS 60000
#define END_MAX_NS	    1e18 /* 30 years, which can be added to any time */

struct play {
	struct session *session;
	struct stream *stream;
	size_t block_size;
	size_t scan_size;

	play_producer producer;
	void *context;
	uint64_t limit; /* bytes to take from the producer */
	uint64_t taken; /* bytes taken from it */
	bool ended;	/* it gives no more */

	uint8_t *ahead; /* the block that is being read, which may be the last */
	size_t ahead_size;
	uint8_t *block; /* the block before it, which is being sent */
	size_t block_sent;
	bool block_loaded;
	uint64_t block_end; /* bytes from the start to the end of the block that is being sent */

	bool finishing; /* FINISH was sent */
	uint32_t finish_flags;
	bool repeating; /* the board has begun to */
	bool by_kernel; /* and does not count */
	bool complete;
	uint64_t drained; /* bytes that the DAC has played, as the board said last */
	uint64_t nanoseconds;
	uint64_t end_deadline_ns; /* 0: not yet waiting for the end */
};

int play_new(struct device *device, const struct session_settings *settings, struct play **ret)
{
	struct play *play;
	int r;

	play = calloc(1, sizeof(*play));
	if (!play)
		return failure_set(device_failure(device), -ENOMEM, "no memory for the playback");

	r = session_new(device, IIOBRIDGE_PLAYBACK, settings, &play->session);
	if (r < 0)
		goto err_free;
	play->block_size = play_route(play)->block_size;
	play->scan_size = play_route(play)->bytes_per_scan;
	play->ahead = malloc(play->block_size);
	play->block = malloc(play->block_size);
	if (!play->ahead || !play->block) {
		r = failure_set(device_failure(device), -ENOMEM,
				"no memory for two blocks of %zu bytes", play->block_size);
		goto err_free;
	}
	r = session_stream_new(play->session, NULL, NULL, &play->stream);
	if (r < 0)
		goto err_free;
	*ret = play;
	return 0;

err_free:
	play_free(play);
	return r;
}

void play_free(struct play *play)
{
	if (!play)
		return;
	stream_free(play->stream);
	session_free(play->session);
	free(play->ahead);
	free(play->block);
	free(play);
}

const struct iiobridge_route_info *play_route(const struct play *play)
{
	return session_route(play->session);
}

const struct trail *play_trail(const struct play *play)
{
	return session_trail(play->session);
}

void play_begin(struct play *play, uint64_t scans, play_producer producer, void *context)
{
	if (scans == 0 || __builtin_mul_overflow(scans, play->scan_size, &play->limit))
		play->limit = UINT64_MAX;
	play->producer = producer;
	play->context = context;
}

void play_repeat(struct play *play, bool alike)
{
	play->finish_flags = IIOBRIDGE_FINISH_REPEAT | (alike ? IIOBRIDGE_FINISH_ALIKE : 0);
}

/* Bytes of the input so far that are whole scans; all that count, when the input has ended. */
static uint64_t whole_bytes(const struct play *play)
{
	return play->taken - play->taken % play->scan_size;
}

/* Takes what the input has, up to a block. Returns whether there was any, or its end. */
static int read_ahead(struct play *play, unsigned int timeout_ms)
{
	size_t size = play->block_size - play->ahead_size;
	ssize_t got;

	if (play->ended || size == 0)
		return false;
	if (size > READ_MAX)
		size = READ_MAX;
	if (size > play->limit - play->taken)
		size = (size_t)(play->limit - play->taken);

	got = play->producer(play->context, play->ahead + play->ahead_size, size, timeout_ms);
	if (got == -EAGAIN)
		return false;
	if (got < 0)
		return (int)got;
	play->ahead_size += (size_t)got;
	play->taken += (uint64_t)got;
	play->ended = got == 0 || play->taken == play->limit;
	if (play->ended && whole_bytes(play) == 0)
		return failure_set(device_failure(session_device(play->session)), -EINVAL,
				   "there is nothing to play: the input has %" PRIu64 " bytes, and "
				   "a sample of route %s %zu",
				   play->taken, play_route(play)->name, play->scan_size);
	return true;
}

/* The block that was read becomes the one to send. */
static void load_block(struct play *play)
{
	uint8_t *block = play->ahead;

	if (play->block_loaded || whole_bytes(play) <= play->block_end ||
	    (play->ahead_size < play->block_size && !play->ended))
		return;
	play->ahead = play->block;
	play->ahead_size = 0;
	play->block = block;
	play->block_sent = 0;
	play->block_loaded = true;
	play->block_end += play->block_size;
}

/* A block may be sent when it is known whether it is the last. */
static bool may_send(const struct play *play)
{
	return play->block_loaded && (play->ended || whole_bytes(play) > play->block_end);
}

static bool all_sent(const struct play *play)
{
	return play->finishing && !play->block_loaded;
}

/* Whether the board is about to come to the end of what it got, or to begin it anew. */
static bool is_ending(const struct play *play)
{
	return all_sent(play) && !play->repeating;
}

/* Tells the board where the samples end; what the last block has behind them is silence. */
static int announce_end(struct play *play)
{
	const uint64_t total = whole_bytes(play);
	const size_t padding = (size_t)(play->block_end - total);

	memset(play->block + play->block_size - padding, 0, padding);
	play->finishing = true;
	return device_finish(session_device(play->session), session_index(play->session), total,
			     play->finish_flags);
}

static int begin_block(struct play *play)
{
	int r;

	if (!session_started(play->session)) {
		r = session_start(play->session);
		if (r == 0)
			r = stream_start(play->stream);
		if (r < 0)
			return r;
	}
	if (play->ended && whole_bytes(play) <= play->block_end && !play->finishing)
		return announce_end(play);
	return 0;
}

/* As much of the block as there is room for in flight. */
static int send_block(struct play *play)
{
	const size_t size = stream_transfer_bytes(play->stream);
	uint8_t *buffer;
	int r;

	load_block(play);
	if (!may_send(play))
		return 0;
	if (play->block_sent == 0) {
		r = begin_block(play);
		if (r < 0)
			return r;
	}
	while (play->block_sent < play->block_size && (buffer = stream_buffer(play->stream))) {
		memcpy(buffer, play->block + play->block_sent, size);
		r = stream_send(play->stream);
		if (r == -EAGAIN)
			break;
		if (r < 0)
			return r;
		play->block_sent += size;
	}
	play->block_loaded = play->block_sent < play->block_size;
	return 0;
}

/* Whether only the input can bring the playback forward. */
static bool is_starved(const struct play *play)
{
	return !play->ended && !may_send(play);
}

static unsigned int usb_timeout(const struct play *play, unsigned int timeout_ms)
{
	const bool reading = !play->ended && play->ahead_size < play->block_size;

	if (is_starved(play) || (may_send(play) && stream_buffer(play->stream)))
		return 0;
	return (reading || is_ending(play)) && timeout_ms > TURN_MS ? TURN_MS : timeout_ms;
}

/* The route has stopped by itself: because everything is played, or because of a fault. */
static int judge_stop(struct play *play)
{
	if (play->finish_flags || !all_sent(play) || play->drained != whole_bytes(play))
		return session_explain_stop(play->session);
	play->complete = stream_idle(play->stream);
	return 0;
}

static void note_progress(struct play *play)
{
	const struct iiobridge_statistics *statistics = session_statistics(play->session);

	if (!statistics || statistics->bytes_drained == play->drained)
		return;
	play->drained = statistics->bytes_drained;
	play->nanoseconds = session_nanoseconds(play->session);
	play->end_deadline_ns = 0;
}

/*
 * Whether the board has begun to repeat. Its DAC plays when blocks are drained; those that its
 * kernel repeats are not, and the board says who it is.
 */
static int note_repetition(struct play *play, uint64_t drained_before)
{
	const struct iiobridge_statistics *statistics = session_statistics(play->session);
	struct iiobridge_route_info route;
	int r;

	if (!play->finish_flags || play->repeating || !all_sent(play) ||
	    !stream_idle(play->stream) || !statistics ||
	    statistics->blocks_filled * play->block_size < play->block_end)
		return 0;
	play->repeating = play->drained != drained_before;
	if (!(play->finish_flags & IIOBRIDGE_FINISH_ALIKE))
		return 0;
	r = device_get_route(session_device(play->session), session_index(play->session), &route);
	if (r < 0)
		return r;
	play->by_kernel = route.repeating == IIOBRIDGE_REPEATING_KERNEL;
	play->repeating = play->repeating || play->by_kernel;
	return 0;
}

static uint64_t end_limit_ns(const struct play *play)
{
	const uint64_t rate = play_route(play)->sample_rate_millihertz;
	const uint64_t total = whole_bytes(play);
	const uint64_t left = play->drained < total ? total - play->drained : 0;
	double nanoseconds;

	if (rate == 0)
		return END_UNKNOWN_RATE_MS * CLOCK_NS_PER_MS;
	nanoseconds = (double)left / (double)play->scan_size * 1e12 / (double)rate;
	if (nanoseconds > END_MAX_NS)
		nanoseconds = END_MAX_NS;
	return (uint64_t)nanoseconds + END_MARGIN_MS * CLOCK_NS_PER_MS;
}

static int check_end(struct play *play)
{
	struct device *device = session_device(play->session);
	const uint64_t now = clock_now_ns();

	if (play->end_deadline_ns == 0)
		play->end_deadline_ns = now + end_limit_ns(play);
	if (now < play->end_deadline_ns)
		return 0;
	return failure_set(device_failure(device), -ETIMEDOUT,
			   "the board at %s does not come to the end of route %u (%s): %" PRIu64
			   " of %" PRIu64 " bytes are played, and no more for too long",
			   device_name(device), session_index(play->session),
			   play_route(play)->name, play->drained, whole_bytes(play));
}

static int watch_board(struct play *play)
{
	const uint64_t drained_before = play->drained;
	int r;

	if (!session_started(play->session))
		return 0;
	r = session_watch(play->session, is_ending(play) ? TURN_MS : STATISTICS_INTERVAL_MS);
	if (r < 0)
		return r;
	note_progress(play);
	r = r > 0 ? judge_stop(play) : note_repetition(play, drained_before);
	if (r == 0 && is_ending(play) && !play->complete)
		r = check_end(play);
	return r;
}

static int play_turn(struct play *play, unsigned int timeout_ms)
{
	int moved, r;

	moved = read_ahead(play, is_starved(play) ? timeout_ms : 0);
	if (moved < 0)
		return moved;
	r = send_block(play);
	if (r < 0)
		return r;
	r = stream_poll(play->stream, moved ? 0 : usb_timeout(play, timeout_ms));
	if (r < 0)
		return r;
	r = watch_board(play);
	return r < 0 ? r : stream_error(play->stream);
}

int play_poll(struct play *play, unsigned int timeout_ms)
{
	return session_judge(play->session, play_turn(play, timeout_ms));
}

bool play_started(const struct play *play)
{
	return session_started(play->session);
}

bool play_complete(const struct play *play)
{
	return play->complete;
}

bool play_repeating(const struct play *play)
{
	return play->repeating;
}

bool play_repeated_by_kernel(const struct play *play)
{
	return play->by_kernel;
}

size_t play_odd_bytes(const struct play *play)
{
	return play->ended ? (size_t)(play->taken - whole_bytes(play)) : 0;
}

/*
 * The transfers are taken back before the route is stopped: what the host still sends to a route
 * that has stopped could be the first that the next run finds at the endpoint.
 */
int play_finish(struct play *play)
{
	int r;

	stream_stop(play->stream);
	if (play->complete)
		return session_take_last_records(play->session);
	r = session_stop(play->session);
	note_progress(play);
	return r;
}

void play_leave(struct play *play)
{
	stream_stop(play->stream);
}

void play_progress(const struct play *play, struct session_progress *progress)
{
	session_fill_progress(play->session, play->drained / play->scan_size, play->nanoseconds,
			      progress);
}
