/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the options that capture and play share
 */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* For getopt_long(): the shared options, to which a command adds its own. */
#define OPTIONS_LETTERS "s:r:n:qh"
/* clang-format off */
#define OPTIONS_LONG                                                                               \
	{ "serial", required_argument, NULL, 's' },                                                \
	{ "route", required_argument, NULL, 'r' },                                                 \
	{ "samples", required_argument, NULL, 'n' },                                               \
	{ "channels", required_argument, NULL, OPTION_CHANNELS },                                  \
	{ "block-size", required_argument, NULL, OPTION_BLOCK_SIZE },                              \
	{ "records", required_argument, NULL, OPTION_RECORDS },                                    \
	{ "quiet", no_argument, NULL, 'q' },                                                       \
	{ "help", no_argument, NULL, 'h' }
/* clang-format on */

/** enum option_number - options without a letter */
enum option_number {
	OPTION_CHANNELS = 256,
	OPTION_BLOCK_SIZE,
	OPTION_CYCLIC,
	OPTION_DETACH,
	OPTION_PATTERN,
	OPTION_RECORDS,
	OPTION_VERIFY,
};

/**
 * struct options - the shared options, 0 or NULL where they were not given
 * @serial: serial number of the board
 * @route: name of the route
 * @channels: list of channels, not yet read
 * @records: file that the records go to
 * @samples: number of samples
 * @block_size: bytes in a block
 * @quiet: no progress and no summary
 */
struct options {
	const char *serial;
	const char *route;
	const char *channels;
	const char *records;
	uint64_t samples;
	uint32_t block_size;
	bool quiet;
};

/**
 * options_take() - take one option and its argument, which getopt has put into optarg
 * @options: gets it
 * @command: argv[0] of the command, for complaints
 * @option: what getopt_long() returned
 *
 * Return: %STATUS_OK; %STATUS_USAGE after a complaint, also about an option that is not one.
 */
int options_take(struct options *options, const char *command, int option);

/**
 * options_parse_number() - read a number
 * @command: argv[0] of the command, for complaints
 * @option: name of the option, for complaints
 * @text: its argument
 * @parse: one of the functions of units.h
 * @accepted: what it accepts, in words
 * @value: gets the number
 *
 * Return: %STATUS_OK; %STATUS_USAGE after a complaint.
 */
int options_parse_number(const char *command, const char *option, const char *text,
			 int (*parse)(const char *, uint64_t *), const char *accepted,
			 uint64_t *value);

/**
 * options_parse_pattern() - read the name of a pattern
 * @command: argv[0] of the command, for complaints
 * @option: name of the option, for complaints
 * @text: its argument
 *
 * Return: %STATUS_OK when it is "counter", the only pattern; %STATUS_USAGE after a complaint.
 */
int options_parse_pattern(const char *command, const char *option, const char *text);

#endif
