// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A WAV file of more than 4 GiB, from the recording to those who read it.
 *
 * All of it goes through the program's own writing; but what is silence becomes a hole in the file,
 * instead of 4 GiB on the disk.
 */
#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/recording.h"
#include "host/files/sample_file.h"
#include "host/files/wav.h"

#include "test_usb_fake.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_folder.h"

#define ROUTE	   (&fake.routes[0])
#define SCAN	   4
#define PART	   ((size_t)64 << 20)
#define PARTS	   64
#define TAIL_SCANS 1000
#define SIZE	   ((uint64_t)PARTS * PART + TAIL_SCANS * SCAN)

static struct failure failure;
static uint64_t holes; /* bytes in them */

/* In the place of libc's. A piece that begins and ends with silence is nothing else here. */
ssize_t write(int fd, const void *data, size_t size)
{
	static const uint8_t silence[64];
	const uint8_t *bytes = data;

	if (size < 4096 || memcmp(bytes, silence, sizeof(silence)) != 0 ||
	    memcmp(bytes + size - sizeof(silence), silence, sizeof(silence)) != 0)
		return syscall(SYS_write, fd, data, size);
	if (lseek(fd, (off_t)size, SEEK_CUR) < 0)
		return -1;
	holes += size;
	return (ssize_t)size;
}

/* Scans that tell where they are. */
static void mark(uint32_t *scans, size_t count, uint32_t first)
{
	for (size_t i = 0; i < count; i++)
		scans[i] = htole32(first + (uint32_t)i);
}

static int remove_recording(void **state)
{
	fake_release();
	return unlink("a.wav") == 0 ? leave_folder(state) : -1;
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	ROUTE->info.sample_rate_millihertz = 61440000000;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

static uint64_t get(const uint8_t *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return le64toh(value);
}

/* A gigasample and some more, whose first part and whose tail are marked. */
static void a_recording_grows_beyond_4_gib(void **state)
{
	struct recording_setup setup = { .path = "a.wav", .format = RECORDING_WAV };
	const struct recording_facts facts = { 0 };
	uint8_t *part = calloc(1, PART), header[WAV_HEADER_SIZE];
	struct iiobridge_board *board;
	struct iiobridge_route *route;
	struct recording *recording;
	struct recording_end end;
	struct stat status;
	FILE *file;

	(void)state;
	assert_non_null(part);
	assert_int_equal(iiobridge_board_open(NULL, &board), 0);
	assert_int_equal(iiobridge_route_get(board, 0, &route), 0);
	setup.route = route;
	assert_int_equal(recording_open(&setup, &failure, &recording), 0);
	mark((uint32_t *)part, PART / SCAN, 1);
	assert_int_equal(recording_write(recording, part, PART), 0);
	memset(part, 0, PART);
	for (int i = 1; i < PARTS; i++)
		assert_int_equal(recording_write(recording, part, PART), 0);
	mark((uint32_t *)part, TAIL_SCANS, 7000000);
	assert_int_equal(recording_write(recording, part, TAIL_SCANS * SCAN), 0);
	assert_int_equal(recording_finish(recording, &facts, &end), 0);
	recording_free(recording);
	iiobridge_route_free(route);
	iiobridge_board_close(board);
	free(part);
	assert_true(end.samples == SIZE / SCAN);
	assert_true(holes > SIZE / 2);

	file = fopen("a.wav", "re");
	assert_non_null(file);
	assert_int_equal(fread(header, 1, sizeof(header), file), sizeof(header));
	fclose(file);
	assert_int_equal(stat("a.wav", &status), 0);
	assert_true((uint64_t)status.st_size == WAV_HEADER_SIZE + SIZE);
	assert_memory_equal(header, "RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0", 20);
	assert_true(get(header + 20, 8) == (uint64_t)status.st_size - 8);
	assert_true(get(header + 28, 8) == SIZE);
	assert_true(get(header + 36, 8) == SIZE / SCAN);
	assert_memory_equal(header + 72, "data\xff\xff\xff\xff", 8);
}

static void its_last_samples_are_found(void **state)
{
	const struct sample_file_hints hints = { 0 };
	uint32_t scans[TAIL_SCANS], wanted[TAIL_SCANS];
	const struct sample_file_info *info;
	struct sample_file *file;

	(void)state;
	assert_int_equal(sample_file_open("a.wav", RECORDING_WAV, &failure, &file), 0);
	assert_int_equal(sample_file_interpret(file, &hints), 0);
	info = &file->info;
	assert_true(info->scans == SIZE / SCAN);
	assert_true(info->sample_rate == 61440000);
	assert_int_equal(info->bytes_missing, 0);
	assert_int_equal(
		sample_file_read(file, info->scans - TAIL_SCANS, TAIL_SCANS, (void *)scans), 0);
	mark(wanted, TAIL_SCANS, 7000000);
	assert_memory_equal(scans, wanted, sizeof(wanted));
	assert_int_equal(sample_file_read(file, info->scans - TAIL_SCANS - 1, 1, (void *)scans), 0);
	assert_int_equal(scans[0], 0);
	sample_file_close(file);
}

static void play_reads_it(void **state)
{
	uint32_t wanted[20000];
	struct sample_file *input;

	(void)state;
	fake_make_tx(0);
	ROUTE->info.sample_rate_millihertz = 61440000000;
	assert_int_equal(call(cmd_play, "play -n 20000 a.wav"), STATUS_OK);
	assert_non_null(strstr(said, "played 20000 samples"));
	assert_null(strstr(said, "before its header says"));
	mark(wanted, 20000, 1);
	assert_memory_equal(ROUTE->data, wanted, sizeof(wanted));

	assert_int_equal(sample_file_open("a.wav", recording_format_of("a.wav"), &failure, &input),
			 0);
	assert_true(input->info.bytes == SIZE);
	assert_int_equal(input->info.bytes_missing, 0);
	sample_file_close(input);
}

/* The last test: it cuts the file. */
static void play_tells_what_a_long_file_lacks(void **state)
{
	(void)state;
	fake_make_tx(0);
	ROUTE->info.sample_rate_millihertz = 61440000000;
	assert_int_equal(truncate("a.wav", WAV_HEADER_SIZE + 100 * SCAN), 0);
	assert_int_equal(call(cmd_play, "play a.wav"), STATUS_OK);
	assert_non_null(strstr(said, "a.wav ends 4294970896 bytes before its header says\n"));
	assert_non_null(strstr(said, "played 100 samples"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_recording_grows_beyond_4_gib),
		TEST(its_last_samples_are_found),
		TEST(play_reads_it),
		TEST(play_tells_what_a_long_file_lacks),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_recording);
}
