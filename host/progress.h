/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - how far a stream of samples is, for people and for programs
 */
#ifndef HOST_PROGRESS_H
#define HOST_PROGRESS_H

#include <iiobridge/iiobridge.h>

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gaps;

/**
 * struct progress - a moment of a stream, or its end
 * @serial: serial number of the board, empty where it has none
 * @route: the route as it runs
 * @samples: samples so far: those in the output, or those that were played
 * @samples_wanted: samples in the end, 0 when there is no end
 * @nanoseconds: time so far
 * @losses_known: whether @statistics is
 * @statistics: what the board said last
 * @gaps_before: gaps of earlier runs, before which the board was away
 * @lost_before: samples that were lost in them
 * @records_lost: records that did not come
 * @published: whether the samples go to subscribers
 * @unsubscribed: those that were published while nobody subscribed; known in the end
 */
struct progress {
	const char *serial;
	const struct iiobridge_route *route;
	uint64_t samples;
	uint64_t samples_wanted;
	uint64_t nanoseconds;
	bool losses_known;
	struct iiobridge_statistics_info statistics;
	uint64_t gaps_before;
	uint64_t lost_before;
	uint64_t records_lost;
	bool published;
	uint64_t unsubscribed;
};

/** progress_gaps() - gaps, or underruns, so far */
uint64_t progress_gaps(const struct progress *progress);

/** progress_lost() - samples that were lost, or missed, so far */
uint64_t progress_lost(const struct progress *progress);

/**
 * progress_add() - add a stream to the sum of several
 * @sum: all 0 at first
 * @progress: the stream
 */
void progress_add(struct progress *sum, const struct progress *progress);

/**
 * progress_format() - a moment of a stream in one line
 * @progress: the moment
 * @line: gets the line, without newline
 * @size: bytes in @line
 *
 * Return: @line.
 */
const char *progress_format(const struct progress *progress, char *line, size_t size);

/**
 * progress_format_end() - the end of a stream in one line, also for programs to read
 * @progress: its end
 * @line: gets the line, without newline
 * @size: bytes in @line
 *
 * Such as "captured 67108864 samples (256.0 MiB) in 2.7 s, 95.1 MiB/s, gaps 0, lost 0", or
 * "played 67108864 samples (256.0 MiB) in 2.7 s, 95.1 MiB/s, underruns 0, missed 0". Lost records,
 * and samples that had no subscriber, are mentioned if there are any.
 *
 * Return: @line.
 */
const char *progress_format_end(const struct progress *progress, char *line, size_t size);

/**
 * progress_describe() - the end of a stream as a JSON object
 * @progress: its end
 * @gaps: where samples are missing, as the records tell; those at the end of the samples, or behind
 *	it, are in the board's numbers, but not in the list
 *
 * The length of a gap is exact when the converter counts what it loses and no record is missing,
 * behind which a gap is the sum of several.
 *
 * Return: an object, to which the command adds what is its own; NULL when there is no memory.
 */
json_t *progress_describe(const struct progress *progress, const struct gaps *gaps);

/**
 * progress_enable() - show progress from now on, if standard error is a terminal
 */
void progress_enable(void);

/**
 * progress_show() - rewrite the progress line, a few times a second
 * @progress: the moment
 *
 * The line is cut to the width of the terminal, and nothing scrolls.
 */
void progress_show(const struct progress *progress);

/** progress_clear() - take the progress line off the terminal, if there is one */
void progress_clear(void);

#endif
