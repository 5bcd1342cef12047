// SPDX-License-Identifier: GPL-2.0-or-later
#include "meminfo.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t meminfo_find(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ':')
			return strtoull(line + length + 1, NULL, 10);
	}
	return 0;
}

/* The file as text, "" when it cannot be read. */
static void read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = -1;

	if (fd >= 0) {
		length = read(fd, text, size - 1);
		close(fd);
	}
	text[length > 0 ? length : 0] = '\0';
}

uint64_t meminfo_read(const char *key)
{
	char text[8192];

	read_file("/proc/meminfo", text, sizeof(text));
	return meminfo_find(text, key);
}

/* "Node 0, zone NAME", and how many free pieces there are of each size */
unsigned int meminfo_count_orders(const char *text)
{
	unsigned int count = 0;
	int length = 0;

	sscanf(text, "Node %*u, zone %*s%n", &length);
	if (!length)
		return 0;
	text += length;
	while (sscanf(text, "%*[ ]%*[0-9]%n", &length) == 0 && length) {
		count++;
		text += length;
		length = 0;
	}
	return count;
}

uint64_t meminfo_largest_piece(void)
{
	unsigned int orders;
	char text[4096];

	read_file("/proc/buddyinfo", text, sizeof(text));
	orders = meminfo_count_orders(text);
	return orders ? ((uint64_t)sysconf(_SC_PAGESIZE) << (orders - 1)) / 1024 : 0;
}

/* zoneinfo_show_print() in mm/vmstat.c: a zone's sizes come before its start. */
uint64_t meminfo_find_end_page(FILE *zones)
{
	unsigned long long spanned = 0, present = 0, start;
	uint64_t end = 0;
	char line[256];

	while (fgets(line, sizeof(line), zones)) {
		sscanf(line, " spanned %llu", &spanned);
		sscanf(line, " present %llu", &present);
		/* A zone without memory may span some. */
		if (sscanf(line, " start_pfn: %llu", &start) == 1 && present &&
		    start + spanned > end)
			end = start + spanned;
	}
	return end;
}

uint64_t meminfo_end_page(void)
{
	FILE *zones = fopen("/proc/zoneinfo", "re");
	uint64_t end = 0;

	if (zones) {
		end = meminfo_find_end_page(zones);
		fclose(zones);
	}
	return end ? end : UINT64_MAX;
}
