/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what the two kinds of endpoint ports share
 *
 * endpoint.c makes the port and keeps its file, endpoint_dmabuf.c passes DMABUFs to the kernel,
 * endpoint_copy.c lets the kernel copy. The kind can change while the port is closed.
 */
#ifndef GADGET_ENDPOINT_H
#define GADGET_ENDPOINT_H

#include "core/fence_list.h"
#include "gadget.h"

struct usb_copy_queue;

/**
 * struct endpoint - the port of an endpoint
 * @port: what the ring sees
 * @function: the function
 * @number: of the endpoint, from 1
 * @fd: always open: /dev/null holds the place while the port is closed
 * @open: the endpoint's file is in its place
 * @changes: of the function, when it was opened
 * @fences: blocks in flight, of a port that passes DMABUFs
 * @holding: @held is complete, but not known to have moved its data
 * @held: a completion
 * @queue: blocks in flight, of a port that copies; NULL while it is closed
 */
struct endpoint {
	struct port port;
	struct function *function;
	unsigned int number;
	int fd;
	bool open;
	unsigned int changes;
	struct fence_list fences;
	bool holding;
	struct completion held;
	struct usb_copy_queue *queue;
};

extern const struct port_ops endpoint_dmabuf_ops;
extern const struct port_ops endpoint_copy_ops;

/**
 * to_endpoint() - the endpoint of a port
 * @port: from endpoint_new()
 */
static inline struct endpoint *to_endpoint(struct port *port)
{
	return (struct endpoint *)port;
}

/**
 * endpoint_open_file() - put the endpoint's file into its place
 * @endpoint: a closed endpoint
 *
 * While a control request waits for its host, FunctionFS lets nobody open a file (ffs_epfile_open()
 * in f_fs.c takes the mutex that ffs_ep0_read() and ffs_ep0_write() hold).
 *
 * Return: 0 or a negative errno but for -EAGAIN, until @done of struct function_ops is
 * called.
 */
int endpoint_open_file(struct endpoint *endpoint);

/**
 * endpoint_close_file() - close the endpoint's file, and keep its place
 * @endpoint: open or closed
 *
 * Closing cancels DMABUF transfers and detaches the blocks (ffs_epfile_release() in f_fs.c),
 * whatever has become of the gadget; DETACH would crash on one that was unbound.
 */
void endpoint_close_file(struct endpoint *endpoint);

/**
 * endpoint_is_disabled() - whether the host has left the function, or never configured it
 * @endpoint: an open endpoint
 *
 * FUNCTIONFS_ENDPOINT_DESC looks at the endpoint under the lock under which it is disabled
 * (ffs_func_eps_disable() in f_fs.c), and at nothing that goes when the gadget is unbound. The
 * kernel disables the endpoint first, and clears the gadget's pointer later.
 */
bool endpoint_is_disabled(const struct endpoint *endpoint);

/**
 * endpoint_may_submit() - whether a transfer would go to the host that the port was opened for
 * @endpoint: an open endpoint
 *
 * Return: true when function_is_ready(), and the endpoint, which is asked last, is enabled.
 */
bool endpoint_may_submit(const struct endpoint *endpoint);

/**
 * endpoint_set_failure() - say that a transfer failed, in the error of the port
 * @endpoint: the endpoint
 * @status: negative errno
 *
 * ESHUTDOWN is how all that was in flight ends when the host has gone, and that is no error.
 */
void endpoint_set_failure(const struct endpoint *endpoint, int status);

#endif
