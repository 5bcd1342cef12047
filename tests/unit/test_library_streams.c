// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_host_fake.h"

#include <iiobridge/iiobridge.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BLOCK_SCANS 16384
#define TIMEOUT_MS  5000
#define SHORT_MS    300
#define TURNS	    100
#define QUESTIONS   200

static struct iiobridge_board *board;
static struct iiobridge_capture *capture;
static struct iiobridge_playback *playback;
static struct iiobridge_piece piece;
static uint32_t data[4 * BLOCK_SCANS];

/* The library wakes whoever waits for the bus in memory; nobody ever does. */
void libusb_interrupt_event_handler(libusb_context *context)
{
	(void)context;
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake.use_counter = true;
	return iiobridge_open(NULL, &board);
}

static int set_up_playback(void **state)
{
	(void)state;
	fake_reset();
	fake_become_playback();
	return iiobridge_open(NULL, &board);
}

static int tear_down(void **state)
{
	(void)state;
	iiobridge_close(board);
	return fake.transfers + fake.memories + fake.queued + fake_records.queued ? -1 : 0;
}

static int bus_only(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void boards_are_listed_with_what_they_say(void **state)
{
	struct iiobridge_list *list;

	(void)state;
	fake.device_count = 3;
	fake.devices[1].interface_name = "another's";
	fake.devices[2].interface_name = IIOBRIDGE_INTERFACE_NAME;
	fake.devices[2].serial = "two";
	strcpy(fake.info.model, "a model");
	assert_int_equal(iiobridge_list_new(&list), 0);
	assert_int_equal(iiobridge_list_count(list), 2);
	assert_string_equal(iiobridge_list_serial(list, 0), "one");
	assert_string_equal(iiobridge_list_serial(list, 1), "two");
	assert_string_equal(iiobridge_list_info(list, 1)->model, "a model");
	iiobridge_list_free(list);
}

static void no_board_is_an_empty_list(void **state)
{
	struct iiobridge_list *list;

	(void)state;
	fake.device_count = 0;
	assert_int_equal(iiobridge_list_new(&list), 0);
	assert_int_equal(iiobridge_list_count(list), 0);
	iiobridge_list_free(list);
}

static void a_board_that_cannot_be_opened_hides_no_other(void **state)
{
	struct iiobridge_list *list;

	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	assert_int_equal(iiobridge_list_new(&list), -EACCES);
	assert_non_null(strstr(iiobridge_message(), "no permission to open the board at 001:005"));

	fake.device_count = 2;
	fake.devices[1].interface_name = IIOBRIDGE_INTERFACE_NAME;
	fake.devices[1].serial = "two";
	assert_int_equal(iiobridge_list_new(&list), 0);
	assert_int_equal(iiobridge_list_count(list), 1);
	assert_string_equal(iiobridge_list_serial(list, 0), "two");
	iiobridge_list_free(list);
}

static void a_board_is_opened_by_its_serial_number(void **state)
{
	struct iiobridge_board *two;

	(void)state;
	fake.device_count = 2;
	fake.devices[1].interface_name = IIOBRIDGE_INTERFACE_NAME;
	fake.devices[1].serial = "two";
	assert_int_equal(iiobridge_open("two", &two), 0);
	assert_string_equal(iiobridge_serial(two), "two");
	iiobridge_close(two);

	assert_int_equal(iiobridge_open("three", &two), -ENOENT);
	assert_string_equal(iiobridge_message(),
			    "no board has the serial number three; there is: one, two");
	assert_int_equal(iiobridge_open(NULL, &two), -EINVAL);
	assert_string_equal(iiobridge_message(),
			    "there are 2 boards: choose one by its serial number: one, two");
}

static void routes_and_channels_are_told(void **state)
{
	struct iiobridge_route_info route;
	struct iiobridge_channel_info channel;

	(void)state;
	assert_int_equal(iiobridge_info(board)->route_count, 1);
	assert_int_equal(iiobridge_find_route(board, NULL, IIOBRIDGE_CAPTURE), 0);
	assert_int_equal(iiobridge_find_route(board, "rx", IIOBRIDGE_PLAYBACK), 0);
	assert_int_equal(iiobridge_find_route(board, "tx", IIOBRIDGE_CAPTURE), -EINVAL);
	assert_string_equal(iiobridge_message(),
			    "the board at 001:005 has no route \"tx\"; it has: rx");
	assert_int_equal(iiobridge_get_route(board, 0, &route), 0);
	assert_string_equal(route.name, "rx");
	assert_int_equal(iiobridge_get_channel(board, 0, 1, &channel), 0);
	assert_int_equal(channel.bits, 16);
}

static void *read_message(void *context)
{
	(void)context;
	return (void *)iiobridge_message();
}

static void each_thread_has_its_own_message(void **state)
{
	pthread_t thread;
	void *message;

	(void)state;
	assert_int_equal(iiobridge_find_route(board, "tx", IIOBRIDGE_CAPTURE), -EINVAL);
	pthread_create(&thread, NULL, read_message, NULL);
	pthread_join(thread, &message);
	assert_ptr_not_equal(message, iiobridge_message());
	assert_string_not_equal(iiobridge_message(), "");
}

static void start(void)
{
	assert_int_equal(iiobridge_capture_start(board, 0, NULL, &capture), 0);
}

static void stop(int wanted)
{
	assert_int_equal(iiobridge_capture_stop(capture, NULL), wanted);
}

static ssize_t read_scans(size_t scans)
{
	return iiobridge_capture_read(capture, data, scans, TIMEOUT_MS, &piece);
}

/* Each scan is its own place on the clock. */
static void assert_right(ssize_t scans)
{
	for (ssize_t i = 0; i < scans; i++)
		assert_int_equal(data[i], (uint32_t)piece.first_scan + i);
}

static void scans_come_in_order_with_their_places(void **state)
{
	struct iiobridge_statistics end;
	uint64_t next = 0;

	(void)state;
	start();
	while (next < 10 * BLOCK_SCANS) {
		const ssize_t got = read_scans(5000);

		assert_in_range(got, 1, 5000);
		assert_int_equal(piece.first_scan, next);
		assert_int_equal(piece.flags, 0);
		assert_right(got);
		next += (uint64_t)got;
	}
	assert_int_equal(iiobridge_capture_stop(capture, &end), 0);
	assert_int_equal(end.starts, 1);
	assert_int_equal(end.gaps, 0);
	assert_false(fake.running);
}

static void a_gap_is_told_with_the_first_scan_behind_it(void **state)
{
	uint64_t before = 0;
	ssize_t got;

	(void)state;
	fake_records.gap_block = 3;
	fake_records.gap_scans = 1000;
	start();
	while ((got = read_scans(4 * BLOCK_SCANS)) > 0 && !(piece.flags & IIOBRIDGE_PIECE_GAP)) {
		assert_right(got);
		before += (uint64_t)got;
	}
	assert_int_equal(before, 3 * BLOCK_SCANS);
	assert_int_equal(piece.first_scan, 3 * BLOCK_SCANS + 1000);
	assert_int_equal(piece.scans_lost, 1000);
	assert_right(got);
	stop(0);
}

/* No block has a record, so that nothing can be read, until the memory for it is full. */
static void a_late_reader_makes_the_board_wait(void **state)
{
	struct iiobridge_record record = { 0 };
	uint64_t next = 0;

	(void)state;
	fake_records.silent = true;
	start();
	for (int i = 0; i < TURNS && fake.queued > 0; i++)
		assert_int_equal(iiobridge_capture_read(capture, data, 1, SHORT_MS, &piece), 0);
	assert_int_equal(fake.queued, 0);

	record.run = 1;
	record.sequence = fake_records.run.sequence - 1;
	record.first_scan = record.sequence * BLOCK_SCANS;
	record.bytes = fake.route.block_size;
	fake_send_record(&record);
	fake_records.silent = false;
	while (next < 2 * record.first_scan) {
		const ssize_t got = read_scans(4 * BLOCK_SCANS);

		assert_true(got > 0);
		assert_int_equal(piece.first_scan, next);
		assert_int_equal(piece.flags,
				 next < record.first_scan ? IIOBRIDGE_PIECE_NO_RECORD : 0);
		assert_right(got);
		next += (uint64_t)got;
	}
	stop(0);
}

static void a_board_that_goes_away_is_told_behind_its_scans(void **state)
{
	uint64_t scans = 0;
	ssize_t got;

	(void)state;
	fake.fail_at = 3;
	fake.fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	start();
	while ((got = read_scans(BLOCK_SCANS)) > 0)
		scans += (uint64_t)got;
	assert_int_equal(scans, 3 * BLOCK_SCANS);
	assert_int_equal(got, -ENODEV);
	assert_string_equal(iiobridge_message(), "the board at 001:005 went away");
	assert_int_equal(read_scans(1), -ENODEV);
	fake.control_error = LIBUSB_ERROR_NO_DEVICE;
	stop(0);
	fake.control_error = 0;
}

static void a_route_that_stops_by_itself_is_explained(void **state)
{
	uint64_t scans = 0;
	ssize_t got;

	(void)state;
	fake.stop_at = 2;
	fake.error.code = IIOBRIDGE_FAULT;
	strcpy(fake.error.message, "the converter went away");
	start();
	while ((got = read_scans(BLOCK_SCANS)) > 0)
		scans += (uint64_t)got;
	assert_int_equal(scans, 2 * BLOCK_SCANS);
	assert_int_equal(got, -EREMOTEIO);
	assert_string_equal(iiobridge_message(),
			    "the board at 001:005 stopped route 0 (rx): the converter went away");
	fake_records.no_end = true;
	iiobridge_capture_stop(capture, NULL);
}

static void what_cannot_be_started_leaves_nothing(void **state)
{
	const struct iiobridge_parameters parameters = { .block_size = 1 << 30 };

	(void)state;
	assert_int_equal(iiobridge_capture_start(board, 5, NULL, &capture), -EINVAL);
	assert_string_equal(iiobridge_message(), "there is no route 5: the board at 001:005 has 1, "
						 "and the first is route 0");
	assert_int_equal(iiobridge_capture_start(board, 0, &parameters, &capture), -EINVAL);
	assert_non_null(strstr(iiobridge_message(), "too large for route 0 (rx)"));
	assert_int_equal(iiobridge_playback_start(board, 0, NULL, &playback), -EINVAL);
	assert_string_equal(iiobridge_message(), "route 0 (rx) is not a playback route");

	fake.refused_request = IIOBRIDGE_START;
	strcpy(fake.error.message, "no memory for the blocks");
	assert_int_equal(iiobridge_capture_start(board, 0, NULL, &capture), -EREMOTEIO);
	assert_string_equal(iiobridge_message(),
			    "the board at 001:005 refused START: no memory for the blocks");
	assert_int_equal(fake.transfers, 0);

	fake.refused_request = 0;
	start();
	assert_true(read_scans(1) == 1);
	stop(0);
}

static void *ask_again_and_again(void *context)
{
	struct iiobridge_statistics statistics;
	int *result = context;

	for (int i = 0; i < QUESTIONS && *result == 0; i++)
		*result = iiobridge_get_statistics(board, 0, &statistics);
	return NULL;
}

static void another_thread_may_ask_meanwhile(void **state)
{
	pthread_t thread;
	uint64_t next = 0;
	int result = 0;

	(void)state;
	start();
	pthread_create(&thread, NULL, ask_again_and_again, &result);
	while (next < 100 * BLOCK_SCANS) {
		const ssize_t got = read_scans(4 * BLOCK_SCANS);

		assert_true(got > 0);
		assert_int_equal(piece.first_scan, next);
		assert_right(got);
		next += (uint64_t)got;
	}
	pthread_join(thread, NULL);
	assert_int_equal(result, 0);
	stop(0);
}

static void begin(void)
{
	assert_int_equal(iiobridge_playback_start(board, 0, NULL, &playback), 0);
	for (size_t i = 0; i < 4 * BLOCK_SCANS; i++)
		data[i] = (uint32_t)i;
}

static ssize_t write_scans(size_t from, size_t to)
{
	return iiobridge_playback_write(playback, data + from, to - from, TIMEOUT_MS);
}

static void all_that_is_written_is_played(void **state)
{
	static const size_t ends[] = { 1, 1, 16384, 16385, 40000, 60001 };
	struct iiobridge_underrun underrun;
	struct iiobridge_statistics end;
	size_t done = 0;

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		assert_int_equal(write_scans(done, ends[i]), ends[i] - done);
		done = ends[i];
	}
	assert_int_equal(iiobridge_playback_finish(playback, TIMEOUT_MS), 1);
	assert_int_equal(iiobridge_playback_finish(playback, 0), 1);
	assert_int_equal(fake.finish, done * 4);
	assert_memory_equal(fake_received, data, done * 4);
	assert_int_equal(iiobridge_playback_next_underrun(playback, &underrun), 0);
	assert_int_equal(iiobridge_playback_stop(playback, &end), 0);
	assert_int_equal(end.bytes_drained, done * 4);
}

static void an_underrun_is_told_at_its_place(void **state)
{
	struct iiobridge_underrun underrun;

	(void)state;
	begin();
	/* The board gets a block when there is more than it. */
	assert_int_equal(write_scans(0, BLOCK_SCANS + 1), BLOCK_SCANS + 1);
	assert_int_equal(iiobridge_playback_write(playback, data, 0, SHORT_MS), 0);
	fake_records.run.gap = true;
	fake_records.run.next_scan += 77;
	assert_int_equal(write_scans(BLOCK_SCANS + 1, 3 * BLOCK_SCANS), 2 * BLOCK_SCANS - 1);
	assert_int_equal(iiobridge_playback_finish(playback, TIMEOUT_MS), 1);
	assert_int_equal(iiobridge_playback_next_underrun(playback, &underrun), 1);
	assert_int_equal(underrun.at, BLOCK_SCANS);
	assert_int_equal(underrun.scans_missed, 77);
	assert_int_equal(iiobridge_playback_next_underrun(playback, &underrun), 0);
	assert_int_equal(iiobridge_playback_stop(playback, NULL), 0);
}

static void a_write_waits_no_longer_than_it_may(void **state)
{
	size_t taken = 0;
	ssize_t r;

	(void)state;
	begin();
	fake.busy = true; /* with 8 MiB in flight, as ever */
	while ((r = iiobridge_playback_write(playback, data, BLOCK_SCANS, SHORT_MS)) == BLOCK_SCANS)
		taken += BLOCK_SCANS;
	assert_in_range(r, 0, BLOCK_SCANS - 1);
	assert_in_range(taken + (size_t)r, 128 * BLOCK_SCANS, 130 * BLOCK_SCANS);
	fake.busy = false;
	assert_int_equal(write_scans(0, BLOCK_SCANS), BLOCK_SCANS);
	assert_int_equal(iiobridge_playback_finish(playback, TIMEOUT_MS), 1);
	assert_int_equal(fake.finish, (taken + (size_t)r + BLOCK_SCANS) * 4);
	assert_int_equal(iiobridge_playback_stop(playback, NULL), 0);
}

static void without_a_scan_there_is_nothing_to_play(void **state)
{
	(void)state;
	begin();
	assert_int_equal(iiobridge_playback_finish(playback, TIMEOUT_MS), -EINVAL);
	assert_non_null(strstr(iiobridge_message(), "there is nothing to play"));
	assert_int_equal(iiobridge_playback_stop(playback, NULL), 0);
}

static void a_board_that_goes_away_ends_a_playback(void **state)
{
	(void)state;
	begin();
	fake.fail_at = 1;
	fake.fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	assert_int_equal(write_scans(0, BLOCK_SCANS + 1), BLOCK_SCANS + 1);
	assert_int_equal(iiobridge_playback_finish(playback, TIMEOUT_MS), -ENODEV);
	assert_int_equal(write_scans(0, 1), -ENODEV);
	assert_string_equal(iiobridge_message(), "the board at 001:005 went away");
	assert_int_equal(iiobridge_playback_stop(playback, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define BUS(name)      cmocka_unit_test_setup(name, bus_only)
#define TEST(name)     cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define PLAYBACK(name) cmocka_unit_test_setup_teardown(name, set_up_playback, tear_down)
		BUS(boards_are_listed_with_what_they_say),
		BUS(no_board_is_an_empty_list),
		BUS(a_board_that_cannot_be_opened_hides_no_other),
		BUS(a_board_is_opened_by_its_serial_number),
		TEST(routes_and_channels_are_told),
		TEST(each_thread_has_its_own_message),
		TEST(scans_come_in_order_with_their_places),
		TEST(a_gap_is_told_with_the_first_scan_behind_it),
		TEST(a_late_reader_makes_the_board_wait),
		TEST(a_board_that_goes_away_is_told_behind_its_scans),
		TEST(a_route_that_stops_by_itself_is_explained),
		TEST(what_cannot_be_started_leaves_nothing),
		TEST(another_thread_may_ask_meanwhile),
		PLAYBACK(all_that_is_written_is_played),
		PLAYBACK(an_underrun_is_told_at_its_place),
		PLAYBACK(a_write_waits_no_longer_than_it_may),
		PLAYBACK(without_a_scan_there_is_nothing_to_play),
		PLAYBACK(a_board_that_goes_away_ends_a_playback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
