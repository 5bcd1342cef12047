/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuning.h - controls of a board by the names that people give them, and their values as text
 *
 * A name is what a control is for, and means all channels: frequency, rate, bandwidth, gain,
 * gain-mode, antenna, rssi, temperature; the same with the number of a channel, such as gain1; or
 * the control's own name.
 */
#ifndef HOST_TUNING_H
#define HOST_TUNING_H

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>

struct failure;
struct sigmf_radio;

/* So many controls may have one name. */
#define TUNING_FOUND_MAX 128

/* Long enough for every text that tuning_format_number() and its kin make. */
#define TUNING_TEXT_SIZE 80

/**
 * struct tuning - what the user wants of a control
 * @name: its name, of which the first @length bytes count
 * @length: bytes of the name
 * @value: the value, as text
 */
struct tuning {
	const char *name;
	size_t length;
	const char *value;
};

/**
 * struct tuning_result - what a driver took
 * @control: the control, whose own value is the one before
 * @asked: the number that was asked for, of a control whose values are numbers
 * @text: what was asked for, as text
 * @reading: what the driver took
 * @differs: it is another value
 */
struct tuning_result {
	const struct iiobridge_control *control;
	double asked;
	const char *text;
	struct iiobridge_reading reading;
	bool differs;
};

/**
 * struct tuning_found - the controls that a name means
 * @controls: the controls, in the board's order
 * @count: their number
 */
struct tuning_found {
	const struct iiobridge_control *controls[TUNING_FOUND_MAX];
	size_t count;
};

/**
 * tuning_split() - read NAME=VALUE
 * @text: the text, which has to live as long as @tuning
 * @tuning: gets it
 *
 * Return: whether it is that.
 */
bool tuning_split(const char *text, struct tuning *tuning);

/**
 * tuning_find() - find what a name means
 * @list: the board's controls
 * @route: number of the route, which controls of no route belong to, too; -1: whichever has it
 * @name: the name, of which @length bytes count
 * @length: bytes of the name
 * @failure: gets the reason of an error, with the names that there are
 * @found: gets at least one control, all of one route
 *
 * Return: %STATUS_OK or %STATUS_USAGE.
 */
int tuning_find(const struct iiobridge_control_list *list, int route, const char *name,
		size_t length, struct failure *failure, struct tuning_found *found);

/**
 * tuning_set() - set what a name means
 * @board: the board
 * @list: its controls
 * @route: as for tuning_find()
 * @tuning: name and value; numbers may have k, M or G, and their unit
 * @failure: gets the reason of an error
 * @took: is called with what each driver took
 * @context: for @took
 *
 * A gain can only be set where nobody else sets it: so the gain mode becomes manual before, where
 * there is one that can.
 *
 * Return: enum exit_status.
 */
int tuning_set(struct iiobridge_board *board, struct iiobridge_control_list *list, int route,
	       const struct tuning *tuning, struct failure *failure,
	       void (*took)(const struct iiobridge_control_list *list,
			    const struct tuning_result *result, void *context),
	       void *context);

/**
 * tuning_apply() - set what the options of a command say of its route
 * @board: the board
 * @route: number of the route
 * @tunings: what they say, in their order
 * @count: their number
 * @quiet: do not tell where a driver took another value than was asked for
 * @failure: gets the reason of an error
 *
 * Return: enum exit_status.
 */
int tuning_apply(struct iiobridge_board *board, unsigned int route, const struct tuning *tunings,
		 size_t count, bool quiet, struct failure *failure);

/**
 * tuning_read_radio() - read what the radio of a route is tuned to
 * @board: the board
 * @route: number of the route
 * @failure: gets the reason of an error
 * @radio: gets it; what there is not, or a driver does not tell, is 0
 *
 * Return: enum exit_status.
 */
int tuning_read_radio(struct iiobridge_board *board, unsigned int route, struct failure *failure,
		      struct sigmf_radio *radio);

/** tuning_role_name() - what a control is for: a static text such as "gain-mode" */
const char *tuning_role_name(int role);

/** tuning_full_name() - name of the route, a blank, and name of the control; returns @text */
const char *tuning_full_name(const struct iiobridge_control_list *list,
			     const struct iiobridge_control *control, char *text, size_t size);

/** tuning_format_number() - a number for people, such as "2.4 GHz" or "-10.5 dB"; returns @text */
const char *tuning_format_number(double number, const char *unit, char text[TUNING_TEXT_SIZE]);

/** tuning_format_plain() - a number for programs, without its unit; returns @text */
const char *tuning_format_plain(double number, char text[TUNING_TEXT_SIZE]);

/** tuning_format_value() - the value of a control for people; returns @text */
const char *tuning_format_value(const struct iiobridge_control *control, double number,
				const char *value, char text[TUNING_TEXT_SIZE]);

#endif
