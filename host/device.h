/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - boards on the USB: find them, open one, ask it things
 *
 * A board is found by its interface: class triple and interface string of <iiobridge/protocol.h>.
 * Control requests need no claim of the interface, so a board can be asked while another program
 * streams from it; streaming needs device_claim().
 *
 * Errors, wherever a function here returns a negative errno:
 *	-ENOENT     no such board
 *	-EACCES     this user may not open the board
 *	-EBUSY      another program has claimed the interface
 *	-ENODEV     the board went away
 *	-EREMOTEIO  the board refused; the sentence is the board's own
 *	-EPROTO     the board's answer or descriptors break the protocol
 *	-ETIMEDOUT  the board did not answer in time
 *	-EINVAL     asked for something that the board does not have
 *	-ENOMEM, -EIO  libusb had no memory, or failed in another way
 * The reason is then in the struct failure that the call was given, or that the device was opened
 * with.
 */
#ifndef HOST_DEVICE_H
#define HOST_DEVICE_H

#include <iiobridge/protocol.h>

#include <stddef.h>
#include <stdint.h>

struct failure;
struct libusb_context;
struct libusb_device_handle;

/** struct device_list - the boards that are on the USB now; opaque */
struct device_list;

/** struct device - an open board; opaque */
struct device;

/**
 * device_list_new() - find the boards
 * @failure: gets the reason of an error
 * @list: gets the list; to be given to device_list_free()
 *
 * An empty list is not an error.
 *
 * Return: 0 or negative errno.
 */
int device_list_new(struct failure *failure, struct device_list **list);

/**
 * device_list_free() - release a list
 * @list: from device_list_new(), or NULL; devices opened from it must be closed before
 */
void device_list_free(struct device_list *list);

/**
 * device_list_count() - number of interfaces with the class triple of a board
 * @list: the boards
 *
 * Whether each is a board shows when it is opened, as its name can only be read then.
 *
 * Return: the number.
 */
size_t device_list_count(const struct device_list *list);

/**
 * device_open() - open one of the boards of a list
 * @list: the boards
 * @index: place in the list
 * @failure: gets the reasons of errors, also of later calls; must outlive the device
 * @device: gets the device; to be given to device_close()
 *
 * Return: 0 or negative errno; -ENOENT: the interface is not called iiobridge.
 */
int device_open(struct device_list *list, size_t index, struct failure *failure,
		struct device **device);

/**
 * device_open_serial() - open the board with a serial number
 * @list: the boards
 * @serial: serial number, or NULL for the only board
 * @failure: gets the reasons of errors, also of later calls; must outlive the device
 * @device: gets the device; to be given to device_close()
 *
 * Return: 0 or negative errno; -EINVAL: @serial is NULL and there are several boards, which the
 * sentence names.
 */
int device_open_serial(struct device_list *list, const char *serial, struct failure *failure,
		       struct device **device);

/**
 * device_close() - release what was claimed and close the board
 * @device: from device_open(), or NULL; streams on it must be freed before
 */
void device_close(struct device *device);

/**
 * device_claim() - keep other programs away from the board's endpoints
 * @device: the board; stays claimed until device_close()
 *
 * Return: 0 or negative errno.
 */
int device_claim(struct device *device);

/**
 * device_name() - where the board is, for messages
 * @device: the board
 *
 * Return: a text such as "001:005", valid until device_close().
 */
const char *device_name(const struct device *device);

/**
 * device_serial() - serial number of the board
 * @device: the board
 *
 * Return: printable text, empty when the board has none; valid until device_close().
 */
const char *device_serial(const struct device *device);

/**
 * device_speed_name() - speed of the board's connection
 * @device: the board
 *
 * Return: a static text such as "SuperSpeed (5 Gbit/s)".
 */
const char *device_speed_name(const struct device *device);

/**
 * device_info() - what the board said about itself when it was opened
 * @device: the board
 *
 * Return: valid until device_close().
 */
const struct iiobridge_device_info *device_info(const struct device *device);

/**
 * device_get_info() - ask the board about itself
 * @device: the board
 * @info: gets the checked answer
 *
 * device_open() does this; see device_info().
 *
 * Return: 0 or negative errno.
 */
int device_get_info(struct device *device, struct iiobridge_device_info *info);

/**
 * device_get_route() - ask about a route
 * @device: the board
 * @route: number of the route, below the board's route_count
 * @info: gets the checked answer
 *
 * Return: 0 or negative errno.
 */
int device_get_route(struct device *device, unsigned int route, struct iiobridge_route_info *info);

/**
 * device_get_channel() - ask about a channel of a route
 * @device: the board
 * @route: number of the route
 * @channel: number of the channel, below the route's channel_count
 * @info: gets the checked answer
 *
 * Return: 0 or negative errno.
 */
int device_get_channel(struct device *device, unsigned int route, unsigned int channel,
		       struct iiobridge_channel_info *info);

/**
 * device_get_statistics() - ask for the statistics of a route
 * @device: the board
 * @route: number of the route
 * @statistics: gets the checked answer
 *
 * Return: 0 or negative errno.
 */
int device_get_statistics(struct device *device, unsigned int route,
			  struct iiobridge_statistics *statistics);

/**
 * device_get_error() - ask for the board's last error
 * @device: the board
 * @error: gets the checked answer; its code is %IIOBRIDGE_OK when nothing failed yet
 *
 * Return: 0 or negative errno.
 */
int device_get_error(struct device *device, struct iiobridge_error *error);

/**
 * device_set_parameters() - say what the next start of a route shall use
 * @device: the board
 * @route: number of the route
 * @channel_mask: channels of a scan, 0 as configured
 * @block_size: bytes in a block, 0 as configured
 *
 * Return: 0 or negative errno. The board judges the values when the route is started.
 */
int device_set_parameters(struct device *device, unsigned int route, uint32_t channel_mask,
			  uint32_t block_size);

/**
 * device_start() - start a route; returns when it runs
 * @device: the board
 * @route: number of the route
 *
 * Streams on the device are served while this waits.
 *
 * Return: 0 or negative errno.
 */
int device_start(struct device *device, unsigned int route);

/**
 * device_stop() - stop a route; returns when its blocks are flushed
 * @device: the board
 * @route: number of the route
 *
 * Return: 0 or negative errno; a route that does not run is not an error.
 */
int device_stop(struct device *device, unsigned int route);

/**
 * device_finish() - say how much of a playback counts, before its last block is sent
 * @device: the board
 * @route: number of a running playback route
 * @bytes: bytes since the start, a multiple of the scan
 * @flags: 0, or %IIOBRIDGE_FINISH_REPEAT to have all of it repeated
 *
 * Return: 0 or negative errno.
 */
int device_finish(struct device *device, unsigned int route, uint64_t bytes, uint32_t flags);

/**
 * device_endpoint_packet_size() - check that an endpoint exists and ask for its packet size
 * @device: the board
 * @address: address of a bulk endpoint, with the direction bit
 *
 * Return: bytes in a packet of the endpoint at the present speed; -EPROTO: the interface has no
 * such bulk endpoint.
 */
int device_endpoint_packet_size(struct device *device, uint8_t address);

/**
 * device_errno() - the errno that stands for an error of libusb
 * @error: enum libusb_error
 *
 * Return: 0 or negative errno from the list above.
 */
int device_errno(int error);

/**
 * device_handle() - libusb's handle of the board, for transfers
 * @device: the board
 *
 * Return: valid until device_close().
 */
struct libusb_device_handle *device_handle(const struct device *device);

/**
 * device_context() - libusb's context of the board, for its event loop
 * @device: the board
 *
 * Return: valid until device_close().
 */
struct libusb_context *device_context(const struct device *device);

/**
 * device_failure() - where the reasons of the device's errors go
 * @device: the board
 *
 * Return: what device_open() was given.
 */
struct failure *device_failure(const struct device *device);

/**
 * device_interface() - number of the board's interface
 * @device: the board
 *
 * Return: bInterfaceNumber, the wIndex of requests.
 */
uint8_t device_interface(const struct device *device);

#endif
