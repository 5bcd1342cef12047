// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <climits>
#include <cstring>
#include <stdexcept>

/* Somebody wants to change the state of the stream: the call begins anew behind that. */
static constexpr int CANCELLED = INT_MIN;
/* The longest wait, which in milliseconds is an int. */
static constexpr std::chrono::hours LONGEST{ 500 };
/* Samples of several channels that are put side by side in one go, within the processor's cache. */
static constexpr size_t MIXED = 256;

void check(int result)
{
	if (result < 0)
		throw std::runtime_error(std::string("iiobridge: ") + iiobridge_error_message());
}

/* ---- channels ---- */

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
		if (is_complex != (channel.q >= 0))
			throw std::runtime_error(
				"iiobridge: format " + name + " does not suit " +
				channel_name(channel.route, channel.i) +
				(is_complex ? ", which is real" : ", which has a Q channel"));
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

/* ---- calls, and changes of the state ---- */

stream::stream(iiobridge_board *board, int direction, const std::vector<soapy_channel> &channels,
	       const std::string &name)
    : is_tx(direction == SOAPY_SDR_TX), channel_count(channels.size()),
      element_size(SoapySDR::formatToSize(name))
{
	const int format = find_format(channels, name);
	const unsigned int index = iiobridge_route_index(channels[0].route);
	const iiobridge_route *route;
	iiobridge_stream_settings settings = {};
	iiobridge_rx *opened_rx = nullptr;
	iiobridge_tx *opened_tx = nullptr;

	settings.flags = IIOBRIDGE_STREAM_WAIT_FOR_RECORDS;
	for (unsigned int number : numbers_of(channels))
		settings.channel_mask |= UINT32_C(1) << number;
	if (is_tx) {
		check(iiobridge_tx_open(board, index, &settings, &opened_tx));
		tx.reset(opened_tx);
		route = iiobridge_tx_route(opened_tx);
		conversions.emplace_back(new_conversion(route, channels, format));
		mixed.resize(channel_count > 1 ? MIXED * channel_count * element_size : 0);
	} else {
		check(iiobridge_rx_open(board, index, &settings, &opened_rx));
		rx.reset(opened_rx);
		route = iiobridge_rx_route(opened_rx);
		for (const soapy_channel &channel : channels)
			conversions.emplace_back(new_conversion(route, { channel }, format));
	}
	sample_size = iiobridge_route_sample_size(route);
	block_samples = iiobridge_route_block_size(route) / sample_size;
	rate = iiobridge_route_sample_rate(route);
}

stream::~stream()
{
	release();
}

size_t stream::mtu() const
{
	return block_samples;
}

static int left_ms(std::chrono::steady_clock::time_point end)
{
	const auto left = end - std::chrono::steady_clock::now();

	return std::max((int)std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0);
}

/* @turn(end) is what the call does, of a stream that runs. */
template <typename Turn> int stream::call(bool &inside, long timeout_us, Turn turn)
{
	const auto timeout = std::chrono::microseconds(std::max(timeout_us, 0L));
	const auto end = clock::now() + std::min<std::chrono::microseconds>(timeout, LONGEST);
	const auto may_enter = [&] {
		return now == state::closed || (now == state::running && !changing && !inside);
	};
	std::unique_lock<std::mutex> guard(lock);
	int r;

	do {
		if (!changed.wait_until(guard, end, may_enter))
			return SOAPY_SDR_TIMEOUT;
		if (now == state::closed)
			return SOAPY_SDR_STREAM_ERROR;
		inside = true;
		guard.unlock();
		r = turn(end);
		guard.lock();
		inside = false;
		changed.notify_all();
	} while (r == CANCELLED);
	return r;
}

int stream::change(state next)
{
	std::unique_lock<std::mutex> guard(lock);
	int r = 0;

	changing++;
	if (moving || asking)
		is_tx ? iiobridge_tx_cancel(tx.get()) : iiobridge_rx_cancel(rx.get());
	changed.wait(guard, [this] { return !moving && !asking && !is_changing; });
	if (now == state::closed) {
		r = SOAPY_SDR_STREAM_ERROR;
	} else if (now != next) {
		/* The time of calls that wait to be let in goes on. */
		is_changing = true;
		guard.unlock();
		if (next == state::closed)
			release();
		else
			r = next == state::running ? start() : stop();
		guard.lock();
		is_changing = false;
		if (r == 0 || next != state::running)
			now = next;
		if (r == 0)
			told.clear();
	}
	changing--;
	changed.notify_all();
	return r;
}

/* What it is to the program that a function of the library returned @result. */
int stream::failed(int64_t result)
{
	if (result == 0)
		return SOAPY_SDR_TIMEOUT;
	if (result == IIOBRIDGE_ERROR_CANCELLED)
		return CANCELLED;
	const std::string message = iiobridge_error_message();
	std::lock_guard<std::mutex> guard(lock);

	/* A program that reads again and again is told once. */
	if (message != told)
		SoapySDR::log(SOAPY_SDR_ERROR, message);
	told = message;
	return SOAPY_SDR_STREAM_ERROR;
}

/* Transmission starts with the first samples. */
int stream::start()
{
	const int r = is_tx ? 0 : iiobridge_rx_start(rx.get());

	return r < 0 ? failed(r) : 0;
}

/* A burst whose end was written is played to its end. */
int stream::stop()
{
	int r = 1;

	if (!is_tx) {
		drop_block();
		r = iiobridge_rx_stop(rx.get());
		return r < 0 ? failed(r) : 0;
	}
	do {
		if (is_ended)
			r = iiobridge_tx_drain(tx.get(), -1);
	} while (r == IIOBRIDGE_ERROR_CANCELLED);
	if (r < 0)
		r = failed(r);
	const int stopped = begin_burst();

	return r < 0 ? r : stopped;
}

void stream::release()
{
	drop_block();
	rx.reset();
	tx.reset();
	conversions.clear();
}

/* ---- reception ---- */

int stream::read(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 long timeout_us)
{
	if (is_tx)
		return SOAPY_SDR_NOT_SUPPORTED;
	flags = 0;
	return call(moving, timeout_us, [&](clock::time_point end) {
		return take(buffers, count, flags, time_ns, left_ms(end));
	});
}

void stream::drop_block()
{
	if (block.data)
		iiobridge_rx_release(rx.get(), &block);
	block = {};
	given = 0;
}

/* A gap is told on its own, and what follows it in the next call. */
int stream::take(void *const *buffers, size_t count, int &flags, long long &time_ns, int timeout_ms)
{
	const int r = block.data ? 1 : iiobridge_rx_acquire(rx.get(), timeout_ms, &block);

	if (r <= 0)
		return failed(r);
	time_ns = (long long)block.time_ns;
	if (block.time_ns)
		flags |= SOAPY_SDR_HAS_TIME;
	if (block.time_ns && rate > 0)
		time_ns += (long long)((double)given * 1e9 / rate);
	if (block.flags & IIOBRIDGE_BLOCK_GAP) {
		block.flags &= ~(uint32_t)IIOBRIDGE_BLOCK_GAP;
		return SOAPY_SDR_OVERFLOW;
	}

	const auto samples = static_cast<const uint8_t *>(block.data) + given * sample_size;

	count = std::min(count, block.samples - given);
	for (size_t n = 0; n < channel_count; n++)
		iiobridge_conversion_unpack(conversions[n].get(), samples, count, buffers[n]);
	given += count;
	if (given == block.samples)
		drop_block();
	return (int)count;
}

/* ---- transmission ---- */

int stream::write(const void *const *buffers, size_t count, int flags, long timeout_us)
{
	if (!is_tx)
		return SOAPY_SDR_NOT_SUPPORTED;
	return call(moving, timeout_us, [&](clock::time_point end) {
		return give(buffers, count, flags & SOAPY_SDR_END_BURST, end);
	});
}

int stream::begin_burst()
{
	const int r = iiobridge_tx_stop(tx.get());

	has_samples = is_ended = false;
	return r < 0 ? failed(r) : 0;
}

int stream::give(const void *const *buffers, size_t count, bool is_last, clock::time_point end)
{
	iiobridge_buffer room;
	size_t done = 0;
	int r = 1;

	/* The burst before is played to its end. */
	if (is_ended && count > 0) {
		r = iiobridge_tx_drain(tx.get(), left_ms(end));
		if (r <= 0)
			return failed(r);
		r = begin_burst();
		if (r < 0)
			return r;
	}
	while (done < count) {
		r = iiobridge_tx_acquire(tx.get(), left_ms(end), &room);
		/* What keeps it from taking more is told by the next call. */
		if (r <= 0)
			return done ? (int)done : failed(r);
		room.samples = std::min(room.samples, count - done);
		pack(buffers, done, room.samples, static_cast<uint8_t *>(room.data));
		r = iiobridge_tx_submit(tx.get(), room.samples);
		if (r < 0)
			return failed(r);
		has_samples = true;
		done += room.samples;
	}
	if (is_last && has_samples && !is_ended) {
		r = iiobridge_tx_end(tx.get());
		if (r < 0)
			return failed(r);
		is_ended = true;
	}
	return (int)done;
}

template <size_t SIZE>
static void spread(const uint8_t *from, size_t count, uint8_t *to, size_t step)
{
	for (size_t i = 0; i < count; i++)
		memcpy(to + i * step, from + i * SIZE, SIZE);
}

/* The library wants the numbers of a sample side by side: those of several channels are not. */
void stream::pack(const void *const *buffers, size_t from, size_t count, uint8_t *samples)
{
	const auto copy = element_size == 1   ? spread<1>
			  : element_size == 2 ? spread<2>
			  : element_size == 4 ? spread<4>
					      : spread<8>;
	const auto at = [&](size_t channel, size_t index) {
		return static_cast<const uint8_t *>(buffers[channel]) + index * element_size;
	};
	size_t part;

	if (channel_count == 1) {
		iiobridge_conversion_pack(conversions[0].get(), at(0, from), count, samples);
		return;
	}
	for (size_t done = 0; done < count; done += part) {
		part = std::min(count - done, MIXED);
		for (size_t n = 0; n < channel_count; n++)
			copy(at(n, from + done), part, &mixed[n * element_size],
			     channel_count * element_size);
		iiobridge_conversion_pack(conversions[0].get(), mixed.data(), part,
					  samples + done * sample_size);
	}
}

int stream::status(int &flags, long long &time_ns, long timeout_us)
{
	if (!is_tx)
		return SOAPY_SDR_NOT_SUPPORTED;
	return call(asking, timeout_us, [&](clock::time_point end) {
		iiobridge_underflow underflow;
		const int r = iiobridge_tx_next_underflow(tx.get(), left_ms(end), &underflow);

		if (r <= 0)
			return failed(r);
		flags = underflow.time_ns ? SOAPY_SDR_HAS_TIME : 0;
		time_ns = (long long)underflow.time_ns;
		return SOAPY_SDR_UNDERFLOW;
	});
}
