// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"
#include "cmd.h"
#include "interrupt.h"
#include "job.h"
#include "sink.h"
#include "status.h"
#include "trail.h"
#include "units.h"
#include "verdict.h"
#include "verify.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* So many gaps are told one by one. */
#define GAPS_TOLD_MAX 10

static const char help[] =
	"Usage: iiobridge capture [-n SAMPLES | -t TIME] [-o FILE] [OPTION...]\n"
	"\n"
	"Captures samples from a board's ADC. One sample is one value of each channel.\n"
	"Without -n and -t it goes on until Ctrl-C.\n"
	"\n"
	"  -n, --samples COUNT    stop after exactly so many: 10M, 64Mi, 1000\n"
	"  -t, --time TIME        stop after so much of the ADC's time: 2.5s, 100ms, 1min\n"
	"  -o, --output FILE      write the samples there; - is standard output\n"
	"      --verify counter   check the counter pattern; without -o, only check\n"
	"  -r, --route ROUTE      the route, where the board has several for capture\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"      --records FILE     write what became of each block there, a line for each\n"
	"  -q, --quiet            no progress and no summary; losses are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 done (also after Ctrl-C without -n and -t), 6 board gone,\n"
	"7 board refused, 9 output failed, 10 --verify found wrong samples or a loss that\n"
	"the board did not report as it was, 130 Ctrl-C; see iiobridge --help for all.\n";

struct capture_options {
	struct options common;
	const char *output;
	uint64_t microseconds;
	bool verify;
};

struct capture_job {
	struct job job;
	const struct capture_options *options;
	struct capture *capture;
	struct verify *verify;
	struct sink *sink;
	size_t gaps_seen; /* gaps of the records that were looked at */
	size_t gaps_told;
};

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct capture_job *job = context;
	int r;

	if (job->verify)
		verify_scans(job->verify, data, size);
	if (!job->sink)
		return 0;
	r = sink_write(job->sink, data, size);
	job->job.file_failed = job->job.file_failed || r < 0;
	return r;
}

static int choose_amount(struct capture_job *job)
{
	const struct iiobridge_route_info *route = capture_route(job->capture);
	struct failure *failure = &job->job.failure;

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

/* The files are opened last: a capture that cannot begin leaves older ones alone. */
static int prepare(struct capture_job *job, struct device *device)
{
	const struct iiobridge_route_info *route;
	struct session_settings settings;
	int r;

	r = job_choose_route(&job->job, device, &settings);
	if (r < 0)
		return r;
	r = capture_new(device, &settings, &job->capture);
	if (r < 0)
		return r;
	r = choose_amount(job);
	if (r < 0)
		return r;

	route = capture_route(job->capture);
	if (job->options->verify) {
		r = verify_new(job->job.channels, job->job.route.channel_count, route->channel_mask,
			       route->bytes_per_scan, &job->job.failure, &job->verify);
		if (r < 0)
			return r;
	}
	if (job->options->output) {
		r = sink_open(job->options->output, false, &job->job.failure, &job->sink);
		job->job.file_failed = r < 0;
	}
	return r < 0 ? r : job_open_record_file(&job->job, route);
}

/* Up to where gaps are gaps in the output. */
static uint64_t output_end(const struct capture_job *job)
{
	return job->job.wanted ? job->job.wanted : UINT64_MAX;
}

/* Tells of the gaps that became known meanwhile. */
static void tell_gaps(struct capture_job *job, bool estimated)
{
	const struct gaps *gaps = trail_gaps(capture_trail(job->capture));

	if (job->options->common.quiet)
		return;
	for (; job->gaps_seen < gaps->kept_count && job->gaps_told < GAPS_TOLD_MAX;
	     job->gaps_seen++) {
		const struct gap *gap = &gaps->kept[job->gaps_seen];

		if (gap->lost == 0 || gap->at >= output_end(job))
			continue;
		job->gaps_told++;
		job_tell(&job->job,
			 "gap before sample %" PRIu64 " of the output: %s%" PRIu64
			 " samples are missing",
			 gap->at, estimated ? "about " : "", gap->lost);
	}
}

static void tell_more_gaps(struct capture_job *job)
{
	const size_t count = gaps_before(trail_gaps(capture_trail(job->capture)), output_end(job));

	if (!job->options->common.quiet && count > job->gaps_told)
		job_tell(&job->job, "and %zu more", count - job->gaps_told);
}

static int turn(void *context, unsigned int timeout_ms)
{
	struct capture_job *job = context;
	struct session_progress progress;
	int r;

	if (capture_complete(job->capture))
		return 1;
	r = capture_poll(job->capture, timeout_ms);
	capture_progress(job->capture, &progress);
	if (progress.statistics_known)
		tell_gaps(job, progress.statistics.estimated);
	return r < 0 ? r : capture_complete(job->capture);
}

static void get_progress(void *context, struct progress *progress)
{
	const struct capture_job *job = context;
	struct session_progress session;

	capture_progress(job->capture, &session);
	job_fill_progress(&job->job, capture_route(job->capture), &session,
			  capture_trail(job->capture), progress);
}

static const struct job_moves moves = { turn, get_progress };

static void tell_losses(const struct progress *progress)
{
	if (progress->losses_known && (progress->gaps || progress->scans_lost))
		cmd_complain("SAMPLES ARE MISSING: the board had no free block %" PRIu64
			     " times and lost %s%" PRIu64 " samples",
			     progress->gaps, progress->estimated ? "about " : "",
			     progress->scans_lost);
}

static int tell_verification(const struct capture_job *job, const struct progress *progress)
{
	const struct verify_result *result = verify_result(job->verify);
	struct verdict_losses losses = { 0 };
	struct verdict verdict;

	if (progress->losses_known)
		losses = (struct verdict_losses){
			.gaps = progress->gaps,
			.scans_lost = progress->scans_lost,
			.estimated = progress->estimated,
		};
	verdict_find(job->verify, capture_trail(job->capture), &losses, &verdict);
	if (!job->options->common.quiet)
		fprintf(stderr,
			"counter: %" PRIu64 " samples checked, wrong %" PRIu64 ", jumps %" PRIu64
			", missing %" PRIu64 "; records: %s\n",
			result->scans, result->wrong, result->jumps, result->missing,
			verdict.compared);
	if (verdict.good)
		return STATUS_OK;
	cmd_complain("%s", verdict.reason);
	return STATUS_VERIFY;
}

static int run(struct capture_job *job)
{
	struct progress progress;
	int status, ending, r;

	interrupt_catch();
	r = capture_start(job->capture, job->job.wanted, take_scans, job);
	if (r < 0) {
		status = job_complain(&job->job, r);
		capture_finish(job->capture);
		return status;
	}
	status = job_stream(&job->job, &moves, job);
	if (status > STATUS_SIGNAL && !job->job.wanted)
		status = STATUS_OK;

	/* The first thing that failed decides the exit status; a consequence of it says no more. */
	r = capture_finish(job->capture);
	if (r < 0 && status == STATUS_OK)
		status = job_complain(&job->job, r);
	status = job_close(&job->job, sink_close(job->sink), status);
	job->sink = NULL;
	status = job_close_record_file(&job->job, status);

	get_progress(job, &progress);
	tell_gaps(job, progress.estimated);
	tell_more_gaps(job);
	job_tell_summary(&job->job, &progress);
	tell_losses(&progress);
	if (job->verify) {
		ending = tell_verification(job, &progress);
		if (status == STATUS_OK || status > STATUS_SIGNAL)
			status = ending != STATUS_OK ? ending : status;
	}
	return status;
}

static int capture_samples(void *context, struct device *device)
{
	struct capture_job *job = context;
	int status, r;

	r = prepare(job, device);
	status = r == 0 ? run(job) : job_complain(&job->job, r);
	sink_close(job->sink);
	record_file_close(job->job.record_file);
	verify_free(job->verify);
	capture_free(job->capture);
	return status;
}

static int parse_option(const char *command, int option, struct capture_options *options)
{
	switch (option) {
	case 'o':
		options->output = optarg;
		return STATUS_OK;
	case 't':
		return options_parse_number(command, "-t", optarg, units_parse_duration,
					    "a time longer than 0, such as 2.5s, 100ms or 1min",
					    &options->microseconds);
	case OPTION_VERIFY:
		options->verify = true;
		return options_parse_pattern(command, "--verify", optarg);
	default:
		return options_take(&options->common, command, option);
	}
}

static int check_options(const char *command, const struct capture_options *options)
{
	if (options->common.samples && options->microseconds)
		return cmd_usage(command, "-n and -t both say when to stop: give one of them");
	if (!options->output && !options->verify)
		return cmd_usage(command,
				 "where to put the samples? -o FILE writes them, -o - pipes "
				 "them, --verify counter only checks them");
	if (options->output && options->common.records && strcmp(options->output, "-") == 0 &&
	    strcmp(options->common.records, "-") == 0)
		return cmd_usage(command, "-o - and --records - would mix in one pipe: give one of "
					  "them a FILE");
	return STATUS_OK;
}

int cmd_capture(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_LONG,
		{ "time", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "verify", required_argument, NULL, OPTION_VERIFY },
		{ NULL, 0, NULL, 0 },
	};
	struct capture_options options = { 0 };
	struct capture_job job = { .options = &options };
	int option, status;

	while ((option = getopt_long(argc, argv, OPTIONS_LETTERS "t:o:", long_options, NULL)) >=
	       0) {
		if (option == 'h')
			return cmd_help(help);
		status = parse_option(argv[0], option, &options);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);

	status = check_options(argv[0], &options);
	if (status != STATUS_OK)
		return status;
	job_init(&job.job, &options.common, IIOBRIDGE_CAPTURE);
	return job_run(&job.job, capture_samples, &job);
}
