/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ioctl() of a library that is loaded into a program with LD_PRELOAD; to be included once.
 */
#ifndef PRELOAD_IOCTL_H
#define PRELOAD_IOCTL_H

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/ioctl.h>

/* What the library makes of a call of the program's, with real_ioctl() in it. */
static int on_ioctl(int fd, unsigned long request, void *argument);

/* The C library's. */
static int real_ioctl(int fd, unsigned long request, void *argument)
{
	static int (*real)(int, unsigned long, ...);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "ioctl");
	return real(fd, request, argument);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return on_ioctl(fd, request, argument);
}

#endif
