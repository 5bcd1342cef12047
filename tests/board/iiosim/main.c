// SPDX-License-Identifier: GPL-2.0-only
/*
 * iiosim: simulated ADCs and DACs as real IIO devices with real DMA buffers.
 *
 * Each converter is a platform device, iiosim-adc.0 and so on, which can be unbound from and bound
 * to the driver "iiosim"; its IIO device is iiosim-adc0 and so on. iio.h describes their
 * attributes, slow.h the ADCs without DMA, iiosim-slow-adc0 and so on, phy.h the transceiver before
 * the first ADC and DAC, ad9361-phy.
 */
#include <linux/err.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>

#include "compat.h"
#include "dma.h"
#include "iio.h"
#include "phy.h"
#include "slow.h"
#include "world.h"

#define SLOW_ADC_NAME "iiosim-slow-adc"
#define PHY_NAME      "iiosim-phy"

static unsigned int adcs = 1;
module_param(adcs, uint, 0444);
MODULE_PARM_DESC(adcs, "number of ADCs, up to 4 (default: 1)");

static unsigned int dacs = 1;
module_param(dacs, uint, 0444);
MODULE_PARM_DESC(dacs, "number of DACs, up to 4 (default: 1)");

static unsigned int slow_adcs;
module_param(slow_adcs, uint, 0444);
MODULE_PARM_DESC(slow_adcs, "number of ADCs that a trigger starts, up to 4 (default: 0)");

static unsigned int channels = 2;
module_param(channels, uint, 0444);
MODULE_PARM_DESC(channels, "number of channels of each, 2 or 4 (default: 2)");

static bool phys;
module_param(phys, bool, 0444);
MODULE_PARM_DESC(phys, "1: a transceiver before the first ADC and DAC (default: 0)");

static struct platform_device *devices[3 * IIOSIM_MAX_CONVERTERS + 1];

/* What the transceiver hears, if there is one */
static struct world *world;

static int converter_probe(struct platform_device *pdev)
{
	bool is_adc = !strcmp(pdev->name, IIOSIM_ADC_NAME);
	char name[24];

	/* Its number may be anything if somebody else made the device. */
	if (pdev->id < 0 || pdev->id >= IIOSIM_MAX_CONVERTERS)
		return -ENODEV;
	if (!strcmp(pdev->name, IIOSIM_DAC_NAME) && !IIOSIM_HAS_DACS)
		return -ENODEV;
	snprintf(name, sizeof(name), "%s%d", pdev->name, pdev->id);
	if (!strcmp(pdev->name, SLOW_ADC_NAME))
		return slow_adc_register(&pdev->dev, name);
	if (!strcmp(pdev->name, PHY_NAME)) {
		if (!world || pdev->id)
			return -ENODEV;
		return phy_register(&pdev->dev, world, dma_converter(true, 0),
				    dma_converter(false, 0), channels / 2);
	}

	return iio_converter_register(&pdev->dev, dma_converter(is_adc, pdev->id), name, channels);
}

static const struct platform_device_id converter_ids[] = {
	{ IIOSIM_ADC_NAME }, { IIOSIM_DAC_NAME }, { SLOW_ADC_NAME }, { PHY_NAME }, {},
};

static struct platform_driver converter_driver = {
	.probe = converter_probe,
	.id_table = converter_ids,
	.driver = { .name = "iiosim" },
};

static void converters_remove(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(devices); i++)
		platform_device_unregister(devices[i]);
}

static int __init converter_add(unsigned int slot, const char *name, unsigned int index)
{
	struct platform_device *device = platform_device_register_simple(name, index, NULL, 0);

	if (IS_ERR(device))
		return PTR_ERR(device);
	devices[slot] = device;

	return 0;
}

static int __init converters_add(void)
{
	unsigned int slot = 0;
	int ret = 0;

	for (unsigned int i = 0; i < adcs && !ret; i++)
		ret = converter_add(slot++, IIOSIM_ADC_NAME, i);
	for (unsigned int i = 0; i < dacs && !ret; i++)
		ret = converter_add(slot++, IIOSIM_DAC_NAME, i);
	for (unsigned int i = 0; i < slow_adcs && !ret; i++)
		ret = converter_add(slot++, SLOW_ADC_NAME, i);
	if (phys && !ret)
		ret = converter_add(slot++, PHY_NAME, 0);

	return ret;
}

static int __init iiosim_init(void)
{
	int ret;

	if (adcs > IIOSIM_MAX_CONVERTERS || dacs > IIOSIM_MAX_CONVERTERS ||
	    slow_adcs > IIOSIM_MAX_CONVERTERS) {
		pr_err("iiosim: adcs=%u dacs=%u slow_adcs=%u: at most %u of each\n", adcs, dacs,
		       slow_adcs, IIOSIM_MAX_CONVERTERS);
		return -EINVAL;
	}
	if (channels != 2 && channels != 4) {
		pr_err("iiosim: channels=%u: 2 or 4\n", channels);
		return -EINVAL;
	}

	ret = dma_init();
	if (ret)
		return ret;
	if (phys) {
		world = world_create();
		if (!world) {
			ret = -ENOMEM;
			goto err_dma;
		}
		converter_connect(dma_converter(true, 0), dma_converter(false, 0), world);
	}
	ret = platform_driver_register(&converter_driver);
	if (ret)
		goto err_world;
	ret = converters_add();
	if (ret)
		goto err_devices;

	return 0;

err_devices:
	converters_remove();
	platform_driver_unregister(&converter_driver);
err_world:
	world_destroy(world);
err_dma:
	dma_exit();
	return ret;
}

static void __exit iiosim_exit(void)
{
	converters_remove();
	platform_driver_unregister(&converter_driver);
	world_destroy(world);
	dma_exit();
}

module_init(iiosim_init);
module_exit(iiosim_exit);

MODULE_DESCRIPTION("Simulated ADCs and DACs with IIO DMA buffers");
MODULE_LICENSE("GPL");
