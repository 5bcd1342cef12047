// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tune.cpp - what a board can be tuned with: frequency, gain, antenna, rate and bandwidth
 *
 * Without a control for something there is what a device has that cannot be set: one antenna, a
 * gain of 0, the rate that the board tells. Programs set these without asking, so that is no error.
 */
#include "device.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

/* The only component of a frequency, and element of a gain. */
static const char RF[] = "RF";
/* A gain mode that is none; and the one of the others that programs for radios want. */
static const char MANUAL[] = "manual", PREFERRED[] = "slow_attack";
/* So many rates, or bandwidths, are listed of a range. */
static constexpr size_t LISTED = 20;
/* A rate that a program has rounded, such as to a float. */
static constexpr double ROUNDING = 1e-6;

/* ---- controls ---- */

std::unique_lock<std::mutex> bridge::tune() const
{
	std::unique_lock<std::mutex> guard(tuning);

	const int r = iiobridge_control_list_update(controls.get(), nullptr);

	if (r != IIOBRIDGE_ERROR_GONE)
		check(r);
	return guard;
}

bridge::control bridge::find(int role, const soapy_channel &place) const
{
	return iiobridge_control_find(controls.get(), place.index(), role, place.receiver());
}

/*
 * What a control is now. Of a board that went away it is what was told last, as programs ask
 * whenever they draw their windows, and catch nothing there: that it is gone they hear from their
 * streams, and from whatever they set or measure.
 */
iiobridge_reading bridge::read(control wanted) const
{
	const unsigned int index = iiobridge_control_index(wanted);
	iiobridge_reading reading = {};

	if (iiobridge_control_is_readable(wanted)) {
		const int r = iiobridge_control_read(board.get(), index, &reading);

		if (r == 0)
			return last[index] = reading;
		if (r != IIOBRIDGE_ERROR_GONE)
			check(r);
		if (last.count(index))
			return last[index];
	}
	reading.number = iiobridge_control_number(wanted);
	const std::string text = iiobridge_control_text(wanted);

	text.copy(reading.text, sizeof(reading.text) - 1);
	return reading;
}

void bridge::set(control wanted, double number)
{
	const unsigned int index = iiobridge_control_index(wanted);
	iiobridge_reading taken = {};

	check(iiobridge_control_set_number(board.get(), index, number, &taken));
	last[index] = taken;
}

void bridge::set(control wanted, const std::string &text)
{
	const unsigned int index = iiobridge_control_index(wanted);
	iiobridge_reading taken = {};

	check(iiobridge_control_set_text(board.get(), index, text.c_str(), &taken));
	last[index] = taken;
}

std::vector<std::string> choices(const iiobridge_control *control)
{
	std::vector<std::string> result;

	for (unsigned int n = 0; n < iiobridge_control_choice_count(control); n++)
		result.emplace_back(iiobridge_control_choice(control, n));
	return result;
}

static bool contains(const std::vector<std::string> &list, const std::string &text)
{
	return std::find(list.begin(), list.end(), text) != list.end();
}

SoapySDR::Range range_of(const iiobridge_control *control)
{
	return { iiobridge_control_minimum(control), iiobridge_control_maximum(control),
		 iiobridge_control_step(control) };
}

/* What is nearest to a number; of a control without a range, itself. */
static double within_range(const iiobridge_control *control, double number)
{
	if (!iiobridge_control_has_range(control))
		return number;
	return std::max(iiobridge_control_minimum(control),
			std::min(iiobridge_control_maximum(control), number));
}

/* Those that the driver lists, or one; of a control without a range, what it is. */
SoapySDR::RangeList bridge::ranges(control wanted) const
{
	std::vector<double> numbers;
	SoapySDR::RangeList result;

	for (const std::string &text : choices(wanted))
		numbers.push_back(std::strtod(text.c_str(), nullptr));
	if (numbers.empty() && iiobridge_control_has_range(wanted))
		return { range_of(wanted) };
	if (numbers.empty())
		numbers.push_back(read(wanted).number);
	std::sort(numbers.begin(), numbers.end());
	for (double number : numbers)
		result.emplace_back(number, number);
	return result;
}

double bridge::read_number(int role, const soapy_channel &place) const
{
	std::lock_guard<std::mutex> guard(tuning);
	const control wanted = find(role, place);

	return wanted ? read(wanted).number : 0;
}

SoapySDR::RangeList bridge::range_list(int role, const soapy_channel &place) const
{
	const auto guard = tune();
	const control wanted = find(role, place);

	return wanted ? ranges(wanted) : SoapySDR::RangeList();
}

/* ---- frequency ---- */

static void check_name(const std::string &name)
{
	if (name != RF)
		throw std::runtime_error("iiobridge: there is no \"" + name + "\": there is " + RF);
}

std::vector<std::string> bridge::listFrequencies(int direction, size_t channel) const
{
	std::lock_guard<std::mutex> guard(tuning);

	if (!find(IIOBRIDGE_CONTROL_FREQUENCY, at(direction, channel)))
		return {};
	return { RF };
}

void bridge::setFrequency(int direction, size_t channel, const std::string &name, double frequency,
			  const SoapySDR::Kwargs &)
{
	std::lock_guard<std::mutex> guard(tuning);
	const control wanted = find(IIOBRIDGE_CONTROL_FREQUENCY, at(direction, channel));

	check_name(name);
	if (!wanted)
		throw std::runtime_error("iiobridge: this board lets no host set a frequency");
	set(wanted, frequency);
}

double bridge::getFrequency(int direction, size_t channel, const std::string &name) const
{
	check_name(name);
	return read_number(IIOBRIDGE_CONTROL_FREQUENCY, at(direction, channel));
}

SoapySDR::RangeList bridge::getFrequencyRange(int direction, size_t channel,
					      const std::string &name) const
{
	check_name(name);
	return range_list(IIOBRIDGE_CONTROL_FREQUENCY, at(direction, channel));
}

/* ---- gain ---- */

/* The mode that is automatic, empty for none. */
static std::string automatic_mode(const iiobridge_control *modes)
{
	const auto list = modes ? choices(modes) : std::vector<std::string>();

	if (!contains(list, MANUAL))
		return "";
	if (contains(list, PREFERRED))
		return PREFERRED;
	for (const std::string &mode : list) {
		if (mode != MANUAL)
			return mode;
	}
	return "";
}

std::vector<std::string> bridge::listGains(int direction, size_t channel) const
{
	at(direction, channel);
	return { RF };
}

bool bridge::hasGainMode(int direction, size_t channel) const
{
	std::lock_guard<std::mutex> guard(tuning);

	return !automatic_mode(find(IIOBRIDGE_CONTROL_GAIN_MODE, at(direction, channel))).empty();
}

void bridge::setGainMode(int direction, size_t channel, bool automatic)
{
	std::lock_guard<std::mutex> guard(tuning);
	const soapy_channel &place = at(direction, channel);
	const control modes = find(IIOBRIDGE_CONTROL_GAIN_MODE, place);
	const std::string mode = automatic_mode(modes);
	const auto wanted = gains.find({ place.index(), place.receiver() });

	if (mode.empty()) {
		if (automatic)
			SoapySDR::log(SOAPY_SDR_WARNING, "this board has no automatic gain");
		return;
	}
	set(modes, automatic ? mode : MANUAL);
	if (automatic || wanted == gains.end())
		return;
	set(find(IIOBRIDGE_CONTROL_GAIN, place), wanted->second);
	gains.erase(wanted);
}

bool bridge::getGainMode(int direction, size_t channel) const
{
	std::lock_guard<std::mutex> guard(tuning);
	const control modes = find(IIOBRIDGE_CONTROL_GAIN_MODE, at(direction, channel));

	return !automatic_mode(modes).empty() && read(modes).text != std::string(MANUAL);
}

void bridge::setGain(int direction, size_t channel, double gain)
{
	setGain(direction, channel, RF, gain);
}

/*
 * Programs set gains beyond the range, and while the gain is automatic, and do not expect to fail.
 * But nobody sends louder than he asked for: there the board refuses what is out of range.
 */
void bridge::setGain(int direction, size_t channel, const std::string &name, double gain)
{
	const auto guard = tune();
	const soapy_channel &place = at(direction, channel);
	const control wanted = find(IIOBRIDGE_CONTROL_GAIN, place);
	const control modes = find(IIOBRIDGE_CONTROL_GAIN_MODE, place);

	check_name(name);
	if (!wanted)
		return;
	if (direction == SOAPY_SDR_RX)
		gain = within_range(wanted, gain);
	gains.erase({ place.index(), place.receiver() });
	try {
		set(wanted, gain);
	} catch (const std::runtime_error &error) {
		if (automatic_mode(modes).empty() || read(modes).text == std::string(MANUAL))
			throw;
		gains[{ place.index(), place.receiver() }] = gain;
		SoapySDR::log(SOAPY_SDR_INFO, std::string(error.what()) +
						      "; it is set when the gain is manual again");
	}
}

double bridge::getGain(int direction, size_t channel) const
{
	return getGain(direction, channel, RF);
}

double bridge::getGain(int direction, size_t channel, const std::string &name) const
{
	check_name(name);
	return read_number(IIOBRIDGE_CONTROL_GAIN, at(direction, channel));
}

SoapySDR::Range bridge::getGainRange(int direction, size_t channel) const
{
	return getGainRange(direction, channel, RF);
}

SoapySDR::Range bridge::getGainRange(int direction, size_t channel, const std::string &name) const
{
	check_name(name);
	const auto list = range_list(IIOBRIDGE_CONTROL_GAIN, at(direction, channel));

	if (list.empty())
		return { 0, 0 };
	return { list.front().minimum(), list.back().maximum(), list.front().step() };
}

/* ---- antenna ---- */

std::vector<std::string> bridge::listAntennas(int direction, size_t channel) const
{
	std::lock_guard<std::mutex> guard(tuning);
	const control wanted = find(IIOBRIDGE_CONTROL_ANTENNA, at(direction, channel));

	if (!wanted)
		return { direction == SOAPY_SDR_TX ? "TX" : "RX" };
	const auto list = choices(wanted);

	return list.empty() ? std::vector<std::string>{ read(wanted).text } : list;
}

void bridge::setAntenna(int direction, size_t channel, const std::string &name)
{
	std::lock_guard<std::mutex> guard(tuning);
	const control wanted = find(IIOBRIDGE_CONTROL_ANTENNA, at(direction, channel));
	const std::string only = direction == SOAPY_SDR_TX ? "TX" : "RX";

	if (wanted)
		set(wanted, name);
	else if (name != only && !name.empty())
		throw std::runtime_error("iiobridge: there is no antenna \"" + name +
					 "\": there is " + only);
}

std::string bridge::getAntenna(int direction, size_t channel) const
{
	std::lock_guard<std::mutex> guard(tuning);
	const control wanted = find(IIOBRIDGE_CONTROL_ANTENNA, at(direction, channel));

	return wanted ? read(wanted).text : direction == SOAPY_SDR_TX ? "TX" : "RX";
}

/* ---- sample rate, and bandwidth ---- */

/* @steps times each power of ten within a range. */
static std::vector<double> round_numbers(const SoapySDR::Range &range,
					 const std::vector<double> &steps)
{
	std::vector<double> result;
	double power = std::pow(10, std::floor(std::log10(std::max(range.minimum(), 1.0))));

	for (; power < range.maximum(); power *= 10) {
		for (double step : steps) {
			const double number = step * power;

			if (number > range.minimum() && number < range.maximum())
				result.push_back(number);
		}
	}
	return result;
}

/* What a program may offer: of a range its ends, and round numbers between them. */
static std::vector<double> list_numbers(const SoapySDR::RangeList &ranges)
{
	std::vector<double> result;

	for (const SoapySDR::Range &range : ranges) {
		result.push_back(range.minimum());
		if (range.maximum() <= range.minimum())
			continue;
		auto between = round_numbers(range, { 1, 2, 2.5, 4, 5, 8 });

		if (between.size() > LISTED - 2)
			between = round_numbers(range, { 1, 2, 5 });
		if (between.size() > LISTED - 2)
			between = round_numbers(range, { 1 });
		result.insert(result.end(), between.begin(), between.end());
		result.push_back(range.maximum());
	}
	return result;
}

static void check_rate(double has, double wanted)
{
	if (std::abs(wanted - has) > ROUNDING * has)
		throw std::runtime_error("iiobridge: the sample rate is " + std::to_string(has) +
					 ", not " + std::to_string(wanted) +
					 ": the board's configuration lets no host set it");
}

double bridge::getSampleRate(int direction, size_t channel) const
{
	const soapy_channel &place = at(direction, channel);
	std::unique_lock<std::mutex> guard(tuning);
	const control wanted = find(IIOBRIDGE_CONTROL_SAMPLE_RATE, place);

	if (wanted)
		return read(wanted).number;
	guard.unlock();
	const double rate = route_rate(board.get(), (unsigned int)place.index());

	if (rate == IIOBRIDGE_ERROR_GONE)
		return iiobridge_route_sample_rate(place.route);
	check(rate < 0 ? (int)rate : 0);
	return rate;
}

void bridge::setSampleRate(int direction, size_t channel, double rate)
{
	std::unique_lock<std::mutex> guard(tuning);
	const control wanted = find(IIOBRIDGE_CONTROL_SAMPLE_RATE, at(direction, channel));

	if (!wanted || !iiobridge_control_is_writable(wanted)) {
		guard.unlock();
		check_rate(getSampleRate(direction, channel), rate);
		return;
	}
	set(wanted, rate);
	guard.unlock();
	/* A transceiver may have set that of another route with it. */
	for (stream *one : all_streams()) {
		if (one->follow_rate() < 0)
			throw std::runtime_error("iiobridge: a stream does not start again with " +
						 std::to_string(rate) + " samples in a second");
	}
}

std::vector<double> bridge::listSampleRates(int direction, size_t channel) const
{
	return list_numbers(getSampleRateRange(direction, channel));
}

SoapySDR::RangeList bridge::getSampleRateRange(int direction, size_t channel) const
{
	{
		const auto guard = tune();
		const control wanted = find(IIOBRIDGE_CONTROL_SAMPLE_RATE, at(direction, channel));

		if (wanted && iiobridge_control_is_writable(wanted))
			return ranges(wanted);
	}
	const double rate = getSampleRate(direction, channel);

	return { { rate, rate } };
}

/* A program that leaves the choice to the driver says 0: then it is as wide as the samples. */
void bridge::setBandwidth(int direction, size_t channel, double bandwidth)
{
	if (bandwidth <= 0)
		bandwidth = getSampleRate(direction, channel);
	const auto guard = tune();
	const control wanted = find(IIOBRIDGE_CONTROL_BANDWIDTH, at(direction, channel));

	if (!wanted)
		return;
	set(wanted, within_range(wanted, bandwidth));
}

double bridge::getBandwidth(int direction, size_t channel) const
{
	return read_number(IIOBRIDGE_CONTROL_BANDWIDTH, at(direction, channel));
}

std::vector<double> bridge::listBandwidths(int direction, size_t channel) const
{
	return list_numbers(getBandwidthRange(direction, channel));
}

SoapySDR::RangeList bridge::getBandwidthRange(int direction, size_t channel) const
{
	return range_list(IIOBRIDGE_CONTROL_BANDWIDTH, at(direction, channel));
}
