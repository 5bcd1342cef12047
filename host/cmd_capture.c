// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"
#include "channels.h"
#include "cmd.h"
#include "device.h"
#include "failure.h"
#include "interrupt.h"
#include "progress.h"
#include "sink.h"
#include "status.h"
#include "units.h"
#include "verify.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS		     250
#define PROGRESS_INTERVAL_NS UINT64_C(250000000)

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
	"  -q, --quiet            no progress and no summary; losses are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 done (also after Ctrl-C without -n and -t), 6 board gone,\n"
	"7 board refused, 9 output failed, 10 --verify found wrong samples or a loss that\n"
	"the board did not report, 130 Ctrl-C; see iiobridge --help for all.\n";

struct settings {
	const char *serial;
	const char *route;
	const char *output;
	const char *channels;
	uint64_t samples;
	uint64_t microseconds;
	uint32_t block_size;
	bool verify;
	bool quiet;
};

struct job {
	const struct settings *settings;
	struct failure *failure;
	struct capture *capture;
	struct verify *verify;
	struct sink *sink;
	uint64_t wanted;
	bool output_failed;
	bool show_progress;
	uint64_t shown_ns;
};

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct job *job = context;
	int r;

	if (job->verify)
		verify_scans(job->verify, data, size);
	if (!job->sink)
		return 0;
	r = sink_write(job->sink, data, size);
	job->output_failed = r < 0;
	return r;
}

static int choose_route(struct job *job, struct device *device, struct capture_settings *settings,
			struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS],
			unsigned int *channel_count)
{
	struct iiobridge_route_info route;
	int index, r;

	index = cmd_find_route(device, job->settings->route, &route);
	if (index < 0)
		return index;
	r = cmd_get_channels(device, (unsigned int)index, &route, channels);
	if (r < 0)
		return r;

	settings->route = (unsigned int)index;
	settings->block_size = job->settings->block_size;
	*channel_count = route.channel_count;
	if (!job->settings->channels)
		return 0;
	return channels_parse(job->settings->channels, channels, route.channel_count, job->failure,
			      &settings->channel_mask);
}

static int choose_amount(struct job *job)
{
	const struct iiobridge_route_info *route = capture_route(job->capture);

	job->wanted = job->settings->samples;
	if (!job->settings->microseconds)
		return 0;
	if (!route->sample_rate_millihertz)
		return failure_set(
			job->failure, -EINVAL,
			"-t needs a sample rate, and %s of route %s does not say its own: "
			"use -n",
			route->device, route->name);
	if (units_scans_in(job->settings->microseconds, route->sample_rate_millihertz,
			   &job->wanted) < 0)
		return failure_set(job->failure, -EINVAL, "-t is too long for 64 bits of samples");
	return 0;
}

/* The output is opened last: a capture that cannot begin leaves an older file alone. */
static int prepare(struct job *job, struct device *device)
{
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
	const struct iiobridge_route_info *route;
	struct capture_settings settings = { 0 };
	unsigned int channel_count;
	int r;

	r = choose_route(job, device, &settings, channels, &channel_count);
	if (r < 0)
		return r;
	r = capture_new(device, &settings, &job->capture);
	if (r < 0)
		return r;
	r = choose_amount(job);
	if (r < 0)
		return r;

	route = capture_route(job->capture);
	if (job->settings->verify) {
		r = verify_new(channels, channel_count, route->channel_mask, route->bytes_per_scan,
			       job->failure, &job->verify);
		if (r < 0)
			return r;
	}
	if (job->settings->output) {
		r = sink_open(job->settings->output, job->failure, &job->sink);
		job->output_failed = r < 0;
	}
	return r;
}

static void get_progress(const struct job *job, struct progress *progress)
{
	struct capture_progress capture;

	capture_progress(job->capture, &capture);
	*progress = (struct progress){
		.scans = capture.scans,
		.scans_wanted = job->wanted,
		.bytes = capture.scans * capture_route(job->capture)->bytes_per_scan,
		.nanoseconds = capture.nanoseconds,
		.losses_known = capture.statistics_known,
		.gaps = capture.statistics.gaps,
		.scans_lost = capture.statistics.scans_lost,
		.estimated = capture.statistics.estimated,
	};
}

static void show_progress(struct job *job)
{
	struct progress progress;
	struct timespec now;
	uint64_t now_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (!job->show_progress || now_ns - job->shown_ns < PROGRESS_INTERVAL_NS)
		return;
	job->shown_ns = now_ns;
	get_progress(job, &progress);
	progress_show(&progress);
}

static int job_status(const struct job *job, int error)
{
	return error && job->output_failed ? STATUS_OUTPUT : status_from_errno(error);
}

/* Until the amount is there, somebody interrupts, or something fails, which is told here. */
static int stream_scans(struct job *job)
{
	int r = 0;

	while (r == 0 && !capture_complete(job->capture) && !interrupt_signal()) {
		r = capture_poll(job->capture, POLL_MS);
		show_progress(job);
	}
	if (job->show_progress)
		progress_clear();
	if (r < 0)
		cmd_complain("%s", job->failure->message);
	else if (!capture_complete(job->capture) && job->wanted)
		return STATUS_SIGNAL + interrupt_signal();
	return job_status(job, r);
}

static void tell_summary(const struct job *job, const struct progress *progress)
{
	char line[256];

	if (!job->settings->quiet)
		fprintf(stderr, "%s\n", progress_format_summary(progress, line, sizeof(line)));
	if (progress->losses_known && (progress->gaps || progress->scans_lost))
		cmd_complain("SAMPLES ARE MISSING: the board had no free block %" PRIu64
			     " times and lost %s%" PRIu64 " samples",
			     progress->gaps, progress->estimated ? "about " : "",
			     progress->scans_lost);
}

static int tell_verification(const struct job *job, const struct progress *progress)
{
	const struct verify_result *result = verify_result(job->verify);

	if (!job->settings->quiet)
		fprintf(stderr,
			"counter: %" PRIu64 " samples checked, wrong %" PRIu64 ", jumps %" PRIu64
			", missing %" PRIu64 "\n",
			result->scans, result->wrong, result->jumps, result->missing);
	if (verify_explained(result, progress->losses_known ? progress->gaps : 0,
			     progress->losses_known ? progress->scans_lost : 0,
			     progress->estimated))
		return STATUS_OK;

	cmd_complain("the counter is wrong, or has jumps that the board did not report: first at "
		     "sample %" PRIu64 ", expected %" PRIu32 ", found %" PRIu32,
		     result->fault_scan, result->fault_expected, result->fault_found);
	return STATUS_VERIFY;
}

static int run(struct job *job)
{
	struct progress progress;
	int status, ending, r;

	interrupt_catch();
	r = capture_start(job->capture, job->wanted, take_scans, job);
	if (r < 0) {
		cmd_complain("%s", job->failure->message);
		status = job_status(job, r);
		capture_finish(job->capture);
		return status;
	}
	status = stream_scans(job);

	/* The first thing that failed decides the exit status; a consequence of it says no more. */
	r = capture_finish(job->capture);
	if (r < 0 && status == STATUS_OK) {
		cmd_complain("%s", job->failure->message);
		status = status_from_errno(r);
	}
	r = sink_close(job->sink);
	job->sink = NULL;
	if (r < 0 && !job->output_failed) {
		cmd_complain("%s", job->failure->message);
		status = STATUS_OUTPUT;
	}

	get_progress(job, &progress);
	tell_summary(job, &progress);
	if (job->verify) {
		ending = tell_verification(job, &progress);
		if (status == STATUS_OK || status > STATUS_SIGNAL)
			status = ending != STATUS_OK ? ending : status;
	}
	return status;
}

static int capture_samples(const struct settings *settings)
{
	struct failure failure = { "" };
	struct job job = {
		.settings = settings,
		.failure = &failure,
		.show_progress = !settings->quiet && isatty(STDERR_FILENO),
	};
	struct device_list *list;
	struct device *device;
	int status, r;

	r = cmd_open(settings->serial, &failure, &list, &device);
	if (r < 0) {
		cmd_complain("%s", failure.message);
		return status_from_errno(r);
	}

	r = prepare(&job, device);
	if (r == 0) {
		status = run(&job);
	} else {
		cmd_complain("%s", failure.message);
		status = job_status(&job, r);
	}

	sink_close(job.sink);
	verify_free(job.verify);
	capture_free(job.capture);
	device_close(device);
	device_list_free(list);
	return status;
}

static int parse_number(const char *command, const char *option, const char *text,
			int (*parse)(const char *, uint64_t *), const char *accepted,
			uint64_t *value)
{
	int r;

	r = parse(text, value);
	if (r == -ERANGE)
		return cmd_usage(command, "%s %s does not fit 64 bits", option, text);
	if (r < 0)
		return cmd_usage(command, "%s \"%s\": accepted is %s", option, text, accepted);
	return STATUS_OK;
}

static int parse_block_size(const char *command, const char *text, uint32_t *size)
{
	uint64_t value;
	int status;

	status = parse_number(command, "--block-size", text, units_parse_size,
			      "a number of bytes larger than 0, such as 65536, 64K or \"1 MiB\"",
			      &value);
	if (status == STATUS_OK && value > UINT32_MAX)
		status = cmd_usage(command, "--block-size %s does not fit 32 bits", text);
	if (status == STATUS_OK)
		*size = (uint32_t)value;
	return status;
}

enum long_option {
	OPTION_CHANNELS = 256,
	OPTION_BLOCK_SIZE,
	OPTION_VERIFY,
};

static int parse_option(const char *command, int option, struct settings *settings)
{
	switch (option) {
	case 's':
		settings->serial = optarg;
		return STATUS_OK;
	case 'r':
		settings->route = optarg;
		return STATUS_OK;
	case 'o':
		settings->output = optarg;
		return STATUS_OK;
	case 'q':
		settings->quiet = true;
		return STATUS_OK;
	case 'n':
		return parse_number(command, "-n", optarg, units_parse_count,
				    "a whole number of samples larger than 0, such as 1000, 10M or "
				    "64Mi",
				    &settings->samples);
	case 't':
		return parse_number(command, "-t", optarg, units_parse_duration,
				    "a time longer than 0, such as 2.5s, 100ms or 1min",
				    &settings->microseconds);
	case OPTION_CHANNELS:
		settings->channels = optarg;
		return STATUS_OK;
	case OPTION_BLOCK_SIZE:
		return parse_block_size(command, optarg, &settings->block_size);
	case OPTION_VERIFY:
		settings->verify = true;
		if (strcmp(optarg, "counter") == 0)
			return STATUS_OK;
		return cmd_usage(command, "--verify \"%s\": accepted is counter", optarg);
	default:
		return cmd_usage(command, NULL);
	}
}

static int check_settings(const char *command, const struct settings *settings)
{
	if (settings->samples && settings->microseconds)
		return cmd_usage(command, "-n and -t both say when to stop: give one of them");
	if (!settings->output && !settings->verify)
		return cmd_usage(command,
				 "where to put the samples? -o FILE writes them, -o - pipes "
				 "them, --verify counter only checks them");
	return STATUS_OK;
}

int cmd_capture(int argc, char **argv)
{
	static const struct option options[] = {
		{ "serial", required_argument, NULL, 's' },
		{ "route", required_argument, NULL, 'r' },
		{ "samples", required_argument, NULL, 'n' },
		{ "time", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "channels", required_argument, NULL, OPTION_CHANNELS },
		{ "block-size", required_argument, NULL, OPTION_BLOCK_SIZE },
		{ "verify", required_argument, NULL, OPTION_VERIFY },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct settings settings = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "s:r:n:t:o:qh", options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = parse_option(argv[0], option, &settings);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);

	status = check_settings(argv[0], &settings);
	if (status != STATUS_OK)
		return status;
	return capture_samples(&settings);
}
