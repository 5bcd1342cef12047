/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - the commands of iiobridge, and what they share
 *
 * The commands are the only place that prints. What fails below them returns an error and leaves a
 * sentence: of the library, in iiobridge_error_message(); of files, in a struct failure.
 */
#ifndef HOST_CMD_H
#define HOST_CMD_H

#include "options.h"

#include <iiobridge/iiobridge.h>

struct failure;

/**
 * enum exit_status - how iiobridge ends
 *
 * The numbers are documented in iiobridge(1) and in --help; they never change.
 */
enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,   /* none of the others: no memory, libusb does not work */
	STATUS_USAGE = 2,    /* wrong command line, or it asks for what the board does not have */
	STATUS_NO_BOARD = 3, /* or none with this serial number */
	STATUS_NO_PERMISSION = 4, /* this user may not open the board */
	STATUS_BUSY = 5,	  /* another program uses the board */
	STATUS_GONE = 6,	  /* the board went away in the middle */
	STATUS_REFUSED = 7,	  /* the board refused a request or reported a fault of the route */
	STATUS_PROTOCOL = 8,	  /* the board broke the protocol, or the USB transfers failed */
	STATUS_FILE = 9,	  /* output not written, or input not read to its end */
	STATUS_VERIFY = 10,	  /* wrong samples, or a loss that the board did not report */
	STATUS_SIGNAL = 128,	  /* plus its number: before the asked amount was there */
};

/** cmd_list() - iiobridge list; as all commands it returns an enum exit_status */
int cmd_list(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_tune(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_play(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_scope(int argc, char **argv);
int cmd_plot(int argc, char **argv);

/**
 * cmd_complain() - print a sentence, without newline, on standard error after the program's name
 *
 * In one piece, whatever other threads print; a progress line that is shown makes way.
 */
void cmd_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** cmd_usage() - complain about the command line; NULL: getopt() has; returns %STATUS_USAGE */
int cmd_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** cmd_help() - print a help text on standard output; returns an enum exit_status */
int cmd_help(const char *text);

/** cmd_finish_output() - see that standard output was written; returns an enum exit_status */
int cmd_finish_output(void);

/**
 * cmd_library() - take the library's last error, where the result of its function is one
 *
 * Return: enum exit_status, %STATUS_OK when @result is not negative.
 */
int cmd_library(struct failure *failure, int64_t result);

/** cmd_failed() - tell the reason of an error, if it is not a signal; returns @status */
int cmd_failed(const struct failure *failure, int status);

/**
 * cmd_open() - open the board that the options name, and wait for it if they say so
 *
 * Return: enum exit_status; above %STATUS_SIGNAL: a signal came.
 */
int cmd_open(const struct options *options, struct failure *failure,
	     struct iiobridge_board **board);

/**
 * cmd_await() - open a board as soon as it is there
 * @serial: its serial number, or NULL for whichever is the only one
 * @wait_us: how long to wait at most, microseconds; 0: without a limit
 * @failure: gets the reason of an error; when the time is over, with the time in the sentence
 * @board: gets the board
 *
 * Return: as cmd_open().
 */
int cmd_await(const char *serial, uint64_t wait_us, struct failure *failure,
	      struct iiobridge_board **board);

/**
 * cmd_choose_route() - find the route that the options name, tune it, and see what they ask of it
 * @options: the options
 * @board: the board
 * @kind: enum iiobridge_route_kind, where they name none
 * @failure: gets the reason of an error
 * @index: gets the number of the route
 * @settings: gets channels and block, and is 0 otherwise
 *
 * Return: enum exit_status.
 */
int cmd_choose_route(const struct options *options, struct iiobridge_board *board, int kind,
		     struct failure *failure, unsigned int *index,
		     struct iiobridge_stream_settings *settings);

#endif
