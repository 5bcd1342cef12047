// SPDX-License-Identifier: GPL-2.0-only
/*
 * axisim: what is in the fabric of an FPGA and on the board around it, for the kernel's own drivers
 * of AXI-DMAC, AXI ADC, AXI DAC, AD9652 and AD9739A: registers, an interrupt controller, and an SPI
 * controller with the converters. The device tree gets nodes.dtso when the module is loaded, and
 * keeps it: it cannot be unloaded.
 */
#include <linux/clk.h>
#include <linux/err.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/property.h>

#include "cores.h"
#include "dmac.h"
#include "spi.h"

extern const u8 axisim_nodes[], axisim_nodes_end[];

static int interrupt_map(struct irq_domain *domain, unsigned int irq, irq_hw_number_t number)
{
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);

	return 0;
}

static const struct irq_domain_ops interrupt_ops = {
	.map = interrupt_map,
	.xlate = irq_domain_xlate_onecell,
};

static int fabric_probe(struct platform_device *pdev)
{
	static const char *const clocks[DMACS] = { [DMAC_ADC] = "adc", [DMAC_DAC] = "dac" };
	struct device *dev = &pdev->dev;
	struct irq_domain *domain =
		irq_domain_create_linear(dev_fwnode(dev), DMACS, &interrupt_ops, NULL);

	if (!domain)
		return -ENOMEM;
	cores_init();
	for (enum dmac i = 0; i < DMACS; i++) {
		struct clk *clock = devm_clk_get(dev, clocks[i]);
		int ret;

		if (IS_ERR(clock))
			return PTR_ERR(clock);
		ret = dmac_init(i, domain, clk_get_rate(clock));
		if (ret)
			return ret;
	}

	return 0;
}

static const struct of_device_id fabric_ids[] = {
	{ .compatible = "axisim" },
	{},
};

static struct platform_driver fabric_driver = {
	.probe = fabric_probe,
	.driver = {
		.name = "axisim",
		.of_match_table = fabric_ids,
		.suppress_bind_attrs = true,
	},
};

static int __init axisim_init(void)
{
	int changes, ret = platform_driver_register(&fabric_driver);

	if (ret)
		return ret;
	ret = platform_driver_register(&spi_driver);
	if (ret)
		goto err_fabric;
	ret = of_overlay_fdt_apply(axisim_nodes, axisim_nodes_end - axisim_nodes, &changes, NULL);
	if (ret)
		goto err_spi;

	return 0;

err_spi:
	platform_driver_unregister(&spi_driver);
err_fabric:
	platform_driver_unregister(&fabric_driver);
	return ret;
}

module_init(axisim_init);

MODULE_DESCRIPTION("Registers of AXI-DMAC, AXI ADC and AXI DAC, and converters at them");
MODULE_LICENSE("GPL");
