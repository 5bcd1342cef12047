/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input.h - samples to play, out of a file of raw samples, a SigMF recording or a WAV file
 *
 * Samples are played as they are: a file whose format is not that of the DAC is refused. Raw ones
 * have no format that could be known.
 */
#ifndef HOST_FILES_INPUT_H
#define HOST_FILES_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct failure;
struct iiobridge_channel_info;
struct iiobridge_route_info;
struct source;

/** struct input - samples to play; opaque */
struct input;

/**
 * input_open() - open a file, and read what it says about its samples
 * @path: a file, or "-" for standard input; .sigmf-meta and .sigmf-data mean a SigMF recording,
 *	.wav a WAV file, all other names raw samples
 * @wav: it is a WAV file, whatever it is called
 * @failure: gets the reasons of errors, also of later calls; must outlive the input
 * @input: gets the input; to be given to input_close()
 *
 * Return: 0; -EBADMSG: the file is not what its name says; or a negative errno as source_open(),
 * source_take(), sigmf_read().
 */
int input_open(const char *path, bool wav, struct failure *failure, struct input **input);

/**
 * input_close() - close and release an input
 * @input: from input_open(), or NULL
 */
void input_close(struct input *input);

/**
 * input_check() - see whether a DAC can play the samples
 * @input: the input
 * @route: the route as it will run
 * @channels: all its channels
 *
 * Return: 0; -EINVAL: it has another format.
 */
int input_check(const struct input *input, const struct iiobridge_route_info *route,
		const struct iiobridge_channel_info *channels);

/**
 * input_level() - how much louder a DAC plays the samples than they were recorded
 * @input: the input
 * @channels: all channels of the DAC
 * @mask: those that play
 *
 * Full scale is that of the valid bits, and samples are played as they are.
 *
 * Return: dB, negative when it is quieter; 0 when the file does not say.
 */
double input_level(const struct input *input, const struct iiobridge_channel_info *channels,
		   uint32_t mask);

/**
 * input_start() - begin to read samples
 * @input: the input
 * @scan_size: bytes in a sample of all channels
 * @limit: how many bytes are wanted; what follows them is left to others who read the same input
 * @repeat: whether the samples come again and again, until @limit
 *
 * Return: 0; -EINVAL: what shall repeat is no file, or empty; -EBADMSG: it ends inside a sample; or
 * as source_start().
 */
int input_start(struct input *input, size_t scan_size, uint64_t limit, bool repeat);

/**
 * input_read() - take what was read; as source_read()
 */
ssize_t input_read(struct input *input, uint8_t *data, size_t size, unsigned int timeout_ms);

/**
 * input_size() - how many bytes of samples there are
 * @input: the input
 *
 * Return: the number; 0 when it is not known, as of a pipe.
 */
uint64_t input_size(const struct input *input);

/**
 * input_rate() - the sample rate that the file was recorded with
 * @input: the input
 *
 * Return: Hertz; 0 when it is not known.
 */
double input_rate(const struct input *input);

/**
 * input_missing() - how many bytes a WAV file has less than its header says
 * @input: the input
 *
 * Return: the number, 0 for most.
 */
uint64_t input_missing(const struct input *input);

/**
 * input_gaps() - how many gaps the recording has
 * @input: the input
 *
 * Return: the number; 0 when it is not known.
 */
size_t input_gaps(const struct input *input);

#endif
