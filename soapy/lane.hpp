/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane.hpp - channels of a board as SoapySDR counts them, and a stream of some of them
 */
#ifndef SOAPY_LANE_HPP
#define SOAPY_LANE_HPP

#include "scan.hpp"

#include <cstdint>
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
 */
class lane
{
      public:
	lane(iiobridge_board *board, const board_route &route,
	     const std::vector<soapy_channel> &channels, const std::string &format);
	virtual ~lane() = default;
	lane(const lane &) = delete;
	lane &operator=(const lane &) = delete;

	/* Scans that are best moved in one call: a block of the route. */
	size_t block_scans() const;

	/* These return 0 or a number of scans, or one of SoapySDR's errors, after logging why. */
	virtual int start() = 0;
	virtual int stop() = 0;
	virtual int read(void *const *buffers, size_t count, int &flags, long long &time_ns,
			 long timeout_us);
	virtual int write(const void *const *buffers, size_t count, int &flags, long timeout_us);
	virtual int status(int &flags, long long &time_ns);

      protected:
	iiobridge_parameters parameters() const;
	void use(const iiobridge_route_info &running);
	static int failed(int error);

	iiobridge_board *board;
	board_route route;
	std::vector<soapy_channel> channels;
	scan_format format;
	bool is_complex;
	std::vector<value_place> places;
	size_t scan_size = 0;
	std::vector<uint8_t> scans;
};

/** class rx_lane - a capture */
class rx_lane : public lane
{
      public:
	using lane::lane;
	~rx_lane() override;
	int start() override;
	int stop() override;
	int read(void *const *buffers, size_t count, int &flags, long long &time_ns,
		 long timeout_us) override;

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
	int start() override;
	int stop() override;
	int write(const void *const *buffers, size_t count, int &flags, long timeout_us) override;
	int status(int &flags, long long &time_ns) override;

      private:
	iiobridge_playback *playback = nullptr;
	bool ending = false; /* the end of the burst was written */
};

#endif
