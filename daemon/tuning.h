/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what a host tunes
 *
 * The controls of all routes, as hosts see them. Their drivers may take their time, so a thread
 * reads and sets them, one after the other, and a host that asks meanwhile hears that it is not
 * done yet: neither a route nor ep0 waits for a driver. What was set may change other values of the
 * same device, so those are read again.
 */
#ifndef DAEMON_TUNING_H
#define DAEMON_TUNING_H

#include <systemd/sd-event.h>

#include "config/config.h"
#include "iiobridge/protocol.h"

struct tuning;

/**
 * struct tuning_ops - how the owner hears of what is set
 * @begins: the samples of a route may change from now on; @rate: how many there are in a second,
 *too
 * @ends: and have changed; @rate_millihertz: samples in 1000 seconds, where it was announced, or 0
 *	when it is not known
 */
struct tuning_ops {
	void (*begins)(void *userdata, unsigned int route, bool rate);
	void (*ends)(void *userdata, unsigned int route, bool rate, uint64_t rate_millihertz);
};

/**
 * tuning_new() - find the controls
 * @tuning: receives it
 * @event: loop that it runs in
 * @config: of the routes; may change, see tuning_find()
 * @ops: how the owner hears of what happens
 * @userdata: for @ops
 *
 * Return: 0 or a negative errno, logged.
 */
int tuning_new(struct tuning **tuning, sd_event *event, const struct bridge_config *config,
	       const struct tuning_ops *ops, void *userdata);

/**
 * tuning_free() - forget them
 * @tuning: may be NULL
 * @until_ns: until when a driver that is at work is waited for, CLOCK_MONOTONIC
 */
void tuning_free(struct tuning *tuning, uint64_t until_ns);

/** tuning_find() - a device has come or gone, or the configuration is another: look which there are
 */
void tuning_find(struct tuning *tuning);

/** tuning_count() - number of controls; it never falls, and each keeps its number */
unsigned int tuning_count(const struct tuning *tuning);

/**
 * tuning_info() - what is known of a control
 * @tuning: the tuning
 * @number: of the control, less than tuning_count()
 */
const struct iiobridge_control_info *tuning_info(const struct tuning *tuning, unsigned int number);

/** tuning_read() - have a control read again; its state is IIOBRIDGE_CONTROL_PENDING until then */
void tuning_read(struct tuning *tuning, unsigned int number);

/**
 * tuning_set() - have a control set; its state is IIOBRIDGE_CONTROL_PENDING until then
 * @tuning: the tuning
 * @number: of the control, which may be written
 * @value: what it gets; one that it was to get before, and has not yet, it does not get any more
 */
void tuning_set(struct tuning *tuning, unsigned int number,
		const struct iiobridge_control_value *value);

/** tuning_look() - look for values that others have changed, if that was not just done */
void tuning_look(struct tuning *tuning);

#endif
