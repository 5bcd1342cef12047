// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metadata of SigMF: what is read is in order, and what is written of it is read again.
 */
#include "fuzz.h"

#include "host/files/failure.h"
#include "host/files/sigmf.h"

static void check_order(const struct sigmf *meta)
{
	fuzz_check(meta->capture_count > 0 && datatype_size(&meta->layout) > 0);
	for (size_t i = 1; i < meta->capture_count; i++)
		fuzz_check(meta->captures[i - 1].sample_start <= meta->captures[i].sample_start);
	for (size_t i = 1; i < meta->annotation_count; i++)
		fuzz_check(meta->annotations[i - 1].sample_start <=
			   meta->annotations[i].sample_start);
}

static void check_round_trip(const struct sigmf *read)
{
	struct failure failure = { "" };
	struct sigmf again;
	char *text = sigmf_format(read);

	fuzz_check(text);
	fuzz_check(sigmf_parse(text, strlen(text), &failure, &again) == 0);
	fuzz_check(again.capture_count == read->capture_count);
	fuzz_check(again.annotation_count == read->annotation_count);
	fuzz_check(datatype_size(&again.layout) == datatype_size(&read->layout));
	sigmf_clear(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure failure = { "" };
	struct sigmf meta;

	if (sigmf_parse((const char *)data, size, &failure, &meta) == 0) {
		check_order(&meta);
		check_round_trip(&meta);
		sigmf_clear(&meta);
	} else {
		fuzz_check(failure.message[0]);
	}
	return 0;
}
