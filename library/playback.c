// SPDX-License-Identifier: GPL-2.0-or-later
#include "board.h"

#include "host/clock.h"
#include "host/device.h"
#include "host/play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct iiobridge_playback {
	struct iiobridge_board *board;
	struct play *play;
	const uint8_t *data; /* of the write that waits */
	size_t size;	     /* bytes of it that were not taken */
	bool ended;	     /* there will be no other */
	bool finished;
	size_t underruns_told;
	int error;
	struct failure reason; /* of @error */
};

/* Whole scans: blocks have a whole number of them, so that there is always room for one. */
static ssize_t give_scans(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct iiobridge_playback *playback = context;

	(void)timeout_ms;
	if (playback->size == 0)
		return playback->ended ? 0 : -EAGAIN;
	size -= size % play_route(playback->play)->bytes_per_scan;
	if (size > playback->size)
		size = playback->size;
	memcpy(data, playback->data, size);
	playback->data += size;
	playback->size -= size;
	return (ssize_t)size;
}

static int start(struct iiobridge_playback *playback, unsigned int route,
		 const struct iiobridge_parameters *parameters)
{
	struct session_settings settings;
	int r;

	r = board_begin_run(playback->board, route, parameters, &settings);
	if (r < 0)
		return r;
	r = play_new(board_device(playback->board), &settings, &playback->play);
	if (r < 0) {
		board_end_run(playback->board);
		return r;
	}
	play_begin(playback->play, 0, give_scans, playback);
	return 0;
}

int iiobridge_playback_start(struct iiobridge_board *board, unsigned int route,
			     const struct iiobridge_parameters *parameters,
			     struct iiobridge_playback **ret)
{
	struct iiobridge_playback *playback = calloc(1, sizeof(*playback));
	int r;

	board_enter(board);
	if (playback) {
		playback->board = board;
		r = start(playback, route, parameters);
	} else {
		r = failure_set(device_failure(board_device(board)), -ENOMEM,
				"no memory for the playback");
	}
	board_failed(board, r);
	board_leave(board);
	if (r < 0) {
		free(playback);
		return r;
	}
	*ret = playback;
	return 0;
}

const struct iiobridge_route_info *
iiobridge_playback_route(const struct iiobridge_playback *playback)
{
	return play_route(playback->play);
}

/* Moves on once. An error comes again and again. */
static int move_on(struct iiobridge_playback *playback, unsigned int timeout_ms)
{
	if (!playback->error) {
		playback->error = play_poll(playback->play, timeout_ms);
		playback->reason = *device_failure(board_device(playback->board));
	}
	if (playback->error)
		message_set(&playback->reason);
	return playback->error;
}

ssize_t iiobridge_playback_write(struct iiobridge_playback *playback, const void *data,
				 size_t scans, unsigned int timeout_ms)
{
	const uint64_t end = clock_now_ns() + timeout_ms * CLOCK_NS_PER_MS;
	const size_t scan = play_route(playback->play)->bytes_per_scan;
	unsigned int left;
	size_t rest;
	int r;

	playback->data = data;
	playback->size = scans * scan;
	do {
		left = board_time_left(end);
		board_enter(playback->board);
		r = move_on(playback, left);
		board_leave(playback->board);
	} while (r == 0 && playback->size > 0 && left > 0);
	rest = playback->size / scan;
	playback->size = 0;
	return r < 0 ? r : (ssize_t)(scans - rest);
}

int iiobridge_playback_next_underrun(struct iiobridge_playback *playback,
				     struct iiobridge_underrun *underrun)
{
	const struct gaps *gaps;
	int r = 0;

	board_enter(playback->board);
	gaps = trail_gaps(play_trail(playback->play));
	if (playback->underruns_told < gaps->kept_count) {
		const struct gap *gap = &gaps->kept[playback->underruns_told++];

		*underrun = (struct iiobridge_underrun){ gap->at, gap->lost };
		r = 1;
	}
	board_leave(playback->board);
	return r;
}

/* The last records come behind the end. */
static int finish(struct iiobridge_playback *playback, unsigned int timeout_ms)
{
	int r;

	if (playback->finished)
		return 1;
	playback->ended = true;
	r = move_on(playback, timeout_ms);
	if (r < 0 || !play_complete(playback->play))
		return r;
	playback->finished = true;
	r = board_failed(playback->board, play_finish(playback->play));
	return r < 0 ? r : 1;
}

int iiobridge_playback_finish(struct iiobridge_playback *playback, unsigned int timeout_ms)
{
	const uint64_t end = clock_now_ns() + timeout_ms * CLOCK_NS_PER_MS;
	unsigned int left;
	int r;

	do {
		left = board_time_left(end);
		board_enter(playback->board);
		r = finish(playback, left);
		board_leave(playback->board);
	} while (r == 0 && left > 0);
	return r;
}

int iiobridge_playback_stop(struct iiobridge_playback *playback,
			    struct iiobridge_statistics *statistics)
{
	struct session_progress progress;
	struct iiobridge_board *board;
	int r;

	if (!playback)
		return 0;
	board = playback->board;
	board_enter(board);
	r = playback->finished ? 0 : play_finish(playback->play);
	board_failed(board, r);
	play_progress(playback->play, &progress);
	play_free(playback->play);
	board_end_run(board);
	board_leave(board);
	free(playback);
	if (statistics)
		*statistics = progress.statistics_known ? progress.statistics
							: (struct iiobridge_statistics){ 0 };
	return r == -ENODEV ? 0 : r;
}
