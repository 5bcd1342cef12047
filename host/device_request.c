// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_request.c - the control requests of the protocol
 */
#include "answer.h"
#include "clock.h"
#include "device.h"
#include "failure.h"

#include <libusb.h>

#include <endian.h>
#include <errno.h>
#include <stdbool.h>

/*
 * START gets the memory of all blocks, for which a kernel may have to make room, and sets up a
 * converter, whose driver may calibrate it.
 */
#define START_TIMEOUT_MS 30000
#define TIMEOUT_MS	 5000

/* How long the kernel may take to notice that a board is unplugged, and how often to look. */
#define DISCONNECT_MS	   1000
#define DISCONNECT_TURN_MS 10

#define REQUEST_IN  (LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)
#define REQUEST_OUT (LIBUSB_ENDPOINT_OUT | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)

static unsigned int timeout_ms(unsigned int request)
{
	return request == IIOBRIDGE_START ? START_TIMEOUT_MS : TIMEOUT_MS;
}

/*
 * libusb's synchronous calls run its event loop while they wait, so that streams on the same
 * device are served meanwhile.
 */
static int transfer(struct device *device, uint8_t type, unsigned int request, uint16_t value,
		    void *data, uint16_t size)
{
	return libusb_control_transfer(device_handle(device), type, (uint8_t)request, value,
				       device_interface(device), data, size, timeout_ms(request));
}

/* The board stalled: asks why, and makes its sentence the reason. */
static int explain_refusal(struct device *device, unsigned int request, uint16_t value)
{
	struct failure *failure = device_failure(device);
	const char *name = answer_request_name(request);
	struct iiobridge_error error;
	int r;

	/* GET_ERROR that is refused itself must not ask again. */
	if (request == IIOBRIDGE_GET_ERROR)
		return failure_set(failure, -EREMOTEIO, "the board at %s refused GET_ERROR",
				   device_name(device));

	r = device_get_error(device, &error);
	if (r == -ENODEV)
		return r;
	if (r < 0 || error.request != request || error.value != value || !error.message[0])
		return failure_set(failure, -EREMOTEIO,
				   "the board at %s refused %s 0x%x without saying why",
				   device_name(device), name, value);
	return failure_set(failure, -EREMOTEIO, "the board at %s refused %s: %s",
			   device_name(device), name, error.message);
}

/*
 * The transfers of a board that is unplugged fail with errors of the bus until the kernel has taken
 * it off the bus: asks until it is clear which of the two it was.
 */
static bool went_away(struct device *device)
{
	const uint64_t end = clock_now_ns() + DISCONNECT_MS * CLOCK_NS_PER_MS;
	struct timeval pause = { .tv_usec = (suseconds_t)DISCONNECT_TURN_MS * 1000 };
	struct iiobridge_device_info info;
	int r;

	do {
		r = transfer(device, REQUEST_IN, IIOBRIDGE_GET_DEVICE, 0, &info, sizeof(info));
		if (r != LIBUSB_ERROR_IO)
			return r == LIBUSB_ERROR_NO_DEVICE;
		libusb_handle_events_timeout_completed(device_context(device), &pause, NULL);
	} while (clock_now_ns() < end);
	return false;
}

static int request_failed(struct device *device, unsigned int request, uint16_t value, int error)
{
	struct failure *failure = device_failure(device);
	const char *name = answer_request_name(request);
	int r = device_errno(error);

	switch (-r) {
	case EREMOTEIO:
		return explain_refusal(device, request, value);
	case EIO:
		if (!went_away(device))
			return failure_set(failure, -EPROTO, "%s to the board at %s failed: %s",
					   name, device_name(device), libusb_strerror(error));
		r = -ENODEV;
		/* fall through */
	case ENODEV:
		return failure_set(failure, r, "the board at %s went away", device_name(device));
	case ETIMEDOUT:
		return failure_set(failure, r, "the board at %s did not answer %s within %u s",
				   device_name(device), name, timeout_ms(request) / 1000);
	default:
		return failure_set(failure, r, "%s to the board at %s failed: %s", name,
				   device_name(device), libusb_strerror(error));
	}
}

static int request_in(struct device *device, unsigned int request, uint16_t value, void *data,
		      uint16_t size)
{
	int r;

	r = transfer(device, REQUEST_IN, request, value, data, size);
	if (r < 0)
		return request_failed(device, request, value, r);
	if (r != size)
		return failure_set(device_failure(device), -EPROTO,
				   "the board at %s answered %s with %d bytes instead of %u",
				   device_name(device), answer_request_name(request), r, size);
	return 0;
}

static int request_out(struct device *device, unsigned int request, uint16_t value, void *data,
		       uint16_t size)
{
	int r;

	r = transfer(device, REQUEST_OUT, request, value, data, size);
	if (r < 0)
		return request_failed(device, request, value, r);
	if (r != size)
		return failure_set(device_failure(device), -EPROTO,
				   "the board at %s took %d bytes of %s instead of %u",
				   device_name(device), r, answer_request_name(request), size);
	return 0;
}

int device_get_info(struct device *device, struct iiobridge_device_info *info)
{
	int r;

	r = request_in(device, IIOBRIDGE_GET_DEVICE, 0, info, sizeof(*info));
	if (r < 0)
		return r;
	return answer_check_device(info, device_failure(device));
}

int device_get_route(struct device *device, unsigned int route, struct iiobridge_route_info *info)
{
	int r;

	r = request_in(device, IIOBRIDGE_GET_ROUTE, (uint16_t)route, info, sizeof(*info));
	if (r < 0)
		return r;
	return answer_check_route(info, route, device_failure(device));
}

int device_get_channel(struct device *device, unsigned int route, unsigned int channel,
		       struct iiobridge_channel_info *info)
{
	int r;

	r = request_in(device, IIOBRIDGE_GET_CHANNEL, (uint16_t)(route | channel << 8), info,
		       sizeof(*info));
	if (r < 0)
		return r;
	return answer_check_channel(info, channel, device_failure(device));
}

int device_get_statistics(struct device *device, unsigned int route,
			  struct iiobridge_statistics *statistics)
{
	int r;

	r = request_in(device, IIOBRIDGE_GET_STATISTICS, (uint16_t)route, statistics,
		       sizeof(*statistics));
	if (r < 0)
		return r;
	return answer_check_statistics(statistics, device_failure(device));
}

int device_get_error(struct device *device, struct iiobridge_error *error)
{
	int r;

	r = request_in(device, IIOBRIDGE_GET_ERROR, 0, error, sizeof(*error));
	if (r < 0)
		return r;
	return answer_check_error(error, device_failure(device));
}

int device_set_parameters(struct device *device, unsigned int route, uint32_t channel_mask,
			  uint32_t block_size)
{
	struct iiobridge_parameters parameters = {
		.channel_mask = htole32(channel_mask),
		.block_size = htole32(block_size),
	};

	return request_out(device, IIOBRIDGE_SET_PARAMETERS, (uint16_t)route, &parameters,
			   sizeof(parameters));
}

int device_start(struct device *device, unsigned int route)
{
	return request_out(device, IIOBRIDGE_START, (uint16_t)route, NULL, 0);
}

int device_stop(struct device *device, unsigned int route)
{
	return request_out(device, IIOBRIDGE_STOP, (uint16_t)route, NULL, 0);
}

int device_finish(struct device *device, unsigned int route, uint64_t bytes, uint32_t flags)
{
	struct iiobridge_finish finish = {
		.bytes = htole64(bytes),
		.flags = htole32(flags),
	};

	return request_out(device, IIOBRIDGE_FINISH, (uint16_t)route, &finish, sizeof(finish));
}
