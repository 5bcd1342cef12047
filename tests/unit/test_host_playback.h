/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_playback.h - a fake board that plays, and a file to play
 *
 * To be included behind test_usb_fake.h.
 */
#ifndef TEST_HOST_PLAYBACK_H
#define TEST_HOST_PLAYBACK_H

#include <stdlib.h>
#include <unistd.h>

#define ROUTE (&fake.routes[0])

static char input[] = "/tmp/iiobridge-test-XXXXXX"; /* name of the file, by create_input() */

static inline int set_up(void **state)
{
	(void)state;
	fake_reset();
	fake_make_tx(0);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	return fake_check();
}

static inline int create_input(void **state)
{
	int fd = mkstemp(input);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static inline int remove_input(void **state)
{
	(void)state;
	fake_release();
	return unlink(input);
}

/* For fake.on_request: the run has underruns, as the board says with each of its statistics. */
static inline bool tell_of_underruns(uint8_t request, uint16_t value, uint8_t *data,
				     uint16_t length, int *result)
{
	(void)value;
	(void)data;
	(void)length;
	(void)result;
	if (request == IIOBRIDGE_GET_STATISTICS)
		fake_set(ROUTE->statistics.gaps = 3; ROUTE->statistics.scans_lost = 70);
	return false;
}

#endif
