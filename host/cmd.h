/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - the commands of iiobridge, and what they share
 *
 * The commands are the only place that prints.
 */
#ifndef HOST_CMD_H
#define HOST_CMD_H

struct device;
struct device_list;
struct failure;
struct options;

/**
 * cmd_list() - iiobridge list
 * @argc: number of arguments
 * @argv: arguments; argv[0] is "iiobridge list"
 *
 * Return: enum iiobridge_status; so do the other commands.
 */
int cmd_list(int argc, char **argv);

/** cmd_info() - iiobridge info; see cmd_list() */
int cmd_info(int argc, char **argv);

/** cmd_capture() - iiobridge capture; see cmd_list() */
int cmd_capture(int argc, char **argv);

/** cmd_play() - iiobridge play; see cmd_list() */
int cmd_play(int argc, char **argv);

/** cmd_bench() - iiobridge bench; see cmd_list() */
int cmd_bench(int argc, char **argv);

/** cmd_stop() - iiobridge stop; see cmd_list() */
int cmd_stop(int argc, char **argv);

/** cmd_scope() - iiobridge scope; see cmd_list() */
int cmd_scope(int argc, char **argv);

/** cmd_plot() - iiobridge plot; see cmd_list() */
int cmd_plot(int argc, char **argv);

/**
 * cmd_complain() - print an error on standard error, after the program's name
 * @format: printf format of a sentence without newline
 */
void cmd_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * cmd_usage() - complain about the command line
 * @command: argv[0] of the command
 * @format: printf format of a sentence without newline; NULL when getopt() has complained
 *
 * Return: %STATUS_USAGE.
 */
int cmd_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * cmd_help() - print a help text on standard output
 * @text: the text
 *
 * Return: %STATUS_OK, or %STATUS_FILE.
 */
int cmd_help(const char *text);

/**
 * cmd_finish_output() - see that everything reached standard output
 *
 * Return: %STATUS_OK, or %STATUS_FILE after a complaint.
 */
int cmd_finish_output(void);

/**
 * cmd_open() - find the boards and open one
 * @options: its serial number, if any, and whether to wait for it, which is told unless they want
 *	quiet
 * @failure: gets the reasons of errors; must outlive the device
 * @list: gets the boards; to be given to device_list_free() after the device is closed
 * @device: gets the board; to be given to device_close()
 *
 * Return: 0 or negative errno as board_find() and board_await(); nothing is open then.
 */
int cmd_open(const struct options *options, struct failure *failure, struct device_list **list,
	     struct device **device);

/**
 * cmd_open_failed() - tell why there is no board, unless it is for a signal
 * @failure: the reason
 * @error: what cmd_open() returned
 *
 * Return: exit status.
 */
int cmd_open_failed(const struct failure *failure, int error);

/**
 * typedef cmd_question - what a command does with a board
 * @device: an open board
 * @name: from cmd_ask()
 *
 * Return: 0 or negative errno, with the reason in the device's struct failure.
 */
typedef int (*cmd_question)(struct device *device, const char *name);

/**
 * cmd_ask() - open a board, do something with it, close it, and complain about what failed
 * @options: as for cmd_open()
 * @question: what to do; writes to standard output
 * @name: for @question; may be NULL
 *
 * Return: exit status.
 */
int cmd_ask(const struct options *options, cmd_question question, const char *name);

#endif
