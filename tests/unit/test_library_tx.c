// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the board gets of samples that are sent.
 */
#include "test_library_tx.h"

#include <poll.h>

static struct iiobridge_buffer buffer;

static void the_route_starts_before_the_first_block_is_sent(void **state)
{
	(void)state;
	open_tx();
	write_many(5 * SAMPLES / 2);
	end();
	assert_string_equal(fake.log, "parameters stop start send finish send ");
	assert_received(5 * SAMPLES / 2);
}

/* One run after the other. */
static void the_end_is_announced_before_the_last_block(void **state)
{
	static const uint64_t sizes[] = { 1,	       SAMPLES - 1,	 SAMPLES,
					  SAMPLES + 1, 2 * SAMPLES - 1,	 2 * SAMPLES,
					  7 * SAMPLES, 200 * SAMPLES + 3 };
	struct iiobridge_statistics_info statistics;

	(void)state;
	open_tx();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		write_many(sizes[i]);
		end();
		assert_received(sizes[i]);
		assert_int_equal(ROUTE->sent_at_finish, (sizes[i] - 1) / SAMPLES * BLOCK);
		assert_int_equal(iiobridge_tx_played(tx), sizes[i]);
		assert_int_equal(iiobridge_tx_drain(tx, 0), 1);
		assert_int_equal(iiobridge_tx_stop(tx), 0);
		assert_int_equal(iiobridge_tx_played(tx), sizes[i]);
		assert_int_equal(iiobridge_tx_statistics(tx, &statistics), 1);
		assert_int_equal(statistics.bytes_delivered, sizes[i] * 4);
		assert_int_equal(statistics.starts, i + 1);
	}
}

static void one_block_is_announced_before_anything_is_sent(void **state)
{
	(void)state;
	open_tx();
	write_many(SAMPLES);
	end();
	assert_string_equal(fake.log, "parameters stop start finish send ");
}

static void blocks_may_be_larger_than_transfers(void **state)
{
	(void)state;
	ROUTE->info.block_size = ROUTE->configured.block_size = 3 << 20;
	open_tx();
	write_many((6 << 18) + 250);
	end();
	assert_received((6 << 18) + 250);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	/* The end is in the last of three transfers of a block. */
	write_many((5 << 18) + 1);
	end();
	assert_received((5 << 18) + 1);
}

static void a_sample_need_not_divide_a_packet(void **state)
{
	static uint8_t samples[6 * 50000];

	(void)state;
	ROUTE->info.bytes_per_scan = ROUTE->configured.bytes_per_scan = 6;
	ROUTE->info.block_size = ROUTE->configured.block_size = 3 * BLOCK;
	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = (uint8_t)(i % 251);
	open_tx();
	assert_int_equal(iiobridge_tx_write(tx, samples, 50000, TIMEOUT_MS), 50000);
	end();
	assert_int_equal(ROUTE->finish, 300000);
	assert_int_equal(ROUTE->received, 6 * BLOCK);
	assert_memory_equal(ROUTE->data, samples, sizeof(samples));
	assert_int_equal(iiobridge_tx_played(tx), 50000);
}

static void samples_may_come_in_any_portions(void **state)
{
	static const size_t ends[] = { 1, 1, 16384, 16385, 40000, 60001 };
	size_t done = 0;

	(void)state;
	open_tx();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		write_words(done, ends[i]);
		done = ends[i];
	}
	end();
	assert_received(60001);
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	for (done = 0; done < 2 * SAMPLES; done += 251)
		write_words(done, done + 251);
	end();
	assert_received(done);
}

/* While nothing comes, no block is held back that others follow. */
static void a_block_waits_only_for_the_next_sample(void **state)
{
	(void)state;
	open_tx();
	write_words(0, SAMPLES);
	assert_null(strstr(fake.log, "start"));
	write_words(SAMPLES, SAMPLES + 1);
	fake_wait_for(ROUTE->received == BLOCK);
	write_words(SAMPLES + 1, 2 * SAMPLES);
	assert_int_equal(ROUTE->received, BLOCK);
	assert_int_equal(ROUTE->queued, 0);
	assert_int_equal(ROUTE->finish, 0);
	end();
	assert_received(2 * SAMPLES);
}

static void without_a_sample_there_is_nothing_to_play(void **state)
{
	(void)state;
	open_tx();
	assert_int_equal(iiobridge_tx_end(tx), IIOBRIDGE_ERROR_INVALID);
	assert_message("nothing to play");
	assert_int_equal(iiobridge_tx_acquire(tx, 0, &buffer), 1);
	assert_int_equal(iiobridge_tx_submit(tx, 0), 0);
	assert_int_equal(iiobridge_tx_end(tx), IIOBRIDGE_ERROR_INVALID);
	assert_int_equal(iiobridge_tx_drain(tx, 0), IIOBRIDGE_ERROR_INVALID);
	assert_message("was not said");
	assert_string_equal(fake.log, "parameters stop ");
	write_words(0, 1);
	end();
	assert_received(1);
}

static void behind_the_end_nothing_is_taken(void **state)
{
	(void)state;
	open_tx();
	write_words(0, 10);
	end();
	assert_int_equal(iiobridge_tx_acquire(tx, TIMEOUT_MS, &buffer), IIOBRIDGE_ERROR_ENDED);
	assert_int_equal(iiobridge_tx_write(tx, words, 1, TIMEOUT_MS), IIOBRIDGE_ERROR_ENDED);
	assert_message("stop it before more");
	assert_int_equal(iiobridge_tx_end(tx), 0);
	assert_int_equal(fake.requests[IIOBRIDGE_FINISH], 1);
}

/* ---- without a copy ---- */

static const uint8_t *emptied[4];
static unsigned int emptied_count;

static void note_buffer(const struct libusb_transfer *transfer)
{
	fake_lock();
	emptied[emptied_count++ % 4] = transfer->buffer;
	fake_unlock();
}

static void samples_are_sent_from_where_the_caller_has_put_them(void **state)
{
	const void *data[2];

	(void)state;
	emptied_count = 0;
	fake.on_complete = note_buffer;
	open_tx();
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(iiobridge_tx_acquire(tx, TIMEOUT_MS, &buffer), 1);
		assert_int_equal(buffer.samples, SAMPLES);
		memcpy(buffer.data, words + i * SAMPLES, BLOCK);
		data[i] = buffer.data;
		assert_int_equal(iiobridge_tx_submit(tx, SAMPLES), 0);
	}
	end();
	assert_received(2 * SAMPLES);
	assert_int_equal(emptied_count, 2);
	assert_ptr_equal(emptied[0], data[0]);
	assert_ptr_equal(emptied[1], data[1]);
}

static void a_buffer_may_be_submitted_in_parts(void **state)
{
	struct iiobridge_buffer again;

	(void)state;
	open_tx();
	assert_int_equal(iiobridge_tx_acquire(tx, TIMEOUT_MS, &buffer), 1);
	assert_int_equal(iiobridge_tx_acquire(tx, TIMEOUT_MS, &again), 1);
	assert_ptr_equal(again.data, buffer.data);
	assert_int_equal(again.samples, SAMPLES);
	memcpy(buffer.data, words, 4 * 100);
	assert_int_equal(iiobridge_tx_submit(tx, 100), 0);
	assert_int_equal(iiobridge_tx_acquire(tx, TIMEOUT_MS, &again), 1);
	assert_ptr_equal(again.data, (uint8_t *)buffer.data + 400);
	assert_int_equal(again.samples, SAMPLES - 100);
	assert_int_equal(iiobridge_tx_submit(tx, SAMPLES - 99), IIOBRIDGE_ERROR_INVALID);
	assert_message("more than the buffer of route 0 (tx) has room for");
	memcpy(again.data, words + 100, 4);
	assert_int_equal(iiobridge_tx_submit(tx, 1), 0);
	end();
	assert_received(101);
	assert_int_equal(iiobridge_tx_submit(tx, 1), IIOBRIDGE_ERROR_ENDED);
}

/* ---- ahead of the board ---- */

static uint64_t fill(void)
{
	uint64_t taken = 0;
	int64_t r;

	do {
		uint32_t part[SAMPLES];

		for (uint32_t i = 0; i < SAMPLES; i++)
			part[i] = (uint32_t)taken + i;
		r = iiobridge_tx_write(tx, part, SAMPLES, 0);
		assert_true(r >= 0);
		taken += (uint64_t)r;
	} while (r > 0);
	return taken;
}

static void a_caller_may_be_ahead_of_what_is_in_flight(void **state)
{
	(void)state;
	fake.hold = true;
	open_tx();
	assert_int_equal(fill(), (TRANSFERS + MEMORY / BLOCK) * SAMPLES);
	assert_int_equal(ROUTE->queued, TRANSFERS);
	fake_set(fake.hold = false);
	end();
	assert_received((TRANSFERS + MEMORY / BLOCK) * SAMPLES);
}

static void the_least_memory_is_one_transfer(void **state)
{
	const struct iiobridge_stream_settings settings = { .memory = 1 };

	(void)state;
	fake.hold = true;
	assert_int_equal(iiobridge_tx_open(board, 0, &settings, &tx), 0);
	assert_int_equal(fill(), (TRANSFERS + 1) * SAMPLES);
	fake_set(fake.hold = false);
	end();
	assert_received((TRANSFERS + 1) * SAMPLES);
}

static void a_write_waits_no_longer_than_it_may(void **state)
{
	uint64_t taken;
	int64_t r;

	(void)state;
	fake.hold = true;
	open_tx();
	taken = fill();
	assert_int_equal(iiobridge_tx_write(tx, words, 10, 5), 0);
	/* Of what is more than there is room for, that is taken which there is room for. */
	fake_set(ROUTE->allowance = 1; fake.hold = false);
	fake_wait_for(ROUTE->allowance == 0 && !fake.calling);
	for (uint32_t i = 0; i < 2 * SAMPLES; i++)
		words[i] = (uint32_t)taken + i;
	r = iiobridge_tx_write(tx, words, 2 * SAMPLES, 5);
	assert_int_equal(r, SAMPLES);
	fake_set(ROUTE->allowance = -1);
	end();
	assert_received(taken + SAMPLES);
}

static void the_descriptor_is_readable_when_there_is_room(void **state)
{
	struct pollfd file = { .events = POLLIN };

	(void)state;
	fake.hold = true;
	open_tx();
	file.fd = iiobridge_tx_fd(tx);
	assert_int_equal(poll(&file, 1, 0), 1);
	fill();
	assert_int_equal(poll(&file, 1, 0), 0);
	fake_set(fake.hold = false);
	assert_int_equal(poll(&file, 1, TIMEOUT_MS), 1);
	assert_int_equal(iiobridge_tx_end(tx), 0);
	while (iiobridge_tx_drain(tx, 0) == 0)
		assert_int_equal(poll(&file, 1, TIMEOUT_MS), 1);
	assert_int_equal(iiobridge_tx_drain(tx, 0), 1);
}

static void little_memory_of_the_kernel_means_fewer_transfers(void **state)
{
	(void)state;
	fake.no_device_memory = true;
	fake.submit_limit = 3;
	fake.hold = true;
	open_tx();
	write_many(20 * SAMPLES + 1);
	assert_int_equal(ROUTE->queued, 3);
	fake_set(fake.hold = false);
	end();
	assert_received(20 * SAMPLES + 1);
	assert_int_equal(ROUTE->most, 3);
	/* Copies, too. */
	assert_int_equal(iiobridge_tx_stop(tx), 0);
	write_many(300 * SAMPLES);
	end();
	assert_received(300 * SAMPLES);
}

static void too_little_memory_of_the_kernel_names_the_limit(void **state)
{
	(void)state;
	fake.submit_limit = 1;
	fake.hold = true;
	open_tx();
	iiobridge_tx_write(tx, words, 4 * SAMPLES, TIMEOUT_MS);
	iiobridge_tx_end(tx);
	assert_int_equal(iiobridge_tx_drain(tx, TIMEOUT_MS), IIOBRIDGE_ERROR_NO_MEMORY);
	assert_message("usbfs_memory_mb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_route_starts_before_the_first_block_is_sent),
		TEST(the_end_is_announced_before_the_last_block),
		TEST(one_block_is_announced_before_anything_is_sent),
		TEST(blocks_may_be_larger_than_transfers),
		TEST(a_sample_need_not_divide_a_packet),
		TEST(samples_may_come_in_any_portions),
		TEST(a_block_waits_only_for_the_next_sample),
		TEST(without_a_sample_there_is_nothing_to_play),
		TEST(behind_the_end_nothing_is_taken),
		TEST(samples_are_sent_from_where_the_caller_has_put_them),
		TEST(a_buffer_may_be_submitted_in_parts),
		TEST(a_caller_may_be_ahead_of_what_is_in_flight),
		TEST(the_least_memory_is_one_transfer),
		TEST(a_write_waits_no_longer_than_it_may),
		TEST(the_descriptor_is_readable_when_there_is_room),
		TEST(little_memory_of_the_kernel_means_fewer_transfers),
		TEST(too_little_memory_of_the_kernel_names_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
