/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: companion functions
 *
 * Functions of the kernel's that are in the gadget beside the bridge: a serial line, networks, a
 * disk, and FunctionFS instances of other daemons. The latter have to describe themselves before
 * the gadget can be bound, and the kernel unbinds it when one of them leaves
 * (ffs_closed() in drivers/usb/gadget/function/f_fs.c).
 */
#ifndef GADGET_COMPANIONS_H
#define GADGET_COMPANIONS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "config/config.h"

struct companions;

/** companions_change_fn - called when daemons have described their functions, or have left */
typedef void (*companions_change_fn)(void *userdata);

/**
 * companions_new() - watch the daemons behind FunctionFS instances
 * @companions: receives the object
 * @event: loop that hears of them
 * @functions: the companion functions, mounted by companion_mount(); stay the caller's
 * @change: how the owner hears of changes
 * @userdata: for @change
 *
 * Return: 0 or a negative errno, logged.
 */
int companions_new(struct companions **companions, sd_event *event,
		   const struct functions_config *functions, companions_change_fn change,
		   void *userdata);

/**
 * companions_missing() - the first function that has no daemon
 * @companions: the companions
 *
 * Return: its configuration, or NULL when all are ready to be bound.
 */
const struct function_config *companions_missing(struct companions *companions);

/**
 * companions_take_departure() - whether a daemon has left since the last call
 * @companions: the companions
 *
 * To be asked when the gadget was unbound, and when it was bound: a departure in between is why the
 * kernel unbound it, also when the daemon is back already.
 */
bool companions_take_departure(struct companions *companions);

/**
 * companions_free() - watch no more
 * @companions: may be NULL
 */
void companions_free(struct companions *companions);

#endif
