// SPDX-License-Identifier: GPL-2.0-or-later
#include "answer.h"

#include "failure.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ENDPOINT_IN 0x80 /* in the address of an endpoint, USB 2.0 9.6.6 */

/* Bytes of the UTF-8 sequence that begins with @first, 0 when none does; RFC 3629. */
static unsigned int sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

/* What the first byte leaves open: overlong forms, surrogates, numbers beyond U+10FFFF. */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

/* Bytes of the printable character at @at, 0 when there is none. */
static unsigned int character_length(const unsigned char *at)
{
	const unsigned int length = sequence_length(*at);

	if (length == 0 || *at < 0x20 || *at == 0x7f)
		return 0;
	for (unsigned int i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	/* U+0080 to U+009F are control characters too. */
	if (length > 1 && (!second_byte_fits(at[0], at[1]) || (at[0] == 0xc2 && at[1] <= 0x9f)))
		return 0;
	return length;
}

void answer_clean_text(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at) {
		const unsigned int length = character_length(at);

		if (length == 0)
			*at = '?';
		at += length ? length : 1;
	}
}

static bool take_text(char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		return false;
	answer_clean_text(text);
	return true;
}

int answer_check_device(struct iiobridge_device_info *device, struct failure *failure)
{
	device->version_major = le16toh(device->version_major);
	device->version_minor = le16toh(device->version_minor);

	if (device->version_major != IIOBRIDGE_PROTOCOL_MAJOR)
		return failure_set(
			failure, -EPROTO, "the board speaks protocol %u.%u, this program %u.x",
			device->version_major, device->version_minor, IIOBRIDGE_PROTOCOL_MAJOR);
	if (device->route_count > IIOBRIDGE_MAX_ROUTES)
		return failure_set(failure, -EPROTO,
				   "the board claims %u routes; the protocol allows %u",
				   device->route_count, IIOBRIDGE_MAX_ROUTES);
	if (!(device->endpoint_records & ENDPOINT_IN))
		return failure_set(failure, -EPROTO,
				   "the board names endpoint 0x%02x for records, which is not one "
				   "that a host reads",
				   device->endpoint_records);
	if (!take_text(device->software, sizeof(device->software)) ||
	    !take_text(device->model, sizeof(device->model)))
		return failure_set(failure, -EPROTO,
				   "the board's answer to GET_DEVICE has text without an end");
	return 0;
}

int answer_check_route(struct iiobridge_route_info *route, unsigned int index,
		       struct failure *failure)
{
	route->channel_mask = le32toh(route->channel_mask);
	route->block_size = le32toh(route->block_size);
	route->block_size_max = le32toh(route->block_size_max);
	route->block_count = le32toh(route->block_count);
	route->bytes_per_scan = le32toh(route->bytes_per_scan);
	route->block_step = le32toh(route->block_step);
	route->sample_rate_millihertz = le64toh(route->sample_rate_millihertz);

	if (!take_text(route->name, sizeof(route->name)) ||
	    !take_text(route->device, sizeof(route->device)))
		return failure_set(failure, -EPROTO,
				   "the board's answer to GET_ROUTE %u has text without an end",
				   index);
	if (route->direction > IIOBRIDGE_LINK_TEST || route->state > IIOBRIDGE_RUNNING ||
	    route->transfer > IIOBRIDGE_COPY_EARLY || route->cyclic > IIOBRIDGE_CYCLIC_KERNEL ||
	    route->repeating > IIOBRIDGE_REPEATING_KERNEL)
		return failure_set(failure, -EPROTO,
				   "route %u (%s): unknown direction %u, state %u, transfer %u, "
				   "cyclic %u or repeating %u",
				   index, route->name, route->direction, route->state,
				   route->transfer, route->cyclic, route->repeating);
	if ((route->endpoint_in && !(route->endpoint_in & ENDPOINT_IN)) ||
	    route->endpoint_out & ENDPOINT_IN)
		return failure_set(failure, -EPROTO,
				   "route %u (%s) names endpoint 0x%02x for what the host reads "
				   "and 0x%02x for what it writes: one of them has the other "
				   "direction",
				   index, route->name, route->endpoint_in, route->endpoint_out);
	if (route->channel_count > IIOBRIDGE_MAX_CHANNELS)
		return failure_set(failure, -EPROTO,
				   "route %u (%s) claims %u channels; the protocol allows %u",
				   index, route->name, route->channel_count,
				   IIOBRIDGE_MAX_CHANNELS);
	if (route->channel_count < IIOBRIDGE_MAX_CHANNELS &&
	    route->channel_mask >> route->channel_count)
		return failure_set(failure, -EPROTO,
				   "route %u (%s) has channel mask 0x%x but only %u channels",
				   index, route->name, route->channel_mask, route->channel_count);
	return 0;
}

int answer_check_channel(struct iiobridge_channel_info *channel, unsigned int index,
			 struct failure *failure)
{
	channel->index = le16toh(channel->index);

	if (!take_text(channel->id, sizeof(channel->id)))
		return failure_set(failure, -EPROTO,
				   "the board's answer to GET_CHANNEL %u has text without an end",
				   index);
	if (channel->big_endian > 1 || channel->is_signed > 1 || channel->storage_bits == 0 ||
	    channel->storage_bits % 8 || channel->bits == 0 ||
	    channel->bits + channel->shift > channel->storage_bits)
		return failure_set(
			failure, -EPROTO,
			"channel %u (%s) has an impossible format: %u bits of %u, shift %u", index,
			channel->id, channel->bits, channel->storage_bits, channel->shift);
	return 0;
}

int answer_check_statistics(struct iiobridge_statistics *statistics, struct failure *failure)
{
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
		return failure_set(failure, -EPROTO,
				   "the board's statistics have the unknown state %u",
				   statistics->state);
	return 0;
}

int answer_check_error(struct iiobridge_error *error, struct failure *failure)
{
	error->code = le32toh(error->code);
	error->value = le16toh(error->value);

	if (!take_text(error->message, sizeof(error->message)))
		return failure_set(failure, -EPROTO,
				   "the board's answer to GET_ERROR has text without an end");
	return 0;
}

const char *answer_request_name(unsigned int request)
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
	};

	if (request >= sizeof(names) / sizeof(names[0]) || !names[request])
		return "request";
	return names[request];
}

const char *answer_direction_name(unsigned int direction)
{
	static const char *const names[] = {
		[IIOBRIDGE_CAPTURE] = "capture",
		[IIOBRIDGE_PLAYBACK] = "playback",
		[IIOBRIDGE_REPEATER] = "repeater",
		[IIOBRIDGE_LINK_TEST] = "link test",
	};

	return direction < sizeof(names) / sizeof(names[0]) ? names[direction] : "unknown";
}
