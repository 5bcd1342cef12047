// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop-before-enqueue.so - stops a program between what it learned of an ADC and its next block
 *
 * Loaded into iiobridged with LD_PRELOAD. Once USB has sent $STOP_BEFORE_ENQUEUE blocks, and the
 * oldest block of the ADC was then found pending, the process gets SIGSTOP, once. What it would do
 * next is to give the sent block back to the ADC. The calls themselves are not changed.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/uapi.h"
#include "ioctl.h"

#define FILES_MAX 4096

static bool is_usb[FILES_MAX]; /* a sync_file of a transfer, by its number */

/* A sync_file is exported after each submission. The names in it go when the fence is signalled. */
static void note_submission(unsigned long request, const void *argument)
{
	static bool last_is_usb;

	if (request == FUNCTIONFS_DMABUF_TRANSFER || request == IIO_BUFFER_DMABUF_ENQUEUE_IOCTL)
		last_is_usb = request == FUNCTIONFS_DMABUF_TRANSFER;
	else if (request == DMA_BUF_IOCTL_EXPORT_SYNC_FILE)
		is_usb[((const struct dma_buf_export_sync_file *)argument)->fd % FILES_MAX] =
			last_is_usb;
}

/* What SYNC_IOC_FILE_INFO said of a sync_file. */
static void note_info(int fd, const struct sync_file_info *info)
{
	const char *limit = getenv("STOP_BEFORE_ENQUEUE");
	static unsigned long sent;
	static bool sent_last;

	if (!limit)
		return;
	if (is_usb[fd % FILES_MAX] && info->status == 1) {
		sent++;
		sent_last = true;
	} else if (!is_usb[fd % FILES_MAX]) {
		if (sent_last && info->status == 0 && sent >= strtoul(limit, NULL, 10)) {
			unsetenv("STOP_BEFORE_ENQUEUE");
			raise(SIGSTOP);
		}
		sent_last = false;
	}
}

static int on_ioctl(int fd, unsigned long request, void *argument)
{
	int ret = real_ioctl(fd, request, argument);

	if (ret == 0)
		note_submission(request, argument);
	if (ret == 0 && request == SYNC_IOC_FILE_INFO)
		note_info(fd, argument);
	return ret;
}
