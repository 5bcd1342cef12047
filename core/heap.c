// SPDX-License-Identifier: GPL-2.0-or-later
#include "heap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"
#include "uapi.h"

#define DMA_HEAPS "/dev/dma_heap"

int heap_check_memory(const struct block_request *request, struct heap_reason *reason)
{
	uint64_t needed = ((uint64_t)request->count * request->size) >> 20;
	uint64_t available = meminfo_read("MemAvailable") >> 10;

	if (!available || needed <= available)
		return 0;
	snprintf(reason->text, sizeof(reason->text),
		 "%llu MiB are needed, %llu MiB of memory are available",
		 (unsigned long long)needed, (unsigned long long)available);
	return -ENOMEM;
}

static int dma_heap_get(int device, uint32_t size)
{
	struct dma_heap_allocation_data request = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };

	return ioctl(device, DMA_HEAP_IOCTL_ALLOC, &request) < 0 ? -errno : (int)request.fd;
}

static void dma_heap_explain(const struct block_request *request, int error,
			     struct heap_reason *reason)
{
	uint64_t total = meminfo_read("CmaTotal");

	if (error != -ENOMEM || !total) {
		text_copy(reason->text, sizeof(reason->text), strerror(-error));
		return;
	}
	snprintf(reason->text, sizeof(reason->text),
		 "%s: %llu KiB are needed; contiguous memory of the kernel (CMA): %llu of %llu KiB "
		 "free",
		 strerror(-error), ((unsigned long long)request->count * request->size) >> 10,
		 (unsigned long long)meminfo_read("CmaFree"), (unsigned long long)total);
}

static const struct heap_kind system_kind = {
	.device = DMA_HEAPS "/%s",
	.check = heap_check_memory,
	.get = dma_heap_get,
	.explain = dma_heap_explain,
};

static const struct heap_kind dma_heap_kind = {
	.device = DMA_HEAPS "/%s",
	.get = dma_heap_get,
	.explain = dma_heap_explain,
};

/* The kinds of heap that a name can mean, in order. */
static const struct {
	const char *name; /* NULL: any */
	const struct heap_kind *kind;
} kinds[] = {
	{ "system", &system_kind },
	{ NULL, &dma_heap_kind },
	{ HEAP_UDMABUF, &udmabuf_kind },
	{ HEAP_UDMABUF_HUGE, &udmabuf_huge_kind },
};

/* Path of the device node of heap @name, if it is one of kind @i. Return: whether it can be. */
static bool find_node(const char *name, size_t i, char *path, size_t size)
{
	if (kinds[i].name && strcmp(kinds[i].name, name) != 0)
		return false;
	snprintf(path, size, kinds[i].kind->device, name);
	return true;
}

bool heap_has_node(const char *name, const char *node)
{
	char path[128];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (find_node(name, i, path, sizeof(path)) && strcmp(path, node) == 0)
			return true;
	return false;
}

/* Open the device of heap @name: a file descriptor or a negative errno. */
static int heap_open(const char *name, const struct heap_kind **kind)
{
	int ret = -ENOENT;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && ret == -ENOENT; i++) {
		char path[128];
		int fd;

		if (!find_node(name, i, path, sizeof(path)))
			continue;
		*kind = kinds[i].kind;
		fd = open(path, O_RDWR | O_CLOEXEC);
		ret = fd < 0 ? -errno : fd;
	}
	return ret;
}

bool heap_has_offsets(const char *name)
{
	return strcmp(name, HEAP_UDMABUF) == 0 || strcmp(name, HEAP_UDMABUF_HUGE) == 0;
}

bool heap_exists(const char *name)
{
	const struct heap_kind *kind;
	int fd = heap_open(name, &kind);

	if (fd >= 0)
		close(fd);
	return fd != -ENOENT;
}

void heap_list(char *names, size_t size)
{
	static const char *const others[] = { HEAP_UDMABUF, HEAP_UDMABUF_HUGE };
	DIR *directory = opendir(DMA_HEAPS);
	struct dirent *entry;

	names[0] = '\0';
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			text_list(names, size, entry->d_name);
	if (directory)
		closedir(directory);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (heap_exists(others[i]))
			text_list(names, size, others[i]);
	if (!names[0])
		text_copy(names, size, "none");
}

static int get_blocks(const struct heap_kind *kind, int device, const struct block_request *request,
		      struct heap_reason *reason)
{
	int ret = kind->check ? kind->check(request, reason) : 0;

	if (ret < 0)
		return ret;
	for (uint32_t i = 0; i < request->count; i++) {
		ret = kind->get(device, request->size);
		if (ret < 0)
			goto err_free;
		request->blocks[i] = (struct block){ .fd = ret, .size = request->size };
		request->meanwhile(request->userdata);
	}
	return 0;

err_free:
	for (uint32_t i = 0; i < request->count; i++)
		block_free(&request->blocks[i]);
	kind->explain(request, ret, reason);
	return ret;
}

int heap_get(const char *name, const struct block_request *request, struct heap_reason *reason)
{
	const struct heap_kind *kind;
	int device = heap_open(name, &kind);
	int ret;

	for (uint32_t i = 0; i < request->count; i++)
		request->blocks[i].fd = -1;
	if (device < 0) {
		char names[128];

		heap_list(names, sizeof(names));
		snprintf(reason->text, sizeof(reason->text), "%s; heaps here: %s",
			 strerror(-device), names);
		return device;
	}
	ret = get_blocks(kind, device, request, reason);
	close(device);
	return ret;
}

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

uint64_t meminfo_read(const char *key)
{
	char text[8192];

	text_read(AT_FDCWD, "/proc/meminfo", text, sizeof(text));
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

	text_read(AT_FDCWD, "/proc/buddyinfo", text, sizeof(text));
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
