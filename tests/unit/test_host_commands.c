// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands as a user calls them: exit status, and what they say on standard error.
 */
#include "host/cmd.h"
#include "host/status.h"

#include "test_host_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_playback.h"

static int play(const char *line)
{
	return call(cmd_play, line);
}

/* The input of so many bytes; the name of its file goes behind "play ". */
static const char *play_input(uint64_t size)
{
	static char line[64];

	assert_int_equal(truncate(input, (off_t)size), 0);
	snprintf(line, sizeof(line), "play %s", input);
	return line;
}

static void a_file_is_played(void **state)
{
	(void)state;
	assert_int_equal(play(play_input(400000)), STATUS_OK);
	assert_int_equal(fake.finish, 400000);
	assert_non_null(strstr(said, "played 100000 samples (0.4 MiB) in "));
	assert_non_null(strstr(said, "MiB/s, underruns 0, missed 0\n"));
}

static void the_counter_is_played(void **state)
{
	const uint8_t third[] = { 2, 0, 0, 0 };

	(void)state;
	assert_int_equal(play("play -q -n 20000 --pattern counter"), STATUS_OK);
	assert_int_equal(fake.finish, 80000);
	assert_memory_equal(fake_received + 8, third, sizeof(third));
	assert_string_equal(said, "");
}

static void underruns_are_told_loudly(void **state)
{
	(void)state;
	fake.statistics.gaps = 3;
	fake.statistics.scans_lost = 70;
	fake.statistics.estimated = 1;
	assert_int_equal(play("play -q -n 100 --pattern counter"), STATUS_OK);
	assert_string_equal(said, "iiobridge: THE DAC HAD NOTHING TO PLAY: 3 underruns, in which "
				  "it missed about 70 samples\n");
	assert_int_equal(play("play -n 100 --pattern counter"), STATUS_OK);
	assert_non_null(strstr(said, "underruns 3, missed 70 (estimated)\n"));
}

static void an_empty_file_is_a_mistake(void **state)
{
	(void)state;
	assert_int_equal(play(play_input(0)), STATUS_USAGE);
	assert_non_null(strstr(said, "nothing to play"));
	assert_null(strstr(said, "played"));
	assert_null(strstr(fake.log, "start"));
}

static void a_file_that_ends_inside_a_sample_is_told(void **state)
{
	(void)state;
	assert_int_equal(play(play_input(4003)), STATUS_FILE);
	assert_int_equal(fake.finish, 4000);
	assert_non_null(strstr(said, "played 1000 samples"));
	assert_non_null(strstr(said, "its last 3 bytes were not played"));
}

static void a_file_that_cannot_be_read_starts_nothing(void **state)
{
	(void)state;
	assert_int_equal(play("play /nowhere/file"), STATUS_FILE);
	assert_non_null(strstr(said, "/nowhere/file"));
	assert_int_equal(play("play /proc"), STATUS_FILE);
	assert_non_null(strstr(said, "/proc"));
	assert_null(strstr(fake.log, "start"));
}

static void wrong_command_lines_are_explained(void **state)
{
	static const struct {
		const char *line, *reason;
	} wrong[] = {
		{ "play", "what to play?" },
		{ "play a b", "\"b\" follows \"a\"" },
		{ "play --pattern counter", "give -n" },
		{ "play --pattern sine -n 5", "accepted is counter" },
		{ "play --pattern counter -n 5 a", "both say what to play" },
		{ "play -n 0 a", "larger than 0" },
		{ "play --block-size 5G a", "does not fit 32 bits" },
		{ "play -t 5 a", "Try \"play --help\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(play(wrong[i].line), STATUS_USAGE);
		assert_non_null(strstr(said, wrong[i].reason));
	}
	assert_string_equal(fake.log, "");
}

static void a_board_without_a_playback_route_is_told(void **state)
{
	(void)state;
	fake.route.direction = IIOBRIDGE_CAPTURE;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_USAGE);
	assert_non_null(strstr(said, "has no playback route"));
	assert_int_equal(play("play -r tx -n 5 --pattern counter"), STATUS_USAGE);
	assert_non_null(strstr(said, "route 0 (tx) is not a playback route"));
}

static void what_fails_on_the_board_has_its_status(void **state)
{
	(void)state;
	fake.claim_error = LIBUSB_ERROR_BUSY;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_BUSY);
	fake.claim_error = 0;
	fake.refused_request = IIOBRIDGE_START;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_REFUSED);
	fake.refused_request = 0;
	fake.fail_at = 0;
	fake.fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_GONE);
	assert_non_null(strstr(said, "played 0 samples"));
	assert_non_null(strstr(said, "underruns unknown"));
	fake.fail_at = -1;
	fake.device_count = 0;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_NO_BOARD);
}

static void become_capture(void)
{
	fake.route.direction = IIOBRIDGE_CAPTURE;
	fake.route.endpoint_in = FAKE_ENDPOINT;
	fake.use_counter = true;
}

static void a_capture_that_nothing_disturbs_ends_well(void **state)
{
	(void)state;
	become_capture();
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_OK);
	assert_non_null(strstr(said, "captured 100000 samples"));
	assert_non_null(strstr(said, "100000 samples checked, wrong 0, jumps 0, missing 0; "
				     "records: 0 gaps\n"));
}

/* A block has 16384 samples. */
static void a_gap_is_told_at_its_sample(void **state)
{
	(void)state;
	become_capture();
	fake_records.gap_block = 3;
	fake_records.gap_scans = 50;
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_OK);
	assert_non_null(strstr(said, "iiobridge: gap before sample 49152 of the output: 50 samples "
				     "are missing\n"));
	assert_non_null(strstr(said, "jumps 1, missing 50; records: 1 gap, at its sample\n"));
}

static void gaps_behind_the_output_are_not_told(void **state)
{
	(void)state;
	become_capture();
	fake_records.gap_block = 3;
	fake_records.gap_scans = 50;
	assert_int_equal(call(cmd_capture, "capture -n 49152 --verify counter"), STATUS_OK);
	assert_null(strstr(said, "gap before"));
}

static void a_gap_that_the_records_misplace_is_an_error(void **state)
{
	(void)state;
	become_capture();
	fake_records.gap_block = 3;
	fake_records.gap_scans = 50;
	fake_records.gap_lie = 1;
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_VERIFY);
	assert_non_null(strstr(said, "before sample 49152 they tell of 51 lost samples, and the "
				     "counter of 50\n"));
}

static void lost_records_are_told(void **state)
{
	(void)state;
	become_capture();
	fake_records.dropped_block = 2;
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_OK);
	assert_non_null(strstr(said, "gaps 0, lost 0, records lost 1\n"));
	assert_non_null(strstr(said, "records: 1 of them lost, only totals compared\n"));
}

static void records_go_to_a_file(void **state)
{
	char line[128];
	struct stat status;

	(void)state;
	become_capture();
	snprintf(line, sizeof(line), "capture -n 32768 --verify counter --records %s", input);
	assert_int_equal(call(cmd_capture, line), STATUS_OK);
	assert_int_equal(stat(input, &status), 0);
	assert_true(status.st_size > 100);
	assert_int_equal(call(cmd_capture, "capture -n 32768 --verify counter --records -"),
			 STATUS_OK);
	assert_string_equal(printed,
			    "# block first_sample samples lost filled_ns drained_ns flags\n"
			    "0 0 16384 0 1000 1500 -\n"
			    "1 16384 16384 0 2000 2500 -\n"
			    "# end of the run, blocks: 2\n");
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --records /nowhere/x"),
			 STATUS_FILE);
	assert_non_null(strstr(said, "/nowhere/x"));
	assert_int_equal(call(cmd_capture, "capture -n 10 --verify counter --records /dev/full"),
			 STATUS_FILE);
	assert_non_null(strstr(said, "/dev/full"));
}

static void samples_go_to_a_file(void **state)
{
	char line[128];
	struct stat status;

	(void)state;
	become_capture();
	snprintf(line, sizeof(line), "capture -n 100000 -o %s", input);
	assert_int_equal(call(cmd_capture, line), STATUS_OK);
	assert_int_equal(stat(input, &status), 0);
	assert_int_equal(status.st_size, 400000);
	assert_non_null(strstr(said, "captured 100000 samples"));
}

/* How far the capture gets until it knows is a matter of luck; what is in the output counts. */
static void a_full_disk_ends_the_capture(void **state)
{
	const char *reason = "writing to /dev/full failed: No space left on device\n", *told;

	(void)state;
	become_capture();
	assert_int_equal(call(cmd_capture, "capture -o /dev/full"), STATUS_FILE);
	told = strstr(said, reason);
	assert_non_null(told);
	assert_null(strstr(told + strlen(reason), "/dev/full"));
	assert_non_null(strstr(said, "captured 0 samples"));
	assert_int_equal(call(cmd_capture, "capture -n 10 -o /dev/full"), STATUS_FILE);
	assert_non_null(strstr(said, "captured 0 samples"));
}

/*
 * Runs a capture in a process of its own with a pipe as its standard output, whose reader takes so
 * many bytes of the counter behind a header and goes. Returns what waitpid() tells.
 */
static int capture_into_a_pipe(const char *line, size_t header, size_t wanted)
{
	FILE *errors = tmpfile();
	int ends[2], status;
	uint32_t *samples = calloc(1, header + wanted);
	size_t got = 0;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
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
		{ "capture -t 600 -o - --wav", 0, 0 },
		{ "capture --reconnect -o -", 0, 100000 },
	};
	const char *told = "iiobridge: writing to standard output failed: Broken pipe\ncaptured ";

	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		int status;

		set_up(NULL);
		become_capture();
		fake.route.sample_rate_millihertz = 2500000000;
		status = capture_into_a_pipe(captures[i].line, captures[i].header,
					     captures[i].wanted);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), STATUS_FILE);
		if (strncmp(said, told, strlen(told)) != 0)
			fail_msg("%s: \"%s\"", captures[i].line, said);
		assert_non_null(strstr(said, "\nlog: parameters stop submit start stop \n"));
	}
}

static void records_and_samples_do_not_mix(void **state)
{
	(void)state;
	become_capture();
	assert_int_equal(call(cmd_capture, "capture -o - --records -"), STATUS_USAGE);
	assert_non_null(strstr(said, "would mix"));
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_stops_the_route(void **state)
{
	(void)state;
	fake.interrupt_at = 20;
	assert_int_equal(play("play -n 1G --pattern counter"), STATUS_SIGNAL + SIGINT);
	assert_string_equal(fake.log, "parameters stop start send stop ");
	assert_non_null(strstr(said, "played "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_file_is_played, set_up),
		cmocka_unit_test_setup(the_counter_is_played, set_up),
		cmocka_unit_test_setup(underruns_are_told_loudly, set_up),
		cmocka_unit_test_setup(an_empty_file_is_a_mistake, set_up),
		cmocka_unit_test_setup(a_file_that_ends_inside_a_sample_is_told, set_up),
		cmocka_unit_test_setup(a_file_that_cannot_be_read_starts_nothing, set_up),
		cmocka_unit_test_setup(wrong_command_lines_are_explained, set_up),
		cmocka_unit_test_setup(a_board_without_a_playback_route_is_told, set_up),
		cmocka_unit_test_setup(what_fails_on_the_board_has_its_status, set_up),
		cmocka_unit_test_setup(a_capture_that_nothing_disturbs_ends_well, set_up),
		cmocka_unit_test_setup(a_gap_is_told_at_its_sample, set_up),
		cmocka_unit_test_setup(gaps_behind_the_output_are_not_told, set_up),
		cmocka_unit_test_setup(a_gap_that_the_records_misplace_is_an_error, set_up),
		cmocka_unit_test_setup(lost_records_are_told, set_up),
		cmocka_unit_test_setup(records_go_to_a_file, set_up),
		cmocka_unit_test_setup(samples_go_to_a_file, set_up),
		cmocka_unit_test_setup(a_full_disk_ends_the_capture, set_up),
		cmocka_unit_test_setup(a_reader_that_goes_away_ends_the_capture, set_up),
		cmocka_unit_test_setup(records_and_samples_do_not_mix, set_up),
		cmocka_unit_test_setup(ctrl_c_stops_the_route, set_up),
	};

	return cmocka_run_group_tests(tests, create_input, remove_input);
}
