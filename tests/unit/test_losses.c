// SPDX-License-Identifier: GPL-2.0-or-later
/* Gaps are found by a device's own count, or by times and the rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/losses.h"

#define SCANS 1024 /* of 4 bytes at 1 MHz: a block takes 1,024,000 ns */

static const struct losses rate = {
	.counter = -1,
	.rate_millihertz = 1000000000,
	.bytes_per_scan = 4,
};

static struct completion estimate(uint64_t last, uint64_t submitted, uint64_t time)
{
	struct completion completion = { .submitted_ns = submitted, .time_ns = time };

	losses_estimate(&rate, &completion, last, SCANS * 4);
	return completion;
}

static void a_block_submitted_after_the_last_completion_follows_a_gap(void **state)
{
	const uint64_t last = 4096000;
	/* Given back 500 us after the last was full, and full 1024 us later. */
	struct completion late = estimate(last, last + 500000, last + 500000 + 1024000);

	(void)state;
	assert_true(late.gap);
	assert_int_equal(late.scans_lost, 500);
}

static void a_block_submitted_in_time_follows_no_gap(void **state)
{
	struct completion slow = estimate(4096000, 4000000, 4096000 + 2 * 1024000);

	(void)state;
	assert_false(slow.gap);
	assert_int_equal(slow.scans_lost, 0);
	assert_false(estimate(0, 1000, 1024000).gap); /* the first of a run */
}

static void a_gap_that_is_shorter_than_the_clock_can_tell_has_no_scans(void **state)
{
	struct completion close = estimate(4096000, 4096001, 4096000 + 1023000);

	(void)state;
	assert_true(close.gap);
	assert_int_equal(close.scans_lost, 0);
}

static void write_count(const struct losses *losses, const char *count)
{
	assert_int_equal(ftruncate(losses->counter, 0), 0);
	assert_int_equal(pwrite(losses->counter, count, strlen(count), 0), strlen(count));
}

static void a_count_gives_each_gap_its_own_length(void **state)
{
	struct losses losses = { .counter = memfd_create("count", MFD_CLOEXEC), .counted = 1000 };
	uint64_t scans;

	(void)state;
	assert_true(losses_are_counted(&losses));
	write_count(&losses, "1000\n");
	assert_int_equal(losses_count(&losses, &scans), 0);
	assert_int_equal(scans, 0);
	write_count(&losses, "1007\n");
	assert_int_equal(losses_count(&losses, &scans), 0);
	assert_int_equal(scans, 7);
	write_count(&losses, "1010\n");
	assert_int_equal(losses_count(&losses, &scans), 0);
	assert_int_equal(scans, 3);
	write_count(&losses, "many\n");
	assert_true(losses_count(&losses, &scans) < 0);
	losses_close(&losses);
	assert_false(losses_are_counted(&losses));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_submitted_after_the_last_completion_follows_a_gap),
		cmocka_unit_test(a_block_submitted_in_time_follows_no_gap),
		cmocka_unit_test(a_gap_that_is_shorter_than_the_clock_can_tell_has_no_scans),
		cmocka_unit_test(a_count_gives_each_gap_its_own_length),
	};

	return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
