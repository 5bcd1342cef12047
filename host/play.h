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
#include "report.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sample_file;

/** struct play_options - the options, 0 or NULL where they were not given */
struct play_options {
	struct options common;
	const char *input; /* name of the file */
	bool pattern;	   /* play the counter */
	bool wav;	   /* the file is a WAV file, whatever it is called */
	bool repeat;	   /* read the file again and again */
	bool cyclic;	   /* the board repeats all of it */
	bool detach;	   /* and goes on with that when the command has ended */
};

/** struct play - a playback */
struct play {
	const struct play_options *options;
	struct failure failure;
	struct iiobridge_board *board;
	struct iiobridge_tx *tx;
	const struct iiobridge_route *route; /* as it runs */
	size_t sample_size;
	struct sample_file *input;    /* what is played, or NULL for the pattern */
	struct counter_layout layout; /* of the pattern */
	uint64_t limit;		      /* bytes to take of the input or the pattern */
	uint64_t taken;		      /* bytes taken of it */
	uint8_t *odd;		      /* the beginning of a sample, whose end is to come */
	size_t odd_size;
	uint8_t *waveform; /* with --cyclic, all of it */
	struct record_file *record_file;
	struct losses losses; /* what the records say */
	uint64_t wanted;      /* samples in the end, 0 when there is no end, or it is not known */
	uint64_t started_ns;  /* when the first samples were sent, 0: not yet */
	uint64_t played;      /* samples that the DAC has played */
	uint64_t nanoseconds; /* from the start until then */
	bool complete;	      /* it has played all */
	bool repeats;	      /* the board repeats the waveform */
	bool detached;	      /* and goes on with that */
};

/* ---- play_samples.c: what is played; each returns an enum exit_status ---- */

/**
 * play_input() - send all of the input, or of the pattern, and wait until it is played
 *
 * Return: %STATUS_OK also when a signal has ended it.
 */
int play_input(struct play *play);

/**
 * play_waveform() - send the input, or the pattern, as a waveform that the board repeats
 *
 * Waits until the board repeats it; and then, unless it is to be left with that, for a signal.
 */
int play_waveform(struct play *play);

/** play_look() - take what the board has told meanwhile, and show progress */
int play_look(struct play *play);

/** play_get_progress() - how far it is */
void play_get_progress(const struct play *play, struct progress *progress);

#endif
