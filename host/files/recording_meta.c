// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recording_meta.c - what is said of a recording: its segments, and what disturbs them
 */
#include "recording.h"

#include "failure.h"
#include "gaps.h"
#include "sigmf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIPTION_SIZE 2048

/* What the segments are made of, in the order of their samples. */
struct segments {
	const struct recording_setup *setup;
	const struct recording_facts *facts;
	struct sigmf *meta;
	size_t gap;    /* the next one */
	size_t tuning; /* the next one */

	/* Of the run: */
	const struct recording_run *run;
	uint64_t first;				/* its first sample on the clock */
	const struct recording_tuning *latest;	/* or NULL */
	const struct recording_tuning *changed; /* the latest that changed the rate, or NULL */
	uint64_t lost;				/* until the end of that, in all runs */
};

static double rate_of_run(const struct segments *segments)
{
	return segments->run->sample_rate > 0 ? segments->run->sample_rate
					      : iiobridge_route_sample_rate(segments->setup->route);
}

/* Where the rate was changed, and behind it, times are known that are no multiple of one sample's.
 */
static bool find_base(const struct segments *segments, const struct sigmf_capture *capture,
		      uint64_t *at, uint64_t *board_ns, double *rate)
{
	const struct recording_tuning *changed = segments->changed;

	if (capture->global_index == segments->first || !changed) {
		*at = segments->first;
		*board_ns = segments->run->board_ns;
		*rate = rate_of_run(segments);
		return true;
	}
	*rate = changed->sample_rate;
	*at = capture->global_index;
	*board_ns = changed->at_ns;
	if (capture->sample_start >= changed->end) {
		*at = changed->end + segments->lost;
		*board_ns = changed->end_ns;
	} else if (capture->sample_start > changed->at) {
		return false;
	}
	return *board_ns && segments->run->board_ns;
}

static void format_datetime(const struct segments *segments, struct sigmf_capture *capture)
{
	const struct recording_run *run = segments->run;
	uint64_t at, board_ns;
	double rate, after = 0;

	capture->datetime[0] = '\0';
	if (!run->start_ns || !find_base(segments, capture, &at, &board_ns, &rate))
		return;
	if (capture->global_index > at) {
		if (rate == 0)
			return;
		after = (double)(capture->global_index - at) * 1e9 / rate;
	}
	/* The years that RFC 3339 has are fewer than those of a board that says anything. */
	if (after < 1e18)
		sigmf_format_time(run->start_ns + (board_ns - run->board_ns) + (uint64_t)after,
				  capture->datetime);
}

static struct sigmf_capture *latest_segment(const struct segments *segments)
{
	return &segments->meta->captures[segments->meta->capture_count - 1];
}

/* Says of the latest segment what is known of it. */
static void complete_segment(struct segments *segments)
{
	struct sigmf_capture *capture = latest_segment(segments);
	const struct recording_tuning *latest = segments->latest;
	const struct recording_tuning *changed = segments->changed;

	if (changed && capture->sample_start < changed->end)
		segments->lost = capture->global_index - capture->sample_start;
	format_datetime(segments, capture);
	capture->radio = latest ? latest->radio : segments->run->radio;
	capture->sample_rate = changed ? changed->sample_rate : rate_of_run(segments);
}

static int comment_gap(const struct gap *gap, bool estimated, char **comment)
{
	int r;

	if (gap->lost)
		r = asprintf(comment, "%s%" PRIu64 " samples are missing before this one",
			     estimated ? "about " : "", gap->lost);
	else
		r = asprintf(comment, "samples are missing before this one, and how many is not "
				      "known");
	return r < 0 ? -ENOMEM : 0;
}

/* Adds an annotation, whose comment is malloc()ed or NULL. */
static int annotate(struct sigmf *meta, uint64_t at, uint64_t count, const char *label,
		    char *comment)
{
	struct sigmf_annotation *annotation = &meta->annotations[meta->annotation_count++];

	*annotation = (struct sigmf_annotation){
		.sample_start = at,
		.sample_count = count,
		.label = strdup(label),
		.comment = comment,
	};
	return annotation->label && comment ? 0 : -ENOMEM;
}

/* What is behind a gap is a segment of its own. */
static void begin_segment(struct sigmf *meta, uint64_t at, uint64_t lost)
{
	struct sigmf_capture *capture = &meta->captures[meta->capture_count - 1];
	const uint64_t lost_before = capture->global_index - capture->sample_start;

	if (at > capture->sample_start)
		capture = &meta->captures[meta->capture_count++];
	capture->sample_start = at;
	capture->global_index = at + lost_before + lost;
}

/* Of the sample behind a gap: programs do not show what is about no sample at all. */
static int annotate_gap(struct sigmf *meta, uint64_t at, char *comment)
{
	return annotate(meta, at, 1, SIGMF_GAP_LABEL, comment);
}

static int add_gap(struct segments *segments, const struct gap *gap)
{
	char *comment;

	if (comment_gap(gap, segments->facts->estimated, &comment) < 0)
		return -ENOMEM;
	begin_segment(segments->meta, gap->at, gap->lost);
	/* What was lost before its first sample was lost before the run's time. */
	if (gap->at == segments->run->at)
		segments->first = latest_segment(segments)->global_index;
	complete_segment(segments);
	return annotate_gap(segments->meta, gap->at, comment);
}

static char *comment_tuning(const struct recording_tuning *tuning)
{
	static const char *const known[] = {
		[RECORDING_TUNING_PENDING] = "what to is not yet known",
		[RECORDING_TUNING_KNOWN] = "the segment says what to, as the drivers did behind "
					   "them",
		[RECORDING_TUNING_SUPERSEDED] = "what to is not known, as it was tuned again "
						"before the drivers had said it",
		[RECORDING_TUNING_FAILED] = "what to is not known, as the board has not said it",
	};
	char *comment;

	return asprintf(&comment, "the radio was tuned within these samples%s: %s",
			tuning->rate_changed ? ", also to another sample rate" : "",
			known[tuning->state]) < 0
		       ? NULL
		       : comment;
}

static int add_tuning(struct segments *segments, const struct recording_tuning *tuning,
		      uint64_t end)
{
	const uint64_t behind = tuning->end < end ? tuning->end : end;

	begin_segment(segments->meta, tuning->at, 0);
	segments->latest = tuning;
	if (tuning->rate_changed)
		segments->changed = tuning;
	complete_segment(segments);
	return annotate(segments->meta, tuning->at, behind - tuning->at, SIGMF_TUNED_LABEL,
			comment_tuning(tuning));
}

static int add_break(struct sigmf *meta, const struct recording_run *run)
{
	begin_segment(meta, run->at, 0);
	return annotate_gap(meta, run->at,
			    strdup("the board was away before this sample, and how many samples "
				   "are missing is not known"));
}

static const struct gap *next_gap(const struct segments *segments, uint64_t end)
{
	const struct gaps *gaps = &segments->facts->losses->gaps;
	const struct gap *gap;

	if (segments->gap == gaps->kept_count)
		return NULL;
	gap = &gaps->kept[segments->gap];
	return gap->at < end ? gap : NULL;
}

static const struct recording_tuning *next_tuning(const struct segments *segments, uint64_t end)
{
	const struct recording_tunings *tunings = segments->facts->tunings;
	const struct recording_tuning *tuning;

	if (!tunings || segments->tuning == tunings->count)
		return NULL;
	tuning = &tunings->list[segments->tuning];
	return tuning->at < end ? tuning : NULL;
}

/* Adds a run that ends before the sample @end, with its gaps and where it was tuned. */
static int add_run(struct segments *segments, const struct recording_run *run, uint64_t end)
{
	struct sigmf *meta = segments->meta;
	int r = 0;

	if (run != segments->facts->runs)
		r = add_break(meta, run);
	segments->run = run;
	segments->first = latest_segment(segments)->global_index;
	segments->latest = segments->changed = NULL;
	complete_segment(segments);
	while (r == 0) {
		const struct recording_tuning *tuning = next_tuning(segments, end);
		const struct gap *gap = next_gap(segments, end);

		if (gap && (!tuning || gap->at <= tuning->at)) {
			segments->gap++;
			r = add_gap(segments, gap);
		} else if (tuning) {
			segments->tuning++;
			r = add_tuning(segments, tuning, end);
		} else {
			break;
		}
	}
	return r;
}

/* Where the data of a run end. */
static uint64_t end_of_run(const struct recording_facts *facts, size_t run, uint64_t samples)
{
	return run + 1 < facts->run_count && facts->runs[run + 1].at < samples
		       ? facts->runs[run + 1].at
		       : samples;
}

/* Where one has a rate of its own, it is said of each. */
static void say_rates(const struct segments *segments)
{
	const struct recording_facts *facts = segments->facts;
	bool has_rate = false;

	for (size_t i = 0; i < facts->run_count && !has_rate; i++)
		has_rate = facts->runs[i].sample_rate > 0;
	for (size_t i = 0; i < segments->tuning && !has_rate; i++)
		has_rate = facts->tunings->list[i].rate_changed;
	for (size_t i = 0; i < segments->meta->capture_count; i++)
		segments->meta->captures[i].has_rate = has_rate;
}

static int add_runs(const struct recording_setup *setup, const struct recording_facts *facts,
		    uint64_t samples, struct sigmf *meta)
{
	const size_t most = facts->losses->gaps.kept_count + facts->run_count +
			    (facts->tunings ? facts->tunings->count : 0);
	struct segments segments = { .setup = setup, .facts = facts, .meta = meta };
	int r = 0;

	meta->captures = calloc(most, sizeof(*meta->captures));
	meta->annotations = calloc(most, sizeof(*meta->annotations));
	if (!meta->captures || !meta->annotations)
		return -ENOMEM;
	meta->capture_count = 1;
	for (size_t i = 0; i < facts->run_count && r == 0; i++) {
		if (i > 0 && facts->runs[i].at >= samples)
			break;
		r = add_run(&segments, &facts->runs[i], end_of_run(facts, i, samples));
	}
	say_rates(&segments);
	return r;
}

/* What behind a change of the rate, or too many tunings, cannot be said otherwise. */
static void describe_tunings(const struct recording_tunings *tunings, const struct sigmf *meta,
			     FILE *file)
{
	if (meta->captures[0].has_rate)
		fprintf(file,
			". The sample rate was changed meanwhile: core:sample_rate is that of "
			"the beginning, and " SIGMF_EXTENSION ":sample_rate that of each segment");
	if (tunings && tunings->more)
		fprintf(file,
			". The radio was tuned more than %zu times, and behind these it is not "
			"said "
			"what to",
			tunings->count);
}

/* Tells of the ends of runs whose gaps are not known. */
static void describe_untold(const struct recording_facts *facts, uint64_t samples, FILE *file)
{
	for (size_t i = 0; i < facts->run_count; i++) {
		const uint64_t end = end_of_run(facts, i, samples), told = facts->runs[i].told;

		if (facts->runs[i].at >= end || told >= end)
			continue;
		fprintf(file, ". Gaps from sample %" PRIu64 " on", told);
		if (end < samples)
			fprintf(file, ", before %" PRIu64 ",", end);
		fprintf(file, " are not known: the records of those blocks did not arrive");
	}
}

/* What a reader must know, and no other field has. */
static int describe(const struct recording_setup *setup, const struct recording_facts *facts,
		    uint64_t samples, struct sigmf *meta)
{
	const struct gaps *gaps = &facts->losses->gaps;
	const uint64_t missing = facts->losses->records_missing;
	char text[DESCRIPTION_SIZE];
	FILE *file;
	size_t size;

	file = open_memstream(&meta->description, &size);
	if (!file)
		return -ENOMEM;
	fprintf(file, "%s", datatype_describe(setup->route, text, sizeof(text)));
	if (gaps->kept_count < gaps->count)
		fprintf(file, ". Of %" PRIu64 " gaps only the first %zu are listed", gaps->count,
			gaps->kept_count);
	if (missing)
		fprintf(file,
			". The records of %" PRIu64 " blocks were lost: gaps among these are "
			"listed behind them, as one",
			missing);
	describe_untold(facts, samples, file);
	describe_tunings(facts->tunings, meta, file);
	if (facts->note)
		fprintf(file, ". %s", facts->note);
	return fclose(file) == 0 ? 0 : -ENOMEM;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int recording_describe(const struct recording_setup *setup, const struct recording_facts *facts,
		       uint64_t samples, struct sigmf *meta)
{
	struct failure failure;
	int r;

	*meta = (struct sigmf){ 0 };
	/* That the format can be had was seen when the recording was opened. */
	r = datatype_of_route(setup->route, setup->pairing, &failure, &meta->layout);
	if (r == 0)
		r = add_runs(setup, facts, samples, meta);
	if (r == 0)
		r = describe(setup, facts, samples, meta);
	if (r < 0)
		return r;
	meta->sample_rate = iiobridge_route_sample_rate(setup->route);
	meta->author = copy(setup->author);
	meta->hw = copy(setup->hw);
	meta->recorder = copy("iiobridge " IIOBRIDGE_VERSION);
	meta->collection = copy(facts->collection);
	return (meta->author || !setup->author) && meta->hw && meta->recorder &&
			       (meta->collection || !facts->collection)
		       ? 0
		       : -ENOMEM;
}
