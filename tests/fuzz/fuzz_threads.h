/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_threads.h - threads one at a time, and a clock that nobody waits for
 *
 * A command has threads: its own, and those of the library. Here only one of them runs, until it
 * has to wait; then the next one does whose wait is over. When all wait, the clock goes on to the
 * first moment that one of them waits for. So what happens follows from the bytes alone, the same
 * each time, and waiting takes no time; and when all wait for ever, that is found.
 *
 * To be included by one file, which is linked with --wrap of the functions below.
 */
#ifndef FUZZ_THREADS_H
#define FUZZ_THREADS_H

#include "fuzz.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

#define THREADS_MAX   32
#define THREADS_NEVER UINT64_MAX
#define NS_PER_S      UINT64_C(1000000000)

/**
 * struct fuzz_thread - a thread of the command
 * @used: there is one in this place
 * @ended: it has returned
 * @self: who it is
 * @work: what it does, with @context
 * @result: what that returned
 * @is_over: whether what it waits for is there; NULL: it waits for the time only, or for its turn
 * @waits_for: for @is_over
 * @until_ns: when it stops waiting
 * @turn: it is its turn
 */
struct fuzz_thread {
	bool used, ended;
	pthread_t self;
	void *(*work)(void *context);
	void *context;
	void *result;
	bool (*is_over)(void *waits_for);
	void *waits_for;
	uint64_t until_ns;
	pthread_cond_t turn;
};

static struct {
	pthread_mutex_t lock;
	struct fuzz_thread list[THREADS_MAX];
	unsigned int running; /* whose turn it is */
	uint64_t now_ns;
} threads = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* NULL for the fuzzer's own threads, which have their usual functions. */
static _Thread_local struct fuzz_thread *thread_self;

__typeof__(pthread_create) __real_pthread_create, __wrap_pthread_create;
__typeof__(pthread_join) __real_pthread_join, __wrap_pthread_join;
__typeof__(pthread_mutex_lock) __real_pthread_mutex_lock, __wrap_pthread_mutex_lock;
__typeof__(pthread_cond_wait) __real_pthread_cond_wait, __wrap_pthread_cond_wait;
__typeof__(pthread_cond_timedwait) __real_pthread_cond_timedwait, __wrap_pthread_cond_timedwait;
__typeof__(pthread_cond_signal) __real_pthread_cond_signal, __wrap_pthread_cond_signal;
__typeof__(pthread_cond_broadcast) __real_pthread_cond_broadcast, __wrap_pthread_cond_broadcast;
__typeof__(ppoll) __real_ppoll, __wrap_ppoll;
__typeof__(poll) __real_poll, __wrap_poll;
__typeof__(nanosleep) __real_nanosleep, __wrap_nanosleep;
__typeof__(sem_clockwait) __real_sem_clockwait, __wrap_sem_clockwait;
__typeof__(clock_gettime) __real_clock_gettime, fuzz_clock_gettime;

static uint64_t threads_ns(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_nsec;
}

/* What the clocks show to the command. Each look takes a moment, so that nobody looks for ever. */
int fuzz_clock_gettime(clockid_t clock, struct timespec *time)
{
	if (!thread_self)
		return __real_clock_gettime(clock, time);
	threads.now_ns += 100;
	time->tv_sec = (time_t)(threads.now_ns / NS_PER_S);
	time->tv_nsec = (long)(threads.now_ns % NS_PER_S);
	return 0;
}

/* ---- whose turn it is ---- */

static bool threads_is_ready(const struct fuzz_thread *thread)
{
	return thread->used && !thread->ended &&
	       (thread->until_ns <= threads.now_ns ||
		(thread->is_over && thread->is_over(thread->waits_for)));
}

/* The next one in turn that can go on, or the one that waits for the nearest moment. */
static struct fuzz_thread *threads_choose(void)
{
	struct fuzz_thread *first = NULL;

	for (unsigned int i = 1; i <= THREADS_MAX; i++) {
		struct fuzz_thread *thread = &threads.list[(threads.running + i) % THREADS_MAX];

		if (threads_is_ready(thread))
			return thread;
		if (thread->used && !thread->ended &&
		    (!first || thread->until_ns < first->until_ns))
			first = thread;
	}
	/* All wait for each other. */
	fuzz_check(first && first->until_ns != THREADS_NEVER);
	threads.now_ns = first->until_ns;
	return first;
}

static void threads_pass_on(void)
{
	struct fuzz_thread *next = threads_choose();

	threads.running = (unsigned int)(next - threads.list);
	__real_pthread_cond_signal(&next->turn);
}

static void threads_await_turn(struct fuzz_thread *self)
{
	while (&threads.list[threads.running] != self)
		__real_pthread_cond_wait(&self->turn, &threads.lock);
}

/* Others run until something is there, or it is so late. Returns whether it is there. */
static bool threads_wait(bool (*is_over)(void *waits_for), void *waits_for, uint64_t until_ns)
{
	struct fuzz_thread *self = thread_self;

	__real_pthread_mutex_lock(&threads.lock);
	self->is_over = is_over;
	self->waits_for = waits_for;
	self->until_ns = until_ns;
	threads_pass_on();
	threads_await_turn(self);
	self->is_over = NULL;
	pthread_mutex_unlock(&threads.lock);
	return is_over && is_over(waits_for);
}

/* Others have a turn. */
static inline void threads_yield(void)
{
	if (thread_self)
		threads_wait(NULL, NULL, 0);
}

static uint64_t threads_later(uint64_t wait_ns)
{
	return threads.now_ns + wait_ns;
}

static struct fuzz_thread *threads_add(void)
{
	struct fuzz_thread *thread = threads.list;

	while (thread->used)
		fuzz_check(++thread < threads.list + THREADS_MAX);
	*thread = (struct fuzz_thread){ .used = true, .turn = PTHREAD_COND_INITIALIZER };
	return thread;
}

/** threads_begin() - this thread runs a command from now on */
static void threads_begin(void)
{
	threads.now_ns = NS_PER_S;
	thread_self = threads_add();
	thread_self->self = pthread_self();
	threads.running = (unsigned int)(thread_self - threads.list);
}

/** threads_end() - the command is over: it has no other threads */
static void threads_end(void)
{
	thread_self->used = false;
	thread_self = NULL;
	for (unsigned int i = 0; i < THREADS_MAX; i++)
		fuzz_check(!threads.list[i].used);
}

/* ---- what threads do ---- */

static void *threads_run(void *context)
{
	struct fuzz_thread *self = context;

	thread_self = self;
	__real_pthread_mutex_lock(&threads.lock);
	threads_await_turn(self);
	pthread_mutex_unlock(&threads.lock);
	self->result = self->work(self->context);
	__real_pthread_mutex_lock(&threads.lock);
	thread_self = NULL;
	self->ended = true;
	threads_pass_on();
	pthread_mutex_unlock(&threads.lock);
	return self->result;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*work)(void *), void *context)
{
	struct fuzz_thread *added;
	int r;

	if (!thread_self)
		return __real_pthread_create(thread, attributes, work, context);
	added = threads_add();
	added->work = work;
	added->context = context;
	r = __real_pthread_create(thread, attributes, threads_run, added);
	added->self = *thread;
	added->used = r == 0;
	return r;
}

static bool threads_has_ended(void *waits_for)
{
	return ((const struct fuzz_thread *)waits_for)->ended;
}

int __wrap_pthread_join(pthread_t self, void **result)
{
	struct fuzz_thread *thread = threads.list;

	if (!thread_self)
		return __real_pthread_join(self, result);
	while (!thread->used || !pthread_equal(thread->self, self))
		fuzz_check(++thread < threads.list + THREADS_MAX);
	threads_wait(threads_has_ended, thread, THREADS_NEVER);
	thread->used = false;
	return __real_pthread_join(self, result);
}

static bool threads_is_unlocked(void *waits_for)
{
	if (pthread_mutex_trylock(waits_for) != 0)
		return false;
	pthread_mutex_unlock(waits_for);
	return true;
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	if (!thread_self)
		return __real_pthread_mutex_lock(mutex);
	while (pthread_mutex_trylock(mutex) == EBUSY)
		threads_wait(threads_is_unlocked, mutex, THREADS_NEVER);
	return 0;
}

/* A thread that waits for a condition. */
struct threads_condition {
	pthread_cond_t *condition;
	bool woken;
};

static bool threads_is_woken(void *waits_for)
{
	return ((const struct threads_condition *)waits_for)->woken;
}

static int threads_await_condition(pthread_cond_t *condition, pthread_mutex_t *mutex,
				   uint64_t until_ns)
{
	struct threads_condition waits_for = { condition, false };
	const bool is_late = until_ns <= threads.now_ns;
	bool woken;

	pthread_mutex_unlock(mutex);
	woken = threads_wait(threads_is_woken, &waits_for, until_ns);
	__wrap_pthread_mutex_lock(mutex);
	return woken && !is_late ? 0 : ETIMEDOUT;
}

int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	if (!thread_self)
		return __real_pthread_cond_wait(condition, mutex);
	return threads_await_condition(condition, mutex, THREADS_NEVER);
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
				  const struct timespec *end)
{
	if (!thread_self)
		return __real_pthread_cond_timedwait(condition, mutex, end);
	return threads_await_condition(condition, mutex, threads_ns(end));
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *condition)
{
	if (!thread_self)
		return __real_pthread_cond_broadcast(condition);
	for (unsigned int i = 0; i < THREADS_MAX; i++) {
		struct fuzz_thread *thread = &threads.list[i];
		struct threads_condition *waits_for = thread->waits_for;

		if (thread->used && !thread->ended && thread != thread_self &&
		    thread->is_over == threads_is_woken && waits_for->condition == condition)
			waits_for->woken = true;
	}
	return 0;
}

/* Who waits for a condition looks again, so more of them may be woken than one. */
int __wrap_pthread_cond_signal(pthread_cond_t *condition)
{
	if (!thread_self)
		return __real_pthread_cond_signal(condition);
	return __wrap_pthread_cond_broadcast(condition);
}

struct threads_files {
	struct pollfd *files;
	nfds_t count;
};

static bool threads_are_files_ready(void *waits_for)
{
	const struct threads_files *files = waits_for;

	return __real_poll(files->files, files->count, 0) != 0;
}

static int threads_await_files(struct pollfd *files, nfds_t count, uint64_t until_ns)
{
	struct threads_files waits_for = { files, count };

	threads_wait(threads_are_files_ready, &waits_for, until_ns);
	return __real_poll(files, count, 0);
}

int __wrap_ppoll(struct pollfd *files, nfds_t count, const struct timespec *timeout,
		 const sigset_t *signals)
{
	if (!thread_self)
		return __real_ppoll(files, count, timeout, signals);
	return threads_await_files(files, count,
				   timeout ? threads_later(threads_ns(timeout)) : THREADS_NEVER);
}

int __wrap_poll(struct pollfd *files, nfds_t count, int timeout_ms)
{
	if (!thread_self)
		return __real_poll(files, count, timeout_ms);
	return threads_await_files(files, count,
				   timeout_ms < 0 ? THREADS_NEVER
						  : threads_later((uint64_t)timeout_ms * 1000000));
}

static bool threads_is_posted(void *waits_for)
{
	int value = 0;

	sem_getvalue(waits_for, &value);
	return value > 0;
}

int __wrap_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *end)
{
	if (!thread_self)
		return __real_sem_clockwait(semaphore, clock, end);
	threads_wait(threads_is_posted, semaphore, threads_ns(end));
	if (sem_trywait(semaphore) == 0)
		return 0;
	errno = ETIMEDOUT;
	return -1;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	if (!thread_self)
		return __real_nanosleep(time, left);
	threads_wait(NULL, NULL, threads_later(threads_ns(time)));
	return 0;
}

/* From here on, for the bus in memory, too. */
#define __real_clock_gettime fuzz_clock_gettime

#endif
