/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: where FunctionFS instances are mounted
 *
 * Root mounts them. Where somebody else could put another directory, or a link, in place of one on
 * the way, he would choose what root covers with a file system.
 */
#ifndef GADGET_MOUNT_H
#define GADGET_MOUNT_H

#include <stdbool.h>

/**
 * functionfs_mount() - mount an instance
 * @instance: its name
 * @path: absolute path of the directory to mount it on, which is made when it is not there; those
 *	that it is in must be root's alone
 * @options: of FunctionFS
 *
 * Return: 0 or a negative errno, logged.
 */
int functionfs_mount(const char *instance, const char *path, const char *options);

/**
 * functionfs_unmount() - unmount instances, however often and wherever they are mounted
 * @is_wanted: whether an instance of this name is one of them
 *
 * Return: whether there was one.
 */
bool functionfs_unmount(bool (*is_wanted)(const char *instance));

#endif
