/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - the commands of iiobridge, and what they share
 *
 * The commands are the only place that prints.
 */
#ifndef HOST_CMD_H
#define HOST_CMD_H

#include <iiobridge/protocol.h>

struct device;
struct device_list;
struct failure;

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

/** cmd_stop() - iiobridge stop; see cmd_list() */
int cmd_stop(int argc, char **argv);

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
 * @serial: its serial number, or NULL for the only one
 * @failure: gets the reasons of errors; must outlive the device
 * @list: gets the boards; to be given to device_list_free() after the device is closed
 * @device: gets the board; to be given to device_close()
 *
 * Return: 0 or negative errno as in device.h; nothing is open then.
 */
int cmd_open(const char *serial, struct failure *failure, struct device_list **list,
	     struct device **device);

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
 * @serial: its serial number, or NULL for the only one
 * @question: what to do; writes to standard output
 * @name: for @question; may be NULL
 *
 * Return: exit status.
 */
int cmd_ask(const char *serial, cmd_question question, const char *name);

/**
 * cmd_find_route() - find a route by its name
 * @device: the board
 * @name: name of the route; NULL for the only one of a direction
 * @direction: the direction, when @name is NULL
 * @route: gets the route
 *
 * Return: number of the route, or negative errno as in device.h; -EINVAL: there is none, or
 * several, and the sentence names them.
 */
int cmd_find_route(struct device *device, const char *name, enum iiobridge_direction direction,
		   struct iiobridge_route_info *route);

/**
 * cmd_get_channels() - ask about all channels of a route
 * @device: the board
 * @index: number of the route
 * @route: the route
 * @channels: gets the channels
 *
 * Return: 0 or negative errno as in device.h.
 */
int cmd_get_channels(struct device *device, unsigned int index,
		     const struct iiobridge_route_info *route,
		     struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS]);

#endif
