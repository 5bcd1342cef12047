// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconnect.c - a capture that goes on when its board was away
 */
#include "capture.h"
#include "host/cmd.h"
#include "host/counter.h"

#include <inttypes.h>
#include <string.h>

/* The run of a board that went away has the gaps that its records tell. */
static int end_run(struct capture *capture)
{
	const struct recording_run *run = &capture->facts.runs[capture->facts.run_count - 1];
	const struct gaps *gaps = &capture->losses.gaps;
	struct iiobridge_rx *rx = capture->rx;

	pthread_mutex_lock(&capture->lock);
	for (size_t i = gaps->kept_count; i > 0 && gaps->kept[i - 1].at >= run->at; i--) {
		if (gaps->kept[i - 1].at >= capture->samples)
			continue;
		capture->gaps_before++;
		capture->lost_before += gaps->kept[i - 1].lost;
	}
	capture->before_ns = capture->nanoseconds;
	capture->rx = NULL;
	pthread_mutex_unlock(&capture->lock);
	iiobridge_rx_close(rx);
	if (capture->verify)
		verify_restart(capture->verify, run->told);
	if (capture->record_file && record_file_break(capture->record_file, capture->samples) < 0)
		return STATUS_FILE;
	return STATUS_OK;
}

static bool is_same_channel(const struct iiobridge_channel *one,
			    const struct iiobridge_channel *other)
{
	return strcmp(iiobridge_channel_id(one), iiobridge_channel_id(other)) == 0 &&
	       iiobridge_channel_offset(one) == iiobridge_channel_offset(other) &&
	       channel_has_same_format(one, other);
}

bool capture_is_same_route(const struct iiobridge_route *one, const struct iiobridge_route *other)
{
	bool same = strcmp(iiobridge_route_name(one), iiobridge_route_name(other)) == 0 &&
		    iiobridge_route_channel_mask(one) == iiobridge_route_channel_mask(other) &&
		    iiobridge_route_sample_size(one) == iiobridge_route_sample_size(other) &&
		    iiobridge_route_channel_count(one) == iiobridge_route_channel_count(other);

	for (unsigned int i = 0; same && i < iiobridge_route_channel_count(one); i++)
		same = is_same_channel(iiobridge_route_channel(one, i),
				       iiobridge_route_channel(other, i));
	return same;
}

static int check_same_route(struct capture *capture)
{
	const struct iiobridge_route *route = iiobridge_rx_route(capture->rx);
	const struct iiobridge_route *first = capture->route;

	if (capture_is_same_route(route, first))
		return STATUS_OK;
	return failure_set(&capture->failure, STATUS_USAGE,
			   "the board is back with another configuration: route %s (channel mask "
			   "0x%x, %zu bytes per sample) cannot go on where route %s (0x%x, %zu) "
			   "ended: begin another capture",
			   iiobridge_route_name(route), iiobridge_route_channel_mask(route),
			   iiobridge_route_sample_size(route), iiobridge_route_name(first),
			   iiobridge_route_channel_mask(first), iiobridge_route_sample_size(first));
}

static void close_stream(struct capture *capture)
{
	struct iiobridge_rx *rx = capture->rx;

	pthread_mutex_lock(&capture->lock);
	capture->rx = NULL;
	pthread_mutex_unlock(&capture->lock);
	iiobridge_rx_close(rx);
}

/* Returns when the board is back and can stream, or never will. */
static int prepare_again(struct capture *capture)
{
	const char *serial = capture->serial[0] ? capture->serial : NULL;
	int status;

	do {
		struct iiobridge_board *board;

		close_stream(capture);
		status = cmd_await(serial, capture->options.common.wait_us, &capture->failure,
				   &board);
		if (status != STATUS_OK)
			break;
		iiobridge_board_close(capture->board_again);
		capture->board = capture->board_again = board;
		status = capture_open_stream(capture);
		if (status == STATUS_OK)
			status = check_same_route(capture);
	} while (status == STATUS_GONE);
	return status;
}

bool capture_go_on(struct capture *capture)
{
	int status;

	capture->status = STATUS_OK;
	atomic_store(capture->first_failed, NULL);
	status = end_run(capture);
	if (status == STATUS_OK) {
		if (!capture->options.common.quiet)
			cmd_complain("%swaiting for the board%s%s, to go on with sample %" PRIu64,
				     capture->label, capture->serial[0] ? " " : "", capture->serial,
				     capture->samples);
		status = prepare_again(capture);
	}
	if (status == STATUS_OK) {
		capture_start(capture);
		return true;
	}
	capture_fail(capture, status, &capture->failure);
	/* That it did not come back is what went wrong. */
	if (capture->status == STATUS_NO_BOARD)
		capture->status = STATUS_GONE;
	return false;
}
