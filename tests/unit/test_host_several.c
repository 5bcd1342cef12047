// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several routes on one command line, and what says that their recordings belong together.
 */
#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/sigmf.h"

#include "test_usb_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_folder.h"

static struct failure failure;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void one_route_of_a_board_is_captured(void **state)
{
	(void)state;
	fake.devices[1].is_there = true;
	assert_int_equal(call(cmd_capture, "capture -r two:rx -n 100 --verify counter"), STATUS_OK);
	assert_int_equal(call(cmd_capture, "capture -r three:rx -n 100 --verify counter"),
			 STATUS_NO_BOARD);
	assert_non_null(strstr(said, "no board has the serial number three; there is: one, two"));
	/* The name of a route has no colon. */
	fake.devices[1].serial = "a:b";
	assert_int_equal(call(cmd_capture, "capture -s one -r a:b:rx -n 100 --verify counter"),
			 STATUS_OK);
	assert_int_equal(call(cmd_capture, "capture -s a:b -r rx -n 100 --verify counter"),
			 STATUS_OK);
}

static void wrong_command_lines_are_explained(void **state)
{
	static const struct {
		const char *line, *reason;
	} wrong[] = {
		{ "capture -r a -r b -o -", "do not fit into one pipe" },
		{ "capture -r a -r b -o x --records -", "do not fit into one pipe" },
		{ "capture -r a -r b -o x --reconnect", "--reconnect is for one route" },
		{ "capture -r rx -r rx -o x", "route rx of the board at 001:005 is given twice" },
		{ "capture -r rx -r one:rx -o x", "is given twice" },
		{ "capture -r rx -r ry -o x", "has no route \"ry\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(call(cmd_capture, wrong[i].line), STATUS_USAGE);
		if (!strstr(said, wrong[i].reason))
			fail_msg("\"%s\" is not in \"%s\"", wrong[i].reason, said);
	}
	unlink("x-rx");
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

static int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

static void a_collection_names_its_recordings_with_their_hashes(void **state)
{
	const char *const names[] = { "x-a.sigmf-meta", "x-b.sigmf-data" };
	char hash[SIGMF_SHA512_SIZE], text[2048];

	(void)state;
	write_text("x-a.sigmf-meta", "a");
	assert_true(sigmf_collection_write("x.sigmf-meta", names, 2, NULL, &failure) < 0);
	assert_non_null(strstr(failure.message, "x-b.sigmf-meta cannot be opened"));
	assert_int_not_equal(access("x.sigmf-collection", F_OK), 0);

	write_text("x-b.sigmf-meta", "b");
	assert_int_equal(sigmf_collection_write("x.sigmf-meta", names, 2, "two", &failure), 0);
	read_file("x.sigmf-collection", text, sizeof(text));
	assert_non_null(strstr(text, "\"name\": \"x-a\""));
	assert_non_null(strstr(text, "\"name\": \"x-b\""));
	assert_non_null(strstr(text, sigmf_sha512("b", 1, hash)));
	assert_non_null(strstr(text, "\"core:version\": \"1.2.5\""));
	assert_non_null(strstr(text, "\"core:description\": \"two\""));
	unlink("x-a.sigmf-meta");
	unlink("x-b.sigmf-meta");
	unlink("x.sigmf-collection");
}

/* The names in the collection and those in the recordings lead to each other. */
static void recordings_name_their_collection(void **state)
{
	static const char *const recordings[] = { "a-rx.sigmf-meta", "a-ry.sigmf-meta" };
	char collection[2048], text[8192], hash[SIGMF_SHA512_SIZE];
	struct sigmf meta;

	(void)state;
	fake.info.route_count = 2;
	assert_int_equal(call(cmd_capture, "capture -r rx -r ry -n 100000 -o ./a.sigmf-data"),
			 STATUS_OK);
	read_file("a.sigmf-collection", collection, sizeof(collection));
	for (size_t i = 0; i < 2; i++) {
		read_file(recordings[i], text, sizeof(text));
		assert_non_null(strstr(collection, sigmf_sha512(text, strlen(text), hash)));
		assert_int_equal(sigmf_read(recordings[i], &failure, &meta), 0);
		assert_string_equal(meta.collection, "a");
		assert_int_equal(strstr(meta.description, "of route rx, on the board's clock") !=
					 NULL,
				 i == 1);
		sigmf_clear(&meta);
	}
	assert_int_equal(call(cmd_capture, "capture -r rx -n 100 -o a-rx.sigmf-meta"), STATUS_OK);
	assert_int_equal(sigmf_read("a-rx.sigmf-meta", &failure, &meta), 0);
	assert_null(meta.collection);
	sigmf_clear(&meta);
	unlink("a-rx.sigmf-meta");
	unlink("a-rx.sigmf-data");
	unlink("a-ry.sigmf-meta");
	unlink("a-ry.sigmf-data");
	unlink("a.sigmf-collection");
}

static bool refuse_the_second_start(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
				    int *result)
{
	(void)data;
	(void)length;
	if (request != IIOBRIDGE_START || value != 1)
		return false;
	/* The first route has sent what it does. */
	fake_wait_for(fake.routes[0].allowance == 0);
	fake_set(fake.error.request = request; fake.error.value = value);
	*result = LIBUSB_ERROR_PIPE;
	return true;
}

static void what_came_before_a_later_route_was_refused_is_a_recording(void **state)
{
	struct sigmf meta;
	struct stat status;

	(void)state;
	fake.info.route_count = 2;
	fake.on_request = refuse_the_second_start;
	fake.routes[0].allowance = 1;
	fake.routes[0].partial_at_cancel = 1026; /* 256 samples and a half */
	assert_int_equal(call(cmd_capture, "capture -r rx -r ry -n 100000 -o a.sigmf-meta"),
			 STATUS_REFUSED);
	assert_int_equal(stat("a-rx.sigmf-data", &status), 0);
	assert_int_equal(status.st_size, 65536 + 1024); /* and a block before them */
	assert_int_equal(sigmf_read("a-rx.sigmf-meta", &failure, &meta), 0);
	assert_null(meta.collection);
	sigmf_clear(&meta);
	assert_int_not_equal(access("a.sigmf-collection", F_OK), 0);
	unlink("a-rx.sigmf-meta");
	unlink("a-rx.sigmf-data");
	unlink("a-ry.sigmf-data");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_route_of_a_board_is_captured),
		TEST(wrong_command_lines_are_explained),
		TEST(a_collection_names_its_recordings_with_their_hashes),
		TEST(recordings_name_their_collection),
		TEST(what_came_before_a_later_route_was_refused_is_a_recording),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
