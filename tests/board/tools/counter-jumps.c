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
	uint64_t samples = 0;
	uint32_t next = 0, sample;

	while (fread(&sample, sizeof(sample), 1, stdin) == 1) {
		sample = le32toh(sample);
		if (sample != next)
			printf("%" PRIu32 " %" PRIu32 "\n", sample, sample - next);
		next = sample + 1;
		samples++;
	}
	printf("%" PRIu64 " samples\n", samples);
	return ferror(stdin) != 0;
}
