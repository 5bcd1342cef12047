/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - where samples to play come from: a file, a pipe, standard input
 *
 * A thread of its own reads, up to 64 MiB ahead: while an input is slow, USB goes on.
 */
#ifndef HOST_FILES_SOURCE_H
#define HOST_FILES_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct failure;

/** struct source - an input; opaque */
struct source;

/**
 * source_open() - open an input
 * @path: a file, or "-" for standard input
 * @failure: gets the reasons of errors, also of later calls; must outlive the source
 * @source: gets the input; to be given to source_close()
 *
 * Return: 0; -EINVAL: standard input is a terminal; another negative errno of open(2).
 */
int source_open(const char *path, struct failure *failure, struct source **source);

/**
 * source_take() - read the beginning of the input, as a header
 * @source: the input, not yet started
 * @data: where to put it
 * @size: how many bytes, all of them
 *
 * Return: 0; -ENODATA: the input ends before; or another negative errno of read(2).
 */
int source_take(struct source *source, uint8_t *data, size_t size);

/**
 * source_repeat() - have what follows come again and again
 * @source: the input, a file, not yet started
 * @size: how many bytes of it, larger than 0
 */
void source_repeat(struct source *source, uint64_t size);

/**
 * source_start() - begin to read
 * @source: the input
 * @limit: how many bytes are wanted; what follows them is left to others who read the same input
 *
 * Return: 0; -ENOMEM; -EAGAIN: no thread can be started.
 */
int source_start(struct source *source, uint64_t limit);

/**
 * source_read() - take what was read
 * @source: the input, started
 * @data: where to put it
 * @size: how many bytes at most, larger than 0
 * @timeout_ms: how long to wait for the first of them at most, milliseconds
 *
 * Return: number of bytes; 0 at the end, or at the limit; -EAGAIN: none within @timeout_ms; or
 * another negative errno of read(2), when all that was read before it is taken.
 */
ssize_t source_read(struct source *source, uint8_t *data, size_t size, unsigned int timeout_ms);

/**
 * source_size() - how much there is to read
 * @source: the input
 *
 * Return: bytes to the end of a file, as it was when it was opened, without those that were taken
 * by source_take(); 0 when that is not known, as of a pipe.
 */
uint64_t source_size(const struct source *source);

/**
 * source_close() - close and release the input
 * @source: from source_open(), or NULL
 */
void source_close(struct source *source);

#endif
