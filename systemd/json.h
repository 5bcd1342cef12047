/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: writing JSON
 *
 * Values are written in their order, indented. Each takes a key, which is NULL in arrays and for
 * the outermost value. What is written is valid whatever the strings hold (RFC 8259): bytes that
 * are no UTF-8 become U+FFFD.
 */
#ifndef IIOBRIDGE_JSON_H
#define IIOBRIDGE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json - what is being written
 * @file: receives the text
 * @depth: objects and arrays that are open
 * @follows: a value stands before the next one
 */
struct json {
	FILE *file;
	unsigned int depth;
	bool follows;
};

/** json_begin_object() - begin a value that is an object */
void json_begin_object(struct json *json, const char *key);

/** json_end_object() - end it */
void json_end_object(struct json *json);

/** json_begin_array() - begin a value that is an array */
void json_begin_array(struct json *json, const char *key);

/** json_end_array() - end it */
void json_end_array(struct json *json);

/** json_string() - write text */
void json_string(struct json *json, const char *key, const char *text);

/** json_number() - write a whole number */
void json_number(struct json *json, const char *key, uint64_t number);

/** json_seconds() - write microseconds as a number of seconds, to the microsecond */
void json_seconds(struct json *json, const char *key, uint64_t us);

/** json_bool() - write true or false */
void json_bool(struct json *json, const char *key, bool value);

/** json_null() - write that there is nothing */
void json_null(struct json *json, const char *key);

#endif
