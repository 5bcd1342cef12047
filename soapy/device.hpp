/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device.hpp - a board as a device of SoapySDR
 *
 * Pairs of I and Q channels of an rx route are channels for reception, those of a tx route for
 * transmission. Every function may be called by any thread at any time; what a board refuses is
 * thrown as a std::runtime_error with its sentence.
 */
#ifndef SOAPY_DEVICE_HPP
#define SOAPY_DEVICE_HPP

#include "stream.hpp"

#include <SoapySDR/Device.hpp>

class bridge : public SoapySDR::Device
{
      public:
	explicit bridge(const SoapySDR::Kwargs &args);

	std::string getDriverKey() const override;
	std::string getHardwareKey() const override;
	SoapySDR::Kwargs getHardwareInfo() const override;

	size_t getNumChannels(int direction) const override;
	SoapySDR::Kwargs getChannelInfo(int direction, size_t channel) const override;
	bool getFullDuplex(int direction, size_t channel) const override;

	std::vector<std::string> getStreamFormats(int direction, size_t channel) const override;
	std::string getNativeStreamFormat(int direction, size_t channel,
					  double &full_scale) const override;
	SoapySDR::ArgInfoList getStreamArgsInfo(int direction, size_t channel) const override;
	SoapySDR::Stream *setupStream(int direction, const std::string &format,
				      const std::vector<size_t> &wanted,
				      const SoapySDR::Kwargs &args) override;
	void closeStream(SoapySDR::Stream *handle) override;
	size_t getStreamMTU(SoapySDR::Stream *handle) const override;
	int activateStream(SoapySDR::Stream *handle, int flags, long long time_ns,
			   size_t count) override;
	int deactivateStream(SoapySDR::Stream *handle, int flags, long long time_ns) override;
	int readStream(SoapySDR::Stream *handle, void *const *buffers, size_t count, int &flags,
		       long long &time_ns, long timeout_us) override;
	int writeStream(SoapySDR::Stream *handle, const void *const *buffers, size_t count,
			int &flags, long long time_ns, long timeout_us) override;
	int readStreamStatus(SoapySDR::Stream *handle, size_t &mask, int &flags, long long &time_ns,
			     long timeout_us) override;
	size_t getNumDirectAccessBuffers(SoapySDR::Stream *handle) override;
	int acquireReadBuffer(SoapySDR::Stream *handle, size_t &number, const void **buffers,
			      int &flags, long long &time_ns, long timeout_us) override;
	void releaseReadBuffer(SoapySDR::Stream *handle, size_t number) override;
	int acquireWriteBuffer(SoapySDR::Stream *handle, size_t &number, void **buffers,
			       long timeout_us) override;
	void releaseWriteBuffer(SoapySDR::Stream *handle, size_t number, size_t count, int &flags,
				long long time_ns) override;
	bool hasHardwareTime(const std::string &what) const override;
	long long getHardwareTime(const std::string &what) const override;

	double getSampleRate(int direction, size_t channel) const override;
	std::vector<double> listSampleRates(int direction, size_t channel) const override;
	void setSampleRate(int direction, size_t channel, double rate) override;

      private:
	void add_route(unsigned int number);
	const soapy_channel &at(int direction, size_t channel) const;
	std::vector<stream *> all_streams() const;

	owned<iiobridge_board, iiobridge_board_close> board;
	std::vector<owned<iiobridge_route, iiobridge_route_free>> routes;
	std::vector<soapy_channel> channels[2]; /* for reception, and for transmission */

	mutable std::mutex lock; /* protects what follows */
	/* Closed ones stay: a thread may be about to call one, which is then told. */
	std::vector<std::unique_ptr<stream>> streams;
};

#endif
