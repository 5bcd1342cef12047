/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_library_tx.h - a board that plays, for tests of iiobridge_tx_*()
 */
#ifndef TEST_LIBRARY_TX_H
#define TEST_LIBRARY_TX_H

#include "test_library_call.h"

#define BLOCK	   65536
#define SAMPLES	   (BLOCK / 4) /* in a block */
#define BLOCKS	   8	       /* that the board has */
#define TIMEOUT_MS 100000      /* for what must come */
/* With 16 MiB for all, of which a stream takes 7. */
#define TRANSFERS 112
#define MEMORY	  ((size_t)8 << 20) /* of the settings, in which copies wait */
#define ROUTE	  (&fake.routes[0])

static struct iiobridge_board *board;
static struct iiobridge_tx *tx;
static uint32_t words[16 * SAMPLES]; /* each is its own place */

static inline int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_make_tx(0);
	tx = NULL;
	for (uint32_t i = 0; i < 16 * SAMPLES; i++)
		words[i] = i;
	return iiobridge_board_open(NULL, &board);
}

static inline int tear_down(void **state)
{
	(void)state;
	iiobridge_tx_close(tx);
	iiobridge_board_close(board);
	return fake_check();
}

static inline int release(void **state)
{
	(void)state;
	fake_release();
	return 0;
}

static inline void open_tx(void)
{
	assert_int_equal(iiobridge_tx_open(board, 0, NULL, &tx), 0);
}

/* Sends samples from one place to another, both below 16 blocks. */
static inline void write_words(size_t from, size_t to)
{
	assert_int_equal(iiobridge_tx_write(tx, words + from, to - from, TIMEOUT_MS), to - from);
}

/* The same, however many they are. */
static inline void write_many(size_t samples)
{
	uint32_t part[5000];

	for (size_t done = 0; done < samples;) {
		const size_t count = samples - done < 5000 ? samples - done : 5000;

		for (size_t i = 0; i < count; i++)
			part[i] = (uint32_t)(done + i);
		assert_int_equal(iiobridge_tx_write(tx, part, count, TIMEOUT_MS), count);
		done += count;
	}
}

static inline void end(void)
{
	assert_int_equal(iiobridge_tx_end(tx), 0);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), 1);
}

/* The board got so many samples and silence up to a whole block, and knew in time where they end.
 */
static inline void assert_received(uint64_t samples)
{
	const uint64_t size = samples * 4, block = ROUTE->info.block_size;
	const uint64_t whole = (size + block - 1) / block * block;
	const uint32_t *got = (const uint32_t *)(const void *)ROUTE->data;
	bool good = true;

	assert_int_equal(ROUTE->finish, size);
	assert_true(ROUTE->sent_at_finish < size);
	assert_int_equal(ROUTE->sent, whole);
	assert_int_equal(ROUTE->received, whole);
	for (uint64_t i = 0; i < whole / 4; i++)
		good = good && got[i] == (i < samples ? i : 0);
	assert_true(good);
}

static inline void set_rate(uint64_t hertz)
{
	ROUTE->info.sample_rate_millihertz = ROUTE->configured.sample_rate_millihertz =
		1000 * hertz;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
