// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slow-memory.so - each DMABUF takes a while to get, as where a kernel has to make room for it
 *
 * Loaded into iiobridged with LD_PRELOAD. A request for a DMABUF takes $SLOW_MEMORY_MS milliseconds
 * more. With $STOP_AT_MEMORY the process gets SIGSTOP after so many of them, once.
 */
#include <linux/udmabuf.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/uapi.h"
#include "ioctl.h"

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

static int on_ioctl(int fd, unsigned long request, void *argument)
{
	if (request == DMA_HEAP_IOCTL_ALLOC || request == UDMABUF_CREATE)
		note_memory();
	return real_ioctl(fd, request, argument);
}
