// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/counter.h"
#include "host/files/failure.h"

#include "test_host_route.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 1000

static struct iiobridge_channel_info channels[4];

/* Writes the sample that holds @value in the channels of @mask. */
static void put_sample(uint8_t *sample, uint32_t mask, uint32_t value)
{
	const uint16_t parts[] = {
		(uint16_t)value,
		(uint16_t)(value >> 16),
		(uint16_t)~value,
		(uint16_t)(~value >> 16),
	};

	for (unsigned int i = 0; i < 4; i++) {
		if (!(mask & 1U << i))
			continue;
		*sample++ = (uint8_t)parts[i];
		*sample++ = (uint8_t)(parts[i] >> 8);
	}
}

static uint32_t sample_size(uint32_t mask)
{
	return 2 * (uint32_t)__builtin_popcount(mask);
}

/* One byte off any alignment, as samples in a transfer may be. */
struct samples {
	uint32_t mask;
	uint8_t *memory;
	uint8_t *data;
	struct verify *verify;
};

static struct samples samples_new(uint32_t mask, uint32_t first)
{
	struct samples samples = { .mask = mask };
	struct iiobridge_route *route = route_with(channels, 4, mask, sample_size(mask));
	struct failure failure;

	samples.memory = malloc((size_t)SAMPLES * sample_size(mask) + 1);
	assert_non_null(samples.memory);
	samples.data = samples.memory + 1;
	for (uint32_t i = 0; i < SAMPLES; i++)
		put_sample(samples.data + i * sample_size(mask), mask, first + i);
	assert_int_equal(verify_new(route, &failure, &samples.verify), 0);
	iiobridge_route_free(route);
	return samples;
}

static void samples_set(struct samples *samples, uint32_t index, uint32_t value)
{
	put_sample(samples->data + index * sample_size(samples->mask), samples->mask, value);
}

static const struct verify_result *samples_check(struct samples *samples)
{
	verify_samples(samples->verify, samples->data,
		       (size_t)SAMPLES * sample_size(samples->mask));
	return verify_result(samples->verify);
}

static void samples_free(struct samples *samples)
{
	verify_free(samples->verify);
	free(samples->memory);
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
		struct samples samples = samples_new(masks[i], 0);
		const struct verify_result *result = samples_check(&samples);

		assert_int_equal(result->samples, SAMPLES);
		assert_result(result, 0, 0, 0);
		assert_false(result->fault);
		samples_free(&samples);
	}
}

static void pieces_of_any_length_are_the_same_counter(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct samples samples = samples_new(masks[i], 0);
		size_t size = sample_size(masks[i]);
		size_t done = 0;

		for (size_t piece = 0; done < SAMPLES; piece = (piece * 2 + 1) % 300) {
			size_t count = piece < SAMPLES - done ? piece : SAMPLES - done;

			verify_samples(samples.verify, samples.data + done * size, count * size);
			done += count;
		}
		assert_int_equal(verify_result(samples.verify)->samples, SAMPLES);
		assert_result(verify_result(samples.verify), 0, 0, 0);
		samples_free(&samples);
	}
}

/* The records tell of the jumps, and of no others. */
static void assert_jumps(const struct verify *verify, const struct gap *jumps, size_t count)
{
	struct losses records = { .told = UINT64_MAX, .ended = true };
	const struct verify_losses losses = { 0 };
	struct verify_end end;

	for (size_t i = 0; i < count; i++)
		gaps_add(&records.gaps, jumps[i].at, jumps[i].lost);
	verify_compare(verify, &records, &losses, &end);
	assert_string_equal(end.reason, "");
	assert_true(end.good);
	losses_clear(&records);
}

/* Sample 900 is the last that the board has told of. */
static void the_counter_of_another_run_begins_anew(void **state)
{
	static const struct gap jumps[] = { { 500, 7 }, { SAMPLES, 3 } };
	struct samples samples = samples_new(0xf, 0);

	(void)state;
	for (uint32_t i = 500; i < SAMPLES; i++)
		samples_set(&samples, i, i < 950 ? i + 7 : i + 20);
	assert_result(samples_check(&samples), 0, 2, 20);
	verify_restart(samples.verify, 900);
	assert_result(verify_result(samples.verify), 0, 1, 7);
	assert_jumps(samples.verify, jumps, 1);

	for (uint32_t i = 0; i < SAMPLES; i++)
		samples_set(&samples, i, i + 3);
	assert_result(samples_check(&samples), 0, 2, 10);
	assert_jumps(samples.verify, jumps, 2);

	verify_restart(samples.verify, 0);
	assert_result(verify_result(samples.verify), 0, 0, 0);
	assert_false(verify_result(samples.verify)->fault);
	samples_free(&samples);
}

static void a_jump_tells_what_is_missing(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct samples samples = samples_new(masks[i], 0);
		const struct verify_result *result;

		for (uint32_t at = 700; at < SAMPLES; at++)
			samples_set(&samples, at, at + 100000);
		result = samples_check(&samples);
		assert_result(result, 0, 1, 100000);
		assert_true(result->fault);
		assert_int_equal(result->fault_sample, 700);
		assert_int_equal(result->fault_expected, 700);
		assert_int_equal(result->fault_found, 100700);
		samples_free(&samples);
	}
}

static void what_is_lost_before_the_first_sample_is_missing(void **state)
{
	struct samples samples = samples_new(0x3, 5);

	(void)state;
	assert_result(samples_check(&samples), 0, 1, 5);
	samples_free(&samples);
}

static void a_repetition_is_wrong_for_as_long_as_it_lasts(void **state)
{
	struct samples samples = samples_new(0x3, 0);

	(void)state;
	for (uint32_t at = 600; at < 650; at++)
		samples_set(&samples, at, at - 50);
	for (uint32_t at = 650; at < SAMPLES; at++)
		samples_set(&samples, at, at - 50);
	assert_result(samples_check(&samples), 50, 0, 0);
	samples_free(&samples);
}

static void a_counter_that_begins_anew_is_wrong(void **state)
{
	struct samples samples = samples_new(0xf, 0);

	(void)state;
	for (uint32_t at = 500; at < SAMPLES; at++)
		samples_set(&samples, at, at - 500);
	assert_result(samples_check(&samples), 500, 0, 0);
	samples_free(&samples);
}

static void every_flipped_bit_is_seen(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		for (unsigned int bit = 0; bit < sample_size(masks[i]) * 8; bit++) {
			struct samples samples = samples_new(masks[i], 0);
			const struct verify_result *result;

			samples.data[300 * sample_size(masks[i]) + bit / 8] ^=
				(uint8_t)(1 << bit % 8);
			result = samples_check(&samples);
			assert_true(result->wrong + result->jumps > 0);
			assert_int_equal(result->fault_sample, 300);
			samples_free(&samples);
		}
	}
}

static void complements_that_disagree_spoil_one_sample_only(void **state)
{
	struct samples samples = samples_new(0xf, 0);

	(void)state;
	samples.data[300 * 8] ^= 0x10;
	samples.data[400 * 8 + 7] ^= 0x80;
	assert_result(samples_check(&samples), 2, 0, 0);
	samples_free(&samples);
}

static void the_counter_may_wrap(void **state)
{
	(void)state;
	FOR_EACH_MASK(i)
	{
		struct samples samples = samples_new(masks[i], 0);
		struct samples wrapping = samples_new(masks[i], UINT32_MAX - 499);

		/* Two jumps of 2^31 at most lead to the end of the range. */
		samples_set(&samples, 0, UINT32_C(1) << 31);
		verify_samples(wrapping.verify, samples.data, sample_size(masks[i]));
		assert_result(samples_check(&wrapping), 0, 2, (uint64_t)UINT32_MAX - 499 - 1);
		samples_free(&wrapping);
		samples_free(&samples);
	}
}

/* Whether what was found is good when the board has told of so much; without records' help. */
static bool is_explained(const struct samples *samples, uint64_t gaps, uint64_t lost,
			 bool estimated)
{
	const struct verify_losses losses = { true, gaps, lost, estimated };
	const struct losses records = { 0 };
	struct verify_end end;

	verify_compare(samples->verify, &records, &losses, &end);
	return end.good;
}

static void a_loss_is_explained_by_what_the_board_reports(void **state)
{
	struct samples samples = samples_new(0xf, 0);

	(void)state;
	samples_check(&samples);
	assert_true(is_explained(&samples, 0, 0, false));
	samples_free(&samples);

	samples = samples_new(0xf, 0);
	for (uint32_t i = 500; i < SAMPLES; i++)
		samples_set(&samples, i, i < 600 ? i + 4 : i + 10);
	assert_result(samples_check(&samples), 0, 2, 10);
	assert_true(is_explained(&samples, 2, 10, false));
	assert_true(is_explained(&samples, 3, 12, false));
	assert_true(is_explained(&samples, 1, 10, false));
	assert_false(is_explained(&samples, 2, 9, false));
	assert_true(is_explained(&samples, 2, 9, true));
	assert_false(is_explained(&samples, 1, 10, true));
	verify_samples(samples.verify, samples.data, sample_size(0xf)); /* is a repetition */
	assert_result(verify_result(samples.verify), 1, 2, 10);
	assert_false(is_explained(&samples, 2, 10, false));
	samples_free(&samples);
}

static void is_refused(const struct iiobridge_channel_info *told, unsigned int count, uint32_t mask,
		       uint32_t size, const char *reason)
{
	struct iiobridge_route *route = route_with(told, count, mask, size);
	struct verify *verify;
	struct failure failure;

	assert_int_equal(verify_new(route, &failure, &verify), -EINVAL);
	assert_non_null(strstr(failure.message, reason));
	iiobridge_route_free(route);
}

static void samples_without_the_pattern_are_refused(void **state)
{
	struct iiobridge_channel_info twelve_bits[2] = { channels[0], channels[1] };

	(void)state;
	twelve_bits[1].bits = 12;
	is_refused(channels, 4, 0x1, 2, "channels 0 and 1");
	is_refused(channels, 4, 0x13, 6, "channels 0 to 3");
	is_refused(channels, 2, 0xf, 8, "absent");
	is_refused(channels, 4, 0x3, 2, "needs 4 bytes");
	is_refused(twelve_bits, 2, 0x3, 4, "voltage1");
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
		cmocka_unit_test(what_is_lost_before_the_first_sample_is_missing),
		cmocka_unit_test(a_repetition_is_wrong_for_as_long_as_it_lasts),
		cmocka_unit_test(a_counter_that_begins_anew_is_wrong),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(complements_that_disagree_spoil_one_sample_only),
		cmocka_unit_test(the_counter_may_wrap),
		cmocka_unit_test(a_loss_is_explained_by_what_the_board_reports),
		cmocka_unit_test(samples_without_the_pattern_are_refused),
	};

	return cmocka_run_group_tests(tests, make_channels, NULL);
}
