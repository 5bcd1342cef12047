// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <string.h>

void text_copy(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

void text_list(char *list, size_t size, const char *item)
{
	size_t length = strlen(list);
	const char *separator = length ? ", " : "";

	if (length + strlen(separator) + strlen(item) >= size)
		return;
	text_copy(list + length, size - length, separator);
	length += strlen(separator);
	text_copy(list + length, size - length, item);
}
