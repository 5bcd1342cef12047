/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: control requests
 *
 * Answers the requests of include/iiobridge/protocol.h, one at a time, each at once.
 */
#ifndef IIOBRIDGE_CONTROL_H
#define IIOBRIDGE_CONTROL_H

#include "iiobridge/gadget.h"
#include "iiobridge/protocol.h"
#include "records.h"
#include "route.h"

/**
 * struct control - what requests are answered from
 * @function: answers go there
 * @records: its endpoint is part of the answers
 * @routes: the routes, by number
 * @route_count: number of @routes
 * @error: the last refused request or fault
 * @error_us: when that was, CLOCK_REALTIME in microseconds
 */
struct control {
	struct function *function;
	struct records *records;
	struct route **routes;
	unsigned int route_count;
	struct iiobridge_error error;
	uint64_t error_us;
};

/**
 * control_handle() - carry out and answer a request
 * @control: with everything set
 * @setup: the request
 */
void control_handle(struct control *control, const struct usb_ctrlrequest *setup);

/**
 * control_note_fault() - remember that a running route stopped by itself
 * @control: the control
 * @number: of the route
 * @error: negative errno
 * @message: the sentence that a host gets when it asks
 */
void control_note_fault(struct control *control, unsigned int number, int error,
			const char *message);

#endif
