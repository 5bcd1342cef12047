// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_job.h"

#include "clock.h"
#include "cmd.h"
#include "device.h"
#include "interrupt.h"
#include "status.h"
#include "trail.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How old metadata may be of what has arrived, and behind a gap that they do not tell. */
#define KEEP_NS	    (5 * CLOCK_NS_PER_SECOND)
#define KEEP_GAP_NS (250 * CLOCK_NS_PER_MS)

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct capture_job *job = context;
	int r;

	job->begun = true;
	runs_note_arrival(&job->runs, size);
	if (job->verify)
		verify_scans(job->verify, data, size);
	if (!job->recording)
		return 0;
	r = recording_write(job->recording, data, size);
	job->job.file_failed = job->job.file_failed || r < 0;
	return r;
}

static int choose_amount(struct capture_job *job)
{
	const struct iiobridge_route_info *route = &job->route;
	struct failure *failure = job->job.failure;

	job->job.wanted = job->options->common.samples;
	if (!job->options->microseconds)
		return 0;
	if (!route->sample_rate_millihertz)
		return failure_set(
			failure, -EINVAL,
			"-t needs a sample rate, and %s of route %s does not say its own: "
			"use -n",
			route->device, route->name);
	if (units_scans_in(job->options->microseconds, route->sample_rate_millihertz,
			   &job->job.wanted) < 0)
		return failure_set(failure, -EINVAL, "-t is too long for 64 bits of samples");
	return 0;
}

static int set_up_recording(struct capture_job *job, const struct device *device)
{
	const struct capture_options *options = job->options;
	const struct iiobridge_route_info *route = &job->route;
	const char *serial = device_serial(device);

	snprintf(job->hw, sizeof(job->hw), "%s%s%s, %s", device_info(device)->model,
		 *serial ? ", serial number " : "", serial, route->device);
	job->setup = (struct recording_setup){
		.path = options->output,
		.format = options->format,
		.route = route,
		.channels = job->channels,
		.pairing = options->pairing,
		.hw = job->hw,
		.author = options->author,
	};
	return recording_check(&job->setup, job->job.failure);
}

static int open_recording(struct capture_job *job)
{
	int r;

	if (!job->options->output)
		return 0;
	r = recording_open(&job->setup, job->job.failure, &job->recording);
	job->job.file_failed = r < 0;
	return r;
}

/* Bytes after which a first block has arrived; nobody knows where one ends that is sent early. */
static uint64_t first_arrival(const struct iiobridge_route_info *route)
{
	return route->transfer == IIOBRIDGE_COPY_EARLY ? 1 : route->block_size;
}

/* Prepares a run of the route, whose records go on with those of the runs before. */
static int prepare_run(struct capture_job *job, struct device *device)
{
	struct session_settings settings;
	int r;

	r = job_choose_route(&job->job, device, &settings);
	if (r < 0)
		return r;
	settings.trail = job->runs.trail;
	settings.place = job->runs.scans;
	r = capture_new(device, &settings, &job->capture);
	if (r < 0)
		return r;
	return runs_begin(&job->runs, first_arrival(capture_route(job->capture)), job->job.failure);
}

/* The files are opened last: a capture that cannot begin leaves older ones alone. */
int capture_job_prepare(struct capture_job *job, struct device *device)
{
	const struct iiobridge_route_info *route = &job->route;
	int r;

	r = runs_init(&job->runs, job->job.failure);
	if (r == 0)
		r = prepare_run(job, device);
	if (r < 0)
		return r;
	job->route = *capture_route(job->capture);
	memcpy(job->channels, job->job.channels, sizeof(job->channels));
	r = choose_amount(job);
	if (r < 0)
		return r;

	if (job->options->verify) {
		r = verify_new(job->channels, route->channel_count, route->channel_mask,
			       route->bytes_per_scan, job->job.failure, &job->verify);
		if (r < 0)
			return r;
	}
	r = set_up_recording(job, device);
	if (r == 0)
		r = open_recording(job);
	return r < 0 ? r : job_open_record_file(&job->job, route);
}

static struct recording_facts facts_of(const struct capture_job *job, const char *note)
{
	return (struct recording_facts){
		.trail = job->runs.trail,
		.estimated = job->estimated,
		.runs = job->runs.list,
		.run_count = job->runs.count,
		.note = note,
		.collection = job->collection,
	};
}

/* Soon after the first samples and after each gap, and every few seconds. */
static void keep_metadata(struct capture_job *job, const struct session_progress *progress)
{
	const uint64_t now = clock_now_ns();
	const uint64_t gaps = trail_gaps(job->runs.trail)->count;
	const uint64_t age = now - job->kept_ns;
	const struct recording_facts facts =
		facts_of(job, "The capture had not ended when this was written: it goes on, or was "
			      "cut off");

	if (!job->recording || progress->scans == 0 ||
	    (job->kept_ns && age < (gaps == job->kept_gaps ? KEEP_NS : KEEP_GAP_NS)))
		return;
	job->kept_ns = now;
	job->kept_gaps = gaps;
	runs_settle(&job->runs, progress);
	recording_keep(job->recording, &facts, job->runs.scans + progress->scans);
}

int capture_job_turn(void *context, unsigned int timeout_ms)
{
	struct capture_job *job = context;
	struct session_progress progress;
	int r;

	if (capture_complete(job->capture))
		return 1;
	r = capture_poll(job->capture, timeout_ms);
	capture_progress(job->capture, &progress);
	if (progress.statistics_known)
		capture_tell_gaps(job, progress.statistics.estimated);
	keep_metadata(job, &progress);
	return r < 0 ? r : capture_complete(job->capture);
}

static const struct job_moves moves = { capture_job_turn, capture_get_progress };

static int finish_recording(struct capture_job *job, int status)
{
	struct recording_facts facts;
	int r;

	if (!job->recording)
		return status;
	facts = facts_of(job, job->note[0] ? job->note : NULL);
	r = recording_finish(job->recording, &facts, &job->end);
	job->finished = true;
	return job_close(&job->job, r, status);
}

/* Starts the run that was prepared, for what is missing of the amount. */
int capture_job_start(struct capture_job *job)
{
	const uint64_t left = job->job.wanted ? job->job.wanted - job->runs.scans : 0;
	struct failure reason;
	int r;

	r = capture_start(job->capture, left, take_scans, job);
	if (r < 0) {
		reason = *job->job.failure;
		capture_finish(job->capture);
		*job->job.failure = reason;
		return r;
	}
	job->begun = true;
	return 0;
}

/* Takes account of a run that was stopped. */
static int settle(struct capture_job *job, int status)
{
	struct session_progress session;

	/* What had arrived may have been all. */
	if (status == STATUS_GONE && capture_complete(job->capture))
		status = STATUS_OK;
	capture_progress(job->capture, &session);
	job->estimated = job->estimated || session.statistics.estimated;
	runs_settle(&job->runs, &session);
	return status;
}

int capture_job_stop(struct capture_job *job, int status)
{
	int r;

	/* The first thing that failed decides the exit status; a consequence of it says no more. */
	r = capture_finish(job->capture);
	if (r < 0 && status == STATUS_OK)
		status = job_complain(&job->job, r);
	return settle(job, status);
}

/* Streams the run that was prepared, to its end. What came before a start failed is of it, too. */
static int stream(struct capture_job *job)
{
	const int r = capture_job_start(job);

	if (r < 0)
		return settle(job, job_complain(&job->job, r));
	return capture_job_stop(job, job_stream(&job->job, &moves, job));
}

/* Ends the run of a board that went away, and leaves the board. */
static int end_run(struct capture_job *job)
{
	struct session_progress session;
	int r = 0;

	capture_progress(job->capture, &session);
	runs_end(&job->runs, &session);
	if (job->verify)
		verify_restart(job->verify, job->runs.list[job->runs.count - 1].told);
	if (job->gaps_seen > trail_gaps(job->runs.trail)->kept_count)
		job->gaps_seen = trail_gaps(job->runs.trail)->kept_count;
	capture_free(job->capture);
	job->capture = NULL;
	if (job->job.record_file)
		r = record_file_break(job->job.record_file, job->runs.scans);
	job->job.file_failed = job->job.file_failed || r < 0;
	return r;
}

static int check_same_route(struct capture_job *job)
{
	const struct iiobridge_route_info *route = capture_route(job->capture);
	const struct iiobridge_route_info *first = &job->route;

	if (strcmp(route->name, first->name) == 0 && route->channel_mask == first->channel_mask &&
	    route->bytes_per_scan == first->bytes_per_scan &&
	    route->channel_count == first->channel_count &&
	    memcmp(job->channels, job->job.channels,
		   route->channel_count * sizeof(job->channels[0])) == 0)
		return 0;
	return failure_set(job->job.failure, -EINVAL,
			   "the board is back with another configuration: route %s (channel mask "
			   "0x%x, %u bytes per sample) cannot go on where route %s (0x%x, %u) "
			   "ended: begin another capture",
			   route->name, route->channel_mask, route->bytes_per_scan, first->name,
			   first->channel_mask, first->bytes_per_scan);
}

/* Returns when the board is back and can stream, or never will. */
static int prepare_again(struct capture_job *job)
{
	int r;

	do {
		capture_free(job->capture);
		job->capture = NULL;
		r = job_reconnect(&job->job);
		if (r == 0)
			r = prepare_run(job, job->job.device);
		if (r == 0)
			r = check_same_route(job);
	} while (r == -ENODEV);
	return r;
}

/* Goes on with the capture when the board is back. */
static int go_on(struct capture_job *job)
{
	int status, r;

	r = end_run(job);
	if (r < 0)
		return job_complain(&job->job, r);
	if (!job->options->common.quiet)
		job_tell(&job->job, "waiting for the board%s%s, to go on with sample %" PRIu64,
			 job->job.serial[0] ? " " : "", job->job.serial, job->runs.scans);
	r = prepare_again(job);
	if (r == 0)
		return stream(job);
	if (r == -EINTR)
		return STATUS_SIGNAL + interrupt_signal();
	status = job_complain(&job->job, r);
	/* That it did not come back is what went wrong. */
	return r == -ENOENT ? STATUS_GONE : status;
}

int capture_job_end(struct capture_job *job, int status)
{
	status = finish_recording(job, status);
	status = job_close_record_file(&job->job, status);
	return capture_tell_end(job, status);
}

void capture_job_clear(struct capture_job *job)
{
	recording_free(job->recording);
	record_file_close(job->job.record_file);
	verify_free(job->verify);
	capture_free(job->capture);
	runs_clear(&job->runs);
}

static int run(struct capture_job *job)
{
	int status;

	interrupt_catch();
	status = stream(job);
	/* A start that was refused leaves nothing to tell of. */
	if (!job->begun)
		return status;
	while (status == STATUS_GONE && job->options->reconnect && job->capture)
		status = go_on(job);
	if (status > STATUS_SIGNAL && !job->job.wanted)
		status = STATUS_OK;
	return capture_job_end(job, status);
}

int capture_job_work(void *context, struct device *device)
{
	struct capture_job *job = context;
	int status, r;

	r = capture_job_prepare(job, device);
	status = r == 0 ? run(job) : job_complain(&job->job, r);
	capture_job_clear(job);
	return status;
}
