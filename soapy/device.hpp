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

#include <map>

/** choices() - the values that a driver lists, or none */
std::vector<std::string> choices(const iiobridge_control *control);

/** range_of() - of a control that has a range */
SoapySDR::Range range_of(const iiobridge_control *control);

class bridge : public SoapySDR::Device
{
      public:
	explicit bridge(const SoapySDR::Kwargs &args);

	/* ---- device.cpp: what it is, its channels and its streams ---- */

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

	/* ---- tune.cpp: the controls that the board's configuration lets a host have ---- */

	using SoapySDR::Device::getFrequency;
	using SoapySDR::Device::getFrequencyRange;
	using SoapySDR::Device::setFrequency;

	/* Functions without a name are SoapySDR's own, over the only component. */
	std::vector<std::string> listFrequencies(int direction, size_t channel) const override;
	void setFrequency(int direction, size_t channel, const std::string &name, double frequency,
			  const SoapySDR::Kwargs &args) override;
	double getFrequency(int direction, size_t channel, const std::string &name) const override;
	SoapySDR::RangeList getFrequencyRange(int direction, size_t channel,
					      const std::string &name) const override;

	std::vector<std::string> listGains(int direction, size_t channel) const override;
	bool hasGainMode(int direction, size_t channel) const override;
	void setGainMode(int direction, size_t channel, bool automatic) override;
	bool getGainMode(int direction, size_t channel) const override;
	void setGain(int direction, size_t channel, double gain) override;
	void setGain(int direction, size_t channel, const std::string &name, double gain) override;
	double getGain(int direction, size_t channel) const override;
	double getGain(int direction, size_t channel, const std::string &name) const override;
	SoapySDR::Range getGainRange(int direction, size_t channel) const override;
	SoapySDR::Range getGainRange(int direction, size_t channel,
				     const std::string &name) const override;

	std::vector<std::string> listAntennas(int direction, size_t channel) const override;
	void setAntenna(int direction, size_t channel, const std::string &name) override;
	std::string getAntenna(int direction, size_t channel) const override;

	void setSampleRate(int direction, size_t channel, double rate) override;
	double getSampleRate(int direction, size_t channel) const override;
	std::vector<double> listSampleRates(int direction, size_t channel) const override;
	SoapySDR::RangeList getSampleRateRange(int direction, size_t channel) const override;

	void setBandwidth(int direction, size_t channel, double bandwidth) override;
	double getBandwidth(int direction, size_t channel) const override;
	std::vector<double> listBandwidths(int direction, size_t channel) const override;
	SoapySDR::RangeList getBandwidthRange(int direction, size_t channel) const override;

	/* ---- settings.cpp: controls that have no function of their own ---- */

	std::vector<std::string> listSensors() const override;
	SoapySDR::ArgInfo getSensorInfo(const std::string &key) const override;
	std::string readSensor(const std::string &key) const override;
	std::vector<std::string> listSensors(int direction, size_t channel) const override;
	SoapySDR::ArgInfo getSensorInfo(int direction, size_t channel,
					const std::string &key) const override;
	std::string readSensor(int direction, size_t channel,
			       const std::string &key) const override;

	SoapySDR::ArgInfoList getSettingInfo() const override;
	void writeSetting(const std::string &key, const std::string &value) override;
	std::string readSetting(const std::string &key) const override;
	SoapySDR::ArgInfoList getSettingInfo(int direction, size_t channel) const override;
	void writeSetting(int direction, size_t channel, const std::string &key,
			  const std::string &value) override;
	std::string readSetting(int direction, size_t channel,
				const std::string &key) const override;

      private:
	using control = const iiobridge_control *;
	using choice = bool (*)(control);

	void add_route(unsigned int number);
	const soapy_channel &at(int direction, size_t channel) const;
	std::vector<stream *> all_streams() const;

	/* With the lock of tuning; @place is NULL for the whole device. */
	control find(int role, const soapy_channel &place) const;
	iiobridge_reading read(control wanted) const;
	void set(control wanted, double number);
	void set(control wanted, const std::string &text);
	std::vector<control> those_of(const soapy_channel *place, choice wanted) const;
	control named(const soapy_channel *place, choice wanted, const std::string &key) const;
	std::string key_of(const soapy_channel *place, control one) const;
	SoapySDR::ArgInfo describe(const soapy_channel *place, control one) const;
	SoapySDR::RangeList ranges(control wanted) const;

	std::unique_lock<std::mutex> tune() const;
	double read_number(int role, const soapy_channel &place) const;
	SoapySDR::RangeList range_list(int role, const soapy_channel &place) const;
	SoapySDR::ArgInfoList describe_all(const soapy_channel *place, choice wanted) const;
	std::string read_text(const soapy_channel *place, choice wanted,
			      const std::string &key) const;
	void write_setting(const soapy_channel *place, const std::string &key,
			   const std::string &value);

	owned<iiobridge_board, iiobridge_board_close> board;
	std::vector<owned<iiobridge_route, iiobridge_route_free>> routes;
	std::vector<soapy_channel> channels[2]; /* for reception, and for transmission */

	mutable std::mutex tuning; /* protects the three that follow */
	owned<iiobridge_control_list, iiobridge_control_list_free> controls;
	/* By control: its last value that was read or set. */
	mutable std::map<unsigned int, iiobridge_reading> last;
	/* By route and receiver: what was to be set while the gain is automatic. */
	std::map<std::pair<unsigned int, int>, double> gains;

	mutable std::mutex lock; /* protects what follows */
	/* Closed ones stay: a thread may be about to call one, which is then told. */
	std::vector<std::unique_ptr<stream>> streams;
};

#endif
