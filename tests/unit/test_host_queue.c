// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/queue.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT	(3 * QUEUE_CHUNK_SIZE)
#define WAIT_MS 10000 /* for what must happen soon */

/* What the other thread does, and what it found; the atomic ones tell the threads of each other. */
static struct {
	struct queue *queue;
	atomic_size_t passed; /* bytes */
	size_t begin_at;      /* nothing is taken before so many bytes were passed */
	size_t stop_after;    /* bytes that are taken */
	atomic_bool may_end;
	size_t taken;
	size_t most; /* that were passed and not taken at a time */
	bool in_order;
	bool signals; /* it would get some */
} run;

static void take(struct queue_chunk *chunk)
{
	const size_t waiting = run.passed - run.taken;

	run.most = waiting > run.most ? waiting : run.most;
	for (size_t i = 0; i < chunk->end; i++)
		run.in_order = run.in_order && chunk->data[i] == (run.taken + i) % 251;
	run.taken += chunk->end;
	queue_return(run.queue, chunk);
}

static void take_all(void *context)
{
	struct queue_chunk *chunk;

	(void)context;
	while (run.passed < run.begin_at)
		sched_yield();
	while (run.taken < run.stop_after && queue_pop(run.queue, QUEUE_FOREVER, &chunk) == 0)
		take(chunk);
	queue_close(run.queue);
}

/* Passes up to @size bytes on in parts of @part; returns how many it could. */
static size_t fill(size_t size, size_t part)
{
	size_t done = 0;

	while (done < size) {
		struct queue_chunk *chunk = queue_get_room(run.queue);
		size_t end;

		if (!chunk)
			return done;
		end = chunk->end + part < QUEUE_CHUNK_SIZE ? chunk->end + part : QUEUE_CHUNK_SIZE;
		while (chunk->end < end && done < size)
			chunk->data[chunk->end++] = (uint8_t)(done++ % 251);
		queue_push(run.queue, chunk);
		run.passed = done;
	}
	return done;
}

static void what_is_passed_is_taken_in_order(void **state)
{
	static const size_t parts[] = { 1000, 65536, QUEUE_CHUNK_SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		run.taken = run.passed = 0;
		assert_int_equal(queue_new(LIMIT, take_all, NULL, &run.queue), 0);
		assert_int_equal(fill(20 * QUEUE_CHUNK_SIZE + 77, parts[i]),
				 20 * QUEUE_CHUNK_SIZE + 77);
		queue_end(run.queue);
		queue_free(run.queue);
		assert_int_equal(run.taken, 20 * QUEUE_CHUNK_SIZE + 77);
		assert_true(run.in_order);
	}
}

/* Small parts share a chunk, so that the limit is one of bytes. */
static void all_of_the_limit_is_filled_while_nobody_takes(void **state)
{
	(void)state;
	run.begin_at = LIMIT;
	assert_int_equal(queue_new(LIMIT, take_all, NULL, &run.queue), 0);
	assert_int_equal(fill(LIMIT, 1000), LIMIT);
	queue_end(run.queue);
	queue_free(run.queue);
	assert_int_equal(run.taken, LIMIT);
	assert_true(run.in_order);
}

static void who_fills_more_waits_and_goes_on(void **state)
{
	(void)state;
	run.begin_at = LIMIT;
	assert_int_equal(queue_new(LIMIT, take_all, NULL, &run.queue), 0);
	assert_int_equal(fill(4 * LIMIT, 65536), 4 * LIMIT);
	queue_end(run.queue);
	queue_free(run.queue);
	assert_int_equal(run.taken, 4 * LIMIT);
	assert_int_equal(run.most, LIMIT);
	assert_true(run.in_order);
}

static void who_fills_is_told_that_nobody_takes_any_more(void **state)
{
	(void)state;
	run.stop_after = LIMIT;
	assert_int_equal(queue_new(LIMIT, take_all, NULL, &run.queue), 0);
	assert_in_range(fill(SIZE_MAX / 2, QUEUE_CHUNK_SIZE), LIMIT, 3 * LIMIT);
	queue_free(run.queue);
	assert_int_equal(run.taken, LIMIT);
}

static void give_three(void *context)
{
	(void)context;
	for (uint8_t i = 0; i < 3; i++) {
		struct queue_chunk *chunk = queue_get_room(run.queue);

		memset(chunk->data, i, QUEUE_CHUNK_SIZE);
		chunk->end = QUEUE_CHUNK_SIZE;
		queue_push(run.queue, chunk);
	}
	while (!run.may_end)
		sched_yield();
	queue_end(run.queue);
}

static void nothing_there_is_not_the_end(void **state)
{
	struct queue_chunk *chunk;

	(void)state;
	assert_int_equal(queue_new(LIMIT, give_three, NULL, &run.queue), 0);
	for (uint8_t i = 0; i < 3; i++) {
		assert_int_equal(queue_pop(run.queue, WAIT_MS, &chunk), 0);
		assert_int_equal(chunk->data[QUEUE_CHUNK_SIZE - 1], i);
		queue_return(run.queue, chunk);
	}
	assert_int_equal(queue_pop(run.queue, 0, &chunk), -EAGAIN);
	assert_int_equal(queue_pop(run.queue, 2, &chunk), -EAGAIN);
	run.may_end = true;
	assert_int_equal(queue_pop(run.queue, WAIT_MS, &chunk), -EPIPE);
	queue_free(run.queue);
}

static void look_at_signals(void *context)
{
	sigset_t blocked;

	(void)context;
	run.signals = pthread_sigmask(SIG_SETMASK, NULL, &blocked) != 0 ||
		      !sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM);
	queue_close(run.queue);
}

/* A wait of the thread that looks at signals is what they must end. */
static void the_other_thread_gets_no_signals(void **state)
{
	sigset_t blocked;

	(void)state;
	assert_int_equal(queue_new(LIMIT, look_at_signals, NULL, &run.queue), 0);
	queue_free(run.queue);
	assert_false(run.signals);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	assert_false(sigismember(&blocked, SIGINT));
}

static int set_up(void **state)
{
	(void)state;
	memset(&run, 0, sizeof(run));
	run.in_order = true;
	run.stop_after = SIZE_MAX;
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_passed_is_taken_in_order),
		TEST(all_of_the_limit_is_filled_while_nobody_takes),
		TEST(who_fills_more_waits_and_goes_on),
		TEST(who_fills_is_told_that_nobody_takes_any_more),
		TEST(nothing_there_is_not_the_end),
		TEST(the_other_thread_gets_no_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
