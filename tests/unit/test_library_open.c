// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a stream asks of a board and of the bus when it is opened.
 */
#include "library/stream.h"

#include "test_library_rx.h"

#define PROTOCOL IIOBRIDGE_ERROR_PROTOCOL

/* Such a stream cannot be opened. */
static void assert_refused(const struct iiobridge_stream_settings *settings, int code,
			   const char *why)
{
	assert_int_equal(iiobridge_rx_open(board, 0, settings, &rx), code);
	rx = NULL;
	assert_message(why);
	assert_int_equal(fake.claims + fake.transfers, 0);
}

static size_t size_of(size_t block_size, size_t step)
{
	unsigned int count;
	size_t size;

	transfers_choose(block_size, step, (size_t)8 << 20, &size, &count);
	assert_in_range(count, 4, 128);
	assert_int_equal(block_size % size, 0);
	return size;
}

static void transfers_divide_blocks(void **state)
{
	clock_t begin;

	(void)state;
	assert_int_equal(size_of(16384, 1024), 16384);
	assert_int_equal(size_of(1048576, 1024), 1048576);
	assert_int_equal(size_of(4194304, 1024), 1048576);
	assert_int_equal(size_of(3145728, 512), 1048576);
	assert_int_equal(size_of(1536 * 1024, 1024), 768 * 1024);
	assert_int_equal(size_of(1024, 1024), 1024);
	/* 1031 and 2 are the only divisors in packets: a transfer of two packets would crawl. */
	assert_int_equal(size_of(2 * 1031 * 1024, 1024), 1031 * 1024 * 2);
	/* A board may say anything; to see that a prime number has no part takes no seconds. */
	begin = clock();
	assert_int_equal(size_of(4294967291, 1), 4294967291);
	assert_true(clock() - begin < CLOCKS_PER_SEC / 2);
}

static void settings_that_do_not_fit_are_refused_before_anything_is_changed(void **state)
{
	struct iiobridge_stream_settings settings = { .block_size = 8388608 };

	(void)state;
	assert_refused(&settings, IIOBRIDGE_ERROR_INVALID, "at most 4194304");
	assert_message("too large for route 0 (rx)");
	settings.block_size = 1000;
	assert_refused(&settings, IIOBRIDGE_ERROR_INVALID, "multiple of 1024");
	assert_string_equal(fake.log, "");
}

static void settings_that_fit_are_those_of_the_stream(void **state)
{
	const struct iiobridge_stream_settings settings = {
		.channel_mask = 2,
		.block_size = 2048,
	};
	const struct iiobridge_route *route;

	(void)state;
	ROUTE->allowance = 1;
	assert_int_equal(iiobridge_rx_open(board, 0, &settings, &rx), 0);
	route = iiobridge_rx_route(rx);
	assert_int_equal(iiobridge_route_channel_mask(route), 2);
	assert_int_equal(iiobridge_route_block_size(route), 2048);
	assert_int_equal(iiobridge_route_sample_size(route), 2);
	assert_int_equal(iiobridge_channel_offset(iiobridge_route_channel(route, 0)), -1);
	assert_int_equal(iiobridge_channel_offset(iiobridge_route_channel(route, 1)), 0);
	start();
	assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), 1);
	assert_int_equal(block.samples, 1024);
	iiobridge_rx_close(rx);
	/* The next one has what is configured again. */
	open_rx(NULL);
	assert_int_equal(iiobridge_route_sample_size(iiobridge_rx_route(rx)), 4);
}

static uint32_t flags_of_stream(uint32_t flags)
{
	const struct iiobridge_stream_settings settings = { .flags = flags };

	open_rx(&settings);
	iiobridge_rx_close(rx);
	rx = NULL;
	return fake.parameter_flags;
}

/* A board of before 1.4 would refuse to start. */
static void a_board_is_told_that_its_records_are_waited_for(void **state)
{
	(void)state;
	assert_int_equal(flags_of_stream(IIOBRIDGE_STREAM_WAIT_FOR_RECORDS), 0);
	fake.info.version_minor = 4;
	open_board_with_routes(1);
	assert_int_equal(flags_of_stream(IIOBRIDGE_STREAM_WAIT_FOR_RECORDS),
			 IIOBRIDGE_PROMPT_RECORDS);
	assert_int_equal(flags_of_stream(IIOBRIDGE_STREAM_KEEP_RECORDS), 0);
}

static void a_board_that_ignores_the_settings_is_not_received_from(void **state)
{
	const struct iiobridge_stream_settings settings = { .channel_mask = 1 };

	(void)state;
	fake.ignores_parameters = true;
	assert_refused(&settings, PROTOCOL, "channel mask 0x1");
}

static void impossible_routes_are_refused(void **state)
{
	const struct iiobridge_route_info good = ROUTE->info;

	(void)state;
	fake.ignores_parameters = true;
	ROUTE->info.bytes_per_scan = 0;
	assert_refused(NULL, PROTOCOL, "does not tell the size of its blocks and samples");
	ROUTE->info = good;
	ROUTE->info.block_size = 0;
	assert_refused(NULL, PROTOCOL, "does not tell the size of its blocks and samples");
	ROUTE->info = good;
	ROUTE->info.block_size = 1000;
	assert_refused(NULL, PROTOCOL, "impossible sizes");
	ROUTE->info = good;
	ROUTE->info.bytes_per_scan = 6;
	assert_refused(NULL, PROTOCOL, "impossible sizes");
	ROUTE->info = good;
	ROUTE->info.channel_mask = 0;
	assert_refused(NULL, PROTOCOL,
		       "route 0 (rx) has samples of 4 bytes, but no channel in them");
	ROUTE->info = good;
	ROUTE->info.endpoint_in = 0x89;
	assert_refused(NULL, PROTOCOL, "no such bulk endpoint");
	ROUTE->info = good;
	ROUTE->info.direction = IIOBRIDGE_PLAYBACK;
	assert_refused(NULL, IIOBRIDGE_ERROR_INVALID, "is not a capture route");
	assert_int_equal(iiobridge_rx_open(board, 5, NULL, &rx), IIOBRIDGE_ERROR_INVALID);
	rx = NULL;
}

/* A start that the board cannot plan has no sizes; the reason comes with the refusal. */
static void a_start_that_cannot_be_planned_is_explained(void **state)
{
	(void)state;
	ROUTE->configured.block_size = 0;
	fake.refused_request = IIOBRIDGE_START;
	strcpy(fake.error.message, "no scan for channel mask 0x2");
	assert_refused(NULL, IIOBRIDGE_ERROR_REFUSED, "no scan for channel mask 0x2");
}

/* Those in flight are taken, and then it is told that no more can be asked for. */
static void memory_that_the_kernel_takes_away_ends_a_stream(void **state)
{
	uint64_t next = 0;
	int r;

	(void)state;
	begin(0, 3);
	settle();
	fake_set(fake.submit_limit = 0; ROUTE->allowance = -1);
	while ((r = iiobridge_rx_acquire(rx, TIMEOUT_MS, &block)) == 1) {
		assert_int_equal(block.first_sample, next);
		assert_right(block.data, block.samples, next);
		next += block.samples;
		iiobridge_rx_release(rx, &block);
	}
	assert_int_equal(r, IIOBRIDGE_ERROR_NO_MEMORY);
	assert_message("usbfs_memory_mb");
	assert_in_range(next, (TRANSFERS - 1) * SAMPLES, TRANSFERS * SAMPLES);
	assert_int_equal(iiobridge_rx_acquire(rx, 1, &block), IIOBRIDGE_ERROR_NO_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(transfers_divide_blocks),
		TEST(settings_that_do_not_fit_are_refused_before_anything_is_changed),
		TEST(settings_that_fit_are_those_of_the_stream),
		TEST(a_board_is_told_that_its_records_are_waited_for),
		TEST(a_board_that_ignores_the_settings_is_not_received_from),
		TEST(impossible_routes_are_refused),
		TEST(a_start_that_cannot_be_planned_is_explained),
		TEST(memory_that_the_kernel_takes_away_ends_a_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
