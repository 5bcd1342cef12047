// SPDX-License-Identifier: GPL-2.0-or-later
/* The status on D-Bus, and a bus that asks without an end, or takes no answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include <cmocka.h>

#include "systemd/bus.h"
#include "test_block.h"

#define FLOOD 100000 /* more than the sockets take */

static char directory[] = "/tmp/iiobridge-bus-XXXXXX";
static char path[sizeof(directory) + 8];
static sd_event *event;
static struct status_bus *status_bus;
static int listener;
static sd_bus *bus; /* the bus's end */
static unsigned int looks, answers, connections;

static void get_status(void *userdata, struct status *status)
{
	(void)userdata;
	looks++;
	*status = (struct status){ .state = FUNCTION_BOUND };
}

static const struct status_source source = { .get = get_status };

/* The bus's own methods; what they answer matters to nobody, but for the name of who says hello. */
static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	(void)userdata;
	(void)error;
	if (sd_bus_message_is_method_call(message, NULL, "Hello"))
		return sd_bus_reply_method_return(message, "s", ":1.1");
	if (sd_bus_message_is_method_call(message, NULL, "RequestName"))
		return sd_bus_reply_method_return(message, "u", 1);
	if (sd_bus_message_is_method_call(message, NULL, NULL))
		return sd_bus_reply_method_return(message, NULL);
	answers += sd_bus_message_get_reply_cookie(message, &(uint64_t){ 0 }) >= 0;
	return 1;
}

static int on_connection(sd_event_source *io, int fd, uint32_t events, void *userdata)
{
	int connection = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	sd_id128_t id;

	(void)io;
	(void)events;
	(void)userdata;
	bus = sd_bus_close_unref(bus);
	connections++;
	assert_int_equal(sd_id128_randomize(&id), 0);
	assert_true(sd_bus_new(&bus) >= 0);
	assert_true(sd_bus_set_fd(bus, connection, connection) >= 0);
	assert_true(sd_bus_set_server(bus, true, id) >= 0);
	assert_true(sd_bus_add_filter(bus, NULL, on_message, NULL) >= 0);
	assert_true(sd_bus_start(bus) >= 0);
	assert_true(sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL) >= 0);
	return 0;
}

static void listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_true(sd_event_add_io(event, NULL, listener, EPOLLIN, on_connection, NULL) >= 0);
}

static int begin(void **state)
{
	char address[sizeof(path) + 16];

	(void)state;
	looks = answers = connections = 0;
	snprintf(path, sizeof(path), "%s/bus", directory);
	snprintf(address, sizeof(address), "unix:path=%s", path);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, true);
	assert_true(sd_event_new(&event) >= 0);
	listen_at(path);
	assert_int_equal(status_bus_new(&status_bus, event, &source), 0);
	while (sd_event_run(event, 100000) > 0)
		;
	assert_int_equal(connections, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	status_bus_free(status_bus);
	bus = sd_bus_close_unref(bus);
	close(listener);
	event = sd_event_unref(event);
	return unlink(path);
}

/* Ask for all properties. Return: whether the daemon is still there. */
static bool ask(void)
{
	sd_bus_message *message;
	int ret;

	assert_true(sd_bus_message_new_method_call(bus, &message, ":1.1", "/org/iiobridge",
						   "org.freedesktop.DBus.Properties",
						   "GetAll") >= 0);
	assert_true(sd_bus_message_append(message, "s", "org.iiobridge.Bridge") >= 0);
	ret = sd_bus_send(bus, message, &(uint64_t){ 0 });
	sd_bus_message_unref(message);
	return ret >= 0;
}

static void who_asks_is_answered(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		assert_true(ask());
	while (sd_event_run(event, 100000) > 0)
		;
	assert_int_equal(looks, 10);
	assert_int_equal(answers, 10);
}

static void nobody_is_answered_before_a_block(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		assert_true(ask());
	assert_int_equal(sd_bus_flush(bus), 0);
	assert_true(turns_of_a_block(event, 100) >= 90);
	assert_int_equal(looks, 0);
	while (sd_event_run(event, 100000) > 0)
		;
	assert_int_equal(answers, 10);
}

/* It sends, and reads nothing: answers would be kept for it without an end. */
static void a_bus_that_takes_no_answer_is_left_for_a_while(void **state)
{
	unsigned int sent = 0;

	(void)state;
	assert_true(sd_bus_detach_event(bus) >= 0);
	for (; sent < FLOOD && ask(); sent++)
		while (sd_event_run(event, 0) > 0)
			;
	assert_in_range(sent, 256, FLOOD - 1);
	/* It tries again, and finds the bus as it should be. */
	while (connections == 1)
		assert_true(sd_event_run(event, 5000000) > 0);
	while (sd_event_run(event, 100000) > 0)
		;
	looks = answers = 0;
	assert_true(ask());
	while (sd_event_run(event, 100000) > 0)
		;
	assert_int_equal(looks, 1);
	assert_int_equal(answers, 1);
}

#define bus_test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bus_test(who_asks_is_answered),
		bus_test(nobody_is_answered_before_a_block),
		bus_test(a_bus_that_takes_no_answer_is_left_for_a_while),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("status bus", tests, NULL, NULL);
	rmdir(directory);
	return failed;
}
