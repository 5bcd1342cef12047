// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands as a user calls them: exit status, and what they say on standard error.
 */
#include "host/cmd.h"
#include "host/status.h"

#include "test_host_fake.h"

#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_ARGUMENTS 16

static char input[] = "/tmp/iiobridge-test-XXXXXX";
static char said[4096]; /* on standard error by the last command */

/* Runs a command line, whose words stand between blanks, with standard error in @said. */
static int call(int (*command)(int, char **), const char *line)
{
	char words[256];
	char *arguments[MAX_ARGUMENTS + 1] = { NULL };
	int count = 0, saved, status;
	FILE *file = tmpfile();
	size_t size;

	snprintf(words, sizeof(words), "%s", line);
	for (char *at = strtok(words, " "); at && count < MAX_ARGUMENTS; at = strtok(NULL, " "))
		arguments[count++] = at;

	assert_non_null(file);
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	optind = 0; /* glibc: begin anew */
	status = command(count, arguments);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);

	rewind(file);
	size = fread(said, 1, sizeof(said) - 1, file);
	said[size] = '\0';
	fclose(file);
	return status;
}

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

static void a_capture_that_nothing_disturbs_ends_well(void **state)
{
	(void)state;
	fake.route.direction = IIOBRIDGE_CAPTURE;
	fake.route.endpoint_in = FAKE_ENDPOINT;
	fake.use_counter = true;
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_OK);
	assert_non_null(strstr(said, "captured 100000 samples"));
	assert_non_null(strstr(said, "100000 samples checked, wrong 0, jumps 0, missing 0\n"));
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

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_become_playback();
	return 0;
}

static int create_input(void **state)
{
	int fd = mkstemp(input);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_input(void **state)
{
	(void)state;
	return unlink(input);
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
		cmocka_unit_test_setup(ctrl_c_stops_the_route, set_up),
	};

	return cmocka_run_group_tests(tests, create_input, remove_input);
}
