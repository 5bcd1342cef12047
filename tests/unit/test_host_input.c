// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/failure.h"
#include "host/source.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct failure failure;

static void a_file_is_read_to_its_end(void **state)
{
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	struct source *source;
	uint8_t data[16];
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "some bytes", 10), 10);
	close(fd);

	assert_int_equal(source_open(path, &failure, &source), 0);
	assert_int_equal(source_size(source), 10);
	assert_int_equal(source_read(source, data, 4, 0), 4);
	assert_int_equal(source_read(source, data + 4, sizeof(data) - 4, 0), 6);
	assert_memory_equal(data, "some bytes", 10);
	assert_int_equal(source_read(source, data, sizeof(data), 0), 0);
	source_close(source);
	unlink(path);
}

static void a_pipe_is_waited_for(void **state)
{
	struct source *source;
	uint8_t data[16];
	char path[32];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(source_open(path, &failure, &source), 0);
	assert_int_equal(source_size(source), 0);
	assert_int_equal(source_read(source, data, sizeof(data), 0), -EAGAIN);
	assert_int_equal(source_read(source, data, sizeof(data), 1), -EAGAIN);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(source_read(source, data, sizeof(data), 10000), 3);
	close(ends[1]);
	assert_int_equal(source_read(source, data, sizeof(data), 10000), 0);
	source_close(source);
	close(ends[0]);
}

static void an_input_that_cannot_be_read_is_told_with_its_name(void **state)
{
	struct source *source;
	uint8_t data[16];

	(void)state;
	assert_int_equal(source_open("/nowhere/file", &failure, &source), -ENOENT);
	assert_non_null(strstr(failure.message, "/nowhere/file cannot be opened for reading"));
	assert_int_equal(source_open("/proc", &failure, &source), 0);
	assert_int_equal(source_read(source, data, sizeof(data), 0), -EISDIR);
	assert_string_equal(failure.message, "reading from /proc failed: Is a directory");
	source_close(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_to_its_end),
		cmocka_unit_test(a_pipe_is_waited_for),
		cmocka_unit_test(an_input_that_cannot_be_read_is_told_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
