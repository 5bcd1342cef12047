/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue.h - bytes that go from one thread to another, as many as fit into a limit
 *
 * One thread fills chunks of memory and passes them on, the other takes them in the same order and
 * gives them back. One of the two owns the queue, the other runs for it. Memory is only taken when
 * the one that takes is late, and at most up to the limit: then the one that fills waits. Emptied
 * chunks are used again before new ones, the last one first, so that what keeps up stays within the
 * processor's cache.
 */
#ifndef HOST_FILES_QUEUE_H
#define HOST_FILES_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#define QUEUE_CHUNK_SIZE ((size_t)1 << 20)
#define QUEUE_FOREVER	 UINT32_MAX

/** struct queue - the way between two threads; opaque */
struct queue;

/**
 * struct queue_chunk - a chunk of memory
 * @begin: where its bytes begin; for the one that takes, to remember how far it is
 * @end: where they end; the one that fills moves it
 * @data: the bytes
 */
struct queue_chunk {
	size_t begin;
	size_t end;
	uint8_t data[QUEUE_CHUNK_SIZE];
};

/**
 * queue_new() - make a queue, and start the thread at its other end
 * @limit: how much memory it may take, bytes, at least %QUEUE_CHUNK_SIZE
 * @work: what the thread does; it gets no signals, and must return after queue_end() when it
 *	takes, after queue_close() when it fills
 * @context: for @work, which begins before this returns
 * @queue: gets the queue, before @work begins; to be given to queue_free()
 *
 * Return: 0; -ENOMEM; -EAGAIN: the system has no room for another thread.
 */
int queue_new(size_t limit, void (*work)(void *context), void *context, struct queue **queue);

/** queue_free() - wait for the thread's end, and release a queue that is ended or closed */
void queue_free(struct queue *queue);

/**
 * queue_get_room() - get a chunk with room
 * @queue: the queue
 *
 * Waits while the limit is reached. This may be the chunk that was passed last and was not yet
 * taken: chunks get full when the one that takes is late. What is in a chunk is nobody else's until
 * queue_push().
 *
 * Return: a chunk whose @end is below %QUEUE_CHUNK_SIZE, to be given to queue_push(); NULL when the
 * queue was closed.
 */
struct queue_chunk *queue_get_room(struct queue *queue);

/** queue_push() - pass on a chunk from queue_get_room(), which may be empty */
void queue_push(struct queue *queue, struct queue_chunk *chunk);

/** queue_end() - pass nothing on any more */
void queue_end(struct queue *queue);

/**
 * queue_pop() - take the oldest chunk
 * @queue: the queue
 * @timeout_ms: how long to wait for it at most, milliseconds; or %QUEUE_FOREVER
 * @chunk: gets it, to be given to queue_return()
 *
 * Return: 0; -EAGAIN: there was none in that time; -EPIPE: there is none any more.
 */
int queue_pop(struct queue *queue, uint32_t timeout_ms, struct queue_chunk **chunk);

/** queue_return() - give back a chunk from queue_pop() */
void queue_return(struct queue *queue, struct queue_chunk *chunk);

/** queue_close() - take nothing any more; who waits in queue_get_room() gets NULL */
void queue_close(struct queue *queue);

#endif
