// SPDX-License-Identifier: GPL-2.0-or-later
#include "soapy/scan.hpp"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstring>

extern "C" {
#include <cmocka.h>
}

static iiobridge_channel_info channel(unsigned int index, unsigned int bits, unsigned int storage,
				      unsigned int shift)
{
	iiobridge_channel_info info = {};

	info.index = (uint16_t)index;
	info.is_signed = 1;
	info.bits = (uint8_t)bits;
	info.storage_bits = (uint8_t)storage;
	info.shift = (uint8_t)shift;
	return info;
}

static void values_lie_at_multiples_of_their_size_in_the_order_of_indices(void **)
{
	const std::vector<iiobridge_channel_info> channels = { channel(2, 32, 32, 0),
							       channel(0, 8, 8, 0),
							       channel(1, 16, 16, 0) };
	std::vector<value_place> places = scan_layout(channels, 7);

	assert_int_equal(places[1].offset, 0);
	assert_int_equal(places[2].offset, 2);
	assert_int_equal(places[0].offset, 4);
	places = scan_layout(channels, 5);
	assert_int_equal(places[2].offset, 0);
	assert_int_equal(places[0].offset, 4);
}

static void a_timestamp_and_repeated_values_have_their_places_too(void **)
{
	std::vector<iiobridge_channel_info> channels = { channel(0, 16, 16, 0),
							 channel(1, 16, 16, 0),
							 channel(2, 64, 64, 0) };
	static const uint8_t scan[] = { 0x01, 0x00, 0xfe, 0xff, 0xee, 0xee, 0xee, 0xee,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0 };
	std::vector<value_place> places = scan_layout(channels, 7);
	float value;

	assert_int_equal(places[1].offset, 2);
	assert_int_equal(places[2].offset, 8);
	scan_take(places[2], scan, sizeof(scan), 1, scan_format::float32, &value, 1);
	assert_true(value == -0.5f);
	places = scan_layout(channels, 4);
	assert_int_equal(places[2].offset, 0);

	channels[1] = channel(1, 32, 32, 0);
	channels[1].repeat = 4;
	places = scan_layout(channels, 7);
	assert_int_equal(places[1].offset, 16);
	assert_int_equal(places[2].offset, 32);
}

/* Two scans of 12 valid bits above 4 others: the least and the greatest value. */
static void valid_bits_are_taken_and_put_back_in_every_format(void **)
{
	const value_place place = { channel(0, 12, 16, 4), 0 };
	static const uint8_t scans[] = { 0x00, 0x80, 0xf0, 0x7f };
	uint8_t back[sizeof(scans)];
	int16_t words[2];
	int8_t bytes[2];
	float floats[2];

	scan_take(place, scans, 2, 2, scan_format::int16, words, 1);
	assert_int_equal(words[0], -2048);
	assert_int_equal(words[1], 2047);
	assert_true(scan_full_scale(place.info, scan_format::int16) == 2048);
	scan_put(place, back, 2, 2, scan_format::int16, words, 1);
	assert_memory_equal(back, scans, sizeof(scans));

	scan_take(place, scans, 2, 2, scan_format::float32, floats, 1);
	assert_true(floats[0] == -1.0f && floats[1] == 2047.0f / 2048);
	scan_put(place, back, 2, 2, scan_format::float32, floats, 1);
	assert_memory_equal(back, scans, sizeof(scans));

	scan_take(place, scans, 2, 2, scan_format::int8, bytes, 1);
	assert_int_equal(bytes[0], -128);
	assert_int_equal(bytes[1], 127);
	assert_true(scan_full_scale(place.info, scan_format::int8) == 128);
}

static void a_float_beyond_full_scale_is_full_scale(void **)
{
	const value_place place = { channel(0, 16, 16, 0), 0 };
	static const float floats[] = { 1.0f, 3.0f, -3.0f };
	int16_t scans[3];

	scan_put(place, (uint8_t *)scans, 2, 3, scan_format::float32, floats, 1);
	assert_int_equal(scans[0], 32767);
	assert_int_equal(scans[1], 32767);
	assert_int_equal(scans[2], -32768);
}

static void big_endian_and_unsigned_values_are_read_as_they_are(void **)
{
	value_place place = { channel(0, 16, 16, 0), 1 };
	static const uint8_t scan[] = { 0xee, 0x80, 0x01 };
	uint8_t back[] = { 0xee, 0, 0 };
	int16_t word;

	place.info.big_endian = 1;
	place.info.is_signed = 0;
	scan_take(place, scan, 3, 1, scan_format::int16, &word, 1);
	assert_int_equal(word, 1);
	scan_put(place, back, 3, 1, scan_format::int16, &word, 1);
	assert_memory_equal(back, scan, 3);
}

static void a_stride_leaves_room_for_the_other_half(void **)
{
	const value_place place = { channel(0, 16, 16, 0), 0 };
	static const int16_t scans[] = { 1, 2, 3 };
	int16_t pairs[] = { -1, -1, -1, -1, -1, -1 };
	static const int16_t wanted[] = { 1, -1, 2, -1, 3, -1 };

	scan_take(place, (const uint8_t *)scans, 2, 3, scan_format::int16, pairs, 2);
	assert_memory_equal(pairs, wanted, sizeof(wanted));
}

int main()
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_lie_at_multiples_of_their_size_in_the_order_of_indices),
		cmocka_unit_test(a_timestamp_and_repeated_values_have_their_places_too),
		cmocka_unit_test(valid_bits_are_taken_and_put_back_in_every_format),
		cmocka_unit_test(a_float_beyond_full_scale_is_full_scale),
		cmocka_unit_test(big_endian_and_unsigned_values_are_read_as_they_are),
		cmocka_unit_test(a_stride_leaves_room_for_the_other_half),
	};

	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
