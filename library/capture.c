// SPDX-License-Identifier: GPL-2.0-or-later
#include "backlog.h"
#include "board.h"

#include "host/capture.h"
#include "host/clock.h"
#include "host/device.h"

#include <errno.h>
#include <stdlib.h>

struct iiobridge_capture {
	struct iiobridge_board *board;
	struct capture *capture;
	struct backlog *backlog;
	bool held;
	bool stopping;
	int error;
	struct failure reason; /* of @error */
};

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct iiobridge_capture *capture = context;

	if (capture->stopping)
		return 0;
	backlog_add_scans(capture->backlog, data, size);
	capture->held = backlog_is_full(capture->backlog);
	if (capture->held)
		capture_hold(capture->capture, true);
	return 0;
}

static int take_step(void *context, const struct trail_step *step)
{
	struct iiobridge_capture *capture = context;

	/* Before the backlog is made, and when it is no more needed, nobody waits for the samples.
	 */
	if (!capture->backlog || capture->stopping ||
	    backlog_add_block(capture->backlog, step) == 0)
		return 0;
	return failure_set(device_failure(board_device(capture->board)), -ENOMEM,
			   "no memory for what the records say");
}

static int start(struct iiobridge_capture *capture, unsigned int route,
		 const struct iiobridge_parameters *parameters)
{
	struct device *device = board_device(capture->board);
	struct session_settings settings;
	int r;

	r = board_begin_run(capture->board, route, parameters, &settings);
	if (r < 0)
		return r;
	settings.observer = take_step;
	settings.observer_context = capture;
	r = capture_new(device, &settings, &capture->capture);
	if (r < 0)
		goto err_end;
	capture->backlog = backlog_new(capture_route(capture->capture));
	if (!capture->backlog) {
		r = failure_set(device_failure(device), -ENOMEM,
				"no memory for captured samples that wait");
		goto err_free;
	}
	r = capture_start(capture->capture, 0, take_scans, capture);
	if (r == 0)
		return 0;

	/* What the start says is the reason, not what follows from it. */
	capture->reason = *device_failure(device);
	capture->stopping = true;
	capture_finish(capture->capture);
	*device_failure(device) = capture->reason;
err_free:
	capture_free(capture->capture);
	backlog_free(capture->backlog);
err_end:
	board_end_run(capture->board);
	return r;
}

int iiobridge_capture_start(struct iiobridge_board *board, unsigned int route,
			    const struct iiobridge_parameters *parameters,
			    struct iiobridge_capture **ret)
{
	struct iiobridge_capture *capture = calloc(1, sizeof(*capture));
	int r;

	board_enter(board);
	if (capture) {
		capture->board = board;
		r = start(capture, route, parameters);
	} else {
		r = failure_set(device_failure(board_device(board)), -ENOMEM,
				"no memory for the capture");
	}
	board_failed(board, r);
	board_leave(board);
	if (r < 0) {
		free(capture);
		return r;
	}
	*ret = capture;
	return 0;
}

const struct iiobridge_route_info *iiobridge_capture_route(const struct iiobridge_capture *capture)
{
	return capture_route(capture->capture);
}

static size_t take(struct iiobridge_capture *capture, uint8_t *data, size_t scans,
		   struct iiobridge_piece *piece)
{
	const size_t taken = backlog_take(capture->backlog, data, scans, piece);

	if (capture->held && !backlog_is_full(capture->backlog)) {
		capture->held = false;
		capture_hold(capture->capture, false);
	}
	return taken;
}

/* Moves on once. What is there comes before an error, and the error again and again. */
static ssize_t move_on(struct iiobridge_capture *capture, uint8_t *data, size_t scans,
		       unsigned int timeout_ms, struct iiobridge_piece *piece)
{
	size_t taken = take(capture, data, scans, piece);

	if (taken > 0)
		return (ssize_t)taken;
	if (!capture->error) {
		capture->error = capture_poll(capture->capture, timeout_ms);
		capture->reason = *device_failure(board_device(capture->board));
		taken = take(capture, data, scans, piece);
	}
	if (taken > 0 || !capture->error)
		return (ssize_t)taken;
	message_set(&capture->reason);
	return capture->error;
}

ssize_t iiobridge_capture_read(struct iiobridge_capture *capture, void *data, size_t scans,
			       unsigned int timeout_ms, struct iiobridge_piece *piece)
{
	const uint64_t end = clock_now_ns() + timeout_ms * CLOCK_NS_PER_MS;
	struct iiobridge_piece unused;
	unsigned int left;
	ssize_t got;

	do {
		left = board_time_left(end);
		board_enter(capture->board);
		got = move_on(capture, data, scans, left, piece ? piece : &unused);
		board_leave(capture->board);
	} while (got == 0 && left > 0);
	return got;
}

int iiobridge_capture_stop(struct iiobridge_capture *capture,
			   struct iiobridge_statistics *statistics)
{
	struct session_progress progress;
	struct iiobridge_board *board;
	int r;

	if (!capture)
		return 0;
	board = capture->board;
	board_enter(board);
	capture->stopping = true;
	r = capture_finish(capture->capture);
	board_failed(board, r);
	capture_progress(capture->capture, &progress);
	capture_free(capture->capture);
	board_end_run(board);
	board_leave(board);
	backlog_free(capture->backlog);
	free(capture);
	if (statistics)
		*statistics = progress.statistics_known ? progress.statistics
							: (struct iiobridge_statistics){ 0 };
	return r == -ENODEV ? 0 : r;
}
