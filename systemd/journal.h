/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: entries of the journal
 *
 * The journal's native protocol: one datagram per entry, fields with their lengths
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/). sd_journal_sendv(3) speaks it, too, but waits for
 * a journal that hangs; a daemon that streams cannot.
 */
#ifndef IIOBRIDGE_JOURNAL_H
#define IIOBRIDGE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_SOCKET	   "/run/systemd/journal/socket"
#define JOURNAL_ENTRY_SIZE 2048

/**
 * struct journal_entry - an entry that is being written
 * @size: bytes in @data
 * @data: fields
 */
struct journal_entry {
	size_t size;
	char data[JOURNAL_ENTRY_SIZE];
};

/**
 * journal_is_stderr() - whether standard error goes to the journal
 *
 * systemd says which file that is, see $JOURNAL_STREAM in systemd.exec(5): a program that is
 * started by another one inherits the variable, but not always standard error.
 */
bool journal_is_stderr(void);

/**
 * journal_take_messages() - let the journal have the messages of core/log.h, if it is standard
 *error
 * @entries: each is an entry, with fields for the route, the error and counts that belong to it,
 *see iiobridged(8); false: a line, for a process that ends at once
 *
 * The journal asks the process that sent an entry for its unit, and finds none when that has gone:
 * then the unit's log and status lack the entry. Of a line it knows the unit by the stream.
 */
void journal_take_messages(bool entries);

/**
 * journal_add() - append a field
 * @entry: an entry, all 0 at first
 * @key: upper case letters, digits and underscores
 * @value: any text; the field is left out when the entry has no room for it
 */
void journal_add(struct journal_entry *entry, const char *key, const char *value);

/**
 * journal_add_number() - append a field with a number
 * @entry: an entry
 * @key: as for journal_add()
 * @value: written in decimal
 */
void journal_add_number(struct journal_entry *entry, const char *key, uint64_t value);

/**
 * journal_send() - hand an entry over
 * @entry: the entry
 * @path: the journal's socket, JOURNAL_SOCKET but in tests
 *
 * Never waits. The socket is looked up each time, so a journal that was restarted is found.
 *
 * Return: 0 or a negative errno: -ECONNREFUSED or -ENOENT when there is no journal, -EAGAIN when it
 * is behind.
 */
int journal_send(const struct journal_entry *entry, const char *path);

#endif
