// SPDX-License-Identifier: LGPL-2.1-or-later
#include "samples.hpp"

#include <SoapySDR/Formats.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>

/* Samples of several channels that are put side by side in one go, within the processor's cache. */
static constexpr size_t MIXED = 256;

void check(int result)
{
	if (result < 0)
		throw std::runtime_error(std::string("iiobridge: ") + iiobridge_error_message());
}

int soapy_channel::index() const
{
	return (int)iiobridge_route_index(route);
}

/* A transceiver has two channels for each of its receivers. */
int soapy_channel::receiver() const
{
	return (int)(q < 0 ? i : i / 2);
}

std::string channel_name(const iiobridge_route *route, unsigned int number)
{
	return iiobridge_channel_id(iiobridge_route_channel(route, number));
}

static std::vector<unsigned int> numbers_of(const std::vector<soapy_channel> &channels)
{
	std::vector<unsigned int> result;

	for (const soapy_channel &channel : channels) {
		result.push_back(channel.i);
		if (channel.q >= 0)
			result.push_back((unsigned int)channel.q);
	}
	return result;
}

/* Return: enum iiobridge_format of SoapySDR's @name, which all channels can have. */
static int find_format(const std::vector<soapy_channel> &channels, const std::string &name)
{
	const bool is_complex = name[0] == 'C';
	const std::string kind = is_complex ? name.substr(1) : name;

	for (const soapy_channel &channel : channels) {
		if (channel.route != channels[0].route)
			throw std::runtime_error("iiobridge: a stream has channels of one route");
		if (!is_complex && channel.q >= 0)
			throw std::runtime_error("iiobridge: format " + name + " does not suit " +
						 channel_name(channel.route, channel.i) +
						 ", which has a Q channel");
	}
	if (kind == SOAPY_SDR_S8)
		return IIOBRIDGE_FORMAT_S8;
	if (kind == SOAPY_SDR_S16)
		return IIOBRIDGE_FORMAT_S16;
	if (kind == SOAPY_SDR_F32)
		return IIOBRIDGE_FORMAT_F32;
	throw std::runtime_error("iiobridge: no format " + name +
				 ": there are CS8, CS16 and CF32, and S8, S16 and F32");
}

static iiobridge_conversion *new_conversion(const iiobridge_route *route,
					    const std::vector<soapy_channel> &channels, int format)
{
	const std::vector<unsigned int> numbers = numbers_of(channels);
	iiobridge_conversion *conversion;

	check(iiobridge_conversion_of_route(route, numbers.data(), numbers.size(), format,
					    &conversion));
	return conversion;
}

static unsigned int number_bits(int format)
{
	return format == IIOBRIDGE_FORMAT_S8 ? 8 : format == IIOBRIDGE_FORMAT_S16 ? 16 : 32;
}

/* Whether a value lies at @offset just as a program on a little-endian machine has it. */
static bool is_number(const iiobridge_channel *channel, size_t offset, unsigned int bits)
{
	return iiobridge_channel_offset(channel) == (int)offset &&
	       iiobridge_channel_bits(channel) == bits &&
	       iiobridge_channel_storage_bits(channel) == bits &&
	       iiobridge_channel_repeat(channel) == 1 && iiobridge_channel_is_signed(channel) &&
	       !iiobridge_channel_is_big_endian(channel) &&
	       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

/* Bits that are not valid may be anything, so there must be none. */
bool samples::fits_directly(const iiobridge_route *route) const
{
	const unsigned int bits = number_bits(format);
	const soapy_channel &channel = channels[0];

	if (channels.size() > 1 || format == IIOBRIDGE_FORMAT_F32 || width != element_size ||
	    sample_size != element_size)
		return false;
	return is_number(iiobridge_route_channel(route, channel.i), 0, bits) &&
	       (channel.q < 0 ||
		is_number(iiobridge_route_channel(route, (unsigned int)channel.q), bits / 8, bits));
}

samples::samples(const std::vector<soapy_channel> &wanted, const std::string &name)
    : channels(wanted), format(find_format(wanted, name)),
      element_size(SoapySDR::formatToSize(name))
{
	for (const soapy_channel &channel : channels) {
		widths.push_back(name[0] == 'C' && channel.q < 0 ? element_size / 2 : element_size);
		width += widths.back();
	}
	mixed.resize(MIXED * width);
}

uint32_t samples::channel_mask() const
{
	uint32_t mask = 0;

	for (unsigned int number : numbers_of(channels))
		mask |= UINT32_C(1) << number;
	return mask;
}

void samples::lay_out(const iiobridge_route *route, bool is_tx)
{
	sample_size = iiobridge_route_sample_size(route);
	conversions.clear();
	if (is_tx)
		conversions.emplace_back(new_conversion(route, channels, format));
	for (size_t n = 0; n < channels.size() && !is_tx; n++)
		conversions.emplace_back(new_conversion(route, { channels[n] }, format));
	direct = fits_directly(route);
}

template <size_t SIZE>
static void spread_numbers(const uint8_t *from, size_t from_step, uint8_t *to, size_t to_step,
			   size_t count)
{
	for (size_t i = 0; i < count; i++)
		memcpy(to + i * to_step, from + i * from_step, SIZE);
}

/* Copies numbers of @size bytes that are in one distance into another. */
static void spread(size_t size, const uint8_t *from, size_t from_step, uint8_t *to, size_t to_step,
		   size_t count)
{
	const auto copy = size == 1   ? spread_numbers<1>
			  : size == 2 ? spread_numbers<2>
			  : size == 4 ? spread_numbers<4>
				      : spread_numbers<8>;

	copy(from, from_step, to, to_step, count);
}

void samples::unpack_channel(size_t channel, const uint8_t *from, size_t count, void *numbers)
{
	const iiobridge_conversion *converted = conversions[channel].get();
	const size_t size = widths[channel];
	auto to = static_cast<uint8_t *>(numbers);
	size_t part;

	if (size == element_size) {
		iiobridge_conversion_unpack(converted, from, count, numbers);
		return;
	}
	memset(to, 0, count * element_size);
	for (size_t done = 0; done < count; done += part) {
		part = std::min(count - done, MIXED);
		iiobridge_conversion_unpack(converted, from + done * sample_size, part,
					    mixed.data());
		spread(size, mixed.data(), size, to + done * element_size, element_size, part);
	}
}

void samples::unpack(const uint8_t *from, size_t count, void *const *buffers)
{
	for (size_t n = 0; n < channels.size(); n++)
		unpack_channel(n, from, count, buffers[n]);
}

/* The library wants the numbers of a sample side by side: those of several channels are not. */
void samples::pack(const void *const *buffers, size_t from, size_t count, uint8_t *to)
{
	const auto at = [&](size_t channel, size_t element) {
		return static_cast<const uint8_t *>(buffers[channel]) + element * element_size;
	};
	size_t part;

	if (channels.size() == 1 && width == element_size) {
		iiobridge_conversion_pack(conversions[0].get(), at(0, from), count, to);
		return;
	}
	for (size_t done = 0; done < count; done += part) {
		uint8_t *place = mixed.data();

		part = std::min(count - done, MIXED);
		for (size_t n = 0; n < channels.size(); place += widths[n++])
			spread(widths[n], at(n, from + done), element_size, place, width, part);
		iiobridge_conversion_pack(conversions[0].get(), mixed.data(), part,
					  to + done * sample_size);
	}
}

double route_rate(iiobridge_board *board, unsigned int index)
{
	iiobridge_route *route;
	const int r = iiobridge_route_get(board, index, &route);

	if (r < 0)
		return r;
	const double rate = iiobridge_route_sample_rate(route);

	iiobridge_route_free(route);
	return rate;
}
