/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * play.h - iiobridge play: its options, and what is played
 */
#ifndef HOST_PLAY_H
#define HOST_PLAY_H

#include "counter.h"
#include "files/failure.h"
#include "files/gaps.h"
#include "files/record_file.h"
#include "options.h"
#include "progress.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;

/**
 * struct play_options - the options, 0 or NULL where they were not given
 * @common: those that commands share
 * @input: name of the file
 * @pattern: play the counter
 * @wav: the file is a WAV file, whatever it is called
 * @repeat: read the file again and again
 * @cyclic: the board repeats all of it
 * @detach: and goes on with that when the command has ended
 */
struct play_options {
	struct options common;
	const char *input;
	bool pattern;
	bool wav;
	bool repeat;
	bool cyclic;
	bool detach;
};

/**
 * struct play - a playback
 * @options: what the user wants
 * @failure: reason of an error
 * @board: the board
 * @tx: the stream
 * @route: the route as it runs
 * @sample_size: bytes in a sample
 * @input: what is played, or NULL for the pattern
 * @layout: of the pattern
 * @limit: bytes to take of the input or the pattern
 * @taken: bytes taken of it
 * @odd: the beginning of a sample, whose end is to come
 * @odd_size: bytes in it
 * @waveform: with --cyclic, all of it
 * @record_file: where the records go, or NULL
 * @losses: what the records say
 * @wanted: samples in the end, 0 when there is no end, or it is not known
 * @started_ns: when the first samples were sent, 0: not yet
 * @played: samples that the DAC has played
 * @nanoseconds: from the start until then
 * @complete: it has played all
 * @repeats: the board repeats the waveform
 * @detached: and goes on with that
 */
struct play {
	const struct play_options *options;
	struct failure failure;
	struct iiobridge_board *board;
	struct iiobridge_tx *tx;
	const struct iiobridge_route *route;
	size_t sample_size;
	struct input *input;
	struct counter_layout layout;
	uint64_t limit;
	uint64_t taken;
	uint8_t *odd;
	size_t odd_size;
	uint8_t *waveform;
	struct record_file *record_file;
	struct losses losses;
	uint64_t wanted;
	uint64_t started_ns;
	uint64_t played;
	uint64_t nanoseconds;
	bool complete;
	bool repeats;
	bool detached;
};

/* ---- play_samples.c: what is played ---- */

/**
 * play_input() - send all of the input, or of the pattern, and wait until it is played
 * @play: a playback that was prepared
 *
 * Return: enum exit_status, %STATUS_OK also when a signal has ended it.
 */
int play_input(struct play *play);

/**
 * play_waveform() - send the input, or the pattern, as a waveform that the board repeats
 * @play: a playback that was prepared
 *
 * Waits until the board repeats it; and then, unless it is to be left with that, for a signal.
 *
 * Return: as play_input().
 */
int play_waveform(struct play *play);

/** play_look() - take what the board has told meanwhile, and show progress; an enum exit_status */
int play_look(struct play *play);

/** play_get_progress() - how far it is */
void play_get_progress(const struct play *play, struct progress *progress);

#endif
