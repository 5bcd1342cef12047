// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop-before-transfer.so - stops a program between what an endpoint said and its next transfer
 *
 * Loaded into iiobridged with LD_PRELOAD. After SIGUSR2 the process gets SIGSTOP, once, when it is
 * about to call FUNCTIONFS_DMABUF_TRANSFER: the endpoint was asked, and has said that it is
 * enabled. The calls themselves are not changed.
 */
#include <signal.h>
#include <stddef.h>

#include "core/uapi.h"
#include "ioctl.h"

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

static int on_ioctl(int fd, unsigned long request, void *argument)
{
	if (told && request == FUNCTIONFS_DMABUF_TRANSFER) {
		told = 0;
		raise(SIGSTOP);
	}
	return real_ioctl(fd, request, argument);
}
