// SPDX-License-Identifier: GPL-2.0-or-later
#include "meter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 4096

static int text_read(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;
	int ret = 0;

	if (fd < 0)
		return -errno;
	size = read(fd, text, TEXT_SIZE - 1);
	if (size < 0)
		ret = -errno;
	else
		text[size] = '\0';
	close(fd);
	return ret;
}

/* The number in the line that begins with @key, 0 where there is none. */
static uint64_t number_after(const char *text, const char *key)
{
	const char *found = strstr(text, key);

	return found ? strtoull(found + strlen(key), NULL, 10) : 0;
}

int number_read(const char *path, uint64_t *number)
{
	char text[TEXT_SIZE];
	int ret = text_read(path, text);

	if (ret == 0)
		*number = strtoull(text, NULL, 10);
	return ret;
}

static int thread_add(pid_t process, const char *thread, struct usage *usage)
{
	char path[64 + 256], text[TEXT_SIZE];
	uint64_t cpu_ns = 0;
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", process, thread);
	ret = number_read(path, &cpu_ns);
	if (ret < 0)
		return ret;
	snprintf(path, sizeof(path), "/proc/%d/task/%s/status", process, thread);
	ret = text_read(path, text);
	if (ret < 0)
		return ret;
	usage->cpu_ns += cpu_ns;
	usage->switches += number_after(text, "\nvoluntary_ctxt_switches:") +
			   number_after(text, "\nnonvoluntary_ctxt_switches:");
	usage->rss_kib = number_after(text, "\nVmRSS:");
	return 0;
}

int usage_read(pid_t process, struct usage *usage)
{
	struct dirent *entry;
	char path[64];
	DIR *threads;

	*usage = (struct usage){ 0 };
	if (!process)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/task", process);
	threads = opendir(path);
	if (!threads)
		return -errno;
	/* A thread may end between readdir() and its figures; then it has none. */
	while ((entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			thread_add(process, entry->d_name, usage);
	closedir(threads);
	return 0;
}

int usage_read_written(pid_t process, uint64_t *bytes)
{
	char path[64], text[TEXT_SIZE];
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/io", process);
	ret = text_read(path, text);
	if (ret == 0)
		*bytes = number_after(text, "wchar:");
	return ret;
}
