// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_job.h"

#include "cmd.h"
#include "files/endpoint.h"
#include "status.h"
#include "summary.h"
#include "trail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* So many gaps are told one by one. */
#define GAPS_TOLD_MAX 10

void capture_get_progress(void *context, struct progress *progress)
{
	const struct capture_job *job = context;
	const struct runs *runs = &job->runs;
	struct session_progress session = { 0 };

	/* Between two runs there is none, and all that is known is of those before. */
	session.statistics_known = true;
	if (job->capture)
		capture_progress(job->capture, &session);
	/* What was received counts, but in the end only what is in the output. */
	if (job->finished)
		session.scans = job->end.scans > runs->scans ? job->end.scans - runs->scans : 0;
	job_fill_progress(&job->job, &job->route, &session, runs->trail, progress);
	runs_add_to(runs, job->route.bytes_per_scan, progress);
	progress->published = endpoint_of(job->options->output);
	progress->scans_unheard = job->end.unsubscribed;
}

/* Up to where gaps are gaps in the output. */
static uint64_t output_end(const struct capture_job *job)
{
	return job->job.wanted ? job->job.wanted : UINT64_MAX;
}

/* Tells of the gaps that became known meanwhile. */
void capture_tell_gaps(struct capture_job *job, bool estimated)
{
	const struct gaps *gaps = trail_gaps(job->runs.trail);

	if (job->options->common.quiet)
		return;
	for (; job->gaps_seen < gaps->kept_count && job->gaps_told < GAPS_TOLD_MAX;
	     job->gaps_seen++) {
		const struct gap *gap = &gaps->kept[job->gaps_seen];

		if (gap->lost == 0 || gap->at >= output_end(job))
			continue;
		job->gaps_told++;
		job_tell(&job->job,
			 "gap before sample %" PRIu64 " of the output: %s%" PRIu64
			 " samples are missing",
			 gap->at, estimated ? "about " : "", gap->lost);
	}
}

static void tell_more_gaps(struct capture_job *job)
{
	const size_t count = gaps_before(trail_gaps(job->runs.trail), output_end(job));

	if (!job->options->common.quiet && count > job->gaps_told)
		job_tell(&job->job, "and %zu more", count - job->gaps_told);
}

static void tell_losses(const struct capture_job *job, const struct progress *progress)
{
	if (progress->losses_known && (progress->gaps || progress->scans_lost))
		cmd_complain("%sSAMPLES ARE MISSING: the board had no free block %" PRIu64
			     " times and lost %s%" PRIu64 " samples",
			     job->job.label, progress->gaps, progress->estimated ? "about " : "",
			     progress->scans_lost);
}

static void tell_unheard(const struct capture_job *job, const struct progress *progress)
{
	if (progress->scans_unheard)
		cmd_complain("NOBODY SUBSCRIBED to %s while %" PRIu64 " of the samples were sent: "
			     "they reached nobody",
			     job->options->output, progress->scans_unheard);
}

static int tell_verification(struct capture_job *job, const struct progress *progress)
{
	const struct verify_result *result = verify_result(job->verify);
	const struct verdict_losses losses = {
		.known = progress->losses_known,
		.gaps = progress->gaps,
		.scans_lost = progress->scans_lost,
		.estimated = progress->estimated,
	};
	struct verdict *verdict = &job->verdict;

	verdict_find(job->verify, job->runs.trail, &losses, verdict);
	if (!job->options->common.quiet && !job->options->common.json)
		fprintf(stderr,
			"%scounter: %" PRIu64 " samples checked, wrong %" PRIu64 ", jumps %" PRIu64
			", missing %" PRIu64 "; records: %s\n",
			job->job.label, result->scans, result->wrong, result->jumps,
			result->missing, verdict->compared);
	if (verdict->good)
		return STATUS_OK;
	cmd_complain("%s%s", job->job.label, verdict->reason);
	return STATUS_VERIFY;
}

static void tell_breaks(const struct capture_job *job, uint64_t scans)
{
	const size_t count = runs_breaks(&job->runs, scans);
	char places[GAPS_TOLD_MAX * 24] = "";
	size_t used = 0;

	if (count == 0)
		return;
	for (size_t i = 0; i < count && i < GAPS_TOLD_MAX; i++)
		used += (size_t)snprintf(places + used, sizeof(places) - used, "%s%" PRIu64,
					 i ? ", " : "", job->runs.list[i + 1].at);
	cmd_complain("THE BOARD WAS AWAY %zu time%s: nobody knows how many samples are missing "
		     "before sample%s %s%s of the output",
		     count, count == 1 ? "" : "s", count == 1 ? "" : "s", places,
		     count > GAPS_TOLD_MAX ? " and others" : "");
}

void capture_split_route(const char *text, char *room, size_t size, struct options *options)
{
	char *colon;

	snprintf(room, size, "%s", text);
	colon = strrchr(room, ':');
	options->route = colon ? colon + 1 : room;
	if (!colon)
		return;
	*colon = '\0';
	options->serial = room;
}

bool capture_is_pipe(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int report(const struct capture_job *job, const struct progress *progress, int status)
{
	const bool failed = status != STATUS_OK && status < STATUS_SIGNAL;
	const struct summary summary = {
		.serial = job->job.serial,
		.route = &job->route,
		.progress = progress,
		.runs = &job->runs,
		.trail = job->runs.trail,
		.checked = job->verify ? verify_result(job->verify) : NULL,
		.verdict = &job->verdict,
		.status = status,
		.error = failed && status != STATUS_VERIFY ? job->job.failure->message : "",
	};

	return job_report(&job->job, &summary,
			  capture_is_pipe(job->options->output) ||
				  capture_is_pipe(job->options->common.records));
}

int capture_tell_end(struct capture_job *job, int status)
{
	struct progress progress;
	int ending;

	capture_get_progress(job, &progress);
	capture_tell_gaps(job, progress.estimated);
	tell_more_gaps(job);
	job_tell_summary(&job->job, &progress);
	tell_losses(job, &progress);
	tell_unheard(job, &progress);
	tell_breaks(job, progress.scans);
	if (job->verify) {
		ending = tell_verification(job, &progress);
		if (status == STATUS_OK || status > STATUS_SIGNAL)
			status = ending != STATUS_OK ? ending : status;
	}
	return report(job, &progress, status);
}
