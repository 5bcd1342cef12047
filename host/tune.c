// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tune.c - iiobridge tune
 */
#include "cmd.h"
#include "files/failure.h"
#include "report.h"
#include "tuning.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: iiobridge tune [OPTION...] [ROUTE]\n"
	"       iiobridge tune [OPTION...] [ROUTE] NAME=VALUE...\n"
	"       iiobridge tune [OPTION...] [ROUTE] NAME...\n"
	"\n"
	"Shows what a board, or a route of it, can be tuned with; sets it, in the order\n"
	"given, also while another program streams; or prints values alone.\n"
	"\n"
	"NAME is frequency, rate, bandwidth, gain, gain-mode, antenna, rssi, temperature,\n"
	"of all channels or with the number of one, such as gain1; or a name that is\n"
	"shown. VALUE may have k, M or G, and a unit: 2.4G, 2400MHz, -10dB. A gain makes\n"
	"the gain mode manual. Values that a device does not take exactly are told.\n"
	"\n"
	"  -s, --serial SERIAL  the board, where there are several\n"
	"      --json           for programs: one JSON object\n"
	"      --wait[=TIME]    for the board to be plugged in\n"
	"  -h, --help           show this text\n"
	"\n"
	"  iiobridge tune rx frequency=2.4G gain=30\n"
	"\n"
	"Exit status: 0 done, 2 no such route, name or number, 3 no board, 7 the board,\n"
	"or a driver, refused; see iiobridge(1).\n";

/* The controls that were named, each once, and what was asked of them. */
struct tune {
	struct iiobridge_board *board;
	struct iiobridge_control_list *list;
	struct failure failure;
	bool json;
	int route; /* or -1 */
	bool has_set;
	bool named[TUNING_FOUND_MAX];
	json_t *asked[TUNING_FOUND_MAX];
};

/* ---- for programs ---- */

static json_t *describe_value(const struct iiobridge_control *control, bool known, double number,
			      const char *text)
{
	if (!known || !iiobridge_control_is_readable(control))
		return json_null();
	return iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER ? json_real(number)
									      : json_string(text);
}

static json_t *describe_choices(const struct iiobridge_control *control)
{
	json_t *choices = json_array();

	for (unsigned int i = 0; i < iiobridge_control_choice_count(control); i++)
		json_array_append_new(choices, json_string(iiobridge_control_choice(control, i)));
	return choices;
}

static json_t *describe(const struct tune *tune, const struct iiobridge_control *control)
{
	static const char *const kinds[] = { "number", "choice", "text" };
	const unsigned int index = iiobridge_control_index(control);
	const int channel = iiobridge_control_channel(control);
	const bool ranged = iiobridge_control_has_range(control);
	json_t *object = json_pack(
		"{s:o, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o}", "route",
		report_text(iiobridge_control_list_route_name(tune->list, index)), "name",
		iiobridge_control_name(control), "channel",
		report_count(channel >= 0, (uint64_t)channel), "role",
		tuning_role_name(iiobridge_control_role(control)), "kind",
		kinds[iiobridge_control_kind(control)], "unit",
		report_text(iiobridge_control_unit(control)), "value",
		describe_value(control, iiobridge_control_is_known(control),
			       iiobridge_control_number(control), iiobridge_control_text(control)),
		"error", report_text(iiobridge_control_message(control)), "readable",
		iiobridge_control_is_readable(control), "writable",
		iiobridge_control_is_writable(control), "minimum",
		report_number(ranged, iiobridge_control_minimum(control)), "maximum",
		report_number(ranged, iiobridge_control_maximum(control)), "step",
		report_number(ranged, iiobridge_control_step(control)), "choices",
		describe_choices(control));

	if (tune->asked[index])
		json_object_set(object, "asked", tune->asked[index]);
	return object;
}

static int print_json(const struct tune *tune)
{
	json_t *controls = json_array();

	for (size_t i = 0; i < iiobridge_control_list_count(tune->list); i++) {
		if (tune->named[i])
			json_array_append_new(controls, describe(tune, iiobridge_control_list_get(
									       tune->list, i)));
	}
	return report_print(json_pack("{s:o, s:o}", "serial",
				      report_text(iiobridge_board_serial(tune->board)), "controls",
				      controls),
			    stdout, REPORT_LINES);
}

/* ---- for people ---- */

/* Columns that a text takes, where each character takes one. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* The last column, which may be long. */
static void format_accepted(const struct iiobridge_control *control, char *text, size_t size)
{
	const char *unit = iiobridge_control_unit(control);
	char least[TUNING_TEXT_SIZE], most[TUNING_TEXT_SIZE], step[TUNING_TEXT_SIZE];
	const unsigned int count = iiobridge_control_choice_count(control);
	size_t used = 0;

	text[0] = '\0';
	if (!iiobridge_control_is_known(control)) {
		snprintf(text, size, "%s", iiobridge_control_message(control));
	} else if (iiobridge_control_has_range(control)) {
		tuning_format_number(iiobridge_control_minimum(control), unit, least);
		tuning_format_number(iiobridge_control_maximum(control), unit, most);
		tuning_format_number(iiobridge_control_step(control), unit, step);
		snprintf(text, size, "%s to %s%s%s", least, most,
			 iiobridge_control_step(control) > 0 ? ", in steps of " : "",
			 iiobridge_control_step(control) > 0 ? step : "");
	} else {
		for (unsigned int i = 0; i < count && used < size; i++)
			used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
						 iiobridge_control_choice(control, i));
		if (count > 0 && unit[0] && used < size)
			snprintf(text + used, size - used, " %s", unit);
	}
}

struct row {
	char route[40], name[72], value[TUNING_TEXT_SIZE], accepted[1600];
	const char *access;
};

static void fill_row(const struct tune *tune, size_t index, struct row *row)
{
	const struct iiobridge_control *control = iiobridge_control_list_get(tune->list, index);
	const char *route = iiobridge_control_list_route_name(tune->list, index);
	const bool reads = iiobridge_control_is_readable(control);

	snprintf(row->route, sizeof(row->route), "%s", route[0] ? route : "-");
	snprintf(row->name, sizeof(row->name), "%s", iiobridge_control_name(control));
	if (!reads)
		snprintf(row->value, sizeof(row->value), "-");
	else if (!iiobridge_control_is_known(control))
		snprintf(row->value, sizeof(row->value), "unknown");
	else
		tuning_format_value(control, iiobridge_control_number(control),
				    iiobridge_control_text(control), row->value);
	row->access = !iiobridge_control_is_writable(control) ? "ro" : reads ? "rw" : "wo";
	format_accepted(control, row->accepted, sizeof(row->accepted));
}

static void widen(int *width, const char *text)
{
	if (width_of(text) > *width)
		*width = width_of(text);
}

/* printf() counts bytes. */
static void print_cell(const char *text, int width)
{
	printf("%s%*s  ", text, width - width_of(text), "");
}

static int print_table(const struct tune *tune)
{
	int routes = (int)strlen("ROUTE"), names = (int)strlen("CONTROL");
	int values = (int)strlen("VALUE");
	const size_t count = iiobridge_control_list_count(tune->list);
	struct row row;

	for (size_t i = 0; i < count; i++) {
		fill_row(tune, i, &row);
		if (!tune->named[i])
			continue;
		widen(&routes, row.route);
		widen(&names, row.name);
		widen(&values, row.value);
	}
	printf("%-*s  %-*s  %-*s  ACCESS  ACCEPTED\n", routes, "ROUTE", names, "CONTROL", values,
	       "VALUE");
	for (size_t i = 0; i < count; i++) {
		fill_row(tune, i, &row);
		if (!tune->named[i])
			continue;
		print_cell(row.route, routes);
		print_cell(row.name, names);
		print_cell(row.value, values);
		printf("%s%s%s\n", row.access, row.accepted[0] ? "      " : "", row.accepted);
	}
	return cmd_finish_output();
}

static int print_all(struct tune *tune)
{
	size_t count = 0;

	for (size_t i = 0; i < iiobridge_control_list_count(tune->list); i++) {
		const int route =
			iiobridge_control_route(iiobridge_control_list_get(tune->list, i));

		tune->named[i] = tune->route < 0 || route == tune->route;
		count += tune->named[i];
	}
	if (tune->json)
		return print_json(tune);
	if (count > 0)
		return print_table(tune);
	cmd_complain("there is nothing to tune: the board's configuration has no controls%s",
		     tune->route < 0 ? "" : " of this route");
	return STATUS_OK;
}

/* ---- what was named ---- */

static void tell_result(const struct iiobridge_control_list *list,
			const struct tuning_result *result, void *context)
{
	const struct iiobridge_control *control = result->control;
	const unsigned int index = iiobridge_control_index(control);
	const bool is_number = iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER;
	char name[128], value[TUNING_TEXT_SIZE], asked[TUNING_TEXT_SIZE];
	struct tune *tune = context;

	tune->has_set = tune->named[index] = true;
	json_decref(tune->asked[index]);
	tune->asked[index] = is_number ? json_real(result->asked) : json_string(result->text);
	if (tune->json)
		return;
	printf("%s %s", tuning_full_name(list, control, name, sizeof(name)),
	       tuning_format_value(control, result->reading.number, result->reading.text, value));
	if (result->differs)
		printf(", asked for was %s",
		       tuning_format_value(control, result->asked, result->text, asked));
	putchar('\n');
}

static int print_value(struct tune *tune, const struct iiobridge_control *control)
{
	char name[128], plain[TUNING_TEXT_SIZE];

	if (!iiobridge_control_is_readable(control))
		return failure_set(&tune->failure, STATUS_USAGE, "%s can be set, and not be read",
				   tuning_full_name(tune->list, control, name, sizeof(name)));
	if (!iiobridge_control_is_known(control))
		return failure_set(&tune->failure, STATUS_REFUSED, "%s could not be read: %s",
				   tuning_full_name(tune->list, control, name, sizeof(name)),
				   iiobridge_control_message(control));
	tune->named[iiobridge_control_index(control)] = true;
	if (tune->json)
		return STATUS_OK;
	printf("%s\n", iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER
			       ? tuning_format_plain(iiobridge_control_number(control), plain)
			       : iiobridge_control_text(control));
	return STATUS_OK;
}

/* The list is new, unless something was set since. */
static int print_values(struct tune *tune, const char *name)
{
	struct tuning_found found;
	int status = STATUS_OK;

	if (tune->has_set)
		status = cmd_library(&tune->failure,
				     iiobridge_control_list_update(tune->list, NULL));
	if (status == STATUS_OK)
		status = tuning_find(tune->list, tune->route, name, strlen(name), &tune->failure,
				     &found);
	for (size_t i = 0; status == STATUS_OK && i < found.count; i++)
		status = print_value(tune, found.controls[i]);
	return status;
}

/* What was set is told although something else could not be. */
static int print_named(struct tune *tune, int status)
{
	struct iiobridge_control_list *list;
	struct failure other = { "" };
	int printed;

	if (status != STATUS_OK && !tune->has_set)
		return status;
	printed = cmd_library(&other, iiobridge_control_list_new(tune->board, &list));
	if (printed == STATUS_OK) {
		iiobridge_control_list_free(tune->list);
		tune->list = list;
		printed = print_json(tune);
	} else if (status == STATUS_OK) {
		tune->failure = other;
	}
	return status == STATUS_OK ? printed : status;
}

static int tune_named(struct tune *tune, char *const *words)
{
	int status = STATUS_OK, printed;

	for (; *words && status == STATUS_OK; words++) {
		struct tuning tuning;

		if (tuning_split(*words, &tuning))
			status = tuning_set(tune->board, tune->list, tune->route, &tuning,
					    &tune->failure, tell_result, tune);
		else
			status = print_values(tune, *words);
	}
	if (tune->json)
		return print_named(tune, status);
	printed = cmd_finish_output();
	return status == STATUS_OK ? printed : status;
}

/* ---- the command ---- */

/* The first word may be a route. */
static int take_route(struct tune *tune, char *const **words)
{
	const char *name = **words;
	struct iiobridge_route *route;
	int status = STATUS_OK;

	tune->route = -1;
	if (!name || strchr(name, '='))
		return STATUS_OK;
	for (unsigned int i = 0; i < iiobridge_board_route_count(tune->board); i++) {
		status = cmd_library(&tune->failure, iiobridge_route_get(tune->board, i, &route));
		if (status != STATUS_OK)
			break;
		if (strcmp(name, iiobridge_route_name(route)) == 0)
			tune->route = (int)i;
		iiobridge_route_free(route);
	}
	if (tune->route >= 0)
		++*words;
	return status;
}

static int run(struct tune *tune, char *const *words)
{
	int status;

	status = take_route(tune, &words);
	if (status == STATUS_OK)
		status = cmd_library(&tune->failure,
				     iiobridge_control_list_new(tune->board, &tune->list));
	if (status != STATUS_OK)
		return status;
	status = *words ? tune_named(tune, words) : print_all(tune);
	iiobridge_control_list_free(tune->list);
	for (size_t i = 0; i < TUNING_FOUND_MAX; i++)
		json_decref(tune->asked[i]);
	return status;
}

int cmd_tune(int argc, char **argv)
{
	static const struct option options[] = {
		{ "serial", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "wait", optional_argument, NULL, OPTION_WAIT },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options common = { 0 };
	struct tune tune = { .failure = { "" } };
	int option, status;

	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = options_take(&common, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	tune.json = common.json;
	status = cmd_open(&common, &tune.failure, &tune.board);
	if (status == STATUS_OK) {
		status = run(&tune, argv + optind);
		iiobridge_board_close(tune.board);
	}
	if (status != STATUS_OK && tune.failure.message[0])
		cmd_failed(&tune.failure, status);
	return status;
}
