// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"
#include "cmd.h"
#include "device.h"
#include "interrupt.h"
#include "job.h"
#include "measure.h"
#include "status.h"
#include "units.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#define DEFAULT_US 2000000

static const char help[] =
	"Usage: iiobridge bench [-r ROUTE] [-t TIME] [OPTION...]\n"
	"\n"
	"Runs a route with blocks of several sizes, shows how fast each is, what was lost\n"
	"and what it costs, and recommends a size and a number of blocks for the board's\n"
	"configuration. What is captured is thrown away. WHAT IS PLAYED IS SILENCE, the\n"
	"value 0 in all channels. The largest size is the configuration's block_size.\n"
	"\n"
	"  -r, --route ROUTE      the route; default: the board's only one for capture\n"
	"  -t, --time TIME        how long each size is measured: 500ms, 10s; default: 2s\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  only this one: 64K, \"1 MiB\"\n"
	"      --json             for programs: one JSON object\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 done, 6 board gone, 7 board refused all sizes, 130 Ctrl-C; see\n"
	"iiobridge --help for all.\n";

struct bench_options {
	struct options common;
	uint64_t microseconds;
};

struct bench_job {
	struct job job;
	const struct bench_options *options;
	struct session_settings settings;
	struct bench bench;
};

static int measure_size(struct bench_job *job, struct device *device, uint32_t size)
{
	struct bench_point *point = &job->bench.points[job->bench.count];
	int r;

	job->settings.block_size = size;
	r = measure_route(device, job->bench.route.direction, &job->settings,
			  job->options->microseconds * 1000, point);
	if (r < 0)
		return r;
	job->bench.count++;
	if (!job->options->common.json) {
		bench_print_point(point, stdout);
		fflush(stdout);
	}
	return 0;
}

static int measure_all(struct bench_job *job, struct device *device)
{
	uint32_t sizes[BENCH_POINTS_MAX] = { job->options->common.block_size };
	size_t count = 1;
	int r = 0;

	if (!sizes[0])
		count = bench_sizes(&job->bench.route, job->options->microseconds * 1000, sizes);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = measure_size(job, device, sizes[i]);
	return r;
}

static bool all_refused(const struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++) {
		if (!bench->points[i].refused.message[0])
			return false;
	}
	return true;
}

static int tell(struct bench_job *job)
{
	struct bench_advice advice;

	if (job->options->common.json) {
		if (bench_print_json(&job->bench, stdout) < 0) {
			cmd_complain("no memory for what was found");
			return STATUS_FAILED;
		}
	} else {
		bench_advise(&job->bench, &advice);
		bench_print_advice(&advice, stdout);
	}
	if (all_refused(&job->bench)) {
		cmd_complain("%s", job->bench.points[0].refused.message);
		return STATUS_REFUSED;
	}
	return cmd_finish_output();
}

/* The route as it is with the channels that were asked for. */
static int choose_route(struct bench_job *job, struct device *device)
{
	const struct session_settings *settings = &job->settings;
	int r;

	r = job_choose_route(&job->job, device, &job->settings);
	if (r == 0)
		r = device_claim(device);
	if (r == 0)
		r = device_set_parameters(device, settings->route, settings->channel_mask, 0);
	if (r == 0)
		r = device_stop(device, settings->route);
	if (r == 0)
		r = device_get_route(device, settings->route, &job->bench.route);
	return r;
}

static int bench_route(void *context, struct device *device)
{
	struct bench_job *job = context;
	int r;

	r = choose_route(job, device);
	if (r < 0)
		return job_complain(&job->job, r);
	if (!job->options->common.json)
		bench_print_head(&job->bench, stdout);

	interrupt_catch();
	r = measure_all(job, device);
	if (r == -EINTR)
		return STATUS_SIGNAL + interrupt_signal();
	return r < 0 ? job_complain(&job->job, r) : tell(job);
}

static int parse_option(const char *command, int option, struct bench_options *options)
{
	switch (option) {
	case 't':
		return options_parse_number(command, "-t", optarg, units_parse_duration,
					    "a time longer than 0, such as 500ms or 10s",
					    &options->microseconds);
	default:
		return options_take(&options->common, command, option);
	}
}

int cmd_bench(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_ROUTE_LONG,
		{ "time", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ NULL, 0, NULL, 0 },
	};
	struct bench_options options = { .microseconds = DEFAULT_US };
	struct bench_job job = { .options = &options };
	int option, status;

	while ((option = getopt_long(argc, argv, OPTIONS_ROUTE_LETTERS "t:", long_options, NULL)) >=
	       0) {
		if (option == 'h')
			return cmd_help(help);
		status = parse_option(argv[0], option, &options);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);
	job_init(&job.job, &options.common, IIOBRIDGE_CAPTURE);
	return job_run(&job.job, bench_route, &job);
}
