/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what a route needs of its devices before it can run
 *
 * To find a device, to read its rate and to write its attributes may wait for the device's driver:
 * for the calibration that an attribute begins, or for the one that another program has begun. So
 * it is work for a thread.
 */
#ifndef IIOBRIDGE_PREPARATION_H
#define IIOBRIDGE_PREPARATION_H

#include "config/config.h"
#include "core/worker.h"
#include "end.h"

/**
 * struct preparation - a work, see worker.h
 * @work: its run() is set by preparation_new(), done() is the owner's
 * @owner: whom it is for
 * @from: the end that fills, without a port; a converter that is open is taken as it is
 * @to: the end that drains
 * @anew: but for one that is not as it was, which is opened again
 * @if_there: no device is there that is not: nothing is done then, nothing is said, and @absent is
 *	set
 * @files: how many more the route may open when it runs
 * @config: of the route, whose name and ends do not change; the thread may still need it when the
 *	route has gone
 * @set: its trigger is to be set, and its attributes are to be written, before the rates are read
 * @foretell: the rate is the one that the attributes would set
 * @result: 0 or a negative errno
 * @error: its reason
 * @absent: see @if_there
 */
struct preparation {
	struct work work;
	void *owner;
	struct end from;
	struct end to;
	bool anew;
	bool if_there;
	unsigned int files;
	struct route_config config;
	bool set;
	bool foretell;
	int result;
	struct error error;
	bool absent;
};

/**
 * preparation_new() - make a work
 * @config: of the route; copied
 * @done: called in the loop each time it is done
 * @owner: for @done
 *
 * Return: the work, to be freed by preparation_free(), or NULL when memory is short.
 */
struct preparation *preparation_new(const struct route_config *config,
				    void (*done)(struct work *work), void *owner);

/**
 * preparation_free() - free a work that no thread does
 * @preparation: may be NULL; converters that it still has are closed
 */
void preparation_free(struct preparation *preparation);

/**
 * main_end() - the end whose converter says most about a route
 * @from: the end that fills
 * @to: the end that drains
 *
 * Return: the one that fills, if it has a converter.
 */
static inline const struct end *main_end(const struct end *from, const struct end *to)
{
	return from->config->usb ? to : from;
}

#endif
