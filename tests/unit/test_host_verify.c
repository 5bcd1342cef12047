// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/failure.h"
#include "host/verify.h"

#include <iiobridge/protocol.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SCANS 1000

static struct iiobridge_channel_info channels[4];

/* Writes the scan that holds @value in the channels of @mask. */
static void put_scan(uint8_t *scan, uint32_t mask, uint32_t value)
{
	const uint16_t samples[] = {
		(uint16_t)value,
		(uint16_t)(value >> 16),
		(uint16_t)~value,
		(uint16_t)(~value >> 16),
	};

	for (unsigned int i = 0; i < 4; i++) {
		if (!(mask & 1U << i))
			continue;
		*scan++ = (uint8_t)samples[i];
		*scan++ = (uint8_t)(samples[i] >> 8);
	}
}

static uint32_t scan_size(uint32_t mask)
{
	return 2 * (uint32_t)__builtin_popcount(mask);
}

/* One byte off any alignment, as scans in a transfer may be. */
struct scans {
	uint32_t mask;
	uint8_t *memory;
	uint8_t *data;
	struct verify *verify;
};

static struct scans scans_new(uint32_t mask, uint32_t first)
{
	struct scans scans = { .mask = mask };
	struct failure failure;

	scans.memory = malloc((size_t)SCANS * scan_size(mask) + 1);
	assert_non_null(scans.memory);
	scans.data = scans.memory + 1;
	for (uint32_t i = 0; i < SCANS; i++)
		put_scan(scans.data + i * scan_size(mask), mask, first + i);
	assert_int_equal(verify_new(channels, 4, mask, scan_size(mask), &failure, &scans.verify),
			 0);
	return scans;
}

static void scans_set(struct scans *scans, uint32_t index, uint32_t value)
{
	put_scan(scans->data + index * scan_size(scans->mask), scans->mask, value);
}

static const struct verify_result *scans_check(struct scans *scans)
{
	verify_scans(scans->verify, scans->data, (size_t)SCANS * scan_size(scans->mask));
	return verify_result(scans->verify);
}

static void scans_free(struct scans *scans)
{
	verify_free(scans->verify);
	free(scans->memory);
}

static void assert_result(const struct verify_result *result, uint64_t wrong, uint64_t jumps,
			  uint64_t missing)
{
	assert_int_equal(result->wrong, wrong);
	assert_int_equal(result->jumps, jumps);
	assert_int_equal(result->missing, missing);
}

static const uint32_t masks[] = { 0x3, 0x7, 0xb, 0xf };

#define FOR_EACH_MASK(i) for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)

static void the_counter_in_order_is_right(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct scans scans = scans_new(masks[i], 0);
		const struct verify_result *result = scans_check(&scans);

		assert_int_equal(result->scans, SCANS);
		assert_result(result, 0, 0, 0);
		assert_false(result->fault);
		scans_free(&scans);
	}
}

static void pieces_of_any_length_are_the_same_counter(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct scans scans = scans_new(masks[i], 0);
		size_t size = scan_size(masks[i]);
		size_t done = 0;

		for (size_t piece = 0; done < SCANS; piece = (piece * 2 + 1) % 300) {
			size_t count = piece < SCANS - done ? piece : SCANS - done;

			verify_scans(scans.verify, scans.data + done * size, count * size);
			done += count;
		}
		assert_int_equal(verify_result(scans.verify)->scans, SCANS);
		assert_result(verify_result(scans.verify), 0, 0, 0);
		scans_free(&scans);
	}
}

/* Scan 900 is the last that the board has told of. */
static void the_counter_of_another_run_begins_anew(void **state)
{
	struct scans scans = scans_new(0xf, 0);
	const struct gaps *jumps = verify_jumps(scans.verify);

	(void)state;
	for (uint32_t i = 500; i < SCANS; i++)
		scans_set(&scans, i, i < 950 ? i + 7 : i + 20);
	assert_result(scans_check(&scans), 0, 2, 20);
	verify_restart(scans.verify, 900);
	assert_result(verify_result(scans.verify), 0, 1, 7);
	assert_int_equal(jumps->count, 1);

	for (uint32_t i = 0; i < SCANS; i++)
		scans_set(&scans, i, i + 3);
	assert_result(scans_check(&scans), 0, 2, 10);
	assert_int_equal(jumps->kept[1].at, SCANS);
	assert_int_equal(jumps->kept[1].lost, 3);

	verify_restart(scans.verify, 0);
	assert_result(verify_result(scans.verify), 0, 0, 0);
	assert_false(verify_result(scans.verify)->fault);
	scans_free(&scans);
}

static void a_jump_tells_what_is_missing(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct scans scans = scans_new(masks[i], 0);
		const struct verify_result *result;

		for (uint32_t at = 700; at < SCANS; at++)
			scans_set(&scans, at, at + 100000);
		result = scans_check(&scans);
		assert_result(result, 0, 1, 100000);
		assert_true(result->fault);
		assert_int_equal(result->fault_scan, 700);
		assert_int_equal(result->fault_expected, 700);
		assert_int_equal(result->fault_found, 100700);
		scans_free(&scans);
	}
}

static void what_is_lost_before_the_first_scan_is_missing(void **state)
{
	struct scans scans = scans_new(0x3, 5);

	(void)state;
	assert_result(scans_check(&scans), 0, 1, 5);
	scans_free(&scans);
}

static void a_repetition_is_wrong_for_as_long_as_it_lasts(void **state)
{
	struct scans scans = scans_new(0x3, 0);

	(void)state;
	for (uint32_t at = 600; at < 650; at++)
		scans_set(&scans, at, at - 50);
	for (uint32_t at = 650; at < SCANS; at++)
		scans_set(&scans, at, at - 50);
	assert_result(scans_check(&scans), 50, 0, 0);
	scans_free(&scans);
}

static void a_counter_that_begins_anew_is_wrong(void **state)
{
	struct scans scans = scans_new(0xf, 0);

	(void)state;
	for (uint32_t at = 500; at < SCANS; at++)
		scans_set(&scans, at, at - 500);
	assert_result(scans_check(&scans), 500, 0, 0);
	scans_free(&scans);
}

static void every_flipped_bit_is_seen(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		for (unsigned int bit = 0; bit < scan_size(masks[i]) * 8; bit++) {
			struct scans scans = scans_new(masks[i], 0);
			const struct verify_result *result;

			scans.data[300 * scan_size(masks[i]) + bit / 8] ^= (uint8_t)(1 << bit % 8);
			result = scans_check(&scans);
			assert_true(result->wrong + result->jumps > 0);
			assert_int_equal(result->fault_scan, 300);
			scans_free(&scans);
		}
	}
}

static void complements_that_disagree_spoil_one_scan_only(void **state)
{
	struct scans scans = scans_new(0xf, 0);

	(void)state;
	scans.data[300 * 8] ^= 0x10;
	scans.data[400 * 8 + 7] ^= 0x80;
	assert_result(scans_check(&scans), 2, 0, 0);
	scans_free(&scans);
}

static void the_counter_may_wrap(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct scans scans = scans_new(masks[i], 0);
		struct scans wrapping = scans_new(masks[i], UINT32_MAX - 499);

		/* Two jumps of 2^31 at most lead to the end of the range. */
		scans_set(&scans, 0, UINT32_C(1) << 31);
		verify_scans(wrapping.verify, scans.data, scan_size(masks[i]));
		assert_result(scans_check(&wrapping), 0, 2, (uint64_t)UINT32_MAX - 499 - 1);
		scans_free(&wrapping);
		scans_free(&scans);
	}
}

static void a_loss_is_explained_by_what_the_board_reports(void **state)
{
	struct verify_result result = { .jumps = 2, .missing = 10 };

	(void)state;
	assert_true(verify_explained(&result, 2, 10, false));
	assert_true(verify_explained(&result, 3, 12, false));
	assert_true(verify_explained(&result, 1, 10, false));
	assert_false(verify_explained(&result, 2, 9, false));
	assert_true(verify_explained(&result, 2, 9, true));
	assert_false(verify_explained(&result, 1, 10, true));
	result.wrong = 1;
	assert_false(verify_explained(&result, 2, 10, false));
	result = (struct verify_result){ .scans = 5 };
	assert_true(verify_explained(&result, 0, 0, false));
}

static void scans_without_the_pattern_are_refused(void **state)
{
	struct iiobridge_channel_info twelve_bits[2] = { channels[0], channels[1] };
	struct verify *verify;
	struct failure failure;

	(void)state;
	twelve_bits[1].bits = 12;
	assert_int_equal(verify_new(channels, 4, 0x1, 2, &failure, &verify), -EINVAL);
	assert_non_null(strstr(failure.message, "channels 0 and 1"));
	assert_int_equal(verify_new(channels, 4, 0x13, 6, &failure, &verify), -EINVAL);
	assert_int_equal(verify_new(channels, 2, 0xf, 8, &failure, &verify), -EINVAL);
	assert_int_equal(verify_new(channels, 4, 0x3, 2, &failure, &verify), -EINVAL);
	assert_int_equal(verify_new(twelve_bits, 2, 0x3, 4, &failure, &verify), -EINVAL);
	assert_non_null(strstr(failure.message, "voltage1"));
}

static int make_channels(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		channels[i] = (struct iiobridge_channel_info){
			.index = (uint16_t)i,
			.is_signed = 1,
			.bits = 16,
			.storage_bits = 16,
			.repeat = 1,
			.id = "voltage0",
		};
		channels[i].id[7] = (char)('0' + i);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_counter_in_order_is_right),
		cmocka_unit_test(pieces_of_any_length_are_the_same_counter),
		cmocka_unit_test(the_counter_of_another_run_begins_anew),
		cmocka_unit_test(a_jump_tells_what_is_missing),
		cmocka_unit_test(what_is_lost_before_the_first_scan_is_missing),
		cmocka_unit_test(a_repetition_is_wrong_for_as_long_as_it_lasts),
		cmocka_unit_test(a_counter_that_begins_anew_is_wrong),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(complements_that_disagree_spoil_one_scan_only),
		cmocka_unit_test(the_counter_may_wrap),
		cmocka_unit_test(a_loss_is_explained_by_what_the_board_reports),
		cmocka_unit_test(scans_without_the_pattern_are_refused),
	};

	return cmocka_run_group_tests(tests, make_channels, NULL);
}
