// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "counter.h"
#include "files/input.h"
#include "files/sample_file.h"
#include "interrupt.h"
#include "job.h"
#include "play.h"
#include "status.h"
#include "summary.h"
#include "waveform.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: iiobridge play [-n SAMPLES] [OPTION...] FILE\n"
	"       iiobridge play -n SAMPLES --pattern counter [OPTION...]\n"
	"Plays a SigMF recording (NAME.sigmf-meta), a WAV file (NAME.wav) or raw samples\n"
	"through a board's DAC; FILE - is standard input. Underruns are told.\n"
	"\n"
	"  -n, --samples COUNT    play so many and no more: 10M, 64Mi, 1000\n"
	"      --pattern counter  play the counter pattern that capture can check\n"
	"      --repeat           read FILE again and again, until Ctrl-C or up to -n\n"
	"      --cyclic           have the board repeat all of it until it is stopped\n"
	"      --detach           with --cyclic: leave it playing until iiobridge stop\n"
	"      --wav              FILE is a WAV file, whatever it is called\n"
	"  -r, --route ROUTE      the route, where the board has several for playback\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"      --records FILE     write what became of each block, a line for each\n"
	"      --json             a JSON object on standard output instead of the summary\n"
	"  -q, --quiet            no progress and no summary; underruns are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 all is played, 2 nothing to play, too much to repeat, or another\n"
	"format, 6 board gone, 7 board refused, 9 input failed; iiobridge --help has all.\n";

struct play_options {
	struct options common;
	const char *input;
	bool pattern;
	bool wav;
	bool repeat;
	bool cyclic;
	bool detach;
};

struct play_job {
	struct job job;
	const struct play_options *options;
	struct play *play;
	struct input *input;	   /* NULL: the pattern */
	struct waveform *waveform; /* with --cyclic, all that the input or the pattern gives */
	struct counter_layout layout;
	uint64_t position; /* in the pattern, bytes */
	bool left;	   /* the board goes on with the waveform */
};

static ssize_t give_input(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct play_job *job = context;
	ssize_t got;

	got = input_read(job->input, data, size, timeout_ms);
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
	return job->input ? give_input : give_counter;
}

/* What a user may not expect of the input. */
static void tell_input(const struct play_job *job)
{
	const char *path = job->options->input;
	const double rate = (double)play_route(job->play)->sample_rate_millihertz / 1000;
	const double recorded = input_info(job->input)->sample_rate;
	const double level =
		input_level(job->input, job->job.channels, play_route(job->play)->channel_mask);

	if (job->options->common.quiet)
		return;
	if (recorded > 0 && rate > 0 && fabs(recorded - rate) >= 1)
		cmd_complain("%s was recorded at %.10g S/s, and is played at the DAC's %.10g S/s",
			     path, recorded, rate);
	if (fabs(level) >= 1)
		cmd_complain(
			"%s is played %.0f dB %s than it was recorded, by the valid bits of its "
			"values and of the DAC's",
			path, fabs(level), level < 0 ? "quieter" : "louder");
	if (input_info(job->input)->bytes_missing)
		cmd_complain("%s ends %" PRIu64 " bytes before its header says", path,
			     input_info(job->input)->bytes_missing);
	if (input_info(job->input)->gaps_noted)
		cmd_complain("%s has %zu gaps, which are played as if nothing was missing", path,
			     input_info(job->input)->gaps_noted);
}

/* No more is read than is played. */
static int start_input(struct play_job *job)
{
	const struct iiobridge_route_info *route = play_route(job->play);
	const uint64_t wanted = job->options->common.samples;
	uint64_t limit;
	int r;

	if (!job->input)
		return 0;
	if (wanted == 0 || __builtin_mul_overflow(wanted, route->bytes_per_scan, &limit))
		limit = UINT64_MAX;
	r = input_check(job->input, route, job->job.channels);
	if (r < 0)
		return r;
	tell_input(job);
	r = input_start(job->input, route->bytes_per_scan, limit, job->options->repeat);
	job->job.file_failed = r < 0 && r != -EINVAL;
	return r;
}

static int read_waveform(struct play_job *job)
{
	int r;

	r = waveform_read(play_route(job->play), job->options->common.samples, choose_producer(job),
			  job, job->job.failure, &job->waveform);
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
	if (!job->input || job->options->repeat)
		return wanted;
	there = input_info(job->input)->bytes / play_route(job->play)->bytes_per_scan;
	return wanted && (wanted < there || there == 0) ? wanted : there;
}

static int prepare(struct play_job *job, struct device *device)
{
	const struct iiobridge_route_info *route;
	struct session_settings settings;
	int r;

	if (job->options->input) {
		r = input_open(job->options->input, job->options->wav, job->job.failure,
			       &job->input);
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
					route->bytes_per_scan, job->job.failure);
		if (r < 0)
			return r;
	}
	r = start_input(job);
	if (r == 0 && job->options->cyclic)
		r = read_waveform(job);
	if (r < 0)
		return r;
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

static void tell_repetition(const struct play_job *job)
{
	if (play_repeated_by_kernel(job->play) && !job->options->common.quiet &&
	    !job->options->common.json)
		fputs("the board's kernel repeated it, and nothing counts how often\n", stderr);
}

static int tell_odd_bytes(struct play_job *job)
{
	const size_t odd = play_odd_bytes(job->play);

	if (odd == 0)
		return STATUS_OK;
	failure_set(job->job.failure, -EBADMSG,
		    "the input ends inside a sample: its last %zu bytes were not played, a sample "
		    "of route %s has %u",
		    odd, play_route(job->play)->name, play_route(job->play)->bytes_per_scan);
	job->job.file_failed = true;
	return job_complain(&job->job, -EBADMSG);
}

static void begin(struct play_job *job)
{
	if (!job->waveform) {
		play_begin(job->play, job->options->common.samples, choose_producer(job), job);
		return;
	}
	play_begin(job->play, waveform_scans_to_send(job->waveform), waveform_give, job->waveform);
	play_repeat(job->play, waveform_is_in_each_block(job->waveform));
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

static int report(const struct play_job *job, const struct progress *progress, int status)
{
	const struct options *options = &job->options->common;
	const bool failed = status != STATUS_OK && status < STATUS_SIGNAL;
	const struct summary summary = {
		.serial = job->job.serial,
		.route = play_route(job->play),
		.progress = progress,
		.trail = play_trail(job->play),
		.repeating = job->left,
		.status = status,
		.error = failed ? job->job.failure->message : "",
	};

	return job_report(&job->job, &summary,
			  options->records && strcmp(options->records, "-") == 0);
}

/* The board goes on without this program. */
static int leave(struct play_job *job)
{
	struct progress progress;

	get_progress(job, &progress);
	play_leave(job->play);
	job->left = true;
	if (!job->options->common.json)
		tell_detached(job);
	return report(job, &progress, STATUS_OK);
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
		cmd_complain("%s", job->job.failure->message);
	status = job_close_record_file(&job->job, status);
	if (!play_started(job->play))
		return status == STATUS_OK ? tell_odd_bytes(job) : status;

	get_progress(job, &progress);
	job_tell_summary(&job->job, &progress);
	tell_repetition(job);
	tell_underruns(&progress);
	if (status == STATUS_OK)
		status = tell_odd_bytes(job);
	return report(job, &progress, status);
}

/* Whether a signal is how the playback is meant to end. */
static bool has_no_end(const struct play_job *job)
{
	return play_repeating(job->play) ||
	       (job->options->repeat && job->options->common.samples == 0);
}

static int run(struct play_job *job)
{
	int status;

	interrupt_catch();
	begin(job);
	status = job_stream(&job->job, &moves, job);
	if (status == STATUS_OK && job->options->detach)
		return leave(job);
	if (status > STATUS_SIGNAL && has_no_end(job))
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
	input_close(job->input);
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
	case OPTION_REPEAT:
		options->repeat = true;
		return STATUS_OK;
	case OPTION_WAV:
		options->wav = true;
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
	if ((options->wav || options->repeat) && !options->input)
		return cmd_usage(command, "--repeat and --wav are about a FILE: --pattern counter "
					  "is none, and has no end");
	if (options->repeat && options->cyclic)
		return cmd_usage(command, "--repeat reads FILE again and again, --cyclic has the "
					  "board repeat it: give one of them");
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
		{ "wav", no_argument, NULL, OPTION_WAV },
		{ "repeat", no_argument, NULL, OPTION_REPEAT },
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
