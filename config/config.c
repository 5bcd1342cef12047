// SPDX-License-Identifier: GPL-2.0-or-later
#include "iiobridge/config.h"

#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iiobridge/text.h"

/* What config_load() works on. */
struct reader {
	const char *path;
	char *error;
	size_t error_size;
};

/* One key of a group: how to read it and where its value goes. */
struct key {
	const char *name;
	int (*read)(struct reader *reader, const config_setting_t *setting, const struct key *key,
		    void *value);
	size_t offset;
	size_t size; /* of a text, bytes with the NUL */
	uint64_t min, max, step;
	const char *allowed; /* characters of a text, NULL for any; or the words, between spaces */
};

#define NAME_CHARACTERS              \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-_.,:@+"

/* Write "routes[0].block_size", the way from the file's top to @setting. */
static void write_key_path(const config_setting_t *setting, char *path, size_t size)
{
	const config_setting_t *parent = config_setting_parent(setting);
	const char *name = config_setting_name(setting);
	size_t length;

	if (!parent) {
		path[0] = '\0';
		return;
	}
	write_key_path(parent, path, size);
	length = strlen(path);
	if (name)
		snprintf(path + length, size - length, "%s%s", length ? "." : "", name);
	else
		snprintf(path + length, size - length, "[%d]", config_setting_index(setting));
}

__attribute__((format(printf, 3, 4))) static int
refuse(struct reader *reader, const config_setting_t *setting, const char *format, ...)
{
	const char *file = config_setting_source_file(setting);
	unsigned int line = config_setting_source_line(setting);
	char path[128];
	va_list arguments;
	int length;

	write_key_path(setting, path, sizeof(path));
	length = snprintf(reader->error, reader->error_size, "%s:%u: %s%s",
			  file ? file : reader->path, line ? line : 1, path, path[0] ? ": " : "");
	if (length < 0 || (size_t)length >= reader->error_size)
		return -EINVAL;
	va_start(arguments, format);
	vsnprintf(reader->error + length, reader->error_size - (size_t)length, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static const char *type_name(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a number";
	case CONFIG_TYPE_FLOAT:
		return "a number with a fraction";
	case CONFIG_TYPE_STRING:
		return "text";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
		return "an array [ ]";
	case CONFIG_TYPE_LIST:
		return "a list ( )";
	default:
		return "a group { }";
	}
}

static int read_text(struct reader *reader, const config_setting_t *setting, const struct key *key,
		     void *value)
{
	const char *text = config_setting_get_string(setting);

	if (!text)
		return refuse(reader, setting, "is %s, but must be text in quotes",
			      type_name(setting));
	if (!text[0])
		return refuse(reader, setting, "is empty");
	if (strlen(text) >= key->size)
		return refuse(reader, setting, "\"%s\" is %zu bytes long, at most %zu are allowed",
			      text, strlen(text), key->size - 1);
	if (key->allowed && text[strspn(text, key->allowed)] != '\0')
		return refuse(reader, setting,
			      "\"%s\" has the character '%c'; letters, digits and -_.,:@+ are "
			      "allowed",
			      text, text[strspn(text, key->allowed)]);
	memcpy(value, text, strlen(text) + 1);
	return 0;
}

/* Get a number, written as such or, where @key counts bytes, as text with a unit. */
static int get_number(struct reader *reader, const config_setting_t *setting, const struct key *key,
		      uint64_t *number)
{
	const char *text = config_setting_get_string(setting);
	int type = config_setting_type(setting);
	long long signed_number;

	if (text && key->step) {
		if (config_parse_size(text, number))
			return refuse(reader, setting,
				      "\"%s\" is not a size; write bytes, or KiB or MiB as in "
				      "\"1 MiB\"",
				      text);
		return 0;
	}
	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
		return refuse(reader, setting, "is %s, but must be a number", type_name(setting));
	signed_number = config_setting_get_int64(setting);
	if (signed_number < 0)
		return refuse(reader, setting, "is %lld, but must be from %llu to %llu",
			      signed_number, (unsigned long long)key->min,
			      (unsigned long long)key->max);
	*number = (uint64_t)signed_number;
	return 0;
}

static int read_number(struct reader *reader, const config_setting_t *setting,
		       const struct key *key, void *value)
{
	uint64_t number = 0;
	int ret = get_number(reader, setting, key, &number);

	if (ret)
		return ret;
	if (number < key->min || number > key->max)
		return refuse(reader, setting, "is %llu, but must be from %llu to %llu",
			      (unsigned long long)number, (unsigned long long)key->min,
			      (unsigned long long)key->max);
	if (key->step && number % key->step)
		return refuse(reader, setting, "is %llu, but must be a multiple of %llu",
			      (unsigned long long)number, (unsigned long long)key->step);
	if (key->size == sizeof(uint16_t))
		*(uint16_t *)value = (uint16_t)number;
	else
		*(uint32_t *)value = (uint32_t)number;
	return 0;
}

/* One of the words in @key; the value is its place there. */
static int read_word(struct reader *reader, const config_setting_t *setting, const struct key *key,
		     void *value)
{
	const char *text = config_setting_get_string(setting);
	const char *word = key->allowed;
	unsigned int place = 0;

	for (; text && *word; place++) {
		size_t length = strcspn(word, " ");

		if (strlen(text) == length && strncmp(word, text, length) == 0) {
			*(unsigned int *)value = place;
			return 0;
		}
		word += length;
		word += strspn(word, " ");
	}
	return refuse(reader, setting, "is %s%s%s, but must be one of these, in quotes: %s",
		      text ? "\"" : "", text ? text : type_name(setting), text ? "\"" : "",
		      key->allowed);
}

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
		return refuse(reader, setting,
			      "is %s%s%s, but must be \"usb\", or \"iio:NAME\" with the name of "
			      "an IIO device",
			      text ? "\"" : "", text ? text : type_name(setting), text ? "\"" : "");
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

static int read_group(struct reader *reader, const config_setting_t *group, const struct key *keys,
		      void *base)
{
	if (!config_setting_is_group(group))
		return refuse(reader, group, "is %s, but must be a group { }", type_name(group));
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned int)i);
		const struct key *key = keys;
		char known[256] = "";
		int ret;

		for (; key->name && strcmp(key->name, config_setting_name(setting)) != 0; key++)
			text_list(known, sizeof(known), key->name);
		if (!key->name)
			return refuse(reader, setting, "no such key; the keys here are %s", known);
		ret = key->read(reader, setting, key, (char *)base + key->offset);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_gadget(struct reader *reader, const config_setting_t *setting,
		       const struct key *key, void *value)
{
#define TEXT(name, characters)                                                                     \
	{                                                                                          \
#name, read_text, offsetof(struct gadget_config, name), CONFIG_TEXT_SIZE, 0, 0, 0, \
			characters                                                                 \
	}
	static const struct key keys[] = {
		TEXT(udc, NAME_CHARACTERS),
		{ "vendor_id", read_number, offsetof(struct gadget_config, vendor_id),
		  sizeof(uint16_t), 1, UINT16_MAX, 0, NULL },
		{ "product_id", read_number, offsetof(struct gadget_config, product_id),
		  sizeof(uint16_t), 0, UINT16_MAX, 0, NULL },
		TEXT(manufacturer, NULL),
		TEXT(product, NULL),
		TEXT(serial, NAME_CHARACTERS),
		{ 0 },
	};
#undef TEXT
	(void)key;
	return read_group(reader, setting, keys, value);
}

static bool is_same_device(const struct end_config *one, const struct end_config *other)
{
	return !one->usb && !other->usb && strcmp(one->device, other->device) == 0;
}

static int read_route(struct reader *reader, const config_setting_t *setting,
		      struct bridge_config *config)
{
	static const struct key keys[] = {
		{ "name", read_text, offsetof(struct route_config, name), CONFIG_NAME_SIZE, 0, 0, 0,
		  NAME_CHARACTERS },
		{ "from", read_end, offsetof(struct route_config, from), 0, 0, 0, 0, NULL },
		{ "to", read_end, offsetof(struct route_config, to), 0, 0, 0, 0, NULL },
		{ "channels", read_channels, offsetof(struct route_config, channels), 0, 0, 0, 0,
		  NULL },
		{ "block_size", read_number, offsetof(struct route_config, block_size),
		  sizeof(uint32_t), CONFIG_BLOCK_SIZE_MIN, CONFIG_BLOCK_SIZE_MAX,
		  CONFIG_BLOCK_SIZE_STEP, NULL },
		{ "blocks", read_number, offsetof(struct route_config, block_count),
		  sizeof(uint32_t), CONFIG_BLOCKS_MIN, CONFIG_BLOCKS_MAX, 0, NULL },
		{ "heap", read_text, offsetof(struct route_config, heap), CONFIG_TEXT_SIZE, 0, 0, 0,
		  NAME_CHARACTERS },
		{ "loss_counter", read_text, offsetof(struct route_config, loss_counter),
		  CONFIG_TEXT_SIZE, 0, 0, 0, NAME_CHARACTERS },
		{ "miss_counter", read_text, offsetof(struct route_config, miss_counter),
		  CONFIG_TEXT_SIZE, 0, 0, 0, NAME_CHARACTERS },
		{ "transfer", read_word, offsetof(struct route_config, transfer), 0, 0, 0, 0,
		  "auto dmabuf copy" },
		{ "start", read_word, offsetof(struct route_config, start), 0, 0, 0, 0,
		  "on-demand always" },
		{ 0 },
	};
	static const char *const required[] = { "name", "from", "to" };
	struct route_config *route = &config->routes[config->route_count];
	int ret;

	*route = (struct route_config){
		.block_size = 1u << 20,
		.block_count = 8,
		.heap = "system",
	};
	ret = read_group(reader, setting, keys, route);
	if (ret)
		return ret;
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		if (!config_setting_get_member(setting, required[i]))
			return refuse(reader, setting, "has no key \"%s\", which every route needs",
				      required[i]);
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

static int read_routes(struct reader *reader, const config_setting_t *setting,
		       const struct key *key, void *value)
{
	int count = config_setting_length(setting);

	(void)key;
	if (!config_setting_is_list(setting))
		return refuse(reader, setting, "is %s, but must be a list ( { … }, { … } )",
			      type_name(setting));
	if (count < 1 || count > IIOBRIDGE_MAX_ROUTES)
		return refuse(reader, setting, "has %d routes, but must have from 1 to %d", count,
			      IIOBRIDGE_MAX_ROUTES);
	for (int i = 0; i < count; i++) {
		int ret = read_route(reader, config_setting_get_elem(setting, (unsigned int)i),
				     value);

		if (ret)
			return ret;
	}
	return 0;
}

static int read_file(struct reader *reader, config_t *file, struct bridge_config *config)
{
	static const struct key keys[] = {
		{ "gadget", read_gadget, offsetof(struct bridge_config, gadget), 0, 0, 0, 0, NULL },
		{ "routes", read_routes, 0, 0, 0, 0, 0, NULL },
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

	*config = (struct bridge_config){
		.gadget =
			{
				.udc = "auto",
				.vendor_id = 0x1d6b,
				.product_id = 0x0104,
				.manufacturer = "iiobridge",
				.product = "iiobridge",
				.serial = "auto",
			},
	};
	stream = fopen(path, "re");
	if (!stream) {
		ret = -errno;
		snprintf(error, error_size, "%s: %s", path, strerror(-ret));
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
