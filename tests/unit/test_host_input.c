// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/failure.h"
#include "host/files/sample_file.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct failure failure;

#define WAIT_MS 10000 /* for what must happen soon */

static struct sample_file *open_input(const char *path, uint64_t limit)
{
	struct sample_file *input = NULL;

	assert_int_equal(sample_file_open(path, recording_format_of(path), &failure, &input), 0);
	assert_int_equal(sample_file_start(input, 1, limit, false), 0);
	return input;
}

/* An input on a pipe whose writing end is @writer. */
static struct sample_file *open_pipe(int *writer, uint64_t limit)
{
	struct sample_file *input;
	char path[32];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	input = open_input(path, limit);
	close(ends[0]);
	*writer = ends[1];
	return input;
}

static void a_file_is_read_to_its_end(void **state)
{
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	struct sample_file *input;
	uint8_t data[16];
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "some bytes", 10), 10);
	close(fd);

	input = open_input(path, UINT64_MAX);
	assert_int_equal(input->info.bytes, 10);
	assert_int_equal(sample_file_next(input, data, 4, WAIT_MS), 4);
	assert_int_equal(sample_file_next(input, data + 4, sizeof(data) - 4, WAIT_MS), 6);
	assert_memory_equal(data, "some bytes", 10);
	assert_int_equal(sample_file_next(input, data, sizeof(data), WAIT_MS), 0);
	sample_file_close(input);
	unlink(path);
}

static void a_pipe_is_waited_for(void **state)
{
	struct sample_file *input;
	uint8_t data[16];
	int writer;

	(void)state;
	input = open_pipe(&writer, UINT64_MAX);
	assert_int_equal(input->info.bytes, 0);
	assert_int_equal(sample_file_next(input, data, sizeof(data), 0), -EAGAIN);
	assert_int_equal(sample_file_next(input, data, sizeof(data), 1), -EAGAIN);
	assert_int_equal(write(writer, "abc", 3), 3);
	assert_int_equal(sample_file_next(input, data, sizeof(data), WAIT_MS), 3);
	close(writer);
	assert_int_equal(sample_file_next(input, data, sizeof(data), WAIT_MS), 0);
	sample_file_close(input);
}

static void a_pipe_that_is_still_open_can_be_left(void **state)
{
	int writer;

	(void)state;
	sample_file_close(open_pipe(&writer, UINT64_MAX));
	close(writer);
}

/* As in "(iiobridge play -n 1000 -; other-program) < file". */
static void what_is_behind_the_limit_is_left_to_others(void **state)
{
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	const int saved = dup(STDIN_FILENO);
	struct sample_file *input;
	uint8_t data[16];
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "mine theirs", 11), 11);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	dup2(fd, STDIN_FILENO);
	input = open_input("-", 5);
	assert_int_equal(sample_file_next(input, data, sizeof(data), WAIT_MS), 5);
	assert_int_equal(sample_file_next(input, data, sizeof(data), WAIT_MS), 0);
	sample_file_close(input);
	assert_int_equal(read(fd, data, sizeof(data)), 6);
	assert_memory_equal(data, "theirs", 6);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fd);
	unlink(path);
}

#define LONG_SIZE ((size_t)80 << 20) /* more than is read ahead */

static void *write_much(void *context)
{
	const int writer = *(const int *)context;
	static size_t size;
	uint8_t data[3 * 251];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i % 251);
	while (size < LONG_SIZE)
		size += (size_t)write(writer, data, sizeof(data));
	close(writer);
	return &size;
}

static void a_long_input_comes_in_order(void **state)
{
	static uint8_t data[100000];
	struct sample_file *input;
	bool good = true;
	size_t size = 0;
	pthread_t thread;
	ssize_t got;
	void *sent;
	int writer;

	(void)state;
	input = open_pipe(&writer, UINT64_MAX);
	assert_int_equal(pthread_create(&thread, NULL, write_much, &writer), 0);
	while ((got = sample_file_next(input, data, sizeof(data), WAIT_MS)) > 0) {
		for (size_t i = 0; i < (size_t)got; i++)
			good = good && data[i] == (uint8_t)((size + i) % 251);
		size += (size_t)got;
	}
	assert_int_equal(got, 0);
	assert_int_equal(pthread_join(thread, &sent), 0);
	assert_true(good);
	assert_int_equal(size, *(size_t *)sent);
	sample_file_close(input);
}

static void an_input_that_cannot_be_read_is_told_with_its_name(void **state)
{
	struct sample_file *input;
	uint8_t data[16];

	(void)state;
	assert_int_equal(sample_file_open("/nowhere/file", recording_format_of("/nowhere/file"),
					  &failure, &input),
			 -ENOENT);
	assert_non_null(strstr(failure.message, "/nowhere/file cannot be opened for reading"));
	input = open_input("/proc", UINT64_MAX);
	assert_int_equal(sample_file_next(input, data, sizeof(data), WAIT_MS), -EISDIR);
	assert_string_equal(failure.message, "reading from /proc failed: Is a directory");
	sample_file_close(input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_to_its_end),
		cmocka_unit_test(a_pipe_is_waited_for),
		cmocka_unit_test(a_pipe_that_is_still_open_can_be_left),
		cmocka_unit_test(what_is_behind_the_limit_is_left_to_others),
		cmocka_unit_test(a_long_input_comes_in_order),
		cmocka_unit_test(an_input_that_cannot_be_read_is_told_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
