// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * info.c - iiobridge info
 *
 * What is told is one JSON object, which is printed as it is, or as text for people.
 */
#include "cmd.h"
#include "files/datatype.h"
#include "files/failure.h"
#include "files/units.h"
#include "report.h"
#include "tuning.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: iiobridge info [-s SERIAL] [--json] [--wait[=TIME]] [ROUTE]\n"
	"\n"
	"Shows a board and its routes, or one of them: converter, channels with their\n"
	"formats, sample rate, what its radio is tuned to, blocks, endpoints, state,\n"
	"statistics since the last start, and the board's last error. Can be used while\n"
	"another program streams.\n"
	"\n"
	"  -s, --serial SERIAL  the board, where there are several\n"
	"      --json           for programs: one JSON object\n"
	"      --wait[=TIME]    for the board to be plugged in\n"
	"  -h, --help           show this text\n"
	"\n"
	"Exit status: 0 done, 2 no such route, 3 no board, 4 no permission; see\n"
	"iiobridge(1).\n";

static json_t *describe_channels(const struct iiobridge_route *route)
{
	json_t *array = json_array();
	char format[CHANNEL_FORMAT_SIZE];

	for (unsigned int i = 0; i < iiobridge_route_channel_count(route); i++) {
		const struct iiobridge_channel *channel = iiobridge_route_channel(route, i);

		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:i, s:b}", "id",
						iiobridge_channel_id(channel), "format",
						channel_format(channel, format), "scan_index",
						(int)iiobridge_channel_scan_index(channel),
						"in_scan", iiobridge_channel_offset(channel) >= 0));
	}
	return array;
}

static json_t *describe_statistics(const struct iiobridge_statistics_info *statistics)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "starts",
			 report_count(true, statistics->starts), "blocks_filled",
			 report_count(true, statistics->blocks_filled), "blocks_delivered",
			 report_count(true, statistics->blocks_delivered), "blocks_failed",
			 report_count(true, statistics->blocks_failed), "bytes_delivered",
			 report_count(true, statistics->bytes_delivered), "gaps",
			 report_count(true, statistics->gaps), "samples_lost",
			 report_count(true, statistics->samples_lost), "samples_lost_estimated",
			 statistics->estimated, "records_lost",
			 report_count(true, statistics->records_lost));
}

/* Who repeats a waveform, where it is a route that could. */
static const char *name_repeater(const struct iiobridge_route *route, int repeater)
{
	if (iiobridge_route_kind(route) != IIOBRIDGE_ROUTE_TX ||
	    repeater == IIOBRIDGE_REPEATER_NONE)
		return NULL;
	return repeater == IIOBRIDGE_REPEATER_KERNEL ? "kernel" : "daemon";
}

static json_t *describe_control(const struct iiobridge_control *control)
{
	if (!control || !iiobridge_control_is_known(control))
		return json_null();
	return iiobridge_control_kind(control) == IIOBRIDGE_CONTROL_IS_NUMBER
		       ? json_real(iiobridge_control_number(control))
		       : report_text(iiobridge_control_text(control));
}

/* Of each channel, in their order. */
static json_t *describe_gains(const struct iiobridge_control_list *list, int route)
{
	json_t *gains = json_array();

	for (size_t i = 0; i < iiobridge_control_list_count(list); i++) {
		const struct iiobridge_control *control = iiobridge_control_list_get(list, i);

		if (iiobridge_control_route(control) == route &&
		    iiobridge_control_role(control) == IIOBRIDGE_CONTROL_GAIN)
			json_array_append_new(gains, describe_control(control));
	}
	return gains;
}

/* What a route has of a radio; null where it has nothing of it. */
static json_t *describe_radio(const struct iiobridge_control_list *list, int route)
{
	static const struct {
		const char *key;
		int role;
	} parts[] = {
		{ "frequency", IIOBRIDGE_CONTROL_FREQUENCY },
		{ "rate", IIOBRIDGE_CONTROL_SAMPLE_RATE },
		{ "bandwidth", IIOBRIDGE_CONTROL_BANDWIDTH },
		{ "gain_mode", IIOBRIDGE_CONTROL_GAIN_MODE },
		{ "antenna", IIOBRIDGE_CONTROL_ANTENNA },
	};
	json_t *radio = json_object(), *gains = describe_gains(list, route);
	bool has_any = json_array_size(gains) > 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct iiobridge_control *control =
			iiobridge_control_find(list, route, parts[i].role, -1);

		has_any = has_any || control;
		json_object_set_new(radio, parts[i].key, describe_control(control));
	}
	json_object_set_new(radio, "gain", gains);
	if (has_any)
		return radio;
	json_decref(radio);
	return json_null();
}

static json_t *describe_route(const struct iiobridge_route *route,
			      const struct iiobridge_control_list *controls,
			      const struct iiobridge_statistics_info *statistics)
{
	const unsigned int in = iiobridge_route_endpoint_in(route);
	const unsigned int out = iiobridge_route_endpoint_out(route);

	return json_pack(
		"{s:s, s:s, s:o, s:s, s:o, s:o, s:s, s:s?, s:s?, s:o, s:I, s:I, s:I, s:I, s:I, "
		"s:I, "
		"s:o, s:o, s:o}",
		"name", iiobridge_route_name(route), "direction", report_direction(route), "device",
		report_text(iiobridge_route_device(route)), "transfer", report_transfer(route),
		"endpoint_in", report_count(in, in), "endpoint_out", report_count(out, out),
		"state", iiobridge_route_is_running(route) ? "running" : "stopped", "cyclic",
		name_repeater(route, iiobridge_route_cyclic(route)), "repeating",
		name_repeater(route, iiobridge_route_repeating(route)), "sample_rate",
		report_sample_rate(route), "blocks", (json_int_t)iiobridge_route_block_count(route),
		"block_size", (json_int_t)iiobridge_route_block_size(route), "block_size_max",
		(json_int_t)iiobridge_route_block_size_max(route), "block_step",
		(json_int_t)iiobridge_route_block_step(route), "bytes_per_sample",
		(json_int_t)iiobridge_route_sample_size(route), "channel_mask",
		(json_int_t)iiobridge_route_channel_mask(route), "channels",
		describe_channels(route), "radio",
		describe_radio(controls, (int)iiobridge_route_index(route)), "statistics",
		describe_statistics(statistics));
}

/* ---- for people ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* One that does not fit JSON's integers is what report_count() has rounded it to. */
static uint64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const double rounded = json_real_value(value);

	if (!json_is_real(value))
		return (uint64_t)json_integer_value(value);
	return rounded < 0x1p64 ? (uint64_t)rounded : UINT64_MAX;
}

static void print_board(const json_t *board)
{
	printf("board         %s, %s\n", text_of(board, "address"), text_of(board, "speed"));
	printf("serial        %s\n", text_of(board, "serial"));
	printf("model         %s\n", text_of(board, "model"));
	printf("daemon        %s, protocol %s\n", text_of(board, "daemon"),
	       text_of(board, "protocol"));
	printf("records       IN 0x%02x\n", (unsigned int)number_of(board, "endpoint_records"));
}

static const char *explain_cyclic(const json_t *route)
{
	const char *now = text_of(route, "repeating");

	if (strcmp(now, "kernel") == 0)
		return "the kernel repeats, and nothing counts the blocks";
	if (now[0])
		return "the daemon repeats";
	return strcmp(text_of(route, "cyclic"), "kernel") == 0 ? "by the kernel, if it can"
							       : "by the daemon";
}

static const char *explain_transfer(const json_t *route, bool early)
{
	if (early)
		return "copied, blocks may be sent before they are full";
	return strcmp(text_of(route, "transfer"), "dmabuf") == 0 ? "no copy (DMABUF)" : "copied";
}

static void print_part(const char **begin, const char *name, const json_t *value, const char *unit)
{
	char text[TUNING_TEXT_SIZE];

	if (!json_is_number(value) && !json_is_string(value))
		return;
	printf("%s%s %s", *begin, name,
	       json_is_string(value) ? json_string_value(value)
				     : tuning_format_number(json_number_value(value), unit, text));
	*begin = ", ";
}

/* One line, in the order in which a radio's parts are. */
static void print_radio(const json_t *radio)
{
	const json_t *gains = json_object_get(radio, "gain");
	const char *begin = "  radio       ";

	print_part(&begin, "frequency", json_object_get(radio, "frequency"), "Hz");
	print_part(&begin, "bandwidth", json_object_get(radio, "bandwidth"), "Hz");
	for (size_t i = 0; i < json_array_size(gains); i++)
		print_part(&begin, "gain", json_array_get(gains, i), "dB");
	print_part(&begin, "gain mode", json_object_get(radio, "gain_mode"), "");
	print_part(&begin, "antenna", json_object_get(radio, "antenna"), "");
	if (begin[0] == ',')
		putchar('\n');
}

static void print_route(unsigned int index, const json_t *route, bool early)
{
	const double rate = json_number_value(json_object_get(route, "sample_rate"));
	char size[UNITS_TEXT_SIZE], largest[UNITS_TEXT_SIZE], scaled[UNITS_TEXT_SIZE] = "unknown";

	if (rate > 0)
		units_format_scaled(rate, "S/s", scaled);
	printf("\nroute %u       %s\n", index, text_of(route, "name"));
	printf("  direction   %s, %s\n", text_of(route, "direction"),
	       explain_transfer(route, early));
	if (text_of(route, "device")[0])
		printf("  device      %s\n", text_of(route, "device"));
	if (number_of(route, "endpoint_in"))
		printf("  endpoint    IN 0x%02x\n", (unsigned int)number_of(route, "endpoint_in"));
	if (number_of(route, "endpoint_out"))
		printf("  endpoint    OUT 0x%02x\n",
		       (unsigned int)number_of(route, "endpoint_out"));
	printf("  state       %s\n", text_of(route, "state"));
	if (text_of(route, "cyclic")[0])
		printf("  cyclic      %s\n", explain_cyclic(route));
	printf("  rate        %s\n", scaled);
	print_radio(json_object_get(route, "radio"));
	printf("  blocks      %" PRIu64 " x %s, at most %s each\n", number_of(route, "blocks"),
	       units_format_size(number_of(route, "block_size"), size),
	       units_format_size(number_of(route, "block_size_max"), largest));
	if (number_of(route, "block_step"))
		printf("  block step  %" PRIu64 " bytes\n", number_of(route, "block_step"));
	printf("  sample      %" PRIu64 " bytes, channel mask 0x%x\n",
	       number_of(route, "bytes_per_sample"),
	       (unsigned int)number_of(route, "channel_mask"));
}

static void print_channels(const json_t *channels)
{
	for (size_t i = 0; i < json_array_size(channels); i++) {
		const json_t *channel = json_array_get(channels, i);

		printf("  channel %-3zu %-16s %-16s scan index %" PRIu64 "%s\n", i,
		       text_of(channel, "id"), text_of(channel, "format"),
		       number_of(channel, "scan_index"),
		       json_is_true(json_object_get(channel, "in_scan")) ? ""
									 : ", not in the sample");
	}
}

static void print_statistics(const json_t *statistics, bool is_playback)
{
	const bool estimated = json_is_true(json_object_get(statistics, "samples_lost_estimated"));
	char size[UNITS_TEXT_SIZE];

	printf("  starts      %" PRIu64 "\n", number_of(statistics, "starts"));
	printf("  blocks      filled %" PRIu64 ", delivered %" PRIu64 " (%s), failed %" PRIu64 "\n",
	       number_of(statistics, "blocks_filled"), number_of(statistics, "blocks_delivered"),
	       units_format_size(number_of(statistics, "bytes_delivered"), size),
	       number_of(statistics, "blocks_failed"));
	printf("  losses      %s %" PRIu64 ", samples %" PRIu64 "%s\n",
	       is_playback ? "underruns" : "gaps", number_of(statistics, "gaps"),
	       number_of(statistics, "samples_lost"),
	       estimated && number_of(statistics, "gaps") ? " (estimated)" : "");
	printf("  records     lost %" PRIu64 "\n", number_of(statistics, "records_lost"));
}

static void print_last_error(const json_t *error)
{
	if (!json_is_object(error))
		printf("\nlast error    none\n");
	else if (text_of(error, "request")[0])
		printf("\nlast error    %s: %s (code %" PRIu64 ")\n", text_of(error, "request"),
		       text_of(error, "message"), number_of(error, "code"));
	else
		printf("\nlast error    route %" PRIu64 ": %s (code %" PRIu64 ")\n",
		       number_of(error, "route"), text_of(error, "message"),
		       number_of(error, "code"));
}

/* ---- both ---- */

/* For people, a route is printed as soon as it is known. */
static int show_route(struct iiobridge_board *board, const struct iiobridge_route *route,
		      const struct iiobridge_control_list *controls, struct failure *failure,
		      json_t *routes)
{
	const unsigned int index = iiobridge_route_index(route);
	struct iiobridge_statistics_info statistics;
	json_t *described;
	int status;

	status = cmd_library(failure, iiobridge_route_statistics(board, index, &statistics));
	if (status != STATUS_OK)
		return status;
	described = describe_route(route, controls, &statistics);
	if (routes) {
		json_array_append_new(routes, described);
		return STATUS_OK;
	}
	print_route(index, described,
		    iiobridge_route_transfer(route) == IIOBRIDGE_TRANSFER_COPY_EARLY);
	print_channels(json_object_get(described, "channels"));
	print_statistics(json_object_get(described, "statistics"),
			 iiobridge_route_kind(route) == IIOBRIDGE_ROUTE_TX);
	json_decref(described);
	return STATUS_OK;
}

/* The one with a name, or all. */
static int show_routes(struct iiobridge_board *board, const char *name, struct failure *failure,
		       json_t *routes)
{
	const unsigned int count = name ? 1 : iiobridge_board_route_count(board);
	struct iiobridge_control_list *controls;
	struct iiobridge_route *route;
	int status;

	status = cmd_library(failure, iiobridge_control_list_new(board, &controls));
	if (status != STATUS_OK)
		return status;
	for (unsigned int i = 0; i < count && status == STATUS_OK; i++) {
		status = cmd_library(failure, name ? iiobridge_route_find(board, name, 0, &route)
						   : iiobridge_route_get(board, i, &route));
		if (status != STATUS_OK)
			break;
		status = show_route(board, route, controls, failure, routes);
		iiobridge_route_free(route);
	}
	iiobridge_control_list_free(controls);
	return status;
}

static int ask_last_error(struct iiobridge_board *board, struct failure *failure, json_t **ret)
{
	struct iiobridge_board_error error;
	int status;

	status = cmd_library(failure, iiobridge_board_last_error(board, &error));
	if (status != STATUS_OK)
		return status;
	if (error.code == 0)
		*ret = json_null();
	else
		*ret = json_pack("{s:I, s:s, s:s?, s:o}", "code", (json_int_t)error.code, "message",
				 error.message, "request", error.request[0] ? error.request : NULL,
				 "route", report_count(!error.request[0], error.route));
	return STATUS_OK;
}

static int show(struct iiobridge_board *board, const char *name, bool json, struct failure *failure)
{
	json_t *routes = json ? json_array() : NULL;
	json_t *described = report_board(board, json ? routes : json_null()), *error = NULL;
	struct iiobridge_route *known;
	int status = STATUS_OK;

	/* Nothing is printed for a route that does not exist. */
	if (name) {
		status = cmd_library(failure, iiobridge_route_find(board, name, 0, &known));
		if (status == STATUS_OK)
			iiobridge_route_free(known);
	}
	if (status == STATUS_OK && !json)
		print_board(described);
	if (status == STATUS_OK)
		status = show_routes(board, name, failure, routes);
	if (status == STATUS_OK)
		status = ask_last_error(board, failure, &error);
	if (status != STATUS_OK) {
		json_decref(described);
		return status;
	}
	if (!json) {
		print_last_error(error);
		json_decref(error);
		json_decref(described);
		return cmd_finish_output();
	}
	json_object_set_new(described, "last_error", error);
	return report_print(described, stdout, REPORT_LINES);
}

static int info(const struct options *options, const char *name)
{
	struct iiobridge_board *board;
	struct failure failure = { "" };
	int status;

	status = cmd_open(options, &failure, &board);
	if (status == STATUS_OK) {
		status = show(board, name, options->json, &failure);
		iiobridge_board_close(board);
	}
	if (status != STATUS_OK && failure.message[0])
		cmd_failed(&failure, status);
	return status;
}

int cmd_info(int argc, char **argv)
{
	static const struct option options[] = {
		{ "serial", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "wait", optional_argument, NULL, OPTION_WAIT },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options common = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = options_take(&common, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	if (argc - optind > 1)
		return cmd_usage(argv[0], "one ROUTE at most, but \"%s\" follows \"%s\"",
				 argv[optind + 1], argv[optind]);

	return info(&common, argv[optind]);
}
