/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: how much memory there is
 *
 * Figures of /proc/meminfo, /proc/buddyinfo and /proc/zoneinfo, to refuse what cannot be and to say
 * why.
 */
#ifndef IIOBRIDGE_MEMINFO_H
#define IIOBRIDGE_MEMINFO_H

#include <stdint.h>
#include <stdio.h>

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
