// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sigmf_file.c - the files of a recording, and collections of them
 */
#include "sigmf.h"

#include "digest.h"
#include "failure.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_SUFFIX SIGMF_META_SUFFIX ".part"
#define NEW_SUFFIX  SIGMF_META_SUFFIX ".new"

/* Metadata with more than 200 gaps. */
#define RESERVED_SIZE 65536

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

/* ---- the file of metadata, while the data are being written ---- */

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

/* ---- a collection ---- */

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
