// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "counter.h"
#include "interrupt.h"
#include "job.h"
#include "play.h"
#include "source.h"
#include "status.h"
#include "waveform.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

static const char help[] =
	"Usage: iiobridge play [-n SAMPLES] [OPTION...] FILE\n"
	"       iiobridge play -n SAMPLES --pattern counter [OPTION...]\n"
	"\n"
	"Plays samples through a board's DAC. One sample is one value of each channel, laid\n"
	"out as iiobridge capture writes it. FILE - is standard input. Whenever the samples\n"
	"come too late for the DAC, that is an underrun, and it is told.\n"
	"\n"
	"With --cyclic all of FILE, or of the pattern, goes into the board's blocks, and the\n"
	"board repeats it without a gap until Ctrl-C; with --detach until iiobridge stop.\n"
	"\n"
	"  -n, --samples COUNT    play so many and no more: 10M, 64Mi, 1000\n"
	"      --pattern counter  play the counter pattern that capture can check\n"
	"      --cyclic           repeat all of it until it is stopped\n"
	"      --detach           with --cyclic: end when the board repeats, and let it go on\n"
	"  -r, --route ROUTE      the route, where the board has several for playback\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"      --records FILE     write what became of each block there, a line for each\n"
	"  -q, --quiet            no progress and no summary; underruns are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 all is played (--cyclic: also after Ctrl-C), 2 nothing to play or too\n"
	"much to repeat, 6 board gone, 7 board refused, 9 the input failed or ends inside a\n"
	"sample, 130 Ctrl-C; see iiobridge --help for all.\n";

struct play_options {
	struct options common;
	const char *input;
	bool pattern;
	bool cyclic;
	bool detach;
};

struct play_job {
	struct job job;
	const struct play_options *options;
	struct play *play;
	struct source *source;	   /* NULL: the pattern */
	struct waveform *waveform; /* with --cyclic, all that the source or the pattern gives */
	struct counter_layout layout;
	uint64_t position; /* in the pattern, bytes */
};

static ssize_t give_input(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct play_job *job = context;
	ssize_t got;

	got = source_read(job->source, data, size, timeout_ms);
	job->job.file_failed = job->job.file_failed || (got < 0 && got != -EAGAIN);
	return got;
}

static ssize_t give_counter(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct play_job *job = context;

	(void)timeout_ms;
	counter_fill(&job->layout, job->position, data, size);
	job->position += size;
	return (ssize_t)size;
}

static play_producer choose_producer(const struct play_job *job)
{
	return job->source ? give_input : give_counter;
}

static int read_waveform(struct play_job *job)
{
	int r;

	r = waveform_read(play_route(job->play), job->options->common.samples, choose_producer(job),
			  job, &job->job.failure, &job->waveform);
	job->job.file_failed = job->job.file_failed || r == -EBADMSG;
	return r;
}

/* What is repeated has no end. */
static uint64_t choose_amount(const struct play_job *job)
{
	const uint64_t wanted = job->options->common.samples;
	uint64_t there;

	if (job->options->cyclic)
		return 0;
	if (!job->source)
		return wanted;
	there = source_size(job->source) / play_route(job->play)->bytes_per_scan;
	return wanted && (wanted < there || there == 0) ? wanted : there;
}

static int prepare(struct play_job *job, struct device *device)
{
	const struct iiobridge_route_info *route;
	struct session_settings settings;
	int r;

	if (job->options->input) {
		r = source_open(job->options->input, &job->job.failure, &job->source);
		job->job.file_failed = r < 0;
		if (r < 0)
			return r;
	}
	r = job_choose_route(&job->job, device, &settings);
	if (r < 0)
		return r;
	r = play_new(device, &settings, &job->play);
	if (r < 0)
		return r;

	route = play_route(job->play);
	if (job->options->pattern) {
		r = counter_layout_init(&job->layout, "--pattern", job->job.channels,
					job->job.route.channel_count, route->channel_mask,
					route->bytes_per_scan, &job->job.failure);
		if (r < 0)
			return r;
	}
	if (job->options->cyclic) {
		r = read_waveform(job);
		if (r < 0)
			return r;
	}
	job->job.wanted = choose_amount(job);
	return job_open_record_file(&job->job, route);
}

static int turn(void *context, unsigned int timeout_ms)
{
	struct play_job *job = context;
	int r;

	r = play_poll(job->play, timeout_ms);
	if (r < 0)
		return r;
	return play_complete(job->play) || (job->options->detach && play_repeating(job->play));
}

static void get_progress(void *context, struct progress *progress)
{
	const struct play_job *job = context;
	struct session_progress session;

	play_progress(job->play, &session);
	job_fill_progress(&job->job, play_route(job->play), &session, play_trail(job->play),
			  progress);
}

static const struct job_moves moves = { turn, get_progress };

static void tell_underruns(const struct progress *progress)
{
	if (progress->losses_known && (progress->gaps || progress->scans_lost))
		cmd_complain("THE DAC HAD NOTHING TO PLAY: %" PRIu64
			     " underruns, in which it missed %s%" PRIu64 " samples",
			     progress->gaps, progress->estimated ? "about " : "",
			     progress->scans_lost);
}

static int tell_odd_bytes(const struct play_job *job)
{
	const size_t odd = play_odd_bytes(job->play);

	if (odd == 0)
		return STATUS_OK;
	cmd_complain("the input ends inside a sample: its last %zu bytes were not played, a sample "
		     "of route %s has %u",
		     odd, play_route(job->play)->name, play_route(job->play)->bytes_per_scan);
	return STATUS_FILE;
}

static void begin(struct play_job *job)
{
	if (!job->waveform) {
		play_begin(job->play, job->options->common.samples, choose_producer(job), job);
		return;
	}
	play_begin(job->play, waveform_scans_to_send(job->waveform), waveform_give, job->waveform);
	play_repeat(job->play);
}

static void tell_detached(const struct play_job *job)
{
	const char *serial = job->options->common.serial;

	if (!job->options->common.quiet)
		fprintf(stderr,
			"route %s repeats %" PRIu64 " samples until: iiobridge stop -r %s%s%s\n",
			play_route(job->play)->name, waveform_scans(job->waveform),
			play_route(job->play)->name, serial ? " -s " : "", serial ? serial : "");
}

static int end(struct play_job *job, int status)
{
	struct progress progress;
	int r;

	/* The first thing that failed decides the exit status; a consequence of it says no more. */
	r = play_finish(job->play);
	if (r < 0 && status == STATUS_OK)
		status = job_complain(&job->job, r);
	else if (r < 0 && status > STATUS_SIGNAL)
		cmd_complain("%s", job->job.failure.message);
	status = job_close_record_file(&job->job, status);

	if (play_started(job->play)) {
		get_progress(job, &progress);
		job_tell_summary(&job->job, &progress);
		tell_underruns(&progress);
	}
	return status == STATUS_OK ? tell_odd_bytes(job) : status;
}

static int run(struct play_job *job)
{
	int status;

	interrupt_catch();
	begin(job);
	status = job_stream(&job->job, &moves, job);
	if (status == STATUS_OK && job->options->detach) {
		play_leave(job->play);
		tell_detached(job);
		return status;
	}
	if (status > STATUS_SIGNAL && play_repeating(job->play))
		status = STATUS_OK;
	return end(job, status);
}

static int play_samples(void *context, struct device *device)
{
	struct play_job *job = context;
	int status, r;

	r = prepare(job, device);
	status = r == 0 ? run(job) : job_complain(&job->job, r);
	record_file_close(job->job.record_file);
	play_free(job->play);
	waveform_free(job->waveform);
	source_close(job->source);
	return status;
}

static int parse_option(const char *command, int option, struct play_options *options)
{
	switch (option) {
	case OPTION_CYCLIC:
		options->cyclic = true;
		return STATUS_OK;
	case OPTION_DETACH:
		options->detach = true;
		return STATUS_OK;
	case OPTION_PATTERN:
		options->pattern = true;
		return options_parse_pattern(command, "--pattern", optarg);
	default:
		return options_take(&options->common, command, option);
	}
}

static int check_options(const char *command, const struct play_options *options)
{
	if (options->pattern && options->input)
		return cmd_usage(command,
				 "--pattern counter and \"%s\" both say what to play: give one",
				 options->input);
	if (options->pattern && !options->common.samples)
		return cmd_usage(command, "--pattern counter has no end of its own: give -n");
	if (!options->pattern && !options->input)
		return cmd_usage(command, "what to play? FILE, or - for standard input, or "
					  "--pattern counter");
	if (options->detach && !options->cyclic)
		return cmd_usage(command, "--detach leaves a playback that repeats by itself: it "
					  "needs --cyclic");
	if (options->detach && options->common.records)
		return cmd_usage(command, "--records writes for as long as the command lasts, and "
					  "--detach ends it: give one of them");
	return STATUS_OK;
}

int cmd_play(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_LONG,
		{ "pattern", required_argument, NULL, OPTION_PATTERN },
		{ "cyclic", no_argument, NULL, OPTION_CYCLIC },
		{ "detach", no_argument, NULL, OPTION_DETACH },
		{ NULL, 0, NULL, 0 },
	};
	struct play_options options = { 0 };
	struct play_job job = { .options = &options };
	int option, status;

	while ((option = getopt_long(argc, argv, OPTIONS_LETTERS, long_options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = parse_option(argv[0], option, &options);
		if (status != STATUS_OK)
			return status;
	}
	if (argc - optind > 1)
		return cmd_usage(argv[0], "one FILE, but \"%s\" follows \"%s\"", argv[optind + 1],
				 argv[optind]);
	options.input = argv[optind];

	status = check_options(argv[0], &options);
	if (status != STATUS_OK)
		return status;
	job_init(&job.job, &options.common, IIOBRIDGE_PLAYBACK);
	return job_run(&job.job, play_samples, &job);
}
