/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what is tuned: controls, and the IIO attributes behind them
 *
 * A control is one attribute of an IIO device that a host may read, and set where it can be set. A
 * transceiver whose device is known by its name has those that its documentation tells: frequency,
 * gain and so on; another converter has its sample rate; the configuration names more. A driver may
 * take its time for any of them, so all this is for a thread.
 */
#ifndef IIOBRIDGE_CONTROLS_H
#define IIOBRIDGE_CONTROLS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "core/error.h"
#include "iiobridge/protocol.h"
#include "sysfs.h"

/**
 * struct iio_quantity - what a role says of a control's values
 * @unit: of numbers, or empty
 * @driver: the driver's unit, in that one
 * @whole: the driver takes whole numbers
 * @measured: the driver takes none; IIO's core does not know, and has files to be written
 * @kind: of its values
 */
struct iio_quantity {
	const char *unit;
	double driver;
	bool whole;
	bool measured;
	enum iiobridge_control_kind kind;
};

extern const struct iio_quantity iio_quantities[];

/**
 * struct iio_control - a control, and where its values are
 * @info: what a host hears of it
 * @device: name of the IIO device that it is of
 * @attribute: name of the attribute, as iio_attr shows it
 * @file: in sysfs; empty while the device is not there
 * @available: file with the values that there are; empty when there is none
 * @rate_file: of the sample rate of the route's converter, of a control for that; or empty
 * @rate_millihertz: what is in that, 0 when it is not known
 */
struct iio_control {
	struct iiobridge_control_info info;
	char device[CONFIG_TEXT_SIZE];
	char attribute[CONFIG_TEXT_SIZE];
	char file[SYSFS_PATH_SIZE];
	char available[SYSFS_PATH_SIZE];
	char rate_file[SYSFS_PATH_SIZE];
	uint64_t rate_millihertz;
};

/**
 * struct iio_controls - those of all routes
 * @count: number of @all
 * @all: a host knows them by their place, so each keeps its own, also while its device is away
 */
struct iio_controls {
	unsigned int count;
	struct iio_control all[IIOBRIDGE_MAX_CONTROLS];
};

/**
 * iio_controls_find() - see which controls there are now
 * @controls: those that were found before, or all 0; new ones are put behind them
 * @config: the routes
 *
 * Scans all devices in sysfs. What is more than there is room for is left out, which is logged.
 */
void iio_controls_find(struct iio_controls *controls, const struct bridge_config *config);

/**
 * iio_control_read() - read the value, and what it may be
 * @control: its info has the value then
 * @error: receives the reason of a failure, with device and attribute
 *
 * Return: 0 or a negative errno.
 */
int iio_control_read(struct iio_control *control, struct error *error);

/**
 * iio_control_write() - set the value, and read back what the driver took
 * @control: its info has the value then
 * @value: what is wanted
 * @error: receives the reason of a failure, with device, attribute, value and what is accepted
 *
 * Return: 0 or a negative errno: -EINVAL for a value that is out of range, or none of the choices.
 */
int iio_control_write(struct iio_control *control, const struct iiobridge_control_value *value,
		      struct error *error);

/** iio_is_transceiver() - whether a device of libiio's is one that is known by its name */
bool iio_is_transceiver(const struct iio_device *device);

/**
 * iio_controls_write_file() - whether a host may set what is in a file, as controls of a route
 * @context: of libiio
 * @route: the route
 * @device: the file's
 * @file: below the folder of the device in sysfs
 */
bool iio_controls_write_file(const struct iio_context *context, const struct route_config *route,
			     const struct iio_device *device, const char *file);

#endif
