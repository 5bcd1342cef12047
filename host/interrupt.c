// SPDX-License-Identifier: GPL-2.0-or-later
#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* Lock-free, as handlers need it, and other threads look at it. */
static atomic_int caught;

static void (*last_wish)(void);

/* The signal was set back to what it does by default, and does that when this returns. */
static void on_death(int number)
{
	last_wish();
	raise(number);
}

static void take_once(int number, void (*handler)(int))
{
	struct sigaction action = {
		.sa_handler = handler,
		.sa_flags = (int)SA_RESETHAND,
	};

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static void on_signal(int number)
{
	atomic_store(&caught, number);
	if (last_wish)
		take_once(number, on_death);
}

void interrupt_catch(void)
{
	struct sigaction hangup;

	take_once(SIGINT, on_signal);
	take_once(SIGTERM, on_signal);
	/* nohup(1) has it ignored. */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		take_once(SIGHUP, on_signal);
	signal(SIGPIPE, SIG_IGN);
}

void interrupt_at_death(void (*wish)(void))
{
	static const int deadly[] = { SIGHUP, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV };

	last_wish = wish;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		take_once(deadly[i], on_death);
}

bool interrupt_thread(pthread_t *thread, void *(*work)(void *context), void *context)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(thread, NULL, work, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r == 0;
}

int interrupt_signal(void)
{
	return atomic_load(&caught);
}
