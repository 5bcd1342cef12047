/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - where samples to play come from: a file, a pipe, standard input
 */
#ifndef HOST_SOURCE_H
#define HOST_SOURCE_H

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
 * source_read() - read what is there
 * @source: the input
 * @data: where to put it
 * @size: how many bytes at most, larger than 0
 * @timeout_ms: how long to wait for the first of them at most, milliseconds
 *
 * Return: number of bytes; 0 at the end; -EAGAIN: none within @timeout_ms, or a signal came; or
 * another negative errno of read(2).
 */
ssize_t source_read(struct source *source, uint8_t *data, size_t size, unsigned int timeout_ms);

/**
 * source_size() - how much there is to read
 * @source: the input
 *
 * Return: bytes from the beginning of reading to the end of a file as it is now; 0 when that is
 * not known, as of a pipe.
 */
uint64_t source_size(const struct source *source);

/**
 * source_close() - close and release the input
 * @source: from source_open(), or NULL
 */
void source_close(struct source *source);

#endif
