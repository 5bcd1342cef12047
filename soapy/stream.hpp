/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.hpp - a stream of some channels of a board
 */
#ifndef SOAPY_STREAM_HPP
#define SOAPY_STREAM_HPP

#include "samples.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

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
	/*
	 * Throws when the board, or the channels, have no such stream. The board must outlive it;
	 * @settings have sizes.
	 */
	stream(iiobridge_board *board, int direction, const std::vector<soapy_channel> &channels,
	       const std::string &format, iiobridge_stream_settings settings);
	~stream();

	/* Samples in a block of the route. */
	size_t mtu() const
	{
		return block_samples;
	}

	/* Of a closed one the calls that are inside, or come later, fail. */
	enum class state { idle, running, closed };
	int change(state next);
	/* Starts reception anew if the route has another rate than when it was started. */
	int follow_rate();
	int read(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 long timeout_us);
	int write(const void *const *buffers, size_t count, int flags, long timeout_us);
	int status(int &flags, long long &time_ns, long timeout_us);
	/* The time that a sample has which is taken now; 0 while it is not known. */
	long long time_ns();

	/*
	 * Samples where the library has them, if they are what the program wants. What was acquired
	 * may be used until it is released, or the stream is closed; to send, also until it stops.
	 */
	size_t direct_count() const;
	int acquire(size_t &number, const void **buffers, int &flags, long long &time_ns,
		    long timeout_us);
	void release(size_t number);
	int acquire(void **buffers, long timeout_us);
	void submit(size_t count, int flags);

      private:
	using clock = std::chrono::steady_clock;

	template <typename Turn> int call(bool &inside, long timeout_us, Turn turn);
	template <typename Turn> int alone(Turn turn);
	void become(state next);
	int failed(int64_t result);
	void log_once(const std::string &message);

	/* Of a stream that nobody is in. */
	int start();
	int stop();
	void release_all();

	int look(int &flags, long long &time_ns, int timeout_ms);
	int take(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 int timeout_ms);
	void drop_block();
	bool find_place(size_t &number);
	int begin(clock::time_point end);
	void note_samples(size_t count);
	int finish(bool is_last);
	int give(const void *const *buffers, size_t count, bool is_last, clock::time_point end);
	int begin_burst();

	std::mutex lock;
	std::condition_variable changed;
	state now = state::idle;
	unsigned int changing = 0; /* threads that want to change it */
	bool is_changing = false;  /* one of them does */
	bool moving = false;	   /* a call that reads or writes is inside */
	bool asking = false;	   /* a call that asks for the status is */
	std::string told;	   /* the last error that was logged */
	unsigned int bursts = 0;   /* that have begun */

	iiobridge_board *board;
	const bool is_tx;
	owned<iiobridge_rx, iiobridge_rx_close> rx; /* one of the two */
	owned<iiobridge_tx, iiobridge_tx_close> tx;
	unsigned int index; /* of the route */
	size_t sample_size, block_samples;
	double opened_rate, rate; /* which the library counts with; which the run has */
	samples layout;

	iiobridge_block block = {}; /* rx: what was acquired */
	size_t given = 0;	    /* samples of it that the program has */
	/* rx: what the program has acquired; protected by the lock */
	std::vector<iiobridge_block> acquired;
	bool has_room = false; /* tx: the program has acquired some */

	bool has_samples = false; /* some were written since the burst before */
	bool is_ended = false;	  /* the end of the burst was written */
};

#endif
