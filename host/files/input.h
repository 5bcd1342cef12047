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
struct iiobridge_route;
struct sample_file_info;

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
 * Return: 0 or a negative errno as sample_file_open().
 */
int input_open(const char *path, bool wav, struct failure *failure, struct input **input);

/** input_close() - close and release an input; NULL does no harm */
void input_close(struct input *input);

/**
 * input_info() - what the file says
 * @input: the input
 *
 * Return: it, without what only sample_file_interpret() finds out; valid until input_close().
 */
const struct sample_file_info *input_info(const struct input *input);

/**
 * input_check() - see whether a DAC can play the samples
 * @input: the input
 * @route: the route as it runs
 *
 * Return: 0; -EINVAL: it has another format.
 */
int input_check(const struct input *input, const struct iiobridge_route *route);

/**
 * input_level() - how much louder a DAC plays the samples than they were recorded
 * @input: the input
 * @route: the route of the DAC as it runs
 *
 * Full scale is that of the valid bits, and samples are played as they are.
 *
 * Return: dB, negative when it is quieter; 0 when the file does not say.
 */
double input_level(const struct input *input, const struct iiobridge_route *route);

/**
 * input_start() - say what is to be read
 * @input: the input
 * @sample_size: bytes in a sample of all channels
 * @limit: how many bytes are wanted; what follows them is left to others who read the same input
 * @repeat: whether the samples come again and again, until @limit
 *
 * Return: 0; -EINVAL: what shall repeat is no file, or empty; -EBADMSG: it ends inside a sample.
 */
int input_start(struct input *input, size_t sample_size, uint64_t limit, bool repeat);

/**
 * input_read() - read
 * @input: the input, started
 * @data: where to put it
 * @size: how many bytes at most, larger than 0
 * @timeout_ms: how long to wait for the first of them at most, milliseconds
 *
 * Return: number of bytes; 0 at the end, or at the limit; -EAGAIN: none within @timeout_ms, or a
 * signal came; or another negative errno of read(2).
 */
ssize_t input_read(struct input *input, uint8_t *data, size_t size, int timeout_ms);

#endif
