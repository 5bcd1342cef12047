// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * find.c - the boards that are on the USB now: list them, or open one
 */
#include "internal.h"

#include <libusb.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int usb_result(int error)
{
	switch (error) {
	case LIBUSB_SUCCESS:
		return IIOBRIDGE_SUCCESS;
	case LIBUSB_ERROR_ACCESS:
		return IIOBRIDGE_ERROR_ACCESS;
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return IIOBRIDGE_ERROR_GONE;
	case LIBUSB_ERROR_BUSY:
		return IIOBRIDGE_ERROR_BUSY;
	case LIBUSB_ERROR_TIMEOUT:
		return IIOBRIDGE_ERROR_TIMEOUT;
	case LIBUSB_ERROR_PIPE:
		return IIOBRIDGE_ERROR_REFUSED;
	case LIBUSB_ERROR_OVERFLOW:
		return IIOBRIDGE_ERROR_PROTOCOL;
	case LIBUSB_ERROR_NO_MEM:
		return IIOBRIDGE_ERROR_NO_MEMORY;
	default:
		return IIOBRIDGE_ERROR_SYSTEM;
	}
}

int usb_init(struct libusb_context **context)
{
	const int r = libusb_init(context);

	if (r < 0)
		return fail(IIOBRIDGE_ERROR_SYSTEM, "libusb does not start: %s",
			    libusb_strerror(r));
	return 0;
}

static void note_endpoints(struct candidate *candidate,
			   const struct libusb_interface_descriptor *interface)
{
	for (int i = 0; i < interface->bNumEndpoints && i < ENDPOINTS_MAX; i++) {
		const struct libusb_endpoint_descriptor *endpoint = &interface->endpoint[i];

		/* Endpoint 0 is every device's for requests, and in no descriptor: USB 2.0 9.6.6 */
		if ((endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) !=
			    LIBUSB_TRANSFER_TYPE_BULK ||
		    !(endpoint->bEndpointAddress & LIBUSB_ENDPOINT_ADDRESS_MASK))
			continue;
		candidate->endpoints[candidate->endpoint_count].address =
			endpoint->bEndpointAddress;
		candidate->endpoints[candidate->endpoint_count++].packet_size =
			endpoint->wMaxPacketSize & 0x7ff;
	}
}

static int add_candidate(struct candidate **candidates, int count, libusb_device *usb,
			 uint8_t serial_index, const struct libusb_interface_descriptor *interface)
{
	struct candidate *grown =
		reallocarray(*candidates, (size_t)count + 1, sizeof(**candidates));
	struct candidate *candidate;

	if (!grown)
		return fail_memory("the list of boards");
	*candidates = grown;
	candidate = &grown[count];
	*candidate = (struct candidate){
		.usb = libusb_ref_device(usb),
		.interface = interface->bInterfaceNumber,
		.name_index = interface->iInterface,
		.serial_index = serial_index,
	};
	snprintf(candidate->location, sizeof(candidate->location), "%03u:%03u",
		 libusb_get_bus_number(usb), libusb_get_device_address(usb));
	note_endpoints(candidate, interface);
	return count + 1;
}

static bool is_board(const struct libusb_interface *interface)
{
	return interface->num_altsetting > 0 &&
	       interface->altsetting[0].bInterfaceClass == IIOBRIDGE_CLASS &&
	       interface->altsetting[0].bInterfaceSubClass == IIOBRIDGE_SUBCLASS &&
	       interface->altsetting[0].bInterfaceProtocol == IIOBRIDGE_PROTOCOL;
}

static int look_at_device(struct candidate **candidates, int count, libusb_device *usb)
{
	struct libusb_device_descriptor descriptor;
	struct libusb_config_descriptor *config;

	/* A device that cannot be described, or is not configured, is none of ours now. */
	if (libusb_get_device_descriptor(usb, &descriptor) < 0 ||
	    libusb_get_active_config_descriptor(usb, &config) < 0)
		return count;
	for (int i = 0; i < config->bNumInterfaces && count >= 0; i++) {
		if (is_board(&config->interface[i]))
			count = add_candidate(candidates, count, usb, descriptor.iSerialNumber,
					      &config->interface[i].altsetting[0]);
	}
	libusb_free_config_descriptor(config);
	return count;
}

int candidates_find(struct libusb_context *context, struct candidate **ret)
{
	struct candidate *candidates = NULL;
	libusb_device **devices;
	int count = 0, found = 0;
	ssize_t listed;

	listed = libusb_get_device_list(context, &devices);
	if (listed < 0) {
		fail(IIOBRIDGE_ERROR_SYSTEM, "libusb cannot list the USB devices: %s",
		     libusb_strerror((int)listed));
		return IIOBRIDGE_ERROR_SYSTEM;
	}
	for (ssize_t i = 0; i < listed && found >= 0; i++) {
		found = look_at_device(&candidates, count, devices[i]);
		count = found >= 0 ? found : count;
	}
	libusb_free_device_list(devices, 1);
	if (found < 0) {
		candidates_free(candidates, count);
		return found;
	}
	*ret = candidates;
	return count;
}

void candidates_free(struct candidate *candidates, int count)
{
	for (int i = 0; candidates && i < count; i++)
		libusb_unref_device(candidates[i].usb);
	free(candidates);
}

/* ---- the list ---- */

struct listed {
	char serial[128];
	char model[64];
	char location[16];
	uint8_t interface;
	struct error error; /* what kept it from being opened */
};

struct iiobridge_board_list {
	size_t count;
	struct listed boards[];
};

/* Opens a candidate for a moment. Returns false for what is another's. */
static bool identify(struct libusb_context *context, const struct candidate *candidate,
		     struct listed *listed)
{
	struct iiobridge_board *board;
	int r;

	*listed = (struct listed){ .interface = candidate->interface };
	memcpy(listed->location, candidate->location, sizeof(listed->location));
	r = board_open_candidate(context, candidate, &board);
	if (r == IIOBRIDGE_ERROR_NOT_FOUND)
		return false;
	if (r < 0) {
		error_keep(&listed->error, r);
		return true;
	}
	memcpy(listed->serial, board->serial, sizeof(listed->serial));
	memcpy(listed->model, board->info.model, sizeof(listed->model));
	board->context = NULL; /* it is the list's */
	iiobridge_board_close(board);
	return true;
}

static int list_boards(struct libusb_context *context, struct iiobridge_board_list **ret)
{
	struct iiobridge_board_list *list;
	struct candidate *candidates;
	int count;

	count = candidates_find(context, &candidates);
	if (count < 0)
		return count;
	list = calloc(1, sizeof(*list) + (size_t)count * sizeof(list->boards[0]));
	for (int i = 0; i < count && list; i++)
		list->count += identify(context, &candidates[i], &list->boards[list->count]);
	candidates_free(candidates, count);
	*ret = list;
	return list ? 0 : fail_memory("the list of boards");
}

int iiobridge_board_list_new(struct iiobridge_board_list **list)
{
	struct libusb_context *context;
	int r;

	r = usb_init(&context);
	if (r < 0)
		return r;
	r = list_boards(context, list);
	libusb_exit(context);
	return r;
}

void iiobridge_board_list_free(struct iiobridge_board_list *list)
{
	free(list);
}

size_t iiobridge_board_list_count(const struct iiobridge_board_list *list)
{
	return list->count;
}

const char *iiobridge_board_list_serial(const struct iiobridge_board_list *list, size_t index)
{
	return list->boards[index].serial;
}

const char *iiobridge_board_list_model(const struct iiobridge_board_list *list, size_t index)
{
	return list->boards[index].model;
}

const char *iiobridge_board_list_location(const struct iiobridge_board_list *list, size_t index)
{
	return list->boards[index].location;
}

/* ---- opening ---- */

/*
 * Opens the one with a serial number, or at a place, or the only one; the context is the board's
 * then. All are looked at, so that the sentence of an error can name them.
 */
static int open_one(struct libusb_context *context, const char *serial, const struct listed *at,
		    struct iiobridge_board **ret)
{
	struct iiobridge_board *found = NULL, *board;
	struct error error = { 0 };
	struct candidate *candidates = NULL;
	char names[256] = "";
	size_t used = 0;
	int boards = 0, count, r;

	count = candidates_find(context, &candidates);
	for (int i = 0; i < count && candidates; i++) {
		if (at && (strcmp(candidates[i].location, at->location) != 0 ||
			   candidates[i].interface != at->interface))
			continue;
		r = board_open_candidate(context, &candidates[i], &board);
		if (r == IIOBRIDGE_ERROR_NOT_FOUND)
			continue;
		if (r < 0) {
			error.code = 0; /* the last one's is told */
			error_keep(&error, r);
			continue;
		}
		if (used < sizeof(names))
			used += (size_t)snprintf(
				names + used, sizeof(names) - used, "%s%s", boards ? ", " : "",
				board->serial[0] ? board->serial : board->candidate.location);
		boards++;
		if (!found && (!serial || strcmp(serial, board->serial) == 0)) {
			found = board;
		} else {
			board->context = NULL;
			iiobridge_board_close(board);
		}
	}
	if (count >= 0)
		candidates_free(candidates, count);

	if (found && (serial || boards == 1)) {
		*ret = found;
		return 0;
	}
	if (found) {
		found->context = NULL;
		iiobridge_board_close(found);
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "there are %d boards: choose one by its serial number: %s", boards,
			    names);
	}
	if (count < 0)
		return count;
	if (error.code)
		return error_tell(&error);
	if (boards)
		return fail(IIOBRIDGE_ERROR_NOT_FOUND,
			    "no board has the serial number %s; there is: %s", serial, names);
	if (at)
		return fail(IIOBRIDGE_ERROR_GONE, "the board at %s went away", at->location);
	return fail(IIOBRIDGE_ERROR_NOT_FOUND, "no board found: no USB device here has an "
					       "interface called " IIOBRIDGE_INTERFACE_NAME);
}

static int open_board(const char *serial, const struct listed *at, struct iiobridge_board **board)
{
	struct libusb_context *context;
	int r;

	r = usb_init(&context);
	if (r < 0)
		return r;
	r = open_one(context, serial, at, board);
	if (r < 0)
		libusb_exit(context);
	return r;
}

int iiobridge_board_open(const char *serial, struct iiobridge_board **board)
{
	return open_board(serial, NULL, board);
}

int iiobridge_board_list_open(const struct iiobridge_board_list *list, size_t index,
			      struct iiobridge_board **board)
{
	return open_board(NULL, &list->boards[index], board);
}
