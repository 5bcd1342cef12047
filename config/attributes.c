// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

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

static int read_attribute(struct reader *reader, const config_setting_t *setting,
			  struct attribute_config *attribute)
{
	int ret = read_group(reader, setting, keys, attribute);

	if (!ret)
		ret = need_key(reader, setting, "name", "attribute");
	if (!ret)
		ret = need_key(reader, setting, "value", "attribute");
	if (!ret && attribute->direction && !attribute->channel[0])
		ret = refuse(reader, config_setting_get_member(setting, "direction"),
			     "an attribute without a channel has no direction");
	return ret;
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
