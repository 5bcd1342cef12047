// SPDX-License-Identifier: GPL-2.0-or-later
#include "wav.h"

#include "failure.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define FORMAT_PCM	  1
#define FORMAT_FLOAT	  3
#define FORMAT_EXTENSIBLE 0xfffe

/* What stands in 32 bits where the size is in "ds64", or is not known. */
#define SIZE_ELSEWHERE UINT32_MAX

/* As they lie in a file; numbers are little-endian. */
struct chunk {
	char id[4];
	uint32_t size; /* of what follows, without the byte that makes it even */
} __attribute__((packed));

struct ds64 {
	uint64_t riff_size;
	uint64_t data_size;
	uint64_t sample_count;
	uint32_t table_length;
} __attribute__((packed));

struct fmt {
	uint16_t format;
	uint16_t channels;
	uint32_t rate;
	uint32_t bytes_per_second;
	uint16_t frame_size;
	uint16_t bits;
} __attribute__((packed));

struct extensible {
	struct fmt fmt;
	uint16_t size;
	uint16_t valid_bits;
	uint32_t channel_mask;
	uint16_t format; /* the first two bytes of a GUID */
	uint8_t guid[14];
} __attribute__((packed));

struct header {
	struct chunk riff;
	char wave[4];
	struct chunk ds64_chunk;
	struct ds64 ds64;
	struct chunk fmt_chunk;
	struct fmt fmt;
	struct chunk data;
} __attribute__((packed));

_Static_assert(sizeof(struct header) == WAV_HEADER_SIZE, "of a header");

int wav_init(struct wav *wav, const struct datatype_layout *layout, uint64_t rate_millihertz,
	     struct failure *failure)
{
	const struct datatype *datatype = &layout->datatype;
	const enum datatype_kind kind = datatype->bits == 8 ? DATATYPE_UNSIGNED : DATATYPE_SIGNED;
	const uint64_t rate = (rate_millihertz + 500) / 1000;
	char text[DATATYPE_TEXT_SIZE];

	if (datatype->big_endian || datatype->kind != kind)
		return failure_set(failure, -EINVAL,
				   "WAV has unsigned integers of 8 bits and signed, little-endian "
				   "ones of more; these are %s: capture raw samples, or SigMF",
				   datatype_format(datatype, text));
	if (datatype_size(layout) > UINT16_MAX)
		return failure_set(failure, -EINVAL, "WAV has at most %d bytes for all channels",
				   UINT16_MAX);
	if (rate == 0 || rate > UINT32_MAX)
		return failure_set(failure, -EINVAL,
				   "WAV needs a sample rate of 1 Hz to 4 GHz, and the converter's "
				   "is %s: capture raw samples, or SigMF",
				   rate ? "higher" : "not known");
	*wav = (struct wav){
		.layout = { .datatype = *datatype, .channels = datatype_values(layout) },
		.rate = (uint32_t)rate,
		.size = WAV_SIZE_UNKNOWN,
	};
	wav->layout.datatype.is_complex = false;
	return 0;
}

void wav_format(const struct wav *wav, uint8_t header[WAV_HEADER_SIZE])
{
	const bool known = wav->size != WAV_SIZE_UNKNOWN;
	const uint64_t riff_size = known ? WAV_HEADER_SIZE - 8 + wav->size + wav->size % 2 : 0;
	const bool is_long = riff_size > UINT32_MAX;
	const bool here = known && !is_long;
	const uint16_t scan = (uint16_t)datatype_size(&wav->layout);
	const uint64_t rate = (uint64_t)wav->rate * scan;
	struct header in_file = {
		.riff = { "RIFF", htole32(here ? (uint32_t)riff_size : SIZE_ELSEWHERE) },
		.wave = "WAVE",
		.ds64_chunk = { "JUNK", htole32(sizeof(struct ds64)) },
		.fmt_chunk = { "fmt ", htole32(sizeof(struct fmt)) },
		.fmt = {
			.format = htole16(FORMAT_PCM),
			.channels = htole16((uint16_t)wav->layout.channels),
			.rate = htole32(wav->rate),
			.bytes_per_second =
				htole32(rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX),
			.frame_size = htole16(scan),
			.bits = htole16((uint16_t)wav->layout.datatype.bits),
		},
		.data = { "data", htole32(here ? (uint32_t)wav->size : SIZE_ELSEWHERE) },
	};

	if (is_long) {
		memcpy(in_file.riff.id, "RF64", sizeof(in_file.riff.id));
		memcpy(in_file.ds64_chunk.id, "ds64", sizeof(in_file.ds64_chunk.id));
		in_file.ds64 = (struct ds64){
			.riff_size = htole64(riff_size),
			.data_size = htole64(wav->size),
			.sample_count = htole64(wav->size / scan),
		};
	}
	memcpy(header, &in_file, sizeof(in_file));
}

struct reader {
	wav_taker taker;
	void *context;
	struct failure *failure;
	struct wav *wav;
	uint64_t size_64; /* what "ds64" says about the samples */
};

static int take(const struct reader *reader, void *data, size_t size)
{
	const int r = reader->taker(reader->context, data, size);

	if (r == -ENODATA)
		return failure_set(reader->failure, -EBADMSG,
				   "it ends before its samples begin, and so is no WAV file");
	return r;
}

/* Skips what is left of a chunk, which has an even length in the file. */
static int skip(const struct reader *reader, uint32_t size, size_t taken)
{
	uint64_t left = (uint64_t)size + size % 2 - taken;
	uint8_t data[4096];
	int r = 0;

	while (left > 0 && r == 0) {
		const size_t part = left < sizeof(data) ? (size_t)left : sizeof(data);

		r = take(reader, data, part);
		left -= part;
	}
	return r;
}

static int read_fmt(const struct reader *reader, uint32_t size)
{
	struct extensible fmt = { 0 };
	const size_t part = size < sizeof(fmt) ? size : sizeof(fmt);
	unsigned int format, channels, scan;
	int r;

	r = take(reader, &fmt, part);
	if (r == 0)
		r = skip(reader, size, part);
	if (r < 0)
		return r;
	format = le16toh(fmt.fmt.format);
	if (format == FORMAT_EXTENSIBLE)
		format = le16toh(fmt.format);
	channels = le16toh(fmt.fmt.channels);
	scan = le16toh(fmt.fmt.frame_size);
	if (part < sizeof(fmt.fmt) || channels == 0 || scan == 0 || scan % channels)
		return failure_set(reader->failure, -EBADMSG,
				   "it has %u bytes for %u channels, which no WAV file has", scan,
				   channels);
	if (format != FORMAT_PCM && format != FORMAT_FLOAT)
		return failure_set(reader->failure, -EBADMSG,
				   "its samples have format 0x%x; only integers (0x1) and floats "
				   "(0x3) are read",
				   format);
	reader->wav->rate = le32toh(fmt.fmt.rate);
	reader->wav->layout.channels = channels;
	reader->wav->layout.datatype = (struct datatype){
		.kind = format == FORMAT_FLOAT ? DATATYPE_FLOAT
			: scan == channels     ? DATATYPE_UNSIGNED
					       : DATATYPE_SIGNED,
		.bits = scan / channels * 8,
	};
	return 0;
}

static int read_ds64(struct reader *reader, uint32_t size)
{
	struct ds64 ds64;
	int r;

	if (size < sizeof(ds64))
		return failure_set(reader->failure, -EBADMSG,
				   "its chunk ds64 has %u bytes; it needs %zu", size, sizeof(ds64));
	r = take(reader, &ds64, sizeof(ds64));
	if (r < 0)
		return r;
	reader->size_64 = le64toh(ds64.data_size);
	return skip(reader, size, sizeof(ds64));
}

static int read_data(const struct reader *reader, uint32_t size)
{
	if (reader->wav->layout.channels == 0)
		return failure_set(reader->failure, -EBADMSG,
				   "its samples come before their format");
	/* Those who cannot go back to the beginning leave the size at its largest, or at 0. */
	reader->wav->size = size == SIZE_ELSEWHERE ? reader->size_64
			    : size == 0		   ? WAV_SIZE_UNKNOWN
						   : size;
	return 0;
}

int wav_read(wav_taker taker, void *context, struct failure *failure, struct wav *wav)
{
	struct reader reader = { taker, context, failure, wav, WAV_SIZE_UNKNOWN };
	struct chunk riff, chunk;
	char wave[4];
	uint32_t size;
	int r;

	*wav = (struct wav){ 0 };
	r = take(&reader, &riff, sizeof(riff));
	if (r == 0)
		r = take(&reader, wave, sizeof(wave));
	if (r < 0)
		return r;
	if ((memcmp(riff.id, "RIFF", 4) != 0 && memcmp(riff.id, "RF64", 4) != 0) ||
	    memcmp(wave, "WAVE", 4) != 0)
		return failure_set(failure, -EBADMSG, "it is no WAV file");
	for (;;) {
		r = take(&reader, &chunk, sizeof(chunk));
		if (r < 0)
			return r;
		size = le32toh(chunk.size);
		if (memcmp(chunk.id, "data", 4) == 0)
			return read_data(&reader, size);
		if (memcmp(chunk.id, "fmt ", 4) == 0)
			r = read_fmt(&reader, size);
		else if (memcmp(chunk.id, "ds64", 4) == 0)
			r = read_ds64(&reader, size);
		else
			r = skip(&reader, size, 0);
		if (r < 0)
			return r;
	}
}
