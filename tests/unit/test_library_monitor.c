// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boards that come and go.
 */
#include "test_library_call.h"

#define TIMEOUT_MS 100000 /* for what must come */
#define CAME	   IIOBRIDGE_BOARD_CAME
#define WENT	   IIOBRIDGE_BOARD_WENT
#define CANCELLED  IIOBRIDGE_ERROR_CANCELLED

static struct iiobridge_monitor *monitor;
static struct iiobridge_event event;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	monitor = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	iiobridge_monitor_free(monitor);
	return fake_check();
}

static void watch(void)
{
	assert_int_equal(iiobridge_monitor_new(&monitor), 0);
}

/* The next that is told. */
static void assert_event(int kind, const char *serial, const char *location)
{
	assert_int_equal(iiobridge_monitor_next(monitor, TIMEOUT_MS, &event), 1);
	assert_int_equal(event.kind, kind);
	assert_string_equal(event.serial, serial);
	assert_string_equal(event.location, location);
}

static void settle(void)
{
	/* Only behind two seconds an error is believed, and nothing more is done. */
	atomic_fetch_add(&fake_ahead_s, 3);
}

static void boards_that_are_there_come_first(void **state)
{
	(void)state;
	fake.devices[1].is_there = fake.devices[2].is_there = true;
	fake.devices[1].interface_name = "another's";
	watch();
	assert_event(CAME, "one", "001:005");
	assert_int_equal(event.error, 0);
	assert_event(CAME, "three", "001:007");
	assert_int_equal(iiobridge_monitor_next(monitor, 0, &event), 0);
}

static void boards_come_and_go_and_come_back(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	watch();
	assert_int_equal(iiobridge_monitor_next(monitor, 1, &event), 0);
	for (int i = 0; i < 5; i++) {
		fake_plug(0, true);
		assert_event(CAME, "one", "001:005");
		fake_plug(1, true);
		assert_event(CAME, "two", "001:006");
		fake_plug(0, false);
		assert_event(WENT, "one", "001:005");
		fake_plug(1, false);
		assert_event(WENT, "two", "001:006");
		settle();
	}
}

static void without_libusb_s_help_the_bus_is_looked_at(void **state)
{
	(void)state;
	fake.no_hotplug = true;
	watch();
	assert_event(CAME, "one", "001:005");
	settle();
	fake_plug(1, true);
	assert_event(CAME, "two", "001:006");
	settle();
	fake_plug(0, false);
	assert_event(WENT, "one", "001:005");
}

/* The permission comes a moment after the board. */
static void an_error_is_not_believed_at_once(void **state)
{
	unsigned int asked;

	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	watch();
	assert_int_equal(iiobridge_monitor_next(monitor, 1, &event), 0);
	fake_set(fake.devices[0].open_error = 0);
	assert_event(CAME, "one", "001:005");
	assert_int_equal(event.error, 0);
	asked = fake.requests[IIOBRIDGE_GET_DEVICE];
	assert_int_equal(asked, 1);
}

static void a_board_without_permission_comes_with_an_error(void **state)
{
	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	watch();
	settle();
	assert_event(CAME, "", "001:005");
	assert_int_equal(event.error, IIOBRIDGE_ERROR_ACCESS);
	assert_non_null(strstr(event.message, "no permission to open the board at 001:005"));
	/* Another comes, and it can be opened meanwhile. */
	fake_set(fake.devices[0].open_error = 0);
	fake_plug(1, true);
	assert_event(CAME, "one", "001:005");
	assert_int_equal(event.error, 0);
	assert_event(CAME, "two", "001:006");
	fake_plug(0, false);
	assert_event(WENT, "one", "001:005");
}

static bool plug_meanwhile(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			   int *result)
{
	(void)request;
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (fake.devices[1].is_there)
		return false;
	fake_plug(1, true);
	/* Requests run libusb's event loop, which tells of it. */
	fake_lock();
	for (libusb_context *context = fake_contexts; context; context = context->next)
		fake_tell_change(context);
	fake_unlock();
	return false;
}

/* The bus was looked at just before, and is quiet behind it. */
static void a_board_that_comes_while_another_is_asked_is_seen(void **state)
{
	(void)state;
	fake.devices[0].open_error = LIBUSB_ERROR_ACCESS;
	watch();
	fake_set(fake.on_request = plug_meanwhile);
	fake_set(fake.devices[0].open_error = 0);
	settle();
	assert_event(CAME, "one", "001:005");
	settle();
	assert_event(CAME, "two", "001:006");
}

static void many_events_wait_in_order(void **state)
{
	(void)state;
	fake.devices[0].is_there = false;
	watch();
	for (unsigned int i = 0; i < 40; i++) {
		struct pollfd file = { .fd = iiobridge_monitor_fd(monitor), .events = POLLIN };

		fake_plug(0, i % 2 == 0);
		assert_int_equal(poll(&file, 1, TIMEOUT_MS), 1);
		assert_event(i % 2 ? WENT : CAME, "one", "001:005");
		assert_int_equal(iiobridge_monitor_next(monitor, 0, &event), 0);
	}
	fake_plug(0, true);
	fake_plug(1, true);
	fake_plug(2, true);
	fake_plug(3, true);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(iiobridge_monitor_next(monitor, TIMEOUT_MS, &event), 1);
}

/* ---- waits that are ended ---- */

static int waited;

static void *wait_for_event(void *context)
{
	(void)context;
	waited = iiobridge_monitor_next(monitor, -1, &event);
	return NULL;
}

static pthread_t begin_wait(void)
{
	watch();
	assert_event(CAME, "one", "001:005");
	assert_false(somebody_waits(iiobridge_monitor_fd(monitor)));
	return wait_in_thread(iiobridge_monitor_fd(monitor), wait_for_event);
}

static void a_wait_is_cancelled_by_another_thread(void **state)
{
	pthread_t thread = begin_wait();

	(void)state;
	iiobridge_monitor_cancel(monitor);
	pthread_join(thread, NULL);
	assert_int_equal(waited, CANCELLED);
	assert_int_equal(iiobridge_monitor_next(monitor, 1, &event), 0);
	iiobridge_monitor_cancel(monitor);
	assert_int_equal(iiobridge_monitor_next(monitor, -1, &event), CANCELLED);
}

static void cancel(int number)
{
	(void)number;
	iiobridge_monitor_cancel(monitor);
}

static void a_wait_is_cancelled_by_a_signal_handler(void **state)
{
	(void)state;
	end_by_signal(begin_wait, cancel);
	assert_int_equal(waited, CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(boards_that_are_there_come_first),
		TEST(boards_come_and_go_and_come_back),
		TEST(without_libusb_s_help_the_bus_is_looked_at),
		TEST(an_error_is_not_believed_at_once),
		TEST(a_board_without_permission_comes_with_an_error),
		TEST(a_board_that_comes_while_another_is_asked_is_seen),
		TEST(many_events_wait_in_order),
		TEST(a_wait_is_cancelled_by_another_thread),
		TEST(a_wait_is_cancelled_by_a_signal_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
