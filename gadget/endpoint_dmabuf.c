// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/log.h"
#include "core/uapi.h"
#include "endpoint.h"

static int endpoint_open(struct port *port)
{
	return endpoint_open_file(to_endpoint(port));
}

/*
 * A DMABUF request on an unbound gadget crashes the kernel: it follows a pointer that
 * functionfs_unbind() in f_fs.c clears, and takes no lock. No look at anything before is a lock,
 * either; but the endpoint is disabled some time before the pointer is cleared. So it is asked
 * directly before each request, with nothing between the two, and what is left is a thread that is
 * held up between them for longer than the kernel takes from the one to the other.
 * docs/kernel/ has the kernel's end of it.
 */
static int request_dmabuf(const struct endpoint *endpoint, unsigned long request, void *argument)
{
	if (endpoint_is_disabled(endpoint))
		return -ESHUTDOWN;
	return ioctl(endpoint->fd, request, argument) < 0 ? -errno : 0;
}

static int endpoint_attach(struct port *port, const struct block *block)
{
	struct endpoint *endpoint = to_endpoint(port);
	int fd = block->fd;
	/* No one else uses the block yet, so its lock is free and EBUSY does not occur. */
	int ret = request_dmabuf(endpoint, FUNCTIONFS_DMABUF_ATTACH, &fd);

	if (!ret || ret == -EIO)
		return ret;
	/* A gadget that was just unbound refuses as a UDC without scatter-gather does. */
	if (endpoint_is_disabled(endpoint))
		return error_set(endpoint->port.error, ESHUTDOWN,
				 "%s: the host has gone while the route was started", port->name);
	if (port_note_refusal(port, -ret))
		return -EOPNOTSUPP;
	return error_set(endpoint->port.error, ret, "%s: cannot attach a DMABUF: %m", port->name);
}

static int endpoint_start(struct port *port)
{
	(void)port;
	return 0;
}

static int endpoint_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_ffs_dmabuf_transfer_req transfer = { .fd = block->fd, .length = length };
	uint64_t now = clock_now_ns();
	int ret;

	if (!function_is_ready(endpoint->function))
		return -EAGAIN;
	ret = request_dmabuf(endpoint, FUNCTIONFS_DMABUF_TRANSFER, &transfer);
	/* The endpoint is disabled already, and ep0 is about to say so. */
	if (ret == -ESHUTDOWN)
		return -EAGAIN;
	if (ret == -EBUSY || ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return error_set(endpoint->port.error, ret,
				 "%s: cannot queue a transfer of %u bytes: %m", port->name, length);
	ret = fence_list_add(&endpoint->fences, block, now);
	if (ret < 0)
		return error_set(endpoint->port.error, ret, "%s: cannot follow a transfer: %m",
				 port->name);
	return 0;
}

/*
 * A transfer that was complete when its fence was exported has no status. It can have failed only
 * because the endpoint was disabled. Then it still is, or an event on ep0 says that it was, or has
 * just said it; as long as any event waits there, it is not known. A request to stop that is being
 * answered is none: what is complete by then counts.
 */
static bool has_been_disabled(const struct endpoint *endpoint)
{
	return endpoint_is_disabled(endpoint) ||
	       function_changes(endpoint->function) != endpoint->changes;
}

static int endpoint_reap(struct port *port, struct completion *completion)
{
	struct endpoint *endpoint = to_endpoint(port);
	int ret = endpoint->holding ? 0 : fence_list_reap(&endpoint->fences, &endpoint->held);

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return error_set(endpoint->port.error, ret,
				 "%s: cannot read a transfer's fence: %m", port->name);
	endpoint->holding = endpoint->held.early;
	if (endpoint->holding && has_been_disabled(endpoint))
		endpoint->held.status = -ESHUTDOWN;
	else if (endpoint->holding && !function_has_stayed(endpoint->function))
		return -EAGAIN;
	endpoint->holding = false;
	*completion = endpoint->held;
	if (completion->status)
		endpoint_set_failure(endpoint, completion->status);
	return 0;
}

static int endpoint_wait_fd(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);

	return endpoint->holding ? -1 : fence_list_wait_fd(&endpoint->fences);
}

static void endpoint_close(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);

	endpoint->holding = false;
	fence_list_clear(&endpoint->fences);
	endpoint_close_file(endpoint);
}

const struct port_ops endpoint_dmabuf_ops = {
	.open = endpoint_open,
	.attach = endpoint_attach,
	.start = endpoint_start,
	.submit = endpoint_submit,
	.reap = endpoint_reap,
	.wait_fd = endpoint_wait_fd,
	.close = endpoint_close,
};
