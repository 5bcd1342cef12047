/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GADGET_DESCRIPTORS_H
#define GADGET_DESCRIPTORS_H

#include "gadget.h"

/**
 * descriptors_write() - give FunctionFS the descriptors of the function
 * @ep0: its file, just opened
 * @layout: the endpoints
 * @events: eventfd that the kernel adds 1 to for each event of ep0, or -1
 *
 * One vendor-specific interface for full, high and super speed; bulk endpoints with the largest
 * packets of the speed and, at super speed, the bursts of @layout; and Microsoft OS descriptors, so
 * that Windows binds WinUSB by itself. Format: struct
 * usb_functionfs_descs_head_v2 in include/uapi/linux/usb/functionfs.h, USB 3.2 chapter 9.6.
 *
 * Return: 0 or a negative errno, not logged.
 */
int descriptors_write(int ep0, const struct function_layout *layout, int events);

/**
 * descriptors_write_strings() - give FunctionFS the strings of the function
 * @ep0: its file, which has the descriptors
 *
 * Return: 0 or a negative errno, not logged.
 */
int descriptors_write_strings(int ep0);

#endif
