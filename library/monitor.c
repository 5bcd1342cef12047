// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * monitor.c - boards that come and go
 *
 * libusb tells when a device is plugged in; where it cannot, the bus is looked at now and then.
 * What it tells of is not yet a board that answers: the kernel configures the device after that,
 * and the permission to open it may come later, too. So after each arrival the bus is looked at for
 * two seconds, and only then an error is believed.
 */
#include "internal.h"

#include <libusb.h>

#include <stdlib.h>
#include <string.h>

#define SETTLE_NS      (2 * NS_PER_SECOND)
#define LOOK_AGAIN_NS  (100 * NS_PER_MS)
#define LOOK_ALWAYS_NS (500 * NS_PER_MS) /* where nobody tells of arrivals */
#define TURN_NS	       (250 * NS_PER_MS)

/* A board that was told of. */
struct known {
	char serial[128];
	char location[16];
	bool told_of_error;
	bool there;
};

struct iiobridge_monitor {
	struct libusb_context *context;
	pthread_t thread;
	atomic_bool ending;
	bool has_hotplug;
	uint64_t changed_ns; /* when something came or went last; at first, when the watch began */

	struct known *known; /* the thread's */
	size_t known_count;

	pthread_mutex_t lock;
	struct wake wake;
	struct iiobridge_event *events; /* a ring that grows */
	size_t first, count, room;
	struct error error;
};

static int LIBUSB_CALL on_change(libusb_context *context, libusb_device *device,
				 libusb_hotplug_event event, void *data)
{
	struct iiobridge_monitor *monitor = data;

	(void)context;
	(void)device;
	(void)event;
	monitor->changed_ns = clock_ns();
	return 0;
}

static int add_event_locked(struct iiobridge_monitor *monitor, const struct iiobridge_event *event)
{
	const size_t room = monitor->room ? 2 * monitor->room : 8;
	struct iiobridge_event *events;

	if (monitor->room == 0 || monitor->count == monitor->room) {
		events = calloc(room, sizeof(*events));
		if (!events)
			return fail_memory("boards that come and go");
		for (size_t i = 0; i < monitor->count && monitor->room > 0; i++)
			events[i] = monitor->events[(monitor->first + i) % monitor->room];
		free(monitor->events);
		monitor->events = events;
		monitor->room = room;
		monitor->first = 0;
	}
	monitor->events[(monitor->first + monitor->count++) % monitor->room] = *event;
	wake_raise_locked(&monitor->wake);
	return 0;
}

static int tell(struct iiobridge_monitor *monitor, int kind, const struct known *known,
		const struct error *error)
{
	struct iiobridge_event event = { .kind = kind };
	int r;

	memcpy(event.serial, known->serial, sizeof(event.serial));
	memcpy(event.location, known->location, sizeof(event.location));
	if (error) {
		event.error = error->code;
		memcpy(event.message, error->message, sizeof(event.message));
	}
	pthread_mutex_lock(&monitor->lock);
	r = add_event_locked(monitor, &event);
	pthread_mutex_unlock(&monitor->lock);
	return r;
}

static struct known *find_known(struct iiobridge_monitor *monitor, const char *location)
{
	for (size_t i = 0; i < monitor->known_count; i++) {
		if (strcmp(monitor->known[i].location, location) == 0)
			return &monitor->known[i];
	}
	return NULL;
}

static int come(struct iiobridge_monitor *monitor, const struct known *known,
		const struct error *error)
{
	struct known *grown =
		reallocarray(monitor->known, monitor->known_count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory("boards that come and go");
	monitor->known = grown;
	grown[monitor->known_count++] = *known;
	return tell(monitor, IIOBRIDGE_BOARD_CAME, known, error);
}

/* An error may be that of a board that is not ready yet. */
static int look_at_candidate(struct iiobridge_monitor *monitor, const struct candidate *candidate,
			     bool settling)
{
	struct known *before = find_known(monitor, candidate->location);
	struct known known = { .there = true };
	struct iiobridge_board *board;
	struct error error = { 0 };
	int r;

	if (before) {
		before->there = true;
		if (!before->told_of_error || !settling)
			return 0;
	}
	memcpy(known.location, candidate->location, sizeof(known.location));
	r = board_open_candidate(monitor->context, candidate, &board);
	if (r == IIOBRIDGE_ERROR_NOT_FOUND)
		return 0;
	if (r < 0) {
		error_keep(&error, r);
		known.told_of_error = true;
		return settling || before ? 0 : come(monitor, &known, &error);
	}
	memcpy(known.serial, board->serial, sizeof(known.serial));
	board->context = NULL; /* it is the monitor's */
	iiobridge_board_close(board);
	if (before) {
		*before = known;
		return tell(monitor, IIOBRIDGE_BOARD_CAME, &known, NULL);
	}
	return come(monitor, &known, NULL);
}

static int look(struct iiobridge_monitor *monitor, bool settling)
{
	struct candidate *candidates;
	size_t kept = 0;
	int count, r = 0;

	for (size_t i = 0; i < monitor->known_count; i++)
		monitor->known[i].there = false;
	count = candidates_find(monitor->context, &candidates);
	if (count < 0)
		return count;
	for (int i = 0; i < count && r == 0; i++)
		r = look_at_candidate(monitor, &candidates[i], settling);
	candidates_free(candidates, count);
	for (size_t i = 0; i < monitor->known_count && r == 0; i++) {
		if (monitor->known[i].there)
			monitor->known[kept++] = monitor->known[i];
		else
			r = tell(monitor, IIOBRIDGE_BOARD_WENT, &monitor->known[i], NULL);
	}
	if (r == 0)
		monitor->known_count = kept;
	return r;
}

/*
 * Until something comes or goes, or it is time to look again. What has come since @changed_ns may
 * have done so while the bus was looked at, as requests run the event loop.
 */
static void wait_for_change(struct iiobridge_monitor *monitor, uint64_t changed_ns, bool settling)
{
	uint64_t look_ns = UINT64_MAX;

	if (settling)
		look_ns = clock_ns() + LOOK_AGAIN_NS;
	else if (!monitor->has_hotplug)
		look_ns = clock_ns() + LOOK_ALWAYS_NS;
	while (monitor->changed_ns == changed_ns && !atomic_load(&monitor->ending)) {
		const uint64_t now = clock_ns();
		uint64_t wait = now < look_ns ? look_ns - now : 0;
		struct timeval timeout = { 0 };

		if (wait == 0)
			break;
		if (wait > TURN_NS)
			wait = TURN_NS;
		timeout.tv_usec = (suseconds_t)(wait / 1000);
		libusb_handle_events_timeout_completed(monitor->context, &timeout, NULL);
	}
}

static void *watch(void *context)
{
	struct iiobridge_monitor *monitor = context;
	int r = 0;

	while (!atomic_load(&monitor->ending)) {
		const uint64_t changed_ns = monitor->changed_ns;
		const bool settling = clock_ns() - changed_ns < SETTLE_NS;

		r = look(monitor, settling);
		if (r < 0)
			break;
		/* Behind the last look of those two seconds errors are believed. */
		wait_for_change(monitor, changed_ns, settling);
	}
	if (r < 0) {
		pthread_mutex_lock(&monitor->lock);
		error_keep(&monitor->error, r);
		wake_raise_locked(&monitor->wake);
		pthread_mutex_unlock(&monitor->lock);
	}
	return NULL;
}

int iiobridge_monitor_new(struct iiobridge_monitor **ret)
{
	struct iiobridge_monitor *monitor = calloc(1, sizeof(*monitor));
	int r;

	if (!monitor)
		return fail_memory("the monitor of boards");
	r = usb_init(&monitor->context);
	if (r < 0)
		goto err_free;
	r = wake_init(&monitor->wake);
	if (r < 0)
		goto err_exit;
	pthread_mutex_init(&monitor->lock, NULL);
	monitor->changed_ns = clock_ns();
	/* Where it cannot be had, looking now and then does, too. */
	monitor->has_hotplug =
		libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
		libusb_hotplug_register_callback(
			monitor->context,
			LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
			LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
			LIBUSB_HOTPLUG_MATCH_ANY, on_change, monitor, NULL) == LIBUSB_SUCCESS;
	r = thread_start(&monitor->thread, watch, monitor);
	if (r < 0)
		goto err_release;
	*ret = monitor;
	return 0;

err_release:
	pthread_mutex_destroy(&monitor->lock);
	wake_release(&monitor->wake);
err_exit:
	libusb_exit(monitor->context);
err_free:
	free(monitor);
	return r;
}

void iiobridge_monitor_free(struct iiobridge_monitor *monitor)
{
	if (!monitor)
		return;
	atomic_store(&monitor->ending, true);
	libusb_interrupt_event_handler(monitor->context);
	pthread_join(monitor->thread, NULL);
	libusb_exit(monitor->context);
	wake_release(&monitor->wake);
	pthread_mutex_destroy(&monitor->lock);
	free(monitor->events);
	free(monitor->known);
	free(monitor);
}

int iiobridge_monitor_next(struct iiobridge_monitor *monitor, int timeout_ms,
			   struct iiobridge_event *event)
{
	const uint64_t end_ns = deadline_ns(timeout_ms);
	int r;

	pthread_mutex_lock(&monitor->lock);
	do {
		r = 1;
		if (monitor->count > 0) {
			*event = monitor->events[monitor->first];
			monitor->first = (monitor->first + 1) % monitor->room;
			monitor->count--;
			break;
		}
		if (monitor->error.code) {
			r = error_tell(&monitor->error);
			break;
		}
		r = wake_wait_locked(&monitor->wake, &monitor->lock, end_ns);
	} while (r > 0);
	pthread_mutex_unlock(&monitor->lock);
	return r;
}

int iiobridge_monitor_fd(const struct iiobridge_monitor *monitor)
{
	return monitor->wake.fd;
}

void iiobridge_monitor_cancel(struct iiobridge_monitor *monitor)
{
	wake_cancel(&monitor->wake);
}
