// SPDX-License-Identifier: GPL-2.0-or-later
/* A board in memory, with the library, as programs for SoapySDR use it. */
#include "soapy/device.hpp"

#include "soapy_board.h"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csetjmp>
#include <cstdarg>
#include <cstring>
#include <stdexcept>
#include <thread>

extern "C" {
#include <cmocka.h>
}

#define RX	   SOAPY_SDR_RX
#define TX	   SOAPY_SDR_TX
#define TIMEOUT_US 100000000 /* for what must come */
#define SHORT_US   1000

using strings = std::vector<std::string>;
using numbers = std::vector<double>;

static SoapySDR::Device *device;
static SoapySDR::Stream *opened;

/* After what the board shall be. */
static void open_device()
{
	device = new bridge(SoapySDR::Kwargs());
}

static void open_radio()
{
	board_make_radio(0);
	open_device();
}

static void activate(int direction, const char *format, const SoapySDR::Kwargs &args = {})
{
	opened = device->setupStream(direction, format, {}, args);
	assert_int_equal(device->activateStream(opened), 0);
}

static int set_up(void **)
{
	SoapySDR::setLogLevel(SOAPY_SDR_FATAL);
	board_reset();
	device = nullptr;
	opened = nullptr;
	return 0;
}

static int tear_down(void **)
{
	delete device;
	return board_check();
}

/* What is thrown has this in its sentence. */
template <typename Call> static void assert_throws(const char *part, Call call)
{
	std::string message;

	try {
		call();
	} catch (const std::runtime_error &error) {
		message = error.what();
	}
	if (message.find(part) == std::string::npos)
		fail_msg("\"%s\" does not have \"%s\"", message.c_str(), part);
}

static void assert_near(double found, double wanted, double by)
{
	if (std::abs(found - wanted) > by)
		fail_msg("%f instead of %f", found, wanted);
}

static void assert_range(const SoapySDR::Range &range, double minimum, double maximum, double step)
{
	assert_near(range.minimum(), minimum, 1e-9);
	assert_near(range.maximum(), maximum, 1e-9);
	assert_near(range.step(), step, 1e-9);
}

/* One call, of one channel. */
static int read(void *buffer, size_t count, long long &time_ns, int &flags, long timeout_us)
{
	void *const buffers[] = { buffer };

	return device->readStream(opened, buffers, count, flags, time_ns, timeout_us);
}

/* As many as are wanted, and the time of the first one; there is no gap. */
static long long read_all(void *buffer, size_t count, size_t size)
{
	auto to = static_cast<uint8_t *>(buffer);
	long long first_ns = 0, time_ns = 0;
	int flags;

	for (size_t done = 0; done < count;) {
		const int r = read(to + done * size, count - done, time_ns, flags, TIMEOUT_US);

		assert_true(r > 0);
		assert_int_equal(flags, SOAPY_SDR_HAS_TIME);
		first_ns = done ? first_ns : time_ns;
		done += (size_t)r;
	}
	return first_ns;
}

/* ---- channels and formats ---- */

static void each_two_of_an_even_number_of_channels_are_a_pair(void **)
{
	board_set_channels(4, 15);
	open_device();
	assert_int_equal(device->getNumChannels(RX), 2);
	assert_int_equal(device->getNumChannels(TX), 0);
	assert_true(device->getStreamFormats(RX, 1) == (strings{ "CS8", "CS16", "CF32" }));
	assert_throws("there is no channel 2: there are 2", [] { device->getSampleRate(RX, 2); });
}

/* The board still has in its samples what another program wanted. */
static void channels_are_those_of_the_converter(void **)
{
	board_set_channels(4, 12);
	open_device();
	assert_int_equal(device->getNumChannels(RX), 2);
	activate(RX, "CS16");
}

static void an_odd_number_of_channels_is_real(void **)
{
	board_set_channels(3, 7);
	open_device();
	assert_int_equal(device->getNumChannels(RX), 3);
	assert_true(device->getStreamFormats(RX, 2) ==
		    (strings{ "S8", "S16", "F32", "CS8", "CS16", "CF32" }));
	assert_true(device->getChannelInfo(RX, 2).count("q") == 0);
}

static void a_pair_has_the_controls_of_its_receiver(void **)
{
	board_set_channels(4, 15);
	open_radio();
	device->setGain(RX, 1, 7);
	assert_near(board_number(BOARD_GAIN_0), 71, 0);
	assert_near(board_number(BOARD_GAIN_1), 7, 0);
	assert_true(device->listSensors(RX, 0) == strings{ "rssi" });
	assert_true(device->listSensors(RX, 1).empty());
}

static void two_pairs_are_read_at_once(void **)
{
	static int16_t first[200], second[200];
	void *const buffers[] = { first, second };
	long long time_ns;
	int flags;

	board_set_channels(4, 15);
	open_device();
	opened = device->setupStream(RX, "CS16", { 0, 1 });
	device->activateStream(opened);
	assert_int_equal(device->readStream(opened, buffers, 100, flags, time_ns, TIMEOUT_US), 100);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(first[2 * i], i);
		assert_int_equal(first[2 * i + 1], 0);
		assert_int_equal(second[2 * i], (int16_t)0xa5a5);
	}
}

static void a_real_channel_has_a_q_of_0(void **)
{
	static float samples[2000];
	static int16_t small[2000];

	board_set_channels(1, 1);
	open_device();
	activate(RX, "CF32");
	read_all(samples, 1000, 8);
	for (int i = 0; i < 1000; i++) {
		assert_near(samples[2 * i], i / 32768.0, 1e-9);
		assert_near(samples[2 * i + 1], 0, 0);
	}
	device->closeStream(opened);
	activate(RX, "S16");
	read_all(small, 1000, 2);
	assert_int_equal(small[999], 999);
}

static void a_real_channel_is_sent_without_q(void **)
{
	static int16_t samples[2000];
	const void *const buffers[] = { samples };
	const uint8_t *received;
	size_t size;
	int flags = SOAPY_SDR_END_BURST;

	for (int i = 0; i < 1000; i++) {
		samples[2 * i] = (int16_t)(i - 500);
		samples[2 * i + 1] = 77;
	}
	board_set_channels(1, 1);
	board_make_tx();
	open_device();
	activate(TX, "CS16");
	assert_int_equal(device->writeStream(opened, buffers, 1000, flags, 0, TIMEOUT_US), 1000);
	assert_int_equal(device->deactivateStream(opened), 0);
	received = board_received(&size);
	/* The route to the DAC has two channels, which are a pair. */
	assert_true(size >= 4000);
	assert_int_equal(static_cast<int16_t>(received[0] | received[1] << 8), -500);
}

static void full_scale_is_that_of_the_valid_bits(void **)
{
	double full_scale;

	board_set_bits(12, 16);
	open_device();
	assert_string_equal(device->getNativeStreamFormat(RX, 0, full_scale).c_str(), "CS16");
	assert_near(full_scale, 2048, 0);
}

static void a_stream_has_the_block_and_the_memory_that_are_asked_for(void **)
{
	board_make_tx();
	open_device();
	const auto args = device->getStreamArgsInfo(RX, 0);

	assert_int_equal(args.size(), 2);
	assert_string_equal(args[0].key.c_str(), "block_size");
	assert_string_equal(args[0].value.c_str(), "65536");
	assert_near(args[0].range.maximum(), 4194304, 0);
	assert_string_equal(args[1].key.c_str(), "memory");
	assert_int_equal(device->getStreamArgsInfo(TX, 0).size(), 3);
	assert_string_equal(device->getStreamArgsInfo(TX, 0)[2].key.c_str(), "ahead");
	opened = device->setupStream(RX, "CS16", {}, { { "block_size", "8192" } });
	assert_int_equal(device->getStreamMTU(opened), 2048);
	device->closeStream(opened);
	assert_int_equal(device->getStreamMTU(opened), 2048);
	assert_throws("block_size is a number of bytes, not \"8k\"", [] {
		device->setupStream(RX, "CS16", {}, { { "block_size", "8k" } });
	});
	assert_throws("too large", [] {
		device->setupStream(RX, "CS16", {}, { { "block_size", "9999999" } });
	});
}

/* ---- tuning ---- */

static void a_frequency_is_that_of_its_component(void **)
{
	open_radio();
	assert_true(device->listFrequencies(RX, 0) == strings{ "RF" });
	assert_near(device->getFrequency(RX, 0), 2.4e9, 0);
	assert_range(device->getFrequencyRange(RX, 0).at(0), 70e6, 6e9, 1);
	assert_range(device->getFrequencyRange(RX, 0, "RF").at(0), 70e6, 6e9, 1);
	device->setFrequency(RX, 0, 433.92e6);
	assert_near(board_number(BOARD_FREQUENCY), 433.92e6, 0);
	device->setFrequency(RX, 0, "RF", 100e6);
	assert_near(device->getFrequency(RX, 0, "RF"), 100e6, 0);
	assert_throws("accepted is what is in its range", [] { device->setFrequency(RX, 0, 1e6); });
	assert_throws("there is no \"BB\": there is RF", [] { device->getFrequency(RX, 0, "BB"); });
}

static void without_controls_there_is_what_cannot_be_set(void **)
{
	open_device();
	assert_true(device->listFrequencies(RX, 0).empty());
	assert_true(device->getFrequencyRange(RX, 0).empty());
	assert_near(device->getFrequency(RX, 0), 0, 0);
	device->setFrequency(RX, 0, 1e6);
	assert_throws("lets no host set a frequency",
		      [] { device->setFrequency(RX, 0, "RF", 1e6); });

	assert_true(device->listGains(RX, 0) == strings{ "RF" });
	assert_range(device->getGainRange(RX, 0), 0, 0, 0);
	device->setGain(RX, 0, 20);
	assert_near(device->getGain(RX, 0), 0, 0);
	assert_false(device->hasGainMode(RX, 0));
	device->setGainMode(RX, 0, true);
	assert_false(device->getGainMode(RX, 0));

	assert_true(device->listAntennas(RX, 0) == strings{ "RX" });
	assert_string_equal(device->getAntenna(RX, 0).c_str(), "RX");
	device->setAntenna(RX, 0, "RX");
	assert_throws("there is no antenna \"TX\"", [] { device->setAntenna(RX, 0, "TX"); });

	assert_true(device->listSampleRates(RX, 0) == numbers{ 1e6 });
	assert_range(device->getSampleRateRange(RX, 0).at(0), 1e6, 1e6, 0);
	device->setSampleRate(RX, 0, 1e6 + 0.9);
	assert_throws("the sample rate is 1000000.000000, not 2000000.000000",
		      [] { device->setSampleRate(RX, 0, 2e6); });
	assert_throws("not 1000002", [] { device->setSampleRate(RX, 0, 1e6 + 2); });

	device->setBandwidth(RX, 0, 1e6);
	assert_near(device->getBandwidth(RX, 0), 0, 0);
	assert_true(device->listBandwidths(RX, 0).empty());
	assert_true(device->listSensors().empty() && device->listSensors(RX, 0).empty());
	assert_true(device->getSettingInfo().empty() && device->getSettingInfo(RX, 0).empty());
	assert_throws("there is no \"x\"", [] { device->readSetting("x"); });
}

static void a_gain_is_set_within_its_range(void **)
{
	open_radio();
	assert_true(device->listGains(RX, 0) == strings{ "RF" });
	assert_range(device->getGainRange(RX, 0), -3, 71, 1);
	assert_range(device->getGainRange(RX, 0, "RF"), -3, 71, 1);
	device->setGain(RX, 0, 20.3);
	assert_near(device->getGain(RX, 0), 20, 0);
	device->setGain(RX, 0, "RF", 100);
	assert_near(device->getGain(RX, 0, "RF"), 71, 0);
	device->setGain(RX, 0, -50);
	assert_near(board_number(BOARD_GAIN_0), -3, 0);
	assert_throws("there is no \"LNA\"", [] { device->setGain(RX, 0, "LNA", 1); });
}

/* SDR++ sets the gain, too, when it has set the mode, and expects no exception. */
static void a_gain_that_is_refused_while_it_is_automatic_is_set_later(void **)
{
	open_radio();
	assert_true(device->hasGainMode(RX, 0));
	assert_true(device->getGainMode(RX, 0));
	board_refuse(BOARD_GAIN_0, "Operation not supported");
	device->setGain(RX, 0, 33);
	board_refuse(BOARD_GAIN_0, nullptr);
	assert_near(board_number(BOARD_GAIN_0), 71, 0);
	device->setGainMode(RX, 0, false);
	assert_string_equal(board_text(BOARD_GAIN_MODE), "manual");
	assert_false(device->getGainMode(RX, 0));
	assert_near(board_number(BOARD_GAIN_0), 33, 0);
	device->setGainMode(RX, 0, true);
	assert_string_equal(board_text(BOARD_GAIN_MODE), "slow_attack");

	/* What was set meanwhile is not overwritten, and what fails in manual mode is told. */
	device->setGainMode(RX, 0, false);
	assert_int_equal(board_sets(BOARD_GAIN_0), 2);
	board_refuse(BOARD_GAIN_0, "it is broken");
	assert_throws("it is broken", [] { device->setGain(RX, 0, 10); });
}

static void nobody_sends_louder_than_he_asked_for(void **)
{
	board_make_tx();
	board_make_radio(1);
	open_device();
	device->setGainMode(TX, 0, false);
	assert_throws("accepted is what is in its range", [] { device->setGain(TX, 0, 72); });
	device->setGain(TX, 0, 70);
	assert_near(device->getGain(TX, 0), 70, 0);
	assert_range(device->getGainRange(RX, 0), 0, 0, 0);
	assert_true(device->listAntennas(TX, 0) == (strings{ "A_BALANCED", "B_BALANCED" }));
}

static void an_antenna_is_one_of_the_drivers(void **)
{
	open_radio();
	assert_true(device->listAntennas(RX, 0) == (strings{ "A_BALANCED", "B_BALANCED" }));
	device->setAntenna(RX, 0, "B_BALANCED");
	assert_string_equal(device->getAntenna(RX, 0).c_str(), "B_BALANCED");
	assert_throws("accepted is one of its choices", [] { device->setAntenna(RX, 0, "C"); });
}

static void rates_are_listed_and_set(void **)
{
	open_radio();
	const numbers rates = device->listSampleRates(RX, 0);

	assert_true(rates.size() <= 20 && std::is_sorted(rates.begin(), rates.end()));
	assert_near(rates.front(), 500e3, 0);
	assert_near(rates.back(), 61.44e6, 0);
	assert_true(std::count(rates.begin(), rates.end(), 2.5e6) == 1);
	assert_range(device->getSampleRateRange(RX, 0).at(0), 500e3, 61.44e6, 1);
	assert_near(device->getSampleRate(RX, 0), 1e6, 0);
	device->setSampleRate(RX, 0, 2500000.4);
	assert_near(device->getSampleRate(RX, 0), 2.5e6, 0);
	assert_throws("accepted is what is in its range", [] { device->setSampleRate(RX, 0, 1); });
}

static void rates_that_a_driver_lists_are_the_only_ones(void **)
{
	board_make_radio(0);
	board_add_choice(BOARD_RATE, "4000000");
	board_add_choice(BOARD_RATE, "1000000");
	open_device();
	assert_true(device->listSampleRates(RX, 0) == (numbers{ 1e6, 4e6 }));
	assert_int_equal(device->getSampleRateRange(RX, 0).size(), 2);
}

static void a_rate_that_a_host_may_only_read_is_the_only_one(void **)
{
	board_make_radio(0);
	board_restrict(BOARD_RATE, 1);
	open_device();
	assert_true(device->listSampleRates(RX, 0) == numbers{ 1e6 });
	assert_throws("lets no host set it", [] { device->setSampleRate(RX, 0, 2e6); });
}

static void a_bandwidth_of_0_is_that_of_the_samples(void **)
{
	open_radio();
	assert_near(device->getBandwidth(RX, 0), 18e6, 0);
	assert_true(device->listBandwidths(RX, 0) == numbers{ 18e6 });
	device->setBandwidth(RX, 0, 5e6);
	assert_near(board_number(BOARD_BANDWIDTH), 5e6, 0);
	device->setBandwidth(RX, 0, 0);
	assert_near(board_number(BOARD_BANDWIDTH), 1e6, 0);
}

static void sensors_are_the_channels_and_the_devices(void **)
{
	open_radio();
	assert_true(device->listSensors() == strings{ "temperature" });
	assert_string_equal(device->readSensor("temperature").c_str(), "36.500000");
	assert_string_equal(device->getSensorInfo("temperature").units.c_str(), "°C");
	assert_true(device->listSensors(RX, 0) == strings{ "rssi" });
	assert_near(device->readSensor<double>(RX, 0, "rssi"), -92.75, 1e-9);
	assert_int_equal(device->getSensorInfo(RX, 0, "rssi").type, SoapySDR::ArgInfo::FLOAT);
	assert_throws("there is no \"lock\": there is temperature",
		      [] { device->readSensor("lock"); });
}

/* As a transceiver has it, which is of a route; with two of them it has the route's name. */
static void a_temperature_is_the_devices(void **)
{
	board_make_tx();
	board_make_radio(0);
	board_set_route(BOARD_TEMPERATURE, 0, "temperature");
	open_device();
	assert_true(device->listSensors() == strings{ "temperature" });
	assert_true(device->listSensors(RX, 0) == strings{ "rssi" });
	assert_string_equal(device->readSensor("temperature").c_str(), "36.500000");
	delete device;
	board_set_route(BOARD_RSSI, 1, "temperature");
	board_set_role(BOARD_RSSI, IIOBRIDGE_CONTROL_TEMPERATURE);
	open_device();
	assert_true(device->listSensors() == (strings{ "ty temperature", "rx temperature" }));
	assert_string_equal(device->readSensor("ty temperature").c_str(), "-92.750000");
	assert_string_equal(device->getSensorInfo("rx temperature").key.c_str(), "rx temperature");
	assert_true(device->listSensors(TX, 0).empty());
}

static void settings_are_the_attributes(void **)
{
	board_make_radio(0);
	board_set_role(BOARD_GAIN_1, 0);
	board_set_role(BOARD_ANTENNA, 0);
	board_restrict(BOARD_BANDWIDTH, 1);
	board_set_role(BOARD_BANDWIDTH, 0);
	open_device();
	const auto info = device->getSettingInfo();

	assert_int_equal(info.size(), 1);
	assert_string_equal(info[0].key.c_str(), "label");
	assert_string_equal(info[0].value.c_str(), "roof");
	assert_int_equal(info[0].type, SoapySDR::ArgInfo::STRING);
	device->writeSetting("label", "cellar");
	assert_string_equal(device->readSetting("label").c_str(), "cellar");

	/* The gain of the second receiver is none of the first one's. */
	const auto of_channel = device->getSettingInfo(RX, 0);

	assert_int_equal(of_channel.size(), 1);
	assert_string_equal(of_channel[0].key.c_str(), "antenna");
	assert_true(of_channel[0].options == (strings{ "A_BALANCED", "B_BALANCED" }));
	device->writeSetting(RX, 0, "antenna", "B_BALANCED");
	assert_string_equal(device->readSetting(RX, 0, "antenna").c_str(), "B_BALANCED");
	/* What cannot be set is no setting. */
	assert_true(device->listSensors(RX, 0) == (strings{ "bandwidth", "rssi" }));
}

static void a_setting_that_is_a_number_has_a_range(void **)
{
	board_make_radio(0);
	board_set_role(BOARD_GAIN_0, 0);
	open_device();
	const auto info = device->getSettingInfo(RX, 0);

	assert_int_equal(info.size(), 1);
	assert_int_equal(info[0].type, SoapySDR::ArgInfo::FLOAT);
	assert_range(info[0].range, -3, 71, 1);
	device->writeSetting(RX, 0, "gain0", "12");
	assert_string_equal(device->readSetting(RX, 0, "gain0").c_str(), "12.000000");
	assert_throws("gain0 is a number, not \"much\"",
		      [] { device->writeSetting(RX, 0, "gain0", "much"); });
}

/*
 * CubicSDR asks for gains and antennas whenever it has nothing else to do, and what is thrown there
 * ends it.
 */
static void a_board_that_went_away_has_what_it_had_last(void **)
{
	open_radio();
	device->setFrequency(RX, 0, 433.92e6);
	device->setGainMode(RX, 0, false);
	device->setGain(RX, 0, 33);
	device->setAntenna(RX, 0, "B_BALANCED");
	device->setSampleRate(RX, 0, 2e6);
	const auto rates = device->listSampleRates(RX, 0);
	const auto bandwidths = device->listBandwidths(RX, 0);
	const double bandwidth = device->getBandwidth(RX, 0);

	board_unplug();
	assert_near(device->getFrequency(RX, 0), 433.92e6, 0);
	assert_range(device->getFrequencyRange(RX, 0).at(0), 70e6, 6e9, 1);
	assert_near(device->getGain(RX, 0), 33, 0);
	assert_true(device->getGainRange(RX, 0).maximum() > 60);
	assert_true(device->hasGainMode(RX, 0));
	assert_false(device->getGainMode(RX, 0));
	assert_string_equal(device->getAntenna(RX, 0).c_str(), "B_BALANCED");
	assert_int_equal(device->listAntennas(RX, 0).size(), 2);
	assert_near(device->getSampleRate(RX, 0), 2e6, 0);
	assert_true(device->listSampleRates(RX, 0) == rates);
	assert_near(device->getBandwidth(RX, 0), bandwidth, 0);
	assert_true(device->listBandwidths(RX, 0) == bandwidths);
	assert_int_equal(device->getSettingInfo().size(), 1);
	assert_throws("went away", [] { device->setFrequency(RX, 0, 1e9); });
	assert_throws("went away", [] { device->setGain(RX, 0, 1); });
	assert_throws("went away", [] { device->readSensor(RX, 0, "rssi"); });
}

/* Not even a rate that no host may set. */
static void a_board_without_controls_that_went_away_has_its_rate(void **)
{
	open_device();
	board_unplug();
	assert_near(device->getSampleRate(RX, 0), 1e6, 0);
	assert_true(device->listSampleRates(RX, 0) == numbers{ 1e6 });
	assert_near(device->getGain(RX, 0), 0, 0);
}

/* ---- time ---- */

static void samples_have_times_by_the_rate_that_was_set_since_the_stream_was_set_up(void **)
{
	static int16_t samples[4 * BOARD_SAMPLES];

	open_radio();
	opened = device->setupStream(RX, "CS16");
	device->setSampleRate(RX, 0, 2e6);
	assert_int_equal(device->activateStream(opened), 0);
	assert_near((double)read_all(samples, 1, 4), BOARD_FIRST_NS, 2);
	assert_near((double)read_all(samples, 2 * BOARD_SAMPLES, 4), BOARD_FIRST_NS + 500, 2);
	assert_near((double)read_all(samples, 1, 4),
		    BOARD_FIRST_NS + 500 * (2.0 * BOARD_SAMPLES + 1), 2);
}

static void a_stream_starts_again_with_another_rate(void **)
{
	static int16_t samples[4 * BOARD_SAMPLES];

	open_radio();
	activate(RX, "CS16");
	read_all(samples, 2 * BOARD_SAMPLES, 4);
	device->setSampleRate(RX, 0, 4e6);
	assert_near((double)read_all(samples, BOARD_SAMPLES, 4), BOARD_FIRST_NS, 2);
	assert_int_equal(samples[2], 1);
	assert_near((double)read_all(samples, 1, 4), BOARD_FIRST_NS + 250.0 * BOARD_SAMPLES, 2);
	/* The same again is none. */
	device->setSampleRate(RX, 0, 4e6);
	assert_near((double)read_all(samples, 1, 4), BOARD_FIRST_NS + 250.0 * (BOARD_SAMPLES + 1),
		    2);
}

static void the_clock_is_that_of_the_samples(void **)
{
	static int16_t samples[2 * BOARD_SAMPLES];
	long long first_ns, later_ns;

	open_device();
	assert_true(device->hasHardwareTime(""));
	assert_false(device->hasHardwareTime("other"));
	assert_int_equal(device->getHardwareTime(""), 0);
	activate(RX, "CS16");
	read_all(samples, BOARD_SAMPLES, 4);
	first_ns = device->getHardwareTime("");
	assert_true(first_ns > BOARD_FIRST_NS);
	do
		later_ns = device->getHardwareTime("");
	while (later_ns <= first_ns);
	device->deactivateStream(opened);
	assert_int_equal(device->getHardwareTime(""), 0);
}

/* ---- streams ---- */

static void a_gap_is_told_once(void **)
{
	static int16_t samples[2 * BOARD_SAMPLES];
	long long time_ns, gap_ns;
	int flags;

	board_lose(1, 500);
	open_device();
	activate(RX, "CS16");
	read_all(samples, BOARD_SAMPLES, 4);
	assert_int_equal(read(samples, 10, gap_ns, flags, TIMEOUT_US), SOAPY_SDR_OVERFLOW);
	assert_int_equal(read(samples, 10, time_ns, flags, TIMEOUT_US), 10);
	assert_int_equal(time_ns, gap_ns);
	assert_near((double)time_ns, BOARD_FIRST_NS + 1000 * (BOARD_SAMPLES + 500.0), 2);
	assert_int_equal((uint16_t)samples[0], (BOARD_SAMPLES + 500) & 0xffff);
}

/* SoapySDRServer reads, and asks, before it activates. */
static void a_stream_that_does_not_run_waits_its_time(void **)
{
	int16_t samples[2];
	const void *const buffers[] = { samples };
	long long time_ns;
	size_t mask;
	int flags = 0;

	board_make_tx();
	open_device();
	opened = device->setupStream(RX, "CS16");
	assert_int_equal(read(samples, 1, time_ns, flags, SHORT_US), SOAPY_SDR_TIMEOUT);
	assert_int_equal(device->readStreamStatus(opened, mask, flags, time_ns, SHORT_US),
			 SOAPY_SDR_NOT_SUPPORTED);
	device->closeStream(opened);
	assert_int_equal(read(samples, 1, time_ns, flags, SHORT_US), SOAPY_SDR_STREAM_ERROR);
	opened = device->setupStream(TX, "CS16");
	assert_int_equal(device->writeStream(opened, buffers, 1, flags, 0, SHORT_US),
			 SOAPY_SDR_TIMEOUT);
	assert_int_equal(device->readStreamStatus(opened, mask, flags, time_ns, SHORT_US),
			 SOAPY_SDR_TIMEOUT);
	flags = SOAPY_SDR_HAS_TIME;
	assert_int_equal(device->writeStream(opened, buffers, 1, flags, 5, SHORT_US),
			 SOAPY_SDR_NOT_SUPPORTED);
}

/* Between two bursts there is nothing to tell, which is no error. */
static void who_asks_for_underflows_waits_for_the_next_burst(void **)
{
	static int16_t samples[200];
	const void *const buffers[] = { samples };
	std::atomic<bool> done{ false };
	long long time_ns;
	size_t mask;
	int flags;

	board_make_tx();
	open_device();
	activate(TX, "CS16");
	std::thread asker([&] {
		long long when_ns;
		size_t channels;
		int bits;

		while (!done)
			assert_int_equal(
				device->readStreamStatus(opened, channels, bits, when_ns, SHORT_US),
				SOAPY_SDR_TIMEOUT);
	});
	for (int i = 0; i < 20; i++) {
		flags = SOAPY_SDR_END_BURST;
		assert_int_equal(device->writeStream(opened, buffers, 100, flags, 0, TIMEOUT_US),
				 100);
	}
	done = true;
	asker.join();
	assert_int_equal(device->deactivateStream(opened), 0);
	assert_int_equal(device->activateStream(opened), 0);
	assert_int_equal(device->readStreamStatus(opened, mask, flags, time_ns, SHORT_US),
			 SOAPY_SDR_TIMEOUT);
}

/* ---- samples where the library has them ---- */

static void blocks_are_read_where_they_are(void **)
{
	const void *buffers[1];
	size_t place, other;
	long long time_ns;
	int flags;

	open_device();
	activate(RX, "CS16");
	assert_true(device->getNumDirectAccessBuffers(opened) >= 2);
	assert_int_equal(
		device->acquireReadBuffer(opened, place, buffers, flags, time_ns, TIMEOUT_US),
		BOARD_SAMPLES);
	assert_int_equal(flags, SOAPY_SDR_HAS_TIME);
	const auto first = static_cast<const uint16_t *>(buffers[0]);

	assert_int_equal(
		device->acquireReadBuffer(opened, other, buffers, flags, time_ns, TIMEOUT_US),
		BOARD_SAMPLES);
	assert_int_not_equal(place, other);
	assert_int_equal(*static_cast<const uint16_t *>(buffers[0]), BOARD_SAMPLES);
	assert_near((double)time_ns, BOARD_FIRST_NS + 1e3 * BOARD_SAMPLES, 2);
	/* It stays when the stream stops. */
	device->deactivateStream(opened);
	assert_int_equal(first[2 * 1000], 1000);
	device->releaseReadBuffer(opened, other);
	device->releaseReadBuffer(opened, other);
	device->activateStream(opened);
	assert_int_equal(
		device->acquireReadBuffer(opened, other, buffers, flags, time_ns, TIMEOUT_US),
		BOARD_SAMPLES);
	device->closeStream(opened);
	device->releaseReadBuffer(opened, place);
}

static void no_more_blocks_are_acquired_than_there_are(void **)
{
	const void *buffers[1];
	size_t place, count;
	long long time_ns;
	int flags;

	open_device();
	activate(RX, "CS16");
	count = device->getNumDirectAccessBuffers(opened);
	for (size_t i = 0; i < count; i++)
		assert_true(device->acquireReadBuffer(opened, place, buffers, flags, time_ns,
						      TIMEOUT_US) > 0);
	assert_int_equal(
		device->acquireReadBuffer(opened, place, buffers, flags, time_ns, SHORT_US),
		SOAPY_SDR_STREAM_ERROR);
	device->releaseReadBuffer(opened, 3);
	assert_true(device->acquireReadBuffer(opened, place, buffers, flags, time_ns, TIMEOUT_US) >
		    0);
	assert_int_equal(place, 3);
}

/* What is not valid of a value may be anything, and floats are made. */
static void only_what_needs_no_conversion_is_read_where_it_is(void **)
{
	const void *buffers[1];
	size_t place;
	long long time_ns;
	int flags;

	open_device();
	opened = device->setupStream(RX, "CF32");
	assert_int_equal(device->getNumDirectAccessBuffers(opened), 0);
	assert_int_equal(
		device->acquireReadBuffer(opened, place, buffers, flags, time_ns, SHORT_US),
		SOAPY_SDR_NOT_SUPPORTED);
	device->closeStream(opened);
	delete device;
	board_set_bits(12, 16);
	open_device();
	opened = device->setupStream(RX, "CS16");
	assert_int_equal(device->getNumDirectAccessBuffers(opened), 0);
}

static void samples_are_put_where_they_are_sent_from(void **)
{
	const uint8_t *received;
	void *buffers[1];
	size_t place, size;
	int flags = 0;

	board_make_tx();
	open_device();
	activate(TX, "CS16");
	assert_int_equal(device->getNumDirectAccessBuffers(opened), 1);
	for (int i = 0; i < 3; i++) {
		assert_true(device->acquireWriteBuffer(opened, place, buffers, TIMEOUT_US) >= 1000);
		memset(buffers[0], i + 1, 4000);
		flags = i == 2 ? SOAPY_SDR_END_BURST : 0;
		device->releaseWriteBuffer(opened, place, 1000, flags, 0);
	}
	/* One that was acquired before the stream was stopped is not sent. */
	assert_true(device->acquireWriteBuffer(opened, place, buffers, TIMEOUT_US) > 0);
	assert_int_equal(device->deactivateStream(opened), 0);
	received = board_received(&size);
	assert_true(size >= 12000);
	assert_int_equal(received[0], 1);
	assert_int_equal(received[4000], 2);
	assert_int_equal(received[11999], 3);
	assert_int_equal(received[12000], 0);
	assert_int_equal(device->activateStream(opened), 0);
	flags = 0;
	device->releaseWriteBuffer(opened, place, 1000, flags, 0);
	assert_true(device->acquireWriteBuffer(opened, place, buffers, TIMEOUT_US) > 0);
}

/* ---- threads ---- */

static void call_everything(int round)
{
	const SoapySDR::ArgInfoList settings = device->getSettingInfo();

	device->setFrequency(RX, 0, 1e9 + round);
	device->getFrequency(RX, 0);
	device->getFrequencyRange(RX, 0);
	device->setGainMode(RX, 0, round % 2);
	device->setGain(RX, 0, round % 60);
	device->getGain(RX, 0);
	device->getGainMode(RX, 0);
	device->getGainRange(RX, 0);
	device->setAntenna(RX, 0, round % 2 ? "A_BALANCED" : "B_BALANCED");
	device->getAntenna(RX, 0);
	device->setSampleRate(RX, 0, round % 4 ? 1e6 : 2e6);
	device->listSampleRates(RX, 0);
	device->setBandwidth(RX, 0, 1e6);
	device->listBandwidths(RX, 0);
	device->readSensor("temperature");
	device->readSensor(RX, 0, "rssi");
	device->writeSetting(settings.at(0).key, std::to_string(round));
	device->getHardwareTime("");
	device->getStreamMTU(opened);
	device->getNumDirectAccessBuffers(opened);
}

static void everything_is_called_by_two_threads_while_a_third_reads(void **)
{
	static std::atomic<unsigned long> samples;
	std::atomic<bool> done{ false };

	open_radio();
	samples = 0;
	activate(RX, "CS16");
	std::thread reader([&] {
		static int16_t data[2 * BOARD_SAMPLES];
		long long time_ns;
		size_t place;
		int flags, r;

		while (!done) {
			const void *buffers[1];

			r = read(data, 1000, time_ns, flags, TIMEOUT_US);
			assert_true(r > 0);
			r = device->acquireReadBuffer(opened, place, buffers, flags, time_ns,
						      TIMEOUT_US);
			assert_true(r > 0);
			memcpy(data, buffers[0], 4 * (size_t)r);
			device->releaseReadBuffer(opened, place);
			samples += (unsigned long)r;
		}
	});
	std::vector<std::thread> callers;

	for (int n = 0; n < 2; n++)
		callers.emplace_back([] {
			for (int i = 0; i < 20; i++)
				call_everything(i);
		});
	for (std::thread &caller : callers)
		caller.join();
	done = true;
	reader.join();
	assert_true(samples > 0);
}

static void streams_are_set_up_while_others_are_used(void **)
{
	board_make_tx();
	open_radio();
	std::thread sender([] {
		for (int i = 0; i < 20; i++)
			device->closeStream(device->setupStream(TX, "CF32"));
	});
	for (int i = 0; i < 20; i++) {
		activate(RX, "CF32");
		device->setSampleRate(RX, 0, i % 2 ? 1e6 : 2e6);
		device->getHardwareTime("");
		device->closeStream(opened);
	}
	sender.join();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main()
{
	const struct CMUnitTest tests[] = {
		TEST(each_two_of_an_even_number_of_channels_are_a_pair),
		TEST(channels_are_those_of_the_converter),
		TEST(an_odd_number_of_channels_is_real),
		TEST(a_pair_has_the_controls_of_its_receiver),
		TEST(two_pairs_are_read_at_once),
		TEST(a_real_channel_has_a_q_of_0),
		TEST(a_real_channel_is_sent_without_q),
		TEST(full_scale_is_that_of_the_valid_bits),
		TEST(a_stream_has_the_block_and_the_memory_that_are_asked_for),
		TEST(a_frequency_is_that_of_its_component),
		TEST(without_controls_there_is_what_cannot_be_set),
		TEST(a_gain_is_set_within_its_range),
		TEST(a_gain_that_is_refused_while_it_is_automatic_is_set_later),
		TEST(nobody_sends_louder_than_he_asked_for),
		TEST(an_antenna_is_one_of_the_drivers),
		TEST(rates_are_listed_and_set),
		TEST(rates_that_a_driver_lists_are_the_only_ones),
		TEST(a_rate_that_a_host_may_only_read_is_the_only_one),
		TEST(a_bandwidth_of_0_is_that_of_the_samples),
		TEST(a_board_that_went_away_has_what_it_had_last),
		TEST(a_board_without_controls_that_went_away_has_its_rate),
		TEST(sensors_are_the_channels_and_the_devices),
		TEST(a_temperature_is_the_devices),
		TEST(settings_are_the_attributes),
		TEST(a_setting_that_is_a_number_has_a_range),
		TEST(samples_have_times_by_the_rate_that_was_set_since_the_stream_was_set_up),
		TEST(a_stream_starts_again_with_another_rate),
		TEST(the_clock_is_that_of_the_samples),
		TEST(a_gap_is_told_once),
		TEST(a_stream_that_does_not_run_waits_its_time),
		TEST(who_asks_for_underflows_waits_for_the_next_burst),
		TEST(blocks_are_read_where_they_are),
		TEST(no_more_blocks_are_acquired_than_there_are),
		TEST(only_what_needs_no_conversion_is_read_where_it_is),
		TEST(samples_are_put_where_they_are_sent_from),
		TEST(everything_is_called_by_two_threads_while_a_third_reads),
		TEST(streams_are_set_up_while_others_are_used),
	};

	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
