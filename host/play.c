// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * play.c - iiobridge play
 */
#include "play.h"

#include "cmd.h"
#include "files/sample_file.h"
#include "interrupt.h"
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is read ahead of a DAC. In the man page, too. */
#define MEMORY ((size_t)64 << 20)

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
	"      --frequency HZ, --rate HZ, --bandwidth HZ, --gain DB, --antenna PORT,\n"
	"      --set NAME=VALUE   tune the route before, as iiobridge tune does\n"
	"      --records FILE     write what became of each block, a line for each\n"
	"      --json             a JSON object on standard output instead of the summary\n"
	"  -q, --quiet            no progress and no summary; underruns are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 all is played, 9 input failed; iiobridge --help has all.\n";

/* ---- the beginning ---- */

/* What a user may not expect of the input. */
static void tell_input(const struct play *play)
{
	const char *path = play->options->input;
	const double rate = iiobridge_route_sample_rate(play->route);
	const struct sample_file_info *info = &play->input->info;
	const double level = sample_file_level(play->input, play->route);

	if (play->options->common.quiet)
		return;
	if (info->sample_rate > 0 && rate > 0 && fabs(info->sample_rate - rate) >= 1)
		cmd_complain("%s was recorded at %.10g S/s, and is played at the DAC's %.10g S/s",
			     path, info->sample_rate, rate);
	if (fabs(level) >= 1)
		cmd_complain(
			"%s is played %.0f dB %s than it was recorded, by the valid bits of its "
			"values and of the DAC's",
			path, fabs(level), level < 0 ? "quieter" : "louder");
	if (info->bytes_missing)
		cmd_complain("%s ends %" PRIu64 " bytes before its header says", path,
			     info->bytes_missing);
	if (info->gaps_noted)
		cmd_complain("%s has %zu gaps, which are played as if nothing was missing", path,
			     info->gaps_noted);
}

/* No more is read than is played. */
static int start_input(struct play *play)
{
	const uint64_t wanted = play->options->common.samples;
	int r;

	if (wanted == 0 || __builtin_mul_overflow(wanted, play->sample_size, &play->limit))
		play->limit = UINT64_MAX;
	if (!play->input)
		return counter_layout_init(&play->layout, "--pattern", play->route,
					   &play->failure) < 0
			       ? STATUS_USAGE
			       : STATUS_OK;
	if (sample_file_check(play->input, play->route) < 0)
		return STATUS_USAGE;
	tell_input(play);
	r = sample_file_start(play->input, play->sample_size, play->limit, play->options->repeat);
	if (r < 0)
		return r == -EINVAL ? STATUS_USAGE : STATUS_FILE;
	return STATUS_OK;
}

/* What is repeated has no end. */
static uint64_t choose_amount(const struct play *play)
{
	const uint64_t wanted = play->options->common.samples;
	uint64_t there;

	if (play->options->cyclic)
		return 0;
	if (!play->input || play->options->repeat)
		return wanted;
	there = play->input->info.bytes / play->sample_size;
	return wanted && (wanted < there || there == 0) ? wanted : there;
}

static int prepare(struct play *play)
{
	const struct options *common = &play->options->common;
	const char *path = play->options->input;
	struct iiobridge_stream_settings settings;
	unsigned int index;
	int status;

	status = cmd_open(common, &play->failure, &play->board);
	if (status == STATUS_OK && path &&
	    sample_file_open(path, play->options->wav ? RECORDING_WAV : recording_format_of(path),
			     &play->failure, &play->input) < 0)
		status = STATUS_FILE;
	if (status == STATUS_OK)
		status = cmd_choose_route(common, play->board, IIOBRIDGE_ROUTE_TX, &play->failure,
					  &index, &settings);
	if (status != STATUS_OK)
		return status;
	settings.flags = IIOBRIDGE_STREAM_KEEP_RECORDS;
	settings.memory = MEMORY;
	status = cmd_library(&play->failure,
			     iiobridge_tx_open(play->board, index, &settings, &play->tx));
	if (status != STATUS_OK)
		return status;
	play->route = iiobridge_tx_route(play->tx);
	play->sample_size = iiobridge_route_sample_size(play->route);
	play->odd = malloc(play->sample_size);
	if (!play->odd)
		return failure_set(&play->failure, STATUS_FAILED, "no memory for a sample");
	status = start_input(play);
	if (status == STATUS_OK)
		play->wanted = choose_amount(play);
	if (status == STATUS_OK && common->records &&
	    record_file_open(common->records, &play->failure, &play->record_file) < 0)
		status = STATUS_FILE;
	return status;
}

/* ---- the end ---- */

static bool is_for_people(const struct play *play)
{
	return !play->options->common.quiet && !play->options->common.json;
}

static void tell_underruns(const struct progress *progress)
{
	if (progress->losses_known && (progress_gaps(progress) || progress_lost(progress)))
		cmd_complain("THE DAC HAD NOTHING TO PLAY: %" PRIu64
			     " underruns, in which it missed %s%" PRIu64 " samples",
			     progress_gaps(progress),
			     progress->statistics.estimated ? "about " : "",
			     progress_lost(progress));
}

static void tell_detached(const struct play *play)
{
	const char *serial = play->options->common.serial;
	const char *name = iiobridge_route_name(play->route);

	if (is_for_people(play))
		fprintf(stderr,
			"route %s repeats %" PRIu64 " samples until: iiobridge stop -r %s%s%s\n",
			name, play->taken / play->sample_size, name, serial ? " -s " : "",
			serial ? serial : "");
}

static int report(const struct play *play, const struct progress *progress, int status)
{
	const char *records = play->options->common.records;
	const bool piped = records && strcmp(records, "-") == 0;
	json_t *own;
	int printed;

	if (!play->options->common.json)
		return status;
	own = json_pack("{s:i, s:o, s:b}", "status", status, "error",
			report_reason(status, &play->failure), "repeating", play->detached);
	printed = report_print(report_join(progress_describe(progress, &play->losses.gaps), own),
			       piped ? stderr : stdout, piped ? REPORT_ONE_LINE : REPORT_LINES);
	return status == STATUS_OK ? printed : status;
}

/* The board goes on without this program. */
static int detach(struct play *play)
{
	struct progress progress;
	int status;

	play_look(play);
	play_get_progress(play, &progress);
	progress_clear();
	play->detached = true;
	tell_detached(play);
	status = report(play, &progress, STATUS_OK);
	iiobridge_tx_detach(play->tx);
	play->tx = NULL;
	return status;
}

/* Whether a signal is how the playback is meant to end. */
static bool has_no_end(const struct play *play)
{
	return play->repeats || (play->options->repeat && play->options->common.samples == 0);
}

/*
 * The first thing that fails decides the exit status, and a consequence of it says no more; but
 * that the file of records lacks something is always told.
 */
static int stop(struct play *play, int status)
{
	const struct failure first = play->failure;
	const bool failed = status != STATUS_OK && status < STATUS_SIGNAL;
	int end;

	end = cmd_library(&play->failure, iiobridge_tx_stop(play->tx));
	if (end == STATUS_OK)
		end = play_look(play);
	if (end != STATUS_OK && !failed)
		cmd_failed(&play->failure, end);
	if (failed)
		play->failure = first;
	if (status == STATUS_OK)
		status = end;
	if (record_file_close(play->record_file) < 0 && status != STATUS_FILE)
		status = cmd_failed(&play->failure, STATUS_FILE);
	play->record_file = NULL;
	return status;
}

static int check_odd_bytes(struct play *play, int status)
{
	if (status != STATUS_OK || play->odd_size == 0)
		return status;
	failure_set(&play->failure, 0,
		    "the input ends inside a sample: its last %zu bytes were not played, a sample "
		    "of route %s has %zu",
		    play->odd_size, iiobridge_route_name(play->route), play->sample_size);
	return cmd_failed(&play->failure, STATUS_FILE);
}

static int end(struct play *play, int status)
{
	const bool by_kernel = iiobridge_tx_repeater(play->tx) == IIOBRIDGE_REPEATER_KERNEL;
	struct progress progress;
	char line[256];

	progress_clear();
	if (status != STATUS_OK)
		cmd_failed(&play->failure, status);
	status = stop(play, status);
	if (!play->started_ns)
		return check_odd_bytes(play, status);
	progress_clear();
	play_get_progress(play, &progress);
	if (is_for_people(play)) {
		fprintf(stderr, "%s\n", progress_format_end(&progress, line, sizeof(line)));
		if (by_kernel)
			fputs("the board's kernel repeated it, and nothing counts how often\n",
			      stderr);
	}
	tell_underruns(&progress);
	status = check_odd_bytes(play, status);
	return report(play, &progress, status);
}

static int run(struct play *play)
{
	int status;

	interrupt_catch();
	if (!play->options->common.quiet)
		progress_enable();
	status = play->options->cyclic ? play_waveform(play) : play_input(play);
	if (status == STATUS_OK && play->repeats && play->options->detach)
		return detach(play);
	/* All may have been played when the signal came. */
	if (status == STATUS_OK && interrupt_signal() && !play->complete && !has_no_end(play))
		status = STATUS_SIGNAL + interrupt_signal();
	return end(play, status);
}

static int play(const struct play_options *options)
{
	struct play play = { .options = options };
	int status;

	status = prepare(&play);
	if (status == STATUS_OK)
		status = run(&play);
	else
		cmd_failed(&play.failure, status);
	record_file_close(play.record_file);
	iiobridge_tx_close(play.tx);
	iiobridge_board_close(play.board);
	sample_file_close(play.input);
	losses_clear(&play.losses);
	free(play.waveform);
	free(play.odd);
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
	return play(&options);
}
