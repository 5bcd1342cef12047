// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"
#include "clock.h"
#include "cmd.h"
#include "interrupt.h"
#include "job.h"
#include "report.h"
#include "status.h"
#include "units.h"
#include "view/scope.h"
#include "view/terminal.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define FRAME_NS    (100 * CLOCK_NS_PER_MS)
#define POLL_MAX_MS 50

static const char help[] =
	"Usage: iiobridge scope [-r ROUTE] [-s SERIAL] [OPTION...]\n"
	"\n"
	"Shows what a board's ADC sees in the terminal, ten times a second: the spectrum,\n"
	"the level, the rate, and gaps. It runs the route, and stops it in the end.\n"
	"\n"
	"  -1, --once             print one picture and end; also into a file or a pipe\n"
	"      --json             with --once: the figures of it as a JSON object instead\n"
	"  -r, --route ROUTE      the route, where the board has several for capture\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --real             channels are no pairs of I and Q\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"  -h, --help             show this text\n"
	"\n"
	"Keys: q or Ctrl-C ends, c shows the next channel.\n"
	"\n"
	"Exit status: 0 done, 2 usage error, 3 no board, 6 board gone, 7 board refused;\n"
	"see iiobridge --help for all.\n";

struct scope_job {
	struct job job;
	struct options options;
	bool once;
	bool real;
	struct capture *capture;
	struct scope *scope;
	uint64_t shown_ns;
};

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	struct scope_job *job = context;

	scope_take(job->scope, data, size);
	return 0;
}

static void get_progress(void *context, struct progress *progress)
{
	const struct scope_job *job = context;
	struct session_progress session;

	capture_progress(job->capture, &session);
	job_fill_progress(&job->job, capture_route(job->capture), &session,
			  capture_trail(job->capture), progress);
}

/* The figures of one picture, called as those of a capture and of a recording. */
static json_t *describe(const struct scope_job *job, const struct scope_view *view)
{
	const struct progress *progress = &view->progress;
	const bool known = progress->losses_known;
	json_t *object =
		json_pack("{s:o, s:s, s:o, s:o, s:i, s:i}", "serial", report_text(job->job.serial),
			  "route", view->route, "device", report_text(view->device), "sample_rate",
			  report_number(view->sample_rate > 0, view->sample_rate), "channel",
			  view->channel, "channels", view->channels);
	json_t *spectrum = spectrum_describe(&view->figures, view->sample_rate);
	json_t *losses = json_pack(
		"{s:f, s:o, s:o, s:o, s:b}", "mib_per_s",
		units_per_second((double)progress->bytes / UNITS_MIB, progress->nanoseconds),
		"samples", report_count(true, progress->scans), "gap_count",
		report_count(known, progress->gaps), "samples_lost",
		report_count(known, progress->scans_lost), "samples_lost_estimated",
		progress->estimated);

	if (json_object_update(object, spectrum) < 0 || json_object_update(object, losses) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(spectrum);
	json_decref(losses);
	return object;
}

static int print_json(const struct scope_job *job, const struct scope_view *view)
{
	if (report_print(describe(job, view), stdout, REPORT_LINES) < 0)
		return failure_set(job->job.failure, -ENOMEM, "no memory for the figures");
	return 0;
}

static int show(struct scope_job *job)
{
	const struct iiobridge_route_info *route = capture_route(job->capture);
	struct scope_view view = {
		.route = route->name,
		.device = route->device,
		.sample_rate = (double)route->sample_rate_millihertz / 1000,
	};
	size_t columns, rows;
	char *text;

	scope_look(job->scope, &view);
	get_progress(job, &view.progress);
	if (job->options.json)
		return print_json(job, &view);
	terminal_size(&columns, &rows);
	text = scope_format(&view, columns, rows);
	if (!text)
		return failure_set(job->job.failure, -ENOMEM, "no memory for a picture");
	if (job->once)
		fputs(text, stdout);
	else
		terminal_show(text);
	free(text);
	scope_clear(job->scope);
	job->shown_ns = clock_now_ns();
	return 0;
}

/* One picture has all that it can have, gaps included; of many, each is there in time. */
static bool is_due(struct scope_job *job)
{
	struct progress progress;

	if (!job->once)
		return scope_has_seen(job->scope) && clock_now_ns() - job->shown_ns >= FRAME_NS;
	get_progress(job, &progress);
	return scope_is_full(job->scope) && progress.losses_known;
}

/* Returns 1 when all is done, 0 when there is more to show, or a negative errno. */
static int go_on(struct scope_job *job, unsigned int timeout_ms)
{
	int r;

	r = capture_poll(job->capture, timeout_ms < POLL_MAX_MS ? timeout_ms : POLL_MAX_MS);
	if (r == 0 && is_due(job)) {
		r = show(job);
		if (r == 0 && job->once)
			return 1;
	}
	if (r < 0 || job->once)
		return r;
	switch (terminal_key()) {
	case 'q':
		return 1;
	case 'c':
		scope_next_channel(job->scope);
		return 0;
	default:
		return 0;
	}
}

/* Whatever is told in the end is told on the terminal as it was before. */
static int turn(void *context, unsigned int timeout_ms)
{
	const int r = go_on(context, timeout_ms);

	if (r != 0)
		terminal_close();
	return r;
}

static const struct job_moves moves = { turn, get_progress };

static int prepare(struct scope_job *job, struct device *device)
{
	const enum datatype_pairing pairing = job->real ? DATATYPE_REAL : DATATYPE_BY_NAME;
	const struct iiobridge_route_info *route;
	struct session_settings settings;
	struct datatype_layout layout;
	int r;

	r = job_choose_route(&job->job, device, &settings);
	if (r < 0)
		return r;
	r = capture_new(device, &settings, &job->capture);
	if (r < 0)
		return r;
	route = capture_route(job->capture);
	r = datatype_of_channels(job->job.channels, route->channel_mask, route->bytes_per_scan,
				 pairing, job->job.failure, &layout);
	if (r < 0)
		return r;
	job->scope = scope_new(&layout);
	if (!job->scope)
		return failure_set(job->job.failure, -ENOMEM, "no memory for the spectrum");
	return 0;
}

static int run(struct scope_job *job)
{
	int status, r;

	interrupt_catch();
	r = capture_start(job->capture, 0, take_scans, job);
	if (r < 0) {
		status = job_complain(&job->job, r);
		capture_finish(job->capture);
		return status;
	}
	if (!job->once)
		terminal_open();
	status = job_stream(&job->job, &moves, job);
	terminal_close();
	/* A signal is a way to end it, but not before the one picture is there. */
	if (status > STATUS_SIGNAL && !job->once)
		status = STATUS_OK;
	r = capture_finish(job->capture);
	if (r < 0 && status == STATUS_OK)
		status = job_complain(&job->job, r);
	return status == STATUS_OK ? cmd_finish_output() : status;
}

static int look(void *context, struct device *device)
{
	struct scope_job *job = context;
	int status, r;

	r = prepare(job, device);
	status = r == 0 ? run(job) : job_complain(&job->job, r);
	scope_free(job->scope);
	capture_free(job->capture);
	return status;
}

int cmd_scope(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_ROUTE_LONG,
		{ "once", no_argument, NULL, '1' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "real", no_argument, NULL, OPTION_REAL },
		{ NULL, 0, NULL, 0 },
	};
	struct scope_job job = { 0 };
	int option, status = STATUS_OK;

	while ((option = getopt_long(argc, argv, OPTIONS_ROUTE_LETTERS "1", long_options, NULL)) >=
	       0) {
		if (option == 'h')
			return cmd_help(help);
		if (option == '1')
			job.once = true;
		else if (option == OPTION_REAL)
			job.real = true;
		else
			status = options_take(&job.options, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);
	if (job.options.json && !job.once)
		return cmd_usage(argv[0], "--json tells the figures of one picture: give --once");
	job_init(&job.job, &job.options, IIOBRIDGE_CAPTURE);
	/* The picture says how it goes. */
	job.job.show_progress = false;
	if (!job.once && terminal_check(job.job.failure) < 0)
		return job_complain(&job.job, -EINVAL);
	return job_run(&job.job, look, &job);
}
