// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample_file.h"

#include "failure.h"
#include "sigmf.h"
#include "wav.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DB_PER_BIT (20 * 0.30102999566) /* twice as much */

static int read_failed(const struct sample_file *file)
{
	return failure_set(file->failure, -errno, "reading from %s failed: %s", file->name,
			   strerror(errno));
}

/* Standard input may stand anywhere in its file. */
static void find_size(struct sample_file *file)
{
	struct stat status;
	off_t position;

	if (fstat(file->fd, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	position = lseek(file->fd, 0, SEEK_CUR);
	file->is_file = position >= 0;
	file->start = file->is_file ? (uint64_t)position : 0;
	file->info.bytes = file->is_file && position < status.st_size
				   ? (uint64_t)(status.st_size - position)
				   : 0;
}

static int open_data(struct sample_file *file, const char *path)
{
	const bool from_stdin = strcmp(path, "-") == 0;

	if (from_stdin && isatty(STDIN_FILENO))
		return failure_set(file->failure, -EINVAL,
				   "standard input is a terminal: samples come from a file or a "
				   "pipe");
	file->name = strdup(from_stdin ? "standard input" : path);
	if (!file->name)
		return failure_set(file->failure, -ENOMEM, "no memory for the recording");
	/* A copy of the descriptor, so that both kinds are closed in the same way. */
	if (from_stdin)
		file->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return failure_set(file->failure, -errno, "%s cannot be opened for reading: %s",
				   file->name, strerror(errno));
	find_size(file);
	return 0;
}

/* All of what is at a place, or where the file stands (-1); -ENODATA: it ends before. */
static int read_all(const struct sample_file *file, uint8_t *data, size_t size, off_t place)
{
	for (size_t done = 0; done < size;) {
		const ssize_t got =
			place < 0 ? read(file->fd, data + done, size - done)
				  : pread(file->fd, data + done, size - done, place + (off_t)done);

		if (got == 0)
			return -ENODATA;
		if (got < 0 && errno != EINTR)
			return read_failed(file);
		if (got > 0)
			done += (size_t)got;
	}
	return 0;
}

/* The header goes before the samples. */
static int take(void *context, uint8_t *data, size_t size)
{
	return read_all(context, data, size, -1);
}

static int open_wav(struct sample_file *file, const char *path)
{
	struct sample_file_info *info = &file->info;
	struct failure reason = { "" };
	struct wav wav = { 0 };
	int r;

	r = open_data(file, path);
	if (r < 0)
		return r;
	r = wav_read(take, file, &reason, &wav);
	if (r == -EBADMSG)
		failure_set(file->failure, r, "%s: %.400s", path, reason.message);
	if (r < 0)
		return r;
	find_size(file);
	info->layout = wav.layout;
	info->sample_rate = wav.rate;
	if (wav.size == WAV_SIZE_UNKNOWN)
		return 0;
	/* Behind the samples there may be more, and a file may have lost its end. */
	info->bytes_most = wav.size;
	if (file->is_file && info->bytes < wav.size)
		info->bytes_missing = wav.size - info->bytes;
	else
		info->bytes = wav.size;
	return 0;
}

/* Samples that are missing before a segment: its place in the stream is ahead of that in the data.
 */
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
static void take_gaps(struct sample_file_info *info, const struct sigmf *meta)
{
	size_t next = 1;

	for (size_t i = 0; i < meta->annotation_count; i++) {
		const struct sigmf_annotation *annotation = &meta->annotations[i];

		if (!sigmf_is_gap(annotation))
			continue;
		take_segments(&info->gaps, meta, annotation->sample_start, &next);
		gaps_add(&info->gaps, annotation->sample_start, 0);
		info->gaps_noted++;
	}
	take_segments(&info->gaps, meta, UINT64_MAX, &next);
	info->gaps_known = true;
}

static int read_metadata(struct sample_file *file, const char *path)
{
	struct sample_file_info *info = &file->info;
	struct sigmf meta = { 0 };
	int r;

	r = sigmf_read(path, file->failure, &meta);
	if (r < 0)
		return r;
	info->layout = meta.layout;
	info->sample_rate = meta.sample_rate;
	snprintf(info->hardware, sizeof(info->hardware), "%s", meta.hw ? meta.hw : "");
	snprintf(info->datetime, sizeof(info->datetime), "%s", meta.captures[0].datetime);
	take_gaps(info, &meta);
	sigmf_clear(&meta);
	return 0;
}

static int open_sigmf(struct sample_file *file, const char *path)
{
	char *meta_path = sigmf_path(path, SIGMF_META_SUFFIX);
	char *data_path = sigmf_path(path, SIGMF_DATA_SUFFIX);
	int r;

	if (meta_path && data_path) {
		r = read_metadata(file, meta_path);
		if (r == 0)
			r = open_data(file, data_path);
	} else {
		r = failure_set(file->failure, -ENOMEM, "no memory for the recording");
	}
	free(meta_path);
	free(data_path);
	return r;
}

int sample_file_open(const char *path, enum recording_format format, struct failure *failure,
		     struct sample_file **ret)
{
	static int (*const open_format[])(struct sample_file *, const char *) = {
		[RECORDING_RAW] = open_data,
		[RECORDING_SIGMF] = open_sigmf,
		[RECORDING_WAV] = open_wav,
	};
	struct sample_file *file = calloc(1, sizeof(*file));
	int r;

	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the recording");
	file->fd = -1;
	file->path = path;
	file->failure = failure;
	file->format = format;
	file->info.bytes_most = UINT64_MAX;
	r = open_format[format](file, path);
	if (r < 0)
		sample_file_close(file);
	else
		*ret = file;
	return r;
}

void sample_file_close(struct sample_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	gaps_clear(&file->info.gaps);
	free(file->name);
	free(file);
}

/* ---- to be drawn ---- */

/* A WAV file has I and Q as two channels, and does not say that they are. */
static int pair_channels(struct sample_file *file, enum datatype_pairing pairing)
{
	struct datatype_layout *layout = &file->info.layout;

	if (pairing == DATATYPE_REAL || (pairing == DATATYPE_BY_NAME && layout->channels != 2))
		return 0;
	if (layout->channels % 2)
		return failure_set(file->failure, -EINVAL,
				   "--complex: %s has %u channel%s, which cannot be paired",
				   file->name, layout->channels, layout->channels > 1 ? "s" : "");
	layout->datatype.is_complex = true;
	layout->channels /= 2;
	return 0;
}

static int take_layout(struct sample_file *file, const struct sample_file_hints *hints)
{
	struct datatype_layout *layout = &file->info.layout;
	char name[DATATYPE_TEXT_SIZE];
	struct datatype datatype;

	if (hints->layout)
		*layout = *hints->layout;
	if (layout->channels == 0)
		return failure_set(file->failure, -EINVAL,
				   "%s has no metadata: say with --format what its samples are, "
				   "such as ci16_le",
				   file->name);
	if (datatype_parse(datatype_format(&layout->datatype, name), &datatype) < 0)
		return failure_set(file->failure, -EBADMSG,
				   "%s has values of %u bits: integers of 8, 16 and 32 are read, "
				   "and floats of 32 and 64",
				   file->name, layout->datatype.bits);
	return file->format == RECORDING_WAV ? pair_channels(file, hints->pairing) : 0;
}

int sample_file_interpret(struct sample_file *file, const struct sample_file_hints *hints)
{
	struct sample_file_info *info = &file->info;
	const int r = take_layout(file, hints);

	if (r < 0)
		return r;
	/* What is looked at is spread over the whole length, so that must be known. */
	if (!file->is_file)
		return failure_set(file->failure, -EINVAL,
				   "%s is no file: a recording to draw must be one", file->name);
	if (hints->bits > info->layout.datatype.bits)
		return failure_set(file->failure, -EINVAL,
				   "--bits %u: the values of %s have %u bits", hints->bits,
				   file->name, info->layout.datatype.bits);
	/* Whoever says so knows better than the recording. */
	if (hints->bits) {
		info->layout.valid_bits = hints->bits;
		info->layout.shift = 0;
	}
	if (hints->sample_rate > 0)
		info->sample_rate = hints->sample_rate;
	info->scans = info->bytes / datatype_size(&info->layout);
	return 0;
}

int sample_file_read(struct sample_file *file, uint64_t first, size_t count, void *scans)
{
	const size_t scan = datatype_size(&file->info.layout), size = count * scan;
	const uint64_t start = file->start + first * scan;
	const int r = read_all(file, scans, size, (off_t)start);

	if (r != -ENODATA)
		return r;
	return failure_set(file->failure, -EIO,
			   "%s has become shorter: it ends before byte %" PRIu64, file->name,
			   start + size);
}

/* ---- to be played ---- */

/* Whether samples of one format are the same bytes as those of another. */
static bool same_bytes(const struct datatype_layout *one, const struct datatype_layout *other)
{
	return one->datatype.kind == other->datatype.kind &&
	       one->datatype.bits == other->datatype.bits &&
	       one->datatype.big_endian == other->datatype.big_endian &&
	       datatype_values(one) == datatype_values(other);
}

static const char *format_layout(const struct datatype_layout *layout, char text[64])
{
	char name[DATATYPE_TEXT_SIZE];

	snprintf(text, 64, "%u channel%s of %s", layout->channels, layout->channels > 1 ? "s" : "",
		 datatype_format(&layout->datatype, name));
	return text;
}

int sample_file_check(const struct sample_file *file, const struct iiobridge_route *route)
{
	const struct datatype_layout *own = &file->info.layout;
	struct datatype_layout layout;
	char found[64], wanted[64];
	int r;

	if (own->channels == 0)
		return 0;
	r = datatype_of_route(route, DATATYPE_BY_NAME, file->failure, &layout);
	if (r < 0 || same_bytes(own, &layout))
		return r;
	return failure_set(file->failure, -EINVAL,
			   "%s has %s, and route %s plays %s: convert the file, or choose others "
			   "of the DAC's channels with --channels",
			   file->path, format_layout(own, found), iiobridge_route_name(route),
			   format_layout(&layout, wanted));
}

double sample_file_level(const struct sample_file *file, const struct iiobridge_route *route)
{
	const unsigned int lowest =
		(unsigned int)__builtin_ctz(iiobridge_route_channel_mask(route));
	const struct iiobridge_channel *first = iiobridge_route_channel(route, lowest);
	const struct datatype_layout *layout = &file->info.layout;
	int top, dac_top;

	if (!layout->channels || layout->datatype.kind == DATATYPE_FLOAT)
		return 0;
	top = (int)(datatype_valid_bits(layout) + layout->shift);
	dac_top = (int)(iiobridge_channel_bits(first) + iiobridge_channel_shift(first));
	return (top - dac_top) * DB_PER_BIT;
}

static int check_repeat(const struct sample_file *file, size_t sample_size)
{
	const uint64_t size = file->info.bytes;

	if (size == 0)
		return failure_set(
			file->failure, -EINVAL,
			"%s cannot be repeated: it is no file, or there is nothing in it",
			file->path);
	if (size % sample_size)
		return failure_set(file->failure, -EBADMSG,
				   "%s cannot be repeated: it ends inside a sample, with %" PRIu64
				   " bytes in samples of %zu",
				   file->path, size, sample_size);
	return 0;
}

int sample_file_start(struct sample_file *file, size_t sample_size, uint64_t limit, bool repeat)
{
	const uint64_t most = file->info.bytes_most;
	int r;

	if (repeat) {
		r = check_repeat(file, sample_size);
		if (r < 0)
			return r;
	}
	file->repeat = repeat;
	file->left = repeat || limit < most ? limit : most;
	return 0;
}

/* A file is always ready; a pipe whose writers are gone is, too, and read() then says that it ends.
 */
static bool is_ready(const struct sample_file *file, int timeout_ms)
{
	struct pollfd input = { .fd = file->fd, .events = POLLIN };

	return poll(&input, 1, timeout_ms) > 0;
}

/* The file again and again, from where its samples begin. */
static ssize_t read_again(struct sample_file *file, uint8_t *data, size_t size)
{
	const uint64_t left = file->info.bytes - file->position;
	const ssize_t got = pread(file->fd, data, size < left ? size : (size_t)left,
				  (off_t)(file->start + file->position));

	if (got > 0)
		file->position = (file->position + (uint64_t)got) % file->info.bytes;
	/* The file was longer when it was opened. */
	if (got == 0)
		errno = ENODATA;
	return got == 0 ? -1 : got;
}

ssize_t sample_file_next(struct sample_file *file, uint8_t *data, size_t size, int timeout_ms)
{
	ssize_t got;

	if (size > file->left)
		size = (size_t)file->left;
	if (size == 0)
		return 0;
	if (!is_ready(file, timeout_ms))
		return -EAGAIN;
	got = file->repeat ? read_again(file, data, size) : read(file->fd, data, size);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return -EAGAIN;
	if (got < 0)
		return read_failed(file);
	file->left -= (uint64_t)got;
	return got;
}
