/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_library_rx.h - a board that receives, for tests of iiobridge_rx_*()
 */
#ifndef TEST_LIBRARY_RX_H
#define TEST_LIBRARY_RX_H

#include "test_library_call.h"

#define BLOCK	   65536
#define SAMPLES	   (BLOCK / 4) /* in a block */
#define TIMEOUT_MS 100000      /* for what must come */
/* With 16 MiB for all, of which a stream takes 7: of these transfers half may be kept. */
#define TRANSFERS 112
#define KEPT	  (TRANSFERS / 2)
#define MEMORY	  ((size_t)8 << 20) /* of the settings, in which copies wait */
#define ROUTE	  (&fake.routes[0])

static struct iiobridge_board *board;
static struct iiobridge_rx *rx;
static struct iiobridge_block block;
static uint32_t data[8 * SAMPLES];

static inline int set_up(void **state)
{
	(void)state;
	fake_reset();
	rx = NULL;
	return iiobridge_board_open(NULL, &board);
}

static inline int tear_down(void **state)
{
	(void)state;
	iiobridge_rx_close(rx);
	iiobridge_board_close(board);
	return fake_check();
}

static inline void open_board_with_routes(uint8_t count)
{
	iiobridge_board_close(board);
	fake.info.route_count = count;
	assert_int_equal(iiobridge_board_open(NULL, &board), 0);
}

static inline void open_rx(const struct iiobridge_stream_settings *settings)
{
	assert_int_equal(iiobridge_rx_open(board, 0, settings, &rx), 0);
}

static inline void start(void)
{
	assert_int_equal(iiobridge_rx_start(rx), 0);
}

/* Opens and starts a stream with these flags, of a board that sends so many transfers. */
static inline void begin(uint32_t flags, long transfers)
{
	const struct iiobridge_stream_settings settings = { .flags = flags };

	ROUTE->allowance = transfers;
	open_rx(&settings);
	start();
}

/* The board sends so many more, and the library has them, and their records. */
static inline void send(long transfers)
{
	fake_set(ROUTE->allowance += transfers);
	fake_wait_for(ROUTE->allowance == 0 && !fake.calling);
	fake_wait_for((!fake.messages || fake.hold_records) && !fake.calling);
}

/* All of a run that was begun with a number of transfers. */
static inline void settle(void)
{
	send(0);
}

/* Each sample is its own place on the clock. */
static inline void assert_right(const void *samples, size_t count, uint64_t first)
{
	const uint32_t *words = samples;
	bool right = true;

	for (size_t i = 0; i < count; i++)
		right = right && words[i] == (uint32_t)(first + i);
	assert_true(right);
}

/* Acquires the next samples, which begin here, and says how many. */
static inline size_t acquire(uint64_t first)
{
	assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), 1);
	assert_int_equal(block.first_sample, first);
	assert_right(block.data, block.samples, first);
	return block.samples;
}

static inline size_t take(uint64_t first)
{
	const size_t samples = acquire(first);

	iiobridge_rx_release(rx, &block);
	return samples;
}

static inline int64_t read_samples(size_t samples)
{
	return iiobridge_rx_read(rx, data, samples, TIMEOUT_MS, &block);
}

/* What is next without waiting. */
static inline int now(void)
{
	return iiobridge_rx_acquire(rx, 0, &block);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
