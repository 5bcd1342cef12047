// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.h"

#include "datatype.h"
#include "host/failure.h"
#include "recording.h"
#include "sigmf.h"
#include "source.h"
#include "wav.h"

#include <iiobridge/protocol.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DB_PER_BIT (20 * 0.30102999566) /* twice as much */

struct input {
	struct source *source;
	struct failure *failure;
	const char *path;
	struct datatype_layout layout; /* no channels: the samples are raw */
	double rate;
	uint64_t size;	/* bytes, 0 when it is not known */
	uint64_t limit; /* bytes of samples that there may be */
	uint64_t missing;
	size_t gaps;
};

static int open_raw(struct input *input)
{
	int r;

	r = source_open(input->path, input->failure, &input->source);
	if (r == 0)
		input->size = source_size(input->source);
	return r;
}

static void note_recording(struct input *input, const struct sigmf *meta)
{
	input->layout = meta->layout;
	input->rate = meta->sample_rate;
	for (size_t i = 0; i < meta->annotation_count; i++)
		input->gaps += sigmf_is_gap(&meta->annotations[i]);
}

static int open_sigmf(struct input *input)
{
	char *meta_path = sigmf_path(input->path, SIGMF_META_SUFFIX);
	char *data_path = sigmf_path(input->path, SIGMF_DATA_SUFFIX);
	struct sigmf meta = { 0 };
	int r;

	if (!meta_path || !data_path)
		r = failure_set(input->failure, -ENOMEM, "no memory for the input");
	else
		r = sigmf_read(meta_path, input->failure, &meta);
	if (r == 0) {
		note_recording(input, &meta);
		sigmf_clear(&meta);
		r = source_open(data_path, input->failure, &input->source);
	}
	if (r == 0)
		input->size = source_size(input->source);
	free(meta_path);
	free(data_path);
	return r;
}

static int take(void *context, uint8_t *data, size_t size)
{
	return source_take(context, data, size);
}

static int open_wav(struct input *input)
{
	struct failure reason = { "" };
	struct wav wav = { 0 };
	int r;

	r = source_open(input->path, input->failure, &input->source);
	if (r < 0)
		return r;
	r = wav_read(take, input->source, &reason, &wav);
	if (r == -EBADMSG)
		failure_set(input->failure, r, "%s: %.400s", input->path, reason.message);
	if (r < 0)
		return r;
	input->layout = wav.layout;
	input->rate = wav.rate;
	/* Behind the samples there may be more, and a file may have lost its end. */
	input->size = source_size(input->source);
	if (wav.size == WAV_SIZE_UNKNOWN)
		return 0;
	input->limit = wav.size;
	if (input->size > 0 && input->size < wav.size)
		input->missing = wav.size - input->size;
	else
		input->size = wav.size;
	return 0;
}

int input_open(const char *path, bool wav, struct failure *failure, struct input **ret)
{
	static int (*const open[])(struct input *) = {
		[RECORDING_RAW] = open_raw,
		[RECORDING_SIGMF] = open_sigmf,
		[RECORDING_WAV] = open_wav,
	};
	struct input *input = calloc(1, sizeof(*input));
	int r;

	if (!input)
		return failure_set(failure, -ENOMEM, "no memory for the input");
	input->failure = failure;
	input->path = path;
	input->limit = UINT64_MAX;
	r = open[wav ? RECORDING_WAV : recording_format_of(path)](input);
	if (r < 0) {
		input_close(input);
		return r;
	}
	*ret = input;
	return 0;
}

void input_close(struct input *input)
{
	if (!input)
		return;
	source_close(input->source);
	free(input);
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
	struct datatype_layout layout;
	char found[64], wanted[64];
	int r;

	if (input->layout.channels == 0)
		return 0;
	r = datatype_of_channels(channels, route->channel_mask, route->bytes_per_scan,
				 DATATYPE_BY_NAME, input->failure, &layout);
	if (r < 0 || same_bytes(&input->layout, &layout))
		return r;
	return failure_set(input->failure, -EINVAL,
			   "%s has %s, and route %s plays %s: convert the file, or choose others "
			   "of the DAC's channels with --channels",
			   input->path, format_layout(&input->layout, found), route->name,
			   format_layout(&layout, wanted));
}

double input_level(const struct input *input, const struct iiobridge_channel_info *channels,
		   uint32_t mask)
{
	const struct iiobridge_channel_info *first = &channels[__builtin_ctz(mask)];
	const struct datatype_layout *layout = &input->layout;
	int top;

	if (!layout->channels || layout->datatype.kind == DATATYPE_FLOAT)
		return 0;
	top = (int)(datatype_valid_bits(layout) + layout->shift);
	return (top - first->bits - first->shift) * DB_PER_BIT;
}

static int prepare_to_repeat(const struct input *input, size_t scan_size)
{
	if (input->size == 0)
		return failure_set(
			input->failure, -EINVAL,
			"%s cannot be repeated: it is no file, or there is nothing in it",
			input->path);
	if (input->size % scan_size)
		return failure_set(input->failure, -EBADMSG,
				   "%s cannot be repeated: it ends inside a sample, with %" PRIu64
				   " bytes in samples of %zu",
				   input->path, input->size, scan_size);
	source_repeat(input->source, input->size);
	return 0;
}

int input_start(struct input *input, size_t scan_size, uint64_t limit, bool repeat)
{
	int r = 0;

	if (repeat)
		r = prepare_to_repeat(input, scan_size);
	else if (limit > input->limit)
		limit = input->limit;
	return r < 0 ? r : source_start(input->source, limit);
}

ssize_t input_read(struct input *input, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	return source_read(input->source, data, size, timeout_ms);
}

uint64_t input_size(const struct input *input)
{
	return input->size;
}

double input_rate(const struct input *input)
{
	return input->rate;
}

uint64_t input_missing(const struct input *input)
{
	return input->missing;
}

size_t input_gaps(const struct input *input)
{
	return input->gaps;
}
