/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h - where captured samples and their records go: a file, a pipe, standard output, or the
 * subscribers of a ZeroMQ publisher
 *
 * It is written by who calls, who waits while an output is slow: the library goes on with USB, and
 * has memory for what arrives meanwhile. Functions return 0 or the negative errno of the system
 * call that they are about.
 */
#ifndef HOST_FILES_OUTPUT_H
#define HOST_FILES_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct output;

/**
 * output_open() - create or truncate a file, or write to standard output where it is "-"
 *
 * A terminal is refused with -EINVAL, unless what is written is @text.
 */
int output_open(const char *path, bool text, struct failure *failure, struct output **output);

/**
 * output_open_publisher() - publish samples to whoever subscribes, by ZeroMQ
 *
 * Parameters and errors are those of publisher_open(). What was written while nobody subscribed
 * counts as written, and is told by output_unsubscribed(). When the end is near (output_finish(),
 * or @is_ending) and a subscriber takes nothing for %PUBLISHER_PATIENCE_MS, the output fails with
 * -ETIMEDOUT, and what was not delivered does not count as written.
 */
int output_open_publisher(const char *endpoint, size_t sample_size, int (*is_ending)(void),
			  struct failure *failure, struct output **output);

/**
 * output_write() - write data, and wait until all of it is written; a signal does not cut it short
 *
 * Once it has failed it fails with the same error; what was written until then is in the output,
 * and no more will be.
 */
int output_write(struct output *output, const uint8_t *data, size_t size);

/** output_written() - bytes that a file or a publisher has taken so far */
uint64_t output_written(const struct output *output);

/**
 * output_finish() - wait until subscribers have all; nothing more can be written
 *
 * @written gets the number of bytes that are in the output. Returns an error of output_write(),
 * too.
 */
int output_finish(struct output *output, uint64_t *written);

/** output_unsubscribed() - bytes of a finished output that reached nobody: nobody subscribed then
 */
uint64_t output_unsubscribed(const struct output *output);

/** output_overwrite() - write at a place of a finished output, such as a header; only in a file */
int output_overwrite(struct output *output, uint64_t offset, const uint8_t *data, size_t size);

/** output_truncate() - leave so many bytes of a finished output; only of a file */
int output_truncate(struct output *output, uint64_t size);

/** output_reserve() - see that so many bytes of a file can be written whatever comes */
int output_reserve(struct output *output, uint64_t size);

/** output_sync() - see that what was written to a file survives a loss of power */
int output_sync(struct output *output);

/** output_close() - finish, close and release; NULL does no harm; errors as output_finish(), too */
int output_close(struct output *output);

#endif
