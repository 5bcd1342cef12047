// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may wait is done in a thread of its own, the loop goes on meanwhile and hears when it is
 * done, and what does not end holds up nobody's end.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/worker.h"

#define MS 1000000ull

/* A work that waits until the test lets it go on. */
struct wait {
	struct work work;
	int gate[2];	   /* a pipe */
	const char *route; /* that its messages were about */
	int policy;
	bool takes_signals;
	pthread_t thread, done_thread;
	unsigned int done;
};

static struct wait *to_wait(struct work *work)
{
	return (struct wait *)work;
}

static void run(struct work *work)
{
	struct wait *wait = to_wait(work);
	sigset_t blocked;
	char byte;

	wait->thread = pthread_self();
	wait->policy = sched_getscheduler(0);
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	wait->takes_signals = !sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGHUP);
	wait->route = log_enter_route(NULL);
	while (read(wait->gate[0], &byte, 1) < 0 && errno == EINTR)
		;
}

static void done(struct work *work)
{
	struct wait *wait = to_wait(work);

	wait->done_thread = pthread_self();
	wait->done++;
}

static void wait_init(struct wait *wait)
{
	*wait = (struct wait){ .work = { .run = run, .done = done, .route = "rx" } };
	assert_int_equal(pipe(wait->gate), 0);
}

/* Have a worker of a loop wait. */
static struct worker *begin_waiting(struct wait *wait, sd_event **event)
{
	struct worker *worker;

	wait_init(wait);
	assert_int_equal(sd_event_new(event), 0);
	assert_int_equal(worker_new(&worker, *event), 0);
	worker_begin(worker, &wait->work);
	return worker;
}

static void wait_let_go(struct wait *wait)
{
	assert_int_equal(write(wait->gate[1], "", 1), 1);
}

static void wait_close(struct wait *wait)
{
	close(wait->gate[0]);
	close(wait->gate[1]);
}

static void turn_until_done(sd_event *event, const struct wait *wait, unsigned int times)
{
	while (wait->done < times)
		assert_int_equal(sd_event_run(event, UINT64_MAX), 1);
}

static void the_loop_goes_on_while_a_work_waits(void **state)
{
	struct worker *worker;
	struct wait wait;
	sd_event *event;

	(void)state;
	worker = begin_waiting(&wait, &event);
	assert_int_equal(sd_event_run(event, 20000), 0);
	assert_int_equal(wait.done, 0);
	wait_let_go(&wait);
	turn_until_done(event, &wait, 1);
	assert_false(pthread_equal(wait.thread, pthread_self()));
	assert_true(pthread_equal(wait.done_thread, pthread_self()));
	assert_string_equal(wait.route, "rx");
	/* The next one has the same thread. */
	worker_begin(worker, &wait.work);
	wait_let_go(&wait);
	turn_until_done(event, &wait, 2);
	assert_true(worker_free(worker, 0));
	sd_event_unref(event);
	wait_close(&wait);
}

static void the_thread_is_ordinary_and_takes_no_signals(void **state)
{
	struct worker *worker;
	struct wait wait;
	sd_event *event;

	(void)state;
	wait_init(&wait);
	assert_int_equal(sd_event_new(&event), 0);
	/* Not everybody may have SCHED_FIFO; SCHED_BATCH is handed on as well. */
	assert_int_equal(sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 }), 0);
	assert_int_equal(worker_new(&worker, event), 0);
	assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){ 0 }), 0);
	worker_begin(worker, &wait.work);
	wait_let_go(&wait);
	turn_until_done(event, &wait, 1);
	assert_int_equal(wait.policy, SCHED_OTHER);
	assert_false(wait.takes_signals);
	assert_true(worker_free(worker, 0));
	sd_event_unref(event);
	wait_close(&wait);
}

static void a_work_that_does_not_end_is_left(void **state)
{
	/* They stay, as of a process that ends. */
	static struct worker *worker;
	static struct wait wait;
	sd_event *event;
	uint64_t until;

	(void)state;
	worker = begin_waiting(&wait, &event);
	until = clock_now_ns() + 20 * MS;
	assert_false(worker_free(worker, until));
	assert_true(clock_now_ns() >= until);
	/* Nobody hears of it when it does end. */
	wait_let_go(&wait);
	assert_int_equal(sd_event_run(event, 20000), 0);
	assert_int_equal(wait.done, 0);
	sd_event_unref(event);
}

static void what_ends_in_time_is_waited_for(void **state)
{
	struct worker *worker;
	struct wait wait;
	sd_event *event;

	(void)state;
	worker = begin_waiting(&wait, &event);
	wait_let_go(&wait);
	assert_true(worker_free(worker, clock_now_ns() + 60000 * MS));
	assert_int_equal(wait.done, 0);
	assert_true(worker_free(NULL, 0));
	sd_event_unref(event);
	wait_close(&wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loop_goes_on_while_a_work_waits),
		cmocka_unit_test(the_thread_is_ordinary_and_takes_no_signals),
		cmocka_unit_test(a_work_that_does_not_end_is_left),
		cmocka_unit_test(what_ends_in_time_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
