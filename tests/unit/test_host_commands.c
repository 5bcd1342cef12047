// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands as a user calls them: exit status, and what they say on standard error.
 */
#include "host/cmd.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
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
	assert_int_equal(ROUTE->finish, 400000);
	assert_non_null(strstr(said, "played 100000 samples (0.4 MiB) in "));
	assert_non_null(strstr(said, "MiB/s, underruns 0, missed 0\n"));
}

static void the_counter_is_played(void **state)
{
	const uint8_t third[] = { 2, 0, 0, 0 };

	(void)state;
	assert_int_equal(play("play -q -n 20000 --pattern counter"), STATUS_OK);
	assert_int_equal(ROUTE->finish, 80000);
	assert_memory_equal(ROUTE->data + 8, third, sizeof(third));
	assert_string_equal(said, "");
}

static void underruns_are_told_loudly(void **state)
{
	(void)state;
	fake.on_request = tell_of_underruns;
	ROUTE->statistics.estimated = 1;
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
	assert_int_equal(ROUTE->finish, 4000);
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
	fake_reset_route(ROUTE, 0);
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_USAGE);
	assert_non_null(strstr(said, "has no playback route"));
	assert_int_equal(play("play -r rx -n 5 --pattern counter"), STATUS_USAGE);
	assert_non_null(strstr(said, "route 0 (rx) is not a playback route"));
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
	ROUTE->fail_at = 0;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_GONE);
	assert_non_null(strstr(said, "played 0 samples"));
	assert_non_null(strstr(said, "underruns unknown"));
	ROUTE->fail_at = -1;
	fake.devices[0].is_there = false;
	assert_int_equal(play("play -n 5 --pattern counter"), STATUS_NO_BOARD);
}

static void become_capture(void)
{
	fake_reset_route(ROUTE, 0);
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
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_OK);
	assert_non_null(strstr(said, "iiobridge: gap before sample 49152 of the output: 50 samples "
				     "are missing\n"));
	assert_non_null(strstr(said, "jumps 1, missing 50; records: 1 gap, at its sample\n"));
}

static void gaps_behind_the_output_are_not_told(void **state)
{
	(void)state;
	become_capture();
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	assert_int_equal(call(cmd_capture, "capture -n 49152 --verify counter"), STATUS_OK);
	assert_null(strstr(said, "gap before"));
}

static void a_gap_that_the_records_misplace_is_an_error(void **state)
{
	(void)state;
	become_capture();
	ROUTE->gap_block = 3;
	ROUTE->gap_scans = 50;
	ROUTE->gap_lie = 1;
	assert_int_equal(call(cmd_capture, "capture -n 100000 --verify counter"), STATUS_VERIFY);
	assert_non_null(strstr(said, "before sample 49152 they tell of 51 lost samples, and the "
				     "counter of 50\n"));
}

static void lost_records_are_told(void **state)
{
	(void)state;
	become_capture();
	ROUTE->dropped_from = 2;
	ROUTE->dropped_count = 1;
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
	ROUTE->allowance = 2;
	assert_int_equal(call(cmd_capture, "capture -n 32768 --verify counter --records -"),
			 STATUS_OK);
	assert_string_equal(printed,
			    "# block first_sample samples lost filled_ns drained_ns flags\n"
			    "0 0 16384 0 1000 1500 -\n"
			    "1 16384 16384 0 2000 2500 -\n"
			    "# end of the run, blocks: 2\n");
	ROUTE->allowance = -1;
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

static void records_and_samples_do_not_mix(void **state)
{
	(void)state;
	become_capture();
	assert_int_equal(call(cmd_capture, "capture -o - --records -"), STATUS_USAGE);
	assert_non_null(strstr(said, "would mix"));
}

static void interrupt_soon(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (ROUTE->moved == 20)
		press_ctrl_c();
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_stops_the_route(void **state)
{
	(void)state;
	fake.on_complete = interrupt_soon;
	assert_int_equal(play("play -n 1G --pattern counter"), STATUS_SIGNAL + SIGINT);
	assert_string_equal(fake.log, "parameters stop start send stop ");
	assert_non_null(strstr(said, "played "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_played),
		TEST(the_counter_is_played),
		TEST(underruns_are_told_loudly),
		TEST(an_empty_file_is_a_mistake),
		TEST(a_file_that_ends_inside_a_sample_is_told),
		TEST(a_file_that_cannot_be_read_starts_nothing),
		TEST(wrong_command_lines_are_explained),
		TEST(a_board_without_a_playback_route_is_told),
		TEST(what_fails_on_the_board_has_its_status),
		TEST(a_capture_that_nothing_disturbs_ends_well),
		TEST(a_gap_is_told_at_its_sample),
		TEST(gaps_behind_the_output_are_not_told),
		TEST(a_gap_that_the_records_misplace_is_an_error),
		TEST(lost_records_are_told),
		TEST(records_go_to_a_file),
		TEST(samples_go_to_a_file),
		TEST(a_full_disk_ends_the_capture),
		TEST(records_and_samples_do_not_mix),
		TEST(ctrl_c_stops_the_route),
	};

	return cmocka_run_group_tests(tests, create_input, remove_input);
}
