// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "iiobridge/text.h"

bool journal_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uint64_t device, inode;
	struct stat status;

	if (!stream || sscanf(stream, "%" SCNu64 ":%" SCNu64, &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
	       status.st_ino == inode;
}

static char *append(char *end, const void *data, size_t size)
{
	return (char *)memcpy(end, data, size) + size;
}

/* The form for values of any content: key, newline, length, value, newline. */
void journal_add(struct journal_entry *entry, const char *key, const char *value)
{
	size_t key_length = strlen(key), length = strlen(value);
	uint64_t size = htole64(length);
	char *end = entry->data + entry->size;

	if (key_length + length + sizeof(size) + 2 > sizeof(entry->data) - entry->size)
		return;
	end = append(end, key, key_length);
	*end++ = '\n';
	end = append(end, &size, sizeof(size));
	end = append(end, value, length);
	*end++ = '\n';
	entry->size = (size_t)(end - entry->data);
}

void journal_add_number(struct journal_entry *entry, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	journal_add(entry, key, text);
}

int journal_send(const struct journal_entry *entry, const char *path)
{
	static _Thread_local int fd = -1;
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (fd < 0)
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	text_copy(address.sun_path, sizeof(address.sun_path), path);
	if (sendto(fd, entry->data, entry->size, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return 0;
}
