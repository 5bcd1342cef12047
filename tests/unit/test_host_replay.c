// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What iiobridge play makes of recordings, and of files that repeat.
 */
#include "host/cmd.h"
#include "host/files/sigmf.h"
#include "host/files/wav.h"
#include "library/tx.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_folder.h"

#define ROUTE (&fake.routes[0])
#define SCANS 3001

static uint8_t samples[4 * SCANS];

static int make_samples(void **state)
{
	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = (uint8_t)(i * i + i / 7);
	return enter_folder(state);
}

static int remove_recording(void **state)
{
	unlink("a.sigmf-meta");
	unlink("a.sigmf-data");
	unlink("a");
	fake_release();
	return leave_folder(state);
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_make_tx(0);
	ROUTE->info.sample_rate_millihertz = 2500000000;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

static void write_file(const char *path, const char *mode, const void *data, size_t size)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* A recording of the samples, with @gaps gaps. */
static void write_recording(const char *datatype, unsigned int channels, double rate, size_t gaps)
{
	struct sigmf_annotation annotations[2] = { { .label = (char *)SIGMF_GAP_LABEL },
						   { .label = (char *)SIGMF_GAP_LABEL } };
	struct sigmf meta = {
		.layout.channels = channels,
		.sample_rate = rate,
		.annotations = annotations,
		.annotation_count = gaps,
	};
	char *text;

	assert_int_equal(datatype_parse(datatype, &meta.layout.datatype), 0);
	text = sigmf_format(&meta);
	write_file("a.sigmf-meta", "w", text, strlen(text));
	write_file("a.sigmf-data", "w", samples, sizeof(samples));
	free(text);
}

/* A WAV file called "a" whose header tells of @told bytes, with a chunk behind its samples. */
static void write_wav(uint64_t told, size_t size)
{
	const struct wav wav = {
		.layout = { { .kind = DATATYPE_SIGNED, .bits = 16 }, 2 },
		.rate = 2500000,
		.size = told,
	};
	uint8_t header[WAV_HEADER_SIZE];

	wav_format(&wav, header);
	write_file("a", "w", header, sizeof(header));
	write_file("a", "a", samples, size);
	if (told == size)
		write_file("a", "a", "LIST\4\0\0\0abcd", 12);
}

static int play(const char *line)
{
	return call(cmd_play, line);
}

/* All samples, and no others, were played. */
static void check_played(size_t size)
{
	assert_int_equal(ROUTE->finish, size);
	assert_memory_equal(ROUTE->data, samples, size);
}

static void check_said(const char *words)
{
	if (!strstr(said, words))
		fail_msg("\"%s\" is not in \"%s\"", words, said);
}

static void a_recording_is_played(void **state)
{
	(void)state;
	write_recording("ci16_le", 1, 2500000, 0);
	assert_int_equal(play("play -q a.sigmf-meta"), STATUS_OK);
	check_played(sizeof(samples));
	assert_string_equal(said, "");
	assert_int_equal(play("play -n 100 a.sigmf-data"), STATUS_OK);
	check_played(400);
	check_said("played 100 samples");
	assert_null(strstr(said, "iiobridge: "));
}

/* Two real channels are the same bytes as a complex one. */
static void channels_need_not_be_called_i_and_q(void **state)
{
	(void)state;
	write_recording("ri16_le", 2, 0, 0);
	assert_int_equal(play("play a.sigmf-data"), STATUS_OK);
	check_played(sizeof(samples));
	assert_null(strstr(said, "iiobridge: "));
}

static void what_a_user_may_not_expect_is_told(void **state)
{
	(void)state;
	write_recording("ci16_le", 1, 2500001, 2);
	assert_int_equal(play("play a.sigmf-meta"), STATUS_OK);
	check_played(sizeof(samples));
	check_said("iiobridge: a.sigmf-meta was recorded at 2500001 S/s, and is played at the "
		   "DAC's 2500000 S/s\n");
	check_said("iiobridge: a.sigmf-meta has 2 gaps, which are played as if nothing was "
		   "missing\n");
}

static void another_format_than_the_dacs_is_refused(void **state)
{
	static const struct {
		const char *datatype;
		unsigned int channels;
		const char *reason;
	} wrong[] = {
		{ "cf32_le", 1,
		  "a.sigmf-meta has 1 channel of cf32_le, and route tx plays 1 channel of ci16_le: "
		  "convert the file" },
		{ "ci16_be", 1, "1 channel of ci16_be" },
		{ "cu16_le", 1, "1 channel of cu16_le" },
		{ "ri16_le", 1, "1 channel of ri16_le" },
		{ "ci16_le", 2, "2 channels of ci16_le" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_recording(wrong[i].datatype, wrong[i].channels, 2500000, 0);
		assert_int_equal(play("play a.sigmf-meta"), STATUS_USAGE);
		check_said(wrong[i].reason);
	}
	assert_null(strstr(fake.log, "start"));
}

static void a_recording_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_int_equal(play("play nothing.sigmf-meta"), STATUS_FILE);
	check_said("nothing.sigmf-meta cannot be opened for reading");
	write_file("a.sigmf-meta", "w", "{}", 2);
	assert_int_equal(play("play a.sigmf-meta"), STATUS_FILE);
	check_said("a.sigmf-meta: it has no core:datatype");
	write_file("a", "w", "samples", 7);
	assert_int_equal(play("play --wav a"), STATUS_FILE);
	check_said("a: it ends before its samples begin");
	assert_null(strstr(fake.log, "start"));
}

static void of_a_wav_file_only_the_samples_are_played(void **state)
{
	(void)state;
	write_wav(sizeof(samples), sizeof(samples));
	assert_int_equal(play("play --wav a"), STATUS_OK);
	check_played(sizeof(samples));
	check_said("played 3001 samples");
	assert_null(strstr(said, "iiobridge: "));
	write_wav(WAV_SIZE_UNKNOWN, sizeof(samples));
	assert_int_equal(play("play --wav a"), STATUS_OK);
	check_played(sizeof(samples));
}

static void a_wav_file_without_its_end_is_told(void **state)
{
	(void)state;
	write_wav(sizeof(samples), 4000);
	assert_int_equal(play("play --wav a"), STATUS_OK);
	check_played(4000);
	check_said("iiobridge: a ends 8004 bytes before its header says\n");
}

/* The samples come again and again in what was received. */
static void check_repeated(size_t size)
{
	assert_int_equal(ROUTE->finish, size);
	for (size_t at = 0; at < size; at += sizeof(samples)) {
		const size_t left = size - at;

		assert_memory_equal(ROUTE->data + at, samples,
				    left < sizeof(samples) ? left : sizeof(samples));
	}
}

static void a_file_repeats(void **state)
{
	(void)state;
	write_file("a", "w", samples, sizeof(samples));
	assert_int_equal(play("play --repeat -n 1000000 a"), STATUS_OK);
	check_repeated(4000000);
	write_wav(sizeof(samples), sizeof(samples));
	assert_int_equal(play("play --repeat -n 1000000 --wav a"), STATUS_OK);
	check_repeated(4000000);
	write_recording("ci16_le", 1, 0, 0);
	assert_int_equal(play("play --repeat -n 10 a.sigmf-data"), STATUS_OK);
	check_repeated(40);
}

/* The board got as many copies of the first samples as its blocks hold, and repeats them. */
static void check_cyclic(size_t size)
{
	const uint64_t copies =
		waveform_copies(size, ROUTE->info.block_size, ROUTE->info.block_count);

	assert_true(copies > 1);
	assert_int_equal(ROUTE->finish, copies * size);
	assert_int_equal(ROUTE->finish_flags, IIOBRIDGE_FINISH_REPEAT);
	for (size_t at = 0; at < copies * size; at += size)
		assert_memory_equal(ROUTE->data + at, samples, size);
	assert_true(ROUTE->running);
	memset(ROUTE->data, 0, copies * size);
}

static void a_recording_is_repeated_by_the_board(void **state)
{
	(void)state;
	write_recording("ci16_le", 1, 2500001, 1);
	assert_int_equal(play("play --cyclic --detach a.sigmf-meta"), STATUS_OK);
	check_cyclic(sizeof(samples));
	check_said("iiobridge: a.sigmf-meta was recorded at 2500001 S/s");
	check_said("iiobridge: a.sigmf-meta has 1 gaps");
	check_said("route tx repeats 3001 samples until: iiobridge stop -r tx\n");
	assert_int_equal(play("play --cyclic --detach -n 700 a.sigmf-data"), STATUS_OK);
	check_cyclic(2800);
	write_recording("cf32_le", 1, 2500000, 0);
	assert_int_equal(play("play --cyclic --detach a.sigmf-meta"), STATUS_USAGE);
	check_said("1 channel of cf32_le");
}

/* The header, and what is behind the samples, are no part of what repeats. */
static void a_wav_file_is_repeated_by_the_board(void **state)
{
	(void)state;
	write_wav(sizeof(samples), sizeof(samples));
	assert_int_equal(play("play --cyclic --detach --wav a"), STATUS_OK);
	check_cyclic(sizeof(samples));
	check_said("route tx repeats 3001 samples until");
	write_wav(WAV_SIZE_UNKNOWN, sizeof(samples));
	assert_int_equal(play("play --cyclic --detach --wav a"), STATUS_OK);
	check_cyclic(sizeof(samples));
	write_wav(sizeof(samples), 4000);
	assert_int_equal(play("play --cyclic --detach --wav a"), STATUS_OK);
	check_cyclic(4000);
	check_said("iiobridge: a ends 8004 bytes before its header says\n");
	write_wav(sizeof(samples), 4001);
	assert_int_equal(play("play --cyclic --detach --wav a"), STATUS_FILE);
	check_said("ends inside a sample: it has 4001 bytes");
}

static void what_cannot_repeat_is_refused(void **state)
{
	(void)state;
	assert_int_equal(play("play --repeat /dev/null"), STATUS_USAGE);
	check_said("/dev/null cannot be repeated");
	write_file("a", "w", samples, 4001);
	assert_int_equal(play("play --repeat a"), STATUS_FILE);
	check_said("a cannot be repeated: it ends inside a sample, with 4001 bytes in samples of "
		   "4\n");
	assert_int_equal(play("play --repeat --cyclic a"), STATUS_USAGE);
	check_said("give one of them");
	assert_int_equal(play("play --repeat --pattern counter -n 5"), STATUS_USAGE);
	assert_int_equal(play("play --wav --pattern counter -n 5"), STATUS_USAGE);
	assert_null(strstr(fake.log, "start"));
}

static void interrupt_soon(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (ROUTE->moved == 20)
		press_ctrl_c();
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_is_how_a_repetition_ends(void **state)
{
	(void)state;
	write_file("a", "w", samples, sizeof(samples));
	fake.on_complete = interrupt_soon;
	assert_int_equal(play("play --repeat a"), STATUS_OK);
	assert_string_equal(fake.log, "parameters stop start send stop ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_recording_is_played),
		TEST(channels_need_not_be_called_i_and_q),
		TEST(what_a_user_may_not_expect_is_told),
		TEST(another_format_than_the_dacs_is_refused),
		TEST(a_recording_that_is_none_is_refused),
		TEST(of_a_wav_file_only_the_samples_are_played),
		TEST(a_wav_file_without_its_end_is_told),
		TEST(a_file_repeats),
		TEST(a_recording_is_repeated_by_the_board),
		TEST(a_wav_file_is_repeated_by_the_board),
		TEST(what_cannot_repeat_is_refused),
		TEST(ctrl_c_is_how_a_repetition_ends),
	};

	return cmocka_run_group_tests(tests, make_samples, remove_recording);
}
