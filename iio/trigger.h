/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: triggers
 *
 * A trigger has an ADC take a scan that is not on a DMA engine. It is an interrupt that the ADC or
 * something else on the board makes, or a timer of the kernel, for which root makes a directory in
 * configfs (Documentation/iio/iio_configfs.rst of the kernel): one for each route that has
 * trigger_frequency in the configuration.
 */
#ifndef IIOBRIDGE_TRIGGER_H
#define IIOBRIDGE_TRIGGER_H

#include "config/config.h"
#include "converter.h"

/* Of a trigger, in hertz. */
#define TRIGGER_FREQUENCY "sampling_frequency"

/**
 * triggers_make() - make those that the routes need; for root
 * @config: the configuration
 *
 * Return: 0 or a negative errno, logged.
 */
int triggers_make(const struct bridge_config *config);

/**
 * triggers_remove() - remove all that triggers_make() has made, now or before; for root
 *
 * An ADC that has one is stopped, if a daemon that was killed has left it running, and has none
 * then.
 *
 * Return: 0 or a negative errno, logged.
 */
int triggers_remove(void);

/**
 * trigger_set() - let the ADC of a route have its trigger, at its frequency; may wait
 * @config: of the route
 * @converter: its ADC, which does not run; NULL when its source is the host
 * @error: receives the reason of a failure
 *
 * Return: 0, also where none is configured, or a negative errno; when the trigger is not there the
 * reason has those that are.
 */
int trigger_set(const struct route_config *config, const struct converter *converter,
		struct error *error);

/**
 * trigger_current() - what starts the scans
 * @converter: the converter
 * @name: receives the name of the trigger, "" when there is none
 * @size: bytes in @name
 *
 * Return: whether it is a device that a trigger starts; otherwise @name is as it was.
 */
bool trigger_current(const struct converter *converter, char *name, size_t size);

/**
 * trigger_read_frequency() - how often a trigger starts a scan; may wait
 * @name: of a trigger, "" for none
 * @hertz: receives the frequency
 *
 * Return: whether there is a trigger of that name that has one; @hertz is as it was if not.
 */
bool trigger_read_frequency(const char *name, double *hertz);

#endif
