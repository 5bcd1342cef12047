// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stop-before-enqueue.so - stops a program between what it learned of an ADC and its next block
 *
 * Loaded into iiobridged with LD_PRELOAD. Once USB has sent $STOP_BEFORE_ENQUEUE blocks, and the
 * oldest block of the ADC was then found pending, the process gets SIGSTOP, once. What it would do
 * next is to give the sent block back to the ADC. The calls themselves are not changed.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "iiobridge/uapi.h"

/* What SYNC_IOC_FILE_INFO said of a fence. */
static void note_info(const struct sync_file_info *info)
{
	const struct sync_fence_info *fences = (const void *)(uintptr_t)info->sync_fence_info;
	const char *limit = getenv("STOP_BEFORE_ENQUEUE");
	static unsigned long sent;
	static bool sent_last;

	if (!limit || !info->num_fences)
		return;
	if (strcmp(fences[0].driver_name, "functionfs") == 0 && info->status == 1) {
		sent++;
		sent_last = true;
	} else if (strcmp(fences[0].driver_name, "iio") == 0) {
		if (sent_last && info->status == 0 && sent >= strtoul(limit, NULL, 10)) {
			unsetenv("STOP_BEFORE_ENQUEUE");
			raise(SIGSTOP);
		}
		sent_last = false;
	}
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
	if (ret == 0 && request == SYNC_IOC_FILE_INFO)
		note_info(argument);
	return ret;
}
