// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waveforms that a board repeats.
 */
#include "library/tx.h"

#include "test_library_tx.h"

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

/* 32 copies of 1001 samples of 4 bytes are a multiple of 128 bytes, and so are 4 of 1000. */
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

static void repeat(size_t samples)
{
	assert_int_equal(iiobridge_tx_repeat(tx, words, samples), 0);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), 1);
}

/* The board got copies of a counter of this length, and then knew that they repeat. */
static void assert_repeats(uint64_t samples)
{
	const uint32_t *got = (const uint32_t *)(const void *)ROUTE->data;
	const uint64_t total = samples * waveform_copies(samples * 4, BLOCK, BLOCKS);
	bool good = true;

	assert_int_equal(ROUTE->finish, total * 4);
	assert_int_equal(ROUTE->finish_flags, IIOBRIDGE_FINISH_REPEAT);
	assert_int_equal(ROUTE->received, (total * 4 + BLOCK - 1) / BLOCK * BLOCK);
	assert_int_equal(ROUTE->sent_at_finish, ROUTE->received - BLOCK);
	for (uint64_t i = 0; i < ROUTE->received / 4; i++)
		good = good && got[i] == (i < total ? i % samples : 0);
	assert_true(good);
}

/* Each block begins with as many copies of a counter of this length as fit, and silence. */
static void assert_repeats_alike(uint64_t samples)
{
	const uint32_t *got = (const uint32_t *)(const void *)ROUTE->data;
	const uint64_t there = SAMPLES / samples * samples;
	bool good = true;

	assert_int_equal(ROUTE->finish, (BLOCKS - 1) * BLOCK + there * 4);
	assert_int_equal(ROUTE->finish_flags, IIOBRIDGE_FINISH_REPEAT | IIOBRIDGE_FINISH_ALIKE);
	assert_int_equal(ROUTE->received, BLOCKS * BLOCK);
	assert_int_equal(ROUTE->sent_at_finish, ROUTE->received - BLOCK);
	for (uint64_t i = 0; i < BLOCKS * SAMPLES; i++) {
		const uint64_t place = i % SAMPLES;

		good = good && got[i] == (place < there ? place % samples : 0);
	}
	assert_true(good);
}

static void a_waveform_is_repeated(void **state)
{
	static const size_t lengths[] = { 1, 1000, SAMPLES, SAMPLES + 1, BLOCKS * SAMPLES };

	(void)state;
	open_tx();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(iiobridge_tx_repeater(tx), IIOBRIDGE_REPEATER_NONE);
		repeat(lengths[i]);
		assert_repeats(lengths[i]);
		assert_int_equal(iiobridge_tx_repeater(tx), IIOBRIDGE_REPEATER_DAEMON);
		assert_true(iiobridge_tx_played(tx) > 0);
		assert_true(ROUTE->running);
		assert_int_equal(iiobridge_tx_stop(tx), 0);
		assert_false(ROUTE->running);
	}
	/* And then samples are, which are not repeated. */
	write_words(0, 100);
	end();
	assert_received(100);
}

static void a_kernel_gets_the_same_in_each_block(void **state)
{
	static const size_t lengths[] = { 1, 1000, 3001, SAMPLES / 2 + 1, SAMPLES };

	(void)state;
	ROUTE->info.cyclic = ROUTE->configured.cyclic = IIOBRIDGE_CYCLIC_KERNEL;
	open_tx();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		fake_set(ROUTE->info.repeating = IIOBRIDGE_REPEATING_KERNEL);
		repeat(lengths[i]);
		assert_repeats_alike(lengths[i]);
		assert_int_equal(iiobridge_tx_repeater(tx), IIOBRIDGE_REPEATER_KERNEL);
		assert_int_equal(iiobridge_tx_stop(tx), 0);
		/* Where it is not repeated by the kernel, the DAC is seen to play. */
		fake_set(ROUTE->info.repeating = IIOBRIDGE_REPEATING_DAEMON);
		repeat(lengths[i]);
		assert_repeats_alike(lengths[i]);
		assert_int_equal(iiobridge_tx_repeater(tx), IIOBRIDGE_REPEATER_DAEMON);
		assert_int_equal(iiobridge_tx_stop(tx), 0);
	}
	fake_set(ROUTE->info.repeating = IIOBRIDGE_REPEATING_NOTHING);
}

static void what_does_not_fit_a_block_is_not_for_the_kernel(void **state)
{
	(void)state;
	ROUTE->info.cyclic = ROUTE->configured.cyclic = IIOBRIDGE_CYCLIC_KERNEL;
	open_tx();
	repeat(SAMPLES + 1);
	assert_repeats(SAMPLES + 1);
}

static void what_does_not_fit_the_blocks_is_refused(void **state)
{
	(void)state;
	open_tx();
	assert_int_equal(iiobridge_tx_repeat(tx, words, BLOCKS * SAMPLES + 1),
			 IIOBRIDGE_ERROR_INVALID);
	assert_message("at most 131072 samples (8 blocks of 65536 bytes)");
	assert_message("\"blocks\" and \"block_size\" in the board's configuration");
	assert_int_equal(iiobridge_tx_repeat(tx, words, 0), IIOBRIDGE_ERROR_INVALID);
	assert_message("nothing to play");
	assert_string_equal(fake.log, "parameters stop ");
	write_words(0, 1);
	assert_int_equal(iiobridge_tx_repeat(tx, words, 1), IIOBRIDGE_ERROR_INVALID);
	assert_message("samples were sent");
}

static void it_goes_on_when_the_stream_is_released(void **state)
{
	(void)state;
	open_tx();
	repeat(1000);
	iiobridge_tx_detach(tx);
	assert_repeats(1000);
	assert_true(ROUTE->running);
	assert_string_equal(fake.log, "parameters stop start send finish send ");
	open_tx();
	assert_false(ROUTE->running);
	repeat(1000);
	iiobridge_tx_close(tx);
	tx = NULL;
	assert_false(ROUTE->running);
}

static void a_board_that_does_not_begin_to_repeat_is_told(void **state)
{
	(void)state;
	fake.hold = true;
	set_rate(1000000);
	open_tx();
	assert_int_equal(iiobridge_tx_repeat(tx, words, 1000), 0);
	assert_int_equal(iiobridge_tx_drain(tx, 0), 0);
	fake_wait_for(fake.requests[IIOBRIDGE_GET_STATISTICS] > 4);
	atomic_fetch_add(&fake_ahead_s, 20);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_TIMEOUT);
	assert_message("does not come to the end");
	assert_int_equal(iiobridge_tx_repeater(tx), IIOBRIDGE_REPEATER_NONE);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	assert_false(ROUTE->running);
}

static void a_route_that_stops_is_told(void **state)
{
	(void)state;
	ROUTE->stop_at = 2;
	strcpy(fake.error.message, "the converter went away");
	open_tx();
	iiobridge_tx_repeat(tx, words, 1000);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_REFUSED);
	assert_message("the converter went away");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_many_copies_as_fit_are_sent),
		TEST(the_end_suits_each_bus_where_there_is_a_choice),
		TEST(the_last_block_is_not_tiny_where_there_is_a_choice),
		TEST(a_waveform_is_repeated),
		TEST(a_kernel_gets_the_same_in_each_block),
		TEST(what_does_not_fit_a_block_is_not_for_the_kernel),
		TEST(what_does_not_fit_the_blocks_is_refused),
		TEST(it_goes_on_when_the_stream_is_released),
		TEST(a_board_that_does_not_begin_to_repeat_is_told),
		TEST(a_route_that_stops_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
