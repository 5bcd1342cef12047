// SPDX-License-Identifier: GPL-2.0-or-later
#include "sigmf.h"

#include "clock.h"
#include "digest.h"
#include "failure.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PART_SUFFIX SIGMF_META_SUFFIX ".part"
#define NEW_SUFFIX  SIGMF_META_SUFFIX ".new"

/* Metadata with more than 200 gaps. */
#define RESERVED_SIZE 65536

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

/* An object, unless there was no memory for what is in it. */
static json_t *unless_failed(json_t *object, int r)
{
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
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
	return unless_failed(global, r);
}

static json_t *capture_json(const struct sigmf_capture *capture)
{
	json_t *object = json_object();
	int r = 0;

	r |= json_object_set_new(object, "core:sample_start", index_json(capture->sample_start));
	r |= json_object_set_new(object, "core:global_index", index_json(capture->global_index));
	r |= add_text(object, "core:datetime", capture->datetime);
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
	r |= add_text(object, "core:label", annotation->label);
	r |= add_text(object, "core:comment", annotation->comment);
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

/* The file of metadata, while the data are being written */

struct sigmf_file {
	char *path;
	char *part; /* what it is called until it is complete */
	char *new;  /* what metadata are called that are kept, until they are written */
	int fd;
	struct failure *failure;
};

static int fail(const struct sigmf_file *file, const char *what, int error)
{
	return failure_set(file->failure, -error, "%s %s failed: %s", what, file->part,
			   strerror(error));
}

int sigmf_file_open(const char *name, struct failure *failure, struct sigmf_file **ret)
{
	struct sigmf_file *file = calloc(1, sizeof(*file));
	int r;

	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the metadata");
	file->fd = -1;
	file->failure = failure;
	file->path = sigmf_path(name, SIGMF_META_SUFFIX);
	file->part = sigmf_path(name, PART_SUFFIX);
	file->new = sigmf_path(name, NEW_SUFFIX);
	if (!file->path || !file->part || !file->new) {
		r = failure_set(failure, -ENOMEM, "no memory for the metadata");
		goto err_close;
	}
	file->fd = open(file->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file->fd < 0) {
		r = failure_set(failure, -errno, "%s cannot be opened for writing: %s", file->part,
				strerror(errno));
		free(file->part);
		file->part = NULL;
		goto err_close;
	}
	r = posix_fallocate(file->fd, 0, RESERVED_SIZE);
	if (r > 0) {
		r = fail(file, "reserving room for", r);
		goto err_close;
	}
	*ret = file;
	return 0;

err_close:
	sigmf_file_close(file);
	return r;
}

int sigmf_file_begin(struct sigmf_file *file)
{
	if (unlink(file->path) == 0 || errno == ENOENT)
		return 0;
	return failure_set(file->failure, -errno, "%s cannot be removed: %s", file->path,
			   strerror(errno));
}

static int write_text(int fd, const char *text)
{
	const size_t size = strlen(text);
	size_t done = 0;

	while (done < size) {
		const ssize_t written = write(fd, text + done, size - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
	}
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int sigmf_file_keep(const struct sigmf_file *file, const char *text)
{
	int fd = open(file->new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return -errno;
	r = write_text(fd, text);
	/* The name must not be there before what it names, should the power fail. */
	if (r == 0 && fdatasync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && errno != EINTR && r == 0)
		r = -errno;
	if (r == 0 && rename(file->new, file->path) < 0)
		r = -errno;
	if (r < 0)
		unlink(file->new);
	return r;
}

int sigmf_file_write(struct sigmf_file *file, const struct sigmf *meta)
{
	char *text = sigmf_format(meta);
	int r;

	if (!text)
		return failure_set(file->failure, -ENOMEM, "no memory for the metadata");
	r = write_text(file->fd, text);
	free(text);
	if (r < 0)
		return fail(file, "writing to", -r);
	r = close(file->fd);
	file->fd = -1;
	if (r < 0 && errno != EINTR)
		return fail(file, "closing", errno);
	if (rename(file->part, file->path) < 0)
		return fail(file, "renaming", errno);
	free(file->part);
	file->part = NULL;
	return 0;
}

void sigmf_file_close(struct sigmf_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->part)
		unlink(file->part);
	free(file->part);
	free(file->new);
	free(file->path);
	free(file);
}

/* A collection */

static int hash_file(const char *path, char hash[DIGEST_TEXT_SIZE], struct failure *failure)
{
	FILE *file = fopen(path, "re");
	struct digest *digest;
	uint8_t data[4096];
	size_t size;
	int r = 0;

	if (!file)
		return failure_set(failure, -errno, "%s cannot be opened for reading: %s", path,
				   strerror(errno));
	digest = digest_new(1);
	if (!digest) {
		fclose(file);
		return failure_set(failure, -ENOMEM, "no memory for the collection");
	}
	do {
		size = fread(data, 1, sizeof(data), file);
		digest_add(digest, data, size);
	} while (size == sizeof(data));
	if (ferror(file))
		r = failure_set(failure, -EIO, "%s cannot be read", path);
	else
		digest_finish(digest, hash);
	digest_free(digest);
	fclose(file);
	return r;
}

/* The name of a recording without its folder and suffix. */
static json_t *stream_json(const char *recording, const char *hash)
{
	char *name = sigmf_base_name(recording);
	json_t *stream = NULL;

	if (name)
		stream = json_pack("{s:s, s:s}", "name", name, "hash", hash);
	free(name);
	return stream;
}

static int add_stream(json_t *streams, const char *recording, struct failure *failure)
{
	char *path = sigmf_path(recording, SIGMF_META_SUFFIX);
	char hash[DIGEST_TEXT_SIZE];
	int r;

	if (!path)
		return failure_set(failure, -ENOMEM, "no memory for the collection");
	r = hash_file(path, hash, failure);
	free(path);
	if (r < 0)
		return r;
	if (json_array_append_new(streams, stream_json(recording, hash)) < 0)
		return failure_set(failure, -ENOMEM,
				   "%s: its name cannot be in a collection, or there is no memory",
				   recording);
	return 0;
}

static int write_json(json_t *root, const char *name, struct failure *failure)
{
	char *path = sigmf_path(name, SIGMF_COLLECTION_SUFFIX);
	int r = 0;

	if (!path)
		return failure_set(failure, -ENOMEM, "no memory for the collection");
	errno = ENOMEM;
	if (json_dump_file(root, path, JSON_INDENT(2)) < 0)
		r = failure_set(failure, -errno, "%s cannot be written: %s", path, strerror(errno));
	free(path);
	return r;
}

int sigmf_collection_write(const char *name, const char *const *recordings, size_t count,
			   const char *description, struct failure *failure)
{
	json_t *streams = json_array();
	json_t *root;
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = add_stream(streams, recordings[i], failure);
	if (r < 0) {
		json_decref(streams);
		return r;
	}
	root = json_pack("{s:{s:s, s:s*, s:o}}", "collection", "core:version", SIGMF_VERSION,
			 "core:description", description, "core:streams", streams);
	if (!root)
		return failure_set(failure, -ENOMEM, "no memory for the collection");
	r = write_json(root, name, failure);
	json_decref(root);
	return r;
}
