/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outlet_zmq.h - an outlet that publishes samples by ZeroMQ
 *
 * Messages are samples and nothing else, a whole number of scans each. A subscriber that is slow
 * makes the outlet wait, as a pipe does: nothing is dropped for it.
 */
#ifndef HOST_FILES_OUTLET_ZMQ_H
#define HOST_FILES_OUTLET_ZMQ_H

#include "outlet.h"

/* How long a subscriber may take nothing when the end is near. In the man page, too. */
#define OUTLET_ZMQ_PATIENCE_MS 30000

/**
 * outlet_open_zmq() - open a publisher
 * @endpoint: where it is bound, as endpoint_check() accepts it
 * @scan_size: bytes in a scan
 * @patience_ms: how long a subscriber may take nothing when the end is near, milliseconds
 * @failure: gets the reasons of errors, also of later ones
 * @outlet: gets the outlet
 *
 * Its write() and finish() return -ETIMEDOUT when that is over. Before the end is near, that is
 * before hasten() and before a signal that interrupt.h takes, they wait as long as it takes.
 *
 * Return: 0; -ENOMEM; -EADDRINUSE: another program is bound there; -EEXIST: the file of an ipc
 * endpoint is no socket; another negative errno of zmq_bind(3).
 */
int outlet_open_zmq(const char *endpoint, size_t scan_size, unsigned int patience_ms,
		    struct failure *failure, struct outlet **outlet);

#endif
