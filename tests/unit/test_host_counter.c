// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/counter.h"
#include "host/files/failure.h"

#include "test_host_route.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 4800 /* whole samples of 4, 6, 8 and 12 bytes */

static struct iiobridge_channel_info channels[4];
static struct failure failure;

static struct counter_layout layout_of(uint32_t mask, uint32_t sample_size)
{
	struct iiobridge_route *route = route_with(channels, 4, mask, sample_size);
	struct counter_layout layout;

	assert_int_equal(counter_layout_init(&layout, "--pattern", route, &failure), 0);
	iiobridge_route_free(route);
	return layout;
}

static void the_parts_are_where_the_layout_says(void **state)
{
	static const uint8_t expected[] = { 0x78, 0x56, 0x34, 0x12, 0x87, 0xa9, 0xcb, 0xed, 0, 0 };
	const struct counter_layout layout = layout_of(0xf, sizeof(expected));
	uint8_t sample[sizeof(expected)];

	(void)state;
	counter_fill(&layout, UINT64_C(0x12345678) * sizeof(sample), sample, sizeof(sample));
	assert_memory_equal(sample, expected, sizeof(sample));
}

/* What capture --verify accepts is what play --pattern makes, in every layout. */
static void the_pattern_passes_the_check(void **state)
{
	static const struct {
		uint32_t mask, sample_size;
	} layouts[] = { { 0x3, 4 }, { 0xf, 8 }, { 0x7, 6 }, { 0xb, 6 }, { 0x3, 8 }, { 0xf, 12 } };

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const uint32_t mask = layouts[i].mask, size = layouts[i].sample_size;
		struct iiobridge_route *route = route_with(channels, 4, mask, size);
		const struct counter_layout layout = layout_of(mask, size);
		struct verify *verify;
		uint8_t data[SIZE];

		counter_fill(&layout, 0, data, SIZE);
		assert_int_equal(verify_new(route, &failure, &verify), 0);
		verify_samples(verify, data, SIZE);
		assert_int_equal(verify_result(verify)->samples, SIZE / size);
		assert_false(verify_result(verify)->fault);
		verify_free(verify);
		iiobridge_route_free(route);
	}
}

static void pieces_make_the_same_pattern(void **state)
{
	static const uint32_t sizes[] = { 4, 6, 8, 12 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct counter_layout layout = layout_of(0x3, sizes[i]);
		uint8_t whole[SIZE], pieces[SIZE];
		size_t done = 0;

		counter_fill(&layout, 0, whole, SIZE);
		for (size_t piece = 1; done < SIZE; piece++) {
			size_t size = piece < SIZE - done ? piece : SIZE - done;

			counter_fill(&layout, done, pieces + done, size);
			done += size;
		}
		assert_memory_equal(pieces, whole, SIZE);
	}
}

static void the_counter_begins_again_after_32_bits(void **state)
{
	static const uint8_t expected[] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0 };
	const struct counter_layout layout = layout_of(0x3, 4);
	uint8_t samples[sizeof(expected)];

	(void)state;
	counter_fill(&layout, UINT64_C(0xffffffff) * 4, samples, sizeof(samples));
	assert_memory_equal(samples, expected, sizeof(samples));
}

static void is_refused(unsigned int count, uint32_t mask, uint32_t sample_size, const char *reason)
{
	struct iiobridge_route *route = route_with(channels, count, mask, sample_size);
	struct counter_layout layout;

	assert_int_equal(counter_layout_init(&layout, "--pattern", route, &failure), -EINVAL);
	assert_non_null(strstr(failure.message, reason));
	iiobridge_route_free(route);
}

static void samples_that_cannot_hold_it_are_refused(void **state)
{
	(void)state;
	is_refused(4, 0x1, 2, "--pattern counter needs channels 0 and 1");
	is_refused(1, 0x3, 4, "absent");
	is_refused(4, 0xf, 6, "needs 8 bytes");
}

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		channels[i] = (struct iiobridge_channel_info){
			.is_signed = 1,
			.bits = 16,
			.storage_bits = 16,
		};
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_are_where_the_layout_says),
		cmocka_unit_test(the_pattern_passes_the_check),
		cmocka_unit_test(pieces_make_the_same_pattern),
		cmocka_unit_test(the_counter_begins_again_after_32_bits),
		cmocka_unit_test(samples_that_cannot_hold_it_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
