// SPDX-License-Identifier: GPL-2.0-or-later
#include "sigmf.h"

#include "host/clock.h"
#include "host/failure.h"

#include <jansson.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void sigmf_clear(struct sigmf *meta)
{
	for (size_t i = 0; i < meta->annotation_count; i++) {
		free(meta->annotations[i].label);
		free(meta->annotations[i].comment);
	}
	free(meta->annotations);
	free(meta->captures);
	free(meta->description);
	free(meta->author);
	free(meta->hw);
	free(meta->recorder);
	free(meta->sha512);
	free(meta->collection);
	*meta = (struct sigmf){ 0 };
}

static bool ends_in(const char *path, const char *suffix)
{
	const size_t length = strlen(path), end = strlen(suffix);

	return length >= end && strcmp(path + length - end, suffix) == 0;
}

bool sigmf_is_name(const char *path)
{
	return ends_in(path, SIGMF_META_SUFFIX) || ends_in(path, SIGMF_DATA_SUFFIX);
}

char *sigmf_path(const char *name, const char *suffix)
{
	size_t length = strlen(name);
	char *path;

	if (sigmf_is_name(name))
		length -= strlen(SIGMF_META_SUFFIX);
	return asprintf(&path, "%.*s%s", (int)length, name, suffix) < 0 ? NULL : path;
}

char *sigmf_base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return sigmf_path(slash ? slash + 1 : name, "");
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

bool sigmf_is_gap(const struct sigmf_annotation *annotation)
{
	return annotation->label && strcmp(annotation->label, SIGMF_GAP_LABEL) == 0;
}

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

/* SigMF's datatypes tell how a value is stored, and not which of its bits a converter has. */
static int add_valid_bits(json_t *global, const struct datatype_layout *layout)
{
	if (!layout->valid_bits)
		return 0;
	return json_object_set_new(global, "core:extensions",
				   json_pack("[{s:s,s:s,s:b}]", "name", SIGMF_EXTENSION, "version",
					     SIGMF_EXTENSION_VERSION, "optional", 1)) |
	       json_object_set_new(global, SIGMF_EXTENSION ":valid_bits",
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
	r |= add_valid_bits(global, &meta->layout);
	r |= add_text(global, "core:description", meta->description);
	r |= add_text(global, "core:author", meta->author);
	r |= add_text(global, "core:hw", meta->hw);
	r |= add_text(global, "core:recorder", meta->recorder);
	r |= add_text(global, "core:sha512", meta->sha512);
	r |= add_text(global, "core:collection", meta->collection);
	if (r == 0)
		return global;
	json_decref(global);
	return NULL;
}

static json_t *capture_json(const struct sigmf_capture *capture)
{
	json_t *object = json_object();
	int r = 0;

	r |= json_object_set_new(object, "core:sample_start", index_json(capture->sample_start));
	r |= json_object_set_new(object, "core:global_index", index_json(capture->global_index));
	r |= add_text(object, "core:datetime", capture->datetime);
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *annotation_json(const struct sigmf_annotation *annotation)
{
	json_t *object = json_object();
	int r = 0;

	r |= json_object_set_new(object, "core:sample_start", index_json(annotation->sample_start));
	if (annotation->sample_count != UINT64_MAX)
		r |= json_object_set_new(object, "core:sample_count",
					 index_json(annotation->sample_count));
	r |= add_text(object, "core:label", annotation->label);
	r |= add_text(object, "core:comment", annotation->comment);
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
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
	if (r == 0)
		return root;
	json_decref(root);
	return NULL;
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
