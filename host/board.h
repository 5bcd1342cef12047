/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * board.h - find the board that is meant, or wait until it comes
 *
 * libusb tells when a device is plugged in; where it cannot, the bus is looked at now and then.
 * What is told of is not yet a board that answers: the kernel configures the device after that, and
 * the permission to open it may come later, too. So after each arrival the bus is looked at for two
 * seconds, and only then an error is believed.
 */
#ifndef HOST_BOARD_H
#define HOST_BOARD_H

#include <stdint.h>

struct device;
struct device_list;
struct failure;

/**
 * board_find() - find the boards that are on the USB now, and open one
 * @serial: its serial number, or NULL for the only one
 * @failure: gets the reasons of errors; must outlive the device
 * @list: gets the boards; to be given to device_list_free() after the device is closed
 * @device: gets the board; to be given to device_close()
 *
 * Return: 0 or negative errno as in device.h; nothing is open then.
 */
int board_find(const char *serial, struct failure *failure, struct device_list **list,
	       struct device **device);

/**
 * board_await() - open a board as soon as it is on the USB
 * @serial: its serial number, or NULL for whichever is the only one
 * @microseconds: how long to wait at most; 0: without a limit
 * @failure: gets the reasons of errors; must outlive the device
 * @list: as for board_find()
 * @device: as for board_find()
 *
 * SIGINT and SIGTERM end the waiting when interrupt_catch() was called before.
 *
 * Return: 0; -EINTR: a signal came; or what board_find() returned when the time was over, or for
 * two seconds after an arrival, with the time in the sentence in the first case.
 */
int board_await(const char *serial, uint64_t microseconds, struct failure *failure,
		struct device_list **list, struct device **device);

#endif
