// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-loop - sends blocks through a link test and compares what comes back
 *
 * usb-loop ROUTE BLOCKS: writes BLOCKS blocks to a route from the host to the host, two ahead of
 * what it reads, and prints how many bytes went out, came in and were wrong. Ends with 0 when all
 * came back as they were.
 */
#include "host/device.h"
#include "host/failure.h"

#include <libusb-1.0/libusb.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define AHEAD	   2
#define TIMEOUT_MS 5000

struct loop {
	struct failure failure;
	struct device *device;
	struct iiobridge_route_info route;
	uint32_t *block;
	uint64_t out, in, wrong; /* bytes, bytes, words */
};

/* One block through an endpoint; the address says which way. */
static int move_block(struct loop *loop, uint8_t endpoint)
{
	const int size = (int)loop->route.block_size;
	int moved = 0;
	int r;

	r = libusb_bulk_transfer(device_handle(loop->device), endpoint,
				 (unsigned char *)loop->block, size, &moved, TIMEOUT_MS);
	if (r == 0 && moved == size)
		return 0;
	fprintf(stderr, "usb-loop: endpoint 0x%02x moved %d of %d bytes: %s\n", endpoint, moved,
		size, libusb_error_name(r));
	return -1;
}

/* The words of the stream are numbered. */
static int send(struct loop *loop)
{
	const uint32_t words = loop->route.block_size / sizeof(uint32_t);

	for (uint32_t i = 0; i < words; i++)
		loop->block[i] = (uint32_t)(loop->out / sizeof(uint32_t)) + i;
	if (move_block(loop, loop->route.endpoint_out) < 0)
		return -1;
	loop->out += loop->route.block_size;
	return 0;
}

static int receive(struct loop *loop)
{
	const uint32_t words = loop->route.block_size / sizeof(uint32_t);

	if (move_block(loop, loop->route.endpoint_in) < 0)
		return -1;
	for (uint32_t i = 0; i < words; i++)
		loop->wrong += loop->block[i] != (uint32_t)(loop->in / sizeof(uint32_t)) + i;
	loop->in += loop->route.block_size;
	return 0;
}

static int run(struct loop *loop, unsigned int number, unsigned long blocks)
{
	int r = device_get_route(loop->device, number, &loop->route);

	if (r == 0)
		r = device_claim(loop->device);
	if (r == 0)
		r = device_start(loop->device, number);
	if (r < 0) {
		fprintf(stderr, "usb-loop: %s\n", loop->failure.message);
		return r;
	}
	loop->block = malloc(loop->route.block_size);
	if (!loop->block)
		return -1;
	for (unsigned long i = 0; r == 0 && i < blocks + AHEAD; i++) {
		if (i < blocks)
			r = send(loop);
		if (r == 0 && i >= AHEAD)
			r = receive(loop);
	}
	free(loop->block);
	device_stop(loop->device, number);
	return r;
}

int main(int argc, char **argv)
{
	struct loop loop = { .failure = { "" } };
	struct device_list *list = NULL;
	int r;

	if (argc != 3) {
		fprintf(stderr, "Usage: usb-loop ROUTE BLOCKS\n");
		return 2;
	}
	r = device_list_new(&loop.failure, &list);
	if (r == 0)
		r = device_open_serial(list, NULL, &loop.failure, &loop.device);
	if (r < 0) {
		fprintf(stderr, "usb-loop: %s\n", loop.failure.message);
		return 1;
	}
	r = run(&loop, (unsigned int)strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	printf("%" PRIu64 " bytes out, %" PRIu64 " bytes in, %" PRIu64 " words wrong\n", loop.out,
	       loop.in, loop.wrong);
	device_close(loop.device);
	device_list_free(list);
	return r == 0 && loop.wrong == 0 && loop.in == loop.out ? 0 : 1;
}
