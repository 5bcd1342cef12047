/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: blocks in flight
 *
 * A DMABUF port completes a block by signalling a fence. Whether the data moved is the fence's
 * status, and it can only be read from a sync_file that was exported while the fence was pending:
 * an export passes over fences that are signalled (dma_resv_iter_walk_unlocked() in
 * drivers/dma-buf/dma-resv.c) and gets, when it finds no other, a stub that always says success
 * (dma_buf_export_sync_file() in drivers/dma-buf/dma-buf.c). A flight list exports one sync_file
 * after each submit and keeps them in the order of submission.
 *
 * A stub is known by its time. There is one for the whole kernel, signalled at its boot or when it
 * was first asked for (dma_fence_get_stub() in drivers/dma-buf/dma-fence.c), which the first export
 * may have done: before the export returned in any case. What was pending is signalled later, but
 * for the moment in which the export returns.
 */
#ifndef IIOBRIDGE_FENCE_LIST_H
#define IIOBRIDGE_FENCE_LIST_H

#include "clock.h"
#include "port.h"

struct sync_fence_info;
struct sync_file_info;

/**
 * struct fence - a block in flight
 * @sync_file: its fence
 * @polled: somebody polls @sync_file
 * @submitted_ns: when it was submitted
 * @queued_ns: when @sync_file was exported
 */
struct fence {
	int sync_file;
	bool polled;
	uint64_t submitted_ns;
	uint64_t queued_ns;
};

/**
 * struct fence_list - the blocks that a port has in flight, oldest first
 * @fences: one for each block
 * @oldest: place of the oldest block in @fences
 * @count: number of blocks in flight
 */
struct fence_list {
	struct fence fences[BLOCKS_MAX];
	unsigned int oldest;
	unsigned int count;
};

/**
 * fence_list_add() - follow a block that was just submitted
 * @list: the port's list, with fewer than BLOCKS_MAX blocks
 * @block: the block
 * @submitted_ns: clock_now_ns() just before it was submitted
 *
 * Return: 0 or a negative errno, not logged.
 */
int fence_list_add(struct fence_list *list, const struct block *block, uint64_t submitted_ns);

/**
 * fence_read() - what the kernel says of a block
 * @fence: the block
 * @info: answer of SYNC_IOC_FILE_INFO for its sync_file
 * @fences: those in the answer, as many as it says
 * @completion: receives its status and times, when it is complete
 *
 * Return: whether it is complete.
 */
bool fence_read(const struct fence *fence, const struct sync_file_info *info,
		const struct sync_fence_info *fences, struct completion *completion);

/**
 * fence_list_reap() - take the oldest block off the list if it is complete
 * @list: the port's list
 * @completion: receives its status and times; when it is early, the port has to find out by other
 *	means whether the data moved
 *
 * Return: 0, -EAGAIN when nothing is in flight or the oldest block is not complete, or another
 * negative errno, not logged.
 */
int fence_list_reap(struct fence_list *list, struct completion *completion);

/**
 * fence_list_any_failed() - whether the kernel has failed one of the blocks
 * @list: the port's list
 * @error: negative errno of the failure
 */
bool fence_list_any_failed(const struct fence_list *list, int error);

/**
 * fence_list_take_back() - take the newest block off the list if the kernel has refused it
 * @list: the port's list, with at least one block
 * @error: negative errno with which it refuses
 *
 * Return: whether its fence says @error.
 */
bool fence_list_take_back(struct fence_list *list, int error);

/**
 * fence_list_wait_fd() - what polls readable when the oldest block is complete
 * @list: a list with at least one block
 *
 * Return: the oldest block's sync_file, which the list owns, and closes when the block is reaped.
 * The sync_files of blocks that were never polled for are closed later, many at once.
 */
int fence_list_wait_fd(struct fence_list *list);

/**
 * fence_list_clear() - forget all blocks
 * @list: the port's list
 *
 * No sync_file of any block is left then. To be called before an endpoint's file is closed: its
 * fences have their lock in what that frees (ffs_dmabuf_transfer() in f_fs.c).
 */
void fence_list_clear(struct fence_list *list);

#endif
