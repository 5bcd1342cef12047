// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop-before-export.so - stops a program between a block's submission and the export of its fence
 *
 * Loaded into iiobridged with LD_PRELOAD. After transfer number $STOP_AFTER_TRANSFER to or from
 * USB, or block number $STOP_AFTER_ENQUEUE for a converter, the process gets SIGSTOP. The calls
 * themselves are not changed.
 */
#include <signal.h>
#include <stdlib.h>

#include "core/uapi.h"
#include "ioctl.h"

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

static int on_ioctl(int fd, unsigned long request, void *argument)
{
	int ret = real_ioctl(fd, request, argument);

	if (ret == 0)
		note_submission(request);
	return ret;
}
