// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sigmf_file.c - the files of a recording, and collections of them
 */
#include "sigmf.h"

#include "failure.h"
#include "output.h"

#include <jansson.h>
#include <openssl/evp.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_SUFFIX SIGMF_META_SUFFIX ".part"
#define NEW_SUFFIX  SIGMF_META_SUFFIX ".new"

/* Metadata with more than 200 gaps. */
#define RESERVED_SIZE 65536

#define HASH_SIZE ((size_t)64)

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

/* All of a file, malloc()ed; with the reason of an error. */
static int read_file(const char *path, struct failure *failure, char **text, size_t *size)
{
	FILE *file = fopen(path, "re"), *memory;
	char part[4096];
	size_t got;
	int r;

	if (!file)
		return failure_set(failure, -errno, "%s cannot be opened for reading: %s", path,
				   strerror(errno));
	*text = NULL;
	memory = open_memstream(text, size);
	do {
		got = fread(part, 1, sizeof(part), file);
		if (memory)
			fwrite(part, 1, got, memory);
	} while (got == sizeof(part));
	r = memory && !ferror(memory) ? 0 : -ENOMEM;
	if (memory && fclose(memory) < 0)
		r = -ENOMEM;
	if (r == 0 && ferror(file))
		r = -EIO;
	fclose(file);
	if (r < 0) {
		free(*text);
		*text = NULL;
		failure_set(failure, r, r == -EIO ? "%s cannot be read" : "no memory for %s", path);
	}
	return r;
}

int sigmf_read(const char *path, struct failure *failure, struct sigmf *meta)
{
	struct failure reason = { 0 };
	char *text = NULL;
	size_t size = 0;
	int r;

	r = read_file(path, failure, &text, &size);
	if (r < 0)
		return r;
	r = sigmf_parse(text, size, &reason, meta);
	if (r < 0)
		failure_set(failure, r, "%s: %.400s", path, reason.message);
	free(text);
	return r;
}

/*
 * ---- the hash of data ----
 *
 * By OpenSSL's libcrypto, whose code for it is about half as fast again as that of the smaller
 * libraries; a fast bus needs it.
 */

static const char *format_hash(const unsigned char hash[HASH_SIZE], char text[SIGMF_SHA512_SIZE])
{
	for (size_t i = 0; i < HASH_SIZE; i++)
		sprintf(text + 2 * i, "%02x", hash[i]);
	return text;
}

const char *sigmf_sha512(const void *data, size_t size, char text[SIGMF_SHA512_SIZE])
{
	unsigned char hash[HASH_SIZE];

	if (!EVP_Digest(data, size, hash, NULL, EVP_sha512(), NULL))
		return NULL;
	return format_hash(hash, text);
}

/* ---- the file of metadata, while the data are being written ---- */

struct sigmf_file {
	char *path;
	char *part;	       /* what it is called until it is complete */
	char *new;	       /* what metadata are called that are kept, until they are written */
	struct output *output; /* the part */
	EVP_MD_CTX *hash;      /* of the data */
	struct failure *failure;
};

static int open_file(struct sigmf_file *file, const char *name)
{
	int r;

	file->path = sigmf_path(name, SIGMF_META_SUFFIX);
	file->part = sigmf_path(name, PART_SUFFIX);
	file->new = sigmf_path(name, NEW_SUFFIX);
	file->hash = EVP_MD_CTX_new();
	if (!file->path || !file->part || !file->new || !file->hash ||
	    !EVP_DigestInit_ex(file->hash, EVP_sha512(), NULL))
		return failure_set(file->failure, -ENOMEM, "no memory for the metadata");
	r = output_open(file->part, true, file->failure, &file->output);
	return r < 0 ? r : output_reserve(file->output, RESERVED_SIZE);
}

int sigmf_file_open(const char *name, struct failure *failure, struct sigmf_file **ret)
{
	struct sigmf_file *file = calloc(1, sizeof(*file));
	int r;

	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the metadata");
	file->failure = failure;
	r = open_file(file, name);
	if (r < 0)
		sigmf_file_close(file);
	else
		*ret = file;
	return r;
}

int sigmf_file_begin(struct sigmf_file *file)
{
	if (unlink(file->path) == 0 || errno == ENOENT)
		return 0;
	return failure_set(file->failure, -errno, "%s cannot be removed: %s", file->path,
			   strerror(errno));
}

/* Once SHA-512 was found, at the beginning, there is nothing about it that can fail. */
void sigmf_file_hash(struct sigmf_file *file, const uint8_t *data, size_t size)
{
	EVP_DigestUpdate(file->hash, data, size);
}

char *sigmf_file_sha512(struct sigmf_file *file)
{
	unsigned char hash[HASH_SIZE];
	char text[SIGMF_SHA512_SIZE];

	EVP_DigestFinal_ex(file->hash, hash, NULL);
	return strdup(format_hash(hash, text));
}

int sigmf_file_keep(const struct sigmf_file *file, const char *text)
{
	struct failure untold = { "" };
	struct output *output;
	int r, closed;

	r = output_open(file->new, true, &untold, &output);
	if (r < 0)
		return r;
	r = output_write(output, (const uint8_t *)text, strlen(text));
	/* The name must not be there before what it names, should the power fail. */
	if (r == 0)
		r = output_sync(output);
	closed = output_close(output);
	r = r < 0 ? r : closed;
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
	r = output_write(file->output, (const uint8_t *)text, strlen(text));
	if (r == 0)
		r = output_truncate(file->output, strlen(text));
	free(text);
	if (r < 0)
		return r;
	r = output_close(file->output);
	file->output = NULL;
	if (r == 0 && rename(file->part, file->path) < 0)
		r = failure_set(file->failure, -errno, "renaming %s failed: %s", file->part,
				strerror(errno));
	if (r < 0)
		unlink(file->part);
	return r;
}

void sigmf_file_close(struct sigmf_file *file)
{
	if (!file)
		return;
	if (file->output)
		unlink(file->part);
	output_close(file->output);
	EVP_MD_CTX_free(file->hash);
	free(file->part);
	free(file->new);
	free(file->path);
	free(file);
}

/* ---- a collection ---- */

static int add_stream(json_t *streams, const char *recording, struct failure *failure)
{
	char *path = sigmf_path(recording, SIGMF_META_SUFFIX), *name = sigmf_base_name(recording);
	char hash[SIGMF_SHA512_SIZE];
	char *text = NULL;
	size_t size = 0;
	json_t *stream;
	int r;

	if (path && name)
		r = read_file(path, failure, &text, &size);
	else
		r = failure_set(failure, -ENOMEM, "no memory for the collection");
	if (r == 0) {
		stream = json_pack("{s:s, s:s}", "name", name, "hash",
				   sigmf_sha512(text, size, hash));
		if (json_array_append_new(streams, stream) < 0)
			r = failure_set(failure, -ENOMEM,
					"%s: its name cannot be in a collection, or there is no "
					"memory",
					recording);
	}
	free(text);
	free(name);
	free(path);
	return r;
}

int sigmf_collection_write(const char *name, const char *const *recordings, size_t count,
			   const char *description, struct failure *failure)
{
	char *path = sigmf_path(name, SIGMF_COLLECTION_SUFFIX);
	json_t *streams = json_array();
	json_t *root =
		json_pack("{s:{s:s, s:s*, s:o}}", "collection", "core:version", SIGMF_VERSION,
			  "core:description", description, "core:streams", streams);
	int r = 0;

	if (!path || !root)
		r = failure_set(failure, -ENOMEM, "no memory for the collection");
	for (size_t i = 0; i < count && r == 0; i++)
		r = add_stream(streams, recordings[i], failure);
	errno = ENOMEM;
	if (r == 0 && json_dump_file(root, path, JSON_INDENT(2)) < 0)
		r = failure_set(failure, -errno, "%s cannot be written: %s", path, strerror(errno));
	json_decref(root);
	free(path);
	return r;
}
