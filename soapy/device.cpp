// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device.cpp - a board as a device of SoapySDR
 *
 * Each pair of I and Q channels of an rx route is a channel for reception, each of a tx route one
 * for transmission; a converter's channel that belongs to no pair is one of its own, with real
 * samples. Rates, frequencies and gains are those of the board's configuration.
 */
#include "stream.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

/* What SoapySDR calls opaque is a stream. */
static stream *to_stream(SoapySDR::Stream *handle)
{
	return reinterpret_cast<stream *>(handle);
}

static bool ends_in(const std::string &name, const char *ending)
{
	return name.size() > 2 && name.compare(name.size() - 2, 2, ending) == 0;
}

static int find_quadrature(const iiobridge_route *route, const std::string &in_phase)
{
	const std::string name = in_phase.substr(0, in_phase.size() - 2) + "_q";

	for (unsigned int n = 0; n < iiobridge_route_channel_count(route); n++) {
		if (channel_name(route, n) == name)
			return (int)n;
	}
	return -1;
}

/*
 * Channels whose names end in _i and _q are pairs, and exactly two without such an ending. They are
 * in the order of the converter's.
 */
static std::vector<soapy_channel> pair_channels(const iiobridge_route *route)
{
	const unsigned int count = iiobridge_route_channel_count(route);
	std::vector<soapy_channel> result;
	bool has_endings = false;

	for (unsigned int n = 0; n < count; n++) {
		const std::string name = channel_name(route, n);
		const bool is_i = ends_in(name, "_i"), is_q = ends_in(name, "_q");

		has_endings = has_endings || is_i || is_q;
		if (!is_q)
			result.push_back({ route, n, is_i ? find_quadrature(route, name) : -1 });
	}
	if (count == 2 && !has_endings)
		return { { route, 0, 1 } };
	return result;
}

class bridge : public SoapySDR::Device
{
      public:
	explicit bridge(const SoapySDR::Kwargs &args)
	{
		const auto serial = args.find("serial");
		iiobridge_board *opened;

		check(iiobridge_board_open(serial != args.end() ? serial->second.c_str() : nullptr,
					   &opened));
		board.reset(opened);
		for (unsigned int n = 0; n < iiobridge_board_route_count(opened); n++)
			add_route(n);
	}

	std::string getDriverKey() const override
	{
		return "iiobridge";
	}

	std::string getHardwareKey() const override
	{
		return iiobridge_board_model(board.get());
	}

	SoapySDR::Kwargs getHardwareInfo() const override
	{
		return { { "serial", iiobridge_board_serial(board.get()) },
			 { "software", iiobridge_board_software(board.get()) } };
	}

	size_t getNumChannels(const int direction) const override
	{
		return channels[direction == SOAPY_SDR_TX].size();
	}

	bool getFullDuplex(const int, const size_t) const override
	{
		return true;
	}

	SoapySDR::Kwargs getChannelInfo(const int direction, const size_t channel) const override
	{
		const soapy_channel &place = at(direction, channel);
		SoapySDR::Kwargs info = { { "route", iiobridge_route_name(place.route) },
					  { "device", iiobridge_route_device(place.route) },
					  { "i", channel_name(place.route, place.i) } };

		if (place.q >= 0)
			info["q"] = channel_name(place.route, (unsigned int)place.q);
		return info;
	}

	std::vector<std::string> getStreamFormats(const int direction,
						  const size_t channel) const override
	{
		if (at(direction, channel).q >= 0)
			return { SOAPY_SDR_CS8, SOAPY_SDR_CS16, SOAPY_SDR_CF32 };
		return { SOAPY_SDR_S8, SOAPY_SDR_S16, SOAPY_SDR_F32 };
	}

	std::string getNativeStreamFormat(const int direction, const size_t channel,
					  double &full_scale) const override
	{
		const soapy_channel &place = at(direction, channel);
		const iiobridge_channel *info = iiobridge_route_channel(place.route, place.i);
		const bool is_small = iiobridge_channel_storage_bits(info) == 8;
		const unsigned int bits = std::min(iiobridge_channel_bits(info), 16U);

		full_scale = std::ldexp(1.0, (int)bits - 1);
		if (place.q >= 0)
			return is_small ? SOAPY_SDR_CS8 : SOAPY_SDR_CS16;
		return is_small ? SOAPY_SDR_S8 : SOAPY_SDR_S16;
	}

	SoapySDR::Stream *setupStream(const int direction, const std::string &format,
				      const std::vector<size_t> &wanted,
				      const SoapySDR::Kwargs &) override
	{
		std::vector<soapy_channel> chosen;

		for (size_t channel : wanted.empty() ? std::vector<size_t>{ 0 } : wanted)
			chosen.push_back(at(direction, channel));
		auto opened = std::make_unique<stream>(board.get(), direction, chosen, format);
		std::lock_guard<std::mutex> guard(lock);

		streams.push_back(std::move(opened));
		return reinterpret_cast<SoapySDR::Stream *>(streams.back().get());
	}

	void closeStream(SoapySDR::Stream *handle) override
	{
		to_stream(handle)->change(stream::state::closed);
	}

	size_t getStreamMTU(SoapySDR::Stream *handle) const override
	{
		return to_stream(handle)->mtu();
	}

	/* A board starts when it is told to, and goes on until it is told to stop. */
	int activateStream(SoapySDR::Stream *handle, const int flags, const long long,
			   const size_t count) override
	{
		return flags || count ? SOAPY_SDR_NOT_SUPPORTED
				      : to_stream(handle)->change(stream::state::running);
	}

	int deactivateStream(SoapySDR::Stream *handle, const int flags, const long long) override
	{
		return flags ? SOAPY_SDR_NOT_SUPPORTED
			     : to_stream(handle)->change(stream::state::idle);
	}

	int readStream(SoapySDR::Stream *handle, void *const *buffers, const size_t count,
		       int &flags, long long &time_ns, const long timeout_us) override
	{
		return to_stream(handle)->read(buffers, count, flags, time_ns, timeout_us);
	}

	int writeStream(SoapySDR::Stream *handle, const void *const *buffers, const size_t count,
			int &flags, const long long, const long timeout_us) override
	{
		if (flags & SOAPY_SDR_HAS_TIME)
			return SOAPY_SDR_NOT_SUPPORTED;
		return to_stream(handle)->write(buffers, count, flags, timeout_us);
	}

	int readStreamStatus(SoapySDR::Stream *handle, size_t &mask, int &flags, long long &time_ns,
			     const long timeout_us) override
	{
		mask = 0;
		return to_stream(handle)->status(flags, time_ns, timeout_us);
	}

	double getSampleRate(const int direction, const size_t channel) const override
	{
		return iiobridge_route_sample_rate(at(direction, channel).route);
	}

	std::vector<double> listSampleRates(const int direction,
					    const size_t channel) const override
	{
		return { getSampleRate(direction, channel) };
	}

	void setSampleRate(const int direction, const size_t channel, const double rate) override
	{
		const double has = getSampleRate(direction, channel);

		if (std::abs(rate - has) > 1)
			throw std::runtime_error(
				"iiobridge: the sample rate is " + std::to_string(has) + ", not " +
				std::to_string(rate) + ": the board's configuration sets it");
	}

      private:
	void add_route(unsigned int number)
	{
		iiobridge_route *route;

		check(iiobridge_route_get(board.get(), number, &route));
		routes.emplace_back(route);
		const int kind = iiobridge_route_kind(route);

		if (kind != IIOBRIDGE_ROUTE_RX && kind != IIOBRIDGE_ROUTE_TX)
			return;
		for (const soapy_channel &channel : pair_channels(route))
			channels[kind == IIOBRIDGE_ROUTE_TX].push_back(channel);
	}

	const soapy_channel &at(int direction, size_t channel) const
	{
		const auto &list = channels[direction == SOAPY_SDR_TX];

		if (channel >= list.size())
			throw std::runtime_error("iiobridge: there is no channel " +
						 std::to_string(channel) + ": there are " +
						 std::to_string(list.size()));
		return list[channel];
	}

	owned<iiobridge_board, iiobridge_board_close> board;
	std::vector<owned<iiobridge_route, iiobridge_route_free>> routes;
	std::vector<soapy_channel> channels[2]; /* for reception, and for transmission */
	std::mutex lock;
	/* Closed ones stay: a thread may be about to call one, which is then told. */
	std::vector<std::unique_ptr<stream>> streams;
};

static SoapySDR::KwargsList find(const SoapySDR::Kwargs &args)
{
	const auto wanted = args.find("serial");
	SoapySDR::KwargsList result;
	iiobridge_board_list *found;

	if (iiobridge_board_list_new(&found) < 0)
		return result;
	const owned<iiobridge_board_list, iiobridge_board_list_free> list(found);

	for (size_t i = 0; i < iiobridge_board_list_count(list.get()); i++) {
		const std::string serial = iiobridge_board_list_serial(list.get(), i);
		const std::string model = iiobridge_board_list_model(list.get(), i);

		if (wanted == args.end() || wanted->second == serial)
			result.push_back({ { "driver", "iiobridge" },
					   { "serial", serial },
					   { "label", model + " " + serial } });
	}
	return result;
}

static SoapySDR::Device *make(const SoapySDR::Kwargs &args)
{
	return new bridge(args);
}

static SoapySDR::Registry registered("iiobridge", &find, &make, SOAPY_SDR_ABI_VERSION);
