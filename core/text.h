/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IIOBRIDGE_TEXT_H
#define IIOBRIDGE_TEXT_H

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

#endif
