// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/capture.h"
#include "host/device.h"
#include "host/failure.h"
#include "host/stream.h"

#include "test_host_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define LIMIT_SECONDS 10 /* for what must happen soon */

static struct failure failure;

static struct {
	struct device_list *list;
	struct device *device;
	struct capture *capture;
	uint64_t taken;	  /* bytes */
	bool in_order;	  /* every byte was its predecessor plus 1 */
	int take_result;  /* what the consumer returns */
	size_t last_size; /* bytes in the last piece */
} run;

static int take(void *context, const uint8_t *data, size_t size)
{
	(void)context;
	for (size_t i = 0; i < size; i++)
		run.in_order = run.in_order && data[i] == (uint8_t)(run.taken + i);
	run.taken += size;
	run.last_size = size;
	return run.take_result;
}

static int begin(const struct session_settings *settings, uint64_t scans)
{
	int r;

	r = capture_new(run.device, settings, &run.capture);
	if (r < 0)
		return r;
	return capture_start(run.capture, scans, take, NULL);
}

/* Until the capture is complete, something fails, or the limit is over. */
static int go_on(void)
{
	const time_t end = time(NULL) + LIMIT_SECONDS;
	int r = 0;

	while (r == 0 && !capture_complete(run.capture) && time(NULL) < end)
		r = capture_poll(run.capture, 100);
	return r;
}

static const struct session_settings as_configured;

static void transfers_divide_blocks(void **state)
{
	clock_t begin;

	(void)state;
	assert_int_equal(stream_transfer_size(16384, 1024), 16384);
	assert_int_equal(stream_transfer_size(1048576, 1024), 1048576);
	assert_int_equal(stream_transfer_size(4194304, 1024), 1048576);
	assert_int_equal(stream_transfer_size(3145728, 512), 1048576);
	assert_int_equal(stream_transfer_size(1536 * 1024, 1024), 768 * 1024);
	assert_int_equal(stream_transfer_size(1024, 1024), 1024);
	/* 1031 and 2 are the only divisors in packets: a transfer of two packets would crawl. */
	assert_int_equal(stream_transfer_size(2 * 1031 * 1024, 1024), 1031 * 1024 * 2);
	/* A board may say anything; to see that a prime number has no part takes no seconds. */
	begin = clock();
	assert_int_equal(stream_transfer_size(4294967291, 1), 4294967291);
	assert_true(clock() - begin < CLOCKS_PER_SEC / 2);
}

static void transfers_wait_before_the_route_starts(void **state)
{
	(void)state;
	assert_int_equal(begin(&as_configured, 100), 0);
	assert_string_equal(fake.log, "parameters stop submit start ");
	assert_int_equal(go_on(), 0);
	assert_int_equal(capture_finish(run.capture), 0);
	assert_string_equal(fake.log, "parameters stop submit start stop ");
}

static void exactly_as_many_scans_as_asked_for_are_taken(void **state)
{
	static const uint64_t amounts[] = { 1, 16383, 16384, 16385, 1000000 };
	struct session_progress progress;

	(void)state;
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		run.taken = 0;
		fake.next_byte = 0;
		assert_int_equal(begin(&as_configured, amounts[i]), 0);
		assert_int_equal(go_on(), 0);
		assert_true(capture_complete(run.capture));
		assert_int_equal(capture_finish(run.capture), 0);
		assert_int_equal(run.taken, amounts[i] * 4);
		assert_true(run.in_order);
		capture_progress(run.capture, &progress);
		assert_int_equal(progress.scans, amounts[i]);
		assert_true(progress.statistics_known);
		capture_free(run.capture);
		run.capture = NULL;
	}
}

static void a_scan_may_lie_in_two_transfers(void **state)
{
	(void)state;
	fake.route.bytes_per_scan = 6;
	assert_int_equal(begin(&as_configured, 50000), 0);
	assert_int_equal(go_on(), 0);
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 50000 * 6);
	assert_true(run.in_order);
}

static void what_arrived_until_the_stop_is_taken(void **state)
{
	(void)state;
	assert_int_equal(begin(&as_configured, 0), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(capture_poll(run.capture, 100), 0);
	fake.partial_at_cancel = 1026; /* 256 scans and a half */
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 5 * 65536 + 1024);
	assert_true(run.in_order);
	assert_int_equal(fake.queued, 0);
}

static void what_is_held_waits_in_its_transfer(void **state)
{
	unsigned int transfers;

	(void)state;
	assert_int_equal(begin(&as_configured, 0), 0);
	transfers = fake.queued;
	capture_hold(run.capture, true);
	for (unsigned int i = 0; i < transfers + 10; i++)
		assert_int_equal(capture_poll(run.capture, 100), 0);
	assert_int_equal(run.taken, 0);
	assert_int_equal(fake.queued, 0);
	capture_hold(run.capture, false);
	assert_int_equal(run.taken, transfers * 65536);
	assert_int_equal(fake.queued, transfers);
	assert_int_equal(capture_poll(run.capture, 100), 0);
	assert_int_equal(run.taken, (transfers + 1) * 65536);

	capture_hold(run.capture, true);
	assert_int_equal(capture_poll(run.capture, 100), 0);
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, (transfers + 2) * 65536);
	assert_true(run.in_order);
}

static void samples_before_the_start_are_a_fault(void **state)
{
	(void)state;
	fake.stale = true;
	assert_int_equal(begin(&as_configured, 100), -EPROTO);
	assert_non_null(strstr(failure.message, "before it was started"));
	assert_int_equal(run.taken, 0);
	assert_string_equal(fake.log, "parameters stop submit ");
	capture_finish(run.capture);
}

static void a_short_transfer_is_a_fault(void **state)
{
	(void)state;
	fake.short_at = 3;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -EPROTO);
	assert_non_null(strstr(failure.message, "10 of 65536 bytes"));
	assert_int_equal(run.taken, 3 * 65536 + 8);
	assert_int_equal(capture_finish(run.capture), 0);
}

static void blocks_that_are_sent_early_end_with_a_short_transfer(void **state)
{
	(void)state;
	fake.route.transfer = IIOBRIDGE_COPY_EARLY;
	fake.short_at = 3;
	assert_int_equal(begin(&as_configured, UINT64_C(3) * 16384 + 100), 0);
	assert_int_equal(go_on(), 0);
	assert_true(capture_complete(run.capture));
	assert_int_equal(run.taken, 3 * 65536 + 400);
	assert_true(run.in_order);
	assert_int_equal(capture_finish(run.capture), 0);
}

static void a_board_that_goes_away_leaves_what_was_received(void **state)
{
	(void)state;
	fake.fail_at = 3;
	fake.fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -ENODEV);
	assert_string_equal(failure.message, "the board at 001:005 went away");
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 3 * 65536);
	assert_true(run.in_order);
}

/* The transfers behind it are in flight, and may have been filled before it. */
static void what_is_in_flight_is_taken_when_no_more_can_be_asked_for(void **state)
{
	(void)state;
	assert_int_equal(begin(&as_configured, 0), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(capture_poll(run.capture, 100), 0);
	fake.submit_limit = 0;
	assert_int_equal(capture_poll(run.capture, 100), -ENOMEM);
	fake.partial_at_cancel = 1026;
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 4 * 65536 + 1024);
	assert_true(run.in_order);
}

static void what_had_come_before_the_board_went_away_is_taken(void **state)
{
	(void)state;
	assert_int_equal(begin(&as_configured, 0), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(capture_poll(run.capture, 100), 0);
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(capture_poll(run.capture, 100), -ENODEV);
	fake.partial_at_cancel = 65536;
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 5 * 65536);
	assert_true(run.in_order);
}

/* The kernel may return the transfers short before it tells of the disconnection. */
static void a_short_transfer_of_a_board_that_is_gone_is_no_fault_of_it(void **state)
{
	(void)state;
	fake.short_at = 3;
	assert_int_equal(begin(&as_configured, 0), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(capture_poll(run.capture, 100), 0);
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(go_on(), -ENODEV);
	capture_finish(run.capture);
}

static void a_route_that_stops_by_itself_is_explained(void **state)
{
	(void)state;
	fake.stop_at = 2;
	fake.error.code = IIOBRIDGE_FAULT;
	strcpy(fake.error.message, "the converter went away");
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -EREMOTEIO);
	assert_string_equal(failure.message, "the board at 001:005 stopped route 0 (rx): the "
					     "converter went away");
	assert_int_equal(run.taken, 2 * 65536);
	capture_finish(run.capture);
}

static void a_refused_start_is_explained(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	fake.error.code = IIOBRIDGE_BAD_PARAMETERS;
	strcpy(fake.error.message, "no");
	assert_int_equal(begin(&as_configured, 0), -EREMOTEIO);
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 0);
}

/* A start that the board cannot plan has no sizes; the reason comes with the refusal. */
static void a_start_that_cannot_be_planned_is_explained(void **state)
{
	(void)state;
	fake.route.block_size = 0;
	fake.refused_request = IIOBRIDGE_START;
	strcpy(fake.error.message, "no scan for channel mask 0x2");
	assert_int_equal(begin(&as_configured, 0), -EREMOTEIO);
	assert_non_null(strstr(failure.message, "no scan for channel mask 0x2"));
}

static void the_consumer_can_end_the_capture(void **state)
{
	(void)state;
	run.take_result = -ENOSPC;
	assert_int_equal(begin(&as_configured, 0), 0);
	assert_int_equal(go_on(), -ENOSPC);
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 65536);
}

static void little_memory_means_fewer_transfers(void **state)
{
	(void)state;
	fake.no_device_memory = true;
	fake.submit_limit = 3;
	assert_int_equal(begin(&as_configured, 1000000), 0);
	assert_int_equal(fake.queued, 3);
	assert_int_equal(go_on(), 0);
	assert_int_equal(capture_finish(run.capture), 0);
	assert_int_equal(run.taken, 4000000);
	assert_true(run.in_order);
}

static void too_little_memory_names_the_limit(void **state)
{
	(void)state;
	fake.submit_limit = 1;
	assert_int_equal(begin(&as_configured, 0), -ENOMEM);
	assert_non_null(strstr(failure.message, "usbfs_memory_mb"));
	capture_finish(run.capture);
}

static void settings_that_do_not_fit_are_refused_before_anything_is_changed(void **state)
{
	struct session_settings settings = { .block_size = 8388608 };

	(void)state;
	assert_int_equal(begin(&settings, 0), -EINVAL);
	assert_non_null(strstr(failure.message, "at most 4194304"));
	settings.block_size = 1000;
	assert_int_equal(begin(&settings, 0), -EINVAL);
	assert_non_null(strstr(failure.message, "multiple of 1024"));
	assert_string_equal(fake.log, "");
}

static void a_board_that_ignores_the_settings_is_not_captured_from(void **state)
{
	const struct session_settings settings = { .channel_mask = 1 };

	(void)state;
	assert_int_equal(begin(&settings, 0), -EPROTO);
	assert_non_null(strstr(failure.message, "0x1"));
}

static void impossible_routes_are_refused(void **state)
{
	const struct iiobridge_route_info good = fake.route;

	(void)state;
	fake.route.bytes_per_scan = 0;
	assert_int_equal(begin(&as_configured, 0), -EPROTO);
	fake.route = good;
	fake.route.block_size = 0;
	assert_int_equal(begin(&as_configured, 0), -EPROTO);
	fake.route = good;
	fake.route.block_size = 1000;
	assert_int_equal(begin(&as_configured, 0), -EPROTO);
	fake.route = good;
	fake.route.channel_mask = 0;
	assert_int_equal(begin(&as_configured, 0), -EPROTO);
	assert_string_equal(failure.message, "route 0 (rx) has scans of 4 bytes, but no channel in "
					     "them");
	fake.route = good;
	fake.route.endpoint_in = 0x83;
	assert_int_equal(begin(&as_configured, 0), -EPROTO);
	fake.route = good;
	fake.route.direction = IIOBRIDGE_PLAYBACK;
	assert_int_equal(begin(&as_configured, 0), -EINVAL);
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	memset(&run, 0, sizeof(run));
	run.in_order = true;
	return fake_open(&failure, &run.list, &run.device);
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(run.capture);
	return fake_close(run.list, run.device);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(transfers_divide_blocks),
		TEST(transfers_wait_before_the_route_starts),
		TEST(exactly_as_many_scans_as_asked_for_are_taken),
		TEST(a_scan_may_lie_in_two_transfers),
		TEST(what_arrived_until_the_stop_is_taken),
		TEST(what_is_held_waits_in_its_transfer),
		TEST(samples_before_the_start_are_a_fault),
		TEST(a_short_transfer_is_a_fault),
		TEST(blocks_that_are_sent_early_end_with_a_short_transfer),
		TEST(a_board_that_goes_away_leaves_what_was_received),
		TEST(what_is_in_flight_is_taken_when_no_more_can_be_asked_for),
		TEST(what_had_come_before_the_board_went_away_is_taken),
		TEST(a_short_transfer_of_a_board_that_is_gone_is_no_fault_of_it),
		TEST(a_route_that_stops_by_itself_is_explained),
		TEST(a_refused_start_is_explained),
		TEST(a_start_that_cannot_be_planned_is_explained),
		TEST(the_consumer_can_end_the_capture),
		TEST(little_memory_means_fewer_transfers),
		TEST(too_little_memory_names_the_limit),
		TEST(settings_that_do_not_fit_are_refused_before_anything_is_changed),
		TEST(a_board_that_ignores_the_settings_is_not_captured_from),
		TEST(impossible_routes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
