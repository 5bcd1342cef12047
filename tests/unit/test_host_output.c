// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/output.h"
#include "host/report.h"

#include "test_usb_fake.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"

static struct failure failure;
static struct iiobridge_board *board;
static struct iiobridge_route *rx, *tx; /* of 4 bytes in a sample */

static int open_board(void **state)
{
	(void)state;
	fake_reset();
	fake_make_tx(1);
	fake.info.route_count = 2;
	return iiobridge_board_open(NULL, &board) || iiobridge_route_get(board, 0, &rx) ||
	       iiobridge_route_get(board, 1, &tx);
}

static int close_board(void **state)
{
	(void)state;
	iiobridge_route_free(rx);
	iiobridge_route_free(tx);
	iiobridge_board_close(board);
	fake_release();
	return fake_check();
}

static void progress_is_one_line(void **state)
{
	struct progress progress = {
		.route = rx,
		.samples = 26214400,
		.samples_wanted = 104857600,
		.nanoseconds = 1000000000,
		.losses_known = true,
	};
	char line[128];

	(void)state;
	assert_string_equal(
		progress_format(&progress, line, sizeof(line)),
		" 25.0 %, 100.0 MiB, 100.0 MiB/s, 26.21 MS/s, gaps 0, lost 0, 3 s left");
	progress.samples_wanted = 0;
	progress.statistics.gaps = 2;
	progress.statistics.samples_lost = 7;
	progress.statistics.estimated = true;
	assert_string_equal(progress_format(&progress, line, sizeof(line)),
			    "100.0 MiB, 100.0 MiB/s, 26.21 MS/s, gaps 2, lost 7 (estimated)");
	progress = (struct progress){ .route = rx, .samples_wanted = 5 };
	assert_string_equal(progress_format(&progress, line, sizeof(line)),
			    "  0.0 %, 0.0 MiB, 0.0 MiB/s, 0 S/s, gaps unknown, lost unknown");
	progress.route = tx;
	assert_string_equal(
		progress_format(&progress, line, sizeof(line)),
		"  0.0 %, 0.0 MiB, 0.0 MiB/s, 0 S/s, underruns unknown, missed unknown");
	progress_format(&progress, line, 8);
	assert_string_equal(line, "  0.0 %");
}

static void the_summary_can_be_searched(void **state)
{
	struct progress progress = {
		.route = rx,
		.samples = 67108864,
		.nanoseconds = 2690000000,
		.losses_known = true,
	};
	char line[128];

	(void)state;
	assert_string_equal(progress_format_end(&progress, line, sizeof(line)),
			    "captured 67108864 samples (256.0 MiB) in 2.7 s, 95.2 MiB/s, gaps 0, "
			    "lost 0");
	progress.route = tx;
	progress.gaps_before = 1;
	progress.lost_before = 2;
	assert_string_equal(progress_format_end(&progress, line, sizeof(line)),
			    "played 67108864 samples (256.0 MiB) in 2.7 s, 95.2 MiB/s, underruns "
			    "1, missed 2");
	progress.records_lost = 3;
	assert_non_null(strstr(progress_format_end(&progress, line, sizeof(line)),
			       "underruns 1, missed 2, records lost 3"));
}

static bool has_terminal;

/* In the place of libc's. */
int isatty(int fd)
{
	(void)fd;
	return has_terminal;
}

static int show_and_tell(int argc, char **argv)
{
	const struct progress progress = { .route = rx, .samples = 1 };

	(void)argc;
	(void)argv;
	has_terminal = true;
	progress_enable();
	has_terminal = false;
	progress_show(&progress);
	cmd_complain("%d gaps", 5);
	return 0;
}

/* The line is taken away first; what is told stays. */
static void what_is_told_does_not_tear_the_progress_line(void **state)
{
	(void)state;
	call(show_and_tell, "show");
	assert_string_equal(said, "\r0.0 MiB, 0.0 MiB/s, 0 S/s, gaps unknown, lost unknown\033[K"
				  "\r\033[Kiiobridge: 5 gaps\n");
}

static void a_file_holds_what_was_written(void **state)
{
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	uint64_t written = 0;
	struct output *output;
	char content[16];
	FILE *file;
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "an older and longer file", 24), 24);
	close(fd);

	assert_int_equal(output_open(path, false, &failure, &output), 0);
	assert_int_equal(output_write(output, (const uint8_t *)"one ", 4), 0);
	assert_int_equal(output_write(output, (const uint8_t *)"two", 3), 0);
	assert_int_equal(output_finish(output, &written), 0);
	assert_int_equal(written, 7);
	assert_int_equal(output_close(output), 0);

	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(content, 1, sizeof(content), file), 7);
	assert_memory_equal(content, "one two", 7);
	fclose(file);
	unlink(path);
}

/* Until it fails; an output that swallows everything is one, too. */
static int write_until_it_fails(struct output *output)
{
	static const uint8_t data[65536];
	int r = 0;

	for (uint64_t size = 0; r == 0 && size < UINT64_C(1) << 30; size += sizeof(data))
		r = output_write(output, data, sizeof(data));
	return r;
}

static void a_full_disk_is_told_with_the_file(void **state)
{
	uint64_t written = 1;
	struct output *output;

	(void)state;
	assert_int_equal(output_open("/dev/full", false, &failure, &output), 0);
	assert_int_equal(write_until_it_fails(output), -ENOSPC);
	assert_string_equal(failure.message,
			    "writing to /dev/full failed: No space left on device");
	failure.message[0] = '\0';
	assert_int_equal(output_finish(output, &written), -ENOSPC);
	assert_string_equal(failure.message,
			    "writing to /dev/full failed: No space left on device");
	assert_int_equal(written, 0);
	assert_int_equal(output_close(output), -ENOSPC);
}

/* What was passed on last may fail when nobody writes any more. */
static void a_full_disk_is_told_in_the_end(void **state)
{
	struct output *output;

	(void)state;
	assert_int_equal(output_open("/dev/full", false, &failure, &output), 0);
	output_write(output, (const uint8_t *)"x", 1);
	assert_int_equal(output_close(output), -ENOSPC);
}

static void a_file_that_cannot_be_opened_is_told(void **state)
{
	struct output *output;

	(void)state;
	assert_int_equal(output_open("/nowhere/file", false, &failure, &output), -ENOENT);
	assert_non_null(strstr(failure.message, "/nowhere/file"));
}

/* An output on a pipe with room for 64 KiB, whose reading end is @reader. */
static struct output *open_pipe(int *reader)
{
	struct output *output = NULL;
	char path[32];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	assert_int_equal(output_open(path, false, &failure, &output), 0);
	close(ends[1]);
	*reader = ends[0];
	return output;
}

static void a_reader_that_went_away_is_an_error(void **state)
{
	struct output *output;
	int reader;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	output = open_pipe(&reader);
	close(reader);
	assert_int_equal(write_until_it_fails(output), -EPIPE);
	assert_int_equal(output_close(output), -EPIPE);
}

#define SLOW_SIZE ((size_t)5000000)

static uint8_t slow_byte(size_t position)
{
	return (uint8_t)(position % 251);
}

static void *read_slowly(void *context)
{
	const int reader = *(const int *)context;
	uint8_t data[4096];
	size_t size = 0;
	bool good = true;
	ssize_t got;

	while ((got = read(reader, data, sizeof(data))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			good = good && data[i] == slow_byte(size + (size_t)i);
		size += (size_t)got;
	}
	return good && size == SLOW_SIZE ? context : NULL;
}

/* Writing waits for him, and then all of it is there. */
static void a_slow_reader_gets_all(void **state)
{
	uint8_t piece[3000];
	uint64_t written;
	struct output *output;
	pthread_t thread;
	void *good;
	int reader;

	(void)state;
	output = open_pipe(&reader);
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	for (size_t done = 0; done < SLOW_SIZE;) {
		size_t size = 0;

		while (size < sizeof(piece) && done < SLOW_SIZE)
			piece[size++] = slow_byte(done++);
		assert_int_equal(output_write(output, piece, size), 0);
	}
	assert_int_equal(output_finish(output, &written), 0);
	assert_int_equal(output_close(output), 0);
	assert_int_equal(pthread_join(thread, &good), 0);
	assert_non_null(good);
	assert_int_equal(written, SLOW_SIZE);
	close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_is_one_line),
		cmocka_unit_test(the_summary_can_be_searched),
		cmocka_unit_test(what_is_told_does_not_tear_the_progress_line),
		cmocka_unit_test(a_file_holds_what_was_written),
		cmocka_unit_test(a_full_disk_is_told_with_the_file),
		cmocka_unit_test(a_full_disk_is_told_in_the_end),
		cmocka_unit_test(a_file_that_cannot_be_opened_is_told),
		cmocka_unit_test(a_reader_that_went_away_is_an_error),
		cmocka_unit_test(a_slow_reader_gets_all),
	};

	return cmocka_run_group_tests(tests, open_board, close_board);
}
