/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: bounce buffers
 *
 * Where a device does not reach the memory of a DMABUF the kernel gives it other memory, bounce
 * buffers (dma_direct_map_page() in kernel/dma/direct.h, kernel/dma/swiotlb.c), and copies from one
 * to the other when it is told that the device is done. Neither IIO nor FunctionFS tells it: they
 * map a DMABUF when it is attached, once. So samples would come from memory that nobody has filled,
 * and each fence says success.
 *
 * A program sees neither the masks of devices nor where its memory is. What it can see is how many
 * bounce buffers are in use, before and after a DMABUF is attached: a file in debugfs that only
 * root may read, which bounce_show() makes a file of the daemon.
 */
#ifndef IIOBRIDGE_BOUNCE_H
#define IIOBRIDGE_BOUNCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How many are in use, swiotlb_create_debugfs_files() in kernel/dma/swiotlb.c. */
#define BOUNCE_KERNEL_COUNT "/sys/kernel/debug/swiotlb/io_tlb_used"

/**
 * bounce_show() - let the daemon see the count of bounce buffers; needs privileges
 * @uid: user whom the daemon is run as
 * @gid: its group
 *
 * Where the kernel has no bounce buffers at all the daemon sees that, too. Without debugfs it sees
 * nothing, which is no failure.
 *
 * Return: 0 or a negative errno, logged.
 */
int bounce_show(uid_t uid, gid_t gid);

/**
 * bounce_hide() - undo bounce_show(); needs privileges
 */
void bounce_hide(void);

/**
 * bounce_is_seen() - whether the count of bounce buffers can be seen, or that there are none
 */
bool bounce_is_seen(void);

/**
 * bounce_is_certain() - whether it can be known if a device is given bounce buffers
 *
 * Return: true when their count can be seen, or when no memory is above 4 GiB, which all devices
 * reach as far as is known.
 */
bool bounce_is_certain(void);

/**
 * struct bounce_watch - bounce buffers while DMABUFs are attached
 * @used: the last count
 * @meanwhile: called while it waits; may be NULL
 * @userdata: for @meanwhile
 */
struct bounce_watch {
	uint64_t used;
	void (*meanwhile)(void *userdata);
	void *userdata;
};

/**
 * bounce_watch_begin() - count
 * @watch: with @meanwhile and @userdata
 */
void bounce_watch_begin(struct bounce_watch *watch);

/**
 * bounce_watch_grew() - whether what was attached since the last look has got bounce buffers
 * @watch: begun
 *
 * Other drivers take bounce buffers, too, for as long as a transfer of theirs takes; a DMABUF keeps
 * them. So it waits, for 100 ms at most, whether the count falls again.
 */
bool bounce_watch_grew(struct bounce_watch *watch);

#endif
