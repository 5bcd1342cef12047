// SPDX-License-Identifier: GPL-2.0-or-later
#include "several.h"

#include "capture_job.h"
#include "cmd.h"
#include "device.h"
#include "files/sigmf.h"
#include "interrupt.h"
#include "report.h"
#include "status.h"
#include "summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct board {
	struct device *device;
	struct records *records;
};

struct lane {
	struct capture_options options;
	struct capture_job job;
	char spec[192]; /* the text of -r, cut at its colon */
	char *output;
	char *records;
	struct board *board;
	bool streams;
	int status; /* of one that had all before the others */
};

struct several {
	struct job job; /* of all together: failure, progress */
	const struct capture_options *options;
	struct device_list *list;
	struct board boards[CAPTURE_ROUTES_MAX];
	size_t board_count;
	struct lane lanes[CAPTURE_ROUTES_MAX];
	size_t count;
	json_t *reports;  /* of the lanes, with --json */
	char *collection; /* its base name, where there is one */
};

/* NAME.suffix becomes NAME-LANE.suffix. */
static char *name_file(const char *name, const char *lane)
{
	const char *slash = strrchr(name, '/');
	const char *dot = strrchr(slash ? slash : name, '.');
	const size_t stem = dot && dot > name ? (size_t)(dot - name) : strlen(name);
	char *path;

	return asprintf(&path, "%.*s-%s%s", (int)stem, name, lane, name + stem) < 0 ? NULL : path;
}

static int set_up_lane(struct several *several, struct lane *lane, const char *route)
{
	const struct capture_options *options = several->options;
	struct options *common = &lane->options.common;

	lane->options = *options;
	common->quiet = options->common.quiet;
	capture_split_route(route, lane->spec, sizeof(lane->spec), common);
	snprintf(lane->job.job.label, sizeof(lane->job.job.label), "%s", route);
	for (char *at = lane->job.job.label; *at; at++) {
		if (*at == ':' || *at == '/')
			*at = '-';
	}
	if (options->output)
		lane->output = name_file(options->output, lane->job.job.label);
	if (options->common.records)
		lane->records = name_file(options->common.records, lane->job.job.label);
	if ((options->output && !lane->output) || (options->common.records && !lane->records))
		return failure_set(several->job.failure, -ENOMEM, "no memory for a file's name");
	lane->options.output = lane->output;
	common->records = lane->records;
	return 0;
}

/* The same board may have been opened for another route: it is claimed only once. */
static int add_board(struct several *several, struct device *device, struct lane *lane)
{
	struct board *board;
	int r;

	for (size_t i = 0; i < several->board_count; i++) {
		board = &several->boards[i];
		if (strcmp(device_name(board->device), device_name(device)) == 0) {
			device_close(device);
			lane->board = board;
			return 0;
		}
	}
	board = &several->boards[several->board_count];
	r = records_new(device, &board->records);
	if (r < 0) {
		device_close(device);
		return r;
	}
	board->device = device;
	several->board_count++;
	lane->board = board;
	return 0;
}

/* With --wait each board is waited for; then all are opened in one list, for one event loop. */
static int await_boards(struct several *several)
{
	struct device_list *list;
	struct device *device;

	for (size_t i = 0; i < several->count && several->options->common.wait; i++) {
		const int r = cmd_open(&several->lanes[i].options.common, several->job.failure,
				       &list, &device);

		if (r < 0)
			return r;
		device_close(device);
		device_list_free(list);
	}
	return 0;
}

static int check_different(const struct several *several, const struct lane *lane)
{
	const char *route = lane->options.common.route;

	for (const struct lane *other = several->lanes; other < lane; other++) {
		if (other->board == lane->board && strcmp(other->options.common.route, route) == 0)
			return failure_set(several->job.failure, -EINVAL,
					   "route %s of the board at %s is given twice", route,
					   device_name(lane->board->device));
	}
	return 0;
}

static int open_boards(struct several *several)
{
	struct failure *failure = several->job.failure;
	struct device *device;
	int r;

	r = await_boards(several);
	if (r == 0)
		r = device_list_new(failure, &several->list);
	for (size_t i = 0; i < several->count && r == 0; i++) {
		struct lane *lane = &several->lanes[i];

		r = device_open_serial(several->list, lane->options.common.serial, failure,
				       &device);
		if (r == 0)
			r = add_board(several, device, lane);
		if (r == 0)
			r = check_different(several, lane);
	}
	return r;
}

static int prepare_lane(struct several *several, struct lane *lane)
{
	struct job *job = &lane->job.job;
	char label[sizeof(job->label)];
	int r;

	memcpy(label, job->label, sizeof(label));
	job_init(job, &lane->options.common, IIOBRIDGE_CAPTURE);
	snprintf(job->label, sizeof(job->label), "%.180s: ", label);
	job->failure = several->job.failure;
	job->show_progress = several->job.show_progress;
	job->device = lane->board->device;
	job->records = lane->board->records;
	job->reports = several->reports;
	snprintf(job->serial, sizeof(job->serial), "%s", device_serial(job->device));
	lane->job.options = &lane->options;
	r = capture_job_prepare(&lane->job, job->device);
	several->job.file_failed = job->file_failed;
	return r;
}

static int start_lanes(struct several *several)
{
	int r = 0;

	for (size_t i = 0; i < several->count && r == 0; i++)
		r = prepare_lane(several, &several->lanes[i]);
	for (size_t i = 0; i < several->count && r == 0; i++) {
		r = capture_job_start(&several->lanes[i].job);
		several->lanes[i].streams = r == 0;
	}
	return r;
}

/* A route that has all that was asked for stops, while the others go on. */
static int turn(void *context, unsigned int timeout_ms)
{
	struct several *several = context;
	size_t left = 0;

	for (size_t i = 0; i < several->count; i++) {
		struct lane *lane = &several->lanes[i];
		int r;

		if (!lane->streams)
			continue;
		r = capture_job_turn(&lane->job, left++ ? 0 : timeout_ms);
		several->job.file_failed = lane->job.job.file_failed;
		if (r < 0)
			return r;
		if (r > 0) {
			lane->streams = false;
			left--;
			lane->status = capture_job_stop(&lane->job, STATUS_OK);
		}
	}
	return left == 0;
}

static void get_progress(void *context, struct progress *progress)
{
	struct several *several = context;

	*progress = (struct progress){ .losses_known = true };
	for (size_t i = 0; i < several->count; i++) {
		struct progress lane;

		capture_get_progress(&several->lanes[i].job, &lane);
		progress->scans += lane.scans;
		progress->scans_wanted += lane.scans_wanted;
		progress->bytes += lane.bytes;
		if (lane.nanoseconds > progress->nanoseconds)
			progress->nanoseconds = lane.nanoseconds;
		progress->losses_known = progress->losses_known && lane.losses_known;
		progress->gaps += lane.gaps;
		progress->scans_lost += lane.scans_lost;
		progress->estimated = progress->estimated || lane.estimated;
	}
}

static const struct job_moves moves = { turn, get_progress };

/* When the first sample of a route was taken, on its board's clock. */
static bool find_start(const struct lane *lane, double *start_ns)
{
	const struct recording_run *run = lane->job.runs.list;
	const struct iiobridge_route_info *route = &lane->job.route;
	uint32_t scans;

	if (!run->has_first)
		return false;
	scans = run->first.bytes / route->bytes_per_scan;
	*start_ns = (double)run->first.filled_ns;
	if (route->sample_rate_millihertz)
		*start_ns -= (double)scans * 1e12 / (double)route->sample_rate_millihertz;
	return true;
}

/*
 * Says how much later than the first route another one begins, and has its time of arrival, from
 * which its dates are, agree with that.
 */
static void align_lane(struct several *several, struct lane *lane)
{
	const struct lane *first = &several->lanes[0];
	struct recording_run *run = lane->job.runs.list;
	const struct recording_run *base = first->job.runs.list;
	double first_ns, start_ns;

	if (!lane->job.begun || lane->board != first->board || !find_start(first, &first_ns) ||
	    !find_start(lane, &start_ns))
		return;
	run->arrived_ns = base->arrived_ns + (run->first.drained_ns - base->first.drained_ns);
	snprintf(lane->job.note, sizeof(lane->job.note),
		 "The first sample is %.9f s %s that of route %s, on the board's clock",
		 fabs(start_ns - first_ns) / 1e9, start_ns < first_ns ? "before" : "after",
		 first->job.route.name);
	if (!several->options->common.quiet)
		job_tell(&lane->job.job, "%s", lane->job.note);
}

static int write_collection(struct several *several)
{
	const char *names[CAPTURE_ROUTES_MAX] = { NULL };

	for (size_t i = 0; i < several->count; i++)
		names[i] = several->lanes[i].output;
	return sigmf_collection_write(several->options->output, names, several->count,
				      "Captured at once; each recording's description says when "
				      "it begins",
				      several->job.failure);
}

/* What became of each is in its own object, and how all of it ended is beside them. */
static int report(struct several *several, int status)
{
	const bool failed =
		status != STATUS_OK && status != STATUS_VERIFY && status < STATUS_SIGNAL;
	int end;

	if (!several->reports)
		return status;
	if (report_print(json_pack("{s:O, s:i, s:o}", "routes", several->reports, "status", status,
				   "error",
				   summary_error(failed ? several->job.failure->message : "")),
			 stdout, REPORT_LINES) < 0) {
		cmd_complain("no memory for the summary");
		end = STATUS_FAILED;
	} else {
		end = cmd_finish_output();
	}
	return status == STATUS_OK ? end : status;
}

/* Ends the recordings of the routes that had begun, of which @status says how. */
static int end_lanes(struct several *several, int status)
{
	const int streamed = status;

	for (size_t i = 1; i < several->count; i++)
		align_lane(several, &several->lanes[i]);
	for (size_t i = 0; i < several->count; i++) {
		struct capture_job *job = &several->lanes[i].job;
		int end;

		if (!job->begun)
			continue;
		if (streamed != STATUS_FILE)
			job->collection = several->collection;
		end = capture_job_end(job, streamed);
		status = status == STATUS_OK ? end : status;
	}
	return status;
}

static size_t count_begun(const struct several *several)
{
	size_t count = 0;

	for (size_t i = 0; i < several->count; i++)
		count += several->lanes[i].job.begun;
	return count;
}

static int run(struct several *several)
{
	size_t begun;
	int status, r;

	interrupt_catch();
	r = start_lanes(several);
	status = r == 0 ? job_stream(&several->job, &moves, several)
			: job_complain(&several->job, r);
	if (status > STATUS_SIGNAL && !several->lanes[0].job.job.wanted)
		status = STATUS_OK;
	for (size_t i = 0; i < several->count; i++) {
		struct lane *lane = &several->lanes[i];

		if (lane->streams)
			status = capture_job_stop(&lane->job, status);
		else if (status == STATUS_OK)
			status = lane->status;
	}
	begun = count_begun(several);
	if (!begun)
		return status;
	/* What has no recording makes no collection. */
	if (begun < several->count) {
		free(several->collection);
		several->collection = NULL;
	}
	status = end_lanes(several, status);
	if (several->collection && status != STATUS_FILE) {
		r = write_collection(several);
		several->job.file_failed = r < 0;
		if (r < 0)
			status = job_complain(&several->job, r);
	}
	return report(several, status);
}

static void clear(struct several *several)
{
	for (size_t i = 0; i < several->count; i++) {
		capture_job_clear(&several->lanes[i].job);
		free(several->lanes[i].output);
		free(several->lanes[i].records);
	}
	for (size_t i = 0; i < several->board_count; i++) {
		records_free(several->boards[i].records);
		device_close(several->boards[i].device);
	}
	device_list_free(several->list);
	json_decref(several->reports);
	free(several->collection);
	free(several);
}

int several_capture(const struct capture_options *options)
{
	struct several *several = calloc(1, sizeof(*several));
	int status, r = 0;

	if (several && options->common.json)
		several->reports = json_array();
	if (!several || (options->common.json && !several->reports)) {
		cmd_complain("no memory for several routes");
		free(several);
		return STATUS_FAILED;
	}
	several->options = options;
	several->count = options->route_count;
	job_init(&several->job, &options->common, IIOBRIDGE_CAPTURE);
	for (size_t i = 0; i < several->count && r == 0; i++)
		r = set_up_lane(several, &several->lanes[i], options->routes[i]);
	if (r == 0 && options->format == RECORDING_SIGMF) {
		several->collection = sigmf_base_name(options->output);
		if (!several->collection)
			r = failure_set(several->job.failure, -ENOMEM,
					"no memory for a file's name");
	}
	if (r == 0)
		r = open_boards(several);
	status = r == 0 ? run(several) : cmd_open_failed(several->job.failure, r);
	clear(several);
	return status;
}
