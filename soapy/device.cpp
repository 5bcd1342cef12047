// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device.cpp - what a board is to SoapySDR: its channels, its streams, and its clock
 */
#include "device.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

/* Of stream arguments. */
static const char BLOCK_SIZE[] = "block_size", MEMORY[] = "memory", AHEAD[] = "ahead";
/* What the library has by itself. */
static constexpr size_t MEMORY_DEFAULT = 8 << 20, MEMORY_MAX = 1 << 30;

/* What SoapySDR calls opaque is a stream. */
static stream *to_stream(SoapySDR::Stream *handle)
{
	return reinterpret_cast<stream *>(handle);
}

/* ---- channels ---- */

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
 * Channels whose names end in _i and _q are pairs; where none does, each two of an even number, as
 * the transceivers' drivers have it. All others are real. They are in the order of the converter's,
 * and all of these, as those in a sample are what the last program has chosen.
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
	if (has_endings || count % 2)
		return result;
	result.clear();
	for (unsigned int n = 0; n < count; n += 2)
		result.push_back({ route, n, (int)n + 1 });
	return result;
}

void bridge::add_route(unsigned int number)
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

const soapy_channel &bridge::at(int direction, size_t channel) const
{
	const auto &list = channels[direction == SOAPY_SDR_TX];

	if (channel >= list.size())
		throw std::runtime_error("iiobridge: there is no channel " +
					 std::to_string(channel) + ": there are " +
					 std::to_string(list.size()));
	return list[channel];
}

size_t bridge::getNumChannels(int direction) const
{
	return channels[direction == SOAPY_SDR_TX].size();
}

bool bridge::getFullDuplex(int, size_t) const
{
	return true;
}

SoapySDR::Kwargs bridge::getChannelInfo(int direction, size_t channel) const
{
	const soapy_channel &place = at(direction, channel);
	SoapySDR::Kwargs info = { { "route", iiobridge_route_name(place.route) },
				  { "device", iiobridge_route_device(place.route) },
				  { "i", channel_name(place.route, place.i) } };

	if (place.q >= 0)
		info["q"] = channel_name(place.route, (unsigned int)place.q);
	return info;
}

/* ---- the board ---- */

bridge::bridge(const SoapySDR::Kwargs &args)
{
	const auto serial = args.find("serial");
	iiobridge_board *opened;
	iiobridge_control_list *list;

	check(iiobridge_board_open(serial != args.end() ? serial->second.c_str() : nullptr,
				   &opened));
	board.reset(opened);
	for (unsigned int n = 0; n < iiobridge_board_route_count(opened); n++)
		add_route(n);
	check(iiobridge_control_list_new(opened, &list));
	controls.reset(list);
}

std::string bridge::getDriverKey() const
{
	return "iiobridge";
}

std::string bridge::getHardwareKey() const
{
	return iiobridge_board_model(board.get());
}

SoapySDR::Kwargs bridge::getHardwareInfo() const
{
	return { { "serial", iiobridge_board_serial(board.get()) },
		 { "software", iiobridge_board_software(board.get()) } };
}

/* It is the one of the samples' times. */
bool bridge::hasHardwareTime(const std::string &what) const
{
	return what.empty() && getNumChannels(SOAPY_SDR_RX) > 0;
}

long long bridge::getHardwareTime(const std::string &) const
{
	long long time_ns = 0;

	for (stream *one : all_streams())
		time_ns = time_ns ? time_ns : one->time_ns();
	return time_ns;
}

/* ---- streams ---- */

std::vector<std::string> bridge::getStreamFormats(int direction, size_t channel) const
{
	if (at(direction, channel).q >= 0)
		return { SOAPY_SDR_CS8, SOAPY_SDR_CS16, SOAPY_SDR_CF32 };
	return { SOAPY_SDR_S8,	SOAPY_SDR_S16,	SOAPY_SDR_F32,
		 SOAPY_SDR_CS8, SOAPY_SDR_CS16, SOAPY_SDR_CF32 };
}

std::string bridge::getNativeStreamFormat(int direction, size_t channel, double &full_scale) const
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

SoapySDR::ArgInfoList bridge::getStreamArgsInfo(int direction, size_t channel) const
{
	const iiobridge_route *route = at(direction, channel).route;
	SoapySDR::ArgInfo block, memory, ahead;

	block.key = BLOCK_SIZE;
	block.value = std::to_string(iiobridge_route_block_size(route));
	block.name = "Size of a block";
	block.description = "Small blocks come early, large ones cost less";
	block.range = SoapySDR::Range((double)iiobridge_route_block_step(route),
				      (double)iiobridge_route_block_size_max(route),
				      (double)iiobridge_route_block_step(route));
	memory.key = MEMORY;
	memory.value = std::to_string(MEMORY_DEFAULT);
	memory.name = "Memory";
	memory.description = "For samples that wait, beside those in USB transfers";
	memory.range = SoapySDR::Range(1, (double)MEMORY_MAX);
	ahead.key = AHEAD;
	ahead.value = "0";
	ahead.name = "Ahead";
	ahead.description = "How many may wait on this machine to be played; 0: as many as there "
			    "is room for";
	ahead.range = SoapySDR::Range(0, (double)MEMORY_MAX);
	block.units = memory.units = ahead.units = "bytes";
	block.type = memory.type = ahead.type = SoapySDR::ArgInfo::INT;
	if (direction == SOAPY_SDR_TX)
		return { block, memory, ahead };
	return { block, memory };
}

static size_t find_size(const SoapySDR::Kwargs &args, const char *key)
{
	const auto found = args.find(key);
	size_t size = 0, end = 0;

	if (found == args.end())
		return 0;
	try {
		size = std::stoul(found->second, &end);
	} catch (const std::exception &) {
		end = 0;
	}
	if (end == 0 || end != found->second.size())
		throw std::runtime_error(std::string("iiobridge: ") + key + " is a number of " +
					 "bytes, not \"" + found->second + "\"");
	return size;
}

SoapySDR::Stream *bridge::setupStream(int direction, const std::string &format,
				      const std::vector<size_t> &wanted,
				      const SoapySDR::Kwargs &args)
{
	iiobridge_stream_settings settings = {};
	std::vector<soapy_channel> chosen;

	settings.block_size = find_size(args, BLOCK_SIZE);
	settings.memory = find_size(args, MEMORY);
	settings.ahead = find_size(args, AHEAD);
	for (size_t channel : wanted.empty() ? std::vector<size_t>{ 0 } : wanted)
		chosen.push_back(at(direction, channel));
	auto opened = std::make_unique<stream>(board.get(), direction, chosen, format, settings);
	std::lock_guard<std::mutex> guard(lock);

	streams.push_back(std::move(opened));
	return reinterpret_cast<SoapySDR::Stream *>(streams.back().get());
}

std::vector<stream *> bridge::all_streams() const
{
	std::lock_guard<std::mutex> guard(lock);
	std::vector<stream *> result;

	for (const auto &one : streams)
		result.push_back(one.get());
	return result;
}

void bridge::closeStream(SoapySDR::Stream *handle)
{
	to_stream(handle)->change(stream::state::closed);
}

size_t bridge::getStreamMTU(SoapySDR::Stream *handle) const
{
	return to_stream(handle)->mtu();
}

/* A board starts when it is told to, and goes on until it is told to stop. */
int bridge::activateStream(SoapySDR::Stream *handle, int flags, long long, size_t count)
{
	return flags || count ? SOAPY_SDR_NOT_SUPPORTED
			      : to_stream(handle)->change(stream::state::running);
}

int bridge::deactivateStream(SoapySDR::Stream *handle, int flags, long long)
{
	return flags ? SOAPY_SDR_NOT_SUPPORTED : to_stream(handle)->change(stream::state::idle);
}

int bridge::readStream(SoapySDR::Stream *handle, void *const *buffers, size_t count, int &flags,
		       long long &time_ns, long timeout_us)
{
	return to_stream(handle)->read(buffers, count, flags, time_ns, timeout_us);
}

/* When a DAC starts is not known before it has started. */
int bridge::writeStream(SoapySDR::Stream *handle, const void *const *buffers, size_t count,
			int &flags, long long, long timeout_us)
{
	if (flags & SOAPY_SDR_HAS_TIME)
		return SOAPY_SDR_NOT_SUPPORTED;
	return to_stream(handle)->write(buffers, count, flags, timeout_us);
}

int bridge::readStreamStatus(SoapySDR::Stream *handle, size_t &mask, int &flags, long long &time_ns,
			     long timeout_us)
{
	mask = 0;
	return to_stream(handle)->status(flags, time_ns, timeout_us);
}

size_t bridge::getNumDirectAccessBuffers(SoapySDR::Stream *handle)
{
	return to_stream(handle)->direct_count();
}

int bridge::acquireReadBuffer(SoapySDR::Stream *handle, size_t &number, const void **buffers,
			      int &flags, long long &time_ns, long timeout_us)
{
	return to_stream(handle)->acquire(number, buffers, flags, time_ns, timeout_us);
}

void bridge::releaseReadBuffer(SoapySDR::Stream *handle, size_t number)
{
	to_stream(handle)->release(number);
}

int bridge::acquireWriteBuffer(SoapySDR::Stream *handle, size_t &number, void **buffers,
			       long timeout_us)
{
	number = 0;
	return to_stream(handle)->acquire(buffers, timeout_us);
}

void bridge::releaseWriteBuffer(SoapySDR::Stream *handle, size_t, size_t count, int &flags,
				long long)
{
	to_stream(handle)->submit(count, flags);
}

/* ---- the module ---- */

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
