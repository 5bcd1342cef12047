/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane.hpp - channels of a board as SoapySDR counts them, and a stream of some of them
 */
#ifndef SOAPY_LANE_HPP
#define SOAPY_LANE_HPP

#include "scan.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

/**
 * struct soapy_channel - a channel of SoapySDR's
 * @route: number of its route
 * @i: the converter's channel that is I, or the only one
 * @q: the one that is Q, -1 for none
 */
struct soapy_channel {
	unsigned int route;
	int i;
	int q;
};

/** struct board_route - a route, and its channels */
struct board_route {
	unsigned int number;
	iiobridge_route_info info;
	std::vector<iiobridge_channel_info> channels;
};

/**
 * pair_channels() - find out which channels of a route are I and Q
 * @route: the route
 *
 * Those whose names end in _i and _q are, and exactly two without such an ending.
 *
 * Return: the channels, in the order of the converter's.
 */
std::vector<soapy_channel> pair_channels(const board_route &route);

/**
 * class lane - a stream: some channels of a route, in one format
 *
 * Programs stop, restart and close a stream in one thread while another one is in a call: a call
 * waits in short turns, between which the other thread has its own.
 */
class lane
{
      public:
	lane(iiobridge_board *board, const board_route &route,
	     const std::vector<soapy_channel> &channels, const std::string &format);
	virtual ~lane() = default;
	lane(const lane &) = delete;
	lane &operator=(const lane &) = delete;

	unsigned int route_number() const;

	/* Scans that are best moved in one call: a block of the route. */
	size_t block_scans() const;

	/*
	 * These return 0 or a number of scans, or one of SoapySDR's errors, after logging why, once
	 * for each reason. A stream that does not run has nothing to read, and takes nothing: that
	 * is a timeout.
	 */
	int start();
	int stop();
	int read(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 long timeout_us);
	int write(const void *const *buffers, size_t count, int &flags, long timeout_us);
	int status(int &flags, long long &time_ns, long timeout_us);

	/* Has every call end, and those that follow fail; to be called before it is deleted. */
	void leave();

      protected:
	/* What the calls come to in one turn, of a stream that no other thread is in. */
	virtual bool is_running() const = 0;
	virtual int begin() = 0;
	virtual int end() = 0;
	virtual int take(void *const *buffers, size_t count, int &flags, long long &time_ns,
			 unsigned int timeout_ms);
	virtual int give(const void *const *buffers, size_t count, int &flags,
			 unsigned int timeout_ms);
	virtual int tell(int &flags, long long &time_ns);

	iiobridge_parameters parameters() const;
	void use(const iiobridge_route_info &running);
	int failed(int error);

	iiobridge_board *board;
	board_route route;
	std::vector<soapy_channel> channels;
	scan_format format;
	bool is_complex;
	std::vector<value_place> places;
	size_t scan_size = 0;
	std::vector<uint8_t> scans;

      private:
	template <typename Turn> int take_turns(long timeout_us, Turn turn, bool waits = true);

	std::mutex lock;
	std::atomic<unsigned int> wanted{ 0 }; /* by threads that start or stop it */
	std::atomic<unsigned int> inside{ 0 }; /* calls that wait */
	std::atomic<bool> left{ false };
	std::string told; /* the last error that was logged */
};

/** class rx_lane - a capture */
class rx_lane : public lane
{
      public:
	using lane::lane;
	~rx_lane() override;

      protected:
	bool is_running() const override;
	int begin() override;
	int end() override;
	int take(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 unsigned int timeout_ms) override;

      private:
	iiobridge_capture *capture = nullptr;
	iiobridge_piece piece = {};
	size_t waiting = 0; /* scans behind a gap that was told, and that were not yet given */
	size_t given = 0;
};

/** class tx_lane - a playback, begun anew behind each burst */
class tx_lane : public lane
{
      public:
	using lane::lane;
	~tx_lane() override;

      protected:
	bool is_running() const override;
	int begin() override;
	int end() override;
	int give(const void *const *buffers, size_t count, int &flags,
		 unsigned int timeout_ms) override;
	int tell(int &flags, long long &time_ns) override;

      private:
	int stop_playback();

	iiobridge_playback *playback = nullptr;
	bool ending = false; /* the end of the burst was written */
};

#endif
