// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * request.c - the control requests of the protocol, and what is true of their answers
 *
 * What comes from a board may be anything: no answer is used before it is checked. An answer may be
 * longer than this library knows, from a newer board; or shorter, from an older one, and what is
 * missing is 0 then.
 */
#include "internal.h"

#include <libusb.h>

#include <endian.h>
#include <inttypes.h>
#include <string.h>

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

const char *request_name(unsigned int request)
{
	static const char *const names[] = {
		[IIOBRIDGE_GET_DEVICE] = "GET_DEVICE",
		[IIOBRIDGE_GET_ROUTE] = "GET_ROUTE",
		[IIOBRIDGE_GET_CHANNEL] = "GET_CHANNEL",
		[IIOBRIDGE_SET_PARAMETERS] = "SET_PARAMETERS",
		[IIOBRIDGE_START] = "START",
		[IIOBRIDGE_STOP] = "STOP",
		[IIOBRIDGE_GET_STATISTICS] = "GET_STATISTICS",
		[IIOBRIDGE_GET_ERROR] = "GET_ERROR",
		[IIOBRIDGE_FINISH] = "FINISH",
		[IIOBRIDGE_READ_CONTROL] = "READ_CONTROL",
		[IIOBRIDGE_SET_CONTROL] = "SET_CONTROL",
		[IIOBRIDGE_GET_CONTROL] = "GET_CONTROL",
		[IIOBRIDGE_GET_CHANGES] = "GET_CHANGES",
		[IIOBRIDGE_GET_TIME] = "GET_TIME",
	};

	if (request >= sizeof(names) / sizeof(names[0]) || !names[request])
		return "request";
	return names[request];
}

static unsigned int timeout_ms(unsigned int request)
{
	return request == IIOBRIDGE_START ? START_TIMEOUT_MS : TIMEOUT_MS;
}

/* libusb's synchronous calls see to it that somebody runs the event loop while they wait. */
static int transfer(struct iiobridge_board *board, uint8_t type, unsigned int request,
		    uint16_t value, void *data, uint16_t size)
{
	return libusb_control_transfer(board->handle, type, (uint8_t)request, value,
				       board->candidate.interface, data, size, timeout_ms(request));
}

/* The board stalled: asks why, and makes its sentence the reason. */
static int explain_refusal(struct iiobridge_board *board, unsigned int request, uint16_t value)
{
	const char *location = board->candidate.location;
	struct iiobridge_error error;
	int r;

	/* GET_ERROR that is refused itself must not ask again. */
	if (request == IIOBRIDGE_GET_ERROR)
		return fail(IIOBRIDGE_ERROR_REFUSED, "the board at %s refused GET_ERROR", location);
	r = request_error(board, &error);
	if (r == IIOBRIDGE_ERROR_GONE)
		return r;
	if (r < 0 || error.request != request || error.value != value || !error.message[0])
		return fail(IIOBRIDGE_ERROR_REFUSED,
			    "the board at %s refused %s 0x%x without saying why", location,
			    request_name(request), value);
	return fail(IIOBRIDGE_ERROR_REFUSED, "the board at %s refused %s: %s", location,
		    request_name(request), error.message);
}

/*
 * The transfers of a board that is unplugged fail with errors of the bus until the kernel has taken
 * it off the bus: asks until it is clear which of the two it was.
 */
static bool went_away(struct iiobridge_board *board)
{
	const uint64_t end = clock_ns() + DISCONNECT_MS * NS_PER_MS;
	struct iiobridge_device_info info;
	int r;

	do {
		r = transfer(board, REQUEST_IN, IIOBRIDGE_GET_DEVICE, 0, &info, sizeof(info));
		if (r != LIBUSB_ERROR_IO)
			return r == LIBUSB_ERROR_NO_DEVICE;
		board_handle_events(board, DISCONNECT_TURN_MS);
	} while (clock_ns() < end);
	return false;
}

static int request_failed(struct iiobridge_board *board, unsigned int request, uint16_t value,
			  int error)
{
	const char *location = board->candidate.location, *name = request_name(request);
	int r = usb_result(error);

	if (r == IIOBRIDGE_ERROR_SYSTEM && error == LIBUSB_ERROR_IO)
		r = went_away(board) ? IIOBRIDGE_ERROR_GONE : IIOBRIDGE_ERROR_PROTOCOL;
	switch (r) {
	case IIOBRIDGE_ERROR_REFUSED:
		return explain_refusal(board, request, value);
	case IIOBRIDGE_ERROR_GONE:
		return fail(r, "the board at %s went away", location);
	case IIOBRIDGE_ERROR_TIMEOUT:
		return fail(r, "the board at %s did not answer %s within %u s", location, name,
			    timeout_ms(request) / 1000);
	default:
		return fail(r, "%s to the board at %s failed: %s", name, location,
			    libusb_strerror(error));
	}
}

/* An answer of at least @least bytes: what the first version of the protocol had. */
static int request_in(struct iiobridge_board *board, unsigned int request, uint16_t value,
		      void *data, uint16_t size, uint16_t least)
{
	int r;

	memset(data, 0, size);
	r = transfer(board, REQUEST_IN, request, value, data, size);
	if (r < 0)
		return request_failed(board, request, value, r);
	if (r < least)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board at %s answered %s with %d bytes; it must be at least %u",
			    board->candidate.location, request_name(request), r, least);
	return 0;
}

static int request_out(struct iiobridge_board *board, unsigned int request, uint16_t value,
		       void *data, uint16_t size)
{
	int r;

	r = transfer(board, REQUEST_OUT, request, value, data, size);
	if (r < 0)
		return request_failed(board, request, value, r);
	if (r != size)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board at %s took %d bytes of %s instead of %u",
			    board->candidate.location, r, request_name(request), size);
	return 0;
}

static int no_end_of_text(const char *request)
{
	return fail(IIOBRIDGE_ERROR_PROTOCOL, "the board's answer to %s has text without an end",
		    request);
}

int request_device(struct iiobridge_board *board, struct iiobridge_device_info *info)
{
	int r;

	r = request_in(board, IIOBRIDGE_GET_DEVICE, 0, info, sizeof(*info), sizeof(*info));
	if (r < 0)
		return r;
	info->version_major = le16toh(info->version_major);
	info->version_minor = le16toh(info->version_minor);

	if (info->version_major != IIOBRIDGE_PROTOCOL_MAJOR)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board speaks protocol %u.%u, this program %u.x",
			    info->version_major, info->version_minor, IIOBRIDGE_PROTOCOL_MAJOR);
	if (info->route_count > IIOBRIDGE_MAX_ROUTES)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board claims %u routes; the protocol allows %u", info->route_count,
			    IIOBRIDGE_MAX_ROUTES);
	if (!(info->endpoint_records & LIBUSB_ENDPOINT_IN))
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board names endpoint 0x%02x for records, which is not one that a "
			    "host reads",
			    info->endpoint_records);
	if (info->control_count > IIOBRIDGE_MAX_CONTROLS)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board claims %u controls; the protocol allows %u",
			    info->control_count, IIOBRIDGE_MAX_CONTROLS);
	if (!text_take(info->software, sizeof(info->software)) ||
	    !text_take(info->model, sizeof(info->model)))
		return no_end_of_text("GET_DEVICE");
	return 0;
}

static int check_route(const struct iiobridge_route_info *info, unsigned int route)
{
	if (info->direction > IIOBRIDGE_LINK_TEST || info->state > IIOBRIDGE_RUNNING ||
	    info->transfer > IIOBRIDGE_COPY_EARLY || info->cyclic > IIOBRIDGE_CYCLIC_KERNEL ||
	    info->repeating > IIOBRIDGE_REPEATING_KERNEL)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "route %u (%s): unknown direction %u, state %u, transfer %u, cyclic %u "
			    "or repeating %u",
			    route, info->name, info->direction, info->state, info->transfer,
			    info->cyclic, info->repeating);
	if ((info->endpoint_in && !(info->endpoint_in & LIBUSB_ENDPOINT_IN)) ||
	    info->endpoint_out & LIBUSB_ENDPOINT_IN)
		return fail(
			IIOBRIDGE_ERROR_PROTOCOL,
			"route %u (%s) names endpoint 0x%02x for what the host reads and 0x%02x "
			"for what it writes: one of them has the other direction",
			route, info->name, info->endpoint_in, info->endpoint_out);
	if (info->channel_count > IIOBRIDGE_MAX_CHANNELS)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "route %u (%s) claims %u channels; the protocol allows %u", route,
			    info->name, info->channel_count, IIOBRIDGE_MAX_CHANNELS);
	if (info->channel_count < IIOBRIDGE_MAX_CHANNELS &&
	    info->channel_mask >> info->channel_count)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "route %u (%s) has channel mask 0x%x but only %u channels", route,
			    info->name, info->channel_mask, info->channel_count);
	return 0;
}

int request_route(struct iiobridge_board *board, unsigned int route,
		  struct iiobridge_route_info *info)
{
	int r;

	if (route >= board->info.route_count)
		return fail(
			IIOBRIDGE_ERROR_INVALID,
			"there is no route %u: the board at %s has %u, and the first is route 0",
			route, board->candidate.location, board->info.route_count);
	r = request_in(board, IIOBRIDGE_GET_ROUTE, (uint16_t)route, info, sizeof(*info),
		       sizeof(*info));
	if (r < 0)
		return r;
	info->channel_mask = le32toh(info->channel_mask);
	info->block_size = le32toh(info->block_size);
	info->block_size_max = le32toh(info->block_size_max);
	info->block_count = le32toh(info->block_count);
	info->bytes_per_scan = le32toh(info->bytes_per_scan);
	info->block_step = le32toh(info->block_step);
	info->sample_rate_millihertz = le64toh(info->sample_rate_millihertz);
	if (!text_take(info->name, sizeof(info->name)) ||
	    !text_take(info->device, sizeof(info->device)))
		return no_end_of_text("GET_ROUTE");
	return check_route(info, route);
}

int request_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
		    struct iiobridge_channel_info *info)
{
	int r;

	r = request_in(board, IIOBRIDGE_GET_CHANNEL, (uint16_t)(route | channel << 8), info,
		       sizeof(*info), sizeof(*info));
	if (r < 0)
		return r;
	info->index = le16toh(info->index);
	if (!text_take(info->id, sizeof(info->id)))
		return no_end_of_text("GET_CHANNEL");
	if (info->big_endian > 1 || info->is_signed > 1 || info->storage_bits == 0 ||
	    info->storage_bits % 8 || info->bits == 0 ||
	    info->bits + info->shift > info->storage_bits)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "channel %u (%s) has an impossible format: %u bits of %u, shift %u",
			    channel, info->id, info->bits, info->storage_bits, info->shift);
	return 0;
}

int request_statistics(struct iiobridge_board *board, unsigned int route,
		       struct iiobridge_statistics *statistics)
{
	int r;

	r = request_in(board, IIOBRIDGE_GET_STATISTICS, (uint16_t)route, statistics,
		       sizeof(*statistics), sizeof(*statistics));
	if (r < 0)
		return r;
	statistics->state = le32toh(statistics->state);
	statistics->estimated = le32toh(statistics->estimated);
	statistics->starts = le64toh(statistics->starts);
	statistics->blocks_filled = le64toh(statistics->blocks_filled);
	statistics->blocks_drained = le64toh(statistics->blocks_drained);
	statistics->blocks_failed = le64toh(statistics->blocks_failed);
	statistics->bytes_drained = le64toh(statistics->bytes_drained);
	statistics->gaps = le64toh(statistics->gaps);
	statistics->scans_lost = le64toh(statistics->scans_lost);
	statistics->records_lost = le64toh(statistics->records_lost);
	if (statistics->state > IIOBRIDGE_RUNNING)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "the board's statistics have the unknown state %u", statistics->state);
	return 0;
}

int request_error(struct iiobridge_board *board, struct iiobridge_error *error)
{
	int r;

	r = request_in(board, IIOBRIDGE_GET_ERROR, 0, error, sizeof(*error), sizeof(*error));
	if (r < 0)
		return r;
	error->code = le32toh(error->code);
	error->value = le16toh(error->value);
	if (!text_take(error->message, sizeof(error->message)))
		return no_end_of_text("GET_ERROR");
	return 0;
}

int request_time(struct iiobridge_board *board, uint64_t *time_ns)
{
	struct iiobridge_time time;
	int r;

	r = request_in(board, IIOBRIDGE_GET_TIME, 0, &time, sizeof(time), sizeof(time));
	*time_ns = le64toh(time.time_ns);
	return r;
}

int request_parameters(struct iiobridge_board *board, unsigned int route,
		       const struct iiobridge_parameters *wanted)
{
	struct iiobridge_parameters parameters = {
		.channel_mask = htole32(wanted->channel_mask),
		.block_size = htole32(wanted->block_size),
	};

	/* A board that does not know them would refuse to start. */
	if (board->info.version_minor >= 4)
		parameters.flags = htole32(wanted->flags);
	return request_out(board, IIOBRIDGE_SET_PARAMETERS, (uint16_t)route, &parameters,
			   sizeof(parameters));
}

int request_start(struct iiobridge_board *board, unsigned int route)
{
	return request_out(board, IIOBRIDGE_START, (uint16_t)route, NULL, 0);
}

int request_stop(struct iiobridge_board *board, unsigned int route)
{
	return request_out(board, IIOBRIDGE_STOP, (uint16_t)route, NULL, 0);
}

int request_finish(struct iiobridge_board *board, unsigned int route, uint64_t bytes,
		   uint32_t flags)
{
	struct iiobridge_finish finish = {
		.bytes = htole64(bytes),
		.flags = htole32(flags),
	};

	return request_out(board, IIOBRIDGE_FINISH, (uint16_t)route, &finish, sizeof(finish));
}

int request_read_control(struct iiobridge_board *board, unsigned int control)
{
	return request_out(board, IIOBRIDGE_READ_CONTROL, (uint16_t)control, NULL, 0);
}

int request_set_control(struct iiobridge_board *board, unsigned int control,
			const struct iiobridge_control_value *value)
{
	struct iiobridge_control_value wire = *value;

	wire.number = (int64_t)htole64((uint64_t)value->number);
	return request_out(board, IIOBRIDGE_SET_CONTROL, (uint16_t)control, &wire, sizeof(wire));
}

static int64_t number_of(int64_t wire)
{
	return (int64_t)le64toh((uint64_t)wire);
}

/* Each ends, within what is used, and there are as many as it says. */
static bool take_choices(struct iiobridge_control_info *info)
{
	size_t at = 0;

	if (info->choices_size > sizeof(info->choices))
		return false;
	for (unsigned int i = 0; i < info->choice_count; i++) {
		if (at == info->choices_size ||
		    !text_take(info->choices + at, info->choices_size - at))
			return false;
		at += strlen(info->choices + at) + 1;
	}
	return at == info->choices_size;
}

static int check_control(const struct iiobridge_board *board, unsigned int control,
			 const struct iiobridge_control_info *info)
{
	if (info->state > IIOBRIDGE_CONTROL_FAILED)
		return fail(IIOBRIDGE_ERROR_PROTOCOL, "control %u has the unknown state %u",
			    control, info->state);
	if (info->route != IIOBRIDGE_CONTROL_OF_ALL && info->route >= board->info.route_count)
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "control %u is of route %u; the board has %u routes", control,
			    info->route, board->info.route_count);
	return 0;
}

/* What a newer board has more kinds and roles of is an attribute here, whose values are text. */
static void simplify(struct iiobridge_control_info *info)
{
	if (info->role > IIOBRIDGE_ROLE_TEMPERATURE)
		info->role = IIOBRIDGE_ROLE_ATTRIBUTE;
	if (info->kind > IIOBRIDGE_CONTROL_TEXT)
		info->kind = IIOBRIDGE_CONTROL_TEXT;
}

int request_control_value(struct iiobridge_board *board, unsigned int control,
			  struct iiobridge_control_info *info)
{
	const uint16_t size = offsetof(struct iiobridge_control_info, message);
	int r;

	memset(info, 0, sizeof(*info));
	r = request_in(board, IIOBRIDGE_GET_CONTROL, (uint16_t)control, info, size, size);
	if (r < 0)
		return r;
	info->value.number = number_of(info->value.number);
	if (!text_take(info->value.text, sizeof(info->value.text)))
		return no_end_of_text("GET_CONTROL");
	simplify(info);
	return check_control(board, control, info);
}

int request_control(struct iiobridge_board *board, unsigned int control,
		    struct iiobridge_control_info *info)
{
	int r;

	r = request_in(board, IIOBRIDGE_GET_CONTROL, (uint16_t)control, info, sizeof(*info),
		       offsetof(struct iiobridge_control_info, choices));
	if (r < 0)
		return r;
	info->value.number = number_of(info->value.number);
	info->minimum = number_of(info->minimum);
	info->step = number_of(info->step);
	info->maximum = number_of(info->maximum);
	info->choice_count = le16toh(info->choice_count);
	info->choices_size = le16toh(info->choices_size);
	if (!text_take(info->value.text, sizeof(info->value.text)) ||
	    !text_take(info->message, sizeof(info->message)) ||
	    !text_take(info->unit, sizeof(info->unit)) ||
	    !text_take(info->name, sizeof(info->name)))
		return no_end_of_text("GET_CONTROL");
	if (!info->name[0])
		return fail(IIOBRIDGE_ERROR_PROTOCOL, "control %u has no name", control);
	if (!take_choices(info))
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "control %u (%s) claims %u choices in %u bytes, which are others",
			    control, info->name, info->choice_count, info->choices_size);
	if (info->has_range > 1 ||
	    (info->has_range && (info->minimum > info->maximum || info->step < 0)))
		return fail(IIOBRIDGE_ERROR_PROTOCOL,
			    "control %u (%s) has an impossible range: %" PRId64 " to %" PRId64
			    " by %" PRId64,
			    control, info->name, info->minimum, info->maximum, info->step);
	simplify(info);
	return check_control(board, control, info);
}

int request_changes(struct iiobridge_board *board, uint8_t changes[IIOBRIDGE_MAX_CONTROLS])
{
	const uint16_t count = board->info.control_count;

	return request_in(board, IIOBRIDGE_GET_CHANGES, 0, changes, count, count);
}
