// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries of the journal, read by a journal that the test is itself; and journals that hang or are
 * gone, which the daemon must not wait for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "systemd/journal.h"

static char directory[] = "/tmp/iiobridge-journal-XXXXXX";
static char path[sizeof(directory) + 8];
static int journal;

static int begin(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	snprintf(path, sizeof(path), "%s/socket", directory);
	memcpy(address.sun_path, path, sizeof(path));
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return journal < 0 || bind(journal, (struct sockaddr *)&address, sizeof(address)) < 0;
}

static int end(void **state)
{
	(void)state;
	close(journal);
	unlink(path);
	return 0;
}

static void an_entry_is_one_datagram(void **state)
{
	static const char expected[] = "MESSAGE\n\x0a\0\0\0\0\0\0\0two\nlines!\n"
				       "PRIORITY\n\x01\0\0\0\0\0\0\0"
				       "3\n";
	struct journal_entry entry = { 0 };
	char data[JOURNAL_ENTRY_SIZE];

	(void)state;
	journal_add(&entry, "MESSAGE", "two\nlines!");
	journal_add_number(&entry, "PRIORITY", 3);
	assert_int_equal(journal_send(&entry, path), 0);
	assert_int_equal(read(journal, data, sizeof(data)), sizeof(expected) - 1);
	assert_memory_equal(data, expected, sizeof(expected) - 1);
}

static void a_field_without_room_is_left_out(void **state)
{
	struct journal_entry entry = { 0 };
	char value[JOURNAL_ENTRY_SIZE];
	size_t size;

	(void)state;
	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 20] = '\0';
	journal_add(&entry, "LONG", value);
	size = entry.size;
	assert_int_equal(size, 4 + 1 + 8 + sizeof(value) - 20 + 1);
	journal_add(&entry, "MORE", "");
	assert_int_equal(entry.size, size);
	journal_add(&entry, "A", "");
	assert_int_equal(entry.size, size);
}

static void a_journal_that_hangs_is_not_waited_for(void **state)
{
	struct journal_entry entry = { 0 };
	int sent = 0, ret;

	(void)state;
	journal_add(&entry, "MESSAGE", "again");
	while (!(ret = journal_send(&entry, path)) && sent < 100000)
		sent++;
	assert_true(sent > 0);
	assert_int_equal(ret, -EAGAIN);
}

static void a_journal_that_is_gone_is_found_again(void **state)
{
	struct journal_entry entry = { 0 };
	char data[JOURNAL_ENTRY_SIZE];

	journal_add(&entry, "MESSAGE", "hello");
	close(journal);
	assert_int_equal(journal_send(&entry, path), -ECONNREFUSED);
	unlink(path);
	assert_int_equal(journal_send(&entry, path), -ENOENT);
	assert_int_equal(begin(state), 0);
	assert_int_equal(journal_send(&entry, path), 0);
	assert_int_equal(read(journal, data, sizeof(data)), entry.size);
}

static void only_a_stream_that_systemd_made_is_the_journal(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_false(journal_is_stderr());
	setenv("JOURNAL_STREAM", "1:2", 1);
	assert_false(journal_is_stderr());
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_false(journal_is_stderr());
}

#define journal_test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		journal_test(an_entry_is_one_datagram),
		journal_test(a_field_without_room_is_left_out),
		journal_test(a_journal_that_hangs_is_not_waited_for),
		journal_test(a_journal_that_is_gone_is_found_again),
		journal_test(only_a_stream_that_systemd_made_is_the_journal),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("journal", tests, NULL, NULL);
	rmdir(directory);
	return failed;
}
