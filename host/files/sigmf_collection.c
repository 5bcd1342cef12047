// SPDX-License-Identifier: GPL-2.0-or-later
#include "sigmf_collection.h"

#include "digest.h"
#include "host/failure.h"
#include "sigmf.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
