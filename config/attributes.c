// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <string.h>

#include "core/text.h"

static const struct key keys[] = {
	{ "device", read_text, FIELD(struct attribute_config, device) },
	{ "channel", read_text, FIELD(struct attribute_config, channel),
	  .allowed = NAME_CHARACTERS },
	{ "direction", read_word, FIELD(struct attribute_config, direction),
	  .allowed = "either input output" },
	{ "name", read_text, FIELD(struct attribute_config, name), .allowed = NAME_CHARACTERS },
	{ "value", read_text, FIELD(struct attribute_config, value) },
	{ 0 },
};

static const struct key control_keys[] = {
	{ "device", read_text, FIELD(struct control_config, attribute.device) },
	{ "channel", read_text, FIELD(struct control_config, attribute.channel),
	  .allowed = NAME_CHARACTERS },
	{ "direction", read_word, FIELD(struct control_config, attribute.direction),
	  .allowed = "either input output" },
	{ "name", read_text, FIELD(struct control_config, attribute.name),
	  .allowed = NAME_CHARACTERS },
	{ "control", read_text, FIELD(struct control_config, name), .allowed = NAME_CHARACTERS },
	{ "access", read_word, FIELD(struct control_config, access), .allowed = "write read" },
	{ 0 },
};

/* The direction is that of a channel. */
static int check_direction(struct reader *reader, const config_setting_t *setting,
			   const struct attribute_config *attribute)
{
	if (!attribute->direction || attribute->channel[0])
		return 0;
	return refuse(reader, config_setting_get_member(setting, "direction"),
		      "an attribute without a channel has no direction");
}

static int read_attribute(struct reader *reader, const config_setting_t *setting,
			  struct attribute_config *attribute)
{
	int ret = read_group(reader, setting, keys, attribute);

	if (!ret)
		ret = need_key(reader, setting, "name", "attribute");
	if (!ret)
		ret = need_key(reader, setting, "value", "attribute");
	return ret ? ret : check_direction(reader, setting, attribute);
}

int read_attributes(struct reader *reader, const config_setting_t *setting, const struct key *key,
		    void *value)
{
	struct route_config *route =
		(struct route_config *)((char *)value - offsetof(struct route_config, attributes));
	int count = count_groups(reader, setting, "attributes", CONFIG_ATTRIBUTES_MAX);
	int ret = count < 0 ? count : 0;

	(void)key;
	for (int i = 0; !ret && i < count; i++)
		ret = read_attribute(reader, config_setting_get_elem(setting, (unsigned int)i),
				     &route->attributes[i]);
	if (!ret)
		route->attribute_count = (unsigned int)count;
	return ret;
}

const char *const config_role_names[] = {
	[IIOBRIDGE_ROLE_ATTRIBUTE] = "attribute",
	[IIOBRIDGE_ROLE_FREQUENCY] = "frequency",
	[IIOBRIDGE_ROLE_SAMPLE_RATE] = "sample-rate",
	[IIOBRIDGE_ROLE_BANDWIDTH] = "bandwidth",
	[IIOBRIDGE_ROLE_GAIN] = "gain",
	[IIOBRIDGE_ROLE_GAIN_MODE] = "gain-mode",
	[IIOBRIDGE_ROLE_ANTENNA] = "antenna",
	[IIOBRIDGE_ROLE_RSSI] = "rssi",
	[IIOBRIDGE_ROLE_TEMPERATURE] = "temperature",
};

/* It must not be taken for one of a transceiver's. */
static int check_name(struct reader *reader, const config_setting_t *setting,
		      const struct route_config *route, const struct control_config *control)
{
	const char *own = "control", *name = control->name;
	const config_setting_t *said = config_setting_get_member(setting, own);

	if (!said)
		said = config_setting_get_member(setting, "name");
	for (size_t i = IIOBRIDGE_ROLE_ATTRIBUTE + 1; i <= IIOBRIDGE_ROLE_TEMPERATURE; i++) {
		const char *role = config_role_names[i];
		const char *number = name + strlen(role);

		if (strncmp(name, role, strlen(role)) == 0 &&
		    number[strspn(number, "0123456789")] == '\0')
			return refuse(reader, said,
				      "\"%s\" is what a control of a transceiver is called", name);
	}
	for (const struct control_config *other = route->control_attributes; other < control;
	     other++)
		if (strcmp(other->name, name) == 0)
			return refuse(reader, said, "there are two controls \"%s\"", name);
	return 0;
}

static int read_control(struct reader *reader, const config_setting_t *setting,
			const struct route_config *route, struct control_config *control)
{
	int ret = read_group(reader, setting, control_keys, control);

	if (!ret)
		ret = need_key(reader, setting, "name", "control");
	if (!ret)
		ret = check_direction(reader, setting, &control->attribute);
	if (!ret && !control->name[0])
		text_copy(control->name, sizeof(control->name), control->attribute.name);
	return ret ? ret : check_name(reader, setting, route, control);
}

int read_controls(struct reader *reader, const config_setting_t *setting, const struct key *key,
		  void *value)
{
	struct route_config *route =
		(struct route_config *)((char *)value -
					offsetof(struct route_config, control_attributes));
	int count = count_groups(reader, setting, "control_attributes", CONFIG_CONTROLS_MAX);
	int ret = count < 0 ? count : 0;

	(void)key;
	for (int i = 0; !ret && i < count; i++)
		ret = read_control(reader, config_setting_get_elem(setting, (unsigned int)i), route,
				   &route->control_attributes[i]);
	if (!ret)
		route->control_count = (unsigned int)count;
	return ret;
}
