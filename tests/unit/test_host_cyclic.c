// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waveforms that repeat, and what stops them.
 */
#include "host/cmd.h"
#include "host/status.h"
#include "host/waveform.h"

#include "test_host_fake.h"

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

static uint64_t last_block(uint64_t copies, uint64_t bytes)
{
	return (copies * bytes - 1) % BLOCK + 1;
}

static void as_many_copies_as_fit_are_sent(void **state)
{
	(void)state;
	assert_int_equal(waveform_copies(BLOCKS * BLOCK, BLOCK, BLOCKS), 1);
	assert_int_equal(waveform_copies(BLOCKS * BLOCK + 4, BLOCK, BLOCKS), 0);
	assert_int_equal(waveform_copies(BLOCK, BLOCK, BLOCKS), BLOCKS);
	assert_int_equal(waveform_copies(BLOCK, BLOCK, 2), 2);
	assert_int_equal(waveform_copies(4, BLOCK, BLOCKS), BLOCKS * BLOCK / 4);
	assert_int_equal(waveform_copies(4004, BLOCK, 2), 32);
	/* There is no choice. */
	assert_int_equal(waveform_copies(BLOCK + 4, BLOCK, 2), 1);
}

/* 32 copies of 1001 scans of 4 bytes are a multiple of 128 bytes, and so are 4 of 1000. */
static void the_end_suits_each_bus_where_there_is_a_choice(void **state)
{
	(void)state;
	assert_int_equal(waveform_copies(4000, BLOCK, BLOCKS), 128);
	assert_int_equal(waveform_copies(4004, BLOCK, BLOCKS), 128);
	/* At most 3 copies fit. */
	assert_int_equal(waveform_copies(2 * BLOCK + 4, BLOCK, BLOCKS), 3);
}

static void the_last_block_is_not_tiny_where_there_is_a_choice(void **state)
{
	(void)state;
	/* 7 copies of this would leave 28 bytes in the last block. */
	assert_int_equal(waveform_copies(BLOCK + 4, BLOCK, BLOCKS), 7);
	assert_int_equal(waveform_copies(BLOCK / 2 + 4, BLOCK, BLOCKS), 15);
	/* 4 copies leave 16 bytes in the last block, 3 half a block more. */
	assert_int_equal(last_block(4, 3 * BLOCK / 2 + 4), 16);
	assert_int_equal(waveform_copies(3 * BLOCK / 2 + 4, BLOCK, BLOCKS), 5);
	for (uint64_t bytes = 4; bytes <= BLOCKS * BLOCK; bytes += 4) {
		const uint64_t copies = waveform_copies(bytes, BLOCK, BLOCKS);

		assert_true(copies * bytes > BLOCK && copies * bytes <= BLOCKS * BLOCK);
		assert_true(copies > BLOCKS * BLOCK / bytes / 2);
		if (bytes < BLOCK / 4)
			assert_true(last_block(copies, bytes) >= BLOCK / 2);
	}
}

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
	const uint32_t *words = (const uint32_t *)(const void *)fake_received;
	const uint64_t total = scans * waveform_copies(scans * 4, BLOCK, BLOCKS);
	bool good = true;

	assert_int_equal(fake.finish, total * 4);
	assert_int_equal(fake.finish_flags, IIOBRIDGE_FINISH_REPEAT);
	assert_int_equal(fake.received, (total * 4 + BLOCK - 1) / BLOCK * BLOCK);
	assert_int_equal(fake.sent_at_finish, fake.received - BLOCK);
	for (uint64_t i = 0; i < fake.received / 4; i++)
		good = good && words[i] == (i < total ? i % scans : 0);
	assert_true(good);
}

static void a_file_is_repeated_without_the_host(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_play, play_input(4000, "--detach")), STATUS_OK);
	assert_repeats(1000);
	assert_true(fake.running);
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
	const uint32_t *words = (const uint32_t *)(const void *)fake_received;
	const uint64_t there = BLOCK_SCANS / scans * scans;
	bool good = true;

	assert_int_equal(fake.finish, (BLOCKS - 1) * BLOCK + there * 4);
	assert_int_equal(fake.finish_flags, IIOBRIDGE_FINISH_REPEAT | IIOBRIDGE_FINISH_ALIKE);
	assert_int_equal(fake.received, BLOCKS * BLOCK);
	assert_int_equal(fake.sent_at_finish, fake.received - BLOCK);
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
	fake.route.cyclic = IIOBRIDGE_CYCLIC_KERNEL;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		snprintf(line, sizeof(line),
			 "play -q -s one --cyclic --detach -n %u --pattern counter", lengths[i]);
		fake.route.repeating = IIOBRIDGE_REPEATING_KERNEL;
		assert_int_equal(call(cmd_play, line), STATUS_OK);
		assert_repeats_alike(lengths[i]);
		/* Where it is not repeated by the kernel, the DAC is seen to play. */
		fake.route.repeating = IIOBRIDGE_REPEATING_DAEMON;
		assert_int_equal(call(cmd_play, line), STATUS_OK);
		assert_repeats_alike(lengths[i]);
	}
}

static void what_does_not_fit_a_block_is_not_for_the_kernel(void **state)
{
	char line[128];

	(void)state;
	fake.route.cyclic = IIOBRIDGE_CYCLIC_KERNEL;
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

static void a_board_that_does_not_begin_to_repeat_is_told(void **state)
{
	(void)state;
	fake.busy = true;
	fake.route.sample_rate_millihertz = 1000000000;
	assert_int_equal(call(cmd_play, play_input(4000, "--detach")), STATUS_PROTOCOL);
	assert_non_null(strstr(said, "does not come to the end"));
	assert_false(fake.running);
}

static void a_route_that_stops_is_told(void **state)
{
	(void)state;
	fake.stop_at = 2;
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
	fake.running = true;
	fake.route.state = IIOBRIDGE_RUNNING;
	assert_int_equal(call(cmd_stop, "stop"), STATUS_OK);
	assert_string_equal(printed, "stopped tx\n");
	assert_false(fake.running);
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
	fake.route.state = IIOBRIDGE_RUNNING;
	fake.refused_request = IIOBRIDGE_STOP;
	assert_int_equal(call(cmd_stop, "stop"), STATUS_REFUSED);
}

/* The last test: the signal cannot be taken back. */
static void ctrl_c_ends_a_repetition_well(void **state)
{
	(void)state;
	fake.interrupt_at_drained = 20 * BLOCK;
	assert_int_equal(call(cmd_play, play_input(4000, "")), STATUS_OK);
	assert_string_equal(fake.log, "parameters stop start send finish send stop ");
	assert_non_null(strstr(said, "played "));
	assert_non_null(strstr(said, "underruns 0, missed 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_copies_as_fit_are_sent),
		cmocka_unit_test(the_end_suits_each_bus_where_there_is_a_choice),
		cmocka_unit_test(the_last_block_is_not_tiny_where_there_is_a_choice),
		cmocka_unit_test_setup(a_file_is_repeated_without_the_host, set_up),
		cmocka_unit_test_setup(the_pattern_is_repeated, set_up),
		cmocka_unit_test_setup(a_kernel_gets_the_same_in_each_block, set_up),
		cmocka_unit_test_setup(what_does_not_fit_a_block_is_not_for_the_kernel, set_up),
		cmocka_unit_test_setup(a_part_of_a_file_can_be_repeated, set_up),
		cmocka_unit_test_setup(what_does_not_fit_the_blocks_is_refused, set_up),
		cmocka_unit_test_setup(what_is_no_waveform_is_refused, set_up),
		cmocka_unit_test_setup(a_board_that_does_not_begin_to_repeat_is_told, set_up),
		cmocka_unit_test_setup(a_route_that_stops_is_told, set_up),
		cmocka_unit_test_setup(options_that_make_no_sense_are_refused, set_up),
		cmocka_unit_test_setup(stop_stops_what_runs, set_up),
		cmocka_unit_test_setup(stop_says_that_nothing_runs, set_up),
		cmocka_unit_test_setup(stop_explains_what_is_wrong, set_up),
		cmocka_unit_test_setup(ctrl_c_ends_a_repetition_well, set_up),
	};

	return cmocka_run_group_tests(tests, create_input, remove_input);
}
