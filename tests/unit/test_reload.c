// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host has seen stays until a restart, the rest of a good file is put in force. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/log.h"
#include "daemon/reload.h"

#define RX(keys) "{ name = \"rx\"; from = \"iio:adc\"; to = \"usb\"; " keys " }"
#define TX(keys) "{ name = \"tx\"; from = \"usb\"; to = \"iio:dac\"; " keys " }"

struct fixture {
	char path[64];
	struct bridge_config config;
	uint32_t changed;
	FILE *messages;
	int stderr_before;
};

static void write_file(const struct fixture *fixture, const char *text)
{
	FILE *file = fopen(fixture->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char error[512] = "";
	int fd;

	assert_non_null(fixture);
	strcpy(fixture->path, "/tmp/iiobridge-test-XXXXXX");
	fd = mkstemp(fixture->path);
	assert_true(fd >= 0);
	close(fd);
	write_file(fixture, "routes = (\n" RX("") ",\n" TX("") " );\n");
	if (config_load(fixture->path, &fixture->config, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	fixture->messages = tmpfile();
	assert_non_null(fixture->messages);
	fixture->stderr_before = dup(STDERR_FILENO);
	assert_true(dup2(fileno(fixture->messages), STDERR_FILENO) >= 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	dup2(fixture->stderr_before, STDERR_FILENO);
	close(fixture->stderr_before);
	fclose(fixture->messages);
	unlink(fixture->path);
	free(fixture);
	return 0;
}

/* Read @text as the new file, and check all that is said: @lines, each with a newline. */
static int reload_says(struct fixture *fixture, const char *text, const char *lines)
{
	char said[2048] = "";
	char wanted[2048];
	size_t length;
	int ret;

	write_file(fixture, text);
	ret = reload(&fixture->config, fixture->path, &fixture->changed);
	rewind(fixture->messages);
	length = fread(said, 1, sizeof(said) - 1, fixture->messages);
	said[length] = '\0';
	assert_int_equal(ftruncate(fileno(fixture->messages), 0), 0);
	rewind(fixture->messages);
	snprintf(wanted, sizeof(wanted), lines, fixture->path);
	assert_string_equal(said, wanted);
	return ret;
}

#define READ_AGAIN    "iiobridged: %s: read again\n"
#define NEEDS_RESTART "; a restart of the service puts that in force\n"

static void an_unchanged_file_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		reload_says(fixture, "routes = (\n" RX("") ", " TX("") " );\n", READ_AGAIN), 0);
	assert_int_equal(fixture->changed, 0);
}

static void keys_of_a_route_are_for_its_next_start(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		reload_says(
			fixture,
			"routes = (" RX("") ", " TX("blocks = 4; start = \"always\";") ");",
			"iiobridged: route \"tx\": new blocks, start; its next start uses that\n" //
			READ_AGAIN),
		0);
	assert_int_equal(fixture->changed, 1 << 1);
	assert_int_equal(fixture->config.routes[1].block_count, 4);
	assert_int_equal(fixture->config.routes[1].start, CONFIG_START_ALWAYS);
	assert_int_equal(fixture->config.routes[0].block_count, 8);
}

static void a_broken_file_leaves_the_old_one_in_force(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		reload_says(fixture, "routes = (\n" RX("blocks = 9;") ",\n" TX("blocks = 1;") " );",
			    "iiobridged: %s:3: routes[1].blocks: is 1, but must be from 2 "
			    "to 1024; the configuration that was read before stays in force\n"),
		-EINVAL);
	assert_int_equal(fixture->config.routes[0].block_count, 8);
}

static void a_missing_file_leaves_the_old_one_in_force(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	assert_int_equal(reload(&fixture->config, fixture->path, &fixture->changed), -ENOENT);
	assert_int_equal(fixture->config.route_count, 2);
}

static void what_a_host_has_seen_waits_for_a_restart(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		reload_says(
			fixture,
			"gadget: { vendor_id = 1; serial = \"x\"; };\n"
			"routes = ( " TX("blocks = 4;") ", "
							"{ name = \"rx\"; from = \"iio:other\"; to "
							"= \"usb\"; blocks = 4; }, "
							"{ name = \"rx2\"; from = \"iio:adc2\"; to "
							"= \"usb\"; } );",
			"iiobridged: gadget: the file has other vendor_id, serial" NEEDS_RESTART
			"iiobridged: route \"rx\": the file has other from, blocks" NEEDS_RESTART
			"iiobridged: route \"tx\": new blocks; its next start uses that\n"
			"iiobridged: route \"rx2\": the file has it as a new one" NEEDS_RESTART
			"iiobridged: routes: the file has them in another order" NEEDS_RESTART //
				READ_AGAIN),
		0);
	assert_int_equal(fixture->changed, 1 << 1);
	assert_int_equal(fixture->config.gadget.vendor_id, 0x1d6b);
	assert_int_equal(fixture->config.route_count, 2);
	assert_string_equal(fixture->config.routes[0].from.device, "adc");
	assert_int_equal(fixture->config.routes[0].block_count, 8);
	assert_int_equal(fixture->config.routes[1].block_count, 4);
}

static void a_route_that_is_gone_stays_until_a_restart(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(reload_says(fixture, "routes = ( " TX("") " );",
				     "iiobridged: route \"rx\": the file has it no longer" //
				     NEEDS_RESTART READ_AGAIN),
			 0);
	assert_int_equal(fixture->changed, 0);
	assert_int_equal(fixture->config.route_count, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_unchanged_file_changes_nothing),
		TEST(keys_of_a_route_are_for_its_next_start),
		TEST(a_broken_file_leaves_the_old_one_in_force),
		TEST(a_missing_file_leaves_the_old_one_in_force),
		TEST(what_a_host_has_seen_waits_for_a_restart),
		TEST(a_route_that_is_gone_stays_until_a_restart),
	};

	unsetenv("JOURNAL_STREAM");
	log_open(LOG_INFO);
	return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
