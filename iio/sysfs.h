/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the files of an IIO device in sysfs
 *
 * Documentation/ABI/testing/sysfs-bus-iio of the kernel. A driver may take its time for a file of
 * its own.
 */
#ifndef IIOBRIDGE_SYSFS_H
#define IIOBRIDGE_SYSFS_H

#include "converter.h"

/* Bytes that do for the path of any file of a device. */
#define SYSFS_PATH_SIZE 192

/**
 * sysfs_path() - path of a file of a device
 * @id: the kernel's name of the device, such as iio:device0
 * @file: name, below the device's folder
 * @path: receives the path
 */
void sysfs_path(const char *id, const char *file, char path[SYSFS_PATH_SIZE]);

/**
 * sysfs_write() - write a file
 * @directory: that @name is relative to, or AT_FDCWD
 * @name: its path
 * @value: text
 *
 * Return: 0 or a negative errno, not logged.
 */
int sysfs_write(int directory, const char *name, const char *value);

/**
 * sysfs_read() - read a file
 * @path: of the file
 * @text: receives what is in it, without the newline at its end; cut where it is too long
 * @size: bytes in @text
 *
 * Return: 0 or a negative errno, not logged.
 */
int sysfs_read(const char *path, char *text, size_t size);

/** sysfs_is_read_only() - whether a file is there that not even root may write */
bool sysfs_is_read_only(const char *path);

/**
 * sysfs_read_number() - read a file with a number
 * @path: of the file
 * @number: receives it
 *
 * Return: whether there is something in the file; @number is as it was if not.
 */
bool sysfs_read_number(const char *path, double *number);

/**
 * sysfs_open() - get the file of an attribute
 * @converter: the converter
 * @attribute: name of an attribute of the device
 * @error: receives the reason of a failure
 *
 * libiio opens an attribute for each reading; this one is read once for each block. Once the device
 * has gone, reading it fails with ENODEV (kernfs_seq_start() in fs/kernfs/file.c), also when it has
 * come back.
 *
 * Return: a file descriptor, the caller's, or a negative errno.
 */
int sysfs_open(const struct converter *converter, const char *attribute, struct error *error);

/**
 * sysfs_read_count() - read a running count
 * @fd: from sysfs_open(), of one that is a running count
 * @count: receives the value
 *
 * Return: 0 or a negative errno, not logged: -EINVAL when it is not a number.
 */
int sysfs_read_count(int fd, uint64_t *count);

#endif
