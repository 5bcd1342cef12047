/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * board.h - what the parts of libiiobridge share
 *
 * The library is the host's modules behind one lock for each board: they know of one thread. Who
 * waits for the lock wakes the one that waits for the bus.
 */
#ifndef LIBRARY_BOARD_H
#define LIBRARY_BOARD_H

#include "host/failure.h"
#include "host/session.h"

#include <iiobridge/iiobridge.h>

#include <stdint.h>

struct device;

/* So often a wait for the bus looks whether the route has stopped by itself. */
#define BOARD_SLICE_MS 250

/**
 * board_enter() - become the one thread that uses a board's modules
 * @board: the board
 *
 * Threads get in in the order in which they come.
 */
void board_enter(struct iiobridge_board *board);

/**
 * board_leave() - let the next thread in
 * @board: the board
 */
void board_leave(struct iiobridge_board *board);

/**
 * board_device() - the board, for the host's modules
 * @board: a board that was entered, as for all that follows
 *
 * Return: valid until iiobridge_close().
 */
struct device *board_device(const struct iiobridge_board *board);

/**
 * board_failed() - make the reason of an error the one that iiobridge_message() tells
 * @board: the board
 * @error: negative errno, or what is no error
 *
 * Return: @error.
 */
int board_failed(const struct iiobridge_board *board, int error);

/**
 * board_begin_run() - prepare what a run of a route needs of its board
 * @board: the board
 * @route: number of the route
 * @parameters: from the user, may be NULL
 * @settings: gets the settings, without an observer
 *
 * Return: 0, and board_end_run() is to be called when the run was freed; or negative errno.
 */
int board_begin_run(struct iiobridge_board *board, unsigned int route,
		    const struct iiobridge_parameters *parameters,
		    struct session_settings *settings);

/**
 * board_end_run() - a run is over
 * @board: the board
 */
void board_end_run(struct iiobridge_board *board);

/**
 * board_time_left() - how much of a timeout is left
 * @end_ns: when it is over, on the clock of clock_now_ns()
 *
 * Return: milliseconds, rounded up, at most %BOARD_SLICE_MS.
 */
unsigned int board_time_left(uint64_t end_ns);

/**
 * message_set() - store the reason of an error for this thread
 * @failure: the reason
 */
void message_set(const struct failure *failure);

#endif
