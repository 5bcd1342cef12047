/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer.h - what a board answers, checked and in the host's byte order
 *
 * A board is believed nothing: whatever passes these functions has terminated, printable text and
 * values within the limits of the protocol. They convert in place and do nothing else, so that
 * they can be tested without USB.
 */
#ifndef HOST_ANSWER_H
#define HOST_ANSWER_H

#include <iiobridge/protocol.h>

#include <stddef.h>

struct failure;

/**
 * answer_check_device() - check an answer to IIOBRIDGE_GET_DEVICE
 * @device: the answer as received
 * @failure: gets the reason of an error
 *
 * Return: 0; -EPROTO: text without end, too many routes, records on no IN endpoint, or a major
 * version of the protocol that this program does not speak.
 */
int answer_check_device(struct iiobridge_device_info *device, struct failure *failure);

/**
 * answer_check_route() - check an answer to IIOBRIDGE_GET_ROUTE
 * @route: the answer as received
 * @index: number of the route, for the sentence
 * @failure: gets the reason of an error
 *
 * Return: 0; -EPROTO: text without end or a value out of range. Sizes may still be 0.
 */
int answer_check_route(struct iiobridge_route_info *route, unsigned int index,
		       struct failure *failure);

/**
 * answer_check_channel() - check an answer to IIOBRIDGE_GET_CHANNEL
 * @channel: the answer as received
 * @index: number of the channel, for the sentence
 * @failure: gets the reason of an error
 *
 * Return: 0; -EPROTO: text without end or an impossible format.
 */
int answer_check_channel(struct iiobridge_channel_info *channel, unsigned int index,
			 struct failure *failure);

/**
 * answer_check_statistics() - check an answer to IIOBRIDGE_GET_STATISTICS
 * @statistics: the answer as received
 * @failure: gets the reason of an error
 *
 * Return: 0; -EPROTO: an unknown state.
 */
int answer_check_statistics(struct iiobridge_statistics *statistics, struct failure *failure);

/**
 * answer_check_error() - check an answer to IIOBRIDGE_GET_ERROR
 * @error: the answer as received
 * @failure: gets the reason of an error
 *
 * Return: 0; -EPROTO: text without end.
 */
int answer_check_error(struct iiobridge_error *error, struct failure *failure);

/**
 * answer_clean_text() - make text harmless for a terminal, and for JSON
 * @text: terminated; control characters and what is not UTF-8 become question marks
 */
void answer_clean_text(char *text);

/**
 * answer_request_name() - name of a request
 * @request: bRequest
 *
 * Return: a static text such as "START"; "request" for an unknown one.
 */
const char *answer_request_name(unsigned int request);

/**
 * answer_direction_name() - name of the direction of a route
 * @direction: enum iiobridge_direction
 *
 * Return: a static text such as "capture"; "unknown" for an unknown one.
 */
const char *answer_direction_name(unsigned int direction);

#endif
