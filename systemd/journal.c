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

#include "core/log.h"
#include "core/text.h"

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

static int send_message(int level, const char *text, const char *route,
			const struct log_event *event)
{
	struct journal_entry entry = { 0 };
	int error = abs(event->error);
	const char *error_name = error ? strerrorname_np(error) : NULL;

	journal_add(&entry, "MESSAGE", text);
	journal_add_number(&entry, "PRIORITY", (uint64_t)level);
	journal_add(&entry, "SYSLOG_IDENTIFIER", "iiobridged");
	if (event->id)
		journal_add(&entry, "MESSAGE_ID", event->id);
	if (route)
		journal_add(&entry, "IIOBRIDGE_ROUTE", route);
	if (error_name)
		journal_add(&entry, "IIOBRIDGE_ERROR", error_name);
	if (error)
		journal_add_number(&entry, "ERRNO", (uint64_t)error);
	if (event->counts) {
		journal_add_number(&entry, "IIOBRIDGE_BLOCKS", event->counts->blocks);
		journal_add_number(&entry, "IIOBRIDGE_BYTES", event->counts->bytes);
		journal_add_number(&entry, "IIOBRIDGE_GAPS", event->counts->gaps);
		journal_add_number(&entry, "IIOBRIDGE_SAMPLES_LOST", event->counts->samples_lost);
	}
	return journal_send(&entry, JOURNAL_SOCKET);
}

void journal_take_messages(bool entries)
{
	if (journal_is_stderr())
		log_use_journal(entries ? send_message : NULL);
}
