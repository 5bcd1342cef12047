/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: asynchronous reads and writes
 *
 * The kernel's native AIO (fs/aio.c), for files whose driver really does it: a plain write() on an
 * endpoint of FunctionFS waits until the host has read, also on a non-blocking file. glibc does not
 * know these system calls.
 */
#ifndef GADGET_AIO_H
#define GADGET_AIO_H

#include <stdbool.h>
#include <stdint.h>

/* As many transfers begin with one call, and as many results are taken with one. */
#define AIO_BATCH 16u

struct aio;

/**
 * struct aio_transfer - a read or a write
 * @fd: file
 * @write: from memory to the file
 * @memory: must stay until the transfer is done
 * @length: bytes
 * @tag: what the caller knows it by
 */
struct aio_transfer {
	int fd;
	bool write;
	void *memory;
	uint32_t length;
	uint64_t tag;
};

/**
 * struct aio_result - how a transfer ended
 * @tag: of the transfer
 * @result: bytes that moved, or a negative errno
 */
struct aio_result {
	uint64_t tag;
	int64_t result;
};

/**
 * aio_new() - get ready for transfers
 * @aio: receives the object
 * @limit: how many may be in flight
 *
 * Return: 0 or a negative errno, not logged: -EAGAIN when the system has no more, see
 * /proc/sys/fs/aio-max-nr.
 */
int aio_new(struct aio **aio, unsigned int limit);

/**
 * aio_free() - cancel what is in flight and wait for it
 * @aio: may be NULL
 *
 * To close the file alone would cancel nothing: each transfer holds it. When this returns, none
 * does, and nobody uses the memory any more.
 */
void aio_free(struct aio *aio);

/**
 * aio_room() - how many transfers may begin now
 * @aio: the object
 */
unsigned int aio_room(const struct aio *aio);

/**
 * aio_is_idle() - whether nothing is in flight
 * @aio: the object
 */
bool aio_is_idle(const struct aio *aio);

/**
 * aio_submit() - begin transfers, in their order
 * @aio: the object
 * @transfers: copied
 * @count: at least 1, at most AIO_BATCH, and at most as many as there is room for
 *
 * Return: how many of them have begun, at least the first, or a negative errno, not logged. What a
 * driver refuses is a result, not an error here.
 */
int aio_submit(struct aio *aio, const struct aio_transfer *transfers, unsigned int count);

/**
 * aio_collect() - take results of transfers that are done, in the order in which they ended
 * @aio: the object
 * @results: receives them
 * @max: at most so many
 *
 * Return: how many there are, or a negative errno, not logged.
 */
int aio_collect(struct aio *aio, struct aio_result *results, unsigned int max);

/**
 * aio_cancel() - ask for the end of all transfers that are in flight
 * @aio: the object
 *
 * Those that are done already have their results, the others will have an error; both soon.
 */
void aio_cancel(struct aio *aio);

/**
 * aio_wait() - wait for the next result
 * @aio: the object, with transfers in flight
 * @timeout_ms: how long at most, milliseconds
 *
 * Return: 0 when aio_collect() should be called, -ETIMEDOUT, or another negative errno, not logged.
 */
int aio_wait(const struct aio *aio, int timeout_ms);

/**
 * aio_wait_fd() - what polls readable when a transfer is done
 * @aio: the object, which owns the file descriptor
 *
 * It stays readable until aio_collect() is called, and is silent when nothing is in flight.
 */
int aio_wait_fd(const struct aio *aio);

#endif
