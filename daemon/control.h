/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: control requests
 *
 * Answers the requests of include/iiobridge/protocol.h, one at a time. Those that need to know of a
 * device, or to have it set up, wait for its driver, and nobody waits for them.
 */
#ifndef IIOBRIDGE_CONTROL_H
#define IIOBRIDGE_CONTROL_H

#include "gadget/gadget.h"
#include "iiobridge/protocol.h"
#include "records.h"
#include "route.h"
#include "tuning.h"
#include "wire.h"

/**
 * struct control - what requests are answered from
 * @function: answers go there
 * @records: its endpoint is part of the answers
 * @routes: the routes, by number
 * @route_count: number of @routes
 * @tuning: the controls
 * @error: the last refused request or fault
 * @error_us: when that was, CLOCK_REALTIME in microseconds
 * @request: the last one
 * @waiting: it is not answered yet
 */
struct control {
	struct function *function;
	struct records *records;
	struct route **routes;
	unsigned int route_count;
	struct tuning *tuning;
	struct iiobridge_error error;
	uint64_t error_us;
	struct request request;
	bool waiting;
};

/**
 * control_handle() - carry out and answer a request, at once or later
 * @control: with everything set
 * @setup: the request
 */
void control_handle(struct control *control, const struct usb_ctrlrequest *setup);

/**
 * control_received() - carry out a request whose data has come
 * @control: the control
 * @data: of the request
 */
void control_received(struct control *control, const void *data);

/**
 * control_give_up() - drop the request that is not answered yet, and what it has begun
 * @control: the control
 */
void control_give_up(struct control *control);

/**
 * control_looked() - answer a request that waited for route_look()
 * @control: the control
 * @number: of the route
 * @error: why it failed, or NULL
 */
void control_looked(struct control *control, unsigned int number, const struct error *error);

/**
 * control_started() - a start is over; answer the request for it, or remember its fault
 * @control: the control
 * @number: of the route
 * @error: why it failed, or NULL
 */
void control_started(struct control *control, unsigned int number, const struct error *error);

/**
 * control_note_fault() - remember that a running route stopped by itself
 * @control: the control
 * @number: of the route
 * @error: why, which a host gets when it asks
 */
void control_note_fault(struct control *control, unsigned int number, const struct error *error);

#endif
