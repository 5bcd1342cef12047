/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lanes.h - a host that moves bytes through bulk endpoints as fast as it can, and looks at none
 */
#ifndef BENCH_LANES_H
#define BENCH_LANES_H

#include <stdbool.h>
#include <stdint.h>

struct libusb_context;
struct libusb_device_handle;

/** struct lanes - endpoints that are read or written without a pause; opaque */
struct lanes;

/**
 * lanes_new() - no endpoints yet
 * @context: whose events lanes_turn() handles
 * @handle: a device, of which the interface with the endpoints is claimed; must outlive the lanes
 * @count: how many counted endpoints will share the memory that is in flight
 *
 * Return: the lanes, to be given to lanes_free(); NULL when memory is short.
 */
struct lanes *lanes_new(struct libusb_context *context, struct libusb_device_handle *handle,
			unsigned int count);

/**
 * lanes_add() - keep an endpoint busy from now on
 * @lanes: the lanes
 * @endpoint: address of a bulk endpoint
 * @transfer_size: bytes in each transfer, a multiple of the endpoint's packets
 * @counted: its bytes count, and it has its share of the memory; otherwise it has one transfer
 *
 * The buffers are the kernel's own where it gives them, so that a transfer is not copied on the
 * host.
 *
 * Return: 0 or a negative error of libusb.
 */
int lanes_add(struct lanes *lanes, uint8_t endpoint, uint32_t transfer_size, bool counted);

/**
 * lanes_turn() - wait for transfers, and send them off again
 * @lanes: the lanes
 * @timeout_us: how long at most, microseconds
 *
 * Return: 0 or a negative error of libusb: a transfer failed.
 */
int lanes_turn(struct lanes *lanes, unsigned int timeout_us);

/**
 * lanes_bytes() - bytes that moved through the counted endpoints
 * @lanes: the lanes
 *
 * Return: their number since the beginning.
 */
uint64_t lanes_bytes(const struct lanes *lanes);

/**
 * lanes_free() - take all transfers back
 * @lanes: the lanes, or NULL
 */
void lanes_free(struct lanes *lanes);

#endif
