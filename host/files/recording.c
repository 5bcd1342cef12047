// SPDX-License-Identifier: GPL-2.0-or-later
#include "recording.h"

#include "clock.h"
#include "failure.h"
#include "gaps.h"
#include "output.h"
#include "publisher.h"
#include "sigmf.h"
#include "wav.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DESCRIPTION_SIZE 2048

struct recording {
	const struct recording_setup *setup;
	struct failure *failure;
	struct output *output;
	uint64_t header_size; /* bytes in the file before the samples */
	struct wav wav;
	struct sigmf_file *meta_file; /* of SigMF */
};

enum recording_format recording_format_of(const char *path)
{
	const size_t length = strlen(path);

	if (sigmf_is_name(path))
		return RECORDING_SIGMF;
	return length > 4 && strcasecmp(path + length - 4, ".wav") == 0 ? RECORDING_WAV
									: RECORDING_RAW;
}

static size_t sample_size(const struct recording_setup *setup)
{
	return iiobridge_route_sample_size(setup->route);
}

static int find_header(const struct recording_setup *setup, struct failure *failure,
		       struct wav *wav)
{
	const uint64_t rate = iiobridge_route_sample_rate_millihertz(setup->route);
	struct datatype_layout layout;
	int r;

	r = datatype_of_route(setup->route, DATATYPE_REAL, failure, &layout);
	return r < 0 ? r : wav_init(wav, &layout, rate, failure);
}

int recording_check(const struct recording_setup *setup, struct failure *failure)
{
	struct datatype_layout layout;
	struct wav wav;

	switch (setup->format) {
	case RECORDING_SIGMF:
		return datatype_of_route(setup->route, setup->pairing, failure, &layout);
	case RECORDING_WAV:
		return find_header(setup, failure, &wav);
	default:
		return 0;
	}
}

static int open_raw(struct recording *recording)
{
	const struct recording_setup *setup = recording->setup;
	const char *endpoint = endpoint_of(setup->path);

	if (endpoint)
		return output_open_publisher(endpoint, sample_size(setup), setup->is_ending,
					     recording->failure, &recording->output);
	return output_open(setup->path, false, recording->failure, &recording->output);
}

static int open_sigmf(struct recording *recording)
{
	const struct recording_setup *setup = recording->setup;
	char *path;
	int r;

	r = sigmf_file_open(setup->path, recording->failure, &recording->meta_file);
	if (r < 0)
		return r;
	path = sigmf_path(setup->path, SIGMF_DATA_SUFFIX);
	if (!path)
		r = failure_set(recording->failure, -ENOMEM, "no memory for the recording");
	else
		r = output_open(path, false, recording->failure, &recording->output);
	free(path);
	return r < 0 ? r : sigmf_file_begin(recording->meta_file);
}

/* That the size is not known is true until the end, and of a pipe also then. */
static int open_wav(struct recording *recording)
{
	uint8_t header[WAV_HEADER_SIZE];
	int r;

	r = find_header(recording->setup, recording->failure, &recording->wav);
	if (r == 0)
		r = open_raw(recording);
	if (r < 0)
		return r;
	recording->header_size = sizeof(header);
	wav_format(&recording->wav, header);
	return output_write(recording->output, header, sizeof(header));
}

int recording_open(const struct recording_setup *setup, struct failure *failure,
		   struct recording **ret)
{
	static int (*const open[])(struct recording *) = {
		[RECORDING_RAW] = open_raw,
		[RECORDING_SIGMF] = open_sigmf,
		[RECORDING_WAV] = open_wav,
	};
	struct recording *recording = calloc(1, sizeof(*recording));
	int r;

	if (!recording)
		return failure_set(failure, -ENOMEM, "no memory for the recording");
	recording->setup = setup;
	recording->failure = failure;
	r = open[setup->format](recording);
	if (r < 0) {
		recording_free(recording);
		return r;
	}
	*ret = recording;
	return 0;
}

int recording_write(struct recording *recording, const uint8_t *data, size_t size)
{
	const uint64_t before = output_written(recording->output);
	const int r = output_write(recording->output, data, size);

	/* Of a write that fails, the last one, the samples are in the file that it began with. */
	size = (size_t)(output_written(recording->output) - before);
	if (recording->meta_file)
		sigmf_file_hash(recording->meta_file, data,
				size - size % sample_size(recording->setup));
	return r;
}

/* ---- the metadata ---- */

/* @start_ns is the time of the sample with the number @first. */
static void format_datetime(const struct iiobridge_route *route, uint64_t first, uint64_t start_ns,
			    struct sigmf_capture *capture)
{
	const double rate = iiobridge_route_sample_rate(route);
	double after = 0;

	if (capture->global_index > first) {
		if (rate == 0)
			return;
		after = (double)(capture->global_index - first) * 1e9 / rate;
	}
	/* The years that RFC 3339 has are fewer than those of a board that says anything. */
	if (start_ns && after < 1e18)
		sigmf_format_time(start_ns + (uint64_t)after, capture->datetime);
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

/* Adds an annotation of a sample behind a gap, whose comment is malloc()ed or NULL. */
static int annotate(struct sigmf *meta, uint64_t at, char *comment)
{
	struct sigmf_annotation *annotation = &meta->annotations[meta->annotation_count++];

	/* Programs do not show what is about no sample at all. */
	*annotation = (struct sigmf_annotation){
		.sample_start = at,
		.sample_count = 1,
		.label = strdup(SIGMF_GAP_LABEL),
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

static int add_gap(struct sigmf *meta, const struct gap *gap, bool estimated)
{
	char *comment;

	if (comment_gap(gap, estimated, &comment) < 0)
		return -ENOMEM;
	begin_segment(meta, gap->at, gap->lost);
	return annotate(meta, gap->at, comment);
}

static int add_break(struct sigmf *meta, const struct recording_run *run)
{
	begin_segment(meta, run->at, 0);
	return annotate(meta, run->at,
			strdup("the board was away before this sample, and how many samples are "
			       "missing is not known"));
}

/* Adds a run that ends before the sample @end, with its gaps, which are those from @gap on. */
static int add_run(const struct recording_setup *setup, const struct recording_facts *facts,
		   const struct recording_run *run, uint64_t end, size_t *gap, struct sigmf *meta)
{
	const struct gaps *gaps = &facts->losses->gaps;
	size_t segment;
	int r = 0;

	if (run != facts->runs)
		r = add_break(meta, run);
	segment = meta->capture_count - 1;
	for (; *gap < gaps->kept_count && gaps->kept[*gap].at < end && r == 0; ++*gap)
		r = add_gap(meta, &gaps->kept[*gap], facts->estimated);
	for (size_t i = segment; i < meta->capture_count; i++) {
		format_datetime(setup->route, meta->captures[segment].global_index, run->start_ns,
				&meta->captures[i]);
		meta->captures[i].radio = run->radio;
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

static int add_runs(const struct recording_setup *setup, const struct recording_facts *facts,
		    uint64_t samples, struct sigmf *meta)
{
	const size_t most = facts->losses->gaps.kept_count + facts->run_count;
	size_t gap = 0;
	int r = 0;

	meta->captures = calloc(most, sizeof(*meta->captures));
	meta->annotations = calloc(most, sizeof(*meta->annotations));
	if (!meta->captures || !meta->annotations)
		return -ENOMEM;
	meta->capture_count = 1;
	for (size_t i = 0; i < facts->run_count && r == 0; i++) {
		if (i > 0 && facts->runs[i].at >= samples)
			break;
		r = add_run(setup, facts, &facts->runs[i], end_of_run(facts, i, samples), &gap,
			    meta);
	}
	return r;
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
		    uint64_t samples, char **description)
{
	const struct gaps *gaps = &facts->losses->gaps;
	const uint64_t missing = facts->losses->records_missing;
	char text[DESCRIPTION_SIZE];
	FILE *file;
	size_t size;

	file = open_memstream(description, &size);
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
		r = describe(setup, facts, samples, &meta->description);
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

void recording_keep(struct recording *recording, const struct recording_facts *facts,
		    uint64_t samples)
{
	struct sigmf meta;
	char *text = NULL;
	int r;

	if (recording->setup->format != RECORDING_SIGMF)
		return;
	r = recording_describe(recording->setup, facts, samples, &meta);
	if (r == 0)
		text = sigmf_format(&meta);
	sigmf_clear(&meta);
	if (text)
		sigmf_file_keep(recording->meta_file, text);
	free(text);
}

static int complete_sigmf(struct recording *recording, const struct recording_facts *facts,
			  uint64_t samples)
{
	struct sigmf meta;
	int r;

	r = recording_describe(recording->setup, facts, samples, &meta);
	if (r == 0)
		meta.sha512 = sigmf_file_sha512(recording->meta_file);
	if (r < 0 || !meta.sha512)
		r = failure_set(recording->failure, -ENOMEM, "no memory for the metadata");
	else
		r = sigmf_file_write(recording->meta_file, &meta);
	sigmf_clear(&meta);
	return r;
}

/* ---- the end ---- */

static int complete_wav(struct recording *recording, uint64_t size)
{
	uint8_t header[WAV_HEADER_SIZE];
	int r = 0;

	recording->wav.size = size;
	wav_format(&recording->wav, header);
	if (size % 2)
		r = output_overwrite(recording->output, sizeof(header) + size,
				     (const uint8_t[1]){ 0 }, 1);
	return r < 0 ? r : output_overwrite(recording->output, 0, header, sizeof(header));
}

/* What ended inside a sample, on a full disk, ends before it. */
static int complete_data(struct recording *recording, uint64_t written, uint64_t *samples)
{
	const uint64_t one = sample_size(recording->setup);
	const uint64_t header_size = recording->header_size;
	const uint64_t size = written > header_size ? written - header_size : 0;
	const uint64_t whole = size - size % one;
	int r = 0;

	*samples = whole / one;
	if (whole < size)
		r = output_truncate(recording->output, header_size + whole);
	if (r == 0 && recording->setup->format == RECORDING_WAV)
		r = complete_wav(recording, whole);
	return r;
}

/* Keeps the first failure: it is the one to be told, and what follows is a consequence of it. */
static void note(struct recording *recording, int r, int *first, struct failure *reason)
{
	if (r < 0 && *first == 0) {
		*first = r;
		*reason = *recording->failure;
	}
}

int recording_finish(struct recording *recording, const struct recording_facts *facts,
		     struct recording_end *end)
{
	struct failure reason;
	uint64_t written;
	int first = 0;

	note(recording, output_finish(recording->output, &written), &first, &reason);
	note(recording, complete_data(recording, written, &end->samples), &first, &reason);
	end->unsubscribed = output_unsubscribed(recording->output) / sample_size(recording->setup);
	note(recording, output_close(recording->output), &first, &reason);
	recording->output = NULL;
	if (recording->setup->format == RECORDING_SIGMF)
		note(recording, complete_sigmf(recording, facts, end->samples), &first, &reason);
	if (first < 0)
		*recording->failure = reason;
	return first;
}

void recording_free(struct recording *recording)
{
	if (!recording)
		return;
	output_close(recording->output);
	sigmf_file_close(recording->meta_file);
	free(recording);
}
