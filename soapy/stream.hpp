/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.hpp - channels of a board as SoapySDR counts them, and a stream of some of them
 */
#ifndef SOAPY_STREAM_HPP
#define SOAPY_STREAM_HPP

#include <iiobridge/iiobridge.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

/** owned - an object of the library, with what releases it */
template <auto release> struct releaser {
	template <typename Object> void operator()(Object *object) const
	{
		release(object);
	}
};
template <typename Object, auto release> using owned = std::unique_ptr<Object, releaser<release>>;

/** check() - throw the library's sentence when @result is an error */
void check(int result);

/**
 * struct soapy_channel - a channel of SoapySDR's
 * @route: its route
 * @i: number of the converter's channel that is I, or the only one
 * @q: number of the one that is Q, -1 for none
 */
struct soapy_channel {
	const iiobridge_route *route;
	unsigned int i;
	int q;
};

/** channel_name() - IIO's id of a channel of a route */
std::string channel_name(const iiobridge_route *route, unsigned int number);

/**
 * class stream - some channels of an rx or a tx route, in one format
 *
 * Programs start, stop and close a stream in one thread while others are in its calls. One call
 * that moves samples and one that asks for the status are inside of the library's stream at a time;
 * who changes the state has both come out, and lets them in again. A stream that does not run has
 * nothing to read, and takes nothing: that is a timeout.
 *
 * Calls return 0 or a number of samples, or one of SoapySDR's errors, after logging why, once for
 * each reason. Timeouts are in microseconds.
 */
class stream
{
      public:
	/* Throws when the board, or the channels, have no such stream. */
	stream(iiobridge_board *board, int direction, const std::vector<soapy_channel> &channels,
	       const std::string &format);
	~stream();

	/* Samples in a block of the route. */
	size_t mtu() const;

	/* Of a closed one the calls that are inside, or come later, fail. */
	enum class state { idle, running, closed };
	int change(state next);
	int read(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 long timeout_us);
	int write(const void *const *buffers, size_t count, int flags, long timeout_us);
	int status(int &flags, long long &time_ns, long timeout_us);

      private:
	using conversion = owned<iiobridge_conversion, iiobridge_conversion_free>;
	using clock = std::chrono::steady_clock;

	template <typename Turn> int call(bool &inside, long timeout_us, Turn turn);
	int failed(int64_t result);

	/* Of a stream that nobody is in. */
	int start();
	int stop();
	void release();

	int take(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 int timeout_ms);
	void drop_block();
	int give(const void *const *buffers, size_t count, bool is_last, clock::time_point end);
	void pack(const void *const *buffers, size_t from, size_t count, uint8_t *samples);
	int begin_burst();

	std::mutex lock;
	std::condition_variable changed;
	state now = state::idle;
	unsigned int changing = 0; /* threads that want to change it */
	bool is_changing = false;  /* one of them does */
	bool moving = false;	   /* a call that reads or writes is inside */
	bool asking = false;	   /* a call that asks for the status is */
	std::string told;	   /* the last error that was logged */

	const bool is_tx;
	owned<iiobridge_rx, iiobridge_rx_close> rx; /* one of the two */
	owned<iiobridge_tx, iiobridge_tx_close> tx;
	size_t sample_size, block_samples;
	double rate;
	std::vector<conversion> conversions; /* rx: of each channel; tx: of all */

	iiobridge_block block = {}; /* rx: what was acquired */
	size_t given = 0;	    /* samples of it that the program has */

	size_t channel_count, element_size;
	std::vector<uint8_t> mixed; /* tx: the numbers of several channels, side by side */
	bool has_samples = false;   /* some were written since the burst before */
	bool is_ended = false;	    /* the end of the burst was written */
};

#endif
