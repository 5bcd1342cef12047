// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * settings.cpp - controls that have no function of their own: sensors can be read, settings be set
 */
#include "device.hpp"

#include <cstdlib>
#include <stdexcept>

static bool is_setting(const iiobridge_control *control)
{
	return iiobridge_control_role(control) == IIOBRIDGE_CONTROL_ATTRIBUTE &&
	       iiobridge_control_is_writable(control);
}

/* Whatever else has no function of its own. */
static bool is_sensor(const iiobridge_control *control)
{
	const int role = iiobridge_control_role(control);

	return role == IIOBRIDGE_CONTROL_RSSI || role == IIOBRIDGE_CONTROL_TEMPERATURE ||
	       (role == IIOBRIDGE_CONTROL_ATTRIBUTE && !is_setting(control));
}

/* A temperature is the device's, whichever route's transceiver has it. */
static bool is_of_device(const iiobridge_control *control)
{
	return iiobridge_control_route(control) == -1 ||
	       iiobridge_control_role(control) == IIOBRIDGE_CONTROL_TEMPERATURE;
}

static bool is_of(const iiobridge_control *control, const soapy_channel &place)
{
	const int receiver = iiobridge_control_channel(control);

	return !is_of_device(control) && iiobridge_control_route(control) == place.index() &&
	       (receiver == -1 || receiver == place.receiver());
}

std::vector<bridge::control> bridge::those_of(const soapy_channel *place, choice wanted) const
{
	std::vector<control> result;

	for (size_t n = 0; n < iiobridge_control_list_count(controls.get()); n++) {
		const control one = iiobridge_control_list_get(controls.get(), n);

		if (wanted(one) && (place ? is_of(one, *place) : is_of_device(one)))
			result.push_back(one);
	}
	return result;
}

/* Its name, which others of its route do not have; the device's may be of several routes. */
std::string bridge::key_of(const soapy_channel *place, control one) const
{
	const std::string name = iiobridge_control_name(one);
	const std::string route =
		iiobridge_control_list_route_name(controls.get(), iiobridge_control_index(one));

	if (place || route.empty() || iiobridge_control_find_by_name(controls.get(), name.c_str()))
		return name;
	return route + " " + name;
}

bridge::control bridge::named(const soapy_channel *place, choice wanted,
			      const std::string &key) const
{
	std::string names;

	for (control one : those_of(place, wanted)) {
		if (key_of(place, one) == key)
			return one;
		names += (names.empty() ? "" : ", ") + key_of(place, one);
	}
	throw std::runtime_error("iiobridge: there is no \"" + key +
				 (names.empty() ? "\"" : "\": there is " + names));
}

static std::string to_text(const iiobridge_control *control, const iiobridge_reading &reading)
{
	return iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER
		       ? std::to_string(reading.number)
		       : reading.text;
}

SoapySDR::ArgInfo bridge::describe(const soapy_channel *place, control one) const
{
	const bool is_number = iiobridge_control_kind(one) == IIOBRIDGE_CONTROL_IS_NUMBER;
	SoapySDR::ArgInfo info;

	info.key = info.name = key_of(place, one);
	info.value = is_number ? std::to_string(iiobridge_control_number(one))
			       : iiobridge_control_text(one);
	info.units = iiobridge_control_unit(one);
	info.type = is_number ? SoapySDR::ArgInfo::FLOAT : SoapySDR::ArgInfo::STRING;
	info.options = choices(one);
	if (iiobridge_control_has_range(one))
		info.range = range_of(one);
	if (!iiobridge_control_is_known(one))
		info.description = iiobridge_control_message(one);
	return info;
}

SoapySDR::ArgInfoList bridge::describe_all(const soapy_channel *place, choice wanted) const
{
	const auto guard = tune();
	SoapySDR::ArgInfoList result;

	for (control one : those_of(place, wanted))
		result.push_back(describe(place, one));
	return result;
}

std::string bridge::read_text(const soapy_channel *place, choice wanted,
			      const std::string &key) const
{
	std::lock_guard<std::mutex> guard(tuning);
	const control found = named(place, wanted, key);
	iiobridge_reading reading = {};

	/* What is measured is not known of a board that went away. */
	check(iiobridge_control_read(board.get(), iiobridge_control_index(found), &reading));
	return to_text(found, reading);
}

void bridge::write_setting(const soapy_channel *place, const std::string &key,
			   const std::string &value)
{
	std::lock_guard<std::mutex> guard(tuning);
	const control found = named(place, is_setting, key);
	char *end;

	if (iiobridge_control_kind(found) != IIOBRIDGE_CONTROL_IS_NUMBER) {
		set(found, value);
		return;
	}
	const double number = std::strtod(value.c_str(), &end);

	if (value.empty() || *end)
		throw std::runtime_error("iiobridge: " + key + " is a number, not \"" + value +
					 "\"");
	set(found, number);
}

static std::vector<std::string> keys(const SoapySDR::ArgInfoList &list)
{
	std::vector<std::string> result;

	for (const SoapySDR::ArgInfo &info : list)
		result.push_back(info.key);
	return result;
}

std::vector<std::string> bridge::listSensors() const
{
	return keys(describe_all(nullptr, is_sensor));
}

std::vector<std::string> bridge::listSensors(int direction, size_t channel) const
{
	return keys(describe_all(&at(direction, channel), is_sensor));
}

SoapySDR::ArgInfo bridge::getSensorInfo(const std::string &key) const
{
	const auto guard = tune();

	return describe(nullptr, named(nullptr, is_sensor, key));
}

SoapySDR::ArgInfo bridge::getSensorInfo(int direction, size_t channel, const std::string &key) const
{
	const auto guard = tune();

	const soapy_channel &place = at(direction, channel);

	return describe(&place, named(&place, is_sensor, key));
}

std::string bridge::readSensor(const std::string &key) const
{
	return read_text(nullptr, is_sensor, key);
}

std::string bridge::readSensor(int direction, size_t channel, const std::string &key) const
{
	return read_text(&at(direction, channel), is_sensor, key);
}

SoapySDR::ArgInfoList bridge::getSettingInfo() const
{
	return describe_all(nullptr, is_setting);
}

SoapySDR::ArgInfoList bridge::getSettingInfo(int direction, size_t channel) const
{
	return describe_all(&at(direction, channel), is_setting);
}

std::string bridge::readSetting(const std::string &key) const
{
	return read_text(nullptr, is_setting, key);
}

std::string bridge::readSetting(int direction, size_t channel, const std::string &key) const
{
	return read_text(&at(direction, channel), is_setting, key);
}

void bridge::writeSetting(const std::string &key, const std::string &value)
{
	write_setting(nullptr, key, value);
}

void bridge::writeSetting(int direction, size_t channel, const std::string &key,
			  const std::string &value)
{
	write_setting(&at(direction, channel), key, value);
}
