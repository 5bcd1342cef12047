/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: heaps
 *
 * A heap is what gives DMABUFs: a dma-heap of the kernel (drivers/dma-buf/dma-heap.c), or udmabuf
 * (drivers/dma-buf/udmabuf.c), which makes a DMABUF of the pages of a memfd.
 */
#ifndef IIOBRIDGE_HEAP_H
#define IIOBRIDGE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "port.h"

#define HEAP_AUTO	  "auto"
#define HEAP_UDMABUF	  "udmabuf"
#define HEAP_UDMABUF_HUGE "udmabuf-huge"

/**
 * struct heap_reason - why a heap did not give what it was asked for
 * @text: part of a sentence, after a colon
 */
struct heap_reason {
	char text[192];
};

/**
 * struct heap_kind - a way to get DMABUFs
 * @device: device node, with %s for the heap's name where each heap has its own
 * @check: refuse at once what is more than there is, with @reason; NULL: @get finds out unharmed
 * @get: get a DMABUF of at least @size bytes, zeroed. @device is the open device node. Returns the
 *	file descriptor or a negative errno, -ENOMEM when the memory is not there.
 * @explain: say why @get returned @error
 */
struct heap_kind {
	const char *device;
	int (*check)(const struct block_request *request, struct heap_reason *reason);
	int (*get)(int device, uint32_t size);
	void (*explain)(const struct block_request *request, int error, struct heap_reason *reason);
};

extern const struct heap_kind udmabuf_kind;
extern const struct heap_kind udmabuf_huge_kind;

/**
 * heap_check_memory() - the check of heaps that take any page of the system
 * @request: what is asked for
 * @reason: says how much is needed and how much there is
 *
 * The kernel would give out its last page and then kill processes to get more: a DMABUF belongs to
 * none of them, so the one that asked is not the first to go.
 *
 * Return: 0, or -ENOMEM with @reason.
 */
int heap_check_memory(const struct block_request *request, struct heap_reason *reason);

/**
 * heap_get() - get all blocks of a request from one heap
 * @name: of a dma-heap, or HEAP_UDMABUF or HEAP_UDMABUF_HUGE; a dma-heap of that name goes first
 * @request: receives the blocks, or no block at all
 * @reason: says why when it fails
 *
 * Return: 0 or a negative errno, not logged: -ENOENT when there is no such heap, -ENOMEM when it
 * does not have the memory.
 */
int heap_get(const char *name, const struct block_request *request, struct heap_reason *reason);

/**
 * heap_has_node() - whether a heap may be had from a device node
 * @name: as for heap_get()
 * @node: path of the node
 */
bool heap_has_node(const char *name, const char *node);

/**
 * heap_exists() - whether there is a heap of that name
 * @name: as for heap_get()
 */
bool heap_exists(const char *name);

/**
 * heap_has_offsets() - whether entries of its blocks may begin within a folio
 * @name: as for heap_get()
 */
bool heap_has_offsets(const char *name);

/**
 * heap_list() - the names of all heaps, for a message
 * @names: receives them, "none" when there is none
 * @size: bytes in @names
 */
void heap_list(char *names, size_t size);

/*
 * How much memory there is: figures of /proc/meminfo, /proc/buddyinfo and /proc/zoneinfo, to refuse
 * what cannot be and to say why.
 */

/**
 * meminfo_find() - find a figure in the text of /proc/meminfo
 * @text: the text
 * @key: beginning of the line, without the colon, such as MemAvailable
 *
 * Return: the figure in the line's own unit, which is KiB or, for the number of huge pages, one; 0
 * when there is no such line, as in a kernel without that kind of memory.
 */
uint64_t meminfo_find(const char *text, const char *key);

/**
 * meminfo_read() - a figure of /proc/meminfo as it is now
 * @key: as for meminfo_find()
 *
 * Return: as meminfo_find(), 0 also when the file cannot be read.
 */
uint64_t meminfo_read(const char *key);

/**
 * meminfo_count_orders() - find in the text of /proc/buddyinfo in how many sizes memory is kept
 * @text: the text
 *
 * Return: how many powers of two pages, from one page on; 0 when the text is another one.
 */
unsigned int meminfo_count_orders(const char *text);

/**
 * meminfo_largest_piece() - the largest piece of contiguous memory that the kernel has without CMA
 *
 * Return: KiB, 0 when it is not known.
 */
uint64_t meminfo_largest_piece(void);

/**
 * meminfo_find_end_page() - find in the text of /proc/zoneinfo where memory ends
 * @zones: the text
 *
 * Return: number of the page behind the last one that there is, 0 when the text is another one.
 */
uint64_t meminfo_find_end_page(FILE *zones);

/**
 * meminfo_end_page() - where memory ends
 *
 * Return: as meminfo_find_end_page(), UINT64_MAX when it is not known.
 */
uint64_t meminfo_end_page(void);

#endif
