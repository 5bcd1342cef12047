// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-impatient - a host that asks and does not wait for the answer
 *
 * usb-impatient start|describe ROUTE MS: sends the request for the route with that number, and
 * gives it up after so many milliseconds. What the board answers then, nobody takes: a host's
 * controller tells no device that it will not go on with a request. Ends with 0 when there was no
 * answer in that time.
 */
#include "library/internal.h"

#include <libusb-1.0/libusb.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE (LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)

static int ask(struct iiobridge_board *board, bool start, uint16_t route, unsigned int ms)
{
	struct iiobridge_route_info info;

	return libusb_control_transfer(
		board->handle, (uint8_t)(TYPE | (start ? LIBUSB_ENDPOINT_OUT : LIBUSB_ENDPOINT_IN)),
		start ? IIOBRIDGE_START : IIOBRIDGE_GET_ROUTE, route, board->candidate.interface,
		(unsigned char *)&info, start ? 0 : sizeof(info), ms);
}

int main(int argc, char **argv)
{
	struct iiobridge_board *board;
	int r;

	if (argc != 4 || (strcmp(argv[1], "start") != 0 && strcmp(argv[1], "describe") != 0)) {
		fputs("Usage: usb-impatient start|describe ROUTE MS\n", stderr);
		return 2;
	}
	r = iiobridge_board_open(NULL, &board);
	if (r < 0) {
		fprintf(stderr, "usb-impatient: %s\n", iiobridge_error_message());
		return 1;
	}
	r = ask(board, strcmp(argv[1], "start") == 0, (uint16_t)strtoul(argv[2], NULL, 10),
		(unsigned int)strtoul(argv[3], NULL, 10));
	if (r != LIBUSB_ERROR_TIMEOUT)
		fprintf(stderr, "usb-impatient: %s\n", r < 0 ? libusb_strerror(r) : "an answer");
	iiobridge_board_close(board);
	return r == LIBUSB_ERROR_TIMEOUT ? 0 : 1;
}
