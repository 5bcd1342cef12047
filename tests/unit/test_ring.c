// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring keeps order, counts gaps and ends at the first failure. The ports here are scripts of
 * completions, so that every interleaving can be made; the real ports are tested on the board.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/ring.h"
#include "iiobridge/config.h"

#define BLOCKS	   4
#define BLOCK_SIZE 4096

/* A port whose blocks complete when the test says so. */
struct script_port {
	struct port port;
	int wait_fd; /* of the oldest block, as a sync_file is, until it is reaped */
	bool open, started;
	unsigned int attached, submitted, reaped;
	uint32_t last_length;
	struct completion ready[64]; /* by number of the block */
	unsigned int ready_count;
	int refusal; /* what submit answers, once for each in refusals */
	unsigned int refusals;
	uint64_t losses;
	uint64_t losses_per_submit;
	int losses_error;
};

static struct script_port *to_script(struct port *port)
{
	return (struct script_port *)port;
}

static int script_open(struct port *port)
{
	to_script(port)->open = true;
	return 0;
}

static int script_attach(struct port *port, const struct block *block)
{
	(void)block;
	assert_int_equal(to_script(port)->submitted, 0);
	to_script(port)->attached++;
	return 0;
}

static int script_start(struct port *port)
{
	to_script(port)->started = true;
	return 0;
}

static int script_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct script_port *script = to_script(port);

	(void)block;
	assert_true(script->open);
	if (script->refusals) {
		script->refusals--;
		return script->refusal;
	}
	script->submitted++;
	script->last_length = length;
	script->losses += script->losses_per_submit;
	return 0;
}

static int script_reap(struct port *port, struct completion *completion)
{
	struct script_port *script = to_script(port);

	if (script->reaped == script->submitted || script->reaped == script->ready_count)
		return -EAGAIN;
	*completion = script->ready[script->reaped++];
	close(script->wait_fd);
	script->wait_fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

static int script_wait_fd(const struct port *port)
{
	return ((const struct script_port *)port)->wait_fd;
}

static void script_close(struct port *port)
{
	to_script(port)->open = false;
}

static int script_read_losses(struct port *port, uint64_t *scans)
{
	*scans = to_script(port)->losses;
	return to_script(port)->losses_error;
}

static const struct port_ops script_ops = {
	.open = script_open,
	.attach = script_attach,
	.start = script_start,
	.submit = script_submit,
	.reap = script_reap,
	.wait_fd = script_wait_fd,
	.close = script_close,
	.read_losses = script_read_losses,
};

struct fixture {
	sd_event *event;
	struct script_port fill, drain;
	struct ring *ring;
	int fault;
};

static void on_end(void *userdata, int error)
{
	((struct fixture *)userdata)->fault = error;
}

/* The ring's blocks come from this instead of a heap, which a build machine does not have. */
int __wrap_blocks_alloc(struct block *blocks, uint32_t count, uint32_t size, const char *heap);
int __wrap_blocks_alloc(struct block *blocks, uint32_t count, uint32_t size, const char *heap)
{
	(void)heap;
	for (uint32_t i = 0; i < count; i++)
		blocks[i] = (struct block){ .fd = eventfd(0, EFD_CLOEXEC), .size = size };
	return 0;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ 0 };
	fixture.fill.port = (struct port){ &script_ops, "fill", true };
	fixture.drain.port = (struct port){ &script_ops, "drain", false };
	fixture.fill.wait_fd = eventfd(0, EFD_CLOEXEC);
	fixture.drain.wait_fd = eventfd(0, EFD_CLOEXEC);
	fixture.fill.losses_error = -EOPNOTSUPP;
	assert_true(sd_event_new(&fixture.event) >= 0);
	assert_int_equal(ring_new(&fixture.ring, fixture.event, "test", &fixture.fill.port,
				  &fixture.drain.port, on_end, &fixture),
			 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	ring_free(fixture->ring);
	sd_event_unref(fixture->event);
	close(fixture->fill.wait_fd);
	close(fixture->drain.wait_fd);
	return 0;
}

static void start(struct fixture *fixture)
{
	/* 1024 scans of 4 bytes at 1 MHz: a block takes 1,024,000 ns */
	struct ring_setup setup = {
		.heap = "none",
		.block_size = BLOCK_SIZE,
		.block_count = BLOCKS,
		.bytes_per_scan = 4,
		.rate_millihertz = 1000000000,
	};

	assert_int_equal(ring_start(fixture->ring, &setup), 0);
}

static void complete(struct script_port *port, uint64_t submitted, uint64_t queued, uint64_t time)
{
	port->ready[port->ready_count++] = (struct completion){
		.submitted_ns = submitted,
		.queued_ns = queued,
		.time_ns = time,
	};
}

static struct iiobridge_statistics statistics(const struct fixture *fixture)
{
	struct iiobridge_statistics statistics;

	ring_get_statistics(fixture->ring, &statistics);
	return statistics;
}

static void
all_blocks_are_attached_before_the_first_is_given_and_given_before_the_start(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	assert_int_equal(fixture->fill.attached, BLOCKS);
	assert_int_equal(fixture->drain.attached, BLOCKS);
	assert_int_equal(fixture->fill.submitted, BLOCKS);
	assert_int_equal(fixture->drain.submitted, 0);
	assert_true(fixture->fill.started);
}

static void blocks_go_round(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	for (unsigned int i = 0; i < 20; i++) {
		complete(&fixture->fill, 1, 2, 1000000 * (i + 1));
		ring_kick(fixture->ring);
		assert_int_equal(fixture->drain.submitted, i + 1);
		complete(&fixture->drain, 1, 2, 1000000 * (i + 1));
		ring_kick(fixture->ring);
		assert_int_equal(fixture->fill.submitted, BLOCKS + i + 1);
	}
	assert_int_equal(statistics(fixture).blocks_drained, 20);
	assert_int_equal(statistics(fixture).bytes_drained, 20 * BLOCK_SIZE);
	assert_int_equal(statistics(fixture).gaps, 0);
}

static void a_block_submitted_after_the_last_completion_follows_a_gap(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		complete(&fixture->fill, 1, 2, 1024000 * (i + 1));
		complete(&fixture->drain, 1, 2, 1024000 * (i + 1));
	}
	/* Given back 500 us after the fourth was full, and full 1024 us later: 500 scans lost. */
	complete(&fixture->fill, 4096000 + 500000, 4096000 + 500001, 4096000 + 500000 + 1024000);
	for (unsigned int turns = 0; turns < 3; turns++)
		ring_kick(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_filled, BLOCKS + 1);
	assert_int_equal(statistics(fixture).gaps, 1);
	assert_int_equal(statistics(fixture).scans_lost, 500);
	assert_int_equal(statistics(fixture).estimated, 1);
}

static void the_devices_own_counter_is_believed(void **state)
{
	struct fixture *fixture = *state;

	fixture->fill.losses_error = 0;
	fixture->fill.losses = 1000; /* from before this run */
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++)
		complete(&fixture->fill, 1, 2, 1024000 * (i + 1));
	ring_kick(fixture->ring);
	/* All blocks are with the host; it gives one back, and that ends a gap of 7 scans. */
	fixture->fill.losses = 1007;
	complete(&fixture->drain, 1, 2, 9000000);
	ring_kick(fixture->ring);
	assert_int_equal(statistics(fixture).gaps, 1);
	assert_int_equal(statistics(fixture).scans_lost, 7);
	assert_int_equal(statistics(fixture).estimated, 0);
}

static void each_gap_has_its_own_length(void **state)
{
	struct fixture *fixture = *state;

	fixture->fill.losses_error = 0;
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++)
		complete(&fixture->fill, 1, 2, 1024000 * (i + 1));
	ring_kick(fixture->ring);
	/* Two blocks come back at once, and the first is full before the second is submitted. */
	complete(&fixture->drain, 1, 2, 9000000);
	complete(&fixture->drain, 1, 2, 9000000);
	complete(&fixture->fill, 9000000, 9000001, 9000002);
	fixture->fill.losses_per_submit = 5;
	ring_kick(fixture->ring);
	assert_int_equal(fixture->fill.submitted, BLOCKS + 2);
	assert_int_equal(statistics(fixture).gaps, 2);
	assert_int_equal(statistics(fixture).scans_lost, 10);
}

static void nothing_is_submitted_after_a_failed_transfer(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 2);
	fixture->drain.ready[fixture->drain.ready_count++] =
		(struct completion){ .status = -ESHUTDOWN };
	complete(&fixture->fill, 1, 2, 3000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->fault, -ESHUTDOWN);
	assert_false(ring_is_running(fixture->ring));
	assert_false(fixture->drain.open);
	assert_false(fixture->fill.open);
	assert_int_equal(fixture->drain.submitted, 2);
	assert_int_equal(fixture->fill.submitted, BLOCKS);
	assert_int_equal(statistics(fixture).blocks_failed, 2);
}

static void busy_means_again(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	fixture->drain.refusal = -EBUSY;
	fixture->drain.refusals = 3;
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 0);
	/* The ring's own timer offers it again. */
	for (unsigned int turns = 0; fixture->drain.submitted == 0 && turns < 100; turns++)
		assert_true(sd_event_run(fixture->event, 1000000) >= 0);
	assert_int_equal(fixture->drain.submitted, 1);
	assert_int_equal(fixture->drain.refusals, 0);
	assert_true(ring_is_running(fixture->ring));
}

static void a_restart_counts_from_zero(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	ring_stop(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_filled, 1);
	assert_int_equal(statistics(fixture).blocks_failed, 1);
	close(fixture->fill.wait_fd);
	close(fixture->drain.wait_fd);
	fixture->fill = (struct script_port){
		.port = fixture->fill.port,
		.wait_fd = eventfd(0, EFD_CLOEXEC),
		.losses_error = -EOPNOTSUPP,
	};
	fixture->drain = (struct script_port){
		.port = fixture->drain.port,
		.wait_fd = eventfd(0, EFD_CLOEXEC),
	};
	start(fixture);
	assert_int_equal(statistics(fixture).blocks_filled, 0);
	assert_int_equal(statistics(fixture).blocks_failed, 0);
	assert_int_equal(statistics(fixture).starts, 2);
}

/* As of a playback: the host fills, a DAC drains. */
static void make_playback(struct fixture *fixture)
{
	fixture->fill.port.real_time = false;
	fixture->drain.port.real_time = true;
	fixture->drain.losses_error = -EOPNOTSUPP;
}

static void a_dac_starts_when_all_blocks_are_full(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		assert_false(fixture->drain.started);
		complete(&fixture->fill, 1, 2, 1000 * (i + 1));
		ring_kick(fixture->ring);
	}
	assert_int_equal(fixture->drain.submitted, BLOCKS);
	assert_true(fixture->drain.started);
}

static void a_repeater_keeps_blocks_for_the_adc(void **state)
{
	struct fixture *fixture = *state;

	fixture->drain.port.real_time = true;
	fixture->drain.losses_error = -EOPNOTSUPP;
	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_false(fixture->drain.started);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	assert_true(fixture->drain.started);
}

static void data_ends_within_a_block(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(ring_finish(fixture->ring, BLOCK_SIZE + 12), 0);
	assert_false(fixture->drain.started);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	/* Fewer than all blocks, but there will be no more. */
	assert_true(fixture->drain.started);
	assert_int_equal(fixture->drain.submitted, 2);
	assert_int_equal(fixture->drain.last_length, 12);
	complete(&fixture->drain, 1, 2, 3000);
	ring_kick(fixture->ring);
	assert_true(ring_is_running(fixture->ring));
	fixture->fault = 1;
	complete(&fixture->drain, 1, 2, 4000);
	ring_kick(fixture->ring);
	assert_false(ring_is_running(fixture->ring));
	assert_int_equal(fixture->fault, 0);
	assert_int_equal(statistics(fixture).bytes_drained, BLOCK_SIZE + 12);
	assert_int_equal(statistics(fixture).blocks_failed, 0);
}

static void data_cannot_end_in_what_was_played(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(ring_finish(fixture->ring, BLOCK_SIZE), -EINVAL);
	assert_int_equal(ring_finish(fixture->ring, 0), -EINVAL);
	assert_true(ring_is_running(fixture->ring));
	/* An end that is as good as none is none, not one that has been reached. */
	assert_int_equal(ring_finish(fixture->ring, UINT64_MAX - 1), 0);
	assert_true(ring_is_running(fixture->ring));
}

static void an_underrun_is_a_gap(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		complete(&fixture->fill, 1, 2, 1000);
		complete(&fixture->drain, 1, 2, 1024000 * (i + 1));
	}
	complete(&fixture->fill, 1, 2, 1000);
	/* The fifth is submitted 250 us after the fourth was played. */
	complete(&fixture->drain, 4096000 + 250000, 4096000 + 250001, 4096000 + 250000 + 1024000);
	for (unsigned int turns = 0; turns < 4; turns++)
		ring_kick(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_drained, BLOCKS + 1);
	assert_int_equal(statistics(fixture).gaps, 1);
	assert_int_equal(statistics(fixture).scans_lost, 250);
}

#define ring_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(
			all_blocks_are_attached_before_the_first_is_given_and_given_before_the_start),
		ring_test(blocks_go_round),
		ring_test(a_block_submitted_after_the_last_completion_follows_a_gap),
		ring_test(the_devices_own_counter_is_believed),
		ring_test(each_gap_has_its_own_length),
		ring_test(nothing_is_submitted_after_a_failed_transfer),
		ring_test(busy_means_again),
		ring_test(a_restart_counts_from_zero),
		ring_test(a_dac_starts_when_all_blocks_are_full),
		ring_test(a_repeater_keeps_blocks_for_the_adc),
		ring_test(data_ends_within_a_block),
		ring_test(data_cannot_end_in_what_was_played),
		ring_test(an_underrun_is_a_gap),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
