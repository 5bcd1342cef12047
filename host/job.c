// SPDX-License-Identifier: GPL-2.0-or-later
#include "job.h"

#include "channels.h"
#include "clock.h"
#include "cmd.h"
#include "device.h"
#include "interrupt.h"
#include "status.h"

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
}

int job_run(struct job *job, int (*work)(void *context, struct device *device), void *context)
{
	struct device_list *list;
	struct device *device;
	int status, r;

	r = cmd_open(job->options->serial, &job->failure, &list, &device);
	if (r < 0)
		return job_complain(job, r);
	r = records_new(device, &job->records);
	status = r == 0 ? work(context, device) : job_complain(job, r);
	records_free(job->records);
	device_close(device);
	device_list_free(list);
	return status;
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

	index = cmd_find_route(device, options->route, job->direction, &job->route);
	if (index < 0)
		return index;
	r = cmd_get_channels(device, (unsigned int)index, &job->route, job->channels);
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
			      &job->failure, &settings->channel_mask);
}

int job_open_record_file(struct job *job, const struct iiobridge_route_info *route)
{
	int r;

	if (!job->options->records)
		return 0;
	r = record_file_open(job->options->records, route->bytes_per_scan, &job->failure,
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
	char text[sizeof(job->failure.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (job->show_progress)
		progress_clear();
	cmd_complain("%s", text);
	job->shown_ns = 0;
}

int job_complain(const struct job *job, int error)
{
	cmd_complain("%s", job->failure.message);
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

	if (!job->options->quiet)
		fprintf(stderr, "%s\n", progress_format_summary(progress, line, sizeof(line)));
}
