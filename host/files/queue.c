// SPDX-License-Identifier: GPL-2.0-or-later
#include "queue.h"

#include "host/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	void (*work)(void *context);
	void *context;

	size_t limit;		      /* chunks */
	size_t count;		      /* chunks that exist */
	struct queue_chunk **chunks;  /* passed and not taken: a ring with room for all */
	size_t head, queued;	      /* the oldest of them, and their number */
	struct queue_chunk **emptied; /* a stack */
	size_t empty;
	bool ended, closed;
};

static void *run(void *context)
{
	struct queue *queue = context;

	queue->work(queue->context);
	return NULL;
}

/* The signals are for the thread that owns the queue: it is the one that looks at them. */
static int start_thread(struct queue *queue)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&queue->thread, NULL, run, queue);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

static struct queue_chunk *new_chunk(struct queue *queue)
{
	struct queue_chunk *chunk = malloc(sizeof(*chunk));

	if (chunk) {
		chunk->begin = chunk->end = 0;
		queue->count++;
	}
	return chunk;
}

static void release(struct queue *queue)
{
	while (queue->queued > 0)
		free(queue->chunks[(queue->head + --queue->queued) % queue->limit]);
	while (queue->empty > 0)
		free(queue->emptied[--queue->empty]);
	free(queue->chunks);
	free(queue->emptied);
	free(queue);
}

int queue_new(size_t limit, void (*work)(void *context), void *context, struct queue **ret)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	pthread_condattr_t attributes;
	int r = -ENOMEM;

	if (!queue)
		return r;
	queue->work = work;
	queue->context = context;
	queue->limit = limit / QUEUE_CHUNK_SIZE;
	queue->chunks = calloc(queue->limit, sizeof(*queue->chunks));
	queue->emptied = calloc(queue->limit, sizeof(*queue->emptied));
	if (!queue->chunks || !queue->emptied)
		goto err_release;
	/* With one, it goes on where there is no memory for more. */
	queue->emptied[0] = new_chunk(queue);
	if (!queue->emptied[0])
		goto err_release;
	queue->empty = 1;

	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	*ret = queue;
	r = start_thread(queue);
	if (r < 0)
		goto err_destroy;
	return 0;

err_destroy:
	*ret = NULL;
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
err_release:
	release(queue);
	return r;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	pthread_join(queue->thread, NULL);
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
	release(queue);
}

/* Everything else happens while nobody else looks. */
static void lock(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
}

static void unlock(struct queue *queue)
{
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

static struct queue_chunk *find_room(struct queue *queue)
{
	if (queue->queued > 0) {
		const size_t last = (queue->head + queue->queued - 1) % queue->limit;

		if (queue->chunks[last]->end < QUEUE_CHUNK_SIZE) {
			queue->queued--;
			return queue->chunks[last];
		}
	}
	if (queue->empty > 0)
		return queue->emptied[--queue->empty];
	return queue->count < queue->limit ? new_chunk(queue) : NULL;
}

struct queue_chunk *queue_get_room(struct queue *queue)
{
	struct queue_chunk *chunk = NULL;

	lock(queue);
	while (!queue->closed && !(chunk = find_room(queue)))
		pthread_cond_wait(&queue->changed, &queue->lock);
	unlock(queue);
	return chunk;
}

void queue_push(struct queue *queue, struct queue_chunk *chunk)
{
	lock(queue);
	queue->chunks[(queue->head + queue->queued++) % queue->limit] = chunk;
	unlock(queue);
}

void queue_end(struct queue *queue)
{
	lock(queue);
	queue->ended = true;
	unlock(queue);
}

static struct timespec time_after(uint32_t milliseconds)
{
	const uint64_t then = clock_now_ns() + milliseconds * CLOCK_NS_PER_MS;

	return (struct timespec){
		.tv_sec = (time_t)(then / CLOCK_NS_PER_SECOND),
		.tv_nsec = (long)(then % CLOCK_NS_PER_SECOND),
	};
}

int queue_pop(struct queue *queue, uint32_t timeout_ms, struct queue_chunk **chunk)
{
	const struct timespec end = time_after(timeout_ms == QUEUE_FOREVER ? 0 : timeout_ms);
	int r = 0;

	lock(queue);
	while (queue->queued == 0 && !queue->ended && r == 0)
		r = timeout_ms == QUEUE_FOREVER
			    ? pthread_cond_wait(&queue->changed, &queue->lock)
			    : pthread_cond_timedwait(&queue->changed, &queue->lock, &end);
	if (queue->queued > 0) {
		*chunk = queue->chunks[queue->head];
		queue->head = (queue->head + 1) % queue->limit;
		queue->queued--;
		r = 0;
	} else {
		r = queue->ended ? -EPIPE : -EAGAIN;
	}
	unlock(queue);
	return r;
}

void queue_return(struct queue *queue, struct queue_chunk *chunk)
{
	chunk->begin = chunk->end = 0;
	lock(queue);
	queue->emptied[queue->empty++] = chunk;
	unlock(queue);
}

void queue_close(struct queue *queue)
{
	lock(queue);
	queue->closed = true;
	unlock(queue);
}
