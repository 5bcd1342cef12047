// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "compat.h"
#include "dma.h"

#define CHANNELS (2 * IIOSIM_MAX_CONVERTERS)

static bool ignore_repeat;
module_param(ignore_repeat, bool, 0644);
MODULE_PARM_DESC(ignore_repeat,
		 "do a transfer once that is to be repeated, as some engines (default: 0)");

static unsigned int dma_bits = 64;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "bits of the addresses that the engine reaches (default: 64)");

static char *driver = "iiosim-dma";
module_param(driver, charp, 0444);
MODULE_PARM_DESC(driver, "name of the engine's driver (default: iiosim-dma)");

static bool no_vec;
module_param(no_vec, bool, 0444);
MODULE_PARM_DESC(no_vec, "take no lists of DMABUFs' pieces, as most engines (default: 0)");

static unsigned int bus_width = 2;
module_param(bus_width, uint, 0444);
MODULE_PARM_DESC(bus_width, "bytes that the address and the length of a piece are multiples of, a "
			    "power of two up to 128 (default: 2)");

static unsigned int max_seg_size = SZ_1G;
module_param(max_seg_size, uint, 0444);
MODULE_PARM_DESC(max_seg_size, "bytes in the longest piece that is taken (default: 1 GiB)");

struct channel {
	struct dma_chan chan;
	struct converter *converter;
	bool is_adc;
	char device_name[16]; /* of the converter's platform device */
	char thread_name[16];
	spinlock_t lock; /* protects cookies and the list */
	struct list_head submitted;
};

struct descriptor {
	struct dma_async_tx_descriptor tx;
	struct converter_block block; /* the last: its pieces follow */
};

static struct {
	struct dma_device device;
	struct dma_slave_map map[CHANNELS];
	struct channel channel[CHANNELS];
	struct platform_device *platform;
} engine;

static struct channel *to_channel(struct dma_chan *chan)
{
	return container_of(chan, struct channel, chan);
}

static struct descriptor *to_descriptor(struct converter_block *block)
{
	return container_of(block, struct descriptor, block);
}

static void channel_done(void *owner, struct converter_block *block, bool completed)
{
	const struct dmaengine_result result = { .result = DMA_TRANS_NOERROR };
	struct descriptor *descriptor = to_descriptor(block);
	struct dma_async_tx_descriptor *tx = &descriptor->tx;
	struct channel *channel = owner;

	if (completed) {
		scoped_guard(spinlock_irqsave, &channel->lock) channel->chan.completed_cookie =
			tx->cookie;
		if (tx->callback_result)
			tx->callback_result(tx->callback_param, &result);
		else if (tx->callback)
			tx->callback(tx->callback_param);
	}
	kfree(descriptor);
}

static dma_cookie_t channel_submit(struct dma_async_tx_descriptor *tx)
{
	struct descriptor *descriptor = container_of(tx, struct descriptor, tx);
	struct channel *channel = to_channel(tx->chan);

	guard(spinlock_irqsave)(&channel->lock);
	tx->cookie = channel->chan.cookie == INT_MAX ? DMA_MIN_COOKIE : channel->chan.cookie + 1;
	channel->chan.cookie = tx->cookie;
	list_add_tail(&descriptor->block.entry, &channel->submitted);

	return tx->cookie;
}

static struct descriptor *descriptor_alloc(struct dma_chan *chan, size_t pieces,
					   enum dma_transfer_direction direction,
					   unsigned long flags)
{
	struct channel *channel = to_channel(chan);
	struct descriptor *descriptor;

	if (!pieces || direction != (channel->is_adc ? DMA_DEV_TO_MEM : DMA_MEM_TO_DEV))
		return NULL;
	/* The caller may be in the path that signals a fence: no waiting for memory. */
	descriptor = kzalloc(struct_size(descriptor, block.piece, pieces), GFP_NOWAIT);
	if (!descriptor)
		return NULL;
	dma_async_tx_descriptor_init(&descriptor->tx, chan);
	descriptor->tx.flags = flags;
	descriptor->tx.tx_submit = channel_submit;
	descriptor->block.pieces = pieces;
	descriptor->block.repeats = flags & DMA_PREP_REPEAT && !ignore_repeat;
	descriptor->block.takes_over = flags & DMA_PREP_LOAD_EOT;

	return descriptor;
}

/*
 * dma-axi-dmac looks at lengths and addresses (axi_dmac_check_len(), axi_dmac_check_addr()), and
 * splits what is longer than a transfer; this one refuses that, as an engine would that does not
 * split.
 */
static int descriptor_set_piece(struct descriptor *descriptor, unsigned int i, dma_addr_t address,
				size_t bytes)
{
	struct device *dev = engine.device.dev;

	if (!bytes || (address | bytes) % bus_width || bytes > max_seg_size)
		return -EINVAL;
	/* Nothing translates this engine's addresses; they may be those of bounce buffers. */
	descriptor->block.piece[i].memory = phys_to_virt(dma_to_phys(dev, address));
	descriptor->block.piece[i].bytes = bytes;
	descriptor->block.bytes += bytes;

	return 0;
}

static struct dma_async_tx_descriptor *channel_prep_vec(struct dma_chan *chan,
							const struct dma_vec *vecs, size_t nents,
							enum dma_transfer_direction direction,
							unsigned long flags)
{
	struct descriptor *descriptor = descriptor_alloc(chan, nents, direction, flags);

	if (!descriptor)
		return NULL;
	for (size_t i = 0; i < nents; i++) {
		if (descriptor_set_piece(descriptor, i, vecs[i].addr, vecs[i].len)) {
			kfree(descriptor);
			return NULL;
		}
	}

	return &descriptor->tx;
}

static struct dma_async_tx_descriptor *
channel_prep_sg(struct dma_chan *chan, struct scatterlist *list, unsigned int length,
		enum dma_transfer_direction direction, unsigned long flags, void *context)
{
	struct descriptor *descriptor = descriptor_alloc(chan, length, direction, flags);
	struct scatterlist *entry;
	unsigned int i;

	if (!descriptor)
		return NULL;
	for_each_sg(list, entry, length, i) {
		if (descriptor_set_piece(descriptor, i, sg_dma_address(entry), sg_dma_len(entry))) {
			kfree(descriptor);
			return NULL;
		}
	}

	return &descriptor->tx;
}

static void channel_issue_pending(struct dma_chan *chan)
{
	struct channel *channel = to_channel(chan);
	struct converter_block *block, *next;
	LIST_HEAD(blocks);

	scoped_guard(spinlock_irqsave, &channel->lock)
		list_splice_tail_init(&channel->submitted, &blocks);
	list_for_each_entry_safe (block, next, &blocks, entry) {
		list_del(&block->entry);
		converter_queue(channel->converter, block);
	}
}

static int channel_terminate(struct dma_chan *chan)
{
	struct channel *channel = to_channel(chan);
	struct converter_block *block, *next;
	LIST_HEAD(blocks);

	scoped_guard(spinlock_irqsave, &channel->lock)
		list_splice_tail_init(&channel->submitted, &blocks);
	converter_cancel(channel->converter, &blocks);
	list_for_each_entry_safe (block, next, &blocks, entry)
		kfree(to_descriptor(block));

	return 0;
}

static void channel_synchronize(struct dma_chan *chan)
{
	converter_synchronize(to_channel(chan)->converter);
}

static enum dma_status channel_status(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	struct channel *channel = to_channel(chan);

	guard(spinlock_irqsave)(&channel->lock);
	/* The residue is known by the descriptor only: all of it or nothing. */
	dma_set_tx_state(state, chan->completed_cookie, chan->cookie, 0);

	return dma_async_is_complete(cookie, chan->completed_cookie, chan->cookie);
}

static int channel_alloc_resources(struct dma_chan *chan)
{
	return converter_open(to_channel(chan)->converter);
}

static void channel_free_resources(struct dma_chan *chan)
{
	channel_terminate(chan);
	channel_synchronize(chan);
	converter_close(to_channel(chan)->converter);
}

static bool channel_filter(struct dma_chan *chan, void *param)
{
	return to_channel(chan) == param;
}

static int channel_init(unsigned int i)
{
	struct channel *channel = &engine.channel[i];
	unsigned int index = i % IIOSIM_MAX_CONVERTERS;

	channel->is_adc = i < IIOSIM_MAX_CONVERTERS;
	snprintf(channel->device_name, sizeof(channel->device_name), "%s.%u",
		 channel->is_adc ? IIOSIM_ADC_NAME : IIOSIM_DAC_NAME, index);
	snprintf(channel->thread_name, sizeof(channel->thread_name), "%s%u",
		 channel->is_adc ? IIOSIM_ADC_NAME : IIOSIM_DAC_NAME, index);
	spin_lock_init(&channel->lock);
	INIT_LIST_HEAD(&channel->submitted);
	channel->converter =
		converter_create(channel->thread_name, channel->is_adc, channel_done, channel);
	if (IS_ERR(channel->converter)) {
		int ret = PTR_ERR(channel->converter);

		channel->converter = NULL;
		return ret;
	}

	channel->chan.device = &engine.device;
	channel->chan.cookie = DMA_MIN_COOKIE;
	channel->chan.completed_cookie = DMA_MIN_COOKIE;
	list_add_tail(&channel->chan.device_node, &engine.device.channels);
	engine.map[i] = (struct dma_slave_map){
		.devname = channel->device_name,
		.slave = channel->is_adc ? "rx" : "tx",
		.param = channel,
	};

	return 0;
}

static void converters_destroy(void)
{
	for (unsigned int i = 0; i < CHANNELS; i++)
		converter_destroy(engine.channel[i].converter);
}

static int engine_probe(struct platform_device *pdev)
{
	struct dma_device *device = &engine.device;
	int ret;

	if (!is_power_of_2(bus_width) || bus_width > 128)
		return -EINVAL;
	ret = dma_coerce_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return ret;
	/* How large a block of the file interface may be */
	dma_set_max_seg_size(&pdev->dev, max_seg_size);

	device->dev = &pdev->dev;
	dma_cap_set(DMA_SLAVE, device->cap_mask);
	dma_cap_set(DMA_PRIVATE, device->cap_mask);
	device->directions = BIT(DMA_DEV_TO_MEM) | BIT(DMA_MEM_TO_DEV);
	/*
	 * As dma-axi-dmac: a bit for each side, where the one of the memory is at most 16 bytes
	 * wide. The fields have 32 bits, so that nobody is told of a side of 32 bytes or more.
	 */
	device->src_addr_widths = BIT(min(bus_width, 16U));
	device->dst_addr_widths = bus_width < 32 ? BIT(bus_width) : 0;
	device->residue_granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
	device->device_alloc_chan_resources = channel_alloc_resources;
	device->device_free_chan_resources = channel_free_resources;
	if (!no_vec)
		iiosim_set_prep_vec(device, channel_prep_vec);
	device->device_prep_slave_sg = channel_prep_sg;
	device->device_terminate_all = channel_terminate;
	device->device_synchronize = channel_synchronize;
	device->device_tx_status = channel_status;
	device->device_issue_pending = channel_issue_pending;
	device->filter.fn = channel_filter;
	device->filter.map = engine.map;
	device->filter.mapcnt = CHANNELS;
	INIT_LIST_HEAD(&device->channels);
	for (unsigned int i = 0; i < CHANNELS; i++) {
		ret = channel_init(i);
		if (ret)
			goto err_converters;
	}
	ret = dma_async_device_register(device);
	if (ret)
		goto err_converters;

	return 0;

err_converters:
	converters_destroy();
	return ret;
}

static void engine_remove(struct platform_device *pdev)
{
	dma_async_device_unregister(&engine.device);
	converters_destroy();
}

static struct platform_driver engine_driver = {
	.probe = engine_probe,
	.iiosim_remove = engine_remove,
	.driver = {
		/* It goes with the module, not before: the converters hold its channels. */
		.suppress_bind_attrs = true,
	},
};

int __init dma_init(void)
{
	int ret;

	engine_driver.driver.name = driver;
	/*
	 * Without an owner: a channel in use holds its driver's module, and all users of these are
	 * in this very module, which could never be unloaded.
	 */
	ret = iiosim_register_unowned(&engine_driver);
	if (ret)
		return ret;
	engine.platform =
		platform_device_register_simple(driver, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(engine.platform)) {
		ret = PTR_ERR(engine.platform);
		goto err_driver;
	}
	/* The driver was there first, so it is bound by now, or has failed. */
	if (!engine.platform->dev.driver) {
		ret = -ENODEV;
		goto err_device;
	}

	return 0;

err_device:
	platform_device_unregister(engine.platform);
err_driver:
	platform_driver_unregister(&engine_driver);
	return ret;
}

void dma_exit(void)
{
	platform_device_unregister(engine.platform);
	platform_driver_unregister(&engine_driver);
}

struct converter *dma_converter(bool is_adc, unsigned int index)
{
	return engine.channel[is_adc ? index : IIOSIM_MAX_CONVERTERS + index].converter;
}
