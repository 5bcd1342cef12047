// SPDX-License-Identifier: GPL-2.0-or-later
#include "endpoint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/log.h"
#include "core/uapi.h"

/*
 * A fence of FunctionFS has its lock in the attachment (ffs_dmabuf_transfer() in f_fs.c), which
 * goes when the endpoint's file is closed, although a sync_file still holds the fence: closing the
 * sync_file after that takes a lock in freed memory. So all sync_files must be closed before the
 * endpoint's file, even when this process is killed. The kernel then closes files from the highest
 * number to the lowest (close_files() queues them upwards, task_work_run() takes the last first),
 * so the endpoint's file keeps a number that was reserved before there was any sync_file.
 */

static int open_file(const struct endpoint *endpoint, struct error *error)
{
	char path[64];
	int fd;

	function_path(path, sizeof(path), endpoint->number);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == EAGAIN ? -EAGAIN : error_set(error, errno, "cannot open %s: %m", path);
}

/* Put @fd, which is closed, into the endpoint's place; what was there is closed. */
static int take_place(struct endpoint *endpoint, int fd)
{
	int ret = 0;

	if (dup3(fd, endpoint->fd, O_CLOEXEC) < 0)
		ret = error_set(endpoint->port.error, errno,
				"%s: cannot move a file descriptor: %m", endpoint->port.name);
	close(fd);
	return ret;
}

int endpoint_open_file(struct endpoint *endpoint)
{
	int fd = open_file(endpoint, endpoint->port.error);
	int ret;

	if (fd < 0)
		return fd;
	ret = take_place(endpoint, fd);
	endpoint->open = ret == 0;
	endpoint->changes = function_changes(endpoint->function);
	return ret;
}

void endpoint_close_file(struct endpoint *endpoint)
{
	int fd;

	if (!endpoint->open)
		return;
	endpoint->open = false;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		close(endpoint->fd);
	else
		take_place(endpoint, fd);
}

bool endpoint_is_disabled(const struct endpoint *endpoint)
{
	struct usb_endpoint_descriptor descriptor;

	return ioctl(endpoint->fd, FUNCTIONFS_ENDPOINT_DESC, &descriptor) < 0;
}

bool endpoint_may_submit(const struct endpoint *endpoint)
{
	return function_is_ready(endpoint->function) && !endpoint_is_disabled(endpoint);
}

void endpoint_set_failure(const struct endpoint *endpoint, int status)
{
	error_say(endpoint->port.error, status,
		  status == -ESHUTDOWN ? "%s: a transfer was cancelled, the host has gone"
				       : "%s: a transfer failed: %m",
		  endpoint->port.name);
}

struct port *endpoint_new(struct function *function, unsigned int number, const char *name,
			  struct error *error)
{
	struct endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		return NULL;
	endpoint->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (endpoint->fd < 0) {
		free(endpoint);
		return NULL;
	}
	endpoint->port = (struct port){ .ops = &endpoint_dmabuf_ops, .name = name, .error = error };
	endpoint->function = function;
	endpoint->number = number;
	return &endpoint->port;
}

void endpoint_set_copying(struct port *port, bool copying)
{
	port->ops = copying ? &endpoint_copy_ops : &endpoint_dmabuf_ops;
	port->copies = copying;
}

void endpoint_find_limits(struct port *port)
{
	port->limits = *function_limits(to_endpoint(port)->function);
}

void endpoint_free(struct port *port)
{
	if (!port)
		return;
	port->ops->close(port);
	close(to_endpoint(port)->fd);
	free(to_endpoint(port));
}

uint8_t endpoint_address(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_endpoint_descriptor descriptor = { 0 };
	struct error error;
	int fd = endpoint->open ? endpoint->fd : open_file(endpoint, &error);

	if (fd < 0)
		return 0;
	if (ioctl(fd, FUNCTIONFS_ENDPOINT_DESC, &descriptor) < 0)
		descriptor.bEndpointAddress = 0;
	if (!endpoint->open)
		close(fd);
	return descriptor.bEndpointAddress;
}
