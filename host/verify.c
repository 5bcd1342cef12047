// SPDX-License-Identifier: GPL-2.0-or-later
#include "verify.h"

#include "counter.h"
#include "failure.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Scans that are compared before the differences are looked at; the compiler unrolls this. */
#define CHUNK 256

struct verify {
	struct verify_result result;
	struct gaps jumps;
	struct counter_layout layout;
	uint32_t expected;
	bool (*chunk_good)(const uint8_t *data, uint32_t expected); /* NULL: look at every scan */
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

static uint16_t read_sample(const struct verify *verify, const uint8_t *scan,
			    enum counter_part part)
{
	const uint8_t *sample = scan + verify->layout.offset[part];

	return (uint16_t)(sample[0] | sample[1] << 8);
}

static bool complement_good(const struct verify *verify, const uint8_t *scan,
			    enum counter_part part, uint16_t sample)
{
	return !verify->layout.present[part] ||
	       (read_sample(verify, scan, part) ^ sample) == 0xffff;
}

static void note_fault(struct verify *verify, uint32_t found)
{
	struct verify_result *result = &verify->result;

	if (result->fault)
		return;
	result->fault = true;
	result->fault_scan = result->scans;
	result->fault_expected = verify->expected;
	result->fault_found = found;
}

static void check_scan(struct verify *verify, const uint8_t *scan)
{
	struct verify_result *result = &verify->result;
	uint16_t low = read_sample(verify, scan, COUNTER_LOW);
	uint16_t high = read_sample(verify, scan, COUNTER_HIGH);
	uint32_t value = low | (uint32_t)high << 16;
	uint32_t ahead = value - verify->expected;

	if (!complement_good(verify, scan, COUNTER_NOT_LOW, low) ||
	    !complement_good(verify, scan, COUNTER_NOT_HIGH, high)) {
		/* The value is garbage: take it for the one that was due. */
		note_fault(verify, value);
		result->wrong++;
		verify->expected++;
	} else if (ahead == 0) {
		verify->expected++;
	} else if (ahead <= UINT32_C(1) << 31) {
		note_fault(verify, value);
		gaps_add(&verify->jumps, result->scans, ahead);
		result->jumps++;
		result->missing += ahead;
		verify->expected = value + 1;
	} else {
		/* Everything up to what was there already is a repetition, not a new beginning. */
		note_fault(verify, value);
		result->wrong++;
	}
	result->scans++;
}

void verify_scans(struct verify *verify, const uint8_t *data, size_t size)
{
	const size_t chunk_size = (size_t)CHUNK * verify->layout.bytes_per_scan;
	const uint8_t *end = data + size;

	while (data < end) {
		size_t left = (size_t)(end - data);
		const uint8_t *stop = data + (left < chunk_size ? left : chunk_size);

		if (left >= chunk_size && verify->chunk_good &&
		    verify->chunk_good(data, verify->expected)) {
			verify->expected += CHUNK;
			verify->result.scans += CHUNK;
			data = stop;
			continue;
		}
		for (; data < stop; data += verify->layout.bytes_per_scan)
			check_scan(verify, data);
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

int verify_new(const struct iiobridge_channel_info *channels, unsigned int count, uint32_t mask,
	       uint32_t bytes_per_scan, struct failure *failure, struct verify **ret)
{
	struct verify *verify;
	int r;

	verify = calloc(1, sizeof(*verify));
	if (!verify)
		return failure_set(failure, -ENOMEM, "no memory for the check of the counter");

	r = counter_layout_init(&verify->layout, "--verify", channels, count, mask, bytes_per_scan,
				failure);
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

const struct gaps *verify_jumps(const struct verify *verify)
{
	return &verify->jumps;
}

bool verify_explained(const struct verify_result *result, uint64_t gaps, uint64_t scans_lost,
		      bool estimated)
{
	if (result->wrong)
		return false;
	if (!result->jumps)
		return true;
	return estimated ? result->jumps <= gaps : result->missing <= scans_lost;
}
