// SPDX-License-Identifier: GPL-2.0-only
#include <linux/adi-axi-common.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/platform_device.h>
#include <linux/regmap.h>

#include "cores.h"
#include "dmac.h"

#define CORE_BYTES 0x1000

/* Of AXI ADC and AXI DAC */
#define REG_DRP_STATUS 0x74
#define DRP_LOCKED     BIT(17)
/* Of AXI ADC: whether a channel is on, and what is wrong with its pattern in a calibration */
#define REG_CHAN_CTRL(channel)	 (0x400 + (channel)*0x40)
#define CHAN_ENABLE		 BIT(0)
#define REG_CHAN_STATUS(channel) (0x404 + (channel)*0x40)

#define ADC_CHANNELS 2

/* Which core is where; the first are the DMA engines, with the numbers of enum dmac. */
enum { CORE_ADC = DMACS, CORE_DAC };

static struct core {
	resource_size_t address;
	u32 version;
	u32 registers[CORE_BYTES / sizeof(u32)];
} cores[] = {
	[DMAC_ADC] = { .address = 0xf0000000 },
	[DMAC_DAC] = { .address = 0xf0010000 },
	[CORE_ADC] = { .address = 0xf0020000, .version = ADI_AXI_PCORE_VER(10, 0, 'a') },
	[CORE_DAC] = { .address = 0xf0030000, .version = ADI_AXI_PCORE_VER(9, 1, 'b') },
};

void cores_init(void)
{
	for (struct core *core = &cores[CORE_ADC]; core <= &cores[CORE_DAC]; core++) {
		core->registers[ADI_AXI_REG_VERSION / sizeof(u32)] = core->version;
		core->registers[REG_DRP_STATUS / sizeof(u32)] = DRP_LOCKED;
	}
}

void __iomem *cores_map(struct platform_device *pdev, unsigned int index)
{
	const struct resource *resource = platform_get_resource(pdev, IORESOURCE_MEM, index);

	for (struct core *core = cores; core < cores + ARRAY_SIZE(cores); core++)
		if (resource && resource->start == core->address)
			return (void __iomem *)core->registers;

	return IOMEM_ERR_PTR(-ENXIO);
}
EXPORT_SYMBOL_GPL(cores_map);

unsigned int cores_adc_channels(void)
{
	unsigned int mask = 0;

	for (unsigned int i = 0; i < ADC_CHANNELS; i++)
		if (cores[CORE_ADC].registers[REG_CHAN_CTRL(i) / sizeof(u32)] & CHAN_ENABLE)
			mask |= BIT(i);

	return mask;
}

/* Whose register it is, and its place there */
static unsigned int find(const void __iomem *address, unsigned int *offset)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cores); i++) {
		uintptr_t place = (uintptr_t)address - (uintptr_t)cores[i].registers;

		*offset = place;
		if (place < CORE_BYTES)
			return i;
	}
	BUG();
}

u32 cores_read(const void __iomem *address)
{
	unsigned int offset, core = find(address, &offset);

	return core < DMACS ? dmac_read(core, offset) : cores[core].registers[offset / sizeof(u32)];
}
EXPORT_SYMBOL_GPL(cores_read);

/* Nothing is ever wrong. */
static bool is_channel_status(unsigned int core, unsigned int offset)
{
	return core == CORE_ADC && (offset == REG_CHAN_STATUS(0) || offset == REG_CHAN_STATUS(1));
}

void cores_write(u32 value, void __iomem *address)
{
	unsigned int offset, core = find(address, &offset);

	if (core < DMACS)
		dmac_write(core, offset, value);
	else if (!is_channel_status(core, offset))
		cores[core].registers[offset / sizeof(u32)] = value;
}
EXPORT_SYMBOL_GPL(cores_write);

static int regmap_from(void *registers, unsigned int offset, unsigned int *value)
{
	*value = cores_read((void __iomem *)(registers + offset));

	return 0;
}

static int regmap_to(void *registers, unsigned int offset, unsigned int value)
{
	cores_write(value, (void __iomem *)(registers + offset));

	return 0;
}

struct regmap *cores_regmap(struct device *dev, void __iomem *registers,
			    const struct regmap_config *config)
{
	struct regmap_config redirected = *config;

	redirected.reg_read = regmap_from;
	redirected.reg_write = regmap_to;
	redirected.fast_io = true;

	return devm_regmap_init(dev, NULL, (void __force *)registers, &redirected);
}
EXPORT_SYMBOL_GPL(cores_regmap);
