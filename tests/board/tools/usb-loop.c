// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-loop - sends blocks through a link test and compares what comes back
 *
 * usb-loop ROUTE BLOCKS: writes BLOCKS blocks to a route from the host to the host while it reads
 * them back, several in flight both ways, and prints how many bytes went out, came in and were
 * wrong. Ends with 0 when all went out and came back as they were.
 */
#include "library/internal.h"

#include <libusb-1.0/libusb.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define IN_FLIGHT  64		       /* on each endpoint */
#define BYTES_MAX  ((uint32_t)4 << 20) /* of it: the kernel grants 16 MiB to all programs */
#define TIMEOUT_MS 5000

/* One direction: blocks are numbered as they are submitted, and they complete in this order. */
struct lane {
	struct loop *loop;
	uint8_t endpoint;
	uint64_t submitted, moved; /* blocks */
	struct libusb_transfer *transfers[IN_FLIGHT];
};

struct loop {
	struct iiobridge_board *board;
	struct iiobridge_route_info route;
	uint64_t blocks;
	struct lane out, in;
	uint64_t wrong; /* words */
	unsigned int in_flight;
	bool failed;
};

static uint32_t words_in_block(const struct loop *loop)
{
	return loop->route.block_size / sizeof(uint32_t);
}

/* The words of the stream are numbered. */
static void fill(const struct loop *loop, uint64_t block, uint32_t *data)
{
	const uint32_t words = words_in_block(loop);

	for (uint32_t i = 0; i < words; i++)
		data[i] = (uint32_t)block * words + i;
}

static void compare(struct loop *loop, uint64_t block, const uint32_t *data)
{
	const uint32_t words = words_in_block(loop);

	for (uint32_t i = 0; i < words; i++)
		loop->wrong += data[i] != (uint32_t)block * words + i;
}

static void submit(struct lane *lane, struct libusb_transfer *transfer)
{
	struct loop *loop = lane->loop;
	int r;

	if (loop->failed || lane->submitted == loop->blocks)
		return;
	if (lane == &loop->out)
		fill(loop, lane->submitted, (uint32_t *)transfer->buffer);
	r = libusb_submit_transfer(transfer);
	if (r < 0) {
		fprintf(stderr, "usb-loop: endpoint 0x%02x: %s\n", lane->endpoint,
			libusb_error_name(r));
		loop->failed = true;
		return;
	}
	lane->submitted++;
	loop->in_flight++;
}

static void LIBUSB_CALL on_transfer(struct libusb_transfer *transfer)
{
	struct lane *lane = transfer->user_data;
	struct loop *loop = lane->loop;

	loop->in_flight--;
	if (transfer->status != LIBUSB_TRANSFER_COMPLETED ||
	    transfer->actual_length != transfer->length) {
		if (!loop->failed)
			fprintf(stderr,
				"usb-loop: endpoint 0x%02x moved %d of %d bytes of block %" PRIu64
				", status %d\n",
				lane->endpoint, transfer->actual_length, transfer->length,
				lane->moved, transfer->status);
		loop->failed = true;
		return;
	}
	if (lane == &loop->in)
		compare(loop, lane->moved, (const uint32_t *)transfer->buffer);
	lane->moved++;
	submit(lane, transfer);
}

static int lane_begin(struct loop *loop, struct lane *lane, uint8_t endpoint)
{
	lane->loop = loop;
	lane->endpoint = endpoint;
	for (unsigned int i = 0; i < IN_FLIGHT && (i + 1) * loop->route.block_size <= BYTES_MAX;
	     i++) {
		struct libusb_transfer *transfer = libusb_alloc_transfer(0);
		unsigned char *data = malloc(loop->route.block_size);

		lane->transfers[i] = transfer;
		if (!transfer || !data) {
			free(data);
			return fail_memory("transfers");
		}
		libusb_fill_bulk_transfer(transfer, loop->board->handle, endpoint, data,
					  (int)loop->route.block_size, on_transfer, lane,
					  TIMEOUT_MS);
		transfer->flags = LIBUSB_TRANSFER_FREE_BUFFER;
		submit(lane, transfer);
	}
	return 0;
}

static void lane_end(struct lane *lane)
{
	for (unsigned int i = 0; i < IN_FLIGHT; i++)
		libusb_free_transfer(lane->transfers[i]);
}

/* Until all is back: what is in flight ends by itself, by its time limit at the latest. */
static int move_blocks(struct loop *loop)
{
	int r = 0;

	while (loop->in_flight > 0 && r == 0)
		r = board_handle_events(loop->board, TIMEOUT_MS);
	return r;
}

static int run(struct loop *loop, unsigned int number)
{
	int r;

	r = iiobridge_board_open(NULL, &loop->board);
	if (r == 0)
		r = request_route(loop->board, number, &loop->route);
	if (r == 0)
		r = board_claim(loop->board);
	if (r == 0)
		r = request_start(loop->board, number);
	if (r < 0)
		return r;
	r = lane_begin(loop, &loop->in, loop->route.endpoint_in);
	if (r == 0)
		r = lane_begin(loop, &loop->out, loop->route.endpoint_out);
	if (r == 0)
		r = move_blocks(loop);
	if (r == 0) {
		lane_end(&loop->in);
		lane_end(&loop->out);
	}
	iiobridge_route_stop(loop->board, number);
	return r;
}

int main(int argc, char **argv)
{
	static struct loop loop;
	int r;

	if (argc != 3) {
		fprintf(stderr, "Usage: usb-loop ROUTE BLOCKS\n");
		return 2;
	}
	loop.blocks = strtoull(argv[2], NULL, 10);
	r = run(&loop, (unsigned int)strtoul(argv[1], NULL, 10));
	if (r < 0)
		fprintf(stderr, "usb-loop: %s\n", iiobridge_error_message());
	printf("%" PRIu64 " bytes out, %" PRIu64 " bytes in, %" PRIu64 " words wrong\n",
	       loop.out.moved * loop.route.block_size, loop.in.moved * loop.route.block_size,
	       loop.wrong);
	iiobridge_board_close(loop.board);
	if (loop.out.moved != loop.blocks || loop.in.moved != loop.blocks)
		loop.failed = true;
	return r == 0 && !loop.failed && loop.wrong == 0 ? 0 : 1;
}
