/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_usb_fake_transfers.h - the transfers of the bus in memory, and libusb's event loop
 *
 * Part of test_usb_fake.h, which includes it behind what it needs.
 */
#ifndef TEST_USB_FAKE_TRANSFERS_H
#define TEST_USB_FAKE_TRANSFERS_H

#include "test_usb_fake.h"

static bool fake_is_out(const struct libusb_transfer *transfer)
{
	return (transfer->endpoint & LIBUSB_ENDPOINT_DIR_MASK) == LIBUSB_ENDPOINT_OUT;
}

/* NULL: records. */
static struct fake_route *fake_route_of(const struct libusb_transfer *transfer)
{
	if (transfer->endpoint == FAKE_ENDPOINT_RECORDS)
		return NULL;
	/* A board may tell of any endpoint. */
	return &fake.routes[((transfer->endpoint & LIBUSB_ENDPOINT_ADDRESS_MASK) + FAKE_ROUTES -
			     1) %
			    FAKE_ROUTES];
}

struct libusb_transfer *libusb_alloc_transfer(int packets)
{
	(void)packets;
	fake_set(fake.transfers++);
	return calloc(1, sizeof(struct libusb_transfer));
}

void libusb_free_transfer(struct libusb_transfer *transfer)
{
	if (!transfer)
		return;
	fake_lock();
	for (unsigned int i = 0; i < fake.queued; i++) {
		if (fake.queue[i].transfer == transfer)
			abort();
	}
	fake.transfers--;
	fake_unlock();
	free(transfer);
}

/* ---- memory ---- */

static bool fake_grant(size_t size)
{
	if (fake.memory && fake.memory_used + size > fake.memory)
		return false;
	fake.memory_used += size;
	return true;
}

unsigned char *libusb_dev_mem_alloc(libusb_device_handle *handle, size_t length)
{
	bool granted;

	(void)handle;
	fake_lock();
	granted = !fake.no_device_memory && fake_grant(length);
	fake.memories += granted;
	fake_unlock();
	return granted ? malloc(length) : NULL;
}

int libusb_dev_mem_free(libusb_device_handle *handle, unsigned char *memory, size_t length)
{
	(void)handle;
	fake_lock();
	fake.memories--;
	fake.memory_used -= length;
	fake_unlock();
	free(memory);
	return 0;
}

/* ---- in flight ---- */

static unsigned int fake_samples_queued(void)
{
	unsigned int queued = 0;

	for (unsigned int i = 0; i < FAKE_ROUTES; i++)
		queued += fake.routes[i].queued;
	return queued;
}

static int fake_submit(struct libusb_transfer *transfer)
{
	struct fake_route *route = fake_route_of(transfer);

	if (fake.gone)
		return LIBUSB_ERROR_NO_DEVICE;
	if (fake.queued == FAKE_QUEUE || (route && (int)fake_samples_queued() >= fake.submit_limit))
		return LIBUSB_ERROR_NO_MEM;
	fake.queue[fake.queued++] = (struct fake_queued){ transfer, false };
	if (!route)
		return 0;
	if (fake_is_out(transfer)) {
		fake_log("send");
		route->sent += (uint64_t)transfer->length;
	} else if (route->queued == 0 && !route->running) {
		fake_log("submit");
	}
	route->queued++;
	route->submitted++;
	if (route->queued > route->most)
		route->most = route->queued;
	return 0;
}

int libusb_submit_transfer(struct libusb_transfer *transfer)
{
	int r;

	fake_lock();
	r = fake_submit(transfer);
	fake_unlock();
	return r;
}

int libusb_cancel_transfer(struct libusb_transfer *transfer)
{
	int r = LIBUSB_ERROR_NOT_FOUND;

	fake_lock();
	for (unsigned int i = 0; i < fake.queued && r; i++) {
		if (fake.queue[i].transfer == transfer) {
			fake.queue[i].cancelled = true;
			r = 0;
		}
	}
	fake_unlock();
	return r;
}

/* ---- the event loop ---- */

/* Gives a transfer back. The lock is left for that. */
static void fake_complete(unsigned int place, enum libusb_transfer_status status, int length)
{
	struct libusb_transfer *transfer = fake.queue[place].transfer;
	struct fake_route *route = fake_route_of(transfer);
	void (*hook)(const struct libusb_transfer *) = fake.on_complete;

	fake.is_oldest = true;
	for (unsigned int i = 0; i < place; i++)
		fake.is_oldest = fake.is_oldest && fake_route_of(fake.queue[i].transfer) != route;
	fake.queued--;
	memmove(&fake.queue[place], &fake.queue[place + 1],
		(fake.queued - place) * sizeof(fake.queue[0]));
	if (route)
		route->queued--;
	transfer->status = status;
	transfer->actual_length = length;
	fake.calling++;
	fake_unlock();
	if (hook && route)
		hook(transfer);
	transfer->callback(transfer);
	fake_lock();
	fake.calling--;
}

static bool fake_is_of(const struct libusb_transfer *transfer, const libusb_context *context)
{
	return transfer->dev_handle->usb->context == context;
}

/* The oldest transfer of a route, or of records when it is NULL; -1 for none. */
static int fake_find(const libusb_context *context, const struct fake_route *route)
{
	for (unsigned int i = 0; i < fake.queued; i++) {
		if (fake_is_of(fake.queue[i].transfer, context) &&
		    fake_route_of(fake.queue[i].transfer) == route)
			return (int)i;
	}
	return -1;
}

/* Cancelled transfers come back newest first, the worst case. */
static bool fake_take_back(const libusb_context *context)
{
	for (unsigned int i = fake.queued; i-- > 0;) {
		const struct libusb_transfer *transfer = fake.queue[i].transfer;
		struct fake_route *route = fake_route_of(transfer);
		int length = 0;

		if (!fake.queue[i].cancelled || !fake_is_of(transfer, context))
			continue;
		if (route && fake_find(context, route) == (int)i) {
			length = route->partial_at_cancel;
			if (length && fake_is_out(transfer))
				fake_take(route, transfer->buffer, length);
			else if (length)
				fake_fill(route, transfer->buffer, length, false);
		}
		fake_complete(i, LIBUSB_TRANSFER_CANCELLED, length);
		return true;
	}
	return false;
}

static bool fake_serve_records(const libusb_context *context)
{
	const int place = fake_find(context, NULL);
	struct fake_message *message = fake.messages;
	struct libusb_transfer *transfer;
	int size;

	if (place < 0 || !message || fake.hold_records)
		return false;
	fake.messages = message->next;
	if (!fake.messages)
		fake.last_message = &fake.messages;
	transfer = fake.queue[place].transfer;
	size = message->size;
	if (size <= transfer->length)
		memcpy(transfer->buffer, message->data, (size_t)size);
	free(message);
	if (size > transfer->length)
		fake_complete((unsigned int)place, LIBUSB_TRANSFER_OVERFLOW, 0);
	else
		fake_complete((unsigned int)place, LIBUSB_TRANSFER_COMPLETED, size);
	return true;
}

static bool fake_move_route(const libusb_context *context, struct fake_route *route)
{
	const int place = fake_find(context, route);
	const bool stale = route->stale && !route->running;
	const int number = (int)route->moved;
	struct libusb_transfer *transfer;
	bool is_short;
	int length;

	if (place < 0 || (!route->running && !stale) || route->allowance == 0)
		return false;
	if (number == route->stop_at) {
		fake_stop_route(route);
		return false;
	}
	if (stale)
		route->stale--;
	if (route->allowance > 0)
		route->allowance--;
	route->moved++;
	if (number == route->fail_at) {
		fake_complete((unsigned int)place, route->fail_status, 0);
		return true;
	}
	transfer = fake.queue[place].transfer;
	is_short = number == route->short_at;
	length = is_short ? route->short_size : transfer->length;
	if (fake_is_out(transfer))
		fake_take(route, transfer->buffer, length);
	else
		fake_fill(route, transfer->buffer, length, is_short);
	fake_complete((unsigned int)place, LIBUSB_TRANSFER_COMPLETED, length);
	return true;
}

/* Each route has its turn. */
static bool fake_move_samples(const libusb_context *context)
{
	const unsigned int first = fake.turn++;

	for (unsigned int i = 0; i < FAKE_ROUTES && !fake.hold; i++) {
		if (fake_move_route(context, &fake.routes[(first + i) % FAKE_ROUTES]))
			return true;
	}
	return false;
}

static bool fake_lose_device(const libusb_context *context)
{
	for (unsigned int i = 0; i < fake.queued && fake.gone; i++) {
		if (fake_is_of(fake.queue[i].transfer, context)) {
			fake_complete(i, LIBUSB_TRANSFER_NO_DEVICE, 0);
			return true;
		}
	}
	return false;
}

static bool fake_tell_change(libusb_context *context)
{
	if (!context->on_change || context->changes == context->changes_told)
		return false;
	context->changes_told++;
	fake_unlock();
	context->on_change(context, NULL, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED,
			   context->on_change_data);
	fake_lock();
	return true;
}

/* Does one thing, if there is one to do. Those who wait for nothing wait for no lock either. */
static bool fake_turn(libusb_context *context)
{
	return (fake.on_turn && fake.on_turn(context)) || fake_tell_change(context) ||
	       fake_lose_device(context) || fake_take_back(context) ||
	       fake_serve_records(context) || fake_move_samples(context);
}

static bool fake_is_set(const int *completed)
{
	return completed && __atomic_load_n(completed, __ATOMIC_SEQ_CST);
}

/* As libusb: one thread handles events, others wait until it has done so. */
int libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *timeout,
					   int *completed)
{
	const uint64_t end_ns = fake_now_ns() + (uint64_t)timeout->tv_sec * 1000000000 +
				(uint64_t)timeout->tv_usec * 1000;
	uint64_t turns;
	int error;

	fake_lock();
	error = fake.event_error;
	if (error || fake_is_set(completed))
		goto out;
	turns = context->turns;
	if (context->handled) {
		while (context->turns == turns && !fake_is_set(completed) &&
		       fake_sleep_locked(end_ns))
			;
		goto out;
	}
	context->handled = true;
	while (!context->interrupted && !fake_turn(context) && !fake.event_error &&
	       fake_sleep_locked(end_ns))
		;
	context->interrupted = false;
	context->handled = false;
	context->turns++;
out:
	fake_unlock();
	return error;
}

void libusb_interrupt_event_handler(libusb_context *context)
{
	fake_set(context->interrupted = true);
}

#endif
