// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "iiobridge/gadget.h"
#include "iiobridge/log.h"
#include "iiobridge/uapi.h"

#define MOUNT_POINT GADGET_RUN_DIRECTORY "/ffs"

struct function {
	const struct function_ops *ops;
	void *userdata;
	int ep0;
	sd_event_source *source;
	enum function_state state;
	unsigned int changes; /* of the state */
	bool suspended;
	bool answering; /* a control request */
};

void function_path(char *path, size_t size, unsigned int number)
{
	snprintf(path, size, MOUNT_POINT "/ep%u", number);
}

static void set_state(struct function *function, enum function_state state)
{
	function->state = state;
	function->changes++;
	function->suspended = false;
	function->ops->change(function->userdata, state);
}

static void handle_event(struct function *function, const struct usb_functionfs_event *event)
{
	switch (event->type) {
	case FUNCTIONFS_BIND:
		set_state(function, FUNCTION_BOUND);
		break;
	case FUNCTIONFS_UNBIND:
		set_state(function, FUNCTION_UNBOUND);
		break;
	case FUNCTIONFS_ENABLE:
		/*
		 * The kernel drops a DISABLE that was not read before an ENABLE came
		 * (__ffs_event_add() in f_fs.c), so the owner must take this for both.
		 */
		set_state(function, FUNCTION_CONFIGURED);
		break;
	case FUNCTIONFS_DISABLE:
		set_state(function, FUNCTION_BOUND);
		break;
	case FUNCTIONFS_SUSPEND:
		function->suspended = true;
		log_info("the USB bus is suspended");
		break;
	case FUNCTIONFS_RESUME:
		function->suspended = false;
		log_info("the USB bus is awake again");
		break;
	case FUNCTIONFS_SETUP:
		function->answering = true;
		function->ops->setup(function->userdata, &event->u.setup);
		function->answering = false;
		break;
	default:
		log_debug("FunctionFS event %u ignored", event->type);
	}
}

/*
 * EIDRM: the host gave up a request. EL2HLT: a request whose answer the UDC refused, because the
 * gadget was being unbound, was still pending, and this read() has stalled it.
 */
static bool is_harmless(int error)
{
	return error == EAGAIN || error == EINTR || error == EIDRM || error == EL2HLT;
}

static int on_ep0(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct function *function = userdata;
	struct usb_functionfs_event event;
	ssize_t size;

	(void)source;
	(void)revents;
	/* One at a time: after a SETUP the next read() is its data, not an event. */
	size = read(fd, &event, sizeof(event));
	if (size == (ssize_t)sizeof(event))
		handle_event(function, &event);
	else if (size < 0 && !is_harmless(errno))
		return log_errno(errno, "cannot read events from ep0: %m");
	function->ops->done(function->userdata);
	return 0;
}

/*
 * EIDRM: the host gave the request up. ESHUTDOWN: it is gone. Any other error is one of ours and
 * leaves a host waiting.
 */
static void check_answer(ssize_t ret, const char *what)
{
	if (ret < 0)
		log_message(errno == EIDRM || errno == ESHUTDOWN ? LOG_DEBUG : LOG_WARNING,
			    "cannot %s a control request: error %d", what, errno);
}

void function_reply(struct function *function, const void *data, size_t size)
{
	check_answer(write(function->ep0, data, size), "answer");
}

int function_receive(struct function *function, void *data, size_t size)
{
	ssize_t got = read(function->ep0, data, size);

	check_answer(got, "read the data of");
	if (got == (ssize_t)size)
		return 0;
	return got < 0 ? -errno : -EIO;
}

void function_acknowledge(struct function *function)
{
	check_answer(read(function->ep0, NULL, 0), "acknowledge");
}

void function_stall(struct function *function, const struct usb_ctrlrequest *request)
{
	/* FunctionFS stalls when asked to move data in the wrong direction. */
	ssize_t ret = request->bRequestType & USB_DIR_IN ? read(function->ep0, NULL, 0)
							 : write(function->ep0, NULL, 0);

	if (ret < 0 && errno != EL2HLT)
		check_answer(ret, "stall");
}

static bool is_configured(const struct function *function)
{
	return function->state == FUNCTION_CONFIGURED;
}

static bool no_event_waits(const struct function *function)
{
	struct pollfd ep0 = { .fd = function->ep0, .events = POLLIN };

	return poll(&ep0, 1, 0) == 0;
}

bool function_is_suspended(const struct function *function)
{
	return function->suspended;
}

bool function_has_stayed(const struct function *function)
{
	return is_configured(function) && (function->answering || no_event_waits(function));
}

unsigned int function_changes(const struct function *function)
{
	return function->changes;
}

bool function_is_ready(const struct function *function)
{
	return !function->suspended && function_has_stayed(function);
}

int function_mount(uid_t uid, gid_t gid)
{
	char options[64];

	function_unmount();
	if (mkdir(MOUNT_POINT, 0755) < 0 && errno != EEXIST)
		return log_errno(errno, "cannot make " MOUNT_POINT ": %m");
	snprintf(options, sizeof(options), "uid=%u,gid=%u,rmode=0500,fmode=0600", uid, gid);
	if (mount(GADGET_NAME, MOUNT_POINT, "functionfs", MS_NOSUID | MS_NOEXEC, options) < 0)
		return log_errno(errno, "cannot mount FunctionFS \"" GADGET_NAME
					"\" on " MOUNT_POINT ": %m");
	return 0;
}

bool function_unmount(void)
{
	bool mounted = false;

	/* More than one when mounts were left behind; a predecessor may still be in them. */
	while (umount2(MOUNT_POINT, MNT_DETACH) == 0)
		mounted = true;
	rmdir(MOUNT_POINT);
	return mounted;
}

static int describe(struct function *function, const struct function_layout *layout)
{
	char path[64];
	int ret;

	function_path(path, sizeof(path), 0);
	function->ep0 = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (function->ep0 < 0)
		return log_errno(errno, "cannot open %s: %m", path);
	ret = descriptors_write(function->ep0, layout);
	if (ret < 0)
		return log_errno(ret, "FunctionFS refuses the descriptors: %m");
	ret = descriptors_write_strings(function->ep0);
	if (ret < 0)
		return log_errno(ret, "FunctionFS refuses the strings: %m");
	return 0;
}

int function_new(struct function **function, sd_event *event, const struct function_layout *layout,
		 const struct function_ops *ops, void *userdata)
{
	struct function *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot set up FunctionFS: %m");
	*new = (struct function){ .ops = ops, .userdata = userdata, .ep0 = -1 };
	ret = describe(new, layout);
	if (ret < 0)
		goto err_free;
	ret = sd_event_add_io(event, &new->source, new->ep0, EPOLLIN, on_ep0, new);
	if (ret < 0) {
		log_errno(ret, "cannot join the event loop: %m");
		goto err_free;
	}
	/* Without ep0 the daemon is of no use; systemd starts another. */
	sd_event_source_set_exit_on_failure(new->source, true);
	/* DISABLE and UNBIND must be known before a ring hands another block to an endpoint. */
	sd_event_source_set_priority(new->source, SD_EVENT_PRIORITY_IMPORTANT);
	*function = new;
	return 0;

err_free:
	function_free(new);
	return ret;
}

void function_free(struct function *function)
{
	if (!function)
		return;
	sd_event_source_unref(function->source);
	if (function->ep0 >= 0)
		close(function->ep0);
	free(function);
}
