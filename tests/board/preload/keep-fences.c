// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keep-fences.so - a program keeps fences for longer than what they are of
 *
 * Loaded into iiobridged with LD_PRELOAD. Of the first sync_files of each endpoint's file, some are
 * polled, and stay open until the file has been closed, which is when another file takes its place.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "core/uapi.h"
#include "ioctl.h"

#define KEPT 8

static int kept[KEPT];
static unsigned int count;
static bool transferred; /* the next sync_file is that of a transfer */

static void keep(int sync_file)
{
	struct pollfd wait = { .fd = sync_file, .events = POLLIN };

	if (count == KEPT)
		return;
	poll(&wait, 1, 0);
	kept[count++] = fcntl(sync_file, F_DUPFD_CLOEXEC, 0);
}

static int on_ioctl(int fd, unsigned long request, void *argument)
{
	int ret = real_ioctl(fd, request, argument);

	if (ret == 0 && request == DMA_BUF_IOCTL_EXPORT_SYNC_FILE && transferred)
		keep(((struct dma_buf_export_sync_file *)argument)->fd);
	transferred = ret == 0 && request == FUNCTIONFS_DMABUF_TRANSFER;
	return ret;
}

/* How the daemon closes an endpoint's file. */
int dup3(int from, int to, int flags)
{
	int (*real)(int, int, int);
	int ret;

	*(void **)&real = dlsym(RTLD_NEXT, "dup3");
	ret = real(from, to, flags);
	while (count)
		close(kept[--count]);
	return ret;
}
