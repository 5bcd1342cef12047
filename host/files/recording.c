// SPDX-License-Identifier: GPL-2.0-or-later
#include "recording.h"

#include "failure.h"
#include "output.h"
#include "publisher.h"
#include "sigmf.h"
#include "wav.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct recording {
	const struct recording_setup *setup;
	struct failure *failure;
	struct output *output;
	uint64_t header_size; /* bytes in the file before the samples */
	struct wav wav;
	struct sigmf_file *meta_file; /* of SigMF */
};

enum recording_format recording_format_of(const char *path)
{
	const size_t length = strlen(path);

	if (sigmf_is_name(path))
		return RECORDING_SIGMF;
	return length > 4 && strcasecmp(path + length - 4, ".wav") == 0 ? RECORDING_WAV
									: RECORDING_RAW;
}

static size_t sample_size(const struct recording_setup *setup)
{
	return iiobridge_route_sample_size(setup->route);
}

static int find_header(const struct recording_setup *setup, struct failure *failure,
		       struct wav *wav)
{
	const uint64_t rate = iiobridge_route_sample_rate_millihertz(setup->route);
	struct datatype_layout layout;
	int r;

	r = datatype_of_route(setup->route, DATATYPE_REAL, failure, &layout);
	return r < 0 ? r : wav_init(wav, &layout, rate, failure);
}

int recording_check(const struct recording_setup *setup, struct failure *failure)
{
	struct datatype_layout layout;
	struct wav wav;

	switch (setup->format) {
	case RECORDING_SIGMF:
		return datatype_of_route(setup->route, setup->pairing, failure, &layout);
	case RECORDING_WAV:
		return find_header(setup, failure, &wav);
	default:
		return 0;
	}
}

static int open_raw(struct recording *recording)
{
	const struct recording_setup *setup = recording->setup;
	const char *endpoint = endpoint_of(setup->path);

	if (endpoint)
		return output_open_publisher(endpoint, sample_size(setup), setup->is_ending,
					     recording->failure, &recording->output);
	return output_open(setup->path, false, recording->failure, &recording->output);
}

static int open_sigmf(struct recording *recording)
{
	const struct recording_setup *setup = recording->setup;
	char *path;
	int r;

	r = sigmf_file_open(setup->path, recording->failure, &recording->meta_file);
	if (r < 0)
		return r;
	path = sigmf_path(setup->path, SIGMF_DATA_SUFFIX);
	if (!path)
		r = failure_set(recording->failure, -ENOMEM, "no memory for the recording");
	else
		r = output_open(path, false, recording->failure, &recording->output);
	free(path);
	return r < 0 ? r : sigmf_file_begin(recording->meta_file);
}

/* That the size is not known is true until the end, and of a pipe also then. */
static int open_wav(struct recording *recording)
{
	uint8_t header[WAV_HEADER_SIZE];
	int r;

	r = find_header(recording->setup, recording->failure, &recording->wav);
	if (r == 0)
		r = open_raw(recording);
	if (r < 0)
		return r;
	recording->header_size = sizeof(header);
	wav_format(&recording->wav, header);
	return output_write(recording->output, header, sizeof(header));
}

int recording_open(const struct recording_setup *setup, struct failure *failure,
		   struct recording **ret)
{
	static int (*const open[])(struct recording *) = {
		[RECORDING_RAW] = open_raw,
		[RECORDING_SIGMF] = open_sigmf,
		[RECORDING_WAV] = open_wav,
	};
	struct recording *recording = calloc(1, sizeof(*recording));
	int r;

	if (!recording)
		return failure_set(failure, -ENOMEM, "no memory for the recording");
	recording->setup = setup;
	recording->failure = failure;
	r = open[setup->format](recording);
	if (r < 0) {
		recording_free(recording);
		return r;
	}
	*ret = recording;
	return 0;
}

int recording_write(struct recording *recording, const uint8_t *data, size_t size)
{
	const uint64_t before = output_written(recording->output);
	const int r = output_write(recording->output, data, size);

	/* Of a write that fails, the last one, the samples are in the file that it began with. */
	size = (size_t)(output_written(recording->output) - before);
	if (recording->meta_file)
		sigmf_file_hash(recording->meta_file, data,
				size - size % sample_size(recording->setup));
	return r;
}

/* ---- the metadata ---- */

void recording_keep(struct recording *recording, const struct recording_facts *facts,
		    uint64_t samples)
{
	struct sigmf meta;
	char *text = NULL;
	int r;

	if (recording->setup->format != RECORDING_SIGMF)
		return;
	r = recording_describe(recording->setup, facts, samples, &meta);
	if (r == 0)
		text = sigmf_format(&meta);
	sigmf_clear(&meta);
	if (text)
		sigmf_file_keep(recording->meta_file, text);
	free(text);
}

static int complete_sigmf(struct recording *recording, const struct recording_facts *facts,
			  uint64_t samples)
{
	struct sigmf meta;
	int r;

	r = recording_describe(recording->setup, facts, samples, &meta);
	if (r == 0)
		meta.sha512 = sigmf_file_sha512(recording->meta_file);
	if (r < 0 || !meta.sha512)
		r = failure_set(recording->failure, -ENOMEM, "no memory for the metadata");
	else
		r = sigmf_file_write(recording->meta_file, &meta);
	sigmf_clear(&meta);
	return r;
}

/* ---- the end ---- */

static int complete_wav(struct recording *recording, uint64_t size)
{
	uint8_t header[WAV_HEADER_SIZE];
	int r = 0;

	recording->wav.size = size;
	wav_format(&recording->wav, header);
	if (size % 2)
		r = output_overwrite(recording->output, sizeof(header) + size,
				     (const uint8_t[1]){ 0 }, 1);
	return r < 0 ? r : output_overwrite(recording->output, 0, header, sizeof(header));
}

/* What ended inside a sample, on a full disk, ends before it. */
static int complete_data(struct recording *recording, uint64_t written, uint64_t *samples)
{
	const uint64_t one = sample_size(recording->setup);
	const uint64_t header_size = recording->header_size;
	const uint64_t size = written > header_size ? written - header_size : 0;
	const uint64_t whole = size - size % one;
	int r = 0;

	*samples = whole / one;
	if (whole < size)
		r = output_truncate(recording->output, header_size + whole);
	if (r == 0 && recording->setup->format == RECORDING_WAV)
		r = complete_wav(recording, whole);
	return r;
}

/* Keeps the first failure: it is the one to be told, and what follows is a consequence of it. */
static void note(struct recording *recording, int r, int *first, struct failure *reason)
{
	if (r < 0 && *first == 0) {
		*first = r;
		*reason = *recording->failure;
	}
}

int recording_finish(struct recording *recording, const struct recording_facts *facts,
		     struct recording_end *end)
{
	struct failure reason;
	uint64_t written;
	int first = 0;

	note(recording, output_finish(recording->output, &written), &first, &reason);
	note(recording, complete_data(recording, written, &end->samples), &first, &reason);
	end->unsubscribed = output_unsubscribed(recording->output) / sample_size(recording->setup);
	note(recording, output_close(recording->output), &first, &reason);
	recording->output = NULL;
	if (recording->setup->format == RECORDING_SIGMF)
		note(recording, complete_sigmf(recording, facts, end->samples), &first, &reason);
	if (first < 0)
		*recording->failure = reason;
	return first;
}

void recording_free(struct recording *recording)
{
	if (!recording)
		return;
	output_close(recording->output);
	sigmf_file_close(recording->meta_file);
	free(recording);
}
