// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route.c - a capture from one route
 */
#include "capture.h"
#include "host/cmd.h"
#include "host/counter.h"
#include "host/files/clock.h"
#include "host/files/publisher.h"
#include "host/files/units.h"
#include "host/interrupt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What an output may be late by: 0.6 s at what a SuperSpeed bus carries. In the man page, too. */
#define MEMORY ((size_t)256 << 20)

/* How old metadata may be of what has arrived, and behind a gap that they do not tell. */
#define KEEP_NS	    (5 * CLOCK_NS_PER_SECOND)
#define KEEP_GAP_NS (250 * CLOCK_NS_PER_MS)

/* So often somebody looks for records and metadata, where no samples come. */
#define TURN_MS 250

/* ---- the beginning ---- */

static int choose_amount(struct capture *capture)
{
	const struct iiobridge_route *route = capture->route;
	const uint64_t rate = iiobridge_route_sample_rate_millihertz(route);

	capture->wanted = capture->options.common.samples;
	if (!capture->options.microseconds)
		return STATUS_OK;
	if (!rate)
		return failure_set(
			&capture->failure, STATUS_USAGE,
			"-t needs a sample rate, and %s of route %s does not say its own: use -n",
			iiobridge_route_device(route), iiobridge_route_name(route));
	if (units_samples_in(capture->options.microseconds, rate, &capture->wanted) < 0)
		return failure_set(&capture->failure, STATUS_USAGE,
				   "-t is too long for 64 bits of samples");
	return STATUS_OK;
}

static int open_recording(struct capture *capture)
{
	const char *serial = capture->serial;

	snprintf(capture->hw, sizeof(capture->hw), "%s%s%s, %s",
		 iiobridge_board_model(capture->board), *serial ? ", serial number " : "", serial,
		 iiobridge_route_device(capture->route));
	capture->setup = (struct recording_setup){
		.path = capture->options.output,
		.format = capture->options.format,
		.route = capture->route,
		.pairing = capture->options.pairing,
		.hw = capture->hw,
		.author = capture->options.author,
		.is_ending = interrupt_signal,
	};
	if (!capture->options.output)
		return STATUS_OK;
	if (recording_check(&capture->setup, &capture->failure) < 0)
		return STATUS_USAGE;
	if (recording_open(&capture->setup, &capture->failure, &capture->recording) < 0)
		return STATUS_FILE;
	return STATUS_OK;
}

int capture_open_stream(struct capture *capture)
{
	struct iiobridge_rx *rx;
	int status;

	status = cmd_choose_route(&capture->options.common, capture->board, IIOBRIDGE_ROUTE_RX,
				  &capture->failure, &capture->index, &capture->settings);
	if (status != STATUS_OK)
		return status;
	capture->settings.flags = IIOBRIDGE_STREAM_KEEP_RECORDS;
	capture->settings.memory = MEMORY;
	status = cmd_library(&capture->failure, iiobridge_rx_open(capture->board, capture->index,
								  &capture->settings, &rx));
	if (status != STATUS_OK)
		return status;
	pthread_mutex_lock(&capture->lock);
	capture->rx = rx;
	pthread_mutex_unlock(&capture->lock);
	/* Now, as drivers may take their time, and routes are to start together. */
	if (capture->options.output && capture->options.format == RECORDING_SIGMF)
		status = tuning_read_radio(capture->board, capture->index, &capture->failure,
					   &capture->radio);
	return status;
}

/* A copy of the stream's own, which a capture has longer than that. */
static int get_route(struct capture *capture)
{
	int status;

	status = cmd_library(&capture->failure,
			     iiobridge_route_get(capture->board, capture->index, &capture->route));
	if (status != STATUS_OK ||
	    capture_is_same_route(capture->route, iiobridge_rx_route(capture->rx)))
		return status;
	return failure_set(&capture->failure, STATUS_PROTOCOL,
			   "the samples of route %s are others than the board said a moment ago",
			   iiobridge_route_name(capture->route));
}

int capture_prepare(struct capture *capture)
{
	int status;

	snprintf(capture->serial, sizeof(capture->serial), "%s",
		 iiobridge_board_serial(capture->board));
	capture->facts.losses = &capture->losses;
	capture->facts.tunings = &capture->retuning.tunings;
	status = capture_open_stream(capture);
	if (status == STATUS_OK)
		status = get_route(capture);
	if (status == STATUS_OK)
		status = choose_amount(capture);
	if (status == STATUS_OK && capture->options.verify &&
	    verify_new(capture->route, &capture->failure, &capture->verify) < 0)
		status = STATUS_USAGE;
	if (status == STATUS_OK)
		status = open_recording(capture);
	if (status == STATUS_OK && capture->options.common.records &&
	    record_file_open(capture->options.common.records, &capture->failure,
			     &capture->record_file) < 0)
		status = STATUS_FILE;
	return status;
}

void capture_fail(struct capture *capture, int status, const struct failure *reason)
{
	struct capture *none = NULL;

	/* That the output lacks something is told behind a signal, too. */
	if (status == STATUS_OK || (capture->status != STATUS_OK &&
				    !(capture->status > STATUS_SIGNAL && status == STATUS_FILE)))
		return;
	capture->status = status;
	if (status > STATUS_SIGNAL)
		return;
	capture->reason = *reason;
	if (atomic_compare_exchange_strong(capture->first_failed, &none, capture))
		cmd_failed(reason, status);
}

/* A run that brought no sample is forgotten. */
static int begin_run(struct capture *capture)
{
	const struct iiobridge_route *route = capture->route;
	const double rate = iiobridge_route_sample_rate(iiobridge_rx_route(capture->rx));
	const struct gaps *gaps = &capture->losses.gaps;
	struct recording_run *runs;

	if (capture->facts.run_count == 0 ||
	    capture->facts.runs[capture->facts.run_count - 1].at < capture->samples) {
		runs = reallocarray(capture->facts.runs, capture->facts.run_count + 1,
				    sizeof(*runs));
		if (!runs)
			return failure_set(&capture->failure, STATUS_FAILED,
					   "no memory for another run");
		capture->facts.runs = runs;
		capture->facts.run_count++;
	}
	capture->facts.runs[capture->facts.run_count - 1] =
		(struct recording_run){ .at = capture->samples, .radio = capture->radio };
	if (rate != iiobridge_route_sample_rate(route))
		capture->facts.runs[capture->facts.run_count - 1].sample_rate = rate;
	losses_begin_run(&capture->losses, capture->samples);
	capture_forget_tunings(capture);
	if (capture->gaps_seen > gaps->kept_count)
		capture->gaps_seen = gaps->kept_count;
	capture->first = (struct iiobridge_block_record){ 0 };
	capture->arrived_ns = 0;
	capture->has_clock = false;
	/* Nobody knows where a block ends that is sent early. */
	capture->first_left = iiobridge_route_transfer(route) == IIOBRIDGE_TRANSFER_COPY_EARLY
				      ? 1
				      : iiobridge_route_block_size(route);
	capture->started_ns = clock_now_ns();
	return STATUS_OK;
}

int capture_start(struct capture *capture)
{
	int status;

	status = begin_run(capture);
	if (status == STATUS_OK)
		status = cmd_library(&capture->failure, iiobridge_rx_start(capture->rx));
	if (status == STATUS_OK)
		capture->begun = true;
	/* It may have been stopped before it was started. */
	if (atomic_load(&capture->stopping))
		iiobridge_rx_stop(capture->rx);
	capture_fail(capture, status, &capture->failure);
	return status;
}

/* ---- while it runs ---- */

bool capture_has_all(const struct capture *capture)
{
	return capture->wanted && capture->samples == capture->wanted;
}

/* When the first block of a run was there, which tells about when its first sample was taken. */
static void note_arrival(struct capture *capture, size_t size)
{
	struct timespec now;

	if (capture->first_left == 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	capture->arrived_ns = (uint64_t)now.tv_sec * CLOCK_NS_PER_SECOND + (uint64_t)now.tv_nsec;
	capture->first_left -= size < capture->first_left ? size : capture->first_left;
}

static int take(struct capture *capture, const struct iiobridge_block *block)
{
	const uint64_t left = capture->wanted - capture->samples;
	const size_t samples =
		capture->wanted && left < block->samples ? (size_t)left : block->samples;
	const size_t size = samples * iiobridge_route_sample_size(capture->route);

	capture->begun = true;
	note_arrival(capture, size);
	if (capture->verify)
		verify_samples(capture->verify, block->data, size);
	if (capture->recording && recording_write(capture->recording, block->data, size) < 0)
		return STATUS_FILE;
	pthread_mutex_lock(&capture->lock);
	capture->samples += samples;
	capture->nanoseconds = capture->before_ns + clock_now_ns() - capture->started_ns;
	pthread_mutex_unlock(&capture->lock);
	return STATUS_OK;
}

void capture_tell_gaps(struct capture *capture)
{
	const struct gaps *gaps = &capture->losses.gaps;
	const uint64_t end = capture->wanted ? capture->wanted : UINT64_MAX;

	for (; capture->gaps_seen < gaps->kept_count && capture->gaps_told < CAPTURE_TOLD_MAX;
	     capture->gaps_seen++) {
		const struct gap *gap = &gaps->kept[capture->gaps_seen];

		if (gap->lost == 0 || gap->at >= end || capture->options.common.quiet)
			continue;
		capture->gaps_told++;
		cmd_complain("%sgap before sample %" PRIu64 " of the output: %s%" PRIu64
			     " samples are missing",
			     capture->label, gap->at, capture->facts.estimated ? "about " : "",
			     gap->lost);
	}
}

static int take_records(struct capture *capture)
{
	struct iiobridge_statistics_info statistics;
	struct iiobridge_block_record record;

	while (iiobridge_rx_next_record(capture->rx, &record) > 0) {
		losses_take(&capture->losses, &record);
		capture_take_tuning(capture, &record);
		if (!capture->first.samples)
			capture->first = record;
		if (capture->record_file && record_file_write(capture->record_file, &record) < 0)
			return STATUS_FILE;
	}
	/* Whether lengths are estimates is known with the first answer. */
	if (iiobridge_rx_statistics(capture->rx, &statistics) > 0) {
		capture->facts.estimated = capture->facts.estimated || statistics.estimated;
		capture_tell_gaps(capture);
	}
	return STATUS_OK;
}

/* When a run's first sample was taken, of which no clock of the board is known. */
static uint64_t start_by_arrival(const struct capture *capture)
{
	const struct iiobridge_route *route = capture->route;
	const double rate = iiobridge_route_sample_rate(route);
	const struct iiobridge_block_record *first = &capture->first;
	uint64_t samples = first->samples;
	double before = 0;

	if (iiobridge_route_transfer(route) != IIOBRIDGE_TRANSFER_COPY_EARLY)
		samples = iiobridge_route_block_size(route) / iiobridge_route_sample_size(route);
	if (first->delivered_ns > first->filled_ns)
		before = (double)(first->delivered_ns - first->filled_ns);
	if (rate > 0)
		before += (double)samples * 1e9 / rate;
	/* A board may say anything. */
	return before < (double)capture->arrived_ns ? capture->arrived_ns - (uint64_t)before
						    : capture->arrived_ns;
}

/* Time that samples take, nanoseconds; 0 without a rate. */
static uint64_t time_of(const struct capture *capture, uint64_t samples)
{
	const double rate = iiobridge_route_sample_rate(iiobridge_rx_route(capture->rx));
	const double ns = rate > 0 ? (double)samples * 1e9 / rate : 0;

	/* A board may say anything. */
	return ns < (double)capture->first.filled_ns ? (uint64_t)ns : 0;
}

/* Notes what is known of the run so far. Its clock is none any more where the rate was changed. */
static void note_run(struct capture *capture)
{
	struct recording_run *run = &capture->facts.runs[capture->facts.run_count - 1];
	const struct iiobridge_block_record *first = &capture->first;
	struct iiobridge_clock clock;

	run->told =
		capture->losses.told < capture->samples ? capture->losses.told : capture->samples;
	if (iiobridge_rx_clock(capture->rx, &clock) > 0) {
		run->board_ns = clock.time_ns;
		run->start_ns = clock.realtime_ns;
		capture->has_clock = true;
	}
	if (capture->has_clock)
		return;
	run->board_ns = first->filled_ns - time_of(capture, first->first_sample + first->samples);
	run->start_ns = start_by_arrival(capture);
}

/* Soon after the first samples and after each gap, and every few seconds. */
static void keep_metadata(struct capture *capture)
{
	const uint64_t now = clock_now_ns(), age = now - capture->kept_ns;
	const uint64_t gaps = capture->losses.gaps.count;

	if (!capture->recording || capture->samples == 0 ||
	    (capture->kept_ns && age < (gaps == capture->kept_gaps ? KEEP_NS : KEEP_GAP_NS)))
		return;
	capture->kept_ns = now;
	capture->kept_gaps = gaps;
	note_run(capture);
	capture->facts.note = "The capture had not ended when this was written: it goes on, or was "
			      "cut off";
	recording_keep(capture->recording, &capture->facts, capture->samples);
}

/* Takes what comes until there is enough, or the stream ends; of a start that failed, what there
 * is. */
static void stream(struct capture *capture)
{
	const bool started = capture->status == STATUS_OK;
	struct failure reason = { "" };
	struct iiobridge_block block = { 0 };
	int status = STATUS_OK, r;

	do {
		r = iiobridge_rx_acquire(capture->rx, started ? TURN_MS : 0, &block);
		if (r > 0) {
			status = take(capture, &block);
			iiobridge_rx_release(capture->rx, &block);
		}
		if (status == STATUS_OK)
			status = take_records(capture);
		capture_ask_tuning(capture);
		keep_metadata(capture);
	} while ((r > 0 || (r == 0 && started)) && status == STATUS_OK &&
		 !capture_has_all(capture));
	if (status != STATUS_OK)
		capture_fail(capture, status, &capture->failure);
	else if (r < 0 && r != IIOBRIDGE_ERROR_ENDED)
		capture_fail(capture, cmd_library(&reason, r), &reason);
	else if (r == IIOBRIDGE_ERROR_ENDED && interrupt_signal())
		capture_fail(capture, STATUS_SIGNAL + interrupt_signal(), &reason);
}

/* What arrived behind the moment in which an error was known, or as the route was stopped. */
static int take_rest(struct capture *capture)
{
	struct iiobridge_block block = { 0 };
	int status = STATUS_OK;

	while (status == STATUS_OK && !capture_has_all(capture) &&
	       iiobridge_rx_acquire(capture->rx, 0, &block) > 0) {
		status = take(capture, &block);
		iiobridge_rx_release(capture->rx, &block);
	}
	return status;
}

/* Stops the run, and takes account of it. */
static void settle(struct capture *capture)
{
	struct iiobridge_statistics_info statistics;
	struct failure reason = { "" };
	int status;

	status = cmd_library(&reason, iiobridge_rx_stop(capture->rx));
	capture_fail(capture, status, &reason);
	if (capture->status != STATUS_FILE)
		capture_fail(capture, take_rest(capture), &capture->failure);
	if (capture->status != STATUS_FILE)
		capture_fail(capture, take_records(capture), &capture->failure);
	/* What had arrived may have been all. */
	if (capture->status == STATUS_GONE && capture_has_all(capture))
		capture->status = STATUS_OK;
	if (iiobridge_rx_statistics(capture->rx, &statistics) > 0)
		capture->facts.estimated = capture->facts.estimated || statistics.estimated;
	capture_settle_tuning(capture);
	note_run(capture);
}

/* ---- all of it ---- */

void capture_run(struct capture *capture)
{
	do {
		stream(capture);
		settle(capture);
	} while (capture->status == STATUS_GONE && capture->begun && capture->options.reconnect &&
		 capture_go_on(capture));
	/* A signal is how a capture without an end is meant to end. */
	if (capture->status > STATUS_SIGNAL && !capture->wanted)
		capture->status = STATUS_OK;
}

void capture_stop(struct capture *capture)
{
	atomic_store(&capture->stopping, true);
	pthread_mutex_lock(&capture->lock);
	if (capture->rx)
		iiobridge_rx_stop(capture->rx);
	pthread_mutex_unlock(&capture->lock);
}

void capture_get_progress(struct capture *capture, struct progress *progress)
{
	*progress = (struct progress){
		.serial = capture->serial,
		.route = capture->route,
		.samples_wanted = capture->wanted,
		.published = endpoint_of(capture->options.output),
	};
	pthread_mutex_lock(&capture->lock);
	progress->samples = capture->samples;
	progress->nanoseconds = capture->nanoseconds;
	progress->gaps_before = capture->gaps_before;
	progress->lost_before = capture->lost_before;
	/* Between two runs all that is known is of those before. */
	progress->losses_known =
		!capture->rx || iiobridge_rx_statistics(capture->rx, &progress->statistics) > 0;
	pthread_mutex_unlock(&capture->lock);
}

void capture_release(struct capture *capture)
{
	iiobridge_rx_close(capture->rx);
	recording_free(capture->recording);
	record_file_close(capture->record_file);
	verify_free(capture->verify);
	losses_clear(&capture->losses);
	free(capture->facts.runs);
	free(capture->retuning.tunings.list);
	iiobridge_route_free(capture->route);
	iiobridge_board_close(capture->board_again);
	free(capture->paths[0]);
	free(capture->paths[1]);
	pthread_mutex_destroy(&capture->lock);
}
