// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A capture that goes on after its board was away: what it leaves on the disk, and what it says.
 */
#include "host/cmd.h"
#include "host/failure.h"
#include "host/files/sigmf.h"
#include "host/status.h"

#include "test_host_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_folder.h"

#define BLOCK_SCANS 16384

static struct failure failure;
static int starts; /* that the board was asked for */

/* The board goes when it has sent three blocks. */
static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake.use_counter = true;
	fake.route.sample_rate_millihertz = 2500000000;
	fake.fail_at = 3;
	fake.fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	unlink("a.sigmf-meta");
	unlink("a.sigmf-data");
	unlink("a.raw");
	return 0;
}

static int capture(const char *line)
{
	return call(cmd_capture, line);
}

static void unplug(void)
{
	fake.device_count = 0;
	fake.arrives_in = 10;
	fake.running = false;
	fake.statistics.starts = 0;
}

static uint64_t size_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return (uint64_t)status.st_size;
}

static void check_segment(const struct sigmf *meta, size_t index, uint64_t start, uint64_t global)
{
	assert_true(index < meta->capture_count);
	assert_int_equal(meta->captures[index].sample_start, start);
	assert_int_equal(meta->captures[index].global_index, global);
	assert_int_equal(strlen(meta->captures[index].datetime), 27);
}

static void a_capture_goes_on_when_the_board_is_back(void **state)
{
	struct sigmf meta;

	(void)state;
	fake.on_fail = unplug;
	assert_int_equal(capture("capture --reconnect -n 100000 --verify counter -o a.sigmf-meta"),
			 STATUS_OK);
	assert_non_null(strstr(said, "iiobridge: the board at 001:005 went away\n"
				     "iiobridge: waiting for the board one, to go on with sample "
				     "49152\n"));
	assert_non_null(strstr(said, "captured 100000 samples"));
	assert_non_null(strstr(said, "THE BOARD WAS AWAY 1 time: nobody knows how many samples are "
				     "missing before sample 49152 of the output\n"));
	assert_non_null(strstr(said, "counter: 100000 samples checked, wrong 0, jumps 0"));
	assert_int_equal(size_of("a.sigmf-data"), 400000);
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_int_equal(meta.capture_count, 2);
	check_segment(&meta, 0, 0, 0);
	check_segment(&meta, 1, 3 * BLOCK_SCANS, 3 * BLOCK_SCANS);
	assert_int_equal(meta.annotation_count, 1);
	assert_int_equal(meta.annotations[0].sample_start, 3 * BLOCK_SCANS);
	assert_true(sigmf_is_gap(&meta.annotations[0]));
	assert_string_equal(meta.annotations[0].comment,
			    "the board was away before this sample, and how many samples are "
			    "missing is not known");
	assert_null(strstr(meta.description, "not known"));
	sigmf_clear(&meta);
}

/* Each run has a gap before its third block. */
static void gaps_of_all_runs_are_at_their_samples(void **state)
{
	struct sigmf meta;

	(void)state;
	fake.on_fail = unplug;
	fake_records.gap_block = 2;
	fake_records.gap_scans = 50;
	assert_int_equal(capture("capture --reconnect -n 100000 --verify counter -o a.sigmf-meta"),
			 STATUS_OK);
	assert_non_null(strstr(said, "gap before sample 32768 of the output"));
	assert_non_null(strstr(said, "gap before sample 81920 of the output"));
	assert_non_null(strstr(said, "jumps 2, missing 100; records: 2 gaps, all at their "
				     "samples\n"));
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_int_equal(meta.capture_count, 4);
	check_segment(&meta, 1, 2 * BLOCK_SCANS, 2 * BLOCK_SCANS + 50);
	check_segment(&meta, 2, 3 * BLOCK_SCANS, 3 * BLOCK_SCANS + 50);
	check_segment(&meta, 3, 5 * BLOCK_SCANS, 5 * BLOCK_SCANS + 100);
	assert_int_equal(meta.annotation_count, 3);
	sigmf_clear(&meta);
}

static void unplug_and_lose_no_more(void)
{
	unplug();
	fake_records.gap_block = -1;
	fake_records.dropped_block = -1;
}

/* The board went before it could tell of the gap that the counter shows. */
static void a_gap_that_nobody_could_tell_of_is_part_of_the_break(void **state)
{
	struct sigmf meta;

	(void)state;
	fake.on_fail = unplug_and_lose_no_more;
	fake_records.gap_block = 2;
	fake_records.gap_scans = 50;
	fake_records.dropped_block = 2;
	assert_int_equal(capture("capture --reconnect -n 100000 --verify counter -o a.sigmf-meta"),
			 STATUS_OK);
	assert_non_null(strstr(said, "wrong 0, jumps 0, missing 0; records: 0 gaps\n"));
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_non_null(strstr(meta.description, ". Gaps from sample 32768 on, before 49152, are "
						 "not known: the records of those blocks did not "
						 "arrive"));
	sigmf_clear(&meta);
}

/* The second start brings samples, but the board goes before it can answer. */
static bool unplug_at_second_start(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
				   int *result)
{
	struct timeval timeout = { 0 };

	(void)value;
	(void)data;
	(void)length;
	if (request != IIOBRIDGE_START || ++starts != 2)
		return false;
	fake_start();
	for (int i = 0; i < 2; i++)
		libusb_handle_events_timeout_completed(NULL, &timeout, NULL);
	unplug();
	*result = LIBUSB_ERROR_NO_DEVICE;
	return true;
}

static void samples_that_come_before_the_start_is_known_are_a_run(void **state)
{
	struct sigmf meta;

	(void)state;
	starts = 0;
	fake.on_fail = unplug;
	fake.on_request = unplug_at_second_start;
	fake_records.silent = true;
	assert_int_equal(capture("capture --reconnect -n 100000 -o a.sigmf-meta"), STATUS_OK);
	assert_non_null(strstr(said, "THE BOARD WAS AWAY 2 times"));
	assert_int_equal(size_of("a.sigmf-data"), 400000);
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_int_equal(meta.capture_count, 3);
	check_segment(&meta, 1, 3 * BLOCK_SCANS, 3 * BLOCK_SCANS);
	check_segment(&meta, 2, 5 * BLOCK_SCANS, 5 * BLOCK_SCANS);
	sigmf_clear(&meta);
}

static void raw_samples_and_records_go_on_in_their_files(void **state)
{
	(void)state;
	fake.on_fail = unplug;
	assert_int_equal(capture("capture --reconnect -q -n 81920 -o a.raw --records -"),
			 STATUS_OK);
	assert_int_equal(size_of("a.raw"), 4 * 81920);
	assert_string_equal(printed,
			    "# block first_sample samples lost filled_ns drained_ns flags\n"
			    "0 0 16384 0 1000 1500 -\n"
			    "1 16384 16384 0 2000 2500 -\n"
			    "2 32768 16384 0 3000 3500 -\n"
			    "# the board went away: what follows is of another run, from sample "
			    "49152 of the output on\n"
			    "0 0 16384 0 1000 1500 -\n"
			    "1 16384 16384 0 2000 2500 -\n"
			    "# end of the run, blocks: 2\n");
	assert_string_equal(said, "iiobridge: the board at 001:005 went away\n"
				  "iiobridge: THE BOARD WAS AWAY 1 time: nobody knows how many "
				  "samples are missing before sample 49152 of the output\n");
}

static void programs_are_told_of_the_breaks(void **state)
{
	(void)state;
	fake.on_fail = unplug;
	assert_int_equal(capture("capture --reconnect --json -n 81920 --verify counter"),
			 STATUS_OK);
	assert_non_null(strstr(printed, "\"samples\": 81920,"));
	assert_non_null(strstr(printed, "\"breaks\": [\n    49152\n  ]"));
	assert_non_null(strstr(printed, "\"gaps\": []"));
	assert_int_equal(capture("capture --json -n 81920 --verify counter"), STATUS_OK);
	assert_non_null(strstr(printed, "\"breaks\": []"));
}

static void without_the_option_the_capture_ends(void **state)
{
	(void)state;
	fake.on_fail = unplug;
	assert_int_equal(capture("capture -n 100000 -o a.raw"), STATUS_GONE);
	assert_int_equal(size_of("a.raw"), 4 * 3 * BLOCK_SCANS);
}

static void unplug_for_good(void)
{
	fake.device_count = 0;
}

static void a_board_that_does_not_come_back_ends_it(void **state)
{
	struct sigmf meta;

	(void)state;
	fake.on_fail = unplug_for_good;
	assert_int_equal(capture("capture --reconnect --wait=50ms -n 100000 -o a.sigmf-meta"),
			 STATUS_GONE);
	assert_non_null(strstr(said, "waited 0.05 s for it\n"));
	assert_non_null(strstr(said, "captured 49152 samples"));
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_int_equal(meta.capture_count, 1);
	assert_int_equal(meta.annotation_count, 0);
	sigmf_clear(&meta);
}

static void unplug_and_configure(void)
{
	unplug();
	fake.route.channel_mask = 1;
	fake.route.bytes_per_scan = 2;
}

static void another_configuration_ends_it(void **state)
{
	(void)state;
	fake.on_fail = unplug_and_configure;
	assert_int_equal(capture("capture --reconnect -n 100000 -o a.raw"), STATUS_USAGE);
	assert_non_null(strstr(said, "the board is back with another configuration: route rx "
				     "(channel mask 0x1, 2 bytes per sample) cannot go on where "
				     "route rx (0x3, 4) ended"));
	assert_int_equal(size_of("a.raw"), 4 * 3 * BLOCK_SCANS);
}

static void raise_signal(void)
{
	raise(SIGINT);
}

static void unplug_and_interrupt(void)
{
	unplug_for_good();
	fake.on_turn = raise_signal;
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_ends_the_waiting(void **state)
{
	(void)state;
	fake.on_fail = unplug_and_interrupt;
	assert_int_equal(capture("capture --reconnect --json --verify counter -o a.sigmf-meta"),
			 STATUS_OK);
	assert_non_null(strstr(printed, "\"samples\": 49152,"));
	assert_int_equal(size_of("a.sigmf-data"), 4 * 3 * BLOCK_SCANS);
	assert_int_equal(access("a.sigmf-meta", F_OK), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, clean_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_goes_on_when_the_board_is_back),
		TEST(gaps_of_all_runs_are_at_their_samples),
		TEST(a_gap_that_nobody_could_tell_of_is_part_of_the_break),
		TEST(samples_that_come_before_the_start_is_known_are_a_run),
		TEST(raw_samples_and_records_go_on_in_their_files),
		TEST(programs_are_told_of_the_breaks),
		TEST(without_the_option_the_capture_ends),
		TEST(a_board_that_does_not_come_back_ends_it),
		TEST(another_configuration_ends_it),
		TEST(ctrl_c_ends_the_waiting),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
