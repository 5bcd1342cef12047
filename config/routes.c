// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <string.h>

#include "core/port.h"
#include "core/text.h"

static int read_end(struct reader *reader, const config_setting_t *setting, const struct key *key,
		    void *value)
{
	const char *text = config_setting_get_string(setting);
	struct end_config *end = value;

	(void)key;
	end->usb = text && strcmp(text, "usb") == 0;
	if (end->usb)
		return 0;
	if (!text || strncmp(text, "iio:", 4) != 0 || !text[4])
		return refuse_value(reader, setting,
				    "\"usb\", or \"iio:NAME\" with the name of an IIO device");
	if (strlen(text + 4) >= sizeof(end->device))
		return refuse(reader, setting,
			      "the device's name has %zu bytes, at most %zu are allowed",
			      strlen(text + 4), sizeof(end->device) - 1);
	text_copy(end->device, sizeof(end->device), text + 4);
	return 0;
}

static int read_channels(struct reader *reader, const config_setting_t *setting,
			 const struct key *key, void *value)
{
	static const struct key element = { .size = CONFIG_NAME_SIZE, .allowed = NAME_CHARACTERS };
	char(*channels)[CONFIG_NAME_SIZE] = value;
	struct route_config *route =
		(struct route_config *)((char *)value - offsetof(struct route_config, channels));
	int count = config_setting_length(setting);

	(void)key;
	if (!config_setting_is_aggregate(setting) || config_setting_is_group(setting))
		return refuse(reader, setting,
			      "is %s, but must be an array of channel ids such as "
			      "[ \"voltage0\", \"voltage1\" ]",
			      type_name(setting));
	if (count < 1 || count > IIOBRIDGE_MAX_CHANNELS)
		return refuse(reader, setting, "has %d channels, but must have from 1 to %d", count,
			      IIOBRIDGE_MAX_CHANNELS);
	for (int i = 0; i < count; i++) {
		const config_setting_t *item = config_setting_get_elem(setting, (unsigned int)i);
		int ret = read_text(reader, item, &element, channels[i]);

		if (ret)
			return ret;
		for (int other = 0; other < i; other++)
			if (strcmp(channels[other], channels[i]) == 0)
				return refuse(reader, item, "\"%s\" is there twice", channels[i]);
	}
	route->channel_count = (unsigned int)count;
	return 0;
}

/* A number of 32 bits that has a unit. */
static int read_quantity(struct reader *reader, const config_setting_t *setting,
			 const struct key *key, void *value)
{
	const char *text = config_setting_get_string(setting);
	uint64_t number;

	if (!text || key->parse(text, &number) || number < key->min || number > key->max)
		return refuse_value(reader, setting, "%s", key->allowed);
	*(uint32_t *)value = (uint32_t)number;
	return 0;
}

static const struct key keys[] = {
	{ "name", read_text, FIELD(struct route_config, name), .allowed = NAME_CHARACTERS },
	{ "from", read_end, FIELD(struct route_config, from) },
	{ "to", read_end, FIELD(struct route_config, to) },
	{ "channels", read_channels, FIELD(struct route_config, channels) },
	{ "block_size", read_number, FIELD(struct route_config, block_size),
	  .min = CONFIG_BLOCK_SIZE_MIN, .max = CONFIG_BLOCK_SIZE_MAX,
	  .step = CONFIG_BLOCK_SIZE_STEP },
	{ "blocks", read_number, FIELD(struct route_config, block_count), .min = BLOCKS_MIN,
	  .max = BLOCKS_MAX },
	{ "heap", read_text, FIELD(struct route_config, heap), .allowed = NAME_CHARACTERS },
	{ "loss_counter", read_text, FIELD(struct route_config, loss_counter),
	  .allowed = NAME_CHARACTERS },
	{ "miss_counter", read_text, FIELD(struct route_config, miss_counter),
	  .allowed = NAME_CHARACTERS },
	{ "attributes", read_attributes, FIELD(struct route_config, attributes) },
	{ "controls", read_word, FIELD(struct route_config, controls),
	  .allowed = "write read none" },
	{ "transceiver", read_text, FIELD(struct route_config, transceiver) },
	{ "control_attributes", read_controls, FIELD(struct route_config, control_attributes) },
	{ "trigger", read_text, FIELD(struct route_config, trigger) },
	{ "trigger_frequency", read_quantity, FIELD(struct route_config, trigger_millihertz),
	  .min = 1, .max = CONFIG_TRIGGER_MAX, .parse = config_parse_frequency,
	  .allowed = "a frequency from \"0.001 Hz\" to \"4 MHz\", such as \"10 kHz\", in steps of "
		     "0.001 Hz" },
	{ "latency", read_quantity, FIELD(struct route_config, latency_us),
	  .min = CONFIG_LATENCY_MIN, .max = CONFIG_LATENCY_MAX, .parse = config_parse_time,
	  .allowed = "a time from \"1 ms\" to \"60 s\", such as \"100 ms\"" },
	{ "transfer", read_word, FIELD(struct route_config, transfer),
	  .allowed = "auto dmabuf copy" },
	{ "cyclic", read_word, FIELD(struct route_config, cyclic), .allowed = "daemon kernel" },
	{ "start", read_word, FIELD(struct route_config, start), .allowed = "on-demand always" },
	{ 0 },
};

static bool is_same_device(const struct end_config *one, const struct end_config *other)
{
	return !one->usb && !other->usb && strcmp(one->device, other->device) == 0;
}

/* The trigger of a route, which is named in the file, or which the daemon makes and names. */
static int check_trigger(struct reader *reader, const config_setting_t *setting,
			 struct route_config *route)
{
	const config_setting_t *trigger = config_setting_get_member(setting, "trigger");
	const size_t prefix = strlen(CONFIG_TRIGGER_PREFIX);
	const config_setting_t *frequency = config_setting_get_member(setting, "trigger_frequency");

	if (route->from.usb && (trigger || frequency))
		return refuse(reader, trigger ? trigger : frequency,
			      "a route from \"usb\" has no trigger");
	if (trigger && frequency)
		return refuse(reader, frequency,
			      "a trigger that the daemon makes has no other name, and one that is "
			      "named a frequency of its own, which \"attributes\" can set");
	if (frequency) {
		text_copy(route->trigger, sizeof(route->trigger), CONFIG_TRIGGER_PREFIX);
		text_copy(route->trigger + prefix, sizeof(route->trigger) - prefix, route->name);
	}
	return 0;
}

/* Only what the processor copies can be sent before it is full. */
static int check_latency(struct reader *reader, const config_setting_t *setting,
			 const struct route_config *route)
{
	const config_setting_t *latency = config_setting_get_member(setting, "latency");

	if (!latency)
		return 0;
	if (route->from.usb || !route->to.usb)
		return refuse(reader, latency,
			      "only a route from an IIO device to \"usb\" has a latency");
	if (route->transfer == CONFIG_TRANSFER_DMABUF)
		return refuse(reader, latency,
			      "what is sent before it is full is copied, and \"transfer\" is "
			      "\"dmabuf\"");
	return 0;
}

static int read_route(struct reader *reader, const config_setting_t *setting,
		      struct bridge_config *config)
{
	static const char *const required[] = { "name", "from", "to" };
	struct route_config *route = &config->routes[config->route_count];
	int ret;

	*route = (struct route_config){
		.block_size = 1u << 20,
		.block_count = 8,
		.heap = "auto",
	};
	ret = read_group(reader, setting, keys, route);
	for (size_t i = 0; !ret && i < sizeof(required) / sizeof(required[0]); i++)
		ret = need_key(reader, setting, required[i], "route");
	if (ret)
		return ret;
	ret = check_trigger(reader, setting, route);
	if (!ret)
		ret = check_latency(reader, setting, route);
	if (ret)
		return ret;
	if (route->attribute_count && route->from.usb && route->to.usb)
		return refuse(reader, config_setting_get_member(setting, "attributes"),
			      "a route without an IIO device has no attributes");
	if (route->control_count && route->from.usb && route->to.usb)
		return refuse(reader, config_setting_get_member(setting, "control_attributes"),
			      "a route without an IIO device has no controls");
	if (route->cyclic == CONFIG_CYCLIC_KERNEL && (!route->from.usb || route->to.usb))
		return refuse(reader, config_setting_get_member(setting, "cyclic"),
			      "\"kernel\" is for a route from \"usb\" to an IIO device: others "
			      "repeat nothing");
	for (unsigned int i = 0; i < config->route_count; i++) {
		if (strcmp(config->routes[i].name, route->name) == 0)
			return refuse(reader, config_setting_get_member(setting, "name"),
				      "\"%s\" is the name of another route", route->name);
		if (is_same_device(&config->routes[i].from, &route->from))
			return refuse(reader, config_setting_get_member(setting, "from"),
				      "\"iio:%s\" is the source of route \"%s\" already",
				      route->from.device, config->routes[i].name);
		if (is_same_device(&config->routes[i].to, &route->to))
			return refuse(reader, config_setting_get_member(setting, "to"),
				      "\"iio:%s\" is the sink of route \"%s\" already",
				      route->to.device, config->routes[i].name);
	}
	config->route_count++;
	return 0;
}

int read_routes(struct reader *reader, const config_setting_t *setting, const struct key *key,
		void *value)
{
	int count = count_groups(reader, setting, "routes", IIOBRIDGE_MAX_ROUTES);
	int ret = count < 0 ? count : 0;

	(void)key;
	for (int i = 0; !ret && i < count; i++)
		ret = read_route(reader, config_setting_get_elem(setting, (unsigned int)i), value);
	return ret;
}

void route_config_changes(const struct route_config *before, const struct route_config *after,
			  char *list, size_t size)
{
	list_changes(keys, before, after, list, size);
}
