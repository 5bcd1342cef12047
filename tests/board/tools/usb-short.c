// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-short - sends a transfer that is shorter than its block
 *
 * usb-short ROUTE BEFORE BYTES AFTER: starts a route that takes samples from the host, sends BEFORE
 * whole blocks of 0xaa, BYTES of 0x55, and AFTER whole blocks of 0xaa, and waits until the board
 * has counted so many blocks, or the route has stopped. Where the route leads back to the host, it
 * reads each block before it sends the next, and tells what was in the short one: bytes as they
 * were sent, zeros, bytes of a block before, and others. Otherwise it says then that the data has
 * ended.
 */
#include "library/internal.h"

#include <libusb-1.0/libusb.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 5000
#define OLD	   0xaa
#define NEW	   0x55

struct test {
	struct iiobridge_board *board;
	unsigned int number;
	struct iiobridge_route_info route;
	uint64_t sent; /* bytes */
	unsigned char *data;
};

static int move(struct test *test, uint8_t endpoint, uint32_t length)
{
	int moved = 0;
	int r = libusb_bulk_transfer(test->board->handle, endpoint, test->data, (int)length, &moved,
				     TIMEOUT_MS);

	if (r < 0)
		return fail(usb_result(r), "endpoint 0x%02x moved %d of %u bytes: %s", endpoint,
			    moved, length, libusb_error_name(r));
	return 0;
}

static void tell(const struct test *test, uint32_t bytes)
{
	uint32_t sent = 0, zeros = 0, old = 0;

	for (uint32_t i = 0; i < test->route.block_size; i++) {
		sent += i < bytes && test->data[i] == NEW;
		zeros += i >= bytes && test->data[i] == 0;
		old += test->data[i] == OLD;
	}
	printf("%u as sent, %u zeros, %u old, %u others\n", sent, zeros, old,
	       test->route.block_size - sent - zeros - old);
}

/* And takes what comes back. */
static int send_bytes(struct test *test, unsigned char value, uint32_t length)
{
	int r;

	memset(test->data, value, length);
	r = move(test, test->route.endpoint_out, length);
	if (r < 0)
		return r;
	test->sent += length;
	if (!test->route.endpoint_in)
		return 0;
	r = move(test, test->route.endpoint_in, test->route.block_size);
	if (r == 0 && value == NEW)
		tell(test, length);
	return r;
}

static int send_blocks(struct test *test, unsigned long count)
{
	int r = 0;

	while (r == 0 && count--)
		r = send_bytes(test, OLD, test->route.block_size);
	return r;
}

static int wait_until_counted(struct test *test, uint64_t blocks)
{
	struct iiobridge_statistics_info statistics;
	int r;

	do {
		usleep(10000);
		r = iiobridge_route_statistics(test->board, test->number, &statistics);
	} while (r == 0 && statistics.blocks_filled < blocks && statistics.running);
	return r;
}

static int run(struct test *test, unsigned long before, uint32_t bytes, unsigned long after)
{
	int r = request_route(test->board, test->number, &test->route);

	if (r == 0)
		r = board_claim(test->board);
	if (r == 0)
		r = request_start(test->board, test->number);
	if (r < 0)
		return r;
	test->data = malloc(test->route.block_size);
	if (!test->data || bytes > test->route.block_size)
		return fail(IIOBRIDGE_ERROR_INVALID, "no block of so many bytes");
	r = send_blocks(test, before);
	if (r == 0)
		r = send_bytes(test, NEW, bytes);
	if (r == 0)
		r = send_blocks(test, after);
	if (r == 0)
		r = wait_until_counted(test, before + 1 + after);
	if (r == 0 && !test->route.endpoint_in)
		r = request_finish(test->board, test->number, test->sent, 0);
	return r;
}

int main(int argc, char **argv)
{
	static struct test test;
	int r;

	if (argc != 5) {
		fprintf(stderr, "Usage: usb-short ROUTE BEFORE BYTES AFTER\n");
		return 2;
	}
	test.number = (unsigned int)strtoul(argv[1], NULL, 10);
	r = iiobridge_board_open(NULL, &test.board);
	if (r == 0)
		r = run(&test, strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10),
			strtoul(argv[4], NULL, 10));
	if (r < 0)
		fprintf(stderr, "usb-short: %s\n", iiobridge_error_message());
	free(test.data);
	iiobridge_board_close(test.board);
	return r == 0 ? 0 : 1;
}
