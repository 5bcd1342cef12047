// SPDX-License-Identifier: GPL-2.0-or-later
#include "sigmf.h"

#include "failure.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than a converter has, and a sample of so many still has a size of 32 bits. */
#define CHANNELS_MAX 65536

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

bool sigmf_is_gap(const struct sigmf_annotation *annotation)
{
	return annotation->label && strcmp(annotation->label, SIGMF_GAP_LABEL) == 0;
}

struct reader {
	struct failure *failure;
	struct sigmf *meta;
	uint64_t offset; /* number of the first sample in the data */
};

static int read_text(const json_t *object, const char *key, char **text)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return 0;
	*text = strdup(json_string_value(value));
	return *text ? 0 : -ENOMEM;
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
	struct sigmf *meta = reader->meta;
	int r;

	r = read_format(reader, global);
	if (r == 0)
		r = check_dataset(global, reader->failure);
	if (r == 0)
		r = read_number(global, "core:offset", &reader->offset, reader->failure);
	if (r < 0)
		return r;
	if (read_text(global, "core:description", &meta->description) < 0 ||
	    read_text(global, "core:author", &meta->author) < 0 ||
	    read_text(global, "core:hw", &meta->hw) < 0 ||
	    read_text(global, "core:recorder", &meta->recorder) < 0 ||
	    read_text(global, "core:sha512", &meta->sha512) < 0 ||
	    read_text(global, "core:collection", &meta->collection) < 0)
		return failure_set(reader->failure, -ENOMEM, "no memory for the metadata");
	return 0;
}

/* Where an entry of @list begins, in the data. */
static int read_start(const struct reader *reader, const json_t *entry, const char *list,
		      uint64_t before, uint64_t *start)
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
	if (*start < before)
		return failure_set(reader->failure, -EBADMSG,
				   "its %s are not in the order of their samples", list);
	return 0;
}

static int read_capture(const struct reader *reader, const json_t *entry, uint64_t before,
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

static int read_annotation(const struct reader *reader, const json_t *entry, uint64_t before,
			   struct sigmf_annotation *annotation)
{
	int r;

	r = read_start(reader, entry, "annotations", before, &annotation->sample_start);
	if (r < 0)
		return r;
	annotation->sample_count = UINT64_MAX;
	r = read_number(entry, "core:sample_count", &annotation->sample_count, reader->failure);
	if (r < 0)
		return r;
	if (read_text(entry, "core:label", &annotation->label) < 0 ||
	    read_text(entry, "core:comment", &annotation->comment) < 0)
		return failure_set(reader->failure, -ENOMEM, "no memory for the metadata");
	return 0;
}

static int read_captures(struct reader *reader, const json_t *list)
{
	const size_t count = json_array_size(list);
	struct sigmf *meta = reader->meta;
	uint64_t before = 0;
	int r = 0;

	/* Without any, one is implied. */
	meta->captures = calloc(count ? count : 1, sizeof(*meta->captures));
	if (!meta->captures)
		return failure_set(reader->failure, -ENOMEM, "no memory for the metadata");
	meta->capture_count = count ? count : 1;
	meta->captures[0].global_index = reader->offset;
	for (size_t i = 0; i < count && r == 0; i++) {
		r = read_capture(reader, json_array_get(list, i), before, &meta->captures[i]);
		before = meta->captures[i].sample_start;
	}
	return r;
}

static int read_annotations(struct reader *reader, const json_t *list)
{
	const size_t count = json_array_size(list);
	struct sigmf *meta = reader->meta;
	uint64_t before = 0;
	int r = 0;

	if (count == 0)
		return 0;
	meta->annotations = calloc(count, sizeof(*meta->annotations));
	if (!meta->annotations)
		return failure_set(reader->failure, -ENOMEM, "no memory for the metadata");
	meta->annotation_count = count;
	for (size_t i = 0; i < count && r == 0; i++) {
		r = read_annotation(reader, json_array_get(list, i), before, &meta->annotations[i]);
		before = meta->annotations[i].sample_start;
	}
	return r;
}

static int read_root(const json_t *root, struct failure *failure, struct sigmf *meta)
{
	struct reader reader = { .failure = failure, .meta = meta };
	int r;

	*meta = (struct sigmf){ 0 };
	r = read_global(&reader, json_object_get(root, "global"));
	if (r == 0)
		r = read_captures(&reader, json_object_get(root, "captures"));
	if (r == 0)
		r = read_annotations(&reader, json_object_get(root, "annotations"));
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

/* All of a file; the text is malloc()ed, also where it is not complete. */
static int read_text_file(FILE *file, char **text, size_t *size)
{
	FILE *memory = open_memstream(text, size);
	char part[4096];
	size_t got;

	if (!memory)
		return -ENOMEM;
	do {
		got = fread(part, 1, sizeof(part), file);
		fwrite(part, 1, got, memory);
	} while (got == sizeof(part));
	got = (size_t)ferror(memory);
	if (fclose(memory) < 0 || got)
		return -ENOMEM;
	return ferror(file) ? -EIO : 0;
}

int sigmf_read(const char *path, struct failure *failure, struct sigmf *meta)
{
	FILE *file = fopen(path, "re");
	struct failure reason = { 0 };
	char *text = NULL;
	size_t size;
	int r;

	if (!file)
		return failure_set(failure, -errno, "%s cannot be opened for reading: %s", path,
				   strerror(errno));
	r = read_text_file(file, &text, &size);
	fclose(file);
	if (r < 0) {
		failure_set(failure, r, r == -EIO ? "%s cannot be read" : "no memory for %s", path);
	} else {
		r = sigmf_parse(text, size, &reason, meta);
		if (r < 0)
			failure_set(failure, r, "%s: %.400s", path, reason.message);
	}
	free(text);
	return r;
}
