// SPDX-License-Identifier: GPL-2.0-or-later
#include "fence_list.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "uapi.h"

/* A block has one pending fence; a second one would be a device that we did not submit it to. */
#define MAX_FENCES 2

/*
 * sync_files of which nothing is needed any more, of all lists. The kernel gives out the lowest
 * free number, so those of many blocks are neighbours, and go with one system call.
 */
static int spent[64];
static unsigned int spent_count;

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void close_spent(void)
{
	unsigned int first = 0;

	qsort(spent, spent_count, sizeof(spent[0]), by_number);
	for (unsigned int i = 1; i <= spent_count; i++) {
		if (i < spent_count && spent[i] == spent[i - 1] + 1)
			continue;
		close_range((unsigned int)spent[first], (unsigned int)spent[i - 1], 0);
		first = i;
	}
	spent_count = 0;
}

static void spend(int sync_file)
{
	spent[spent_count++] = sync_file;
	if (spent_count == sizeof(spent) / sizeof(spent[0]))
		close_spent();
}

int fence_list_add(struct fence_list *list, const struct block *block, uint64_t submitted_ns)
{
	/* All fences: the first kernels had the direction of a transfer's fence inverted. */
	struct dma_buf_export_sync_file request = { .flags = DMA_BUF_SYNC_RW, .fd = -1 };
	unsigned int place = (list->oldest + list->count) % BLOCKS_MAX;

	if (ioctl(block->fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &request) < 0)
		return -errno;
	list->fences[place].sync_file = request.fd;
	list->fences[place].polled = false;
	list->fences[place].submitted_ns = submitted_ns;
	list->fences[place].queued_ns = clock_now_ns();
	list->count++;
	return 0;
}

bool fence_read(const struct fence *fence, const struct sync_file_info *info,
		const struct sync_fence_info *fences, struct completion *completion)
{
	if (info->status == 0)
		return false;
	*completion = (struct completion){
		.status = info->status < 0 ? info->status : 0,
		.submitted_ns = fence->submitted_ns,
		.queued_ns = fence->queued_ns,
	};
	for (unsigned int i = 0; i < info->num_fences; i++)
		if (fences[i].timestamp_ns > completion->time_ns)
			completion->time_ns = fences[i].timestamp_ns;
	if (completion->time_ns <= fence->queued_ns) {
		/* A stub says nothing but success. */
		completion->early = completion->status == 0;
		completion->time_ns = fence->queued_ns;
	}
	return true;
}

int fence_list_reap(struct fence_list *list, struct completion *completion)
{
	struct sync_fence_info fences[MAX_FENCES];
	struct sync_file_info info = {
		.num_fences = MAX_FENCES,
		.sync_fence_info = (uintptr_t)fences,
	};
	const struct fence *oldest = &list->fences[list->oldest];

	if (!list->count)
		return -EAGAIN;
	if (ioctl(oldest->sync_file, SYNC_IOC_FILE_INFO, &info) < 0)
		return -errno;
	if (!fence_read(oldest, &info, fences, completion))
		return -EAGAIN;
	/* It would poll readable for ever. */
	if (oldest->polled)
		close(oldest->sync_file);
	else
		spend(oldest->sync_file);
	list->oldest = (list->oldest + 1) % BLOCKS_MAX;
	list->count--;
	return 0;
}

static bool has_failed(int sync_file, int error)
{
	struct sync_file_info info = { 0 };

	return ioctl(sync_file, SYNC_IOC_FILE_INFO, &info) == 0 && info.status == error;
}

bool fence_list_any_failed(const struct fence_list *list, int error)
{
	for (unsigned int i = 0; i < list->count; i++) {
		unsigned int place = (list->oldest + i) % BLOCKS_MAX;

		if (has_failed(list->fences[place].sync_file, error))
			return true;
	}
	return false;
}

bool fence_list_take_back(struct fence_list *list, int error)
{
	unsigned int newest = (list->oldest + list->count - 1) % BLOCKS_MAX;
	int sync_file = list->fences[newest].sync_file;

	if (!has_failed(sync_file, error))
		return false;
	spend(sync_file);
	list->count--;
	return true;
}

int fence_list_wait_fd(struct fence_list *list)
{
	list->fences[list->oldest].polled = true;
	return list->fences[list->oldest].sync_file;
}

void fence_list_clear(struct fence_list *list)
{
	for (; list->count; list->count--) {
		spend(list->fences[list->oldest].sync_file);
		list->oldest = (list->oldest + 1) % BLOCKS_MAX;
	}
	close_spent();
}
