/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the gadget and the USB device controller
 *
 * A gadget is on the bus when it is bound to a UDC. A UDC may come late, go and come back, or be in
 * use by another gadget, and so may the daemons of companion functions; a binding waits for them.
 * What somebody else unbound on purpose stays unbound until the UDC itself comes anew.
 */
#ifndef IIOBRIDGE_BINDING_H
#define IIOBRIDGE_BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "config/config.h"

struct binding;

/** binding_change_fn - called when the binding has got what it waited for, or waits for another */
typedef void (*binding_change_fn)(void *userdata);

/**
 * binding_new() - watch for UDCs
 * @binding: receives the binding; the gadget is not bound yet
 * @event: loop in which it hears of UDCs
 * @config: the UDC, and the companions that have to be there first; stays the caller's
 * @change: how the owner hears of changes
 * @userdata: for @change
 *
 * Return: 0 or a negative errno, logged.
 */
int binding_new(struct binding **binding, sd_event *event, const struct gadget_config *config,
		binding_change_fn change, void *userdata);

/**
 * binding_bind() - show the gadget on the bus, as soon as there is a UDC that is free and all
 * companions have described themselves
 * @binding: of a gadget whose own function has its descriptors
 *
 * Return: 0, also when it has to wait, or a negative errno, logged: the UDC refuses the gadget.
 */
int binding_bind(struct binding *binding);

/**
 * binding_found() - the gadget was bound, by whomever
 * @binding: the binding
 */
void binding_found(struct binding *binding);

/**
 * binding_lost() - the gadget was unbound
 * @binding: the binding
 *
 * If that was because a companion has left, it is bound again when all are there; what an
 * administrator unbound stays unbound.
 */
void binding_lost(struct binding *binding);

/**
 * binding_wait() - what is waited for
 * @binding: the binding
 *
 * Return: a sentence for users, valid until the next call of any function here, or NULL.
 */
const char *binding_wait(const struct binding *binding);

/**
 * binding_free() - take the gadget off the bus and watch no more
 * @binding: may be NULL
 *
 * All ports of the function must be closed: the kernel must not see a DMABUF request after it.
 */
void binding_free(struct binding *binding);

/**
 * binding_udc_name() - name of the UDC that the gadget is bound to at this moment
 * @name: receives it; empty when there is none
 * @size: bytes in @name
 *
 * Somebody else may have bound it to another one than binding_bind() did.
 */
void binding_udc_name(char *name, size_t size);

/**
 * binding_bus_speed() - how fast the bus is at this moment
 * @speed: receives the kernel's name of it, such as "super-speed", or "UNKNOWN" when no host is
 *	there; empty when the gadget is not bound
 * @size: bytes in @speed
 */
void binding_bus_speed(char *speed, size_t size);

/**
 * binding_udc_user() - what uses a UDC
 * @udc: its name, as in /sys/class/udc
 * @user: receives a gadget of configfs or a driver such as g_ether, for a message
 * @size: bytes in @user
 *
 * Return: whether something does.
 */
bool binding_udc_user(const char *udc, char *user, size_t size);

#endif
