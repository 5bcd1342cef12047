/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the form of control requests
 *
 * What can be said of a request before anything is done: that it exists, goes the right way, has
 * the right length and names a route that there is.
 */
#ifndef IIOBRIDGE_REQUEST_H
#define IIOBRIDGE_REQUEST_H

#include <linux/usb/ch9.h>

#include "iiobridge/protocol.h"

/**
 * struct request - a control request of good form
 * @code: what is asked for
 * @route: number of the route, 0 where the request names none
 * @channel: number of the channel, 0 where the request names none
 * @value: wValue
 * @length: wLength
 */
struct request {
	enum iiobridge_request code;
	unsigned int route;
	unsigned int channel;
	uint16_t value;
	uint16_t length;
};

/**
 * request_parse() - take a control request apart
 * @request: receives the parts
 * @setup: as it came from the bus
 * @route_count: number of routes that there are
 * @error: receives code and sentence when the form is bad
 *
 * Return: 0, or -EINVAL with @error set.
 */
int request_parse(struct request *request, const struct usb_ctrlrequest *setup,
		  unsigned int route_count, struct iiobridge_error *error);

/**
 * request_refuse() - say why a request is refused
 * @error: receives it all
 * @code: enum iiobridge_error_code
 * @request: bRequest
 * @value: wValue
 * @format: sentence, as of printf(3)
 */
void request_refuse(struct iiobridge_error *error, enum iiobridge_error_code code, uint8_t request,
		    uint16_t value, const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
