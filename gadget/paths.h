/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: where the gadget is in the file system
 */
#ifndef GADGET_PATHS_H
#define GADGET_PATHS_H

#include "gadget.h"

#define CONFIGFS	 "/sys/kernel/config"
#define GADGET_DIRECTORY CONFIGFS "/usb_gadget/" GADGET_NAME
#define GADGET_UDC_FILE	 GADGET_DIRECTORY "/UDC"

#endif
