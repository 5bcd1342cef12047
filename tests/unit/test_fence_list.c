// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says of a block's fence, and when that is not to be trusted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "core/fence_list.h"
#include "core/uapi.h"

#define BOOT_NS	     1660000000u /* of the kernel */
#define SUBMITTED_NS 5000000000u
#define QUEUED_NS    5000002000u
#define COMPLETE_NS  5000900000u

static const struct fence fence = { .submitted_ns = SUBMITTED_NS, .queued_ns = QUEUED_NS };

/* The answer for a sync_file of up to two fences; a time of 0: there is no such fence. */
static bool judge(int status, uint64_t first_ns, uint64_t second_ns, struct completion *completion)
{
	struct sync_fence_info fences[2] = {
		{ .status = status, .timestamp_ns = first_ns },
		{ .status = status, .timestamp_ns = second_ns },
	};
	const struct sync_file_info info = {
		.status = status,
		.num_fences = second_ns ? 2 : 1,
	};

	/* A name is never looked at: the first is that of old kernels, the second of new ones. */
	strcpy(fences[0].driver_name, "stub");
	strcpy(fences[1].driver_name, "detached-driver");
	memset(completion, 0xff, sizeof(*completion));
	return fence_read(&fence, &info, fences, completion);
}

static void a_pending_fence_is_not_complete(void **state)
{
	struct completion completion;

	(void)state;
	assert_false(judge(0, 0, 0, &completion));
	/* One of two is signalled. */
	assert_false(judge(0, COMPLETE_NS, 1, &completion));
}

static void a_fence_that_was_signalled_after_the_export_says_when_and_how(void **state)
{
	struct completion completion;

	(void)state;
	assert_true(judge(1, COMPLETE_NS, 0, &completion));
	assert_int_equal(completion.status, 0);
	assert_false(completion.early);
	assert_false(completion.gap);
	assert_int_equal(completion.scans_lost, 0);
	assert_int_equal(completion.submitted_ns, SUBMITTED_NS);
	assert_int_equal(completion.queued_ns, QUEUED_NS);
	assert_int_equal(completion.time_ns, COMPLETE_NS);
	assert_true(judge(-ESHUTDOWN, COMPLETE_NS, 0, &completion));
	assert_int_equal(completion.status, -ESHUTDOWN);
	assert_false(completion.early);
	assert_int_equal(completion.time_ns, COMPLETE_NS);
}

static void the_last_of_several_fences_is_the_time(void **state)
{
	struct completion completion;

	(void)state;
	assert_true(judge(1, COMPLETE_NS, COMPLETE_NS + 7, &completion));
	assert_int_equal(completion.time_ns, COMPLETE_NS + 7);
	assert_true(judge(1, COMPLETE_NS + 9, COMPLETE_NS, &completion));
	assert_int_equal(completion.time_ns, COMPLETE_NS + 9);
	assert_false(completion.early);
}

static void expect_early(uint64_t time_ns)
{
	struct completion completion;

	assert_true(judge(1, time_ns, 0, &completion));
	assert_true(completion.early);
	assert_int_equal(completion.status, 0);
	assert_int_equal(completion.time_ns, QUEUED_NS);
}

/* A kernel makes its stub at boot, or when the first export asks for it. */
static void a_success_from_before_the_end_of_the_export_is_none(void **state)
{
	(void)state;
	expect_early(BOOT_NS);
	expect_early(SUBMITTED_NS - 1);
	expect_early(SUBMITTED_NS);
	expect_early(QUEUED_NS - 1);
	expect_early(QUEUED_NS);
}

/* A stub has no error: this is what became of the block while the export returned. */
static void a_failure_is_one_at_any_time(void **state)
{
	struct completion completion;

	(void)state;
	assert_true(judge(-EINTR, QUEUED_NS - 1, 0, &completion));
	assert_int_equal(completion.status, -EINTR);
	assert_false(completion.early);
	assert_int_equal(completion.time_ns, QUEUED_NS);
}

/* The status of a sync_file is its number, negative. */
int __real_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument);

int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	if (request != SYNC_IOC_FILE_INFO)
		return __real_ioctl(fd, request, argument);
	((struct sync_file_info *)argument)->status = -fd;
	return 0;
}

/* An engine refuses the blocks whose pieces are too long, which need not be the last. */
static void a_failure_is_found_among_blocks_in_flight(void **state)
{
	struct fence_list list = { .oldest = BLOCKS_MAX - 1, .count = 3 };

	(void)state;
	list.fences[BLOCKS_MAX - 1].sync_file = EINTR;
	list.fences[0].sync_file = ENOMEM;
	list.fences[1].sync_file = EINTR;
	list.fences[2].sync_file = EBUSY;
	assert_true(fence_list_any_failed(&list, -ENOMEM));
	assert_true(fence_list_any_failed(&list, -EINTR));
	assert_false(fence_list_any_failed(&list, -EBUSY));
	assert_false(fence_list_take_back(&list, -ENOMEM));
	assert_int_equal(list.count, 3);
	list.count = 0;
	assert_false(fence_list_any_failed(&list, -EINTR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pending_fence_is_not_complete),
		cmocka_unit_test(a_fence_that_was_signalled_after_the_export_says_when_and_how),
		cmocka_unit_test(the_last_of_several_fences_is_the_time),
		cmocka_unit_test(a_success_from_before_the_end_of_the_export_is_none),
		cmocka_unit_test(a_failure_is_one_at_any_time),
		cmocka_unit_test(a_failure_is_found_among_blocks_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
