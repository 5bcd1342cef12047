// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slow-memory.so - each DMABUF takes a while to get, as where a kernel has to make room for it
 *
 * Loaded into iiobridged with LD_PRELOAD. A request for a DMABUF takes $SLOW_MEMORY_MS milliseconds
 * more. With $STOP_AT_MEMORY the process gets SIGSTOP after so many of them, once.
 */
#include <dlfcn.h>
#include <linux/udmabuf.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "iiobridge/uapi.h"

static unsigned int number(const char *name)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

static void note_memory(void)
{
	static unsigned int count;

	usleep(1000 * number("SLOW_MEMORY_MS"));
	if (++count == number("STOP_AT_MEMORY"))
		raise(SIGSTOP);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...);
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	*(void **)&real = dlsym(RTLD_NEXT, "ioctl");
	if (request == DMA_HEAP_IOCTL_ALLOC || request == UDMABUF_CREATE)
		note_memory();
	return real(fd, request, argument);
}
