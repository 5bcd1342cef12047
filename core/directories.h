/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the daemon's name, and its directories
 *
 * Of the two in /run one is the daemon's user's, who may put there what he likes, and one is
 * root's, where the part that needs privileges works and nobody else can put a link or another
 * directory in the place of what it works on.
 */
#ifndef IIOBRIDGE_DIRECTORIES_H
#define IIOBRIDGE_DIRECTORIES_H

/*
 * Of the gadget and of its FunctionFS instance in configfs, too. Two daemons in one kernel need two
 * names: the tests build one with another, a second board.
 */
#ifndef DAEMON_NAME
#define DAEMON_NAME "iiobridge"
#endif
#define RUN_DIRECTORY  "/run/" DAEMON_NAME
#define ROOT_DIRECTORY "/run/" DAEMON_NAME "-gadget"

#endif
