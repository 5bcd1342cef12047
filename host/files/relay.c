// SPDX-License-Identifier: GPL-2.0-or-later
#include "relay.h"

#include "host/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct relay {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	void (*work)(void *context);
	void *context;

	size_t limit;		      /* pieces */
	size_t count;		      /* pieces that exist */
	struct relay_piece **queue;   /* passed and not taken: a ring with room for all */
	size_t head, queued;	      /* the oldest of them, and their number */
	struct relay_piece **emptied; /* a stack */
	size_t empty;
	bool ended, closed;
};

static void *run(void *context)
{
	struct relay *relay = context;

	relay->work(relay->context);
	return NULL;
}

/* The signals are for the thread that owns the relay: it is the one that looks at them. */
static int start_thread(struct relay *relay)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&relay->thread, NULL, run, relay);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

static struct relay_piece *new_piece(struct relay *relay)
{
	struct relay_piece *piece = malloc(sizeof(*piece));

	if (piece) {
		piece->begin = piece->end = 0;
		relay->count++;
	}
	return piece;
}

static void release(struct relay *relay)
{
	while (relay->queued > 0)
		free(relay->queue[(relay->head + --relay->queued) % relay->limit]);
	while (relay->empty > 0)
		free(relay->emptied[--relay->empty]);
	free(relay->queue);
	free(relay->emptied);
	free(relay);
}

int relay_new(size_t limit, void (*work)(void *context), void *context, struct relay **ret)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	pthread_condattr_t attributes;
	int r = -ENOMEM;

	if (!relay)
		return r;
	relay->work = work;
	relay->context = context;
	relay->limit = limit / RELAY_PIECE_SIZE;
	relay->queue = calloc(relay->limit, sizeof(*relay->queue));
	relay->emptied = calloc(relay->limit, sizeof(*relay->emptied));
	if (!relay->queue || !relay->emptied)
		goto err_release;
	/* With one, it goes on where there is no memory for more. */
	relay->emptied[0] = new_piece(relay);
	if (!relay->emptied[0])
		goto err_release;
	relay->empty = 1;

	pthread_mutex_init(&relay->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&relay->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	*ret = relay;
	r = start_thread(relay);
	if (r < 0)
		goto err_destroy;
	return 0;

err_destroy:
	*ret = NULL;
	pthread_cond_destroy(&relay->changed);
	pthread_mutex_destroy(&relay->lock);
err_release:
	release(relay);
	return r;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	pthread_join(relay->thread, NULL);
	pthread_cond_destroy(&relay->changed);
	pthread_mutex_destroy(&relay->lock);
	release(relay);
}

/* Everything else happens while nobody else looks. */
static void lock(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
}

static void unlock(struct relay *relay)
{
	pthread_cond_broadcast(&relay->changed);
	pthread_mutex_unlock(&relay->lock);
}

static struct relay_piece *find_room(struct relay *relay)
{
	if (relay->queued > 0) {
		const size_t last = (relay->head + relay->queued - 1) % relay->limit;

		if (relay->queue[last]->end < RELAY_PIECE_SIZE) {
			relay->queued--;
			return relay->queue[last];
		}
	}
	if (relay->empty > 0)
		return relay->emptied[--relay->empty];
	return relay->count < relay->limit ? new_piece(relay) : NULL;
}

struct relay_piece *relay_fill(struct relay *relay)
{
	struct relay_piece *piece = NULL;

	lock(relay);
	while (!relay->closed && !(piece = find_room(relay)))
		pthread_cond_wait(&relay->changed, &relay->lock);
	unlock(relay);
	return piece;
}

void relay_pass(struct relay *relay, struct relay_piece *piece)
{
	lock(relay);
	relay->queue[(relay->head + relay->queued++) % relay->limit] = piece;
	unlock(relay);
}

void relay_end(struct relay *relay)
{
	lock(relay);
	relay->ended = true;
	unlock(relay);
}

static struct timespec time_after(uint32_t milliseconds)
{
	const uint64_t then = clock_now_ns() + milliseconds * CLOCK_NS_PER_MS;

	return (struct timespec){
		.tv_sec = (time_t)(then / CLOCK_NS_PER_SECOND),
		.tv_nsec = (long)(then % CLOCK_NS_PER_SECOND),
	};
}

int relay_take(struct relay *relay, uint32_t timeout_ms, struct relay_piece **piece)
{
	const struct timespec end = time_after(timeout_ms == RELAY_FOREVER ? 0 : timeout_ms);
	int r = 0;

	lock(relay);
	while (relay->queued == 0 && !relay->ended && r == 0)
		r = timeout_ms == RELAY_FOREVER
			    ? pthread_cond_wait(&relay->changed, &relay->lock)
			    : pthread_cond_timedwait(&relay->changed, &relay->lock, &end);
	if (relay->queued > 0) {
		*piece = relay->queue[relay->head];
		relay->head = (relay->head + 1) % relay->limit;
		relay->queued--;
		r = 0;
	} else {
		r = relay->ended ? -EPIPE : -EAGAIN;
	}
	unlock(relay);
	return r;
}

void relay_give_back(struct relay *relay, struct relay_piece *piece)
{
	piece->begin = piece->end = 0;
	lock(relay);
	relay->emptied[relay->empty++] = piece;
	unlock(relay);
}

void relay_close(struct relay *relay)
{
	lock(relay);
	relay->closed = true;
	unlock(relay);
}
