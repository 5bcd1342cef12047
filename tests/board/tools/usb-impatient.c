// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-impatient - a host that asks and does not wait for the answer
 *
 * usb-impatient start|describe ROUTE MS: sends the request for the route with that number, and
 * gives it up after so many milliseconds. What the board answers then, nobody takes: a host's
 * controller tells no device that it will not go on with a request. Ends with 0 when there was no
 * answer in that time.
 */
#include "host/device.h"
#include "host/failure.h"

#include <libusb-1.0/libusb.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE (LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)

static int ask(struct device *device, bool start, uint16_t route, unsigned int ms)
{
	struct iiobridge_route_info info;

	return libusb_control_transfer(
		device_handle(device),
		(uint8_t)(TYPE | (start ? LIBUSB_ENDPOINT_OUT : LIBUSB_ENDPOINT_IN)),
		start ? IIOBRIDGE_START : IIOBRIDGE_GET_ROUTE, route, device_interface(device),
		(unsigned char *)&info, start ? 0 : sizeof(info), ms);
}

int main(int argc, char **argv)
{
	struct device_list *list = NULL;
	struct device *device = NULL;
	struct failure failure;
	int r;

	if (argc != 4 || (strcmp(argv[1], "start") != 0 && strcmp(argv[1], "describe") != 0)) {
		fputs("Usage: usb-impatient start|describe ROUTE MS\n", stderr);
		return 2;
	}
	r = device_list_new(&failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &failure, &device);
	if (r < 0) {
		fprintf(stderr, "usb-impatient: %s\n", failure.message);
		device_list_free(list);
		return 1;
	}
	r = ask(device, strcmp(argv[1], "start") == 0, (uint16_t)strtoul(argv[2], NULL, 10),
		(unsigned int)strtoul(argv[3], NULL, 10));
	if (r != LIBUSB_ERROR_TIMEOUT)
		fprintf(stderr, "usb-impatient: %s\n", r < 0 ? libusb_strerror(r) : "an answer");
	device_close(device);
	device_list_free(list);
	return r == LIBUSB_ERROR_TIMEOUT ? 0 : 1;
}
