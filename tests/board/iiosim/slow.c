// SPDX-License-Identifier: GPL-2.0-only
#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/iio/buffer.h>
#include <linux/iio/iio.h>
#include <linux/iio/sysfs.h>
#include <linux/iio/trigger_consumer.h>
#include <linux/iio/triggered_buffer.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "slow.h"

#define CHANNELS   6
#define REPEAT	   4
#define SCAN_BYTES 40 /* of all channels, with the timestamp */
#define PADDING	   0xee

struct slow_adc {
	u32 counter;
	atomic64_t lost;
	u8 scan[SCAN_BYTES] __aligned(8);
};

#define CHANNEL(index, sign_, bits, storage, shift_, order, times)                        \
	{                                                                                 \
		.type = IIO_VOLTAGE, .indexed = 1, .channel = index, .scan_index = index, \
		.scan_type = {                                                            \
			.sign = sign_,                                                    \
			.realbits = bits,                                                 \
			.storagebits = storage,                                           \
			.shift = shift_,                                                  \
			.repeat = times,                                                  \
			.endianness = order,                                              \
		},                                                                        \
	}

static const struct iio_chan_spec channels[] = {
	CHANNEL(0, 's', 16, 16, 0, IIO_LE, 0), CHANNEL(1, 's', 24, 32, 8, IIO_LE, 0),
	CHANNEL(2, 'u', 12, 16, 4, IIO_BE, 0), CHANNEL(3, 's', 32, 32, 0, IIO_BE, 0),
	CHANNEL(4, 'u', 8, 8, 0, IIO_LE, 0),   CHANNEL(5, 's', 16, 16, 0, IIO_LE, REPEAT),
	IIO_CHAN_SOFT_TIMESTAMP(CHANNELS),
};

static unsigned int sample_bytes(unsigned int index)
{
	const struct iio_chan_spec *channel = &channels[index];

	return channel->scan_type.storagebits / 8 *
	       max_t(unsigned int, channel->scan_type.repeat, 1);
}

static void sample_put(u8 *at, unsigned int index, u32 counter)
{
	switch (index) {
	case 0:
		put_unaligned_le16(counter, at);
		break;
	case 1:
		put_unaligned_le32(counter << 8 | 0xa5, at);
		break;
	case 2:
		put_unaligned_be16(counter << 4 | 0x5, at);
		break;
	case 3:
		put_unaligned_be32(counter, at);
		break;
	case 4:
		*at = counter;
		break;
	case 5:
		for (unsigned int i = 0; i < REPEAT; i++)
			put_unaligned_le16(counter + i, at + 2 * i);
		break;
	}
}

/* The enabled channels, one after the other, each at a multiple of its size. */
static irqreturn_t scan_take(int irq, void *p)
{
	struct iio_poll_func *poll = p;
	struct iio_dev *indio_dev = poll->indio_dev;
	struct slow_adc *adc = iio_priv(indio_dev);
	unsigned int index, end = 0;

	memset(adc->scan, PADDING, sizeof(adc->scan));
	for_each_set_bit(index, indio_dev->active_scan_mask, CHANNELS)
	{
		end = ALIGN(end, sample_bytes(index));
		sample_put(adc->scan + end, index, adc->counter);
		end += sample_bytes(index);
	}
	adc->counter++;
	if (iio_push_to_buffers_with_timestamp(indio_dev, adc->scan, poll->timestamp))
		atomic64_inc(&adc->lost);
	iio_trigger_notify_done(indio_dev->trig);

	return IRQ_HANDLED;
}

static int buffer_preenable(struct iio_dev *indio_dev)
{
	struct slow_adc *adc = iio_priv(indio_dev);

	adc->counter = 0;

	return 0;
}

static const struct iio_buffer_setup_ops buffer_ops = {
	.preenable = buffer_preenable,
};

static ssize_t samples_lost_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct slow_adc *adc = iio_priv(dev_to_iio_dev(dev));

	return sysfs_emit(buf, "%lld\n", atomic64_read(&adc->lost));
}

static IIO_DEVICE_ATTR_RO(samples_lost, 0);

static struct attribute *attributes[] = {
	&iio_dev_attr_samples_lost.dev_attr.attr,
	NULL,
};

static const struct attribute_group attribute_group = { .attrs = attributes };

static const struct iio_info info = { .attrs = &attribute_group };

int slow_adc_register(struct device *dev, const char *name)
{
	struct iio_dev *indio_dev = devm_iio_device_alloc(dev, sizeof(struct slow_adc));
	int ret;

	if (!indio_dev)
		return -ENOMEM;
	indio_dev->name = devm_kstrdup(dev, name, GFP_KERNEL);
	if (!indio_dev->name)
		return -ENOMEM;
	indio_dev->channels = channels;
	indio_dev->num_channels = ARRAY_SIZE(channels);
	indio_dev->info = &info;
	indio_dev->modes = INDIO_DIRECT_MODE;

	ret = devm_iio_triggered_buffer_setup(dev, indio_dev, iio_pollfunc_store_time, scan_take,
					      &buffer_ops);
	if (ret)
		return dev_err_probe(dev, ret, "no triggered buffer for %s\n", name);

	return devm_iio_device_register(dev, indio_dev);
}
