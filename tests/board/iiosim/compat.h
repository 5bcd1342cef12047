/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is called otherwise in the kernels of some boards. The module itself is written for the newest.
 */
#ifndef IIOSIM_COMPAT_H
#define IIOSIM_COMPAT_H

#include <linux/iio/iio.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define iiosim_import_namespace(name) MODULE_IMPORT_NS(name)
#else
#define iiosim_import_namespace(name) MODULE_IMPORT_NS(#name)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
static inline bool iio_device_claim_direct(struct iio_dev *indio_dev)
{
	return !iio_device_claim_direct_mode(indio_dev);
}

static inline void iio_device_release_direct(struct iio_dev *indio_dev)
{
	iio_device_release_direct_mode(indio_dev);
}
#endif

/* Without an owner: the driver does not hold the module that it is in. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define iiosim_register_unowned(driver) __platform_driver_register(driver, NULL)
#else
#define iiosim_register_unowned(driver) __platform_driver_register(driver, NULL, KBUILD_MODNAME)
#endif

#endif
