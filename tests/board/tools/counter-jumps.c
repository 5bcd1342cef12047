// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counter-jumps - where the counter of an ADC with two channels of 16 bits jumps
 *
 * counter-jumps <FILE: prints a line for each place at which a sample is not its predecessor plus
 * 1, from 0: the sample, and how many are missing before it. Then the number of samples.
 */
#include <endian.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

int main(void)
{
	static uint32_t buffer[16384];
	uint64_t samples = 0;
	uint32_t next = 0;
	size_t count;

	while ((count = fread(buffer, sizeof(buffer[0]), sizeof(buffer) / sizeof(buffer[0]),
			      stdin)) > 0) {
		for (size_t i = 0; i < count; i++) {
			uint32_t sample = le32toh(buffer[i]);

			if (sample != next)
				printf("%" PRIu32 " %" PRIu32 "\n", sample, sample - next);
			next = sample + 1;
		}
		samples += count;
	}
	printf("%" PRIu64 " samples\n", samples);
	return ferror(stdin) != 0;
}
