// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/trail.h"
#include "library/backlog.h"

#include <iiobridge/iiobridge.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK_SCANS 256
#define SCAN_SIZE   4
#define BLOCK_SIZE  (BLOCK_SCANS * SCAN_SIZE)

/* A block takes 1000 ns. */
static const struct iiobridge_route_info route = {
	.block_size = BLOCK_SIZE,
	.bytes_per_scan = SCAN_SIZE,
	.sample_rate_millihertz = BLOCK_SCANS * UINT64_C(1000000000),
};

static struct backlog *backlog;
static uint64_t sequence;  /* of the next block */
static uint32_t next_scan; /* that is added */
static struct iiobridge_piece piece;
static uint32_t taken[4 * BLOCK_SCANS];

static int set_up(void **state)
{
	(void)state;
	backlog = backlog_new(&route);
	sequence = next_scan = 0;
	return backlog ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	backlog_free(backlog);
	return 0;
}

/* Each scan is its own place on the clock. */
static void add_scans(size_t scans)
{
	uint32_t data[BLOCK_SCANS];

	for (size_t i = 0; i < scans; i++)
		data[i] = next_scan++;
	backlog_add_scans(backlog, (const uint8_t *)data, scans * SCAN_SIZE);
}

static void add_record(uint64_t first_scan, uint64_t lost, uint8_t flags)
{
	const struct trail_step step = {
		.record = {
			.sequence = sequence,
			.first_scan = first_scan,
			.filled_ns = 11000 + 1000 * sequence,
			.bytes = flags & IIOBRIDGE_RECORD_END ? 0 : BLOCK_SIZE,
			.flags = flags,
		},
		.scans_lost = lost,
	};

	assert_int_equal(backlog_add_block(backlog, &step), 0);
	sequence++;
}

static size_t take(size_t scans)
{
	memset(&piece, 0xee, sizeof(piece));
	return backlog_take(backlog, (uint8_t *)taken, scans, &piece);
}

static void assert_consecutive(size_t scans, uint64_t first)
{
	assert_int_equal(piece.first_scan, first);
	for (size_t i = 0; i < scans; i++)
		assert_int_equal(taken[i], first + i);
}

static void scans_need_their_record_and_records_their_scans(void **state)
{
	(void)state;
	assert_int_equal(take(10), 0);
	add_scans(BLOCK_SCANS);
	assert_int_equal(take(10), 0);
	add_record(0, 0, 0);
	assert_int_equal(take(10), 10);
	assert_consecutive(10, 0);
	assert_int_equal(take(BLOCK_SCANS), BLOCK_SCANS - 10);
	assert_consecutive(BLOCK_SCANS - 10, 10);

	add_record(BLOCK_SCANS, 0, 0);
	assert_int_equal(take(10), 0);
	add_scans(3);
	assert_int_equal(take(10), 3);
	assert_consecutive(3, BLOCK_SCANS);
	assert_int_equal(take(10), 0);
}

static void a_piece_goes_over_blocks_but_not_over_a_gap(void **state)
{
	(void)state;
	add_scans(BLOCK_SCANS);
	add_scans(BLOCK_SCANS);
	add_record(0, 0, 0);
	add_record(BLOCK_SCANS, 0, 0);
	next_scan += 1000;
	add_scans(BLOCK_SCANS);
	add_record(2 * BLOCK_SCANS + 1000, 1000, IIOBRIDGE_RECORD_GAP);

	assert_int_equal(take(4 * BLOCK_SCANS), 2 * BLOCK_SCANS);
	assert_consecutive(2 * BLOCK_SCANS, 0);
	assert_int_equal(piece.flags, 0);
	assert_int_equal(piece.scans_lost, 0);

	assert_int_equal(take(1), 1);
	assert_consecutive(1, 2 * BLOCK_SCANS + 1000);
	assert_int_equal(piece.flags, IIOBRIDGE_PIECE_GAP);
	assert_int_equal(piece.scans_lost, 1000);

	assert_int_equal(take(4 * BLOCK_SCANS), BLOCK_SCANS - 1);
	assert_consecutive(BLOCK_SCANS - 1, 2 * BLOCK_SCANS + 1001);
	assert_int_equal(piece.flags, 0);
	assert_int_equal(piece.scans_lost, 0);
}

static void a_gap_of_unknown_length_is_one(void **state)
{
	(void)state;
	add_scans(BLOCK_SCANS);
	add_record(0, 0, 0);
	add_scans(BLOCK_SCANS);
	add_record(BLOCK_SCANS, 0, IIOBRIDGE_RECORD_GAP);
	assert_int_equal(take(4 * BLOCK_SCANS), BLOCK_SCANS);
	assert_int_equal(take(4 * BLOCK_SCANS), BLOCK_SCANS);
	assert_int_equal(piece.flags, IIOBRIDGE_PIECE_GAP);
	assert_int_equal(piece.scans_lost, 0);
}

static void time_is_counted_back_from_when_the_block_was_full(void **state)
{
	(void)state;
	add_scans(BLOCK_SCANS);
	add_record(0, 0, 0);
	assert_int_equal(take(BLOCK_SCANS / 2), BLOCK_SCANS / 2);
	assert_int_equal(piece.time_ns, 10000);
	assert_int_equal(take(BLOCK_SCANS / 4), BLOCK_SCANS / 4);
	assert_int_equal(piece.time_ns, 10500);
	assert_int_equal(take(1), 1);
	assert_int_equal(piece.time_ns, 10750);
}

static void scans_without_a_record_come_with_the_next_one(void **state)
{
	struct trail_step step = {
		.record = {
			.sequence = 2,
			.first_scan = 2 * BLOCK_SCANS + 7,
			.filled_ns = 13000,
			.bytes = BLOCK_SIZE,
		},
		.records_missing = 2,
		.scans_missing = 2 * BLOCK_SCANS,
		.scans_lost = 7,
	};

	(void)state;
	add_scans(BLOCK_SCANS);
	add_scans(BLOCK_SCANS);
	assert_int_equal(take(1), 0);
	next_scan += 7;
	add_scans(BLOCK_SCANS);
	assert_int_equal(backlog_add_block(backlog, &step), 0);

	assert_int_equal(take(4 * BLOCK_SCANS), 2 * BLOCK_SCANS);
	assert_consecutive(2 * BLOCK_SCANS, 0);
	assert_int_equal(piece.flags, IIOBRIDGE_PIECE_NO_RECORD);
	assert_int_equal(piece.time_ns, 0);
	assert_int_equal(take(4 * BLOCK_SCANS), BLOCK_SCANS);
	assert_consecutive(BLOCK_SCANS, 2 * BLOCK_SCANS + 7);
	assert_int_equal(piece.flags, IIOBRIDGE_PIECE_GAP);
	assert_int_equal(piece.scans_lost, 7);
}

static void behind_the_end_is_nothing(void **state)
{
	(void)state;
	add_scans(BLOCK_SCANS);
	add_record(0, 0, 0);
	add_record(BLOCK_SCANS + 5, 5, IIOBRIDGE_RECORD_GAP | IIOBRIDGE_RECORD_END);
	assert_int_equal(take(4 * BLOCK_SCANS), BLOCK_SCANS);
	assert_int_equal(take(4 * BLOCK_SCANS), 0);
}

/* Three times round the ring of samples; that of the records is wrapped round when it grows. */
static void a_full_backlog_has_all_in_order(void **state)
{
	uint64_t blocks = 0, first = 0;

	(void)state;
	for (; blocks < 60; blocks++) {
		add_scans(BLOCK_SCANS);
		add_record(blocks * BLOCK_SCANS, 0, 0);
	}
	for (; first < 50 * BLOCK_SCANS; first += BLOCK_SCANS)
		assert_int_equal(take(BLOCK_SCANS), BLOCK_SCANS);
	for (int round = 0; round < 3; round++) {
		for (; !backlog_is_full(backlog); blocks++) {
			add_scans(BLOCK_SCANS);
			add_record(blocks * BLOCK_SCANS, 0, 0);
		}
		/* What a full one still takes is never more than there is room for. */
		assert_in_range(blocks * BLOCK_SCANS - first, (8 << 20) / SCAN_SIZE,
				(8 << 20) / SCAN_SIZE + 2 * BLOCK_SCANS);
		while (first + 2 * BLOCK_SCANS < blocks * BLOCK_SCANS) {
			const size_t got = take(3 * BLOCK_SCANS / 2);

			assert_int_equal(got, 3 * BLOCK_SCANS / 2);
			assert_consecutive(got, first);
			first += got;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(scans_need_their_record_and_records_their_scans),
		TEST(a_piece_goes_over_blocks_but_not_over_a_gap),
		TEST(a_gap_of_unknown_length_is_one),
		TEST(time_is_counted_back_from_when_the_block_was_full),
		TEST(scans_without_a_record_come_with_the_next_one),
		TEST(behind_the_end_is_nothing),
		TEST(a_full_backlog_has_all_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
