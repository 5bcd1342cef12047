/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: reading groups of the configuration
 *
 * A group of the file is described by a table of its keys; read_group() goes through the group and
 * has each key read into its place in a struct. What is wrong is told once, by refuse(), with file,
 * line, the key's way from the top of the file, and what is allowed.
 */
#ifndef IIOBRIDGE_CONFIG_READER_H
#define IIOBRIDGE_CONFIG_READER_H

#include <libconfig.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

/* Characters of what names something in a path or on USB. */
#define NAME_CHARACTERS              \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-_.,:@+"

/**
 * struct reader - what config_load() works on
 * @path: the file
 * @error: receives the sentence about what is wrong
 * @error_size: bytes in @error
 */
struct reader {
	const char *path;
	char *error;
	size_t error_size;
};

/**
 * struct key - one key of a group
 * @name: as in the file
 * @read: reads it into the value that it is given
 * @offset: of the value in the struct of the group, see FIELD()
 * @size: of the value, bytes; of a text with the NUL
 * @min: smallest number
 * @max: largest number
 * @step: what a number of bytes must be a multiple of; such a number may have a unit
 * @parse: reads the text of a number that has a unit, such as config_parse_time()
 * @allowed: characters of a text, NULL for any; or the words, between spaces; or what may be said
 *	where there is @parse
 */
struct key {
	const char *name;
	int (*read)(struct reader *reader, const config_setting_t *setting, const struct key *key,
		    void *value);
	size_t offset;
	size_t size;
	uint64_t min, max, step;
	int (*parse)(const char *text, uint64_t *number);
	const char *allowed;
};

/* Place and size of a member, for struct key. */
#define FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)

/**
 * refuse() - say what is wrong with a setting
 * @reader: where to
 * @setting: the setting
 * @format: the sentence after file, line and key, as for printf()
 *
 * Return: -EINVAL.
 */
__attribute__((format(printf, 3, 4))) int
refuse(struct reader *reader, const config_setting_t *setting, const char *format, ...);

/**
 * refuse_value() - say that a text is not one of those that are allowed, or no text at all
 * @reader: where to
 * @setting: the setting
 * @format: what it must be, for the sentence "is …, but must be …", as for printf()
 *
 * Return: -EINVAL.
 */
__attribute__((format(printf, 3, 4))) int
refuse_value(struct reader *reader, const config_setting_t *setting, const char *format, ...);

/**
 * type_name() - what a setting is
 * @setting: the setting
 *
 * Return: a word or two for the sentence "is …", such as "a number".
 */
const char *type_name(const config_setting_t *setting);

/**
 * read_group() - read a group by the table of its keys
 * @reader: for refuse()
 * @group: the setting that should be a group
 * @keys: the table; an entry without a name ends it
 * @base: the struct that the values go to; keys that are not in the file leave theirs alone
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_group(struct reader *reader, const config_setting_t *group, const struct key *keys,
	       void *base);

/**
 * list_changes() - find out which keys of a group have other values than before
 * @keys: the table of the group's keys
 * @before: a struct that read_group() has filled
 * @after: another
 * @list: receives the names of the keys, between commas; empty when there are none
 * @size: bytes in @list
 *
 * Values are compared byte by byte: what a file does not set has to be 0.
 */
void list_changes(const struct key *keys, const void *before, const void *after, char *list,
		  size_t size);

/**
 * need_key() - refuse a group without a certain key
 * @reader: for refuse()
 * @group: a group
 * @name: the key
 * @what: what the group is, in the sentence "which every … needs"
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int need_key(struct reader *reader, const config_setting_t *group, const char *name,
	     const char *what);

/**
 * count_groups() - count the elements of a list ( { … }, { … } )
 * @reader: for refuse()
 * @list: the setting that should be a list
 * @what: what its elements are, in the plural
 * @max: how many are allowed
 *
 * Return: from 1 to @max, or -EINVAL, told to @reader.
 */
int count_groups(struct reader *reader, const config_setting_t *list, const char *what, int max);

/**
 * read_text() - read text of the key's size and characters
 * @reader: for refuse()
 * @setting: the setting
 * @key: its key
 * @value: char[key->size]
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_text(struct reader *reader, const config_setting_t *setting, const struct key *key,
	      void *value);

/**
 * read_number() - read a number in the key's range
 * @reader: for refuse()
 * @setting: the setting
 * @key: its key
 * @value: uint16_t or uint32_t, as the key's size says
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_number(struct reader *reader, const config_setting_t *setting, const struct key *key,
		void *value);

/**
 * read_word() - read one of the key's words
 * @reader: for refuse()
 * @setting: the setting
 * @key: its key
 * @value: an enum: the word's place in key->allowed
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_word(struct reader *reader, const config_setting_t *setting, const struct key *key,
	      void *value);

/**
 * read_flag() - read true or false
 * @reader: for refuse()
 * @setting: the setting
 * @key: its key
 * @value: bool
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_flag(struct reader *reader, const config_setting_t *setting, const struct key *key,
	      void *value);

/**
 * read_functions() - read the list "functions" of the gadget
 * @reader: for refuse()
 * @setting: the list
 * @key: its key
 * @value: struct functions_config
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_functions(struct reader *reader, const config_setting_t *setting, const struct key *key,
		   void *value);

/**
 * read_gadget() - read the group "gadget"
 * @reader: for refuse()
 * @setting: the group
 * @key: its key
 * @value: struct gadget_config
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_gadget(struct reader *reader, const config_setting_t *setting, const struct key *key,
		void *value);

/**
 * read_process() - read the group "process"
 * @reader: for refuse()
 * @setting: the group
 * @key: its key
 * @value: struct process_config
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_process(struct reader *reader, const config_setting_t *setting, const struct key *key,
		 void *value);

/**
 * read_attributes() - read the list "attributes" of a route
 * @reader: for refuse()
 * @setting: the list
 * @key: its key
 * @value: attributes of struct route_config, whose attribute_count is set, too
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_attributes(struct reader *reader, const config_setting_t *setting, const struct key *key,
		    void *value);

/**
 * read_controls() - read the list "control_attributes" of a route
 * @reader: for refuse()
 * @setting: the list
 * @key: its key
 * @value: control_attributes of struct route_config, whose control_count is set, too
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_controls(struct reader *reader, const config_setting_t *setting, const struct key *key,
		  void *value);

/**
 * read_routes() - read the list "routes"
 * @reader: for refuse()
 * @setting: the list
 * @key: its key
 * @value: struct bridge_config
 *
 * Return: 0 or -EINVAL, told to @reader.
 */
int read_routes(struct reader *reader, const config_setting_t *setting, const struct key *key,
		void *value);

#endif
