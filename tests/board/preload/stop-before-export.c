// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop-before-export.so - stops a program between a block's submission and the export of its fence
 *
 * Loaded into iiobridged with LD_PRELOAD. After transfer number $STOP_AFTER_TRANSFER to or from
 * USB, or block number $STOP_AFTER_ENQUEUE for a converter, the process gets SIGSTOP. The calls
 * themselves are not changed.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "iiobridge/uapi.h"

static void stop_at(unsigned long count, const char *limit)
{
	const char *text = getenv(limit);

	if (text && count == strtoul(text, NULL, 10))
		raise(SIGSTOP);
}

static void note_submission(unsigned long request)
{
	static unsigned long transfers, enqueued;

	if (request == FUNCTIONFS_DMABUF_TRANSFER)
		stop_at(++transfers, "STOP_AFTER_TRANSFER");
	else if (request == IIO_BUFFER_DMABUF_ENQUEUE_IOCTL)
		stop_at(++enqueued, "STOP_AFTER_ENQUEUE");
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...);
	va_list arguments;
	void *argument;
	int ret;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	*(void **)&real = dlsym(RTLD_NEXT, "ioctl");
	ret = real(fd, request, argument);
	if (ret == 0)
		note_submission(request);
	return ret;
}
