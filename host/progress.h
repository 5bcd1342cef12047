/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - tell a person how far a transfer of samples is
 */
#ifndef HOST_PROGRESS_H
#define HOST_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct progress - a moment of a transfer
 * @playback: from the host to a DAC, so that a gap is an underrun
 * @scans: scans so far
 * @scans_wanted: scans in the end, 0 when there is no end
 * @bytes: bytes so far
 * @nanoseconds: time so far
 * @losses_known: whether the next three are
 * @gaps: gaps so far
 * @scans_lost: lost scans so far
 * @estimated: whether @scans_lost is an estimate
 * @records_lost: records that did not come
 * @published: whether the scans go to subscribers
 * @scans_unheard: those that were published while nobody subscribed; known in the end
 */
struct progress {
	bool playback;
	uint64_t scans;
	uint64_t scans_wanted;
	uint64_t bytes;
	uint64_t nanoseconds;
	bool losses_known;
	uint64_t gaps;
	uint64_t scans_lost;
	bool estimated;
	uint64_t records_lost;
	bool published;
	uint64_t scans_unheard;
};

/**
 * progress_format() - a moment of a transfer in one line
 * @progress: the moment
 * @line: gets the line, without newline
 * @size: bytes in @line
 *
 * Return: @line.
 */
const char *progress_format(const struct progress *progress, char *line, size_t size);

/**
 * progress_format_summary() - a finished transfer in one line, also for programs to read
 * @progress: its end
 * @line: gets the line, without newline
 * @size: bytes in @line
 *
 * Such as "captured 67108864 samples (256.0 MiB) in 2.7 s, 95.1 MiB/s, gaps 0, lost 0", or
 * "played 67108864 samples (256.0 MiB) in 2.7 s, 95.1 MiB/s, underruns 0, missed 0". Lost records,
 * and samples that nobody heard, are mentioned if there are any.
 *
 * Return: @line.
 */
const char *progress_format_summary(const struct progress *progress, char *line, size_t size);

/**
 * progress_show() - rewrite the progress line on standard error
 * @progress: the moment
 *
 * For a terminal: the line is cut to its width, and nothing scrolls.
 */
void progress_show(const struct progress *progress);

/**
 * progress_clear() - take the progress line off the terminal
 */
void progress_clear(void);

#endif
