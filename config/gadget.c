// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

static const struct key keys[] = {
	{ "udc", read_text, FIELD(struct gadget_config, udc), .allowed = NAME_CHARACTERS },
	{ "vendor_id", read_number, FIELD(struct gadget_config, vendor_id), .min = 1,
	  .max = UINT16_MAX },
	{ "product_id", read_number, FIELD(struct gadget_config, product_id), .max = UINT16_MAX },
	{ "manufacturer", read_text, FIELD(struct gadget_config, manufacturer) },
	{ "product", read_text, FIELD(struct gadget_config, product) },
	{ "serial", read_text, FIELD(struct gadget_config, serial), .allowed = NAME_CHARACTERS },
	{ "burst", read_number, FIELD(struct gadget_config, burst), .max = CONFIG_BURST_MAX },
	{ "functions", read_functions, FIELD(struct gadget_config, functions) },
	{ 0 },
};

int read_gadget(struct reader *reader, const config_setting_t *setting, const struct key *key,
		void *value)
{
	(void)key;
	return read_group(reader, setting, keys, value);
}

void gadget_config_changes(const struct gadget_config *before, const struct gadget_config *after,
			   char *list, size_t size)
{
	list_changes(keys, before, after, list, size);
}
