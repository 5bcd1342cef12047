// SPDX-License-Identifier: GPL-2.0-or-later
#include "board.h"

#include "clock.h"
#include "device.h"
#include "failure.h"
#include "interrupt.h"

#include <libusb.h>

#include <errno.h>
#include <stdbool.h>

#define SETTLE_NS      (2 * CLOCK_NS_PER_SECOND)
#define LOOK_AGAIN_NS  (100 * CLOCK_NS_PER_MS)
#define LOOK_ALWAYS_NS (500 * CLOCK_NS_PER_MS) /* where nobody tells of arrivals */
#define TURN_NS	       (250 * CLOCK_NS_PER_MS) /* a signal may come just before libusb waits */

struct watch {
	libusb_context *context;
	bool told;	  /* libusb tells of arrivals */
	uint64_t came_ns; /* when something came last; at first, when the watch began */
	uint64_t end_ns;  /* when the waiting is over */
};

int board_find(const char *serial, struct failure *failure, struct device_list **list,
	       struct device **device)
{
	int r;

	r = device_list_new(failure, list);
	if (r < 0)
		return r;
	r = device_open_serial(*list, serial, failure, device);
	if (r < 0) {
		device_list_free(*list);
		*list = NULL;
	}
	return r;
}

static int LIBUSB_CALL on_arrival(libusb_context *context, libusb_device *usb,
				  libusb_hotplug_event event, void *user_data)
{
	struct watch *watch = user_data;

	(void)context;
	(void)usb;
	(void)event;
	watch->came_ns = clock_now_ns();
	return 0;
}

static int watch_begin(struct watch *watch, uint64_t microseconds, struct failure *failure)
{
	const uint64_t now = clock_now_ns();
	int r;

	*watch = (struct watch){ .came_ns = now, .end_ns = UINT64_MAX };
	if (microseconds && microseconds < (UINT64_MAX - now) / 1000)
		watch->end_ns = now + microseconds * 1000;
	r = libusb_init(&watch->context);
	if (r < 0)
		return failure_set(failure, -EIO, "libusb does not start: %s", libusb_strerror(r));
	if (!libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG))
		return 0;
	r = libusb_hotplug_register_callback(watch->context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED, 0,
					     LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
					     LIBUSB_HOTPLUG_MATCH_ANY, on_arrival, watch, NULL);
	/* As where libusb cannot do it at all: looking now and then does, too. */
	watch->told = r == LIBUSB_SUCCESS;
	return 0;
}

/* Until something comes, or @until. */
static void watch_turn(struct watch *watch, uint64_t until)
{
	const uint64_t now = clock_now_ns();
	uint64_t wait = until > now ? until - now : 0;
	struct timeval timeout;

	if (wait > TURN_NS)
		wait = TURN_NS;
	timeout.tv_sec = 0;
	timeout.tv_usec = (suseconds_t)(wait / 1000);
	libusb_handle_events_timeout_completed(watch->context, &timeout, NULL);
}

static bool is_settling(const struct watch *watch)
{
	return clock_now_ns() - watch->came_ns < SETTLE_NS;
}

/* Waits until it is worth while to look at the bus again. */
static int watch_wait(struct watch *watch)
{
	const uint64_t came_ns = watch->came_ns;
	uint64_t look_ns = UINT64_MAX;

	if (is_settling(watch))
		look_ns = clock_now_ns() + LOOK_AGAIN_NS;
	else if (!watch->told)
		look_ns = clock_now_ns() + LOOK_ALWAYS_NS;
	while (watch->came_ns == came_ns && clock_now_ns() < look_ns) {
		if (interrupt_signal())
			return -EINTR;
		if (clock_now_ns() >= watch->end_ns)
			return -ETIME;
		watch_turn(watch, look_ns < watch->end_ns ? look_ns : watch->end_ns);
	}
	return 0;
}

/* Whether another look may find what this one did not. */
static bool may_come(const struct watch *watch, int error)
{
	if (error == -EINVAL || error == -ENOMEM)
		return false;
	return error == -ENOENT || error == -ENODEV || is_settling(watch);
}

int board_await(const char *serial, uint64_t microseconds, struct failure *failure,
		struct device_list **list, struct device **device)
{
	struct failure reason;
	struct watch watch;
	int r, waited = 0;

	r = watch_begin(&watch, microseconds, failure);
	if (r < 0)
		return r;
	do {
		r = board_find(serial, failure, list, device);
		if (r == 0 || !may_come(&watch, r))
			break;
		waited = watch_wait(&watch);
	} while (waited == 0);
	libusb_exit(watch.context);

	if (waited == -EINTR)
		return waited;
	if (waited < 0) {
		reason = *failure;
		failure_set(failure, r, "%.400s; waited %g s for it", reason.message,
			    (double)microseconds / 1e6);
	}
	return r;
}
