// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

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

bool text_read(int directory, const char *name, char *text, size_t size)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t length = 0;
	size_t end;

	if (fd >= 0) {
		length = read(fd, text, size - 1);
		close(fd);
	}
	text[length < 0 ? 0 : length] = '\0';
	end = strlen(text);
	if (end && text[end - 1] == '\n')
		text[end - 1] = '\0';
	return length > 0;
}

void text_read_link(const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	const char *last;

	target[length < 0 ? 0 : length] = '\0';
	last = strrchr(target, '/');
	text_copy(name, size, last ? last + 1 : target);
}
