// SPDX-License-Identifier: GPL-2.0-or-later
#include "lane.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <thread>

/* How long a call waits before another thread may have its turn, and how long it leaves it to that.
 */
static constexpr std::chrono::milliseconds TURN{ 50 };
static constexpr std::chrono::milliseconds PAUSE{ 1 };

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

unsigned int lane::route_number() const
{
	return route.number;
}

int lane::take(void *const *, size_t, int &, long long &, unsigned int)
{
	return SOAPY_SDR_NOT_SUPPORTED;
}

int lane::give(const void *const *, size_t, int &, unsigned int)
{
	return SOAPY_SDR_NOT_SUPPORTED;
}

int lane::tell(int &, long long &)
{
	return SOAPY_SDR_NOT_SUPPORTED;
}

int lane::start()
{
	int r;

	wanted++;
	{
		std::lock_guard<std::mutex> guard(lock);

		r = is_running() ? 0 : begin();
		if (r == 0)
			told.clear();
	}
	wanted--;
	return r;
}

int lane::stop()
{
	int r;

	wanted++;
	{
		std::lock_guard<std::mutex> guard(lock);

		r = is_running() ? end() : 0;
	}
	wanted--;
	return r;
}

void lane::leave()
{
	left = true;
	while (inside > 0)
		std::this_thread::sleep_for(PAUSE);
}

/* A turn that comes to nothing is SOAPY_SDR_TIMEOUT, after its time if it @waits. */
template <typename Turn> int lane::take_turns(long timeout_us, Turn turn, bool waits)
{
	using clock = std::chrono::steady_clock;
	const auto end = clock::now() + std::chrono::microseconds(std::max(timeout_us, 0L));
	int r = SOAPY_SDR_TIMEOUT;

	inside++;
	for (;;) {
		const auto rest = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now());
		const auto wait = std::clamp(rest, std::chrono::milliseconds(0), TURN);
		bool idle;

		if (left) {
			r = SOAPY_SDR_STREAM_ERROR;
			break;
		}
		{
			std::lock_guard<std::mutex> guard(lock);

			idle = !is_running();
			if (!idle)
				r = turn((unsigned int)wait.count());
		}
		if (r != SOAPY_SDR_TIMEOUT || clock::now() >= end)
			break;
		if (idle || !waits || wanted > 0)
			std::this_thread::sleep_for(std::min(wait, PAUSE));
	}
	inside--;
	return r;
}

int lane::read(void *const *buffers, size_t count, int &flags, long long &time_ns, long timeout_us)
{
	flags = 0;
	return take_turns(timeout_us, [&](unsigned int timeout_ms) {
		return take(buffers, count, flags, time_ns, timeout_ms);
	});
}

int lane::write(const void *const *buffers, size_t count, int &flags, long timeout_us)
{
	return take_turns(timeout_us, [&](unsigned int timeout_ms) {
		return give(buffers, count, flags, timeout_ms);
	});
}

/* They come with the writes of another thread. */
int lane::status(int &flags, long long &time_ns, long timeout_us)
{
	const auto look = [&](unsigned int) { return tell(flags, time_ns); };

	return take_turns(timeout_us, look, false);
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

/* A program that reads again and again is told once. */
int lane::failed(int error)
{
	const std::string message = iiobridge_message();

	if (message != told)
		SoapySDR::log(SOAPY_SDR_ERROR, message);
	told = message;
	return error == -ETIMEDOUT ? SOAPY_SDR_TIMEOUT : SOAPY_SDR_STREAM_ERROR;
}

static size_t value_size(scan_format format)
{
	return format == scan_format::int8 ? 1 : format == scan_format::int16 ? 2 : 4;
}

rx_lane::~rx_lane()
{
	iiobridge_capture_stop(capture, nullptr);
}

bool rx_lane::is_running() const
{
	return capture;
}

int rx_lane::begin()
{
	const iiobridge_parameters chosen = parameters();
	const int r = iiobridge_capture_start(board, route.number, &chosen, &capture);

	if (r < 0)
		return failed(r);
	waiting = given = 0;
	use(*iiobridge_capture_route(capture));
	return 0;
}

int rx_lane::end()
{
	const int r = iiobridge_capture_stop(capture, nullptr);

	capture = nullptr;
	return r < 0 ? failed(r) : 0;
}

/* A gap is told on its own, and what follows it in the next call. */
int rx_lane::take(void *const *buffers, size_t count, int &flags, long long &time_ns,
		  unsigned int timeout_ms)
{
	bool gap = false;

	count = std::min(count, block_scans());
	if (given == waiting) {
		const ssize_t got =
			iiobridge_capture_read(capture, scans.data(), count, timeout_ms, &piece);

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

bool tx_lane::is_running() const
{
	return playback;
}

int tx_lane::begin()
{
	const iiobridge_parameters chosen = parameters();
	const int r = iiobridge_playback_start(board, route.number, &chosen, &playback);

	if (r < 0)
		return failed(r);
	ending = false;
	use(*iiobridge_playback_route(playback));
	return 0;
}

int tx_lane::stop_playback()
{
	const int r = iiobridge_playback_stop(playback, nullptr);

	playback = nullptr;
	ending = false;
	return r < 0 ? failed(r) : 0;
}

/* A burst whose end was written is played to its end; the board is given up when it makes none. */
int tx_lane::end()
{
	int finished = ending ? 0 : 1, r, stopped;

	while (finished == 0)
		finished = iiobridge_playback_finish(playback, 1000);
	r = finished < 0 ? failed(finished) : 0;
	stopped = stop_playback();
	return r < 0 ? r : stopped;
}

int tx_lane::give(const void *const *buffers, size_t count, int &flags, unsigned int timeout_ms)
{
	const bool last = flags & SOAPY_SDR_END_BURST;
	ssize_t taken;
	int r;

	/* The burst before is played to its end. */
	if (ending) {
		r = iiobridge_playback_finish(playback, timeout_ms);
		if (r <= 0)
			return r < 0 ? failed(r) : SOAPY_SDR_TIMEOUT;
		r = stop_playback();
		if (r == 0)
			r = begin();
		if (r < 0)
			return r;
	}
	const size_t part = std::min(count, block_scans());

	/* The channels that it has not are silent. */
	std::fill_n(scans.begin(), part * scan_size, 0);
	for (size_t n = 0; n < channels.size(); n++) {
		const uint8_t *from = static_cast<const uint8_t *>(buffers[n]);

		scan_put(places[channels[n].i], scans.data(), scan_size, part, format, from,
			 is_complex ? 2 : 1);
		if (is_complex)
			scan_put(places[channels[n].q], scans.data(), scan_size, part, format,
				 from + value_size(format), 2);
	}
	taken = iiobridge_playback_write(playback, scans.data(), part, timeout_ms);
	if (taken < 0)
		return failed((int)taken);
	if (last && (size_t)taken == count) {
		ending = true;
		r = iiobridge_playback_finish(playback, 0);
		if (r < 0)
			return failed(r);
	}
	return taken == 0 && count > 0 ? SOAPY_SDR_TIMEOUT : (int)taken;
}

/* The board tells of underruns beside the samples: there is nobody but the caller who listens. */
int tx_lane::tell(int &flags, long long &time_ns)
{
	iiobridge_underrun underrun;
	int r = iiobridge_playback_next_underrun(playback, &underrun);

	if (r == 0) {
		r = ending ? iiobridge_playback_finish(playback, 0)
			   : (int)iiobridge_playback_write(playback, nullptr, 0, 0);
		if (r < 0)
			return failed(r);
		r = iiobridge_playback_next_underrun(playback, &underrun);
	}
	if (r == 0)
		return SOAPY_SDR_TIMEOUT;
	flags = 0;
	time_ns = 0;
	return SOAPY_SDR_UNDERFLOW;
}
