// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures that are published, as a user calls them and a subscriber gets them.
 */
#include "host/cmd.h"

#include "test_usb_fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_subscriber.h"

/* A capture whose command line has the endpoint, and then the rest. */
static int capture(const char *rest)
{
	char line[256];

	snprintf(line, sizeof(line), "capture -o zmq:%s %s", ipc, rest);
	return call(cmd_capture, line);
}

static void a_capture_tells_what_nobody_heard(void **state)
{
	char reason[256];

	(void)state;
	snprintf(reason, sizeof(reason),
		 "NOBODY SUBSCRIBED to zmq:%s while 100000 of the samples were sent", ipc);
	assert_int_equal(capture("-n 100000"), STATUS_OK);
	assert_non_null(strstr(said, "gaps 0, lost 0, without a subscriber 100000\n"));
	assert_non_null(strstr(said, reason));
	assert_int_equal(capture("-n 100000 --json --records /dev/null"), STATUS_OK);
	assert_non_null(strstr(printed, "\"samples_unheard\": 100000"));
	assert_non_null(strstr(said, reason));
	assert_int_equal(call(cmd_capture, "capture --json -n 100000 -o /dev/null"), STATUS_OK);
	assert_non_null(strstr(printed, "\"samples_unheard\": null"));
}

static void what_needs_a_file_is_refused(void **state)
{
	static const struct {
		const char *rest, *reason;
	} wrong[] = {
		{ "--sigmf", "publishes samples and nothing else" },
		{ "--wav", "publishes samples and nothing else" },
		{ "--reconnect", "would not see where the board was away" },
		{ "-r rx -r rx1", "several routes need files" },
		{ "--author me", "give --sigmf" },
		{ "--records zmq:tcp://*:5555", "are not published" },
		{ "-o zmq:udp://*:5555", "tcp://ADDRESS:PORT or ipc://FILE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(capture(wrong[i].rest), STATUS_USAGE);
		assert_non_null(strstr(said, wrong[i].reason));
	}
	assert_string_equal(fake.log, "");
}

static void what_cannot_be_bound_starts_nothing(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_capture, "capture -o zmq:ipc:///nowhere/socket"), STATUS_FILE);
	assert_non_null(strstr(said, "zmq:ipc:///nowhere/socket: nothing can be published there"));
	assert_null(strstr(fake.log, "start"));
}

static struct subscriber listener;

/* The user presses Ctrl-C when somebody has got something; then the board sends no more. */
static void interrupt_when_heard(const struct libusb_transfer *transfer)
{
	bool heard;

	(void)transfer;
	fake_set(heard = fake.hold);
	if (heard || !take(&listener, ZMQ_DONTWAIT))
		return;
	fake_set(fake.hold = true);
	kill(getpid(), SIGINT);
}

/* The last test: the signal cannot be taken back. */
static void a_capture_that_is_interrupted_reaches_who_has_subscribed(void **state)
{
	unsigned int captured, unheard = 0;
	const char *told;

	(void)state;
	subscribe(&listener, ipc, 4, 1000);
	fake.on_complete = interrupt_when_heard;
	assert_int_equal(capture(""), STATUS_OK);
	assert_int_equal(sscanf(said, "captured %u samples", &captured), 1);
	told = strstr(said, ", without a subscriber ");
	assert_int_equal(told ? sscanf(told, ", without a subscriber %u\n", &unheard) : 1, 1);
	assert_int_equal(listener.first, unheard);
	listener.until = captured;
	take_all(&listener);
	assert_true(listener.whole);
	assert_int_equal(listener.next, captured);
	leave(&listener);
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_tells_what_nobody_heard),
		TEST(what_needs_a_file_is_refused),
		TEST(what_cannot_be_bound_starts_nothing),
		TEST(a_capture_that_is_interrupted_reaches_who_has_subscribed),
	};

	return cmocka_run_group_tests(tests, make_endpoints, remove_endpoints);
}
