// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

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
	CONTROL,
	CONTROL_OR_ALL,
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
	[IIOBRIDGE_READ_CONTROL] = { "READ_CONTROL", false, 0, CONTROL_OR_ALL },
	[IIOBRIDGE_SET_CONTROL] = { "SET_CONTROL", false, sizeof(struct iiobridge_control_value),
				    CONTROL },
	[IIOBRIDGE_GET_CONTROL] = { "GET_CONTROL", true, sizeof(struct iiobridge_control_info),
				    CONTROL },
	[IIOBRIDGE_GET_CHANGES] = { "GET_CHANGES", true, IIOBRIDGE_MAX_CONTROLS, NOTHING },
	[IIOBRIDGE_GET_TIME] = { "GET_TIME", true, sizeof(struct iiobridge_time), NOTHING },
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

/* Return: whether wValue is one that a request can have; if not, @error says so. */
static bool has_value(const struct form *form, const struct request *request,
		      unsigned int route_count, unsigned int control_count,
		      struct iiobridge_error *error)
{
	bool of_control = form->value == CONTROL || form->value == CONTROL_OR_ALL;
	uint16_t value = request->value;

	if (of_control) {
		if (value < control_count ||
		    (form->value == CONTROL_OR_ALL && value == IIOBRIDGE_ALL_CONTROLS))
			return true;
		request_refuse(error, IIOBRIDGE_BAD_CONTROL, (uint8_t)request->code, value,
			       "%s came for control %u; there are %u", form->name, value,
			       control_count);
		return false;
	}
	if (form->value == NOTHING
		    ? value == 0
		    : request->route < route_count && (form->value != ROUTE || value >> 8 == 0))
		return true;
	request_refuse(error, IIOBRIDGE_BAD_ROUTE, (uint8_t)request->code, value,
		       "%s came with a wValue of 0x%04x; it must be 0%s%s", form->name, value,
		       form->value == NOTHING || route_count < 2 ? "" : " or ",
		       form->value == NOTHING || route_count < 2 ? "" : "another route");
	return false;
}

int request_parse(struct request *request, const struct usb_ctrlrequest *setup,
		  unsigned int route_count, unsigned int control_count,
		  struct iiobridge_error *error)
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
			       setup->bRequestType, IIOBRIDGE_PROTOCOL_MAJOR,
			       IIOBRIDGE_PROTOCOL_MINOR);
		return -EINVAL;
	}
	if (in != form->in) {
		request_refuse(error, IIOBRIDGE_BAD_DIRECTION, code, value,
			       "%s is an %s request, but came as %s", form->name,
			       form->in ? "IN" : "OUT", in ? "IN" : "OUT");
		return -EINVAL;
	}
	if (in ? length == 0 : length != form->length) {
		request_refuse(error, IIOBRIDGE_BAD_LENGTH, code, value,
			       "%s has a wLength of %s%u, but came with %u", form->name,
			       in ? "1 to " : "", form->length, length);
		return -EINVAL;
	}
	*request = (struct request){
		.code = code,
		.route =
			form->value == ROUTE || form->value == ROUTE_AND_CHANNEL ? value & 0xff : 0,
		.channel = form->value == ROUTE_AND_CHANNEL ? value >> 8 : 0,
		.value = value,
		.length = length,
	};
	return has_value(form, request, route_count, control_count, error) ? 0 : -EINVAL;
}

#define SWAP16(field) ((field) = htole16(field))
#define SWAP32(field) ((field) = htole32(field))
#define SWAP64(field) ((field) = (__typeof__(field))htole64((uint64_t)(field)))

void wire_device_info(struct iiobridge_device_info *info)
{
	SWAP16(info->version_major);
	SWAP16(info->version_minor);
}

void wire_route_info(struct iiobridge_route_info *info)
{
	SWAP32(info->channel_mask);
	SWAP32(info->block_size);
	SWAP32(info->block_size_max);
	SWAP32(info->block_count);
	SWAP32(info->bytes_per_scan);
	SWAP32(info->block_step);
	SWAP64(info->sample_rate_millihertz);
}

void wire_channel_info(struct iiobridge_channel_info *info)
{
	SWAP16(info->index);
}

void wire_parameters(struct iiobridge_parameters *parameters)
{
	SWAP32(parameters->channel_mask);
	SWAP32(parameters->block_size);
	SWAP32(parameters->flags);
	SWAP32(parameters->reserved);
}

void wire_finish(struct iiobridge_finish *finish)
{
	SWAP64(finish->bytes);
	SWAP32(finish->flags);
	SWAP32(finish->reserved);
}

void wire_control_value(struct iiobridge_control_value *value)
{
	SWAP64(value->number);
}

void wire_control_info(struct iiobridge_control_info *info)
{
	wire_control_value(&info->value);
	SWAP64(info->minimum);
	SWAP64(info->step);
	SWAP64(info->maximum);
	SWAP16(info->choice_count);
	SWAP16(info->choices_size);
}

void wire_statistics(struct iiobridge_statistics *statistics)
{
	SWAP32(statistics->state);
	SWAP32(statistics->estimated);
	SWAP64(statistics->starts);
	SWAP64(statistics->blocks_filled);
	SWAP64(statistics->blocks_drained);
	SWAP64(statistics->blocks_failed);
	SWAP64(statistics->bytes_drained);
	SWAP64(statistics->gaps);
	SWAP64(statistics->scans_lost);
	SWAP64(statistics->records_lost);
}

void wire_record(struct iiobridge_record *record)
{
	SWAP32(record->run);
	SWAP64(record->sequence);
	SWAP64(record->first_scan);
	SWAP64(record->filled_ns);
	SWAP64(record->drained_ns);
	SWAP32(record->bytes);
}

void wire_error(struct iiobridge_error *error)
{
	SWAP32(error->code);
	SWAP16(error->value);
}
