// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a stream hands on while all is well, or the caller is late.
 */
#include "test_library_rx.h"

static const uint8_t *filled[1024]; /* buffers of the transfers, in the order of their samples */
static unsigned int filled_count;

static void note_buffer(const struct libusb_transfer *transfer)
{
	fake_lock();
	filled[filled_count++ % 1024] = transfer->buffer;
	fake_unlock();
}

static void samples_are_acquired_where_the_transfer_has_put_them(void **state)
{
	unsigned int queued;

	(void)state;
	filled_count = 0;
	fake.on_complete = note_buffer;
	begin(0, 3);
	settle();
	queued = ROUTE->queued;
	assert_int_equal(queued, TRANSFERS - 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(acquire(i * SAMPLES), SAMPLES);
		assert_ptr_equal(block.data, filled[i]);
		assert_int_equal(block.flags, 0);
		assert_int_equal(ROUTE->queued, queued + i);
		iiobridge_rx_release(rx, &block);
		/* It is in flight again. */
		assert_int_equal(ROUTE->queued, queued + i + 1);
	}
	assert_int_equal(now(), 0);
}

static void samples_come_in_order_with_their_places(void **state)
{
	uint64_t next = 0;

	(void)state;
	begin(0, -1);
	while (next < 100 * SAMPLES) {
		const int64_t got = read_samples(5000);

		assert_in_range(got, 1, 5000);
		assert_int_equal(block.first_sample, next);
		assert_int_equal(block.samples, got);
		assert_null(block.data);
		assert_int_equal(block.lost, 0);
		assert_right(data, (size_t)got, next);
		next += (uint64_t)got;
	}
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	assert_false(ROUTE->running);
}

static void a_read_takes_what_is_there(void **state)
{
	(void)state;
	begin(0, 3);
	settle();
	assert_int_equal(read_samples(8 * SAMPLES), 3 * SAMPLES);
	assert_right(data, 3 * SAMPLES, 0);
	assert_int_equal(iiobridge_rx_read(rx, data, 1, 0, NULL), 0);
	send(1);
	assert_int_equal(iiobridge_rx_read(rx, data, 1, 0, NULL), 1);
	assert_int_equal(read_samples(8 * SAMPLES), SAMPLES - 1);
	assert_right(data, SAMPLES - 1, 3 * SAMPLES + 1);
}

static void a_block_larger_than_a_transfer_comes_in_parts(void **state)
{
	uint64_t next = 0;

	(void)state;
	ROUTE->info.block_size = ROUTE->configured.block_size = 3 << 20;
	begin(0, -1);
	while (next < 3 << 20) {
		const size_t got = take(next);

		assert_int_equal(got, (1 << 20) / 4);
		next += got;
	}
}

/* Whole samples are in each transfer. */
static void a_sample_need_not_divide_a_packet(void **state)
{
	uint64_t next = 0;

	(void)state;
	ROUTE->info.bytes_per_scan = ROUTE->configured.bytes_per_scan = 6;
	ROUTE->info.block_size = ROUTE->configured.block_size = 3 * BLOCK;
	begin(0, -1);
	while (next < 50000) {
		assert_int_equal(iiobridge_rx_acquire(rx, TIMEOUT_MS, &block), 1);
		assert_int_equal(block.first_sample, next);
		for (size_t i = 0; i < block.samples; i++) {
			uint32_t word;

			memcpy(&word, (const uint8_t *)block.data + 6 * i, 4);
			assert_int_equal(word, next++);
		}
		iiobridge_rx_release(rx, &block);
	}
}

/* Half of the transfers wait as they are, then copies do, and then the board has to wait. */
static void a_late_reader_gets_all_that_there_was_memory_for(void **state)
{
	const unsigned int most = TRANSFERS + MEMORY / BLOCK;
	uint64_t next = 0;

	(void)state;
	begin(0, -1);
	fake_wait_for(ROUTE->queued == 0 && !fake.calling);
	assert_int_equal(ROUTE->moved, most);
	while (next < (uint64_t)(2 * most) * SAMPLES)
		next += take(next);
}

static void a_late_reader_has_the_board_wait_no_longer_than_he_is_late(void **state)
{
	uint64_t next = 0;

	(void)state;
	begin(0, -1);
	for (int round = 0; round < 4; round++) {
		fake_wait_for(ROUTE->queued == 0 && !fake.calling);
		for (unsigned int i = 0; i < TRANSFERS + MEMORY / BLOCK; i++)
			next += take(next);
	}
}

static void what_was_lost_meanwhile_is_told_as_a_gap(void **state)
{
	const unsigned int most = TRANSFERS + MEMORY / BLOCK;
	uint64_t next = 0;

	(void)state;
	ROUTE->gap_block = (int)most;
	ROUTE->gap_scans = 1234;
	begin(IIOBRIDGE_STREAM_WAIT_FOR_RECORDS, -1);
	fake_wait_for(ROUTE->queued == 0 && !fake.calling);
	for (unsigned int i = 0; i < most; i++) {
		next += take(next);
		assert_int_equal(block.flags, 0);
	}
	take(next + 1234);
	assert_int_equal(block.flags, IIOBRIDGE_BLOCK_GAP);
	assert_int_equal(block.lost, 1234);
}

static void several_may_be_acquired_and_released_in_any_order(void **state)
{
	struct iiobridge_block blocks[80];
	uint64_t next = 0;

	(void)state;
	begin(0, -1);
	for (int round = 0; round < 5; round++) {
		for (unsigned int i = 0; i < 80; i++) {
			next += acquire(next);
			blocks[i] = block;
		}
		for (unsigned int i = 0; i < 80; i++) {
			const struct iiobridge_block *old = &blocks[(i * 7 + 3) % 80];

			assert_right(old->data, old->samples, old->first_sample);
			iiobridge_rx_release(rx, old);
		}
	}
}

static void what_was_acquired_outlives_the_run(void **state)
{
	struct iiobridge_block old;

	(void)state;
	begin(0, 2);
	acquire(0);
	old = block;
	assert_int_equal(iiobridge_rx_stop(rx), 0);
	fake_set(ROUTE->allowance = -1);
	start();
	take(0);
	assert_right(old.data, old.samples, 0);
	iiobridge_rx_release(rx, &old);
	take(SAMPLES);
}

static void little_memory_of_the_kernel_means_fewer_transfers(void **state)
{
	uint64_t next = 0;

	(void)state;
	fake.no_device_memory = true;
	fake.submit_limit = 3;
	begin(0, 0);
	assert_int_equal(ROUTE->queued, 3);
	fake_set(ROUTE->allowance = -1);
	while (next < 1000000)
		next += take(next);
	assert_int_equal(ROUTE->most, 3);
}

static void too_little_memory_of_the_kernel_names_the_limit(void **state)
{
	(void)state;
	fake.submit_limit = 1;
	open_rx(NULL);
	assert_int_equal(iiobridge_rx_start(rx), IIOBRIDGE_ERROR_NO_MEMORY);
	assert_message("usbfs_memory_mb");
	fake_set(fake.submit_limit = FAKE_QUEUE);
	start();
	take(0);
}

static void three_streams_share_what_the_kernel_grants(void **state)
{
	struct iiobridge_rx *streams[3];

	(void)state;
	open_board_with_routes(3);
	fake.memory = (size_t)16 << 20;
	for (unsigned int i = 0; i < 3; i++) {
		fake.routes[i].info.block_size = fake.routes[i].configured.block_size = 1 << 20;
		fake_set(fake.routes[i].allowance = 0);
		assert_int_equal(iiobridge_rx_open(board, i, NULL, &streams[i]), 0);
		assert_int_equal(iiobridge_rx_start(streams[i]), 0);
		assert_in_range(fake.routes[i].queued, 4, 128);
	}
	assert_in_range(fake.memory_used, 12 << 20, 16 << 20);
	for (unsigned int i = 0; i < 3; i++) {
		fake_set(fake.routes[i].allowance = -1);
		assert_int_equal(iiobridge_rx_acquire(streams[i], TIMEOUT_MS, &block), 1);
		iiobridge_rx_release(streams[i], &block);
		iiobridge_rx_close(streams[i]);
	}
}

static void blocks_that_are_sent_early_end_with_a_short_transfer(void **state)
{
	(void)state;
	ROUTE->info.transfer = IIOBRIDGE_COPY_EARLY;
	ROUTE->short_at = 3;
	ROUTE->short_size = 400;
	begin(IIOBRIDGE_STREAM_WAIT_FOR_RECORDS, 5);
	settle();
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(take(i * SAMPLES), SAMPLES);
	assert_int_equal(take(3 * SAMPLES), 100);
	assert_int_equal(take(3 * SAMPLES + 100), SAMPLES);
	assert_int_equal(now(), 0);
}

/* Less than a transfer: then one waits at a time. */
static void the_least_memory_is_one_transfer(void **state)
{
	const struct iiobridge_stream_settings settings = { .memory = 1 };
	uint64_t next = 0;

	(void)state;
	open_rx(&settings);
	start();
	for (int round = 0; round < 3; round++) {
		fake_wait_for(ROUTE->queued == 0 && !fake.calling);
		for (unsigned int i = 0; i < TRANSFERS + 1; i++)
			next += take(next);
	}
}

/* It is the library's again. */
static void what_was_acquired_need_not_be_released_before_the_close(void **state)
{
	(void)state;
	begin(0, -1);
	fake_wait_for(ROUTE->queued == 0 && !fake.calling);
	for (uint64_t i = 0; i < KEPT + 2; i++)
		acquire(i * SAMPLES);
	assert_int_equal(iiobridge_rx_read(rx, data, 1, 0, NULL), 1);
	acquire((KEPT + 2) * SAMPLES + 1);
}

/* One transfer is kept at most, so that the others can go on. */
static void a_late_reader_with_few_transfers_is_waited_for_with_copies(void **state)
{
	uint64_t next = 0;

	(void)state;
	fake.no_device_memory = true;
	fake.submit_limit = 3;
	begin(0, -1);
	fake_wait_for(ROUTE->queued == 0 && !fake.calling);
	assert_int_equal(ROUTE->moved, 3 + MEMORY / BLOCK);
	while (next < 1000000)
		next += take(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(samples_are_acquired_where_the_transfer_has_put_them),
		TEST(samples_come_in_order_with_their_places),
		TEST(a_read_takes_what_is_there),
		TEST(a_block_larger_than_a_transfer_comes_in_parts),
		TEST(a_sample_need_not_divide_a_packet),
		TEST(a_late_reader_gets_all_that_there_was_memory_for),
		TEST(a_late_reader_has_the_board_wait_no_longer_than_he_is_late),
		TEST(what_was_lost_meanwhile_is_told_as_a_gap),
		TEST(several_may_be_acquired_and_released_in_any_order),
		TEST(what_was_acquired_outlives_the_run),
		TEST(little_memory_of_the_kernel_means_fewer_transfers),
		TEST(too_little_memory_of_the_kernel_names_the_limit),
		TEST(three_streams_share_what_the_kernel_grants),
		TEST(blocks_that_are_sent_early_end_with_a_short_transfer),
		TEST(the_least_memory_is_one_transfer),
		TEST(what_was_acquired_need_not_be_released_before_the_close),
		TEST(a_late_reader_with_few_transfers_is_waited_for_with_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
