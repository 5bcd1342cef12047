// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A block goes through a copying endpoint in pieces, in order, and comes back when all of them did.
 * The kernel's AIO and FunctionFS are stand-ins here; the real ones are tested on the board.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gadget/aio.h"
#include "gadget/endpoint.h"

#define PIECE 65536u
#define LIMIT 64u

/* What the stand-in for the kernel has in flight, and what it will give back. */
static struct {
	unsigned int limit;
	struct aio_transfer transfers[256];
	unsigned int submitted;
	struct aio_result results[256];
	unsigned int done, collected;
	bool quiet;
	bool open;
	bool cancelled;
	unsigned int late; /* transfers that moved, but whose results come after a stop */
	uint8_t address;
} kernel;

__typeof__(aio_new) __wrap_aio_new;
int __wrap_aio_new(struct aio **aio, unsigned int limit)
{
	kernel.limit = limit;
	*aio = (struct aio *)&kernel;
	return 0;
}

__typeof__(aio_free) __wrap_aio_free;
void __wrap_aio_free(struct aio *aio)
{
	(void)aio;
	kernel.submitted = kernel.collected;
}

__typeof__(aio_room) __wrap_aio_room;
unsigned int __wrap_aio_room(const struct aio *aio)
{
	(void)aio;
	return kernel.limit - (kernel.submitted - kernel.collected);
}

__typeof__(aio_is_idle) __wrap_aio_is_idle;
bool __wrap_aio_is_idle(const struct aio *aio)
{
	(void)aio;
	return kernel.submitted == kernel.collected;
}

__typeof__(aio_cancel) __wrap_aio_cancel;
void __wrap_aio_cancel(struct aio *aio)
{
	(void)aio;
	kernel.cancelled = true;
}

/* Takes no more than a few, whatever it is given. */
__typeof__(aio_submit) __wrap_aio_submit;
int __wrap_aio_submit(struct aio *aio, const struct aio_transfer *transfers, unsigned int count)
{
	unsigned int begun;

	assert_true(kernel.open);
	assert_true(kernel.quiet);
	assert_in_range(count, 1, AIO_BATCH);
	assert_in_range(count, 1, __wrap_aio_room(aio));
	for (begun = 0; begun < count && begun < 3; begun++)
		kernel.transfers[kernel.submitted++] = transfers[begun];
	return (int)begun;
}

__typeof__(aio_collect) __wrap_aio_collect;
int __wrap_aio_collect(struct aio *aio, struct aio_result *results, unsigned int max)
{
	unsigned int count = 0;

	(void)aio;
	while (count < max && kernel.collected < kernel.done)
		results[count++] = kernel.results[kernel.collected++];
	return (int)count;
}

__typeof__(endpoint_may_submit) __wrap_endpoint_may_submit;
bool __wrap_endpoint_may_submit(const struct endpoint *endpoint)
{
	(void)endpoint;
	return kernel.quiet;
}

__typeof__(endpoint_open_file) __wrap_endpoint_open_file;
int __wrap_endpoint_open_file(struct endpoint *endpoint)
{
	(void)endpoint;
	kernel.open = true;
	return 0;
}

__typeof__(endpoint_close_file) __wrap_endpoint_close_file;
void __wrap_endpoint_close_file(struct endpoint *endpoint)
{
	(void)endpoint;
	/* No transfer may hold the file then. */
	assert_int_equal(kernel.submitted, kernel.collected);
	kernel.open = false;
}

__typeof__(endpoint_address) __wrap_endpoint_address;
uint8_t __wrap_endpoint_address(struct port *port)
{
	(void)port;
	return kernel.address;
}

/* The next @count transfers move all of their bytes. */
static void move(unsigned int count)
{
	while (count--) {
		const struct aio_transfer *transfer = &kernel.transfers[kernel.done];

		assert_true(kernel.done < kernel.submitted);
		kernel.results[kernel.done++] =
			(struct aio_result){ .tag = transfer->tag, .result = transfer->length };
	}
}

/* The next transfer ends with @result. */
static void end(int64_t result)
{
	kernel.results[kernel.done] = (struct aio_result){
		.tag = kernel.transfers[kernel.done].tag,
		.result = result,
	};
	kernel.done++;
}

/* One result for each time that somebody waits for it. */
__typeof__(aio_wait) __wrap_aio_wait;
int __wrap_aio_wait(const struct aio *aio, int timeout_ms)
{
	(void)aio;
	assert_true(kernel.cancelled);
	assert_in_range(timeout_ms, 1, 10000);
	if (kernel.late) {
		kernel.late--;
		move(1);
	} else {
		end(-ECONNRESET);
	}
	return 0;
}

static struct endpoint endpoint;
static struct error error;
static struct port *const port = &endpoint.port;
static char memory[4 << 20];
static const struct block block = { .fd = -1, .size = sizeof(memory), .memory = memory };

static int set_up(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.quiet = true;
	kernel.address = 0x81;
	endpoint = (struct endpoint){ .port = { .name = "test", .error = &error }, .fd = -1 };
	endpoint_set_copying(port, true);
	assert_true(port->copies);
	assert_int_equal(port->ops->open(port), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	port->ops->close(port);
	assert_false(kernel.open);
	return 0;
}

static void a_block_goes_in_pieces(void **state)
{
	struct completion completion;

	(void)state;
	assert_int_equal(port->ops->submit(port, &block, 2 * PIECE + 12), 0);
	assert_int_equal(kernel.submitted, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_true(kernel.transfers[i].write);
		assert_ptr_equal(kernel.transfers[i].memory, memory + i * PIECE);
		assert_int_equal(kernel.transfers[i].length, i < 2 ? PIECE : 12);
	}
	move(2);
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	move(1);
	assert_int_equal(port->ops->reap(port, &completion), 0);
	assert_int_equal(completion.status, 0);
	assert_true(completion.submitted_ns <= completion.queued_ns);
	assert_true(completion.queued_ns <= completion.time_ns);
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
}

/* A whole packet would not tell the host that it ends. */
static void a_block_that_ends_short_ends_with_a_short_packet(void **state)
{
	struct completion completion;

	(void)state;
	port->ends_short = true;
	assert_int_equal(port->ops->submit(port, &block, PIECE + 12), 0);
	assert_int_equal(kernel.submitted, 2);
	assert_int_equal(port->ops->submit(port, &block, PIECE + 1024), 0);
	assert_int_equal(kernel.submitted, 5);
	assert_int_equal(kernel.transfers[3].length, 1024);
	assert_int_equal(kernel.transfers[4].length, 0);
	assert_true(kernel.transfers[4].write);
	assert_int_equal(port->ops->submit(port, &block, sizeof(memory)), 0);
	assert_int_equal(kernel.submitted, LIMIT);
	move(2);
	assert_int_equal(port->ops->reap(port, &completion), 0);
	move(2);
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	move(1);
	assert_int_equal(port->ops->reap(port, &completion), 0);
	assert_int_equal(completion.status, 0);
	/* One that is full needs none. */
	while (kernel.done < kernel.submitted) {
		move(1);
		assert_int_equal(port->ops->reap(port, &completion),
				 kernel.done == 5 + sizeof(memory) / PIECE ? 0 : -EAGAIN);
	}
	assert_int_equal(kernel.submitted, 5 + sizeof(memory) / PIECE);
}

static void an_out_endpoint_reads(void **state)
{
	(void)state;
	port->ops->close(port);
	kernel.address = 0x02;
	assert_int_equal(port->ops->open(port), 0);
	assert_int_equal(port->ops->submit(port, &block, PIECE), 0);
	assert_false(kernel.transfers[0].write);
}

static void no_more_than_the_limit_is_in_flight_and_order_is_kept(void **state)
{
	struct completion completion;
	unsigned int blocks = 0;

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(port->ops->submit(port, &block, 30 * PIECE), 0);
	assert_int_equal(kernel.submitted, LIMIT);
	for (unsigned int i = 0; i < 90; i++) {
		assert_ptr_equal(kernel.transfers[i].memory, memory + i % 30 * PIECE);
		move(1);
		blocks += port->ops->reap(port, &completion) == 0;
		assert_int_equal(blocks, (i + 1) / 30);
		assert_int_equal(kernel.submitted, i + 1 + LIMIT < 90 ? i + 1 + LIMIT : 90);
	}
}

static void nothing_is_submitted_while_events_wait(void **state)
{
	struct completion completion;

	(void)state;
	assert_int_equal(port->ops->submit(port, &block, (LIMIT + 1) * PIECE / 2), 0);
	kernel.quiet = false;
	assert_int_equal(port->ops->submit(port, &block, PIECE), -EAGAIN);
	kernel.quiet = true;
	assert_int_equal(port->ops->submit(port, &block, LIMIT * PIECE), 0);
	assert_int_equal(kernel.submitted, LIMIT);
	kernel.quiet = false;
	move(2);
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	assert_int_equal(kernel.submitted, LIMIT);
	kernel.quiet = true;
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	assert_int_equal(kernel.submitted, LIMIT + 2);
}

static void a_piece_that_fails_or_is_short_fails_the_block(void **state)
{
	static const struct {
		int64_t result;
		int status;
	} faults[] = {
		{ -ESHUTDOWN, -ESHUTDOWN },
		{ -EAGAIN, -ESHUTDOWN },
		{ 512, -EIO },
	};

	for (unsigned int i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct completion completion;

		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
		assert_int_equal(port->ops->submit(port, &block, 3 * PIECE), 0);
		move(1);
		end(faults[i].result);
		assert_int_equal(port->ops->reap(port, &completion), 0);
		assert_int_equal(completion.status, faults[i].status);
	}
}

/* Five blocks are in flight, the host has two and a half of them, and nobody has said so. */
static void what_the_host_has_at_a_stop_counts(void **state)
{
	struct completion completion;

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(port->ops->submit(port, &block, 2 * PIECE), 0);
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	kernel.late = 5;
	port->ops->stop(port);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(port->ops->reap(port, &completion), 0);
		assert_int_equal(completion.status, 0);
	}
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	assert_int_equal(kernel.submitted, 10);
}

static void a_closed_port_has_nothing(void **state)
{
	struct completion completion;

	(void)state;
	port->ops->close(port);
	port->ops->close(port);
	assert_int_equal(port->ops->reap(port, &completion), -EAGAIN);
	kernel.address = 0;
	assert_int_equal(port->ops->open(port), -ESHUTDOWN);
}

#define port_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		port_test(a_block_goes_in_pieces),
		port_test(an_out_endpoint_reads),
		port_test(no_more_than_the_limit_is_in_flight_and_order_is_kept),
		port_test(nothing_is_submitted_while_events_wait),
		port_test(a_block_that_ends_short_ends_with_a_short_packet),
		port_test(a_piece_that_fails_or_is_short_fails_the_block),
		port_test(what_the_host_has_at_a_stop_counts),
		port_test(a_closed_port_has_nothing),
	};

	return cmocka_run_group_tests_name("endpoint_copy", tests, NULL, NULL);
}
