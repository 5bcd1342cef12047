// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "iiobridge/flight.h"
#include "iiobridge/gadget.h"
#include "iiobridge/log.h"
#include "iiobridge/uapi.h"

/*
 * A fence of FunctionFS has its lock in the attachment (ffs_dmabuf_transfer() in f_fs.c), which
 * goes when the endpoint's file is closed, although a sync_file still holds the fence: closing the
 * sync_file after that takes a lock in freed memory. So all sync_files must be closed before the
 * endpoint's file, even when this process is killed. The kernel then closes files from the highest
 * number to the lowest (close_files() queues them upwards, task_work_run() takes the last first),
 * so the endpoint's file keeps a number that was reserved before there was any sync_file.
 */
struct endpoint {
	struct port port;
	struct function *function;
	unsigned int number;
	int fd; /* always open: /dev/null holds the place while the port is closed */
	bool open;
	struct flight_list flights;
	bool holding; /* @held is complete, but not known to have moved its data */
	struct completion held;
};

static struct endpoint *to_endpoint(struct port *port)
{
	return (struct endpoint *)port;
}

static int open_file(const struct endpoint *endpoint)
{
	char path[64];
	int fd;

	function_path(path, sizeof(path), endpoint->number);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? log_errno(errno, "cannot open %s: %m", path) : fd;
}

/* Put @fd, which is closed, into the endpoint's place; what was there is closed. */
static int take_place(struct endpoint *endpoint, int fd)
{
	int ret = 0;

	if (dup3(fd, endpoint->fd, O_CLOEXEC) < 0)
		ret = log_errno(errno, "%s: cannot move a file descriptor: %m",
				endpoint->port.name);
	close(fd);
	return ret;
}

static int endpoint_open(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);
	int fd = open_file(endpoint);
	int ret;

	if (fd < 0)
		return fd;
	ret = take_place(endpoint, fd);
	endpoint->open = ret == 0;
	return ret;
}

static int endpoint_attach(struct port *port, const struct block *block)
{
	struct endpoint *endpoint = to_endpoint(port);
	int fd = block->fd;

	/*
	 * Safe on an unbound gadget, unlike a transfer: ffs_dmabuf_attach() checks its pointer. No
	 * one else uses the block yet, so its lock is free and EBUSY does not occur.
	 */
	if (ioctl(endpoint->fd, FUNCTIONFS_DMABUF_ATTACH, &fd) < 0)
		return log_errno(errno, "%s: cannot attach a DMABUF: %m%s", port->name,
				 errno == EPERM || errno == ENOTTY || errno == EINVAL
					 ? "; the UDC's driver or this kernel does not support it"
					 : "");
	return 0;
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

	if (!function_is_quiet(endpoint->function))
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

static bool is_disabled(const struct endpoint *endpoint)
{
	struct usb_endpoint_descriptor descriptor;

	return ioctl(endpoint->fd, FUNCTIONFS_ENDPOINT_DESC, &descriptor) < 0;
}

/*
 * A transfer that was complete before its fence could be exported has no status. It can have failed
 * only because the endpoint was disabled. Then it still is, or an event on ep0 says that it was; as
 * long as any event waits there, it is not known.
 */
static int endpoint_reap(struct port *port, struct completion *completion)
{
	struct endpoint *endpoint = to_endpoint(port);
	int ret = endpoint->holding ? 0 : flight_reap(&endpoint->flights, &endpoint->held);

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return log_errno(ret, "%s: cannot read a transfer's fence: %m", port->name);
	endpoint->holding = endpoint->held.early;
	if (endpoint->holding && is_disabled(endpoint))
		endpoint->held.status = -ESHUTDOWN;
	else if (endpoint->holding && !function_is_quiet(endpoint->function))
		return -EAGAIN;
	endpoint->holding = false;
	*completion = endpoint->held;
	if (completion->status)
		log_errno(completion->status, "%s: a transfer failed: %m", port->name);
	return 0;
}

static int endpoint_wait_fd(const struct port *port)
{
	const struct endpoint *endpoint = (const struct endpoint *)port;

	return endpoint->holding ? -1 : flight_wait_fd(&endpoint->flights);
}

static void endpoint_close(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);
	int fd;

	endpoint->holding = false;
	flight_clear(&endpoint->flights);
	if (!endpoint->open)
		return;
	/*
	 * Closing cancels the transfers and detaches the blocks (ffs_epfile_release() in f_fs.c),
	 * whatever has become of the gadget; DETACH would crash on one that was unbound.
	 */
	endpoint->open = false;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		close(endpoint->fd);
	else
		take_place(endpoint, fd);
}

static const struct port_ops endpoint_ops = {
	.open = endpoint_open,
	.attach = endpoint_attach,
	.start = endpoint_start,
	.submit = endpoint_submit,
	.reap = endpoint_reap,
	.wait_fd = endpoint_wait_fd,
	.close = endpoint_close,
};

struct port *endpoint_new(struct function *function, unsigned int number, const char *name)
{
	struct endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		return NULL;
	endpoint->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (endpoint->fd < 0) {
		free(endpoint);
		return NULL;
	}
	endpoint->port = (struct port){ .ops = &endpoint_ops, .name = name };
	endpoint->function = function;
	endpoint->number = number;
	return &endpoint->port;
}

void endpoint_free(struct port *port)
{
	if (!port)
		return;
	endpoint_close(port);
	close(to_endpoint(port)->fd);
	free(to_endpoint(port));
}

uint8_t endpoint_address(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_endpoint_descriptor descriptor = { 0 };
	int fd = endpoint->open ? endpoint->fd : open_file(endpoint);

	if (fd < 0)
		return 0;
	if (ioctl(fd, FUNCTIONFS_ENDPOINT_DESC, &descriptor) < 0)
		descriptor.bEndpointAddress = 0;
	if (!endpoint->open)
		close(fd);
	return descriptor.bEndpointAddress;
}
