// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/files/relay.h"

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

#define LIMIT	(3 * RELAY_PIECE_SIZE)
#define WAIT_MS 10000 /* for what must happen soon */

/* What the other thread does, and what it found; the atomic ones tell the threads of each other. */
static struct {
	struct relay *relay;
	atomic_size_t passed; /* bytes */
	size_t begin_at;      /* nothing is taken before so many bytes were passed */
	size_t stop_after;    /* bytes that are taken */
	atomic_bool may_end;
	size_t taken;
	size_t most; /* that were passed and not taken at a time */
	bool in_order;
	bool signals; /* it would get some */
} run;

static void take(struct relay_piece *piece)
{
	const size_t waiting = run.passed - run.taken;

	run.most = waiting > run.most ? waiting : run.most;
	for (size_t i = 0; i < piece->end; i++)
		run.in_order = run.in_order && piece->data[i] == (run.taken + i) % 251;
	run.taken += piece->end;
	relay_give_back(run.relay, piece);
}

static void take_all(void *context)
{
	struct relay_piece *piece;

	(void)context;
	while (run.passed < run.begin_at)
		sched_yield();
	while (run.taken < run.stop_after && relay_take(run.relay, RELAY_FOREVER, &piece) == 0)
		take(piece);
	relay_close(run.relay);
}

/* Passes up to @size bytes on in parts of @part; returns how many it could. */
static size_t fill(size_t size, size_t part)
{
	size_t done = 0;

	while (done < size) {
		struct relay_piece *piece = relay_fill(run.relay);
		size_t end;

		if (!piece)
			return done;
		end = piece->end + part < RELAY_PIECE_SIZE ? piece->end + part : RELAY_PIECE_SIZE;
		while (piece->end < end && done < size)
			piece->data[piece->end++] = (uint8_t)(done++ % 251);
		relay_pass(run.relay, piece);
		run.passed = done;
	}
	return done;
}

static void what_is_passed_is_taken_in_order(void **state)
{
	static const size_t parts[] = { 1000, 65536, RELAY_PIECE_SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		run.taken = run.passed = 0;
		assert_int_equal(relay_new(LIMIT, take_all, NULL, &run.relay), 0);
		assert_int_equal(fill(20 * RELAY_PIECE_SIZE + 77, parts[i]),
				 20 * RELAY_PIECE_SIZE + 77);
		relay_end(run.relay);
		relay_free(run.relay);
		assert_int_equal(run.taken, 20 * RELAY_PIECE_SIZE + 77);
		assert_true(run.in_order);
	}
}

/* Small parts share a piece, so that the limit is one of bytes. */
static void all_of_the_limit_is_filled_while_nobody_takes(void **state)
{
	(void)state;
	run.begin_at = LIMIT;
	assert_int_equal(relay_new(LIMIT, take_all, NULL, &run.relay), 0);
	assert_int_equal(fill(LIMIT, 1000), LIMIT);
	relay_end(run.relay);
	relay_free(run.relay);
	assert_int_equal(run.taken, LIMIT);
	assert_true(run.in_order);
}

static void who_fills_more_waits_and_goes_on(void **state)
{
	(void)state;
	run.begin_at = LIMIT;
	assert_int_equal(relay_new(LIMIT, take_all, NULL, &run.relay), 0);
	assert_int_equal(fill(4 * LIMIT, 65536), 4 * LIMIT);
	relay_end(run.relay);
	relay_free(run.relay);
	assert_int_equal(run.taken, 4 * LIMIT);
	assert_int_equal(run.most, LIMIT);
	assert_true(run.in_order);
}

static void who_fills_is_told_that_nobody_takes_any_more(void **state)
{
	(void)state;
	run.stop_after = LIMIT;
	assert_int_equal(relay_new(LIMIT, take_all, NULL, &run.relay), 0);
	assert_in_range(fill(SIZE_MAX / 2, RELAY_PIECE_SIZE), LIMIT, 3 * LIMIT);
	relay_free(run.relay);
	assert_int_equal(run.taken, LIMIT);
}

static void give_three(void *context)
{
	(void)context;
	for (uint8_t i = 0; i < 3; i++) {
		struct relay_piece *piece = relay_fill(run.relay);

		memset(piece->data, i, RELAY_PIECE_SIZE);
		piece->end = RELAY_PIECE_SIZE;
		relay_pass(run.relay, piece);
	}
	while (!run.may_end)
		sched_yield();
	relay_end(run.relay);
}

static void nothing_there_is_not_the_end(void **state)
{
	struct relay_piece *piece;

	(void)state;
	assert_int_equal(relay_new(LIMIT, give_three, NULL, &run.relay), 0);
	for (uint8_t i = 0; i < 3; i++) {
		assert_int_equal(relay_take(run.relay, WAIT_MS, &piece), 0);
		assert_int_equal(piece->data[RELAY_PIECE_SIZE - 1], i);
		relay_give_back(run.relay, piece);
	}
	assert_int_equal(relay_take(run.relay, 0, &piece), -EAGAIN);
	assert_int_equal(relay_take(run.relay, 2, &piece), -EAGAIN);
	run.may_end = true;
	assert_int_equal(relay_take(run.relay, WAIT_MS, &piece), -EPIPE);
	relay_free(run.relay);
}

static void look_at_signals(void *context)
{
	sigset_t blocked;

	(void)context;
	run.signals = pthread_sigmask(SIG_SETMASK, NULL, &blocked) != 0 ||
		      !sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM);
	relay_close(run.relay);
}

/* A wait of the thread that looks at signals is what they must end. */
static void the_other_thread_gets_no_signals(void **state)
{
	sigset_t blocked;

	(void)state;
	assert_int_equal(relay_new(LIMIT, look_at_signals, NULL, &run.relay), 0);
	relay_free(run.relay);
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
