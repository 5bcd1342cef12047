/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h - where captured samples and their records go: a file, a pipe, standard output, or the
 * subscribers of a ZeroMQ publisher
 *
 * It is written by who calls, who waits while an output is slow: the library goes on with USB, and
 * has memory for what arrives meanwhile.
 */
#ifndef HOST_FILES_OUTPUT_H
#define HOST_FILES_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

/** struct output - an output; opaque */
struct output;

/**
 * output_open() - open an output
 * @path: a file, which is created or truncated, or "-" for standard output
 * @text: what is written is text, so that a terminal may show it
 * @failure: gets the reasons of errors, also of later calls; must outlive the output
 * @output: gets the output; to be given to output_close()
 *
 * Return: 0; -EINVAL: standard output is a terminal, and this is no text; -ENOMEM; another negative
 * errno of open(2).
 */
int output_open(const char *path, bool text, struct failure *failure, struct output **output);

/**
 * output_open_publisher() - publish samples to whoever subscribes, by ZeroMQ
 * @endpoint: where subscribers connect to, as endpoint_check() accepts it
 * @sample_size: bytes in a sample of each channel: each message is a whole number of them
 * @is_ending: tells, by not being 0, that the end is near; or NULL
 * @failure: gets the reasons of errors, also of later calls; must outlive the output
 * @output: gets the output; to be given to output_close()
 *
 * What was written while nobody subscribed counts as written, and is told by
 * output_unsubscribed(). When the end is near (output_finish(), or @is_ending) and a subscriber
 * takes nothing for %PUBLISHER_PATIENCE_MS, the output fails with -ETIMEDOUT, and what was not
 * delivered does not count as written.
 *
 * Return: 0 or negative errno as publisher_open().
 */
int output_open_publisher(const char *endpoint, size_t sample_size, int (*is_ending)(void),
			  struct failure *failure, struct output **output);

/**
 * output_write() - write data
 * @output: the output
 * @data: what to write
 * @size: its number of bytes
 *
 * Waits until all of it is written. A signal does not cut that short.
 *
 * Return: 0 or a negative errno of write(2), also for earlier data; what was written until then is
 * in the output, and no more will be.
 */
int output_write(struct output *output, const uint8_t *data, size_t size);

/** output_written() - bytes that a file or a publisher has taken so far */
uint64_t output_written(const struct output *output);

/**
 * output_finish() - wait until subscribers have all; nothing more can be written
 * @output: the output
 * @written: gets the number of bytes that are in the output
 *
 * Return: 0 or a negative errno of write(2), also one that output_write() has returned.
 */
int output_finish(struct output *output, uint64_t *written);

/**
 * output_unsubscribed() - how much of what was written reached nobody, as nobody subscribed then
 * @output: the output, finished
 *
 * Return: bytes, 0 where the output is a file.
 */
uint64_t output_unsubscribed(const struct output *output);

/**
 * output_overwrite() - write at a place of a file, such as a header that was not yet known
 * @output: the output, finished; where it is no file, nothing happens
 * @offset: the place, in bytes
 * @data: what to write
 * @size: its number of bytes
 *
 * Return: 0 or a negative errno of pwrite(2).
 */
int output_overwrite(struct output *output, uint64_t offset, const uint8_t *data, size_t size);

/**
 * output_truncate() - take the end of a file away
 * @output: the output, finished; where it is no file, nothing happens
 * @size: bytes that remain
 *
 * Return: 0 or a negative errno of ftruncate(2).
 */
int output_truncate(struct output *output, uint64_t size);

/**
 * output_close() - finish, close and release an output
 * @output: from output_open(), or NULL
 *
 * Return: 0 or a negative errno as output_finish(), or of close(2): what was written may not have
 * arrived.
 */
int output_close(struct output *output);

#endif
