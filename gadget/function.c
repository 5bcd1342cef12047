// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "binding.h"
#include "core/clock.h"
#include "core/directories.h"
#include "core/log.h"
#include "core/uapi.h"
#include "core/worker.h"
#include "descriptors.h"
#include "gadget.h"
#include "mount.h"
#include "udc.h"

#define MOUNT_POINT ROOT_DIRECTORY "/ffs"

/* How long a stage may take to see that it was ended. */
#define END_OF_STAGE_NS 300000000

/* enum stage_kind - how a control request is answered */
enum stage_kind {
	STAGE_REPLY,
	STAGE_RECEIVE,
	STAGE_ACKNOWLEDGE,
	STAGE_STALL_IN,
	STAGE_STALL_OUT,
};

/**
 * struct stage - the data or the status stage of a control request, in a thread of its own
 * @work: what the thread does
 * @ep0: its file
 * @kind: which it is
 * @data: that is sent or received
 * @size: bytes of it
 * @result: bytes that moved, or a negative errno
 *
 * The kernel waits in it until the host takes it, or sends another SETUP, or has gone, without a
 * limit and whatever the flags of the file are (__ffs_ep0_queue_wait() in f_fs.c).
 */
struct stage {
	struct work work;
	int ep0;
	enum stage_kind kind;
	uint8_t data[FUNCTION_DATA_MAX];
	size_t size;
	ssize_t result;
};

struct function {
	const struct function_ops *ops;
	void *userdata;
	int ep0;
	/*
	 * The kernel signals it at each event. ep0 itself does not tell: while a request is being
	 * answered it always polls readable, and while a stage waits never, as ffs_ep0_poll() in
	 * f_fs.c looks only when it gets the mutex.
	 */
	int events;
	sd_event_source *source;
	enum function_state state;
	unsigned int changes; /* of the state */
	bool suspended;
	bool answering; /* a control request, from its SETUP to the end of its stage */
	bool is_in;	/* its data goes to the host */
	bool in_stage;	/* the stage is with the worker */
	bool unread;	/* an event waits that was signalled */
	struct worker *worker;
	struct stage stage;
	struct port_limits limits; /* of the UDC that the gadget is bound to */
};

void function_path(char *path, size_t size, unsigned int number)
{
	snprintf(path, size, MOUNT_POINT "/ep%u", number);
}

static void set_state(struct function *function, enum function_state state)
{
	char udc[CONFIG_TEXT_SIZE] = "";

	if (state != FUNCTION_UNBOUND)
		binding_udc_name(udc, sizeof(udc));
	udc_find_limits(udc, &function->limits);
	function->state = state;
	function->changes++;
	function->suspended = false;
	function->ops->change(function->userdata, state);
}

static void forget_signals(struct function *function)
{
	eventfd_t count;

	eventfd_read(function->events, &count);
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
		/*
		 * From now on a signal says that the host has given the request up. One that comes
		 * between the SETUP and this is lost; then the stage tells.
		 */
		forget_signals(function);
		function->unread = false;
		function->answering = true;
		function->is_in = event->u.setup.bRequestType & USB_DIR_IN;
		function->ops->setup(function->userdata, &event->u.setup);
		break;
	default:
		log_debug("FunctionFS event %u ignored", event->type);
	}
}

static bool has_event(const struct function *function)
{
	struct pollfd ep0 = { .fd = function->ep0, .events = POLLIN };

	return poll(&ep0, 1, 0) == 1;
}

/* One at a time: after a SETUP the next read() is its data, not an event. */
static int read_events(struct function *function)
{
	struct usb_functionfs_event event;
	ssize_t size;

	while (!function->answering && (function->unread = has_event(function))) {
		size = read(function->ep0, &event, sizeof(event));
		if (size == (ssize_t)sizeof(event))
			handle_event(function, &event);
		/* EIDRM: the host gave up a request. */
		else if (size < 0 && errno != EIDRM && errno != EINTR)
			return log_errno(errno, "cannot read events from ep0: %m");
	}
	function->ops->done(function->userdata);
	return 0;
}

/* Any event takes back a request that is being answered (__ffs_event_add() in f_fs.c). */
static int on_event(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct function *function = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	forget_signals(function);
	/* It ends the stage, too, and can be read then. */
	if (function->in_stage) {
		function->unread = true;
		return 0;
	}
	if (function->answering) {
		function->answering = false;
		function->ops->give_up(function->userdata);
	}
	return read_events(function);
}

static bool is_in(const struct stage *stage)
{
	return stage->kind == STAGE_REPLY || stage->kind == STAGE_STALL_IN;
}

/* FunctionFS stalls when asked to move data in the wrong direction. */
static ssize_t stall(const struct stage *stage)
{
	return is_in(stage) ? read(stage->ep0, NULL, 0) : write(stage->ep0, NULL, 0);
}

static ssize_t move_data(struct stage *stage)
{
	switch (stage->kind) {
	case STAGE_REPLY:
		return write(stage->ep0, stage->data, stage->size);
	case STAGE_RECEIVE:
	case STAGE_ACKNOWLEDGE:
		return read(stage->ep0, stage->data, stage->size);
	default:
		return stall(stage);
	}
}

static void run_stage(struct work *work)
{
	struct stage *stage = (struct stage *)work;

	/* The kernel says EINTR when the process was stopped, and the request is as it was. */
	do {
		stage->result = move_data(stage);
	} while (stage->result < 0 && errno == EINTR);
	if (stage->result >= 0)
		return;
	stage->result = -errno;
	/* What the UDC refuses leaves the request pending, and the next read() would be its answer.
	 */
	stall(stage);
}

/*
 * EIDRM: the host gave the request up. ESHUTDOWN, ECONNRESET: it has gone, or the gadget.
 * EOVERFLOW: how dummy_hcd says EIDRM. Any other error is one of ours and leaves a host waiting.
 */
static void check_stage(const struct stage *stage)
{
	static const char *const verbs[] = {
		[STAGE_REPLY] = "answer",
		[STAGE_RECEIVE] = "read the data of",
		[STAGE_ACKNOWLEDGE] = "acknowledge",
		[STAGE_STALL_IN] = "stall",
		[STAGE_STALL_OUT] = "stall",
	};
	int error = stage->result < 0 ? (int)-stage->result : 0;
	bool given_up =
		error == EIDRM || error == ESHUTDOWN || error == ECONNRESET || error == EOVERFLOW;
	bool stalled = error == EL2HLT &&
		       (stage->kind == STAGE_STALL_IN || stage->kind == STAGE_STALL_OUT);

	if (error && !stalled)
		log_message(given_up ? LOG_DEBUG : LOG_WARNING,
			    "cannot %s a control request: error %d", verbs[stage->kind], error);
}

static void on_stage_done(struct work *work)
{
	struct function *function =
		(struct function *)((char *)work - offsetof(struct function, stage.work));
	struct stage *stage = &function->stage;

	function->in_stage = function->answering = false;
	check_stage(stage);
	if (stage->kind == STAGE_RECEIVE && stage->result == (ssize_t)stage->size)
		function->ops->received(function->userdata, stage->data);
	else if (stage->kind == STAGE_RECEIVE)
		function->ops->give_up(function->userdata);
	if (read_events(function) < 0)
		sd_event_exit(sd_event_source_get_event(function->source), -EIO);
}

static void begin_stage(struct function *function, enum stage_kind kind, size_t size)
{
	assert(function->answering && !function->in_stage);
	assert(size <= FUNCTION_DATA_MAX);
	function->stage.kind = kind;
	function->stage.size = size;
	function->in_stage = true;
	worker_begin(function->worker, &function->stage.work);
}

void function_reply(struct function *function, const void *data, size_t size)
{
	memcpy(function->stage.data, data, size);
	begin_stage(function, STAGE_REPLY, size);
}

void function_receive(struct function *function, size_t size)
{
	begin_stage(function, STAGE_RECEIVE, size);
}

void function_acknowledge(struct function *function)
{
	begin_stage(function, STAGE_ACKNOWLEDGE, 0);
}

void function_stall(struct function *function)
{
	begin_stage(function, function->is_in ? STAGE_STALL_IN : STAGE_STALL_OUT, 0);
}

bool function_is_suspended(const struct function *function)
{
	return function->suspended;
}

bool function_has_stayed(const struct function *function)
{
	struct pollfd events = { .fd = function->events, .events = POLLIN };

	return function->state == FUNCTION_CONFIGURED && !function->unread &&
	       poll(&events, 1, 0) == 0;
}

unsigned int function_changes(const struct function *function)
{
	return function->changes;
}

bool function_is_ready(const struct function *function)
{
	return !function->suspended && function_has_stayed(function);
}

const struct port_limits *function_limits(const struct function *function)
{
	return &function->limits;
}

int function_mount(uid_t uid, gid_t gid)
{
	char options[64];

	function_unmount();
	snprintf(options, sizeof(options), "uid=%u,gid=%u,rmode=0500,fmode=0600", uid, gid);
	return functionfs_mount(GADGET_NAME, MOUNT_POINT, options);
}

static bool is_function(const char *instance)
{
	return strcmp(instance, GADGET_NAME) == 0;
}

bool function_unmount(void)
{
	return functionfs_unmount(is_function);
}

static int describe(struct function *function, const struct function_layout *layout)
{
	char path[64];
	int ret;

	function_path(path, sizeof(path), 0);
	/* It waits for its mutex, then, instead of doing nothing while a gadget is being unbound.
	 */
	function->ep0 = open(path, O_RDWR | O_CLOEXEC);
	if (function->ep0 < 0)
		return log_errno(errno, "cannot open %s: %m", path);
	function->events = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (function->events < 0)
		return log_errno(errno, "cannot make an eventfd: %m");
	ret = descriptors_write(function->ep0, layout, function->events);
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
	*new = (struct function){ .ops = ops, .userdata = userdata, .ep0 = -1, .events = -1 };
	udc_find_limits("", &new->limits);
	ret = describe(new, layout);
	if (ret < 0)
		goto err_free;
	new->stage = (struct stage){
		.work = { .run = run_stage, .done = on_stage_done },
		.ep0 = new->ep0,
	};
	ret = worker_new(&new->worker, event);
	if (ret < 0)
		goto err_free;
	ret = sd_event_add_io(event, &new->source, new->events, EPOLLIN, on_event, new);
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
	bool ended;

	if (!function)
		return;
	sd_event_source_unref(function->source);
	/* The gadget is unbound, which has ended a stage that waited. */
	ended = worker_free(function->worker, clock_now_ns() + END_OF_STAGE_NS);
	if (function->ep0 >= 0)
		close(function->ep0);
	if (function->events >= 0)
		close(function->events);
	if (ended)
		free(function);
}
