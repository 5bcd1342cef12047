/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.hpp - where the samples of a channel are in the scans of a converter, and what they mean
 *
 * SoapySDR's formats: CS8, CS16 and CF32 for a pair of channels, I and Q; S8, S16 and F32 for a
 * channel of its own. An integer is the converter's own number, with the sign extended; where it
 * has more bits than the format has room for, the lowest are left out. A float is it divided by
 * full scale. What is unsigned gets its middle subtracted.
 */
#ifndef SOAPY_SCAN_HPP
#define SOAPY_SCAN_HPP

#include <iiobridge/iiobridge.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/** struct value_place - one value in each scan */
struct value_place {
	iiobridge_channel_info info;
	size_t offset; /* bytes from the beginning of the scan */
};

/** enum scan_format - what a program wants a value to be */
enum class scan_format { int8, int16, float32 };

/**
 * scan_layout() - the values of a scan
 * @channels: all channels of the route, in the order of the mask's bits
 * @mask: those in a scan
 *
 * Each value begins at a multiple of its own size, in the order of the channels' indices, as the
 * kernel's buffers have them.
 *
 * Return: for each channel its place; those that are not in @mask have none that holds.
 */
std::vector<value_place> scan_layout(const std::vector<iiobridge_channel_info> &channels,
				     uint32_t mask);

/**
 * scan_full_scale() - the number that is full scale
 * @info: a channel
 * @format: what its values are to be
 *
 * Return: what a float is divided by; of an integer the largest magnitude that comes.
 */
double scan_full_scale(const iiobridge_channel_info &info, scan_format format);

/**
 * scan_take() - copy the values of a channel out of scans
 * @place: the channel
 * @scans: the scans
 * @scan_size: bytes in a scan
 * @count: number of scans
 * @format: what the values are to be
 * @values: gets them
 * @stride: from one value to the next, in values
 */
void scan_take(const value_place &place, const uint8_t *scans, size_t scan_size, size_t count,
	       scan_format format, void *values, size_t stride);

/**
 * scan_put() - copy the values of a channel into scans; the reverse of scan_take()
 * @place: the channel
 * @scans: the scans
 * @scan_size: bytes in a scan
 * @count: number of scans
 * @format: what the values are
 * @values: they
 * @stride: from one value to the next, in values
 *
 * What is beyond full scale becomes full scale.
 */
void scan_put(const value_place &place, uint8_t *scans, size_t scan_size, size_t count,
	      scan_format format, const void *values, size_t stride);

#endif
