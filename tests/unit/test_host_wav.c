// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/failure.h"
#include "host/files/wav.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct datatype_layout ci16 = { .datatype = { true, DATATYPE_SIGNED, 16, false },
					     .channels = 1 };

static struct failure failure;

/* A file in memory. */
struct file {
	const void *data;
	size_t size;
	size_t position;
};

static int take(void *context, uint8_t *data, size_t size)
{
	struct file *file = context;

	if (size > file->size - file->position)
		return -ENODATA;
	memcpy(data, (const uint8_t *)file->data + file->position, size);
	file->position += size;
	return 0;
}

static int read_file(struct file *file, struct wav *wav)
{
	file->position = 0;
	return wav_read(take, file, &failure, wav);
}

/* The header of a file of I and Q at 2.5 MS/s. */
static void format(uint64_t size, uint8_t header[WAV_HEADER_SIZE])
{
	struct wav wav;

	assert_int_equal(wav_init(&wav, &ci16, 2500000000, &failure), 0);
	wav.size = size;
	wav_format(&wav, header);
}

static void a_short_file_is_a_plain_one(void **state)
{
	static const uint8_t wanted[] =
		"RIFF\x50\0\0\0WAVE"
		"JUNK\x1c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"fmt \x10\0\0\0\x01\0\x02\0\xa0\x25\x26\0\x80\x96\x98\0\x04\0\x10\0"
		"data\x08\0\0\0";
	uint8_t header[WAV_HEADER_SIZE];

	(void)state;
	assert_int_equal(sizeof(wanted) - 1, WAV_HEADER_SIZE);
	format(8, header);
	assert_memory_equal(header, wanted, WAV_HEADER_SIZE);
}

static void a_long_file_is_rf64(void **state)
{
	static const uint8_t wanted[] =
		"RF64\xff\xff\xff\xffWAVE"
		"ds64\x1c\0\0\0\x48\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0"
		"fmt \x10\0\0\0\x01\0\x02\0\xa0\x25\x26\0\x80\x96\x98\0\x04\0\x10\0"
		"data\xff\xff\xff\xff";
	uint8_t header[WAV_HEADER_SIZE];

	(void)state;
	format(UINT64_C(1) << 32, header);
	assert_memory_equal(header, wanted, WAV_HEADER_SIZE);
	/* The longest that is not. */
	format(UINT32_MAX - 72 - 3, header);
	assert_memory_equal(header, "RIFF\xfc\xff\xff\xff", 8);
	format(UINT32_MAX - 72 + 1, header);
	assert_memory_equal(header, "RF64\xff\xff\xff\xff", 8);
}

static void a_file_of_unknown_length_says_so(void **state)
{
	uint8_t header[WAV_HEADER_SIZE];

	(void)state;
	format(WAV_SIZE_UNKNOWN, header);
	assert_memory_equal(header, "RIFF\xff\xff\xff\xffWAVEJUNK", 16);
	assert_memory_equal(header + 72, "data\xff\xff\xff\xff", 8);
}

static void what_was_written_is_read(void **state)
{
	static const uint64_t sizes[] = { 4, 1000000, UINT64_C(1) << 32, UINT64_C(5) << 40,
					  WAV_SIZE_UNKNOWN };
	uint8_t header[WAV_HEADER_SIZE];
	struct file file = { .data = header, .size = sizeof(header) };
	struct wav wav;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		format(sizes[i], header);
		assert_int_equal(read_file(&file, &wav), 0);
		assert_int_equal(file.position, WAV_HEADER_SIZE);
		assert_true(wav.size == sizes[i]);
		assert_int_equal(wav.rate, 2500000);
		assert_int_equal(wav.layout.channels, 2);
		assert_int_equal(wav.layout.datatype.bits, 16);
		assert_int_equal(wav.layout.datatype.kind, DATATYPE_SIGNED);
		assert_false(wav.layout.datatype.is_complex);
	}
}

/* An odd chunk before the samples, extensible format, and floats. */
static void what_others_write_is_read(void **state)
{
	static const char data[] = "RIFF\0\0\0\0WAVE"
				   "LIST\x03\0\0\0abc\0"
				   "fmt \x28\0\0\0\xfe\xff\x01\0\x44\xac\0\0\x10\xb1\x02\0\x04\0"
				   "\x20\0\x16\0\x20\0\x04\0\0\0\x03\0\0\0\0\0\x10\0\x80\0"
				   "\0\xaa\0\x38\x9b\x71"
				   "data\0\0\0\0";
	struct file file = { .data = data, .size = sizeof(data) - 1 };
	struct wav wav;

	(void)state;
	assert_int_equal(read_file(&file, &wav), 0);
	assert_int_equal(file.position, file.size);
	assert_true(wav.size == WAV_SIZE_UNKNOWN);
	assert_int_equal(wav.rate, 44100);
	assert_int_equal(wav.layout.datatype.kind, DATATYPE_FLOAT);
	assert_int_equal(wav.layout.datatype.bits, 32);
	assert_int_equal(wav.layout.channels, 1);
}

static void other_files_are_refused(void **state)
{
#define BYTES(bytes) .data = (bytes), .size = sizeof(bytes) - 1
	static const struct {
		struct file file;
		const char *reason;
	} wrong[] = {
		{ { BYTES("") }, "it ends before" },
		{ { BYTES("RIFF\0\0\0\0WAVE") }, "it ends before" },
		{ { BYTES("RIFX\0\0\0\0WAVE") }, "it is no WAV file" },
		{ { BYTES("RIFF\0\0\0\0AVI ") }, "it is no WAV file" },
		{ { BYTES("RIFF\0\0\0\0WAVEdata\x04\0\0\0") }, "before their format" },
		{ { BYTES("RIFF\0\0\0\0WAVEJUNK\xff\xff\xff\xff\0") }, "it ends before" },
		{ { BYTES("RF64\0\0\0\0WAVEds64\x04\0\0\0\0\0\0\0") }, "it needs 28" },
		{ { BYTES("RIFF\0\0\0\0WAVEfmt \x0e\0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\2\0") },
		  "which no WAV file has" },
		{ { BYTES("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0") },
		  "2 bytes for 0 channels" },
		{ { BYTES("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\0\0\0\0\0\0\0\0\3\0\0\0") },
		  "3 bytes for 2 channels" },
		{ { BYTES("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x55\0\2\0\0\0\0\0\0\0\0\0\4\0\0\0") },
		  "format 0x55" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct file file = wrong[i].file;
		struct wav wav;

		assert_int_equal(read_file(&file, &wav), -EBADMSG);
		if (!strstr(failure.message, wrong[i].reason))
			fail_msg("\"%s\" is not in \"%s\"", wrong[i].reason, failure.message);
	}
}

static void check_refused(const struct datatype_layout *layout, uint64_t rate, const char *reason)
{
	struct wav wav;

	assert_int_equal(wav_init(&wav, layout, rate, &failure), -EINVAL);
	if (!strstr(failure.message, reason))
		fail_msg("\"%s\" is not in \"%s\"", reason, failure.message);
}

static void samples_that_wav_does_not_have_are_refused(void **state)
{
	const struct datatype_layout unsigned_16 = {
		.datatype = { false, DATATYPE_UNSIGNED, 16, false }, .channels = 1
	};
	const struct datatype_layout signed_8 = { .datatype = { true, DATATYPE_SIGNED, 8, false },
						  .channels = 1 };
	const struct datatype_layout big = { .datatype = { false, DATATYPE_SIGNED, 32, true },
					     .channels = 1 };
	const struct datatype_layout wide = { .datatype = { false, DATATYPE_SIGNED, 32, false },
					      .channels = 16384 };
	const struct datatype_layout unsigned_8 = {
		.datatype = { false, DATATYPE_UNSIGNED, 8, false }, .channels = 3
	};
	struct wav wav;

	(void)state;
	check_refused(&unsigned_16, 1000, "these are ru16_le");
	check_refused(&signed_8, 1000, "these are ci8");
	check_refused(&big, 1000, "these are ri32_be");
	check_refused(&wide, 1000, "at most 65535 bytes");
	check_refused(&ci16, 0, "is not known");
	check_refused(&ci16, UINT64_C(4294967295500), "is higher");
	assert_int_equal(wav_init(&wav, &unsigned_8, 2083333333, &failure), 0);
	assert_int_equal(wav.rate, 2083333);
	assert_int_equal(wav.layout.channels, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_file_is_a_plain_one),
		cmocka_unit_test(a_long_file_is_rf64),
		cmocka_unit_test(a_file_of_unknown_length_says_so),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(what_others_write_is_read),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(samples_that_wav_does_not_have_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
