/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what needs privileges
 *
 * The gadget and triggers in configfs and the mounted FunctionFS are made by root, for the user
 * that the daemon runs as, who gets the devices that the configuration names, too. A daemon that is
 * root itself does that on its own; otherwise "iiobridged --set-up=USER" and "iiobridged
 * --clean-up" do it before and after it. The lock is what keeps all of them from working on the
 * gadget of a running daemon. Root works in a directory of his own, see ROOT_DIRECTORY: what
 * the daemon's user puts into his is no concern of it.
 */
#ifndef DAEMON_SET_UP_H
#define DAEMON_SET_UP_H

#include "config/config.h"

/**
 * lock_take() - become the only iiobridged of this board
 *
 * Return: a file descriptor, which holds the lock until it is closed, or a negative errno, logged:
 * -EBUSY when another one runs.
 */
int lock_take(void);

/**
 * set_up_join_init() - let what this process mounts be seen by all
 *
 * For a process that makes the gadget for another one.
 *
 * Return: 0 or a negative errno, logged.
 */
int set_up_join_init(void);

/**
 * set_up() - make the gadget and mount its FunctionFS, make triggers; for root with the lock
 * @config: what the board looks like, and which triggers its routes need
 * @user: name of the user who gets them, and the lock; NULL for root
 *
 * What a killed predecessor left behind is removed first.
 *
 * Return: 0 or a negative errno, logged; then nothing is left.
 */
int set_up(const struct bridge_config *config, const char *user);

/**
 * clean_up() - remove what set_up() made; for root with the lock
 *
 * Return: 0 or a negative errno, logged.
 */
int clean_up(void);

/**
 * set_up_grant() - let a user use the devices that a configuration names; for root
 * @config: what it names need not be there
 * @user: name of the user
 *
 * Return: 0 or a negative errno, logged.
 */
int set_up_grant(const struct bridge_config *config, const char *user);

/**
 * set_up_check() - whether set_up() was done for the user of this process
 *
 * Return: 0 or a negative errno, logged.
 */
int set_up_check(void);

#endif
