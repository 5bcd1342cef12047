/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IIOBRIDGE_ATTRIBUTES_H
#define IIOBRIDGE_ATTRIBUTES_H

#include "config/config.h"
#include "converter.h"

struct iio_channel;

/**
 * attributes_write() - give IIO attributes the values that a route needs; may wait for the drivers
 * @attributes: in the order in which they are written
 * @count: number of @attributes
 * @converter: of the route, whose device is meant where none is named
 * @error: receives the reason of a failure
 *
 * Return: 0 or a negative errno with device, attribute, value and what would be accepted:
 * -ENODEV, -ENOENT when there is no such device, channel or attribute, or the kernel's. Those
 * before it keep their new values.
 */
int attributes_write(const struct attribute_config *attributes, unsigned int count,
		     const struct converter *converter, struct error *error);

/**
 * attributes_rate() - the sample rate that attributes_write() would set; may wait for the drivers
 * @attributes: as for that
 * @count: number of @attributes
 * @converter: of the route
 *
 * Those of the converter itself and of a transceiver count, which a host has not set.
 *
 * Return: samples in 1000 seconds, 0 when it sets none.
 */
uint64_t attributes_rate(const struct attribute_config *attributes, unsigned int count,
			 const struct converter *converter);

/**
 * attributes_hold() - a host has set an attribute: attributes_write() leaves it as it is
 * @path: of its file
 */
void attributes_hold(const char *path);

/**
 * attributes_release() - forget which attributes hosts have set
 * @id: of the device whose attributes are meant, as it has gone; NULL for all
 */
void attributes_release(const char *id);

/**
 * attribute_find_channel() - the channel that an attribute is of
 * @config: the attribute
 * @device: the one that it is of
 * @channel: receives the channel, NULL when the attribute is the device's
 *
 * Return: 0, -ENOENT when there is no such channel, or -ENOTUNIQ when there is one in each
 * direction and the attribute does not say which.
 */
int attribute_find_channel(const struct attribute_config *config, const struct iio_device *device,
			   struct iio_channel **channel);

/**
 * attribute_has_file() - whether an attribute is this file
 * @config: the attribute
 * @device: the one that it is of
 * @file: below the folder of the device in sysfs
 */
bool attribute_has_file(const struct attribute_config *config, const struct iio_device *device,
			const char *file);

#endif
