// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

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

int refuse(struct reader *reader, const config_setting_t *setting, const char *format, ...)
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

const char *type_name(const config_setting_t *setting)
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

int refuse_value(struct reader *reader, const config_setting_t *setting, const char *format, ...)
{
	const char *text = config_setting_get_string(setting);
	char allowed[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(allowed, sizeof(allowed), format, arguments);
	va_end(arguments);
	return text ? refuse(reader, setting, "is \"%s\", but must be %s", text, allowed)
		    : refuse(reader, setting, "is %s, but must be %s", type_name(setting), allowed);
}

int read_group(struct reader *reader, const config_setting_t *group, const struct key *keys,
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

void list_changes(const struct key *keys, const void *before, const void *after, char *list,
		  size_t size)
{
	list[0] = '\0';
	for (const struct key *key = keys; key->name; key++)
		if (memcmp((const char *)before + key->offset, (const char *)after + key->offset,
			   key->size) != 0)
			text_list(list, size, key->name);
}

int need_key(struct reader *reader, const config_setting_t *group, const char *name,
	     const char *what)
{
	if (!config_setting_get_member(group, name))
		return refuse(reader, group, "has no key \"%s\", which every %s needs", name, what);
	return 0;
}

int count_groups(struct reader *reader, const config_setting_t *list, const char *what, int max)
{
	int count = config_setting_length(list);

	if (!config_setting_is_list(list))
		return refuse(reader, list, "is %s, but must be a list ( { … }, { … } )",
			      type_name(list));
	if (count < 1 || count > max)
		return refuse(reader, list, "has %d %s, but must have from 1 to %d", count, what,
			      max);
	return count;
}

int read_text(struct reader *reader, const config_setting_t *setting, const struct key *key,
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
	/* Nothing may be left of a longer text, see list_changes(). */
	memset(value, 0, key->size);
	memcpy(value, text, strlen(text));
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

int read_number(struct reader *reader, const config_setting_t *setting, const struct key *key,
		void *value)
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

int read_flag(struct reader *reader, const config_setting_t *setting, const struct key *key,
	      void *value)
{
	(void)key;
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		return refuse(reader, setting, "is %s, but must be true or false",
			      type_name(setting));
	*(bool *)value = config_setting_get_bool(setting) != 0;
	return 0;
}

int read_word(struct reader *reader, const config_setting_t *setting, const struct key *key,
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
	return refuse_value(reader, setting, "one of these, in quotes: %s", key->allowed);
}
