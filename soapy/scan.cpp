// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

std::vector<value_place> scan_layout(const std::vector<iiobridge_channel_info> &channels,
				     uint32_t mask)
{
	std::vector<value_place> places(channels.size());
	std::vector<size_t> order(channels.size());
	size_t offset = 0;

	std::iota(order.begin(), order.end(), 0);
	std::sort(order.begin(), order.end(), [&](size_t one, size_t other) {
		return channels[one].index < channels[other].index;
	});
	for (size_t i : order) {
		const size_t size =
			channels[i].storage_bits / 8 * std::max<size_t>(channels[i].repeat, 1);

		places[i].info = channels[i];
		if (!(mask & UINT32_C(1) << i))
			continue;
		offset = (offset + size - 1) / size * size;
		places[i].offset = offset;
		offset += size;
	}
	return places;
}

/* Bits of a value that a format has room for, and those that it leaves out. */
static unsigned int bits_left_out(const iiobridge_channel_info &info, scan_format format)
{
	const unsigned int room = format == scan_format::int8 ? 8 : 16;

	return format != scan_format::float32 && info.bits > room ? info.bits - room : 0;
}

double scan_full_scale(const iiobridge_channel_info &info, scan_format format)
{
	return std::ldexp(1.0, info.bits - 1 - (int)bits_left_out(info, format));
}

static uint64_t load(const uint8_t *bytes, size_t size, bool big_endian)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[big_endian ? i : size - 1 - i];
	return value;
}

static void store(uint8_t *bytes, size_t size, bool big_endian, uint64_t value)
{
	for (size_t i = 0; i < size; i++, value >>= 8)
		bytes[big_endian ? size - 1 - i : i] = (uint8_t)value;
}

/* The number that the valid bits mean, with 0 in the middle. */
static int64_t decode(const iiobridge_channel_info &info, uint64_t raw)
{
	const int unused = 64 - info.bits;
	const int64_t middle = info.is_signed ? 0 : INT64_C(1) << (info.bits - 1);
	const uint64_t valid = raw >> info.shift << unused;

	return (info.is_signed ? (int64_t)valid >> unused : (int64_t)(valid >> unused)) - middle;
}

static uint64_t encode(const iiobridge_channel_info &info, int64_t value)
{
	const int64_t full = INT64_C(1) << (info.bits - 1);
	const uint64_t mask = ~UINT64_C(0) >> (64 - info.bits);

	value = std::clamp(value, -full, full - 1);
	return ((uint64_t)(info.is_signed ? value : value + full) & mask) << info.shift;
}

template <typename Value, typename Convert>
static void take(const value_place &place, const uint8_t *scans, size_t scan_size, size_t count,
		 Value *values, size_t stride, Convert convert)
{
	const size_t size = place.info.storage_bits / 8;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *bytes = scans + i * scan_size + place.offset;

		values[i * stride] =
			convert(decode(place.info, load(bytes, size, place.info.big_endian)));
	}
}

template <typename Value, typename Convert>
static void put(const value_place &place, uint8_t *scans, size_t scan_size, size_t count,
		const Value *values, size_t stride, Convert convert)
{
	const size_t size = place.info.storage_bits / 8;

	for (size_t i = 0; i < count; i++) {
		uint8_t *bytes = scans + i * scan_size + place.offset;

		store(bytes, size, place.info.big_endian,
		      encode(place.info, convert(values[i * stride])));
	}
}

void scan_take(const value_place &place, const uint8_t *scans, size_t scan_size, size_t count,
	       scan_format format, void *values, size_t stride)
{
	const unsigned int drop = bits_left_out(place.info, format);
	const float factor = (float)(1 / scan_full_scale(place.info, format));

	switch (format) {
	case scan_format::int8:
		take(place, scans, scan_size, count, (int8_t *)values, stride,
		     [=](int64_t value) { return (int8_t)(value >> drop); });
		break;
	case scan_format::int16:
		take(place, scans, scan_size, count, (int16_t *)values, stride,
		     [=](int64_t value) { return (int16_t)(value >> drop); });
		break;
	case scan_format::float32:
		take(place, scans, scan_size, count, (float *)values, stride,
		     [=](int64_t value) { return (float)value * factor; });
		break;
	}
}

void scan_put(const value_place &place, uint8_t *scans, size_t scan_size, size_t count,
	      scan_format format, const void *values, size_t stride)
{
	const int64_t factor = INT64_C(1) << bits_left_out(place.info, format);
	const double full = scan_full_scale(place.info, format);

	switch (format) {
	case scan_format::int8:
		put(place, scans, scan_size, count, (const int8_t *)values, stride,
		    [=](int8_t value) { return value * factor; });
		break;
	case scan_format::int16:
		put(place, scans, scan_size, count, (const int16_t *)values, stride,
		    [=](int16_t value) { return value * factor; });
		break;
	case scan_format::float32:
		put(place, scans, scan_size, count, (const float *)values, stride,
		    [=](float value) {
			    return std::llrint(std::clamp((double)value, -1.0, 1.0) * full);
		    });
		break;
	}
}
