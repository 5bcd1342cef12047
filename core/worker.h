/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: threads for what may wait
 *
 * The event loop moves blocks and waits for nobody. A call that may wait for a host or for a driver
 * without a limit is work, which a worker does in a thread of its own; when it is done the loop
 * hears of it. The thread has the ordinary scheduling policy, whatever that of the loop is, and
 * gets no signals.
 */
#ifndef IIOBRIDGE_WORKER_H
#define IIOBRIDGE_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "log.h"

struct worker;

/**
 * struct work - what a worker is to do
 * @run: called in the thread of the worker; what @work is part of is the thread's alone meanwhile
 * @done: called in the loop, after @run
 * @route: that messages of @run are about, as for log_enter_route()
 */
struct work {
	void (*run)(struct work *work);
	void (*done)(struct work *work);
	const char *route;
};

/**
 * worker_new() - make a worker and its thread
 * @worker: receives the worker
 * @event: loop that hears of what is done
 *
 * Return: 0 or a negative errno, logged.
 */
int worker_new(struct worker **worker, sd_event *event);

/**
 * worker_begin() - have a work done
 * @worker: the worker; what it was to do before is done
 * @work: stays the caller's, and must stay until it is done
 */
void worker_begin(struct worker *worker, struct work *work);

/**
 * worker_free() - let a worker end; what it is doing, nobody hears of any more
 * @worker: may be NULL
 * @until_ns: until when it is waited for, CLOCK_MONOTONIC
 *
 * A call of the kernel's cannot be ended from here; if it does not end by itself it is left to the
 * end of the process.
 *
 * Return: whether the thread has ended. If not, it still uses its work.
 */
bool worker_free(struct worker *worker, uint64_t until_ns);

#endif
