// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's asynchronous transfers, of a file. */
#include "gadget/aio.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_readable(const struct aio *aio)
{
	struct pollfd event = { .fd = aio_wait_fd(aio), .events = POLLIN };

	return poll(&event, 1, 0) == 1;
}

static struct aio *make(void)
{
	struct aio *aio;

	assert_int_equal(aio_new(&aio, 4), 0);
	assert_false(is_readable(aio));
	return aio;
}

/* Whoever waits for the file would be woken again and again. */
static void a_signal_behind_the_last_result_is_forgotten(void **state)
{
	struct aio *aio = make();
	struct aio_result result;

	(void)state;
	/* aio_complete() in the kernel's fs/aio.c makes the file readable after the result is
	 * there. */
	assert_int_equal(eventfd_write(aio_wait_fd(aio), 1), 0);
	assert_true(is_readable(aio));
	assert_int_equal(aio_collect(aio, &result, 1), 0);
	assert_false(is_readable(aio));
	aio_free(aio);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_behind_the_last_result_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
