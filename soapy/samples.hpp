/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * samples.hpp - channels of a board as SoapySDR counts them, and what their samples become
 */
#ifndef SOAPY_SAMPLES_HPP
#define SOAPY_SAMPLES_HPP

#include <iiobridge/iiobridge.h>

#include <cstddef>
#include <cstdint>
#include <memory>
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

	/* As the board's controls have them: number of its route, and of its receiver in there. */
	int index() const;
	int receiver() const;
};

/** channel_name() - IIO's id of a channel of a route */
std::string channel_name(const iiobridge_route *route, unsigned int number);

/**
 * class samples - samples of some channels of a route, and numbers of a program in one format
 *
 * A program has an element for each sample of a channel. In a complex format those of a channel
 * without Q have a Q of 0, which is not sent. One thread converts at a time.
 */
class samples
{
      public:
	/* Throws when the channels cannot have the format. */
	samples(const std::vector<soapy_channel> &wanted, const std::string &name);

	/* What a stream has to have in its samples. */
	uint32_t channel_mask() const;
	/* Its route: before any of those that follow. */
	void lay_out(const iiobridge_route *route, bool is_tx);

	/* The samples are the program's elements, without any conversion. */
	bool is_direct() const
	{
		return direct;
	}

	/* There is a buffer for each channel; to pack, @from elements of each are done already. */
	void unpack(const uint8_t *from, size_t count, void *const *buffers);
	void pack(const void *const *buffers, size_t from, size_t count, uint8_t *to);

      private:
	using conversion = owned<iiobridge_conversion, iiobridge_conversion_free>;

	bool fits_directly(const iiobridge_route *route) const;
	void unpack_channel(size_t channel, const uint8_t *from, size_t count, void *numbers);

	std::vector<soapy_channel> channels;
	int format; /* enum iiobridge_format */
	size_t element_size, sample_size = 0;
	bool direct = false;
	std::vector<conversion> conversions; /* rx: of each channel; tx: of all */
	std::vector<size_t> widths; /* what of the elements of each channel is in the samples */
	size_t width = 0;	    /* the sum of these */
	std::vector<uint8_t> mixed; /* numbers of several channels, side by side, or without Q */
};

/** route_rate() - samples in a second that a route has now; negative: enum iiobridge_result */
double route_rate(iiobridge_board *board, unsigned int index);

#endif
