// SPDX-License-Identifier: GPL-2.0-or-later
#include "counter.h"

#include "files/failure.h"

#include <iiobridge/iiobridge.h>

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_SIZE 2

/* Samples that are compared before the differences are looked at; the compiler unrolls this. */
#define CHUNK 256

static bool is_plain_s16(const struct iiobridge_channel *channel)
{
	return !iiobridge_channel_is_big_endian(channel) && iiobridge_channel_is_signed(channel) &&
	       iiobridge_channel_bits(channel) == 16 &&
	       iiobridge_channel_storage_bits(channel) == 16 &&
	       iiobridge_channel_shift(channel) == 0 && iiobridge_channel_repeat(channel) == 1;
}

int counter_layout_init(struct counter_layout *layout, const char *option,
			const struct iiobridge_route *route, struct failure *failure)
{
	const uint32_t mask = iiobridge_route_channel_mask(route);
	uint32_t end = 0;

	if ((mask & 3) != 3)
		return failure_set(failure, -EINVAL,
				   "%s counter needs channels 0 and 1 in the sample (the halves of "
				   "the counter); the sample has the channels of mask 0x%x",
				   option, mask);
	if (mask >> COUNTER_PARTS)
		return failure_set(failure, -EINVAL,
				   "%s counter knows channels 0 to %d; the sample has the channels "
				   "of mask 0x%x",
				   option, COUNTER_PARTS - 1, mask);

	*layout = (struct counter_layout){
		.sample_size = (uint32_t)iiobridge_route_sample_size(route),
	};
	for (unsigned int i = 0; i < COUNTER_PARTS; i++) {
		const struct iiobridge_channel *channel = iiobridge_route_channel(route, i);

		if (!(mask & UINT32_C(1) << i))
			continue;
		if (!channel || !is_plain_s16(channel))
			return failure_set(failure, -EINVAL,
					   "%s counter needs values of le:s16/16>>0; channel %u "
					   "(%s) has others",
					   option, i,
					   channel ? iiobridge_channel_id(channel) : "absent");
		layout->present[i] = true;
		layout->offset[i] = (uint32_t)iiobridge_channel_offset(channel);
		end = layout->offset[i] + VALUE_SIZE;
	}
	if (layout->sample_size < end)
		return failure_set(
			failure, -EINVAL,
			"%s counter needs %u bytes in a sample of mask 0x%x; the board's "
			"has %u",
			option, end, mask, layout->sample_size);
	layout->packed = layout->sample_size == end && (mask == 0x3 || mask == 0xf);
	return 0;
}

static void put_parts(const struct counter_layout *layout, uint32_t value,
		      uint8_t parts[COUNTER_PARTS * VALUE_SIZE])
{
	const uint64_t all = value | (uint64_t)~value << 32;

	for (unsigned int i = 0; i < COUNTER_PARTS; i++) {
		const uint16_t part = htole16((uint16_t)(all >> 16 * i));

		if (layout->present[i])
			memcpy(parts + layout->offset[i], &part, sizeof(part));
	}
}

/* Makes the bytes of one sample from @offset on. */
static void fill_sample(const struct counter_layout *layout, uint32_t value, size_t offset,
			uint8_t *data, size_t size)
{
	uint8_t parts[COUNTER_PARTS * VALUE_SIZE] = { 0 };

	put_parts(layout, value, parts);
	memset(data, 0, size);
	if (offset >= sizeof(parts))
		return;
	memcpy(data, parts + offset, size < sizeof(parts) - offset ? size : sizeof(parts) - offset);
}

static void fill_packed_2(uint32_t value, uint8_t *data, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		uint32_t word = htole32(value + (uint32_t)i);

		memcpy(data + i * sizeof(word), &word, sizeof(word));
	}
}

static void fill_packed_4(uint32_t value, uint8_t *data, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		uint32_t low = value + (uint32_t)i;
		uint64_t word = htole64(low | (uint64_t)~low << 32);

		memcpy(data + i * sizeof(word), &word, sizeof(word));
	}
}

void counter_fill(const struct counter_layout *layout, uint64_t position, uint8_t *data,
		  size_t size)
{
	const size_t sample_size = layout->sample_size;

	while (size > 0) {
		const uint32_t value = (uint32_t)(position / sample_size);
		const size_t offset = position % sample_size;
		size_t piece = sample_size - offset < size ? sample_size - offset : size;

		if (layout->packed && offset == 0 && size >= sample_size) {
			piece = size - size % sample_size;
			if (layout->present[COUNTER_NOT_LOW])
				fill_packed_4(value, data, piece / sample_size);
			else
				fill_packed_2(value, data, piece / sample_size);
		} else {
			fill_sample(layout, value, offset, data, piece);
		}
		position += piece;
		data += piece;
		size -= piece;
	}
}

/* ---- the check ---- */

struct verify {
	struct verify_result result;
	struct gaps jumps;
	struct counter_layout layout;
	uint32_t expected;
	bool (*chunk_good)(const uint8_t *data, uint32_t expected); /* NULL: look at every sample */
};

static bool chunk_good_2(const uint8_t *data, uint32_t expected)
{
	uint32_t difference = 0;

	for (uint32_t i = 0; i < CHUNK; i++) {
		uint32_t word;

		memcpy(&word, data + i * sizeof(word), sizeof(word));
		difference |= le32toh(word) ^ (expected + i);
	}
	return difference == 0;
}

static bool chunk_good_4(const uint8_t *data, uint32_t expected)
{
	uint64_t difference = 0;

	for (uint32_t i = 0; i < CHUNK; i++) {
		uint32_t value = expected + i;
		uint64_t word;

		memcpy(&word, data + i * sizeof(word), sizeof(word));
		difference |= le64toh(word) ^ (value | (uint64_t)~value << 32);
	}
	return difference == 0;
}

static uint16_t read_value(const struct verify *verify, const uint8_t *sample,
			   enum counter_part part)
{
	const uint8_t *at = sample + verify->layout.offset[part];

	return (uint16_t)(at[0] | at[1] << 8);
}

static bool complement_good(const struct verify *verify, const uint8_t *sample,
			    enum counter_part part, uint16_t value)
{
	return !verify->layout.present[part] ||
	       (read_value(verify, sample, part) ^ value) == 0xffff;
}

static void note_fault(struct verify *verify, uint32_t found)
{
	struct verify_result *result = &verify->result;

	if (result->fault)
		return;
	result->fault = true;
	result->fault_sample = result->samples;
	result->fault_expected = verify->expected;
	result->fault_found = found;
}

static void check_sample(struct verify *verify, const uint8_t *sample)
{
	struct verify_result *result = &verify->result;
	uint16_t low = read_value(verify, sample, COUNTER_LOW);
	uint16_t high = read_value(verify, sample, COUNTER_HIGH);
	uint32_t value = low | (uint32_t)high << 16;
	uint32_t ahead = value - verify->expected;

	if (!complement_good(verify, sample, COUNTER_NOT_LOW, low) ||
	    !complement_good(verify, sample, COUNTER_NOT_HIGH, high)) {
		/* The value is garbage: take it for the one that was due. */
		note_fault(verify, value);
		result->wrong++;
		verify->expected++;
	} else if (ahead == 0) {
		verify->expected++;
	} else if (ahead <= UINT32_C(1) << 31) {
		note_fault(verify, value);
		gaps_add(&verify->jumps, result->samples, ahead);
		result->jumps++;
		result->missing += ahead;
		verify->expected = value + 1;
	} else {
		/* Everything up to what was there already is a repetition, not a new beginning. */
		note_fault(verify, value);
		result->wrong++;
	}
	result->samples++;
}

void verify_samples(struct verify *verify, const uint8_t *data, size_t size)
{
	const size_t chunk_size = (size_t)CHUNK * verify->layout.sample_size;
	const uint8_t *end = data + size;

	while (data < end) {
		size_t left = (size_t)(end - data);
		const uint8_t *stop = data + (left < chunk_size ? left : chunk_size);

		if (left >= chunk_size && verify->chunk_good &&
		    verify->chunk_good(data, verify->expected)) {
			verify->expected += CHUNK;
			verify->result.samples += CHUNK;
			data = stop;
			continue;
		}
		for (; data < stop; data += verify->layout.sample_size)
			check_sample(verify, data);
	}
}

void verify_restart(struct verify *verify, uint64_t told)
{
	struct verify_result *result = &verify->result;
	const uint64_t before = verify->jumps.count;

	result->missing -= gaps_forget(&verify->jumps, told);
	result->jumps -= before - verify->jumps.count;
	if (result->fault && result->wrong == 0 && result->jumps == 0)
		result->fault = false;
	verify->expected = 0;
}

int verify_new(const struct iiobridge_route *route, struct failure *failure, struct verify **ret)
{
	struct verify *verify;
	int r;

	verify = calloc(1, sizeof(*verify));
	if (!verify)
		return failure_set(failure, -ENOMEM, "no memory for the check of the counter");

	r = counter_layout_init(&verify->layout, "--verify", route, failure);
	if (r < 0) {
		free(verify);
		return r;
	}
	if (verify->layout.packed)
		verify->chunk_good =
			verify->layout.present[COUNTER_NOT_LOW] ? chunk_good_4 : chunk_good_2;
	*ret = verify;
	return 0;
}

void verify_free(struct verify *verify)
{
	if (!verify)
		return;
	gaps_clear(&verify->jumps);
	free(verify);
}

const struct verify_result *verify_result(const struct verify *verify)
{
	return &verify->result;
}

static bool is_explained(const struct verify_result *result, const struct verify_losses *losses)
{
	if (result->wrong || !losses->known)
		return !result->wrong;
	if (!result->jumps)
		return true;
	return losses->estimated ? result->jumps <= losses->gaps
				 : result->missing <= losses->samples_lost;
}

static void tell_fault(const struct verify_result *result, struct verify_end *end)
{
	snprintf(end->reason, sizeof(end->reason),
		 "the counter is wrong, or has jumps that the board did not report: first at "
		 "sample %" PRIu64 ", expected %" PRIu32 ", found %" PRIu32,
		 result->fault_sample, result->fault_expected, result->fault_found);
}

static void tell_difference(const struct gap *jump, const struct gap *gap, struct verify_end *end)
{
	snprintf(end->reason, sizeof(end->reason),
		 "the records do not agree with the counter: before sample %" PRIu64
		 " they tell of %" PRIu64 " lost samples, and the counter of %" PRIu64,
		 gap->at, gap->lost, jump->lost);
}

/*
 * As far as there are records: the last block may have arrived in part, and then has none. The
 * totals speak for what is in that part.
 */
static void compare_places(const struct verify *verify, const struct losses *records,
			   struct verify_end *end)
{
	const uint64_t samples = verify->result.samples;
	const uint64_t last = records->told < samples ? records->told : samples;
	const size_t count = gaps_before(&records->gaps, last);
	struct gap jump, gap;

	switch (gaps_compare(&verify->jumps, &records->gaps, last, &jump, &gap)) {
	case GAPS_EQUAL:
		if (count == 1)
			snprintf(end->compared, sizeof(end->compared), "1 gap, at its sample");
		else
			snprintf(end->compared, sizeof(end->compared), "%zu gaps%s", count,
				 count ? ", all at their samples" : "");
		break;
	case GAPS_EQUAL_SO_FAR:
		snprintf(end->compared, sizeof(end->compared),
			 "%zu gaps at their samples, and then too many to compare", count);
		break;
	case GAPS_DIFFER:
		snprintf(end->compared, sizeof(end->compared),
			 "they do not agree with the counter");
		tell_difference(&jump, &gap, end);
		end->good = false;
		break;
	}
}

static void tell_reach(struct verify_end *end)
{
	size_t length = strlen(end->compared);

	snprintf(end->compared + length, sizeof(end->compared) - length, "; they have no end");
}

void verify_compare(const struct verify *verify, const struct losses *records,
		    const struct verify_losses *losses, struct verify_end *end)
{
	*end = (struct verify_end){ .good = is_explained(&verify->result, losses) };
	if (!end->good)
		tell_fault(&verify->result, end);

	if (losses->known && !records->ended)
		snprintf(end->compared, sizeof(end->compared),
			 "without an end, only totals compared");
	else if (records->records_missing)
		snprintf(end->compared, sizeof(end->compared), "%" PRIu64 " of them lost, %s",
			 records->records_missing,
			 losses->known ? "only totals compared" : "nothing compared");
	else if (losses->estimated)
		snprintf(end->compared, sizeof(end->compared), "lengths are estimates, %s",
			 losses->known ? "only numbers of gaps compared" : "nothing compared");
	else
		compare_places(verify, records, end);
	if (!losses->known && !records->ended)
		tell_reach(end);
}
