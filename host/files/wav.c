// SPDX-License-Identifier: GPL-2.0-or-later
#include "wav.h"

#include "host/failure.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define FORMAT_PCM	  1
#define FORMAT_FLOAT	  3
#define FORMAT_EXTENSIBLE 0xfffe

/* What stands in 32 bits where the size is in "ds64", or is not known. */
#define SIZE_ELSEWHERE UINT32_MAX

#define DS64_SIZE	28
#define FMT_SIZE	16
#define EXTENSIBLE_SIZE 40

static uint8_t *put_text(uint8_t *at, const char text[4])
{
	memcpy(at, text, 4);
	return at + 4;
}

static uint8_t *put_16(uint8_t *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint8_t *put_32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint8_t *put_64(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint16_t get_16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

static uint32_t get_32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t get_64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

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
	uint8_t *at = header;

	at = put_text(at, is_long ? "RF64" : "RIFF");
	at = put_32(at, here ? (uint32_t)riff_size : SIZE_ELSEWHERE);
	at = put_text(at, "WAVE");

	at = put_text(at, is_long ? "ds64" : "JUNK");
	at = put_32(at, DS64_SIZE);
	at = put_64(at, is_long ? riff_size : 0);
	at = put_64(at, is_long ? wav->size : 0);
	at = put_64(at, is_long ? wav->size / scan : 0);
	at = put_32(at, 0);

	at = put_text(at, "fmt ");
	at = put_32(at, FMT_SIZE);
	at = put_16(at, FORMAT_PCM);
	at = put_16(at, (uint16_t)wav->layout.channels);
	at = put_32(at, wav->rate);
	at = put_32(at, rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX);
	at = put_16(at, scan);
	at = put_16(at, (uint16_t)wav->layout.datatype.bits);

	at = put_text(at, "data");
	put_32(at, here ? (uint32_t)wav->size : SIZE_ELSEWHERE);
}

struct reader {
	wav_taker taker;
	void *context;
	struct failure *failure;
	struct wav *wav;
	uint64_t size_64; /* what "ds64" says about the samples */
};

static int take(const struct reader *reader, uint8_t *data, size_t size)
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
	uint8_t piece[4096];
	int r = 0;

	while (left > 0 && r == 0) {
		const size_t part = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		r = take(reader, piece, part);
		left -= part;
	}
	return r;
}

static int read_fmt(const struct reader *reader, uint32_t size)
{
	const size_t part = size < EXTENSIBLE_SIZE ? size : EXTENSIBLE_SIZE;
	uint8_t fmt[EXTENSIBLE_SIZE] = { 0 };
	unsigned int format, channels, scan;
	int r;

	r = take(reader, fmt, part);
	if (r == 0)
		r = skip(reader, size, part);
	if (r < 0)
		return r;
	format = get_16(fmt);
	/* The first two bytes of the GUID are the format. */
	if (format == FORMAT_EXTENSIBLE)
		format = get_16(fmt + 24);
	channels = get_16(fmt + 2);
	scan = get_16(fmt + 12);
	if (part < FMT_SIZE || channels == 0 || scan == 0 || scan % channels)
		return failure_set(reader->failure, -EBADMSG,
				   "it has %u bytes for %u channels, which no WAV file has", scan,
				   channels);
	if (format != FORMAT_PCM && format != FORMAT_FLOAT)
		return failure_set(reader->failure, -EBADMSG,
				   "its samples have format 0x%x; only integers (0x1) and floats "
				   "(0x3) are read",
				   format);
	reader->wav->rate = get_32(fmt + 4);
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
	uint8_t ds64[DS64_SIZE];
	int r;

	if (size < DS64_SIZE)
		return failure_set(reader->failure, -EBADMSG,
				   "its chunk ds64 has %u bytes; it needs %d", size, DS64_SIZE);
	r = take(reader, ds64, sizeof(ds64));
	if (r < 0)
		return r;
	reader->size_64 = get_64(ds64 + 8);
	return skip(reader, size, DS64_SIZE);
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
	uint8_t riff[12], chunk[8];
	uint32_t size;
	int r;

	*wav = (struct wav){ 0 };
	r = take(&reader, riff, sizeof(riff));
	if (r < 0)
		return r;
	if ((memcmp(riff, "RIFF", 4) != 0 && memcmp(riff, "RF64", 4) != 0) ||
	    memcmp(riff + 8, "WAVE", 4) != 0)
		return failure_set(failure, -EBADMSG, "it is no WAV file");
	for (;;) {
		r = take(&reader, chunk, sizeof(chunk));
		size = get_32(chunk + 4);
		if (r == 0 && memcmp(chunk, "data", 4) == 0)
			return read_data(&reader, size);
		if (r == 0 && memcmp(chunk, "fmt ", 4) == 0)
			r = read_fmt(&reader, size);
		else if (r == 0 && memcmp(chunk, "ds64", 4) == 0)
			r = read_ds64(&reader, size);
		else if (r == 0)
			r = skip(&reader, size, 0);
		if (r < 0)
			return r;
	}
}
