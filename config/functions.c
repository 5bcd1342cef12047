// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "reader.h"

#define FUNCTION(member) FIELD(struct function_config, member)

static int read_path(struct reader *reader, const config_setting_t *setting, const struct key *key,
		     void *value)
{
	const char *text = config_setting_get_string(setting);

	if (text && text[0] != '/')
		return refuse_value(reader, setting, "a path that begins with /");
	return read_text(reader, setting, key, value);
}

/* Six bytes as text; an odd first byte would make it the address of a group. */
static int read_address(struct reader *reader, const config_setting_t *setting,
			const struct key *key, void *value)
{
	static const char hex[] = "0123456789abcdefABCDEF", odd[] = "13579bdfBDF";
	static const char example[] = "02:00:5e:00:53:01";
	const char *text = config_setting_get_string(setting);
	bool valid = text && strlen(text) == strlen(example) && !strchr(odd, text[1]);

	for (size_t i = 0; valid && text[i]; i++)
		valid = i % 3 == 2 ? text[i] == ':' : strchr(hex, text[i]) != NULL;
	if (!valid)
		return refuse_value(reader, setting,
				    "the address of a network device, such as \"%s\"", example);
	return read_text(reader, setting, key, value);
}

static const struct key type_key = { "type", read_word, FUNCTION(type),
				     .allowed = "acm ecm ffs mass-storage ncm" };

/* The keys of each type, in the order of enum function_type and of the words of type_key. */
static const struct type {
	const char *name;
	const char *required[2];
	struct key keys[5];
} types[] = {
	[FUNCTION_ACM] = { .name = "function \"acm\"" },
	[FUNCTION_ECM] = { .name = "function \"ecm\"",
			   .keys = { { "dev_addr", read_address, FUNCTION(dev_addr) },
				     { "host_addr", read_address, FUNCTION(host_addr) } } },
	[FUNCTION_FFS] = { .name = "function \"ffs\"",
			   .required = { "name", "mount" },
			   .keys = { { "name", read_text, FUNCTION(name),
				       .allowed = NAME_CHARACTERS },
				     { "mount", read_path, FUNCTION(mount) },
				     { "user", read_text, FUNCTION(user),
				       .allowed = NAME_CHARACTERS } } },
	[FUNCTION_MASS_STORAGE] = { .name = "function \"mass-storage\"",
				    .required = { "file" },
				    .keys = { { "file", read_path, FUNCTION(file) },
					      { "ro", read_flag, FUNCTION(ro) } } },
	[FUNCTION_NCM] = { .name = "function \"ncm\"",
			   .keys = { { "dev_addr", read_address, FUNCTION(dev_addr) },
				     { "host_addr", read_address, FUNCTION(host_addr) } } },
};

static int read_function(struct reader *reader, const config_setting_t *setting,
			 struct function_config *function)
{
	struct key keys[1 + sizeof(types[0].keys) / sizeof(types[0].keys[0])] = { type_key };
	const config_setting_t *type_setting;
	const struct type *type;
	int ret;

	if (!config_setting_is_group(setting))
		return refuse(reader, setting, "is %s, but must be a group { }",
			      type_name(setting));
	ret = need_key(reader, setting, "type", "function");
	if (ret)
		return ret;
	type_setting = config_setting_get_member(setting, "type");
	ret = read_word(reader, type_setting, &type_key, &function->type);
	if (ret)
		return ret;
	type = &types[function->type];
	memcpy(&keys[1], type->keys, sizeof(type->keys));
	ret = read_group(reader, setting, keys, function);
	for (size_t i = 0; !ret && i < 2 && type->required[i]; i++)
		ret = need_key(reader, setting, type->required[i], type->name);
	return ret;
}

/* Two FunctionFS instances have to differ in name and place, and from the bridge's own. */
static int check_instance(struct reader *reader, const config_setting_t *setting,
			  const struct functions_config *functions,
			  const struct function_config *function)
{
	if (function->type != FUNCTION_FFS)
		return 0;
	if (strcmp(function->name, "iiobridge") == 0)
		return refuse(reader, config_setting_get_member(setting, "name"),
			      "\"%s\" is the bridge's own instance", function->name);
	for (unsigned int i = 0; i < functions->count; i++) {
		const struct function_config *other = &functions->functions[i];

		if (strcmp(other->name, function->name) == 0)
			return refuse(reader, config_setting_get_member(setting, "name"),
				      "\"%s\" is the name of another function", function->name);
		if (strcmp(other->mount, function->mount) == 0)
			return refuse(reader, config_setting_get_member(setting, "mount"),
				      "function \"%s\" is mounted at \"%s\" already", other->name,
				      function->mount);
	}
	return 0;
}

int read_functions(struct reader *reader, const config_setting_t *setting, const struct key *key,
		   void *value)
{
	struct functions_config *functions = value;
	int count;

	(void)key;
	if (config_setting_is_list(setting) && config_setting_length(setting) == 0)
		return 0;
	count = count_groups(reader, setting, "functions", CONFIG_MAX_FUNCTIONS);
	if (count < 0)
		return count;
	for (unsigned int i = 0; i < (unsigned int)count; i++) {
		const config_setting_t *group = config_setting_get_elem(setting, i);
		struct function_config *function = &functions->functions[i];
		int ret = read_function(reader, group, function);

		if (!ret)
			ret = check_instance(reader, group, functions, function);
		if (ret)
			return ret;
		functions->count++;
	}
	return 0;
}
