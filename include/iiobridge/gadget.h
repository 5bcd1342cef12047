/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the USB device
 *
 * Two parts. The composition is what stands in configfs: the gadget, its configuration and the
 * FunctionFS function in it, bound to a UDC. The function is what answers through FunctionFS: the
 * descriptors, the events and control requests of ep0, and one port for each endpoint.
 *
 * Order: composition_new(), function_new(), composition_bind(); back: stop all ports,
 * composition_unbind(), function_free(), composition_free().
 */
#ifndef IIOBRIDGE_GADGET_H
#define IIOBRIDGE_GADGET_H

#include <linux/usb/ch9.h>
#include <systemd/sd-event.h>

#include "iiobridge/config.h"
#include "iiobridge/port.h"

/* USB's endpoint numbers go from 1 to 15; those of IN and OUT could be the same, these are not. */
#define GADGET_MAX_ENDPOINTS 15

/* Name of the gadget and of its FunctionFS instance in configfs. */
#define GADGET_NAME "iiobridge"

struct composition;
struct function;

/**
 * composition_new() - make the gadget in configfs, not bound
 * @composition: receives the composition
 * @config: what the board looks like; stays the caller's
 *
 * A gadget of the same name that a killed predecessor left behind is removed first.
 *
 * Return: 0 or a negative errno, logged.
 */
int composition_new(struct composition **composition, const struct gadget_config *config);

/**
 * composition_bind() - show the gadget on the bus
 * @composition: with a function that has its descriptors
 *
 * Return: 0 or a negative errno, logged: -ENODEV when the UDC is not there.
 */
int composition_bind(struct composition *composition);

/**
 * composition_unbind() - take the gadget off the bus
 * @composition: bound or not
 *
 * All ports of the function must be closed: the kernel must not see a DMABUF request after it.
 */
void composition_unbind(struct composition *composition);

/**
 * composition_free() - remove the gadget from configfs
 * @composition: unbound, its function freed; may be NULL
 */
void composition_free(struct composition *composition);

/**
 * composition_udc_name() - name of the UDC that the gadget is bound to at this moment
 * @name: receives it; empty when there is none
 * @size: bytes in @name
 *
 * Somebody else may have bound it to another one than composition_bind() did.
 */
void composition_udc_name(char *name, size_t size);

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
 * @setup: a control request; the owner answers it with one of the calls below before it returns
 * @done: events were handled, and ports that answered -EAGAIN may go on
 */
struct function_ops {
	void (*change)(void *userdata, enum function_state state);
	void (*setup)(void *userdata, const struct usb_ctrlrequest *request);
	void (*done)(void *userdata);
};

/**
 * function_new() - mount FunctionFS and describe the function to the kernel
 * @function: receives the function
 * @event: loop that ep0 is handled in
 * @endpoints: addresses of the bulk endpoints, with USB_DIR_IN for those that the host reads; the
 *	numbers are only wishes, endpoint_address() has the true ones
 * @endpoint_count: number of @endpoints, at most GADGET_MAX_ENDPOINTS
 * @ops: how the owner hears of events; stays the caller's
 * @userdata: for @ops
 *
 * Kernel: Documentation/usb/functionfs.rst. A mount that a killed predecessor left is removed.
 *
 * Return: 0 or a negative errno, logged.
 */
int function_new(struct function **function, sd_event *event, const uint8_t *endpoints,
		 unsigned int endpoint_count, const struct function_ops *ops, void *userdata);

/**
 * function_free() - close ep0 and unmount
 * @function: its gadget is unbound, its ports are closed; may be NULL
 */
void function_free(struct function *function);

/**
 * function_reply() - answer an IN request
 * @function: the function
 * @data: the answer
 * @size: bytes; exactly the request's wLength
 */
void function_reply(struct function *function, const void *data, size_t size);

/**
 * function_receive() - take the data of an OUT request
 * @function: the function
 * @data: receives the data
 * @size: bytes; exactly the request's wLength
 *
 * The request is answered with success: FunctionFS cannot refuse it once the data is read.
 *
 * Return: 0 or a negative errno: the host gave up.
 */
int function_receive(struct function *function, void *data, size_t size);

/**
 * function_acknowledge() - answer an OUT request without data with success
 * @function: the function
 */
void function_acknowledge(struct function *function);

/**
 * function_stall() - refuse the request
 * @function: the function
 * @request: the request
 */
void function_stall(struct function *function, const struct usb_ctrlrequest *request);

/**
 * function_is_quiet() - whether DMABUF requests are safe at this moment
 * @function: the function
 *
 * FunctionFS dereferences a NULL pointer when it gets a DMABUF request after its gadget was unbound
 * (ffs_dmabuf_find_attachment() in drivers/usb/gadget/function/f_fs.c). The kernel reports DISABLE
 * or UNBIND on ep0 before it clears the pointer; so ports ask this right before each request.
 *
 * Return: true when the host has configured the function, the bus is awake, no event waits and no
 * control request is being answered.
 */
bool function_is_quiet(const struct function *function);

/**
 * function_has_stayed() - whether the host has not left the function until now
 * @function: the function
 *
 * For the judgement of what happened before. While a control request is being answered, ep0 always
 * polls readable (ffs_ep0_poll()); but events are read in their order, so that no DISABLE can lie
 * before the request's.
 *
 * Return: true when the function is configured, and no event from before the request that is being
 * answered, or none at all, waits.
 */
bool function_has_stayed(const struct function *function);

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
 *
 * Return: the port, closed, or NULL when memory is short.
 */
struct port *endpoint_new(struct function *function, unsigned int number, const char *name);

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
