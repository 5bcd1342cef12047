// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * error.c - errors, clocks, and waits that can be cancelled
 */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define TEXT(number)	      #number
#define VERSION_TEXT(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

static _Thread_local char last_message[sizeof(((struct error *)0)->message)];

const char *iiobridge_version(void)
{
	return VERSION_TEXT(IIOBRIDGE_VERSION_MAJOR, IIOBRIDGE_VERSION_MINOR,
			    IIOBRIDGE_VERSION_PATCH);
}

const char *iiobridge_error_message(void)
{
	return last_message;
}

int fail(int code, const char *format, ...)
{
	char message[sizeof(last_message)]; /* the old one may be an argument */
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	memcpy(last_message, message, sizeof(message));
	return code;
}

int fail_memory(const char *what)
{
	return fail(IIOBRIDGE_ERROR_NO_MEMORY, "no memory for %s", what);
}

void error_keep(struct error *error, int code)
{
	if (error->code)
		return;
	error->code = code;
	memcpy(error->message, last_message, sizeof(error->message));
}

int error_tell(const struct error *error)
{
	memcpy(last_message, error->message, sizeof(last_message));
	return error->code;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t clock_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

uint64_t clock_realtime_ns(void)
{
	return now_ns(CLOCK_REALTIME);
}

uint64_t deadline_ns(int timeout_ms)
{
	return timeout_ms < 0 ? UINT64_MAX : clock_ns() + (uint64_t)timeout_ms * NS_PER_MS;
}

int wake_init(struct wake *wake)
{
	wake->raised = false;
	atomic_init(&wake->cancelled, false);
	wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake->fd < 0)
		return fail(IIOBRIDGE_ERROR_SYSTEM, "no eventfd to wait for: %s", strerror(errno));
	return 0;
}

void wake_release(struct wake *wake)
{
	if (wake->fd >= 0)
		close(wake->fd);
	wake->fd = -1;
}

void wake_raise_locked(struct wake *wake)
{
	if (wake->raised)
		return;
	wake->raised = true;
	eventfd_write(wake->fd, 1);
}

/* The flag before the event: who has taken the event looks at the flag. */
void wake_cancel(struct wake *wake)
{
	const int error = errno;

	atomic_store(&wake->cancelled, true);
	eventfd_write(wake->fd, 1);
	errno = error;
}

/* Returns whether @fd is readable before the time is over. */
static bool poll_until(int fd, uint64_t end_ns)
{
	struct pollfd file = { .fd = fd, .events = POLLIN };
	struct timespec left = { 0 };
	uint64_t now;
	int r;

	do {
		now = clock_ns();
		left.tv_sec = now < end_ns ? (time_t)((end_ns - now) / NS_PER_SECOND) : 0;
		left.tv_nsec = now < end_ns ? (long)((end_ns - now) % NS_PER_SECOND) : 0;
		r = ppoll(&file, 1, end_ns == UINT64_MAX ? NULL : &left, NULL);
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

int wake_wait_locked(struct wake *wake, pthread_mutex_t *lock, uint64_t end_ns)
{
	eventfd_t events;
	bool readable;

	/* What was there to look at has been looked at. */
	eventfd_read(wake->fd, &events);
	wake->raised = false;
	if (atomic_exchange(&wake->cancelled, false))
		return fail(IIOBRIDGE_ERROR_CANCELLED, "the wait was cancelled");
	if (end_ns != UINT64_MAX && clock_ns() >= end_ns)
		return 0;
	pthread_mutex_unlock(lock);
	readable = poll_until(wake->fd, end_ns);
	pthread_mutex_lock(lock);
	if (atomic_exchange(&wake->cancelled, false))
		return fail(IIOBRIDGE_ERROR_CANCELLED, "the wait was cancelled");
	return readable;
}

int thread_start(pthread_t *thread, void *(*work)(void *context), void *context)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(thread, NULL, work, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r)
		return fail(IIOBRIDGE_ERROR_SYSTEM, "no thread can be started: %s", strerror(r));
	return 0;
}
