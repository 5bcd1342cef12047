/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay.h - bytes that go from one thread to another, as many as fit into a limit
 *
 * One thread fills pieces of memory and passes them on, the other takes them in the same order and
 * gives them back. One of the two owns the relay, the other runs for it. Memory is only taken when
 * the one that takes is late, and at most up to the limit: then the one that fills waits. Emptied
 * pieces are used again before new ones, the last one first, so that what keeps up stays within the
 * processor's cache.
 */
#ifndef HOST_FILES_RELAY_H
#define HOST_FILES_RELAY_H

#include <stddef.h>
#include <stdint.h>

#define RELAY_PIECE_SIZE ((size_t)1 << 20)
#define RELAY_FOREVER	 UINT32_MAX

/** struct relay - the way between two threads; opaque */
struct relay;

/**
 * struct relay_piece - a piece of memory
 * @begin: where its bytes begin; for the one that takes, to remember how far it is
 * @end: where they end; the one that fills moves it
 * @data: the bytes
 */
struct relay_piece {
	size_t begin;
	size_t end;
	uint8_t data[RELAY_PIECE_SIZE];
};

/**
 * relay_new() - make a relay, and start the thread at its other end
 * @limit: how much memory it may take, bytes, at least %RELAY_PIECE_SIZE
 * @work: what the thread does; it gets no signals, and must return after relay_end() when it
 *	takes, after relay_close() when it fills
 * @context: for @work, which begins before this returns
 * @relay: gets the relay, before @work begins; to be given to relay_free()
 *
 * Return: 0; -ENOMEM; -EAGAIN: the system has no room for another thread.
 */
int relay_new(size_t limit, void (*work)(void *context), void *context, struct relay **relay);

/**
 * relay_free() - wait until the thread has returned, and release the relay
 * @relay: from relay_new(), or NULL; ended or closed
 */
void relay_free(struct relay *relay);

/**
 * relay_fill() - get a piece with room
 * @relay: the relay
 *
 * Waits while the limit is reached. This may be the piece that was passed last and was not yet
 * taken: pieces get full when the one that takes is late. What is in a piece is nobody else's until
 * relay_pass().
 *
 * Return: a piece whose @end is below %RELAY_PIECE_SIZE, to be given to relay_pass(); NULL when the
 * relay was closed.
 */
struct relay_piece *relay_fill(struct relay *relay);

/**
 * relay_pass() - pass a piece on
 * @relay: the relay
 * @piece: from relay_fill(); may be empty
 */
void relay_pass(struct relay *relay, struct relay_piece *piece);

/**
 * relay_end() - pass nothing on any more
 * @relay: the relay
 */
void relay_end(struct relay *relay);

/**
 * relay_take() - take the oldest piece
 * @relay: the relay
 * @timeout_ms: how long to wait for it at most, milliseconds; or %RELAY_FOREVER
 * @piece: gets it, to be given to relay_give_back()
 *
 * Return: 0; -EAGAIN: there was none in that time; -EPIPE: there is none any more.
 */
int relay_take(struct relay *relay, uint32_t timeout_ms, struct relay_piece **piece);

/**
 * relay_give_back() - give back a piece
 * @relay: the relay
 * @piece: from relay_take()
 */
void relay_give_back(struct relay *relay, struct relay_piece *piece);

/**
 * relay_close() - take nothing any more
 * @relay: the relay
 *
 * Who waits in relay_fill() gets NULL.
 */
void relay_close(struct relay *relay);

#endif
