// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-abuse - send a board control requests that it must refuse, and see that it says why
 *
 * Usage: usb-abuse ROUTE COUNT [SEED]
 *
 * First comes a fixed list, in which each request has one fault, then random ones up to COUNT.
 * Every one must be stalled, and GET_ERROR must then tell the request, a code that fits and a
 * sentence. Bad parameters are accepted by SET_PARAMETERS and must be refused by START.
 *
 * The interface is not claimed: the kernel lets vendor requests pass without (check_ctrlrecip()
 * in drivers/usb/core/devio.c), so the route may be streaming to another program meanwhile, and
 * must go on doing so. For that reason no request here is ever a valid START or STOP.
 *
 * Prints "N requests, N stalled, N explained"; the exit status is 0 when the three are equal.
 */
#include "library/internal.h"

#include <libusb-1.0/libusb.h>

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS  5000
#define MAX_LENGTH  4096 /* the gadget side of the kernel refuses more before the daemon sees it */
#define VENDOR_IN   (LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)
#define VENDOR_OUT  (LIBUSB_ENDPOINT_OUT | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)
#define BIT(number) (1U << (number))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

struct request {
	bool in;
	uint8_t number;
	uint16_t value;
	uint16_t length;
};

struct abuse {
	struct iiobridge_board *board;
	unsigned int route;
	unsigned int packet_size;
	struct iiobridge_route_info route_info;
	uint8_t data[MAX_LENGTH];
	uint32_t random;
	unsigned int sent, stalled, explained;
	unsigned int asked, answered;
};

static const struct {
	bool in;
	uint16_t length;
} requests[] = {
	[IIOBRIDGE_GET_DEVICE] = { true, sizeof(struct iiobridge_device_info) },
	[IIOBRIDGE_GET_ROUTE] = { true, sizeof(struct iiobridge_route_info) },
	[IIOBRIDGE_GET_CHANNEL] = { true, sizeof(struct iiobridge_channel_info) },
	[IIOBRIDGE_SET_PARAMETERS] = { false, sizeof(struct iiobridge_parameters) },
	[IIOBRIDGE_START] = { false, 0 },
	[IIOBRIDGE_STOP] = { false, 0 },
	[IIOBRIDGE_GET_STATISTICS] = { true, sizeof(struct iiobridge_statistics) },
	[IIOBRIDGE_GET_ERROR] = { true, sizeof(struct iiobridge_error) },
	[IIOBRIDGE_FINISH] = { false, sizeof(struct iiobridge_finish) },
	[IIOBRIDGE_READ_CONTROL] = { false, 0 },
	[IIOBRIDGE_SET_CONTROL] = { false, sizeof(struct iiobridge_control_value) },
	[IIOBRIDGE_GET_CONTROL] = { true, sizeof(struct iiobridge_control_info) },
	[IIOBRIDGE_GET_CHANGES] = { true, IIOBRIDGE_MAX_CONTROLS },
	[IIOBRIDGE_GET_TIME] = { true, sizeof(struct iiobridge_time) },
};

static bool is_known(unsigned int number)
{
	return number >= IIOBRIDGE_GET_DEVICE && number < COUNT_OF(requests);
}

static uint32_t next_random(struct abuse *abuse)
{
	abuse->random ^= abuse->random << 13;
	abuse->random ^= abuse->random >> 17;
	abuse->random ^= abuse->random << 5;
	return abuse->random;
}

/* The codes that the protocol has for the faults of a request; none: it is valid. */
static unsigned int faults_of(const struct abuse *abuse, const struct request *request)
{
	unsigned int route = request->value;
	unsigned int codes = 0;

	if (!is_known(request->number))
		return BIT(IIOBRIDGE_BAD_REQUEST);
	if (request->in != requests[request->number].in)
		codes |= BIT(IIOBRIDGE_BAD_DIRECTION);
	if (request->in ? request->length == 0
			: request->length != requests[request->number].length)
		codes |= BIT(IIOBRIDGE_BAD_LENGTH);

	switch (request->number) {
	case IIOBRIDGE_GET_DEVICE:
	case IIOBRIDGE_GET_ERROR:
	case IIOBRIDGE_GET_CHANGES:
	case IIOBRIDGE_GET_TIME:
		if (request->value)
			codes |= BIT(IIOBRIDGE_BAD_ROUTE);
		return codes;
	case IIOBRIDGE_READ_CONTROL:
		if (request->value == IIOBRIDGE_ALL_CONTROLS)
			return codes;
		/* fallthrough */
	case IIOBRIDGE_SET_CONTROL:
	case IIOBRIDGE_GET_CONTROL:
		if (request->value >= abuse->board->info.control_count)
			codes |= BIT(IIOBRIDGE_BAD_CONTROL);
		return codes;
	case IIOBRIDGE_GET_CHANNEL:
		/* Of another route the number of channels is not known here: the generator keeps
		 * out. */
		route = request->value & 0xff;
		if (request->value >> 8 >= abuse->route_info.channel_count)
			codes |= BIT(IIOBRIDGE_BAD_CHANNEL);
		break;
	default:
		break;
	}
	if (route >= abuse->board->info.route_count)
		codes |= BIT(IIOBRIDGE_BAD_ROUTE);
	return codes;
}

static void check_explanation(struct abuse *abuse, const struct request *request,
			      unsigned int codes)
{
	struct iiobridge_error error;

	if (request_error(abuse->board, &error) < 0) {
		fprintf(stderr, "usb-abuse: %s\n", iiobridge_error_message());
		return;
	}
	if (error.code < 32 && codes & BIT(error.code) && error.request == request->number &&
	    error.value == request->value && error.message[0]) {
		abuse->explained++;
		return;
	}
	fprintf(stderr,
		"usb-abuse: request %u value 0x%x length %u %s: wants a code of mask 0x%x, got "
		"code %u "
		"request %u value 0x%x \"%s\"\n",
		request->number, request->value, request->length, request->in ? "IN" : "OUT", codes,
		error.code, error.request, error.value, error.message);
}

static void send_bad(struct abuse *abuse, const struct request *request, unsigned int codes)
{
	int r;

	r = libusb_control_transfer(abuse->board->handle, request->in ? VENDOR_IN : VENDOR_OUT,
				    request->number, request->value,
				    abuse->board->candidate.interface, abuse->data, request->length,
				    TIMEOUT_MS);
	abuse->sent++;
	if (r != LIBUSB_ERROR_PIPE) {
		fprintf(stderr,
			"usb-abuse: request %u value 0x%x length %u %s was not stalled: %s\n",
			request->number, request->value, request->length,
			request->in ? "IN" : "OUT", r < 0 ? libusb_error_name(r) : "accepted");
		return;
	}
	abuse->stalled++;
	check_explanation(abuse, request, codes);
}

static void send_request(struct abuse *abuse, bool in, unsigned int number, unsigned int value,
			 unsigned int length)
{
	const struct request request = {
		.in = in,
		.number = (uint8_t)number,
		.value = (uint16_t)value,
		.length = (uint16_t)length,
	};
	unsigned int codes = faults_of(abuse, &request);

	if (codes)
		send_bad(abuse, &request, codes);
}

static void send_wrong_lengths(struct abuse *abuse)
{
	for (unsigned int number = IIOBRIDGE_GET_DEVICE; is_known(number); number++) {
		const unsigned int size = requests[number].length;
		const unsigned int lengths[] = { 0, 1, size - 1, size + 1, MAX_LENGTH };
		const unsigned int value = requests[number].in ? 0 : abuse->route;

		for (unsigned int i = 0; i < COUNT_OF(lengths); i++) {
			if (lengths[i] <= MAX_LENGTH)
				send_request(abuse, requests[number].in, number, value, lengths[i]);
		}
	}
}

static int ask(struct abuse *abuse, unsigned int number, uint8_t *data, unsigned int length)
{
	const unsigned int value =
		number == IIOBRIDGE_GET_DEVICE || number == IIOBRIDGE_GET_ERROR ? 0 : abuse->route;

	return libusb_control_transfer(abuse->board->handle, VENDOR_IN, (uint8_t)number,
				       (uint16_t)value, abuse->board->candidate.interface, data,
				       (uint16_t)length, TIMEOUT_MS);
}

/* Who wants less of an answer gets its beginning, and who wants more gets all that there is. */
static void ask_for_other_lengths(struct abuse *abuse)
{
	for (unsigned int number = IIOBRIDGE_GET_DEVICE; is_known(number); number++) {
		const int size = requests[number].length;
		const int lengths[] = { 1, size - 1, size + 1, 1024, MAX_LENGTH };
		uint8_t whole[MAX_LENGTH];

		/* Of changes there are as many as controls, and time goes on. */
		if (!requests[number].in || number == IIOBRIDGE_GET_CHANGES ||
		    number == IIOBRIDGE_GET_TIME)
			continue;
		abuse->asked++;
		if (ask(abuse, number, whole, (unsigned int)size) == size)
			abuse->answered++;
		for (unsigned int i = 0; i < COUNT_OF(lengths); i++) {
			const int wanted = lengths[i] < size ? lengths[i] : size;

			abuse->asked++;
			if (ask(abuse, number, abuse->data, (unsigned int)lengths[i]) == wanted &&
			    (number == IIOBRIDGE_GET_STATISTICS || /* they count on */
			     memcmp(abuse->data, whole, (size_t)wanted) == 0))
				abuse->answered++;
			else
				fprintf(stderr,
					"usb-abuse: request %u with length %d is not "
					"answered by %d bytes of the answer\n",
					number, lengths[i], wanted);
		}
	}
}

static void send_wrong_directions(struct abuse *abuse)
{
	for (unsigned int number = IIOBRIDGE_GET_DEVICE; is_known(number); number++)
		send_request(abuse, !requests[number].in, number, 0, requests[number].length);
}

static void send_unknown_requests(struct abuse *abuse)
{
	static const uint8_t numbers[] = { 0, IIOBRIDGE_GET_TIME + 1, 0x20, 0x7f, 0xff };

	for (unsigned int i = 0; i < COUNT_OF(numbers); i++) {
		send_request(abuse, false, numbers[i], 0, 0);
		send_request(abuse, false, numbers[i], 0, 64);
		send_request(abuse, true, numbers[i], 0, 64);
	}
}

static void send_wrong_values(struct abuse *abuse)
{
	const unsigned int routes[] = { abuse->board->info.route_count, 0xff, 0x100, 0xffff };
	const unsigned int channels[] = { abuse->route_info.channel_count, 0x7f, 0xff };

	for (unsigned int number = IIOBRIDGE_GET_DEVICE; is_known(number); number++) {
		/* In GET_CHANNEL 0x100 is channel 1, which may well be there. */
		for (unsigned int i = 0; i < COUNT_OF(routes); i++) {
			if (number != IIOBRIDGE_GET_CHANNEL || (routes[i] & 0xff) != 0)
				send_request(abuse, requests[number].in, number, routes[i],
					     requests[number].length);
		}
	}
	for (unsigned int i = 0; i < COUNT_OF(channels); i++)
		send_request(abuse, true, IIOBRIDGE_GET_CHANNEL, abuse->route | channels[i] << 8,
			     requests[IIOBRIDGE_GET_CHANNEL].length);
	send_request(abuse, true, IIOBRIDGE_GET_DEVICE, 1, requests[IIOBRIDGE_GET_DEVICE].length);
	send_request(abuse, true, IIOBRIDGE_GET_ERROR, 1, requests[IIOBRIDGE_GET_ERROR].length);
}

static int set_parameters(struct abuse *abuse, const struct iiobridge_parameters *parameters)
{
	struct iiobridge_parameters wire = {
		.channel_mask = htole32(parameters->channel_mask),
		.block_size = htole32(parameters->block_size),
		.flags = htole32(parameters->flags),
		.reserved = htole32(parameters->reserved),
	};
	int r;

	r = libusb_control_transfer(abuse->board->handle, VENDOR_OUT, IIOBRIDGE_SET_PARAMETERS,
				    (uint16_t)abuse->route, abuse->board->candidate.interface,
				    (unsigned char *)&wire, sizeof(wire), TIMEOUT_MS);
	if (r == (int)sizeof(wire))
		return 0;
	fprintf(stderr, "usb-abuse: SET_PARAMETERS failed: %s\n", libusb_error_name(r));
	return -EIO;
}

static int start_with_bad_parameters(struct abuse *abuse)
{
	const unsigned int channel_count = abuse->route_info.channel_count;
	const uint32_t beyond = channel_count < 32 ? UINT32_C(1) << channel_count : 0;
	const struct iiobridge_parameters bad[] = {
		{ .block_size = 1 },
		{ .block_size = abuse->packet_size - 1 },
		{ .block_size = abuse->packet_size + 1 },
		{ .block_size = abuse->route_info.block_size_max + abuse->packet_size },
		{ .block_size = UINT32_C(1) << 31 },
		{ .block_size = UINT32_MAX },
		{ .channel_mask = beyond },
		{ .channel_mask = beyond ? beyond | 1 : 0 },
		{ .channel_mask = channel_count < 32 ? UINT32_MAX : 0 },
		{ .flags = IIOBRIDGE_PROMPT_RECORDS << 1 },
		{ .flags = UINT32_MAX },
		{ .reserved = UINT32_MAX },
	};
	static const struct iiobridge_parameters as_configured;
	const struct request start = {
		.number = IIOBRIDGE_START,
		.value = (uint16_t)abuse->route,
	};

	for (unsigned int i = 0; i < COUNT_OF(bad); i++) {
		/* With all 32 channels there is no bad mask: such an entry is all zeros, so valid.
		 */
		if (!memcmp(&bad[i], &as_configured, sizeof(bad[i])))
			continue;
		if (set_parameters(abuse, &bad[i]) < 0)
			return -EIO;
		send_bad(abuse, &start, BIT(IIOBRIDGE_BAD_PARAMETERS));
	}
	return set_parameters(abuse, &as_configured);
}

static void send_random(struct abuse *abuse)
{
	unsigned int number = next_random(abuse) % 16;
	unsigned int size = is_known(number) ? requests[number].length : 64;
	const unsigned int lengths[] = {
		0, 1, size, size, size - 1, size + 1, next_random(abuse) % (MAX_LENGTH + 1)
	};
	const unsigned int values[] = { 0, abuse->route, abuse->route,
					abuse->board->info.route_count,
					next_random(abuse) & 0xffff };
	unsigned int value = values[next_random(abuse) % COUNT_OF(values)];
	unsigned int length = lengths[next_random(abuse) % COUNT_OF(lengths)];

	if (number == IIOBRIDGE_GET_CHANNEL && (value & 0xff) != abuse->route)
		value |= 0xff;
	if (length > MAX_LENGTH)
		length = MAX_LENGTH;
	for (unsigned int i = 0; i < length; i++)
		abuse->data[i] = (uint8_t)next_random(abuse);
	send_request(abuse, next_random(abuse) & 1, number, value, length);
}

static int open_board(struct abuse *abuse)
{
	int r;

	r = iiobridge_board_open(NULL, &abuse->board);
	if (r < 0)
		return r;
	r = request_route(abuse->board, abuse->route, &abuse->route_info);
	if (r < 0)
		return r;
	r = board_packet_size(abuse->board, abuse->route_info.endpoint_in
						    ? abuse->route_info.endpoint_in
						    : abuse->route_info.endpoint_out);
	if (r < 0)
		return r;
	abuse->packet_size = (unsigned int)r;
	return 0;
}

static int abuse_board(struct abuse *abuse, unsigned int count)
{
	int r;

	ask_for_other_lengths(abuse);
	send_wrong_lengths(abuse);
	send_wrong_directions(abuse);
	send_unknown_requests(abuse);
	send_wrong_values(abuse);
	r = start_with_bad_parameters(abuse);
	if (r < 0)
		return r;
	while (abuse->sent < count)
		send_random(abuse);

	/* Random data may have been taken for parameters if the board is wrong: leave none behind.
	 */
	return set_parameters(abuse, &(struct iiobridge_parameters){ 0 });
}

static bool parse_unsigned(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value <= max;
}

int main(int argc, char **argv)
{
	static struct abuse abuse;
	unsigned long route, count, seed = 1;
	int r;

	if (argc < 3 || argc > 4 || !parse_unsigned(argv[1], IIOBRIDGE_MAX_ROUTES - 1, &route) ||
	    !parse_unsigned(argv[2], 1000000, &count) ||
	    (argc == 4 && !parse_unsigned(argv[3], UINT32_MAX, &seed))) {
		fprintf(stderr, "Usage: usb-abuse ROUTE COUNT [SEED]\n");
		return 2;
	}
	abuse.route = (unsigned int)route;
	abuse.random = seed ? (uint32_t)seed : 1; /* 0 would stay 0 */

	r = open_board(&abuse);
	if (r == 0)
		r = abuse_board(&abuse, (unsigned int)count);
	if (r < 0)
		fprintf(stderr, "usb-abuse: %s\n", iiobridge_error_message());
	else
		printf("%u requests, %u stalled, %u explained; %u of other lengths, %u answered\n",
		       abuse.sent, abuse.stalled, abuse.explained, abuse.asked, abuse.answered);

	iiobridge_board_close(abuse.board);
	return r < 0 || abuse.sent != abuse.stalled || abuse.sent != abuse.explained ||
	       abuse.asked != abuse.answered;
}
