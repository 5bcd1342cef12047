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
#include "host/device.h"
#include "host/failure.h"

#include <libusb-1.0/libusb.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 5000
#define OLD	   0xaa
#define NEW	   0x55

struct board {
	struct failure failure;
	struct device *device;
	unsigned int number;
	struct iiobridge_route_info route;
	uint64_t sent; /* bytes */
	unsigned char *data;
};

static int move(struct board *board, uint8_t endpoint, uint32_t length)
{
	int moved = 0;
	int r = libusb_bulk_transfer(device_handle(board->device), endpoint, board->data,
				     (int)length, &moved, TIMEOUT_MS);

	if (r < 0)
		return failure_set(&board->failure, -1, "endpoint 0x%02x moved %d of %u bytes: %s",
				   endpoint, moved, length, libusb_error_name(r));
	return 0;
}

static void tell(const struct board *board, uint32_t bytes)
{
	uint32_t sent = 0, zeros = 0, old = 0;

	for (uint32_t i = 0; i < board->route.block_size; i++) {
		sent += i < bytes && board->data[i] == NEW;
		zeros += i >= bytes && board->data[i] == 0;
		old += board->data[i] == OLD;
	}
	printf("%u as sent, %u zeros, %u old, %u others\n", sent, zeros, old,
	       board->route.block_size - sent - zeros - old);
}

/* And takes what comes back. */
static int send_bytes(struct board *board, unsigned char value, uint32_t length)
{
	int r;

	memset(board->data, value, length);
	r = move(board, board->route.endpoint_out, length);
	if (r < 0)
		return r;
	board->sent += length;
	if (!board->route.endpoint_in)
		return 0;
	r = move(board, board->route.endpoint_in, board->route.block_size);
	if (r == 0 && value == NEW)
		tell(board, length);
	return r;
}

static int send_blocks(struct board *board, unsigned long count)
{
	int r = 0;

	while (r == 0 && count--)
		r = send_bytes(board, OLD, board->route.block_size);
	return r;
}

static int wait_until_counted(struct board *board, uint64_t blocks)
{
	struct iiobridge_statistics statistics;
	int r;

	do {
		usleep(10000);
		r = device_get_statistics(board->device, board->number, &statistics);
	} while (r == 0 && statistics.blocks_filled < blocks &&
		 statistics.state == IIOBRIDGE_RUNNING);
	return r;
}

static int run(struct board *board, unsigned long before, uint32_t bytes, unsigned long after)
{
	int r = device_get_route(board->device, board->number, &board->route);

	if (r == 0)
		r = device_claim(board->device);
	if (r == 0)
		r = device_start(board->device, board->number);
	if (r < 0)
		return r;
	board->data = malloc(board->route.block_size);
	if (!board->data || bytes > board->route.block_size)
		return failure_set(&board->failure, -1, "no block of so many bytes");
	r = send_blocks(board, before);
	if (r == 0)
		r = send_bytes(board, NEW, bytes);
	if (r == 0)
		r = send_blocks(board, after);
	if (r == 0)
		r = wait_until_counted(board, before + 1 + after);
	if (r == 0 && !board->route.endpoint_in)
		r = device_finish(board->device, board->number, board->sent, 0);
	return r;
}

int main(int argc, char **argv)
{
	static struct board board;
	struct device_list *list = NULL;
	int r;

	if (argc != 5) {
		fprintf(stderr, "Usage: usb-short ROUTE BEFORE BYTES AFTER\n");
		return 2;
	}
	board.number = (unsigned int)strtoul(argv[1], NULL, 10);
	r = device_list_new(&board.failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &board.failure, &board.device);
	if (r == 0)
		r = run(&board, strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10),
			strtoul(argv[4], NULL, 10));
	if (r < 0)
		fprintf(stderr, "usb-short: %s\n", board.failure.message);
	free(board.data);
	device_close(board.device);
	device_list_free(list);
	return r == 0 ? 0 : 1;
}
