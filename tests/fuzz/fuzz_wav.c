// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Headers of WAV files: what is read and can be written is read again as it was.
 */
#include "fuzz.h"

#include "host/files/failure.h"
#include "host/files/wav.h"

#include <errno.h>

static int take(void *context, uint8_t *data, size_t size)
{
	return fuzz_take(context, data, size) == size ? 0 : -ENODATA;
}

static void check_round_trip(const struct wav *read)
{
	uint8_t header[WAV_HEADER_SIZE];
	struct fuzz_bytes bytes = { header, sizeof(header) };
	struct failure failure = { "" };
	struct wav written, again;

	if (wav_init(&written, &read->layout, (uint64_t)read->rate * 1000, &failure) < 0)
		return;
	written.size = read->size;
	wav_format(&written, header);
	fuzz_check(wav_read(take, &bytes, &failure, &again) == 0);
	fuzz_check(bytes.size == 0);
	fuzz_check(again.rate == read->rate && again.layout.channels == read->layout.channels);
	fuzz_check(again.layout.datatype.bits == read->layout.datatype.bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	struct failure failure = { "" };
	struct wav wav;

	if (wav_read(take, &bytes, &failure, &wav) == 0) {
		fuzz_check(wav.layout.channels > 0 && datatype_size(&wav.layout) > 0);
		check_round_trip(&wav);
	} else {
		fuzz_check(failure.message[0]);
	}
	return 0;
}
