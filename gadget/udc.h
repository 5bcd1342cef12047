/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what USB device controllers make of scatter lists
 *
 * FunctionFS hands a controller's driver the scatter list of a DMABUF and a length
 * (ffs_dmabuf_transfer() in f_fs.c). What a driver cannot do with it, it seldom says: most send
 * something else.
 */
#ifndef IIOBRIDGE_UDC_H
#define IIOBRIDGE_UDC_H

#include "core/port.h"

#define UDC_CLASS "/sys/class/udc"

/**
 * udc_find_limits() - what a controller takes
 * @name: of the UDC, as in /sys/class/udc
 * @limits: receives it
 *
 * Where it is not known how a driver handles scatter lists, it is taken to handle none.
 */
void udc_find_limits(const char *name, struct port_limits *limits);

#endif
