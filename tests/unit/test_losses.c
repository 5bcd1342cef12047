// SPDX-License-Identifier: GPL-2.0-or-later
/* Gaps are found by a device's own count, or by times and the rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "iio/losses.h"

#define SCANS 1024 /* of 4 bytes at 1 MHz: a block takes 1,024,000 ns */

#define BLOCK_NS 1024000

static struct losses estimator(void)
{
	return (struct losses){ .counter = -1, .rate_millihertz = 1000000000, .bytes_per_scan = 4 };
}

/* A block that was queued, in no time, and came back. */
static struct completion estimate(struct losses *losses, uint64_t submitted, uint64_t time)
{
	struct completion completion = {
		.submitted_ns = submitted,
		.queued_ns = submitted,
		.time_ns = time,
	};

	losses_estimate(losses, &completion, SCANS * 4);
	return completion;
}

static void a_block_submitted_after_the_end_of_the_last_follows_a_gap(void **state)
{
	struct losses losses = estimator();
	struct completion late;

	(void)state;
	assert_false(estimate(&losses, 1000, 10 * BLOCK_NS).gap); /* the first of a run */
	/* Given back 500 us after the last was full, and full 1024 us later. */
	late = estimate(&losses, 10 * BLOCK_NS + 500000, 11 * BLOCK_NS + 500000);
	assert_true(late.gap);
	assert_int_equal(late.scans_lost, 500);
	assert_false(estimate(&losses, 11 * BLOCK_NS, 12 * BLOCK_NS + 500000).gap);
}

static void a_block_submitted_in_time_follows_no_gap(void **state)
{
	struct losses losses = estimator();
	struct completion slow;

	(void)state;
	estimate(&losses, 1000, 10 * BLOCK_NS);
	slow = estimate(&losses, 9 * BLOCK_NS, 15 * BLOCK_NS);
	assert_false(slow.gap);
	assert_int_equal(slow.scans_lost, 0);
}

/* Three blocks end in time, but all three interrupts come with the last. */
static void a_late_completion_hides_no_gap(void **state)
{
	struct losses losses = estimator();
	struct completion completion;

	(void)state;
	estimate(&losses, 1000, 10 * BLOCK_NS);
	assert_false(estimate(&losses, 1001, 13 * BLOCK_NS).gap);
	assert_false(estimate(&losses, 1002, 13 * BLOCK_NS).gap);
	/* The next is submitted before these interrupts, 600 us after the second block ended. */
	completion = estimate(&losses, 12 * BLOCK_NS + 600000, 13 * BLOCK_NS + 600000);
	assert_true(completion.gap);
	assert_in_range(completion.scans_lost, 600 - 2 * SCANS / 100 - 1, 600);
}

/* What the rate says too little, up to 1 percent, is never taken for a gap. */
static void a_device_that_is_slower_than_its_rate_has_no_gaps(void **state)
{
	struct losses losses = estimator();
	const uint64_t block_ns = BLOCK_NS + BLOCK_NS / 128;

	(void)state;
	for (uint64_t i = 1; i < 1000; i++)
		assert_false(estimate(&losses, i * block_ns - 1000, (i + 1) * block_ns).gap);
}

static void without_a_rate_a_gap_has_no_length(void **state)
{
	struct losses losses = { .counter = -1, .bytes_per_scan = 4 };
	struct completion late;

	(void)state;
	estimate(&losses, 1000, 10 * BLOCK_NS);
	assert_false(estimate(&losses, 9 * BLOCK_NS, 11 * BLOCK_NS).gap);
	late = estimate(&losses, 12 * BLOCK_NS, 13 * BLOCK_NS);
	assert_true(late.gap);
	assert_int_equal(late.scans_lost, 0);
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

static uint64_t count(struct losses *losses, const char *count)
{
	uint64_t scans;

	write_count(losses, count);
	assert_int_equal(losses_count(losses, &scans), 0);
	return scans;
}

/* A driver may count from the moment on in which its buffer is enabled. */
static void a_count_that_begins_with_the_run_begins_at_0(void **state)
{
	struct losses losses = { .counter = memfd_create("count", MFD_CLOEXEC),
				 .counted = 3000000000,
				 .fresh = true };

	(void)state;
	assert_int_equal(count(&losses, "5\n"), 5);
	assert_int_equal(count(&losses, "7\n"), 2);
	losses_close(&losses);
}

static void a_count_of_32_bits_goes_on_after_their_end(void **state)
{
	struct losses losses = { .counter = memfd_create("count", MFD_CLOEXEC),
				 .counted = UINT32_MAX - 9 };

	(void)state;
	assert_int_equal(count(&losses, "4294967295\n"), 9);
	assert_int_equal(count(&losses, "0\n"), 1);
	assert_int_equal(count(&losses, "100\n"), 100);
	losses_close(&losses);
}

static void a_count_that_begins_anew_in_a_run_is_no_loss_of_all_numbers(void **state)
{
	struct losses losses = { .counter = memfd_create("count", MFD_CLOEXEC), .counted = 0 };

	(void)state;
	assert_int_equal(count(&losses, "1000\n"), 1000);
	assert_int_equal(count(&losses, "3\n"), 3);
	assert_int_equal(count(&losses, "5000000000\n"), 4999999997);
	assert_int_equal(count(&losses, "0\n"), 0);
	assert_int_equal(count(&losses, "1\n"), 1);
	losses_close(&losses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_submitted_after_the_end_of_the_last_follows_a_gap),
		cmocka_unit_test(a_block_submitted_in_time_follows_no_gap),
		cmocka_unit_test(a_late_completion_hides_no_gap),
		cmocka_unit_test(a_device_that_is_slower_than_its_rate_has_no_gaps),
		cmocka_unit_test(without_a_rate_a_gap_has_no_length),
		cmocka_unit_test(a_count_gives_each_gap_its_own_length),
		cmocka_unit_test(a_count_that_begins_with_the_run_begins_at_0),
		cmocka_unit_test(a_count_of_32_bits_goes_on_after_their_end),
		cmocka_unit_test(a_count_that_begins_anew_in_a_run_is_no_loss_of_all_numbers),
	};

	return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
