/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the USB device
 *
 * Three parts. The composition is what stands in configfs: the gadget, its configuration and the
 * FunctionFS function in it. The function is what answers through FunctionFS: the descriptors, the
 * events and control requests of ep0, and one port for each endpoint. The binding (binding.h) shows
 * the gadget on the bus.
 *
 * What needs privileges is composition_make() and function_mount(); they give the rest to the user
 * that the daemon runs as. Order: these two, function_new(), binding_bind(); back: stop all ports,
 * binding_free(), function_free(), then, with privileges again, composition_remove() and
 * function_unmount().
 */
#ifndef IIOBRIDGE_GADGET_H
#define IIOBRIDGE_GADGET_H

#include <linux/usb/ch9.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "config/config.h"
#include "core/directories.h"
#include "core/port.h"

/* USB's endpoint numbers go from 1 to 15; those of IN and OUT could be the same, these are not. */
#define GADGET_MAX_ENDPOINTS 15

/* Of the gadget and of its FunctionFS instance in configfs. */
#define GADGET_NAME DAEMON_NAME

struct function;

/**
 * composition_make() - make the gadget in configfs, not bound; needs privileges
 * @config: what the board looks like
 * @uid: user who may bind and unbind it
 * @gid: its group
 *
 * Return: 0 or a negative errno, logged: -EEXIST when there is one of the same name.
 */
int composition_make(const struct gadget_config *config, uid_t uid, gid_t gid);

/**
 * composition_remove() - remove the gadget from configfs, bound or not, whole or half made; needs
 * privileges
 *
 * Return: 1, 0 when there was none, or a negative errno, logged.
 */
int composition_remove(void);

/**
 * companion_mount() - mount the FunctionFS instance of another daemon; needs privileges
 * @function: of type FUNCTION_FFS, in a gadget that composition_make() has made
 * @uid: user who may use it
 * @gid: its group
 *
 * Return: 0 or a negative errno, logged.
 */
int companion_mount(const struct function_config *function, uid_t uid, gid_t gid);

/**
 * companions_unmount() - unmount the companions of the gadget that stands in configfs; needs
 * privileges
 *
 * Which ones these are does not depend on the configuration, which may be another by now.
 */
void companions_unmount(void);

/** enum function_state - what the host and the UDC are doing with the function */
enum function_state {
	FUNCTION_UNBOUND,    /* no UDC */
	FUNCTION_BOUND,	     /* no host has configured the device */
	FUNCTION_CONFIGURED, /* endpoints work */
};

/**
 * struct function_ops - what the function tells its owner
 * @change: the state has changed; FUNCTION_CONFIGURED after FUNCTION_CONFIGURED means that the host
 *	configured the device again and that all that was in flight is lost
 * @setup: a control request; the owner answers it once with one of the calls below, now or later,
 *	unless it is given up before
 * @received: the data that function_receive() was called for; the request is answered by that
 * @give_up: nobody waits any more for the answer to the request, or its data did not come
 * @done: events were handled, or a request was answered, and ports that said -EAGAIN may go on
 */
struct function_ops {
	void (*change)(void *userdata, enum function_state state);
	void (*setup)(void *userdata, const struct usb_ctrlrequest *request);
	void (*received)(void *userdata, const void *data);
	void (*give_up)(void *userdata);
	void (*done)(void *userdata);
};

/**
 * function_mount() - mount the FunctionFS of a composition; needs privileges
 * @uid: user who may use it
 * @gid: its group
 *
 * Return: 0 or a negative errno, logged.
 */
int function_mount(uid_t uid, gid_t gid);

/**
 * function_unmount() - unmount FunctionFS, however often it is mounted; needs privileges
 *
 * Return: whether it was mounted.
 */
bool function_unmount(void);

/**
 * struct function_layout - the endpoints of the function
 * @endpoints: addresses of the bulk endpoints, with USB_DIR_IN for those that the host reads; the
 *	numbers are only wishes, endpoint_address() has the true ones
 * @endpoint_count: number of @endpoints, at most GADGET_MAX_ENDPOINTS
 * @burst: bMaxBurst of each at super speed: how many packets follow the first without a
 *	handshake, from 0 to CONFIG_BURST_MAX; the UDC's driver gets it, too
 *	(config_ep_by_speed_and_alt() in drivers/usb/gadget/composite.c)
 */
struct function_layout {
	uint8_t endpoints[GADGET_MAX_ENDPOINTS];
	unsigned int endpoint_count;
	unsigned int burst;
};

/**
 * function_new() - describe a function that is mounted to the kernel
 * @function: receives the function
 * @event: loop that ep0 is handled in
 * @layout: its endpoints; stays the caller's
 * @ops: how the owner hears of events; stays the caller's
 * @userdata: for @ops
 *
 * Kernel: Documentation/usb/functionfs.rst.
 *
 * Return: 0 or a negative errno, logged.
 */
int function_new(struct function **function, sd_event *event, const struct function_layout *layout,
		 const struct function_ops *ops, void *userdata);

/**
 * function_free() - close ep0
 * @function: its gadget is unbound, its ports are closed; may be NULL
 */
void function_free(struct function *function);

/* As many bytes can be the data of a control request. */
#define FUNCTION_DATA_MAX 2048

/**
 * function_reply() - answer an IN request
 * @function: the function
 * @data: the answer
 * @size: bytes; exactly the request's wLength, at most FUNCTION_DATA_MAX
 *
 * The host may let the answer wait for as long as it likes; that holds up nobody but this host.
 */
void function_reply(struct function *function, const void *data, size_t size);

/**
 * function_receive() - take the data of an OUT request
 * @function: the function
 * @size: bytes; exactly the request's wLength, at most FUNCTION_DATA_MAX
 *
 * @received of struct function_ops gets the data. The request is answered with success then:
 * FunctionFS cannot refuse it once the data is read.
 */
void function_receive(struct function *function, size_t size);

/**
 * function_acknowledge() - answer an OUT request without data with success
 * @function: the function
 */
void function_acknowledge(struct function *function);

/**
 * function_stall() - refuse the request
 * @function: the function
 */
void function_stall(struct function *function);

/**
 * function_is_suspended() - whether the bus sleeps
 * @function: the function
 */
bool function_is_suspended(const struct function *function);

/**
 * function_has_stayed() - whether the host has not left the function until now
 * @function: the function
 *
 * For the judgement of what happened before.
 *
 * Return: true when the function is configured, and no event waits that was not read yet.
 */
bool function_has_stayed(const struct function *function);

/**
 * function_changes() - how often the state has changed
 * @function: the function
 *
 * What was in flight on an endpoint before a change is lost.
 */
unsigned int function_changes(const struct function *function);

/**
 * function_is_ready() - whether the function is as it was when the last event was read
 * @function: the function
 *
 * What is queued after a SUSPEND, or between a DISABLE and the ENABLE that follows it, is not for
 * the host that the route was started for: so events come before transfers. It is no lock, and
 * does not say that the gadget is still bound; endpoint_is_disabled() is asked for that.
 *
 * Return: function_has_stayed(), and the bus is awake.
 */
bool function_is_ready(const struct function *function);

/**
 * function_limits() - what the controller does with DMABUFs, by its driver
 * @function: the function
 *
 * Return: the limits, as they are from the moment that the gadget is bound until it is unbound.
 */
const struct port_limits *function_limits(const struct function *function);

/**
 * function_path() - path of a file of the mounted function
 * @path: receives the path
 * @size: bytes in @path
 * @number: 0 for ep0, n for the n-th endpoint
 */
void function_path(char *path, size_t size, unsigned int number);

/**
 * endpoint_new() - make the port of an endpoint
 * @function: the function; stays the caller's
 * @number: of the endpoint, from 1, as in function_new()
 * @name: for messages; stays the caller's
 * @error: receives the reasons of failures; stays the caller's
 *
 * Return: the port, closed, or NULL when memory is short.
 */
struct port *endpoint_new(struct function *function, unsigned int number, const char *name,
			  struct error *error);

/**
 * endpoint_set_copying() - choose how the port moves its blocks
 * @port: a closed port from endpoint_new()
 * @copying: true: the kernel copies them, by native AIO; false, as a new port is: the controller
 *	reads or writes their DMABUFs itself
 *
 * A port that copies takes a block with memory and of any length up to its size; what it sends is a
 * transfer that ends with a short packet when the length is not a multiple of the packet's. It can
 * be opened only while the function is configured, and must be closed after a failed block.
 */
void endpoint_set_copying(struct port *port, bool copying);

/**
 * endpoint_find_limits() - let a port have function_limits()
 * @port: from endpoint_new(); @limits of it are set
 */
void endpoint_find_limits(struct port *port);

/**
 * endpoint_free() - close a port and free it
 * @port: from endpoint_new(), or NULL
 */
void endpoint_free(struct port *port);

/**
 * endpoint_address() - address that the UDC gave the endpoint
 * @port: from endpoint_new(), of a configured function
 *
 * Return: bEndpointAddress as the host sees it, 0 when the function is not configured.
 */
uint8_t endpoint_address(struct port *port);

#endif
