// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * end.c - what is told in the end, and of several captures also what they have in common
 */
#include "capture.h"
#include "host/cmd.h"
#include "host/counter.h"
#include "host/files/sigmf.h"
#include "host/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool capture_is_pipe(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* ---- of one ---- */

static void get_end(struct capture *capture, struct progress *progress)
{
	capture_get_progress(capture, progress);
	/* What was received counts, but in the end only what is in the output. */
	if (capture->options.output)
		progress->samples = capture->end.samples;
	progress->records_lost = capture->losses.records_missing;
	progress->statistics.estimated = capture->facts.estimated;
	progress->unsubscribed = capture->end.unsubscribed;
}

static size_t count_breaks(const struct capture *capture, uint64_t samples)
{
	size_t count = capture->facts.run_count;

	while (count > 1 && capture->facts.runs[count - 1].at >= samples)
		count--;
	return count > 0 ? count - 1 : 0;
}

static void tell_more_gaps(const struct capture *capture)
{
	const uint64_t end = capture->wanted ? capture->wanted : UINT64_MAX;
	const size_t count = gaps_before(&capture->losses.gaps, end);

	if (!capture->options.common.quiet && count > capture->gaps_told)
		cmd_complain("%sand %zu more", capture->label, count - capture->gaps_told);
}

static void tell_losses(const struct capture *capture, const struct progress *progress)
{
	if (progress->losses_known && (progress_gaps(progress) || progress_lost(progress)))
		cmd_complain("%sSAMPLES ARE MISSING: the board had no free block %" PRIu64
			     " times and lost %s%" PRIu64 " samples",
			     capture->label, progress_gaps(progress),
			     progress->statistics.estimated ? "about " : "",
			     progress_lost(progress));
	if (progress->unsubscribed)
		cmd_complain("NOBODY SUBSCRIBED to %s while %" PRIu64 " of the samples were sent: "
			     "they reached nobody",
			     capture->options.output, progress->unsubscribed);
}

static void tell_breaks(const struct capture *capture, uint64_t samples)
{
	const size_t count = count_breaks(capture, samples);
	char places[CAPTURE_TOLD_MAX * 24] = "";
	size_t used = 0;

	if (count == 0)
		return;
	for (size_t i = 0; i < count && i < CAPTURE_TOLD_MAX; i++)
		used += (size_t)snprintf(places + used, sizeof(places) - used, "%s%" PRIu64,
					 i ? ", " : "", capture->facts.runs[i + 1].at);
	cmd_complain("THE BOARD WAS AWAY %zu time%s: nobody knows how many samples are missing "
		     "before sample%s %s%s of the output",
		     count, count == 1 ? "" : "s", count == 1 ? "" : "s", places,
		     count > CAPTURE_TOLD_MAX ? " and others" : "");
}

static bool is_for_people(const struct capture *capture)
{
	return !capture->options.common.quiet && !capture->options.common.json;
}

static void tell_check(struct capture *capture, const struct progress *progress,
		       struct verify_end *end)
{
	const struct verify_result *result = verify_result(capture->verify);
	const struct verify_losses losses = {
		.known = progress->losses_known,
		.gaps = progress_gaps(progress),
		.samples_lost = progress_lost(progress),
		.estimated = progress->statistics.estimated,
	};

	verify_compare(capture->verify, &capture->losses, &losses, end);
	if (is_for_people(capture))
		fprintf(stderr,
			"%scounter: %" PRIu64 " samples checked, wrong %" PRIu64 ", jumps %" PRIu64
			", missing %" PRIu64 "; records: %s\n",
			capture->label, result->samples, result->wrong, result->jumps,
			result->missing, end->compared);
	if (!end->good)
		cmd_complain("%s%s", capture->label, end->reason);
}

static json_t *describe_breaks(const struct capture *capture, uint64_t samples)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count_breaks(capture, samples); i++)
		json_array_append_new(array, report_count(true, capture->facts.runs[i + 1].at));
	return array;
}

static json_t *describe_check(const struct capture *capture, const struct verify_end *end)
{
	const struct verify_result *result;

	if (!capture->verify)
		return json_null();
	result = verify_result(capture->verify);
	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:s, s:o}", "pattern", "counter", "good",
			 end->good, "samples", report_count(true, result->samples), "wrong",
			 report_count(true, result->wrong), "jumps",
			 report_count(true, result->jumps), "samples_missing",
			 report_count(true, result->missing), "records", end->compared, "reason",
			 report_text(end->reason));
}

static int report(const struct capture *capture, const struct progress *progress,
		  const struct verify_end *end, int status, json_t *reports)
{
	const bool piped = capture_is_pipe(capture->options.output) ||
			   capture_is_pipe(capture->options.common.records);
	json_t *own = json_pack("{s:o, s:o, s:o, s:i, s:o}", "breaks",
				describe_breaks(capture, progress->samples), "samples_unheard",
				report_count(progress->published, progress->unsubscribed), "verify",
				describe_check(capture, end), "status", status, "error",
				report_reason(status, &capture->reason));
	json_t *object = report_join(progress_describe(progress, &capture->losses.gaps), own);

	if (reports)
		return json_array_append_new(reports, object) < 0 ? STATUS_FAILED : STATUS_OK;
	return report_print(object, piped ? stderr : stdout,
			    piped ? REPORT_ONE_LINE : REPORT_LINES);
}

static int tell_end(struct capture *capture, json_t *reports)
{
	struct verify_end end = { .good = true };
	struct progress progress;
	int status = capture->status, printed;
	char line[256];

	get_end(capture, &progress);
	capture_tell_gaps(capture);
	tell_more_gaps(capture);
	if (is_for_people(capture))
		fprintf(stderr, "%s%s\n", capture->label,
			progress_format_end(&progress, line, sizeof(line)));
	tell_losses(capture, &progress);
	tell_breaks(capture, progress.samples);
	if (capture->verify)
		tell_check(capture, &progress, &end);
	if (!end.good && (status == STATUS_OK || status > STATUS_SIGNAL))
		status = STATUS_VERIFY;
	if (!capture->options.common.json)
		return status;
	printed = report(capture, &progress, &end, status, reports);
	return status == STATUS_OK ? printed : status;
}

/* An output that failed before has said so. */
static void note_file(struct capture *capture, int r)
{
	if (r == 0 || capture->status == STATUS_FILE)
		return;
	capture->status = STATUS_FILE;
	capture->reason = capture->failure;
	cmd_failed(&capture->reason, STATUS_FILE);
}

static int finish(struct capture *capture, json_t *reports)
{
	capture->facts.note = capture->note[0] ? capture->note : NULL;
	if (capture->recording)
		note_file(capture,
			  recording_finish(capture->recording, &capture->facts, &capture->end));
	note_file(capture, record_file_close(capture->record_file));
	capture->record_file = NULL;
	return tell_end(capture, reports);
}

/* ---- of several ---- */

/*
 * Says how much later than the first route another one of the same board begins, on the board's
 * clock, and has its dates agree with that.
 */
static void align(const struct captures *captures, struct capture *capture)
{
	const struct capture *first = &captures->list[0];
	struct recording_run *run = capture->facts.runs;
	const struct recording_run *base = first->facts.runs;
	double later;

	if (!capture->begun || capture->board != first->board || !run || !base || !run->board_ns ||
	    !base->board_ns)
		return;
	later = (double)run->board_ns - (double)base->board_ns;
	if (base->start_ns)
		run->start_ns = base->start_ns + (run->board_ns - base->board_ns);
	snprintf(capture->note, sizeof(capture->note),
		 "The first sample is %.9f s %s that of route %s, on the board's clock",
		 fabs(later) / 1e9, later < 0 ? "before" : "after",
		 iiobridge_route_name(first->route));
	if (!captures->options->common.quiet)
		cmd_complain("%s%s", capture->label, capture->note);
}

static int write_collection(struct captures *captures)
{
	const char *names[CAPTURE_ROUTES_MAX] = { NULL };

	for (size_t i = 0; i < captures->count; i++)
		names[i] = captures->list[i].options.output;
	if (sigmf_collection_write(captures->options->output, names, captures->count,
				   "Captured at once; each recording's description says when it "
				   "begins",
				   &captures->failure) < 0)
		return cmd_failed(&captures->failure, STATUS_FILE);
	return STATUS_OK;
}

/* What became of each is in its own object, and how all of it ended is beside them. */
static int report_all(const struct captures *captures, int status)
{
	const int printed =
		report_print(json_pack("{s:O, s:i, s:o}", "routes", captures->reports, "status",
				       status, "error", report_reason(status, &captures->failure)),
			     stdout, REPORT_LINES);

	return status == STATUS_OK ? printed : status;
}

/* One that was stopped as another one had failed has ended by that. */
static int pass_on(struct captures *captures)
{
	const struct capture *failed = atomic_load(&captures->first_failed);

	if (!failed || failed->status == STATUS_OK)
		return STATUS_OK;
	captures->failure = failed->reason;
	for (size_t i = 0; i < captures->count; i++) {
		struct capture *capture = &captures->list[i];

		if ((capture->status == STATUS_OK || capture->status > STATUS_SIGNAL) &&
		    !capture_has_all(capture)) {
			capture->status = failed->status;
			capture->reason = failed->reason;
		}
	}
	return failed->status;
}

static bool has_begun(const struct captures *captures, bool all)
{
	size_t begun = 0;

	for (size_t i = 0; i < captures->count; i++)
		begun += captures->list[i].begun;
	return begun == captures->count || (begun > 0 && !all);
}

int captures_finish(struct captures *captures)
{
	const int streamed = pass_on(captures);
	int status = streamed;

	if (!has_begun(captures, false))
		return status;
	for (size_t i = 1; i < captures->count; i++)
		align(captures, &captures->list[i]);
	/* What has no recording makes no collection. */
	if (!has_begun(captures, true)) {
		free(captures->collection);
		captures->collection = NULL;
	}
	for (size_t i = 0; i < captures->count; i++) {
		struct capture *capture = &captures->list[i];
		int end;

		if (!capture->begun)
			continue;
		capture->facts.collection = streamed == STATUS_FILE ? NULL : captures->collection;
		end = finish(capture, captures->reports);
		/* A fault says more than the signal that ended the others. */
		if (status == STATUS_OK || (status > STATUS_SIGNAL && end && end < STATUS_SIGNAL))
			status = end;
		if (!captures->failure.message[0])
			captures->failure = capture->reason;
	}
	if (captures->collection && status != STATUS_FILE && write_collection(captures))
		status = STATUS_FILE;
	return captures->reports ? report_all(captures, status) : status;
}
