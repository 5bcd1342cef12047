// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_job.h"
#include "cmd.h"
#include "failure.h"
#include "files/endpoint.h"
#include "several.h"
#include "status.h"
#include "units.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
	"Usage: iiobridge capture [-n SAMPLES | -t TIME] [-o FILE] [OPTION...]\n"
	"Captures samples from a board's ADC; without -n and -t, until Ctrl-C.\n"
	"\n"
	"  -n, --samples COUNT    stop after exactly so many: 10M, 64Mi, 1000\n"
	"  -t, --time TIME        stop after so much of the ADC's time: 2.5s, 100ms, 1min\n"
	"  -o, --output FILE      NAME.sigmf-meta, NAME.wav or raw samples; - is a pipe;\n"
	"                         zmq:tcp://ADDRESS:PORT or zmq:ipc://FILE publishes them\n"
	"      --sigmf, --wav     a recording of this format, whatever FILE is called\n"
	"      --real, --complex  SigMF: which channels are I and Q, against their names\n"
	"      --author NAME      SigMF: who made the recording\n"
	"      --verify counter   check the counter pattern; without -o, only check\n"
	"  -r, --route ROUTE      or SERIAL:ROUTE; again: all at once, into NAME-ROUTE...\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"      --records FILE     write what became of each block, a line for each\n"
	"      --json             a JSON object on standard output instead of the summary\n"
	"      --reconnect        when the board goes away, go on when it is back\n"
	"  -q, --quiet            no progress and no summary; losses are still told\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 done, 6 board gone, 7 board refused, 9 output failed, 10 --verify\n"
	"found a fault, 130 Ctrl-C before -n or -t; iiobridge --help has all.\n";

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
	struct capture_job job = { .options = &options };
	char route[192];
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
	if (options.route_count > 1)
		return several_capture(&options);
	if (options.route_count > 0)
		capture_split_route(options.routes[0], route, sizeof(route), &options.common);
	job_init(&job.job, &options.common, IIOBRIDGE_CAPTURE);
	return job_run(&job.job, capture_job_work, &job);
}
