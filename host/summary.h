/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary.h - the end of a capture or a playback, for programs
 */
#ifndef HOST_SUMMARY_H
#define HOST_SUMMARY_H

#include <jansson.h>

#include <stdbool.h>

struct iiobridge_route_info;
struct progress;
struct runs;
struct trail;
struct verdict;
struct verify_result;

/**
 * struct summary - how a capture or a playback ended
 * @serial: serial number of the board, empty where it has none
 * @route: the route as it ran
 * @progress: how far it came; its scans are those in the output, or those that were played
 * @runs: the runs of a capture; NULL for a playback
 * @trail: what the records say; NULL where nobody followed them
 * @repeating: the board goes on with a waveform
 * @checked: what a check of the counter found, or NULL
 * @verdict: what is to be said of it, where @checked is not NULL
 * @status: the exit status
 * @error: why it is not 0; empty where the status says all
 */
struct summary {
	const char *serial;
	const struct iiobridge_route_info *route;
	const struct progress *progress;
	const struct runs *runs;
	const struct trail *trail;
	bool repeating;
	const struct verify_result *checked;
	const struct verdict *verdict;
	int status;
	const char *error;
};

/**
 * summary_describe() - all of it as a JSON object
 * @summary: the end
 *
 * Gaps at the end of the data, or behind it, are in the board's numbers, but not in the list. The
 * length of a gap is exact when the converter counts what it loses and no record is missing, behind
 * which a gap is the sum of several.
 *
 * Return: an object for report_print(), or NULL when there is no memory.
 */
json_t *summary_describe(const struct summary *summary);

/**
 * summary_error() - the sentence of an error, or null
 * @error: the sentence, which may have bytes that are no UTF-8, or empty
 *
 * Return: the value, or NULL when there is no memory.
 */
json_t *summary_error(const char *error);

#endif
