// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sigmf.c - metadata as JSON, written and read
 */
#include "sigmf.h"

#include "clock.h"
#include "failure.h"

#include <jansson.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More than a converter has, and a sample of so many still has a size of 32 bits. */
#define CHANNELS_MAX 65536

/* A text of an object: its key, and where it is in the struct that stands for the object. */
struct text_key {
	const char *key;
	size_t offset;
};

static const struct text_key global_texts[] = {
	{ "core:description", offsetof(struct sigmf, description) },
	{ "core:author", offsetof(struct sigmf, author) },
	{ "core:hw", offsetof(struct sigmf, hw) },
	{ "core:recorder", offsetof(struct sigmf, recorder) },
	{ "core:sha512", offsetof(struct sigmf, sha512) },
	{ "core:collection", offsetof(struct sigmf, collection) },
	{ NULL, 0 },
};

static const struct text_key annotation_texts[] = {
	{ "core:label", offsetof(struct sigmf_annotation, label) },
	{ "core:comment", offsetof(struct sigmf_annotation, comment) },
	{ NULL, 0 },
};

static char **text_at(void *part, const struct text_key *text)
{
	return (char **)((char *)part + text->offset);
}

static void free_texts(void *part, const struct text_key *texts)
{
	for (; texts->key; texts++)
		free(*text_at(part, texts));
}

void sigmf_clear(struct sigmf *meta)
{
	for (size_t i = 0; i < meta->annotation_count; i++)
		free_texts(&meta->annotations[i], annotation_texts);
	free_texts(meta, global_texts);
	free(meta->annotations);
	free(meta->captures);
	*meta = (struct sigmf){ 0 };
}

bool sigmf_is_gap(const struct sigmf_annotation *annotation)
{
	return annotation->label && strcmp(annotation->label, SIGMF_GAP_LABEL) == 0;
}

const char *sigmf_format_time(uint64_t ns, char text[SIGMF_TIME_SIZE])
{
	const time_t seconds = (time_t)(ns / CLOCK_NS_PER_SECOND);
	struct tm utc;
	size_t used;

	gmtime_r(&seconds, &utc);
	used = strftime(text, SIGMF_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, SIGMF_TIME_SIZE - used, ".%06uZ",
		 (unsigned int)(ns % CLOCK_NS_PER_SECOND / 1000));
	return text;
}

/* ---- writing ---- */

/* Jansson and the schema have signed integers of 64 bits. */
static json_t *index_json(uint64_t index)
{
	return json_integer(index > INT64_MAX ? INT64_MAX : (json_int_t)index);
}

static json_t *rate_json(double rate)
{
	return rate == floor(rate) && rate < 1e15 ? json_integer((json_int_t)rate)
						  : json_real(rate);
}

/* Boards and people may give texts that are no UTF-8, which JSON cannot hold. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *plain;

	if (json)
		return json;
	plain = strdup(text);
	for (char *c = plain; c && *c; c++) {
		if ((unsigned char)*c > 0x7e)
			*c = '?';
	}
	json = plain ? json_string(plain) : NULL;
	free(plain);
	return json;
}

/* A text that is not there is left out. */
static int add_text(json_t *object, const char *key, const char *text)
{
	return text && *text ? json_object_set_new(object, key, text_json(text)) : 0;
}

static int add_texts(json_t *object, const void *part, const struct text_key *texts)
{
	int r = 0;

	for (; texts->key; texts++)
		r |= add_text(object, texts->key,
			      *(char *const *)((const char *)part + texts->offset));
	return r;
}

/* An object, unless there was no memory for what is in it. */
static json_t *unless_failed(json_t *object, int r)
{
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* Segments may differ in what is known of them. */
static bool has_own_keys(const struct sigmf *meta)
{
	for (size_t i = 0; i < meta->capture_count; i++) {
		if (meta->captures[i].radio.gain_count || meta->captures[i].has_rate)
			return true;
	}
	return false;
}

static int add_extension(json_t *global, const struct sigmf *meta)
{
	if (!meta->layout.valid_bits && !has_own_keys(meta))
		return 0;
	return json_object_set_new(global, "core:extensions",
				   json_pack("[{s:s,s:s,s:b}]", "name", SIGMF_EXTENSION, "version",
					     SIGMF_EXTENSION_VERSION, "optional", 1));
}

/* SigMF's datatypes tell how a value is stored, and not which of its bits a converter has. */
static int add_valid_bits(json_t *global, const struct datatype_layout *layout)
{
	if (!layout->valid_bits)
		return 0;
	return json_object_set_new(global, SIGMF_EXTENSION ":valid_bits",
				   json_integer(layout->valid_bits)) |
	       json_object_set_new(global, SIGMF_EXTENSION ":shift", json_integer(layout->shift));
}

static json_t *global_json(const struct sigmf *meta)
{
	char datatype[DATATYPE_TEXT_SIZE];
	json_t *global = json_object();
	int r = 0;

	r |= add_text(global, "core:datatype", datatype_format(&meta->layout.datatype, datatype));
	if (meta->layout.channels != 1)
		r |= json_object_set_new(global, "core:num_channels",
					 json_integer(meta->layout.channels));
	/* The schema has rates from 1 on. */
	if (meta->sample_rate >= 1)
		r |= json_object_set_new(global, "core:sample_rate", rate_json(meta->sample_rate));
	r |= add_text(global, "core:version", SIGMF_VERSION);
	r |= add_extension(global, meta);
	r |= add_valid_bits(global, &meta->layout);
	r |= add_texts(global, meta, global_texts);
	return unless_failed(global, r);
}

static int add_radio(json_t *object, const struct sigmf_radio *radio)
{
	json_t *gains;
	int r = 0;

	/* The schema has no frequencies beyond. */
	if (radio->frequency != 0 && fabs(radio->frequency) <= 1e12)
		r |= json_object_set_new(object, "core:frequency", json_real(radio->frequency));
	if (radio->gain_count == 0)
		return r;
	gains = json_array();
	for (size_t i = 0; i < radio->gain_count; i++)
		r |= json_array_append_new(gains, json_real(radio->gains[i]));
	return r | json_object_set_new(object, SIGMF_EXTENSION ":gain", gains);
}

static json_t *capture_json(const struct sigmf_capture *capture)
{
	json_t *object = json_object();
	int r = 0;

	r |= json_object_set_new(object, "core:sample_start", index_json(capture->sample_start));
	r |= json_object_set_new(object, "core:global_index", index_json(capture->global_index));
	r |= add_text(object, "core:datetime", capture->datetime);
	r |= add_radio(object, &capture->radio);
	if (capture->has_rate)
		r |= json_object_set_new(object, SIGMF_EXTENSION ":sample_rate",
					 capture->sample_rate > 0 ? rate_json(capture->sample_rate)
								  : json_null());
	return unless_failed(object, r);
}

static json_t *annotation_json(const struct sigmf_annotation *annotation)
{
	json_t *object = json_object();
	int r = 0;

	r |= json_object_set_new(object, "core:sample_start", index_json(annotation->sample_start));
	if (annotation->sample_count != UINT64_MAX)
		r |= json_object_set_new(object, "core:sample_count",
					 index_json(annotation->sample_count));
	r |= add_texts(object, annotation, annotation_texts);
	return unless_failed(object, r);
}

static json_t *meta_json(const struct sigmf *meta)
{
	json_t *captures = json_array(), *annotations = json_array();
	json_t *root = json_object();
	int r = 0;

	r |= json_object_set_new(root, "global", global_json(meta));
	r |= json_object_set_new(root, "captures", captures);
	r |= json_object_set_new(root, "annotations", annotations);
	for (size_t i = 0; i < meta->capture_count && r == 0; i++)
		r |= json_array_append_new(captures, capture_json(&meta->captures[i]));
	for (size_t i = 0; i < meta->annotation_count && r == 0; i++)
		r |= json_array_append_new(annotations, annotation_json(&meta->annotations[i]));
	return unless_failed(root, r);
}

char *sigmf_format(const struct sigmf *meta)
{
	json_t *root = meta_json(meta);
	char *json, *text = NULL;

	/* 15 digits are what a double has, and no more. */
	json = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
	json_decref(root);
	if (json && asprintf(&text, "%s\n", json) < 0)
		text = NULL;
	free(json);
	return text;
}

/* ---- reading ---- */

struct reader {
	struct failure *failure;
	struct sigmf *meta;
	uint64_t offset; /* number of the first sample in the data */
};

static int read_texts(const struct reader *reader, const json_t *object, void *part,
		      const struct text_key *texts)
{
	for (; texts->key; texts++) {
		const json_t *value = json_object_get(object, texts->key);

		if (!json_is_string(value))
			continue;
		*text_at(part, texts) = strdup(json_string_value(value));
		if (!*text_at(part, texts))
			return failure_set(reader->failure, -ENOMEM, "no memory for the metadata");
	}
	return 0;
}

/* A number that is not there stays as it is. */
static int read_number(const json_t *object, const char *key, uint64_t *number,
		       struct failure *failure)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return failure_set(failure, -EBADMSG,
				   "%s is no whole number from 0 on of 63 bits at most", key);
	*number = (uint64_t)json_integer_value(value);
	return 0;
}

/* Data in which there is more than samples, or none at all, are another program's. */
static int check_dataset(const json_t *global, struct failure *failure)
{
	static const char *const keys[] = { "core:dataset", "core:trailing_bytes" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (json_object_get(global, keys[i]))
			return failure_set(failure, -EBADMSG,
					   "its data are not conforming, as %s says: only a file "
					   "of samples and nothing else is read",
					   keys[i]);
	}
	if (json_is_true(json_object_get(global, "core:metadata_only")))
		return failure_set(failure, -EBADMSG,
				   "there are no data, as core:metadata_only says");
	return 0;
}

static int read_valid_bits(const struct reader *reader, const json_t *global)
{
	struct datatype_layout *layout = &reader->meta->layout;
	const uint64_t stored = layout->datatype.bits;
	uint64_t bits = 0, shift = 0;
	int r;

	r = read_number(global, SIGMF_EXTENSION ":valid_bits", &bits, reader->failure);
	if (r == 0)
		r = read_number(global, SIGMF_EXTENSION ":shift", &shift, reader->failure);
	if (r < 0 || layout->datatype.kind == DATATYPE_FLOAT || (!bits && !shift))
		return r;
	if (!bits || bits > stored || shift > stored - bits)
		return failure_set(reader->failure, -EBADMSG,
				   "its values have %llu valid bits above %llu others, and "
				   "core:datatype has %llu",
				   (unsigned long long)bits, (unsigned long long)shift,
				   (unsigned long long)stored);
	layout->valid_bits = bits < stored ? (unsigned int)bits : 0;
	layout->shift = (unsigned int)shift;
	return 0;
}

static int read_format(struct reader *reader, const json_t *global)
{
	struct datatype_layout *layout = &reader->meta->layout;
	const json_t *datatype = json_object_get(global, "core:datatype");
	const json_t *rate = json_object_get(global, "core:sample_rate");
	uint64_t channels = 1;
	int r;

	if (!json_is_string(datatype))
		return failure_set(reader->failure, -EBADMSG,
				   "it has no core:datatype, and so is no SigMF metadata");
	if (datatype_parse(json_string_value(datatype), &layout->datatype) < 0)
		return failure_set(reader->failure, -EBADMSG,
				   "core:datatype is \"%.40s\", which SigMF does not have; ci16_le "
				   "is one, for instance",
				   json_string_value(datatype));
	r = read_number(global, "core:num_channels", &channels, reader->failure);
	if (r < 0)
		return r;
	if (channels == 0 || channels > CHANNELS_MAX)
		return failure_set(reader->failure, -EBADMSG,
				   "core:num_channels is %llu: 1 to %d is accepted",
				   (unsigned long long)channels, CHANNELS_MAX);
	layout->channels = (unsigned int)channels;
	if (rate && !(json_number_value(rate) > 0))
		return failure_set(reader->failure, -EBADMSG,
				   "core:sample_rate is no number larger than 0");
	reader->meta->sample_rate = json_number_value(rate);
	return read_valid_bits(reader, global);
}

static int read_global(struct reader *reader, const json_t *global)
{
	int r;

	r = read_format(reader, global);
	if (r == 0)
		r = check_dataset(global, reader->failure);
	if (r == 0)
		r = read_number(global, "core:offset", &reader->offset, reader->failure);
	return r < 0 ? r : read_texts(reader, global, reader->meta, global_texts);
}

/* Where an entry of @list begins, in the data; not before @before, which then is that place. */
static int read_start(const struct reader *reader, const json_t *entry, const char *list,
		      uint64_t *before, uint64_t *start)
{
	int r;

	if (!json_object_get(entry, "core:sample_start"))
		return failure_set(reader->failure, -EBADMSG,
				   "an entry of its %s has no core:sample_start", list);
	r = read_number(entry, "core:sample_start", start, reader->failure);
	if (r < 0)
		return r;
	if (*start < reader->offset)
		return failure_set(reader->failure, -EBADMSG,
				   "an entry of its %s begins before core:offset", list);
	*start -= reader->offset;
	if (*start < *before)
		return failure_set(reader->failure, -EBADMSG,
				   "its %s are not in the order of their samples", list);
	*before = *start;
	return 0;
}

static int read_capture(const struct reader *reader, const json_t *entry, uint64_t *before,
			struct sigmf_capture *capture)
{
	const json_t *datetime = json_object_get(entry, "core:datetime");
	uint64_t header = 0;
	int r;

	r = read_start(reader, entry, "captures", before, &capture->sample_start);
	if (r < 0)
		return r;
	capture->global_index = capture->sample_start + reader->offset;
	r = read_number(entry, "core:global_index", &capture->global_index, reader->failure);
	if (r == 0)
		r = read_number(entry, "core:header_bytes", &header, reader->failure);
	if (r < 0)
		return r;
	if (header)
		return failure_set(reader->failure, -EBADMSG,
				   "its data are not conforming, as core:header_bytes says: only a "
				   "file of samples and nothing else is read");
	if (json_is_string(datetime))
		snprintf(capture->datetime, sizeof(capture->datetime), "%s",
			 json_string_value(datetime));
	return 0;
}

static int read_annotation(const struct reader *reader, const json_t *entry, uint64_t *before,
			   struct sigmf_annotation *annotation)
{
	int r;

	r = read_start(reader, entry, "annotations", before, &annotation->sample_start);
	annotation->sample_count = UINT64_MAX;
	if (r == 0)
		r = read_number(entry, "core:sample_count", &annotation->sample_count,
				reader->failure);
	return r < 0 ? r : read_texts(reader, entry, annotation, annotation_texts);
}

/* Without any capture segment, one is implied. */
static int read_lists(struct reader *reader, const json_t *captures, const json_t *annotations)
{
	const size_t capture_count = json_array_size(captures);
	const size_t annotation_count = json_array_size(annotations);
	struct sigmf *meta = reader->meta;
	uint64_t before = 0;
	int r = 0;

	meta->captures = calloc(capture_count + 1, sizeof(*meta->captures));
	meta->annotations = calloc(annotation_count + 1, sizeof(*meta->annotations));
	if (!meta->captures || !meta->annotations)
		return failure_set(reader->failure, -ENOMEM, "no memory for the metadata");
	meta->captures[0].global_index = reader->offset;
	meta->capture_count = capture_count ? capture_count : 1;
	meta->annotation_count = annotation_count;
	for (size_t i = 0; i < capture_count && r == 0; i++)
		r = read_capture(reader, json_array_get(captures, i), &before, &meta->captures[i]);
	before = 0;
	for (size_t i = 0; i < annotation_count && r == 0; i++)
		r = read_annotation(reader, json_array_get(annotations, i), &before,
				    &meta->annotations[i]);
	return r;
}

static int read_root(const json_t *root, struct failure *failure, struct sigmf *meta)
{
	struct reader reader = { .failure = failure, .meta = meta };
	int r;

	*meta = (struct sigmf){ 0 };
	r = read_global(&reader, json_object_get(root, "global"));
	if (r == 0)
		r = read_lists(&reader, json_object_get(root, "captures"),
			       json_object_get(root, "annotations"));
	if (r < 0)
		sigmf_clear(meta);
	return r;
}

int sigmf_parse(const char *text, size_t size, struct failure *failure, struct sigmf *meta)
{
	json_error_t error;
	json_t *root = json_loadb(text, size, 0, &error);
	int r;

	if (!root)
		return failure_set(failure, -EBADMSG, "line %d is no JSON: %s", error.line,
				   error.text);
	r = read_root(root, failure, meta);
	json_decref(root);
	return r;
}
