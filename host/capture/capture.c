// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * capture.c - iiobridge capture
 */
#include "capture.h"

#include "host/cmd.h"
#include "host/files/clock.h"
#include "host/files/publisher.h"
#include "host/files/sigmf.h"
#include "host/files/units.h"
#include "host/interrupt.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURN_MS 50

static const char help[] =
	"Usage: iiobridge capture [-n SAMPLES | -t TIME] [-o FILE] [OPTION...]\n"
	"Captures samples from a board's ADC; without -n and -t, until Ctrl-C.\n"
	"\n"
	"  -n, --samples COUNT    stop after exactly so many: 10M, 64Mi, 1000\n"
	"  -t, --time TIME        stop after so much of the ADC's time: 2.5s, 100ms, 1min\n"
	"  -o, --output FILE      NAME.sigmf-meta, NAME.wav or raw samples; - is a pipe;\n"
	"                         zmq:tcp://ADDRESS:PORT or zmq:ipc://FILE publishes them\n"
	"      --sigmf, --wav     a recording of this format, whatever FILE is called\n"
	"      --real, --complex, --author NAME  SigMF: which are I and Q; who made it\n"
	"      --verify counter   check the counter pattern; without -o, only check\n"
	"  -r, --route ROUTE      or SERIAL:ROUTE; again: all at once, into NAME-ROUTE...\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"      --frequency HZ, --rate HZ, --bandwidth HZ, --gain DB, --antenna PORT,\n"
	"      --set NAME=VALUE   tune the route before, as iiobridge tune does\n"
	"      --records FILE     write what became of each block, a line for each\n"
	"      --json             a JSON object on standard output instead of the summary\n"
	"      --reconnect        when the board goes away, go on when it is back\n"
	"  -q, --quiet            no progress and no summary; losses are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 done, 10 --verify found a fault; iiobridge --help has all.\n";

static int take_format(const char *command, enum recording_format format,
		       struct capture_options *options)
{
	if (options->format != RECORDING_RAW && options->format != format)
		return cmd_usage(command, "--sigmf and --wav are two formats: give one of them");
	options->format = format;
	return STATUS_OK;
}

static int add_route(const char *command, struct capture_options *options)
{
	if (options->route_count == CAPTURE_ROUTES_MAX)
		return cmd_usage(command, "-r %s is one route too many: %d at most", optarg,
				 CAPTURE_ROUTES_MAX);
	options->routes[options->route_count++] = optarg;
	return STATUS_OK;
}

static int parse_option(const char *command, int option, struct capture_options *options)
{
	switch (option) {
	case 'r':
		return add_route(command, options);
	case 'o':
		options->output = optarg;
		return STATUS_OK;
	case OPTION_AUTHOR:
		options->author = optarg;
		return STATUS_OK;
	case OPTION_SIGMF:
		return take_format(command, RECORDING_SIGMF, options);
	case OPTION_WAV:
		return take_format(command, RECORDING_WAV, options);
	case OPTION_REAL:
		return options_take_pairing(command, DATATYPE_REAL, &options->pairing);
	case OPTION_COMPLEX:
		return options_take_pairing(command, DATATYPE_COMPLEX, &options->pairing);
	case 't':
		return options_parse_number(command, "-t", optarg, units_parse_duration,
					    "a time longer than 0, such as 2.5s, 100ms or 1min",
					    &options->microseconds);
	case OPTION_RECONNECT:
		options->reconnect = true;
		return STATUS_OK;
	case OPTION_VERIFY:
		options->verify = true;
		return options_parse_pattern(command, "--verify", optarg);
	default:
		return options_take(&options->common, command, option);
	}
}

/* The name of the output says what it is, unless there is an option for it. */
static int choose_format(const char *command, struct capture_options *options)
{
	const bool to_stdout = capture_is_pipe(options->output);

	if (options->output && !endpoint_of(options->output) && options->format == RECORDING_RAW)
		options->format = recording_format_of(options->output);
	if (!options->output && options->format != RECORDING_RAW)
		return cmd_usage(command, "--sigmf and --wav need a file: give -o FILE");
	if (to_stdout && options->format == RECORDING_SIGMF)
		return cmd_usage(command, "a SigMF recording is two files, and -o - is one pipe: "
					  "give -o NAME");
	if (options->format != RECORDING_SIGMF &&
	    (options->author || options->pairing != DATATYPE_BY_NAME))
		return cmd_usage(command, "--author, --real and --complex are said in the metadata "
					  "of SigMF: give --sigmf, or -o NAME.sigmf-meta");
	return STATUS_OK;
}

/* What subscribers get are samples and nothing else, of one run of one route. */
static int check_endpoint(const char *command, const struct capture_options *options)
{
	const char *endpoint = endpoint_of(options->output);
	struct failure failure = { "" };

	if (endpoint_of(options->common.records))
		return cmd_usage(command, "--records are lines of text, which are not published: "
					  "give it a FILE");
	if (!endpoint)
		return STATUS_OK;
	if (endpoint_check(endpoint, &failure) < 0)
		return cmd_usage(command, "%s", failure.message);
	if (options->format != RECORDING_RAW)
		return cmd_usage(command,
				 "--sigmf and --wav need a file, and -o %s publishes "
				 "samples and nothing else: give -o FILE",
				 options->output);
	if (options->reconnect)
		return cmd_usage(command,
				 "--reconnect needs a file: who subscribes to %s would "
				 "not see where the board was away",
				 options->output);
	if (options->route_count > 1)
		return cmd_usage(command, "several routes need files: %s is for one, give one -r",
				 options->output);
	return STATUS_OK;
}

/* What only makes sense for one. */
static int check_several(const char *command, const struct capture_options *options)
{
	if (options->route_count < 2)
		return STATUS_OK;
	if (options->reconnect)
		return cmd_usage(command, "--reconnect is for one route: give one -r");
	if (capture_is_pipe(options->output) || capture_is_pipe(options->common.records))
		return cmd_usage(command, "several routes do not fit into one pipe: give -o and "
					  "--records a FILE");
	return STATUS_OK;
}

static int check_options(const char *command, const struct capture_options *options)
{
	if (options->common.samples && options->microseconds)
		return cmd_usage(command, "-n and -t both say when to stop: give one of them");
	if (!options->output && !options->verify)
		return cmd_usage(command,
				 "where to put the samples? -o FILE writes them, -o - pipes "
				 "them, --verify counter only checks them");
	if (capture_is_pipe(options->output) && capture_is_pipe(options->common.records))
		return cmd_usage(command, "-o - and --records - would mix in one pipe: give one of "
					  "them a FILE");
	return STATUS_OK;
}

/* ---- routes, and the boards that they are of ---- */

/* SERIAL:ROUTE or ROUTE. */
static void split_route(const char *text, struct capture *capture)
{
	struct options *options = &capture->options.common;
	char *colon;

	snprintf(capture->argument, sizeof(capture->argument), "%s", text);
	colon = strrchr(capture->argument, ':');
	options->route = colon ? colon + 1 : capture->argument;
	if (colon) {
		*colon = '\0';
		options->serial = capture->argument;
	}
}

/* NAME.suffix becomes NAME-LABEL.suffix. */
static char *name_file(const char *name, const char *label)
{
	const char *slash = strrchr(name, '/');
	const char *dot = strrchr(slash ? slash : name, '.');
	const size_t stem = dot && dot > name ? (size_t)(dot - name) : strlen(name);
	char *path;

	return asprintf(&path, "%.*s-%s%s", (int)stem, name, label, name + stem) < 0 ? NULL : path;
}

/* Each of several routes has files of its own. */
static int name_files(struct capture *capture, const char *route)
{
	const char **names[] = { &capture->options.output, &capture->options.common.records };
	char label[sizeof(capture->label) - 2];

	snprintf(label, sizeof(label), "%s", route);
	for (char *at = label; *at; at++) {
		if (*at == ':' || *at == '/')
			*at = '-';
	}
	for (size_t i = 0; i < 2; i++) {
		if (!*names[i])
			continue;
		capture->paths[i] = name_file(*names[i], label);
		if (!capture->paths[i])
			return -ENOMEM;
		*names[i] = capture->paths[i];
	}
	snprintf(capture->label, sizeof(capture->label), "%.180s: ", label);
	return 0;
}

static int set_up(struct captures *captures)
{
	const struct capture_options *options = captures->options;
	int r = 0;

	captures->count = options->route_count > 1 ? options->route_count : 1;
	sem_init(&captures->ended, 0, 0);
	for (size_t i = 0; i < captures->count; i++) {
		struct capture *capture = &captures->list[i];

		pthread_mutex_init(&capture->lock, NULL);
		capture->first_failed = &captures->first_failed;
		capture->ended = &captures->ended;
		capture->options = *options;
		if (options->route_count > 0)
			split_route(options->routes[i], capture);
		if (r == 0 && captures->count > 1)
			r = name_files(capture, options->routes[i]);
	}
	if (r == 0 && captures->count > 1 && options->format == RECORDING_SIGMF) {
		captures->collection = sigmf_base_name(options->output);
		r = captures->collection ? 0 : -ENOMEM;
	}
	if (captures->count > 1 && options->common.json)
		captures->reports = json_array();
	return r < 0 ? failure_set(&captures->failure, STATUS_FAILED, "no memory for a file's name")
		     : STATUS_OK;
}

/* A board is opened once, whichever of its routes were named. */
static void add_board(struct captures *captures, struct iiobridge_board *board,
		      struct capture *capture)
{
	for (size_t i = 0; i < captures->board_count; i++) {
		if (strcmp(iiobridge_board_location(captures->boards[i]),
			   iiobridge_board_location(board)) == 0) {
			iiobridge_board_close(board);
			capture->board = captures->boards[i];
			return;
		}
	}
	captures->boards[captures->board_count++] = board;
	capture->board = board;
}

static int check_different(struct captures *captures, const struct capture *capture)
{
	const char *route = capture->options.common.route;

	for (const struct capture *other = captures->list; other < capture; other++) {
		if (other->board == capture->board &&
		    strcmp(other->options.common.route, route) == 0)
			return failure_set(&captures->failure, STATUS_USAGE,
					   "route %s of the board at %s is given twice", route,
					   iiobridge_board_location(capture->board));
	}
	return STATUS_OK;
}

static int open_boards(struct captures *captures)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < captures->count && status == STATUS_OK; i++) {
		struct capture *capture = &captures->list[i];
		struct iiobridge_board *board;

		status = cmd_open(&capture->options.common, &captures->failure, &board);
		if (status == STATUS_OK) {
			add_board(captures, board, capture);
			status = check_different(captures, capture);
		}
	}
	return status;
}

/* ---- while they run ---- */

static void *run_thread(void *context)
{
	struct capture *capture = context;

	capture_run(capture);
	atomic_store(&capture->done, true);
	sem_post(capture->ended);
	return NULL;
}

static int prepare(struct captures *captures)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < captures->count && status == STATUS_OK; i++) {
		status = capture_prepare(&captures->list[i]);
		captures->failure = captures->list[i].failure;
	}
	return status;
}

/* Starts one after the other, up to the first that fails: what it has brought is taken, too. */
static void start(struct captures *captures)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < captures->count && status == STATUS_OK; i++) {
		struct capture *capture = &captures->list[i];

		status = capture_start(capture);
		capture->has_thread = interrupt_thread(&capture->thread, run_thread, capture);
		if (capture->has_thread)
			continue;
		status = failure_set(&capture->failure, STATUS_FAILED, "no thread can be started");
		capture_fail(capture, status, &capture->failure);
		run_thread(capture);
	}
}

static void show_progress(struct captures *captures)
{
	struct progress sum = { 0 }, progress;

	for (size_t i = 0; i < captures->count; i++) {
		capture_get_progress(&captures->list[i], &progress);
		progress_add(&sum, &progress);
	}
	progress_show(&sum);
}

/* Whether all have ended, and whether one of them has failed. */
static bool look(const struct captures *captures, bool *failed)
{
	bool ended = true;

	*failed = false;
	for (size_t i = 0; i < captures->count; i++) {
		const struct capture *capture = &captures->list[i];
		const bool done = !capture->has_thread || atomic_load(&capture->done);

		ended = ended && done;
		*failed = *failed || (done && capture->status != STATUS_OK);
	}
	return ended;
}

/* Until one ends, a signal comes, or it is time to show the progress again. */
static void wait_turn(struct captures *captures)
{
	const struct timespec end = clock_timespec(clock_now_ns() + TURN_MS * CLOCK_NS_PER_MS);

	sem_clockwait(&captures->ended, CLOCK_MONOTONIC, &end);
}

/* Until all have ended. A signal stops all, and so does the first that fails. */
static void wait_for_all(struct captures *captures)
{
	bool stopped = false, failed;

	while (!look(captures, &failed)) {
		if (!stopped && (failed || interrupt_signal())) {
			for (size_t i = 0; i < captures->count; i++)
				capture_stop(&captures->list[i]);
			stopped = true;
		}
		show_progress(captures);
		wait_turn(captures);
	}
	for (size_t i = 0; i < captures->count; i++) {
		if (captures->list[i].has_thread)
			pthread_join(captures->list[i].thread, NULL);
	}
	progress_clear();
}

/* ---- the command ---- */

/* Nothing starts before all can; a capture that cannot begin has nothing to tell. */
static int run(struct captures *captures)
{
	int status;

	interrupt_catch();
	status = prepare(captures);
	if (status != STATUS_OK)
		return cmd_failed(&captures->failure, status);
	if (!captures->options->common.quiet)
		progress_enable();
	start(captures);
	wait_for_all(captures);
	return captures_finish(captures);
}

static void release(struct captures *captures)
{
	for (size_t i = 0; i < captures->count; i++)
		capture_release(&captures->list[i]);
	for (size_t i = 0; i < captures->board_count; i++)
		iiobridge_board_close(captures->boards[i]);
	sem_destroy(&captures->ended);
	json_decref(captures->reports);
	free(captures->collection);
	free(captures);
}

static int capture(const struct capture_options *options)
{
	struct captures *captures = calloc(1, sizeof(*captures));
	int status;

	if (!captures) {
		cmd_complain("no memory for the capture");
		return STATUS_FAILED;
	}
	captures->options = options;
	status = set_up(captures);
	if (status == STATUS_OK)
		status = open_boards(captures);
	if (status != STATUS_OK)
		cmd_failed(&captures->failure, status);
	else
		status = run(captures);
	release(captures);
	return status;
}

int cmd_capture(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_LONG,
		{ "time", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "sigmf", no_argument, NULL, OPTION_SIGMF },
		{ "wav", no_argument, NULL, OPTION_WAV },
		{ "real", no_argument, NULL, OPTION_REAL },
		{ "complex", no_argument, NULL, OPTION_COMPLEX },
		{ "author", required_argument, NULL, OPTION_AUTHOR },
		{ "reconnect", no_argument, NULL, OPTION_RECONNECT },
		{ "verify", required_argument, NULL, OPTION_VERIFY },
		{ NULL, 0, NULL, 0 },
	};
	struct capture_options options = { 0 };
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
	if (status == STATUS_OK)
		status = choose_format(argv[0], &options);
	if (status == STATUS_OK)
		status = check_endpoint(argv[0], &options);
	if (status == STATUS_OK)
		status = check_several(argv[0], &options);
	if (status != STATUS_OK)
		return status;
	return capture(&options);
}
