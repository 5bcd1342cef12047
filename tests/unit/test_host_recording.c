// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What iiobridge capture leaves on the disk, however the capture ends.
 */
#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/sigmf.h"
#include "host/files/wav.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "test_host_call.h"
#include "test_host_folder.h"

#define ROUTE	    (&fake.routes[0])
#define BLOCK_SCANS 16384
#define SECOND	    UINT64_C(1000000000)

static struct failure failure;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	ROUTE->info.sample_rate_millihertz = 2500000000;
	strcpy(ROUTE->info.device, "adc0");
	strcpy(fake.info.model, "a board");
	return 0;
}

/* Files that a test leaves would be in the way of the last one, which removes the folder. */
static int clean_up(void **state)
{
	(void)state;
	unlink("a.sigmf-meta");
	unlink("a.sigmf-data");
	unlink("a.wav");
	return fake_check();
}

/* Reads a file that is not empty. */
static uint8_t *read_file(const char *path, size_t *size)
{
	struct stat status;
	uint8_t *data;
	FILE *file;

	assert_int_equal(stat(path, &status), 0);
	*size = (size_t)status.st_size;
	data = malloc(*size);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fread(data, 1, *size, file), *size);
	fclose(file);
	return data;
}

/* The metadata are read, and their hash is that of the data, which have so many samples. */
static void check_recording(uint64_t scans, struct sigmf *meta)
{
	char hash[SIGMF_SHA512_SIZE];
	uint8_t *data;
	size_t size;

	if (sigmf_read("a.sigmf-meta", &failure, meta) < 0)
		fail_msg("%s", failure.message);
	data = read_file("a.sigmf-data", &size);
	assert_int_equal(size, 4 * scans);
	assert_string_equal(meta->sha512, sigmf_sha512(data, size, hash));
	assert_int_not_equal(access("a.sigmf-meta.part", F_OK), 0);
	free(data);
}

static int capture(const char *line)
{
	return call(cmd_capture, line);
}

static void a_capture_becomes_a_recording(void **state)
{
	uint64_t now = (uint64_t)time(NULL) * SECOND;
	char text[SIGMF_TIME_SIZE];
	struct sigmf meta;

	(void)state;
	assert_int_equal(capture("capture -n 100001 -o a.sigmf-meta --author me"), STATUS_OK);
	check_recording(100001, &meta);
	assert_true(meta.layout.datatype.is_complex);
	assert_int_equal(meta.layout.datatype.bits, 16);
	assert_int_equal(meta.layout.channels, 1);
	assert_true(meta.sample_rate == 2500000);
	assert_string_equal(meta.author, "me");
	assert_string_equal(meta.hw, "a board, serial number one, adc0");
	assert_string_equal(meta.recorder, "iiobridge " IIOBRIDGE_VERSION);
	assert_string_equal(meta.description, "voltage0, voltage0; IIO's format le:s16/16>>0");
	assert_int_equal(meta.capture_count, 1);
	assert_int_equal(meta.annotation_count, 0);
	/* The time is after the test began, but for what is in a block, and before now. */
	sigmf_format_time(now - SECOND, text);
	assert_true(strcmp(meta.captures[0].datetime, text) > 0);
	sigmf_format_time((uint64_t)time(NULL) * SECOND + SECOND, text);
	assert_true(strcmp(meta.captures[0].datetime, text) < 0);
	sigmf_clear(&meta);
}

/* The board starts and sends, and its answer gets lost. */
static bool start_without_an_answer(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
				    int *result)
{
	(void)value;
	(void)data;
	(void)length;
	if (request != IIOBRIDGE_START)
		return false;
	fake_set(fake_start_route(ROUTE); ROUTE->allowance = 2);
	fake_wait_for(ROUTE->allowance == 0 && !fake.calling);
	*result = LIBUSB_ERROR_TIMEOUT;
	return true;
}

static void what_came_before_a_start_failed_is_a_recording(void **state)
{
	struct sigmf meta;

	(void)state;
	fake.on_request = start_without_an_answer;
	ROUTE->silent = true;
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta"), STATUS_PROTOCOL);
	assert_non_null(strstr(said, "did not answer START"));
	assert_non_null(strstr(said, "captured 32768 samples"));
	check_recording(2 * BLOCK_SCANS, &meta);
	sigmf_clear(&meta);
}

static void a_refused_start_leaves_no_recording(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta"), STATUS_REFUSED);
	assert_null(strstr(said, "captured"));
	assert_int_not_equal(access("a.sigmf-meta", F_OK), 0);
}

static void every_name_of_a_recording_means_both_files(void **state)
{
	static const char *const lines[] = {
		"capture -n 10 -o a.sigmf-meta",
		"capture -n 10 -o a.sigmf-data",
		"capture -n 10 -o a --sigmf",
	};
	struct sigmf meta;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(capture(lines[i]), STATUS_OK);
		check_recording(10, &meta);
		sigmf_clear(&meta);
		assert_int_equal(unlink("a.sigmf-meta"), 0);
	}
}

static void a_gap_is_at_its_sample(void **state)
{
	struct sigmf meta;

	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta --real"), STATUS_OK);
	check_recording(100000, &meta);
	assert_int_equal(meta.layout.channels, 2);
	assert_false(meta.layout.datatype.is_complex);
	assert_int_equal(meta.capture_count, 2);
	assert_int_equal(meta.captures[1].sample_start, 3 * BLOCK_SCANS);
	assert_int_equal(meta.captures[1].global_index, 3 * BLOCK_SCANS + 50);
	assert_int_equal(meta.annotation_count, 1);
	assert_true(sigmf_is_gap(&meta.annotations[0]));
	assert_int_equal(meta.annotations[0].sample_start, 3 * BLOCK_SCANS);
	assert_int_equal(meta.annotations[0].sample_count, 1);
	assert_string_equal(meta.annotations[0].comment, "50 samples are missing before this one");
	sigmf_clear(&meta);
}

static void segments_say_what_the_radio_was_tuned_to(void **state)
{
	uint8_t *text;
	json_t *meta, *captures;
	size_t size;

	(void)state;
	fake_make_radio(0);
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta --frequency 433.92M "
				 "--set gain0=5 --set gain1=6"),
			 STATUS_OK);
	text = read_file("a.sigmf-meta", &size);
	meta = json_loadb((char *)text, size, 0, NULL);
	free(text);
	captures = json_object_get(meta, "captures");
	assert_int_equal(json_array_size(captures), 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *segment = json_array_get(captures, i);
		const json_t *gains = json_object_get(segment, "iiobridge:gain");

		assert_true(json_real_value(json_object_get(segment, "core:frequency")) ==
			    433.92e6);
		assert_int_equal(json_array_size(gains), 2);
		assert_true(json_real_value(json_array_get(gains, 1)) == 6);
	}
	assert_non_null(json_object_get(json_object_get(meta, "global"), "core:extensions"));
	json_decref(meta);
}

static unsigned int blocks_before, moved; /* before the driver takes another frequency */
static int64_t wanted_rate;

/* Somebody on the board tunes it behind some blocks. */
static void tune_meanwhile(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (++moved != blocks_before)
		return;
	fake_lock();
	fake.controls[FAKE_FREQUENCY].info.value.number = 868300000 * FAKE_PARTS;
	fake.controls[FAKE_GAIN_1].info.value.number = 12 * FAKE_PARTS;
	ROUTE->tuned = true;
	if (wanted_rate) {
		ROUTE->info.sample_rate_millihertz = (uint64_t)wanted_rate * 1000;
		ROUTE->rate_changed = true;
	}
	fake_unlock();
}

static void tune_behind(unsigned int blocks, int64_t rate)
{
	fake_make_radio(0);
	blocks_before = blocks;
	moved = 0;
	wanted_rate = rate;
	fake.on_complete = tune_meanwhile;
}

static json_t *read_meta(void)
{
	size_t size;
	uint8_t *text = read_file("a.sigmf-meta", &size);
	json_t *meta = json_loadb((char *)text, size, 0, NULL);

	free(text);
	assert_non_null(meta);
	return meta;
}

static const json_t *segment_of(const json_t *meta, size_t index)
{
	return json_array_get(json_object_get(meta, "captures"), index);
}

static json_int_t integer_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static double frequency_of(const json_t *segment)
{
	return json_number_value(json_object_get(segment, "core:frequency"));
}

static uint64_t microseconds_of(const json_t *segment)
{
	const char *text = json_string_value(json_object_get(segment, "core:datetime"));
	unsigned int minutes, seconds, rest;

	assert_non_null(text);
	assert_int_equal(sscanf(text + 14, "%u:%u.%6uZ", &minutes, &seconds, &rest), 3);
	return (uint64_t)(60 * minutes + seconds) * 1000000 + rest;
}

static void assert_later(const json_t *one, const json_t *other, double seconds)
{
	const double later = (double)(microseconds_of(other) - microseconds_of(one)) / 1e6;

	assert_true(later > seconds - 2e-6 && later < seconds + 2e-6);
}

static void what_is_tuned_in_a_run_begins_a_segment(void **state)
{
	const json_t *annotation;
	json_t *meta;

	(void)state;
	tune_behind(3, 0);
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta"), STATUS_OK);
	assert_non_null(strstr(said, "the route was tuned to another signal near sample 49152 of "
				     "the output: a segment of the recording begins there\n"));
	meta = read_meta();
	assert_int_equal(json_array_size(json_object_get(meta, "captures")), 2);
	assert_true(frequency_of(segment_of(meta, 0)) == 2.4e9);
	assert_true(frequency_of(segment_of(meta, 1)) == 868.3e6);
	assert_true(json_number_value(json_array_get(
			    json_object_get(segment_of(meta, 1), "iiobridge:gain"), 1)) == 12);
	assert_null(json_object_get(segment_of(meta, 0), "iiobridge:sample_rate"));
	assert_int_equal(integer_of(segment_of(meta, 1), "core:sample_start"), 3 * BLOCK_SCANS);
	assert_int_equal(integer_of(segment_of(meta, 1), "core:global_index"), 3 * BLOCK_SCANS);
	assert_later(segment_of(meta, 0), segment_of(meta, 1), 3 * BLOCK_SCANS / 2.5e6);
	/* It was told with a block that was full before, and may have been in the next one. */
	annotation = json_array_get(json_object_get(meta, "annotations"), 0);
	assert_int_equal(integer_of(annotation, "core:sample_start"), 3 * BLOCK_SCANS);
	assert_int_equal(integer_of(annotation, "core:sample_count"), 2 * BLOCK_SCANS);
	assert_string_equal(json_string_value(json_object_get(annotation, "core:label")), "tuned");
	assert_string_equal(json_string_value(json_object_get(annotation, "core:comment")),
			    "the radio was tuned within these samples: the segment says what to, "
			    "as the drivers did behind them");
	json_decref(meta);
}

/* Samples are lost before the last block of them. */
static void another_rate_has_its_own_times(void **state)
{
	const json_t *global;
	json_t *meta;

	(void)state;
	ROUTE->gap_block = 5;
	ROUTE->gap_scans = 1000;
	tune_behind(2, 1250000);
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta"), STATUS_OK);
	assert_non_null(strstr(said, "tuned to another sample rate near sample 32768 of the "
				     "output: a segment of the recording begins there, and "
				     "core:sample_rate stays what it was before\n"));
	meta = read_meta();
	global = json_object_get(meta, "global");
	assert_int_equal(integer_of(global, "core:sample_rate"), 2500000);
	assert_non_null(strstr(json_string_value(json_object_get(global, "core:description")),
			       "core:sample_rate is that of the beginning"));
	assert_int_equal(json_array_size(json_object_get(meta, "captures")), 3);
	assert_int_equal(integer_of(segment_of(meta, 0), "iiobridge:sample_rate"), 2500000);
	assert_int_equal(integer_of(segment_of(meta, 1), "iiobridge:sample_rate"), 1250000);
	assert_int_equal(integer_of(segment_of(meta, 2), "iiobridge:sample_rate"), 1250000);
	/* As the board's records say when blocks were full. */
	assert_later(segment_of(meta, 0), segment_of(meta, 1), 2 * BLOCK_SCANS / 2.5e6);
	assert_later(segment_of(meta, 0), segment_of(meta, 2),
		     4 * BLOCK_SCANS / 1.25e6 + (BLOCK_SCANS + 1000) / 1.25e6);
	json_decref(meta);
}

static unsigned int times_read;

/* The driver comes back when other blocks are there long since, in which it was tuned again. */
static bool answer_late(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_READ_CONTROL && ++times_read == 2) {
		fake_set(ROUTE->tuned = true; ROUTE->allowance = 3);
		fake_wait_for(ROUTE->allowance == 0);
	}
	return false;
}

static void what_was_tuned_again_at_once_stays_unknown(void **state)
{
	json_t *meta;

	(void)state;
	tune_behind(2, 0);
	times_read = 0;
	ROUTE->allowance = 4;
	fake.on_request = answer_late;
	assert_int_equal(capture("capture -n 114688 -o a.sigmf-meta"), STATUS_OK);
	meta = read_meta();
	assert_int_equal(json_array_size(json_object_get(meta, "captures")), 3);
	assert_true(frequency_of(segment_of(meta, 0)) == 2.4e9);
	assert_null(json_object_get(segment_of(meta, 1), "core:frequency"));
	assert_null(json_object_get(segment_of(meta, 1), "iiobridge:gain"));
	assert_true(frequency_of(segment_of(meta, 2)) == 868.3e6);
	assert_int_equal(integer_of(segment_of(meta, 2), "core:sample_start"), 4 * BLOCK_SCANS);
	assert_non_null(strstr(
		json_string_value(json_object_get(
			json_array_get(json_object_get(meta, "annotations"), 0), "core:comment")),
		"as it was tuned again before the drivers had said it"));
	json_decref(meta);
}

/* Of the capture's samples no time is lost, and of the radio nothing is made up. */
static bool say_nothing_more(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			     int *result)
{
	(void)value;
	(void)data;
	(void)length;
	if (request != IIOBRIDGE_READ_CONTROL || ++times_read == 1)
		return false;
	*result = LIBUSB_ERROR_IO;
	return true;
}

static void what_the_board_does_not_say_stays_unknown(void **state)
{
	json_t *meta;

	(void)state;
	tune_behind(2, 0);
	times_read = 0;
	fake.on_request = say_nothing_more;
	assert_int_equal(capture("capture -n 100000 -o a.sigmf-meta"), STATUS_OK);
	assert_non_null(strstr(said, "what the route was tuned to in sample 32768 of the output is "
				     "not known: "));
	meta = read_meta();
	assert_int_equal(json_array_size(json_object_get(meta, "captures")), 2);
	assert_null(json_object_get(segment_of(meta, 1), "core:frequency"));
	json_decref(meta);
}

static void a_gap_behind_the_output_is_none(void **state)
{
	struct sigmf meta;

	(void)state;
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(capture("capture -n 49152 -o a.sigmf-meta"), STATUS_OK);
	check_recording(49152, &meta);
	assert_int_equal(meta.capture_count, 1);
	assert_int_equal(meta.annotation_count, 0);
	sigmf_clear(&meta);
}

static void what_came_before_a_board_went_is_recorded(void **state)
{
	struct sigmf meta;

	(void)state;
	ROUTE->fail_at = 2;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	assert_int_equal(capture("capture -n 1M -o a.sigmf-meta"), STATUS_GONE);
	check_recording(2 * BLOCK_SCANS, &meta);
	sigmf_clear(&meta);
}

/* Lets no file grow beyond a size, as a full disk does. */
static void limit_files(rlim_t size)
{
	const struct rlimit limit = { .rlim_cur = size, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_leaves_whole_samples_and_true_metadata(void **state)
{
	struct sigmf meta;

	(void)state;
	limit_files(100002);
	assert_int_equal(capture("capture -n 1M -o a.sigmf-meta"), STATUS_FILE);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(said, "writing to a.sigmf-data failed: File too large\n"));
	assert_non_null(strstr(said, "captured 25000 samples"));
	check_recording(25000, &meta);
	sigmf_clear(&meta);
}

static void old_metadata_do_not_describe_new_data(void **state)
{
	(void)state;
	assert_int_equal(capture("capture -n 10 -o a.sigmf-meta"), STATUS_OK);
	fake.refused_request = IIOBRIDGE_START;
	assert_int_equal(capture("capture -n 10 -o a.sigmf-meta"), STATUS_REFUSED);
	assert_int_not_equal(access("a.sigmf-meta", F_OK), 0);
	assert_int_not_equal(access("a.sigmf-meta.part", F_OK), 0);
}

static void a_capture_that_cannot_begin_leaves_a_recording_alone(void **state)
{
	struct sigmf meta;

	(void)state;
	assert_int_equal(capture("capture -n 10 -o a.sigmf-meta"), STATUS_OK);
	ROUTE->configured.bytes_per_scan = 8;
	assert_int_equal(capture("capture -n 20 -o a.sigmf-meta"), STATUS_USAGE);
	assert_non_null(strstr(said, "no room between samples"));
	ROUTE->configured.bytes_per_scan = 4;
	assert_int_equal(capture("capture -n 20 -o /nowhere/a.sigmf-meta"), STATUS_FILE);
	assert_non_null(strstr(said, "/nowhere/a.sigmf-meta.part cannot be opened"));
	check_recording(10, &meta);
	sigmf_clear(&meta);
}

/* Checks the size of a WAV file and what its header says. */
static void check_wav(uint64_t scans)
{
	const struct datatype_layout layout = {
		.datatype = { .kind = DATATYPE_SIGNED, .bits = 16 },
		.channels = 2,
	};
	uint8_t header[WAV_HEADER_SIZE], *data;
	struct wav wav;
	size_t size;

	assert_int_equal(wav_init(&wav, &layout, 2500000000, &failure), 0);
	wav.size = 4 * scans;
	wav_format(&wav, header);
	data = read_file("a.wav", &size);
	assert_int_equal(size, WAV_HEADER_SIZE + 4 * scans);
	assert_memory_equal(data, header, WAV_HEADER_SIZE);
	/* The counter goes on behind the header. */
	assert_memory_equal(data + WAV_HEADER_SIZE + 4, "\1\0\0\0", 4);
	free(data);
}

static void a_wav_file_says_how_long_it_is(void **state)
{
	(void)state;
	assert_int_equal(capture("capture -n 100001 -o a.wav"), STATUS_OK);
	check_wav(100001);
	assert_non_null(strstr(said, "captured 100001 samples"));
}

static void a_full_disk_leaves_a_true_wav_file(void **state)
{
	(void)state;
	limit_files(100002);
	assert_int_equal(capture("capture -n 1M -o a.wav"), STATUS_FILE);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(said, "captured 24980 samples"));
	check_wav(24980);
}

static void a_wav_file_in_a_pipe_has_no_length(void **state)
{
	(void)state;
	assert_int_equal(capture("capture -n 10 -o - --wav"), STATUS_OK);
	assert_memory_equal(printed, "RIFF\xff\xff\xff\xffWAVEJUNK", 16);
	assert_memory_equal(printed + 72, "data\xff\xff\xff\xff\0\0\0\0\1\0\0\0", 16);
}

static void wrong_command_lines_are_explained(void **state)
{
	static const struct {
		const char *line, *reason;
	} wrong[] = {
		{ "capture --sigmf --verify counter", "give -o FILE" },
		{ "capture --wav --verify counter", "give -o FILE" },
		{ "capture --sigmf -o -", "one pipe" },
		{ "capture --sigmf --wav -o x", "two formats" },
		{ "capture --real --complex --sigmf -o x", "exclude each other" },
		{ "capture --author me -o x", "give --sigmf" },
		{ "capture --complex -o x.wav", "give --sigmf" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(capture(wrong[i].line), STATUS_USAGE);
		if (!strstr(said, wrong[i].reason))
			fail_msg("\"%s\" is not in \"%s\"", wrong[i].reason, said);
	}
	ROUTE->info.sample_rate_millihertz = 0;
	assert_int_equal(capture("capture -n 10 -o a.wav"), STATUS_USAGE);
	assert_non_null(strstr(said, "WAV needs a sample rate"));
	assert_int_not_equal(access("a.wav", F_OK), 0);
}

static void interrupt_behind_the_last(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (ROUTE->allowance == 0 && ROUTE->running)
		press_ctrl_c();
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_completes_a_recording(void **state)
{
	struct sigmf meta;

	(void)state;
	ROUTE->allowance = 3;
	fake.on_complete = interrupt_behind_the_last;
	assert_int_equal(capture("capture -o a.sigmf-meta"), STATUS_OK);
	check_recording(3 * BLOCK_SCANS, &meta);
	sigmf_clear(&meta);
}

static void lose_samples(void)
{
	ROUTE->gap_block = 2;
	ROUTE->gap_scans = 50;
}

static void lose_the_board(void)
{
	ROUTE->fail_at = 3;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
}

static void lose_the_board_at_once(void)
{
	ROUTE->fail_at = 0;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
}

static void find_the_board(const struct libusb_transfer *transfer)
{
	if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
		fake_set(ROUTE->fail_at = -1);
}

/* With a gap in each of two runs. */
static void come_back(void)
{
	lose_samples();
	lose_the_board();
	fake.on_complete = find_the_board;
}

static void have_a_radio(void)
{
	fake_make_radio(0);
}

static void tune_it(void)
{
	tune_behind(3, 0);
}

static void change_the_rate(void)
{
	tune_behind(3, 1250000);
}

static void have_two_routes(void)
{
	fake.info.route_count = 2;
}

static void have_no_rate(void)
{
	lose_samples();
	ROUTE->info.sample_rate_millihertz = 0;
}

static void fill_the_disk(void)
{
	limit_files(100002);
}

/* Kinds of metadata, for a check by others' means. */
static const struct example {
	const char *name;
	const char *line;
	void (*prepare)(void);
	int status;
	const char *path;
} examples[] = {
	{ "radio", "capture -n 100000 -o a.sigmf-meta", have_a_radio, STATUS_OK, "a.sigmf-meta" },
	{ "tuned", "capture -n 100000 -o a.sigmf-meta", tune_it, STATUS_OK, "a.sigmf-meta" },
	{ "rate-changed", "capture -n 100000 -o a.sigmf-meta", change_the_rate, STATUS_OK,
	  "a.sigmf-meta" },
	{ "gap", "capture -n 100000 -o a.sigmf-meta --author me", lose_samples, STATUS_OK,
	  "a.sigmf-meta" },
	{ "real", "capture -n 100 -o a.sigmf-meta --real", NULL, STATUS_OK, "a.sigmf-meta" },
	{ "no-rate", "capture -n 100000 -o a.sigmf-meta", have_no_rate, STATUS_OK, "a.sigmf-meta" },
	{ "reconnect", "capture --reconnect -n 100000 -o a.sigmf-meta", come_back, STATUS_OK,
	  "a.sigmf-meta" },
	{ "first-of-several", "capture -r rx -r ry -n 100000 -o a.sigmf-meta", have_two_routes,
	  STATUS_OK, "a-rx.sigmf-meta" },
	{ "second-of-several", "capture -r rx -r ry -n 100000 -o a.sigmf-meta", have_two_routes,
	  STATUS_OK, "a-ry.sigmf-meta" },
	{ "board-gone", "capture -n 1M -o a.sigmf-meta", lose_the_board, STATUS_GONE,
	  "a.sigmf-meta" },
	{ "no-samples", "capture -n 1M -o a.sigmf-meta", lose_the_board_at_once, STATUS_GONE,
	  "a.sigmf-meta" },
	{ "disk-full", "capture -n 1M -o a.sigmf-meta", fill_the_disk, STATUS_FILE,
	  "a.sigmf-meta" },
};

#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static int print_example(const struct example *example)
{
	size_t size;
	char *text;
	int status;

	set_up(NULL);
	enter_folder(NULL);
	if (example->prepare)
		example->prepare();
	status = capture(example->line);
	limit_files(RLIM_INFINITY);
	if (status == example->status) {
		text = (char *)read_file(example->path, &size);
		fwrite(text, 1, size, stdout);
		free(text);
	}
	clean_up(NULL);
	unlink("a-rx.sigmf-meta");
	unlink("a-rx.sigmf-data");
	unlink("a-ry.sigmf-meta");
	unlink("a-ry.sigmf-data");
	unlink("a.sigmf-collection");
	return leave_folder(NULL) || status != example->status;
}

/* Prints the names of the examples, or one of them. */
static int show_examples(const char *name)
{
	for (size_t i = 0; i < EXAMPLES; i++) {
		if (!name)
			puts(examples[i].name);
		else if (strcmp(examples[i].name, name) == 0)
			return print_example(&examples[i]);
	}
	return name != NULL;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, clean_up)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_becomes_a_recording),
		TEST(what_came_before_a_start_failed_is_a_recording),
		TEST(a_refused_start_leaves_no_recording),
		TEST(every_name_of_a_recording_means_both_files),
		TEST(a_gap_is_at_its_sample),
		TEST(segments_say_what_the_radio_was_tuned_to),
		TEST(what_is_tuned_in_a_run_begins_a_segment),
		TEST(another_rate_has_its_own_times),
		TEST(what_was_tuned_again_at_once_stays_unknown),
		TEST(what_the_board_does_not_say_stays_unknown),
		TEST(a_gap_behind_the_output_is_none),
		TEST(what_came_before_a_board_went_is_recorded),
		TEST(a_full_disk_leaves_whole_samples_and_true_metadata),
		TEST(old_metadata_do_not_describe_new_data),
		TEST(a_capture_that_cannot_begin_leaves_a_recording_alone),
		TEST(a_wav_file_says_how_long_it_is),
		TEST(a_full_disk_leaves_a_true_wav_file),
		TEST(a_wav_file_in_a_pipe_has_no_length),
		TEST(wrong_command_lines_are_explained),
		TEST(ctrl_c_completes_a_recording),
	};

	if (argc > 1 && strcmp(argv[1], "example") == 0)
		return show_examples(argv[2]);
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
