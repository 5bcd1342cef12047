// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader of records, and the captures and playbacks that follow them.
 */
#include "host/capture.h"
#include "host/device.h"
#include "host/failure.h"
#include "host/play.h"
#include "host/records.h"
#include "host/trail.h"

#include "test_host_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define BLOCK	      65536
#define BLOCK_SCANS   (BLOCK / 4)
#define LIMIT_SECONDS 10 /* for what must happen soon */

static struct failure failure;

static struct {
	struct device_list *list;
	struct device *device;
	struct records *records;
	struct capture *capture;
	struct play *play;
	unsigned int taken[2]; /* records of routes 0 and 1 */
	struct iiobridge_record last;
	int take_result;
	uint64_t given;
} run;

static int take_0(void *context, const struct iiobridge_record *record)
{
	(void)context;
	run.taken[0]++;
	run.last = *record;
	return run.take_result;
}

static int take_1(void *context, const struct iiobridge_record *record)
{
	(void)context;
	(void)record;
	run.taken[1]++;
	return 0;
}

static int take_scans(void *context, const uint8_t *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	return 0;
}

static ssize_t give_scans(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	const uint64_t left = 5 * BLOCK / 2 - run.given;

	(void)context;
	(void)timeout_ms;
	size = size < left ? size : (size_t)left;
	memset(data, 0, size);
	run.given += size;
	return (ssize_t)size;
}

/* Until nothing more is to be read, or the reading ends. */
static int read_all(void)
{
	int r = 0;

	while (r == 0 && fake_records.message_count > 0)
		r = records_poll(run.records, 0);
	return r;
}

static int begin_reading(void)
{
	fake.info.route_count = 2;
	if (fake_open(&failure, &run.list, &run.device) < 0 ||
	    records_new(run.device, &run.records) < 0)
		return -1;
	records_follow(run.records, 0, take_0, NULL);
	records_follow(run.records, 1, take_1, NULL);
	return records_start(run.records);
}

static void every_route_gets_its_records(void **state)
{
	struct iiobridge_record records[IIOBRIDGE_RECORDS_MAX] = { { 0 } };

	(void)state;
	for (unsigned int i = 0; i < IIOBRIDGE_RECORDS_MAX; i++)
		records[i].route = i % 3 == 0;
	fake_send_message(records, sizeof(records));
	fake_send_message(records, sizeof(records[0]));
	assert_int_equal(read_all(), 0);
	assert_int_equal(run.taken[0], 42);
	assert_int_equal(run.taken[1], 22);
	records_follow(run.records, 1, NULL, NULL);
	fake_send_message(records, sizeof(records[0]));
	assert_int_equal(read_all(), 0);
	assert_int_equal(run.taken[1], 22);
}

static void records_come_in_the_hosts_byte_order(void **state)
{
	static const uint8_t wire[48] = {
		0, 1, 0, 0, 4, 3, 2, 1,	   0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		1, 0, 0, 0, 0, 0, 0, 0x80, 2,	 0,    0,    0,	   0,	 0,    0,    0,
		3, 0, 0, 0, 0, 0, 0, 0,	   0,	 0,    1,    0,	   0,	 0,    0,    0,
	};

	(void)state;
	fake_send_message(wire, sizeof(wire));
	assert_int_equal(read_all(), 0);
	assert_int_equal(run.last.flags, IIOBRIDGE_RECORD_GAP);
	assert_int_equal(run.last.run, 0x01020304);
	assert_int_equal(run.last.sequence, 0x1122334455667788);
	assert_int_equal(run.last.first_scan, 0x8000000000000001);
	assert_int_equal(run.last.filled_ns, 2);
	assert_int_equal(run.last.drained_ns, 3);
	assert_int_equal(run.last.bytes, 65536);
}

static void what_is_no_record_is_refused(void **state)
{
	static const int sizes[] = { 1, 47, 49, 64 * 48, 4096 };
	static const uint8_t zeros[FAKE_MESSAGE_SIZE];
	struct iiobridge_record record = { .route = 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fake_send_message(zeros, sizes[i]);
		assert_int_equal(read_all(), -EPROTO);
		records_free(run.records);
		assert_int_equal(records_new(run.device, &run.records), 0);
		assert_int_equal(records_start(run.records), 0);
	}
	assert_int_equal(run.taken[0], 0);

	fake_send_record(&record);
	assert_int_equal(read_all(), -EPROTO);
	assert_string_equal(failure.message, "a record is of route 2; the board has 2 routes");
}

static void what_is_reserved_must_be_0(void **state)
{
	const struct iiobridge_record record = { .reserved2 = 1 };

	(void)state;
	fake_send_record(&record);
	assert_int_equal(read_all(), -EPROTO);
	assert_int_equal(run.taken[0], 0);
}

static void the_consumer_can_end_the_reading(void **state)
{
	const struct iiobridge_record record = { 0 };

	(void)state;
	run.take_result = -ENOSPC;
	fake_send_record(&record);
	fake_send_record(&record);
	assert_int_equal(read_all(), -ENOSPC);
	assert_int_equal(run.taken[0], 1);
	assert_int_equal(records_error(run.records), -ENOSPC);
}

static void a_board_without_such_an_endpoint_is_refused(void **state)
{
	struct device *device;

	(void)state;
	fake.info.endpoint_records = 0x8e;
	assert_int_equal(device_open(run.list, 0, &failure, &device), -EPROTO);
	assert_non_null(strstr(failure.message, "endpoint 0x8e"));
}

static int capture_blocks(unsigned int blocks)
{
	const struct session_settings settings = { .records = run.records };
	const time_t end = time(NULL) + LIMIT_SECONDS;
	int r;

	r = capture_new(run.device, &settings, &run.capture);
	if (r == 0)
		r = capture_start(run.capture, (uint64_t)blocks * BLOCK_SCANS, take_scans, NULL);
	while (r == 0 && !capture_complete(run.capture) && time(NULL) < end)
		r = capture_poll(run.capture, 0);
	return r;
}

static void a_capture_follows_its_records_to_the_end(void **state)
{
	const struct trail *trail;

	(void)state;
	fake_records.old_run = true;
	fake_records.gap_block = 2;
	fake_records.gap_scans = 50;
	fake.statistics.starts = UINT32_MAX;
	assert_int_equal(capture_blocks(5), 0);
	assert_int_equal(capture_finish(run.capture), 0);
	trail = capture_trail(run.capture);
	assert_true(trail_ended(trail));
	assert_int_equal(trail_scans(trail), 5 * BLOCK_SCANS);
	assert_int_equal(trail_records_missing(trail), 0);
	assert_int_equal(trail_gaps(trail)->count, 1);
	assert_int_equal(trail_gaps(trail)->kept[0].at, 2 * BLOCK_SCANS);
	assert_int_equal(trail_gaps(trail)->kept[0].lost, 50);
}

static void one_reader_serves_one_capture_after_the_other(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(capture_blocks(3), 0);
		assert_int_equal(capture_finish(run.capture), 0);
		assert_int_equal(trail_scans(capture_trail(run.capture)), 3 * BLOCK_SCANS);
		capture_free(run.capture);
		run.capture = NULL;
	}
}

static void records_that_break_the_protocol_end_the_capture(void **state)
{
	const struct session_settings settings = { .records = run.records };
	const struct iiobridge_record record = {
		.run = 1,
		.sequence = UINT64_MAX,
		.bytes = BLOCK,
	};
	int r = 0;

	(void)state;
	assert_int_equal(capture_new(run.device, &settings, &run.capture), 0);
	assert_int_equal(capture_start(run.capture, 0, take_scans, NULL), 0);
	fake_send_record(&record);
	for (int i = 0; i < 10 && r == 0; i++)
		r = capture_poll(run.capture, 0);
	assert_int_equal(r, -EPROTO);
	assert_non_null(strstr(failure.message, "no converter is that fast"));
	capture_finish(run.capture);
}

static void a_run_without_an_end_is_told(void **state)
{
	(void)state;
	fake_records.no_end = true;
	assert_int_equal(capture_blocks(2), 0);
	assert_int_equal(capture_finish(run.capture), -ETIMEDOUT);
	assert_string_equal(failure.message, "the board at 001:005 did not send the last records "
					     "of route 0 (rx) within 1000 ms");
}

static void a_refused_start_has_no_records_to_wait_for(void **state)
{
	(void)state;
	fake.refused_request = IIOBRIDGE_START;
	fake_records.no_end = true;
	assert_int_equal(capture_blocks(2), -EREMOTEIO);
	assert_int_equal(capture_finish(run.capture), 0);
}

static void a_capture_that_does_not_follow_records_has_none(void **state)
{
	const struct session_settings settings = { 0 };

	(void)state;
	assert_int_equal(capture_new(run.device, &settings, &run.capture), 0);
	assert_null(capture_trail(run.capture));
}

static void a_playback_has_records_too(void **state)
{
	const struct session_settings settings = { .records = run.records };
	const time_t end = time(NULL) + LIMIT_SECONDS;
	int r = 0;

	(void)state;
	fake_become_playback();
	assert_int_equal(play_new(run.device, &settings, &run.play), 0);
	play_begin(run.play, 0, give_scans, NULL);
	while (r == 0 && !play_complete(run.play) && time(NULL) < end)
		r = play_poll(run.play, 0);
	assert_int_equal(r, 0);
	assert_int_equal(play_finish(run.play), 0);
	assert_true(trail_ended(play_trail(run.play)));
	assert_int_equal(trail_scans(play_trail(run.play)), 5 * BLOCK_SCANS / 2);
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	memset(&run, 0, sizeof(run));
	return begin_reading();
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(run.capture);
	play_free(run.play);
	records_free(run.records);
	return fake_close(run.list, run.device);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_route_gets_its_records),
		TEST(records_come_in_the_hosts_byte_order),
		TEST(what_is_no_record_is_refused),
		TEST(what_is_reserved_must_be_0),
		TEST(the_consumer_can_end_the_reading),
		TEST(a_board_without_such_an_endpoint_is_refused),
		TEST(a_capture_follows_its_records_to_the_end),
		TEST(one_reader_serves_one_capture_after_the_other),
		TEST(records_that_break_the_protocol_end_the_capture),
		TEST(a_run_without_an_end_is_told),
		TEST(a_refused_start_has_no_records_to_wait_for),
		TEST(a_capture_that_does_not_follow_records_has_none),
		TEST(a_playback_has_records_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
