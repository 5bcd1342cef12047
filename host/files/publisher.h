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

/* How long a subscriber may take nothing when the end is near. In the man page, too. */
#define PUBLISHER_PATIENCE_MS 30000

/** struct publisher - a publisher; opaque */
struct publisher;

/**
 * struct publisher_losses - bytes that a publisher took, and that no subscriber has
 * @undelivered: those that arrived nowhere; they are the last ones
 * @unsubscribed: those that were sent while nobody subscribed
 */
struct publisher_losses {
	uint64_t undelivered;
	uint64_t unsubscribed;
};

/**
 * publisher_open() - open a publisher
 * @endpoint: where it is bound, as endpoint_check() accepts it
 * @sample_size: bytes in a sample of each channel
 * @patience_ms: how long a subscriber may take nothing when the end is near, milliseconds
 * @is_ending: tells, by not being 0, that the end is near; or NULL
 * @failure: gets the reasons of errors, also of later ones; must outlive the publisher
 * @publisher: gets the publisher; to be given to publisher_close()
 *
 * Return: 0; -ENOMEM; -EADDRINUSE: another program is bound there; -EEXIST: the file of an ipc
 * endpoint is no socket; another negative errno of zmq_bind(3).
 */
int publisher_open(const char *endpoint, size_t sample_size, unsigned int patience_ms,
		   int (*is_ending)(void), struct failure *failure, struct publisher **publisher);

/**
 * publisher_write() - publish bytes of a stream
 * @publisher: the publisher
 * @data: whole samples
 * @size: their bytes, at least those of one
 *
 * Before the end is near, that is before publisher_finish() and before is_ending() says so, it
 * waits as long as it takes.
 *
 * Return: how many it took; -ETIMEDOUT: the patience is over; or another negative errno, after
 * which it must not be called again. The reason is told by publisher_explain().
 */
ssize_t publisher_write(struct publisher *publisher, const uint8_t *data, size_t size);

/**
 * publisher_finish() - wait until what was taken is delivered, unless writing has failed
 * @publisher: the publisher
 * @losses: gets what was lost
 *
 * Return: 0; -ETIMEDOUT: the patience is over.
 */
int publisher_finish(struct publisher *publisher, struct publisher_losses *losses);

/**
 * publisher_explain() - put the reason of an error into a sentence
 * @publisher: the publisher
 * @error: of publisher_write() or publisher_finish()
 * @untaken: bytes that were to be written and that it did not take
 *
 * Return: @error.
 */
int publisher_explain(const struct publisher *publisher, int error, uint64_t untaken);

/** publisher_close() - release a publisher; NULL does no harm */
void publisher_close(struct publisher *publisher);

#endif
