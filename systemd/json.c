// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.h"

#include <inttypes.h>
#include <stddef.h>

/*
 * Bytes of the UTF-8 character at @text, 0 when there is none: RFC 3629 has no longer forms than
 * needed, no surrogates, and ends at U+10FFFF.
 */
static size_t character_size(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, second_min, second_max, size;
	} forms[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].size > 1 &&
		    (text[1] < forms[i].second_min || text[1] > forms[i].second_max))
			return 0;
		for (size_t n = 2; n < forms[i].size; n++)
			if (text[n] < 0x80 || text[n] > 0xbf)
				return 0;
		return forms[i].size;
	}
	return 0;
}

static void write_character(FILE *file, const unsigned char *text, size_t size)
{
	if (size == 0)
		fputs("\\ufffd", file);
	else if (text[0] == '"' || text[0] == '\\')
		fprintf(file, "\\%c", text[0]);
	else if (text[0] < 0x20 || text[0] == 0x7f)
		fprintf(file, "\\u%04x", text[0]);
	else
		fwrite(text, 1, size, file);
}

static void write_string(FILE *file, const char *string)
{
	const unsigned char *text = (const unsigned char *)string;

	putc('"', file);
	while (*text) {
		size_t size = character_size(text);

		write_character(file, text, size);
		text += size ? size : 1;
	}
	putc('"', file);
}

static void indent(struct json *json)
{
	if (json->depth > 0)
		fprintf(json->file, "\n%*s", (int)json->depth * 2, "");
}

static void begin_value(struct json *json, const char *key)
{
	if (json->follows)
		putc(',', json->file);
	indent(json);
	json->follows = true;
	if (!key)
		return;
	write_string(json->file, key);
	fputs(": ", json->file);
}

static void begin(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	putc(bracket, json->file);
	json->depth++;
	json->follows = false;
}

static void end(struct json *json, char bracket)
{
	json->depth--;
	/* An empty one stays on its line. */
	if (json->follows && json->depth == 0)
		putc('\n', json->file);
	else if (json->follows)
		indent(json);
	putc(bracket, json->file);
	json->follows = true;
}

void json_begin_object(struct json *json, const char *key)
{
	begin(json, key, '{');
}

void json_end_object(struct json *json)
{
	end(json, '}');
}

void json_begin_array(struct json *json, const char *key)
{
	begin(json, key, '[');
}

void json_end_array(struct json *json)
{
	end(json, ']');
}

void json_string(struct json *json, const char *key, const char *text)
{
	begin_value(json, key);
	write_string(json->file, text);
}

void json_number(struct json *json, const char *key, uint64_t number)
{
	begin_value(json, key);
	fprintf(json->file, "%" PRIu64, number);
}

void json_seconds(struct json *json, const char *key, uint64_t us)
{
	begin_value(json, key);
	fprintf(json->file, "%" PRIu64 ".%06u", us / 1000000, (unsigned int)(us % 1000000));
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->file);
}

void json_null(struct json *json, const char *key)
{
	begin_value(json, key);
	fputs("null", json->file);
}
