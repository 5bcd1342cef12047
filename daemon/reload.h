/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: reading the configuration again
 *
 * What a host has seen of the gadget stays as it is until it can enumerate it anew, so that the
 * other routes go on: the gadget itself, and number, order and ends of the routes. A log line names
 * what of that has another value in the file. All else is put in force.
 */
#ifndef IIOBRIDGE_RELOAD_H
#define IIOBRIDGE_RELOAD_H

#include <stdint.h>

#include "config/config.h"

/**
 * reload() - read the configuration again
 * @config: the one in force; receives what can be put in force
 * @path: the file
 * @changed: receives bit n for each route n that has other values than before
 *
 * Return: 0, or a negative errno, logged, with @config as it was.
 */
int reload(struct bridge_config *config, const char *path, uint32_t *changed);

#endif
