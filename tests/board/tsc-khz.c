// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tsc-khz - the rate of this machine's time stamp counter, in kHz
 *
 * The emulated processors' counter is this machine's (cpu_get_host_ticks() in QEMU's
 * include/qemu/timer.h). The board's kernel would measure its rate against an emulated timer, which
 * is late whenever this machine has other work: its time was 30 times too fast then.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURE_NS 100000000
#define TRIES	   5

struct moment {
	int64_t ns;
	uint64_t ticks;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Both clocks at one moment: of some pairs, the one with the least time in between. */
static struct moment look(void)
{
	struct moment best = { 0 };
	int64_t least = INT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		const int64_t before = now_ns();
		const uint64_t ticks = __rdtsc();
		const int64_t between = now_ns() - before;

		if (between < least) {
			least = between;
			best = (struct moment){ before + between / 2, ticks };
		}
	}
	return best;
}

int main(void)
{
	const struct timespec wait = { .tv_nsec = MEASURE_NS };
	const struct moment begin = look();
	struct moment end;

	nanosleep(&wait, NULL);
	end = look();
	printf("%.0f\n", (double)(end.ticks - begin.ticks) / (double)(end.ns - begin.ns) * 1e6);
	return 0;
}
