// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * full-when-enabled.so - a program comes too late to see an ADC fill the first half of its buffer
 *
 * Loaded into iiobridged with LD_PRELOAD. When it enables the buffer of an ADC with scans of 4
 * bytes, this returns only when both halves of the buffer are full.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define BYTES_PER_SCAN 4
#define SWITCH	       "/buffer/enable"

/* Find out whether the file is a buffer's switch, and the folder that it is in. */
static bool find_buffer(int fd, char *folder, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, folder, size - 1);
	if (length < (ssize_t)strlen(SWITCH))
		return false;
	folder[length] = '\0';
	if (strcmp(folder + length - strlen(SWITCH), SWITCH) != 0)
		return false;
	*strrchr(folder, '/') = '\0';
	return true;
}

static long long buffer_number(const char *folder, const char *name)
{
	long long number = 0;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%lld", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

ssize_t write(int fd, const void *data, size_t size)
{
	ssize_t (*real)(int, const void *, size_t);
	char folder[448];
	ssize_t ret;

	*(void **)&real = dlsym(RTLD_NEXT, "write");
	ret = real(fd, data, size);
	if (ret != 1 || *(const char *)data != '1' || !find_buffer(fd, folder, sizeof(folder)))
		return ret;
	while (buffer_number(folder, "data_available") <
	       BYTES_PER_SCAN * buffer_number(folder, "length"))
		usleep(1000);
	return ret;
}
