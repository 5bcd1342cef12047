/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the event loop does beside a route that always has a block to move; to be included once. */
#ifndef TEST_BLOCK_H
#define TEST_BLOCK_H

#include <sys/eventfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

static int on_block(sd_event_source *io, int fd, uint32_t events, void *userdata)
{
	unsigned int *blocks = userdata;

	(void)io;
	(void)fd;
	(void)events;
	(*blocks)++;
	return 0;
}

/* How many turns of so many go to a file as the ring's, which is readable all the time. */
static unsigned int turns_of_a_block(sd_event *event, unsigned int turns)
{
	int block = eventfd(1, EFD_CLOEXEC);
	sd_event_source *io;
	unsigned int blocks = 0;

	assert_true(sd_event_add_io(event, &io, block, EPOLLIN, on_block, &blocks) >= 0);
	for (unsigned int i = 0; i < turns; i++)
		assert_true(sd_event_run(event, 0) > 0);
	sd_event_source_unref(io);
	close(block);
	return blocks;
}

#endif
