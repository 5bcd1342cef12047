/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where captured samples and their records go: a file, a pipe, standard output, or the
 * subscribers of a ZeroMQ publisher
 *
 * A thread of its own writes: while an output is slow, USB goes on, and what arrives waits in
 * memory, 256 MiB at most. Nothing is dropped: then sink_write() waits.
 */
#ifndef HOST_FILES_SINK_H
#define HOST_FILES_SINK_H

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
 * Return: 0; -EINVAL: standard output is a terminal, and this is no text; -ENOMEM; -EAGAIN: no
 * thread can be started; another negative errno of open(2).
 */
int sink_open(const char *path, bool text, struct failure *failure, struct sink **sink);

/**
 * sink_open_publisher() - publish samples to whoever subscribes, by ZeroMQ
 * @endpoint: where subscribers connect to, as endpoint_check() accepts it
 * @scan_size: bytes in a scan: each message is a whole number of them
 * @failure: gets the reasons of errors, also of later calls; must outlive the sink
 * @sink: gets the output; to be given to sink_close()
 *
 * What was written while nobody subscribed counts as written, and is told by sink_unheard(). When
 * the end is near (sink_finish(), or a signal that interrupt.h takes) and a subscriber takes
 * nothing for %OUTLET_ZMQ_PATIENCE_MS, the sink fails with -ETIMEDOUT, and what was not delivered
 * does not count as written.
 *
 * Return: 0 or negative errno as outlet_open_zmq(); -EAGAIN: no thread can be started.
 */
int sink_open_publisher(const char *endpoint, size_t scan_size, struct failure *failure,
			struct sink **sink);

/**
 * sink_write() - have all of a piece written
 * @sink: the output
 * @data: what to write; copied
 * @size: its number of bytes
 *
 * Waits while the memory is full of what is not written yet.
 *
 * Return: 0 or a negative errno of write(2), also for an earlier piece; what was written until then
 * is in the output, and no more will be.
 */
int sink_write(struct sink *sink, const uint8_t *data, size_t size);

/**
 * typedef sink_watcher - sees what was written
 * @context: from sink_watch()
 * @data: bytes that are in the output now, behind those of the call before
 * @size: how many
 *
 * Called by the thread that writes.
 */
typedef void (*sink_watcher)(void *context, const uint8_t *data, size_t size);

/**
 * sink_watch() - have somebody see what is written
 * @sink: the output, before the first sink_write()
 * @watcher: sees it, until sink_finish()
 * @context: for @watcher
 */
void sink_watch(struct sink *sink, sink_watcher watcher, void *context);

/**
 * sink_finish() - wait until all is written; nothing more can be
 * @sink: the output
 * @written: gets the number of bytes that are in the output
 *
 * Return: 0 or a negative errno of write(2), also one that sink_write() has returned.
 */
int sink_finish(struct sink *sink, uint64_t *written);

/**
 * sink_unheard() - how much of what was written reached nobody, as nobody subscribed then
 * @sink: the output, finished
 *
 * Return: bytes, 0 where the output is a file.
 */
uint64_t sink_unheard(const struct sink *sink);

/**
 * sink_overwrite() - write something at a place of a file, such as a header that was not yet known
 * @sink: the output, finished; where it is no file, nothing happens
 * @offset: the place, in bytes
 * @data: what to write
 * @size: its number of bytes
 *
 * Return: 0 or a negative errno of pwrite(2).
 */
int sink_overwrite(struct sink *sink, uint64_t offset, const uint8_t *data, size_t size);

/**
 * sink_truncate() - take the end of a file away
 * @sink: the output, finished; where it is no file, nothing happens
 * @size: bytes that remain
 *
 * Return: 0 or a negative errno of ftruncate(2).
 */
int sink_truncate(struct sink *sink, uint64_t size);

/**
 * sink_close() - wait until all is written, close and release the output
 * @sink: from sink_open(), or NULL
 *
 * Return: 0 or a negative errno as sink_finish(), or of close(2): what was written may not have
 * arrived.
 */
int sink_close(struct sink *sink);

#endif
