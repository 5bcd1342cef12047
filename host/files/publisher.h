/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publisher.h - publish samples by ZeroMQ
 *
 * Messages are samples and nothing else, a whole number of samples each. A subscriber that is slow
 * makes the publisher wait, as a pipe does: nothing is dropped for it.
 */
#ifndef HOST_FILES_PUBLISHER_H
#define HOST_FILES_PUBLISHER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct failure;
struct publisher;

/* How long a subscriber may take nothing when the end is near. In the man page, too. */
#define PUBLISHER_PATIENCE_MS 30000

/* What an output's name begins with when it is an endpoint. */
#define ENDPOINT_PREFIX "zmq:"

/** struct publisher_losses - bytes that a publisher took, and that no subscriber has */
struct publisher_losses {
	uint64_t undelivered;  /* those that arrived nowhere; they are the last ones */
	uint64_t unsubscribed; /* those that were sent while nobody subscribed */
};

/**
 * publisher_open() - open a publisher
 * @endpoint: where it is bound, as endpoint_check() accepts it
 * @sample_size: bytes in a sample of each channel
 * @patience_ms: how long a subscriber may take nothing when the end is near, milliseconds
 * @is_ending: tells, by not being 0, that the end is near; or NULL
 * @failure: gets the reasons of errors
 * @publisher: gets the publisher; to be given to publisher_close()
 *
 * Return: 0; -ENOMEM; -EADDRINUSE: another program is bound there; -EEXIST: the file of an ipc
 * endpoint is no socket; another negative errno of zmq_bind(3).
 */
int publisher_open(const char *endpoint, size_t sample_size, unsigned int patience_ms,
		   int (*is_ending)(void), struct failure *failure, struct publisher **publisher);

/**
 * publisher_write() - publish whole samples, at least one
 *
 * Before the end is near, that is before publisher_finish() and before is_ending() says so, it
 * waits as long as it takes.
 *
 * Return: how many bytes it took; -ETIMEDOUT: the patience is over; or another negative errno,
 * after which it must not be called again. The reason is told by publisher_explain().
 */
ssize_t publisher_write(struct publisher *publisher, const uint8_t *data, size_t size);

/**
 * publisher_finish() - wait until what was taken is delivered, unless writing has failed
 *
 * Return: 0; -ETIMEDOUT: the patience is over.
 */
int publisher_finish(struct publisher *publisher, struct publisher_losses *losses);

/**
 * publisher_explain() - put the reason of an error into a sentence, with what is not delivered
 *
 * To that belong @untaken bytes, which were to be written and were not taken. Returns @error.
 */
int publisher_explain(const struct publisher *publisher, int error, uint64_t untaken);

/** publisher_close() - release a publisher; NULL does no harm */
void publisher_close(struct publisher *publisher);

/* ---- endpoint.c: where a publisher is found: tcp://ADDRESS:PORT or ipc://FILE ---- */

/** endpoint_of() - the endpoint in an output's name, or NULL where there is none, or no name */
const char *endpoint_of(const char *output);

/** endpoint_check() - see whether an endpoint is one; -EINVAL: it is none */
int endpoint_check(const char *endpoint, struct failure *failure);

/**
 * endpoint_is_free() - see whether the file of an endpoint that was checked may be made anew
 *
 * ZeroMQ removes whatever has the name of the file. That nobody is bound to an endpoint without one
 * is for zmq_bind(3) to say.
 *
 * Return: 0; -EEXIST: there is a file that is no socket; -EADDRINUSE: another program listens.
 */
int endpoint_is_free(const char *endpoint);

/** endpoint_remove() - remove the file, if any, of an endpoint of this program: ZeroMQ leaves it */
void endpoint_remove(const char *endpoint);

/**
 * endpoint_unread() - what the kernel still has for the subscribers of this program
 *
 * Return: bytes that the kernel of the other machine has not acknowledged; for ipc, memory of those
 * that the subscribers have not read.
 */
uint64_t endpoint_unread(const char *endpoint);

#endif
