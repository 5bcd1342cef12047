// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.h"

#include "failure.h"
#include "sample_file.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB_PER_BIT (20 * 0.30102999566) /* twice as much */

struct input {
	struct sample_file *file;
	const char *path;
	struct failure *failure;
	bool repeat;
	uint64_t position; /* in what is repeated */
	uint64_t limit;	   /* bytes still to be read */
};

int input_open(const char *path, bool wav, struct failure *failure, struct input **ret)
{
	struct input *input = calloc(1, sizeof(*input));
	int r;

	if (!input)
		return failure_set(failure, -ENOMEM, "no memory for the input");
	input->failure = failure;
	input->path = path;
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

int input_check(const struct input *input, const struct iiobridge_route *route)
{
	const struct datatype_layout *own = &input_info(input)->layout;
	struct datatype_layout layout;
	char found[64], wanted[64];
	int r;

	if (own->channels == 0)
		return 0;
	r = datatype_of_route(route, DATATYPE_BY_NAME, input->failure, &layout);
	if (r < 0 || same_bytes(own, &layout))
		return r;
	return failure_set(input->failure, -EINVAL,
			   "%s has %s, and route %s plays %s: convert the file, or choose others "
			   "of the DAC's channels with --channels",
			   input->path, format_layout(own, found), iiobridge_route_name(route),
			   format_layout(&layout, wanted));
}

double input_level(const struct input *input, const struct iiobridge_route *route)
{
	const unsigned int lowest =
		(unsigned int)__builtin_ctz(iiobridge_route_channel_mask(route));
	const struct iiobridge_channel *first = iiobridge_route_channel(route, lowest);
	const struct datatype_layout *layout = &input_info(input)->layout;
	int top, dac_top;

	if (!layout->channels || layout->datatype.kind == DATATYPE_FLOAT)
		return 0;
	top = (int)(datatype_valid_bits(layout) + layout->shift);
	dac_top = (int)(iiobridge_channel_bits(first) + iiobridge_channel_shift(first));
	return (top - dac_top) * DB_PER_BIT;
}

static int check_repeat(const struct input *input, size_t sample_size)
{
	const uint64_t size = input_info(input)->bytes;

	if (size == 0)
		return failure_set(
			input->failure, -EINVAL,
			"%s cannot be repeated: it is no file, or there is nothing in it",
			input->path);
	if (size % sample_size)
		return failure_set(input->failure, -EBADMSG,
				   "%s cannot be repeated: it ends inside a sample, with %" PRIu64
				   " bytes in samples of %zu",
				   input->path, size, sample_size);
	return 0;
}

int input_start(struct input *input, size_t sample_size, uint64_t limit, bool repeat)
{
	const uint64_t most = input_info(input)->bytes_most;
	int r;

	if (repeat) {
		r = check_repeat(input, sample_size);
		if (r < 0)
			return r;
	}
	input->repeat = repeat;
	input->limit = repeat || limit < most ? limit : most;
	return 0;
}

/* A file is always ready; a pipe whose writers are gone is, too, and read() then says that it ends.
 */
static bool is_ready(const struct input *input, int timeout_ms)
{
	struct pollfd file = { .fd = input->file->fd, .events = POLLIN };

	return poll(&file, 1, timeout_ms) > 0;
}

/* The file again and again, from where its samples begin. */
static ssize_t read_again(struct input *input, uint8_t *data, size_t size)
{
	const struct sample_file *file = input->file;
	const uint64_t left = file->info.bytes - input->position;
	const ssize_t got = pread(file->fd, data, size < left ? size : (size_t)left,
				  (off_t)(file->start + input->position));

	if (got > 0)
		input->position = (input->position + (uint64_t)got) % file->info.bytes;
	/* The file was longer when it was opened. */
	if (got == 0)
		errno = ENODATA;
	return got == 0 ? -1 : got;
}

ssize_t input_read(struct input *input, uint8_t *data, size_t size, int timeout_ms)
{
	ssize_t got;

	if (size > input->limit)
		size = (size_t)input->limit;
	if (size == 0)
		return 0;
	if (!is_ready(input, timeout_ms))
		return -EAGAIN;
	got = input->repeat ? read_again(input, data, size) : read(input->file->fd, data, size);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return -EAGAIN;
	if (got < 0)
		return failure_set(input->failure, -errno, "reading from %s failed: %s",
				   input->file->name, strerror(errno));
	input->limit -= (uint64_t)got;
	return got;
}

void input_close(struct input *input)
{
	if (!input)
		return;
	sample_file_close(input->file);
	free(input);
}
