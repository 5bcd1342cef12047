// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.h"

#include "host/failure.h"
#include "queue.h"
#include "sample_file.h"

#include <iiobridge/protocol.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What is read ahead. In the man page, too. */
#define AHEAD_MAX ((size_t)64 << 20)

#define DB_PER_BIT (20 * 0.30102999566) /* twice as much */

struct input {
	struct sample_file *file;
	const char *path;
	struct failure *failure;
	int wake; /* readable when the thread shall not wait any more */
	struct queue *queue;
	struct queue_chunk *chunk; /* the one that is being taken, or NULL */
	bool repeat;

	/* The thread's, until the queue is ended. */
	uint64_t position; /* in what is repeated */
	uint64_t limit;	   /* bytes still to be read */
	int error;
};

int input_open(const char *path, bool wav, struct failure *failure, struct input **ret)
{
	struct input *input = calloc(1, sizeof(*input));
	int r;

	if (!input)
		return failure_set(failure, -ENOMEM, "no memory for the input");
	input->failure = failure;
	input->path = path;
	input->wake = eventfd(0, EFD_CLOEXEC);
	if (input->wake < 0)
		r = failure_set(failure, -errno, "no eventfd for reading %s: %s", path,
				strerror(errno));
	else
		r = sample_file_open(path, wav ? RECORDING_WAV : recording_format_of(path), failure,
				     &input->file);
	if (r < 0)
		input_close(input);
	else
		*ret = input;
	return r;
}

const struct sample_file_info *input_info(const struct input *input)
{
	return &input->file->info;
}

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

int input_check(const struct input *input, const struct iiobridge_route_info *route,
		const struct iiobridge_channel_info *channels)
{
	const struct datatype_layout *own = &input_info(input)->layout;
	struct datatype_layout layout;
	char found[64], wanted[64];
	int r;

	if (own->channels == 0)
		return 0;
	r = datatype_of_channels(channels, route->channel_mask, route->bytes_per_scan,
				 DATATYPE_BY_NAME, input->failure, &layout);
	if (r < 0 || same_bytes(own, &layout))
		return r;
	return failure_set(input->failure, -EINVAL,
			   "%s has %s, and route %s plays %s: convert the file, or choose others "
			   "of the DAC's channels with --channels",
			   input->path, format_layout(own, found), route->name,
			   format_layout(&layout, wanted));
}

double input_level(const struct input *input, const struct iiobridge_channel_info *channels,
		   uint32_t mask)
{
	const struct iiobridge_channel_info *first = &channels[__builtin_ctz(mask)];
	const struct datatype_layout *layout = &input_info(input)->layout;
	int top;

	if (!layout->channels || layout->datatype.kind == DATATYPE_FLOAT)
		return 0;
	top = (int)(datatype_valid_bits(layout) + layout->shift);
	return (top - first->bits - first->shift) * DB_PER_BIT;
}

static int check_repeat(const struct input *input, size_t scan_size)
{
	const uint64_t size = input_info(input)->bytes;

	if (size == 0)
		return failure_set(
			input->failure, -EINVAL,
			"%s cannot be repeated: it is no file, or there is nothing in it",
			input->path);
	if (size % scan_size)
		return failure_set(input->failure, -EBADMSG,
				   "%s cannot be repeated: it ends inside a sample, with %" PRIu64
				   " bytes in samples of %zu",
				   input->path, size, scan_size);
	return 0;
}

/* A file is always ready; a pipe whose writers are gone is, too, and read() then says that it ends.
 */
static bool wait_until_ready(const struct input *input)
{
	struct pollfd files[] = {
		{ .fd = input->file->fd, .events = POLLIN },
		{ .fd = input->wake, .events = POLLIN },
	};

	return poll(files, 2, -1) > 0 && !files[1].revents;
}

static void count_read(struct input *input, struct queue_chunk *chunk, ssize_t got)
{
	if (got < 0 && errno != EINTR && errno != EAGAIN)
		input->error = -errno;
	if (got > 0) {
		chunk->end += (size_t)got;
		input->limit -= (uint64_t)got;
	}
}

/* Returns whether there may be more. */
static bool read_chunk(struct input *input, struct queue_chunk *chunk)
{
	const size_t room = QUEUE_CHUNK_SIZE - chunk->end;
	const size_t size = input->limit < room ? (size_t)input->limit : room;
	const ssize_t got = read(input->file->fd, chunk->data + chunk->end, size);

	count_read(input, chunk, got);
	return got != 0 && !input->error;
}

/* A short file comes many times in a chunk. */
static bool repeat_chunk(struct input *input, struct queue_chunk *chunk)
{
	const struct sample_file *file = input->file;

	while (chunk->end < QUEUE_CHUNK_SIZE && input->limit > 0 && !input->error) {
		uint64_t size = file->info.bytes - input->position;
		ssize_t got;

		if (size > QUEUE_CHUNK_SIZE - chunk->end)
			size = QUEUE_CHUNK_SIZE - chunk->end;
		if (size > input->limit)
			size = input->limit;
		got = pread(file->fd, chunk->data + chunk->end, (size_t)size,
			    (off_t)(file->start + input->position));
		count_read(input, chunk, got);
		/* The file was longer when it was opened. */
		if (got == 0)
			input->error = -ENODATA;
		if (got > 0)
			input->position = (input->position + (uint64_t)got) % file->info.bytes;
	}
	return !input->error;
}

static void read_ahead(void *context)
{
	struct input *input = context;
	bool more = true;

	while (more && input->limit > 0 && wait_until_ready(input)) {
		struct queue_chunk *chunk = queue_get_room(input->queue);

		if (!chunk)
			break;
		more = input->repeat ? repeat_chunk(input, chunk) : read_chunk(input, chunk);
		queue_push(input->queue, chunk);
	}
	queue_end(input->queue);
}

int input_start(struct input *input, size_t scan_size, uint64_t limit, bool repeat)
{
	const uint64_t most = input_info(input)->bytes_most;
	int r;

	if (repeat) {
		r = check_repeat(input, scan_size);
		if (r < 0)
			return r;
	}
	input->repeat = repeat;
	input->limit = repeat || limit < most ? limit : most;
	r = queue_new(AHEAD_MAX, read_ahead, input, &input->queue);
	if (r < 0)
		return failure_set(input->failure, r, "no thread can read from %s: %s",
				   input->file->name, strerror(-r));
	return 0;
}

static ssize_t end_of_input(const struct input *input)
{
	if (!input->error)
		return 0;
	return failure_set(input->failure, input->error, "reading from %s failed: %s",
			   input->file->name, strerror(-input->error));
}

ssize_t input_read(struct input *input, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	struct queue_chunk *chunk = input->chunk;
	int r;

	while (!chunk || chunk->begin == chunk->end) {
		if (chunk)
			queue_return(input->queue, chunk);
		input->chunk = NULL;
		r = queue_pop(input->queue, timeout_ms, &chunk);
		if (r < 0)
			return r == -EPIPE ? end_of_input(input) : r;
		input->chunk = chunk;
	}
	if (size > chunk->end - chunk->begin)
		size = chunk->end - chunk->begin;
	memcpy(data, chunk->data + chunk->begin, size);
	chunk->begin += size;
	return (ssize_t)size;
}

static void stop_reading(struct input *input)
{
	if (!input->queue)
		return;
	if (input->chunk)
		queue_return(input->queue, input->chunk);
	queue_close(input->queue);
	eventfd_write(input->wake, 1);
	queue_free(input->queue);
}

void input_close(struct input *input)
{
	if (!input)
		return;
	stop_reading(input);
	if (input->wake >= 0)
		close(input->wake);
	sample_file_close(input->file);
	free(input);
}
