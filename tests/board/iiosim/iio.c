// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/iio/buffer-dmaengine.h>
#include <linux/iio/buffer.h>
#include <linux/iio/iio.h>
#include <linux/iio/sysfs.h>
#include <linux/kstrtox.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "converter.h"
#include "iio.h"

#define RATE_MIN	   1000
#define RATE_MAX	   1000000000
#define BIAS_MAX	   2047
#define CALIBRATION_MAX_MS 60000

struct iio_converter {
	struct converter *converter;
	struct iio_chan_spec channel[IIOSIM_MAX_CHANNELS];
	/* Something to set for each channel by itself; the samples do not depend on it. */
	int bias[IIOSIM_MAX_CHANNELS];
	/* Held while the converter calibrates; its registers cannot be read then. */
	struct mutex registers;
};

enum item {
	PACED,
	TOUCH_MEMORY,
	PATTERN,
	TONE_FREQUENCY,
	TONE_AMPLITUDE,
	NOISE_AMPLITUDE,
	COUNTER_LENGTH,
	SCANS,
	MISSED,
	GAPS,
	OUT_OF_ORDER,
	MISMATCH,
};

static const char *const pattern_names[] = {
	[SIGNAL_COUNTER] = "counter",
	[SIGNAL_TONE] = "tone",
	[SIGNAL_WORLD] = "world",
};

static struct converter *to_converter(struct iio_dev *indio_dev)
{
	const struct iio_converter *iio = iio_priv(indio_dev);

	return iio->converter;
}

/* There is not always a world. */
static unsigned int patterns(struct converter *converter)
{
	return converter_is_connected(converter) ? ARRAY_SIZE(pattern_names) : SIGNAL_WORLD;
}

static ssize_t patterns_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct converter *converter = to_converter(dev_to_iio_dev(dev));
	int length = 0;

	for (unsigned int i = 0; i < patterns(converter); i++)
		length += sysfs_emit_at(buf, length, "%s%s", i ? " " : "", pattern_names[i]);

	return length + sysfs_emit_at(buf, length, "\n");
}

static ssize_t setting_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct converter_settings *settings =
		converter_settings(to_converter(dev_to_iio_dev(dev)));

	switch ((enum item)to_iio_dev_attr(attr)->address) {
	case PACED:
		return sysfs_emit(buf, "%d\n", settings->paced);
	case TOUCH_MEMORY:
		return sysfs_emit(buf, "%d\n", settings->touch_memory);
	case PATTERN:
		return sysfs_emit(buf, "%s\n", pattern_names[settings->signal.pattern]);
	case TONE_FREQUENCY:
		return sysfs_emit(buf, "%d\n", settings->signal.tone_frequency);
	case TONE_AMPLITUDE:
		return sysfs_emit(buf, "%u\n", settings->signal.tone_amplitude);
	case NOISE_AMPLITUDE:
		return sysfs_emit(buf, "%u\n", settings->signal.noise_amplitude);
	case COUNTER_LENGTH:
		return sysfs_emit(buf, "%u\n", settings->signal.counter_length);
	default:
		return -EINVAL;
	}
}

static int amplitude_parse(const char *text, u32 limit, u32 *amplitude)
{
	u32 value;
	int ret;

	ret = kstrtou32(text, 0, &value);
	if (ret)
		return ret;
	if (value > limit)
		return -ERANGE;
	*amplitude = value;

	return 0;
}

static int setting_parse(struct converter *converter, enum item item, const char *text)
{
	struct converter_settings *settings = converter_settings(converter);
	int ret;

	switch (item) {
	case PACED:
		return kstrtobool(text, &settings->paced);
	case TOUCH_MEMORY:
		return kstrtobool(text, &settings->touch_memory);
	case PATTERN:
		ret = __sysfs_match_string(pattern_names, patterns(converter), text);
		if (ret >= 0)
			settings->signal.pattern = ret;
		return min(ret, 0);
	case TONE_FREQUENCY:
		return kstrtos32(text, 0, &settings->signal.tone_frequency);
	case TONE_AMPLITUDE:
		return amplitude_parse(text, S16_MAX, &settings->signal.tone_amplitude);
	case NOISE_AMPLITUDE:
		return amplitude_parse(text, 4096, &settings->signal.noise_amplitude);
	case COUNTER_LENGTH:
		return kstrtou32(text, 0, &settings->signal.counter_length);
	default:
		return -EINVAL;
	}
}

static ssize_t setting_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t len)
{
	struct iio_dev *indio_dev = dev_to_iio_dev(dev);
	int ret;

	/* The settings are fixed while the converter runs. */
	if (!iio_device_claim_direct(indio_dev))
		return -EBUSY;
	ret = setting_parse(to_converter(indio_dev), to_iio_dev_attr(attr)->address, buf);
	iio_device_release_direct(indio_dev);

	return ret ?: len;
}

/* It takes as many milliseconds as are written, and ends with the program that asked for it. */
static ssize_t calibrate_store(struct device *dev, struct device_attribute *attr, const char *buf,
			       size_t len)
{
	struct iio_converter *iio = iio_priv(dev_to_iio_dev(dev));
	unsigned int ms;
	int ret;

	ret = kstrtouint(buf, 0, &ms);
	if (ret)
		return ret;
	if (ms > CALIBRATION_MAX_MS)
		return -ERANGE;
	ret = mutex_lock_killable(&iio->registers);
	if (ret)
		return ret;
	if (schedule_timeout_killable(msecs_to_jiffies(ms)) && fatal_signal_pending(current))
		ret = -EINTR;
	mutex_unlock(&iio->registers);

	return ret ?: len;
}

static ssize_t counter_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct converter_counters counters;

	converter_counters(to_converter(dev_to_iio_dev(dev)), &counters);
	switch ((enum item)to_iio_dev_attr(attr)->address) {
	case SCANS:
		return sysfs_emit(buf, "%llu\n", counters.scans);
	case MISSED:
		return sysfs_emit(buf, "%llu\n", counters.missed);
	case GAPS:
		return sysfs_emit(buf, "%llu\n", counters.gaps);
	case OUT_OF_ORDER:
		return sysfs_emit(buf, "%llu\n", counters.out_of_order);
	case MISMATCH:
		if (!counters.out_of_order)
			return sysfs_emit(buf, "none\n");
		return sysfs_emit(buf, "scan %llu: expected %08x, found %08x\n",
				  counters.mismatch.scan, counters.mismatch.expected,
				  counters.mismatch.found);
	default:
		return -EINVAL;
	}
}

static IIO_DEVICE_ATTR(pattern_available, 0444, patterns_show, NULL, 0);
static IIO_DEVICE_ATTR(paced, 0644, setting_show, setting_store, PACED);
static IIO_DEVICE_ATTR(write_memory, 0644, setting_show, setting_store, TOUCH_MEMORY);
static IIO_DEVICE_ATTR(read_memory, 0644, setting_show, setting_store, TOUCH_MEMORY);
static IIO_DEVICE_ATTR(pattern, 0644, setting_show, setting_store, PATTERN);
static IIO_DEVICE_ATTR(tone_frequency, 0644, setting_show, setting_store, TONE_FREQUENCY);
static IIO_DEVICE_ATTR(tone_amplitude, 0644, setting_show, setting_store, TONE_AMPLITUDE);
static IIO_DEVICE_ATTR(noise_amplitude, 0644, setting_show, setting_store, NOISE_AMPLITUDE);
static IIO_DEVICE_ATTR(counter_length, 0644, setting_show, setting_store, COUNTER_LENGTH);
static IIO_DEVICE_ATTR(calibrate, 0200, NULL, calibrate_store, 0);
static IIO_DEVICE_ATTR(samples_produced, 0444, counter_show, NULL, SCANS);
static IIO_DEVICE_ATTR(samples_lost, 0444, counter_show, NULL, MISSED);
static IIO_DEVICE_ATTR(gaps, 0444, counter_show, NULL, GAPS);
static IIO_DEVICE_ATTR(samples_received, 0444, counter_show, NULL, SCANS);
static IIO_DEVICE_ATTR(samples_out_of_order, 0444, counter_show, NULL, OUT_OF_ORDER);
static IIO_DEVICE_ATTR(last_out_of_order, 0444, counter_show, NULL, MISMATCH);
static IIO_DEVICE_ATTR(samples_missed, 0444, counter_show, NULL, MISSED);
static IIO_DEVICE_ATTR(underruns, 0444, counter_show, NULL, GAPS);

static struct attribute *adc_attributes[] = {
	&iio_dev_attr_paced.dev_attr.attr,
	&iio_dev_attr_write_memory.dev_attr.attr,
	&iio_dev_attr_pattern.dev_attr.attr,
	&iio_dev_attr_pattern_available.dev_attr.attr,
	&iio_dev_attr_tone_frequency.dev_attr.attr,
	&iio_dev_attr_tone_amplitude.dev_attr.attr,
	&iio_dev_attr_noise_amplitude.dev_attr.attr,
	&iio_dev_attr_calibrate.dev_attr.attr,
	&iio_dev_attr_samples_produced.dev_attr.attr,
	&iio_dev_attr_samples_lost.dev_attr.attr,
	&iio_dev_attr_gaps.dev_attr.attr,
	NULL,
};

static struct attribute *dac_attributes[] = {
	&iio_dev_attr_paced.dev_attr.attr,
	&iio_dev_attr_read_memory.dev_attr.attr,
	&iio_dev_attr_counter_length.dev_attr.attr,
	&iio_dev_attr_samples_received.dev_attr.attr,
	&iio_dev_attr_samples_out_of_order.dev_attr.attr,
	&iio_dev_attr_last_out_of_order.dev_attr.attr,
	&iio_dev_attr_samples_missed.dev_attr.attr,
	&iio_dev_attr_underruns.dev_attr.attr,
	NULL,
};

static int gap_list_show(struct seq_file *file, void *data)
{
	struct converter_gap *gaps = kvmalloc_array(CONVERTER_GAPS, sizeof(*gaps), GFP_KERNEL);
	unsigned int count;

	if (!gaps)
		return -ENOMEM;
	count = converter_gaps(file->private, gaps);
	for (unsigned int i = 0; i < count; i++)
		seq_printf(file, "%llu %llu\n", gaps[i].first, gaps[i].missed);
	kvfree(gaps);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(gap_list);

static int started_ns_show(struct seq_file *file, void *data)
{
	seq_printf(file, "%lld\n", ktime_to_ns(converter_started(file->private)));

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(started_ns);

static const struct attribute_group adc_group = { .attrs = adc_attributes };
static const struct attribute_group dac_group = { .attrs = dac_attributes };

static int converter_read_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan, int *val,
			      int *val2, long mask)
{
	const struct converter_settings *settings = converter_settings(to_converter(indio_dev));
	struct iio_converter *iio = iio_priv(indio_dev);
	int ret;

	if (mask == IIO_CHAN_INFO_CALIBBIAS) {
		*val = iio->bias[chan->channel];
		return IIO_VAL_INT;
	}
	if (mask != IIO_CHAN_INFO_SAMP_FREQ)
		return -EINVAL;
	ret = mutex_lock_killable(&iio->registers);
	if (ret)
		return ret;
	*val = settings->paced ? settings->signal.rate : 0;
	mutex_unlock(&iio->registers);

	return IIO_VAL_INT;
}

static int converter_read_avail(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
				const int **vals, int *type, int *length, long mask)
{
	static const int rates[] = { RATE_MIN, 1, RATE_MAX };
	static const int biases[] = { -BIAS_MAX, 1, BIAS_MAX };

	if (mask != IIO_CHAN_INFO_SAMP_FREQ && mask != IIO_CHAN_INFO_CALIBBIAS)
		return -EINVAL;
	*vals = mask == IIO_CHAN_INFO_SAMP_FREQ ? rates : biases;
	*type = IIO_VAL_INT;

	return IIO_AVAIL_RANGE;
}

static int converter_write_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan, int val,
			       int val2, long mask)
{
	struct iio_converter *iio = iio_priv(indio_dev);

	if (mask == IIO_CHAN_INFO_CALIBBIAS) {
		if (val < -BIAS_MAX || val > BIAS_MAX)
			return -EINVAL;
		iio->bias[chan->channel] = val;
		return 0;
	}
	if (mask != IIO_CHAN_INFO_SAMP_FREQ || val < RATE_MIN || val > RATE_MAX || val2)
		return -EINVAL;
	if (!iio_device_claim_direct(indio_dev))
		return -EBUSY;
	converter_set_rate(to_converter(indio_dev), val);
	iio_device_release_direct(indio_dev);

	return 0;
}

static const struct iio_info adc_info = {
	.attrs = &adc_group,
	.read_raw = converter_read_raw,
	.read_avail = converter_read_avail,
	.write_raw = converter_write_raw,
};

static const struct iio_info dac_info = {
	.attrs = &dac_group,
	.read_raw = converter_read_raw,
	.read_avail = converter_read_avail,
	.write_raw = converter_write_raw,
};

/*
 * The core queues the blocks between preenable and postenable: the time runs from postenable on, so
 * that what was queued in advance starts with scan 0 and without a gap.
 */
static int buffer_preenable(struct iio_dev *indio_dev)
{
	converter_prepare(to_converter(indio_dev), indio_dev->active_scan_mask[0]);

	return 0;
}

static int buffer_postenable(struct iio_dev *indio_dev)
{
	converter_start(to_converter(indio_dev));

	return 0;
}

static int buffer_predisable(struct iio_dev *indio_dev)
{
	converter_stop(to_converter(indio_dev));

	return 0;
}

static const struct iio_buffer_setup_ops buffer_ops = {
	.preenable = buffer_preenable,
	.postenable = buffer_postenable,
	.predisable = buffer_predisable,
};

static void debugfs_remove_dir(void *dir)
{
	debugfs_remove(dir);
}

/* Whether the kernel has debugfs or not is nothing that a driver has to care about. */
static int debugfs_register(struct device *dev, struct converter *converter, const char *name)
{
	struct dentry *dir = debugfs_create_dir(name, NULL);

	debugfs_create_file("gap_list", 0444, dir, converter, &gap_list_fops);
	debugfs_create_file("started_ns", 0444, dir, converter, &started_ns_fops);

	return devm_add_action_or_reset(dev, debugfs_remove_dir, dir);
}

int iio_converter_register(struct device *dev, struct converter *converter, const char *name,
			   unsigned int channels)
{
	bool is_adc = converter_is_adc(converter);
	struct iio_converter *iio;
	struct iio_dev *indio_dev;
	int ret;

	indio_dev = devm_iio_device_alloc(dev, sizeof(*iio));
	if (!indio_dev)
		return -ENOMEM;
	iio = iio_priv(indio_dev);
	iio->converter = converter;
	mutex_init(&iio->registers);
	for (unsigned int i = 0; i < channels; i++)
		iio->channel[i] = (struct iio_chan_spec){
			.type = IIO_VOLTAGE,
			.indexed = 1,
			.channel = i,
			.output = !is_adc,
			.info_mask_separate = BIT(IIO_CHAN_INFO_CALIBBIAS),
			.info_mask_separate_available = BIT(IIO_CHAN_INFO_CALIBBIAS),
			.info_mask_shared_by_all = BIT(IIO_CHAN_INFO_SAMP_FREQ),
			.info_mask_shared_by_all_available = BIT(IIO_CHAN_INFO_SAMP_FREQ),
			.scan_index = i,
			.scan_type = {
				.sign = 's',
				.realbits = 16,
				.storagebits = 16,
				.endianness = IIO_LE,
			},
		};
	indio_dev->name = devm_kstrdup(dev, name, GFP_KERNEL);
	if (!indio_dev->name)
		return -ENOMEM;
	indio_dev->channels = iio->channel;
	indio_dev->num_channels = channels;
	indio_dev->info = is_adc ? &adc_info : &dac_info;
	indio_dev->setup_ops = &buffer_ops;
	indio_dev->modes = INDIO_DIRECT_MODE;

	ret = iiosim_buffer_setup(dev, indio_dev, is_adc ? "rx" : "tx",
				  is_adc ? IIO_BUFFER_DIRECTION_IN : IIO_BUFFER_DIRECTION_OUT);
	if (ret)
		return dev_err_probe(dev, ret, "no DMA buffer for %s\n", name);

	ret = debugfs_register(dev, converter, name);
	if (ret)
		return ret;

	return devm_iio_device_register(dev, indio_dev);
}

iiosim_import_namespace(IIO_DMAENGINE_BUFFER);
