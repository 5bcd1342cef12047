// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * play_samples.c - what is played: an input to its end, or a waveform that the board repeats
 */
#include "cmd.h"
#include "files/clock.h"
#include "files/sample_file.h"
#include "interrupt.h"
#include "play.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* So often a wait looks for signals, records and progress. */
#define TURN_MS 100

void play_get_progress(const struct play *play, struct progress *progress)
{
	*progress = (struct progress){
		.serial = iiobridge_board_serial(play->board),
		.route = play->route,
		.samples = play->played,
		.samples_wanted = play->wanted,
		.nanoseconds = play->nanoseconds,
		.records_lost = play->losses.records_missing,
	};
	progress->losses_known = iiobridge_tx_statistics(play->tx, &progress->statistics) > 0;
}

int play_look(struct play *play)
{
	const uint64_t played = iiobridge_tx_played(play->tx);
	struct iiobridge_block_record record;
	struct progress progress;

	while (iiobridge_tx_next_record(play->tx, &record) > 0) {
		losses_take(&play->losses, &record);
		if (play->record_file && record_file_write(play->record_file, &record) < 0)
			return STATUS_FILE;
	}
	if (played != play->played) {
		play->played = played;
		play->nanoseconds = clock_now_ns() - play->started_ns;
	}
	if (play->started_ns) {
		play_get_progress(play, &progress);
		progress_show(&progress);
	}
	return STATUS_OK;
}

/* Up to @size bytes of what is to be played; 0 at the end, -EAGAIN where there is none yet. */
static ssize_t read_some(struct play *play, uint8_t *data, size_t size)
{
	ssize_t got;

	if (size > play->limit - play->taken)
		size = (size_t)(play->limit - play->taken);
	if (size == 0)
		return 0;
	if (play->input) {
		got = sample_file_next(play->input, data, size, TURN_MS);
	} else {
		counter_fill(&play->layout, play->taken, data, size);
		got = (ssize_t)size;
	}
	if (got > 0)
		play->taken += (uint64_t)got;
	return got;
}

/*
 * Whole samples into a buffer; what is left of one is put before the next. Returns their number, 0
 * where there is none yet, and -ENODATA at the end.
 */
static ssize_t fill(struct play *play, const struct iiobridge_buffer *buffer)
{
	uint8_t *data = buffer->data;
	size_t size;
	ssize_t got;

	memcpy(data, play->odd, play->odd_size);
	got = read_some(play, data + play->odd_size,
			buffer->samples * play->sample_size - play->odd_size);
	if (got <= 0)
		return got == 0 ? -ENODATA : got == -EAGAIN ? 0 : got;
	size = play->odd_size + (size_t)got;
	play->odd_size = size % play->sample_size;
	memcpy(play->odd, data + size - play->odd_size, play->odd_size);
	return (ssize_t)(size / play->sample_size);
}

/* Sends all of the input. Returns when it has ended, or a signal came. */
static int send_input(struct play *play)
{
	struct iiobridge_buffer buffer;
	ssize_t samples = 0;
	int status = STATUS_OK, r;

	while (status == STATUS_OK && !interrupt_signal()) {
		r = iiobridge_tx_acquire(play->tx, TURN_MS, &buffer);
		if (r > 0) {
			samples = fill(play, &buffer);
			if (samples == -ENODATA)
				return STATUS_OK;
			if (samples < 0)
				return STATUS_FILE;
			if (samples > 0 && !play->started_ns)
				play->started_ns = clock_now_ns();
			r = iiobridge_tx_submit(play->tx, (size_t)samples);
		}
		status = cmd_library(&play->failure, r);
		if (status == STATUS_OK)
			status = play_look(play);
	}
	return status;
}

/* Waits until the DAC has played all, or the board repeats it. */
static int drain(struct play *play)
{
	int status = STATUS_OK, r = 0;

	while (r == 0 && status == STATUS_OK && !interrupt_signal()) {
		r = iiobridge_tx_drain(play->tx, TURN_MS);
		status = cmd_library(&play->failure, r);
		if (status == STATUS_OK)
			status = play_look(play);
	}
	play->repeats = r > 0 && play->options->cyclic;
	play->complete = r > 0 && !play->options->cyclic;
	return status;
}

/* While the board repeats: until something fails, or a signal comes. */
static int wait_for_signal(struct play *play)
{
	struct iiobridge_underflow underflow;
	int status = STATUS_OK;

	while (status == STATUS_OK && !interrupt_signal()) {
		status = cmd_library(&play->failure,
				     iiobridge_tx_next_underflow(play->tx, TURN_MS, &underflow));
		if (status == STATUS_OK)
			status = play_look(play);
	}
	return status;
}

int play_input(struct play *play)
{
	int status;

	status = send_input(play);
	if (status != STATUS_OK || interrupt_signal())
		return status;
	if (play->taken < play->sample_size)
		return failure_set(&play->failure, STATUS_USAGE,
				   "there is nothing to play: the input has %" PRIu64
				   " bytes, and a sample of route %s %zu",
				   play->taken, iiobridge_route_name(play->route),
				   play->sample_size);
	status = cmd_library(&play->failure, iiobridge_tx_end(play->tx));
	return status == STATUS_OK ? drain(play) : status;
}

/* All of a waveform, and no more than a byte more than fits the blocks of the route. */
static int read_waveform(struct play *play, size_t *size)
{
	const size_t room =
		iiobridge_route_block_size(play->route) * iiobridge_route_block_count(play->route);
	ssize_t got = 1;

	*size = 0;
	play->waveform = malloc(room + 1);
	if (!play->waveform)
		return failure_set(&play->failure, STATUS_FAILED,
				   "no memory for a waveform of %zu bytes", room);
	while (*size <= room && got != 0 && !interrupt_signal()) {
		got = read_some(play, play->waveform + *size, room + 1 - *size);
		if (got < 0 && got != -EAGAIN)
			return STATUS_FILE;
		*size += got > 0 ? (size_t)got : 0;
	}
	if (*size <= room && *size % play->sample_size)
		return failure_set(
			&play->failure, STATUS_FILE,
			"the waveform ends inside a sample: it has %zu bytes, and a sample "
			"of route %s %zu",
			*size, iiobridge_route_name(play->route), play->sample_size);
	return STATUS_OK;
}

int play_waveform(struct play *play)
{
	size_t size, samples;
	int status;

	status = read_waveform(play, &size);
	if (status != STATUS_OK || interrupt_signal())
		return status;
	/* One that is too long by a part of a sample is too long by one. */
	samples = (size + play->sample_size - 1) / play->sample_size;
	play->wanted = 0;
	play->started_ns = clock_now_ns();
	status =
		cmd_library(&play->failure, iiobridge_tx_repeat(play->tx, play->waveform, samples));
	/* What does not fit was not sent, and the board was asked for nothing. */
	if (status == STATUS_USAGE)
		play->started_ns = 0;
	if (status != STATUS_OK)
		return status;
	play->taken = samples * play->sample_size;
	status = drain(play);
	if (status == STATUS_OK && play->repeats && !play->options->detach)
		status = wait_for_signal(play);
	return status;
}
