/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - how iiobridge ends
 */
#ifndef HOST_STATUS_H
#define HOST_STATUS_H

/**
 * enum iiobridge_status - exit status of the program
 * @STATUS_OK: done
 * @STATUS_FAILED: none of the others: no memory, libusb does not work
 * @STATUS_USAGE: the command line is wrong, or asks for what the board does not have
 * @STATUS_NO_BOARD: no board, or none with this serial number
 * @STATUS_NO_PERMISSION: this user may not open the board
 * @STATUS_BUSY: another program uses the board
 * @STATUS_GONE: the board went away in the middle
 * @STATUS_REFUSED: the board refused a request or reported a fault of the route
 * @STATUS_PROTOCOL: the board broke the protocol, or the USB transfers failed
 * @STATUS_FILE: the output could not be written, or the input not be read to its end
 * @STATUS_VERIFY: --verify found wrong samples, or a loss that the board did not report
 * @STATUS_SIGNAL: plus the signal's number: interrupted before the asked amount was there
 *
 * The numbers are documented in iiobridge(1) and in --help; they never change.
 */
enum iiobridge_status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_NO_BOARD = 3,
	STATUS_NO_PERMISSION = 4,
	STATUS_BUSY = 5,
	STATUS_GONE = 6,
	STATUS_REFUSED = 7,
	STATUS_PROTOCOL = 8,
	STATUS_FILE = 9,
	STATUS_VERIFY = 10,
	STATUS_SIGNAL = 128,
};

/**
 * status_from_errno() - exit status for what a function of the USB modules returned
 * @error: 0 or negative errno, as device.h and stream.h define them
 *
 * Return: enum iiobridge_status
 */
int status_from_errno(int error);

#endif
