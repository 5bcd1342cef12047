/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what the daemon's user may use
 *
 * Device nodes and IIO attributes are root's. The user of a daemon that is not root may use those
 * that the configuration names, and no others: the nodes by an entry in their access control lists,
 * so that they keep their owner and group, and the attributes, for which sysfs has no such lists,
 * as their owner. udev calls "iiobridged --grant=USER" for each device that comes, the service
 * before it reads its configuration, at its start and again.
 */
#ifndef IIOBRIDGE_ACCESS_H
#define IIOBRIDGE_ACCESS_H

#include <sys/types.h>

#include "config/config.h"

/**
 * access_grant() - let a user use what a configuration names, and nothing else; for root
 * @config: the configuration; what it names need not be there
 * @uid: user, who owns the attributes then
 * @gid: his group, which gets the nodes: an entry for a user would be removed by systemd when
 *	somebody logs in at the board, from nodes that have the tag uaccess (devnode_acl() in its
 *	src/shared/devnode-acl.c)
 *
 * What he was given before, for another configuration, is taken back. The attributes are those of
 * buffers, the trigger where one is configured, the frequency of a trigger that is the daemon's,
 * what routes set, and controls that a host may set. Nothing needs to be done for root.
 *
 * Return: 0 or a negative errno, logged; the rest is done nevertheless.
 */
int access_grant(const struct bridge_config *config, uid_t uid, gid_t gid);

#endif
