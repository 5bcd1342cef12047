// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.cpp - a board as a device of SoapySDR
 *
 * Each pair of I and Q channels of a capture route is a channel for reception, each of a playback
 * route one for transmission; a converter's channel that belongs to no pair is one of its own, with
 * real samples. Rates, frequencies and gains are those of the board's configuration.
 */
#include "lane.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <cmath>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

/* What SoapySDR calls opaque is a lane. */
static lane *to_lane(SoapySDR::Stream *stream)
{
	return reinterpret_cast<lane *>(stream);
}

static void check(int error)
{
	if (error < 0)
		throw std::runtime_error(std::string("iiobridge: ") + iiobridge_message());
}

class bridge : public SoapySDR::Device
{
      public:
	explicit bridge(const SoapySDR::Kwargs &args)
	{
		const auto serial = args.find("serial");

		check(iiobridge_open(serial != args.end() ? serial->second.c_str() : nullptr,
				     &board));
		try {
			find_channels();
		} catch (...) {
			iiobridge_close(board);
			throw;
		}
	}

	~bridge() override
	{
		iiobridge_close(board);
	}

	bridge(const bridge &) = delete;
	bridge &operator=(const bridge &) = delete;

	std::string getDriverKey() const override
	{
		return "iiobridge";
	}

	std::string getHardwareKey() const override
	{
		return iiobridge_info(board)->model;
	}

	SoapySDR::Kwargs getHardwareInfo() const override
	{
		return { { "serial", iiobridge_serial(board) },
			 { "software", iiobridge_info(board)->software } };
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
		const board_route &route = routes[place.route];
		SoapySDR::Kwargs info = { { "route", route.info.name },
					  { "device", route.info.device },
					  { "i", route.channels[place.i].id } };

		if (place.q >= 0)
			info["q"] = route.channels[place.q].id;
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
		const iiobridge_channel_info &info = routes[place.route].channels[place.i];
		const bool small = info.storage_bits == 8;

		full_scale = scan_full_scale(info, small ? scan_format::int8 : scan_format::int16);
		if (place.q >= 0)
			return small ? SOAPY_SDR_CS8 : SOAPY_SDR_CS16;
		return small ? SOAPY_SDR_S8 : SOAPY_SDR_S16;
	}

	SoapySDR::Stream *setupStream(const int direction, const std::string &format,
				      const std::vector<size_t> &wanted,
				      const SoapySDR::Kwargs &) override
	{
		std::vector<soapy_channel> chosen;

		for (size_t channel : wanted.empty() ? std::vector<size_t>{ 0 } : wanted)
			chosen.push_back(at(direction, channel));
		const board_route &route = routes[chosen[0].route];
		std::unique_ptr<lane> stream;

		if (direction == SOAPY_SDR_TX)
			stream = std::make_unique<tx_lane>(board, route, chosen, format);
		else
			stream = std::make_unique<rx_lane>(board, route, chosen, format);
		/* A second start would silently stop the first. */
		std::lock_guard<std::mutex> guard(lock);
		if (!busy.insert(route.number).second)
			throw std::runtime_error("iiobridge: a stream of route " +
						 std::string(route.info.name) +
						 " is open: close it first");
		return reinterpret_cast<SoapySDR::Stream *>(stream.release());
	}

	void closeStream(SoapySDR::Stream *stream) override
	{
		lane *const closed = to_lane(stream);

		closed->leave();
		std::lock_guard<std::mutex> guard(lock);
		busy.erase(closed->route_number());
		delete closed;
	}

	size_t getStreamMTU(SoapySDR::Stream *stream) const override
	{
		return to_lane(stream)->block_scans();
	}

	/* A board starts when it is told to, and goes on until it is told to stop. */
	int activateStream(SoapySDR::Stream *stream, const int flags, const long long,
			   const size_t count) override
	{
		return flags || count ? SOAPY_SDR_NOT_SUPPORTED : to_lane(stream)->start();
	}

	int deactivateStream(SoapySDR::Stream *stream, const int flags, const long long) override
	{
		return flags ? SOAPY_SDR_NOT_SUPPORTED : to_lane(stream)->stop();
	}

	int readStream(SoapySDR::Stream *stream, void *const *buffers, const size_t count,
		       int &flags, long long &time_ns, const long timeout_us) override
	{
		return to_lane(stream)->read(buffers, count, flags, time_ns, timeout_us);
	}

	int writeStream(SoapySDR::Stream *stream, const void *const *buffers, const size_t count,
			int &flags, const long long, const long timeout_us) override
	{
		if (flags & SOAPY_SDR_HAS_TIME)
			return SOAPY_SDR_NOT_SUPPORTED;
		return to_lane(stream)->write(buffers, count, flags, timeout_us);
	}

	/* Nothing is told but underruns. */
	int readStreamStatus(SoapySDR::Stream *stream, size_t &mask, int &flags, long long &time_ns,
			     const long timeout_us) override
	{
		mask = 0;
		return to_lane(stream)->status(flags, time_ns, timeout_us);
	}

	double getSampleRate(const int direction, const size_t channel) const override
	{
		const soapy_channel &place = at(direction, channel);

		return (double)routes[place.route].info.sample_rate_millihertz / 1000;
	}

	std::vector<double> listSampleRates(const int direction,
					    const size_t channel) const override
	{
		return { getSampleRate(direction, channel) };
	}

	SoapySDR::RangeList getSampleRateRange(const int direction,
					       const size_t channel) const override
	{
		const double rate = getSampleRate(direction, channel);

		return { SoapySDR::Range(rate, rate) };
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
	void find_channels()
	{
		for (unsigned int i = 0; i < iiobridge_info(board)->route_count; i++) {
			board_route route = { i, {}, {} };

			check(iiobridge_get_route(board, i, &route.info));
			route.channels.resize(route.info.channel_count);
			for (unsigned int n = 0; n < route.info.channel_count; n++)
				check(iiobridge_get_channel(board, i, n, &route.channels[n]));
			routes.push_back(route);
			if (route.info.direction > IIOBRIDGE_PLAYBACK)
				continue;
			for (const soapy_channel &channel : pair_channels(route))
				channels[route.info.direction == IIOBRIDGE_PLAYBACK].push_back(
					channel);
		}
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

	iiobridge_board *board = nullptr;
	std::vector<board_route> routes;
	std::vector<soapy_channel> channels[2]; /* for reception, and for transmission */
	std::mutex lock;
	std::set<unsigned int> busy; /* routes with a stream */
};

static SoapySDR::KwargsList find(const SoapySDR::Kwargs &args)
{
	const auto wanted = args.find("serial");
	SoapySDR::KwargsList result;
	iiobridge_list *list;

	if (iiobridge_list_new(&list) < 0)
		return result;
	for (size_t i = 0; i < iiobridge_list_count(list); i++) {
		const std::string serial = iiobridge_list_serial(list, i);
		const std::string model = iiobridge_list_info(list, i)->model;

		if (wanted == args.end() || wanted->second == serial)
			result.push_back({ { "driver", "iiobridge" },
					   { "serial", serial },
					   { "label", model + " " + serial } });
	}
	iiobridge_list_free(list);
	return result;
}

static SoapySDR::Device *make(const SoapySDR::Kwargs &args)
{
	return new bridge(args);
}

static SoapySDR::Registry registered("iiobridge", &find, &make, SOAPY_SDR_ABI_VERSION);
