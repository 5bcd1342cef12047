// SPDX-License-Identifier: GPL-2.0-or-later
#include "endpoint.h"
#include "iiobridge/log.h"
#include "iiobridge/uapi.h"

static int endpoint_open(struct port *port)
{
	return endpoint_open_file(to_endpoint(port));
}

static int endpoint_attach(struct port *port, const struct block *block)
{
	struct endpoint *endpoint = to_endpoint(port);
	int fd = block->fd;
	int error;

	/*
	 * Safe on an unbound gadget, unlike a transfer: ffs_dmabuf_attach() checks its pointer, and
	 * answers as a UDC without scatter-gather does. No one else uses the block yet, so its lock
	 * is free and EBUSY does not occur.
	 */
	if (ioctl(endpoint->fd, FUNCTIONFS_DMABUF_ATTACH, &fd) == 0)
		return 0;
	error = errno;
	if (endpoint_is_disabled(endpoint))
		return log_errno(ESHUTDOWN, "%s: the host has gone while the route was started",
				 port->name);
	if (port_note_refusal(port, error))
		return -EOPNOTSUPP;
	return log_errno(error, "%s: cannot attach a DMABUF: %m", port->name);
}

static int endpoint_start(struct port *port)
{
	(void)port;
	return 0;
}

static int endpoint_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_ffs_dmabuf_transfer_req request = { .fd = block->fd, .length = length };
	uint64_t now = flight_clock();
	int ret;

	if (!endpoint_may_submit(endpoint))
		return -EAGAIN;
	if (ioctl(endpoint->fd, FUNCTIONFS_DMABUF_TRANSFER, &request) < 0) {
		/* EAGAIN: the endpoint is disabled already and ep0 is about to say so. */
		if (errno == EBUSY || errno == EAGAIN)
			return -errno;
		return log_errno(errno, "%s: cannot queue a transfer of %u bytes: %m", port->name,
				 length);
	}
	ret = flight_add(&endpoint->flights, block, now);
	if (ret < 0)
		return log_errno(ret, "%s: cannot follow a transfer: %m", port->name);
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
	int ret = endpoint->holding ? 0 : flight_reap(&endpoint->flights, &endpoint->held);

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return log_errno(ret, "%s: cannot read a transfer's fence: %m", port->name);
	endpoint->holding = endpoint->held.early;
	if (endpoint->holding && has_been_disabled(endpoint))
		endpoint->held.status = -ESHUTDOWN;
	else if (endpoint->holding && !function_has_stayed(endpoint->function))
		return -EAGAIN;
	endpoint->holding = false;
	*completion = endpoint->held;
	if (completion->status)
		endpoint_log_failure(endpoint, completion->status);
	return 0;
}

static int endpoint_wait_fd(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);

	return endpoint->holding ? -1 : flight_wait_fd(&endpoint->flights);
}

static void endpoint_close(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);

	endpoint->holding = false;
	flight_clear(&endpoint->flights);
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
