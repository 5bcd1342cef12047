// SPDX-License-Identifier: GPL-2.0-or-later
#include "job.h"

#include "board.h"
#include "channels.h"
#include "clock.h"
#include "cmd.h"
#include "device.h"
#include "interrupt.h"
#include "report.h"
#include "routes.h"
#include "status.h"
#include "summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define POLL_MS		     250
#define PROGRESS_INTERVAL_NS (250 * CLOCK_NS_PER_MS)

void job_init(struct job *job, const struct options *options, enum iiobridge_direction direction)
{
	*job = (struct job){
		.options = options,
		.direction = direction,
		.show_progress = !options->quiet && isatty(STDERR_FILENO),
	};
	job->failure = &job->own_failure;
}

static void disconnect(struct job *job)
{
	records_free(job->records);
	device_close(job->device);
	device_list_free(job->list);
	job->records = NULL;
	job->device = NULL;
	job->list = NULL;
}

int job_run(struct job *job, int (*work)(void *context, struct device *device), void *context)
{
	int status, r;

	r = cmd_open(job->options, job->failure, &job->list, &job->device);
	if (r < 0)
		return cmd_open_failed(job->failure, r);
	snprintf(job->serial, sizeof(job->serial), "%s", device_serial(job->device));
	r = records_new(job->device, &job->records);
	status = r == 0 ? work(context, job->device) : job_complain(job, r);
	disconnect(job);
	return status;
}

int job_reconnect(struct job *job)
{
	int r;

	disconnect(job);
	r = board_await(job->serial[0] ? job->serial : NULL, job->options->wait_us, job->failure,
			&job->list, &job->device);
	if (r < 0)
		return r;
	r = records_new(job->device, &job->records);
	if (r < 0)
		disconnect(job);
	return r;
}

static int observe(void *context, const struct trail_step *step)
{
	struct job *job = context;
	int r;

	if (!job->record_file)
		return 0;
	r = record_file_write(job->record_file, step);
	job->file_failed = job->file_failed || r < 0;
	return r;
}

int job_choose_route(struct job *job, struct device *device, struct session_settings *settings)
{
	const struct options *options = job->options;
	int index, r;

	index = routes_find(device, options->route, job->direction, &job->route);
	if (index < 0)
		return index;
	r = routes_get_channels(device, (unsigned int)index, &job->route, job->channels);
	if (r < 0)
		return r;

	*settings = (struct session_settings){
		.route = (unsigned int)index,
		.block_size = options->block_size,
		.records = job->records,
		.observer = observe,
		.observer_context = job,
	};
	if (!options->channels)
		return 0;
	return channels_parse(options->channels, job->channels, job->route.channel_count,
			      job->failure, &settings->channel_mask);
}

int job_open_record_file(struct job *job, const struct iiobridge_route_info *route)
{
	int r;

	if (!job->options->records)
		return 0;
	r = record_file_open(job->options->records, route->bytes_per_scan, job->failure,
			     &job->record_file);
	job->file_failed = r < 0;
	return r;
}

int job_close(struct job *job, int error, int status)
{
	if (error == 0 || job->file_failed)
		return status;
	job->file_failed = true;
	return job_complain(job, error);
}

int job_close_record_file(struct job *job, int status)
{
	const int r = record_file_close(job->record_file);

	job->record_file = NULL;
	return job_close(job, r, status);
}

void job_tell(struct job *job, const char *format, ...)
{
	char text[sizeof(job->own_failure.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (job->show_progress)
		progress_clear();
	cmd_complain("%s%s", job->label, text);
	job->shown_ns = 0;
}

int job_complain(const struct job *job, int error)
{
	cmd_complain("%s", job->failure->message);
	return job->file_failed ? STATUS_FILE : status_from_errno(error);
}

static bool progress_due(struct job *job)
{
	const uint64_t now = clock_now_ns();

	if (!job->show_progress || now - job->shown_ns < PROGRESS_INTERVAL_NS)
		return false;
	job->shown_ns = now;
	return true;
}

int job_stream(struct job *job, const struct job_moves *moves, void *context)
{
	struct progress progress;
	int r = 0;

	while (r == 0 && !interrupt_signal()) {
		r = moves->turn(context, POLL_MS);
		if (progress_due(job)) {
			moves->get_progress(context, &progress);
			progress_show(&progress);
		}
	}
	if (job->show_progress)
		progress_clear();
	if (r < 0)
		return job_complain(job, r);
	return r > 0 ? STATUS_OK : STATUS_SIGNAL + interrupt_signal();
}

void job_fill_progress(const struct job *job, const struct iiobridge_route_info *route,
		       const struct session_progress *session, const struct trail *trail,
		       struct progress *progress)
{
	*progress = (struct progress){
		.playback = job->direction == IIOBRIDGE_PLAYBACK,
		.scans = session->scans,
		.scans_wanted = job->wanted,
		.bytes = session->scans * route->bytes_per_scan,
		.nanoseconds = session->nanoseconds,
		.losses_known = session->statistics_known,
		.gaps = session->statistics.gaps,
		.scans_lost = session->statistics.scans_lost,
		.estimated = session->statistics.estimated,
		.records_lost = trail ? trail_records_missing(trail) : 0,
	};
}

void job_tell_summary(const struct job *job, const struct progress *progress)
{
	char line[256];

	if (!job->options->quiet && !job->options->json)
		fprintf(stderr, "%s%s\n", job->label,
			progress_format_summary(progress, line, sizeof(line)));
}

int job_report(const struct job *job, const struct summary *summary, bool piped)
{
	int status = STATUS_OK, r;

	if (!job->options->json)
		return summary->status;
	if (job->reports)
		r = json_array_append_new(job->reports, summary_describe(summary));
	else
		r = report_print(summary_describe(summary), piped ? stderr : stdout,
				 piped ? REPORT_ONE_LINE : REPORT_LINES);
	if (r < 0) {
		cmd_complain("no memory for the summary");
		status = STATUS_FAILED;
	} else if (!piped && !job->reports) {
		status = cmd_finish_output();
	}
	return summary->status == STATUS_OK ? status : summary->status;
}
