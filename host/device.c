// SPDX-License-Identifier: GPL-2.0-or-later
#include "device.h"

#include "answer.h"
#include "failure.h"

#include <libusb.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENDPOINTS 30

struct endpoint {
	uint8_t address;
	uint16_t packet_size;
};

/* An interface with the class triple of a board: all that can be known without opening it. */
struct candidate {
	libusb_device *usb;
	uint8_t interface;
	uint8_t name_index;
	uint8_t serial_index;
	unsigned int endpoint_count;
	struct endpoint endpoints[MAX_ENDPOINTS];
};

struct device_list {
	libusb_context *context;
	struct candidate *candidates;
	size_t count;
};

struct device {
	struct candidate candidate;
	libusb_context *context;
	libusb_device_handle *handle;
	struct failure *failure;
	bool claimed;
	char name[16];
	char serial[128];
	struct iiobridge_device_info info;
};

int device_errno(int error)
{
	switch (error) {
	case LIBUSB_SUCCESS:
		return 0;
	case LIBUSB_ERROR_ACCESS:
		return -EACCES;
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return -ENODEV;
	case LIBUSB_ERROR_BUSY:
		return -EBUSY;
	case LIBUSB_ERROR_TIMEOUT:
		return -ETIMEDOUT;
	case LIBUSB_ERROR_PIPE:
		return -EREMOTEIO;
	case LIBUSB_ERROR_OVERFLOW:
		return -EPROTO;
	case LIBUSB_ERROR_NO_MEM:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static void candidate_name(const struct candidate *candidate, char *name, size_t size)
{
	snprintf(name, size, "%03u:%03u", libusb_get_bus_number(candidate->usb),
		 libusb_get_device_address(candidate->usb));
}

static int list_add(struct device_list *list, libusb_device *usb, uint8_t serial_index,
		    const struct libusb_interface_descriptor *interface)
{
	struct candidate *candidates, *candidate;

	candidates = reallocarray(list->candidates, list->count + 1, sizeof(*candidates));
	if (!candidates)
		return -ENOMEM;
	list->candidates = candidates;

	candidate = &candidates[list->count++];
	memset(candidate, 0, sizeof(*candidate));
	candidate->usb = libusb_ref_device(usb);
	candidate->interface = interface->bInterfaceNumber;
	candidate->name_index = interface->iInterface;
	candidate->serial_index = serial_index;
	for (int i = 0; i < interface->bNumEndpoints && i < MAX_ENDPOINTS; i++) {
		const struct libusb_endpoint_descriptor *endpoint = &interface->endpoint[i];

		/* Endpoint 0 is every device's for requests, and in no descriptor: USB 2.0 9.6.6 */
		if ((endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) !=
			    LIBUSB_TRANSFER_TYPE_BULK ||
		    !(endpoint->bEndpointAddress & LIBUSB_ENDPOINT_ADDRESS_MASK))
			continue;
		candidate->endpoints[candidate->endpoint_count++] = (struct endpoint){
			.address = endpoint->bEndpointAddress,
			.packet_size = endpoint->wMaxPacketSize & 0x7ff,
		};
	}
	return 0;
}

static bool is_board(const struct libusb_interface_descriptor *interface)
{
	return interface->bInterfaceClass == IIOBRIDGE_CLASS &&
	       interface->bInterfaceSubClass == IIOBRIDGE_SUBCLASS &&
	       interface->bInterfaceProtocol == IIOBRIDGE_PROTOCOL;
}

static int list_scan_device(struct device_list *list, libusb_device *usb)
{
	struct libusb_device_descriptor descriptor;
	struct libusb_config_descriptor *config;
	int r = 0;

	/* A device that cannot be described, or is not configured, is none of ours now. */
	if (libusb_get_device_descriptor(usb, &descriptor) < 0 ||
	    libusb_get_active_config_descriptor(usb, &config) < 0)
		return 0;

	for (int i = 0; i < config->bNumInterfaces && r == 0; i++) {
		const struct libusb_interface *interface = &config->interface[i];

		if (interface->num_altsetting > 0 && is_board(&interface->altsetting[0]))
			r = list_add(list, usb, descriptor.iSerialNumber,
				     &interface->altsetting[0]);
	}
	libusb_free_config_descriptor(config);
	return r;
}

int device_list_new(struct failure *failure, struct device_list **ret)
{
	struct device_list *list;
	libusb_device **usb;
	ssize_t count;
	int r;

	list = calloc(1, sizeof(*list));
	if (!list)
		return failure_set(failure, -ENOMEM, "no memory for the list of boards");

	r = libusb_init(&list->context);
	if (r < 0) {
		list->context = NULL;
		r = failure_set(failure, -EIO, "libusb does not start: %s", libusb_strerror(r));
		goto err_free;
	}
	count = libusb_get_device_list(list->context, &usb);
	if (count < 0) {
		r = failure_set(failure, -EIO, "libusb cannot list the USB devices: %s",
				libusb_strerror((int)count));
		goto err_free;
	}

	for (ssize_t i = 0; i < count && r == 0; i++)
		r = list_scan_device(list, usb[i]);
	libusb_free_device_list(usb, 1);
	if (r < 0) {
		failure_set(failure, r, "no memory for the list of boards");
		goto err_free;
	}
	*ret = list;
	return 0;

err_free:
	device_list_free(list);
	return r;
}

void device_list_free(struct device_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		libusb_unref_device(list->candidates[i].usb);
	free(list->candidates);
	if (list->context)
		libusb_exit(list->context);
	free(list);
}

size_t device_list_count(const struct device_list *list)
{
	return list->count;
}

static int read_string(struct device *device, uint8_t index, char *text, size_t size)
{
	int r;

	text[0] = '\0';
	if (index == 0)
		return 0;
	r = libusb_get_string_descriptor_ascii(device->handle, index, (unsigned char *)text,
					       (int)size);
	if (r < 0)
		return r;
	answer_clean_text(text);
	return 0;
}

static int open_failed(const struct device *device, int error)
{
	int r = device_errno(error);

	if (r == -EACCES)
		return failure_set(
			device->failure, r,
			"no permission to open the board at %s: install iiobridge's udev "
			"rule, or run as root",
			device->name);
	if (r == -ENODEV)
		return failure_set(device->failure, r, "the board at %s went away", device->name);
	return failure_set(device->failure, r, "the board at %s cannot be opened: %s", device->name,
			   libusb_strerror(error));
}

/* Only the interface's name tells a board from a stranger with the same class triple. */
static int identify(struct device *device)
{
	char name[sizeof(IIOBRIDGE_INTERFACE_NAME) + 1];
	int r;

	r = read_string(device, device->candidate.name_index, name, sizeof(name));
	if (r < 0)
		return open_failed(device, r);
	if (strcmp(name, IIOBRIDGE_INTERFACE_NAME) != 0)
		return failure_set(
			device->failure, -ENOENT,
			"interface %u of the device at %s is not called " IIOBRIDGE_INTERFACE_NAME,
			device->candidate.interface, device->name);

	r = read_string(device, device->candidate.serial_index, device->serial,
			sizeof(device->serial));
	if (r < 0)
		return open_failed(device, r);
	r = device_get_info(device, &device->info);
	if (r < 0)
		return r;
	r = device_endpoint_packet_size(device, device->info.endpoint_records);
	return r < 0 ? r : 0;
}

int device_open(struct device_list *list, size_t index, struct failure *failure,
		struct device **ret)
{
	struct device *device;
	int r;

	device = calloc(1, sizeof(*device));
	if (!device)
		return failure_set(failure, -ENOMEM, "no memory for the board");
	device->context = list->context;
	device->candidate = list->candidates[index];
	device->failure = failure;
	libusb_ref_device(device->candidate.usb);
	candidate_name(&device->candidate, device->name, sizeof(device->name));

	r = libusb_open(device->candidate.usb, &device->handle);
	if (r < 0) {
		device->handle = NULL;
		r = open_failed(device, r);
		goto err_close;
	}
	r = identify(device);
	if (r < 0)
		goto err_close;
	*ret = device;
	return 0;

err_close:
	device_close(device);
	return r;
}

static void append_name(char *names, size_t size, const struct device *device)
{
	size_t used = strlen(names);

	snprintf(names + used, size - used, "%s%s", used ? ", " : "",
		 device->serial[0] ? device->serial : device->name);
}

int device_open_serial(struct device_list *list, const char *serial, struct failure *failure,
		       struct device **ret)
{
	struct device *found = NULL;
	char names[256] = "";
	size_t boards = 0;
	int error = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct failure reason = { "" };
		struct device *device = NULL;
		int r;

		r = device_open(list, i, &reason, &device);
		if (r == -ENOENT)
			continue;
		if (!device) {
			error = r;
			*failure = reason;
			continue;
		}
		device->failure = failure;
		append_name(names, sizeof(names), device);
		boards++;
		if (!found && (!serial || strcmp(serial, device->serial) == 0))
			found = device;
		else
			device_close(device);
	}

	if (found && !serial && boards > 1) {
		device_close(found);
		return failure_set(failure, -EINVAL,
				   "there are %zu boards: choose one by its serial number: %s",
				   boards, names);
	}
	if (found) {
		*ret = found;
		return 0;
	}
	if (error)
		return error;
	if (boards)
		return failure_set(failure, -ENOENT,
				   "no board has the serial number %s; there is: %s", serial,
				   names);
	return failure_set(failure, -ENOENT,
			   "no board found: no USB device here has an interface "
			   "called " IIOBRIDGE_INTERFACE_NAME);
}

void device_close(struct device *device)
{
	if (!device)
		return;
	if (device->claimed)
		libusb_release_interface(device->handle, device->candidate.interface);
	if (device->handle)
		libusb_close(device->handle);
	libusb_unref_device(device->candidate.usb);
	free(device);
}

int device_claim(struct device *device)
{
	int r;

	r = libusb_claim_interface(device->handle, device->candidate.interface);
	if (r == LIBUSB_ERROR_BUSY)
		return failure_set(device->failure, -EBUSY,
				   "the board at %s is busy: another program has claimed its "
				   "interface %u",
				   device->name, device->candidate.interface);
	if (r < 0)
		return open_failed(device, r);
	device->claimed = true;
	return 0;
}

const char *device_name(const struct device *device)
{
	return device->name;
}

const char *device_serial(const struct device *device)
{
	return device->serial;
}

const char *device_speed_name(const struct device *device)
{
	switch (libusb_get_device_speed(device->candidate.usb)) {
	case LIBUSB_SPEED_LOW:
		return "low speed (1.5 Mbit/s)";
	case LIBUSB_SPEED_FULL:
		return "full speed (12 Mbit/s)";
	case LIBUSB_SPEED_HIGH:
		return "high speed (480 Mbit/s)";
	case LIBUSB_SPEED_SUPER:
		return "SuperSpeed (5 Gbit/s)";
	case LIBUSB_SPEED_SUPER_PLUS:
		return "SuperSpeed+ (10 Gbit/s)";
	default:
		return "unknown speed";
	}
}

const struct iiobridge_device_info *device_info(const struct device *device)
{
	return &device->info;
}

int device_endpoint_packet_size(struct device *device, uint8_t address)
{
	const struct candidate *candidate = &device->candidate;

	for (unsigned int i = 0; i < candidate->endpoint_count; i++) {
		const struct endpoint *endpoint = &candidate->endpoints[i];

		if (endpoint->address == address && endpoint->packet_size > 0)
			return endpoint->packet_size;
	}
	return failure_set(device->failure, -EPROTO,
			   "the board names endpoint 0x%02x, but its interface %u has no such bulk "
			   "endpoint",
			   address, candidate->interface);
}

struct libusb_device_handle *device_handle(const struct device *device)
{
	return device->handle;
}

struct libusb_context *device_context(const struct device *device)
{
	return device->context;
}

struct failure *device_failure(const struct device *device)
{
	return device->failure;
}

uint8_t device_interface(const struct device *device)
{
	return device->candidate.interface;
}
