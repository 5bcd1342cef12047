// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What wValue of a request says. */
enum value_form {
	NOTHING, /* 0 */
	ROUTE,
	ROUTE_AND_CHANNEL,
};

struct form {
	const char *name;
	bool in;
	uint16_t length;
	enum value_form value;
};

static const struct form forms[] = {
	[IIOBRIDGE_GET_DEVICE] = { "GET_DEVICE", true, sizeof(struct iiobridge_device_info),
				   NOTHING },
	[IIOBRIDGE_GET_ROUTE] = { "GET_ROUTE", true, sizeof(struct iiobridge_route_info), ROUTE },
	[IIOBRIDGE_GET_CHANNEL] = { "GET_CHANNEL", true, sizeof(struct iiobridge_channel_info),
				    ROUTE_AND_CHANNEL },
	[IIOBRIDGE_SET_PARAMETERS] = { "SET_PARAMETERS", false, sizeof(struct iiobridge_parameters),
				       ROUTE },
	[IIOBRIDGE_START] = { "START", false, 0, ROUTE },
	[IIOBRIDGE_STOP] = { "STOP", false, 0, ROUTE },
	[IIOBRIDGE_GET_STATISTICS] = { "GET_STATISTICS", true, sizeof(struct iiobridge_statistics),
				       ROUTE },
	[IIOBRIDGE_FINISH] = { "FINISH", false, sizeof(struct iiobridge_finish), ROUTE },
	[IIOBRIDGE_GET_ERROR] = { "GET_ERROR", true, sizeof(struct iiobridge_error), NOTHING },
};

void request_refuse(struct iiobridge_error *error, enum iiobridge_error_code code, uint8_t request,
		    uint16_t value, const char *format, ...)
{
	va_list arguments;

	*error = (struct iiobridge_error){ .code = code, .request = request, .value = value };
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
}

int request_parse(struct request *request, const struct usb_ctrlrequest *setup,
		  unsigned int route_count, struct iiobridge_error *error)
{
	uint16_t value = le16toh(setup->wValue);
	uint16_t length = le16toh(setup->wLength);
	uint8_t code = setup->bRequest;
	bool in = setup->bRequestType & USB_DIR_IN;
	const struct form *form = code < sizeof(forms) / sizeof(forms[0]) ? &forms[code] : NULL;

	if ((setup->bRequestType & (USB_TYPE_MASK | USB_RECIP_MASK)) !=
		    (USB_TYPE_VENDOR | USB_RECIP_INTERFACE) ||
	    !form || !form->name) {
		request_refuse(error, IIOBRIDGE_BAD_REQUEST, code, value,
			       "there is no request %u of type 0x%02x in version %u.%u", code,
			       setup->bRequestType, IIOBRIDGE_VERSION_MAJOR,
			       IIOBRIDGE_VERSION_MINOR);
		return -EINVAL;
	}
	if (in != form->in) {
		request_refuse(error, IIOBRIDGE_BAD_DIRECTION, code, value,
			       "%s is an %s request, but came as %s", form->name,
			       form->in ? "IN" : "OUT", in ? "IN" : "OUT");
		return -EINVAL;
	}
	if (length != form->length) {
		request_refuse(error, IIOBRIDGE_BAD_LENGTH, code, value,
			       "%s has a wLength of %u, but came with %u", form->name, form->length,
			       length);
		return -EINVAL;
	}
	*request = (struct request){
		.code = code,
		.route = form->value == NOTHING ? 0 : value & 0xff,
		.channel = form->value == ROUTE_AND_CHANNEL ? value >> 8 : 0,
		.value = value,
		.length = length,
	};
	if ((form->value == NOTHING && value) || (form->value == ROUTE && value >> 8) ||
	    (form->value != NOTHING && request->route >= route_count)) {
		request_refuse(error, IIOBRIDGE_BAD_ROUTE, code, value,
			       "%s came with a wValue of 0x%04x; it must be 0%s%s", form->name,
			       value, form->value == NOTHING || route_count < 2 ? "" : " or ",
			       form->value == NOTHING || route_count < 2 ? "" : "another route");
		return -EINVAL;
	}
	return 0;
}
