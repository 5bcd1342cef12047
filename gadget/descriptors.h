/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GADGET_DESCRIPTORS_H
#define GADGET_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

#include "iiobridge/gadget.h"

#define DESCRIPTORS_SIZE 1024 /* enough for all endpoints at three speeds */

/**
 * descriptors_write() - the descriptors of the function, as FunctionFS takes them
 * @buffer: receives them, DESCRIPTORS_SIZE bytes
 * @layout: the endpoints
 *
 * One vendor-specific interface for full, high and super speed; bulk endpoints with the largest
 * packets of the speed and, at super speed, the bursts of @layout; and Microsoft OS descriptors, so
 * that Windows binds WinUSB by itself. Format: struct
 * usb_functionfs_descs_head_v2 in include/uapi/linux/usb/functionfs.h, USB 3.2 chapter 9.6.
 *
 * Return: number of bytes written.
 */
size_t descriptors_write(uint8_t *buffer, const struct function_layout *layout);

/**
 * descriptors_write_strings() - the strings of the function, as FunctionFS takes them
 * @buffer: receives them, DESCRIPTORS_SIZE bytes
 *
 * Return: number of bytes written.
 */
size_t descriptors_write_strings(uint8_t *buffer);

#endif
