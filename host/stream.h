/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - read or write an endpoint without a pause
 *
 * A stream keeps several transfers in flight on a bulk endpoint. On an IN endpoint it hands what
 * arrives to a consumer, in order, and puts the transfer in flight again. On an OUT endpoint it
 * lends free buffers, and sends each when it has been filled.
 *
 * The data of blocks end without a zero-length packet, so transfers that divide a block stay in
 * step with the blocks, and a short transfer is a fault, unless blocks may be sent before they are
 * full: then it is the end of such a one. Messages, such as records, end with a
 * short packet: a transfer has room for the longest of them, and is short as a rule.
 *
 * All of it happens in the thread that runs libusb's event loop.
 */
#ifndef HOST_STREAM_H
#define HOST_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;

/** struct stream - an endpoint that is read or written; opaque */
struct stream;

/**
 * typedef stream_consumer - takes what arrived
 * @context: from struct stream_setup
 * @data: the bytes, valid during the call
 * @size: their number, larger than 0
 *
 * Must not call functions of the device: it runs inside libusb's event loop.
 *
 * Return: 0, or a negative errno that ends the stream and is what stream_error() then returns; the
 * consumer has then stored the reason in the device's struct failure.
 */
typedef int (*stream_consumer)(void *context, const uint8_t *data, size_t size);

/**
 * stream_transfer_size() - choose the size of transfers
 * @block_size: bytes in a block, a multiple of @packet_size
 * @packet_size: largest packet of the endpoint, larger than 0
 *
 * Return: the largest divisor of the block that holds whole packets and is not larger than 1 MiB;
 * the whole block where only small divisors exist.
 */
size_t stream_transfer_size(size_t block_size, size_t packet_size);

/**
 * struct stream_setup - what a stream moves
 * @endpoint: address of a bulk endpoint of the board, with the direction bit
 * @messages: each transfer is a message of its own, which may be short; only IN
 * @short_blocks: blocks may be shorter than they are long, and so may transfers; only IN
 * @transfer_size: bytes in a transfer, a multiple of the endpoint's packets
 * @consumer: takes what arrives, with @messages one message in each call; NULL for OUT
 * @context: for @consumer
 */
struct stream_setup {
	uint8_t endpoint;
	bool messages;
	bool short_blocks;
	size_t transfer_size;
	stream_consumer consumer;
	void *context;
};

/**
 * stream_new() - allocate the transfers of a stream
 * @device: a board, claimed when the stream is started; must outlive the stream
 * @setup: what it moves; copied
 * @stream: gets the stream; to be given to stream_free()
 *
 * Return: 0; -ENOMEM, with the reason in the device's struct failure.
 */
int stream_new(struct device *device, const struct stream_setup *setup, struct stream **stream);

/**
 * stream_free() - stop the stream if it runs, and release it
 * @stream: from stream_new(), or NULL
 */
void stream_free(struct stream *stream);

/**
 * stream_start() - put all transfers of an IN endpoint in flight, make an OUT endpoint ready
 * @stream: the stream
 *
 * Where the memory for USB transfers is limited, fewer are in flight than were allocated.
 *
 * Return: 0; -ENOMEM: not even two fit, and the sentence names the limit; -ENODEV, -EIO.
 */
int stream_start(struct stream *stream);

/**
 * stream_buffer() - borrow the buffer of the next transfer of an OUT endpoint
 * @stream: a started stream
 *
 * Return: as many bytes as a transfer has, to be filled before stream_send(), and lent again until
 * then; NULL while all transfers are in flight, and when the stream has ended.
 */
uint8_t *stream_buffer(struct stream *stream);

/**
 * stream_send() - put the buffer that stream_buffer() lends in flight
 * @stream: the stream, on an OUT endpoint
 *
 * Return: 0; -EAGAIN: the memory for USB transfers is all in use, so that the same buffer is lent
 * again when one is done; otherwise as stream_start().
 */
int stream_send(struct stream *stream);

/**
 * stream_transfer_bytes() - size of a transfer
 * @stream: the stream
 *
 * Return: what struct stream_setup said.
 */
size_t stream_transfer_bytes(const struct stream *stream);

/**
 * stream_idle() - whether no transfer is in flight
 * @stream: the stream
 *
 * Return: true or false.
 */
bool stream_idle(const struct stream *stream);

/**
 * stream_hold() - keep what arrives from the consumer, or hand it over again
 * @stream: the stream, on an IN endpoint
 * @hold: true: what arrives stays in its transfer, which does not go in flight again, so that the
 *	board waits when none is left; false: the consumer gets it all, from within this call
 *
 * The consumer may hold its stream; it has taken the call's bytes then.
 */
void stream_hold(struct stream *stream, bool hold);

/**
 * stream_poll() - run libusb's event loop once
 * @stream: the stream
 * @timeout_ms: how long to wait for an event at most, milliseconds; 0 takes what is there
 *
 * The consumer is called from here, and from every control request to the device. Returns early
 * on a signal.
 *
 * Return: what stream_error() returns.
 */
int stream_poll(struct stream *stream, unsigned int timeout_ms);

/**
 * stream_error() - why the stream ended
 * @stream: the stream
 *
 * Return: 0 while all is well; -ENODEV: the board went away; -EPROTO: a transfer failed, or was
 * short where that is a fault; -ENOMEM, -EIO: a transfer could not be put in flight; or what the
 * consumer returned. The reason is put into the device's struct failure, again each time.
 */
int stream_error(const struct stream *stream);

/**
 * stream_stop() - take all transfers back
 * @stream: the stream
 *
 * What has arrived on an IN endpoint goes to the consumer first, also that of a transfer which is
 * not yet full, and what was held; the consumer cannot hold any of it. Waits until libusb has
 * handed back every transfer.
 */
void stream_stop(struct stream *stream);

#endif
