// SPDX-License-Identifier: GPL-2.0-or-later
#include "summary.h"

#include "answer.h"
#include "files/gaps.h"
#include "progress.h"
#include "report.h"
#include "runs.h"
#include "trail.h"
#include "verdict.h"
#include "verify.h"

#include <iiobridge/protocol.h>

#include <stdlib.h>
#include <string.h>

static json_t *describe_gap(const struct gap *gap, bool exact)
{
	return json_pack("{s:o, s:o, s:b}", "sample", report_count(true, gap->at), "missing",
			 report_count(gap->lost, gap->lost), "exact", exact && gap->lost);
}

static json_t *describe_gaps(const struct summary *summary)
{
	const struct progress *progress = summary->progress;
	const bool exact = !progress->estimated && !progress->records_lost;
	const struct gaps *gaps;
	json_t *array = json_array();

	if (!summary->trail)
		return array;
	gaps = trail_gaps(summary->trail);
	for (size_t i = 0; i < gaps->kept_count && gaps->kept[i].at < progress->scans; i++) {
		if (json_array_append_new(array, describe_gap(&gaps->kept[i], exact)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* The samples before which the board was away. */
static json_t *describe_breaks(const struct summary *summary)
{
	const struct runs *runs = summary->runs;
	const size_t count = runs ? runs_breaks(runs, summary->progress->scans) : 0;
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		if (json_array_append_new(array, report_count(true, runs->list[i + 1].at)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *describe_check(const struct summary *summary)
{
	const struct verify_result *checked = summary->checked;

	if (!checked)
		return json_null();
	return json_pack(
		"{s:s, s:b, s:o, s:o, s:o, s:o, s:s, s:o}", "pattern", "counter", "good",
		summary->verdict->good, "samples", report_count(true, checked->scans), "wrong",
		report_count(true, checked->wrong), "jumps", report_count(true, checked->jumps),
		"samples_missing", report_count(true, checked->missing), "records",
		summary->verdict->compared, "reason", report_text(summary->verdict->reason));
}

/* A sentence may name a file, whose name is of any bytes. */
json_t *summary_error(const char *error)
{
	char *text = strdup(error);
	json_t *value;

	if (!text)
		return NULL;
	answer_clean_text(text);
	value = report_text(text);
	free(text);
	return value;
}

/* What a gap is called depends on the direction. */
static json_t *describe_losses(const struct summary *summary)
{
	const struct progress *progress = summary->progress;
	const bool known = progress->losses_known;
	const char *format = "{s:o, s:o, s:o, s:b, s:o}";

	if (progress->playback)
		return json_pack(format, "underruns", describe_gaps(summary), "underrun_count",
				 report_count(known, progress->gaps), "samples_missed",
				 report_count(known, progress->scans_lost),
				 "samples_missed_estimated", progress->estimated, "records_lost",
				 report_count(true, progress->records_lost));
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "breaks", describe_breaks(summary), "gaps",
		describe_gaps(summary), "gap_count", report_count(known, progress->gaps),
		"samples_lost", report_count(known, progress->scans_lost), "samples_lost_estimated",
		progress->estimated, "records_lost", report_count(true, progress->records_lost),
		"samples_unheard", report_count(progress->published, progress->scans_unheard));
}

static json_t *describe_amount(const struct summary *summary)
{
	const struct progress *progress = summary->progress;
	const struct iiobridge_route_info *route = summary->route;
	const double seconds = (double)progress->nanoseconds / 1e9;
	const double rate = seconds > 0 ? (double)progress->scans / seconds : 0;
	const double mib = (double)progress->bytes / (1 << 20);

	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:f, s:f, s:f}", "serial",
			 report_text(summary->serial), "route", route->name, "direction",
			 answer_direction_name(route->direction), "device",
			 report_text(route->device), "sample_rate", report_sample_rate(route),
			 "bytes_per_sample", (json_int_t)route->bytes_per_scan, "samples",
			 report_count(true, progress->scans), "bytes",
			 report_count(true, progress->bytes), "seconds", seconds, "samples_per_s",
			 rate, "mib_per_s", seconds > 0 ? mib / seconds : 0);
}

static json_t *describe_end(const struct summary *summary)
{
	json_t *end = json_pack("{s:i, s:o}", "status", summary->status, "error",
				summary_error(summary->error));
	int r;

	if (summary->progress->playback)
		r = json_object_set_new(end, "repeating", json_boolean(summary->repeating));
	else
		r = json_object_set_new(end, "verify", describe_check(summary));
	if (r == 0)
		return end;
	json_decref(end);
	return NULL;
}

json_t *summary_describe(const struct summary *summary)
{
	json_t *object = describe_amount(summary), *losses = describe_losses(summary),
	       *end = describe_end(summary);

	if (json_object_update(object, losses) < 0 || json_object_update(object, end) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(losses);
	json_decref(end);
	return object;
}
