// SPDX-License-Identifier: GPL-2.0-or-later
#include "library/internal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 37 /* no multiple of a vector */
#define SLOTS	4  /* places for a value in a sample, at most */

/* ---- a board with channels of any kind ---- */

static struct iiobridge_route_info route_info;
static struct iiobridge_channel_info channel_infos[3];

int __wrap_request_route(struct iiobridge_board *board, unsigned int route,
			 struct iiobridge_route_info *info);
int __wrap_request_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
			   struct iiobridge_channel_info *info);

int __wrap_request_route(struct iiobridge_board *board, unsigned int route,
			 struct iiobridge_route_info *info)
{
	(void)board;
	(void)route;
	*info = route_info;
	return 0;
}

int __wrap_request_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
			   struct iiobridge_channel_info *info)
{
	(void)board;
	(void)route;
	*info = channel_infos[channel];
	return 0;
}

static void set_channel(unsigned int channel, unsigned int index, unsigned int bits,
			unsigned int repeat)
{
	channel_infos[channel] = (struct iiobridge_channel_info){
		.index = (uint16_t)index,
		.is_signed = 1,
		.bits = (uint8_t)bits,
		.storage_bits = (uint8_t)bits,
		.repeat = (uint8_t)repeat,
	};
}

static struct iiobridge_route *route_with(uint32_t mask, unsigned int sample_size)
{
	struct iiobridge_route *route;

	route_info = (struct iiobridge_route_info){
		.channel_count = 3,
		.channel_mask = mask,
		.bytes_per_scan = sample_size,
		.name = "rx",
	};
	assert_int_equal(iiobridge_route_get(NULL, 0, &route), 0);
	return route;
}

/* -1 for a channel that is not in the samples. */
static void assert_offsets(uint32_t mask, int first, int second, int third)
{
	const int wanted[] = { first, second, third };
	struct iiobridge_route *route = route_with(mask, 64);

	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(iiobridge_channel_offset(iiobridge_route_channel(route, i)),
				 wanted[i]);
	iiobridge_route_free(route);
}

static void values_lie_at_multiples_of_their_size_in_the_order_of_indices(void **state)
{
	(void)state;
	set_channel(0, 2, 32, 1);
	set_channel(1, 0, 8, 1);
	set_channel(2, 1, 16, 1);
	assert_offsets(7, 4, 0, 2);
	assert_offsets(5, 4, -1, 0);
	assert_offsets(1, 0, -1, -1);
}

static void a_timestamp_and_repeated_values_have_their_places_too(void **state)
{
	(void)state;
	set_channel(0, 0, 16, 1);
	set_channel(1, 1, 16, 1);
	set_channel(2, 2, 64, 1);
	assert_offsets(7, 0, 2, 8);
	assert_offsets(4, -1, -1, 0);
	set_channel(1, 1, 32, 4);
	assert_offsets(7, 0, 16, 32);
}

static void channels_of_a_route_are_converted_in_the_order_that_is_wanted(void **state)
{
	static const uint8_t sample[] = { 0x01, 0x00, 0xfe, 0xff, 0xee, 0xee, 0xee, 0xee,
					  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0 };
	static const unsigned int wanted[] = { 2, 0, 1 };
	struct iiobridge_conversion *conversion;
	struct iiobridge_route *route;
	float numbers[3];

	(void)state;
	set_channel(0, 0, 16, 1);
	set_channel(1, 1, 16, 1);
	set_channel(2, 2, 64, 1);
	route = route_with(7, sizeof(sample));
	assert_int_equal(
		iiobridge_conversion_of_route(route, wanted, 3, IIOBRIDGE_FORMAT_F32, &conversion),
		0);
	iiobridge_conversion_unpack(conversion, sample, 1, numbers);
	assert_true(numbers[0] == -0.5f);
	assert_true(numbers[1] == 1.0f / 32768);
	assert_true(numbers[2] == -2.0f / 32768);
	iiobridge_conversion_free(conversion);
	iiobridge_route_free(route);
}

static void a_channel_that_is_not_in_the_samples_is_refused(void **state)
{
	static const unsigned int masked[] = { 0, 1 }, unknown[] = { 3 };
	struct iiobridge_conversion *conversion;
	struct iiobridge_route *route;

	(void)state;
	set_channel(0, 0, 16, 1);
	set_channel(1, 1, 16, 1);
	set_channel(2, 2, 64, 1);
	route = route_with(5, 16);
	assert_int_equal(
		iiobridge_conversion_of_route(route, masked, 2, IIOBRIDGE_FORMAT_S16, &conversion),
		IIOBRIDGE_ERROR_INVALID);
	assert_string_equal(iiobridge_error_message(),
			    "channel 1 is not in the samples of route rx");
	assert_int_equal(
		iiobridge_conversion_of_route(route, unknown, 1, IIOBRIDGE_FORMAT_S16, &conversion),
		IIOBRIDGE_ERROR_INVALID);
	iiobridge_route_free(route);
}

/* ---- values whose numbers are known ---- */

static struct iiobridge_conversion *conversion_of(struct iiobridge_value value, size_t sample_size,
						  int format)
{
	struct iiobridge_conversion *conversion;

	assert_int_equal(iiobridge_conversion_new(&value, 1, sample_size, format, &conversion), 0);
	return conversion;
}

static void unpack_one(struct iiobridge_value value, size_t sample_size, int format,
		       const void *samples, size_t count, void *numbers)
{
	struct iiobridge_conversion *conversion = conversion_of(value, sample_size, format);

	iiobridge_conversion_unpack(conversion, samples, count, numbers);
	iiobridge_conversion_free(conversion);
}

static void pack_one(struct iiobridge_value value, size_t sample_size, int format,
		     const void *numbers, size_t count, void *samples)
{
	struct iiobridge_conversion *conversion = conversion_of(value, sample_size, format);

	iiobridge_conversion_pack(conversion, numbers, count, samples);
	iiobridge_conversion_free(conversion);
}

static void assert_full_scale(struct iiobridge_value value, int format, double wanted)
{
	struct iiobridge_conversion *conversion =
		conversion_of(value, value.storage_bits / 8, format);

	assert_true(iiobridge_conversion_full_scale(conversion, 0) == wanted);
	iiobridge_conversion_free(conversion);
}

static struct iiobridge_value signed_value(unsigned int bits, unsigned int storage_bits,
					   unsigned int shift)
{
	return (struct iiobridge_value){
		.bits = bits,
		.storage_bits = storage_bits,
		.shift = shift,
		.is_signed = true,
	};
}

/* Two samples of 12 valid bits above 4 others: the least and the greatest value. */
static void valid_bits_are_taken_and_put_back_in_every_format(void **state)
{
	const struct iiobridge_value value = signed_value(12, 16, 4);
	static const uint8_t samples[] = { 0x00, 0x80, 0xf0, 0x7f };
	static const uint8_t highest[] = { 0x00, 0x80, 0x00, 0x7f };
	uint8_t back[sizeof(samples)];
	int32_t longs[2];
	int16_t words[2];
	int8_t bytes[2];
	float floats[2];

	(void)state;
	unpack_one(value, 2, IIOBRIDGE_FORMAT_S16, samples, 2, words);
	assert_int_equal(words[0], -2048);
	assert_int_equal(words[1], 2047);
	pack_one(value, 2, IIOBRIDGE_FORMAT_S16, words, 2, back);
	assert_memory_equal(back, samples, sizeof(samples));
	assert_full_scale(value, IIOBRIDGE_FORMAT_S16, 2048);

	unpack_one(value, 2, IIOBRIDGE_FORMAT_S32, samples, 2, longs);
	assert_int_equal(longs[0], -2048);
	assert_int_equal(longs[1], 2047);
	pack_one(value, 2, IIOBRIDGE_FORMAT_S32, longs, 2, back);
	assert_memory_equal(back, samples, sizeof(samples));
	assert_full_scale(value, IIOBRIDGE_FORMAT_S32, 2048);

	unpack_one(value, 2, IIOBRIDGE_FORMAT_F32, samples, 2, floats);
	assert_true(floats[0] == -1.0f && floats[1] == 2047.0f / 2048);
	pack_one(value, 2, IIOBRIDGE_FORMAT_F32, floats, 2, back);
	assert_memory_equal(back, samples, sizeof(samples));
	assert_full_scale(value, IIOBRIDGE_FORMAT_F32, 1);

	unpack_one(value, 2, IIOBRIDGE_FORMAT_S8, samples, 2, bytes);
	assert_int_equal(bytes[0], -128);
	assert_int_equal(bytes[1], 127);
	pack_one(value, 2, IIOBRIDGE_FORMAT_S8, bytes, 2, back);
	assert_memory_equal(back, highest, sizeof(highest));
	assert_full_scale(value, IIOBRIDGE_FORMAT_S8, 128);
}

static void a_number_beyond_full_scale_is_full_scale(void **state)
{
	static const float floats[] = { 1.0f, 3.0f, -3.0f, INFINITY, -INFINITY };
	static const int16_t words[] = { 2047, 2048, 32767, -2049, -32768 };
	static const int16_t of_floats[] = { 32767, 32767, -32768, 32767, -32768 };
	static const int16_t of_words[] = { 2047, 2047, 2047, -2048, -2048 };
	int16_t samples[5];
	int64_t wide[5];

	(void)state;
	pack_one(signed_value(16, 16, 0), 2, IIOBRIDGE_FORMAT_F32, floats, 5, samples);
	assert_memory_equal(samples, of_floats, sizeof(of_floats));
	pack_one(signed_value(12, 16, 0), 2, IIOBRIDGE_FORMAT_S16, words, 5, samples);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(samples[i] & 0xfff, of_words[i] & 0xfff);
	/* 2^63, which no int64_t is. */
	pack_one(signed_value(64, 64, 0), 8, IIOBRIDGE_FORMAT_F32, floats, 5, wide);
	for (size_t i = 0; i < 5; i++)
		assert_true(wide[i] == (floats[i] > 0 ? INT64_MAX : INT64_MIN));
}

static void a_float_that_is_no_number_is_silence(void **state)
{
	static const float floats[] = { NAN, -NAN };
	struct iiobridge_value value = signed_value(16, 16, 0);
	uint16_t samples[2];

	(void)state;
	pack_one(value, 2, IIOBRIDGE_FORMAT_F32, floats, 2, samples);
	assert_int_equal(samples[0], 0);
	assert_int_equal(samples[1], 0);
	value.is_signed = false;
	pack_one(value, 2, IIOBRIDGE_FORMAT_F32, floats, 2, samples);
	assert_int_equal(samples[0], 0x8000);
	assert_int_equal(samples[1], 0x8000);
}

static void big_endian_and_unsigned_values_are_read_as_they_are(void **state)
{
	const struct iiobridge_value value = {
		.offset = 1,
		.bits = 16,
		.storage_bits = 16,
		.is_big_endian = true,
	};
	static const uint8_t sample[] = { 0xee, 0x80, 0x01 };
	static const uint8_t packed[] = { 0x00, 0x80, 0x01 };
	uint8_t back[sizeof(sample)];
	int16_t word;

	(void)state;
	unpack_one(value, 3, IIOBRIDGE_FORMAT_S16, sample, 1, &word);
	assert_int_equal(word, 1);
	memset(back, 0xee, sizeof(back));
	pack_one(value, 3, IIOBRIDGE_FORMAT_S16, &word, 1, back);
	assert_memory_equal(back, packed, sizeof(packed));
}

/* Those of files: the converters have none. */
static void floats_in_samples_are_converted_too(void **state)
{
	static const float narrow[] = { 0.5f, 1.0f, -1.0f, 7.0f, -7.0f, NAN };
	static const double wide[] = { 0.5, 1.0, -1.0, 7.0, -7.0, (double)NAN };
	static const int16_t words_wanted[] = { 16384, 32767, -32768, 32767, -32768, 0 };
	static const int32_t longs_wanted[] = { 1 << 30,   INT32_MAX, INT32_MIN,
						INT32_MAX, INT32_MIN, 0 };
	struct iiobridge_value value = { .storage_bits = 32, .is_float = true };
	uint8_t back[sizeof(wide)];
	int32_t longs[6];
	int16_t words[6];
	float floats[6];

	(void)state;
	assert_full_scale(value, IIOBRIDGE_FORMAT_S16, 32768);
	assert_full_scale(value, IIOBRIDGE_FORMAT_F32, 1);
	unpack_one(value, 4, IIOBRIDGE_FORMAT_S16, narrow, 6, words);
	assert_memory_equal(words, words_wanted, sizeof(words));
	unpack_one(value, 4, IIOBRIDGE_FORMAT_S32, narrow, 6, longs);
	assert_memory_equal(longs, longs_wanted, sizeof(longs));
	pack_one(value, 4, IIOBRIDGE_FORMAT_S16, words, 1, back);
	assert_memory_equal(back, narrow, sizeof(narrow[0]));

	value.storage_bits = 64;
	unpack_one(value, 8, IIOBRIDGE_FORMAT_F32, wide, 6, floats);
	assert_memory_equal(floats, narrow, 5 * sizeof(floats[0]));
	assert_true(isnan(floats[5]));
	unpack_one(value, 8, IIOBRIDGE_FORMAT_S16, wide, 6, words);
	assert_memory_equal(words, words_wanted, sizeof(words));
	pack_one(value, 8, IIOBRIDGE_FORMAT_F32, floats, 5, back);
	assert_memory_equal(back, wide, 5 * sizeof(wide[0]));
}

static void a_float_in_big_endian_order_is_one(void **state)
{
	const struct iiobridge_value value = {
		.storage_bits = 32,
		.is_float = true,
		.is_big_endian = true,
	};
	static const uint8_t sample[] = { 0xbf, 0x00, 0x00, 0x00 };
	uint8_t back[sizeof(sample)];
	float number;

	(void)state;
	unpack_one(value, 4, IIOBRIDGE_FORMAT_F32, sample, 1, &number);
	assert_true(number == -0.5f);
	pack_one(value, 4, IIOBRIDGE_FORMAT_F32, &number, 1, back);
	assert_memory_equal(back, sample, sizeof(sample));
}

static void values_that_cannot_be_converted_are_refused(void **state)
{
	static const struct iiobridge_value refused[] = {
		{ .bits = 0, .storage_bits = 16 },
		{ .bits = 17, .storage_bits = 16 },
		{ .bits = 12, .storage_bits = 16, .shift = 5 },
		{ .bits = 16, .storage_bits = 16, .shift = UINT32_MAX },
		{ .bits = 24, .storage_bits = 24 },
		{ .bits = 128, .storage_bits = 128 },
		{ .bits = 16, .storage_bits = 16, .offset = 7 },
		{ .bits = 16, .storage_bits = 16, .offset = SIZE_MAX },
		{ .bits = 16, .storage_bits = 16, .is_float = true },
	};
	const struct iiobridge_value fits = signed_value(16, 16, 0);
	struct iiobridge_conversion *conversion;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(iiobridge_conversion_new(&refused[i], 1, 8, IIOBRIDGE_FORMAT_S16,
							  &conversion),
				 IIOBRIDGE_ERROR_INVALID);
		assert_non_null(strstr(iiobridge_error_message(), "value 0 cannot be converted"));
	}
	assert_int_equal(iiobridge_conversion_new(&fits, 0, 8, IIOBRIDGE_FORMAT_S16, &conversion),
			 IIOBRIDGE_ERROR_INVALID);
	assert_int_equal(
		iiobridge_conversion_new(&fits, 1, 8, IIOBRIDGE_FORMAT_F32 + 1, &conversion),
		IIOBRIDGE_ERROR_INVALID);
	assert_int_equal(iiobridge_conversion_new(&fits, 1, 8, -1, &conversion),
			 IIOBRIDGE_ERROR_INVALID);
	iiobridge_conversion_free(NULL);
}

/* ---- all kinds of values, beside a slow and plain conversion ---- */

/* The places of some values in a sample that has so many. */
struct layout {
	size_t slots;
	size_t count;
	size_t at[SLOTS];
	size_t odd; /* bytes before and behind them */
};

static const struct layout layouts[] = {
	{ .slots = 1, .count = 1, .at = { 0 } },    /* packed */
	{ .slots = 2, .count = 2, .at = { 0, 1 } }, /* packed, a pair */
	{ .slots = 2, .count = 1, .at = { 1 } },    /* half of a pair */
	{ .slots = 4, .count = 2, .at = { 2, 3 } }, /* one pair of two */
	{ .slots = 2, .count = 2, .at = { 1, 0 } }, /* in another order */
	{ .slots = 3, .count = 3, .at = { 2, 0, 1 } },
	{ .slots = 2, .count = 2, .at = { 0, 1 }, .odd = 1 }, /* without alignment */
};

static uint64_t random_state;

static uint64_t random_number(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return random_state ^ random_state >> 29;
}

static void fill_at_random(void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = (uint8_t)(random_number() >> 32);
}

static unsigned int bits_of(int format)
{
	return format == IIOBRIDGE_FORMAT_S8 ? 8 : format == IIOBRIDGE_FORMAT_S16 ? 16 : 32;
}

static unsigned int bits_left_out(const struct iiobridge_value *value, int format)
{
	const unsigned int room = format == IIOBRIDGE_FORMAT_F32 ? 64 : bits_of(format);

	return value->bits > room ? value->bits - room : 0;
}

/* The byte of a value that is the nth from the least. */
static size_t byte_at(const struct iiobridge_value *value, size_t n)
{
	return value->is_big_endian ? value->storage_bits / 8 - 1 - n : n;
}

static void unpack_plainly(const struct iiobridge_value *value, const uint8_t *sample, int format,
			   size_t index, void *numbers)
{
	uint64_t raw = 0;
	__int128 number;

	for (size_t n = 0; n < value->storage_bits / 8; n++)
		raw |= (uint64_t)sample[value->offset + byte_at(value, n)] << 8 * n;
	number = raw >> value->shift & ~UINT64_C(0) >> (64 - value->bits);
	if (!value->is_signed)
		number -= (__int128)1 << (value->bits - 1);
	else if (number >> (value->bits - 1))
		number -= (__int128)1 << value->bits;
	number >>= bits_left_out(value, format);
	if (format == IIOBRIDGE_FORMAT_S8)
		((int8_t *)numbers)[index] = (int8_t)number;
	else if (format == IIOBRIDGE_FORMAT_S16)
		((int16_t *)numbers)[index] = (int16_t)number;
	else if (format == IIOBRIDGE_FORMAT_S32)
		((int32_t *)numbers)[index] = (int32_t)number;
	else
		((float *)numbers)[index] = ldexpf((float)(int64_t)number, 1 - (int)value->bits);
}

static void pack_plainly(const struct iiobridge_value *value, const void *numbers, int format,
			 size_t index, uint8_t *sample)
{
	const __int128 half = (__int128)1 << (value->bits - 1);
	__int128 number;
	uint64_t raw;

	if (format == IIOBRIDGE_FORMAT_S8)
		number = ((const int8_t *)numbers)[index];
	else if (format == IIOBRIDGE_FORMAT_S16)
		number = ((const int16_t *)numbers)[index];
	else if (format == IIOBRIDGE_FORMAT_S32)
		number = ((const int32_t *)numbers)[index];
	else
		number = (__int128)rint(
			ldexp((double)((const float *)numbers)[index], (int)value->bits - 1));
	number *= (__int128)1 << bits_left_out(value, format);
	if (number < -half)
		number = -half;
	if (number > half - 1)
		number = half - 1;
	if (!value->is_signed)
		number += half;
	raw = ((uint64_t)number & ~UINT64_C(0) >> (64 - value->bits)) << value->shift;
	for (size_t n = 0; n < value->storage_bits / 8; n++)
		sample[value->offset + byte_at(value, n)] = (uint8_t)(raw >> 8 * n);
}

struct kind {
	struct iiobridge_value values[SLOTS];
	size_t count;
	size_t sample_size;
	int format;
	struct iiobridge_conversion *conversion;
};

static void samples_become_the_same_numbers(const struct kind *kind)
{
	static uint8_t samples[SAMPLES * (SLOTS * 8 + 2)];
	static uint8_t numbers[SAMPLES * SLOTS * 4], wanted[SAMPLES * SLOTS * 4];
	static uint8_t planes[SLOTS][SAMPLES * 4];
	void *const arrays[] = { planes[0], planes[1], planes[2], planes[3] };
	const size_t size = bits_of(kind->format) / 8;

	fill_at_random(samples, sizeof(samples));
	for (size_t i = 0; i < SAMPLES; i++)
		for (size_t n = 0; n < kind->count; n++)
			unpack_plainly(&kind->values[n], samples + i * kind->sample_size,
				       kind->format, i * kind->count + n, wanted);
	iiobridge_conversion_unpack(kind->conversion, samples, SAMPLES, numbers);
	assert_memory_equal(numbers, wanted, SAMPLES * kind->count * size);
	iiobridge_conversion_unpack_planar(kind->conversion, samples, SAMPLES, arrays);
	for (size_t i = 0; i < SAMPLES; i++)
		for (size_t n = 0; n < kind->count; n++)
			assert_memory_equal(planes[n] + i * size,
					    wanted + (i * kind->count + n) * size, size);
}

static void numbers_become_the_same_samples(const struct kind *kind)
{
	static uint8_t samples[SAMPLES * (SLOTS * 8 + 2)], wanted[SAMPLES * (SLOTS * 8 + 2)];
	static uint8_t numbers[SAMPLES * SLOTS * 4];
	static uint8_t planes[SLOTS][SAMPLES * 4];
	const void *const arrays[] = { planes[0], planes[1], planes[2], planes[3] };
	const size_t size = bits_of(kind->format) / 8;

	fill_at_random(numbers, sizeof(numbers));
	/* From -2 to 2, of which half is beyond full scale. */
	for (size_t i = 0; kind->format == IIOBRIDGE_FORMAT_F32 && i < SAMPLES * kind->count; i++)
		((float *)numbers)[i] = ldexpf((float)(int32_t)random_number(), -30);
	memset(wanted, 0, sizeof(wanted));
	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t n = 0; n < kind->count; n++) {
			const size_t index = i * kind->count + n;

			pack_plainly(&kind->values[n], numbers, kind->format, index,
				     wanted + i * kind->sample_size);
			memcpy(planes[n] + i * size, numbers + index * size, size);
		}
	}
	fill_at_random(samples, sizeof(samples));
	iiobridge_conversion_pack(kind->conversion, numbers, SAMPLES, samples);
	assert_memory_equal(samples, wanted, SAMPLES * kind->sample_size);
	fill_at_random(samples, sizeof(samples));
	iiobridge_conversion_pack_planar(kind->conversion, arrays, SAMPLES, samples);
	assert_memory_equal(samples, wanted, SAMPLES * kind->sample_size);
}

static void check_kind(struct iiobridge_value value, int format, const struct layout *layout)
{
	const size_t size = value.storage_bits / 8;
	struct kind kind = {
		.count = layout->count,
		.sample_size = layout->slots * size + 2 * layout->odd,
		.format = format,
	};

	for (size_t n = 0; n < layout->count; n++) {
		kind.values[n] = value;
		kind.values[n].offset = layout->odd + layout->at[n] * size;
	}
	assert_int_equal(iiobridge_conversion_new(kind.values, kind.count, kind.sample_size, format,
						  &kind.conversion),
			 0);
	samples_become_the_same_numbers(&kind);
	numbers_become_the_same_samples(&kind);
	iiobridge_conversion_free(kind.conversion);
}

static void check_layouts(struct iiobridge_value value)
{
	for (int format = IIOBRIDGE_FORMAT_S8; format <= IIOBRIDGE_FORMAT_F32; format++)
		for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
			check_kind(value, format, &layouts[i]);
}

/* So the loops for each storage and format, and those for values side by side, do the same. */
static void every_kind_of_value_in_every_layout_is_converted_alike(void **state)
{
	(void)state;
	random_state = 1;
	for (unsigned int storage = 8; storage <= 64; storage *= 2) {
		const unsigned int bits[] = {
			1, 2, storage / 2, storage - 4, storage - 1, storage
		};

		for (size_t i = 0; i < 4 * sizeof(bits) / sizeof(bits[0]); i++) {
			struct iiobridge_value value = signed_value(bits[i / 4], storage, 0);

			value.is_signed = i % 2;
			value.is_big_endian = i / 2 % 2;
			check_layouts(value);
			value.shift = storage - value.bits;
			check_layouts(value);
			value.shift /= 2;
			check_layouts(value);
		}
	}
}

static void values_of_several_kinds_share_a_sample(void **state)
{
	struct kind kind = {
		.values = {
			{ .offset = 6, .bits = 12, .storage_bits = 16, .shift = 4, .is_signed = true },
			{ .offset = 0, .bits = 24, .storage_bits = 32, .is_big_endian = true },
			{ .offset = 5, .bits = 8, .storage_bits = 8, .is_signed = true },
		},
		.count = 3,
		.sample_size = 8,
	};

	(void)state;
	random_state = 2;
	for (kind.format = IIOBRIDGE_FORMAT_S8; kind.format <= IIOBRIDGE_FORMAT_F32;
	     kind.format++) {
		assert_int_equal(iiobridge_conversion_new(kind.values, kind.count, kind.sample_size,
							  kind.format, &kind.conversion),
				 0);
		samples_become_the_same_numbers(&kind);
		numbers_become_the_same_samples(&kind);
		iiobridge_conversion_free(kind.conversion);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_lie_at_multiples_of_their_size_in_the_order_of_indices),
		cmocka_unit_test(a_timestamp_and_repeated_values_have_their_places_too),
		cmocka_unit_test(channels_of_a_route_are_converted_in_the_order_that_is_wanted),
		cmocka_unit_test(a_channel_that_is_not_in_the_samples_is_refused),
		cmocka_unit_test(valid_bits_are_taken_and_put_back_in_every_format),
		cmocka_unit_test(a_number_beyond_full_scale_is_full_scale),
		cmocka_unit_test(a_float_that_is_no_number_is_silence),
		cmocka_unit_test(big_endian_and_unsigned_values_are_read_as_they_are),
		cmocka_unit_test(floats_in_samples_are_converted_too),
		cmocka_unit_test(a_float_in_big_endian_order_is_one),
		cmocka_unit_test(values_that_cannot_be_converted_are_refused),
		cmocka_unit_test(every_kind_of_value_in_every_layout_is_converted_alike),
		cmocka_unit_test(values_of_several_kinds_share_a_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
