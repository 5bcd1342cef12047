/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is called otherwise in the kernels of some boards. The module itself is written for the
 * newest.
 */
#ifndef IIOSIM_COMPAT_H
#define IIOSIM_COMPAT_H

#include <linux/dmaengine.h>
#include <linux/iio/buffer-dmaengine.h>
#include <linux/iio/iio.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

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

/* Linux 6.1 has no DMABUFs, and no DMA buffers for what goes out: there are no DACs. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define IIOSIM_HAS_DACS false
#define iiosim_buffer_setup(dev, indio_dev, channel, direction) \
	devm_iio_dmaengine_buffer_setup(dev, indio_dev, channel)
#else
#define IIOSIM_HAS_DACS	    true
#define iiosim_buffer_setup devm_iio_dmaengine_buffer_setup_ext
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
struct dma_vec {
	dma_addr_t addr;
	size_t len;
};

#define iiosim_set_prep_vec(device, prep) ((void)(prep))
#define iiosim_remove			  remove_new
#else
#define iiosim_set_prep_vec(device, prep) ((device)->device_prep_peripheral_dma_vec = (prep))
#define iiosim_remove			  remove
#endif

/* Without an owner: the driver does not hold the module that it is in. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define iiosim_register_unowned(driver) __platform_driver_register(driver, NULL)
#else
#define iiosim_register_unowned(driver) __platform_driver_register(driver, NULL, KBUILD_MODNAME)
#endif

#endif
