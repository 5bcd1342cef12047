/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of the cores in the fabric, as far as their drivers look at them: of AXI-DMAC those
 * that move samples, of AXI ADC and AXI DAC what the drivers wait for. All others keep what is
 * written.
 */
#ifndef AXISIM_CORES_H
#define AXISIM_CORES_H

#include <linux/types.h>

struct device;
struct platform_device;
struct regmap;
struct regmap_config;

/**
 * cores_init() - sets all registers to what they are after a reset
 */
void cores_init(void);

/**
 * cores_adc_channels() - which channels of the ADC are on, bit 0 for channel 0
 */
unsigned int cores_adc_channels(void);

/**
 * cores_map() - in place of devm_platform_ioremap_resource()
 *
 * Return: the registers of the core that is at the address, for the functions below, or an error
 * pointer.
 */
void __iomem *cores_map(struct platform_device *pdev, unsigned int index);

/**
 * cores_regmap() - in place of devm_regmap_init_mmio()
 */
struct regmap *cores_regmap(struct device *dev, void __iomem *registers,
			    const struct regmap_config *config);

/**
 * cores_read() - in place of readl()
 */
u32 cores_read(const void __iomem *address);

/**
 * cores_write() - in place of writel()
 */
void cores_write(u32 value, void __iomem *address);

#endif
