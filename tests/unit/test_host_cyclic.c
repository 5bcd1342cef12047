// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waveforms that repeat, and what stops them.
 */
#include "host/cmd.h"
#include "library/tx.h"

#include "test_usb_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_playback.h"

#define BLOCK	    65536
#define BLOCKS	    8
#define BLOCK_SCANS (BLOCK / 4)

/* The words of the input are numbered. */
static const char *play_input(uint64_t size, const char *options)
{
	static char line[128];
	FILE *file = fopen(input, "w");

	assert_non_null(file);
	for (uint32_t i = 0; i < size / 4; i++)
		assert_int_equal(fwrite(&i, 4, 1, file), 1);
	assert_int_equal(fwrite("odd", 1, size % 4, file), size % 4);
	fclose(file);
	snprintf(line, sizeof(line), "play --cyclic %s %s", options, input);
	return line;
}

/* The board got copies of a counter of this length, and then knew that they repeat. */
static void assert_repeats(uint64_t scans)
{
	const uint32_t *words = (const uint32_t *)(const void *)ROUTE->data;
	const uint64_t total = scans * waveform_copies(scans * 4, BLOCK, BLOCKS);
	bool good = true;

	assert_int_equal(ROUTE->finish, total * 4);
	assert_int_equal(ROUTE->finish_flags, IIOBRIDGE_FINISH_REPEAT);
	assert_int_equal(ROUTE->received, (total * 4 + BLOCK - 1) / BLOCK * BLOCK);
	assert_int_equal(ROUTE->sent_at_finish, ROUTE->received - BLOCK);
	for (uint64_t i = 0; i < ROUTE->received / 4; i++)
		good = good && words[i] == (i < total ? i % scans : 0);
	assert_true(good);
}

static void a_file_is_repeated_without_the_host(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_play, play_input(4000, "--detach")), STATUS_OK);
	assert_repeats(1000);
	assert_true(ROUTE->running);
	assert_string_equal(said, "route tx repeats 1000 samples until: iiobridge stop -r tx\n");
	assert_string_equal(fake.log, "parameters stop start send finish send ");
}

static void the_pattern_is_repeated(void **state)
{
	static const unsigned int lengths[] = { 1, 1000, BLOCK_SCANS, BLOCK_SCANS + 1,
						BLOCKS * BLOCK_SCANS };
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		snprintf(line, sizeof(line),
			 "play -q -s one --cyclic --detach -n %u --pattern counter", lengths[i]);
		assert_int_equal(call(cmd_play, line), STATUS_OK);
		assert_repeats(lengths[i]);
		assert_string_equal(said, "");
	}
}

/* Each block begins with as many copies of a counter of this length as fit, and silence. */
static void assert_repeats_alike(uint64_t scans)
{
	const uint32_t *words = (const uint32_t *)(const void *)ROUTE->data;
	const uint64_t there = BLOCK_SCANS / scans * scans;
	bool good = true;

	assert_int_equal(ROUTE->finish, (BLOCKS - 1) * BLOCK + there * 4);
	assert_int_equal(ROUTE->finish_flags, IIOBRIDGE_FINISH_REPEAT | IIOBRIDGE_FINISH_ALIKE);
	assert_int_equal(ROUTE->received, BLOCKS * BLOCK);
	assert_int_equal(ROUTE->sent_at_finish, ROUTE->received - BLOCK);
	for (uint64_t i = 0; i < BLOCKS * BLOCK_SCANS; i++) {
		const uint64_t place = i % BLOCK_SCANS;

		good = good && words[i] == (place < there ? place % scans : 0);
	}
	assert_true(good);
}

static void a_kernel_gets_the_same_in_each_block(void **state)
{
	static const unsigned int lengths[] = { 1, 1000, 3001, BLOCK_SCANS / 2 + 1, BLOCK_SCANS };
	char line[128];

	(void)state;
	ROUTE->info.cyclic = IIOBRIDGE_CYCLIC_KERNEL;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		snprintf(line, sizeof(line),
			 "play -q -s one --cyclic --detach -n %u --pattern counter", lengths[i]);
		ROUTE->info.repeating = IIOBRIDGE_REPEATING_KERNEL;
		assert_int_equal(call(cmd_play, line), STATUS_OK);
		assert_repeats_alike(lengths[i]);
		/* Where it is not repeated by the kernel, the DAC is seen to play. */
		ROUTE->info.repeating = IIOBRIDGE_REPEATING_DAEMON;
		assert_int_equal(call(cmd_play, line), STATUS_OK);
		assert_repeats_alike(lengths[i]);
	}
}

static void what_does_not_fit_a_block_is_not_for_the_kernel(void **state)
{
	char line[128];

	(void)state;
	ROUTE->info.cyclic = IIOBRIDGE_CYCLIC_KERNEL;
	snprintf(line, sizeof(line), "play -q -s one --cyclic --detach -n %u --pattern counter",
		 BLOCK_SCANS + 1);
	assert_int_equal(call(cmd_play, line), STATUS_OK);
	assert_repeats(BLOCK_SCANS + 1);
}

static void a_part_of_a_file_can_be_repeated(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_play, play_input(4003, "--detach -n 700")), STATUS_OK);
	assert_repeats(700);
}

static void what_does_not_fit_the_blocks_is_refused(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_play, play_input(BLOCKS * BLOCK + 4, "")), STATUS_USAGE);
	assert_non_null(strstr(said, "at most 131072 samples (8 blocks of 65536 bytes)"));
	assert_non_null(strstr(said, "\"blocks\" and \"block_size\" in the board's configuration"));
	assert_int_equal(call(cmd_play, "play --cyclic -n 131073 --pattern counter"), STATUS_USAGE);
	assert_non_null(strstr(said, "at most 131072 samples"));
	assert_int_equal(call(cmd_play, "play --cyclic /dev/zero"), STATUS_USAGE);
	assert_null(strstr(fake.log, "start"));
}

static void what_is_no_waveform_is_refused(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_play, play_input(4003, "")), STATUS_FILE);
	assert_non_null(strstr(said, "ends inside a sample: it has 4003 bytes"));
	assert_int_equal(call(cmd_play, play_input(0, "")), STATUS_USAGE);
	assert_non_null(strstr(said, "nothing to play"));
	assert_int_equal(call(cmd_play, "play --cyclic /proc"), STATUS_FILE);
	assert_null(strstr(fake.log, "start"));
}

/* Each time that the board is asked some time has passed. */
static bool take_a_second(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			  int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_GET_STATISTICS)
		atomic_fetch_add(&fake_ahead_s, 1);
	return false;
}

static void a_board_that_does_not_begin_to_repeat_is_told(void **state)
{
	(void)state;
	fake.hold = true;
	fake.on_request = take_a_second;
	ROUTE->info.sample_rate_millihertz = 1000000000;
	assert_int_equal(call(cmd_play, play_input(4000, "--detach")), STATUS_PROTOCOL);
	assert_non_null(strstr(said, "does not come to the end"));
	assert_false(ROUTE->running);
}

static void a_route_that_stops_is_told(void **state)
{
	(void)state;
	ROUTE->stop_at = 2;
	strcpy(fake.error.message, "the converter went away");
	assert_int_equal(call(cmd_play, play_input(4000, "--detach")), STATUS_REFUSED);
	assert_non_null(strstr(said, "the converter went away"));
}

static void options_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_play, "play --detach a"), STATUS_USAGE);
	assert_non_null(strstr(said, "needs --cyclic"));
	assert_int_equal(call(cmd_play, "play --cyclic --detach --records r a"), STATUS_USAGE);
	assert_non_null(strstr(said, "give one of them"));
	assert_int_equal(call(cmd_play, "play --cyclic --pattern counter"), STATUS_USAGE);
	assert_string_equal(fake.log, "");
}

static void stop_stops_what_runs(void **state)
{
	(void)state;
	fake.claim_error = LIBUSB_ERROR_BUSY; /* another program streams */
	ROUTE->running = true;
	assert_int_equal(call(cmd_stop, "stop"), STATUS_OK);
	assert_string_equal(printed, "stopped tx\n");
	assert_false(ROUTE->running);
	ROUTE->running = true;
	assert_int_equal(call(cmd_stop, "stop -r tx -s one"), STATUS_OK);
	assert_string_equal(printed, "stopped tx\n");
}

static void stop_says_that_nothing_runs(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_stop, "stop"), STATUS_OK);
	assert_string_equal(printed, "no route runs\n");
	assert_int_equal(call(cmd_stop, "stop -r tx"), STATUS_OK);
	assert_string_equal(printed, "tx does not run\n");
	assert_string_equal(fake.log, "");
}

static void stop_explains_what_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_stop, "stop -r rx"), STATUS_USAGE);
	assert_non_null(strstr(said, "no route \"rx\"; it has: tx"));
	assert_int_equal(call(cmd_stop, "stop tx"), STATUS_USAGE);
	assert_non_null(strstr(said, "-r tx"));
	assert_int_equal(call(cmd_stop, "stop -s two"), STATUS_NO_BOARD);
	ROUTE->running = true;
	fake.refused_request = IIOBRIDGE_STOP;
	assert_int_equal(call(cmd_stop, "stop"), STATUS_REFUSED);
}

/* Behind the eight blocks that were sent it has begun to repeat. */
static bool interrupt_when_it_repeats(uint8_t request, uint16_t value, uint8_t *data,
				      uint16_t length, int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_GET_STATISTICS &&
	    ROUTE->statistics.bytes_drained >= (BLOCKS + 2) * BLOCK)
		press_ctrl_c();
	return false;
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_ends_a_repetition_well(void **state)
{
	(void)state;
	fake.on_request = interrupt_when_it_repeats;
	assert_int_equal(call(cmd_play, play_input(4000, "")), STATUS_OK);
	assert_string_equal(fake.log, "parameters stop start send finish send stop ");
	assert_non_null(strstr(said, "played "));
	assert_non_null(strstr(said, "underruns 0, missed 0\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_repeated_without_the_host),
		TEST(the_pattern_is_repeated),
		TEST(a_kernel_gets_the_same_in_each_block),
		TEST(what_does_not_fit_a_block_is_not_for_the_kernel),
		TEST(a_part_of_a_file_can_be_repeated),
		TEST(what_does_not_fit_the_blocks_is_refused),
		TEST(what_is_no_waveform_is_refused),
		TEST(a_board_that_does_not_begin_to_repeat_is_told),
		TEST(a_route_that_stops_is_told),
		TEST(options_that_make_no_sense_are_refused),
		TEST(stop_stops_what_runs),
		TEST(stop_says_that_nothing_runs),
		TEST(stop_explains_what_is_wrong),
		TEST(ctrl_c_ends_a_repetition_well),
	};

	return cmocka_run_group_tests(tests, create_input, remove_input);
}
