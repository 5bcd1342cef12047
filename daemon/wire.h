/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the protocol on the wire
 *
 * The form of control requests, which is what can be said of one before anything is done: that it
 * exists, goes the right way, has the right length and names a route that there is. And the byte
 * order of the protocol's structures: each wire_…() converts one in place, from the processor's
 * byte order to little-endian or back, which is the same.
 */
#ifndef IIOBRIDGE_WIRE_H
#define IIOBRIDGE_WIRE_H

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
 * @control_count: number of controls that there are
 * @error: receives code and sentence when the form is bad
 *
 * Return: 0, or -EINVAL with @error set.
 */
int request_parse(struct request *request, const struct usb_ctrlrequest *setup,
		  unsigned int route_count, unsigned int control_count,
		  struct iiobridge_error *error);

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

/** wire_device_info() - convert an answer to IIOBRIDGE_GET_DEVICE */
void wire_device_info(struct iiobridge_device_info *info);

/** wire_route_info() - convert an answer to IIOBRIDGE_GET_ROUTE */
void wire_route_info(struct iiobridge_route_info *info);

/** wire_channel_info() - convert an answer to IIOBRIDGE_GET_CHANNEL */
void wire_channel_info(struct iiobridge_channel_info *info);

/** wire_parameters() - convert the data of IIOBRIDGE_SET_PARAMETERS */
void wire_parameters(struct iiobridge_parameters *parameters);

/** wire_finish() - convert the data of IIOBRIDGE_FINISH */
void wire_finish(struct iiobridge_finish *finish);

/** wire_control_value() - convert the data of IIOBRIDGE_SET_CONTROL */
void wire_control_value(struct iiobridge_control_value *value);

/** wire_control_info() - convert an answer to IIOBRIDGE_GET_CONTROL */
void wire_control_info(struct iiobridge_control_info *info);

/** wire_statistics() - convert an answer to IIOBRIDGE_GET_STATISTICS */
void wire_statistics(struct iiobridge_statistics *statistics);

/** wire_record() - convert a record */
void wire_record(struct iiobridge_record *record);

/** wire_error() - convert an answer to IIOBRIDGE_GET_ERROR */
void wire_error(struct iiobridge_error *error);

#endif
