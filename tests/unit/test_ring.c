// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring keeps order, counts gaps and ends at the first failure. The ports here are scripts of
 * completions, so that every interleaving can be made; the real ports are tested on the board.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "core/clock.h"
#include "core/ring.h"

#define BLOCKS	   4
#define BLOCK_SIZE 4096

/* A port whose blocks complete when the test says so. */
struct script_port {
	struct port port;
	int open_refusal;    /* what open answers, once */
	int wait_fd;	     /* of the oldest block, as a sync_file is, until it is reaped */
	unsigned int polled; /* how often it was asked for */
	bool open, started;
	bool can_repeat;
	unsigned int attached, submitted, cyclic, reaped;
	uint32_t last_length;
	int last_fd;
	struct completion ready[64]; /* by number of the block */
	unsigned int ready_count;
	int attach_refusal, start_refusal;
	unsigned int reaches_from; /* number of the first heap whose memory it reaches */
	int refusal;		   /* what submit answers, once for each in refusals */
	unsigned int refusals;
};

static struct script_port *to_script(struct port *port)
{
	return (struct script_port *)port;
}

static int script_open(struct port *port)
{
	int ret = to_script(port)->open_refusal;

	to_script(port)->open_refusal = 0;
	to_script(port)->open = ret == 0;
	return ret;
}

/* Number of the heap that blocks are from, and how many there are. */
static unsigned int heap_number, heap_count;

static int script_attach(struct port *port, const struct block *block)
{
	(void)block;
	assert_int_equal(to_script(port)->submitted, 0);
	to_script(port)->attached++;
	if (heap_number < to_script(port)->reaches_from)
		return -EIO;
	return to_script(port)->attach_refusal;
}

/* A device that repeats the first block refuses the second. */
static int script_start(struct port *port)
{
	struct script_port *script = to_script(port);

	if (script->start_refusal)
		return script->start_refusal;
	script->started = true;
	script->port.repeats = script->can_repeat && script->cyclic == PORT_CYCLIC_BLOCKS;
	if (script->port.repeats)
		script->submitted--;
	return 0;
}

static int script_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct script_port *script = to_script(port);

	assert_true(script->open);
	if (script->refusals) {
		script->refusals--;
		return script->refusal;
	}
	script->submitted++;
	script->last_length = length;
	script->last_fd = block->fd;
	return 0;
}

static int script_submit_cyclic(struct port *port, const struct block *block, uint32_t length)
{
	int ret = script_submit(port, block, length);

	assert_false(to_script(port)->started);
	if (!ret)
		to_script(port)->cyclic++;
	return ret;
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

static int script_wait_fd(struct port *port)
{
	to_script(port)->polled++;
	return to_script(port)->wait_fd;
}

static void script_stop(struct port *port)
{
	assert_true(to_script(port)->open);
	to_script(port)->started = false;
}

static void script_close(struct port *port)
{
	to_script(port)->open = false;
}

static const struct port_ops script_ops = {
	.open = script_open,
	.attach = script_attach,
	.start = script_start,
	.submit = script_submit,
	.submit_cyclic = script_submit_cyclic,
	.reap = script_reap,
	.wait_fd = script_wait_fd,
	.stop = script_stop,
	.close = script_close,
};

struct fixture {
	struct error error;
	sd_event *event;
	struct script_port fill, drain;
	struct ring *ring;
	int fault;
	unsigned int meanwhile;
	struct iiobridge_record records[64];
	unsigned int record_count;
};

static void on_record(void *userdata, struct iiobridge_record *record)
{
	struct fixture *fixture = userdata;

	fixture->records[fixture->record_count++] = *record;
}

static void on_end(void *userdata, int error)
{
	((struct fixture *)userdata)->fault = error;
}

static void on_meanwhile(void *userdata)
{
	((struct fixture *)userdata)->meanwhile++;
}

static const struct ring_ops ring_ops = {
	.meanwhile = on_meanwhile,
	.record = on_record,
	.end = on_end,
};

static const char *asked_heap;
static bool heap_is_empty;
static unsigned int memory_held; /* how often the memory is still that of an earlier run */
static unsigned int memory_asked;

/* The ring's blocks come from this instead of a heap, which a build machine does not have. */
__typeof__(blocks_alloc) __wrap_blocks_alloc;
int __wrap_blocks_alloc(const struct block_request *request, const char *heap)
{
	asked_heap = heap;
	heap_number = request->left_out;
	memory_asked++;
	if (memory_held) {
		memory_held--;
		return -ENOMEM;
	}
	if (heap_is_empty && heap_number)
		return -ENOMEM;
	for (uint32_t i = 0; i < request->count; i++) {
		request->blocks[i] =
			(struct block){ .fd = eventfd(0, EFD_CLOEXEC), .size = request->size };
		request->meanwhile(request->userdata);
	}
	return 0;
}

__typeof__(blocks_leave_out) __wrap_blocks_leave_out;
bool __wrap_blocks_leave_out(const char *heap, unsigned int *left_out)
{
	(void)heap;
	if (*left_out + 1 >= heap_count)
		return false;
	++*left_out;
	return true;
}

static uint64_t clock_ns;

__typeof__(clock_now_ns) __wrap_clock_now_ns;
uint64_t __wrap_clock_now_ns(void)
{
	return clock_ns;
}

__typeof__(clock_nap) __wrap_clock_nap;
void __wrap_clock_nap(uint32_t ns)
{
	clock_ns += ns;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	heap_number = 0;
	heap_count = 1;
	heap_is_empty = false;
	memory_held = memory_asked = 0;

	fixture = (struct fixture){ 0 };
	clock_ns = 1;
	fixture.fill.port = (struct port){ .ops = &script_ops, .name = "fill", .real_time = true };
	fixture.drain.port = (struct port){ .ops = &script_ops, .name = "drain" };
	fixture.fill.wait_fd = eventfd(0, EFD_CLOEXEC);
	fixture.drain.wait_fd = eventfd(0, EFD_CLOEXEC);
	assert_true(sd_event_new(&fixture.event) >= 0);
	assert_int_equal(ring_new(&fixture.ring, fixture.event, "test", &fixture.fill.port,
				  &fixture.drain.port, &fixture.error, &ring_ops, &fixture),
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

static const struct ring_setup usual_setup = {
	.heap = "none",
	.block_size = BLOCK_SIZE,
	.block_count = BLOCKS,
	.bytes_per_scan = 4,
};

static int try_start(struct fixture *fixture)
{
	return ring_start(fixture->ring, &usual_setup);
}

static void start(struct fixture *fixture)
{
	assert_int_equal(try_start(fixture), 0);
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

static void a_port_that_cannot_be_opened_yet_is_opened_later(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < 2; i++) {
		(i ? &fixture->drain : &fixture->fill)->open_refusal = -EAGAIN;
		assert_int_equal(try_start(fixture), -EAGAIN);
		assert_false(fixture->fill.open);
		assert_false(fixture->drain.open);
	}
	assert_int_equal(statistics(fixture).starts, 0);
	/* Nothing else is worth another try. */
	fixture->fill.start_refusal = -EAGAIN;
	assert_int_equal(try_start(fixture), -EBUSY);
	fixture->fill.start_refusal = 0;
	fixture->fill.attached = fixture->fill.submitted = 0;
	fixture->drain.attached = fixture->drain.submitted = 0;
	start(fixture);
	assert_int_equal(statistics(fixture).starts, 1);
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

static void complete_after_gap(struct script_port *port, uint64_t time, uint64_t scans_lost)
{
	port->ready[port->ready_count++] =
		(struct completion){ .time_ns = time, .gap = true, .scans_lost = scans_lost };
}

static void gaps_are_counted(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	complete_after_gap(&fixture->fill, 2000, 500);
	complete_after_gap(&fixture->fill, 3000, 7);
	ring_kick(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_filled, 3);
	assert_int_equal(statistics(fixture).gaps, 2);
	assert_int_equal(statistics(fixture).scans_lost, 507);
	assert_int_equal(statistics(fixture).estimated, 0);
	fixture->fill.port.estimates = true;
	assert_int_equal(statistics(fixture).estimated, 1);
}

static void each_drained_block_has_a_record(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t scans = BLOCK_SIZE / 4;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	complete_after_gap(&fixture->fill, 2000, 500);
	complete(&fixture->fill, 1, 2, 3000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->record_count, 0);
	for (unsigned int i = 0; i < 3; i++)
		complete(&fixture->drain, 1, 2, 10000 + i);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->record_count, 3);
	for (unsigned int i = 0; i < 3; i++) {
		const struct iiobridge_record *record = &fixture->records[i];

		assert_int_equal(record->run, 1);
		assert_int_equal(record->sequence, i);
		assert_int_equal(record->first_scan, i * scans + (i ? 500 : 0));
		assert_int_equal(record->flags, i == 1 ? IIOBRIDGE_RECORD_GAP : 0);
		assert_int_equal(record->filled_ns, 1000 * (i + 1));
		assert_int_equal(record->drained_ns, 10000 + i);
		assert_int_equal(record->bytes, BLOCK_SIZE);
	}
	ring_stop(fixture->ring);
	assert_int_equal(fixture->record_count, 4);
	assert_int_equal(fixture->records[3].flags, IIOBRIDGE_RECORD_END);
	assert_int_equal(fixture->records[3].sequence, 3);
	assert_int_equal(fixture->records[3].first_scan, 3 * scans + 500);
	assert_int_equal(fixture->records[3].bytes, 0);
}

static void a_block_that_is_cut_is_drained_and_recorded_as_long_as_it_is(void **state)
{
	static const uint32_t lengths[] = { 12, BLOCK_SIZE, 4, 400 };
	struct fixture *fixture = *state;
	uint64_t scans = 0;

	fixture->fill.port.cuts = true;
	start(fixture);
	assert_true(fixture->drain.port.ends_short);
	/* More than there are blocks: each length is that of its own filling. */
	for (unsigned int i = 0; i < 10; i++) {
		const uint32_t length = lengths[i % 4];

		complete(&fixture->fill, 1, 2, 1000);
		fixture->fill.ready[fixture->fill.ready_count - 1].length = length;
		ring_kick(fixture->ring);
		assert_int_equal(fixture->drain.last_length, length);
		complete(&fixture->drain, 1, 2, 2000);
		ring_kick(fixture->ring);
		assert_int_equal(fixture->records[i].bytes, length);
		assert_int_equal(fixture->records[i].first_scan, scans);
		scans += length / 4;
	}
	assert_int_equal(statistics(fixture).bytes_drained, scans * 4);
	assert_int_equal(fixture->fill.last_length, BLOCK_SIZE);
	assert_int_equal(ring_finish(fixture->ring, 20 * BLOCK_SIZE), -EINVAL);
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

/* The filling port takes a block in the same turn, and the other one the ring does not wait for. */
static void a_block_that_is_held_is_offered_again_before_a_late_look(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 2);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->drain, 1, 2, 1000);
	fixture->drain.refusal = -EBUSY;
	fixture->drain.refusals = 1;
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 2);
	assert_int_equal(fixture->fill.submitted, BLOCKS + 1);
	/* Well before the 20 ms after which the ring looks at what it does not wait for. */
	assert_true(sd_event_run(fixture->event, 10000) > 0);
	assert_int_equal(fixture->drain.submitted, 3);
}

/* Whatever the filling port gets meanwhile. */
static void the_kernel_may_hold_a_block_for_five_seconds(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	for (unsigned int i = 0; i < 3; i++)
		complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 3);
	complete(&fixture->fill, 1, 2, 1000);
	fixture->drain.refusal = -EBUSY;
	fixture->drain.refusals = UINT_MAX;
	for (unsigned int second = 0; second <= 5; second++) {
		if (second < 3)
			complete(&fixture->drain, 1, 2, 1000);
		clock_ns = (second + 1) * UINT64_C(1000000000);
		ring_kick(fixture->ring);
		assert_true(ring_is_running(fixture->ring));
	}
	assert_int_equal(fixture->fill.submitted, BLOCKS + 3);
	clock_ns++;
	ring_kick(fixture->ring);
	assert_false(ring_is_running(fixture->ring));
	assert_int_equal(fixture->fault, -EBUSY);
}

static void the_port_with_more_blocks_wakes_the_ring(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	assert_int_equal(fixture->fill.polled, 1);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	/* The draining port has one block, the filling one three, and lacks none. */
	assert_int_equal(fixture->fill.polled, 2);
	assert_int_equal(fixture->drain.polled, 0);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	/* Now it has three, and the filling one lacks them. */
	assert_int_equal(fixture->fill.polled, 2);
	assert_int_equal(fixture->drain.polled, 1);
}

static void a_completion_that_nothing_waits_for_is_seen_soon(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	complete(&fixture->drain, 1, 2, 1000);
	assert_true(sd_event_run(fixture->event, UINT64_MAX) > 0);
	assert_int_equal(statistics(fixture).blocks_drained, 1);
}

/* Each block that was drained is seen at once, where somebody waits for its record. */
static void a_record_that_is_waited_for_is_made_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct ring_setup setup = usual_setup;

	setup.prompt = true;
	assert_int_equal(ring_start(fixture->ring, &setup), 0);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->fill.polled, 2);
	assert_int_equal(fixture->drain.polled, 1);
	complete(&fixture->drain, 1, 2, 1000);
	assert_int_equal(eventfd_write(fixture->drain.wait_fd, 1), 0);
	assert_true(sd_event_run(fixture->event, UINT64_MAX) > 0);
	assert_int_equal(fixture->record_count, 1);
}

static void a_port_that_copies_always_wakes_the_ring(void **state)
{
	struct fixture *fixture = *state;

	fixture->fill.port.copies = fixture->drain.port.copies = true;
	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->fill.polled, 2);
	assert_int_equal(fixture->drain.polled, 1);
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

/* As many blocks are attached to each port, none of them of a heap that it does not reach. */
static void a_heap_is_taken_whose_memory_both_ports_reach(void **state)
{
	struct fixture *fixture = *state;

	heap_count = 4;
	fixture->fill.reaches_from = 1;
	fixture->drain.reaches_from = 3;
	assert_int_equal(try_start(fixture), 0);
	assert_int_equal(heap_number, 3);
	assert_null(ring_unreached(fixture->ring));
	/* It is known from then on. */
	ring_stop(fixture->ring);
	fixture->fill.submitted = fixture->drain.submitted = 0;
	fixture->fill.attached = fixture->drain.attached = 0;
	assert_int_equal(try_start(fixture), 0);
	assert_int_equal(fixture->fill.attached, BLOCKS);
	assert_int_equal(fixture->drain.attached, BLOCKS);
}

static void where_no_heap_is_reached_the_first_port_that_does_not_is_named(void **state)
{
	struct fixture *fixture = *state;

	heap_count = 2;
	fixture->fill.reaches_from = 2;
	fixture->drain.reaches_from = 2;
	assert_int_equal(try_start(fixture), -EOPNOTSUPP);
	assert_ptr_equal(ring_unreached(fixture->ring), &fixture->fill.port);
	assert_false(fixture->fill.open || fixture->drain.open);
	/* The other port may reach the first. */
	fixture->fill.reaches_from = fixture->drain.reaches_from = 0;
	assert_int_equal(try_start(fixture), 0);
	assert_int_equal(heap_number, 0);
}

static void a_heap_that_is_reached_but_empty_is_none(void **state)
{
	struct fixture *fixture = *state;

	heap_count = 2;
	heap_is_empty = true;
	fixture->drain.reaches_from = 1;
	assert_int_equal(try_start(fixture), -EOPNOTSUPP);
	assert_ptr_equal(ring_unreached(fixture->ring), &fixture->drain.port);
	/* And one that is empty later is left for the first. */
	heap_is_empty = false;
	assert_int_equal(try_start(fixture), 0);
	ring_stop(fixture->ring);
	fixture->fill.submitted = fixture->drain.submitted = 0;
	heap_is_empty = true;
	fixture->drain.reaches_from = 0;
	assert_int_equal(try_start(fixture), 0);
	assert_int_equal(heap_number, 0);
}

/* The kernel takes a moment to give back what it had for the run before. */
static void memory_of_the_last_run_is_waited_for(void **state)
{
	struct fixture *fixture = *state;

	memory_held = 1;
	assert_int_equal(try_start(fixture), -ENOMEM);
	assert_int_equal(memory_asked, 1);
	start(fixture);
	ring_stop(fixture->ring);
	fixture->fill.submitted = fixture->drain.submitted = 0;
	fixture->meanwhile = 0;
	memory_asked = 0;
	memory_held = 3;
	start(fixture);
	assert_int_equal(memory_asked, 4);
	assert_true(fixture->meanwhile >= 3);
	/* But not for ever, and not when the last run is long over. */
	ring_stop(fixture->ring);
	memory_held = UINT32_MAX;
	assert_int_equal(try_start(fixture), -ENOMEM);
	memory_held = 1;
	clock_ns += 2000000000;
	assert_int_equal(try_start(fixture), -ENOMEM);
	assert_int_equal(memory_held, 0);
}

static void what_is_complete_at_a_stop_counts(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	complete(&fixture->drain, 1, 2, 3000);
	ring_stop(fixture->ring);
	assert_false(fixture->fill.started);
	assert_int_equal(statistics(fixture).blocks_drained, 1);
	assert_int_equal(statistics(fixture).blocks_failed, 1);
	assert_int_equal(fixture->record_count, 2);
	assert_int_equal(fixture->records[1].flags, IIOBRIDGE_RECORD_END);
	assert_int_equal(fixture->records[1].sequence, 1);
}

/* As of a playback: the host fills, a DAC drains. */
static void make_playback(struct fixture *fixture)
{
	fixture->fill.port.real_time = false;
	fixture->drain.port.real_time = true;
}

static void a_dac_starts_when_all_blocks_are_full(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		assert_false(fixture->drain.started);
		/* What an IIO buffer gets, and is then never enabled, is lost. */
		assert_int_equal(fixture->drain.submitted, 0);
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

/* What a DMA engine takes is a multiple of its bus's width, here with samples of 4 bytes. */
static void data_ends_where_the_device_can(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	fixture->drain.port.limits.step = 16;
	start(fixture);
	assert_int_equal(ring_finish(fixture->ring, BLOCK_SIZE + 12), -EINVAL);
	assert_int_equal(ring_repeat(fixture->ring, BLOCK_SIZE + 12, false), -EINVAL);
	assert_int_equal(ring_repeat(fixture->ring, BLOCK_SIZE + 12, true), -EINVAL);
	assert_true(ring_is_running(fixture->ring));
	assert_int_equal(ring_finish(fixture->ring, BLOCK_SIZE + 16), 0);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.last_length, 16);
}

static void data_ends_with_a_whole_block_where_the_device_moves_nothing_else(void **state)
{
	struct fixture *fixture = *state;

	fixture->fill.port.real_time = false;
	fixture->drain.port.limits = (struct port_limits){ .step = 4, .whole_entries = true };
	start(fixture);
	assert_int_equal(ring_finish(fixture->ring, BLOCK_SIZE + 16), -EINVAL);
	assert_int_equal(ring_finish(fixture->ring, 2 * BLOCK_SIZE), 0);
}

static void a_copy_ends_anywhere(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	fixture->drain.port.limits = (struct port_limits){ .step = 16, .whole_entries = true };
	fixture->fill.port.copies = fixture->drain.port.copies = true;
	start(fixture);
	assert_int_equal(ring_finish(fixture->ring, BLOCK_SIZE + 12), 0);
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

/* The host sends the last block when it has said where that ends, and before that was read. */
static void the_last_block_may_overtake_its_end(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++)
		complete(&fixture->fill, 1, 2, 1000 + i);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, BLOCKS);
	complete(&fixture->drain, 1, 2, 2000);
	ring_kick(fixture->ring);
	ring_expect_end(fixture->ring);
	complete(&fixture->fill, 1, 2, 3000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, BLOCKS);
	assert_int_equal(ring_finish(fixture->ring, BLOCKS * BLOCK_SIZE + 12), 0);
	assert_int_equal(fixture->drain.submitted, BLOCKS + 1);
	assert_int_equal(fixture->drain.last_length, 12);
	ring_expect_end(fixture->ring);
	assert_int_equal(ring_finish(fixture->ring, BLOCKS * BLOCK_SIZE + 12), -EINVAL);
}

static void an_end_that_is_not_said_holds_nothing_back(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	ring_expect_end(fixture->ring);
	for (unsigned int i = 0; i < BLOCKS; i++)
		complete(&fixture->fill, 1, 2, 1000 + i);
	ring_kick(fixture->ring);
	assert_false(fixture->drain.started);
	ring_expect_no_end(fixture->ring);
	assert_true(fixture->drain.started);
	assert_int_equal(fixture->drain.submitted, BLOCKS);
}

static void an_end_that_was_expected_of_the_last_run_holds_nothing_back(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	ring_expect_end(fixture->ring);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++)
		complete(&fixture->fill, 1, 2, 1000 + i);
	ring_kick(fixture->ring);
	assert_true(fixture->drain.started);
}

static void a_block_that_comes_late_is_recorded_so(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		complete(&fixture->fill, 1, 2, 1000);
		complete(&fixture->drain, 1, 2, 1000000 * (i + 1));
	}
	complete(&fixture->fill, 1, 2, 1000);
	complete_after_gap(&fixture->drain, 6000000, 250);
	for (unsigned int turns = 0; turns < 4; turns++)
		ring_kick(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_drained, BLOCKS + 1);
	assert_int_equal(statistics(fixture).gaps, 1);
	assert_int_equal(statistics(fixture).scans_lost, 250);
	assert_int_equal(fixture->records[BLOCKS].flags, IIOBRIDGE_RECORD_LATE);
	assert_int_equal(fixture->records[BLOCKS].first_scan, BLOCKS * BLOCK_SIZE / 4 + 250);
}

/* Two of three blocks have come, and the host says that what ends in the third repeats. */
static void announce_repetition(struct fixture *fixture, bool alike)
{
	make_playback(fixture);
	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	assert_int_equal(ring_repeat(fixture->ring, 2 * BLOCK_SIZE + 12, alike), 0);
}

/* All blocks: the draining port would begin with them if they had no end. */
static void the_last_block_that_repeats_may_overtake_its_end(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	for (unsigned int i = 0; i < BLOCKS - 1; i++)
		complete(&fixture->fill, 1, 2, 1000 + i);
	ring_kick(fixture->ring);
	ring_expect_end(fixture->ring);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	assert_false(fixture->drain.started);
	assert_int_equal(ring_repeat(fixture->ring, BLOCKS * BLOCK_SIZE - 4, false), 0);
	assert_true(ring_is_repeating(fixture->ring));
	assert_int_equal(fixture->drain.submitted, BLOCKS);
	assert_int_equal(fixture->drain.last_length, BLOCK_SIZE - 4);
}

/* Three blocks, of which the last has 12 bytes. */
static void repeat(struct fixture *fixture)
{
	announce_repetition(fixture, false);
	assert_false(ring_is_repeating(fixture->ring));
	assert_false(fixture->drain.started);
	complete(&fixture->fill, 1, 2, 3000);
	ring_kick(fixture->ring);
}

static void data_repeats_without_the_host(void **state)
{
	struct fixture *fixture = *state;
	int fds[3];

	repeat(fixture);
	assert_true(ring_is_repeating(fixture->ring));
	assert_true(fixture->drain.started);
	assert_false(fixture->fill.open);
	assert_int_equal(fixture->drain.submitted, 3);
	for (unsigned int i = 0; i < 30; i++) {
		complete(&fixture->drain, 1, 2, 4000 + i);
		ring_kick(fixture->ring);
		assert_int_equal(fixture->drain.submitted, 3 + i + 1);
		assert_int_equal(fixture->drain.last_length, i % 3 == 2 ? 12 : BLOCK_SIZE);
		if (i < 3)
			fds[i] = fixture->drain.last_fd;
		assert_int_equal(fixture->drain.last_fd, fds[i % 3]);
	}
	assert_true(ring_is_running(fixture->ring));
	assert_int_equal(statistics(fixture).blocks_filled, 3);
	assert_int_equal(statistics(fixture).blocks_drained, 30);
	assert_int_equal(statistics(fixture).bytes_drained, 10 * (2 * BLOCK_SIZE + 12));
	ring_stop(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_failed, 0);
	assert_int_equal(fixture->records[29].sequence, 29);
	assert_int_equal(fixture->records[29].bytes, 12);
	assert_int_equal(fixture->records[30].first_scan, 10 * (2 * BLOCK_SIZE + 12) / 4);
	assert_false(ring_is_repeating(fixture->ring));
}

/* The third and a fourth block come in one turn; the fourth is none of the data. */
static void more_than_was_said_does_not_keep_data_from_repeating(void **state)
{
	struct fixture *fixture = *state;

	announce_repetition(fixture, false);
	complete(&fixture->fill, 1, 2, 3000);
	complete(&fixture->fill, 1, 2, 3000);
	ring_kick(fixture->ring);
	assert_true(ring_is_repeating(fixture->ring));
	assert_false(fixture->fill.open);
	for (unsigned int i = 0; i < 9; i++) {
		complete(&fixture->drain, 1, 2, 4000 + i);
		ring_kick(fixture->ring);
		assert_int_equal(fixture->drain.submitted, 3 + i + 1);
		assert_int_equal(fixture->drain.last_length, i % 3 == 2 ? 12 : BLOCK_SIZE);
	}
}

/* Three blocks, each of which has the same 12 bytes. */
static void repeat_alike(struct fixture *fixture)
{
	announce_repetition(fixture, true);
	assert_int_equal(fixture->drain.submitted, 0);
	complete(&fixture->fill, 1, 2, 3000);
	ring_kick(fixture->ring);
	assert_true(fixture->drain.started);
	assert_true(ring_is_repeating(fixture->ring));
	assert_int_equal(fixture->drain.last_length, 12);
}

static void a_device_that_repeats_has_one_block_and_needs_nobody(void **state)
{
	struct fixture *fixture = *state;

	fixture->drain.port.cyclic = fixture->drain.can_repeat = true;
	repeat_alike(fixture);
	assert_true(ring_is_repeated_by_device(fixture->ring));
	assert_int_equal(fixture->drain.cyclic, 2);
	assert_int_equal(fixture->drain.submitted, 1);
	/* Nothing but the end of that block wakes the ring. */
	assert_int_equal(fixture->drain.polled, 1);
	while (sd_event_run(fixture->event, 0) > 0)
		;
	assert_int_equal(sd_event_run(fixture->event, 100000), 0);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 1);
	/* The port says at the end that it was played. */
	complete(&fixture->drain, 1, 2, 9000);
	ring_stop(fixture->ring);
	assert_int_equal(statistics(fixture).blocks_drained, 1);
	assert_int_equal(statistics(fixture).bytes_drained, 12);
	assert_int_equal(statistics(fixture).blocks_failed, 0);
	assert_int_equal(fixture->record_count, 2);
	assert_false(ring_is_repeated_by_device(fixture->ring));
}

/* The two blocks that were to find out are the first two of all. */
static void a_device_that_does_not_repeat_gets_all_blocks(void **state)
{
	struct fixture *fixture = *state;

	fixture->drain.port.cyclic = true;
	repeat_alike(fixture);
	assert_false(ring_is_repeated_by_device(fixture->ring));
	assert_int_equal(fixture->drain.cyclic, 2);
	assert_int_equal(fixture->drain.submitted, 3);
	for (unsigned int i = 0; i < 30; i++) {
		complete(&fixture->drain, 1, 2, 4000 + i);
		ring_kick(fixture->ring);
		assert_int_equal(fixture->drain.submitted, 3 + i + 1);
		assert_int_equal(fixture->drain.last_length, 12);
	}
	assert_int_equal(fixture->drain.cyclic, 2);
	assert_int_equal(statistics(fixture).bytes_drained, 30 * 12);
}

static void a_device_is_only_asked_where_it_may_and_where_the_blocks_are_alike(void **state)
{
	struct fixture *fixture = *state;

	repeat_alike(fixture);
	assert_int_equal(fixture->drain.cyclic, 0);
	assert_int_equal(fixture->drain.submitted, 3);
	ring_stop(fixture->ring);
	fixture->drain.port.cyclic = true;
	fixture->fill.submitted = fixture->fill.reaped = fixture->fill.ready_count = 0;
	fixture->drain.submitted = fixture->drain.reaped = fixture->drain.ready_count = 0;
	fixture->drain.started = false;
	repeat(fixture);
	assert_int_equal(fixture->drain.cyclic, 0);
	assert_int_equal(fixture->drain.submitted, 3);
}

/* The kernel may hold the second block for a moment when it has the first. */
static void busy_means_again_when_a_device_is_asked(void **state)
{
	struct fixture *fixture = *state;

	fixture->drain.port.cyclic = fixture->drain.can_repeat = true;
	make_playback(fixture);
	start(fixture);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(ring_repeat(fixture->ring, BLOCK_SIZE + 12, true), 0);
	complete(&fixture->fill, 1, 2, 2000);
	fixture->drain.refusal = -EBUSY;
	fixture->drain.refusals = 3;
	ring_kick(fixture->ring);
	assert_false(fixture->drain.started);
	for (unsigned int turns = 0; !fixture->drain.started && turns < 100; turns++)
		assert_true(sd_event_run(fixture->event, 1000000) >= 0);
	assert_true(ring_is_repeated_by_device(fixture->ring));
}

/* Two of them need no DMABUFs, and what repeats may be in the draining one more than once. */
static void ports_that_copy(void **state)
{
	struct fixture *fixture = *state;

	fixture->fill.port.copies = fixture->drain.port.copies = true;
	repeat(fixture);
	assert_null(asked_heap);
	assert_int_equal(fixture->drain.submitted, 3 + PORT_REPEATS_AHEAD);
	complete(&fixture->drain, 1, 2, 4000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->drain.submitted, 3 + PORT_REPEATS_AHEAD + 1);
	assert_int_equal(statistics(fixture).blocks_drained, 1);
}

/* After the memory of each block, and after a block was attached. */
static void others_have_turns_in_a_start(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	/* When a block was got, when it was attached, and when some were handed over. */
	assert_int_equal(fixture->meanwhile, 2 * BLOCKS + 1);
	complete(&fixture->fill, 1, 2, 1000);
	ring_kick(fixture->ring);
	assert_int_equal(fixture->meanwhile, 2 * BLOCKS + 1);
}

/* Whoever starts the ring is told, and everything is let go, so that another kind of port can go.
 */
static void a_refusal_is_passed_on(void **state)
{
	struct fixture *fixture = *state;
	const struct ring_setup setup = {
		.heap = "system",
		.block_size = BLOCK_SIZE,
		.block_count = BLOCKS,
		.bytes_per_scan = 4,
	};

	fixture->drain.attach_refusal = -EOPNOTSUPP;
	assert_int_equal(ring_start(fixture->ring, &setup), -EOPNOTSUPP);
	assert_int_equal(fixture->meanwhile, BLOCKS);
	assert_false(ring_is_running(fixture->ring));
	assert_false(fixture->fill.open);
	assert_false(fixture->drain.open);
	assert_int_equal(fixture->fill.submitted, 0);
}

static void only_what_the_blocks_hold_repeats(void **state)
{
	struct fixture *fixture = *state;

	make_playback(fixture);
	start(fixture);
	assert_int_equal(ring_repeat(fixture->ring, BLOCK_SIZE, false), -EINVAL);
	assert_int_equal(ring_repeat(fixture->ring, BLOCKS * BLOCK_SIZE + 4, false), -EINVAL);
	complete(&fixture->fill, 1, 2, 1000);
	complete(&fixture->fill, 1, 2, 2000);
	ring_kick(fixture->ring);
	assert_int_equal(ring_repeat(fixture->ring, 2 * BLOCK_SIZE, false), -EINVAL);
	fixture->drain.port.real_time = false;
	assert_int_equal(ring_repeat(fixture->ring, BLOCKS * BLOCK_SIZE, false), -EINVAL);
	fixture->drain.port.real_time = true;
	assert_int_equal(ring_repeat(fixture->ring, BLOCKS * BLOCK_SIZE, false), 0);
}

/* What repeats has closed the filling port, which would be given more blocks for a later end. */
static void an_end_that_is_known_stays(void **state)
{
	struct fixture *fixture = *state;

	repeat(fixture);
	assert_int_equal(ring_finish(fixture->ring, 4 * BLOCK_SIZE), -EINVAL);
	assert_int_equal(ring_repeat(fixture->ring, 4 * BLOCK_SIZE, false), -EINVAL);
	ring_kick(fixture->ring);
	assert_false(fixture->fill.open);
	assert_true(ring_is_repeating(fixture->ring));
	complete(&fixture->drain, 1, 2, 4000);
	ring_kick(fixture->ring);
	assert_int_equal(statistics(fixture).bytes_drained, BLOCK_SIZE);
}

#define ring_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(
			all_blocks_are_attached_before_the_first_is_given_and_given_before_the_start),
		ring_test(a_port_that_cannot_be_opened_yet_is_opened_later),
		ring_test(blocks_go_round),
		ring_test(gaps_are_counted),
		ring_test(each_drained_block_has_a_record),
		ring_test(a_block_that_is_cut_is_drained_and_recorded_as_long_as_it_is),
		ring_test(nothing_is_submitted_after_a_failed_transfer),
		ring_test(busy_means_again),
		ring_test(a_block_that_is_held_is_offered_again_before_a_late_look),
		ring_test(the_kernel_may_hold_a_block_for_five_seconds),
		ring_test(the_port_with_more_blocks_wakes_the_ring),
		ring_test(a_completion_that_nothing_waits_for_is_seen_soon),
		ring_test(a_record_that_is_waited_for_is_made_at_once),
		ring_test(a_port_that_copies_always_wakes_the_ring),
		ring_test(a_restart_counts_from_zero),
		ring_test(a_heap_is_taken_whose_memory_both_ports_reach),
		ring_test(where_no_heap_is_reached_the_first_port_that_does_not_is_named),
		ring_test(a_heap_that_is_reached_but_empty_is_none),
		ring_test(memory_of_the_last_run_is_waited_for),
		ring_test(what_is_complete_at_a_stop_counts),
		ring_test(a_dac_starts_when_all_blocks_are_full),
		ring_test(a_repeater_keeps_blocks_for_the_adc),
		ring_test(data_ends_within_a_block),
		ring_test(data_ends_where_the_device_can),
		ring_test(data_ends_with_a_whole_block_where_the_device_moves_nothing_else),
		ring_test(a_copy_ends_anywhere),
		ring_test(data_cannot_end_in_what_was_played),
		ring_test(the_last_block_may_overtake_its_end),
		ring_test(an_end_that_is_not_said_holds_nothing_back),
		ring_test(an_end_that_was_expected_of_the_last_run_holds_nothing_back),
		ring_test(the_last_block_that_repeats_may_overtake_its_end),
		ring_test(a_block_that_comes_late_is_recorded_so),
		ring_test(data_repeats_without_the_host),
		ring_test(more_than_was_said_does_not_keep_data_from_repeating),
		ring_test(a_device_that_repeats_has_one_block_and_needs_nobody),
		ring_test(a_device_that_does_not_repeat_gets_all_blocks),
		ring_test(a_device_is_only_asked_where_it_may_and_where_the_blocks_are_alike),
		ring_test(busy_means_again_when_a_device_is_asked),
		ring_test(ports_that_copy),
		ring_test(others_have_turns_in_a_start),
		ring_test(a_refusal_is_passed_on),
		ring_test(only_what_the_blocks_hold_repeats),
		ring_test(an_end_that_is_known_stays),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
