/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_library_call.h - what tests of the library's functions share: boards, sentences, and waits
 */
#ifndef TEST_LIBRARY_CALL_H
#define TEST_LIBRARY_CALL_H

#include "test_usb_fake.h"

#include <iiobridge/iiobridge.h>

#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static inline void assert_message(const char *part)
{
	if (!strstr(iiobridge_error_message(), part))
		fail_msg("\"%s\" does not have \"%s\"", iiobridge_error_message(), part);
}

/* Opens the board with @serial, closes it again, and tells the result. */
static inline int open_once(const char *serial)
{
	struct iiobridge_board *once;
	const int r = iiobridge_board_open(serial, &once);

	if (r == 0)
		iiobridge_board_close(once);
	return r;
}

/* Whether somebody waits: who finds nothing has the descriptor tell of nothing, and waits. */
static inline bool somebody_waits(int fd)
{
	struct pollfd file = { .fd = fd, .events = POLLIN };

	return poll(&file, 1, 0) == 0;
}

/* A thread that waits for what the descriptor does not tell of yet, or is about to be told so. */
static inline pthread_t wait_in_thread(int fd, void *(*wait)(void *context))
{
	pthread_t thread;

	pthread_create(&thread, NULL, wait, NULL);
	while (!somebody_waits(fd))
		sched_yield();
	return thread;
}

/*
 * Ends the wait of a thread by a signal and its handler, and the thread with it. The sanitizer of
 * threads calls a handler when the thread next calls a function that it watches, and a wait without
 * a limit is the last one: it skips the test.
 */
static inline void end_by_signal(pthread_t (*begin_wait)(void), void (*handler)(int number))
{
#ifdef __SANITIZE_THREAD__
	(void)begin_wait;
	(void)handler;
	skip();
#else
	const struct sigaction action = { .sa_handler = handler };
	struct sigaction before;
	pthread_t thread;

	sigaction(SIGUSR1, &action, &before);
	thread = begin_wait();
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	sigaction(SIGUSR1, &before, NULL);
#endif
}

#endif
