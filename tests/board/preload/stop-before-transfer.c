// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop-before-transfer.so - stops a program between what an endpoint said and its next transfer
 *
 * Loaded into iiobridged with LD_PRELOAD. After SIGUSR2 the process gets SIGSTOP, once, when it is
 * about to call FUNCTIONFS_DMABUF_TRANSFER: the endpoint was asked, and has said that it is
 * enabled. The calls themselves are not changed.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include "iiobridge/uapi.h"

static volatile sig_atomic_t told;

static void note_signal(int number)
{
	(void)number;
	told = 1;
}

__attribute__((constructor)) static void listen_for_signal(void)
{
	const struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };

	sigaction(SIGUSR2, &action, NULL);
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int, unsigned long, ...);
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "ioctl");
	if (told && request == FUNCTIONFS_DMABUF_TRANSFER) {
		told = 0;
		raise(SIGSTOP);
	}
	return real(fd, request, argument);
}
