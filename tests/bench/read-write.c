// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read-write - the classic loop between an IIO buffer and a USB endpoint, to compare with
 *
 * read-write in|out DEVICE MOUNT BLOCK_SIZE: one thread, one block at a time. in: reads a block of
 * an ADC and writes it to the endpoint; out: reads a block of the endpoint and writes it to a DAC.
 * DEVICE is the IIO device's node, whose buffer is enabled; MOUNT is where a FunctionFS instance is
 * mounted, whose gadget is bound by somebody else once this has described the endpoint. Ends when
 * the host has gone.
 */
#include "gadget/descriptors.h"
#include "gadget/gadget.h"

#include <linux/usb/functionfs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return -1;
}

static int open_in(const char *mount, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", mount, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? fail(path) : fd;
}

static int describe(int ep0, bool in)
{
	const struct function_layout layout = {
		.endpoints = { in ? USB_DIR_IN | 1 : USB_DIR_OUT | 1 },
		.endpoint_count = 1,
		.burst = CONFIG_BURST_MAX,
	};
	int ret = descriptors_write(ep0, &layout, -1);

	if (!ret)
		ret = descriptors_write_strings(ep0);
	errno = -ret;
	return ret ? fail("descriptors") : 0;
}

static int wait_for_host(int ep0)
{
	struct usb_functionfs_event event;

	do {
		if (read(ep0, &event, sizeof(event)) != (ssize_t)sizeof(event))
			return fail("ep0");
	} while (event.type != FUNCTIONFS_ENABLE);
	return 0;
}

typedef ssize_t (*mover)(int fd, char *data, size_t size);

static ssize_t read_data(int fd, char *data, size_t size)
{
	return read(fd, data, size);
}

static ssize_t write_data(int fd, char *data, size_t size)
{
	return write(fd, data, size);
}

/* A whole block, in as many pieces as the kernel takes it. */
static int move_block(mover move, int fd, char *block, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t moved = move(fd, block + done, size - done);

		if (moved <= 0)
			return -1;
		done += (size_t)moved;
	}
	return 0;
}

static int loop(int from, int to, size_t size)
{
	char *block = malloc(size);

	if (!block)
		return fail("block");
	while (move_block(read_data, from, block, size) == 0 &&
	       move_block(write_data, to, block, size) == 0)
		;
	free(block);
	return errno == ESHUTDOWN ? 0 : fail("block");
}

int main(int argc, char **argv)
{
	int ep0, endpoint, converter;
	bool in;

	if (argc != 5) {
		fprintf(stderr, "Usage: read-write in|out DEVICE MOUNT BLOCK_SIZE\n");
		return 2;
	}
	in = strcmp(argv[1], "in") == 0;
	ep0 = open_in(argv[3], "ep0");
	if (ep0 < 0 || describe(ep0, in) < 0 || wait_for_host(ep0) < 0)
		return 1;
	endpoint = open_in(argv[3], "ep1");
	converter = open(argv[2], O_RDWR | O_CLOEXEC);
	if (endpoint < 0 || converter < 0) {
		perror(argv[2]);
		return 1;
	}
	return loop(in ? converter : endpoint, in ? endpoint : converter,
		    strtoul(argv[4], NULL, 10)) < 0
		       ? 1
		       : 0;
}
