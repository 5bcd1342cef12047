/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what commands tell programs: one JSON object
 *
 * Names and units are the same in all commands, and documented in iiobridge(1). What is not known
 * is null. Text that goes in must be UTF-8, as answer.h makes all that comes from a board.
 */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct iiobridge_route_info;

/** enum report_layout - how an object is printed */
enum report_layout {
	REPORT_LINES,	 /* for standard output, a line for each value */
	REPORT_ONE_LINE, /* among other lines, where it begins with a brace */
};

/**
 * report_print() - print an object
 * @object: the object, which is released; NULL when there was no memory for it
 * @file: where to
 * @layout: how
 *
 * That all of it was written is for the caller to see.
 *
 * Return: 0; -ENOMEM: nothing is printed.
 */
int report_print(json_t *object, FILE *file, enum report_layout layout);

/**
 * report_text() - text, or null where it is empty
 * @text: UTF-8
 *
 * Return: the value, or NULL when there is no memory.
 */
json_t *report_text(const char *text);

/**
 * report_number() - a number, or null
 * @known: whether it is known
 * @value: the number, finite if it is
 *
 * Return: the value, or NULL when there is no memory.
 */
json_t *report_number(bool known, double value);

/**
 * report_count() - a number of things, or null
 * @known: whether it is known
 * @value: the number; one that does not fit 63 bits is rounded
 *
 * Return: the value, or NULL when there is no memory.
 */
json_t *report_count(bool known, uint64_t value);

/**
 * report_sample_rate() - what a route's converter says of its rate, or null
 * @route: the route
 *
 * Return: samples per second, or NULL when there is no memory.
 */
json_t *report_sample_rate(const struct iiobridge_route_info *route);

/**
 * report_transfer() - how a route moves its blocks
 * @route: the route
 *
 * Return: "dmabuf" or "copy".
 */
const char *report_transfer(const struct iiobridge_route_info *route);

#endif
