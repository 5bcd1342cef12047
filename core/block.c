// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "heap.h"
#include "log.h"
#include "port.h"
#include "text.h"
#include "uapi.h"

/*
 * What HEAP_AUTO tries, in order. The system heap has no limit but the memory, and gives it in
 * chunks of up to 1 MiB, so that a device has few to go through. The kernel's contiguous memory,
 * by the names that it has had, is as good for a device, but small. udmabuf has a chunk for every
 * page. Huge pages are never taken unasked: somebody reserved them for something.
 */
static const char *const choices[] = {
	"system", "linux,cma", "reserved", "default_cma_region", HEAP_UDMABUF,
};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

/* A heap of that name goes first. */
bool blocks_choose_heap(const char *heap)
{
	return strcmp(heap, HEAP_AUTO) == 0 && !heap_exists(HEAP_AUTO);
}

/* Number of the first choice from @number on that is here, or the number of all choices. */
static unsigned int find_choice(unsigned int number)
{
	while (number < CHOICES && !heap_exists(choices[number]))
		number++;
	return number;
}

bool blocks_use_node(const char *heap, const char *node)
{
	if (strcmp(heap, HEAP_AUTO) == 0)
		for (size_t i = 0; i < CHOICES; i++)
			if (heap_has_node(choices[i], node))
				return true;
	return heap_has_node(heap, node);
}

bool blocks_can_be_dmabufs(const char *heap)
{
	return !blocks_choose_heap(heap) || find_choice(0) < CHOICES;
}

static bool is_contiguous(const char *heap)
{
	/* The names that the kernel's contiguous memory has had, among the choices. */
	return strcmp(heap, "linux,cma") == 0 || strcmp(heap, "reserved") == 0 ||
	       strcmp(heap, "default_cma_region") == 0;
}

bool blocks_leave_out(const char *heap, unsigned int *left_out)
{
	unsigned int next;

	if (!blocks_choose_heap(heap))
		return false;
	next = find_choice(*left_out) + 1;
	if (find_choice(next) >= CHOICES)
		return false;
	*left_out = next;
	return true;
}

bool blocks_have_offsets(const char *heap)
{
	if (!blocks_choose_heap(heap))
		return heap_has_offsets(heap);
	for (size_t i = 0; i < CHOICES; i++)
		if (!heap_has_offsets(choices[i]) && heap_exists(choices[i]))
			return false;
	return true;
}

struct block_list block_list_of(const char *heap, uint32_t size)
{
	const uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	struct block_list list = { .entries = size / page + (size % page != 0), .longest = size };

	if (is_contiguous(heap))
		list.entries = 1;
	if (strcmp(heap, "system") != 0)
		return list;
	if (size >= page * 256)
		list.longest = page * 256;
	else
		list.longest = size >= page * 16 ? page * 16 : page;
	return list;
}

/* Return: as heap_get(). */
static int get_from_choice(const struct block_request *request, unsigned int i,
			   struct heap_reason *reason)
{
	if (i < request->left_out) {
		text_copy(reason->text, sizeof(reason->text),
			  "a device does not reach all of its memory");
		return -EOPNOTSUPP;
	}
	return heap_get(choices[i], request, reason);
}

/* Describe in @reasons why each heap that is there did not do; "" when there is none. */
static int get_from_any(const struct block_request *request, char *reasons, size_t size)
{
	int ret = -ENOENT;

	reasons[0] = '\0';
	for (unsigned int i = 0; i < CHOICES; i++) {
		size_t length = strlen(reasons);
		struct heap_reason reason;

		if (!heap_exists(choices[i]) ||
		    (request->no_offsets && heap_has_offsets(choices[i])))
			continue;
		ret = get_from_choice(request, i, &reason);
		if (!ret && i > 0)
			log_info("heap \"" HEAP_AUTO "\": blocks are from \"%s\"%s%s", choices[i],
				 reasons[0] ? "; " : "", reasons);
		if (!ret)
			break;
		snprintf(reasons + length, size - length, "%s\"%s\": %s", length ? "; " : "",
			 choices[i], reason.text);
	}
	return ret;
}

static int lock(const struct block *block, struct heap_reason *reason)
{
	struct rlimit limit = { 0 };
	int ret;

	if (mlock(block->memory, block->size) == 0)
		return 0;
	ret = -errno;
	getrlimit(RLIMIT_MEMLOCK, &limit);
	snprintf(reason->text, sizeof(reason->text),
		 "it cannot be locked: %s; this user's limit, LimitMEMLOCK= of the unit, is %llu "
		 "bytes",
		 strerror(-ret), (unsigned long long)limit.rlim_cur);
	return ret;
}

/*
 * A block of ordinary memory. All of its pages are there at once, and stay, as those of a DMABUF
 * do: one that is missing costs samples later.
 */
static int get_block(struct block *block, uint32_t size, struct heap_reason *reason)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (memory == MAP_FAILED) {
		ret = -errno;
		text_copy(reason->text, sizeof(reason->text), strerror(-ret));
		return ret;
	}
	*block = (struct block){ .fd = -1, .size = size, .memory = memory };
	ret = lock(block, reason);
	if (ret < 0)
		block_free(block);
	return ret;
}

static int get_memory(const struct block_request *request, struct heap_reason *reason)
{
	int ret = 0;

	for (uint32_t i = 0; !ret && i < request->count; i++) {
		ret = get_block(&request->blocks[i], request->size, reason);
		if (!ret)
			request->meanwhile(request->userdata);
		while (ret < 0 && i > 0)
			block_free(&request->blocks[--i]);
	}
	return ret;
}

static int alloc_memory(const struct block_request *request)
{
	struct heap_reason reason;
	int ret = heap_check_memory(request, &reason);

	if (!ret)
		ret = get_memory(request, &reason);
	if (ret < 0)
		return error_set(request->error, ret,
				 "cannot get %u blocks of %u bytes of memory: %s", request->count,
				 request->size, reason.text);
	return 0;
}

int blocks_alloc(const struct block_request *request, const char *heap)
{
	struct heap_reason reason;
	char reasons[512];
	const char *why = reason.text;
	int ret;

	if (!heap)
		return alloc_memory(request);
	if (blocks_choose_heap(heap)) {
		ret = get_from_any(request, reasons, sizeof(reasons));
		why = reasons[0] ? reasons : "no heap that it tries is here";
	} else {
		ret = heap_get(heap, request, &reason);
	}
	if (ret < 0)
		return error_set(request->error, ret,
				 "cannot get %u blocks of %u bytes from heap \"%s\": %s",
				 request->count, request->size, heap, why);
	return 0;
}

static void no_meanwhile(void *userdata)
{
	(void)userdata;
}

int block_alloc(struct block *block, uint32_t size, const char *heap, struct error *error)
{
	const struct block_request request = {
		.blocks = block,
		.count = 1,
		.size = size,
		.meanwhile = no_meanwhile,
		.error = error,
	};

	return blocks_alloc(&request, heap);
}

int block_map(struct block *block, struct error *error)
{
	void *memory = mmap(NULL, block->size, PROT_READ | PROT_WRITE, MAP_SHARED, block->fd, 0);

	if (memory == MAP_FAILED)
		return error_set(error, errno, "cannot map a block of %u bytes: %m", block->size);
	block->memory = memory;
	return 0;
}

static int sync_access(const struct block *block, bool write, uint64_t moment)
{
	struct dma_buf_sync request = {
		.flags = (write ? DMA_BUF_SYNC_WRITE : DMA_BUF_SYNC_READ) | moment,
	};

	if (block->fd < 0)
		return 0;
	/* A signal may interrupt it, include/uapi/linux/dma-buf.h. */
	while (ioctl(block->fd, DMA_BUF_IOCTL_SYNC, &request) < 0)
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	return 0;
}

int block_begin_access(const struct block *block, bool write)
{
	return sync_access(block, write, DMA_BUF_SYNC_START);
}

int block_end_access(const struct block *block, bool write)
{
	return sync_access(block, write, DMA_BUF_SYNC_END);
}

void block_free(struct block *block)
{
	if (block->memory)
		munmap(block->memory, block->size);
	block->memory = NULL;
	if (block->fd >= 0)
		close(block->fd);
	block->fd = -1;
}
