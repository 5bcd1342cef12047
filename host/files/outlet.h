/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outlet.h - what a sink writes to: a file, or the subscribers of a ZeroMQ publisher
 *
 * The sink (sink.h) has the memory and the thread, an outlet only moves bytes. The thread calls
 * write() and nothing else; the sink's owner calls the others, when the thread is gone, except
 * hasten().
 */
#ifndef HOST_FILES_OUTLET_H
#define HOST_FILES_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct failure;
struct outlet;

/**
 * struct outlet_fate - what became of the bytes that an outlet took
 * @undelivered: those that arrived nowhere; they are the last ones
 * @unheard: those that were sent while nobody subscribed
 */
struct outlet_fate {
	uint64_t undelivered;
	uint64_t unheard;
};

/**
 * struct outlet_operations - what each kind of outlet does
 * @write: takes bytes of a stream, at least one; may wait. Returns how many, or a negative errno,
 *	after which it is not called again.
 * @hasten: nothing more than what is on its way will come: who waits for a peer that takes nothing
 *	may give up. Or NULL.
 * @finish: waits until what was taken is delivered, unless @write has failed; tells what became of
 *	it. Returns 0 or a negative errno.
 * @explain: puts the reason of an error of @write or @finish into a sentence; gets the number of
 *	bytes that were to be written and that it did not take
 * @overwrite: writes at a place, in bytes. NULL where there are no places; where that depends, it
 *	does nothing. Returns 0 or a negative errno, with a sentence.
 * @truncate: takes what is behind so many bytes away; as @overwrite
 * @close: releases the outlet. Returns 0 or a negative errno, with a sentence, when what was
 *	written may not have arrived.
 */
struct outlet_operations {
	ssize_t (*write)(struct outlet *outlet, const uint8_t *data, size_t size);
	void (*hasten)(struct outlet *outlet);
	int (*finish)(struct outlet *outlet, struct outlet_fate *fate);
	void (*explain)(struct outlet *outlet, int error, uint64_t untaken);
	int (*overwrite)(struct outlet *outlet, uint64_t offset, const uint8_t *data, size_t size);
	int (*truncate)(struct outlet *outlet, uint64_t size);
	int (*close)(struct outlet *outlet);
};

/**
 * struct outlet - what all kinds of outlets begin with
 * @operations: what it does
 * @failure: gets the sentences; must outlive the outlet
 */
struct outlet {
	const struct outlet_operations *operations;
	struct failure *failure;
};

/**
 * outlet_open_file() - open a file, a pipe, or standard output
 * @path: a file, which is created or truncated, or "-" for standard output
 * @text: what is written is text, so that a terminal may show it
 * @failure: gets the reasons of errors, also of later ones
 * @outlet: gets the outlet
 *
 * Return: 0; -EINVAL: standard output is a terminal, and this is no text; -ENOMEM; another negative
 * errno of open(2).
 */
int outlet_open_file(const char *path, bool text, struct failure *failure, struct outlet **outlet);

#endif
