// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records go out in batches, in order, and those that cannot are counted. The endpoint here is a
 * script; the real one is tested on the board.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/records.h"
#include "daemon/wire.h"

/* A host that reads a batch when the test says so. */
static struct script {
	struct port port;
	int wait_fd;
	bool open;
	int refusal;		   /* what submit answers, 0: it takes the batch */
	unsigned int in_flight;	   /* batches */
	unsigned int readable;	   /* of these, what the host has read */
	unsigned int batches[200]; /* records in each */
	unsigned int batch_count;
	struct iiobridge_record received[2 * RECORDS_QUEUE];
	unsigned int count;
} script;

static int script_open(struct port *port)
{
	(void)port;
	script.open = true;
	script.wait_fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

static int script_submit(struct port *port, const struct block *block, uint32_t length)
{
	(void)port;
	assert_true(script.open);
	assert_true(length <= block->size);
	assert_int_not_equal(length % 64, 0);
	assert_int_equal(length % sizeof(struct iiobridge_record), 0);
	if (script.refusal)
		return script.refusal;
	memcpy(&script.received[script.count], block->memory, length);
	script.batches[script.batch_count++] = length / sizeof(struct iiobridge_record);
	script.count += length / (unsigned int)sizeof(struct iiobridge_record);
	script.in_flight++;
	return 0;
}

static int script_reap(struct port *port, struct completion *completion)
{
	(void)port;
	if (!script.readable)
		return -EAGAIN;
	*completion = (struct completion){ 0 };
	script.readable--;
	script.in_flight--;
	return 0;
}

static int script_wait_fd(struct port *port)
{
	(void)port;
	return script.wait_fd;
}

static void script_close(struct port *port)
{
	(void)port;
	if (script.open)
		close(script.wait_fd);
	script.open = false;
	script.in_flight = script.readable = 0;
}

static const struct port_ops script_ops = {
	.open = script_open,
	.submit = script_submit,
	.reap = script_reap,
	.wait_fd = script_wait_fd,
	.close = script_close,
};

/* The endpoint is the script's port. */
__typeof__(endpoint_new) __wrap_endpoint_new;
struct port *__wrap_endpoint_new(struct function *function, unsigned int number, const char *name,
				 struct error *error)
{
	(void)function;
	assert_int_equal(number, 3);
	script = (struct script){ .port = { .ops = &script_ops, .name = name, .error = error } };
	return &script.port;
}

__typeof__(endpoint_set_copying) __wrap_endpoint_set_copying;
void __wrap_endpoint_set_copying(struct port *port, bool copying)
{
	(void)port;
	assert_true(copying);
}

__typeof__(endpoint_free) __wrap_endpoint_free;
void __wrap_endpoint_free(struct port *port)
{
	script_close(port);
}

struct fixture {
	sd_event *event;
	struct records *records;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	assert_true(sd_event_new(&fixture.event) >= 0);
	assert_int_equal(records_new(&fixture.records, fixture.event, NULL, 3), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	records_free(fixture->records);
	sd_event_unref(fixture->event);
	return 0;
}

static void add(struct fixture *fixture, uint32_t run, uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++)
		records_add(fixture->records,
			    &(struct iiobridge_record){
				    .route = 2,
				    .run = run,
				    .sequence = i,
				    .bytes = 4096,
			    },
			    false);
}

static void host_reads(struct fixture *fixture)
{
	script.readable = script.in_flight;
	records_kick(fixture->records);
}

/* The host has everything from number @first on, in order. */
static void assert_received(uint64_t first, unsigned int count)
{
	assert_int_equal(script.count, count);
	for (unsigned int i = 0; i < count; i++) {
		wire_record(&script.received[i]);
		assert_int_equal(script.received[i].sequence, first + i);
	}
}

static void a_full_batch_goes_at_once(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	add(fixture, 1, 0, IIOBRIDGE_RECORDS_MAX - 1);
	assert_int_equal(script.batch_count, 0);
	add(fixture, 1, IIOBRIDGE_RECORDS_MAX - 1, 1);
	assert_int_equal(script.batch_count, 1);
	assert_received(0, IIOBRIDGE_RECORDS_MAX);
}

static void a_few_go_after_a_while(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	/* Of four, one waits for the next batch: four would fill a packet. */
	add(fixture, 1, 0, 4);
	assert_int_equal(script.batch_count, 0);
	for (unsigned int turns = 0; script.count < 4 && turns < 100; turns++)
		assert_true(sd_event_run(fixture->event, 1000000) >= 0);
	assert_int_equal(script.batches[0], 3);
	assert_int_equal(script.batches[1], 1);
	assert_received(0, 4);
}

static void what_a_batch_leaves_over_goes_too(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	add(fixture, 1, 0, IIOBRIDGE_RECORDS_MAX + 1);
	assert_int_equal(script.count, IIOBRIDGE_RECORDS_MAX);
	for (unsigned int turns = 0; script.batch_count < 2 && turns < 100; turns++)
		assert_true(sd_event_run(fixture->event, 1000000) >= 0);
	assert_received(0, IIOBRIDGE_RECORDS_MAX + 1);
}

static void the_end_of_a_run_waits_for_nothing(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	add(fixture, 1, 0, 5);
	records_add(fixture->records,
		    &(struct iiobridge_record){
			    .route = 2, .run = 1, .sequence = 5, .flags = IIOBRIDGE_RECORD_END },
		    false);
	assert_received(0, 6);
}

/* It takes those along that wait, and does not overtake a host that reads no more. */
static void what_is_waited_for_goes_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct iiobridge_record record = { .route = 2, .run = 1, .bytes = 4096 };

	records_open(fixture->records);
	add(fixture, 1, 0, 2);
	assert_int_equal(script.batch_count, 0);
	for (record.sequence = 2; record.sequence < 5; record.sequence++)
		records_add(fixture->records, &record, true);
	assert_int_equal(script.batch_count, 2);
	assert_int_equal(script.batches[0], 3);
	assert_int_equal(script.batches[1], 1);
	host_reads(fixture);
	assert_int_equal(script.batch_count, 3);
	assert_received(0, 5);
}

static void a_host_that_does_not_read_loses_the_oldest(void **state)
{
	struct fixture *fixture = *state;
	const unsigned int in_flight = 2 * IIOBRIDGE_RECORDS_MAX;
	const unsigned int total = in_flight + RECORDS_QUEUE + 10;

	records_open(fixture->records);
	add(fixture, 1, 0, total);
	assert_int_equal(script.in_flight, 2);
	assert_int_equal(records_lost(fixture->records, 2, 1), 10);
	assert_int_equal(records_lost(fixture->records, 2, 0), 0);
	assert_int_equal(records_lost(fixture->records, 1, 1), 0);
	/* It reads after all. */
	for (unsigned int turns = 0; script.count < total - 10 && turns < 200; turns++) {
		host_reads(fixture);
		if (!script.in_flight)
			assert_true(sd_event_run(fixture->event, 1000000) >= 0);
	}
	assert_int_equal(script.count, total - 10);
	for (unsigned int i = 0; i < script.count; i++) {
		wire_record(&script.received[i]);
		assert_int_equal(script.received[i].sequence, i < in_flight ? i : i + 10);
	}
	assert_int_equal(records_lost(fixture->records, 2, 1), 10);
	/* What is dropped of an older run is nobody's loss any more. */
	add(fixture, 2, 0, 1);
	assert_int_equal(records_lost(fixture->records, 2, 2), 0);
	assert_int_equal(records_lost(fixture->records, 2, 1), 0);
}

static void what_was_being_sent_to_a_host_that_went_is_lost(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	add(fixture, 1, 0, IIOBRIDGE_RECORDS_MAX);
	assert_int_equal(script.in_flight, 1);
	records_close(fixture->records);
	assert_int_equal(records_lost(fixture->records, 2, 1), IIOBRIDGE_RECORDS_MAX);
	/* What comes without a host waits for the next. */
	script.count = 0;
	add(fixture, 1, IIOBRIDGE_RECORDS_MAX, IIOBRIDGE_RECORDS_MAX);
	records_open(fixture->records);
	assert_received(IIOBRIDGE_RECORDS_MAX, IIOBRIDGE_RECORDS_MAX);
}

static void a_port_that_has_to_wait_is_kicked(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	script.refusal = -EAGAIN;
	add(fixture, 1, 0, IIOBRIDGE_RECORDS_MAX);
	assert_int_equal(script.count, 0);
	assert_true(script.open);
	script.refusal = 0;
	records_kick(fixture->records);
	assert_received(0, IIOBRIDGE_RECORDS_MAX);
}

static void a_port_that_fails_is_closed(void **state)
{
	struct fixture *fixture = *state;

	records_open(fixture->records);
	script.refusal = -ESHUTDOWN;
	add(fixture, 1, 0, IIOBRIDGE_RECORDS_MAX);
	assert_false(script.open);
	assert_int_equal(records_lost(fixture->records, 2, 1), 0);
	script.refusal = 0;
	records_open(fixture->records);
	assert_received(0, IIOBRIDGE_RECORDS_MAX);
}

#define records_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		records_test(a_full_batch_goes_at_once),
		records_test(a_few_go_after_a_while),
		records_test(what_a_batch_leaves_over_goes_too),
		records_test(the_end_of_a_run_waits_for_nothing),
		records_test(what_is_waited_for_goes_at_once),
		records_test(a_host_that_does_not_read_loses_the_oldest),
		records_test(what_was_being_sent_to_a_host_that_went_is_lost),
		records_test(a_port_that_has_to_wait_is_kicked),
		records_test(a_port_that_fails_is_closed),
	};

	return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
