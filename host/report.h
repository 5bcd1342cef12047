/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what commands tell programs, one JSON object, and of a stream of samples also people
 *
 * Names and units are the same in all commands, and documented in iiobridge(1). What is not known
 * is null. Text that goes in must be UTF-8, as the library makes all that comes from a board. Where
 * there is no memory for an object it is NULL, which report_print() tells.
 */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include <iiobridge/iiobridge.h>

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct failure;
struct gaps;

/** enum report_layout - how an object is printed */
enum report_layout {
	REPORT_LINES,	 /* for standard output, a line for each value */
	REPORT_ONE_LINE, /* among other lines, where it begins with a brace */
};

/**
 * report_print() - print an object, and release it
 *
 * Return: enum exit_status, after a complaint when there was no memory, or not all was written.
 */
int report_print(json_t *object, FILE *file, enum report_layout layout);

/** report_join() - an object with the keys of another one, too, which is released */
json_t *report_join(json_t *object, json_t *more);

/** report_text() - text in UTF-8, or null where it is empty */
json_t *report_text(const char *text);

/** report_reason() - why a command ended with an enum exit_status, or null when it did not fail */
json_t *report_reason(int status, const struct failure *failure);

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

/** report_board() - a board, with an array of its routes, which becomes the object's */
json_t *report_board(const struct iiobridge_board *board, json_t *routes);

/** report_route_briefly() - name and direction of a route */
json_t *report_route_briefly(const struct iiobridge_route *route);

/* ---- how far a stream of samples is ---- */

/** struct progress - a moment of a stream, or its end */
struct progress {
	const char *serial;		     /* of the board, empty where it has none */
	const struct iiobridge_route *route; /* as it runs */
	uint64_t samples;		     /* in the output, or played */
	uint64_t samples_wanted;	     /* in the end, 0 when there is no end */
	uint64_t nanoseconds;
	bool losses_known; /* the statistics are, which the board said last */
	struct iiobridge_statistics_info statistics;
	uint64_t gaps_before;  /* of earlier runs, before which the board was away */
	uint64_t lost_before;  /* samples in them */
	uint64_t records_lost; /* that did not come */
	bool published;	       /* the samples go to subscribers */
	uint64_t unsubscribed; /* of them, those that nobody subscribed to; known in the end */
};

/** progress_gaps() - gaps, or underruns, so far */
uint64_t progress_gaps(const struct progress *progress);

/** progress_lost() - samples that were lost, or missed, so far */
uint64_t progress_lost(const struct progress *progress);

/** progress_add() - add a stream to the sum of several, which is all 0 at first */
void progress_add(struct progress *sum, const struct progress *progress);

/** progress_format() - a moment of a stream in one line, without newline; returns @line */
const char *progress_format(const struct progress *progress, char *line, size_t size);

/**
 * progress_format_end() - the end of a stream in one line, also for programs; returns @line
 *
 * Such as "captured 67108864 samples (256.0 MiB) in 2.7 s, 95.1 MiB/s, gaps 0, lost 0", or
 * "played 67108864 samples (256.0 MiB) in 2.7 s, 95.1 MiB/s, underruns 0, missed 0". Lost records,
 * and samples that had no subscriber, are mentioned if there are any.
 */
const char *progress_format_end(const struct progress *progress, char *line, size_t size);

/**
 * progress_describe() - the end of a stream as an object, to which a command adds what is its own
 *
 * Gaps at the end of the samples, or behind it, are in the board's numbers, but not in the list.
 * The length of a gap is exact when the converter counts what it loses and no record is missing,
 * behind which a gap is the sum of several.
 */
json_t *progress_describe(const struct progress *progress, const struct gaps *gaps);

/** progress_enable() - show progress from now on, if standard error is a terminal */
void progress_enable(void);

/**
 * progress_show() - rewrite the progress line, a few times a second
 *
 * The line is cut to the width of the terminal, and nothing scrolls.
 */
void progress_show(const struct progress *progress);

/** progress_clear() - take the progress line off the terminal, if there is one */
void progress_clear(void);

#endif
