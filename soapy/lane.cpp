// SPDX-License-Identifier: GPL-2.0-or-later
#include "lane.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

/* Where the name of a channel ends that is I or Q. */
static bool ends_in(const std::string &name, const char *ending)
{
	return name.size() > 2 && name.compare(name.size() - 2, 2, ending) == 0;
}

static int find_quadrature(const board_route &route, const std::string &in_phase)
{
	const std::string name = in_phase.substr(0, in_phase.size() - 2) + "_q";

	for (size_t i = 0; i < route.channels.size(); i++) {
		if (name == route.channels[i].id)
			return (int)i;
	}
	return -1;
}

std::vector<soapy_channel> pair_channels(const board_route &route)
{
	std::vector<soapy_channel> result;
	const auto is_part = [](const iiobridge_channel_info &channel) {
		return ends_in(channel.id, "_i") || ends_in(channel.id, "_q");
	};

	if (route.channels.size() == 2 &&
	    std::none_of(route.channels.begin(), route.channels.end(), is_part))
		return { { route.number, 0, 1 } };
	for (size_t i = 0; i < route.channels.size(); i++) {
		const std::string name = route.channels[i].id;

		if (!ends_in(name, "_q"))
			result.push_back(
				{ route.number, (int)i,
				  ends_in(name, "_i") ? find_quadrature(route, name) : -1 });
	}
	return result;
}

lane::lane(iiobridge_board *board_, const board_route &route_,
	   const std::vector<soapy_channel> &channels_, const std::string &name)
    : board(board_), route(route_), channels(channels_), is_complex(name[0] == 'C')
{
	const std::string kind = is_complex ? name.substr(1) : name;

	if (kind == "S8")
		format = scan_format::int8;
	else if (kind == "S16")
		format = scan_format::int16;
	else if (kind == "F32")
		format = scan_format::float32;
	else
		throw std::runtime_error("iiobridge: no format " + name +
					 ": there are CS8, CS16 and CF32, and S8, S16 and F32");
	for (const soapy_channel &channel : channels) {
		if (channel.route != route.number)
			throw std::runtime_error("iiobridge: a stream has channels of one route");
		if (is_complex != (channel.q >= 0))
			throw std::runtime_error(
				"iiobridge: format " + name + " does not suit " +
				route.channels[channel.i].id +
				(is_complex ? ", which is real" : ", which has a Q channel"));
	}
}

size_t lane::block_scans() const
{
	const iiobridge_route_info &info = route.info;

	return info.bytes_per_scan ? info.block_size / info.bytes_per_scan : 1;
}

int lane::read(void *const *, size_t, int &, long long &, long)
{
	return SOAPY_SDR_NOT_SUPPORTED;
}

int lane::write(const void *const *, size_t, int &, long)
{
	return SOAPY_SDR_NOT_SUPPORTED;
}

int lane::status(int &, long long &)
{
	return SOAPY_SDR_NOT_SUPPORTED;
}

iiobridge_parameters lane::parameters() const
{
	iiobridge_parameters result = {};

	for (const soapy_channel &channel : channels) {
		result.channel_mask |= UINT32_C(1) << channel.i;
		if (channel.q >= 0)
			result.channel_mask |= UINT32_C(1) << channel.q;
	}
	return result;
}

void lane::use(const iiobridge_route_info &running)
{
	route.info = running;
	scan_size = running.bytes_per_scan;
	places = scan_layout(route.channels, running.channel_mask);
	scans.resize(block_scans() * scan_size);
}

int lane::failed(int error)
{
	SoapySDR::log(SOAPY_SDR_ERROR, iiobridge_message());
	return error == -ETIMEDOUT ? SOAPY_SDR_TIMEOUT : SOAPY_SDR_STREAM_ERROR;
}

/* SoapySDR counts in microseconds; what is not nothing must not become nothing. */
static unsigned int milliseconds(long timeout_us)
{
	return (unsigned int)std::clamp<long>((timeout_us + 999) / 1000, 0, 1000000000);
}

static size_t value_size(scan_format format)
{
	return format == scan_format::int8 ? 1 : format == scan_format::int16 ? 2 : 4;
}

rx_lane::~rx_lane()
{
	iiobridge_capture_stop(capture, nullptr);
}

int rx_lane::start()
{
	const iiobridge_parameters wanted = parameters();
	int r;

	if (capture)
		return 0;
	r = iiobridge_capture_start(board, route.number, &wanted, &capture);
	if (r < 0)
		return failed(r);
	waiting = given = 0;
	use(*iiobridge_capture_route(capture));
	return 0;
}

int rx_lane::stop()
{
	const int r = iiobridge_capture_stop(capture, nullptr);

	capture = nullptr;
	return r < 0 ? failed(r) : 0;
}

/* A gap is told on its own, and what follows it in the next call. */
int rx_lane::read(void *const *buffers, size_t count, int &flags, long long &time_ns,
		  long timeout_us)
{
	bool gap = false;

	flags = 0;
	if (!capture)
		return SOAPY_SDR_STREAM_ERROR;
	count = std::min(count, block_scans());
	if (given == waiting) {
		const ssize_t got = iiobridge_capture_read(capture, scans.data(), count,
							   milliseconds(timeout_us), &piece);

		if (got <= 0)
			return got < 0 ? failed((int)got) : SOAPY_SDR_TIMEOUT;
		given = 0;
		waiting = (size_t)got;
		gap = piece.flags & IIOBRIDGE_PIECE_GAP;
	}
	time_ns = (long long)piece.time_ns;
	if (route.info.sample_rate_millihertz)
		time_ns += (long long)((double)given * 1e12 /
				       (double)route.info.sample_rate_millihertz);
	if (piece.time_ns)
		flags |= SOAPY_SDR_HAS_TIME;
	if (gap)
		return SOAPY_SDR_OVERFLOW;

	count = std::min(count, waiting - given);
	for (size_t n = 0; n < channels.size(); n++) {
		const uint8_t *from = scans.data() + given * scan_size;
		uint8_t *to = static_cast<uint8_t *>(buffers[n]);

		scan_take(places[channels[n].i], from, scan_size, count, format, to,
			  is_complex ? 2 : 1);
		if (is_complex)
			scan_take(places[channels[n].q], from, scan_size, count, format,
				  to + value_size(format), 2);
	}
	given += count;
	return (int)count;
}

tx_lane::~tx_lane()
{
	iiobridge_playback_stop(playback, nullptr);
}

int tx_lane::start()
{
	const iiobridge_parameters wanted = parameters();
	int r;

	if (playback)
		return 0;
	r = iiobridge_playback_start(board, route.number, &wanted, &playback);
	if (r < 0)
		return failed(r);
	ending = false;
	use(*iiobridge_playback_route(playback));
	return 0;
}

/* A burst whose end was written is played to its end; the board is given up when it makes none. */
int tx_lane::stop()
{
	int finished = 1, r;

	if (ending) {
		do
			finished = iiobridge_playback_finish(playback, 1000);
		while (finished == 0);
	}
	r = finished < 0 ? failed(finished) : 0;
	if (iiobridge_playback_stop(playback, nullptr) < 0 && r == 0)
		r = failed(-EIO);
	playback = nullptr;
	ending = false;
	return r;
}

int tx_lane::write(const void *const *buffers, size_t count, int &flags, long timeout_us)
{
	const bool last = flags & SOAPY_SDR_END_BURST;
	ssize_t taken;
	int r;

	if (!playback)
		return SOAPY_SDR_STREAM_ERROR;
	if (ending) {
		r = stop();
		if (r == 0)
			r = start();
		if (r < 0)
			return r;
	}
	const size_t part = std::min(count, block_scans());

	std::fill(scans.begin(), scans.end(), 0);
	for (size_t n = 0; n < channels.size(); n++) {
		const uint8_t *from = static_cast<const uint8_t *>(buffers[n]);

		scan_put(places[channels[n].i], scans.data(), scan_size, part, format, from,
			 is_complex ? 2 : 1);
		if (is_complex)
			scan_put(places[channels[n].q], scans.data(), scan_size, part, format,
				 from + value_size(format), 2);
	}
	taken = iiobridge_playback_write(playback, scans.data(), part, milliseconds(timeout_us));
	if (taken < 0)
		return failed((int)taken);
	if (last && (size_t)taken == count) {
		ending = true;
		r = iiobridge_playback_finish(playback, milliseconds(timeout_us));
		if (r < 0)
			return failed(r);
	}
	return taken == 0 && count > 0 ? SOAPY_SDR_TIMEOUT : (int)taken;
}

int tx_lane::status(int &flags, long long &time_ns)
{
	iiobridge_underrun underrun;

	if (!playback || !iiobridge_playback_next_underrun(playback, &underrun))
		return SOAPY_SDR_TIMEOUT;
	flags = 0;
	time_ns = 0;
	return SOAPY_SDR_UNDERFLOW;
}
