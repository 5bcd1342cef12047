// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A capture that goes on after its board was away: what it leaves on the disk, and what it says.
 */
#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/sigmf.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_folder.h"

#define ROUTE	    (&fake.routes[0])
#define BLOCK_SCANS 16384

static struct failure failure;
static int starts; /* that the board was asked for */

static void pull_the_cable(void)
{
	fake_set(fake.gone = true; ROUTE->running = false; ROUTE->fail_at = -1);
	fake_plug(0, false);
}

static void unplug(const struct libusb_transfer *transfer)
{
	bool gone;

	fake_set(gone = fake.gone);
	if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE && !gone)
		pull_the_cable();
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	ROUTE->info.sample_rate_millihertz = 2500000000;
	ROUTE->fail_at = 3;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	fake.on_complete = unplug;
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	unlink("a.sigmf-meta");
	unlink("a.sigmf-data");
	unlink("a.raw");
	return fake_check();
}

static int capture(const char *line)
{
	return call(cmd_capture, line);
}

static void interrupt(void)
{
	kill(getpid(), SIGINT);
}

/* What is done when somebody waits for the board. */
struct user {
	unsigned int times; /* that he plugs it in again */
	void (*before)(void);
};

/* The board that went, those behind breaks, and who watches the bus, each have a context. */
static void *plug_in(void *context)
{
	const struct user *user = context;

	for (unsigned int i = 0; i < user->times || i == 0; i++) {
		fake_wait_for(fake.gone && fake.contexts == i + 2);
		if (user->before)
			user->before();
		if (user->times == 0)
			return NULL;
		fake_set(fake.gone = false; ROUTE->statistics.starts = 0);
		fake_plug(0, true);
	}
	return NULL;
}

/* A capture from a board that is plugged in again. */
static int capture_on(const char *line, unsigned int times, void (*before)(void))
{
	struct user user = { times, before };
	pthread_t thread;
	int status;

	assert_int_equal(pthread_create(&thread, NULL, plug_in, &user), 0);
	status = capture(line);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return status;
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
	assert_int_equal(
		capture_on("capture --reconnect -n 100000 --verify counter -o a.sigmf-meta", 1,
			   NULL),
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
	ROUTE->gap_block = 2;
	ROUTE->gap_scans = 50;
	assert_int_equal(
		capture_on("capture --reconnect -n 100000 --verify counter -o a.sigmf-meta", 1,
			   NULL),
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

static void lose_no_more(void)
{
	fake_set(ROUTE->gap_block = -1; ROUTE->dropped_count = 0);
}

/* The board went before it could tell of the gap that the counter shows. */
static void a_gap_that_nobody_could_tell_of_is_part_of_the_break(void **state)
{
	struct sigmf meta;

	(void)state;
	ROUTE->gap_block = 2;
	ROUTE->gap_scans = 50;
	ROUTE->dropped_from = 2;
	ROUTE->dropped_count = 1;
	assert_int_equal(
		capture_on("capture --reconnect -n 100000 --verify counter -o a.sigmf-meta", 1,
			   lose_no_more),
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
	(void)value;
	(void)data;
	(void)length;
	if (request != IIOBRIDGE_START || ++starts != 2)
		return false;
	fake_set(fake_start_route(ROUTE); ROUTE->allowance = 2);
	fake_wait_for(ROUTE->allowance == 0 && !fake.calling);
	pull_the_cable();
	fake_set(ROUTE->allowance = -1);
	*result = LIBUSB_ERROR_NO_DEVICE;
	return true;
}

static void samples_that_come_before_the_start_is_known_are_a_run(void **state)
{
	struct sigmf meta;

	(void)state;
	starts = 0;
	fake.on_request = unplug_at_second_start;
	ROUTE->silent = true;
	assert_int_equal(capture_on("capture --reconnect -n 100000 -o a.sigmf-meta", 2, NULL),
			 STATUS_OK);
	assert_non_null(strstr(said, "THE BOARD WAS AWAY 2 times"));
	assert_int_equal(size_of("a.sigmf-data"), 400000);
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_int_equal(meta.capture_count, 3);
	check_segment(&meta, 1, 3 * BLOCK_SCANS, 3 * BLOCK_SCANS);
	check_segment(&meta, 2, 5 * BLOCK_SCANS, 5 * BLOCK_SCANS);
	sigmf_clear(&meta);
}

static void send_two_blocks(void)
{
	fake_set(ROUTE->allowance = 2);
}

static void raw_samples_and_records_go_on_in_their_files(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = 0;
	assert_int_equal(capture_on("capture --reconnect -q -n 81920 -o a.raw --records -", 1,
				    send_two_blocks),
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
	assert_int_equal(
		capture_on("capture --reconnect --json -n 81920 --verify counter", 1, NULL),
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
	assert_int_equal(capture("capture -n 100000 -o a.raw"), STATUS_GONE);
	assert_int_equal(size_of("a.raw"), 4 * 3 * BLOCK_SCANS);
}

static void pull_behind_the_third(const struct libusb_transfer *transfer)
{
	(void)transfer;
	if (ROUTE->moved == 3)
		pull_the_cable();
}

static void a_board_that_goes_with_the_last_sample_is_not_missed(void **state)
{
	(void)state;
	fake.on_complete = pull_behind_the_third;
	assert_int_equal(capture("capture --reconnect -n 49152 -o a.raw"), STATUS_OK);
	assert_int_equal(strncmp(said, "captured 49152 samples", 22), 0);
	assert_non_null(strstr(said, "gaps unknown, lost unknown\n"));
	assert_null(strstr(said, "iiobridge: "));
	assert_int_equal(size_of("a.raw"), 4 * 49152);
}

static void a_board_that_does_not_come_back_ends_it(void **state)
{
	struct sigmf meta;

	(void)state;
	assert_int_equal(capture("capture --reconnect --wait=50ms -n 100000 -o a.sigmf-meta"),
			 STATUS_GONE);
	assert_non_null(strstr(said, "waited 0.05 s for it\n"));
	assert_non_null(strstr(said, "captured 49152 samples"));
	assert_int_equal(sigmf_read("a.sigmf-meta", &failure, &meta), 0);
	assert_int_equal(meta.capture_count, 1);
	assert_int_equal(meta.annotation_count, 0);
	sigmf_clear(&meta);
}

static void configure(void)
{
	fake_lock();
	ROUTE->configured.channel_mask = 1;
	ROUTE->configured.bytes_per_scan = 2;
	fake_unlock();
}

static void another_configuration_ends_it(void **state)
{
	(void)state;
	assert_int_equal(capture_on("capture --reconnect -n 100000 -o a.raw", 1, configure),
			 STATUS_USAGE);
	assert_non_null(strstr(said, "the board is back with another configuration: route rx "
				     "(channel mask 0x1, 2 bytes per sample) cannot go on where "
				     "route rx (0x3, 4) ended"));
	assert_int_equal(size_of("a.raw"), 4 * 3 * BLOCK_SCANS);
}

static bool interrupt_the_second_run(uint8_t request, uint16_t value, uint8_t *data,
				     uint16_t length, int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_SET_PARAMETERS && ++starts == 2)
		interrupt();
	return false;
}

/* In a process of its own, as the signal cannot be taken back. */
static void ctrl_c_while_the_board_is_opened_again_ends_it(void **state)
{
	int status;
	pid_t child;

	(void)state;
	starts = 0;
	fake.on_request = interrupt_the_second_run;
	fflush(NULL);
	child = fork();
	if (child == 0)
		_exit(capture_on("capture --reconnect -o a.raw", 1, NULL));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), STATUS_OK);
	assert_true(size_of("a.raw") >= 4 * 3 * BLOCK_SCANS);
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_ends_the_waiting(void **state)
{
	(void)state;
	assert_int_equal(capture_on("capture --reconnect --json --verify counter -o a.sigmf-meta",
				    0, interrupt),
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
		TEST(a_board_that_goes_with_the_last_sample_is_not_missed),
		TEST(a_board_that_does_not_come_back_ends_it),
		TEST(another_configuration_ends_it),
		TEST(ctrl_c_while_the_board_is_opened_again_ends_it),
		TEST(ctrl_c_ends_the_waiting),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
