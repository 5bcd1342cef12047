/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where captured samples and their records go: a file, a pipe, standard output
 */
#ifndef HOST_SINK_H
#define HOST_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

/** struct sink - an output; opaque */
struct sink;

/**
 * sink_open() - open an output
 * @path: a file, which is created or truncated, or "-" for standard output
 * @text: what is written is text, so that a terminal may show it
 * @failure: gets the reasons of errors, also of later calls; must outlive the sink
 * @sink: gets the output; to be given to sink_close()
 *
 * Return: 0; -EINVAL: standard output is a terminal, and this is no text; another negative errno of
 * open(2).
 */
int sink_open(const char *path, bool text, struct failure *failure, struct sink **sink);

/**
 * sink_write() - write all of a piece
 * @sink: the output
 * @data: what to write
 * @size: its number of bytes
 *
 * Return: 0 or a negative errno of write(2); what was written until then is in the output.
 */
int sink_write(struct sink *sink, const uint8_t *data, size_t size);

/**
 * sink_close() - close and release the output
 * @sink: from sink_open(), or NULL
 *
 * Return: 0 or a negative errno of close(2): what was written may not have arrived.
 */
int sink_close(struct sink *sink);

#endif
