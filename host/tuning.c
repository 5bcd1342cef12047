// SPDX-License-Identifier: GPL-2.0-or-later
#include "tuning.h"

#include "cmd.h"
#include "files/failure.h"
#include "files/sigmf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The board has whole millionths. */
#define LEAST_DIFFERENCE 0.75e-6

/* ---- names ---- */

static const struct {
	const char *name;
	int role;
} roles[] = {
	/* The first of a role is the one that is shown. */
	{ "attribute", IIOBRIDGE_CONTROL_ATTRIBUTE },
	{ "frequency", IIOBRIDGE_CONTROL_FREQUENCY },
	{ "rate", IIOBRIDGE_CONTROL_SAMPLE_RATE },
	{ "sample-rate", IIOBRIDGE_CONTROL_SAMPLE_RATE },
	{ "bandwidth", IIOBRIDGE_CONTROL_BANDWIDTH },
	{ "gain", IIOBRIDGE_CONTROL_GAIN },
	{ "gain-mode", IIOBRIDGE_CONTROL_GAIN_MODE },
	{ "antenna", IIOBRIDGE_CONTROL_ANTENNA },
	{ "rssi", IIOBRIDGE_CONTROL_RSSI },
	{ "temperature", IIOBRIDGE_CONTROL_TEMPERATURE },
};

const char *tuning_role_name(int role)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (roles[i].role == role)
			return roles[i].name;
	}
	return roles[0].name;
}

const char *tuning_full_name(const struct iiobridge_control_list *list,
			     const struct iiobridge_control *control, char *text, size_t size)
{
	const char *route =
		iiobridge_control_list_route_name(list, iiobridge_control_index(control));

	snprintf(text, size, "%s%s%s", route, route[0] ? " " : "", iiobridge_control_name(control));
	return text;
}

bool tuning_split(const char *text, struct tuning *tuning)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return false;
	*tuning = (struct tuning){ text, (size_t)(equals - text), equals + 1 };
	return true;
}

static bool is_name(const char *name, size_t length, const char *other)
{
	return strlen(other) == length && strncmp(name, other, length) == 0;
}

/* The role that a name begins with, all of it or up to the number of a channel; else -1. */
static int role_of(const char *name, size_t length, int *channel)
{
	size_t digits = 0;

	while (digits < length && digits < 3 && name[length - digits - 1] >= '0' &&
	       name[length - digits - 1] <= '9')
		digits++;
	*channel = digits ? (int)strtol(name + length - digits, NULL, 10) : -1;
	/* Attributes have nothing in common. */
	for (size_t i = 1; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (is_name(name, length - digits, roles[i].name))
			return roles[i].role;
	}
	return -1;
}

/* What the words of a name are compared with; the first kind that fits any control decides. */
enum match { MATCH_ROLE, MATCH_NAME, MATCH_CHANNEL, MATCHES };

static bool fits(const struct iiobridge_control *control, enum match match, const char *name,
		 size_t length)
{
	int channel;
	const int role = role_of(name, length, &channel);

	switch (match) {
	case MATCH_ROLE:
		return channel < 0 && role == iiobridge_control_role(control);
	case MATCH_NAME:
		return is_name(name, length, iiobridge_control_name(control));
	default:
		return channel >= 0 && role == iiobridge_control_role(control) &&
		       channel == iiobridge_control_channel(control);
	}
}

static void collect(const struct iiobridge_control_list *list, int route, enum match match,
		    const char *name, size_t length, struct tuning_found *found)
{
	found->count = 0;
	for (size_t i = 0; i < iiobridge_control_list_count(list); i++) {
		const struct iiobridge_control *control = iiobridge_control_list_get(list, i);

		if ((route < 0 || iiobridge_control_route(control) == route) &&
		    found->count < TUNING_FOUND_MAX && fits(control, match, name, length))
			found->controls[found->count++] = control;
	}
}

/* Those of no route, where the route itself has none of the name. */
static void collect_common(const struct iiobridge_control_list *list, enum match match,
			   const char *name, size_t length, struct tuning_found *found)
{
	size_t kept = 0;

	collect(list, -1, match, name, length, found);
	for (size_t i = 0; i < found->count; i++) {
		if (iiobridge_control_route(found->controls[i]) < 0)
			found->controls[kept++] = found->controls[i];
	}
	found->count = kept;
}

static int tell_unknown(const struct iiobridge_control_list *list, int route, const char *name,
			size_t length, struct failure *failure)
{
	char known[400] = "", full[128];
	size_t used = 0;

	for (size_t i = 0; i < iiobridge_control_list_count(list) && used < sizeof(known); i++) {
		const struct iiobridge_control *control = iiobridge_control_list_get(list, i);
		const int of = iiobridge_control_route(control);

		if (route >= 0 && of >= 0 && of != route)
			continue;
		used += (size_t)snprintf(
			known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
			route >= 0 ? iiobridge_control_name(control)
				   : tuning_full_name(list, control, full, sizeof(full)));
	}
	if (used == 0)
		return failure_set(failure, STATUS_USAGE,
				   "\"%.*s\" cannot be tuned: the board has no controls%s",
				   (int)length, name, route >= 0 ? " of this route" : "");
	return failure_set(failure, STATUS_USAGE, "there is no control \"%.*s\"; there are: %s",
			   (int)length, name, known);
}

static int tell_ambiguous(const struct iiobridge_control_list *list,
			  const struct tuning_found *found, const char *name, size_t length,
			  struct failure *failure)
{
	char full[128], other[128];
	const struct iiobridge_control *last = found->controls[found->count - 1];

	return failure_set(failure, STATUS_USAGE, "\"%.*s\" may be %s or %s: give the route, too",
			   (int)length, name,
			   tuning_full_name(list, found->controls[0], full, sizeof(full)),
			   tuning_full_name(list, last, other, sizeof(other)));
}

int tuning_find(const struct iiobridge_control_list *list, int route, const char *name,
		size_t length, struct failure *failure, struct tuning_found *found)
{
	found->count = 0;
	for (enum match match = 0; match < MATCHES && found->count == 0; match++) {
		collect(list, route, match, name, length, found);
		if (found->count == 0 && route >= 0)
			collect_common(list, match, name, length, found);
	}
	if (found->count == 0)
		return tell_unknown(list, route, name, length, failure);
	for (size_t i = 1; i < found->count; i++) {
		if (iiobridge_control_route(found->controls[i]) !=
		    iiobridge_control_route(found->controls[0]))
			return tell_ambiguous(list, found, name, length, failure);
	}
	return STATUS_OK;
}

/* ---- values ---- */

/* What may stand behind a number, and what it is multiplied by; 0 for anything else. */
static double factor_of(const char *text, const struct iiobridge_control *control)
{
	static const struct {
		char prefix;
		double factor;
	} prefixes[] = { { 'k', 1e3 }, { 'K', 1e3 }, { 'M', 1e6 }, { 'G', 1e9 }, { 'T', 1e12 } };
	const char *unit = iiobridge_control_unit(control);
	double factor = 1;

	while (*text == ' ')
		text++;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]) && factor == 1; i++) {
		if (*text == prefixes[i].prefix)
			factor = prefixes[i].factor;
	}
	if (factor != 1)
		text++;
	if (*text && strcasecmp(text, unit) != 0 &&
	    (iiobridge_control_role(control) != IIOBRIDGE_CONTROL_SAMPLE_RATE ||
	     strcmp(text, "S/s") != 0))
		return 0;
	return factor;
}

/* A decimal number, as no user means another one. */
static bool parse_number(const char *text, const struct iiobridge_control *control, double *number)
{
	const char *digits = text + (*text == '-' || *text == '+');
	double factor;
	char *end;

	if (*digits != '.' && (*digits < '0' || *digits > '9'))
		return false;
	if (*digits == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		return false;
	*number = strtod(text, &end);
	factor = factor_of(end, control);
	*number *= factor;
	return factor > 0 && end > text && isfinite(*number);
}

const char *tuning_format_number(double number, const char *unit, char text[TUNING_TEXT_SIZE])
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T" };
	size_t i = 0;

	/* Decibels and degrees have no prefixes. */
	while (strcmp(unit, "Hz") == 0 && fabs(number) >= 1000 &&
	       i < sizeof(prefixes) / sizeof(prefixes[0]) - 1) {
		number /= 1000;
		i++;
	}
	snprintf(text, TUNING_TEXT_SIZE, "%.12g%s%s%s", number, unit[0] ? " " : "", prefixes[i],
		 unit);
	return text;
}

const char *tuning_format_plain(double number, char text[TUNING_TEXT_SIZE])
{
	size_t length = (size_t)snprintf(text, TUNING_TEXT_SIZE, "%.6f", number);

	while (length > 0 && text[length - 1] == '0')
		text[--length] = '\0';
	if (length > 0 && text[length - 1] == '.')
		text[--length] = '\0';
	return text;
}

const char *tuning_format_value(const struct iiobridge_control *control, double number,
				const char *value, char text[TUNING_TEXT_SIZE])
{
	if (iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER)
		return tuning_format_number(number, iiobridge_control_unit(control), text);
	snprintf(text, TUNING_TEXT_SIZE, "%s", value);
	return text;
}

/* ---- setting ---- */

struct setting {
	struct iiobridge_board *board;
	struct iiobridge_control_list *list;
	struct failure *failure;
	void (*took)(const struct iiobridge_control_list *list, const struct tuning_result *result,
		     void *context);
	void *context;
};

static int set_control(const struct setting *setting, const struct iiobridge_control *control,
		       const char *value)
{
	const bool is_number = iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER;
	const unsigned int index = iiobridge_control_index(control);
	struct tuning_result result = { .control = control, .text = value };
	char name[128];
	int status;

	tuning_full_name(setting->list, control, name, sizeof(name));
	if (!iiobridge_control_is_writable(control))
		return failure_set(setting->failure, STATUS_USAGE, "%s can be read, and not be set",
				   name);
	if (is_number && !parse_number(value, control, &result.asked))
		return failure_set(setting->failure, STATUS_USAGE,
				   "%s \"%s\": accepted is a number%s%s, such as %s", name, value,
				   iiobridge_control_unit(control)[0] ? " of " : "",
				   iiobridge_control_unit(control),
				   strcmp(iiobridge_control_unit(control), "Hz") == 0
					   ? "2.4G, 100k"
					   : "10 or 1.5");
	status = cmd_library(setting->failure,
			     is_number ? iiobridge_control_set_number(setting->board, index,
								      result.asked, &result.reading)
				       : iiobridge_control_set_text(setting->board, index, value,
								    &result.reading));
	if (status != STATUS_OK)
		return status;
	result.differs = is_number ? fabs(result.asked - result.reading.number) > LEAST_DIFFERENCE
				   : strcmp(value, result.reading.text) != 0;
	setting->took(setting->list, &result, setting->context);
	return STATUS_OK;
}

static bool has_choice(const struct iiobridge_control *control, const char *text)
{
	for (unsigned int i = 0; i < iiobridge_control_choice_count(control); i++) {
		if (strcmp(iiobridge_control_choice(control, i), text) == 0)
			return true;
	}
	return false;
}

static int make_manual(const struct setting *setting, const struct iiobridge_control *gain)
{
	const struct iiobridge_control *mode = iiobridge_control_find(
		setting->list, iiobridge_control_route(gain), IIOBRIDGE_CONTROL_GAIN_MODE,
		iiobridge_control_channel(gain));
	int status;

	if (!mode || !iiobridge_control_is_writable(mode) || !has_choice(mode, "manual"))
		return STATUS_OK;
	status = cmd_library(setting->failure, iiobridge_control_list_update(setting->list, NULL));
	if (status != STATUS_OK || (iiobridge_control_is_known(mode) &&
				    strcmp(iiobridge_control_text(mode), "manual") == 0))
		return status;
	return set_control(setting, mode, "manual");
}

int tuning_set(struct iiobridge_board *board, struct iiobridge_control_list *list, int route,
	       const struct tuning *tuning, struct failure *failure,
	       void (*took)(const struct iiobridge_control_list *list,
			    const struct tuning_result *result, void *context),
	       void *context)
{
	const struct setting setting = { board, list, failure, took, context };
	struct tuning_found found;
	int status;

	status = tuning_find(list, route, tuning->name, tuning->length, failure, &found);
	for (size_t i = 0; i < found.count && status == STATUS_OK; i++) {
		const struct iiobridge_control *control = found.controls[i];

		if (iiobridge_control_role(control) == IIOBRIDGE_CONTROL_GAIN)
			status = make_manual(&setting, control);
		if (status == STATUS_OK)
			status = set_control(&setting, control, tuning->value);
	}
	return status;
}

static void tell_difference(const struct iiobridge_control_list *list,
			    const struct tuning_result *result, void *context)
{
	const struct iiobridge_control *control = result->control;
	char name[128], value[TUNING_TEXT_SIZE], asked[TUNING_TEXT_SIZE];

	(void)context;
	if (!result->differs)
		return;
	cmd_complain(
		"%s is %s: the device has not taken %s",
		tuning_full_name(list, control, name, sizeof(name)),
		tuning_format_value(control, result->reading.number, result->reading.text, value),
		tuning_format_value(control, result->asked, result->text, asked));
}

static void tell_nothing(const struct iiobridge_control_list *list,
			 const struct tuning_result *result, void *context)
{
	(void)list;
	(void)result;
	(void)context;
}

int tuning_apply(struct iiobridge_board *board, unsigned int route, const struct tuning *tunings,
		 size_t count, bool quiet, struct failure *failure)
{
	struct iiobridge_control_list *list;
	int status;

	if (count == 0)
		return STATUS_OK;
	status = cmd_library(failure, iiobridge_control_list_new(board, &list));
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = tuning_set(board, list, (int)route, &tunings[i], failure,
				    quiet ? tell_nothing : tell_difference, NULL);
	iiobridge_control_list_free(list);
	return status;
}

/* All of a route's, or none: which is of which channel shows in their order. */
static void take_gains(const struct iiobridge_control_list *list, int route,
		       struct sigmf_radio *radio)
{
	for (size_t i = 0; i < iiobridge_control_list_count(list); i++) {
		const struct iiobridge_control *control = iiobridge_control_list_get(list, i);

		if (iiobridge_control_role(control) != IIOBRIDGE_CONTROL_GAIN ||
		    iiobridge_control_route(control) != route)
			continue;
		if (!iiobridge_control_is_known(control) || radio->gain_count == SIGMF_GAINS_MAX) {
			radio->gain_count = 0;
			return;
		}
		radio->gains[radio->gain_count++] = iiobridge_control_number(control);
	}
}

int tuning_read_radio(struct iiobridge_board *board, unsigned int route, struct failure *failure,
		      struct sigmf_radio *radio)
{
	const struct iiobridge_control *frequency;
	struct iiobridge_control_list *list;
	int status;

	*radio = (struct sigmf_radio){ 0 };
	status = cmd_library(failure, iiobridge_control_list_new(board, &list));
	if (status != STATUS_OK)
		return status;
	frequency = iiobridge_control_find(list, (int)route, IIOBRIDGE_CONTROL_FREQUENCY, -1);
	if (frequency && iiobridge_control_is_known(frequency))
		radio->frequency = iiobridge_control_number(frequency);
	take_gains(list, (int)route, radio);
	iiobridge_control_list_free(list);
	return STATUS_OK;
}
