/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what commands tell programs: one JSON object
 *
 * Names and units are the same in all commands, and documented in iiobridge(1). What is not known
 * is null. Text that goes in must be UTF-8, as the library makes all that comes from a board.
 */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include <iiobridge/iiobridge.h>

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

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
 * Return: enum exit_status, after a complaint when there was no memory, or not all was written.
 */
int report_print(json_t *object, FILE *file, enum report_layout layout);

/** report_text() - text in UTF-8, or null where it is empty; NULL when there is no memory */
json_t *report_text(const char *text);

/** report_sentence() - as report_text(), of text with any bytes, such as the name of a file */
json_t *report_sentence(const char *text);

/** report_number() - a finite number, or null where it is not known */
json_t *report_number(bool known, double value);

/** report_count() - a number of things, or null; one that does not fit 63 bits is rounded */
json_t *report_count(bool known, uint64_t value);

/** report_sample_rate() - what a route's converter says of its rate, or null */
json_t *report_sample_rate(const struct iiobridge_route *route);

/** report_direction() - where the samples of a route go: a static text such as "capture" */
const char *report_direction(const struct iiobridge_route *route);

/** report_transfer() - how a route moves its blocks: "dmabuf" or "copy" */
const char *report_transfer(const struct iiobridge_route *route);

/**
 * report_board() - a board
 * @board: the board
 * @routes: an array, which becomes the object's
 *
 * Return: an object; NULL when there is no memory.
 */
json_t *report_board(const struct iiobridge_board *board, json_t *routes);

/** report_route_briefly() - name and direction of a route; NULL when there is no memory */
json_t *report_route_briefly(const struct iiobridge_route *route);

#endif
