// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/iio/iio.h>
#include <linux/iio/sysfs.h>
#include <linux/kstrtox.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "converter.h"
#include "phy.h"
#include "world.h"

#define PHY_NAME "ad9361-phy"

#define LO_MAX		 6000000000ULL
#define RX_LO_MIN	 70000000ULL
#define TX_LO_MIN	 46875001ULL
#define BANDWIDTH_MIN	 200000
#define RX_BANDWIDTH	 56000000
#define TX_BANDWIDTH	 40000000
#define RATE_MAX	 61440000
#define ATTENUATION	 89750 /* the most, thousandths of dB */
#define ATTENUATION_STEP 250
#define TEMPERATURE	 34211

/* The slowest clock, and how many times slower a rate is: without the FIR filter, and with it */
#define CLOCK_MIN  25000000
#define DECIMATION 12
#define FIR	   4

static unsigned int phy_delay_ms;
module_param(phy_delay_ms, uint, 0644);
MODULE_PARM_DESC(phy_delay_ms,
		 "how long it takes a transceiver to write a frequency, in ms (default: 0)");

struct phy {
	struct world *world;
	struct converter *converter[2]; /* of RX and of TX */
	unsigned int chains;
	struct iio_chan_spec channel[6 + 2 * WORLD_CHAINS];

	struct mutex registers; /* protects what follows; held while a write takes its time */
	struct world_settings settings;
	unsigned int gain_mode[WORLD_CHAINS];
	u32 tx_bandwidth;
	bool fir[2]; /* of RX and of TX */
};

/* The gains of a receiver, by the frequency of its local oscillator */
static const struct gain_table {
	u64 lo_max;
	int range[3];
} gain_tables[] = {
	{ 1300000000ULL, { -1, 1, 73 } },
	{ 4000000000ULL, { -3, 1, 71 } },
	{ LO_MAX, { -10, 1, 62 } },
};

static const struct gain_table *gain_table(const struct phy *phy)
{
	const struct gain_table *table = gain_tables;

	while (phy->settings.rx_lo > table->lo_max)
		table++;

	return table;
}

/* The world is told what has changed; called with the lock held. */
static void settings_apply(struct phy *phy)
{
	const struct gain_table *table = gain_table(phy);

	phy->settings.rx_gain_min = table->range[0];
	phy->settings.rx_gain_max = table->range[2];
	for (unsigned int i = 0; i < phy->chains; i++) {
		phy->settings.rx_automatic[i] = phy->gain_mode[i];
		phy->settings.rx_gain[i] =
			clamp(phy->settings.rx_gain[i], table->range[0], table->range[2]);
	}
	world_set(phy->world, &phy->settings);
}

static u32 rx_rate(const struct phy *phy)
{
	return converter_rate(phy->converter[0]);
}

enum lo_item {
	LO_FREQUENCY,
	LO_POWERDOWN,
};

static ssize_t lo_read(struct iio_dev *indio_dev, uintptr_t item, const struct iio_chan_spec *chan,
		       char *buf)
{
	struct phy *phy = iio_priv(indio_dev);
	const struct world_settings *settings = &phy->settings;
	bool is_tx = chan->channel;

	guard(mutex)(&phy->registers);
	if (item == LO_FREQUENCY)
		return sysfs_emit(buf, "%llu\n", is_tx ? settings->tx_lo : settings->rx_lo);

	return sysfs_emit(buf, "%d\n", is_tx ? settings->tx_off : settings->rx_off);
}

/* Ends with the program that asked for it. */
static int delay(void)
{
	unsigned int ms = READ_ONCE(phy_delay_ms);

	if (ms && schedule_timeout_killable(msecs_to_jiffies(ms)) && fatal_signal_pending(current))
		return -EINTR;

	return 0;
}

static int frequency_set(struct phy *phy, bool is_tx, u64 frequency)
{
	u64 *lo = is_tx ? &phy->settings.tx_lo : &phy->settings.rx_lo;
	int ret;

	if (frequency < (is_tx ? TX_LO_MIN : RX_LO_MIN) || frequency > LO_MAX)
		return -EINVAL;
	ret = delay();
	if (ret)
		return ret;
	/* The driver counts in units of 2 Hz, so that clocks have 32 bits. */
	*lo = frequency & ~1ULL;

	return 0;
}

static ssize_t lo_write(struct iio_dev *indio_dev, uintptr_t item, const struct iio_chan_spec *chan,
			const char *buf, size_t len)
{
	struct phy *phy = iio_priv(indio_dev);
	bool is_tx = chan->channel;
	u64 value;
	int ret;

	ret = kstrtoull(buf, 10, &value);
	if (ret)
		return ret;
	ret = mutex_lock_killable(&phy->registers);
	if (ret)
		return ret;
	if (item == LO_FREQUENCY)
		ret = frequency_set(phy, is_tx, value);
	else
		*(is_tx ? &phy->settings.tx_off : &phy->settings.rx_off) = value;
	if (!ret)
		settings_apply(phy);
	mutex_unlock(&phy->registers);

	return ret ?: len;
}

static ssize_t lo_available(struct iio_dev *indio_dev, uintptr_t item,
			    const struct iio_chan_spec *chan, char *buf)
{
	return sysfs_emit(buf, "[%llu 1 %llu]\n", chan->channel ? TX_LO_MIN : RX_LO_MIN, LO_MAX);
}

static const struct iio_chan_spec_ext_info lo_info[] = {
	{ .name = "frequency", .read = lo_read, .write = lo_write, .private = LO_FREQUENCY },
	{ .name = "frequency_available", .read = lo_available },
	{ .name = "powerdown", .read = lo_read, .write = lo_write, .private = LO_POWERDOWN },
	{},
};

static int gain_mode_get(struct iio_dev *indio_dev, const struct iio_chan_spec *chan)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	return phy->gain_mode[chan->channel];
}

static int gain_mode_set(struct iio_dev *indio_dev, const struct iio_chan_spec *chan,
			 unsigned int mode)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	/* The gain that it had stays. */
	if (!mode)
		phy->settings.rx_gain[chan->channel] =
			world_gain(phy->world, chan->channel, rx_rate(phy));
	phy->gain_mode[chan->channel] = mode;
	settings_apply(phy);

	return 0;
}

static const char *const gain_modes[] = { "manual", "fast_attack", "slow_attack", "hybrid" };

static const struct iio_enum gain_mode = {
	.items = gain_modes,
	.num_items = ARRAY_SIZE(gain_modes),
	.get = gain_mode_get,
	.set = gain_mode_set,
};

static unsigned int *port_of(struct phy *phy, const struct iio_chan_spec *chan)
{
	return chan->output ? &phy->settings.tx_port : &phy->settings.rx_port;
}

static int port_get(struct iio_dev *indio_dev, const struct iio_chan_spec *chan)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	return *port_of(phy, chan);
}

static int port_set(struct iio_dev *indio_dev, const struct iio_chan_spec *chan, unsigned int port)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	*port_of(phy, chan) = port;
	settings_apply(phy);

	return 0;
}

static const char *const rx_ports[] = {
	"A_BALANCED", "B_BALANCED", "C_BALANCED", "A_N",	 "A_P",		"B_N",
	"B_P",	      "C_N",	    "C_P",	  "TX_MONITOR1", "TX_MONITOR2", "TX_MONITOR1_2",
};

static const char *const tx_ports[] = { "A", "B" };

static const struct iio_enum rx_port = {
	.items = rx_ports,
	.num_items = ARRAY_SIZE(rx_ports),
	.get = port_get,
	.set = port_set,
};

static const struct iio_enum tx_port = {
	.items = tx_ports,
	.num_items = ARRAY_SIZE(tx_ports),
	.get = port_get,
	.set = port_set,
};

static u32 bandwidth_max(const struct iio_chan_spec *chan)
{
	return chan->output ? TX_BANDWIDTH : RX_BANDWIDTH;
}

static u32 *bandwidth_of(struct phy *phy, const struct iio_chan_spec *chan)
{
	return chan->output ? &phy->tx_bandwidth : &phy->settings.rx_bandwidth;
}

static ssize_t bandwidth_read(struct iio_dev *indio_dev, uintptr_t private,
			      const struct iio_chan_spec *chan, char *buf)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	return sysfs_emit(buf, "%u\n", *bandwidth_of(phy, chan));
}

static ssize_t bandwidth_write(struct iio_dev *indio_dev, uintptr_t private,
			       const struct iio_chan_spec *chan, const char *buf, size_t len)
{
	struct phy *phy = iio_priv(indio_dev);
	u32 bandwidth;
	int ret;

	ret = kstrtou32(buf, 10, &bandwidth);
	if (ret)
		return ret;
	if (bandwidth < BANDWIDTH_MIN || bandwidth > bandwidth_max(chan))
		return -EINVAL;
	guard(mutex)(&phy->registers);
	*bandwidth_of(phy, chan) = bandwidth;
	settings_apply(phy);

	return len;
}

static ssize_t bandwidth_available(struct iio_dev *indio_dev, uintptr_t private,
				   const struct iio_chan_spec *chan, char *buf)
{
	return sysfs_emit(buf, "[%u 1 %u]\n", BANDWIDTH_MIN, bandwidth_max(chan));
}

static ssize_t rssi_read(struct iio_dev *indio_dev, uintptr_t private,
			 const struct iio_chan_spec *chan, char *buf)
{
	struct phy *phy = iio_priv(indio_dev);
	/* In steps of a quarter, for which it has two digits */
	int quarters;

	guard(mutex)(&phy->registers);
	quarters = chan->output ? 0 : -world_level(phy->world, rx_rate(phy)) / 250;

	return sysfs_emit(buf, "%d.%02d dB\n", quarters / 4, quarters % 4 * 25);
}

static const struct iio_chan_spec_ext_info rx_info[] = {
	IIO_ENUM("gain_control_mode", IIO_SEPARATE, &gain_mode),
	IIO_ENUM_AVAILABLE("gain_control_mode", IIO_SHARED_BY_TYPE, &gain_mode),
	IIO_ENUM("rf_port_select", IIO_SEPARATE, &rx_port),
	IIO_ENUM_AVAILABLE("rf_port_select", IIO_SHARED_BY_TYPE, &rx_port),
	{ .name = "rssi", .read = rssi_read },
	{ .name = "rf_bandwidth",
	  .shared = IIO_SHARED_BY_TYPE,
	  .read = bandwidth_read,
	  .write = bandwidth_write },
	{ .name = "rf_bandwidth_available",
	  .shared = IIO_SHARED_BY_TYPE,
	  .read = bandwidth_available },
	{},
};

static const struct iio_chan_spec_ext_info tx_info[] = {
	IIO_ENUM("rf_port_select", IIO_SEPARATE, &tx_port),
	IIO_ENUM_AVAILABLE("rf_port_select", IIO_SHARED_BY_TYPE, &tx_port),
	{ .name = "rssi", .read = rssi_read },
	{ .name = "rf_bandwidth",
	  .shared = IIO_SHARED_BY_TYPE,
	  .read = bandwidth_read,
	  .write = bandwidth_write },
	{ .name = "rf_bandwidth_available",
	  .shared = IIO_SHARED_BY_TYPE,
	  .read = bandwidth_available },
	{},
};

static int gain_read(struct phy *phy, const struct iio_chan_spec *chan, int *val, int *val2)
{
	if (chan->output) {
		int attenuation = -phy->settings.tx_gain[chan->channel];

		/* Of a number between 0 and -1 the fraction has the sign. */
		*val = -(attenuation / 1000);
		*val2 = attenuation % 1000 * 1000;
		if (!*val)
			*val2 = -*val2;
	} else {
		*val = world_gain(phy->world, chan->channel, rx_rate(phy));
		*val2 = 0;
	}

	return IIO_VAL_INT_PLUS_MICRO_DB;
}

static int gain_write(struct phy *phy, const struct iio_chan_spec *chan, int val, int val2)
{
	const struct gain_table *table = gain_table(phy);
	unsigned int chain = chan->channel;

	if (chan->output) {
		unsigned int attenuation;

		if (val > 0 || (!val && val2 > 0) || val < -ATTENUATION / 1000)
			return -EINVAL;
		attenuation = abs(val) * 1000 + abs(val2) / 1000;
		if (attenuation > ATTENUATION)
			return -EINVAL;
		phy->settings.tx_gain[chain] = -(int)rounddown(attenuation, ATTENUATION_STEP);
	} else {
		if (phy->gain_mode[chain])
			return -EOPNOTSUPP;
		if (val < table->range[0] || val > table->range[2])
			return -EINVAL;
		phy->settings.rx_gain[chain] = val;
	}
	settings_apply(phy);

	return 0;
}

static int rate_write(struct phy *phy, const struct iio_chan_spec *chan, int rate)
{
	u64 clock = (u64)max(rate, 0) * DECIMATION * (phy->fir[chan->output] ? FIR : 1);

	if (clock < CLOCK_MIN || rate > RATE_MAX)
		return -EINVAL;
	converter_set_rate(phy->converter[chan->output], rate);

	return 0;
}

static int phy_read_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan, int *val,
			int *val2, long mask)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	switch (mask) {
	case IIO_CHAN_INFO_HARDWAREGAIN:
		return gain_read(phy, chan, val, val2);
	case IIO_CHAN_INFO_SAMP_FREQ:
		*val = converter_rate(phy->converter[chan->output]);
		return IIO_VAL_INT;
	case IIO_CHAN_INFO_PROCESSED:
		*val = TEMPERATURE;
		return IIO_VAL_INT;
	case IIO_CHAN_INFO_RAW:
		*val = chan->output ? 306 : 1066;
		return IIO_VAL_INT;
	case IIO_CHAN_INFO_OFFSET:
		*val = 57;
		return IIO_VAL_INT;
	case IIO_CHAN_INFO_SCALE:
		*val = chan->output;
		*val2 = chan->output ? 0 : 305250;
		return IIO_VAL_INT_PLUS_MICRO;
	default:
		return -EINVAL;
	}
}

static int phy_write_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan, int val,
			 int val2, long mask)
{
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	switch (mask) {
	case IIO_CHAN_INFO_HARDWAREGAIN:
		return gain_write(phy, chan, val, val2);
	case IIO_CHAN_INFO_SAMP_FREQ:
		return rate_write(phy, chan, val);
	default:
		return -EINVAL;
	}
}

static int phy_read_avail(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			  const int **vals, int *type, int *length, long mask)
{
	static const int attenuations[] = {
		-ATTENUATION / 1000, ATTENUATION % 1000 * 1000, 0, ATTENUATION_STEP * 1000, 0, 0
	};
	/* As the driver divides: without the fraction that the lowest is short of */
	static const int rates[] = { CLOCK_MIN / DECIMATION, 1, RATE_MAX };
	static const int fir_rates[] = { CLOCK_MIN / DECIMATION / FIR, 1, RATE_MAX };
	struct phy *phy = iio_priv(indio_dev);

	guard(mutex)(&phy->registers);
	*type = IIO_VAL_INT;
	switch (mask) {
	case IIO_CHAN_INFO_HARDWAREGAIN:
		*vals = gain_table(phy)->range;
		if (chan->output) {
			*vals = attenuations;
			*type = IIO_VAL_INT_PLUS_MICRO;
		}
		return IIO_AVAIL_RANGE;
	case IIO_CHAN_INFO_SAMP_FREQ:
		*vals = phy->fir[chan->output] ? fir_rates : rates;
		return IIO_AVAIL_RANGE;
	default:
		return -EINVAL;
	}
}

enum fir_item {
	FIR_RX = BIT(0),
	FIR_TX = BIT(1),
};

static ssize_t fir_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct phy *phy = iio_priv(dev_to_iio_dev(dev));
	unsigned int which = to_iio_dev_attr(attr)->address;
	bool enabled = true;

	guard(mutex)(&phy->registers);
	for (unsigned int i = 0; i < 2; i++)
		enabled &= phy->fir[i] || !(which & BIT(i));

	return sysfs_emit(buf, "%d\n", enabled);
}

static ssize_t fir_store(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t len)
{
	struct phy *phy = iio_priv(dev_to_iio_dev(dev));
	unsigned int which = to_iio_dev_attr(attr)->address;
	bool enable;
	int ret;

	ret = kstrtobool(buf, &enable);
	if (ret)
		return ret;
	guard(mutex)(&phy->registers);
	for (unsigned int i = 0; i < 2; i++)
		if (which & BIT(i))
			phy->fir[i] = enable;

	return len;
}

static IIO_DEVICE_ATTR(in_voltage_filter_fir_en, 0644, fir_show, fir_store, FIR_RX);
static IIO_DEVICE_ATTR(out_voltage_filter_fir_en, 0644, fir_show, fir_store, FIR_TX);
static IIO_DEVICE_ATTR(in_out_voltage_filter_fir_en, 0644, fir_show, fir_store, FIR_RX | FIR_TX);

static struct attribute *phy_attributes[] = {
	&iio_dev_attr_in_voltage_filter_fir_en.dev_attr.attr,
	&iio_dev_attr_out_voltage_filter_fir_en.dev_attr.attr,
	&iio_dev_attr_in_out_voltage_filter_fir_en.dev_attr.attr,
	NULL,
};

static const struct attribute_group phy_group = { .attrs = phy_attributes };

static const struct iio_info phy_iio_info = {
	.attrs = &phy_group,
	.read_raw = phy_read_raw,
	.read_avail = phy_read_avail,
	.write_raw = phy_write_raw,
};

static const struct iio_chan_spec other_channels[] = {
	{
		.type = IIO_TEMP,
		.indexed = 1,
		.info_mask_separate = BIT(IIO_CHAN_INFO_PROCESSED),
		.scan_index = -1,
	},
	{
		.type = IIO_ALTVOLTAGE,
		.indexed = 1,
		.output = 1,
		.extend_name = "RX_LO",
		.ext_info = lo_info,
		.scan_index = -1,
	},
	{
		.type = IIO_ALTVOLTAGE,
		.indexed = 1,
		.output = 1,
		.channel = 1,
		.extend_name = "TX_LO",
		.ext_info = lo_info,
		.scan_index = -1,
	},
	{
		.type = IIO_VOLTAGE,
		.indexed = 1,
		.channel = 2,
		.info_mask_separate = BIT(IIO_CHAN_INFO_RAW) | BIT(IIO_CHAN_INFO_OFFSET) |
				      BIT(IIO_CHAN_INFO_SCALE),
		.scan_index = -1,
	},
	{
		.type = IIO_VOLTAGE,
		.indexed = 1,
		.output = 1,
		.channel = 2,
		.info_mask_separate = BIT(IIO_CHAN_INFO_RAW) | BIT(IIO_CHAN_INFO_SCALE),
		.scan_index = -1,
	},
	{
		.type = IIO_VOLTAGE,
		.indexed = 1,
		.output = 1,
		.channel = 3,
		.info_mask_separate = BIT(IIO_CHAN_INFO_RAW) | BIT(IIO_CHAN_INFO_SCALE),
		.scan_index = -1,
	},
};

static unsigned int channels_make(struct phy *phy)
{
	struct iio_chan_spec *channel = phy->channel;

	memcpy(channel, other_channels, sizeof(other_channels));
	channel += ARRAY_SIZE(other_channels);
	for (unsigned int i = 0; i < 2 * phy->chains; i++)
		*channel++ = (struct iio_chan_spec){
			.type = IIO_VOLTAGE,
			.indexed = 1,
			.channel = i / 2,
			.output = i % 2,
			.info_mask_separate = BIT(IIO_CHAN_INFO_HARDWAREGAIN),
			.info_mask_separate_available = BIT(IIO_CHAN_INFO_HARDWAREGAIN),
			.info_mask_shared_by_type = BIT(IIO_CHAN_INFO_SAMP_FREQ),
			.info_mask_shared_by_type_available = BIT(IIO_CHAN_INFO_SAMP_FREQ),
			.ext_info = i % 2 ? tx_info : rx_info,
			.scan_index = -1,
		};

	return channel - phy->channel;
}

int phy_register(struct device *dev, struct world *world, struct converter *adc,
		 struct converter *dac, unsigned int chains)
{
	struct iio_dev *indio_dev;
	struct phy *phy;

	indio_dev = devm_iio_device_alloc(dev, sizeof(*phy));
	if (!indio_dev)
		return -ENOMEM;
	phy = iio_priv(indio_dev);
	phy->world = world;
	phy->converter[0] = adc;
	phy->converter[1] = dac;
	phy->chains = chains;
	mutex_init(&phy->registers);
	phy->settings.rx_lo = 2400000000ULL;
	phy->settings.tx_lo = 2450000000ULL;
	phy->settings.rx_bandwidth = 18000000;
	phy->tx_bandwidth = 18000000;
	for (unsigned int i = 0; i < chains; i++) {
		phy->settings.tx_gain[i] = -10000;
		phy->gain_mode[i] = 2;
	}
	settings_apply(phy);

	indio_dev->name = PHY_NAME;
	indio_dev->num_channels = channels_make(phy);
	indio_dev->channels = phy->channel;
	indio_dev->info = &phy_iio_info;
	indio_dev->modes = INDIO_DIRECT_MODE;

	return devm_iio_device_register(dev, indio_dev);
}
