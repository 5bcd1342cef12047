// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/clock.h"
#include "host/device.h"
#include "host/failure.h"
#include "host/play.h"

#include "test_host_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define BLOCK	      65536
#define LIMIT_SECONDS 10 /* for what must happen soon */

static struct failure failure;

static struct {
	struct device_list *list;
	struct device *device;
	struct play *play;
	uint64_t size;	/* bytes in the input */
	uint64_t given; /* bytes of it that were taken */
	size_t piece;	/* the input has no more than this at a time, and nothing in between */
	bool dry;	/* it had something the last time */
	int error_at_end;
} run;

/* A pattern that repeats neither with a transfer nor with a block. */
static uint8_t input_byte(uint64_t position)
{
	return (uint8_t)(position % 251);
}

static ssize_t give(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	(void)context;
	(void)timeout_ms;
	if (run.piece && size > run.piece)
		size = run.piece;
	run.dry = !run.dry;
	if (run.piece && run.dry)
		return -EAGAIN;
	if (size > run.size - run.given)
		size = (size_t)(run.size - run.given);
	if (size == 0)
		return run.error_at_end;
	for (size_t i = 0; i < size; i++)
		data[i] = input_byte(run.given + i);
	run.given += size;
	return (ssize_t)size;
}

static const struct session_settings as_configured;

static int begin(const struct session_settings *settings, uint64_t scans)
{
	int r;

	r = play_new(run.device, settings, &run.play);
	if (r == 0)
		play_begin(run.play, scans, give, NULL);
	return r;
}

/* Until all is played, something fails, or the limit is over. */
static int go_on(void)
{
	const time_t end = time(NULL) + LIMIT_SECONDS;
	int r = 0;

	while (r == 0 && !play_complete(run.play) && time(NULL) < end)
		r = play_poll(run.play, 100);
	return r;
}

static void poll_times(int times)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(play_poll(run.play, 0), 0);
}

/* Plays an input of @size bytes to its end. */
static void play_all(uint64_t size)
{
	run.size = size;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), 0);
	assert_true(play_complete(run.play));
	assert_int_equal(play_finish(run.play), 0);
}

/* The board got @size bytes of the input and zeros up to a whole block, and knew where they end. */
static void assert_received(uint64_t size)
{
	const uint64_t block = fake.route.block_size;
	const uint64_t blocks = (size + block - 1) / block;
	bool good = true;

	assert_int_equal(fake.finish, size);
	assert_int_equal(fake.sent_at_finish, (blocks - 1) * block);
	assert_int_equal(fake.sent, blocks * block);
	assert_int_equal(fake.received, blocks * block);
	for (uint64_t i = 0; i < fake.received; i++)
		good = good && fake_received[i] == (i < size ? input_byte(i) : 0);
	assert_true(good);
}

static void the_route_starts_before_the_first_block_is_sent(void **state)
{
	(void)state;
	play_all(5 * BLOCK / 2);
	assert_string_equal(fake.log, "parameters stop start send finish send ");
	assert_received(5 * BLOCK / 2);
}

static void the_end_is_announced_before_the_last_block(void **state)
{
	static const uint64_t sizes[] = { 4,	     BLOCK - 4,	      BLOCK,
					  BLOCK + 4, 2 * BLOCK - 4,   2 * BLOCK,
					  7 * BLOCK, 200 * BLOCK + 12 };
	struct session_progress progress;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fake_reset();
		fake_become_playback();
		run.given = 0;
		play_all(sizes[i]);
		assert_received(sizes[i]);
		assert_int_equal(play_odd_bytes(run.play), 0);
		play_progress(run.play, &progress);
		assert_int_equal(progress.scans, sizes[i] / 4);
		assert_true(progress.statistics_known);
		play_free(run.play);
		run.play = NULL;
	}
}

static void an_input_of_one_block_is_announced_before_anything_is_sent(void **state)
{
	(void)state;
	play_all(BLOCK);
	assert_string_equal(fake.log, "parameters stop start finish send ");
}

/* A scan in 1000 seconds: what is left takes as many nanoseconds as 64 bits can count. */
static void a_rate_of_nearly_nothing_is_waited_for(void **state)
{
	uint64_t end;

	(void)state;
	fake.route.sample_rate_millihertz = 1;
	fake.route.bytes_per_scan = 1;
	fake.route.block_size = 4194304;
	fake.never_ends = true;
	run.size = fake.drain_short = 18446744;
	assert_int_equal(begin(&as_configured, 0), 0);
	while (fake.received < UINT64_C(5) * 4194304)
		poll_times(1);
	/* Until the board has said more than once how far it is. */
	end = clock_now_ns() + 50 * CLOCK_NS_PER_MS;
	while (clock_now_ns() < end)
		poll_times(1);
}

static void blocks_may_be_larger_than_transfers(void **state)
{
	(void)state;
	fake.route.block_size = 3 << 20;
	play_all((6 << 20) + 1000);
	assert_received((6 << 20) + 1000);
}

static void as_much_is_in_flight_as_in_a_capture(void **state)
{
	(void)state;
	fake.busy = true;
	run.size = UINT64_MAX;
	assert_int_equal(begin(&as_configured, 0), 0);
	poll_times(400);
	assert_int_equal(fake.sent, 8 << 20);
	assert_int_equal(play_finish(run.play), 0);
}

static void no_more_samples_are_taken_than_asked_for(void **state)
{
	static const uint64_t amounts[] = { 1, BLOCK / 4, BLOCK / 4 + 1, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		fake_reset();
		fake_become_playback();
		run.given = 0;
		run.size = UINT64_MAX;
		assert_int_equal(begin(&as_configured, amounts[i]), 0);
		assert_int_equal(go_on(), 0);
		assert_int_equal(play_finish(run.play), 0);
		assert_int_equal(run.given, amounts[i] * 4);
		assert_received(amounts[i] * 4);
		play_free(run.play);
		run.play = NULL;
	}
}

static void an_empty_input_starts_nothing(void **state)
{
	(void)state;
	for (run.size = 0; run.size < 4; run.size++) {
		run.given = 0;
		assert_int_equal(begin(&as_configured, 0), 0);
		assert_int_equal(go_on(), -EINVAL);
		assert_non_null(strstr(failure.message, "nothing to play"));
		assert_int_equal(play_finish(run.play), 0);
		play_free(run.play);
		run.play = NULL;
	}
	assert_null(strstr(fake.log, "start"));
}

static void the_end_of_an_odd_input_is_not_played(void **state)
{
	static const uint64_t sizes[] = { 6001, 2 * BLOCK + 1, 2 * BLOCK - 3, 3 * BLOCK };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fake_reset();
		fake_become_playback();
		fake.route.bytes_per_scan = 6;
		run.given = 0;
		play_all(sizes[i]);
		assert_received(sizes[i] / 6 * 6);
		assert_int_equal(play_odd_bytes(run.play), sizes[i] % 6);
		play_free(run.play);
		run.play = NULL;
	}
}

static void a_slow_input_is_played_whole(void **state)
{
	(void)state;
	run.piece = 1001;
	play_all(2 * BLOCK + 444);
	assert_received(2 * BLOCK + 444);
}

/* While the input has nothing, no block is held back that others follow. */
static void a_block_waits_only_for_the_next_sample(void **state)
{
	(void)state;
	run.size = BLOCK + 4;
	run.error_at_end = -EAGAIN;
	assert_int_equal(begin(&as_configured, 0), 0);
	poll_times(20);
	assert_int_equal(fake.received, BLOCK);
	assert_int_equal(fake.finish, 0);
	run.size = 2 * BLOCK;
	poll_times(20);
	assert_int_equal(fake.received, BLOCK);
	run.error_at_end = 0;
	assert_int_equal(go_on(), 0);
	assert_int_equal(play_finish(run.play), 0);
	assert_received(2 * BLOCK);
}

static void an_input_that_fails_ends_the_playback(void **state)
{
	(void)state;
	run.size = 5 * BLOCK;
	run.error_at_end = -ENXIO;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -ENXIO);
	assert_int_equal(play_finish(run.play), 0);
	assert_string_equal(fake.log, "parameters stop start send stop ");
}

/* Else the next run could find at the endpoint what this one has sent. */
static void an_interrupted_playback_takes_its_transfers_back_first(void **state)
{
	struct session_progress progress;

	(void)state;
	run.size = UINT64_MAX;
	assert_int_equal(begin(&as_configured, 0), 0);
	poll_times(8);
	fake.busy = true;
	poll_times(8);
	assert_true(fake.queued > 0);
	assert_int_equal(play_finish(run.play), 0);
	assert_false(play_complete(run.play));
	assert_string_equal(fake.log, "parameters stop start send stop ");
	assert_int_equal(fake.queued_at_stop, 0);
	play_progress(run.play, &progress);
	assert_true(progress.statistics_known);
	assert_int_equal(progress.scans, fake.statistics.bytes_drained / 4);
}

static void a_route_that_stops_by_itself_is_explained(void **state)
{
	(void)state;
	fake.stop_at = 2;
	strcpy(fake.error.message, "the converter went away");
	run.size = UINT64_MAX;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -EREMOTEIO);
	assert_string_equal(failure.message, "the board at 001:005 stopped route 0 (tx): the "
					     "converter went away");
	assert_int_equal(play_finish(run.play), 0);
}

static void a_route_that_stops_before_the_end_is_told(void **state)
{
	(void)state;
	fake.drain_short = 8;
	run.size = 3 * BLOCK;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -EREMOTEIO);
	assert_non_null(strstr(failure.message, "after 196600 bytes"));
	assert_false(play_complete(run.play));
	play_finish(run.play);
}

static void a_board_that_does_not_come_to_the_end_is_told(void **state)
{
	(void)state;
	fake.never_ends = true;
	fake.route.sample_rate_millihertz = 1000000000;
	run.size = 3 * BLOCK;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -ETIMEDOUT);
	assert_non_null(strstr(failure.message, "196608 of 196608 bytes"));
	assert_int_equal(play_finish(run.play), 0);
	assert_non_null(strstr(fake.log, "finish send stop "));
}

static void a_board_that_goes_away_is_told(void **state)
{
	(void)state;
	fake.fail_at = 3;
	fake.fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	run.size = UINT64_MAX;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -ENODEV);
	assert_string_equal(failure.message, "the board at 001:005 went away");
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(play_finish(run.play), 0);
	assert_int_equal(fake.queued, 0);
}

/* The kernel may return the transfers with an error before it tells of the disconnection. */
static void a_failed_transfer_of_a_board_that_is_gone_is_no_fault_of_it(void **state)
{
	(void)state;
	fake.fail_at = 3;
	fake.fail_status = LIBUSB_TRANSFER_ERROR;
	run.size = UINT64_MAX;
	assert_int_equal(begin(&as_configured, 0), 0);
	poll_times(4);
	fake.io_errors = 2;
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(go_on(), -ENODEV);
	assert_int_equal(play_finish(run.play), 0);
}

/* Nothing is in flight that could fail: only the statistics show it. */
static void a_board_that_goes_away_while_the_input_is_slow_is_told(void **state)
{
	(void)state;
	run.size = BLOCK + 4;
	run.error_at_end = -EAGAIN;
	assert_int_equal(begin(&as_configured, 0), 0);
	poll_times(20);
	assert_int_equal(fake.queued, 0);
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(go_on(), -ENODEV);
	assert_int_equal(play_finish(run.play), 0);
}

static void a_refused_start_is_explained(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	strcpy(fake.error.message, "no");
	run.size = BLOCK;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -EREMOTEIO);
	assert_string_equal(failure.message, "the board at 001:005 refused START: no");
	assert_int_equal(play_finish(run.play), 0);
	assert_int_equal(fake.sent, 0);
}

static void a_refused_finish_is_explained(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_FINISH;
	strcpy(fake.error.message, "too late");
	run.size = 2 * BLOCK;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -EREMOTEIO);
	assert_string_equal(failure.message, "the board at 001:005 refused FINISH: too late");
	assert_int_equal(fake.sent, BLOCK);
	assert_int_equal(play_finish(run.play), 0);
}

static void little_memory_means_fewer_transfers(void **state)
{
	(void)state;
	fake.no_device_memory = true;
	fake.submit_limit = 3;
	fake.busy = true;
	run.size = 20 * BLOCK + 4;
	assert_int_equal(begin(&as_configured, 0), 0);
	poll_times(20);
	assert_int_equal(fake.queued, 3);
	fake.busy = false;
	assert_int_equal(go_on(), 0);
	assert_int_equal(play_finish(run.play), 0);
	assert_received(20 * BLOCK + 4);
}

static void too_little_memory_names_the_limit(void **state)
{
	(void)state;
	fake.submit_limit = 1;
	fake.busy = true;
	run.size = 4 * BLOCK;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -ENOMEM);
	assert_non_null(strstr(failure.message, "usbfs_memory_mb"));
	play_finish(run.play);
}

static void a_capture_route_cannot_be_played_on(void **state)
{
	(void)state;
	fake.route.direction = IIOBRIDGE_CAPTURE;
	assert_int_equal(begin(&as_configured, 0), -EINVAL);
	assert_string_equal(failure.message, "route 0 (tx) is not a playback route");
	assert_string_equal(fake.log, "");
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_become_playback();
	memset(&run, 0, sizeof(run));
	return fake_open(&failure, &run.list, &run.device);
}

static int tear_down(void **state)
{
	(void)state;
	play_free(run.play);
	return fake_close(run.list, run.device);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_route_starts_before_the_first_block_is_sent),
		TEST(the_end_is_announced_before_the_last_block),
		TEST(an_input_of_one_block_is_announced_before_anything_is_sent),
		TEST(a_rate_of_nearly_nothing_is_waited_for),
		TEST(blocks_may_be_larger_than_transfers),
		TEST(as_much_is_in_flight_as_in_a_capture),
		TEST(no_more_samples_are_taken_than_asked_for),
		TEST(an_empty_input_starts_nothing),
		TEST(the_end_of_an_odd_input_is_not_played),
		TEST(a_slow_input_is_played_whole),
		TEST(a_block_waits_only_for_the_next_sample),
		TEST(an_input_that_fails_ends_the_playback),
		TEST(an_interrupted_playback_takes_its_transfers_back_first),
		TEST(a_route_that_stops_by_itself_is_explained),
		TEST(a_route_that_stops_before_the_end_is_told),
		TEST(a_board_that_does_not_come_to_the_end_is_told),
		TEST(a_board_that_goes_away_is_told),
		TEST(a_failed_transfer_of_a_board_that_is_gone_is_no_fault_of_it),
		TEST(a_board_that_goes_away_while_the_input_is_slow_is_told),
		TEST(a_refused_start_is_explained),
		TEST(a_refused_finish_is_explained),
		TEST(little_memory_means_fewer_transfers),
		TEST(too_little_memory_names_the_limit),
		TEST(a_capture_route_cannot_be_played_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
