// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/failure.h"
#include "host/files/sigmf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A recording of two channels in which 50 samples are missing after the first 1000. */
static const char recording[] = "{\n"
				"  \"global\": {\n"
				"    \"core:datatype\": \"ci16_le\",\n"
				"    \"core:num_channels\": 2,\n"
				"    \"core:sample_rate\": 2500000,\n"
				"    \"core:version\": \"1.2.5\",\n"
				"    \"core:description\": \"two pairs\",\n"
				"    \"core:author\": \"Somebody <somebody@example.org>\",\n"
				"    \"core:hw\": \"a \\\"board\\\", adc0\",\n"
				"    \"core:recorder\": \"iiobridge 1\",\n"
				"    \"core:sha512\": \"00ff\"\n"
				"  },\n"
				"  \"captures\": [\n"
				"    {\n"
				"      \"core:sample_start\": 0,\n"
				"      \"core:global_index\": 0,\n"
				"      \"core:datetime\": \"2026-11-22T20:50:00.123456Z\"\n"
				"    },\n"
				"    {\n"
				"      \"core:sample_start\": 1000,\n"
				"      \"core:global_index\": 1050\n"
				"    }\n"
				"  ],\n"
				"  \"annotations\": [\n"
				"    {\n"
				"      \"core:sample_start\": 1000,\n"
				"      \"core:sample_count\": 1,\n"
				"      \"core:label\": \"gap\",\n"
				"      \"core:comment\": \"50 samples are missing\"\n"
				"    },\n"
				"    {\n"
				"      \"core:sample_start\": 1000\n"
				"    }\n"
				"  ]\n"
				"}\n";

static struct failure failure;

static struct sigmf_capture captures[] = {
	{ .datetime = "2026-11-22T20:50:00.123456Z" },
	{ .sample_start = 1000, .global_index = 1050 },
};

static struct sigmf_annotation annotations[] = {
	{ 1000, 1, (char *)"gap", (char *)"50 samples are missing" },
	{ 1000, UINT64_MAX, NULL, NULL },
};

static const struct sigmf the_meta = {
	.layout = { { .is_complex = true, .kind = DATATYPE_SIGNED, .bits = 16 }, 2 },
	.sample_rate = 2500000,
	.description = (char *)"two pairs",
	.author = (char *)"Somebody <somebody@example.org>",
	.hw = (char *)"a \"board\", adc0",
	.recorder = (char *)"iiobridge 1",
	.sha512 = (char *)"00ff",
	.captures = captures,
	.capture_count = 2,
	.annotations = annotations,
	.annotation_count = 2,
};

static void metadata_are_written_as_the_specification_has_them(void **state)
{
	char *text = sigmf_format(&the_meta);

	(void)state;
	assert_string_equal(text, recording);
	free(text);
}

static void what_was_written_is_read(void **state)
{
	struct sigmf meta;
	char *text;

	(void)state;
	assert_int_equal(sigmf_parse(recording, strlen(recording), &failure, &meta), 0);
	assert_true(meta.layout.datatype.is_complex);
	assert_int_equal(meta.layout.channels, 2);
	assert_true(meta.sample_rate == 2500000);
	assert_int_equal(meta.capture_count, 2);
	assert_int_equal(meta.captures[1].sample_start, 1000);
	assert_int_equal(meta.captures[1].global_index, 1050);
	assert_int_equal(meta.annotation_count, 2);
	assert_true(sigmf_is_gap(&meta.annotations[0]));
	assert_false(sigmf_is_gap(&meta.annotations[1]));
	text = sigmf_format(&meta);
	assert_string_equal(text, recording);
	free(text);
	sigmf_clear(&meta);
}

static void what_is_not_known_is_left_out(void **state)
{
	const struct sigmf meta = { .layout = { { .kind = DATATYPE_UNSIGNED, .bits = 8 }, 1 } };
	char *text = sigmf_format(&meta);

	(void)state;
	assert_string_equal(text, "{\n"
				  "  \"global\": {\n"
				  "    \"core:datatype\": \"ru8\",\n"
				  "    \"core:version\": \"1.2.5\"\n"
				  "  },\n"
				  "  \"captures\": [],\n"
				  "  \"annotations\": []\n"
				  "}\n");
	free(text);
}

/* 12 bits in 16, as many converters have, and nobody could know from a datatype. */
static void valid_bits_are_told(void **state)
{
	const struct sigmf meta = {
		.layout = { { .kind = DATATYPE_SIGNED, .bits = 16 },
			    1,
			    .valid_bits = 12,
			    .shift = 4 },
	};
	char *text = sigmf_format(&meta);
	struct sigmf again;

	(void)state;
	assert_non_null(strstr(text, "\"iiobridge:valid_bits\": 12,"));
	assert_non_null(strstr(text, "\"name\": \"iiobridge\""));
	assert_int_equal(sigmf_parse(text, strlen(text), &failure, &again), 0);
	assert_int_equal(again.layout.valid_bits, 12);
	assert_int_equal(again.layout.shift, 4);
	sigmf_clear(&again);
	free(text);
}

/* Checks that metadata with a rate and the name of some hardware hold @wanted. */
static void check_holds(double rate, const char *hw, const char *wanted)
{
	struct sigmf meta = the_meta;
	char *text;

	meta.sample_rate = rate;
	meta.hw = (char *)hw;
	text = sigmf_format(&meta);
	if (!strstr(text, wanted))
		fail_msg("\"%s\" is not in %s", wanted, text);
	free(text);
}

static void odd_values_are_written_so_that_everybody_reads_them(void **state)
{
	(void)state;
	check_holds(2083333.333, "x", "\"core:sample_rate\": 2083333.333,");
	check_holds(1e10, "x", "\"core:sample_rate\": 10000000000,");
	check_holds(0.5, "x", "\"core:num_channels\": 2,\n    \"core:version\"");
	check_holds(1, "\xb5-board\t\x80", "\"core:hw\": \"?-board\\t?\"");
	check_holds(1, "\xc2\xb5-board", "\"core:hw\": \"\xc2\xb5-board\"");
}

static void times_are_utc(void **state)
{
	char text[SIGMF_TIME_SIZE];

	(void)state;
	assert_string_equal(sigmf_format_time(0, text), "1970-01-01T00:00:00.000000Z");
	assert_string_equal(sigmf_format_time(UINT64_C(1795380600123456789), text),
			    "2026-11-22T20:50:00.123456Z");
}

static void the_names_of_a_recording_belong_together(void **state)
{
	static const struct {
		const char *name, *meta;
	} names[] = {
		{ "a.sigmf-meta", "a.sigmf-meta" },
		{ "x/a.sigmf-data", "x/a.sigmf-meta" },
		{ "a", "a.sigmf-meta" },
		{ "a.b", "a.b.sigmf-meta" },
		{ ".sigmf-data", ".sigmf-meta" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = sigmf_path(names[i].name, SIGMF_META_SUFFIX);

		assert_string_equal(path, names[i].meta);
		free(path);
	}
	assert_true(sigmf_is_name("a.sigmf-meta"));
	assert_true(sigmf_is_name("a.sigmf-data"));
	assert_false(sigmf_is_name("a.sigmf"));
	assert_false(sigmf_is_name("a"));
}

/* Reads metadata with the given members of "global" and then of the root. */
static int parse(const char *global, const char *more, struct sigmf *meta)
{
	char text[1024];

	snprintf(text, sizeof(text), "{\"global\":{\"core:datatype\":\"ci16_le\"%s}%s}", global,
		 more);
	return sigmf_parse(text, strlen(text), &failure, meta);
}

static void what_others_write_is_read(void **state)
{
	struct sigmf meta;

	(void)state;
	assert_int_equal(parse("", "", &meta), 0);
	assert_int_equal(meta.layout.channels, 1);
	assert_true(meta.sample_rate == 0);
	assert_int_equal(meta.capture_count, 1);
	assert_int_equal(meta.captures[0].sample_start, 0);
	sigmf_clear(&meta);

	assert_int_equal(parse(",\"core:sample_rate\":1.5e6,\"other:x\":[]",
			       ",\"captures\":[{\"core:sample_start\":0,\"core:frequency\":1e9}]",
			       &meta),
			 0);
	assert_true(meta.sample_rate == 1500000);
	sigmf_clear(&meta);

	/* All indices count from the offset. */
	assert_int_equal(parse(",\"core:offset\":100",
			       ",\"captures\":[{\"core:sample_start\":100}],"
			       "\"annotations\":[{\"core:sample_start\":107}]",
			       &meta),
			 0);
	assert_int_equal(meta.captures[0].sample_start, 0);
	assert_int_equal(meta.captures[0].global_index, 100);
	assert_int_equal(meta.annotations[0].sample_start, 7);
	assert_true(meta.annotations[0].sample_count == UINT64_MAX);
	sigmf_clear(&meta);
}

static void metadata_that_cannot_be_followed_are_refused(void **state)
{
	static const struct {
		const char *global, *more, *reason;
	} wrong[] = {
		{ ",\"core:datatype\":\"ci12_le\"", "", "\"ci12_le\", which SigMF does not have" },
		{ ",\"core:datatype\":7", "", "no core:datatype" },
		{ ",\"core:num_channels\":0", "", "core:num_channels is 0" },
		{ ",\"core:num_channels\":-1", "", "core:num_channels is no whole number" },
		{ ",\"core:num_channels\":65537", "", "1 to 65536" },
		{ ",\"core:num_channels\":1.5", "", "core:num_channels is no whole number" },
		{ ",\"iiobridge:valid_bits\":17", "", "17 valid bits above 0 others" },
		{ ",\"iiobridge:valid_bits\":12,\"iiobridge:shift\":5", "", "above 5 others" },
		{ ",\"iiobridge:shift\":4", "", "0 valid bits" },
		{ ",\"iiobridge:valid_bits\":\"all\"", "", "iiobridge:valid_bits is no" },
		{ ",\"core:sample_rate\":0", "", "core:sample_rate" },
		{ ",\"core:sample_rate\":\"1M\"", "", "core:sample_rate" },
		{ ",\"core:dataset\":\"x.wav\"", "", "core:dataset" },
		{ ",\"core:trailing_bytes\":8", "", "core:trailing_bytes" },
		{ ",\"core:metadata_only\":true", "", "there are no data" },
		{ "", ",\"captures\":[{}]", "captures has no core:sample_start" },
		{ "", ",\"captures\":[7]", "captures has no core:sample_start" },
		{ "", ",\"annotations\":[{}]", "annotations has no core:sample_start" },
		{ "", ",\"captures\":[{\"core:sample_start\":-1}]", "core:sample_start is no" },
		{ "", ",\"captures\":[{\"core:sample_start\":0,\"core:header_bytes\":4}]",
		  "core:header_bytes" },
		{ "", ",\"captures\":[{\"core:sample_start\":5},{\"core:sample_start\":4}]",
		  "captures are not in the order" },
		{ "", ",\"annotations\":[{\"core:sample_start\":5},{\"core:sample_start\":4}]",
		  "annotations are not in the order" },
		{ ",\"core:offset\":5", ",\"captures\":[{\"core:sample_start\":4}]",
		  "captures begins before core:offset" },
		{ "", "}", "line 1 is no JSON" },
	};
	struct sigmf meta;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(wrong[i].global, wrong[i].more, &meta), -EBADMSG);
		if (!strstr(failure.message, wrong[i].reason))
			fail_msg("\"%s\" is not in \"%s\"", wrong[i].reason, failure.message);
	}
	assert_int_equal(sigmf_parse("[]", 2, &failure, &meta), -EBADMSG);
	assert_non_null(strstr(failure.message, "no SigMF metadata"));
	assert_int_equal(sigmf_parse("", 0, &failure, &meta), -EBADMSG);
}

static void a_file_is_read(void **state)
{
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	const int fd = mkstemp(path);
	struct sigmf meta;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, recording, strlen(recording)), strlen(recording));
	assert_int_equal(sigmf_read(path, &failure, &meta), 0);
	assert_int_equal(meta.annotation_count, 2);
	sigmf_clear(&meta);

	assert_int_equal(write(fd, "}", 1), 1);
	assert_int_equal(sigmf_read(path, &failure, &meta), -EBADMSG);
	assert_ptr_equal(strstr(failure.message, path), failure.message);
	assert_non_null(strstr(failure.message, ": line 36 is no JSON: "));
	close(fd);
	unlink(path);

	assert_int_equal(sigmf_read("/nowhere/file", &failure, &meta), -ENOENT);
	assert_non_null(strstr(failure.message, "/nowhere/file cannot be opened"));
	assert_int_equal(sigmf_read("/", &failure, &meta), -EIO);
	assert_string_equal(failure.message, "/ cannot be read");
}

/* The description of metadata in a file; the test fails when there are none. */
static void file_describes(const char *wanted)
{
	struct sigmf meta;

	assert_int_equal(sigmf_read("kept.sigmf-meta", &failure, &meta), 0);
	assert_string_equal(meta.description, wanted);
	sigmf_clear(&meta);
}

static void keep(const struct sigmf_file *file, const char *description)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "{\"global\": {\"core:datatype\": \"ru8\", \"core:description\": \"%s\"}}",
		 description);
	assert_int_equal(sigmf_file_keep(file, text), 0);
}

/* A program that is killed leaves those that were kept last, and nothing of the next ones. */
static void kept_metadata_stay_until_others_are_written(void **state)
{
	struct sigmf_file *file;

	(void)state;
	assert_int_equal(sigmf_file_open("kept", &failure, &file), 0);
	assert_int_equal(sigmf_file_begin(file), 0);
	keep(file, "of the first samples, and much longer than what follows");
	file_describes("of the first samples, and much longer than what follows");
	keep(file, "behind a gap");
	file_describes("behind a gap");
	sigmf_file_close(file);
	file_describes("behind a gap");
	assert_int_equal(access("kept.sigmf-meta.part", F_OK), -1);
	assert_int_equal(access("kept.sigmf-meta.new", F_OK), -1);

	assert_int_equal(sigmf_file_open("kept", &failure, &file), 0);
	assert_int_equal(sigmf_file_begin(file), 0);
	keep(file, "behind a gap");
	assert_int_equal(sigmf_file_write(file, &the_meta), 0);
	sigmf_file_close(file);
	file_describes("two pairs");
	unlink("kept.sigmf-meta");
}

/* The example of FIPS 180-4, "abc". */
static void the_hash_is_that_of_all_data(void **state)
{
	struct sigmf_file *file;
	char *text;

	(void)state;
	assert_int_equal(sigmf_file_open("hashed", &failure, &file), 0);
	sigmf_file_hash(file, (const uint8_t *)"ab", 2);
	sigmf_file_hash(file, (const uint8_t *)"", 0);
	sigmf_file_hash(file, (const uint8_t *)"c", 1);
	text = sigmf_file_sha512(file);
	assert_string_equal(text,
			    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	free(text);
	sigmf_file_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_are_written_as_the_specification_has_them),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(valid_bits_are_told),
		cmocka_unit_test(odd_values_are_written_so_that_everybody_reads_them),
		cmocka_unit_test(times_are_utc),
		cmocka_unit_test(the_names_of_a_recording_belong_together),
		cmocka_unit_test(what_others_write_is_read),
		cmocka_unit_test(metadata_that_cannot_be_followed_are_refused),
		cmocka_unit_test(a_file_is_read),
		cmocka_unit_test(kept_metadata_stay_until_others_are_written),
		cmocka_unit_test(the_hash_is_that_of_all_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
