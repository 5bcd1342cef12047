// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <climits>

/* Somebody wants to change the state of the stream: the call begins anew behind that. */
static constexpr int CANCELLED = INT_MIN;
/* There is nothing to tell before the next burst: the call begins anew with that. */
static constexpr int NO_BURST = INT_MIN + 1;
/* The longest wait, which in milliseconds is an int. */
static constexpr std::chrono::hours LONGEST{ 500 };
/* Blocks that a program may have acquired. */
static constexpr size_t DIRECT = 16;

/* ---- calls, and changes of the state ---- */

stream::stream(iiobridge_board *owner, int direction, const std::vector<soapy_channel> &channels,
	       const std::string &name, iiobridge_stream_settings settings)
    : board(owner), is_tx(direction == SOAPY_SDR_TX),
      index(iiobridge_route_index(channels[0].route)), layout(channels, name)
{
	const iiobridge_route *route;
	iiobridge_rx *opened_rx = nullptr;
	iiobridge_tx *opened_tx = nullptr;

	settings.flags = IIOBRIDGE_STREAM_WAIT_FOR_RECORDS;
	settings.channel_mask = layout.channel_mask();
	if (is_tx) {
		check(iiobridge_tx_open(board, index, &settings, &opened_tx));
		tx.reset(opened_tx);
		route = iiobridge_tx_route(opened_tx);
	} else {
		check(iiobridge_rx_open(board, index, &settings, &opened_rx));
		rx.reset(opened_rx);
		route = iiobridge_rx_route(opened_rx);
	}
	layout.lay_out(route, is_tx);
	sample_size = iiobridge_route_sample_size(route);
	block_samples = iiobridge_route_block_size(route) / sample_size;
	opened_rate = rate = iiobridge_route_sample_rate(route);
	acquired.resize(layout.is_direct() && !is_tx ? DIRECT : 0);
}

stream::~stream()
{
	release_all();
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
		const unsigned int seen = bursts;

		inside = true;
		guard.unlock();
		r = turn(end);
		guard.lock();
		inside = false;
		changed.notify_all();
		if (r == NO_BURST &&
		    !changed.wait_until(guard, end, [&] { return bursts != seen || changing; }))
			return SOAPY_SDR_TIMEOUT;
	} while (r == CANCELLED || r == NO_BURST);
	return r;
}

void stream::become(state next)
{
	std::lock_guard<std::mutex> guard(lock);

	now = next;
	told.clear();
}

/* @turn() is done while nobody is inside. */
template <typename Turn> int stream::alone(Turn turn)
{
	std::unique_lock<std::mutex> guard(lock);

	changing++;
	if (moving || asking)
		is_tx ? iiobridge_tx_cancel(tx.get()) : iiobridge_rx_cancel(rx.get());
	changed.wait(guard, [this] { return !moving && !asking && !is_changing; });
	/* The time of calls that wait to be let in goes on. */
	is_changing = true;
	const state before = now;

	guard.unlock();
	const int r = turn(before);

	guard.lock();
	is_changing = false;
	changing--;
	changed.notify_all();
	return r;
}

int stream::change(state next)
{
	return alone([this, next](state before) {
		int r = 0;

		if (before == state::closed)
			return (int)SOAPY_SDR_STREAM_ERROR;
		if (before == next)
			return 0;
		if (next == state::closed)
			release_all();
		else
			r = next == state::running ? start() : stop();
		if (r == 0 || next != state::running)
			become(next);
		return r;
	});
}

int stream::follow_rate()
{
	/* What is sent has no times. */
	if (is_tx)
		return 0;
	return alone([this](state before) {
		if (before != state::running)
			return 0;
		const double current = route_rate(board, index);

		if (current == rate)
			return 0;
		int r = stop();

		if (r == 0)
			r = start();
		if (r < 0)
			become(state::idle);
		return r;
	});
}

/* What it is to the program that a function of the library returned @result. */
int stream::failed(int64_t result)
{
	if (result == 0)
		return SOAPY_SDR_TIMEOUT;
	if (result == IIOBRIDGE_ERROR_CANCELLED)
		return CANCELLED;
	log_once(iiobridge_error_message());
	return SOAPY_SDR_STREAM_ERROR;
}

/* A program that reads again and again is told once. */
void stream::log_once(const std::string &message)
{
	std::lock_guard<std::mutex> guard(lock);

	if (message != told)
		SoapySDR::log(SOAPY_SDR_ERROR, message);
	told = message;
}

/* Transmission starts with the first samples. The rate may have been set since it was opened. */
int stream::start()
{
	if (is_tx)
		return 0;
	rate = route_rate(board, index);
	const int r = rate < 0 ? (int)rate : iiobridge_rx_start(rx.get());

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

void stream::release_all()
{
	drop_block();
	for (size_t number = 0; number < acquired.size(); number++)
		release(number);
	rx.reset();
	tx.reset();
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

/*
 * What comes next, and its time; a gap is told on its own, and what follows it in the next call.
 * The library counts with the rate that the stream was opened with, from when the first block was
 * full.
 */
int stream::look(int &flags, long long &time_ns, int timeout_ms)
{
	const int r = block.data ? 1 : iiobridge_rx_acquire(rx.get(), timeout_ms, &block);

	if (r <= 0)
		return failed(r);
	time_ns = (long long)block.time_ns;
	if (block.time_ns)
		flags |= SOAPY_SDR_HAS_TIME;
	if (block.time_ns && rate > 0)
		time_ns += (long long)((double)given * 1e9 / rate);
	if (block.time_ns && rate > 0 && opened_rate > 0 && rate != opened_rate)
		time_ns += (long long)(((double)block.first_sample - (double)block_samples) *
				       (1e9 / rate - 1e9 / opened_rate));
	if (block.flags & IIOBRIDGE_BLOCK_GAP) {
		block.flags &= ~(uint32_t)IIOBRIDGE_BLOCK_GAP;
		return SOAPY_SDR_OVERFLOW;
	}
	return 1;
}

int stream::take(void *const *buffers, size_t count, int &flags, long long &time_ns, int timeout_ms)
{
	const int r = look(flags, time_ns, timeout_ms);

	if (r < 0)
		return r;
	const auto samples = static_cast<const uint8_t *>(block.data) + given * sample_size;

	count = std::min(count, block.samples - given);
	layout.unpack(samples, count, buffers);
	given += count;
	if (given == block.samples)
		drop_block();
	return (int)count;
}

long long stream::time_ns()
{
	iiobridge_clock info;
	std::unique_lock<std::mutex> guard(lock);

	changed.wait(guard, [this] { return !is_changing; });
	const auto realtime = std::chrono::system_clock::now().time_since_epoch();

	if (is_tx || now != state::running || iiobridge_rx_clock(rx.get(), &info) <= 0 ||
	    info.realtime_ns == 0)
		return 0;
	/* How far the converter is from its rate by now. */
	const int64_t drift_ns = rate == opened_rate ? info.drift_ns : 0;

	return (long long)info.time_ns - (long long)info.realtime_ns - drift_ns +
	       std::chrono::duration_cast<std::chrono::nanoseconds>(realtime).count();
}

/* ---- samples where the library has them ---- */

size_t stream::direct_count() const
{
	return is_tx ? layout.is_direct() : acquired.size();
}

int stream::acquire(size_t &number, const void **buffers, int &flags, long long &time_ns,
		    long timeout_us)
{
	if (acquired.empty())
		return SOAPY_SDR_NOT_SUPPORTED;
	flags = 0;
	return call(moving, timeout_us, [&](clock::time_point end) {
		if (!find_place(number))
			return (int)SOAPY_SDR_STREAM_ERROR;
		const int r = look(flags, time_ns, left_ms(end));

		if (r < 0)
			return r;
		const size_t count = block.samples - given;

		buffers[0] = static_cast<const uint8_t *>(block.data) + given * sample_size;
		given = 0;
		std::lock_guard<std::mutex> guard(lock);

		acquired[number] = block;
		block = {};
		return (int)count;
	});
}

bool stream::find_place(size_t &number)
{
	{
		std::lock_guard<std::mutex> guard(lock);

		for (number = 0; number < acquired.size(); number++) {
			if (!acquired[number].data)
				return true;
		}
	}
	log_once("no more than " + std::to_string(DIRECT) +
		 " buffers can be acquired: release one of them");
	return false;
}

void stream::release(size_t number)
{
	std::lock_guard<std::mutex> guard(lock);

	if (number >= acquired.size() || !acquired[number].data)
		return;
	iiobridge_rx_release(rx.get(), &acquired[number]);
	acquired[number] = {};
}

int stream::acquire(void **buffers, long timeout_us)
{
	if (!is_tx || !layout.is_direct())
		return SOAPY_SDR_NOT_SUPPORTED;
	return call(moving, timeout_us, [&](clock::time_point end) {
		iiobridge_buffer room;
		int r = begin(end);

		if (r < 0)
			return r;
		r = iiobridge_tx_acquire(tx.get(), left_ms(end), &room);
		if (r <= 0)
			return failed(r);
		has_room = true;
		buffers[0] = room.data;
		return (int)std::min(room.samples, block_samples);
	});
}

void stream::submit(size_t count, int flags)
{
	if (flags & SOAPY_SDR_HAS_TIME) {
		log_once("samples with a time were not sent: the DAC plays what comes as it comes");
		return;
	}
	const int result = call(moving, 0, [&](clock::time_point) {
		int r = has_room ? 0 : SOAPY_SDR_TIMEOUT;

		has_room = false;
		if (r == 0 && count > 0)
			r = iiobridge_tx_submit(tx.get(), count);
		if (r < 0)
			return r == SOAPY_SDR_TIMEOUT ? r : failed(r);
		note_samples(count);
		return finish(flags & SOAPY_SDR_END_BURST);
	});

	if (result == SOAPY_SDR_TIMEOUT)
		log_once("a buffer was not sent: the stream was stopped since it was acquired");
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

	has_samples = is_ended = has_room = false;
	return r < 0 ? failed(r) : 0;
}

/* Before samples: the burst before is played to its end. */
int stream::begin(clock::time_point end)
{
	if (!is_ended)
		return 0;
	const int r = iiobridge_tx_drain(tx.get(), left_ms(end));

	return r <= 0 ? failed(r) : begin_burst();
}

/* Who waits for what becomes of the next burst waits for the first of its samples. */
void stream::note_samples(size_t count)
{
	if (has_samples || count == 0)
		return;
	has_samples = true;
	std::lock_guard<std::mutex> guard(lock);

	bursts++;
	changed.notify_all();
}

int stream::finish(bool is_last)
{
	if (!is_last || !has_samples || is_ended)
		return 0;
	const int r = iiobridge_tx_end(tx.get());

	if (r < 0)
		return failed(r);
	is_ended = true;
	return 0;
}

int stream::give(const void *const *buffers, size_t count, bool is_last, clock::time_point end)
{
	iiobridge_buffer room;
	size_t done = 0;
	int r = count > 0 ? begin(end) : 0;

	if (r < 0)
		return r;
	while (done < count) {
		r = iiobridge_tx_acquire(tx.get(), left_ms(end), &room);
		/* What keeps it from taking more is told by the next call. */
		if (r <= 0)
			return done ? (int)done : failed(r);
		room.samples = std::min(room.samples, count - done);
		layout.pack(buffers, done, room.samples, static_cast<uint8_t *>(room.data));
		r = iiobridge_tx_submit(tx.get(), room.samples);
		if (r < 0)
			return failed(r);
		done += room.samples;
		note_samples(done);
	}
	r = finish(is_last);
	return r < 0 ? r : (int)done;
}

int stream::status(int &flags, long long &time_ns, long timeout_us)
{
	if (!is_tx)
		return SOAPY_SDR_NOT_SUPPORTED;
	return call(asking, timeout_us, [&](clock::time_point end) {
		iiobridge_underflow underflow;
		const int r = iiobridge_tx_next_underflow(tx.get(), left_ms(end), &underflow);

		if (r == IIOBRIDGE_ERROR_ENDED)
			return NO_BURST;
		if (r <= 0)
			return failed(r);
		flags = underflow.time_ns ? SOAPY_SDR_HAS_TIME : 0;
		time_ns = (long long)underflow.time_ns;
		return SOAPY_SDR_UNDERFLOW;
	});
}
