// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample_file.h"

#include "host/failure.h"
#include "recording.h"
#include "sigmf.h"
#include "wav.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sample_file {
	int fd;
	char *path;
	struct failure *failure;
	uint64_t start; /* byte of the file in which the samples begin */
	uint64_t size;	/* bytes of samples */
	struct sample_file_info info;
};

static int open_data(struct sample_file *file)
{
	struct stat status;

	file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &status) < 0)
		return failure_set(file->failure, -errno, "%s cannot be opened: %s", file->path,
				   strerror(errno));
	/* What is looked at is spread over the whole length, so that must be known. */
	if (!S_ISREG(status.st_mode))
		return failure_set(file->failure, -EINVAL,
				   "%s is no file: a recording to draw must be one", file->path);
	file->size = (uint64_t)status.st_size;
	return 0;
}

/* Returns -ENODATA where the file ends before. */
static int read_bytes(const struct sample_file *file, uint64_t at, size_t size, uint8_t *data)
{
	while (size > 0) {
		const ssize_t got = pread(file->fd, data, size, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failure_set(file->failure, -errno, "reading %s failed: %s",
					   file->path, strerror(errno));
		if (got == 0)
			return -ENODATA;
		data += got;
		at += (uint64_t)got;
		size -= (size_t)got;
	}
	return 0;
}

static int describe_raw(struct sample_file *file, const struct sample_file_hints *hints)
{
	if (!hints->layout)
		return failure_set(file->failure, -EINVAL,
				   "%s has no metadata: say with --format what its samples are, "
				   "such as ci16_le",
				   file->path);
	file->info.layout = *hints->layout;
	return open_data(file);
}

/* The header goes before the samples. */
static int take(void *context, uint8_t *data, size_t size)
{
	struct sample_file *file = context;
	const int r = read_bytes(file, file->start, size, data);

	file->start += size;
	return r;
}

/* A WAV file has I and Q as two channels, and does not say that they are. */
static int pair_channels(struct sample_file *file, enum datatype_pairing pairing)
{
	struct datatype_layout *layout = &file->info.layout;

	if (pairing == DATATYPE_REAL || (pairing == DATATYPE_BY_NAME && layout->channels != 2))
		return 0;
	if (layout->channels % 2)
		return failure_set(file->failure, -EINVAL,
				   "--complex: %s has %u channel%s, which cannot be paired",
				   file->path, layout->channels, layout->channels > 1 ? "s" : "");
	layout->datatype.is_complex = true;
	layout->channels /= 2;
	return 0;
}

/* Behind the samples there may be more, and a file may have lost its end. */
static void take_size(struct sample_file *file, uint64_t size)
{
	const uint64_t left = file->size > file->start ? file->size - file->start : 0;

	if (size != WAV_SIZE_UNKNOWN && size > left)
		file->info.bytes_missing = size - left;
	file->size = size < left ? size : left;
}

static int describe_wav(struct sample_file *file, const struct sample_file_hints *hints)
{
	struct failure reason = { "" };
	char name[DATATYPE_TEXT_SIZE];
	struct datatype datatype;
	struct wav wav = { 0 };
	int r;

	r = open_data(file);
	if (r < 0)
		return r;
	r = wav_read(take, file, &reason, &wav);
	if (r == -EBADMSG)
		return failure_set(file->failure, r, "%s: %.400s", file->path, reason.message);
	if (r < 0)
		return r;
	if (datatype_parse(datatype_format(&wav.layout.datatype, name), &datatype) < 0)
		return failure_set(file->failure, -EBADMSG,
				   "%s has values of %u bits: integers of 8, 16 and 32 are read, "
				   "and floats of 32 and 64",
				   file->path, wav.layout.datatype.bits);
	file->info.layout = wav.layout;
	file->info.sample_rate = wav.rate;
	take_size(file, wav.size);
	return pair_channels(file, hints->pairing);
}

/* Scans that are missing before a segment: its place in the stream is ahead of that in the data. */
static uint64_t missing_before(const struct sigmf_capture *capture)
{
	const struct sigmf_capture *before = capture - 1;
	const uint64_t scans = capture->sample_start - before->sample_start;

	if (capture->global_index < before->global_index ||
	    capture->global_index - before->global_index < scans)
		return 0;
	return capture->global_index - before->global_index - scans;
}

/* Takes the gaps before segments up to a place, from segment number @next on. */
static void take_segments(struct gaps *gaps, const struct sigmf *meta, uint64_t end, size_t *next)
{
	for (; *next < meta->capture_count && meta->captures[*next].sample_start <= end;
	     (*next)++) {
		const struct sigmf_capture *capture = &meta->captures[*next];
		const uint64_t missing = missing_before(capture);

		if (missing)
			gaps_add(gaps, capture->sample_start, missing);
	}
}

/* Segments say how much is missing, annotations also where that is not known. */
static void take_gaps(struct gaps *gaps, const struct sigmf *meta)
{
	size_t next = 1;

	for (size_t i = 0; i < meta->annotation_count; i++) {
		const struct sigmf_annotation *annotation = &meta->annotations[i];

		if (!sigmf_is_gap(annotation))
			continue;
		take_segments(gaps, meta, annotation->sample_start, &next);
		gaps_add(gaps, annotation->sample_start, 0);
	}
	take_segments(gaps, meta, UINT64_MAX, &next);
}

static int describe_sigmf(struct sample_file *file, const struct sample_file_hints *hints)
{
	struct sample_file_info *info = &file->info;
	struct sigmf meta = { 0 };
	char *name;
	int r;

	(void)hints;
	name = sigmf_path(file->path, SIGMF_META_SUFFIX);
	if (!name)
		return failure_set(file->failure, -ENOMEM, "no memory for the recording");
	r = sigmf_read(name, file->failure, &meta);
	free(name);
	if (r < 0)
		return r;
	info->layout = meta.layout;
	info->sample_rate = meta.sample_rate;
	snprintf(info->hardware, sizeof(info->hardware), "%s", meta.hw ? meta.hw : "");
	snprintf(info->datetime, sizeof(info->datetime), "%s", meta.captures[0].datetime);
	take_gaps(&info->gaps, &meta);
	info->gaps_known = true;
	sigmf_clear(&meta);

	name = sigmf_path(file->path, SIGMF_DATA_SUFFIX);
	if (!name)
		return failure_set(file->failure, -ENOMEM, "no memory for the recording");
	free(file->path);
	file->path = name;
	return open_data(file);
}

static int apply_hints(struct sample_file *file, const struct sample_file_hints *hints)
{
	struct datatype_layout *layout = &file->info.layout;
	const unsigned int storage = layout->datatype.bits;

	if (hints->bits > storage)
		return failure_set(file->failure, -EINVAL,
				   "--bits %u: the values of %s have %u bits", hints->bits,
				   file->path, storage);
	/* Whoever says so knows better than the recording. */
	if (hints->bits) {
		layout->valid_bits = hints->bits;
		layout->shift = 0;
	}
	if (hints->sample_rate > 0)
		file->info.sample_rate = hints->sample_rate;
	return 0;
}

int sample_file_open(const char *path, const struct sample_file_hints *hints,
		     struct failure *failure, struct sample_file **ret)
{
	static int (*const describe[])(struct sample_file *, const struct sample_file_hints *) = {
		[RECORDING_RAW] = describe_raw,
		[RECORDING_SIGMF] = describe_sigmf,
		[RECORDING_WAV] = describe_wav,
	};
	struct sample_file *file = calloc(1, sizeof(*file));
	int r;

	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the recording");
	file->fd = -1;
	file->failure = failure;
	file->path = strdup(path);
	if (!file->path) {
		r = failure_set(failure, -ENOMEM, "no memory for the recording");
		goto err_close;
	}
	r = describe[hints->layout ? RECORDING_RAW : recording_format_of(path)](file, hints);
	if (r == 0)
		r = apply_hints(file, hints);
	if (r < 0)
		goto err_close;
	file->info.scans = file->size / datatype_size(&file->info.layout);
	*ret = file;
	return 0;

err_close:
	sample_file_close(file);
	return r;
}

const struct sample_file_info *sample_file_info(const struct sample_file *file)
{
	return &file->info;
}

int sample_file_read(struct sample_file *file, uint64_t first, size_t count, void *scans)
{
	const size_t scan = datatype_size(&file->info.layout);
	const uint64_t at = file->start + first * scan;
	const int r = read_bytes(file, at, count * scan, scans);

	if (r == -ENODATA)
		return failure_set(file->failure, -EIO,
				   "%s has become shorter: it ends before byte %" PRIu64,
				   file->path, at + count * scan);
	return r;
}

void sample_file_close(struct sample_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	gaps_clear(&file->info.gaps);
	free(file->path);
	free(file);
}
