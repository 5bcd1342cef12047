// SPDX-License-Identifier: GPL-2.0-or-later
/* Small files, and what links lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

static char directory[] = "/tmp/iiobridge-text-XXXXXX";

static int open_directory(void)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* Read file "x" with @content. Return: what text_read() did. */
static bool read_back(const char *content, char *text, size_t size)
{
	int parent = open_directory();
	int fd = openat(parent, "x", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool something;

	assert_int_equal(dprintf(fd, "%s", content), (int)strlen(content));
	close(fd);
	something = text_read(parent, "x", text, size);
	unlinkat(parent, "x", 0);
	close(parent);
	return something;
}

static void a_file_is_read_without_its_last_newline(void **state)
{
	char text[16];

	(void)state;
	assert_true(read_back("one\n", text, sizeof(text)));
	assert_string_equal(text, "one");
	assert_true(read_back("one\ntwo\n", text, sizeof(text)));
	assert_string_equal(text, "one\ntwo");
	assert_true(read_back("one", text, sizeof(text)));
	assert_string_equal(text, "one");
}

static void an_empty_line_is_something(void **state)
{
	char text[16] = "before";

	(void)state;
	assert_true(read_back("\n", text, sizeof(text)));
	assert_string_equal(text, "");
}

static void an_empty_file_and_none_are_nothing(void **state)
{
	char text[16] = "before";

	(void)state;
	assert_false(read_back("", text, sizeof(text)));
	assert_string_equal(text, "");
	text[0] = 'x';
	assert_false(text_read(AT_FDCWD, "/there/is/none", text, sizeof(text)));
	assert_string_equal(text, "");
}

static void what_does_not_fit_is_cut_off(void **state)
{
	char text[4];

	(void)state;
	assert_true(read_back("longer\n", text, sizeof(text)));
	assert_string_equal(text, "lon");
}

static void a_link_is_read_for_its_last_name(void **state)
{
	char path[64], name[16] = "before";

	(void)state;
	snprintf(path, sizeof(path), "%s/link", directory);
	assert_int_equal(symlink("../../bus/drivers/dwc2", path), 0);
	text_read_link(path, name, sizeof(name));
	assert_string_equal(name, "dwc2");
	unlink(path);
	assert_int_equal(symlink("dwc2", path), 0);
	text_read_link(path, name, sizeof(name));
	assert_string_equal(name, "dwc2");
	unlink(path);
	text_read_link(path, name, sizeof(name));
	assert_string_equal(name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_without_its_last_newline),
		cmocka_unit_test(an_empty_line_is_something),
		cmocka_unit_test(an_empty_file_and_none_are_nothing),
		cmocka_unit_test(what_does_not_fit_is_cut_off),
		cmocka_unit_test(a_link_is_read_for_its_last_name),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("text", tests, NULL, NULL);
	rmdir(directory);
	return failed;
}
