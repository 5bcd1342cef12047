// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures into a pipe whose reader goes away, or takes its time.
 */
#include "host/cmd.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"

#define ROUTE (&fake.routes[0])

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/*
 * Runs a capture in a process of its own with a pipe as its standard output, whose reader takes so
 * many bytes of the counter behind a header and goes. Returns what waitpid() tells.
 */
static int capture_into_a_pipe(const char *line, size_t header, size_t wanted)
{
	FILE *errors = tmpfile();
	const bool reads = header + wanted > 0;
	int ends[2], status;
	uint32_t *samples = calloc(1, header + wanted);
	size_t got = 0;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	if (!reads)
		close(ends[0]);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (reads)
			close(ends[0]);
		dup2(ends[1], STDOUT_FILENO);
		dup2(fileno(errors), STDERR_FILENO);
		close(ends[1]);
		signal(SIGPIPE, SIG_DFL);
		status = call_here(cmd_capture, line);
		fprintf(stderr, "log: %s\n", fake.log);
		fflush(stderr);
		_exit(status);
	}
	close(ends[1]);
	while (got < header + wanted) {
		const ssize_t size = read(ends[0], (char *)samples + got, header + wanted - got);

		assert_true(size > 0);
		got += (size_t)size;
	}
	if (reads)
		close(ends[0]);
	for (uint32_t i = 0; i < wanted / 4; i++)
		assert_int_equal(samples[header / 4 + i], i);
	assert_int_equal(waitpid(child, &status, 0), child);
	read_back(errors, said, sizeof(said));
	free(samples);
	return status;
}

/* As in "iiobridge capture -t 600 -o - | head -c 100000". */
static void a_reader_that_goes_away_ends_the_capture(void **state)
{
	static const struct {
		const char *line;
		size_t header, wanted;
	} captures[] = {
		{ "capture -t 600 -o -", 0, 100000 },
		{ "capture -t 600 -o - --wav", 80, 100000 },
		{ "capture --reconnect -o -", 0, 100000 },
	};
	const char *told = "iiobridge: writing to standard output failed: Broken pipe\ncaptured ";

	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		int status;

		fake_reset();
		ROUTE->info.sample_rate_millihertz = 2500000000;
		status = capture_into_a_pipe(captures[i].line, captures[i].header,
					     captures[i].wanted);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), STATUS_FILE);
		if (strncmp(said, told, strlen(told)) != 0)
			fail_msg("%s: \"%s\"", captures[i].line, said);
		assert_non_null(strstr(said, "\nlog: parameters stop submit start stop \n"));
	}
}

/* That of a WAV file, whose header goes there first, has nobody who could be disappointed. */
static void a_reader_that_is_not_there_starts_nothing(void **state)
{
	int status;

	(void)state;
	ROUTE->info.sample_rate_millihertz = 2500000000;
	status = capture_into_a_pipe("capture -t 600 -o - --wav", 0, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), STATUS_FILE);
	assert_string_equal(said, "iiobridge: writing to standard output failed: Broken pipe\n"
				  "log: parameters stop \n");
}

static int stop_pipe[2];

static bool tell_of_the_stop(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			     int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_STOP && ROUTE->running)
		assert_int_equal(write(stop_pipe[1], "s", 1), 1);
	return false;
}

static void interrupt_behind_the_last(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (ROUTE->allowance == 0 && ROUTE->running)
		press_ctrl_c();
}

/* Runs it in a process of its own; returns its exit status. */
static int capture_into_a_stalled_pipe(const char *line, int output, FILE *errors)
{
	ROUTE->allowance = 8;
	fake.on_complete = interrupt_behind_the_last;
	fake.on_request = tell_of_the_stop;
	dup2(output, STDOUT_FILENO);
	dup2(fileno(errors), STDERR_FILENO);
	close(output);
	return call_here(cmd_capture, line);
}

/* The pipe takes one block of eight until somebody reads. */
static void ctrl_c_stops_the_route_at_once_although_the_output_is_stalled(void **state)
{
	static const struct {
		const char *line;
		int status;
	} captures[] = {
		{ "capture -o -", STATUS_OK },
		{ "capture -o - -n 1M", STATUS_SIGNAL + SIGINT },
	};
	const size_t size = 8 * 65536;
	uint32_t *samples = malloc(size);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		FILE *errors = tmpfile();
		int ends[2], status;
		size_t got = 0;
		pid_t child;
		char byte;

		assert_int_equal(pipe(ends) || pipe(stop_pipe), 0);
		fflush(NULL);
		child = fork();
		if (child == 0) {
			close(ends[0]);
			_exit(capture_into_a_stalled_pipe(captures[i].line, ends[1], errors));
		}
		close(ends[1]);
		assert_int_equal(read(stop_pipe[0], &byte, 1), 1);
		while (got < size) {
			const ssize_t more = read(ends[0], (char *)samples + got, size - got);

			assert_true(more > 0);
			got += (size_t)more;
		}
		for (uint32_t k = 0; k < size / 4; k++)
			assert_int_equal(samples[k], k);
		assert_int_equal(read(ends[0], &byte, 1), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), captures[i].status);
		read_back(errors, said, sizeof(said));
		assert_non_null(strstr(said, "captured 131072 samples"));
		close(ends[0]);
		close(stop_pipe[0]);
		close(stop_pipe[1]);
	}
	free(samples);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reader_that_goes_away_ends_the_capture),
		TEST(a_reader_that_is_not_there_starts_nothing),
		TEST(ctrl_c_stops_the_route_at_once_although_the_output_is_stalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
