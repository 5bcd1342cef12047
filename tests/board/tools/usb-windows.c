// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-windows - asks a board what Windows asks a new device
 *
 * usb-windows: prints, in hexadecimal, a line each: the string descriptor 0xee, whose last but one
 * byte is the request for the others; the compatible ids of the device's interfaces; and the
 * properties of the bridge's interface. Each is asked for as Windows does, the header first, then
 * all that the header says there is (Microsoft OS 1.0 descriptors).
 */
#include <libusb-1.0/libusb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "iiobridge/protocol.h"

#define TIMEOUT_MS 1000
#define STRING	   0xee
#define LANGUAGE   0
#define LARGEST	   4096

static void print_bytes(const uint8_t *data, int size)
{
	for (int i = 0; i < size; i++)
		printf("%02x", data[i]);
	putchar('\n');
}

static bool is_bridge(const struct libusb_interface_descriptor *interface)
{
	return interface->bInterfaceClass == IIOBRIDGE_CLASS &&
	       interface->bInterfaceSubClass == IIOBRIDGE_SUBCLASS &&
	       interface->bInterfaceProtocol == IIOBRIDGE_PROTOCOL;
}

/* Number of the bridge's interface, or -1. */
static int find_interface(libusb_device *device)
{
	struct libusb_config_descriptor *config;
	int found = -1;

	if (libusb_get_active_config_descriptor(device, &config) < 0)
		return -1;
	for (unsigned int i = 0; i < config->bNumInterfaces && found < 0; i++)
		if (is_bridge(&config->interface[i].altsetting[0]))
			found = config->interface[i].altsetting[0].bInterfaceNumber;
	libusb_free_config_descriptor(config);
	return found;
}

/* One kind of descriptor: its header, which begins with the length of all, and all of it. */
static int ask(libusb_device_handle *handle, uint8_t recipient, uint8_t request, uint16_t value,
	       uint16_t index, uint16_t header)
{
	const uint8_t type = LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR | recipient;
	uint8_t data[LARGEST];
	uint32_t length;
	int r;

	r = libusb_control_transfer(handle, type, request, value, index, data, header, TIMEOUT_MS);
	if (r != header) {
		fprintf(stderr, "usb-windows: index %u: %d bytes of a header of %u\n", index, r,
			header);
		return -1;
	}
	length = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
		 (uint32_t)data[3] << 24;
	if (length < header || length > sizeof(data)) {
		fprintf(stderr, "usb-windows: index %u: length %u\n", index, length);
		return -1;
	}
	r = libusb_control_transfer(handle, type, request, value, index, data, (uint16_t)length,
				    TIMEOUT_MS);
	if (r < 0) {
		fprintf(stderr, "usb-windows: index %u: %s\n", index, libusb_error_name(r));
		return -1;
	}
	print_bytes(data, r);
	return 0;
}

static int ask_all(libusb_device_handle *handle, int interface)
{
	uint8_t string[18];
	int r = libusb_get_string_descriptor(handle, STRING, LANGUAGE, string, sizeof(string));

	if (r != sizeof(string)) {
		fprintf(stderr, "usb-windows: string 0x%02x: %d\n", STRING, r);
		return -1;
	}
	print_bytes(string, r);
	r = ask(handle, LIBUSB_RECIPIENT_DEVICE, string[16], 0, 4, 16);
	if (r == 0)
		r = ask(handle, LIBUSB_RECIPIENT_INTERFACE, string[16], (uint16_t)interface, 5, 10);
	return r;
}

int main(void)
{
	libusb_device **devices;
	ssize_t count;
	int status = 1;

	if (libusb_init(NULL) < 0)
		return 1;
	count = libusb_get_device_list(NULL, &devices);
	for (ssize_t i = 0; i < count; i++) {
		libusb_device_handle *handle;
		int interface = find_interface(devices[i]);

		if (interface < 0 || libusb_open(devices[i], &handle) < 0)
			continue;
		status = ask_all(handle, interface) == 0 ? 0 : 1;
		libusb_close(handle);
		break;
	}
	libusb_free_device_list(devices, 1);
	libusb_exit(NULL);
	return status;
}
