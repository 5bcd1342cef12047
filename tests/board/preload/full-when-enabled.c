// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * full-when-enabled.so - a program comes too late to see an ADC fill the first half of its buffer
 *
 * Loaded into iiobridged with LD_PRELOAD. When it enables the buffer of an ADC with scans of 4
 * bytes, this returns only when both halves of the buffer are full.
 */
#include <dlfcn.h>
#include <iio.h>
#include <string.h>
#include <unistd.h>

#define BYTES_PER_SCAN 4

static long long buffer_number(const struct iio_device *device, const char *name)
{
	long long number = 0;

	iio_device_buffer_attr_read_longlong(device, name, &number);
	return number;
}

int iio_device_buffer_attr_write_bool(const struct iio_device *device, const char *name, bool value)
{
	int (*real)(const struct iio_device *, const char *, bool);
	int ret;

	*(void **)&real = dlsym(RTLD_NEXT, "iio_device_buffer_attr_write_bool");
	ret = real(device, name, value);
	if (ret < 0 || !value || strcmp(name, "enable") != 0)
		return ret;
	while (buffer_number(device, "data_available") <
	       BYTES_PER_SCAN * buffer_number(device, "length"))
		usleep(1000);
	return ret;
}
