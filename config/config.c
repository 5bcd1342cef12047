// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reader.h"

static int read_file(struct reader *reader, config_t *file, struct bridge_config *config)
{
	static const struct key keys[] = {
		{ "gadget", read_gadget, FIELD(struct bridge_config, gadget) },
		{ "process", read_process, FIELD(struct bridge_config, process) },
		{ "routes", read_routes, .offset = 0 }, /* and route_count */
		{ 0 },
	};
	const config_setting_t *root = config_root_setting(file);
	int ret = read_group(reader, root, keys, config);

	if (ret)
		return ret;
	if (!config->route_count)
		return refuse(reader, root, "there is no key \"routes\": nothing to bridge");
	return 0;
}

int config_load(const char *path, struct bridge_config *config, char *error, size_t error_size)
{
	struct reader reader = { path, error, error_size };
	config_t file;
	FILE *stream;
	int ret;

	memset(config, 0, sizeof(*config));
	config->gadget = (struct gadget_config){
		.udc = "auto",
		.vendor_id = 0x1d6b,
		.product_id = 0x0104,
		.manufacturer = "iiobridge",
		.product = "iiobridge",
		.serial = "auto",
		.burst = CONFIG_BURST_MAX,
	};
	stream = fopen(path, "re");
	if (!stream) {
		ret = -errno;
		snprintf(error, error_size, "%s: %s%s", path, strerror(-ret),
			 ret == -EACCES ? " for the user that iiobridged runs as" : "");
		return ret;
	}
	config_init(&file);
	if (config_read(&file, stream)) {
		ret = read_file(&reader, &file, config);
	} else {
		const char *name = config_error_file(&file);

		ret = -EINVAL;
		snprintf(error, error_size, "%s:%d: %s", name ? name : path,
			 config_error_line(&file), config_error_text(&file));
	}
	config_destroy(&file);
	fclose(stream);
	return ret;
}
