/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To be included before a driver's own headers: its registers are those of axisim then, and nothing
 * else of the driver is changed.
 */
#ifndef AXISIM_REDIRECT_H
#define AXISIM_REDIRECT_H

#include <linux/io.h>
#include <linux/platform_device.h>
#include <linux/regmap.h>

#include "cores.h"

#undef readl
#undef writel
#undef devm_regmap_init_mmio
#define readl(address)		       cores_read(address)
#define writel(value, address)	       cores_write(value, address)
#define devm_platform_ioremap_resource cores_map
#define devm_regmap_init_mmio	       cores_regmap

#endif
