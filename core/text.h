/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IIOBRIDGE_TEXT_H
#define IIOBRIDGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * text_copy() - copy text and cut off what does not fit
 * @to: receives the text, with a NUL
 * @size: bytes in @to, at least 1
 * @from: text
 */
void text_copy(char *to, size_t size, const char *from);

/**
 * text_list() - append to a list for a message, as in "a, b, c"
 * @list: text so far, "" at first
 * @size: bytes in @list, at least 1
 * @item: what to append; left out when it does not fit
 */
void text_list(char *list, size_t size, const char *item);

/**
 * text_read() - read a small file, such as those of sysfs and procfs
 * @directory: that @name is relative to, or AT_FDCWD
 * @name: its path
 * @text: receives what is in it, without the newline at its end; "" when it cannot be read
 * @size: bytes in @text, at least 1; what does not fit is cut off
 *
 * Return: whether there is something in it.
 */
bool text_read(int directory, const char *name, char *text, size_t size);

/**
 * text_read_link() - read the name of what a link leads to, such as that of a device's driver
 * @path: of the link
 * @name: receives it, without the directories before it; "" when there is no such link
 * @size: bytes in @name, at least 1
 */
void text_read_link(const char *path, char *name, size_t size);

#endif
