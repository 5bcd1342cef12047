// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * control_values.c - a control's value, as its driver has it and as a host does
 */
#include "controls.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "core/text.h"

#define MILLIONTHS     1e6
#define AVAILABLE_SIZE 4096 /* as much as sysfs has in a file */

const struct iio_quantity iio_quantities[] = {
	[IIOBRIDGE_ROLE_ATTRIBUTE] = { "", 1, .kind = IIOBRIDGE_CONTROL_TEXT },
	[IIOBRIDGE_ROLE_FREQUENCY] = { "Hz", 1, .whole = true },
	[IIOBRIDGE_ROLE_SAMPLE_RATE] = { "Hz", 1, .whole = true },
	[IIOBRIDGE_ROLE_BANDWIDTH] = { "Hz", 1, .whole = true },
	[IIOBRIDGE_ROLE_GAIN] = { "dB", 1, .measured = false },
	[IIOBRIDGE_ROLE_GAIN_MODE] = { "", 1, .kind = IIOBRIDGE_CONTROL_CHOICE },
	[IIOBRIDGE_ROLE_ANTENNA] = { "", 1, .kind = IIOBRIDGE_CONTROL_CHOICE },
	[IIOBRIDGE_ROLE_RSSI] = { "dB", 1, .measured = true },
	[IIOBRIDGE_ROLE_TEMPERATURE] = { "°C", 1e-3, .measured = true },
};

static int fail(const struct iio_control *control, int number, const char *what,
		struct error *error)
{
	if (!control->file[0])
		return error_set(
			error, ENODEV,
			"cannot %s \"%s\": IIO device \"%s\" with attribute \"%s\" is not there",
			what, control->info.name, control->device, control->attribute);
	return error_set(error, number,
			 "cannot %s \"%s\", attribute \"%s\" of IIO device \"%s\": %m", what,
			 control->info.name, control->attribute, control->device);
}

/* Drivers put the unit behind some numbers. */
static bool parse_number(const struct iio_control *control, const char *text, int64_t *number)
{
	double scale = iio_quantities[control->info.role].driver * MILLIONTHS;
	char *end;
	double value = strtod(text, &end) * scale;

	if (end == text || !(fabs(value) < 9e18))
		return false;
	*number = llround(value);
	return true;
}

static void format_number(char *text, size_t size, int64_t number)
{
	snprintf(text, size, "%.15g", (double)number / MILLIONTHS);
}

/* "[1 0.5 64]": from 1, in steps of 0.5, to 64. */
static void take_range(struct iio_control *control, char *text)
{
	int64_t *numbers[] = {
		&control->info.minimum,
		&control->info.step,
		&control->info.maximum,
	};
	char *rest;
	char *word = strtok_r(text, "[ ]", &rest);
	unsigned int count = 0;

	for (; word && count < 3 && parse_number(control, word, numbers[count]); count++)
		word = strtok_r(NULL, "[ ]", &rest);
	control->info.has_range = count == 3 && !word;
}

static void take_choices(struct iio_control *control, char *text)
{
	struct iiobridge_control_info *info = &control->info;
	char *rest;

	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		size_t size = strlen(word) + 1;

		/* Those that the values of a control have no room for cannot be chosen. */
		if (size > sizeof(info->value.text) ||
		    info->choices_size + size > sizeof(info->choices))
			continue;
		memcpy(info->choices + info->choices_size, word, size);
		info->choices_size = (uint16_t)(info->choices_size + size);
		info->choice_count++;
	}
}

static void read_available(struct iio_control *control)
{
	struct iiobridge_control_info *info = &control->info;
	char text[AVAILABLE_SIZE];

	info->has_range = 0;
	info->minimum = info->step = info->maximum = 0;
	info->choice_count = info->choices_size = 0;
	memset(info->choices, 0, sizeof(info->choices));
	if (!control->available[0] || sysfs_read(control->available, text, sizeof(text)) < 0)
		return;
	if (text[0] != '[')
		take_choices(control, text);
	else if (info->kind == IIOBRIDGE_CONTROL_NUMBER)
		take_range(control, text);
}

int iio_control_read(struct iio_control *control, struct error *error)
{
	struct iiobridge_control_value value = { 0 };
	char text[AVAILABLE_SIZE];
	int ret;

	ret = control->file[0] ? sysfs_read(control->file, text, sizeof(text)) : -ENODEV;
	if (ret < 0)
		return fail(control, ret, "read", error);
	if (control->info.kind != IIOBRIDGE_CONTROL_NUMBER)
		text_copy(value.text, sizeof(value.text), text);
	else if (!parse_number(control, text, &value.number))
		return error_set(
			error, EINVAL,
			"attribute \"%s\" of IIO device \"%s\" has \"%.40s\", which is no number",
			control->attribute, control->device, text);
	control->info.value = value;
	read_available(control);
	if (control->rate_file[0]) {
		double rate = 0;

		sysfs_read_number(control->rate_file, &rate);
		control->rate_millihertz =
			rate > 0 && rate < 1e15 ? (uint64_t)llround(rate * 1000) : 0;
	}
	return 0;
}

static bool has_choice(const struct iiobridge_control_info *info, const char *text)
{
	for (size_t at = 0; at < info->choices_size; at += strlen(info->choices + at) + 1)
		if (strcmp(info->choices + at, text) == 0)
			return true;
	return false;
}

/* What the driver would take, for people. */
static void describe_accepted(const struct iiobridge_control_info *info, char *text, size_t size)
{
	char from[32], to[32], choices[384] = "";

	text[0] = '\0';
	if (info->has_range) {
		format_number(from, sizeof(from), info->minimum);
		format_number(to, sizeof(to), info->maximum);
		snprintf(text, size, "; it may be from %s to %s%s%s", from, to,
			 info->unit[0] ? " " : "", info->unit);
	} else if (info->choice_count) {
		for (size_t at = 0; at < info->choices_size; at += strlen(info->choices + at) + 1)
			text_list(choices, sizeof(choices), info->choices + at);
		snprintf(text, size, "; it may be one of: %s", choices);
	}
}

/* What the attribute gets, in the driver's words. */
static void format_value(const struct iio_control *control,
			 const struct iiobridge_control_value *value, char *text, size_t size)
{
	const struct iio_quantity *quantity = &iio_quantities[control->info.role];

	if (control->info.kind != IIOBRIDGE_CONTROL_NUMBER)
		text_copy(text, size, value->text);
	else
		snprintf(text, size, "%.*f", quantity->whole ? 0 : 6,
			 (double)value->number / MILLIONTHS / quantity->driver);
}

static bool is_acceptable(const struct iiobridge_control_info *info,
			  const struct iiobridge_control_value *value)
{
	if (info->kind == IIOBRIDGE_CONTROL_NUMBER)
		return !value->text[0] && (!info->has_range || (value->number >= info->minimum &&
								value->number <= info->maximum));
	if (value->number || !value->text[0])
		return false;
	return info->kind == IIOBRIDGE_CONTROL_TEXT || !info->choice_count ||
	       has_choice(info, value->text);
}

int iio_control_write(struct iio_control *control, const struct iiobridge_control_value *value,
		      struct error *error)
{
	struct iiobridge_control_value wanted = *value;
	char text[64], accepted[512], shown[64];
	int ret = iio_control_read(control, error);

	if (ret)
		return ret;
	wanted.text[sizeof(wanted.text) - 1] = '\0';
	format_value(control, &wanted, text, sizeof(text));
	if (is_acceptable(&control->info, &wanted))
		ret = sysfs_write(AT_FDCWD, control->file, text);
	else
		ret = -EINVAL;
	if (!ret) {
		attributes_hold(control->file);
		return iio_control_read(control, error);
	}
	describe_accepted(&control->info, accepted, sizeof(accepted));
	if (control->info.kind == IIOBRIDGE_CONTROL_NUMBER)
		format_number(shown, sizeof(shown), wanted.number);
	else
		snprintf(shown, sizeof(shown), "\"%.60s\"", wanted.text);
	return error_set(
		error, ret,
		"cannot set \"%s\", attribute \"%s\" of IIO device \"%s\", to %s%s%s: %m%s",
		control->info.name, control->attribute, control->device, shown,
		control->info.unit[0] ? " " : "", control->info.unit, accepted);
}
