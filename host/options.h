/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the options that commands share, and the numbers of all options without a letter
 */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

#include "files/datatype.h"
#include "tuning.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * For getopt_long(): the options that say how a route runs, and with them those of capture and
 * play, to which a command adds its own.
 */
#define OPTIONS_ROUTE_LETTERS "s:r:h"
#define OPTIONS_LETTERS	      OPTIONS_ROUTE_LETTERS "n:q"
/* clang-format off */
#define OPTIONS_ROUTE_LONG                                                                         \
	{ "serial", required_argument, NULL, 's' },                                                \
	{ "route", required_argument, NULL, 'r' },                                                 \
	{ "channels", required_argument, NULL, OPTION_CHANNELS },                                  \
	{ "block-size", required_argument, NULL, OPTION_BLOCK_SIZE },                              \
	{ "wait", optional_argument, NULL, OPTION_WAIT },                                          \
	{ "frequency", required_argument, NULL, OPTION_FREQUENCY },                                \
	{ "rate", required_argument, NULL, OPTION_RATE },                                          \
	{ "bandwidth", required_argument, NULL, OPTION_BANDWIDTH },                                \
	{ "gain", required_argument, NULL, OPTION_GAIN },                                          \
	{ "antenna", required_argument, NULL, OPTION_ANTENNA },                                    \
	{ "set", required_argument, NULL, OPTION_SET },                                            \
	{ "help", no_argument, NULL, 'h' }
#define OPTIONS_LONG                                                                               \
	OPTIONS_ROUTE_LONG,                                                                        \
	{ "samples", required_argument, NULL, 'n' },                                               \
	{ "records", required_argument, NULL, OPTION_RECORDS },                                    \
	{ "json", no_argument, NULL, OPTION_JSON },                                                \
	{ "quiet", no_argument, NULL, 'q' }
/* clang-format on */

/** enum option_number - options without a letter */
enum option_number {
	OPTION_ANTENNA = 256,
	OPTION_AUTHOR,
	OPTION_BANDWIDTH,
	OPTION_BITS,
	OPTION_BLOCK_SIZE,
	OPTION_CHANNELS,
	OPTION_COMPLEX,
	OPTION_CYCLIC,
	OPTION_DETACH,
	OPTION_FFT_SIZE,
	OPTION_FORMAT,
	OPTION_FREQUENCY,
	OPTION_GAIN,
	OPTION_JSON,
	OPTION_LATENCY,
	OPTION_PATTERN,
	OPTION_RATE,
	OPTION_REAL,
	OPTION_RECONNECT,
	OPTION_RECORDS,
	OPTION_REPEAT,
	OPTION_SAMPLE_RATE,
	OPTION_SET,
	OPTION_SIGMF,
	OPTION_VERIFY,
	OPTION_WAIT,
	OPTION_WAV,
};

#define OPTIONS_TUNINGS_MAX 32

/**
 * struct options - the shared options, 0 or NULL where they were not given
 * @serial: serial number of the board
 * @route: name of the route
 * @channels: list of channels, not yet read
 * @records: file that the records go to
 * @samples: number of samples
 * @block_size: bytes in a block
 * @wait: wait for the board
 * @wait_us: how long at most, microseconds; 0: without a limit
 * @quiet: no progress and no summary
 * @json: a JSON object instead of what is for people
 * @tunings: what the route is tuned to before it starts, in the order given
 * @tuning_count: their number
 */
struct options {
	const char *serial;
	const char *route;
	const char *channels;
	const char *records;
	uint64_t samples;
	uint32_t block_size;
	bool wait;
	uint64_t wait_us;
	bool quiet;
	bool json;
	struct tuning tunings[OPTIONS_TUNINGS_MAX];
	size_t tuning_count;
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
 * options_take_pairing() - take --real or --complex
 * @command: argv[0] of the command, for complaints
 * @pairing: which of them
 * @taken: gets it
 *
 * Return: %STATUS_OK; %STATUS_USAGE after the complaint that the other one was given, too.
 */
int options_take_pairing(const char *command, enum datatype_pairing pairing,
			 enum datatype_pairing *taken);

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
