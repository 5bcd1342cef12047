/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope_tuner.h - frequency and gain of a scope's route, by keys
 *
 * Drivers take their time, and the picture does not wait for them: a thread sets what was wanted
 * last, and looks once a second whether others have changed it.
 */
#ifndef HOST_SCOPE_TUNER_H
#define HOST_SCOPE_TUNER_H

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>

struct failure;

/** struct scope_tuner - what can be tuned, and to what it is; opaque */
struct scope_tuner;

/**
 * scope_tuner_new() - read what a route's radio is tuned to
 * @board: the board, which has to stay open
 * @route: the route, as it runs
 * @failure: gets the reason of an error
 * @tuner: gets it, to be given to scope_tuner_free(); NULL where there is nothing to be tuned
 *
 * Return: enum exit_status.
 */
int scope_tuner_new(struct iiobridge_board *board, const struct iiobridge_route *route,
		    struct failure *failure, struct scope_tuner **tuner);

/** scope_tuner_free() - wait for the driver that is at work, and release; NULL does no harm */
void scope_tuner_free(struct scope_tuner *tuner);

/**
 * scope_tuner_key() - do what a key of terminal_key() says; does not wait for it
 *
 * Left and right move the frequency by a step, which [ and ] make ten times smaller and larger; up
 * and down move all gains. What is beyond the range of a control ends at its limit.
 */
void scope_tuner_key(struct scope_tuner *tuner, int key);

/**
 * scope_tuner_format() - what the devices have taken, the keys, and what was refused, in one line
 *
 * Return: @line, which has room for @size bytes; empty where @tuner is NULL.
 */
const char *scope_tuner_format(struct scope_tuner *tuner, char *line, size_t size);

#endif
