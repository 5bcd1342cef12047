/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what a board has, and what it lacks
 *
 * Everything that moving samples rests on, a line for each thing: what is there, what is missing,
 * and what to do then. It changes nothing, and can be asked beside a daemon that streams; what that
 * one has in use is not looked at then.
 */
#ifndef IIOBRIDGE_CHECK_BOARD_H
#define IIOBRIDGE_CHECK_BOARD_H

#include <stdbool.h>

#include "config/config.h"

/**
 * check_board() - look at the board and print what is found
 * @config: its gadget and its routes are looked at, too; NULL where there is none that is valid
 * @why: why there is none, a sentence; not read where there is one
 * @json: as JSON
 *
 * Return: whether nothing is missing that a route, or any route, would need.
 */
bool check_board(const struct bridge_config *config, const char *why, bool json);

#endif
