// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slow-scans - whether the scans of a simulated slow ADC are what they should be, to the bit
 *
 * slow-scans MASK <FILE: the channels in MASK are in the scans, as tests/board/iiosim/slow.h
 * describes them. Prints a line for each place at which the counter jumps: the place, counted in
 * scans, the counter, and the nanoseconds since the first scan if there are timestamps. Then the
 * number of scans. Ends with 1 at a byte that is wrong.
 */
#include <endian.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS   7
#define WIDE	   3 /* has all bits of the counter */
#define TIMESTAMP  6
#define SCAN_BYTES 40
#define PADDING	   0xee

static const size_t sizes[CHANNELS] = { 2, 4, 2, 4, 1, 8, 8 };

struct layout {
	size_t at[CHANNELS];
	size_t bytes;
};

static size_t multiple(size_t bytes, size_t of)
{
	return (bytes + of - 1) / of * of;
}

static struct layout make_layout(unsigned int mask)
{
	struct layout layout = { 0 };
	size_t largest = 1;

	for (unsigned int i = 0; i < CHANNELS; i++) {
		if (!(mask & 1u << i))
			continue;
		layout.at[i] = multiple(layout.bytes, sizes[i]);
		layout.bytes = layout.at[i] + sizes[i];
		largest = sizes[i] > largest ? sizes[i] : largest;
	}
	layout.bytes = multiple(layout.bytes, largest);
	return layout;
}

static void put_sample(uint8_t *at, unsigned int channel, uint32_t counter)
{
	uint16_t half[4];
	uint32_t word;

	switch (channel) {
	case 1:
		word = htole32(counter << 8 | 0xa5);
		memcpy(at, &word, sizeof(word));
		break;
	case 2:
		half[0] = htobe16((uint16_t)(counter << 4 | 0x5));
		memcpy(at, half, sizes[channel]);
		break;
	case WIDE:
		word = htobe32(counter);
		memcpy(at, &word, sizeof(word));
		break;
	case 4:
		*at = (uint8_t)counter;
		break;
	default:
		for (uint16_t i = 0; i < 4; i++)
			half[i] = htole16((uint16_t)(counter + i));
		memcpy(at, half, sizes[channel]);
		break;
	}
}

/* What a scan should be; its timestamp is what it is. */
static void put_scan(uint8_t *scan, unsigned int mask, const struct layout *layout,
		     uint32_t counter, uint64_t timestamp)
{
	memset(scan, PADDING, layout->bytes);
	for (unsigned int i = 0; i < TIMESTAMP; i++)
		if (mask & 1u << i)
			put_sample(scan + layout->at[i], i, counter);
	if (mask & 1u << TIMESTAMP)
		memcpy(scan + layout->at[TIMESTAMP], &timestamp, sizeof(timestamp));
}

/* What is known of the last scan. */
struct progress {
	uint64_t number;
	uint32_t counter;
	uint64_t timestamp;
	uint64_t first_timestamp;
};

static bool take_timestamp(struct progress *progress, const uint8_t *at)
{
	uint64_t before = progress->timestamp;

	memcpy(&progress->timestamp, at, sizeof(progress->timestamp));
	if (!progress->number)
		progress->first_timestamp = progress->timestamp;
	if (le64toh(progress->timestamp) > le64toh(before))
		return true;
	printf("scan %" PRIu64 ": its time is not after that before\n", progress->number);
	return false;
}

static void take_counter(struct progress *progress, const uint8_t *at)
{
	uint64_t time = le64toh(progress->timestamp) - le64toh(progress->first_timestamp);
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	if (be32toh(word) != progress->counter) {
		printf("%" PRIu64 " %" PRIu32, progress->number, be32toh(word));
		if (progress->timestamp)
			printf(" %" PRIu64, time);
		putchar('\n');
	}
	progress->counter = be32toh(word);
}

static bool check_scan(const uint8_t *scan, unsigned int mask, const struct layout *layout,
		       struct progress *progress)
{
	uint8_t wanted[SCAN_BYTES];

	if (mask & 1u << TIMESTAMP && !take_timestamp(progress, scan + layout->at[TIMESTAMP]))
		return false;
	if (mask & 1u << WIDE)
		take_counter(progress, scan + layout->at[WIDE]);
	put_scan(wanted, mask, layout, progress->counter, progress->timestamp);
	if (memcmp(scan, wanted, layout->bytes) == 0)
		return true;
	for (size_t i = 0; i < layout->bytes; i++)
		if (scan[i] != wanted[i])
			printf("scan %" PRIu64 ", counter %" PRIu32 ": byte %zu is %02x instead of "
			       "%02x\n",
			       progress->number, progress->counter, i, scan[i], wanted[i]);
	return false;
}

int main(int argc, char **argv)
{
	unsigned int mask = argc == 2 ? (unsigned int)strtoul(argv[1], NULL, 0) : 0;
	struct progress progress = { 0 };
	uint8_t scan[SCAN_BYTES];
	struct layout layout;
	size_t got;

	if (!mask || mask >> CHANNELS) {
		fputs("usage: slow-scans MASK <FILE\n", stderr);
		return 2;
	}
	layout = make_layout(mask);
	while ((got = fread(scan, 1, layout.bytes, stdin)) == layout.bytes) {
		if (!check_scan(scan, mask, &layout, &progress))
			return 1;
		progress.number++;
		progress.counter++;
	}
	if (got || ferror(stdin)) {
		printf("%zu bytes behind scan %" PRIu64 "\n", got, progress.number);
		return 1;
	}
	printf("%" PRIu64 " scans\n", progress.number);
	return 0;
}
